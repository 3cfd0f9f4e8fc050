"""Every file of a publication says the same, read by other programs than those that wrote it.

Tables are compared cell by cell: those of the documents with one another, those of the analysts
with the database.
"""

from __future__ import annotations

import csv
import multiprocessing
import re
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pypdfium2
import pytest
from docx import Document as Docx
from odfdo import Document as Odt
from selectolax.lexbor import LexborHTMLParser

from flows.run import prepare_run
from tasks.publish import MANY, OF_DOCUMENTS, DocumentsWriter
from tasks.report.titles import TABLES
from tests.program import EXAMPLE, Ran
from warehouse.contracts import (
    CONTRIBUTIONS,
    CONTRIBUTIONS_BY_COMMUNE,
    MADE_TABLES,
    MART_TABLES,
    PUBLISHED_TABLES,
    Table,
)
from warehouse.publication import LATEST, Shelf

Grid = tuple[tuple[str, ...], ...]
IN_WORKBOOK = [
    table
    for table in (*MART_TABLES, *MADE_TABLES)
    if table is not CONTRIBUTIONS_BY_COMMUNE  # there, only what may be shown
]


def squeezed(text: str) -> str:
    """Return a text as every format may hold it: whatever its spaces and lines."""
    return re.sub(r"\s+", " ", text).strip()


def bare(text: str) -> str:
    """Return a text without what a line that is broken adds: spaces, hyphens."""
    return re.sub(r"[\s\x02\u00ad\ufffe-]+", "", text)


def test_what_a_process_writes_is_what_a_thread_wrote(final: Ran) -> None:
    run = prepare_run(EXAMPLE / "consultation.toml", final.home, "2020-01-19")
    published = Shelf(final.home / "published").get(LATEST)
    assert published is not None
    tables = published.tables((*OF_DOCUMENTS, CONTRIBUTIONS))
    with DocumentsWriter() as writer:
        writer.prepare(MANY)
        assert multiprocessing.active_children()
        written = writer.write(tables, run.consultation, run.materials).result()
    assert "synthese.pdf" in written
    for name, content in written.items():
        assert (published.folder / name).read_bytes() == content, name


# --- the documents, table by table ---------------------------------------------------------------


def grids_of_page(folder: Path) -> list[Grid]:
    page = LexborHTMLParser((folder / "synthese.html").read_text(encoding="utf-8"))
    return [
        tuple(tuple(squeezed(cell.text()) for cell in row.css("th, td")) for row in table.css("tr"))
        for table in page.css("table")
    ]


def grids_of_odt(folder: Path) -> list[Grid]:
    body = Odt(folder / "synthese.odt").body
    return [
        tuple(tuple(squeezed(cell.inner_text) for cell in row.cells) for row in table.rows)
        for table in body.tables
    ]


def grids_of_docx(folder: Path) -> list[Grid]:
    return [
        tuple(tuple(squeezed(cell.text) for cell in row.cells) for row in table.rows)
        for table in Docx(str(folder / "synthese.docx")).tables
    ]


def text_of_pdf(folder: Path) -> str:
    document = pypdfium2.PdfDocument(folder / "synthese.pdf")
    return bare("".join(page.get_textpage().get_text_bounded() for page in document))


@pytest.fixture(scope="module")
def pages(final: Ran) -> list[Grid]:
    found = grids_of_page(final.latest)
    assert len(found) >= 8
    return found


@pytest.mark.parametrize("read", [grids_of_odt, grids_of_docx], ids=["odt", "docx"])
def test_every_table_of_the_page_is_in_the_document(
    final: Ran, pages: list[Grid], read: Any
) -> None:
    written = set(read(final.latest))
    assert [grid for grid in pages if grid not in written] == []


def test_every_row_of_the_page_is_in_the_pdf(final: Ran, pages: list[Grid]) -> None:
    text = text_of_pdf(final.latest)
    rows = ["".join(map(bare, row)) for grid in pages for row in grid]
    assert [row for row in rows if row not in text] == []


# --- what analysts get, cell by cell -------------------------------------------------------------


