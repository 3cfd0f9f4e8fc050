"""The stages that every flow runs in the same order, once the vault holds what it must."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from expectations.gates import Judgement
from expectations.verdicts import Rules
from flows.artifacts import progress
from flows.run import Run, withdrawals
from flows.terminal import plural
from tasks.aggregate import aggregate
from tasks.alert import alert
from tasks.analyse import Means, analyse
from tasks.load import load
from tasks.protect import protect
from tasks.publish import Held, publish
from tasks.validate import Pseudonymiser, validate
from tasks.withdraw import withdraw
from tasks.workers import Workers
from warehouse.database import Database
from warehouse.files import sha256_of
from warehouse.lake import code_fingerprint
from warehouse.publication import Published, Shelf
from warehouse.vault import Day

log = logging.getLogger("assises")


def read(run: Run, stage: Callable[..., int], pool: Workers, show: Callable[[float], None]) -> int:
    """Read the messages that were not; return how many were."""
    asked = run.consultation
    trusted = frozenset(name.lower() for name in asked.authserv_ids)
    code = code_fingerprint()
    return stage(run.home.vault, pool, asked.message_bytes, trusted, code, show)


def days_received(run: Run, pseudonymiser: Pseudonymiser) -> list[Day]:
    """Return every day, without what people withdrew."""
    days, gone = withdraw(run.home, run.consultation.timezone, pseudonymiser, run.now)
    if gone:
        log.info("Retrait : envois retirés, %s.", gone)
    return days


def until(days: Sequence[Day], as_of: date) -> list[Day]:
    """Return the days up to a day, those without a date first."""
    return [day for day in days if day.day is None or day.day <= as_of]


def warn(run: Run, every: Sequence[Day], pool: Workers) -> Counter[str]:
    """Flag what a person must see: what came after the as-of day cannot wait. Count what is new."""
    return alert(run.home.vault, run.home.lake, every, pool, code_fingerprint())


def understand(run: Run, days: Sequence[Day], pseudonymiser: Pseudonymiser, pool: Workers) -> None:
    """Take what was read in these days to statements in their groups."""
    asked, vault, lake, code = run.consultation, run.home.vault, run.home.lake, code_fingerprint()
    judged = validate(vault, lake, days, rules(run), pseudonymiser, code)
    log.info("Validation : %s.", plural(judged, "envoi jugé", "envois jugés"))
    masked = protect(vault, lake, days, asked.department, asked.public_names, pool, code)
    log.info("Protection : %s.", plural(masked, "contribution masquée", "contributions masquées"))
    means = Means(run.learnt, run.encoder())
    analysed = analyse(lake, [d.day for d in days], asked, means, pool, code, progress("Analyse"))
    log.info("Analyse : %s.", plural(analysed, "énoncé", "énoncés"))


def rules(run: Run) -> Rules:
    """Return what the consultation says of a submission that counts."""
    asked = run.consultation
    return Rules(asked.opening, asked.deadline, asked.message_bytes)


def judgement(run: Run) -> Judgement:
    """Return what a person must judge of the run's day, and what was let pass already."""
    asked = run.consultation
    return Judgement(
        is_awaited=asked.is_open_on(run.as_of) and not run.is_provisional,
        quarantine_share=asked.gates.quarantine_share,
        quarantine_least=asked.gates.quarantine_least,
        usual_count=asked.gates.usual_count,
        let_pass=run.home.decisions.let_pass(),
    )


def tabulate(run: Run, database: Database, every: Sequence[Day]) -> Mapping[str, Any]:
    """Make the database hold the tables of the run's day; return what identifies them."""
    days = until(every, run.as_of)
    load(database, run.home.lake, [d.day for d in days])
    facts = run.facts(days)
    reviews = run.reviews
    if lost := reviews.count_of_other_themes(run.consultation.theme_labels()):
        log.warning("Relecture : sans effet, car d'un thème qui n'existe plus : %s.", lost)
    count = sum(d.submissions.num_rows for d in days)
    aggregate(database, run.consultation, facts, count, reviews)
    return facts


def outdated(run: Run, every: Sequence[Day]) -> list[Published]:
    """Return the versions, served or not, that still count what was withdrawn since."""
    gone = [day for day in every if withdrawals([day])]  # few: each version is held against them
    versions = Shelf(run.home.published).versions()
    return [version for version in versions if _counts_withdrawn(version, gone)]


def _counts_withdrawn(published: Published, every: Sequence[Day]) -> bool:
    now = sha256_of(withdrawals(until(every, published.as_of)))
    return bool(published.manifest["withdrawn_sha256"] != now)


def remake(
    run: Run, database: Database, every: Sequence[Day], versions: Sequence[Published]
) -> Held | None:
    """Publish again each day that serves one of these versions, then remove them: all is done.

    These days are served, so nobody's judgement is awaited: a withdrawal is always carried out.
    Returns why one could not be published; nothing is removed then, and the next run tries again.
    """
    shelf = Shelf(run.home.published)
    remade = sorted({p.as_of for p in shelf.dated()} & {v.as_of for v in versions})
    for as_of in remade:
        facts = tabulate(run.at(as_of), database, every)
        published = publish(database, shelf, run.consultation, run.materials, facts, None)
        if isinstance(published, Held):
            return published
        log.info("Publication du %s refaite.", f"{as_of:%d/%m/%Y}")
    shelf.forget(versions)
    sent = run.home.transmissions
    sent.forget(archive for archive in sent.archives() if _counts_withdrawn(archive, every))
    run.home.decisions.prove(run.now, remade)
    return None
