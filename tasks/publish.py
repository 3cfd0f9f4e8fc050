"""Publish: from the analysts' tables to a dated publication, after the last gate."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import pyarrow as pa

from expectations.gates import RECEIVED, Gate, Judgement
from expectations.published import Subject, check_publication
from tasks.consultation import Consultation, Materials
from tasks.documents import about_tables, documents
from tasks.stage import stage
from warehouse.contracts import (
    CONTRIBUTIONS,
    LEDGER_BY_DAY,
    PUBLISHED_TABLES,
    SUBMISSIONS,
    Table,
)
from warehouse.database import Database, Tables
from warehouse.judged import (
    Judged,
    count_keys,
    count_quotations,
    misquoted,
    repeated_keys,
)
from warehouse.lake import code_fingerprint
from warehouse.publication import Published, Shelf


@dataclass(frozen=True)
class Held:
    """A publication that was not made, and why; the last one stays served."""

    as_of: date
    gates: tuple[Gate, ...]


@stage
def publish(
    database: Database,
    shelf: Shelf,
    consultation: Consultation,
    materials: Materials,
    facts: Mapping[str, Any],
    judgement: Judgement | None,
) -> Published | Held:
    """Check the tables, write the documents, serve them in one step; or hold, saying why.

    Without `judgement` nothing is left to a person: faults of the program alone hold.
    """
    as_of, judged = facts["as_of_date"], Judged(database, code_fingerprint())
    with database.aside() as reader, ThreadPoolExecutor(1) as another:
        # Documents are Python, gate and tables mostly engines that leave it a core.
        tables = Tables(PUBLISHED_TABLES, partial(_of_documents, reader))
        written = another.submit(documents, tables, consultation, materials)
        gates = check_publication(as_of, PUBLISHED_TABLES, subject(database, judged), judgement)
        judged.keep()
        if gates:
            return Held(as_of, tuple(gates))
        streams = Tables(PUBLISHED_TABLES, database.stream)
        about = about_tables(facts, consultation)
        return shelf.publish(facts, written.result, streams, PUBLISHED_TABLES, about)


def subject(database: Database, judged: Judged) -> Subject:
    """Return what the database holds to publish, as the gate looks at it."""
    return Subject(
        unjudged=lambda table: judged.others(table.qualified, table.schema.names),
        keys=partial(count_keys, database),
        repeated=partial(repeated_keys, database),
        quotations=count_quotations(database),
        misquoted=partial(misquoted, database),
        reconciliation=database.query("from work.reconciliation"),
        submissions=database.stream(SUBMISSIONS, RECEIVED).read_all(),
        by_day=database.read(LEDGER_BY_DAY),
        judged=judged.add,
    )


def _of_documents(database: Database, table: Table) -> pa.Table:
    """Read a table, of contributions without their words: no document repeats a whole text."""
    columns = [c.name for c in table.columns if not (table is CONTRIBUTIONS and c.words)]
    return database.stream(table, columns).read_all()
