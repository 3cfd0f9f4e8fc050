"""The analysts' copy: the published tables in one DuckDB file, with the answers to questions.

To compress all rows is most of what a copy costs, and most rows are those of the day before: where
nothing of an earlier publication is gone, its copy is taken, and only what differs is written.
"""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import duckdb

from warehouse.contracts import (
    CONTRIBUTIONS,
    CONTRIBUTORS,
    PUBLISHED_TABLES,
    STATEMENTS,
    SUBMISSIONS,
    Table,
    create_statements,
)
from warehouse.database import Database
from warehouse.engine import connect
from warehouse.questions import QUESTIONS, SCHEMA

# What grows with the mail. The other words are taken from texts, by a program, or decided.
_FOLLOWED: Final = (SUBMISSIONS, CONTRIBUTIONS, CONTRIBUTORS, STATEMENTS)
_WORDS: Final = "text"
_MOST_REMOVED: Final = 1 / 8  # of the rows that a table holds, those removed before among them
# Little: the working database has its own, and documents are being written.
_MEMORY: Final = "200MB"
# Columns and tables with their comments, and whatever else somebody may have put there.
_DECLARED: Final = """
select schema_name, table_name, column_name, data_type, comment
from duckdb_columns() where not internal and schema_name != $answers
union all
select schema_name, table_name, null, sql, comment from duckdb_tables()
union all
select schema_name, view_name, null, sql, null
from duckdb_views() where not internal and schema_name != $answers
union all
select schema_name, function_name, null, macro_definition, null
from duckdb_functions() where not internal and schema_name != $answers
union all
select schema_name, sequence_name, null, null, null from duckdb_sequences()
union all
select schema_name, index_name, null, null, null from duckdb_indexes()
union all
select schema_name, type_name, null, null, null from duckdb_types() where not internal
union all
select schema_name, null, null, null, null
from duckdb_schemas() where not internal and schema_name != $answers
order by all
"""


def write_analysts_copy(path: Path, files: Path, earlier: Path | None = None) -> None:
    """Write the published database: the rows of `files/<table>.parquet`, answers to questions.

    `earlier` is a copy that this program made, and since which nobody decided anything. What is
    removed from a database stays in its bytes: it is followed only where every contribution and
    statement that it has is there still, in the same words.
    """
    if earlier is not None and _follow(path, files, earlier):
        return
    path.unlink(missing_ok=True)
    with _opened(path, files) as connection:
        _create(connection)
        for table in PUBLISHED_TABLES:
            _fill(connection, table, files)
        _end(connection)


def _opened(path: Path, files: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    temporary = path.with_name(f"{path.name}.tmp")
    return connect(path, temporary=temporary, readable=files, memory=_MEMORY)


def _follow(path: Path, files: Path, earlier: Path) -> bool:
    """Write what differs to a copy of an earlier one; tell whether that was possible."""
    with connect() as model:
        _create(model)
        declared = _declared(model)
    try:
        shutil.copyfile(earlier, path)
        with _opened(path, files) as connection:
            if _declared(connection) != declared:
                return False
            connection.execute(f"drop schema {SCHEMA} cascade")
            for table in PUBLISHED_TABLES:
                if table in _FOLLOWED and not _change(connection, table, files):
                    return False
                if table not in _FOLLOWED:
                    _create_table(connection, table)
                    _fill(connection, table, files)
            _end(connection)
            return True
    except (duckdb.Error, OSError):
        return False  # it is damaged, or gone


def _change(connection: duckdb.DuckDBPyConnection, table: Table, files: Path) -> bool:
    """Write the rows that are new or otherwise; tell whether that is all that differs.

    It is not, and nothing is written, where a row is gone, where its words are not what they were,
    and where too many rows were removed.
    """
    name, file = table.qualified, _file(files, table)
    columns = ", ".join(f'"{column}"' for column in table.schema.names)
    key = ", ".join(f'"{column}"' for column in table.key)
    is_reworded = f"earlier.{_WORDS} != fresh.{_WORDS}" if _WORDS in table.schema.names else "false"
    connection.execute(
        f"create or replace temp table held as select hash({columns}) as said from {name}"  # noqa: S608
    )
    connection.execute(
        f"create or replace temp table fresh as select {columns} from"  # noqa: S608
        f" (select *, hash({columns}) as said from read_parquet(?)) anti join held using (said)",
        [file],
    )
    there, ever = _row(connection, f"select count(*), coalesce(max(rowid) + 1, 0) from {name}")  # noqa: S608
    changed, reworded = _row(
        connection,
        f"select count(*), count(*) filter ({is_reworded})"  # noqa: S608
        f" from {name} as earlier join fresh using ({key})",
    )
    rows, keys, fresh = _row(
        connection,
        f"select count(*), count(distinct ({key})), (select count(*) from fresh)"  # noqa: S608
        " from read_parquet(?)",
        file,
    )
    is_all = there - changed + fresh == rows == keys
    if not is_all or reworded or ever - there + changed > _MOST_REMOVED * ever:
        return False
    connection.execute(
        f"delete from {name} where ({key}) in (select {key} from fresh)"  # noqa: S608
    )
    connection.execute(f"insert into {name} by name from fresh")
    return True


def _row(connection: duckdb.DuckDBPyConnection, query: str, *values: str) -> tuple[Any, ...]:
    (row,) = connection.execute(query, values).fetchall()
    return tuple(row)


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    for schema in sorted({table.layer for table in PUBLISHED_TABLES}):
        connection.execute(f"create schema {schema}")
    for table in PUBLISHED_TABLES:
        _create_table(connection, table)


def _create_table(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    for statement in create_statements(table, words="zstd"):
        connection.execute(statement)


def _declared(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    """Return what a database declares, but the answers to questions."""
    return connection.execute(_DECLARED, {"answers": SCHEMA}).fetchall()


def _fill(connection: duckdb.DuckDBPyConnection, table: Table, files: Path) -> None:
    read = f"insert into {table.qualified} by name from read_parquet(?)"
    connection.execute(read, [_file(files, table)])


def _file(files: Path, table: Table) -> str:
    return str(files / f"{table.qualified}.parquet")


def _end(connection: duckdb.DuckDBPyConnection) -> None:
    Database(connection).answer(QUESTIONS)
    connection.execute("checkpoint")
