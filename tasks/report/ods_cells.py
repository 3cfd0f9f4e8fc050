"""The cells of the visible sheets of an ODS, as texts, from the parts of its archive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final
from xml.etree import ElementTree as ET

from tasks.report.workbook import NO, YES, Lines, number_text, text_read

_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

_NUMBERS: Final = frozenset(("float", "percentage", "currency"))
_ROW_GROUPS: Final = frozenset(
    f"{_TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group")
)
_SIDE_TEXTS: Final = frozenset((f"{_OFFICE}annotation", f"{_TEXT}note"))
# The layout of the XML. Spaces alone are kept, though ODF merges them: LibreOffice (7.4) writes
# those of a text of several lines as they are.
_WHITE: Final = re.compile("[ \t]*[\t\r\n][ \t\r\n]*")


def ods_sheets(
    part: Callable[[str], ET.Element | None], spend: Callable[[int], None]
) -> Iterator[tuple[str, Lines]]:
    """Yield the name and the lines of each visible sheet.

    `spend` is told of so many cells before they are read, and raises when they are too many: a cell
    copied down a whole sheet is one element.
    """
    content = part("content.xml")
    if content is None:
        raise ValueError("no content.xml")
    hidden = {
        style.get(f"{_STYLE}name")
        for style in content.iterfind(f"{_OFFICE}automatic-styles/{_STYLE}style")
        for properties in style.iterfind(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    }
    for table in content.iterfind(f"{_OFFICE}body/{_OFFICE}spreadsheet/{_TABLE}table"):
        if table.get(f"{_TABLE}style-name") not in hidden:
            yield table.attrib[f"{_TABLE}name"], _lines(table, spend)


def _lines(table: ET.Element, spend: Callable[[int], None]) -> Lines:
    lines: Lines = {}
    number = 1
    for row in _rows(table):
        repeated = int(row.get(f"{_TABLE}number-rows-repeated", 1))
        if cells := _cells(row, spend):
            spend((repeated - 1) * len(cells))
            lines |= dict.fromkeys(range(number, number + repeated), cells)
        number += repeated
    return lines


def _rows(element: ET.Element) -> Iterator[ET.Element]:
    for child in element:
        if child.tag == f"{_TABLE}table-row":
            yield child
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child)


def _cells(row: ET.Element, spend: Callable[[int], None]) -> dict[int, str]:
    """Return the texts of a row by column; what a merged cell covers is not shown, nor read."""
    cells: dict[int, str] = {}
    column = 0
    for cell in row:
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        if cell.tag == f"{_TABLE}table-cell" and (text := text_read(_cell_text(cell))):
            spend(repeated)
            cells |= dict.fromkeys(range(column, column + repeated), text)
        column += repeated
    return cells


def _cell_text(cell: ET.Element) -> str:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind in _NUMBERS:
        return number_text(float(cell.attrib[f"{_OFFICE}value"]))
    if kind == "date":
        return cell.attrib[f"{_OFFICE}date-value"].removesuffix("T00:00:00")
    if kind == "boolean":
        return YES if cell.get(f"{_OFFICE}boolean-value") == "true" else NO
    paragraphs = cell.findall(f"{_TEXT}p")
    if not paragraphs:
        return cell.get(f"{_OFFICE}string-value", "")
    return "\n".join(map(_paragraph, paragraphs))


def _paragraph(element: ET.Element) -> str:
    """Return the text of a paragraph, or of a part of it, with what marks stand for."""
    pieces = [_WHITE.sub(" ", element.text or "")]
    for child in element:
        if child.tag == f"{_TEXT}s":
            pieces.append(" " * min(int(child.get(f"{_TEXT}c", 1)), 1_000))
        elif child.tag == f"{_TEXT}tab":
            pieces.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            pieces.append("\n")
        elif child.tag not in _SIDE_TEXTS:
            pieces.append(_paragraph(child))
        pieces.append(_WHITE.sub(" ", child.tail or ""))
    return "".join(pieces)
