"""Attacked by linear programming: exports of consultations of all shapes, ten days, k of 11.

What each cell gained each day is unknown, not negative, and bound by every figure of every export.
Figures are sums over rows and columns of one table, so the extremes of the linear program are whole
numbers: they are exactly what an attacker can know without guessing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tasks.privacy.disclosure import Disclosure, release

FIRST = date(2020, 1, 8)
K = 11
Exports = list[tuple[dict[date, int], dict[str, tuple[int, date]]]]


@st.composite
def consultations(draw: st.DrawFn) -> tuple[list[list[int]], list[int]]:
    """Draw what each cell gains each day, withdrawals among them, and the days that are exported.

    A day may be exported twice or skipped.
    """
    cells = draw(st.integers(2, 6))
    scale = draw(st.lists(st.sampled_from([0, 1, 3, 8, 20, 90]), min_size=cells, max_size=cells))
    days = draw(st.integers(2, 10))
    gains = [[draw(st.integers(-(size // 5), size)) for size in scale] for _ in range(days)]
    exported = draw(st.lists(st.integers(0, days - 1), min_size=1, max_size=days).map(sorted))
    return gains, exported


def export(gains: Sequence[Sequence[int]], exported: Sequence[int], k: int = K) -> Exports:
    """Return what is seen of each export: the totals by day, each cell and until when it counts."""
    cells = [f"cell {n}" for n in range(len(gains[0]))]
    counted = list(accumulate(gains, lambda before, day: [a + b for a, b in zip(before, day)]))  # noqa: B905
    known, exports = Disclosure(), []
    for number in exported:
        counts = {cell: max(0, n) for cell, n in zip(cells, counted[number], strict=True)}
        known = release(known, {"table": counts}, FIRST + timedelta(days=number), k)
        table = known.tables.get("table")
        exports.append(
            (
                {total.until: total.count for total in known.days},
                {c: (s.count, s.until) for c, s in table.shown.items()} if table else {},
            )
        )
    return exports


def ranges(exports: Exports, cells: int) -> Iterator[tuple[str, float, float]]:
    """Yield the least and the most that each cell can have gained over any days in a row."""
    days = sorted({until for totals, _ in exports for until in totals})
    if not days:
        return
    facts: dict[tuple[int, ...], int] = {}
    for totals, shown in exports:
        for until, count in totals.items():
            past = range(days.index(until) + 1)
            facts[tuple(c * len(days) + d for c in range(cells) for d in past)] = count
        for cell, (count, until) in shown.items():
            row = int(cell.removeprefix("cell ")) * len(days)
            facts[tuple(row + d for d in range(days.index(until) + 1))] = count
    known = np.zeros((len(facts), cells * len(days)))
    for line, unknowns in enumerate(facts):
        known[line, list(unknowns)] = 1
    for cell in range(cells):
        for first in range(len(days)):
            for last in range(first, len(days)):
                wanted = np.zeros(cells * len(days))
                wanted[[cell * len(days) + d for d in range(first, last + 1)]] = 1
                ends = [
                    sign * linprog(sign * wanted, A_eq=known, b_eq=list(facts.values())).fun
                    for sign in (1, -1)
                ]
                yield f"cell {cell}, {days[first]} to {days[last]}", round(ends[0]), round(ends[1])


def too_narrow(exports: Exports, cells: int) -> list[str]:
    """Return what is known to within k while it may be under k."""
    return [
        f"{what}: {low} to {high}"
        for what, low, high in ranges(exports, cells)
        if low < K and high - low < K
    ]


@given(consultations())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_count_under_k_is_known_to_within_k(
    consultation: tuple[list[list[int]], list[int]],
) -> None:
    gains, exported = consultation
    assert too_narrow(export(gains, exported), len(gains[0])) == []


@pytest.mark.deep
@given(consultations())
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_count_under_k_is_known_to_within_k_in_many_consultations(
    consultation: tuple[list[list[int]], list[int]],
) -> None:
    gains, exported = consultation
    assert too_narrow(export(gains, exported), len(gains[0])) == []


def test_the_attack_recovers_what_a_smaller_threshold_lets_out() -> None:
    gains = [[40, 3, 2], [20, 4, 9], [15, 6, 30]]
    assert too_narrow(export(gains, [0, 1, 2], k=1), 3)
    assert not too_narrow(export(gains, [0, 1, 2]), 3)
