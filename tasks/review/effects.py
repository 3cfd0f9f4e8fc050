"""What people's decisions do to groups: laid over what the program found, which does not change.

The program's folds stay as they are, so that a decision can be undone and a day made again. What a
person decided of a group holds whatever comes later: the program may join another group to it, and
joins it to another only when that one has neither name nor place of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tasks.review.decisions import reviewed_group_id

_LEADING = ("group_merge", "statement_group")  # what leads to a group


@dataclass(frozen=True)
class Joined:
    """A group joined to another, or renamed when both are one: a row of `core.group_history`."""

    group_id: str
    became_group_id: str
    date: date | None
    cause: str


@dataclass(frozen=True)
class Words:
    """Where the statements of the same words stand: in a group, under a theme, of a kind."""

    group_id: str
    theme: str | None = None
    kind: str | None = None
    decision_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """What people decided of a group; null where the program's answer stands."""

    label: str | None = None
    theme: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Found:
    """What the program has of the identifiers that people decided of.

    `groups` are those that it has as they are; `founders` tells, for one it has no more, the group
    in which its first statement is now; `anchored` the group of words, by their trace.
    """

    groups: Collection[str] = ()
    founders: Mapping[str, str] = field(default_factory=dict)
    anchored: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Effects:
    """Words that changed place, groups that lead elsewhere, and what was decided of the others."""

    words: Mapping[str, Words]
    redirects: Mapping[str, str]
    groups: Mapping[str, Group]
    history: tuple[Joined, ...]


def decide(
    decisions: Sequence[Mapping[str, Any]], merges: Sequence[Joined], found: Found
) -> Effects:
    """Tell what decisions in force do, given the merges of the program in their order.

    `decisions` are rows of `decisions.reviews` in the order taken, with the local day as `date`.
    """
    words = _words(decisions, found)
    made = {place.group_id for place in words.values()} - found.founders.keys()
    known = {*found.groups, *made}
    forest = _Forest()
    for row in decisions:
        if row["act"].startswith("group_"):
            forest.decide(row, _resolved(row["subject"], row["anchors"], known, found))
    joined = [merge for merge in merges if forest.join_found(merge)]
    for row in decisions:
        if row["act"] == "group_merge":
            subject = _resolved(row["subject"], row["anchors"], known, found)
            target = _resolved(row["after"], (), known, found)
            if subject and target and forest.join(subject, target):
                cause = f"réuni par une personne ({row['decision_id']})"
                joined.append(Joined(row["subject"], target, row["date"], cause))
    aliases = {
        name: place
        for row in decisions
        for name, anchors in _groups_named(row)
        if name not in known and (place := _resolved(name, anchors, known, found))
    }
    ids = {*forest.parents, *aliases, *(m.group_id for m in joined)}
    redirects = {name: forest.root(aliases.get(name, name)) for name in sorted(ids)}
    return Effects(
        words,
        {name: root for name, root in redirects.items() if name != root},
        {forest.root(name): group for name, group in sorted(forest.groups.items())},
        _history(joined, decisions, aliases, forest),
    )


def _words(decisions: Sequence[Mapping[str, Any]], found: Found) -> dict[str, Words]:
    """Place words as decided, the last decision first: with a new theme they leave their group."""
    placed: dict[str, Words] = {}
    for row in decisions:
        if row["act"] not in {"statement_theme", "statement_kind", "statement_group"}:
            continue
        (trace,) = row["anchors"]
        if trace not in found.anchored:
            continue
        before = placed.get(trace, Words(""))
        ids = (*before.decision_ids, row["decision_id"])
        if row["act"] == "statement_group":
            placed[trace] = replace(before, group_id=row["after"], decision_ids=ids)
        else:
            what = row["act"].removeprefix("statement_")
            own = reviewed_group_id(trace)
            placed[trace] = replace(before, group_id=own, decision_ids=ids, **{what: row["after"]})
    return placed


