from __future__ import annotations

import pytest

from tasks.privacy.communes import communes, communes_of, departments, place_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Saint-Pourçain-sur-Sioule", "saint pourcain sur sioule"),
        ("ST POURÇAIN S/ SIOULE", "saint pourcain sur sioule"),
        ("L’Isle-d'Œuf", "l isle d oeuf"),
        ("  ", ""),
    ],
)
def test_places_are_compared_without_case_accents_nor_short_forms(text: str, words: str) -> None:
    assert " ".join(place_words(text)) == words


@pytest.mark.parametrize(
    ("name", "department", "code"),
    [
        ("Moulins", "03", "03190"),
        ("Moulins", "35", "35198"),
        ("Moulins", "75", None),
        ("La Vergne", "17", "17465"),
        ("Vergne", "17", None),  # Vergné, or La Vergne without its article
    ],
)
def test_a_name_counts_when_it_is_the_only_one(
    name: str, department: str, code: str | None
) -> None:
    assert communes().named(place_words(name), [department]) == code


def test_a_postal_code_alone_counts_when_it_has_one_commune() -> None:
    found = [communes().alone(code) for code in ("03630", "03000", "75012", "00000")]
    assert found == ["03098", None, "75056", None]


def test_a_department_has_its_communes_and_a_name() -> None:
    near = communes_of("03")
    assert len(near) == 317
    assert near["03190"] == "Moulins"
    assert departments()[place_words("Puy-de-Dôme")] == departments()["63",] == "63"


def test_every_commune_is_in_a_department_that_has_a_name() -> None:
    known = set(departments().values())
    assert {c for (c, _) in communes().by_name} <= known
