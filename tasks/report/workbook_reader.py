"""What people wrote in a workbook, XLSX or ODS, told by its content: texts, each with its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class WorkbookError(ValueError):
    """A file that cannot be read as a workbook of ours: one sentence for who filled it in."""


@dataclass(frozen=True)
class ReadRow:
    """A line of a sheet, counted from 1: texts by title, the empty cells absent."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class ReadSheet:
    """Rows under a line of titles; a cell is named f"{columns[title]}{row.number}"."""

    name: str
    columns: Mapping[str, str]
    rows: tuple[ReadRow, ...]


def read_workbook(content: bytes) -> tuple[ReadSheet, ...]:
    """Read the visible sheets; raise WorkbookError where the content is no workbook of ours."""
    raise NotImplementedError
