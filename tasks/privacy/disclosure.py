"""Disclosure control: which counts may be shown, day after day, so that no small one is recovered.

A table is a partition of the contributors. Cells that gain k or fewer are counted together, as one
coalition, until they can be told apart in parts of more than k: every figure that anybody can
derive is then over k, or free to vary by k. Decision 12 has the rule, its proof and its limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

REST = ""  # the cells nobody has been counted in yet: never shown, so neither are noughts


@dataclass(frozen=True)
class Coalition:
    """Cells of which only the sum is known; each member has what it gained since it joined."""

    members: tuple[Member, ...]


Node = str | Coalition  # what is known for itself: a cell, or the sum of several
Member = tuple[Node, int]


@dataclass(frozen=True)
class Shown:
    """A count as it is shown, and the day until which it counts."""

    count: int
    until: date


@dataclass(frozen=True)
class Control:
    """One table: what is known of it outside, and what it had counted by then, which is not."""

    nodes: tuple[Node, ...]
    counted: Mapping[str, int] = field(default_factory=dict)
    shown: Mapping[str, Shown] = field(default_factory=dict)


@dataclass(frozen=True)
class Disclosure:
    """All that was ever released: the contributors as of each day, and each table."""

    days: tuple[Shown, ...] = ()
    tables: Mapping[str, Control] = field(default_factory=dict)


def release(
    past: Disclosure, tables: Mapping[str, Mapping[str, int]], until: date, k: int
) -> Disclosure:
    """Return what may be known as of a day, after all that was released before.

    Each of `tables` counts the same contributors, each contributor in one cell; its cells stand in
    an order that owes nothing to the counts, those that are best hidden first. When k contributors
    or fewer are new, nothing is released. Raises ValueError when the totals differ.
    """
    totals = {sum(cells.values()) for cells in tables.values()}
    if len(totals) != 1:
        raise ValueError("the tables do not count the same contributors")
    total = totals.pop()
    if total - (past.days[-1].count if past.days else 0) <= k:
        return past
    controls = {
        name: _advance(past.tables.get(name), cells, until, k) for name, cells in tables.items()
    }
    return Disclosure((*past.days, Shown(total, until)), {**past.tables, **controls})


def _advance(past: Control | None, counts: Mapping[str, int], until: date, k: int) -> Control:
    past = past or Control((Coalition(tuple((cell, 0) for cell in counts)),))
    known = set(_cells(past.nodes))
    nodes = _join(past.nodes, [cell for cell in counts if cell not in known])
    order = [*counts, *(cell for cell in past.counted if cell not in counts)]
    counted = {cell: counts.get(cell, 0) for cell in order}
    gains = {cell: count - past.counted.get(cell, 0) for cell, count in counted.items()}
    parts = _Day(k, gains).apply(nodes)
    fresh = {part: Shown(counted[part], until) for part in parts if isinstance(part, str)}
    return Control(parts, counted, {**past.shown, **fresh})


def _join(nodes: Sequence[Node], cells: Sequence[str]) -> tuple[Node, ...]:
    """Add cells never counted before: where they were all along, with the rest, at nought.

    A table without a rest knows none of them: they begin among all the others.
    """
    added = tuple((cell, 0) for cell in cells)
    if added and REST not in _cells(nodes):
        return (Coalition((*((node, 0) for node in nodes), *added)),)

    def joined(node: Node) -> Node:
        if isinstance(node, str):
            return node
        members = tuple((joined(member), gain) for member, gain in node.members)
        return Coalition(members + added if (REST, 0) in members else members)

    return tuple(joined(node) for node in nodes)


@dataclass(frozen=True)
class _Day:
    """One release of one table: what each cell gained since the last, in the order of the cells."""

    k: int
    gains: Mapping[str, int]

    def apply(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        gained = [(self._grown(node), self._gain(node)) for node in nodes]
        few, enough = self._parted(gained)
        together = [Coalition(tuple(few))] if few else []
        parts = [*together, *(node for node, _ in enough)]
        return tuple(part for node in parts for part in self._split(node))

    def _split(self, node: Node) -> Iterator[Node]:
        """Tell apart the members that gained enough, as long as it does not tell of the others."""
        if isinstance(node, str):
            yield node
            return
        few, enough = self._parted(node.members)
        if few:
            yield Coalition(tuple(few))
        for member, _ in enough:
            yield from self._split(member)

    def _parted(self, members: Iterable[Member]) -> tuple[list[Member], list[Member]]:
        """Part those that gained k or fewer, and those that hide them, from the others."""
        members = self._ordered(members)
        few = [member for member in members if member[1] <= self.k]
        enough = [member for member in members if member[1] > self.k]
        hiding: list[Member] = []
        while few and enough and not self._is_hidden(few, hiding):
            hiding.append(enough.pop(0))
        return self._ordered([*few, *hiding]), enough

    def _is_hidden(self, few: Sequence[Member], hiding: Sequence[Member]) -> bool:
        """Tell whether each of the few may be anything up to k, even for who knows this rule."""
        gained = sum(gain for _, gain in (*few, *hiding))
        if hiding:
            return gained >= len(hiding) * (self.k + 1) + self.k
        return self.k < gained <= (len(few) - 1) * self.k

    def _grown(self, node: Node) -> Node:
        if isinstance(node, str):
            return node
        return Coalition(
            tuple((self._grown(member), gain + self._gain(member)) for member, gain in node.members)
        )

    def _gain(self, node: Node) -> int:
        return sum(self.gains[cell] for cell in _cells([node]))

    def _ordered(self, members: Iterable[Member]) -> list[Member]:
        rank = {cell: position for position, cell in enumerate(self.gains)}
        return sorted(members, key=lambda member: min(rank[cell] for cell in _cells([member[0]])))


def _cells(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield from _cells(member for member, _ in node.members)


# --- kept between exports ------------------------------------------------------------------------


def to_json(disclosure: Disclosure) -> dict[str, Any]:
    """Return the disclosure as values of JSON; it holds counts under k, but nobody's identifier."""

    def plain(node: Node) -> Any:
        return node if isinstance(node, str) else [[plain(m), gain] for m, gain in node.members]

    return {
        "days": [[day.count, day.until.isoformat()] for day in disclosure.days],
        "tables": {
            name: {
                "nodes": [plain(node) for node in control.nodes],
                "counted": dict(control.counted),
                "shown": {c: [s.count, s.until.isoformat()] for c, s in control.shown.items()},
            }
            for name, control in disclosure.tables.items()
        },
    }


def from_json(content: Mapping[str, Any]) -> Disclosure:
    """Read back what `to_json` wrote."""

    def node(plain: Any) -> Node:
        return plain if isinstance(plain, str) else Coalition(tuple((node(m), g) for m, g in plain))

    def shown(count: int, until: str) -> Shown:
        return Shown(count, date.fromisoformat(until))

    return Disclosure(
        tuple(shown(*day) for day in content["days"]),
        {
            name: Control(
                tuple(node(plain) for plain in table["nodes"]),
                table["counted"],
                {cell: shown(*value) for cell, value in table["shown"].items()},
            )
            for name, table in content["tables"].items()
        },
    )
