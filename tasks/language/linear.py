"""Weighed words: a linear model as a table of whole numbers that anyone can read.

A statement is weighed by what is found in it (words, pairs of words, rules that hold), by the
letters of its words and by its vector; each has a weight for each class. Sums are of integers: the
same text has the same score on every machine. `tasks.training` makes such tables.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.language.vectors import INT, UNIT, known_words, unit, word_vectors
from tasks.language.words import LINKS, LONGEST_WORD, fold, stem, tokens


class Features(NamedTuple):
    """What a statement is weighed by: names of what is found in it, and its words themselves."""

    found: AbstractSet[str]
    pieces: AbstractSet[str]  # words and marks: each stands for the letters in it


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

    def scores(self, texts: Sequence[str], features: Sequence[Features]) -> npt.NDArray[np.float64]:
        """Score each text for each class: the highest is the answer.

        What is found counts by the root of how much is found, and so do letters, so that a long
        statement is no surer than a short one.
        """
        total = (statement_vectors(texts) @ self.dimensions) / UNIT + self.bias
        found = [
            [p for f in each.found if (p := self.places.get(f)) is not None] for each in features
        ]
        sizes = np.array([max(len(f.found), 1) for f in features], dtype=np.float64)
        total = total + _sums(found, self.weights) / np.sqrt(sizes)[:, None]
        letters, counts = self._letters(features)
        return np.round((total + letters / np.sqrt(counts)[:, None]) / SCALE, 6)

    def _letters(self, features: Sequence[Features]) -> tuple[INT, npt.NDArray[np.float64]]:
        """Weights of the letters of each text, and how many runs of letters it has."""
        known = self._known_pieces
        for piece in {p for each in features for p in each.pieces if p not in known}:
            runs = letter_runs(piece)
            places = [p for run in runs if (p := self.places.get(run)) is not None]
            known[piece] = (*self.weights[places].sum(axis=0).tolist(), len(runs))
        order = {piece: n for n, piece in enumerate(known)}
        rows = [[order[p] for p in each.pieces] for each in features]
        sums = _sums(rows, np.array(list(known.values()), dtype=np.int64))
        return sums[:, :-1], np.maximum(sums[:, -1], 1).astype(np.float64)

    @cached_property
    def _known_pieces(self) -> dict[str, tuple[int, ...]]:
        return {"": (0,) * (len(self.classes) + 1)}

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
        if _BIAS not in rows or {len(row) for row in rows.values()} != {len(header) - 1}:
            raise ValueError("no table of weights")
        bias = np.array(rows.pop(_BIAS))
        dimensions = [rows.pop(name) for name in [n for n in rows if n.startswith(_DIMENSION)]]
        if len(dimensions) not in (0, word_vectors().vectors.shape[1]):
            raise ValueError("a table made with other word vectors")
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


def _sums(places: Sequence[Sequence[int]], rows: INT) -> INT:
    """Add up, for each list of places, the rows at them."""
    from scipy.sparse import csr_array

    bounds = np.concatenate(([0], np.cumsum([len(p) for p in places]))).astype(np.int64)
    flat = np.fromiter(chain.from_iterable(places), np.int64, int(bounds[-1]))
    ones = np.ones(len(flat), np.int64)
    sums: INT = csr_array((ones, flat, bounds), shape=(len(places), len(rows))) @ rows
    return sums


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


def pieces(text: str) -> frozenset[str]:
    """Cut a text into its distinct words and marks."""
    return frozenset(_PIECE.findall(fold(text)))


@lru_cache(maxsize=1 << 16)
def letter_runs(piece: str) -> tuple[str, ...]:
    """Return the runs of three to five letters in a word, its ends among them.

    They hold for "sécurité", "sécuritaire" and "securitee" alike.
    """
    ended = f"_{piece[:LONGEST_WORD]}_"
    return tuple(f"…{ended[i : i + n]}" for n in _LENGTHS for i in range(len(ended) - n + 1))
