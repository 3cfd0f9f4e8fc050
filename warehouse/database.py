"""The working database, a product of the lake.

Rows go in and out as Arrow tables, so the engine needs no file but its own.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, TypeVar

import duckdb
import pyarrow as pa

from warehouse.contracts import (
    CORE_TABLES,
    LAKE_TABLES,
    MART_TABLES,
    META_TABLES,
    Column,
    Table,
    create_statements,
)
from warehouse.engine import connect
from warehouse.failures import TellableError
from warehouse.files import REBUILD, sha256_of
from warehouse.questions import SCHEMA, Question
from warehouse.sql import read_sql, relations

# Errors that are of a file, never of a row; what they quote of the system's; what tells a damage.
_OF_FILES: Final = (
    *(duckdb.IOException, duckdb.TransactionException, duckdb.FatalException),
    *(duckdb.InternalException, duckdb.SerializationException, duckdb.OutOfMemoryException),
)
_OF_SYSTEM: Final = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS),
    *(errno.EMFILE, errno.ENFILE, errno.EIO),
)
_DAMAGE: Final = ("corrupt", "could not read enough bytes", "checksum", "invalidated")
_LEFT_OPEN: Final = (
    "La base de travail {} est ouverte par un autre programme ({}) : fermez-le, puis relancez "
    "(pour consulter, ouvrez plutôt published/latest/assises.duckdb)."
)
_ROWS: Final = "arrow_rows"  # what a query reads of the rows that it is given
BATCH: Final = 20_480  # rows held at once: ten of the engine's vectors
Read = TypeVar("Read")
SCHEMAS: Final = ("work", "core", "marts", "meta")
_PARTITIONS: Final = "(table_name varchar, part varchar, fingerprint varchar)"
_FORMER: Final = ("lake", *SCHEMAS)  # the schemas of the file when it held what is derived too


class DatabaseError(TellableError):
    """The database cannot be used; the message is a French sentence that says what to do."""


class Part(NamedTuple):
    """A partition of a table of the lake: its name, what it was made from, how it is read."""

    name: str
    fingerprint: str
    rows: Callable[[], pa.Table]


class Database:
    """An open working database: the lake in a file, all that is derived from it in memory.

    A transaction writes to one of the two.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path, temporary: Path) -> Iterator[Self]:
        """Open the working database, created when absent, alone and locked down."""
        opened = False
        try:
            with connect(lake=path, temporary=temporary) as connection:
                opened = True
                path.chmod(0o600)
                for schema in _FORMER:
                    connection.execute(f"drop schema if exists lake.{schema} cascade")
                for schema in SCHEMAS:
                    connection.execute(f"create schema {schema}")
                yield cls(connection)
        except duckdb.Error as error:
            told = explained(error, path)
            if told is None and opened:
                raise
            raise told or _damaged(path) from None  # its text may quote a row

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
            raise explained(error, path) or _damaged(path) from None

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
        self._connection.execute(f"create table if not exists lake.partitions {_PARTITIONS}")
        rows = self._connection.execute("from lake.partitions").fetchall()
        return {(table, part): fingerprint for table, part, fingerprint in rows}

    def create_lake(self) -> None:
        """Create the lake's tables where the contract has changed or they are absent."""
        statements = [line for table in LAKE_TABLES for line in _lake_statements(table)]
        contract = sha256_of([*statements, read_sql("lake/told")])
        self._connection.execute("create table if not exists lake.contract (sha256 varchar)")
        if self._connection.execute("from lake.contract").fetchall() != [(contract,)]:
            for statement in statements:
                self._connection.execute(statement)
            self._connection.execute("drop table if exists lake.told")
            self._create_like("told", read_sql("lake/told"))
            self._connection.execute(f"create or replace table lake.partitions {_PARTITIONS}")
            self._connection.execute("delete from lake.contract")
            self._connection.execute("insert into lake.contract values (?)", [contract])

    def _create_like(self, name: str, query: str) -> None:
        """Create a table `lake.<name>` for the rows of a query when it is absent, without any.

        Not by « as … limit 0 »: DuckDB 2.0 takes what the same transaction then puts there for
        nothing, in joins.
        """
        rows = self._connection.sql(query)
        columns = ", ".join(f'"{c}" {t}' for c, t in zip(rows.columns, rows.types, strict=True))
        self._connection.execute(f"create table if not exists lake.{name} ({columns})")

    def unload(self, table: Table, part: str) -> None:
        """Remove a partition's rows."""
        self._connection.execute(f"delete from {table.qualified} where _part = ?", [part])  # noqa: S608
        self._connection.execute(
            "delete from lake.partitions where table_name = ? and part = ?", [table.name, part]
        )

    def load(self, table: Table, parts: Iterable[Part]) -> None:
        """Add the rows of partitions, read one after the other as they are written."""
        read: list[Part] = []
        broken: list[Exception] = []

        def batches() -> Iterator[pa.RecordBatch]:
            try:
                for part in parts:
                    rows = part.rows()
                    names = pa.repeat(part.name, rows.num_rows)
                    yield from rows.append_column("_part", names).to_batches()
                    read.append(part)
            except Exception as error:
                broken.append(error)  # the engine would tell it in its own words
                raise

        schema = table.schema.append(pa.field("_part", pa.string()))
        query = read_sql("words/folded") if _has_text(table) else f"from {_ROWS}"
        with self._registered(pa.RecordBatchReader.from_batches(schema, batches())):
            try:
                self._connection.execute(f"insert into {table.qualified} by name {query}")
            except duckdb.Error:
                for error in broken:
                    raise error from None
                raise
        for part in read:
            self._connection.execute(
                "insert into lake.partitions values (?, ?, ?)",
                [table.name, part.name, part.fingerprint],
            )

    def tell(self, parts: Sequence[str]) -> None:
        """Put together anew, as `lake.told`, what is loaded of each statement of partitions."""
        of_parts, chosen = "where _part in (select unnest($parts))", {"parts": list(parts)}
        told = f"from ({read_sql('lake/told')}) {of_parts}"
        self._connection.execute(f"delete from lake.told {of_parts}", chosen)  # noqa: S608
        self._connection.execute(f"insert into lake.told by name {told}", chosen)

    def replace(self, name: str, rows: pa.Table) -> None:
        """Replace a working table `work.<name>` by these rows."""
        with self._registered(rows) as registered:
            self._connection.execute(f"create or replace table work.{name} as from {registered}")

    def keep(self, name: str, rows: pa.Table) -> None:
        """Replace a table by these rows that later runs find too, `lake.<name>`."""
        with self._registered(rows) as registered:
            self._connection.execute(f"create or replace table lake.{name} as from {registered}")

    def extend(self, name: str, rows: pa.Table) -> None:
        """Add rows to a table that is kept, created like them when absent."""
        with self._registered(rows) as registered:
            self._create_like(name, f"from {registered}")
            self._connection.execute(f"insert into lake.{name} from {registered}")

    def fill(self, table: Table, rows: pa.Table) -> None:
        """Replace a table of the contract by these rows, in its order."""
        for statement in create_statements(table):
            self._connection.execute(statement)
        with self._registered(rows) as name:
            ordered = f"from {name} order by {_order(table)}" if table.order else f"from {name}"
            self._connection.execute(f"insert into {table.qualified} by name {ordered}")

    def derive(self) -> None:
        """Make every relation that has a SQL file, each after those it reads.

        The rows of a table of the contract are written in its order. Of the others, those that are
        read by relations are tables too: each is worked out once.
        """
        order, read = derivation_order(self._connection)
        for relation in order:
            query = read_sql(relation.replace(".", "/"))
            table = _CONTRACTS.get(relation)
            if table is None:
                kind = "table" if relation in read else "view"
                self._connection.execute(f"create or replace {kind} {relation} as {query}")
                continue
            for statement in create_statements(table):
                self._connection.execute(statement)
            ordered = f"from ({query}) order by {_order(table)}" if table.order else query
            self._connection.execute(f"insert into {relation} by name {ordered}")

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
        query = f"select {columns} from {table.qualified} order by {_order(table)}"  # noqa: S608
        return self._connection.sql(query).to_arrow_table().cast(table.schema)

    def stream(self, table: Table, columns: Sequence[str] = ()) -> pa.RecordBatchReader:
        """Return a derived table, or columns of it, by batches.

        As it is stored, which is in its contract's order.
        """
        schema = pa.schema([table.schema.field(n) for n in columns or table.schema.names])
        chosen = ", ".join(f'"{name}"' for name in schema.names)
        query = f"select {chosen} from {table.qualified}"  # noqa: S608
        return self.batches(query, BATCH).cast(schema)

    def batches(
        self, sql: str, size: int, parameters: Mapping[str, Any] | None = None
    ) -> pa.RecordBatchReader:
        """Return the rows of a query by batches; another query ends it."""
        return self._connection.sql(sql, params=parameters or {}).to_arrow_reader(size)

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
    def _registered(self, rows: pa.Table | pa.RecordBatchReader) -> Iterator[str]:
        self._connection.register(_ROWS, rows)
        try:
            yield _ROWS
        finally:
            with suppress(
                duckdb.TransactionException
            ):  # aborted: the error to show is the first one
                self._connection.unregister(_ROWS)


