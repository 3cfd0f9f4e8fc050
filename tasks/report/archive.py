"""A ZIP of named contents that is the same bytes for the same contents."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

_DATED: Final = (1980, 1, 1, 0, 0, 0)


def zip_files(files: Mapping[str, bytes], stored: str | None = None) -> bytes:
    """Pack the files in their order; one of them may be stored as it is, not compressed."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DATED)
            entry.compress_type = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return output.getvalue()


def unzip_files(content: bytes, most: int | None = None) -> dict[str, bytes]:
    """Read every file of a ZIP, in order, at most so many bytes of them.

    Raises zipfile.BadZipFile when it is damaged, encrypted, or holds more.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # None gives more than the size that it says.
            if most is not None and sum(entry.file_size for entry in archive.infolist()) > most:
                raise zipfile.BadZipFile(f"more than {most} bytes")
            return {name: archive.read(name) for name in archive.namelist()}
    except (RuntimeError, EOFError, zlib.error) as error:  # zipfile's own, of what it cannot read
        raise zipfile.BadZipFile(str(error)) from error
