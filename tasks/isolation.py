"""Hostile items read in processes that may die of them.

Each item has its own allowance of processor time, memory and patience. A process that dies is
replaced; the item it was at is read alone once more, and condemned only when that fails too, so
that a loaded machine or a stray kill never condemns an ordinary item. Results come in the order of
the work: one process or many give the same.
"""

from __future__ import annotations

import gc
import resource
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from tasks.faults import what_and_where
from warehouse.failures import FaultError

CPU_SECONDS = 10
WALL_SECONDS = 30.0
MEMORY_BYTES = 512 * 2**20
TOO_SLOW, DIED = "too_slow", "reader_died"
# Deaths of one item before it is condemned: time is surely the item's own doing, a kill may not be.
CONDEMNED_AFTER = {TOO_SLOW: 2, DIED: 3}
FAILED_STARTS = 3
NOWHERE = -1  # a process that has not begun its run: no item is to blame for its death
_TICK = 1.0
_MEMORY = Path("/proc/self/statm")  # Linux alone tells, and enforces

Item = TypeVar("Item")
Row = TypeVar("Row")


class ReaderError(FaultError):
    """The reading processes cannot even start: a fault of the program or of the machine."""


@dataclass
class _Batch(Generic[Item, Row]):
    """Items given together, and the rows read of them so far."""

    items: list[Item]
    rows: list[Row | None] = field(init=False)
    missing: int = field(init=False)

    def __post_init__(self) -> None:
        self.rows = [None] * len(self.items)
        self.missing = len(self.items)

    def fill(self, start: int, rows: list[Row]) -> None:
        self.rows[start : start + len(rows)] = rows
        self.missing -= len(rows)


@dataclass
class _Run(Generic[Item, Row]):
    """A run of items of a batch for one process; `deaths` it has caused, when it is one item."""

    batch: _Batch[Item, Row]
    start: int
    stop: int
    deaths: int = 0

    @property
    def items(self) -> list[Item]:
        return self.batch.items[self.start : self.stop]

    def halves(self) -> Iterator[_Run[Item, Row]]:
        """Yield a run that its process could not even take in: in two, or one death on."""
        middle = (self.start + self.stop) // 2
        if middle == self.start:
            yield _Run(self.batch, self.start, self.stop, self.deaths + 1)
            return
        yield _Run(self.batch, self.start, middle)
        yield _Run(self.batch, middle, self.stop)

    def around(self, place: int) -> Iterator[_Run[Item, Row]]:
        """Yield the item at which a process died, one death on, and the items beside it."""
        at = self.start + place
        if self.start < at:
            yield _Run(self.batch, self.start, at)
        yield _Run(self.batch, at, at + 1, self.deaths + 1)
        if at + 1 < self.stop:
            yield _Run(self.batch, at + 1, self.stop)


