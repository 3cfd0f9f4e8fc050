"""The blind sample: which words are drawn at random, to be read without the machine's labels.

A unit is distinct words: one statement stands for its copies. Strata are what the machine told,
theme and kind. The order of the draw is that of the traces of the words: keyed, so as good as
chance and the same each time. A stratum is read up to a trace that only moves forward, so words
that came later were as likely to be drawn as those that came first.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

MEASURE: Final = "mesure"
LEARN: Final = "apprentissage"
MINIMUM: Final = 6  # units of a stratum, so that about four serve to measure
_LEARNING_SHARE: Final = 3  # one unit in three

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Unit:
    """Distinct words: the statement that stands for them, what the machine told of it, copies."""

    words_trace: str
    statement_id: str
    theme: str
    kind: str
    statement_count: int

    @property
    def stratum(self) -> str:
        """Among which others it is drawn."""
        return f"{self.theme} {self.kind}"


def units(machine: pa.Table, draws: Iterable[Row] = ()) -> list[Unit]:
    """Return the distinct words of statements, by trace.

    `machine` has a row a statement: statement_id, words_trace, theme, kind as the machine told
    them. The statement that was drawn stands for its copies, or the first by its identifier.
    """
    drawn = {row["statement_id"] for row in draws}
    names = ("words_trace", "statement_id", "theme", "kind")
    copies: Counter[str] = Counter()
    stands: dict[str, tuple[bool, str, str, str]] = {}
    for words_trace, statement_id, theme, kind in zip(
        *(machine[name].to_pylist() for name in names), strict=True
    ):
        copies[words_trace] += 1
        candidate = (statement_id not in drawn, statement_id, theme, kind)
        stands[words_trace] = min(stands.get(words_trace, candidate), candidate)
    return [
        Unit(words_trace, *stands[words_trace][1:], count)
        for words_trace, count in sorted(copies.items())
    ]


def by_stratum(population: Iterable[Unit]) -> dict[str, list[Unit]]:
    """Part units by stratum, in the order of the strata and in each in the order of the draw."""
    strata: dict[str, list[Unit]] = defaultdict(list)
    for unit in sorted(population, key=lambda u: (u.stratum, u.words_trace)):
        strata[unit.stratum].append(unit)
    return dict(strata)


def part_of(words_trace: str) -> str:
    """Tell whether words serve to measure or to learn: one in three, whatever the draw."""
    digest = hashlib.sha256(b"part\0" + words_trace.encode()).digest()
    is_learnt = int.from_bytes(digest[:8], "big") % _LEARNING_SHARE == 0
    return LEARN if is_learnt else MEASURE


def draw(
    population: Iterable[Unit], draws: Sequence[Row], size: int, draw_id: str, now: datetime
) -> list[dict[str, Any]]:
    """Return the rows to add so that about `size` of the units are drawn, those before included.

    A stratum that has grown is read up to the same trace as before, even if that gives more than
    was asked: the same share of what came since.
    """
    strata = by_stratum(population)
    drawn = {row["words_trace"] for row in draws}
    reached: dict[str, str] = defaultdict(str)
    for row in draws:
        reached[row["stratum"]] = max(reached[row["stratum"]], row["words_trace"])
    added = []
    for stratum, count in allocate({s: len(among) for s, among in strata.items()}, size).items():
        among = strata[stratum]
        last = max([reached[stratum], *(u.words_trace for u in among[:count])])
        new = [u for u in among if u.words_trace <= last and u.words_trace not in drawn]
        drawn_count = len(new) + sum(u.words_trace in drawn for u in among)
        added += [
            {
                "draw_id": draw_id,
                "statement_id": unit.statement_id,
                "words_trace": unit.words_trace,
                "drawn_at": now,
                "stratum": stratum,
                "population_count": len(among),
                "drawn_count": drawn_count,
                "part": part_of(unit.words_trace),
            }
            for unit in new
        ]
    return added


def allocate(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """Share a sample among strata: a minimum of each, the rest as they are large.

    All of a stratum that has less than the minimum. A size that cannot give each its minimum is
    shared evenly first. Rounded by largest remainders, then by name.
    """
    if not counts:
        return {}
    size = min(size, sum(counts.values()))
    minimum = min(MINIMUM, size // len(counts))
    given = {stratum: min(minimum, count) for stratum, count in counts.items()}
    left = {stratum: counts[stratum] - given[stratum] for stratum in counts}
    rest, whole = size - sum(given.values()), max(sum(left.values()), 1)
    floors = {stratum: rest * count // whole for stratum, count in left.items()}
    by_remainder = sorted(counts, key=lambda s: (-(rest * left[s] % whole), s))
    rounded_up = set(by_remainder[: rest - sum(floors.values())])
    return {s: given[s] + floors[s] + (s in rounded_up) for s in counts}
