"""Publications and readers in processes of their own, to be killed or to go on meanwhile.

Each process is a fork of one that has loaded the storage and run nothing yet: it starts at once,
and no thread is lost.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.dataset  # read_table would load it in each process
import pyarrow.parquet as pq

from warehouse.contracts import KEY_FIGURES, PUBLISHED_TABLES, Table
from warehouse.data_package import PACKAGE
from warehouse.database import Database
from warehouse.files import sweep_staged
from warehouse.publication import DATABASE, LATEST, MANIFEST, Shelf

FORKS: Final = get_context("forkserver")
FORKS.set_forkserver_preload(["__main__", __name__])
# What changes a folder, as the interpreter announces it, beside a file opened to be written.
CHANGES: Final = {"os.chmod", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"}
WRITING: Final = os.O_WRONLY | os.O_RDWR
FIRST: Final = date(2020, 1, 1)


def start(task: Callable[..., None], *arguments: Any) -> tuple[ForkServerProcess, Connection]:
    """Begin a task in a process of its own, given what it tells through and the arguments."""
    told, tell = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=task, args=(tell, *arguments), daemon=True)
    process.start()
    tell.close()
    return process, told


def read_all(told: Connection) -> list[Any]:
    """Return what a process tells, to its end."""
    found = []
    try:
        while True:
            found.append(told.recv())
    except EOFError:
        return found


# --- to be killed --------------------------------------------------------------------------------


def die_before(tell: Connection, spared: Collection[str] | None) -> None:
    """Tell from here on each step that changes a folder, before it; die at one not spared."""

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in CHANGES and not (event == "open" and arguments[2] & WRITING):
            return
        label = " ".join(
            [event, *(str(each) for each in arguments if isinstance(each, str | Path))]
        )
        tell.send(label)
        if spared is not None and label not in spared:
            os.kill(os.getpid(), signal.SIGKILL)

    os.fsync = lambda _: None  # a kill loses nothing of what is written: a power cut would
    sys.addaudithook(step)


def republish(
    tell: Connection, root: Path, spared: Collection[str] | None, given: Path, day: str
) -> None:
    """Publish under a day all that a publication has."""
    documents = {
        name: content
        for name, content in contents_of(given).items()
        if not name.endswith(".parquet") and name not in (DATABASE, MANIFEST, PACKAGE)
    }
    tables = {table.qualified: read_given(given, table) for table in PUBLISHED_TABLES}
    facts = {"as_of_date": day, "is_final": False}
    die_before(tell, spared)
    Shelf(root).publish(facts, lambda: documents, tables, PUBLISHED_TABLES)


def forget(tell: Connection, root: Path, spared: Collection[str] | None) -> None:
    """Remove what is not served, as a run does that begins by sweeping."""
    sweep_staged(root)
    die_before(tell, spared)
    Shelf(root).forget(Shelf(root).versions())


def read_given(folder: Path, table: Table) -> pa.Table:
    """Return a table of a publication from its file."""
    return pq.read_table(folder / "parquet" / f"{table.qualified}.parquet", schema=table.schema)


def contents_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file under a folder, by its path there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def assert_whole(folder: Path) -> dict[str, Any]:
    """Check that a version has the files that its manifest names; return the manifest."""
    contents = contents_of(folder)
    found = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    assert found.pop(MANIFEST) == folder.name
    manifest: dict[str, Any] = json.loads(contents[MANIFEST])
    told = {name: sums.get("sha256") for name, sums in manifest["files"].items()}
    # DuckDB writes the same rows in other bytes: the manifest vouches for the rows.
    assert found | {DATABASE: None} == told
    assert DATABASE in found
    return manifest


# --- to go on meanwhile --------------------------------------------------------------------------


def publish_number(shelf: Shelf, number: int) -> None:
    """Publish what says one number everywhere: two publications a day, the second corrects."""
    day = str(FIRST + timedelta(number // 2))
    tables = {table.qualified: numbered(table, number) for table in PUBLISHED_TABLES}
    facts = {"as_of_date": day, "is_final": False, "number": number}
    shelf.publish(facts, partial(documents_of, number), tables, PUBLISHED_TABLES)


def documents_of(number: int) -> dict[str, bytes]:
    """Return documents that say a number."""
    return dict.fromkeys(("synthese.html", "csv/key_figures.csv"), f"{number}\n".encode())


def numbered(table: Table, number: int) -> pa.Table:
    """Return rows that say a number in every cell that can."""
    row = {field.name: cell(field.type, number) for field in table.schema}
    return pa.Table.from_pylist([row] * 20, schema=table.schema)


def cell(kind: pa.DataType, number: int) -> Any:
    """Return the value of a type that says a number."""
    if pa.types.is_list(kind):
        return [cell(kind.value_type, number)]
    if pa.types.is_date(kind):
        return FIRST + timedelta(number)
    if pa.types.is_timestamp(kind):
        return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(number)
    if pa.types.is_boolean(kind):
        return bool(number % 2)
    return str(number) if pa.types.is_string(kind) else number


class Witness:
    """Which numbers were met by readers, told to who publishes."""

    def __init__(self, publications: int) -> None:
        self._met = FORKS.Array("b", publications)
        self._turns = FORKS.Semaphore(0)

    def tell(self, number: int | None) -> None:
        """Say what one reading met, if anything."""
        if number is not None:
            self._met[number] = 1
        self._turns.release()

    def wait_for(self, number: int) -> None:
        """Return when somebody has met a number; raise AssertionError when nobody reads."""
        while not self._met[number]:
            assert self._turns.acquire(timeout=60), f"nobody reads {number}"


def read_until(
    tell: Connection, root: Path, witness: Witness, done: Event, read: Callable[[Path], int]
) -> None:
    """Read what is served again and again; tell each number read, and what went wrong, once."""
    os.nice(19)  # one processor publishes, the others read
    found: set[int | str] = set()
    while not done.is_set():
        try:
            number = read(root)
        except Exception as error:  # noqa: BLE001 - told to the test
            found.add(repr(error))
            break
        found.add(number)
        witness.tell(number)
    witness.tell(None)
    tell.send(found)


def read_database(root: Path) -> int:
    """Return the number of the served database, that of each of its tables."""
    with duckdb.connect(str(root / LATEST / DATABASE), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return number_of(Database(connection).read)


def read_files(root: Path) -> int:
    """Return the number of the served files, those of one version, all as its manifest says."""
    folder = (root / LATEST).resolve()
    number = int(assert_whole(folder)["number"])
    assert documents_of(number).items() <= contents_of(folder).items()
    assert number_of(lambda table: read_given(folder, table)) == number
    return number


def number_of(read: Callable[[Table], pa.Table]) -> int:
    """Return the number that all tables say."""
    found = {table: read(table) for table in PUBLISHED_TABLES}
    number = int(found[KEY_FIGURES]["contributor_count"][0].as_py())
    for table, rows in found.items():
        assert rows.equals(numbered(table, number)), f"{table.qualified} is not of {number}"
    return number
