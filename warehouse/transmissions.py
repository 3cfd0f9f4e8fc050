"""What was handed over: one archive a publication that was transmitted.

An archive holds citizens' words, so it goes when one of those it counts is withdrawn. That it was
handed over, to whom and under which sum, stays in the decisions.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from warehouse.files import writing
from warehouse.publication import Published, written

ABOUT: Final = "publication.json"
_VERSION: Final = "[0-9a-f]" * 12


class Transmissions:
    """The archives of one consultation under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, slug: str, published: Published) -> Path:
        """Return where the archive of a publication lies, or would."""
        return self.root / f"{slug}-{published.as_of}-{published.version}.zip"

    def archives(self) -> list[Published]:
        """Return what was handed over, each linked to its archive."""
        paths = sorted(self.root.glob(f"*-{_VERSION}.zip"))
        return [Published(path, _about(path), path) for path in paths]

    def forget(self, archives: Iterable[Published]) -> None:
        """Remove archives."""
        for archive in archives:
            archive.link.unlink()


def write_archive(path: Path, facts: Mapping[str, Any], documents: Mapping[str, bytes]) -> None:
    """Write the documents of a publication and what it is: the same ones, the same bytes."""
    about = json.dumps(written(facts), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    with writing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, content in sorted({**documents, ABOUT: about.encode()}.items()):
            member = zipfile.ZipInfo(name)  # dated 1980: a clock would change the bytes
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            archive.writestr(member, content)


def _about(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        about: dict[str, Any] = json.loads(archive.read(ABOUT))
    return about
