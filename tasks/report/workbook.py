"""A workbook made for people to fill in, as values: sheets, their columns, their rows.

What the writers (`xlsx`, `ods`) and the reader (`workbook_reader`) agree on is here: what a text
becomes in a cell, and what a reader finds again. What a sheet is about belongs to who makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

Cell = str | int | float | date | None


@dataclass(frozen=True)
class Field:
    """A column of a sheet; its width is in characters.

    Cells that are not editable are protected. Choices become a drop-down list that refuses any
    other value, none a free input. The help is shown where a cell of the column is selected.
    """

    title: str
    width: int
    editable: bool = False
    choices: tuple[str, ...] = ()
    hidden: bool = False
    help: str = ""


@dataclass(frozen=True)
class Sheet:
    """Rows under the titles of their fields; a sheet that is not headed is a text to read."""

    name: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]
    headed: bool = True


@dataclass(frozen=True)
class Workbook:
    """Sheets in the order of their tabs; the title is that of the document's properties."""

    title: str
    sheets: tuple[Sheet, ...]
