"""Attacked by linear programming: exports of consultations of all shapes, ten days, k of 11.

What each cell gained each day is unknown, not negative, and bound by every figure of every export.
Figures are sums over rows and columns of one table, so the extremes of the linear program are whole
numbers: they are exactly what an attacker can know without guessing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tasks.consultation import parse_consultation
from tasks.disclose import OUTSIDE, UNKNOWN, Contributors, Released, disclose, open_tables
from tasks.privacy.disclosure import Disclosure, release
from tasks.report.open_data import open_data_files
from tests.program import EXAMPLE
from warehouse.contracts import CONTRIBUTIONS_BY_COMMUNE, GROUPS, STATEMENTS

FIRST = date(2020, 1, 8)
K = 11
CONSULTATION = parse_consultation((EXAMPLE / "consultation.toml").read_text(encoding="utf-8"))
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


# --- the files themselves ------------------------------------------------------------------------


@st.composite
def participations(draw: st.DrawFn) -> list[Contributors]:
    """Draw who has written by each of ten days; some leave, some write again and move."""
    random = draw(st.randoms(use_true_random=False))
    pace = draw(st.sampled_from([4, 15, 40]))
    theme = draw(st.sampled_from([[8, 1, 1], [3, 3, 3], [20, 5, 0]]))
    commune = draw(st.sampled_from([[30, 3, 20, 4, 1], [1, 0, 5, 5, 5]]))
    people: dict[str, tuple[str, str, set[str]]] = {}
    days = []
    for day in range(10):
        for name in random.sample(sorted(people), min(len(people), random.choice([0, 0, 1, 20]))):
            del people[name]
        for number in range(random.randint(0, 2 * pace)):
            people[f"{day}-{number}"] = (
                random.choices(["hors_theme", "service", "lien"], theme)[0],
                random.choices([UNKNOWN, OUTSIDE, "03190", "03310", "03095"], commune)[0],
                {group for group in GROUPS_DRAWN if random.random() < GROUPS_DRAWN[group]},
            )
        days.append(
            Contributors(
                {name: where for name, (_, where, _) in people.items()},
                {name: what for name, (what, _, _) in people.items()},
                {g: {n for n, (_, _, said) in people.items() if g in said} for g in GROUPS_DRAWN},
            )
        )
    return days


GROUPS_DRAWN = {"g-00000000000000aa": 0.5, "g-00000000000000bb": 0.1, "g-00000000000000cc": 0.97}


def export_files(days: Sequence[Contributors]) -> list[dict[str, list[dict[str, str]]]]:
    """Export every day, and read the files as anybody does."""
    tables = {
        "core.statements": STATEMENTS.schema.empty_table(),
        "marts.contributions_by_commune": CONTRIBUTIONS_BY_COMMUNE.schema.empty_table(),
        "core.groups": pa.Table.from_pylist(
            [
                {
                    "group_id": group,
                    "theme": "lien",
                    "kind": "constat",
                    "label": "",
                    "first_date": FIRST,
                    "representative_statement_id": "",
                }
                for group in GROUPS_DRAWN
            ],
            schema=GROUPS.schema,
        ),
    }
    known, exports = Disclosure(), []
    for number, contributors in enumerate(days):
        day = FIRST + timedelta(days=number)
        known = disclose(known, contributors, CONSULTATION, day)
        files = open_data_files(
            open_tables(known, tables, CONSULTATION, Released()), CONSULTATION, day
        )
        exports.append(
            {
                name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(content.decode())))
                for name, content in files.items()
                if name.endswith(".csv")
            }
        )
    return exports


def as_exports(files: list[dict[str, list[dict[str, str]]]], table: str, key: str) -> Exports:
    """Return one table of all the files as an attacker sees it: totals, and cells by number."""
    names = sorted({row[key] for export in files for row in export[table]})
    exports: Exports = []
    for export in files:
        totals = {
            date.fromisoformat(row["counted_until"]): int(row["contributor_count"])
            for row in export["participation"]
        }
        shown = {
            f"cell {names.index(row[key])}": (
                int(row["contributor_count"]),
                date.fromisoformat(row["counted_until"]),
            )
            for row in export[table]
            if row["contributor_count"]
        }
        exports.append((totals, shown))
    return exports


@given(participations())
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_ten_days_of_files_let_no_small_count_be_known(days: list[Contributors]) -> None:
    files = export_files(days)
    for table, key in (("themes", "theme"), ("communes", "commune_code"), ("groups", "group_id")):
        exports = as_exports(files, table, key)
        cells = len({row[key] for export in files for row in export[table]})
        if table == "groups":  # each is in or out: groups overlap
            for cell in range(cells):
                only = [
                    (totals, {"cell 0": shown[f"cell {cell}"]} if f"cell {cell}" in shown else {})
                    for totals, shown in exports
                ]
                assert too_narrow(only, 2) == []
        else:  # the communes have others, that no file names
            assert too_narrow(exports, cells + (table == "communes")) == []


def test_the_attack_recovers_what_a_smaller_threshold_lets_out() -> None:
    gains = [[40, 3, 2], [20, 4, 9], [15, 6, 30]]
    assert too_narrow(export(gains, [0, 1, 2], k=1), 3)
    assert not too_narrow(export(gains, [0, 1, 2]), 3)
