"""Whatever the text, statements are spans of it: in order, apart, stripped, not empty.

What governs a statement is a span before it. Whatever the text, the work grows as its length does.
"""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.language.statements import split_statements

PIECES = st.sampled_from(
    (
        *("Bonjour,", "Il faut agir", "M. Petit", "- ", "1) ", "2. ", "Thème 2 : ", "etc.", "..."),
        *("!", "\n", "\r\n", "\n\n", " ", "  ", "\t", "[nom]", "www.exemple.fr", "3.5", ":"),
        *("plus de rondes", "Cordialement", "\u2028", "\u2029", "\x00", "É", "(", "»", "«", "İ"),
        *(", ", "; ", " / ", " + ", " - ", " et ", " : ", ", il faut donc ", "Propositions :"),
        *("former les agents", "de rouvrir la gare", "Je propose ", "œuvre", "e\u0301", "|", "'"),
    )
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_spans_are_words_of_the_text_in_order(text: str) -> None:
    spans = split_statements(text, ["attentes en termes de service rendu"])
    for span in spans:
        said = text[span.start : span.end]
        assert said
        assert said == said.strip()
        if span.lead:
            assert 0 <= span.lead[0] < span.lead[1] <= span.start
            assert text[slice(*span.lead)].strip() == text[slice(*span.lead)]
    assert all(a.end <= b.start for a, b in pairwise(spans))


HUNDRED_THOUSAND = {
    "commas": "la police, ",
    "commas_without_a_space": "a,",
    "bullets": "- plus de rondes\n",
    "semicolons": "rouvrir la gare ; ",
    "requests": ", il faut du calme ",
    "sentences": "On a peur. ",
    "abbreviations": "M. ",
    "quotations": "« Non. » ",
    "cells": "vitesse | ",
    "line_separators": "Le bruit\u2028",
    "masks": "[nom], ",
    "articles": "l'",
}


@pytest.mark.parametrize("unit", HUNDRED_THOUSAND.values(), ids=HUNDRED_THOUSAND)
def test_a_hundred_thousand_of_anything_takes_seconds(unit: str) -> None:
    text = "Mes demandes : " + unit * 100_000
    begun = time.process_time()
    split_statements(text)
    assert time.process_time() - begun < 10  # about 1 s; what grows as the square takes minutes


def test_a_megabyte_without_a_break_takes_seconds() -> None:
    text = "Il faut voir que " + "la brigade du canton ferme et " * 35_000
    begun = time.process_time()
    assert len(split_statements(text)) == 1
    assert time.process_time() - begun < 10
