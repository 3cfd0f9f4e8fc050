"""The shelf of open-data exports: a folder a day, and what had been counted by then.

What was counted is written first: an export that is killed is completed by the next one, with the
same figures. It is the memory of what is known outside, so it is backed up with the vault.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from warehouse.files import STAGED, make_folder, sync_folder, write_bytes


class OpenDataShelf:
    """The exports of one consultation under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._memory = root / ".counted"

    def days(self) -> list[date]:
        """Return the days that were exported, oldest first."""
        return sorted(date.fromisoformat(path.stem) for path in self._memory.glob("[0-9]*.json"))

    def recall(self, day: date) -> Mapping[str, Any]:
        """Return what was remembered of the export of a day."""
        content: Mapping[str, Any] = json.loads(self._path(day).read_text(encoding="utf-8"))
        return content

    def remember(self, day: date, disclosed: Mapping[str, Any]) -> None:
        """Write down what becomes known outside by the export of a day, before it does."""
        content = json.dumps(disclosed, ensure_ascii=False, separators=(",", ":"))
        write_bytes(self._path(day), content.encode())

    def forget(self) -> None:
        """Remove what had been counted, once nothing can be exported any more."""
        shutil.rmtree(self._memory, ignore_errors=True)

    def write(self, day: date, files: Mapping[str, bytes]) -> Path:
        """Write the files of a day's export in one step, in the place of those it had."""
        folder, staged = self.root / day.isoformat(), self.root / f"{STAGED}{day}"
        if staged.exists():
            shutil.rmtree(staged)
        make_folder(staged)
        for name, content in files.items():
            write_bytes(staged / name, content)
        if folder.exists():
            shutil.rmtree(folder)
        staged.rename(folder)
        sync_folder(self.root)
        return folder

    def _path(self, day: date) -> Path:
        return self._memory / f"{day}.json"
