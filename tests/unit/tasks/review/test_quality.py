from __future__ import annotations

import hashlib
import random
from typing import Any

import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from tasks.review.blind import LEARN, MEASURE, Unit
from tasks.review.quality import ACTS, quality_rows

Row = dict[str, Any]
THEMES = ("service", "lien", "hors_theme")


def unit(number: int, theme: str, kind: str = "constat", copies: int = 1) -> Unit:
    words_trace = hashlib.sha256(str(number).encode()).hexdigest()[:32]
    return Unit(words_trace, f"c-{number:016x}-001", theme, kind, copies)


def draws_of(units: list[Unit], population: list[Unit], part: str = MEASURE) -> list[Row]:
    held = [one.stratum for one in population]
    drawn = [one.stratum for one in units]
    return [
        {
            "words_trace": one.words_trace,
            "statement_id": one.statement_id,
            "stratum": one.stratum,
            "population_count": held.count(one.stratum),
            "drawn_count": drawn.count(one.stratum),
            "part": part,
        }
        for one in units
    ]


def said(one: Unit, *labels: str | None, label_type: str = "theme") -> list[Row]:
    """What reader 1, then reader 2, says of a unit."""
    return [
        {
            "act": ACTS[label_type],
            "subject": one.statement_id,
            "reader": reader,
            "after": label,
            "anchors": [one.words_trace],
        }
        for reader, label in enumerate(labels, 1)
        if label is not None
    ]


def whole(population: list[Unit], draws: list[Row], decisions: list[Row]) -> Row:
    (row,), _ = quality_rows(population, draws, decisions)
    return row


def of_class(label: str, population: list[Unit], draws: list[Row], decisions: list[Row]) -> Row:
    _, rows = quality_rows(population, draws, decisions)
    return next(row for row in rows if row["label"] == label)


@pytest.fixture
def consultation() -> tuple[list[Unit], list[Unit], list[Row]]:
    """400 units, most of one theme; 90 drawn, 30 a theme; what two readers say of them."""
    chance = random.Random(2020)
    population = [
        unit(n, "service" if n < 300 else THEMES[1 + n % 2], copies=1 + n % 3) for n in range(400)
    ]
    drawn = [one for theme in THEMES for one in [u for u in population if u.theme == theme][:30]]
    decisions = []
    for one in drawn:
        true = one.theme if chance.random() < 0.7 else chance.choice(THEMES)
        other = true if chance.random() < 0.8 else chance.choice(THEMES)
        decisions += said(one, true, other)
    return population, drawn, decisions


def expected_weight(one: Unit, population: list[Unit], drawn: list[Unit]) -> float:
    return sum(u.stratum == one.stratum for u in population) / sum(
        u.stratum == one.stratum for u in drawn
    )


def test_f1_and_kappa_are_those_of_scikit_learn_weighted_as_the_consultation_is(
    consultation: tuple[list[Unit], list[Unit], list[Row]],
) -> None:
    population, drawn, decisions = consultation
    row = whole(population, draws_of(drawn, population), decisions)
    first, second = ([r["after"] for r in decisions if r["reader"] == n] for n in (1, 2))
    told = [one.theme for one in drawn]
    weights = [expected_weight(one, population, drawn) for one in drawn]
    f1 = f1_score(first + second, told * 2, average="macro", sample_weight=weights * 2)
    assert row["macro_f1"] == pytest.approx(f1, abs=1e-4)
    kappa = cohen_kappa_score(first, second, sample_weight=weights)
    assert row["kappa"] == pytest.approx(kappa, abs=1e-4)
    assert row["f1_low"] < row["macro_f1"] < row["f1_high"]
    assert row["kappa_low"] < row["kappa"] < row["kappa_high"]
    assert abs(f1 - f1_score(first + second, told * 2, average="macro")) > 0.01, "weights matter"


