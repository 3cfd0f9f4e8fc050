"""The label that an administration would write."""

from __future__ import annotations

import pytest

from tasks.language.labels import MAXIMUM, short_label

LABELS = [
    (
        "Il faut plus de policiers dans les campagnes, car tout va mal.",
        "Plus de policiers dans les campagnes",
    ),
    ("Je propose de créer un numéro unique", "Créer un numéro unique"),
    ("À mon avis, il faudrait rouvrir la brigade !", "Rouvrir la brigade"),
    ("- il faut que les gendarmes soient plus présents", "Que les gendarmes soient plus présents"),
    ("Je demande le retour de la police de proximité.", "Le retour de la police de proximité"),
    ("Pourquoi ne pas ouvrir le samedi ?", "Ouvrir le samedi"),
    ("On devrait former les agents à l'accueil", "Former les agents à l'accueil"),
    ("RENFORCER LES EFFECTIFS", "Renforcer les effectifs"),
    ("Des caméras (partout), afin de dissuader", "Des caméras"),
    ("1) Plus de rondes", "Plus de rondes"),
    ("Il ne faut pas fermer la brigade", "Ne pas fermer la brigade"),
    ("On ne devrait jamais supprimer une ronde", "Ne jamais supprimer une ronde"),
    ("Rouvrez la brigade du canton !", "Rouvrir la brigade du canton"),
    ("Arrêtons de tout renvoyer à plus tard", "Arrêter de tout renvoyer à plus tard"),
    ("En formant les agents à l'accueil", "Former les agents à l'accueil"),
    ("En tant que citoyen, je demande un numéro unique", "Un numéro unique"),
    ("La solution serait de prêter la salle des fêtes", "Prêter la salle des fêtes"),
    ("Si l'on veut du calme, il faut des rondes à pied", "Des rondes à pied"),
    ("Former les agents Ouvrir le samedi", "Former les agents"),
    ("Un poste (le soir)et un numéro", "Un poste et un numéro"),
]
CONSTATS = [
    ("Il n'y a plus de gendarmes dans le canton", "Absence de gendarmes dans le canton"),
    ("Il y a un manque de policiers", "Manque de policiers"),
    ("Il y a trop de vitesse dans le bourg.", "Trop de vitesse dans le bourg"),
    ("On manque de policiers", "Manque de policiers"),
    ("Il manque des agents le soir", "Manque d'agents le soir"),
    ("Nous n'avons plus de gendarmerie dans le canton", "Absence de gendarmerie dans le canton"),
    ("J'ai l'impression que la police ne vient plus", "La police ne vient plus"),
    ("La police ne répond pas", "La police ne répond pas"),
    ("Par contre, l'accueil est correct", "L'accueil est correct"),
    ("Je pense que les délais sont trop longs", "Les délais sont trop longs"),
]


@pytest.mark.parametrize(
    ("text", "kind", "label"),
    [(t, "proposition", label) for t, label in LABELS]
    + [(t, "constat", label) for t, label in CONSTATS],
)
def test_label_is_what_an_administration_would_write(text: str, kind: str, label: str) -> None:
    assert short_label(text, kind) == label


RELATIVE = """Prévoir une permanence de la gendarmerie tous les mercredis matin dans les zones qui
sont loin de tout"""
COORDINATION = """Les gendarmes du canton font tout ce qu'ils peuvent avec les moyens du bord mais
si elle avait le choix"""
CUT = [
    (RELATIVE, "Prévoir une permanence de la gendarmerie tous les mercredis matin"),
    (COORDINATION, "Les gendarmes du canton font tout ce qu'ils peuvent avec les moyens du bord"),
]


@pytest.mark.parametrize(("text", "label"), CUT, ids=["relative", "coordination"])
def test_long_label_ends_with_a_clause(text: str, label: str) -> None:
    assert short_label(text, "constat") == label


LONG = """Il faudrait que chaque commune de plus de mille habitants dispose d'une permanence
hebdomadaire tenue par un gendarme qui connaît le secteur, avec un bureau fermé"""


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        "mot " * 80,
        "anticonstitutionnellement" * 8,
        "Il faut",
        "?",
        "« Ouvrir »",
    ],
    ids=["long", "no_clause", "one_word", "only_a_lead", "no_word", "quoted"],
)
def test_label_is_short_and_cut_between_words(text: str) -> None:
    label = short_label(text, "proposition")
    assert 0 < len(label) <= MAXIMUM
    assert label[0] == label[0].upper()
    assert label[-1] not in ".,;:" or label == text
    if " " in text.strip():
        assert all(word.lower() in text.lower() for word in label.split())
