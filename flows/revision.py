"""The flow that publishes the latest day again, as people have decided since.

What was received later waits for the daily run; nothing is fetched.
"""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows.artifacts import progress
from flows.run import Run, prepare_run
from flows.running import at_work, note_outcome
from flows.stages import days_received, judgement, read, tabulate, understand, until, warn
from tasks.parse import parse
from tasks.publish import Held, publish
from tasks.validate import Pseudonymiser
from warehouse.database import Database
from warehouse.publication import LATEST, Published, Shelf


@flow(name="revision", persist_result=False)
def revision(
    consultation: Path, home: Path | None = None, workers: int | None = None
) -> Published | Held | None:
    """Publish the latest published day again; null when nothing was published."""
    run = prepare_run(consultation, home, workers=workers)
    with at_work(run, "review") as entry:
        latest = Shelf(run.home.published).get(LATEST)
        if latest is None:
            return None
        run = run.at(latest.as_of)
        entry.note(as_of_date=run.as_of)
        outcome = publish_again(run)
        note_outcome(entry, outcome)
        return outcome


def publish_again(run: Run) -> Published | Held:
    """Publish the run's day from what the vault holds, the home's lock being held."""
    pseudonymiser = Pseudonymiser(run.home.key())
    with run.open_workers() as pool:
        read(run, parse, pool, progress("Lecture"))
        days = days_received(run, pseudonymiser)
        warn(run, days, pool)
        understand(run, until(days, run.as_of), pseudonymiser, pool)
    with Database.open(run.home.database, run.home.temporary) as database:
        facts = tabulate(run, database, days)
        shelf = Shelf(run.home.published)
        asked = run.consultation
        return publish(database, shelf, asked, run.materials, facts, judgement(run))
