"""How well are labels told? Scores of the answers against what readers said, with their interval.

Pure counting, from the confusion of true and told labels; what the answers come from does not
matter here. The macro-F1 is the mean over the classes that the readers used: a class that only the
answers use shows as wrong answers of the others; `macro_f1_all` counts it too, as zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RESAMPLES = 1000
SEED = 2020
LEVEL = 0.95

_Counts = npt.NDArray[np.int64]
_Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ClassScore:
    """Of a class: how many of those told are true, of those true are told; how many are true."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Scores:
    """The scores of a series of answers. `confusion` has a row a true class, a column a told one.

    `interval` holds macro-F1 with 95 % confidence: percentiles over resamples of the statements.
    """

    classes: tuple[str, ...]
    confusion: _Counts
    interval: tuple[float, float]

    @property
    def count(self) -> int:
        """How many statements were told."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The share of statements whose label is the true one."""
        return float(np.trace(self.confusion)) / self.count

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the classes that the truth has."""
        return float(_macro_f1(self.confusion))

    @property
    def macro_f1_all(self) -> float:
        """The mean F1 of the classes that the truth or the answers have."""
        return float(_f1(self.confusion).mean())

    def by_class(self) -> dict[str, ClassScore]:
        """Score each class that the truth or the answers have."""
        right = np.diagonal(self.confusion)
        supports, told = self.confusion.sum(axis=1), self.confusion.sum(axis=0)
        columns = (_share(right, told), _share(right, supports), _f1(self.confusion), supports)
        return {
            name: ClassScore(float(precision), float(recall), float(f1), int(support))
            for name, precision, recall, f1, support in zip(self.classes, *columns, strict=True)
        }

    def facts(self) -> dict[str, Any]:
        """Return everything as plain values, rounded to four decimals."""
        return self.summary() | {
            "by_class": {
                name: {
                    "precision": round(of.precision, 4),
                    "recall": round(of.recall, 4),
                    "f1": round(of.f1, 4),
                    "support": of.support,
                }
                for name, of in self.by_class().items()
            },
            "confusion": {
                true: dict(zip(self.classes, row, strict=True))
                for true, row in zip(self.classes, self.confusion.tolist(), strict=True)
            },
        }

    def summary(self) -> dict[str, Any]:
        """Return the scores over all classes as plain values, rounded to four decimals."""
        return {
            "macro_f1": round(self.macro_f1, 4),
            "interval": [round(end, 4) for end in self.interval],
            "macro_f1_all": round(self.macro_f1_all, 4),
            "accuracy": round(self.accuracy, 4),
            "statement_count": self.count,
        }


def score(truth: Sequence[str], told: Sequence[str], order: Sequence[str] = ()) -> Scores:
    """Score answers against the truth; `order` says in which order classes are shown.

    There must be an answer. A precision, recall or F1 of nothing is zero.
    """
    there = set(truth) | set(told)
    classes = [c for c in order if c in there] + sorted(there - set(order))
    places = {name: place for place, name in enumerate(classes)}
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    rows, columns = ([places[label] for label in labels] for labels in (truth, told))
    np.add.at(confusion, (rows, columns), 1)
    return Scores(tuple(classes), confusion, _interval(confusion))


def _interval(confusion: _Counts) -> tuple[float, float]:
    """Return the percentile interval of macro-F1 over resamples of the statements.

    To draw n statements with replacement and count their confusion is to draw the counts from a
    multinomial law: no statement is drawn one by one.
    """
    count = int(confusion.sum())
    drawn = np.random.default_rng(SEED).multinomial(
        count, confusion.ravel() / count, size=RESAMPLES
    )
    scores = _macro_f1(drawn.reshape(RESAMPLES, *confusion.shape))
    low, high = np.quantile(scores, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _macro_f1(confusion: _Counts) -> _Shares:
    """Average F1 over the classes that the truth has, of one confusion or a stack of them."""
    is_true = confusion.sum(axis=-1) > 0
    return np.asarray((_f1(confusion) * is_true).sum(axis=-1) / is_true.sum(axis=-1))


def _f1(confusion: _Counts) -> _Shares:
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    return _share(2 * right, confusion.sum(axis=-1) + confusion.sum(axis=-2))


def _share(part: _Counts, whole: _Counts) -> _Shares:
    return part / np.maximum(whole, 1)
