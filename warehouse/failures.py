"""Errors that may be told: logged, stored by an orchestrator, shown on a terminal as they are.

Those of libraries quote the values they stumble on, here the words of citizens: they never are.
"""

from __future__ import annotations

from typing import Self


class TellableError(Exception):
    """An error whose message was written here and holds no citizen's word."""


class FaultError(TellableError):
    """A fault of the program. `original` is for a developer's eyes, in this process only."""

    def __init__(self, told: str, original: BaseException | None = None) -> None:
        super().__init__(told)
        self.original = original

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        # Prefect pickles what a flow fails of, whatever its settings: not the original.
        return type(self), (str(self),)
