"""Constat, proposition or neither."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.language.kinds import (
    _CLAUSE_INFINITIVE,
    _FINITE,
    _HEAD_INFINITIVE,
    _MAY_BE_FINITE,
    _MAY_BE_INFINITIVE,
    _MAY_HOLD,
    _RULES,
    _WORD,
    classify_kinds,
)

PROPOSITIONS = [
    "Il faut plus de patrouilles",
    "IL FAUDRAIT UNE PERMANENCE",
    "Il serait utile d'ouvrir le samedi",
    "Je propose un numéro unique",
    "Nous demandons le retour de la brigade",
    "J'aimerais que les agents passent à pied",
    "Renforcer les effectifs de la brigade",
    "Ne pas fermer la caserne",
    "Plus de gendarmes à pied",
    "Moins de paperasse pour les agents",
    "Retour de la police de proximité",
    "Création d'une brigade à cheval",
    "Une meilleure écoute des victimes",
    "Non aux caméras",
    "Stop aux rodéos",
    "Rouvrez la gendarmerie !",
    "Que les gendarmes viennent dans les écoles",
    "On devrait pouvoir écrire à sa brigade",
    "Ce serait bien de connaître les agents",
    "Pourquoi ne pas créer un café des gendarmes ?",
    "Les agents doivent être mieux équipés",
    "Merci de rouvrir le bureau du bourg",
]
CONSTATS = [
    "Il n'y a plus de gendarmes dans le canton",
    "On ne voit jamais de patrouille",
    "La brigade ferme à dix-huit heures",
    "Les gendarmes sont aimables",
    "J'ai attendu deux heures au commissariat",
    "Trop de vitesse dans la rue principale",
    "Le manque de respect envers les agents",
    "Incivilités, tags, bruit la nuit",
    "C'est difficile de porter plainte",
    "Il faut vingt minutes de route pour trouver une brigade ouverte, c'est trop",
]
OTHERS = [
    "Merci",
    "Rien à dire",
    "Oui.",
    "Même réponse que plus haut",
    "Quelles sont ces valeurs ?",
]


@pytest.mark.parametrize(
    ("text", "kind"),
    [(t, "proposition") for t in PROPOSITIONS]
    + [(t, "constat") for t in CONSTATS]
    + [(t, "autre") for t in OTHERS],
)
def test_statement_has_its_kind(text: str, kind: str) -> None:
    (label,) = classify_kinds([text])
    assert label.kind == kind, label.why
    assert 0.5 <= label.score <= 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Il faut agir", "« il faut »"),
        ("Améliorer l'accueil", "infinitif « améliorer »"),
        ("L'amélioration de l'accueil", "« l'amélioration »"),
        ("La brigade est loin", "« est »"),
        ("La brigade ferme à dix-huit heures", "aucune demande repérée"),
    ],
)
def test_reason_quotes_the_citizen(text: str, why: str) -> None:
    assert classify_kinds([text])[0].why == why


@pytest.mark.parametrize("number", range(len(_RULES)))
def test_what_a_rule_finds_has_a_word_that_it_needs(number: int) -> None:
    @settings(max_examples=30, deadline=None, database=None)
    @given(st.from_regex(_RULES[number].pattern))
    def check(text: str) -> None:
        assert any(number in _MAY_HOLD[word] for word in _WORD.findall(text)), text

    check()


PIECES = st.sampled_from(
    (
        *(
            "creer",
            "finir",
            "s'unir",
            "l'ouvrir",
            "d'agir",
            "refaire",
            "prevoir",
            "2 lire",
            "_dire",
        ),
        *("c'est", "n'a", "il a", "parlaient", "qu'on fait", "disait", "et", "de", "ne pas"),
        *(",", ".", "- ", "!", "ßaller", "quartier", "brigade"),
    )
)


@given(st.lists(PIECES, max_size=6).map(" ".join))
def test_a_verb_that_is_found_is_a_word_that_may_be_one(text: str) -> None:
    words = _WORD.findall(text)
    if _FINITE.search(text):
        assert any(_MAY_BE_FINITE[word] for word in words)
    if _HEAD_INFINITIVE.match(text) or _CLAUSE_INFINITIVE.search(text):
        assert any(_MAY_BE_INFINITIVE[word] for word in words)
