"""What one text repeats of another, by the places of the words."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tasks.language.alignment import BIT, Alignment, Text, align, opening, pairs

WEIGHT = 20 * BIT


def _align(mine: Sequence[int], theirs: Sequence[int]) -> Alignment | None:
    return align(Text(mine), theirs, dict.fromkeys(pairs(mine), WEIGHT), lambda _: BIT)


A, B, X, Y = list(range(10)), list(range(20, 30)), [91, 92, 93], [81, 82, 83, 84]


@pytest.mark.parametrize(
    ("mine", "theirs", "places", "their_places"),
    [
        pytest.param(A, A, range(10), range(10), id="same"),
        pytest.param(X + A, A, range(3, 13), range(10), id="before"),
        pytest.param(A, A + Y, range(10), range(10), id="after"),
        pytest.param(A[:5] + X + A[5:], A, range(13), range(10), id="gap"),
        pytest.param(A[:5] + A[8:], A, range(7), range(10), id="dropped"),
        pytest.param(A[:5] + X + A[8:], A, range(10), range(10), id="swapped"),
        pytest.param(B + A, A + B, range(20), range(20), id="reordered"),
        pytest.param(
            A + list(range(50, 70)) + B,
            A + B,
            [*range(10), *range(30, 40)],
            range(20),
            id="far apart",
        ),
    ],
)
def test_what_is_repeated_is_found_with_its_small_gaps(
    mine: list[int], theirs: list[int], places: Sequence[int], their_places: Sequence[int]
) -> None:
    found = _align(mine, theirs)
    assert found is not None
    assert (sorted(found.mine), sorted(found.theirs)) == (list(places), list(their_places))


@pytest.mark.parametrize(
    ("mine", "theirs"), [(A, B), (A, []), ([], A), ([1], [1])], ids=["none", "no", "nor", "one"]
)
def test_nothing_repeated_is_no_alignment(mine: list[int], theirs: list[int]) -> None:
    assert _align(mine, theirs) is None


def test_a_run_must_weigh_more_than_its_chance_of_standing_there() -> None:
    light = dict.fromkeys(pairs(A), opening(A, A) // 9)
    assert align(Text(A), A, light, lambda _: 0) is None
    heavy = dict.fromkeys(pairs(A), opening(A, A) // 9 + 1)
    assert align(Text(A), A, heavy, lambda _: 0) is not None


def test_a_word_alone_the_same_inside_a_gap_weighs_for_itself() -> None:
    broken = [*A[:4], 91, A[5], 92, *A[7:]]
    other = [*A[:4], 91, 94, 92, *A[7:]]
    first, second = _align(broken, A), _align(other, A)
    assert first is not None
    assert second is not None
    assert first.weight == second.weight + BIT


def test_each_pair_of_the_text_answers_once() -> None:
    once, twice = _align(A, A), _align(A, A + X + A)
    assert once is not None
    assert twice is not None
    assert twice.weight <= once.weight