class Readers(Generic[Item, Row]):
    """Up to `count` processes that read items; `condemn(item, code)` makes the row of one not read.

    `read` is a function that a new process can import, or a partial of one.
    """

    def __init__(
        self, count: int, read: Callable[[Item], Row], condemn: Callable[[Item, str], Row]
    ) -> None:
        self.count = max(count, 1)
        self._read, self._condemn = read, condemn
        self._processes: list[_Process[Item, Row]] = []
        self._failed_starts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the processes; the next reading starts others."""
        for process in self._processes:
            process.stop()
        self._processes.clear()

    def read(self, batches: Iterable[list[Item]]) -> Iterator[list[Row]]:
        """Yield the rows of each batch, in order; a few batches are held in memory at a time."""
        remaining = iter(batches)
        held: deque[_Batch[Item, Row]] = deque()
        waiting: deque[_Run[Item, Row]] = deque()
        while True:
            for items in islice(remaining, 2 * self.count - len(held)):
                held.append(_Batch(items))
                if items:
                    waiting.append(_Run(held[-1], 0, len(items)))
            if not held:
                return
            if not held[0].missing:
                yield held.popleft().rows  # type: ignore[misc]  # no row is missing
                continue
            self._give(waiting)
            for process in self._until_some_are_done():
                waiting.extendleft(reversed(list(self._collect(process))))

    def _give(self, waiting: deque[_Run[Item, Row]]) -> None:
        """Hand what waits to processes that are idle, started when there is work for them."""
        for process in [p for p in self._processes if p.run is None and not p.is_alive()]:
            self._processes.remove(process)
            process.cause_of_death()
        idle = [process for process in self._processes if process.run is None]
        while waiting and (idle or len(self._processes) < self.count):
            if not idle:
                self._processes.append(_Process(self._read))
                idle.append(self._processes[-1])
            idle.pop().begin(waiting.popleft())

    def _until_some_are_done(self) -> list[_Process[Item, Row]]:
        busy = {process.connection: process for process in self._processes if process.run}
        done = [busy[connection] for connection in wait(list(busy), _TICK)]  # type: ignore[index]
        for process in busy.values():
            if process not in done and process.is_stuck():
                process.kill()
                done.append(process)
        return done

    def _collect(self, process: _Process[Item, Row]) -> Iterator[_Run[Item, Row]]:
        """Take the rows of a process; of one that died, yield what must be read again."""
        run = process.run
        if run is None:
            return
        try:
            rows = process.receive()
        except (EOFError, OSError):
            self._processes.remove(process)
            yield from self._bury(process, run)
            return
        if rows is not None:
            self._failed_starts = 0
            run.batch.fill(run.start, rows)
            process.run = None

    def _bury(
        self, process: _Process[Item, Row], run: _Run[Item, Row]
    ) -> Iterator[_Run[Item, Row]]:
        cause = process.cause_of_death()
        if not process.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= FAILED_STARTS:
                raise ReaderError("Les processus de lecture ne démarrent pas.")
            yield run
            return
        for part in run.around(process.place) if process.has_begun() else run.halves():
            if part.deaths >= CONDEMNED_AFTER[cause]:
                part.batch.fill(part.start, [self._condemn(part.items[0], cause)])
            else:
                yield part


class _Process(Generic[Item, Row]):
    """One reading process: what it is at, and since when."""

    def __init__(self, read: Callable[[Item], Row]) -> None:
        # Spawned, not forked: this process has threads (Prefect's) that must not be copied.
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._place = context.RawValue("q", NOWHERE)
        self._process = context.Process(
            target=_serve, args=(theirs, self._place, read), daemon=True
        )
        self._process.start()
        theirs.close()
        self.run: _Run[Item, Row] | None = None
        self.is_ready = False
        self._was_killed = False
        self._seen, self._since = (-1, 0), time.monotonic()
        self._begun = 0

    @property
    def place(self) -> int:
        """The rank, in the run, of the item that is being read; NOWHERE before the first."""
        return int(self._place.value)

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def has_begun(self) -> bool:
        """Tell whether it has taken its run in and is at one of its items."""
        return self.place != NOWHERE

    def begin(self, run: _Run[Item, Row]) -> None:
        self.run = run
        self._begun += 1
        self._place.value = NOWHERE
        self._since = time.monotonic()
        with suppress(OSError):  # it died while idle: the next receive says so
            self.connection.send(run.items)

    def receive(self) -> list[Row] | None:
        """Return the rows of the run; null for the first sign of life. Raises when it is dead."""
        rows: list[Row] | None = self.connection.recv()
        self.is_ready = True
        self._since = time.monotonic()
        return rows

    def is_stuck(self) -> bool:
        """Tell whether it has been at one item for longer than any item may take."""
        seen = self._begun, self.place
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        return time.monotonic() - self._since > WALL_SECONDS

    def kill(self) -> None:
        self._was_killed = True
        self._process.kill()

    def cause_of_death(self) -> str:
        self.connection.close()
        self._process.join()
        is_slow = self._was_killed or self._process.exitcode == -signal.SIGXCPU
        self._process.close()
        return TOO_SLOW if is_slow else DIED

    def stop(self) -> None:
        self.connection.close()  # its next receive ends it
        if self.run is not None:
            self._process.kill()
        self._process.join()
        self._process.close()


# --- in the reading process ----------------------------------------------------------------------


def _serve(connection: Connection, place: Any, read: Callable[[Item], Row]) -> None:
    """Read the items that come through the connection until it is closed at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    _confine()
    gc.freeze()  # what was loaded stays; what an item leaves is mostly freed without a search
    gc.set_threshold(50_000, 10, 10)
    try:
        connection.send(None)
        while True:
            items = connection.recv()
            rows = []
            for rank, item in enumerate(items):
                place.value = rank
                _allow_time()
                rows.append(read(item))
            connection.send(rows)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 - the process ends of it, as its parent expects
        raise SystemExit(f"Lecture : {what_and_where(error)}") from None


def _confine() -> None:
    """Leave the process no memory beyond its allowance, no file to write, no core of mail."""
    limits = {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    if _MEMORY.exists():
        used = int(_MEMORY.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        limits[resource.RLIMIT_AS] = used + MEMORY_BYTES
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))


def _allow_time() -> None:
    """Give the next item its processor time: beyond it the system kills, even inside C code."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + CPU_SECONDS, hard))
