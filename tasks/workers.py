"""Where what is heavy is done: worker processes of this machine, or those of a cluster.

Results come in the order of the work given, so one worker or many give the same bytes.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import pyarrow as pa

from tasks.collector import RARELY

R = TypeVar("R")


def parts_of(rows: pa.Table, size: int) -> Iterator[pa.Table]:
    """Cut a table in parts of so many rows, each to travel to a worker.

    Taken and not sliced: a slice travels with all that it is a slice of.
    """
    for start in range(0, rows.num_rows, size):
        yield rows.take(pa.array(range(start, min(start + size, rows.num_rows))))


@dataclass(frozen=True)
class Engine:
    """A cluster: the address of its scheduler, or null for one to be started on this machine."""

    name: str
    address: str | None

    @classmethod
    def parse(cls, text: str) -> Engine:
        """Read `dask`, `dask://HOST:PORT` or `dask+tls://HOST:PORT`; raise ValueError.

        Who connects is told by certificates: a password in an address would be written down.
        """
        if text == "dask":
            return cls(text, None)
        parts = urlsplit(text)
        protocol = {"dask": "tcp", "dask+tls": "tls"}.get(parts.scheme)
        beyond = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        if protocol is None or not parts.hostname or not parts.port or beyond:
            raise ValueError(text)
        return cls(text, f"{protocol}://{parts.netloc}")


class Workers:
    """Up to `count` processes of this machine, started once, when there is work for two.

    `tasks.cluster` has those of other machines.
    """

    are_elsewhere = False  # on machines that have the store, and not what this process holds

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[..., R], work: Iterable[tuple[object, ...]]) -> Iterator[R]:
        """Yield `function(*arguments)` for each, in order; a few are held in memory at a time.

        Small work is done in this process.
        """
        remaining = iter(work)
        first = list(islice(remaining, 2))
        if len(first) < 2 or (self.count < 2 and not self.are_elsewhere):
            yield from (function(*arguments) for arguments in chain(first, remaining))
            return
        pending: deque[Any] = deque()
        for arguments in chain(first, remaining):
            pending.append(self._submit(function, *arguments))
            if len(pending) > 2 * self.count:
                yield self._result(pending.popleft())
        while pending:
            yield self._result(pending.popleft())

    @property
    def are_at_work(self) -> bool:
        """Whether processes have been started: more work costs no start."""
        return self._pool is not None

    def renew(self) -> None:
        """Let go of what the processes hold, before work of another kind: it begins in new ones."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def on_each(self, function: Callable[[], None]) -> None:
        """Have a function called in each process that is elsewhere: here there is none."""

    def _submit(self, function: Callable[..., R], *arguments: object) -> Any:
        """Begin a piece of work; return what stands for its result."""
        if self._pool is None:
            self._pool = process_pool(self.count)
        return self._pool.submit(function, *arguments)

    def _result(self, awaited: Any) -> Any:
        return awaited.result()


def process_pool(count: int) -> ProcessPoolExecutor:
    """Return up to `count` processes that end with this one, however it ends."""
    # Spawned, not forked: this process has threads (Prefect's) that must not be copied.
    return ProcessPoolExecutor(count, get_context("spawn"), _begin)


def _begin() -> None:
    gc.set_threshold(*RARELY)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process at once when its parent ends: idle, it would wait for ever."""
    if parent := parent_process():
        parent.join()
        os._exit(1)
