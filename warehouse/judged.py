"""What the last gate looks at: rows that nobody has looked at, and counts of all of them.

A row that held what is asked of each alone is not looked at again. It is known by a hash of all
that it says, of its relation and of the program that looked: another program, or another value,
makes it a row that nobody has looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa

from warehouse.contracts import Table
from warehouse.database import BATCH, Database

ROW_HASH: Final = "_hash"
_KNOWN: Final = pa.schema([(ROW_HASH, pa.uint64())])
# Rows and quotations known, a row published: more are mostly of rows that there are no more.
_MOST: Final = 4


class Judged:
    """What a program knows of the rows of a working database."""

    def __init__(self, database: Database, program: str) -> None:
        self._database, self._program = database, program
        self._held = [_KNOWN.empty_table()]
        database.extend("judged", _KNOWN.empty_table())

    def others(self, relation: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield the rows that are not known to hold, in parts of bounded size, with their hash."""
        chosen = ", ".join(f'"{name}"' for name in columns)
        query = (
            f"with hashed as (select {chosen}, hash($program, {chosen}) as {ROW_HASH}"  # noqa: S608
            f" from {relation}) from hashed anti join lake.judged using ({ROW_HASH})"
        )
        program = {"program": f"{self._program} {relation}"}
        for batch in self._database.batches(query, BATCH, program):
            yield pa.Table.from_batches([batch])

    def add(self, rows: pa.Table) -> None:
        """Take note that rows held; nothing is kept before `keep`: others may be being read."""
        self._held.append(rows.select([ROW_HASH]))

    def keep(self) -> None:
        """Know from now on the rows that held."""
        known = self._database.query("select count(*) as rows from lake.judged")
        there = self._database.query(
            "select sum(estimated_size) as rows from duckdb_tables()"
            " where schema_name in ('core', 'marts')"
        )
        if known["rows"][0].as_py() > _MOST * (there["rows"][0].as_py() or 0):
            self._database.keep("judged", _KNOWN.empty_table())
        self._database.extend("judged", pa.concat_tables(self._held))
        self._held = [_KNOWN.empty_table()]


def count_keys(database: Database, table: Table) -> pa.Table:
    """Return how many rows a table has, and how many keys: a key without a value is one too."""
    return database.query(
        "select cast(coalesce(sum(rows), 0) as bigint) as row_count, count(*) as key_count from ("  # noqa: S608
        f"select count(*) as rows from {table.qualified} group by {_key(table)})"
    )


def repeated_keys(database: Database, table: Table) -> pa.Table:
    """Return the keys that several rows of a table have, in their order."""
    key = _key(table)
    return database.query(
        f"select {key} from {table.qualified} group by {key} having count(*) > 1 order by all"  # noqa: S608
    )


def _key(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.key)


def count_quotations(database: Database) -> pa.Table:
    """Return how many quotations there are, and how many are the very text that they are of."""
    return database.query(
        "select count(*) as quotation_count, count(*) filter (quote = source) as verbatim_count"
        " from work.quotations"
    )


def misquoted(database: Database) -> list[str]:
    """Return the statements quoted otherwise than the contribution says, in their order."""
    query = "select statement_id from work.quotations where (quote = source) is not true order by 1"
    named: list[str] = database.query(query)["statement_id"].to_pylist()
    return named