_CONTRACTS: Final = {t.qualified: t for t in (*CORE_TABLES, *MART_TABLES, *META_TABLES)}


def derivation_order(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], set[str]]:
    """Order the relations that have a SQL file so that each comes after those it reads.

    Also return those that are read.
    """
    names = set(relations())
    reads = {
        name: _tables_read(connection, read_sql(name.replace(".", "/"))) & names for name in names
    }
    sorter = TopologicalSorter({name: sorted(reads[name]) for name in sorted(names)})
    return list(sorter.static_order()), set().union(*reads.values())


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


class Tables(Mapping[str, Read]):
    """Tables by their qualified name, each read when it is asked for and not kept."""

    def __init__(self, contracts: Iterable[Table], read: Callable[[Table], Read]) -> None:
        self._contracts = {table.qualified: table for table in contracts}
        self._read = read

    def __getitem__(self, name: str) -> Read:
        return self._read(self._contracts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._contracts)

    def __len__(self) -> int:
        return len(self._contracts)


def _lake_statements(table: Table) -> Iterator[str]:
    """Yield the DDL of a table of the lake, with what is worked out of a partition once."""
    part = Column("_part", pa.string(), "Partition du lac dont la ligne vient")
    yield from create_statements(replace(table, columns=(*table.columns, part)))
    if _has_text(table):
        yield f"alter table {table.qualified} add column folded uuid"


