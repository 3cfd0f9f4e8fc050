"""A run at work in a home: the lock it holds, its temporary files, what the journal says of it.

Every flow that changes a home does so inside `at_work`.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from flows.alerts import (
    tell_failure,
    tell_held,
    tell_killed,
    tell_owed,
    tell_recovery,
    tell_stuck,
)
from flows.changes import record_change
from flows.confinement import confined
from flows.failures import tell
from flows.gates import noted
from flows.logs import RunLog, logging_to
from flows.run import Run, no_room, prepare_run
from flows.status import OUTCOMES
from tasks.collector import collecting_rarely
from tasks.faults import withholding_values
from tasks.publish import Held
from tasks.schedule import schedule_of
from tasks.stage import counting_seconds
from warehouse.home import AlreadyRunningError, Home
from warehouse.journal import Entry
from warehouse.publication import Published

if TYPE_CHECKING:
    from prefect import Flow, State
    from prefect.client.schemas.objects import FlowRun

_LEVELS: Final = {"failed": "error", "held": "warning", "interrupted": "warning"}


@contextmanager
def at_work(run: Run, command: str) -> Iterator[Entry]:
    """Hold the home for a run, write down how it began and ended, tell who must know.

    Raises AlreadyRunningError when another holds it: that one's journal is left alone.
    """
    entry = None
    try:
        with (
            _telling_full_disk(run.home),
            withholding_values(),
            collecting_rarely(),
            run.home.lock(),
            confined(run.home.temporary),
        ):
            run.home.prepare()
            run.home.bind(run.consultation.slug)
            record_change(run)
            entry = _begin(run, command)
            with _written_down(run, command, entry), _telling_full_disk(run.home):
                yield entry
    except AlreadyRunningError:
        tell_stuck(run)
        raise
    except Exception as error:
        if entry is None and _is_its_own(run):  # a disk that is full, a home that is more recent
            tell_failure(run, command, None, tell(error)[0])
        raise


def note_refusal(run: Run, command: str, error: Exception) -> None:
    """Write down and tell what refused a run before it was at work."""
    if isinstance(error, AlreadyRunningError):
        tell_stuck(run)
    else:
        with suppress(Exception), at_work(run, command):
            raise error


def tell_crash(flow: Flow[..., Any], flow_run: FlowRun, state: State) -> None:  # noqa: ARG001
    """Tell at once, from a worker of Prefect, of a run that died; else the next run does."""
    run = prepare_run(**flow.validate_parameters(flow_run.parameters))
    last = next(iter(run.home.journal.entries()[-1:]), None)
    if last and last["ended_at"] is None and run.home.owner() is None:
        tell_killed(run, last)


def _is_its_own(run: Run) -> bool:
    """Tell whether nothing says that the home is another consultation's."""
    return run.home.vault.consultation in (None, run.consultation.slug)


@contextmanager
def _telling_full_disk(home: Home) -> Iterator[None]:
    """Say of a disk that is full how much room a run needs there."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise no_room(home) from None
        raise


@contextmanager
def _written_down(run: Run, command: str, entry: Entry) -> Iterator[None]:
    number = entry.facts["run"]
    with logging_to(run.home.logs, number, run.as_of) as log, counting_seconds() as seconds:
        end = partial(_end, log, entry, seconds)
        log.write("Début.", event="began", command=command, pid=os.getpid())
        tell_owed(run)
        if killed := _killed_before(run, number):
            tell_killed(run, killed)
        try:
            yield
        except Exception as error:
            sentence, _ = tell(error)
            end(outcome="failed", sentence=sentence)
            tell_failure(run, command, number, sentence)
            raise
        except BaseException:  # a person, or who runs the program, stops it
            end(outcome="interrupted")
            raise
        came_to = entry.facts["outcome"] or "nothing"
        end(outcome=came_to, home_bytes=sum(run.home.sizes().values()))
        if entry.facts["outcome"] == "held":
            tell_held(run, number, entry.facts["gates"])
        elif command == "run":
            tell_recovery(run, number)


def _begin(run: Run, command: str) -> Entry:
    schedule = schedule_of(run.consultation)
    return run.home.journal.begin(
        command=command,
        as_of_date=run.as_of,
        started_at=datetime.now(UTC),
        pid=os.getpid(),
        host=socket.gethostname(),
        program_version=version("assises"),
        configuration_sha256=run.configuration_sha256,
        file=str(run.file),
        title=run.consultation.title,
        deadline=run.consultation.deadline,
        schedule={
            "first": schedule.first,
            "last": schedule.last,
            "at": schedule.at,
            "timezone": schedule.timezone.key,
        },
        ended_at=None,
        outcome=None,
    )


def _end(log: RunLog, entry: Entry, seconds: Mapping[str, float], **facts: Any) -> None:
    """Write down the end of a run; a disk that is full does not hide what the run failed of."""
    now, outcome = datetime.now(UTC), facts["outcome"]
    level = _LEVELS.get(outcome, "info")
    sentence = facts.get("sentence", "")
    log.write(
        f"Fin : {OUTCOMES.get(outcome, outcome)}. {sentence}".rstrip(),
        level,
        event="ended",
        outcome=outcome,
        seconds=round((now - entry.facts["started_at"]).total_seconds(), 1),
        gates=entry.facts.get("gates", []),
    )
    with suppress(OSError):
        stages = {name: round(spent, 2) for name, spent in seconds.items()}
        entry.note(ended_at=now, stage_seconds=stages, **facts)


def _killed_before(run: Run, number: int) -> dict[str, Any] | None:
    """Return the run before this one when nothing says how it ended."""
    earlier = [entry for entry in run.home.journal.entries() if entry["run"] < number]
    return earlier[-1] if earlier and earlier[-1]["ended_at"] is None else None


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
        entry.note(outcome="held", **noted(outcome))
    else:
        entry.note(outcome="nothing")