def _resolved(
    name: str, anchors: Iterable[str], known: Collection[str], found: Found
) -> str | None:
    """Return the group that a name stands for now; null when nothing of it is there."""
    if name in known:
        return name
    if name in found.founders:
        return found.founders[name]
    places = Counter(found.anchored[a] for a in anchors if a in found.anchored)
    return min(places, key=lambda place: (-places[place], place)) if places else None


def _groups_named(row: Mapping[str, Any]) -> list[tuple[str, Sequence[str]]]:
    """Return the groups that a decision names, each with what it was made of if that is said."""
    named = [(row["subject"], row["anchors"])] if row["act"].startswith("group_") else []
    return [*named, (row["after"], ())] if row["act"] in _LEADING else named


class _Forest:
    """Groups that lead to one another, and what was decided of those at the end."""

    def __init__(self) -> None:
        self.parents: dict[str, str] = {}
        self.groups: dict[str, Group] = {}
        self._moved: dict[str, set[str]] = {}  # what each group was made of when people moved it

    def decide(self, row: Mapping[str, Any], name: str | None) -> None:
        """Note a decision on the group that `name` is."""
        if name is None:
            return
        group = self.groups.get(name, Group())
        what = row["act"].removeprefix("group_")
        if what in {"label", "theme", "kind"}:
            group = replace(group, **{what: row["after"]})
        if what in {"theme", "kind", "merge"}:
            self._moved.setdefault(name, set()).update(row["anchors"])
        self.groups[name] = group

    def root(self, name: str) -> str:
        """Return the group at the end of the way."""
        while name in self.parents:
            name = self.parents[name]
        return name

    def join_found(self, merge: Joined) -> bool:
        """Join two groups as the program did, unless people set them apart; tell whether they are.

        The name that people gave one of them stays.
        """
        younger, older = self.root(merge.group_id), self.root(merge.became_group_id)
        if younger == older:
            return True
        if self._is_apart(younger, older):
            return False
        self.parents[younger] = older
        if younger in self.groups:
            mine, other = self.groups.pop(younger), self.groups.get(older, Group())
            self.groups[older] = Group(
                other.label or mine.label, other.theme or mine.theme, other.kind or mine.kind
            )
        if younger in self._moved:
            self._moved.setdefault(older, set()).update(self._moved.pop(younger))
        return True

    def _is_apart(self, younger: str, older: str) -> bool:
        """Tell whether people gave the younger a place, or both a name, when they were two."""
        if older in self._moved.get(younger, set()) or younger in self._moved.get(older, set()):
            return False
        names = [self.groups.get(name, Group()).label for name in (younger, older)]
        return younger in self._moved or (None not in names and names[0] != names[1])

    def join(self, subject: str, target: str) -> bool:
        """Join a group to another as people decided; tell whether they were two."""
        subject, target = self.root(subject), self.root(target)
        if subject == target:
            return False
        self.parents[subject] = target
        self.groups.setdefault(target, Group())
        self.groups.pop(subject, None)
        return True


def _history(
    joined: Sequence[Joined],
    decisions: Sequence[Mapping[str, Any]],
    aliases: Mapping[str, str],
    forest: _Forest,
) -> tuple[Joined, ...]:
    """Return a row a merge, a new name, a name that came to stand for another; one a day each."""
    named = [
        Joined(name, name, row["date"], f"renommé par une personne ({row['decision_id']})")
        for row in decisions
        if row["act"] == "group_label"
        and (name := aliases.get(row["subject"], row["subject"])) in forest.groups
    ]
    days = {name: row["date"] for row in decisions for name, _ in _groups_named(row)}
    renamed = [
        Joined(name, place, days[name], "ses énoncés sont maintenant dans ce groupe")
        for name, place in sorted(aliases.items())
    ]
    rows = {(row.group_id, row.date): row for row in (*named, *renamed, *joined)}
    return tuple(rows.values())
