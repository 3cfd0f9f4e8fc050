"""Aggregate: from what is loaded to the analysts' tables, by SQL, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import pyarrow as pa

from expectations.reasons import REASONS
from tasks.blind import quality_tables
from tasks.consultation import Consultation
from tasks.language.oppositions import Group, find_oppositions
from tasks.privacy.communes import communes_of
from tasks.reviewed import Reviews, overlay
from tasks.stage import stage
from warehouse.contracts import (
    DICTIONARY,
    OPPOSITIONS,
    PUBLICATION,
    QUALITY_TABLES,
    dictionary_rows,
)
from warehouse.database import Database
from warehouse.sql import read_sql


@stage
def aggregate(
    database: Database,
    consultation: Consultation,
    facts: Mapping[str, Any],
    submission_count: int,
    reviews: Reviews,
) -> None:
    """Derive core and marts, as people decided; `facts` is the row of `meta.publication`.

    `submission_count` is what the vault holds up to the as-of day: the ledger must agree with it.
    What people read without the machine's labels measures these.
    """
    reviews = reviews.of_themes(consultation.theme_labels())
    with database.transaction():
        tables = settings(consultation, facts["as_of_date"], submission_count)
        tables |= overlay(database, reviews)
        for name, rows in tables.items():
            database.replace(name, rows)
        database.fill(DICTIONARY, pa.Table.from_pylist(dictionary_rows(), schema=DICTIONARY.schema))
        database.fill(PUBLICATION, pa.Table.from_pylist([dict(facts)], schema=PUBLICATION.schema))
        database.derive()
        database.fill(OPPOSITIONS, _oppositions(database))
        told = partial(database.query, read_sql("words/machine"))
        for table, rows in zip(QUALITY_TABLES, quality_tables(told, reviews), strict=True):
            database.fill(table, rows)


def _oppositions(database: Database) -> pa.Table:
    groups = database.query(read_sql("words/positions")).to_pylist()
    found = find_oppositions(Group(**group) for group in groups)
    return pa.Table.from_pylist([pair._asdict() for pair in found], schema=OPPOSITIONS.schema)


def settings(consultation: Consultation, as_of: date, submission_count: int) -> dict[str, pa.Table]:
    """Return what the SQL reads of the consultation, as the tables `work.<name>`."""
    labels = consultation.theme_labels()
    weights = consultation.weights
    near = communes_of(consultation.department)
    return {
        "themes": pa.table(
            {
                "position": list(range(1, len(labels) + 1)),
                "theme": list(labels),
                "theme_label": list(labels.values()),
            }
        ),
        "reasons": pa.table(
            {"reason": [r.code for r in REASONS], "reason_label": [r.label for r in REASONS]}
        ),
        "communes": pa.table({"commune_code": list(near), "commune_name": list(near.values())}),
        "settings": pa.table(
            {
                "as_of_date": [as_of],
                "submission_count": [submission_count],
                "campaign_contributors": [consultation.campaign_contributors],
                "majoritaire": [weights.majoritaire],
                "frequent": [weights.frequent],
                "partage": [weights.partage],
            }
        ),
    }
