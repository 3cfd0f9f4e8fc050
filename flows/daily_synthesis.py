"""The daily flow: from the mailbox to the synthesis, for one as-of day."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.runtime import flow_run
from prefect.states import Cancelled

from flows.artifacts import progress, show_figures
from flows.changes import no_longer_final, record_moves, to_compare
from flows.deployed import own_run, pause_schedule, settle_others
from flows.found_late import note_found_late
from flows.inspection import counted
from flows.notification import Notice, notify
from flows.run import Run, prepare_run
from flows.running import at_work, note_outcome, tell_crash
from flows.signoff import complete
from flows.stages import (
    days_received,
    judgement,
    outdated,
    read,
    remake,
    tabulate,
    understand,
    until,
    warn,
)
from flows.terminal import plural
from tasks.fetch import fetch
from tasks.mail.sources.opening import open_source
from tasks.parse import parse
from tasks.publish import DocumentsWriter, Held, publish
from tasks.schedule import schedule_of
from tasks.validate import Pseudonymiser
from warehouse.database import Database
from warehouse.home import AlreadyRunningError
from warehouse.journal import Entry
from warehouse.publication import Published, Shelf
from warehouse.vault import Day

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


@flow(name="daily_synthesis", flow_run_name=run_name, persist_result=False, on_crashed=[tell_crash])
def daily_synthesis(
    consultation: Path,
    home: Path | None = None,
    as_of: str | None = None,
    sources: list[str] | None = None,
    workers: int | None = None,
    engine: str | None = None,
) -> Published | Held | Closed | NotDue | State:
    """Take what citizens sent up to the as-of day to the synthesis of that day.

    A day that is asked for is obeyed; otherwise the calendar of the consultation has its say.
    """
    run = prepare_run(consultation, home, as_of, sources, workers, engine)
    try:
        with at_work(run, "run") as entry:
            settle_others()
            outcome = (not_due(run) if as_of is None else None) or synthesise(run, entry)
            conclude(run, entry, outcome)
            return outcome
    except AlreadyRunningError as busy:
        if own_run() is None:
            raise
        # Of several late runs that a worker begins at once, one does the work of all.
        return Cancelled(message=str(busy))


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
    return next((one for one in finals(run) if is_under(one, run.configuration_sha256)), None)


def conclude(run: Run, entry: Entry, outcome: Published | Held | Closed | NotDue) -> None:
    """Write down how a run ends, and tell of the latest publication those who must know.

    Once the final synthesis is published and told, the deployment has nothing more to run.
    """
    notices: list[Notice] = []
    if isinstance(outcome, NotDue):
        entry.note(outcome="closed")
        log.info(outcome.sentence)
    else:
        if isinstance(outcome, Closed):
            entry.note(outcome="closed", late_count=outcome.late_count)
        else:
            note_outcome(entry, outcome)
        notices = notify(run)
    for notice in notices:
        log.log(logging.INFO if notice.is_done else logging.WARNING, notice.sentence)
    if standing_final(run) and all(notice.is_done for notice in notices):
        pause_schedule()


def synthesise(run: Run, entry: Entry) -> Published | Held | Closed:
    """Do all of a run but tell of it, the home's lock being held."""
    with DocumentsWriter() as writer:
        days = gather(run, entry, writer)
        with Database.open(run.home.database, run.home.temporary) as database:
            note_found_late(run, entry, database)
            return settle(run, database, days) or synthesise_day(run, database, days, writer)


def gather(run: Run, entry: Entry, writer: DocumentsWriter) -> list[Day]:
    """Take what the sources hold to the lake; return every day received.

    `writer` is told of the documents to come, where earlier runs brought many messages.
    """
    asked, vault = run.consultation, run.home.vault
    pseudonymiser = Pseudonymiser(run.home.key())

    opened = partial(open_source, access=run.access)
    fetched = fetch(vault, run.sources, opened, asked.timezone, run.now)
    listed, new = fetched.listed_count, fetched.new_count
    told = plural(listed, "message", "messages"), plural(new, "nouveau", "nouveaux")
    log.info("Relève : %s, dont %s.", *told)
    entry.note(listed_count=listed, new_count=new)
    writer.prepare(fetched.known_count)
    with run.open_workers() as pool:
        letters = read(run, parse, pool, progress("Lecture"))
        log.info("Lecture : %s.", plural(letters, "message lu", "messages lus"))
        days = days_received(run, pseudonymiser)
        again = [*outdated(run, days), *filter(None, [to_compare(run.home)])]
        last = max([run.as_of, *(published.as_of for published in again)])
        log.info("Alerte : %s.", counted(warn(run, days, pool)) or "rien de nouveau")
        understand(run, until(days, last), pseudonymiser, pool)
    return days


def settle(run: Run, database: Database, days: Sequence[Day]) -> Held | None:
    """Do what earlier days are owed: what was withdrawn, signed, or moved by a change.

    Returns why a day could not be published again; null: nothing is owed any more.
    """
    if held := remake(run, database, days, outdated(run, days)):
        return held
    complete(run)
    for sentence in no_longer_final(run):
        log.warning(sentence)
    before = to_compare(run.home)
    if before is not None:
        tabulate(run.at(before.as_of), database, days)
        record_moves(run.home, database, before)
    return None


def synthesise_day(
    run: Run, database: Database, days: Sequence[Day], writer: DocumentsWriter
) -> Published | Held | Closed:
    """Publish the synthesis of the run's day, unless a final one stands that it cannot change."""
    shelf, asked = Shelf(run.home.published), run.consultation
    facts = tabulate(run, database, days)
    show_figures(database, asked)
    final = earlier_final(run)
    if final is not None:
        run = run.at(final.as_of)
        if follows(final, run.facts(until(days, final.as_of))):
            return Closed(final, late_count(database, final))
        facts = tabulate(run, database, days)
    return publish(database, shelf, asked, run.materials, facts, judgement(run), writer)


def earlier_final(run: Run) -> Published | None:
    """Return the final publication of an earlier day: what is decided or changed since is of it."""
    return next((published for published in finals(run) if published.as_of < run.as_of), None)


def finals(run: Run) -> list[Published]:
    """Return the final publications, the last first; none of before the deadline was put off."""
    dated = reversed(Shelf(run.home.published).dated())
    return [one for one in dated if one.is_final and run.consultation.is_final(one.as_of)]


def is_under(published: Published, configuration_sha256: object) -> bool:
    """Tell whether a publication is what the consultation's file asks for."""
    return bool(published.manifest["configuration_sha256"] == configuration_sha256)


def follows(published: Published, facts: Mapping[str, Any]) -> bool:
    """Tell whether a publication follows the file, and all that people decided of its days."""
    is_decided = published.manifest["decisions_sha256"] == facts["decisions_sha256"]
    return is_decided and is_under(published, facts["configuration_sha256"])


def late_count(database: Database, final: Published) -> int:
    """Count what was received after the day of the final synthesis."""
    rows = database.query(
        "select count(*) as late from core.submissions where received_date > ?", [final.as_of]
    )
    return int(rows["late"][0].as_py())