def _has_text(table: Table) -> bool:
    return any(column.name == "text" for column in table.columns)


def _order(table: Table) -> str:
    return ", ".join(f'"{name}" nulls last' for name in table.order) or "rowid"


def explained(error: Exception, path: Path | None = None) -> Exception | None:
    """Return what to raise in the place of an error of DuckDB that a person can do something about.

    The system's own error that it quotes, or how to mend a damaged database; null for another.
    """
    # A block whose sum is wrong is told by the kind that all others are of.
    if not isinstance(error, _OF_FILES) and type(error) is not duckdb.Error:
        return None
    text = str(error).lower()
    place = str(path) if path else None
    for number in _OF_SYSTEM:
        if os.strerror(number).lower() in text:
            return OSError(number, os.strerror(number), place)
    if "could not set lock" in text:
        return DatabaseError(_LEFT_OPEN.format(place or "", _holder(str(error))))
    return _damaged(path) if any(sign in text for sign in _DAMAGE) else None


def _holder(told: str) -> str:
    """Name who holds a database: DuckDB says which program, and its PID."""
    found = re.search(r"held in (.*?) \(PID (\d+)\)", told)
    return f"{Path(found[1]).name}, PID {found[2]}" if found else "PID inconnu"


def _damaged(path: Path | None) -> DatabaseError:
    return DatabaseError(
        f"La base de travail {path or ''} est abîmée, ou n'en est pas une que ce programme sait "
        f"ouvrir : {REBUILD}"
    )
