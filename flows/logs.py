"""What runs say, for machines: a line of JSON each, in a file a month, for twelve months.

Within a run, all that the program's logger says goes there whatever else listens: a terminal, a
Prefect worker, nobody. A line is lost rather than a run: a disk that is full fails no run by this.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from warehouse.files import make_folder

MONTHS: Final = 12
LOGGER: Final = logging.getLogger("assises")


class RunLog(logging.Handler):
    """The log of one run."""

    def __init__(self, folder: Path, run: int | None, as_of: date) -> None:
        super().__init__(logging.INFO)
        self._folder, self._run, self._as_of = folder, run, as_of

    def emit(self, record: logging.LogRecord) -> None:
        """Write what a logger says; the traceback stays out, it may quote what was read."""
        self.write(record.getMessage(), record.levelname.lower())

    def write(self, message: str, level: str = "info", **facts: Any) -> None:
        """Write a line; `facts` are what a machine needs not read in a sentence."""
        now = datetime.now(UTC)
        line = one_line(
            {
                "at": now.isoformat(timespec="milliseconds"),
                "level": level,
                "run": self._run,
                "as_of": str(self._as_of),
                "message": message,
                **facts,
            }
        )
        with suppress(OSError):
            append(make_folder(self._folder) / f"{now:%Y-%m}.jsonl", line.encode())


@contextmanager
def logging_to(folder: Path, run: int | None, as_of: date) -> Iterator[RunLog]:
    """Keep what the program's logger says for the time of a run."""
    with suppress(OSError):
        remove_old(folder, datetime.now(UTC).date())
    handler, level = RunLog(folder, run, as_of), LOGGER.level
    LOGGER.addHandler(handler)
    if not LOGGER.isEnabledFor(logging.INFO):  # a worker's is set by Prefect, or by nobody
        LOGGER.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        LOGGER.setLevel(level)
        LOGGER.removeHandler(handler)


def one_line(facts: dict[str, Any]) -> str:
    """Write facts as JSON on one line of signs that can all be seen, whatever they hold."""
    text = json.dumps(facts, ensure_ascii=False, default=str)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text) + "\n"


def append(path: Path, line: bytes) -> None:
    """Add a line whole, or raise OSError and leave the file as it was.

    One process writes: the one that holds the home.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        before = os.fstat(descriptor).st_size
        if os.write(descriptor, line) < len(line):
            os.ftruncate(descriptor, before)
            raise OSError(f"{path} : a line was cut short")
    finally:
        os.close(descriptor)


def remove_old(folder: Path, today: date) -> None:
    """Remove the files of months that ended more than twelve months ago.

    The only rotation. A month of daily runs is some tens of kilobytes: a handler that turns files
    over by size would save nothing, and lose what a fault that repeats itself had pushed out.
    """
    for path in folder.glob("[0-9]*.jsonl"):
        with suppress(ValueError):  # a file of somebody else's
            month = datetime.strptime(path.stem, "%Y-%m").replace(tzinfo=UTC)
            if (today.year - month.year) * 12 + today.month - month.month > MONTHS:
                path.unlink()
