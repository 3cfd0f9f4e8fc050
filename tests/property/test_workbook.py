"""Whatever the words, both formats hold them, and both give the same back."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.report.ods import write_ods
from tasks.report.workbook import Cell, Field, Sheet, Workbook, cell_text
from tasks.report.workbook_reader import read_workbook
from tasks.report.xlsx import write_xlsx

FRAGMENTS = (
    "_x000D_",
    "_x005F_",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "=",
    "<text:p>",
    "]]>",
    "&#13;",
    "\ud800",
)
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=8).map("".join)
CELLS = TEXTS | st.none() | st.integers(-(10**14), 10**14) | st.dates(date(1901, 1, 1))
FIELDS = (Field("Clé", 10), Field("Protégé", 20), Field("Libre", 20, editable=True, help="Ici."))


def shown(cell: Cell) -> str:
    return cell_text(cell).strip() if isinstance(cell, str) else "" if cell is None else str(cell)


@settings(deadline=None)
@given(st.lists(st.tuples(st.just("clé"), CELLS, CELLS), max_size=4))
def test_every_cell_is_read_back_from_both_formats(rows: list[tuple[Cell, ...]]) -> None:
    workbook = Workbook("Un", (Sheet("Feuille", FIELDS, tuple(rows)),))
    (sheet,) = read_workbook(write_ods(workbook))
    assert (sheet,) == read_workbook(write_xlsx(workbook))
    titles = [field.title for field in FIELDS]
    assert list(sheet.columns) == titles
    assert [[row.cells.get(title, "") for title in titles] for row in sheet.rows] == [
        list(map(shown, row)) for row in rows
    ]
