"""The daily flow: from the mailbox to the synthesis, for one as-of day."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.runtime import flow_run
from prefect.states import Cancelled

from flows.artifacts import progress, show_figures
from flows.deployed import own_run, pause_schedule, settle_others
from flows.inspection import counted
from flows.notification import Notice, notify
from flows.run import Run, prepare_run
from flows.running import at_work, note_outcome
from flows.signoff import complete
from flows.stages import days_received, outdated, read, remake, tabulate, understand, until, warn
from tasks.fetch import fetch
from tasks.mail.sources.opening import open_source
from tasks.parse import parse
from tasks.publish import Held, publish
from tasks.schedule import schedule_of
from tasks.validate import Pseudonymiser
from tasks.workers import Workers
from warehouse.database import Database
from warehouse.home import AlreadyRunningError
from warehouse.journal import Entry
from warehouse.publication import Published, Shelf

log = logging.getLogger("assises")


@dataclass(frozen=True)
class Closed:
    """The final synthesis stands: what came after its day was counted, nothing was published."""

    final: Published
    late_count: int


@dataclass(frozen=True)
class NotDue:
    """The calendar asks for no run this day: nothing was fetched, nothing published."""

    sentence: str


def run_name() -> str:
    """Name a run after its consultation and its day."""
    run = prepare_run(**flow_run.parameters)
    return f"{run.consultation.slug}-{run.as_of}"


@flow(name="daily_synthesis", flow_run_name=run_name, persist_result=False)
def daily_synthesis(
    consultation: Path,
    home: Path | None = None,
    as_of: str | None = None,
    sources: list[str] | None = None,
    workers: int | None = None,
) -> Published | Held | Closed | NotDue | State:
    """Take what citizens sent up to the as-of day to the synthesis of that day.

    A day that is asked for is obeyed; otherwise the calendar of the consultation has its say.
    """
    run = prepare_run(consultation, home, as_of, sources, workers)
    try:
        with at_work(run, "run") as entry:
            settle_others()
            outcome = (not_due(run) if as_of is None else None) or synthesise(run)
            _note(entry, outcome)
            _tell(run, outcome)
            return outcome
    except AlreadyRunningError as busy:
        if own_run() is None:
            raise
        # Of several late runs that a worker begins at once, one does the work of all.
        return Cancelled(message=str(busy))


def _note(entry: Entry, outcome: Published | Held | Closed | NotDue) -> None:
    if isinstance(outcome, Closed):
        entry.note(outcome="closed", late_count=outcome.late_count)
    elif isinstance(outcome, NotDue):
        entry.note(outcome="closed")
    else:
        note_outcome(entry, outcome)


def _tell(run: Run, outcome: Published | Held | Closed | NotDue) -> None:
    """Tell the recipients what is published; have no more runs once nothing is owed."""
    if isinstance(outcome, NotDue):
        log.info(outcome.sentence)
        notices: list[Notice] = []
    else:
        notices = notify(run)
    for notice in notices:
        log.log(logging.INFO if notice.is_done else logging.WARNING, notice.sentence)
    if standing_final(run) and all(notice.is_done for notice in notices):
        pause_schedule()


def not_due(run: Run) -> NotDue | None:
    """Tell why the calendar asks for no run today, if so: not begun, or its end is reached.

    The final synthesis is owed after its last day too.
    """
    schedule = schedule_of(run.consultation)
    today = run.now.astimezone(schedule.timezone).date()
    if today < schedule.first:
        return NotDue(
            f"Rien à faire avant le {schedule.first:%d/%m/%Y} à {schedule.at:%H:%M} : la "
            "consultation n'a pas encore de journée entière à compter. (--as-of fait un jour "
            "quand même.)"
        )
    if today > schedule.last and (final := standing_final(run)):
        return NotDue(
            f"La consultation est close et sa synthèse définitive est celle du "
            f"{final.as_of:%d/%m/%Y} : rien n'est plus relevé depuis le {schedule.last:%d/%m/%Y}. "
            "(--as-of refait un jour quand même.)"
        )
    return None


def standing_final(run: Run) -> Published | None:
    """Return the final synthesis that is published under the consultation as it is now."""
    finals = finals_under(Shelf(run.home.published), run.configuration_sha256)
    return next(iter(finals), None)


def synthesise(run: Run) -> Published | Held | Closed:
    """Do all of a run but tell of it, the home's lock being held."""
    asked, vault = run.consultation, run.home.vault
    pseudonymiser = Pseudonymiser(run.home.key())

    opened = partial(open_source, access=run.access)
    fetched = fetch(vault, run.sources, opened, asked.timezone, run.now)
    log.info("Relève : %s messages, dont %s nouveaux.", fetched.listed_count, fetched.new_count)
    log.info("Lecture : %s messages lus.", read(run, parse, progress("Lecture")))

    days = days_received(run, pseudonymiser)
    versions = outdated(run, days)
    last = max([run.as_of, *(version.as_of for version in versions)])
    with Workers(run.workers) as pool:
        log.info("Alerte : %s.", counted(warn(run, days, pool)) or "rien de nouveau")
        understand(run, until(days, last), pseudonymiser, pool)

    with Database.open(run.home.database, run.home.temporary) as database:
        if held := remake(run, database, days, versions):
            return held
        complete(run)
        facts = tabulate(run, database, days)
        show_figures(database, asked)
        shelf = Shelf(run.home.published)
        final = earlier_final(shelf, run.as_of, facts)
        if final is not None:
            then = run.at(final.as_of)
            if follows(final, then.facts(until(days, final.as_of))):
                return Closed(final, late_count(database, final))
            facts = tabulate(then, database, days)
        return publish(database, shelf, asked, run.materials, facts)


def earlier_final(shelf: Shelf, as_of: date, facts: Mapping[str, Any]) -> Published | None:
    """Return the final publication of an earlier day that late mail cannot change."""
    finals = finals_under(shelf, facts["configuration_sha256"])
    return next((published for published in finals if published.as_of < as_of), None)


def finals_under(shelf: Shelf, configuration_sha256: str) -> list[Published]:
    """Return the final publications that a consultation's file, as it is now, has given."""
    return [
        published
        for published in shelf.dated()
        if published.is_final and published.manifest["configuration_sha256"] == configuration_sha256
    ]


def follows(published: Published, facts: Mapping[str, Any]) -> bool:
    """Tell whether a publication follows all that people decided of its days until now."""
    return bool(published.manifest["decisions_sha256"] == facts["decisions_sha256"])


def late_count(database: Database, final: Published) -> int:
    """Count what was received after the day of the final synthesis."""
    rows = database.query(
        "select count(*) as late from core.submissions where received_date > ?", [final.as_of]
    )
    return int(rows["late"][0].as_py())
