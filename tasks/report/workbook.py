"""A workbook for people to fill in, or to sort and filter, as values: sheets, columns, rows.

Here is what the two formats share, written (`xlsx`, `ods`) and read (`xlsx_cells`, `ods_cells`):
what a text becomes in a cell, where the choices of the drop-down lists stand, the look, what a
number is as a text. What a sheet is about belongs to who makes it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from tasks.report.characters import xml_text
from tasks.report.typography import count, french

Cell = str | int | float | date | None
# What is read of a sheet: line, from 1, then column, from 0, to the text; the empty are absent.
Lines = dict[int, dict[int, str]]
# How a column shows its numbers: 1 234 ; 12,5 % ; 0,72. Otherwise as the spreadsheet does.
Figures = Literal["count", "share", "measure"]

YES: Final = "oui"
NO: Final = "non"

# Of every file: the same workbook gives the same bytes.
MADE_AT: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the formats know no time zone
# A hidden sheet: a list typed into a rule of XLSX holds 255 characters and no comma.
LISTS: Final = "Listes"
REFUSED_TITLE: Final = "Valeur hors de la liste"
REFUSED: Final = "Choisissez une valeur de la liste, ou laissez la cellule vide."

# The look of both formats: white on dark heads what is to be filled in, so that it also shows in
# print and to who does not tell colours apart.
INK: Final = "#1f2328"
PLAIN_HEADER: Final = "#e4e7eb"
EDITABLE_HEADER: Final = "#1d4f76"
EDITABLE: Final = "#fff8dc"
PLAIN_LINE: Final = "#d5d9de"
EDITABLE_LINE: Final = "#c2b280"

# What a sheet of XLSX holds, and one of ODS in LibreOffice, the titles among them.
MOST_LINES: Final = 1_048_576

_LETTERS_A_DIGIT: Final = 1.1  # widths count digits, and letters are narrower
_LONGEST_TEXT: Final = 32_767  # UTF-16 units: the limit of a cell of XLSX
_LONGEST_MARK: Final = 60
_LONGEST_HELP: Final = 255
_LONGEST_HELP_TITLE: Final = 32
_SHEET_NAME: Final = re.compile(r"[^\[\]:*?/\\'\x00-\x1f\ud800-\udfff\ufffe\uffff]{1,31}")


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
    figures: Figures | None = None

    def __post_init__(self) -> None:
        if len(self.help) > _LONGEST_HELP:
            raise ValueError(
                f"help of {self.title}: over {_LONGEST_HELP} characters, Excel's limit"
            )


@dataclass(frozen=True)
class Sheet:
    """Rows under the titles of their fields; a sheet that is not headed is a text to read.

    A text has the titles as its heading, without filter nor lines, and is read back like a table.
    So many columns as are frozen stay in view beside the others.
    """

    name: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]
    headed: bool = True
    frozen: int = 0

    def __post_init__(self) -> None:
        if not _SHEET_NAME.fullmatch(self.name):
            raise ValueError(f"sheet {self.name!r}: a name that Excel refuses")
        if any(len(row) != len(self.fields) for row in self.rows):
            raise ValueError(f"sheet {self.name}: a row has not one cell a field")
        if len(self.rows) >= MOST_LINES:
            raise ValueError(f"sheet {self.name}: {len(self.rows)} rows, more than Excel holds")


@dataclass(frozen=True)
class Workbook:
    """Sheets in the order of their tabs; the title is that of the document's properties.

    One that nothing is filled in is not protected: its readers sort, filter and add columns.
    """

    title: str
    sheets: tuple[Sheet, ...]
    protected: bool = True


def cell_text(text: str) -> str:
    r"""Return what a cell can hold of a text: lines end in \n, a cut and a lost character show.

    A tabulation becomes a space: LibreOffice (7.4) drops it from an ODS, and two words are one.
    """
    text = xml_text(text).replace("\t", " ")
    if len(text) <= _LONGEST_TEXT // 2:  # whatever its characters
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _LONGEST_TEXT:
        return text
    kept = units[: 2 * (_LONGEST_TEXT - _LONGEST_MARK)].decode("utf-16-le", "ignore")
    return kept + french(f"… (coupé : {count(len(text) - len(kept), 'caractère')} de plus)")


def line_count(sheet: Sheet, row: Iterable[Cell]) -> int:
    """Return how many lines the texts of a row take in the widths of their columns, at most."""
    most = 1
    for field, value in zip(sheet.fields, row, strict=True):
        if isinstance(value, str) and not field.hidden:
            letters = field.width * _LETTERS_A_DIGIT
            lines = value.split("\n")
            # Of most texts, one line that is short.
            if len(lines) > 1 or len(value) > letters:
                most = max(most, sum(max(1, math.ceil(len(line) / letters)) for line in lines))
    return most


def help_title(field: Field) -> str:
    """Return the title of a column as the heading of its help: Excel takes 32 characters."""
    title = cell_text(field.title)
    return title if len(title) <= _LONGEST_HELP_TITLE else title[: _LONGEST_HELP_TITLE - 1] + "…"


def choice_ranges(workbook: Workbook) -> dict[tuple[str, ...], tuple[str, str]]:
    """Return each distinct list of choices with its first and last cells in the sheet of lists.

    The lists are the columns of that sheet, in this order; the references are absolute.
    """
    lists = (field.choices for sheet in workbook.sheets for field in sheet.fields)
    distinct = dict.fromkeys(choices for choices in lists if choices)
    columns = map(column_letters, range(len(distinct)))
    return {
        choices: (f"${column}$1", f"${column}${len(choices)}")
        for choices, column in zip(distinct, columns, strict=True)
    }


def column_letters(index: int) -> str:
    """Name a column counted from 0 as a spreadsheet does: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def number_text(value: float) -> str:
    """Return a number as a spreadsheet knows it: 15 digits, no point after a whole one."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"


def text_read(text: str) -> str:
    r"""Return what a person typed in a cell: lines end in \n, nothing around them.

    A character that no text holds, which Excel's escapes can make, shows as lost.
    """
    return xml_text(text).strip()
