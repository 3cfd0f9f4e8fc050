"""Publish: from the analysts' tables to a dated publication, after the last gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from expectations.engine import Failure
from expectations.published import check_publication
from tasks.consultation import Consultation
from tasks.disclose import disclose_communes, shown_communes
from tasks.report.csv_table import csv_bytes
from tasks.report.model import Commune
from tasks.report.page import render_page
from tasks.stage import stage
from warehouse.contracts import MART_TABLES, PUBLISHED_TABLES, QUALITY_TABLES
from warehouse.database import Database
from warehouse.publication import Published, Shelf


@dataclass(frozen=True)
class Held:
    """A publication that was not made, and why; the last one stays served."""

    failures: tuple[Failure, ...]


@stage
def publish(
    database: Database,
    shelf: Shelf,
    consultation: Consultation,
    facts: Mapping[str, Any],
) -> Published | Held:
    """Check the tables, write the documents, serve them in one step; or hold, saying why."""
    tables = {table.qualified: database.read(table) for table in PUBLISHED_TABLES}
    failures = check_publication(
        PUBLISHED_TABLES,
        tables,
        database.query("from work.reconciliation"),
        database.query("from work.quotations"),
    )
    if failures:
        return Held(tuple(failures))
    return shelf.publish(facts, documents(tables, consultation), tables, PUBLISHED_TABLES)


def documents(tables: Mapping[str, pa.Table], consultation: Consultation) -> dict[str, bytes]:
    """Return the documents of a publication by their path in it."""
    communes = [
        Commune(name or code, shown.count, shown.until)
        for code, name, shown in shown_communes(
            disclose_communes(tables, consultation), tables, consultation
        )
    ]
    page = {"synthese.html": render_page(tables, consultation, communes).encode("utf-8")}
    marts = {
        f"csv/{t.name}.csv": csv_bytes(tables[t.qualified]) for t in (*MART_TABLES, *QUALITY_TABLES)
    }
    return page | marts
