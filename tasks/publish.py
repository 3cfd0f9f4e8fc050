"""Publish: from the analysts' tables to a dated publication, after the last gate."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final, Self

import pyarrow as pa

from expectations.gates import RECEIVED, Gate, Judgement
from expectations.published import Subject, check_publication
from tasks.collector import give_back
from tasks.consultation import Consultation, Materials
from tasks.documents import about_tables, documents
from tasks.stage import stage
from tasks.workers import process_pool
from warehouse.contracts import (
    CAMPAIGNS,
    CONTRIBUTIONS,
    LEDGER_BY_DAY,
    MADE_TABLES,
    MART_TABLES,
    PUBLICATION,
    PUBLISHED_TABLES,
    SUBMISSIONS,
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

OF_DOCUMENTS: Final = (PUBLICATION, CAMPAIGNS, *MART_TABLES, *MADE_TABLES)
MANY: Final = 20_000  # contributions from which a process for documents is worth its start


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
    writer: DocumentsWriter | None = None,
) -> Published | Held:
    """Check the tables, write the documents, serve them in one step; or hold, saying why.

    Without `judgement` nothing is left to a person: faults of the program alone hold. `writer` is
    ended when all is written.
    """
    as_of, judged = facts["as_of_date"], Judged(database, code_fingerprint())
    tables = tables_of_documents(database)
    with writer or DocumentsWriter() as beside:
        beside.prepare(tables[CONTRIBUTIONS.qualified].num_rows)
        written = beside.write(tables, consultation, materials)
        gates = check_publication(as_of, PUBLISHED_TABLES, subject(database, judged), judgement)
        judged.keep()
        if gates:
            return Held(as_of, tuple(gates))
        streams = Tables(PUBLISHED_TABLES, database.stream)
        about = about_tables(facts, consultation)
        return shelf.publish(facts, written.result, streams, PUBLISHED_TABLES, about)


class DocumentsWriter:
    """What writes documents while the gate and the tables have this thread.

    Of many contributions a process: a thread would take the interpreter from them.
    """

    def __init__(self) -> None:
        self._executor: Executor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None

    def prepare(self, contribution_count: int) -> None:
        """Start the process, which takes seconds, if there will be so many contributions."""
        if self._executor is None and contribution_count >= MANY:
            self._executor = process_pool(1)
            self._executor.submit(callable, documents)  # whoever is given a function imports it

    def write(
        self, tables: Mapping[str, pa.Table], consultation: Consultation, materials: Materials
    ) -> Future[dict[str, bytes]]:
        """Begin to write the documents."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1)
        written = self._executor.submit(documents, tables, consultation, materials)
        self._executor.submit(give_back)  # the process stays until all is published
        return written


def tables_of_documents(database: Database) -> dict[str, pa.Table]:
    """Read what documents are written from, contributions without their words."""
    tables = {table.qualified: database.read(table) for table in OF_DOCUMENTS}
    columns = [column.name for column in CONTRIBUTIONS.columns if not column.words]
    return tables | {CONTRIBUTIONS.qualified: database.stream(CONTRIBUTIONS, columns).read_all()}


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
