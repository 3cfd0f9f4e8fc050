"""The plain answers beside ours; the consultation here is about a swimming pool."""

from __future__ import annotations

import pytest

from tasks.baselines import FOLDS, tell_by_words, tell_in_turn, tell_majority, tell_titles
from tasks.consultation import Theme

THEMES = (
    Theme("bassins", "l'eau et les bassins de la piscine", "Bassins"),
    Theme("accueil", "l'accueil du public et les tarifs", "Accueil", description="La caisse"),
)
WATER = [f"L'eau du bassin est {how}" for how in ("froide", "claire", "trouble", "bleue", "sale")]
DESK = [f"La caisse est {how}" for how in ("fermée", "lente", "ouverte", "loin", "pleine")]
TEXTS, LABELS = [*WATER, *DESK], ["bassins"] * 5 + ["accueil"] * 5


def test_the_commonest_label_is_told_everywhere() -> None:
    assert tell_majority(["b", "a", "b", "c"]) == ["b"] * 4
    assert tell_majority(["b", "a"]) == ["a", "a"]  # as many of each: the first by name


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("Des bassins d'eau tiède", "bassins"),
        ("Le tarif", "accueil"),
        ("Une caisse près du bassin, pour le public", "accueil"),
        ("Les trains sont en retard", "hors_theme"),
        ("", "hors_theme"),
    ],
)
def test_titles_tell_the_theme_that_shares_most_words(text: str, theme: str) -> None:
    assert tell_titles([text], THEMES) == [theme]


def test_words_are_weighed_on_known_labels() -> None:
    assert tell_by_words(TEXTS, LABELS, ["eau tiède", "à la caisse"]) == ["bassins", "accueil"]


def test_each_part_is_told_by_the_others() -> None:
    assert tell_in_turn(TEXTS, LABELS) == LABELS
    assert tell_in_turn(TEXTS, LABELS) == tell_in_turn(TEXTS, LABELS)


def test_no_statement_is_told_by_itself() -> None:
    # Each text has its own word, and a label that no other text explains.
    texts = [f"mot{n}" for n in range(4 * FOLDS)]
    labels = ["a", "b"] * (2 * FOLDS)
    told = tell_in_turn(texts, labels)
    assert len(set(told)) == 1  # nothing but chance to go by


@pytest.mark.parametrize(
    ("texts", "labels", "told"),
    [
        (["Le bassin"], ["bassins"], ["bassins"]),
        (["Le bassin", "La caisse"], ["bassins", "accueil"], ["accueil", "bassins"]),
        (["", "", ""], ["a", "a", "b"], ["a", "a", "a"]),
    ],
    ids=["one", "two", "no words"],
)
def test_few_statements_have_an_answer_too(
    texts: list[str], labels: list[str], told: list[str]
) -> None:
    assert tell_in_turn(texts, labels) == told
