"""What cannot be made again, in the form it is stored in: migrations from each form to the next.

A migration is a dated SQL file, a select from the rows `stored` of one file: columns that the file
does not have yet are null there. Each file says in its footer the last migration it has been
through, so a migration that is killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

import pyarrow as pa

from warehouse.contracts import STORED_TABLES, Table
from warehouse.engine import connect
from warehouse.files import RESTORE, STAGED, read_note, read_parquet, write_parquet
from warehouse.sql import read_sql

FOLDER: Final = "migrations"
# `<date>-<layer>-<table>-<what is new>`: in the order of their names.
MIGRATIONS: Final = sorted(
    file.name.removesuffix(".sql")
    for file in files("warehouse.sql").joinpath(FOLDER).iterdir()
    if file.name.endswith(".sql")
)
FORMAT: Final = MIGRATIONS[-1]
_NOTE: Final = "format"


def write_stored(path: Path, rows: pa.Table) -> None:
    """Write a file of a stored table in its present form, whole or not at all."""
    write_parquet(path, rows, {_NOTE: FORMAT})


def migrate(root: Path, stored: Path) -> None:
    """Bring every stored file of a home to its present form, each whole or not at all.

    `stored` is where its vault lies.
    """
    for table in STORED_TABLES:
        for path in _files(stored if table.layer == "vault" else root, table):
            done = read_note(path, _NOTE) or ""
            if missed := [name for name in _of(table) if name > done]:
                write_stored(path, _migrated(table, path, missed))


def _files(root: Path, table: Table) -> Iterator[Path]:
    paths = sorted((root / table.layer / table.name).rglob("*.parquet"))
    return (path for path in paths if not path.name.startswith(STAGED))


def _of(table: Table) -> list[str]:
    return [name for name in MIGRATIONS if name[11:].startswith(f"{table.layer}-{table.name}-")]


def _migrated(table: Table, path: Path, migrations: list[str]) -> pa.Table:
    rows = read_parquet(path, RESTORE)
    for field in table.schema:
        if field.name not in rows.schema.names:
            rows = rows.append_column(field.name, pa.nulls(rows.num_rows, field.type))
    for name in migrations:
        with connect() as connection:
            connection.register("stored", rows)
            rows = connection.sql(read_sql(f"{FOLDER}/{name}")).to_arrow_table()
    return rows.select(table.schema.names).cast(table.schema)
