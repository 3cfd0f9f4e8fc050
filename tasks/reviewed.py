"""What people decided, as the tables that the SQL lays over what the program found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.review.effects import Effects, Found, Joined, decide
from warehouse.contracts import GROUP_HISTORY, MERGES
from warehouse.database import Database
from warehouse.sql import read_sql
from warehouse.words import words_traces

# Acts that change nothing of what is published.
UNPUBLISHED = ("attention_done", "statement_open")
DECIDED_WORDS = pa.schema(
    [(name, pa.string()) for name in ("statement_id", "group_id", "theme", "kind", "decided")]
)
REDIRECTS = pa.schema([("group_id", pa.string()), ("root_group_id", pa.string())])
DECIDED_GROUPS = pa.schema([(name, pa.string()) for name in ("group_id", "label", "theme", "kind")])


@dataclass(frozen=True)
class Reviews:
    """Decisions in force, in the order taken, and the secret of the traces that they hold."""

    decisions: Sequence[Mapping[str, Any]] = ()
    secret: str = ""
    timezone: tzinfo = UTC

    def fingerprints(self) -> list[str]:
        """Return a line for each decision that changes what is published."""
        return [
            f"{d['decision_id']} {d['act']} {d['subject']} {d['reader']} {d['after']}"
            for d in self.decisions
            if d["act"] not in UNPUBLISHED
        ]


def overlay(database: Database, reviews: Reviews) -> dict[str, pa.Table]:
    """Return the tables `work.<name>` of what decisions do to the statements that are loaded."""
    dated = [
        {**d, "date": d["decided_at"].astimezone(reviews.timezone).date()}
        for d in reviews.decisions
        if d["act"].startswith(("group_", "statement_")) and d["act"] not in UNPUBLISHED
    ]
    merges = database.read(MERGES).to_pylist()
    traces = _traces(database, dated, reviews.secret)
    effects = decide(dated, [Joined(**row) for row in merges], _found(database, dated, traces))
    return {
        "decided_words": _decided_words(effects, traces),
        "group_redirects": _table(effects.redirects.items(), REDIRECTS),
        "decided_groups": _table(
            ((name, g.label, g.theme, g.kind) for name, g in sorted(effects.groups.items())),
            DECIDED_GROUPS,
        ),
        "group_changes": _table(
            ((c.group_id, c.became_group_id, c.date, c.cause) for c in effects.history),
            pa.schema([GROUP_HISTORY.schema.field(name) for name in MERGES.schema.names]),
        ),
    }


def _traces(database: Database, decisions: Sequence[Mapping[str, Any]], secret: str) -> pa.Table:
    """Return statement_id and words_trace of the statements whose words were decided of."""
    wanted = sorted({a for d in decisions for a in d["anchors"] if not a.startswith("g-")})
    schema = pa.schema([("statement_id", pa.string()), ("words_trace", pa.string())])
    if not wanted:
        return schema.empty_table()
    said = database.query("select statement_id, text from lake.statements order by statement_id")
    traces = words_traces(said["text"], secret)
    is_wanted = pc.is_in(traces, pa.array(wanted, pa.string()))
    return pa.table([said["statement_id"], traces], schema=schema).filter(is_wanted)


def _found(database: Database, decisions: Sequence[Mapping[str, Any]], traces: pa.Table) -> Found:
    """Look up what the lake has of the groups and words that decisions name."""
    if not decisions:
        return Found()
    names = sorted(
        {
            name
            for d in decisions
            for name in (d["subject"], d["after"])
            if name is not None and name.startswith("g-")
        }
    )
    groups = database.query(read_sql("review/groups"), {"names": names}).to_pylist()
    statements = traces["statement_id"].to_pylist()
    places = database.query(read_sql("review/places"), {"statements": statements}).to_pylist()
    place_of = {row["statement_id"]: row["group_id"] for row in places}
    pairs = zip(traces["words_trace"].to_pylist(), statements, strict=True)
    return Found(
        {row["name"] for row in groups if row["is_group"]},
        {row["name"]: row["group_id"] for row in groups if not row["is_group"]},
        {trace: place_of[one] for trace, one in reversed(list(pairs))},
    )


def _decided_words(effects: Effects, traces: pa.Table) -> pa.Table:
    rows = [
        (one, words.group_id, words.theme, words.kind, " ".join(words.decision_ids))
        for one, trace in zip(*(traces[n].to_pylist() for n in traces.schema.names), strict=True)
        if (words := effects.words.get(trace)) is not None
    ]
    return _table(rows, DECIDED_WORDS)


def _table(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    named = (dict(zip(schema.names, row, strict=True)) for row in rows)
    return pa.Table.from_pylist(list(named), schema)
