"""Weighed words: a linear model as a table of whole numbers that anyone can read.

A statement is weighed by what is found in it (words, pairs of words, rules that hold), by the
letters of its words and by its vector; each has a weight for each class. Sums are of integers: the
same text has the same score on every machine. `tasks.training` makes such tables.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, count, pairwise, repeat
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.language.lists import bounds_of
from tasks.language.vectors import INT, UNIT, unit, word_vectors
from tasks.language.words import LONGEST_WORD, fold, said


class Features(NamedTuple):
    """What a statement is weighed by: names of what is found in it, and its words themselves."""

    found: AbstractSet[str]
    pieces: AbstractSet[str]  # words and marks: each stands for the letters in it


SCALE = 1000  # what a weight of 1.0 is in the table
_BIAS = "(biais)"
_DIMENSION = "(vecteur "
_PIECE = re.compile(r"[a-z0-9]+|[?!:;,]")
_LENGTHS = (3, 4, 5)
_REMEMBERED = 50_000  # words


@dataclass(frozen=True)
class LinearModel:
    """Weights of features by class, in thousandths."""

    classes: tuple[str, ...]
    places: Mapping[str, int]
    weights: INT  # a row a feature, a column a class
    dimensions: INT  # a row a dimension of the statement's vector
    bias: INT

    def scores(self, vectors: INT, features: Sequence[Features]) -> npt.NDArray[np.float64]:
        """Score statements, given their vectors, for each class: the highest is the answer.

        What is found counts by the root of how much is found, and so do letters, so that a long
        statement is no surer than a short one.
        """
        total = (vectors @ self.dimensions) / UNIT + self.bias
        sizes = np.array([max(len(f.found), 1) for f in features], dtype=np.float64)
        total = total + self._added([f.found for f in features]) / np.sqrt(sizes)[:, None]
        letters = self._letters([f.pieces for f in features])
        runs = np.maximum(letters[:, -1], 1).astype(np.float64)
        return np.round((total + letters[:, :-1] / np.sqrt(runs)[:, None]) / SCALE, 6)

    def _added(self, features: Sequence[Collection[str]]) -> INT:
        """Add up the weights of each text's features; what the table lacks weighs nothing."""
        absent = len(self.weights)
        names = chain.from_iterable(features)
        places = np.fromiter(map(self.places.get, names, repeat(absent)), np.int64)
        known = places < absent
        counts = np.concatenate(([0], np.cumsum(known)))
        return _sums(places[known], counts[_bounds(features)], self.weights)

    def _letters(self, pieces: Sequence[Collection[str]]) -> INT:
        """Add up the weights of the letters of each text, and how many runs of letters it has."""
        known = self._pieces
        known.forget(_REMEMBERED)
        if new := list(set[str]().union(*pieces).difference(known.places)):
            runs = list(map(letter_runs, new))
            known.add(new, np.column_stack((self._added(runs), list(map(len, runs)))))
        places = np.fromiter(map(known.places.__getitem__, chain.from_iterable(pieces)), np.int64)
        return _sums(places, _bounds(pieces), known.rows)

    @cached_property
    def _pieces(self) -> _Pieces:
        return _Pieces(len(self.classes) + 1)

    def reasons(self, features: Iterable[str], chosen: int, count: int = 2) -> list[str]:
        """Name the features that speak most for a class and less for every other."""
        forces = self._forces[chosen]
        said = [
            (-force, feature)
            for feature in features
            if (place := self.places.get(feature)) is not None and (force := forces[place]) > 0
        ]
        return [feature for _, feature in sorted(said)[:count]]

    @cached_property
    def _forces(self) -> list[list[int]]:
        """By how much each feature speaks more for each class than for every other."""
        rest = [np.delete(self.weights, c, axis=1).max(axis=1) for c in range(len(self.classes))]
        return [(self.weights[:, c] - most).tolist() for c, most in enumerate(rest)]

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


class _Pieces:
    """Words and marks met so far, and a row of whole numbers for each."""

    def __init__(self, width: int) -> None:
        self.places: dict[str, int] = {}
        self.rows: INT = np.empty((0, width), np.int64)

    def add(self, pieces: Sequence[str], rows: INT) -> None:
        """Add pieces that are not there yet."""
        self.places.update(zip(pieces, count(len(self.places)), strict=False))
        self.rows = np.concatenate((self.rows, rows))

    def forget(self, most: int) -> None:
        """Start again when there are more than `most`."""
        if len(self.places) > most:
            self.places, self.rows = {}, self.rows[:0]


def _bounds(lists: Sequence[Collection[str]]) -> INT:
    return bounds_of(np.array(list(map(len, lists)), np.int64))


def _sums(places: INT, bounds: INT, rows: INT) -> INT:
    """Add up, for each list of places, the rows at them."""
    from scipy.sparse import csr_array

    ones = np.ones(len(places), np.int64)
    sums: INT = csr_array((ones, places, bounds), shape=(len(bounds) - 1, len(rows))) @ rows
    return sums


def statement_vectors(texts: Sequence[str]) -> INT:
    """Return the unit vector of each text: its words, the rarer the heavier."""
    table = word_vectors()
    return unit(table.sums([said(t).words for t in texts], table.rarity))


def word_features(text: str) -> frozenset[str]:
    """Stems of a text, and pairs of them that follow each other, links left out."""
    stems = said(text).stems
    return frozenset(stems).union(map(" ".join, pairwise(stems)))


def pieces(text: str) -> frozenset[str]:
    """Cut a text into its distinct words and marks."""
    return _pieces(fold(text))


@lru_cache(maxsize=1 << 11)
def _pieces(folded: str) -> frozenset[str]:
    return frozenset(_PIECE.findall(folded))


@lru_cache(maxsize=1 << 12)  # each model weighs the same new words in turn
def letter_runs(piece: str) -> tuple[str, ...]:
    """Return the runs of three to five letters in a word, its ends among them.

    They hold for "sécurité", "sécuritaire" and "securitee" alike.
    """
    ended = f"_{piece[:LONGEST_WORD]}_"
    return tuple(f"…{ended[i : i + n]}" for n in _LENGTHS for i in range(len(ended) - n + 1))
