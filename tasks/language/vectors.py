"""Words as vectors: near words are near each other, a statement is the sum of its words.

The table (`word_vectors.npz`) is learnt by `benchmarks/word_vectors.py` from which words citizens
write together; it holds words that several texts use and small integers, nobody's sentence. All
sums are of integers, so every machine finds the same numbers.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from itertools import chain

import numpy as np
import numpy.typing as npt

from tasks.language.words import Memory, stem

INT = npt.NDArray[np.int64]
FLOAT = npt.NDArray[np.float64]
UNIT = 2047  # what 1.0 is in a unit vector of integers; products of two stay exact in a double


@dataclass(frozen=True)
class WordVectors:
    """A vector of small integers a stem, and in how many of `text_count` texts it was seen.

    A stem is named by its commonest word.
    """

    words: Mapping[str, int]
    vectors: npt.NDArray[np.int8]
    text_counts: INT
    text_count: int

    @classmethod
    def read(cls, table: bytes) -> WordVectors:
        """Read a table that `write` made."""
        with np.load(io.BytesIO(table)) as stored:
            words = stored["words"].tobytes().decode().split("\n")
            return cls(
                {word: place for place, word in enumerate(words)},
                stored["vectors"],
                stored["text_counts"].astype(np.int64),
                int(stored["text_count"]),
            )

    def write(self) -> bytes:
        """Write the table; the same vectors give the same bytes."""
        out = io.BytesIO()
        np.savez_compressed(
            out,
            words=np.frombuffer("\n".join(self.words).encode(), np.uint8),
            vectors=self.vectors,
            text_counts=self.text_counts.astype(np.int32),
            text_count=np.int64(self.text_count),
        )
        return out.getvalue()

    def place(self, word: str) -> int | None:
        """Return the row of a word's stem; null when it has none."""
        return self._places[word]

    @cached_property
    def names(self) -> list[str]:
        """The word of each row."""
        return list(self.words)

    @cached_property
    def ranks(self) -> list[int]:
        """The place of each row's word in their alphabetical order."""
        ranks = np.empty(len(self.names), dtype=np.int64)
        ranks[np.argsort(self.names)] = np.arange(len(self.names))
        return [int(rank) for rank in ranks]

    @cached_property
    def _places(self) -> Memory[int | None]:
        return Memory(lambda word: self._stems.get(stem(word)))

    @cached_property
    def _stems(self) -> dict[str, int]:
        return {stem(word): place for word, place in self.words.items()}

    @cached_property
    def rarity(self) -> INT:
        """What each word weighs by its rarity in general, in thousandths."""
        return np.array(
            [round(1000 * math.log(self.text_count / n)) for n in self.text_counts.tolist()]
        )

    def sums(
        self,
        statements: Sequence[Sequence[str]],
        weights: INT,
    ) -> INT:
        """Add up the vectors of each statement's distinct words, each times its weight."""
        place_of = self._places.__getitem__
        places = [
            [place for place in map(place_of, dict.fromkeys(words)) if place is not None]
            for words in statements
        ]
        bounds = np.concatenate(([0], np.cumsum([len(p) for p in places]))).astype(np.int64)
        flat = np.fromiter(chain.from_iterable(places), np.int64, int(bounds[-1]))
        return weighted_sums(flat, bounds, weights, self._wide)

    @cached_property
    def _wide(self) -> INT:
        return self.vectors.astype(np.int64)


def weighted_sums(places: INT, bounds: INT, weights: INT, vectors: npt.NDArray[np.integer]) -> INT:
    """Add up the vectors at some places, each times its weight.

    Row n sums those of `places[bounds[n]:bounds[n + 1]]`.
    """
    from scipy.sparse import csr_array

    shape = (len(bounds) - 1, len(vectors))
    rows = csr_array((weights[places], places, bounds), shape=shape)
    sums: INT = rows @ vectors.astype(np.int64, copy=False)
    return sums


def unit(sums: npt.NDArray[np.integer]) -> INT:
    """Scale rows of integers to the length `UNIT`; a row of zeros stays."""
    values = sums.astype(np.float64)
    lengths = np.sqrt((values * values).sum(axis=1, keepdims=True))
    lengths[lengths == 0] = 1.0
    scaled: INT = np.rint(values * (UNIT / lengths)).astype(np.int64)
    return scaled


@cache
def word_vectors() -> WordVectors:
    """Read the table that comes with the program, once."""
    table = resources.files("tasks.language").joinpath("word_vectors.npz")
    return WordVectors.read(table.read_bytes())
