"""Whatever the text, statements are spans of it: in order, apart, stripped, not empty."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.language.statements import split_statements

PIECES = st.sampled_from(
    (
        *("Bonjour,", "Il faut agir", "M. Petit", "- ", "1) ", "2. ", "Thème 2 : ", "etc.", "..."),
        *("!", "\n", "\r\n", "\n\n", " ", "  ", "\t", "[nom]", "www.exemple.fr", "3.5", ":"),
        *("plus de rondes", "Cordialement", "\u2028", "É", "(", "»"),
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
    assert all(a.end <= b.start for a, b in pairwise(spans))
