from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.report.csv_table import csv_bytes


def cells(content: bytes) -> list[list[str]]:
    """Read CSV back as another program does."""
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def written(value: Any, kind: pa.DataType | None = None) -> str:
    """Return the cell that a value becomes."""
    header, (cell, last) = cells(csv_bytes(pa.table({"a": pa.array([value], kind), "b": ["fin"]})))
    assert (header, last) == (["a", "b"], "fin")
    return cell


@pytest.mark.parametrize(
    "text",
    [
        "La rue est sombre",
        "deux, trois; quatre",
        'Il a dit "jamais"',
        "une ligne\nune autre\r\net une autre",
        "« Ça ira », 17\u202fh",
        "👩‍👩‍👧",
        "1 - 2 = -1",
        "",
        "a" * 40_000,
        "nul\x00",
    ],
    ids=["words", "commas", "quotes", "lines", "French", "emoji", "inside", "empty", "long", "NUL"],
)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    assert written(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("https://mal.example";"ici")',
        "+33",
        "-1",
        "@SUM(A1)",
        "\tcmd",
        "\r1",
        "\n1",
        "＝1+1",
        "＋1",
        "－1",
        "＠A",
        "\x00=1",
        "'=1",
    ],
)
def test_a_formula_is_shown_never_computed(text: str) -> None:
    assert written(text) == f"'{text}"


FORMULAS = ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1"]
BEFORE = ["mots;", "mots\n", "mots\r\n", "mots\t", 'mots\n"', 'mots;"', ";;"]


def cells_in_french(content: bytes) -> list[str]:
    """Split as a spreadsheet does for which « ; » separates: quotes matter where a cell begins."""
    found, cell = [], re.compile(r'"((?:[^"]|"")*)"?([^;\r\n]*)|([^;\r\n]*)')
    text, place = content.decode(), 0
    while place <= len(text):
        match = cell.match(text, place)
        assert match is not None
        quoted, after, bare = match.groups()
        found.append(bare if quoted is None else quoted.replace('""', '"') + after)
        place = match.end() + 1
    return found


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_spreadsheet_in_french_is_a_formula(before: str, formula: str) -> None:
    content = csv_bytes(pa.table({"a": ["mot"], "b": [f"{before}{formula};fin"]}))
    found = cells_in_french(content)
    assert any(formula in cell for cell in found)
    assert [cell for cell in found if re.match(r"[=+\-@＝＋－＠]", cell)] == []


@given(st.text(alphabet="a;\t\n\r\"'=+-@＝ ", max_size=12))
def test_taking_the_apostrophe_away_gives_the_text_again(text: str) -> None:
    found = re.sub(r"^'('*[=+\-@\x00\t\r\n＝＋－＠])", r"\1", written(text))
    assert re.sub(r"""([;\t\r\n"])'('*[=+\-@＝＋－＠])""", r"\1\2", found) == text


@pytest.mark.parametrize(
    ("value", "kind", "cell"),
    [
        (None, pa.string(), ""),
        (None, pa.int64(), ""),
        (None, pa.list_(pa.string()), ""),
        (-3, pa.int64(), "-3"),
        (0.5, pa.float64(), "0.5"),
        (True, pa.bool_(), "true"),
        (date(2020, 1, 9), pa.date32(), "2020-01-09"),
        (
            datetime(2020, 1, 9, 8, 30, tzinfo=UTC),
            pa.timestamp("us", tz="UTC"),
            "2020-01-09 08:30:00.000000Z",
        ),
        (["boite", "mairie"], pa.list_(pa.string()), "boite|mairie"),
        (["boite"], pa.list_(pa.string()), "boite"),
        ([], pa.list_(pa.string()), ""),
        (["=boite", "mairie"], pa.list_(pa.string()), "'=boite|mairie"),
    ],
)
def test_each_type_has_its_form(value: Any, kind: pa.DataType, cell: str) -> None:
    assert written(value, kind) == cell


def test_a_table_without_rows_has_its_header() -> None:
    schema = pa.schema([("jour", pa.date32()), ("nombre", pa.int64())])
    assert cells(csv_bytes(schema.empty_table())) == [["jour", "nombre"]]


def test_rows_keep_their_order_and_their_number() -> None:
    lines = [f"ligne {n}\n" for n in range(1000)]
    table = pa.table({"n": list(range(1000)), "mots": lines})
    assert cells(csv_bytes(table))[1:] == [[str(n), line] for n, line in enumerate(lines)]


def test_no_row_is_lost_when_a_table_is_made_of_pieces() -> None:
    piece = pa.table({"mots": ["=a", None], "noms": [["b"], None]})
    found = cells(csv_bytes(pa.concat_tables([piece, piece.slice(0, 0), piece])))
    assert found[1:] == [["'=a", "b"], ["", ""]] * 2
