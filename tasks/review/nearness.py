"""Which groups say nearly the same, so that a reviewer sees at once which to join."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from scipy import sparse

from tasks.language.words import content_words, stem

NEAR: Final = 0.3  # cosine of the words' weights; less is nothing to look at
MOST: Final = 3
# A word of a fifth of the texts tells none of them from the others.
_COMMON: Final = 0.2
_FEW: Final = 20
_BLOCK: Final = 512


def nearest(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Return, for each text by its name, the names of those nearest to it, the nearest first."""
    names = list(texts)
    weights = _weights([sorted(stems_of(text)) for text in texts.values()])
    return {
        names[row]: [names[column] for column in columns]
        for row, columns in _near(weights)
        if columns
    }


def stems_of(text: str) -> frozenset[str]:
    """Return the stems of the words by which texts are compared."""
    return frozenset(map(stem, content_words(text)))


def most_different(texts: Sequence[str], most: int) -> list[str]:
    """Return the first text, then those that have least in common with the ones chosen."""
    left = {text: stems_of(text) for text in texts}
    chosen: list[str] = []
    said: frozenset[str] = frozenset()
    while left and len(chosen) < most:
        best = next(iter(left)) if not chosen else max(left, key=lambda t: len(left[t] - said))
        said |= left.pop(best)
        chosen.append(best)
    return chosen


def _weights(documents: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    """Weigh the words of each document by how few have them; rows are of length one."""
    counts = Counter(word for words in documents for word in words)
    most = max(_FEW, _COMMON * len(documents))
    places = {w: i for i, w in enumerate(w for w, n in sorted(counts.items()) if n <= most)}
    idf = np.array([np.log(1 + len(documents) / counts[word]) for word in places])
    found = [[places[word] for word in words if word in places] for words in documents]
    columns = np.array([column for row in found for column in row], np.int64)
    starts = np.cumsum([0, *map(len, found)])
    matrix = sparse.csr_matrix((idf[columns], columns, starts), (len(documents), len(places)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags_array(1 / np.maximum(lengths, 1e-9)) @ matrix)


def _near(weights: sparse.csr_matrix) -> Iterator[tuple[int, list[int]]]:
    transposed = weights.T.tocsc()
    for start in range(0, weights.shape[0], _BLOCK):
        alike = (weights[start : start + _BLOCK] @ transposed).tocsr()
        for row in range(alike.shape[0]):
            place = slice(alike.indptr[row], alike.indptr[row + 1])
            found = sorted(
                (-score, column)
                for score, column in zip(alike.data[place], alike.indices[place], strict=True)
                if score >= NEAR and column != start + row
            )
            yield start + row, [int(column) for _, column in found[:MOST]]
