"""Worker processes for what is heavy: started once, when there is work for more than one.

Results come in the order of the work given, so one worker or many give the same bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from typing import ParamSpec, Self, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Workers:
    """Up to `count` processes; small work is done in this one."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[..., R], work: Iterable[tuple[object, ...]]) -> Iterator[R]:
        """Yield `function(*arguments)` for each, in order; a few are held in memory at a time."""
        remaining = iter(work)
        first = list(islice(remaining, 2))
        if len(first) < 2 or self.count < 2:
            yield from (function(*arguments) for arguments in chain(first, remaining))
            return
        if self._pool is None:
            # Spawned, not forked: this process has threads (Prefect's) that must not be copied.
            self._pool = ProcessPoolExecutor(self.count, mp_context=get_context("spawn"))
        pending: deque[Future[R]] = deque()
        for arguments in chain(first, remaining):
            pending.append(self._pool.submit(function, *arguments))
            if len(pending) > 2 * self.count:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
