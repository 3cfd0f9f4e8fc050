"""Which groups say nearly the same, so that a reviewer sees at once which to join."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import Final

import numpy as np
from scipy import sparse

from tasks.language.words import content_words, stems

NEAR: Final = 0.35  # cosine of the words' weights; less is nothing to look at
MOST: Final = 2
ENOUGH: Final = 0.15  # share of a group's texts; what fewer say is no example of it
_BLOCK: Final = 512


def nearest(groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return, by the name of each group of texts, those before it that say nearly the same.

    The nearest come first. Of two groups only the later names the other: a pair is read once.
    """
    names = list(groups)
    weights = _weights([[stems_of(text) for text in texts] for texts in groups.values()])
    return {
        names[row]: [names[column] for column in columns]
        for row, columns in _near(weights)
        if columns
    }


def stems_of(text: str) -> frozenset[str]:
    """Return the stems of the words by which texts are compared."""
    return stems(content_words(text))


def most_said(texts: Sequence[str], most: int, said: str) -> list[str]:
    """Return the text whose words most texts say, then the one that adds most to it, and so on.

    What was `said` already counts for nothing: texts that add nothing to it, or only words that few
    say, are left aside.
    """
    left = {text: stems_of(text) for text in texts}
    every = Counter(word for words in left.values() for word in words)
    counts = {word: n for word, n in every.items() if n >= ENOUGH * len(left)}
    known = set(stems_of(said))
    chosen: list[str] = []

    def adds(text: str) -> float:
        # A long text gains little by being long.
        return sum(counts.get(word, 0) for word in left[text] - known) / sqrt(
            max(1, len(left[text]))
        )

    while len(chosen) < most and any(map(adds, left)):
        best = max(left, key=adds)
        known |= left.pop(best)
        chosen.append(best)
    return chosen


def _weights(groups: Sequence[Sequence[frozenset[str]]]) -> sparse.csr_matrix:
    """Weigh the words of each group by how many of its texts have them and how few of all do.

    What one text alone says weighs little in a large group; rows are of length one.
    """
    counts = Counter(word for texts in groups for words in texts for word in words)
    total = sum(map(len, groups))
    places = {word: place for place, word in enumerate(sorted(counts))}
    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for texts in groups:
        said = Counter(word for words in texts for word in words)
        columns += [places[word] for word in said]
        values += [n / len(texts) * np.log(1 + total / counts[word]) for word, n in said.items()]
        starts.append(len(columns))
    matrix = sparse.csr_matrix((values, columns, starts), (len(groups), len(places)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags_array(1 / np.maximum(lengths, 1e-9)) @ matrix)


def _near(weights: sparse.csr_matrix) -> Iterator[tuple[int, list[int]]]:
    transposed = weights.T.tocsc()
    for start in range(0, weights.shape[0], _BLOCK):
        before = sparse.tril(weights[start : start + _BLOCK] @ transposed, start - 1).tocsr()
        before.data *= before.data >= NEAR
        before.eliminate_zeros()
        for row in range(before.shape[0]):
            place = slice(before.indptr[row], before.indptr[row + 1])
            found = sorted(zip(-before.data[place], before.indices[place], strict=True))
            yield start + row, [int(column) for _, column in found[:MOST]]
