"""The daily flow: from the mailbox to the synthesis, for one as-of day."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from expectations.verdicts import Rules
from flows.artifacts import progress, show_figures
from flows.inspection import counted
from flows.run import Run, prepare_run
from tasks.aggregate import aggregate
from tasks.alert import alert
from tasks.analyse import Means, analyse
from tasks.fetch import fetch
from tasks.load import load
from tasks.mail.sources.opening import open_source
from tasks.parse import parse
from tasks.protect import protect
from tasks.publish import Held, publish
from tasks.validate import Pseudonymiser, validate
from tasks.workers import Workers
from warehouse.database import Database
from warehouse.lake import code_fingerprint
from warehouse.publication import Published, Shelf

log = logging.getLogger("assises")


@dataclass(frozen=True)
class Closed:
    """The final synthesis stands: what came after its day was counted, nothing was published."""

    final: Published
    late_count: int


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
) -> Published | Held | Closed:
    """Take what citizens sent up to the as-of day to the synthesis of that day."""
    run = prepare_run(consultation, home, as_of, sources, workers)
    asked, vault, lake, code = run.consultation, run.home.vault, run.home.lake, code_fingerprint()

    with run.home.lock(), Workers(run.workers) as pool:
        run.home.prepare()
        pseudonymiser = Pseudonymiser(run.home.key())

        opened = partial(open_source, access=run.access)
        fetched = fetch(vault, run.sources, opened, asked.timezone, run.now)
        log.info("Relève : %s messages, dont %s nouveaux.", fetched.listed_count, fetched.new_count)
        read = parse(
            vault,
            run.workers,
            asked.message_bytes,
            frozenset(name.lower() for name in asked.authserv_ids),
            code,
            progress("Lecture"),
        )
        log.info("Lecture : %s messages lus.", read)

        # What was received after the as-of day does not count yet, but cannot wait.
        flagged = alert(vault, lake, vault.days(asked.timezone, date.max), pool, code)
        log.info("Alerte : %s.", counted(flagged) or "rien de nouveau")

        days = vault.days(asked.timezone, run.as_of)
        judged = validate(vault, lake, days, rules(run), pseudonymiser, code)
        log.info("Validation : %s envois jugés.", judged)
        masked = protect(vault, lake, days, asked.public_names, pool, code)
        log.info("Protection : %s contributions masquées.", masked)
        means = Means(run.learnt, run.encoder())
        analysed = analyse(
            lake, [d.day for d in days], asked, means, pool, code, progress("Analyse")
        )
        log.info("Analyse : %s énoncés.", analysed)

        with Database.open(run.home.database, run.home.temporary) as database:
            load(database, lake, [d.day for d in days])
            facts = run.facts(days)
            aggregate(database, asked, facts, sum(d.submissions.num_rows for d in days))
            show_figures(database, asked)
            final = earlier_final(run, facts)
            if final is not None:
                return Closed(final, late_count(database, final))
            return publish(database, Shelf(run.home.published), asked, facts)


def rules(run: Run) -> Rules:
    """Return what the consultation says of a submission that counts."""
    asked = run.consultation
    return Rules(asked.opening, asked.deadline, asked.message_bytes)


def earlier_final(run: Run, facts: dict[str, Any]) -> Published | None:
    """Return the final publication of an earlier day that nothing but late mail could change."""
    unchanged = ("configuration_sha256", "decisions_sha256")
    return next(
        (
            published
            for published in Shelf(run.home.published).dated()
            if published.is_final
            and published.as_of < run.as_of
            and all(published.manifest[name] == facts[name] for name in unchanged)
        ),
        None,
    )


def late_count(database: Database, final: Published) -> int:
    """Count what was received after the day of the final synthesis."""
    rows = database.query(
        "select count(*) as late from core.submissions where received_date > ?", [final.as_of]
    )
    return int(rows["late"][0].as_py())
