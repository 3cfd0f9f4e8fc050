"""What a folder of somebody else's holds: names alone, no file is opened for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def plain_files(folder: Path) -> list[str]:
    """Return the names of the files of a folder, links left out; none where there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
