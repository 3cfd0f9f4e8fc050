"""How often a word is a first name, a surname, an ordinary word, a commune.

The table is made by `benchmarks/name_table.py`, which names its sources; it decides nothing alone.
"""

from __future__ import annotations

import gzip
import unicodedata
from functools import cache
from importlib import resources
from io import StringIO
from typing import Final, NamedTuple


class Levels(NamedTuple):
    """The base-2 logarithms of how many people bear a word, texts write it, people live there."""

    first_name: int
    surname: int
    word: int
    place: int

    @property
    def name(self) -> int:
        """Return how much of a name it is, of whichever sort."""
        return max(self.first_name, self.surname)


UNKNOWN: Final = Levels(0, 0, 0, 0)


def folded(word: str) -> str:
    """Return a word in lower-case ASCII letters."""
    word = word.lower().replace("œ", "oe").replace("æ", "ae")
    if word.isascii():
        return word
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()


def levels(word: str) -> Levels:
    """Return what the table says of a folded word."""
    return _table().get(word, UNKNOWN)


@cache
def _table() -> dict[str, Levels]:
    packed = resources.files("tasks.privacy").joinpath("words.csv.gz").read_bytes()
    lines = StringIO(gzip.decompress(packed).decode())
    next(lines)
    rows = (line.rstrip("\n").partition(",") for line in lines)
    return {word: _levels(counts) for word, _, counts in rows}


@cache
def _levels(counts: str) -> Levels:
    """Read what the table says of a word: a thousand combinations do for 138,000 words."""
    return Levels(*map(int, counts.split(",")))
