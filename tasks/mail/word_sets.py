"""Lists of words, written as prose so that a person can read and mend them."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Split a text into the set of its words."""
    return frozenset(text.split())
