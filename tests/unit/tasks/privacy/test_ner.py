"""The recogniser is loaded in parts: what it answers is what the whole model does."""

from __future__ import annotations

from typing import Any

import pytest
import spacy

from tasks.privacy.ner import MODEL, person_spans, recogniser


@pytest.fixture(scope="module")
def whole() -> Any:
    return spacy.load(MODEL)


@pytest.mark.parametrize(
    "sentence",
    [
        "Hier, Karim Zobrist est venu de Saint-Pourçain-sur-Sioule avec Lina Duvalle.",
        "L'arc-en-ciel, c'est-à-dire aujourd'hui : prud’homme et entr'acte, ex‑maire.",
        "Jean-Noël d'Aubigny et M. O'Brien-Dupré (mi-août 2020) n'ont rien vu ; 12h30 ?",
        "ANTI-ŒUVRE, rendez–vous à Château-sur-Allier ; x@y.fr ou http://a.fr/b-c :-) ಠ_ಠ",
        "Les habitants de Λ-sur-Allier et d'anti-Ωmega vont à Łódź-en-Bourbonnais.",
    ],
)
def test_words_and_persons_are_those_of_the_whole_model(whole: Any, sentence: str) -> None:
    expected = whole(sentence)
    assert [word.text for word in recogniser()(sentence)] == [word.text for word in expected]
    persons = [e for e in expected.ents if e.label_ == "PER"]
    assert person_spans(sentence) == tuple((e.start_char, e.end_char) for e in persons)
