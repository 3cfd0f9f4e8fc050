"""What people decided, as the tables that the SQL lays over what the program found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.review.decisions import is_borrowed
from tasks.review.effects import Effects, Found, Joined, decide
from warehouse.contracts import MERGES
from warehouse.database import Database
from warehouse.sql import read_sql
from warehouse.words import words_traces

OF_THEMES = ("group_theme", "statement_theme", "sample_theme")
# Acts that change nothing of what is published.
UNPUBLISHED = ("attention_done", "statement_open")
DECIDED_WORDS = pa.schema(
    [(name, pa.string()) for name in ("statement_id", "group_id", "theme", "kind", "decided")]
)
SAID = pa.schema(
    [
        (name, pa.string())
        for name in ("statement_id", "words_trace", "label", "theme", "kind", "group_id")
    ]
)
REDIRECTS = pa.schema([("group_id", pa.string()), ("root_group_id", pa.string())])
DECIDED_GROUPS = pa.schema([(name, pa.string()) for name in ("group_id", "label", "theme", "kind")])


@dataclass(frozen=True)
class Reviews:
    """What people decided: rows of `decisions.reviews` in force and of `decisions.draws`.

    In the order taken; `secret` is that of the traces of words which they hold.
    """

    decisions: Sequence[Mapping[str, Any]] = ()
    draws: Sequence[Mapping[str, Any]] = ()
    secret: str = ""
    timezone: tzinfo = UTC

    def of_themes(self, themes: Collection[str]) -> Reviews:
        """Leave out what was decided for a theme that the consultation has no more."""
        known = [d for d in self.decisions if d["act"] not in OF_THEMES or d["after"] in themes]
        return replace(self, decisions=known)

    def count_of_other_themes(self, themes: Collection[str]) -> int:
        """Count what was decided for a theme that the consultation has no more."""
        return len(self.decisions) - len(self.of_themes(themes).decisions)

    def fingerprints(self) -> list[str]:
        """Return a line for each decision that changes what is published.

        A draw changes how much was read of it, once something was.
        """
        lines = [
            f"{d['decision_id']} {d['act']} {d['subject']} {d['reader']} {d['after']}"
            for d in self.decisions
            if d["act"] not in UNPUBLISHED
        ]
        is_read = any(d["act"].startswith("sample_") for d in self.decisions)
        return lines + [d["words_trace"] for d in self.draws if is_read]


def overlay(database: Database, reviews: Reviews) -> dict[str, pa.Table]:
    """Return the tables `work.<name>` of what decisions do to the statements that are loaded."""
    dated = [
        {**d, "date": d["decided_at"].astimezone(reviews.timezone).date()}
        for d in reviews.decisions
        if d["act"].startswith(("group_", "statement_")) and d["act"] not in UNPUBLISHED
    ]
    merges = database.read(MERGES)
    said = _said(database, dated, reviews.secret)
    named, found = _named(dated, said), _found(database, dated, said)
    redirects = _redirects(merges)
    is_decided = _is_decided(redirects, found)
    decided = merges.filter(is_decided)
    joined = list(map(Joined, *(decided[name].to_pylist() for name in Joined._fields)))
    effects = decide(named, joined, found)
    others = pc.invert(is_decided)
    history = ((c.group_id, c.became_group_id, c.date, c.cause) for c in effects.history)
    return {
        "decided_words": _decided_words(effects, said),
        "group_redirects": pa.concat_tables(
            [redirects.filter(others), _table(effects.redirects.items(), REDIRECTS)]
        ),
        "decided_groups": _table(
            ((name, g.label, g.theme, g.kind) for name, g in sorted(effects.groups.items())),
            DECIDED_GROUPS,
        ),
        "group_changes": pa.concat_tables([merges.filter(others), _table(history, MERGES.schema)]),
    }


def _redirects(merges: pa.Table) -> pa.Table:
    """Follow the program's merges: each group that was joined to another, and where that ends."""
    names, ends = merges["group_id"].combine_chunks(), merges["became_group_id"].combine_chunks()
    became = ends
    while (further := pc.index_in(ends, names)).null_count < len(further):
        ends = pc.coalesce(became.take(further), ends)
    return pa.table([names, ends], schema=REDIRECTS)


def _is_decided(redirects: pa.Table, found: Found) -> pa.ChunkedArray:
    """Tell which merges are of groups that people decided of, or that those were joined to.

    Few: of all the others the program's answer stands, and they are not looked at one by one.
    """
    names = {*found.groups, *found.founders.values(), *found.anchored.values()}
    ends = redirects.filter(pc.is_in(redirects["group_id"], pa.array(sorted(names), pa.string())))
    ends = pa.array(sorted({*names, *ends["root_group_id"].to_pylist()}), pa.string())
    return pc.is_in(redirects["root_group_id"], ends)


def _said(database: Database, decisions: Sequence[Mapping[str, Any]], secret: str) -> pa.Table:
    """Return the statements whose words were decided of, with what the program found of each.

    statement_id, words_trace, label, theme, kind, group_id.
    """
    anchors = {a for d in decisions for a in (*d["anchors"], *d["target_anchors"])}
    wanted = pa.array(sorted(a for a in anchors if not a.startswith("g-")), pa.string())
    if not len(wanted):
        return SAID.empty_table()
    said = database.query(read_sql("review/statements"))
    traces = words_traces(said["text"], secret)
    return said.set_column(1, "words_trace", traces).filter(pc.is_in(traces, wanted))


def _named(decisions: Sequence[Mapping[str, Any]], said: pa.Table) -> list[Mapping[str, Any]]:
    """Put the label of a statement in the place of its identifier; nothing, if it is gone."""
    labels = dict(zip(*(said[n].to_pylist() for n in ("words_trace", "label")), strict=True))
    return [
        {**d, "after": labels.get(d["target_anchors"][0])} if is_borrowed(d) else d
        for d in decisions
    ]


def _found(database: Database, decisions: Sequence[Mapping[str, Any]], said: pa.Table) -> Found:
    """Look up what the lake has of the groups and words that decisions name."""
    if not decisions:
        return Found()
    names = sorted(
        {
            name
            for d in decisions
            for name in (d["subject"], d["after"], *d["anchors"], *d["target_anchors"])
            if name is not None and name.startswith("g-")
        }
    )
    groups = database.query(read_sql("review/groups"), {"names": names}).to_pylist()
    return Found(
        {row["name"] for row in groups if row["name"] == row["group_id"]},
        {row["name"]: row["group_id"] for row in groups if row["name"] != row["group_id"]},
        {row["words_trace"]: row["group_id"] for row in reversed(said.to_pylist())},
        {row["group_id"]: (row["theme"], row["kind"]) for row in (*groups, *said.to_pylist())},
    )


def _decided_words(effects: Effects, said: pa.Table) -> pa.Table:
    return _table(
        (
            (row["statement_id"], w.group_id, w.theme, w.kind, " ".join(w.decision_ids) or None)
            for row in said.to_pylist()
            if (w := effects.of_words(row["words_trace"], (row["theme"], row["kind"]))) is not None
        ),
        DECIDED_WORDS,
    )


def _table(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(columns, schema=schema)
