from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.review.blind import LEARN, MEASURE, Unit, allocate, by_stratum, draw, part_of, units

NOW = datetime(2020, 1, 20, tzinfo=UTC)
Draws = list[dict[str, Any]]


def trace_of(words: object) -> str:
    return hashlib.sha256(str(words).encode()).hexdigest()[:32]


def unit(number: int, stratum: str = "service constat") -> Unit:
    theme, kind = stratum.split()
    return Unit(trace_of(number), f"c-{number:016x}-001", theme, kind, 1)


def population(counts: Mapping[str, int], first: int = 0) -> list[Unit]:
    strata = [stratum for stratum, count in counts.items() for _ in range(count)]
    return [unit(first + number, stratum) for number, stratum in enumerate(strata)]


def drawn(people: list[Unit], draws: Draws, size: int) -> Draws:
    return [*draws, *draw(people, draws, size, "t-0000000000000000", NOW)]


def traces(draws: Draws) -> list[str]:
    return [row["words_trace"] for row in draws]


# --- units ---------------------------------------------------------------------------------------


def told(*rows: tuple[str, str, str]) -> pa.Table:
    """Statements: identifier, words, theme."""
    ids, words, themes = zip(*rows, strict=True)
    return pa.table(
        {
            "statement_id": ids,
            "words_trace": [trace_of(one) for one in words],
            "theme": themes,
            "kind": ["constat"] * len(rows),
        }
    )


def test_one_statement_stands_for_its_copies() -> None:
    statements = told(("c-2", "a", "lien"), ("c-1", "a", "service"), ("c-3", "b", "lien"))
    found = {unit.statement_id: unit for unit in units(statements)}
    assert found["c-1"] == Unit(trace_of("a"), "c-1", "service", "constat", 2)
    assert found["c-3"].statement_count == 1
    assert len(found) == 2


def test_the_statement_that_was_drawn_still_stands_for_copies_that_come_later() -> None:
    statements = told(("c-2", "a", "lien"), ("c-1", "a", "service"))
    (found,) = units(statements, [{"statement_id": "c-2"}])
    assert (found.statement_id, found.theme) == ("c-2", "lien")


# --- how many of each stratum --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "size", "given"),
    [
        pytest.param({"a": 100, "b": 50}, 0, {"a": 0, "b": 0}, id="nothing"),
        pytest.param({"a": 106, "b": 56}, 42, {"a": 26, "b": 16}, id="a minimum, then by size"),
        pytest.param({"a": 500, "b": 3}, 40, {"a": 37, "b": 3}, id="all of a small stratum"),
        pytest.param({"a": 5, "b": 4}, 40, {"a": 5, "b": 4}, id="all there is"),
        pytest.param({"a": 9, "b": 9, "c": 9}, 5, {"a": 2, "b": 2, "c": 1}, id="fewer than minima"),
        pytest.param({}, 40, {}, id="nobody has written"),
    ],
)
def test_a_sample_is_shared_among_strata(
    counts: dict[str, int], size: int, given: dict[str, int]
) -> None:
    assert allocate(counts, size) == given


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(1, 400)), st.integers(0, 900))
def test_all_that_is_asked_is_given_and_no_more_than_there_is(
    counts: dict[str, int], size: int
) -> None:
    found = allocate(counts, size)
    assert sum(found.values()) == min(size, sum(counts.values()))
    assert all(0 <= found[stratum] <= count for stratum, count in counts.items())


# --- the draw ------------------------------------------------------------------------------------

COUNTS = {"service constat": 300, "service proposition": 120, "lien autre": 4}


def test_the_rows_say_what_was_drawn_of_what() -> None:
    draws = drawn(population(COUNTS), [], 60)
    assert len(draws) == 60
    for stratum, count in COUNTS.items():
        rows = [row for row in draws if row["stratum"] == stratum]
        assert {row["population_count"] for row in rows} == {count}
        assert {row["drawn_count"] for row in rows} == {len(rows)}
        assert len(rows) >= min(6, count)


def test_the_same_draw_again_adds_nothing_and_owes_nothing_to_the_order_of_rows() -> None:
    people = population(COUNTS)
    draws = drawn(people, [], 60)
    assert drawn(people[::-1], [], 60) == draws
    assert drawn(people, draws, 60) == draws


def test_a_larger_sample_keeps_what_was_drawn() -> None:
    people = population(COUNTS)
    draws = drawn(people, [], 60)
    more = drawn(people, draws, 90)
    assert more[:60] == draws
    assert len(more) == 90


def test_what_comes_later_is_drawn_at_the_same_rate() -> None:
    before = population({"service constat": 400})
    draws = drawn(before, [], 100)
    after = [*before, *population({"service constat": 400}, first=1000)]
    more = drawn(after, draws, 100)
    assert 70 <= len(more) - 100 <= 130
    last = max(traces(draws))
    assert set(traces(more)) == {u.words_trace for u in after if u.words_trace <= last}


steps = st.lists(
    st.tuples(
        st.fixed_dictionaries({stratum: st.integers(0, 30) for stratum in COUNTS}),
        st.integers(0, 120),
    ),
    min_size=1,
    max_size=5,
)


@given(steps)
def test_a_drawn_unit_never_leaves_nor_changes_its_part(
    steps: list[tuple[dict[str, int], int]],
) -> None:
    people: list[Unit] = []
    draws: Draws = []
    for counts, size in steps:
        people += population(counts, first=1000 * (len(people) + 1))
        more = drawn(people, draws, size)
        assert more[: len(draws)] == draws
        draws = more
        assert len(set(traces(draws))) == len(draws) >= min(size, len(people))
        for among in by_stratum(people).values():
            chosen = [unit.words_trace in traces(draws) for unit in among]
            assert chosen == sorted(chosen, reverse=True), "units up to one trace, and no other"
    assert all(row["part"] == part_of(row["words_trace"]) for row in draws)


def test_a_third_serves_to_learn_whatever_the_order_of_the_draw() -> None:
    draws = drawn(population({"service constat": 6000}), [], 3000)
    parts = [row["part"] for row in draws]
    assert set(parts) == {LEARN, MEASURE}
    first, last = parts[:1500].count(LEARN) / 1500, parts[1500:].count(LEARN) / 1500
    assert first == pytest.approx(1 / 3, abs=0.04)
    assert last == pytest.approx(1 / 3, abs=0.04)
