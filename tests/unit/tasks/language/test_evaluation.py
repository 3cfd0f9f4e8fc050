"""Scores of answers against the truth, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.language.evaluation import score

# a: 3 true, 2 of them told, 1 told b; b: 2 true, both told b; c: 1 true, told a
TRUTH = ["a", "a", "a", "b", "b", "c"]
TOLD = ["a", "a", "b", "b", "b", "a"]


def test_each_class_has_its_precision_recall_and_f1() -> None:
    classes = score(TRUTH, TOLD).facts()["by_class"]
    assert classes == {
        "a": {"precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "support": 3},
        "b": {"precision": 0.6667, "recall": 1.0, "f1": 0.8, "support": 2},
        "c": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1},
    }


def test_the_whole_is_the_mean_of_the_classes() -> None:
    scores = score(TRUTH, TOLD)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 4 / 5 + 0) / 3)
    assert scores.accuracy == pytest.approx(4 / 6)
    assert scores.count == 6


def test_confusion_has_a_row_a_true_class_in_the_order_asked() -> None:
    scores = score(TRUTH, TOLD, order=["c", "d", "a", "b"])
    assert scores.classes == ("c", "a", "b")  # d is nowhere
    assert scores.facts()["confusion"] == {
        "c": {"c": 0, "a": 1, "b": 0},
        "a": {"c": 0, "a": 2, "b": 1},
        "b": {"c": 0, "a": 0, "b": 2},
    }


def test_a_class_that_only_the_answers_use_is_told_apart() -> None:
    scores = score(["a", "a", "b"], ["a", "x", "b"])
    assert scores.macro_f1 == pytest.approx((2 / 3 + 1) / 2)
    assert scores.macro_f1_all == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert scores.by_class()["x"].support == 0


def test_all_right_leaves_no_doubt_and_all_wrong_neither() -> None:
    labels = ["a", "b", "c"] * 30
    assert score(labels, labels).interval == (1.0, 1.0)
    assert score(["a"] * 5, ["b"] * 5).interval == (0.0, 0.0)


def test_the_interval_is_the_same_each_time_and_in_any_order() -> None:
    truth, told = _answers(200, seed=1)
    assert score(truth, told).interval == score(truth, told).interval
    turned = score(truth[::-1], told[::-1])
    assert turned.interval == score(truth, told).interval


def test_the_interval_is_about_the_score_and_narrows_with_more_statements() -> None:
    truth, told = _answers(100, seed=2)
    few, many = score(truth, told), score(truth * 16, told * 16)
    for scores in (few, many):
        low, high = scores.interval
        assert low < scores.macro_f1 < high
    widths = [high - low for low, high in (few.interval, many.interval)]
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.15)


def test_the_interval_is_that_of_statements_drawn_one_by_one() -> None:
    truth, told = _answers(80, seed=3)
    random = np.random.default_rng(5)
    drawn = [
        score([truth[n] for n in some], [told[n] for n in some]).macro_f1
        for some in random.integers(0, 80, (400, 80)).tolist()
    ]
    expected = np.quantile(drawn, [0.025, 0.975]).tolist()
    assert score(truth, told).interval == pytest.approx(expected, abs=0.03)


def test_nineteen_intervals_in_twenty_hold_the_score_of_all_there_is() -> None:
    everything = score(*_answers(100_000, seed=4)).macro_f1
    intervals = [score(*_answers(150, seed=seed)).interval for seed in range(100, 200)]
    holding = sum(low <= everything <= high for low, high in intervals)
    assert 88 <= holding <= 100


def _answers(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Invent labels of three unequal classes, seven in ten told right."""
    random = np.random.default_rng(seed)
    truth = random.choice(["a", "b", "c"], count, p=[0.5, 0.3, 0.2])
    told = np.where(random.random(count) < 0.7, truth, random.choice(["a", "b", "c"], count))
    return truth.tolist(), told.tolist()
