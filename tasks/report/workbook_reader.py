"""What people wrote in a workbook, XLSX or ODS, told by its content: texts, each with its cell.

Read with our own code: python-calamine loses the cells in error and the tabulations of ODS. What
a sheet must hold belongs to who asked for it; here only that its columns can be told apart.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from tasks.report.ods_cells import ods_sheets
from tasks.report.typography import french
from tasks.report.workbook import Lines, column_letters
from tasks.report.xlsx_cells import xlsx_sheets

# What a file may expand to, all its parts together: three times a review of 10,000 groups.
MAX_XML_BYTES: Final = 120_000_000
MAX_ELEMENTS: Final = 4_000_000
MAX_CELLS: Final = 1_500_000
# How an old .xls begins, and an XLSX behind a password.
_COMPOUND_FILE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"

_NO_WORKBOOK: Final = french("Ce fichier n'est pas un classeur ODS ou XLSX.")
_LOCKED: Final = french(
    "Ce classeur a un mot de passe, ou c'est un ancien .xls : "
    "enregistrez-le en ODS ou en XLSX, sans mot de passe."
)
_DAMAGED: Final = french(
    "Ce classeur est abîmé : ouvrez-le dans le tableur et enregistrez-le de nouveau."
)
_TOO_LARGE: Final = "Ce classeur est bien plus grand que ceux que le programme écrit."


class WorkbookError(ValueError):
    """A file that cannot be read as a workbook of ours: one sentence for who filled it in."""


@dataclass(frozen=True)
class ReadRow:
    """A line of a sheet, counted from 1: texts by title, the empty cells absent."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class ReadSheet:
    """Rows under a line of titles; a cell is named f"{columns[title]}{row.number}".

    A column without a title has its letters for title, so that what stands in it is not lost.
    """

    name: str
    columns: Mapping[str, str]
    rows: tuple[ReadRow, ...]


def read_workbook(content: bytes) -> tuple[ReadSheet, ...]:
    """Read the visible sheets; raise WorkbookError where the content is no workbook of ours.

    Whole numbers come without a decimal point, dates as ISO, booleans as « oui » and « non », a
    formula as its last value, an error as its mark (#N/A), texts without the spaces around them.
    """
    return tuple(_read_sheet(name, lines) for name, lines in _sheets(content))


def _sheets(content: bytes) -> list[tuple[str, Lines]]:
    if content.startswith(_COMPOUND_FILE):
        raise WorkbookError(_LOCKED)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception as error:  # zipfile raises a dozen kinds on what is no archive
        raise WorkbookError(_NO_WORKBOOK) from error
    try:
        return list(_sheets_of(archive))
    except WorkbookError:
        raise
    except Exception as error:  # as many on damaged archives, and XML another dozen
        raise WorkbookError(_DAMAGED) from error


class _Room:
    """What is left of what may be read: each takes of it, and raises when nothing is left."""

    def __init__(self, size: int) -> None:
        self.left = size

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise WorkbookError(_TOO_LARGE)


def _sheets_of(archive: zipfile.ZipFile) -> Iterator[tuple[str, Lines]]:
    names = set(archive.namelist())
    room, elements, cells = _Room(MAX_XML_BYTES), _Room(MAX_ELEMENTS), _Room(MAX_CELLS)

    def part(name: str) -> ET.Element | None:
        return _parse(_bytes(archive, name, room), elements) if name in names else None

    if "xl/workbook.xml" in names:
        return xlsx_sheets(part, cells.spend)
    if "mimetype" in names and _bytes(archive, "mimetype", room).startswith(_ODS):
        if b"encryption-data" in _bytes(archive, "META-INF/manifest.xml", room):
            raise WorkbookError(_LOCKED)
        return ods_sheets(part, cells.spend)
    raise WorkbookError(_NO_WORKBOOK)


def _bytes(archive: zipfile.ZipFile, name: str, room: _Room) -> bytes:
    """Expand one entry, up to a limit that its header cannot lie about."""
    with archive.open(name) as entry:
        content = entry.read(room.left + 1)
    room.spend(len(content))
    return content


class _Tree(ET.TreeBuilder):
    """A tree of so many elements at most, and no document type: no entity to expand or to fetch."""

    def __init__(self, elements: _Room) -> None:
        super().__init__()
        self._elements = elements

    def doctype(self, *_: object) -> None:
        raise WorkbookError(_DAMAGED)

    def start(self, tag: str, attrs: dict[str, str]) -> ET.Element:
        self._elements.spend(1)
        return super().start(tag, attrs)


def _parse(content: bytes, elements: _Room) -> ET.Element:
    parser = ET.XMLParser(target=_Tree(elements))  # noqa: S314 - no document type
    return ET.fromstring(content, parser)  # noqa: S314


def _read_sheet(name: str, lines: Lines) -> ReadSheet:
    if lines and 1 not in lines:
        raise WorkbookError(
            french(f"Feuille « {name} » : la première ligne doit porter les titres des colonnes.")
        )
    letters = {column: column_letters(column) for cells in lines.values() for column in cells}
    titles = {column: lines[1].get(column, letters[column]) for column in sorted(letters)}
    columns: dict[str, str] = {}
    for column, title in titles.items():
        if title in columns:
            raise WorkbookError(
                french(
                    f"Feuille « {name} » : les colonnes {columns[title]} et {letters[column]} "
                    f"ont le même titre, « {title} »."
                )
            )
        columns[title] = letters[column]
    rows = (
        ReadRow(number, {titles[column]: text for column, text in sorted(cells.items())})
        for number, cells in sorted(lines.items())
        if number > 1
    )
    return ReadSheet(name, columns, tuple(rows))
