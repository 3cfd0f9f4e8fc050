"""The blind sample beside the statements of a day: units of words, tables of quality.

What was drawn and read comes from the decisions, what the machine told from the lake; drawing and
counting are in `tasks.review`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from tasks.review.blind import Unit, units
from tasks.review.quality import quality_rows
from tasks.reviewed import Reviews
from warehouse.contracts import QUALITY, QUALITY_BY_CLASS, Table
from warehouse.words import words_traces


def population(statements: pa.Table, reviews: Reviews) -> list[Unit]:
    """Return the distinct words of statements: statement_id, text, theme, kind as told."""
    traces = words_traces(statements["text"], reviews.secret)
    return units(statements.append_column("words_trace", traces), reviews.draws)


def quality_tables(
    statements: Callable[[], pa.Table], reviews: Reviews
) -> tuple[pa.Table, pa.Table]:
    """Return the rows of the tables of quality, in their order; none: nothing was drawn.

    `statements` are those of `population`, read when something was.
    """
    if not reviews.draws:
        return QUALITY.schema.empty_table(), QUALITY_BY_CLASS.schema.empty_table()
    rows, class_rows = quality_rows(
        population(statements(), reviews), reviews.draws, reviews.decisions
    )
    return _ordered(QUALITY, rows), _ordered(QUALITY_BY_CLASS, class_rows)


def _ordered(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    order = [(name, "ascending") for name in table.order]
    return pa.Table.from_pylist(rows, schema=table.schema).sort_by(order)
