"""A workbook as XLSX: the same bytes for the same workbook, every text a text.

XlsxWriter would take « =… » for a formula, cut a long text and lose the file on a lone surrogate:
texts pass through `cell_text` and are written as strings. One like « <r>…</r> » it takes for runs
of its own, and copies into the file as it is: its first sign is written by another, then put back.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tasks.report import workbook as shared
from tasks.report.archive import unzip_files, zip_files
from tasks.report.typography import FINE
from tasks.report.workbook import (
    LISTS,
    MADE_AT,
    REFUSED,
    REFUSED_TITLE,
    Cell,
    Field,
    Figures,
    Sheet,
    Workbook,
    cell_text,
    choice_ranges,
    help_title,
    line_count,
)

_ALLOWED: Final = dict.fromkeys(
    ("sort", "autofilter", "format_cells", "format_columns", "format_rows"), True
)
_A4: Final = 9
_BODY: Final = 11  # points, XlsxWriter's own
_HEADING: Final = 15
_LINE_HEIGHT: Final = 15.0
_HIGHEST: Final = 409.0
# No text has this character, and at the head of an element no other is written so.
_GUARD: Final = "\x01"
_GUARD_WRITTEN: Final = b">_x0001_"
_SET_HEIGHT: Final = re.compile(rb'(<row [^>]*) customHeight="1"')
_DAY: Final = "dd/mm/yyyy"
_INSTANT: Final = f"{_DAY} hh:mm"
# Codes are American, and shown as the reader's country writes numbers.
_FIGURES: Final[Mapping[Figures, str]] = {
    "count": "#,##0",
    "share": f'0.0"{FINE}"%',
    "measure": "0.00",
}
_Formats = Callable[..., Format]
_Ranges = Mapping[tuple[str, ...], tuple[str, str]]


def write_xlsx(workbook: Workbook) -> bytes:
    """Write a workbook; sheets that are protected have no password."""
    output = io.BytesIO()
    # In memory: the words of citizens go to no temporary file.
    document = xlsxwriter.Workbook(output, {"in_memory": True})
    document.set_properties({"title": cell_text(workbook.title), "created": MADE_AT})
    formats = _formats(document)
    ranges = choice_ranges(workbook)
    for sheet in workbook.sheets:
        target = document.add_worksheet(sheet.name)
        _write_sheet(target, sheet, ranges, formats)
        if workbook.protected:
            target.protect("", _ALLOWED)
    if ranges:
        _write_lists(document.add_worksheet(LISTS), ranges)
    document.close()
    return _mended(output.getvalue())


def _mended(content: bytes) -> bytes:
    """Put first signs back; let rows grow: XlsxWriter says that a person set their heights."""
    files = unzip_files(content)
    for name, part in files.items():
        if name.startswith("xl/worksheets/"):
            files[name] = _SET_HEIGHT.sub(rb"\1", part)
        if name == "xl/sharedStrings.xml":
            files[name] = part.replace(_GUARD_WRITTEN, b">&lt;")
    return zip_files(files)


def _write_sheet(target: Worksheet, sheet: Sheet, ranges: _Ranges, formats: _Formats) -> None:
    last = len(sheet.rows)
    for column, field in enumerate(sheet.fields):
        target.set_column(column, column, field.width, None, {"hidden": field.hidden})
        target.write_string(0, column, _guarded(field.title), _header(sheet, field, formats))
        if last and (rule := _rule(field, ranges)):
            target.data_validation(1, column, last, column, rule)
    height = _height(sheet, [field.title for field in sheet.fields])
    target.set_row(0, height if sheet.headed else height * _HEADING / _BODY)
    styles: dict[tuple[int, type[Cell]], Format] = {}
    for line, row in enumerate(sheet.rows, start=1):
        target.set_row(line, _height(sheet, row))
        for column, value in enumerate(row):
            seen = column, type(value)
            if seen not in styles:
                styles[seen] = _body(sheet, sheet.fields[column], type(value), formats)
            _write_cell(target, line, column, value, styles[seen])
    if sheet.headed:
        target.freeze_panes(1, sheet.frozen)
        target.autofilter(0, 0, last, len(sheet.fields) - 1)
        target.repeat_rows(0)
    _lay_out(target, sheet)


def _lay_out(target: Worksheet, sheet: Sheet) -> None:
    """Set the printed page: A4, landscape, as wide as the sheet, its name and page below."""
    if not sheet.headed:
        target.hide_gridlines(2)
    target.set_paper(_A4)
    target.set_landscape()
    target.fit_to_pages(1, 0)
    target.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    target.set_footer("&L&A&R&P / &N")


def _write_cell(target: Worksheet, line: int, column: int, value: Cell, style: Format) -> None:
    match value:
        case None:
            target.write_blank(line, column, None, style)
        case str():
            target.write_string(line, column, _guarded(value), style)
        case date():
            target.write_datetime(line, column, value, style)
        case _:
            target.write_number(line, column, value, style)


def _guarded(text: str) -> str:
    """Return what a cell can hold of a text, so that XlsxWriter takes none of it for runs."""
    text = cell_text(text)
    return f"{_GUARD}{text[1:]}" if text.startswith("<r>") and text.endswith("</r>") else text


def _height(sheet: Sheet, row: Iterable[Cell]) -> float:
    """Return the points that the texts of a row need: Excel finds them itself, LibreOffice not."""
    return min(line_count(sheet, row) * _LINE_HEIGHT, _HIGHEST)


def _rule(field: Field, ranges: _Ranges) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    if field.choices:
        first, last = ranges[field.choices]
        rule = {
            "validate": "list",
            "source": f"={LISTS}!{first}:{last}",
            "error_title": REFUSED_TITLE,
            "error_message": REFUSED,
        }
    if field.help:
        rule |= {"input_title": help_title(field), "input_message": cell_text(field.help)}
    return {"validate": "any"} | rule if rule else {}


def _write_lists(target: Worksheet, ranges: _Ranges) -> None:
    for column, choices in enumerate(ranges):
        for line, choice in enumerate(choices):
            target.write_string(line, column, _guarded(choice))
    target.protect()
    target.hide()


def _header(sheet: Sheet, field: Field, formats: _Formats) -> Format:
    if not sheet.headed:
        return formats(bold=True, font_size=_HEADING)
    colours = (
        (shared.EDITABLE_HEADER, "#ffffff") if field.editable else (shared.PLAIN_HEADER, shared.INK)
    )
    return formats(
        bold=True,
        bg_color=colours[0],
        font_color=colours[1],
        border=1,
        border_color=shared.PLAIN_LINE,
    )


def _body(sheet: Sheet, field: Field, kind: type[Cell], formats: _Formats) -> Format:
    """Return how the cells of a field that hold this kind of value look."""
    shown: dict[str, Any] = {}
    if issubclass(kind, date):
        shown["num_format"] = _INSTANT if issubclass(kind, datetime) else _DAY
    elif field.editable:
        # A text: a telephone number typed here keeps its 0, « =… » is no formula.
        shown["num_format"] = "@"
    elif field.figures:
        shown["num_format"] = _FIGURES[field.figures]
    if not sheet.headed:
        return formats(**shown)
    if field.editable:
        return formats(
            locked=False,
            bg_color=shared.EDITABLE,
            border=1,
            border_color=shared.EDITABLE_LINE,
            **shown,
        )
    return formats(border=1, border_color=shared.PLAIN_LINE, **shown)


def _formats(document: xlsxwriter.Workbook) -> _Formats:
    """Return a maker of formats, wrapped and at the top of their cell, that makes each once."""
    made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def make(**properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in made:
            made[key] = document.add_format({"text_wrap": True, "valign": "top"} | properties)
        return made[key]

    return make
