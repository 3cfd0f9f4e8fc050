"""The working database, a product of the lake, and the analysts' copy made from it.

Rows go in and out as Arrow tables, so the engine needs no file but its own.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final, Self

import duckdb
import pyarrow as pa

from warehouse.contracts import (
    CORE_TABLES,
    LAKE_TABLES,
    MART_TABLES,
    META_TABLES,
    PUBLISHED_TABLES,
    Column,
    Table,
    create_statements,
)
from warehouse.engine import connect
from warehouse.failures import TellableError
from warehouse.files import REBUILD, sha256_of
from warehouse.questions import QUESTIONS, SCHEMA, Question
from warehouse.sql import read_sql, relations

SCHEMAS: Final = ("lake", "work", "core", "marts", "meta")


class DatabaseError(TellableError):
    """The database cannot be used; the message is a French sentence that says what to do."""


class Database:
    """An open working database."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path, temporary: Path) -> Iterator[Self]:
        """Open the working database, created when absent, alone and locked down."""
        opened = False
        try:
            with connect(path, temporary=temporary) as connection:
                opened = True
                path.chmod(0o600)
                for schema in SCHEMAS:
                    connection.execute(f"create schema if not exists {schema}")
                yield cls(connection)
        except duckdb.Error as error:
            if not opened or _is_full_disk(error) or _is_damage(error):
                raise _explained(path, error) from None  # its text may quote a row
            raise

    @classmethod
    @contextmanager
    def open_published(cls, path: Path) -> Iterator[Self]:
        """Open a published copy to read it; a run in progress is not disturbed."""
        with connect(path, read_only=True) as connection:
            yield cls(connection)

    @staticmethod
    def check(path: Path, *, whole: bool) -> None:
        """Open a database to read it, with `whole` every row of it; change nothing.

        Raises DatabaseError when it cannot be.
        """
        try:
            with connect(path, read_only=True) as connection:
                tables = connection.execute(
                    "select schema_name, table_name from duckdb_tables()"
                ).fetchall()
                for schema, name in tables if whole else ():
                    relation = connection.table(f'"{schema}"."{name}"')
                    for _ in relation.to_arrow_reader():
                        pass
        except duckdb.Error as error:
            raise _explained(path, error) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Apply what is done inside wholly or not at all."""
        self._connection.begin()
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    # --- in --------------------------------------------------------------------------------------

    def loaded(self) -> dict[tuple[str, str], str]:
        """Return the fingerprint of each lake partition that the database holds."""
        self._connection.execute(
            "create table if not exists work.partitions"
            " (table_name varchar, part varchar, fingerprint varchar)"
        )
        rows = self._connection.execute("from work.partitions").fetchall()
        return {(table, part): fingerprint for table, part, fingerprint in rows}

    def create_lake(self) -> None:
        """Create the lake's tables where the contract has changed or they are absent."""
        contract = sha256_of(
            line for table in LAKE_TABLES for line in create_statements(_partitioned(table))
        )
        self._connection.execute("create table if not exists work.contract (sha256 varchar)")
        if self._connection.execute("from work.contract").fetchall() != [(contract,)]:
            for table in LAKE_TABLES:
                for statement in create_statements(_partitioned(table)):
                    self._connection.execute(statement)
            self._connection.execute(
                "create or replace table work.partitions as "
                "select '' as table_name, '' as part, '' as fingerprint limit 0"
            )
            self._connection.execute("delete from work.contract")
            self._connection.execute("insert into work.contract values (?)", [contract])

    def unload(self, table: Table, part: str) -> None:
        """Remove a partition's rows."""
        self._connection.execute(f"delete from {table.qualified} where _part = ?", [part])  # noqa: S608
        self._connection.execute(
            "delete from work.partitions where table_name = ? and part = ?", [table.name, part]
        )

    def load(self, table: Table, part: str, rows: pa.Table, fingerprint: str) -> None:
        """Add a partition's rows."""
        with self._registered(rows.append_column("_part", pa.repeat(part, rows.num_rows))) as name:
            self._connection.execute(f"insert into {table.qualified} by name from {name}")
        self._connection.execute(
            "insert into work.partitions values (?, ?, ?)", [table.name, part, fingerprint]
        )

    def replace(self, name: str, rows: pa.Table) -> None:
        """Replace a working table `work.<name>` by these rows."""
        with self._registered(rows) as registered:
            self._connection.execute(f"create or replace table work.{name} as from {registered}")

    def fill(self, table: Table, rows: pa.Table) -> None:
        """Replace a table of the contract by these rows."""
        for statement in create_statements(table):
            self._connection.execute(statement)
        with self._registered(rows) as name:
            self._connection.execute(f"insert into {table.qualified} by name from {name}")

    def derive(self) -> None:
        """Make every relation that has a SQL file, each after those it reads."""
        for relation in derivation_order(self._connection):
            query = read_sql(relation.replace(".", "/"))
            table = _CONTRACTS.get(relation)
            if table is None:
                self._connection.execute(f"create or replace view {relation} as {query}")
                continue
            for statement in create_statements(table):
                self._connection.execute(statement)
            self._connection.execute(f"insert into {relation} by name {query}")

    def answer(self, questions: Iterable[Question]) -> None:
        """Create the relations that answer questions, with their comments."""
        self._connection.execute(f"create schema {SCHEMA}")
        for question in questions:
            self._connection.execute(question.create_statement())
            columns = () if question.parameters else self._columns(question.qualified)
            for statement in question.comment_statements(columns):
                self._connection.execute(statement)

    # --- out -------------------------------------------------------------------------------------

    def read(self, table: Table) -> pa.Table:
        """Return a table in its contract's order, with exactly its contract's schema."""
        columns = ", ".join(f'"{c.name}"' for c in table.columns)
        order = ", ".join(f'"{name}" nulls last' for name in table.order) or "rowid"
        query = f"select {columns} from {table.qualified} order by {order}"  # noqa: S608
        return self._connection.sql(query).to_arrow_table().cast(table.schema)

    def query(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> pa.Table:
        """Return the rows of a query, values bound as parameters."""
        return self._connection.sql(sql, params=parameters).to_arrow_table()

    @contextmanager
    def beside(self, tables: Mapping[str, pa.Table]) -> Iterator[None]:
        """Let queries inside read other tables too, by these names; they are stored nowhere."""
        for name, rows in tables.items():
            self._connection.register(name, rows)
        try:
            yield
        finally:
            for name in tables:
                self._connection.unregister(name)

    def _columns(self, relation: str) -> list[str]:
        return self._connection.sql(f"from {relation}").columns

    @contextmanager
    def _registered(self, rows: pa.Table) -> Iterator[str]:
        self._connection.register("arrow_rows", rows)
        try:
            yield "arrow_rows"
        finally:
            with suppress(
                duckdb.TransactionException
            ):  # aborted: the error to show is the first one
                self._connection.unregister("arrow_rows")


_CONTRACTS: Final = {t.qualified: t for t in (*CORE_TABLES, *MART_TABLES, *META_TABLES)}


def derivation_order(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Order the relations that have a SQL file so that each comes after those it reads."""
    names = set(relations())
    reads = {
        name: _tables_read(connection, read_sql(name.replace(".", "/"))) & names for name in names
    }
    sorter = TopologicalSorter({name: sorted(reads[name]) for name in sorted(names)})
    return list(sorter.static_order())


def _tables_read(connection: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    row = connection.execute("select json_serialize_sql(?)", [query]).fetchone()
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE" and node.get("schema_name"):
                found.add(f"{node['schema_name']}.{node['table_name']}")
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                walk(child)

    tree = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        raise DatabaseError(f"SQL que DuckDB ne comprend pas : {tree.get('error_message')}")
    walk(tree)
    return found


def write_analysts_copy(path: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write the published database: the contract's tables in their order, answers to questions."""
    with connect(path, temporary=path.with_name(f"{path.name}.tmp")) as connection:
        for schema in sorted({table.layer for table in PUBLISHED_TABLES}):
            connection.execute(f"create schema {schema}")
        database = Database(connection)
        for table in PUBLISHED_TABLES:
            database.fill(table, tables[table.qualified])
        database.answer(QUESTIONS)
        connection.execute("checkpoint")


def _partitioned(table: Table) -> Table:
    part = Column("_part", pa.string(), "Partition du lac dont la ligne vient")
    return replace(table, columns=(*table.columns, part))


def _is_full_disk(error: duckdb.Error) -> bool:
    return "no space left" in str(error).lower()


def _is_damage(error: duckdb.Error) -> bool:
    return any(sign in str(error).lower() for sign in ("corrupt", "could not read enough bytes"))


def _explained(path: Path, error: duckdb.Error) -> Exception:
    """Return what to raise in the place of an error that a person must know how to mend."""
    if _is_full_disk(error):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    if "could not set lock" in str(error).lower():
        return DatabaseError(
            f"La base de travail {path} est ouverte par un autre programme : fermez-le, puis "
            "relancez (pour consulter, ouvrez plutôt published/latest/assises.duckdb)."
        )
    return DatabaseError(
        f"La base de travail {path} est abîmée, ou n'en est pas une que ce programme sait ouvrir : "
        f"{REBUILD}"
    )
