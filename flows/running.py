"""A run at work in a home: the lock it holds, its temporary files, what the journal says of it.

Every flow that changes a home does so inside `at_work`.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version

from flows.confinement import confined
from flows.failures import tell
from flows.run import Run, no_room
from tasks.faults import withholding_values
from tasks.publish import Held
from warehouse.home import Home
from warehouse.journal import Entry
from warehouse.publication import Published


@contextmanager
def at_work(run: Run, command: str) -> Iterator[Entry]:
    """Hold the home for a run, and write down how it began and ended.

    Raises AlreadyRunningError when another holds it: that one's journal is left alone.
    """
    with (
        telling_full_disk(run.home),
        withholding_values(),
        run.home.lock(),
        confined(run.home.temporary),
    ):
        run.home.prepare()
        run.home.bind(run.consultation.slug)
        entry = run.home.journal.begin(
            command=command,
            as_of_date=run.as_of,
            started_at=datetime.now(UTC),
            pid=os.getpid(),
            host=socket.gethostname(),
            program_version=version("assises"),
            configuration_sha256=run.configuration_sha256,
            ended_at=None,
            outcome=None,
        )
        try:
            yield entry
        except Exception as error:
            sentence, _ = tell(error)
            with suppress(OSError):  # what the run fails of may keep from writing that it does
                entry.note(ended_at=datetime.now(UTC), outcome="failed", sentence=sentence)
            raise
        entry.note(ended_at=datetime.now(UTC))


@contextmanager
def telling_full_disk(home: Home) -> Iterator[None]:
    """Say of a disk that is full how much room a run needs there."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise no_room(home) from None
        raise


def note_outcome(entry: Entry, outcome: Published | Held | None) -> None:
    """Write down what became of the publication: made, held, or not due."""
    if isinstance(outcome, Published):
        entry.note(
            outcome="published",
            published_date=outcome.as_of,
            publication_version=outcome.version,
            is_final=outcome.is_final,
        )
    elif isinstance(outcome, Held):
        entry.note(outcome="held", gates=[failure.sentence for failure in outcome.failures])
    else:
        entry.note(outcome="nothing")
