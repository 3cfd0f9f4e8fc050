"""DuckDB as this project opens it: alone, locked down before any citizen's word meets SQL.

No file but its own and those of one folder that is named, no network, no extension fetched, no
setting changed afterwards. Nothing else in the project connects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

STORAGE_VERSION: Final = "v1.5.0"  # what the tools that analysts have can open
MEMORY_LIMIT: Final = "500MB"
IN_MEMORY: Final = ":memory:"


@contextmanager
def connect(
    path: Path | None = None,
    *,
    read_only: bool = False,
    temporary: Path | None = None,
    readable: Path | None = None,
    lake: Path | None = None,
    memory: str = MEMORY_LIMIT,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database file, or none, and close it.

    What exceeds the memory goes to `temporary`, or fails. Of other files SQL may read those under
    `readable`. The tables of the database file `lake` are `lake.<name>`.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(temporary or ""),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "storage_compatibility_version": STORAGE_VERSION,
    }
    with duckdb.connect(str(path or IN_MEMORY), read_only, settings) as connection:
        if lake is not None:
            connection.execute(f"attach '{_quoted(lake)}' as lake")
        _lock_down(connection, readable)
        yield connection


def _lock_down(connection: duckdb.DuckDBPyConnection, readable: Path | None) -> None:
    connection.execute("set timezone = 'UTC'")
    if readable is not None:
        connection.execute(f"set allowed_directories = ['{_quoted(readable)}']")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
