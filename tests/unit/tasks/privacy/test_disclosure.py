"""Attacked by enumeration: all that could have happened, sorted by what would have been exported.

The attacker knows the program and its k, sees every export, and recovers a count when all the
histories that lead to these very exports agree on it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

import pytest

from tasks.privacy import disclosure
from tasks.privacy.disclosure import REST, Disclosure, Shown, from_json, release, to_json

FIRST = date(2020, 1, 8)
Gains = tuple[int, ...]
Export = Callable[[Sequence[Gains], int], object]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def export_days(gains: Sequence[Gains], k: int) -> list[Disclosure]:
    """Export each day a table of cells a, b, c… that gained so many."""
    exports = []
    known, counts = Disclosure(), dict.fromkeys("abcdefgh"[: len(gains[0])], 0)
    for number, gained in enumerate(gains):
        for cell, gain in zip(counts, gained, strict=True):
            counts[cell] += gain
        known = release(known, {"table": counts}, day(number), k)
        exports.append(known)
    return exports


def seen(gains: Sequence[Gains], k: int) -> object:
    """Return what anybody sees of the exports: totals, cells, until when; not what was counted."""
    return tuple(
        (
            known.days,
            tuple(sorted(known.tables["table"].shown.items(), key=str)) if known.tables else (),
        )
        for known in export_days(gains, k)
    )


def seen_without_secondary(gains: Sequence[Gains], k: int) -> object:
    """Hide the cells under k, and nothing else."""
    totals = [sum(map(sum, gains[: n + 1])) for n in range(len(gains))]
    cells = [
        tuple(sum(gained) for gained in zip(*gains[: n + 1], strict=True))
        for n in range(len(gains))
    ]
    return tuple(
        (total, tuple(count if count >= k else None for count in counts))
        for total, counts in zip(totals, cells, strict=True)
    )


def histories(total: int, cells: int, days: int) -> Iterator[tuple[Gains, ...]]:
    """Yield everything that can happen to so many contributors at most."""

    def shares(left: int, parts: int) -> Iterator[Gains]:
        if not parts:
            yield ()
            return
        for gain in range(left + 1):
            for others in shares(left - gain, parts - 1):
                yield (gain, *others)

    for flat in shares(total, cells * days):
        yield tuple(flat[n * cells : (n + 1) * cells] for n in range(days))


def alike(
    export: Export, k: int, cells: int, days: int, total: int
) -> Iterator[list[tuple[Gains, ...]]]:
    """Yield the sets of histories that nobody outside can tell apart."""
    possible = defaultdict(list)
    for history in histories(total + k, cells, days):
        possible[export(history, k)].append(history)
    for found in possible.values():
        if all(sum(map(sum, history)) <= total for history in found):
            yield found  # else more contributors than are enumerated could have led there


def recovered(export: Export, k: int, cells: int, days: int, total: int) -> list[str]:
    """Return each count of 1 to k - 1, of a cell over some days, that the exports give away."""
    found = []
    for possible in alike(export, k, cells, days, total):
        for cell in range(cells):
            for first, last in combinations(range(days + 1), 2):
                counts = {sum(gained[cell] for gained in past[first:last]) for past in possible}
                if len(counts) == 1 and 1 <= min(counts) < k:
                    found.append(f"{cell} days {first}-{last}: {counts}, as in {possible[0]}")
    return found


def narrowed(k: int, cells: int, total: int) -> list[str]:
    """Return each cell of one export that may be k or fewer, but not anything up to k."""
    return [
        f"{cell}: {sorted(counts)}, as in {possible[0]}"
        for possible in alike(seen, k, cells, 1, total)
        for cell in range(cells)
        if min(counts := {gained[cell] for (gained,) in possible}) <= k
        and not counts.issuperset(range(k + 1))
    ]


SIZES = [
    pytest.param(3, 3, 1, 17, id="three cells, one day"),
    pytest.param(3, 4, 1, 14, id="four cells, one day"),
    pytest.param(4, 2, 2, 20, id="two cells, two days"),
    pytest.param(3, 2, 3, 10, id="two cells, three days"),
    pytest.param(2, 2, 3, 10, id="two cells, three days, k of 2"),
    pytest.param(2, 3, 2, 10, id="three cells, two days, k of 2"),
]


@pytest.mark.parametrize(("k", "cells", "days", "total"), SIZES)
def test_who_knows_the_program_and_enumerates_all_that_can_happen_recovers_nothing(
    k: int, cells: int, days: int, total: int
) -> None:
    assert recovered(seen, k, cells, days, total) == []


@pytest.mark.parametrize(
    ("k", "cells", "total"), [(2, 3, 14), (3, 3, 20), (2, 4, 14), (3, 4, 16), (2, 5, 12)]
)
def test_in_one_export_what_may_be_small_may_be_anything_up_to_k(
    k: int, cells: int, total: int
) -> None:
    assert narrowed(k, cells, total) == []


@pytest.mark.parametrize(("k", "cells", "days", "total"), SIZES[:3])
def test_the_attack_succeeds_where_only_small_cells_are_hidden(
    k: int, cells: int, days: int, total: int
) -> None:
    assert recovered(seen_without_secondary, k, cells, days, total)


def test_the_attacks_succeed_where_nothing_hides_the_small_cells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(disclosure._Day, "_is_hidden", lambda *_: True)
    assert recovered(seen, 3, 3, 1, 17)
    assert narrowed(3, 3, 17)


def shown(known: Disclosure) -> dict[str, int]:
    return {cell: value.count for cell, value in known.tables["table"].shown.items()}


def test_a_table_without_small_cells_is_shown_whole() -> None:
    (known,) = export_days([(12, 300, 47)], 11)
    assert shown(known) == {"a": 12, "b": 300, "c": 47}
    assert known.days == (Shown(359, FIRST),)


def test_small_cells_hide_each_other_when_there_are_enough_of_them() -> None:
    (known,) = export_days([(5, 6, 7, 300, 47)], 11)
    assert shown(known) == {"d": 300, "e": 47}


def test_a_small_cell_alone_is_hidden_by_the_first_cell_that_can() -> None:
    (known,) = export_days([(300, 47, 5)], 11)
    assert shown(known) == {"b": 47}


def test_no_cell_and_no_total_moves_by_few() -> None:
    first, second, third = export_days([(300, 47, 50), (5, 3, 2), (20, 30, 40)], 11)
    assert second == first
    assert [known.count for known in third.days] == [397, 497]
    assert third.tables["table"].shown["b"] == Shown(80, day(2))


def test_a_cell_that_moves_little_keeps_its_count_and_its_day_until_it_catches_up() -> None:
    exports = export_days([(300, 47, 50), (30, 6, 20), (30, 40, 20)], 11)
    assert [known.tables["table"].shown["b"] for known in exports] == [
        Shown(47, day(0)),
        Shown(47, day(0)),
        Shown(93, day(2)),
    ]


def test_withdrawals_lower_no_count_that_was_shown() -> None:
    exports = export_days([(300, 47, 50), (-200, -20, -50), (10, 5, 3), (400, 60, 90)], 11)
    assert exports[1] == exports[2] == exports[0]
    assert all(
        exports[3].tables["table"].shown[cell].count >= shown(exports[0])[cell] for cell in "abc"
    )


def test_noughts_are_never_shown_and_a_cell_that_comes_later_was_hidden_all_along() -> None:
    known = release(Disclosure(), {"table": {"unknown": 0, REST: 0, "a": 40, "b": 50}}, day(0), 11)
    assert "unknown" not in shown(known)
    counts = {"unknown": 30, REST: 0, "a": 80, "b": 90, "late": 25}
    later = release(known, {"table": counts}, day(1), 11)
    assert REST not in shown(later)
    assert shown(later)["late"] == 25


def test_a_cell_that_is_new_to_a_table_of_known_cells_is_hidden_until_it_counts_many() -> None:
    known = release(Disclosure(), {"table": {"a": 40, "b": 50}}, day(0), 11)
    few = release(known, {"table": {"a": 60, "b": 70, "new": 3}}, day(1), 11)
    assert shown(few) == {"a": 40, "b": 70}
    many = release(few, {"table": {"a": 80, "b": 90, "new": 30}}, day(2), 11)
    assert shown(many) == {"a": 80, "b": 90, "new": 30}


def test_tables_that_do_not_count_the_same_contributors_are_refused() -> None:
    with pytest.raises(ValueError, match="same contributors"):
        release(Disclosure(), {"one": {"a": 20}, "other": {"a": 21}}, FIRST, 11)


def test_what_is_kept_between_exports_is_read_back_as_it_was() -> None:
    known = export_days([(300, 47, 5, 2), (30, 6, 20, 1), (1, 0, 40, 9)], 11)[-1]
    assert from_json(json.loads(json.dumps(to_json(known)))) == known
