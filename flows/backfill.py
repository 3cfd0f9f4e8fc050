"""The flow that publishes several days, in order, from one fetch: what each would have been.

Each day is published under its own date. A day that is already published and would be the same
stays as it is, and `latest` never goes back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from prefect import flow

from flows.daily_synthesis import Closed, conclude, gather, settle, synthesise_day
from flows.found_late import note_found_late
from flows.run import Run, prepare_run
from flows.running import at_work
from tasks.publish import DocumentsWriter, Held
from warehouse.database import Database
from warehouse.publication import Published, Shelf
from warehouse.vault import Day

log = logging.getLogger("assises")

Outcome = Published | Held | Closed


@flow(name="backfill", flow_run_name="{first}-{last}", persist_result=False)
def backfill(
    consultation: Path,
    first: date,
    last: date,
    home: Path | None = None,
    sources: list[str] | None = None,
    workers: int | None = None,
    engine: str | None = None,
) -> list[Outcome]:
    """Publish each day from `first` to `last`; return what became of each.

    A day that is held does not keep the days after it from being published.
    """
    run = prepare_run(consultation, home, last.isoformat(), sources, workers, engine)
    with at_work(run, "run") as entry:
        entry.note(first_date=first)
        with DocumentsWriter() as writer:
            days = gather(run, entry, writer)
            with Database.open(run.home.database, run.home.temporary) as database:
                note_found_late(run, entry, database)
                held = settle(run, database, days)
                each = [held] if held else _publish_each(run, first, database, days, writer)
                outcomes: list[Outcome] = list(each)
        conclude(run, entry, _worst(outcomes))
        return outcomes


def _publish_each(
    run: Run, first: date, database: Database, days: Sequence[Day], writer: DocumentsWriter
) -> Iterator[Outcome]:
    shelf = Shelf(run.home.published)
    for n in range((run.as_of - first).days + 1):
        day = first + timedelta(days=n)
        before = shelf.get(str(day))
        outcome = synthesise_day(run.at(day), database, days, writer)
        log.info("Synthèse au %s : %s.", f"{day:%d/%m/%Y}", _became(outcome, before))
        yield outcome


def _became(outcome: Outcome, before: Published | None) -> str:
    if isinstance(outcome, Held):
        return f"retenue ({' ; '.join(gate.sentence for gate in outcome.gates)})"
    if isinstance(outcome, Closed):
        return f"rien de neuf, la définitive est celle du {outcome.final.as_of:%d/%m/%Y}"
    is_same = before is not None and before.folder == outcome.folder.resolve()
    return "inchangée" if is_same else "publiée"


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome that says how it went: one that is held, else the last publication."""
    return max(
        reversed(outcomes), key=lambda one: (isinstance(one, Held), isinstance(one, Published))
    )
