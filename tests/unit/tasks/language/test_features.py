"""What the folds read of a statement."""

from __future__ import annotations

import pytest

from tasks.language.encoders import NO_COMMON_WORDS, CommonWords
from tasks.language.features import FEATURES_SCHEMA, hash_words, read_features
from tasks.language.vectors import word_vectors


def _features(*texts: str, common: CommonWords = NO_COMMON_WORDS) -> list[dict[str, object]]:
    count = len(texts)
    table = read_features(texts, ["service"] * count, ["constat"] * count, common)
    assert table.schema == FEATURES_SCHEMA
    return table.to_pylist()


def test_only_what_points_the_same_way_is_compared() -> None:
    one, other = _features("Il y a des patrouilles", "Il n'y a pas de patrouilles")
    assert one["block"] != other["block"]
    assert str(one["block"]).startswith("service|constat|")


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("Plus de patrouilles", "plus de PATROUILLES !", 1),
        ("Plus de patrouilles [nom]", "plus de patrouilles", 1),
        ("Plus de patrouilles", "Plus de rondes", 2),
        ("!!!", "???", 2),  # no word at all: the very signs
    ],
)
def test_a_text_is_known_by_its_words(one: str, other: str, count: int) -> None:
    assert len({row["text_key"] for row in _features(one, other)}) == count


def test_the_subject_is_what_the_vectors_know_beside_what_all_is_about() -> None:
    said = "La gendarmerie doit ouvrir le samedi"
    names = word_vectors().names
    common = CommonWords(frozenset(), ("gendarm",))
    with_all, without = (
        [names[row] for row in _features(said, common=kept)[0]["subject"]]  # type: ignore[attr-defined]
        for kept in (NO_COMMON_WORDS, common)
    )
    assert set(with_all) - set(without) == {"gendarmerie"}


def test_the_address_of_a_page_is_no_word() -> None:
    assert hash_words("Voir https://www.exemple.fr/faits/17 et www.exemple.fr") == hash_words(
        "Voir et"
    )
