"""How good are the machine's labels in this consultation? From what two persons read blind.

Each reader's label is a vote of half weight, of whole weight where one only has read: what two
persons tell apart counts half right, so that nobody has to settle who is right. A unit stands for
all units of its stratum, so figures are of the consultation's distinct statements, not of the
sample. Only what was drawn to measure is counted; below what is enough, there is no figure.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tasks.review.blind import MEASURE, Row, Unit, by_stratum
from warehouse.contracts import ENOUGH_OF_CLASS, ENOUGH_READ

LABEL_TYPES: Final = ("theme", "kind")
ACTS: Final = {"theme": "sample_theme", "kind": "sample_kind"}
RESAMPLES: Final = 1000
SEED: Final = 2020
_Z: Final = 1.959964  # of a normal law, for 95 %
_NONE: Final = 1e-12  # a variance that is only rounding
_DECIMALS: Final = 4

_Floats = npt.NDArray[np.float64]
Labels = Mapping[str, Mapping[int, str]]  # words_trace: reader: label


@dataclass(frozen=True)
class _Read:
    """Units that were read: what they stand for, their stratum as a number, what was told.

    `votes` has a row a unit and a column a class and sums to one; `told` is 1 at one class.
    """

    classes: tuple[str, ...]
    weights: _Floats
    strata: npt.NDArray[np.int64]
    fractions: _Floats
    votes: _Floats
    told: _Floats


def quality_rows(
    population: Sequence[Unit], draws: Sequence[Row], decisions: Iterable[Row]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of `marts.quality` and of `marts.quality_by_class`; none: nothing was read.

    `decisions` are those in force, of any act.
    """
    rows, class_rows = [], []
    decisions = list(decisions)
    sample = _Sample(population, draws)
    for label_type in LABEL_TYPES:
        labels = read_labels(decisions, label_type)
        if sample.read(labels):
            row, of_classes = _measure(sample, labels, label_type)
            rows.append(row)
            class_rows += of_classes
    return rows, class_rows