def test_each_class_is_scored_as_scikit_learn_does(
    consultation: tuple[list[Unit], list[Unit], list[Row]],
) -> None:
    population, drawn, decisions = consultation
    first, second = ([r["after"] for r in decisions if r["reader"] == n] for n in (1, 2))
    told = [one.theme for one in drawn] * 2
    weights = [expected_weight(one, population, drawn) for one in drawn] * 2
    scores = f1_score(first + second, told, average=None, labels=THEMES, sample_weight=weights)
    for theme, f1 in zip(THEMES, scores, strict=True):
        row = of_class(theme, population, draws_of(drawn, population), decisions)
        assert row["f1"] == pytest.approx(f1, abs=1e-4)
        assert row["f1_low"] < row["f1"] < row["f1_high"]


def test_the_order_of_what_was_drawn_and_decided_changes_nothing(
    consultation: tuple[list[Unit], list[Unit], list[Row]],
) -> None:
    population, drawn, decisions = consultation
    draws = draws_of(drawn, population)
    found = quality_rows(population, draws, decisions)
    assert quality_rows(population[::-1], draws[::-1], decisions[::-1]) == found


def test_what_two_readers_tell_apart_counts_half() -> None:
    population = [unit(n, "service") for n in range(40)]
    decisions = [row for one in population for row in said(one, "service", "lien")]
    row = of_class("service", population, draws_of(population, population), decisions)
    assert (row["precision"], row["recall"]) == (0.5, 1.0)
    assert (row["true_count"], row["told_count"]) == (40, 40)


def test_one_reader_alone_counts_whole_and_measures_no_agreement() -> None:
    population = [unit(n, THEMES[n % 2]) for n in range(40)]
    decisions = [row for one in population for row in said(one, one.theme)]
    row = whole(population, draws_of(population, population), decisions)
    assert (row["macro_f1"], row["read_count"], row["read_twice_count"]) == (1.0, 40, 0)
    assert row["kappa"] is None


def test_readers_who_agree_on_all_they_read_are_not_said_to_agree_on_everything() -> None:
    population = [unit(n, THEMES[n % 2]) for n in range(400)]
    drawn = population[:40]
    decisions = [row for one in drawn for row in said(one, one.theme, one.theme)]
    row = whole(population, draws_of(drawn, population), decisions)
    assert (row["kappa"], row["kappa_high"]) == (1.0, 1.0)
    assert 0.7 < row["kappa_low"] < 0.95


def test_a_machine_that_made_no_error_in_the_sample_may_make_some_elsewhere() -> None:
    population = [unit(n, THEMES[n % 2]) for n in range(400)]
    drawn = population[:40]
    decisions = [row for one in drawn for row in said(one, one.theme)]
    draws = draws_of(drawn, population)
    for row in (
        whole(population, draws, decisions),
        of_class("lien", population, draws, decisions),
    ):
        assert row["f1_high"] == 1.0
        assert 0.7 < row["f1_low"] < 0.95


def test_kappa_is_never_below_what_it_can_be() -> None:
    population = [unit(n, "service") for n in range(40)]
    decisions = [
        row
        for n, one in enumerate(population)
        for row in said(one, "lien" if n < 2 else "service", "lien" if n > 37 else "service")
    ]
    row = whole(population, draws_of(population, population), decisions)
    assert -1 <= row["kappa_low"] < row["kappa"] < 0


def test_below_what_is_enough_there_are_counts_and_no_figure() -> None:
    population = [unit(n, THEMES[n % 2]) for n in range(100)]
    draws = draws_of(population[:40], population)
    decisions = [row for one in population[:29] for row in said(one, one.theme, "lien")]
    (row,), by_class = quality_rows(population, draws, decisions)
    assert (row["drawn_count"], row["read_count"], row["read_twice_count"]) == (40, 29, 29)
    assert [row[name] for name in ("macro_f1", "f1_low", "kappa", "kappa_high")] == [None] * 4
    assert by_class == []


