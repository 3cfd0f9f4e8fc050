"""Workbooks on disk: each in both formats, that of the administration and that of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tasks.report.ods import write_ods
from tasks.report.workbook import Workbook
from tasks.report.xlsx import write_xlsx
from warehouse.files import write_bytes

_WRITERS: Final = {"ods": write_ods, "xlsx": write_xlsx}


def write_workbook(folder: Path, name: str, workbook: Workbook) -> list[Path]:
    """Write a workbook in both formats, and return their paths."""
    paths = {folder / f"{name}.{suffix}": write for suffix, write in _WRITERS.items()}
    for path, write in paths.items():
        write_bytes(path, write(workbook))
    return list(paths)
