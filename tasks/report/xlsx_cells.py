"""The cells of the visible sheets of an XLSX, as texts, from the parts of its archive.

Elements are found by their local name: the strict variant of the format has other namespaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Final
from xml.etree import ElementTree as ET

from tasks.report.workbook import NO, YES, Lines, number_text, text_read

_Part = Callable[[str], ET.Element | None]

_RELATION: Final = re.compile(r"\{[^}]*/relationships\}id")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# Excel's own escape of the characters that XML refuses, a carriage return among them.
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
# ECMA-376, part 1, 18.8.30: the numbers of the formats that need no code.
_DATE_FORMATS: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].')
_DATE_LETTER: Final = re.compile("[dmyhs]", re.IGNORECASE)
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no time zone
_EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001


def xlsx_sheets(part: _Part, spend: Callable[[int], None]) -> Iterator[tuple[str, Lines]]:
    """Yield the name and the lines of each visible sheet.

    `spend` is told of each cell before it is read, and raises when they are too many: sheets may
    share one part.
    """
    workbook = _required(part, "xl/workbook.xml")
    relations = _required(part, "xl/_rels/workbook.xml.rels")
    targets = {relation.attrib["Id"]: relation.attrib["Target"] for relation in relations}
    strings = part("xl/sharedStrings.xml")
    texts = [] if strings is None else [_text(item) for item in strings.iterfind("{*}si")]
    cell_text = _CellText(texts, _date_styles(part("xl/styles.xml")), _epoch(workbook))
    for sheet in workbook.iterfind("{*}sheets/{*}sheet"):
        if sheet.get("state", "visible") == "visible":
            target = targets[_relation(sheet)]
            path = target[1:] if target.startswith("/") else f"xl/{target}"
            yield sheet.attrib["name"], _lines(_required(part, path), cell_text, spend)


def _required(part: _Part, name: str) -> ET.Element:
    element = part(name)
    if element is None:
        raise ValueError(f"no {name}")
    return element


def _relation(sheet: ET.Element) -> str:
    return next(value for name, value in sheet.items() if _RELATION.fullmatch(name))


def _lines(
    sheet: ET.Element, cell_text: Callable[[ET.Element], str], spend: Callable[[int], None]
) -> Lines:
    """Return the texts of a sheet; a row or a cell without a reference follows the one before."""
    lines: Lines = {}
    number = 0
    for row in sheet.iterfind("{*}sheetData/{*}row"):
        number = int(row.get("r", number + 1))
        column = -1
        for cell in row.iterfind("{*}c"):
            spend(1)
            column = _column(cell.get("r"), column + 1)
            if text := text_read(cell_text(cell)):
                lines.setdefault(number, {})[column] = text
    return lines


def _column(reference: str | None, default: int) -> int:
    if reference is None:
        return default
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(f"a cell named {reference}")
    index = 0
    for letter in match[1]:
        index = 26 * index + ord(letter) - ord("A") + 1
    return index - 1


def _text(item: ET.Element) -> str:
    """Return a string, in one piece or in runs; the phonetic guides are no part of it."""
    pieces = (*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t"))
    text = "".join(piece.text or "" for piece in pieces)
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


class _CellText:
    """The text of a cell, by what its workbook says of strings, styles and dates."""

    def __init__(self, texts: list[str], date_styles: frozenset[int], epoch: datetime) -> None:
        self.texts, self.date_styles, self.epoch = texts, date_styles, epoch

    def __call__(self, cell: ET.Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return "".join(map(_text, cell.iterfind("{*}is")))
        value = cell.findtext("{*}v") or ""
        if kind == "n" and value:
            return self._number(float(value), int(cell.get("s", 0)))
        if kind == "s":
            return self.texts[int(value)]
        if kind == "b":
            return YES if value == "1" else NO
        return value

    def _number(self, value: float, style: int) -> str:
        if style not in self.date_styles:
            return number_text(value)
        if 0 < value < 1:
            return (self.epoch + timedelta(seconds=round(value * 86_400))).time().isoformat()
        moment = self.epoch + timedelta(seconds=round(value * 86_400))
        return (moment.date() if moment.time() == time.min else moment).isoformat()


def _date_styles(styles: ET.Element | None) -> frozenset[int]:
    """Return the indices of the cell styles that show a number as a date or an hour."""
    if styles is None:
        return frozenset()
    codes = {
        int(code.attrib["numFmtId"]): code.attrib["formatCode"]
        for code in styles.iterfind("{*}numFmts/{*}numFmt")
    }
    dated = {
        number for number, code in codes.items() if _DATE_LETTER.search(_LITERAL.sub("", code))
    }
    dated |= _DATE_FORMATS - codes.keys()
    formats = styles.iterfind("{*}cellXfs/{*}xf")
    return frozenset(
        index for index, xf in enumerate(formats) if int(xf.get("numFmtId", 0)) in dated
    )


def _epoch(workbook: ET.Element) -> datetime:
    properties = workbook.find("{*}workbookPr")
    is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    return _EPOCH_1904 if is_1904 else _EPOCH
