"""What holds now, as a review sees it: the published tables, and the decisions taken since.

A publication has what people decided of groups and statements before it was made; what they decided
after it is laid over it here, so that it is not decided twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from expectations.reasons import REASONS
from tasks.consultation import Consultation
from tasks.report.workbook import cell_text
from tasks.review.decisions import is_borrowed
from tasks.review.layout import WAS_TYPED, theme_names

# What a machine set aside, or could not read: in the order in which a person looks at them.
REVIEWED: Final = (
    *("to_read", "unreadable", "too_large"),
    *("auto_reply", "bulk", "spam", "bounce", "empty"),
)
READING: Final = "submission_reading"  # kept, set aside or typed: the last of them holds
_OF_WORDS: Final = ("statement_theme", "statement_kind", "statement_group", "statement_open")
# The last decision by act and subject; of words, by their trace.
Decided = Mapping[tuple[str, str], Mapping[str, Any]]
_REASON_LABELS: Final = {reason.code: reason.label for reason in REASONS}


@dataclass(frozen=True)
class Words:
    """The statements of one group that say the very same words; the first stands for all."""

    statement_id: str
    trace: str
    text: str
    label: str  # what the machine makes of it
    count: int
    theme: str
    kind: str
    group_id: str
    confidence: float
    is_open: str | None = None


@dataclass(frozen=True)
class Group:
    """A group of statements; its words are in order, those said most often first."""

    group_id: str
    theme: str
    kind: str
    label: str
    quoted: str  # the statement that is quoted for it, from which a machine takes its label
    contributor_count: int
    weight: str
    is_read: bool
    words: tuple[Words, ...]
    origins: tuple[str, ...]  # the machine's own groups it is made of

    @property
    def anchors(self) -> tuple[str, ...]:
        """What it is made of: its words stay in it, and it is known by them without its name."""
        return (*self.origins, *(w.trace for w in self.words))


@dataclass(frozen=True)
class Machine:
    """What the program found of each statement, by its id: the group it joined, its label."""

    groups: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mail:
    """A submission that a person must look at, and what was decided of it."""

    submission_id: str
    received_date: date | None
    reason: str
    size_bytes: int
    decided: str


@dataclass(frozen=True)
class Case:
    """A letter that a person must see the same day, and whether somebody has."""

    submission_id: str
    received_date: date | None
    codes: tuple[str, ...]
    why: str
    is_done: bool


@dataclass(frozen=True)
class State:
    """What a review starts from; words are found by the id of any statement that says them."""

    as_of: date
    version: str
    timezone: ZoneInfo
    themes: Mapping[str, str]
    groups: Mapping[str, Group]
    words: Mapping[str, Words]
    mails: Mapping[str, Mail]
    cases: Mapping[str, Case]
    # What each group that is no more became.
    became: Mapping[str, str] = field(default_factory=dict)
    decided: Decided = field(default_factory=dict)

    @cached_property
    def bearers(self) -> Mapping[str, frozenset[str]]:
        """The groups that bear each label, as a cell shows it."""
        found: dict[str, set[str]] = defaultdict(set)
        for group in self.groups.values():
            found[" ".join(cell_text(group.label).split())].add(group.group_id)
        return {label: frozenset(ids) for label, ids in found.items()}

    def now(self, group_id: str) -> str:
        """Return what a group has become: itself when it still is, or when nothing is known."""
        return follow(self.became, group_id)


def follow(became: Mapping[str, str], group_id: str) -> str:
    """Follow the changes of a group's identifier to the last."""
    seen = {group_id}
    while (after := became.get(group_id)) is not None and after not in seen:
        seen.add(after)
        group_id = after
    return group_id


def read_state(
    tables: Mapping[str, pa.Table],
    traces: Sequence[str],
    machine: Machine,
    decisions: Sequence[Mapping[str, Any]],
    since: Sequence[Mapping[str, Any]],
    attention: Sequence[Mapping[str, Any]],
    consultation: Consultation,
) -> State:
    """Lay what was decided `since` the publication over its tables.

    `traces` are those of the words of `core.statements`, in its order; `decisions` all that are in
    force; `attention` the rows of the table of that name.
    """
    decided, newly = _decided(decisions), _decided(since)
    said = tables["core.statements"].to_pylist()
    words = list(_words(said, traces, machine, decided, newly))
    (published,) = tables["meta.publication"].to_pylist()
    return State(
        published["as_of_date"],
        published["publication_version"],
        consultation.timezone,
        theme_names(consultation),
        _groups(tables, words, machine, decided, newly),
        {name: said for names, said in words for name in names},
        _mails(tables["core.submissions"].to_pylist(), decided),
        _cases(attention, decided),
        _became(tables, since),
        decided,
    )


