"""The flow that carries out what people decided to withdraw: the vault, the lake, the publications.

It is told nothing of whom: what to withdraw is read from the decisions.
"""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows.artifacts import progress
from flows.run import prepare_run
from flows.running import at_work, note_outcome
from flows.stages import days_received, outdated, read, remake, understand, until, warn
from tasks.parse import parse
from tasks.publish import Held
from tasks.validate import Pseudonymiser
from warehouse.database import Database


@flow(name="withdrawal", persist_result=False)
def withdrawal(
    consultation: Path, home: Path | None = None, workers: int | None = None
) -> Held | None:
    """Take out what was withdrawn, and publish again each day that counted it."""
    run = prepare_run(consultation, home, workers=workers)
    with at_work(run, "withdraw") as entry:
        pseudonymiser = Pseudonymiser(run.home.key())
        with run.open_workers() as pool:
            read(run, parse, pool, progress("Lecture"))
            days = days_received(run, pseudonymiser)
            versions = outdated(run, days)
            warn(run, days, pool)
            if versions:
                last = max(version.as_of for version in versions)
                understand(run, until(days, last), pseudonymiser, pool)
        with Database.open(run.home.database, run.home.temporary) as database:
            held = remake(run, database, days, versions)
        note_outcome(entry, held)
        return held
