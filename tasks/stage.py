"""A stage of the flow: a Prefect task that keeps no result, and whose failures quote nobody.

What each takes is told to whoever asks by `counting_seconds`, and changes nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from tasks.collector import give_back
from tasks.faults import withholding_values

P = ParamSpec("P")
R = TypeVar("R")

_COUNTED: Final[ContextVar[dict[str, float] | None]] = ContextVar("_COUNTED", default=None)


def stage(function: Callable[P, R]) -> Task[P, R]:
    """Make a function a task of its name."""
    guarded = _counted(function.__name__)(_giving_back()(withholding_values()(function)))
    return task(cache_policy=NO_CACHE, persist_result=False)(guarded)


@contextmanager
def counting_seconds() -> Iterator[Mapping[str, float]]:
    """Yield the seconds of the wall that each stage takes within, by name, all its calls summed."""
    seconds: dict[str, float] = {}
    token = _COUNTED.set(seconds)
    try:
        yield seconds
    finally:
        _COUNTED.reset(token)


@contextmanager
def _giving_back() -> Iterator[None]:
    try:
        yield
    finally:
        give_back()  # the next stage's peak is of other things


@contextmanager
def _counted(name: str) -> Iterator[None]:
    start = time.monotonic()
    try:
        yield
    finally:
        if (seconds := _COUNTED.get()) is not None:
            seconds[name] = seconds.get(name, 0.0) + time.monotonic() - start
