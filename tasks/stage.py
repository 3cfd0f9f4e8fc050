"""A stage of the flow: a Prefect task that keeps no result, and whose failures quote nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from tasks.faults import withholding_values

P = ParamSpec("P")
R = TypeVar("R")


def stage(function: Callable[P, R]) -> Task[P, R]:
    """Make a function a task of its name."""
    return task(cache_policy=NO_CACHE, persist_result=False)(withholding_values()(function))
