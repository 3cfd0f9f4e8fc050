from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from warehouse.contracts import LEDGER_BY_REASON
from warehouse.database import BATCH, Database
from warehouse.judged import Judged, count_keys, count_quotations, misquoted, repeated_keys


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "warehouse.duckdb", tmp_path / "tmp") as opened:
        yield opened


def say(database: Database, *words: str | None) -> None:
    """Give the relation that is looked at its rows."""
    numbers = pa.array(range(len(words)), pa.int64())
    database.replace("said", pa.table({"n": numbers, "words": pa.array(words, pa.string())}))
    # What is known is of rows that are published: there are some.
    database._connection.execute("create or replace table core.said as from work.said")


def look(database: Database, program: str = "un") -> list[str | None]:
    """Return the words that are looked at, and take them to hold."""
    judged = Judged(database, program)
    words: list[str | None] = []
    for rows in judged.others("work.said", ("n", "words")):
        words += rows["words"].to_pylist()
        judged.add(rows)
    judged.keep()
    return words


def test_a_row_is_looked_at_once(database: Database) -> None:
    say(database, "a", "b", None)
    assert look(database) == ["a", "b", None]
    assert look(database) == []
    say(database, "a", "c", None, "d")
    assert look(database) == ["c", "d"]


def test_another_program_looks_at_every_row(database: Database) -> None:
    say(database, "a", "b")
    assert look(database) == look(database, "autre") == ["a", "b"]


def test_another_relation_is_looked_at_for_itself(database: Database) -> None:
    say(database, "a")
    look(database)
    judged = Judged(database, "un")
    assert [rows.num_rows for rows in judged.others("core.said", ("n", "words"))] == [1]


def test_what_did_not_hold_is_looked_at_again(database: Database) -> None:
    say(database, "a", "b")
    judged = Judged(database, "un")
    for rows in judged.others("work.said", ("n", "words")):
        judged.add(rows.slice(0, 1))
    judged.keep()
    assert look(database) == ["b"]


def test_rows_come_in_parts_of_bounded_size(database: Database) -> None:
    say(database, *("mot" for _ in range(2 * BATCH + 1)))
    sizes = [rows.num_rows for rows in Judged(database, "un").others("work.said", ("n",))]
    assert sum(sizes) == 2 * BATCH + 1
    assert max(sizes) <= BATCH


def test_rows_that_there_are_no_more_are_forgotten(database: Database) -> None:
    for turn in range(12):
        say(database, *(f"{turn}-{n}" for n in range(10)))
        look(database)
    assert database.query("from lake.judged").num_rows <= 50


def test_keys_are_counted_and_those_of_several_rows_are_named(database: Database) -> None:
    row = {"status": "accepted", "reason": None, "reason_label": "retenue", "submission_count": 1}
    rows = [row, row, row | {"reason": "late"}]
    database.fill(LEDGER_BY_REASON, pa.Table.from_pylist(rows, schema=LEDGER_BY_REASON.schema))
    counts = count_keys(database, LEDGER_BY_REASON).to_pylist()
    assert counts == [{"row_count": 3, "key_count": 2}]
    twice = repeated_keys(database, LEDGER_BY_REASON).to_pylist()
    assert twice == [{"status": "accepted", "reason": None}]


def test_an_empty_table_has_no_key(database: Database) -> None:
    database.fill(LEDGER_BY_REASON, LEDGER_BY_REASON.schema.empty_table())
    counts = count_keys(database, LEDGER_BY_REASON).to_pylist()
    assert counts == [{"row_count": 0, "key_count": 0}]


def test_quotations_are_counted_and_those_that_are_not_the_text_are_named(
    database: Database,
) -> None:
    rows = [("a", "mot", "mot"), ("b", "mot", "mots"), ("c", "mot", None), ("d", None, None)]
    names = ("statement_id", "quote", "source")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    database.replace("quotations", pa.table({n: pa.array(c) for n, c in columns.items()}))
    counts = count_quotations(database).to_pylist()
    assert counts == [{"quotation_count": 4, "verbatim_count": 1}]
    assert misquoted(database) == ["b", "c", "d"]