def _became(
    tables: Mapping[str, pa.Table], decisions: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    history = tables["core.group_history"].select(["group_id", "became_group_id"]).to_pylist()
    merged = (row for row in decisions if row["act"] == "group_merge")
    return {row["group_id"]: row["became_group_id"] for row in history} | {
        row["subject"]: row["after"] for row in merged
    }


def _decided(
    decisions: Sequence[Mapping[str, Any]],
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the last decision on each thing; a message is kept, set aside or typed, not all."""
    found = {}
    for row in decisions:
        subjects = row["anchors"] if row["act"] in _OF_WORDS else [row["subject"]]
        act = READING if row["act"] in ("submission_kept", "submission_words") else row["act"]
        found.update({(act, subject): row for subject in subjects})
    return found


def _words(
    rows: Sequence[Mapping[str, Any]],
    traces: Sequence[str],
    machine: Machine,
    decided: Decided,
    newly: Decided,
) -> Iterator[tuple[list[str], Words]]:
    """Yield the statements that say the same words in a group, and these words."""
    same = defaultdict(list)
    for row, trace in zip(rows, traces, strict=True):
        same[row["group_id"], trace].append(row)
    for (group_id, trace), said in same.items():
        first = min(said, key=lambda row: row["statement_id"])
        given = {act: newly[act, trace]["after"] for act in _OF_WORDS if (act, trace) in newly}
        is_open = decided.get(("statement_open", trace))
        yield (
            [row["statement_id"] for row in said],
            Words(
                first["statement_id"],
                trace,
                first["text"],
                machine.labels.get(first["statement_id"], first["text"]),
                len(said),
                given.get("statement_theme", first["theme"]),
                given.get("statement_kind", first["kind"]),
                given.get("statement_group", group_id),
                min(first["theme_score"], first["kind_score"]),
                is_open["after"] if is_open else None,
            ),
        )


def _groups(
    tables: Mapping[str, pa.Table],
    words: Sequence[tuple[list[str], Words]],
    machine: Machine,
    decided: Decided,
    newly: Decided,
) -> dict[str, Group]:
    figures = {
        row["group_id"]: row
        for name in ("marts.constats", "marts.propositions")
        for row in tables[name].to_pylist()
    }
    published = dict(
        zip(
            *(tables["core.statements"][c].to_pylist() for c in ("statement_id", "group_id")),
            strict=True,
        )
    )
    members: dict[str, list[Words]] = defaultdict(list)
    origins: dict[str, set[str]] = defaultdict(set)
    labels = {said.trace: said.label for _, said in words}
    for names, said in words:
        group_id = published[said.statement_id]
        members[group_id].append(said)
        origins[group_id].update(machine.groups[name] for name in names if name in machine.groups)

    def group(row: Mapping[str, Any]) -> Group:
        one, figure = row["group_id"], figures.get(row["group_id"], {})
        found = Group(
            one,
            row["theme"],
            row["kind"],
            row["label"],
            row["representative_statement_id"],
            figure.get("contributor_count", 0),
            figure.get("weight_label", ""),
            ("group_read", one) in decided,
            tuple(sorted(members[one], key=lambda w: (-w.count, w.trace))),
            tuple(sorted(origins[one])),
        )
        given = {
            name: _given(newly[f"group_{name}", one], labels)
            for name in ("label", "theme", "kind")
            if (f"group_{name}", one) in newly
        }
        return replace(found, **given)

    return {row["group_id"]: group(row) for row in tables["core.groups"].to_pylist()}


def _given(row: Mapping[str, Any], labels: Mapping[str, str]) -> Any:
    """Return what was decided of a group; of a label taken from a statement, that label."""
    return labels.get(row["target_anchors"][0]) if is_borrowed(row) else row["after"]


def _mails(
    submissions: Sequence[Mapping[str, Any]],
    decided: Decided,
) -> dict[str, Mail]:
    """Return what the machine set aside, and what people decided of already."""
    found = []
    for row in submissions:
        word = _mail_decision(decided.get((READING, row["submission_id"])))
        if row["reason"] in REVIEWED or (word and row["status"] != "withdrawn"):
            found.append(
                Mail(
                    row["submission_id"],
                    row["received_date"],
                    row["reason"] or "",
                    row["size_bytes"],
                    word,
                )
            )
    return {mail.submission_id: mail for mail in found}


def _mail_decision(row: Mapping[str, Any] | None) -> str:
    """Return what people read of a submission, as it is shown; empty: nobody did."""
    if row is None:
        return ""
    return WAS_TYPED if row["act"] == "submission_words" else str(row["after"])


def _cases(
    attention: Sequence[Mapping[str, Any]],
    decided: Decided,
) -> dict[str, Case]:
    rows = defaultdict(list)
    for row in attention:
        rows[row["submission_id"]].append(row)
    return {
        name: Case(
            name,
            found[0]["received_date"],
            tuple(row["code"] for row in found),
            " ; ".join(dict.fromkeys(row["why"] for row in found)),
            ("attention_done", name) in decided,
        )
        for name, found in rows.items()
    }


def reason_label(code: str) -> str:
    """Say why a message was set aside; one that counts now was not."""
    return _REASON_LABELS.get(code, "retenue depuis")