def test_a_class_that_few_units_are_of_has_no_figure() -> None:
    population = [unit(n, "lien" if n < 9 else "service") for n in range(60)]
    decisions = [row for one in population for row in said(one, one.theme)]
    draws = draws_of(population, population)
    assert of_class("lien", population, draws, decisions)["f1"] is None
    assert of_class("service", population, draws, decisions)["f1"] == 1.0


def test_what_serves_to_learn_is_not_scored() -> None:
    population = [unit(n, "service") for n in range(80)]
    draws = [
        *draws_of(population[:40], population),
        *draws_of(population[40:], population, LEARN),
    ]
    decisions = [row for one in population[:40] for row in said(one, "service")]
    decisions += [row for one in population[40:] for row in said(one, "lien")]
    row = whole(population, draws, decisions)
    assert (row["drawn_count"], row["read_count"], row["macro_f1"]) == (40, 40, 1.0)


def test_words_that_are_gone_are_left_out() -> None:
    population = [unit(n, "service") for n in range(80)]
    draws = draws_of(population, population)
    decisions = [row for one in population for row in said(one, "service")]
    row = whole(population[:35], draws, decisions)
    assert (row["population_count"], row["drawn_count"], row["read_count"]) == (35, 35, 35)
    assert quality_rows([], draws, decisions) == ([], [])


def test_strata_of_which_nothing_was_read_are_said_to_be_out() -> None:
    population = [unit(n, "service") for n in range(90)]
    population += [unit(n, "lien", copies=9) for n in range(90, 100)]
    draws = draws_of(population[:40], population)
    decisions = [row for one in population[:40] for row in said(one, "service")]
    row = whole(population, draws, decisions)
    assert (row["covered_share"], row["covered_statement_share"]) == (0.9, 0.5)


def test_a_unit_whose_label_changed_keeps_the_rate_at_which_it_was_drawn() -> None:
    """Of `lien` all were drawn, of `service` one in ten: the machine then called some `service`."""
    before = [unit(n, "service" if n < 400 else "lien") for n in range(440)]
    drawn = [*before[:40], *before[400:]]
    draws = draws_of(drawn, before)
    now = [*before[:400], *(unit(n, "service") for n in range(400, 440))]
    decisions = [row for one in before[:40] for row in said(one, "service")]
    decisions += [row for one in before[400:] for row in said(one, "lien")]
    row = of_class("service", now, draws, decisions)
    assert row["precision"] == pytest.approx(400 / 440, abs=1e-4)


def test_nothing_read_gives_no_row() -> None:
    population = [unit(n, "service") for n in range(80)]
    assert quality_rows(population, draws_of(population, population), []) == ([], [])


def test_themes_and_kinds_are_measured_apart() -> None:
    population = [unit(n, "service", "proposition" if n % 2 else "constat") for n in range(60)]
    draws = draws_of(population, population)
    decisions = [row for one in population for row in said(one, "lien")]
    for one in population[:40]:
        decisions += said(one, one.kind, label_type="kind")
    theme, kind = quality_rows(population, draws, decisions)[0]
    assert (theme["label_type"], theme["macro_f1"], theme["read_count"]) == ("theme", 0.0, 60)
    assert (kind["label_type"], kind["macro_f1"], kind["read_count"]) == ("kind", 1.0, 40)


def test_readers_who_agree_have_a_kappa_though_one_kind_was_read_once() -> None:
    """Two strata of one unit read are resampled together: one may be absent from a resample."""
    population = [unit(n, "service", "proposition") for n in range(60)]
    population += [unit(60, "lien", "constat"), unit(61, "hors_theme", "proposition")]
    read = [*population[:30], *population[60:]]
    decisions = [row for u in read for row in said(u, u.kind, u.kind, label_type="kind")]
    assert whole(population, draws_of(read, population), decisions)["kappa"] == 1
