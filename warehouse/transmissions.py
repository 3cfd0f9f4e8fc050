"""What was handed over: one archive a publication that was transmitted.

An archive holds citizens' words, so it stays no longer than the version it was made of: when that
is removed because somebody was erased, it goes too. That it was handed over, to whom and with
which sum, stays in the decisions.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from warehouse.publication import Published


class Transmissions:
    """The archives of one consultation under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, slug: str, published: Published) -> Path:
        """Return where the archive of a publication lies, or would."""
        return self.root / f"{slug}-{published.as_of}-{published.version}.zip"

    def keep(self, versions: Iterable[Published]) -> None:
        """Remove the archives of versions that are none of these."""
        kept = {version.version for version in versions}
        for path in self.root.glob("*.zip"):
            if path.stem.rpartition("-")[2] not in kept:
                path.unlink()


def archive_bytes(documents: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive of documents by their path in it: the same ones, the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(documents.items()):
            member = zipfile.ZipInfo(name)  # dated 1980: a clock would change the bytes
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            archive.writestr(member, content)
    return buffer.getvalue()
