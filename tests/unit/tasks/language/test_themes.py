"""Themes from the definitions alone; the consultation here is about a swimming pool."""

from __future__ import annotations

import pytest

from tasks.consultation import Theme
from tasks.language.themes import ThemeModel

THEMES = (
    Theme(
        "bassins",
        "l'eau et les bassins de la piscine",
        "Bassins",
        cues=("bassin", "eau + froid* | chaud*", "grand bain", "couloir* de nage"),
        counter_cues=("eau de la douche",),
        examples=("Nager le matin avant le travail",),
    ),
    Theme(
        "accueil",
        "l'accueil du public et les tarifs",
        "Accueil et tarifs",
        cues=("caisse", "tarif*", "vestiaire", "bain de foule"),
    ),
)
MODEL = ThemeModel.of(THEMES, ["patinoire", "bassin minier"])


@pytest.mark.parametrize(
    ("text", "heading", "theme", "why"),
    [
        ("Les bassins sont petits", None, "bassins", "repère « bassin »"),
        ("LES BASSINS", None, "bassins", "repère « bassin »"),
        ("Une tarification simple", None, "accueil", "repère « tarif* »"),
        ("L'eau est bien trop froide", None, "bassins", "repère « eau + froid* »"),
        ("Des couloirs réservés à la nage", None, "hors_theme", "aucun repère"),
        ("Des couloirs pour la nage", None, "bassins", "repère « couloir* de nage »"),
        ("Le bassin minier", None, "hors_theme", "repère « bassin minier »"),
        ("Une patinoire", None, "hors_theme", "repère « patinoire »"),
        ("Les trains sont en retard", None, "hors_theme", "aucun repère"),
        ("Nager avant le travail", None, "bassins", "exemple « Nager le matin avant le travail »"),
        ("C'est trop cher", "Accueil et tarifs", "accueil", "titre « Accueil et tarifs »"),
        ("C'est trop cher", "2)", "accueil", "titre « 2) »"),
        ("C'est trop cher", "Thème 1", "bassins", "titre « Thème 1 »"),
        ("C'est trop cher", "En vrac", "hors_theme", "aucun repère"),
    ],
)
def test_statement_has_its_theme(text: str, heading: str | None, theme: str, why: str) -> None:
    (label,) = MODEL.classify([text], [heading])
    assert (label.theme, label.why) == (theme, why)
    assert 0 <= label.score <= 1


def test_second_theme_is_told_when_both_are_there() -> None:
    (label,) = MODEL.classify(["Le bassin et la caisse"], [None])
    assert {label.theme, label.theme2} == {"bassins", "accueil"}


def test_parts_of_a_cue_must_stand_near_each_other() -> None:
    far = (
        "eau "
        + "et puis encore ceci cela aussi ensuite enfin bref voilà donc ainsi " * 3
        + "froide"
    )
    assert MODEL.classify([far], [None])[0].theme == "hors_theme"


def test_model_without_cues_knows_its_examples_and_headings() -> None:
    model = ThemeModel.of([Theme("a", "les arbres de la ville", "Arbres")], [])
    labels = model.classify(
        ["Planter des arbres en ville", "Rien"], [None, "Les arbres de la ville"]
    )
    assert [label.theme for label in labels] == ["a", "a"]
