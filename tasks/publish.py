"""Publish: from the analysts' tables to a dated publication, after the last gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from expectations.gates import Gate, Judgement
from expectations.published import check_publication
from tasks.consultation import Consultation, Materials
from tasks.documents import about_tables, documents
from tasks.stage import stage
from warehouse.contracts import PUBLISHED_TABLES
from warehouse.database import Database, Tables
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
    tables = Tables(PUBLISHED_TABLES, database.read)
    as_of = facts["as_of_date"]
    gates = check_publication(
        as_of,
        PUBLISHED_TABLES,
        tables,
        database.query("from work.reconciliation"),
        database.query("from work.quotations"),
        judgement,
    )
    if gates:
        return Held(as_of, tuple(gates))
    written = documents(tables, consultation, materials)
    about = about_tables(facts, consultation)
    streams = Tables(PUBLISHED_TABLES, database.stream)
    return shelf.publish(facts, written, streams, PUBLISHED_TABLES, about)