@pytest.fixture(scope="module")
def database(final: Ran) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(final.latest / "assises.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def rows_of(database: duckdb.DuckDBPyConnection, table: Table) -> list[tuple[Any, ...]]:
    return database.execute(f"from {table.qualified}").fetchall()


@pytest.mark.parametrize("table", PUBLISHED_TABLES, ids=lambda table: table.qualified)
def test_parquet_and_database_hold_the_same_cells(
    final: Ran, database: duckdb.DuckDBPyConnection, table: Table
) -> None:
    read = pq.read_table(final.latest / "parquet" / f"{table.qualified}.parquet")
    assert read.column_names == list(table.schema.names)
    assert [tuple(row.values()) for row in read.to_pylist()] == rows_of(database, table)


@pytest.mark.parametrize("table", [*MART_TABLES, *MADE_TABLES], ids=lambda table: table.name)
def test_csv_and_database_hold_the_same_cells(
    final: Ran, database: duckdb.DuckDBPyConnection, table: Table
) -> None:
    with (final.latest / "csv" / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header == list(table.schema.names)
    assert rows == [[written(value) for value in row] for row in rows_of(database, table)]


def written(value: Any) -> str:
    """Write a cell as our CSV says it does."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}" if value == int(value) else repr(value)
        case str():
            within = re.sub(r"""([;\t\r\n"])('*[=+\-@＝＋－＠])""", r"\1'\2", value)
            return f"'{within}" if re.match(r"'*[=+\-@\t\r\n＝＋－＠]", within) else within
        case _:
            return str(value)


@pytest.fixture(scope="module")
def workbooks(final: Ran, tmp_path_factory: pytest.TempPathFactory) -> dict[str, openpyxl.Workbook]:
    """The workbook in both formats, the ODS as LibreOffice understands it."""
    folder = tmp_path_factory.mktemp("tableaux")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", "--headless", profile, "--convert-to", "xlsx", "--outdir", str(folder),
         str(final.latest / "tableaux.ods")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    paths = {"xlsx": final.latest / "tableaux.xlsx", "ods": folder / "tableaux.xlsx"}
    return {name: openpyxl.load_workbook(path) for name, path in paths.items()}


@pytest.mark.parametrize("format_", ["xlsx", "ods"])
@pytest.mark.parametrize("table", IN_WORKBOOK, ids=lambda table: table.name)
def test_workbook_and_database_hold_the_same_cells(
    workbooks: dict[str, openpyxl.Workbook],
    database: duckdb.DuckDBPyConnection,
    table: Table,
    format_: str,
) -> None:
    sheet = workbooks[format_][TABLES[table.qualified]]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    rows = rows_of(database, table)
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert figures(line) == pytest.approx(figures(row), rel=1e-12)
        for place, column in enumerate(table.columns):
            if column.words:
                assert squeezed(row[place]) in [squeezed(v) for v in line if isinstance(v, str)]


def figures(cells: Any) -> list[float]:
    """Return the numbers and days of a row, in their order."""
    found: list[float] = []
    for cell in cells:
        match cell:
            case bool() | str() | None:
                continue
            case datetime():
                found.append(cell.toordinal())
            case date():
                found.append(cell.toordinal())
            case _:
                found.append(float(cell))
    return found


@pytest.mark.parametrize("format_", ["xlsx", "ods"])
def test_no_cell_of_a_workbook_is_a_formula(
    workbooks: dict[str, openpyxl.Workbook], format_: str
) -> None:
    kinds = {
        cell.data_type for sheet in workbooks[format_] for row in sheet.iter_rows() for cell in row
    }
    assert "s" in kinds
    assert "f" not in kinds


def test_communes_that_are_not_shown_are_in_no_document(
    final: Ran, workbooks: dict[str, openpyxl.Workbook], database: duckdb.DuckDBPyConnection
) -> None:
    names = database.execute(
        "select commune_name from marts.contributions_by_commune"
        " where commune_name is not null and contribution_count <= 11"
    ).fetchall()
    assert names
    sheet = workbooks["xlsx"][TABLES[CONTRIBUTIONS_BY_COMMUNE.qualified]]
    shown = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert shown.isdisjoint(name for (name,) in names)


# --- every figure leads to words -----------------------------------------------------------------


def test_every_quotation_of_the_page_is_in_a_contribution(
    final: Ran, database: duckdb.DuckDBPyConnection
) -> None:
    texts = " \u0000 ".join(
        squeezed(text)
        for (text,) in database.execute("select text from core.contributions").fetchall()
    )
    page = LexborHTMLParser((final.latest / "synthese.html").read_text(encoding="utf-8"))
    quoted = [squeezed(words.text()) for words in page.css("blockquote .words")]
    assert len(quoted) > 50
    assert [words for words in quoted if words not in texts] == []


def test_the_groups_of_the_page_are_those_of_the_database(
    final: Ran, database: duckdb.DuckDBPyConnection
) -> None:
    page = LexborHTMLParser((final.latest / "synthese.html").read_text(encoding="utf-8"))
    known = {
        group: (label, count)
        for group, label, count in database.execute(
            "select group_id, label, contributor_count from marts.propositions"
            " union all select group_id, label, contributor_count from marts.constats"
        ).fetchall()
    }
    shown = page.css("li.group[id]")
    assert len(shown) > 40
    for group in shown:
        label, count = known[group.attributes["id"] or ""]
        heading = group.css_first("h4")
        assert heading is not None
        assert squeezed(heading.text()) == squeezed(label)
        assert re.search(rf"\b{count}\s+contributeur", group.text())