def read_labels(decisions: Iterable[Row], label_type: str) -> dict[str, dict[int, str]]:
    """Return the label of each reader of the sample, by trace of words."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for row in decisions:
        if row["act"] == ACTS[label_type] and row["after"] is not None:
            found[row["anchors"][0]][row["reader"]] = row["after"]
    return dict(found)


class _Sample:
    """What was drawn to measure and is still there, and how many units each stands for.

    Strata are what the machine tells now. Units whose label changed since they were drawn were not
    drawn at the same rate as the others: each first weighs what it weighed then, and all of a
    stratum together what the stratum holds.
    """

    def __init__(self, population: Sequence[Unit], draws: Sequence[Row]) -> None:
        self.strata = by_stratum(population)
        self.drawn_from = {r["words_trace"]: r["stratum"] for r in draws if r["part"] == MEASURE}
        self.rates = {r["stratum"]: r["population_count"] / r["drawn_count"] for r in draws}
        self.units = [
            unit
            for among in self.strata.values()
            for unit in among
            if unit.words_trace in self.drawn_from
        ]

    def read(self, labels: Labels, readers: int = 1) -> list[Unit]:
        """Return the units that at least so many have read, by stratum."""
        return [u for u in self.units if len(labels.get(u.words_trace, ())) >= readers]

    def weigh(self, read: Sequence[Unit]) -> tuple[_Floats, npt.NDArray[np.int64], _Floats]:
        """Return the weight of each unit, the number of its stratum, which share of it was read."""
        names, strata = np.unique([unit.stratum for unit in read], return_inverse=True)
        held = np.array([len(self.strata[name]) for name in names], np.float64)
        rates = np.array([self.rates[self.drawn_from[unit.words_trace]] for unit in read])
        weights = rates * (held / np.bincount(strata, rates))[strata]
        return weights, strata.astype(np.int64), np.bincount(strata) / held


def _measure(
    sample: _Sample, labels: Labels, label_type: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    read, twice = sample.read(labels), sample.read(labels, 2)
    covered = [unit for name in {u.stratum for u in read} for unit in sample.strata[name]]
    population = [unit for among in sample.strata.values() for unit in among]
    row = {
        "label_type": label_type,
        "population_count": len(population),
        "drawn_count": len(sample.units),
        "read_count": len(read),
        "read_twice_count": len(twice),
        "covered_share": round(len(covered) / len(population), _DECIMALS),
        "covered_statement_share": round(_statements(covered) / _statements(population), _DECIMALS),
        **_named("macro_f1", "f1", None),
        **_named("kappa", "kappa", None),
    }
    if len(twice) >= ENOUGH_READ:
        row |= _named("kappa", "kappa", _kappa(sample, twice, labels))
    if len(read) < ENOUGH_READ:
        return row, []
    scored = _scored(sample, read, labels, label_type)
    factors = _replicates(scored)
    row |= _named("macro_f1", "f1", _macro(scored, factors))
    return row, _by_class(scored, factors, label_type)


def _statements(population: Iterable[Unit]) -> int:
    return sum(unit.statement_count for unit in population)


def _named(name: str, prefix: str, figure: tuple[float, float, float] | None) -> dict[str, Any]:
    """Name a figure and the ends of its interval as the columns of a table."""
    rounded = [round(float(value), _DECIMALS) for value in figure] if figure else [None] * 3
    return dict(zip((name, f"{prefix}_low", f"{prefix}_high"), rounded, strict=True))


def _scored(sample: _Sample, read: Sequence[Unit], labels: Labels, label_type: str) -> _Read:
    told = [getattr(unit, label_type) for unit in read]
    given = [tuple(labels[unit.words_trace].values()) for unit in read]
    classes = tuple(sorted({*told, *(label for votes in given for label in votes)}))
    weights, strata, fractions = sample.weigh(read)
    return _Read(
        classes, weights, strata, fractions, _shares(given, classes), _shares(zip(told), classes)
    )


def _shares(labels: Iterable[tuple[str, ...]], classes: Sequence[str]) -> _Floats:
    """Return a row a unit: which share of its labels each class has."""
    return np.array([[of.count(name) / len(of) for name in classes] for of in labels], np.float64)


# --- intervals -----------------------------------------------------------------------------------


def _replicates(read: _Read) -> _Floats:
    """Return the weights of each resample, a row each: the rescaled bootstrap of a stratified draw.

    In a stratum of n, n - 1 are drawn with replacement and rescaled, for the share that was not
    read only (Rao and Wu, 1988): resampling n of n makes intervals too short where n is small.
    Strata of which one unit was read are resampled together.
    """
    random = np.random.default_rng(SEED)
    sizes = np.bincount(read.strata)
    alone = sizes[read.strata] == 1
    together = np.where(alone, -1, read.strata)
    factors = np.ones((RESAMPLES, len(together)))
    for stratum in np.unique(together):
        (members,) = np.nonzero(together == stratum)
        count = len(members)
        if count > 1:
            drawn = random.multinomial(count - 1, np.full(count, 1 / count), size=RESAMPLES)
            shrunk = math.sqrt(1 - (read.fractions[stratum] if stratum >= 0 else 0))
            factors[:, members] = 1 - shrunk + shrunk * drawn * count / (count - 1)
    return np.asarray(factors * read.weights)


def _wilson(share: float, variance: float, otherwise: float) -> tuple[float, float]:
    """Return the 95 % interval of a share: Wilson's, for as many units as have this variance.

    Where no resample differs, as when the machine made no error in what was read, the number of
    units is `otherwise`: nobody knows yet that it makes none. So it is where a resample differs
    only by lacking the one unit of a class.
    """
    spread = share * (1 - share)
    count = spread / variance if min(spread, variance) > _NONE else otherwise
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    width = (
        _Z / (1 + _Z**2 / count) * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    )
    return max(middle - width, 0.0), min(middle + width, 1.0)


def _kish(weights: _Floats) -> float:
    """Return how many units of one weight tell as much as these do."""
    return float(weights.sum() ** 2 / (weights**2).sum())


# --- scores --------------------------------------------------------------------------------------


def _confusion(read: _Read, weights: _Floats) -> _Floats:
    """Return what is true (rows) and told (columns), of one series of weights or a stack."""
    count = len(read.classes)
    cells = (read.votes[:, :, None] * read.told[:, None, :]).reshape(-1, count * count)
    return np.asarray((weights @ cells).reshape(*weights.shape[:-1], count, count))


def _macro(read: _Read, factors: _Floats) -> tuple[float, float, float]:
    """Return the mean F1 over the classes that readers use, and its interval."""
    mean = float(_mean_f1(_confusion(read, read.weights)))
    variance = float(_mean_f1(_confusion(read, factors)).var())
    return mean, *_wilson(mean, variance, _kish(read.weights))


def _mean_f1(confusion: _Floats) -> _Floats:
    right, true, told = _marginals(confusion)
    is_true = true > 0
    scores = _share(2 * right, true + told) * is_true
    return np.asarray(scores.sum(axis=-1) / np.maximum(is_true.sum(axis=-1), 1))


def _by_class(read: _Read, factors: _Floats, label_type: str) -> list[dict[str, Any]]:
    """Return the row of each class.

    F1 follows from the share of what is true or told that is both, j: 2j / (1 + j). Its interval
    is that of j.
    """
    confusion, replicates = _confusion(read, read.weights), _confusion(read, factors)
    right, true, told = _marginals(confusion)
    j = _share(right, true + told - right)
    variances = _overlaps(replicates).var(axis=0)
    rows = []
    for place, label in enumerate(read.classes):
        true_or_told = np.maximum(read.votes[:, place], read.told[:, place])
        row: dict[str, Any] = {
            "label_type": label_type,
            "label": label,
            "true_count": int((read.votes[:, place] > 0).sum()),
            "told_count": int(read.told[:, place].sum()),
            **dict.fromkeys(("precision", "recall")),
            **_named("f1", "f1", None),
        }
        if (true_or_told > 0).sum() >= ENOUGH_OF_CLASS:
            ends = _wilson(j[place], variances[place], _kish(read.weights * true_or_told))
            row["precision"] = round(float(_share(right, told)[place]), _DECIMALS)
            row["recall"] = round(float(_share(right, true)[place]), _DECIMALS)
            low, high = (2 * end / (1 + end) for end in ends)
            row |= _named("f1", "f1", (2 * j[place] / (1 + j[place]), low, high))
        rows.append(row)
    return rows


def _marginals(confusion: _Floats) -> tuple[_Floats, _Floats, _Floats]:
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    return right, confusion.sum(axis=-1), confusion.sum(axis=-2)


def _overlaps(confusion: _Floats) -> _Floats:
    right, true, told = _marginals(confusion)
    return _share(right, true + told - right)


def _share(part: _Floats, whole: _Floats) -> _Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


# --- the readers' agreement ----------------------------------------------------------------------


def _kappa(
    sample: _Sample, twice: Sequence[Unit], labels: Labels
) -> tuple[float, float, float] | None:
    """Return Cohen's kappa of the two readers; null where chance alone makes them agree.

    Its interval is that of an agreement as uncertain as kappa is, so that readers who agree on all
    they read are not said to agree on everything.
    """
    one, other = ([(labels[u.words_trace][reader],) for u in twice] for reader in (1, 2))
    classes = sorted({label for (label,) in (*one, *other)})
    weights, strata, fractions = sample.weigh(twice)
    pair = _Read(
        tuple(classes), weights, strata, fractions, _shares(one, classes), _shares(other, classes)
    )
    same, by_chance = _agreements(_confusion(pair, weights))
    if by_chance >= 1:
        return None
    agreements, chances = _agreements(_confusion(pair, _replicates(pair)))
    kappas = _share(agreements - chances, 1 - chances)
    ends = _wilson(float(same), float(kappas.var() * (1 - by_chance) ** 2), _kish(weights))
    kappa, low, high = ((share - by_chance) / (1 - by_chance) for share in (same, *ends))
    return float(kappa), max(float(low), -1.0), float(high)


def _agreements(confusion: _Floats) -> tuple[_Floats, _Floats]:
    """Return how often two readers agree, and would by chance, of one confusion or a stack."""
    shares = confusion / confusion.sum(axis=(-2, -1), keepdims=True)
    by_chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return np.asarray(np.trace(shares, axis1=-2, axis2=-1)), np.asarray(by_chance)
