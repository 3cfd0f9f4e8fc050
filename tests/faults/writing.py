"""Writers of the warehouse in processes of their own, to be killed.

Apart from their tests: what these import, each process would load.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from tests.faults.publishing import cell, read_all, start
from warehouse.contracts import COPIES, LAKE_STATEMENTS, Table
from warehouse.database import Database, Part
from warehouse.lake import Lake

ROWS: Final = 400
DAY: Final = date(2020, 1, 10)


def killed(
    task: Callable[..., None], *arguments: Any, chance: random.Random, most: float
) -> list[Any]:
    """Begin a task in a process of its own, kill it once it works; return what it told."""
    process, told = start(task, *arguments)
    assert told.poll(60)  # it has begun
    time.sleep(chance.uniform(0, most))
    process.kill()
    found = read_all(told)
    process.join()
    return found


def numbered(table: Table, number: int) -> pa.Table:
    """Rows that say a number wherever they can."""
    row = {field.name: cell(field.type, number) for field in table.schema}
    return pa.Table.from_pylist([row] * ROWS, schema=table.schema)


def write_batches(tell: Connection, path: Path) -> None:
    """Add batch after batch to two tables, telling each that is committed."""
    with Database.open(path, path.with_name("tmp")) as database:
        database.create_lake()
        tell.send(None)
        for number in range(len(database.loaded()) // 2, 1_000_000):
            with database.transaction():
                for table in (COPIES, LAKE_STATEMENTS):
                    rows = partial(numbered, table, number)
                    database.load(table, [Part(str(number), "x", rows)])
            tell.send(number)


def write_partitions(tell: Connection, root: Path) -> None:
    """Write the same partition again and again."""
    lake = Lake(root)
    tables = [numbered(LAKE_STATEMENTS, number) for number in range(10)]
    tell.send(None)
    for number in range(1_000_000):
        lake.write("statements", DAY, tables[number % 10], str(number))
        tell.send(number)
