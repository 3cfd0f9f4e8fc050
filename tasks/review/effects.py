"""What people's decisions do to groups: laid over what the program found, which does not change.

The program's folds stay as they are, so that a decision can be undone and a day made again. What a
person decided of a group holds whatever comes later: the program may join another group to it, and
joins it to another only when that one has neither name nor place of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from tasks.review.decisions import reviewed_group_id

Block = tuple[str, str]  # theme and kind: the program's groups are of one

_LEADING = ("group_merge", "statement_group")  # what leads to a group


class Joined(NamedTuple):
    """A group that another stands for: a row of `core.group_history`."""

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
    in which its first statement is now; `anchored` the group of words, by their trace. `blocks`
    gives the theme and kind of groups.
    """

    groups: Collection[str] = ()
    founders: Mapping[str, str] = field(default_factory=dict)
    anchored: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, Block] = field(default_factory=dict)


@dataclass(frozen=True)
class Effects:
    """Words that changed place, groups that lead elsewhere, and what was decided of the others.

    Words are known by their trace. `kept` are those that were in a group when people decided of it:
    they stay, where the program gives them the theme and kind of that group.
    """

    words: Mapping[str, Words]
    kept: Mapping[tuple[str, Block], str]
    redirects: Mapping[str, str]
    groups: Mapping[str, Group]
    history: tuple[Joined, ...]

    def of_words(self, trace: str, block: Block) -> Words | None:
        """Return the place of words that the program gives this theme and kind."""
        kept = self.kept.get((trace, block))
        return self.words.get(trace) or (Words(kept) if kept else None)


def decide(
    decisions: Sequence[Mapping[str, Any]], merges: Sequence[Joined], found: Found
) -> Effects:
    """Tell what decisions in force do, given the merges of the program in their order.

    `decisions` are rows of `decisions.reviews` in the order taken, with the local day as `date`.
    """
    words = _words(decisions, found)
    founded = {d["after"] for d in decisions if d["after"] in d["target_anchors"]}
    made = {place.group_id for place in words.values()} - found.founders.keys() - founded
    known = {*found.groups, *made}
    forest = _Forest()
    for row in decisions:
        if row["act"].startswith("group_"):
            forest.decide(row, _resolved(row["subject"], row["anchors"], known, found))
    joined = [merge for merge in merges if forest.join_found(merge)]
    for row in decisions:
        if row["act"] == "group_merge":
            subject = _resolved(row["subject"], row["anchors"], known, found)
            target = _resolved(row["after"], row["target_anchors"], known, found)
            if subject and target and (ends := forest.join(subject, target)):
                cause = f"réuni par une personne ({row['decision_id']})"
                joined.append(Joined(*ends, row["date"], cause))
    aliases = {
        name: place
        for row in decisions
        for name, anchors in _groups_named(row)
        if name not in known and (place := _resolved(name, anchors, known, found))
    }
    led = {name: forest.root(aliases.get(name, name)) for name in (*forest.parents, *aliases)}
    kept = _kept(decisions, known, found)
    return Effects(words, kept, led, forest.groups, (*_renamed(decisions, aliases), *joined))


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


def _kept(
    decisions: Sequence[Mapping[str, Any]], known: Collection[str], found: Found
) -> dict[tuple[str, Block], str]:
    """Keep in a group the words that were in it when people decided of it.

    Not those that the program has in another group which it had then, too: they were there because
    the two were joined, and stay for as long as they are.
    """
    kept: dict[tuple[str, Block], str] = {}
    for row in decisions:
        if row["act"].startswith("group_"):
            place = _resolved(row["subject"], row["anchors"], known, found)
            block = found.blocks.get(place or "")
            if block is not None:
                parts = {found.founders.get(a, a) for a in row["anchors"]}
                words = found.anchored.keys() & set(row["anchors"])
                astray = (trace for trace in words if found.anchored[trace] not in parts)
                kept |= {(trace, block): row["subject"] for trace in astray}
    return kept


def _resolved(
    name: str, anchors: Collection[str], known: Collection[str], found: Found
) -> str | None:
    """Return the group that a name stands for now; null when nothing of it is there.

    One that people made is nothing but its words: once they are elsewhere it is no more.
    """
    if name in known:
        return name
    if name in found.founders:
        return found.founders[name]
    if name not in anchors:
        return None
    places = Counter(found.anchored[a] for a in anchors if a in found.anchored)
    return min(places, key=lambda place: (-places[place], place)) if places else None


def _groups_named(row: Mapping[str, Any]) -> list[tuple[str, Collection[str]]]:
    """Return the groups that a decision names, each with what it was made of if that is said."""
    named = [(row["subject"], row["anchors"])] if row["act"].startswith("group_") else []
    return [*named, (row["after"], row["target_anchors"])] if row["act"] in _LEADING else named


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

    def join(self, subject: str, target: str) -> tuple[str, str] | None:
        """Join a group to another as people decided; return the two, null when they were one."""
        subject, target = self.root(subject), self.root(target)
        if subject == target:
            return None
        self.parents[subject] = target
        self.groups.setdefault(target, Group())
        self.groups.pop(subject, None)
        return subject, target


def _renamed(
    decisions: Sequence[Mapping[str, Any]], aliases: Mapping[str, str]
) -> Iterator[Joined]:
    """Yield a row for each name that people knew a group by, and that stands for another now."""
    days = {name: row["date"] for row in decisions for name, _ in _groups_named(row)}
    for name, place in sorted(aliases.items()):
        yield Joined(name, place, days[name], "ses énoncés sont maintenant dans ce groupe")
