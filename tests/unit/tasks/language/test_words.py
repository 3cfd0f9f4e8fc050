"""Words as the modules compare them: folded, cut, stemmed."""

from __future__ import annotations

import unicodedata
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.language.words import (
    Memory,
    content_words,
    each_content_word,
    fold,
    said,
    stem,
    tokens,
)

TEXTS = st.one_of(st.text(), st.text("aàéœÆ’`İıſß…½[nom] \xa0\u0301", max_size=30))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’ÉTÉ à Moulins", "l'ete a moulins"),
        ("cœur, Æthelred", "coeur, aethelred"),
        ("`l'été´", "'l'ete'"),
        ("ﬁn… ½", "fin... 1⁄2"),
        ("e\u0301te\u0301", "ete"),
    ],
    ids=["accents", "ligatures", "apostrophes", "compatibility", "combining"],
)
def test_a_folded_text_is_plain(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(TEXTS)
def test_a_folded_text_has_neither_accents_nor_what_unicode_holds_equal(text: str) -> None:
    folded = fold(text)
    assert unicodedata.normalize("NFKD", folded) == folded
    assert not any(map(unicodedata.combining, folded))


@given(st.lists(TEXTS, max_size=4))
def test_signs_are_folded_one_by_one(parts: list[str]) -> None:
    assert fold(" ".join(parts)) == " ".join(fold(part) for part in parts)


@given(TEXTS)
@example("[nom] habite Yzeure [adresse]")
def test_words_are_the_same_however_they_are_read(text: str) -> None:
    assert list(each_content_word(text)) == content_words(text)
    assert set(content_words(text)) <= set(said(text).words) <= set(tokens(text))
    assert said(text).stems == tuple(map(stem, said(text).words))


def test_a_reader_may_stop_at_the_first_word() -> None:
    assert list(islice(each_content_word("La gendarmerie est fermée"), 1)) == ["gendarmerie"]


def test_masks_are_no_words() -> None:
    assert tokens("Mme [nom], [adresse]") == ("mme",)


def test_a_memory_asks_once_and_is_bounded() -> None:
    asked = []
    memory = Memory[int](lambda word: asked.append(word) or len(asked))
    assert [memory["a"], memory["b"], memory["a"]] == [1, 2, 1]
    for number in range(250_000):
        memory[str(number)]
    assert len(memory) < 110_000
