"""Words as they are compared, and lists of them, written so that a person can mend them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def word_set(text: str) -> frozenset[str]:
    """Split a text into the set of its words."""
    return frozenset(text.split())


def folded(word: str) -> str:
    """Return a word in lower case without accents, as people type it in every way."""
    return without_accents(word.lower())


def without_accents(text: str) -> str:
    """Return the text in ASCII letters; what has none is left out."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def holds_any(text: str, pieces: Iterable[str]) -> bool:
    """Tell a text that holds one of these pieces, in whatever case.

    Where a pattern that ignores case needs one of them, this rules most texts out much sooner.
    """
    folded = text.replace("İ", "i").replace("ı", "i").casefold()  # as such a pattern reads them
    return any(piece in folded for piece in pieces)
