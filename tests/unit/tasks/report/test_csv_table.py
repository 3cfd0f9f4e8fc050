from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

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
        "\r=1",
        "\n=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠A",
    ],
)
def test_a_formula_is_shown_never_computed(text: str) -> None:
    assert written(text) == f"'{text}"


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
