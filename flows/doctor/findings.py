"""What a check is given, and what it says: a state, and a sentence that tells what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from flows.run import Run, prepare_run
from warehouse.home import Home

FINE: Final = "ok"
SEE: Final = "à voir"
REPAIR: Final = "à réparer"
OTHERS: Final = 0o077  # the bits of a mode that let others than the owner in


class Said(NamedTuple):
    """What a check says of one thing."""

    state: str
    sentence: str


def fine(sentence: str) -> Said:
    """Say that nothing is to be done."""
    return Said(FINE, sentence)


def see(sentence: str) -> Said:
    """Say what a person should know, and what no run fails of."""
    return Said(SEE, sentence)


def repair(sentence: str) -> Said:
    """Say what a run would fail of, and what to do."""
    return Said(REPAIR, sentence)


@dataclass(frozen=True)
class Visit:
    """What is examined, when, and whether what takes long is done too."""

    consultation: Path
    home: Home
    now: datetime
    thorough: bool = False

    @cached_property
    def run(self) -> Run:
        """The run that would start now. Raises UsageError when the file cannot be followed."""
        return prepare_run(self.consultation, self.home.root)


Check = Callable[[Visit], Iterable[Said]]


@dataclass(frozen=True)
class Finding:
    """What is told of one thing, and under which title."""

    subject: str
    state: str
    sentence: str
