"""Weighed words: a linear model as a table of whole numbers that anyone can read.

A statement is given as blocks of features (its words, the letters in its words); each feature has a
weight for each class, and so have the dimensions of the statement's vector. Sums are of integers:
the same text has the same score on every machine. `tasks.training` makes such tables.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from tasks.language.vectors import INT, UNIT, known_words, unit, word_vectors
from tasks.language.words import LINKS, fold, stem, tokens

Blocks = tuple[AbstractSet[str], ...]
SCALE = 1000  # what a weight of 1.0 is in the table
_BIAS = "(biais)"
_DIMENSION = "(vecteur "
_PIECE = re.compile(r"[a-z0-9]+|[?!:;,]")
_LENGTHS = (3, 4, 5)


@dataclass(frozen=True)
class LinearModel:
    """Weights of features by class, in thousandths."""

    classes: tuple[str, ...]
    places: Mapping[str, int]
    weights: INT  # a row a feature, a column a class
    dimensions: INT  # a row a dimension of the statement's vector
    bias: INT

    def scores(self, texts: Sequence[str], blocks: Sequence[Blocks]) -> npt.NDArray[np.float64]:
        """Score each text for each class: the highest is the answer.

        A block counts by the root of its size, so that a long statement is no surer than a short.
        """
        vectors = statement_vectors(texts)
        total = (vectors @ self.dimensions) / UNIT + self.bias
        for block in range(len(blocks[0]) if blocks else 0):
            features = [b[block] for b in blocks]
            sizes = np.array([max(len(f), 1) for f in features], dtype=np.float64)
            total = total + self._sums(features) / np.sqrt(sizes)[:, None]
        return np.round(total / SCALE, 6)

    def _sums(self, features: Sequence[AbstractSet[str]]) -> INT:
        from scipy.sparse import csr_array

        places = [sorted(self.places[f] for f in found if f in self.places) for found in features]
        bounds = np.concatenate(([0], np.cumsum([len(p) for p in places]))).astype(np.int64)
        flat = np.fromiter(chain.from_iterable(places), np.int64, int(bounds[-1]))
        ones = np.ones(len(flat), np.int64)
        rows = csr_array((ones, flat, bounds), shape=(len(places), len(self.places)))
        return np.asarray(rows @ self.weights, dtype=np.int64)

    def reasons(self, features: AbstractSet[str], chosen: int, count: int = 2) -> list[str]:
        """Name the features that speak most for a class and less for every other."""
        rest = [c for c in range(len(self.classes)) if c != chosen]
        said = []
        for feature in features:
            if (place := self.places.get(feature)) is not None:
                row = self.weights[place]
                said.append((int(row[chosen] - row[rest].max()), feature))
        return [feature for force, feature in sorted(said, key=_strongest)[:count] if force > 0]

    @classmethod
    def read(cls, table: str) -> LinearModel:
        """Read a table; raise ValueError when it is not one."""
        lines = csv.reader(io.StringIO(table))
        header = next(lines, [])
        if header[:1] != ["feature"] or len(header) < 3:
            raise ValueError("no table of weights")
        rows = {line[0]: [int(w) for w in line[1:]] for line in lines}
        bias = np.array(rows.pop(_BIAS))
        dimensions = [rows.pop(name) for name in [n for n in rows if n.startswith(_DIMENSION)]]
        return cls(
            tuple(header[1:]),
            {name: place for place, name in enumerate(rows)},
            np.array(list(rows.values()), dtype=np.int64).reshape(len(rows), len(bias)),
            np.array(dimensions, dtype=np.int64).reshape(len(dimensions), len(bias)),
            bias,
        )

    def write(self) -> str:
        """Write the table as CSV, features in alphabetical order."""
        out = io.StringIO()
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(["feature", *self.classes])
        lines.writerow([_BIAS, *self.bias.tolist()])
        for place, row in enumerate(self.dimensions.tolist()):
            lines.writerow([f"{_DIMENSION}{place})", *row])
        for name, place in sorted(self.places.items()):
            lines.writerow([name, *self.weights[place].tolist()])
        return out.getvalue()


def _strongest(said: tuple[int, str]) -> tuple[int, str]:
    return -said[0], said[1]


def statement_vectors(texts: Sequence[str]) -> INT:
    """Return the unit vector of each text: its words, the rarer the heavier."""
    table = word_vectors()
    return unit(table.sums([known_words(t) for t in texts], table.rarity()))


def word_features(text: str) -> frozenset[str]:
    """Stems of a text, and pairs of them that follow each other, links left out."""
    said = [stem(w) for w in tokens(text) if w not in LINKS]
    return frozenset(said) | {f"{a} {b}" for a, b in pairwise(said)}


def letter_features(text: str) -> frozenset[str]:
    """Return runs of three to five letters within a word, the ends of the word among them.

    They hold for "sécurité", "secutité" and "sécuritaire" alike.
    """
    pieces = {f"_{piece}_" for piece in _PIECE.findall(fold(text))}
    return frozenset(
        f"…{piece[i : i + n]}"
        for piece in pieces
        for n in _LENGTHS
        for i in range(len(piece) - n + 1)
    )
