"""Consultations whose truth is known: the blind sample must find it, and say how sure it is.

The machine errs as it was told to, more in the rare themes; the truth is counted over everything by
scikit-learn. A rare theme is drawn more than its share, so figures that forgot it would be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from tasks.review.blind import Unit, draw
from tasks.review.quality import ACTS, quality_rows

THEMES = np.array(["service", "lien", "communication", "participation", "hors_theme"])
SHARES = (0.72, 0.12, 0.08, 0.05, 0.03)
RIGHT = (0.97, 0.8, 0.65, 0.5, 0.4)  # how often the machine tells each theme
KINDS = np.array(["constat", "proposition", "autre"])
NOW = datetime(2020, 1, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Consultation:
    """Units with what the machine told, and what each of two readers would say of them."""

    units: tuple[Unit, ...]
    readers: tuple[Sequence[str], Sequence[str]]

    @property
    def macro_f1(self) -> float:
        said = [label for labels in self.readers for label in labels]
        return float(f1_score(said, [unit.theme for unit in self.units] * 2, average="macro"))

    @property
    def kappa(self) -> float:
        return float(cohen_kappa_score(*self.readers))

    def measured(self, size: int) -> dict[str, Any]:
        """Draw, have both readers read what was drawn, score the themes."""
        draws = draw(self.units, [], size, "t-0000000000000000", NOW)
        said = {
            unit.words_trace: labels
            for unit, *labels in zip(self.units, *self.readers, strict=True)
        }
        decisions = [
            {
                "act": ACTS["theme"],
                "reader": reader,
                "after": label,
                "anchors": [row["words_trace"]],
            }
            for row in draws
            for reader, label in enumerate(said[row["words_trace"]], 1)
        ]
        ((row,), _) = quality_rows(self.units, draws, decisions)
        return row


def simulated(seed: int, count: int = 900) -> Consultation:
    chance = np.random.default_rng(seed)

    def seen(right: Any, true: Any, among: int) -> Any:
        return np.where(chance.random(count) < right, true, chance.integers(among, size=count))

    themes = chance.choice(len(THEMES), count, p=SHARES)
    kinds = chance.choice(len(KINDS), count, p=(0.45, 0.45, 0.1))
    told = THEMES[seen(np.array(RIGHT)[themes], themes, len(THEMES))]
    told_kinds = KINDS[seen(0.9, kinds, len(KINDS))]
    first, second = (THEMES[seen(0.85, themes, len(THEMES))].tolist() for _ in range(2))
    units = tuple(
        Unit(chance.bytes(16).hex(), f"c-{n:016x}-001", str(told[n]), str(told_kinds[n]), 1)
        for n in range(count)
    )
    return Consultation(units, (first, second))


def check(consultations: int, tolerance: float, least: float) -> None:
    """The mean error is near none; about 95 in 100 intervals hold the truth, or somewhat fewer."""
    errors: dict[str, list[float]] = {"macro_f1": [], "kappa": []}
    holds: dict[str, list[bool]] = {"macro_f1": [], "kappa": []}
    for seed in range(consultations):
        consultation = simulated(seed)
        row = consultation.measured(size=150)
        for name, prefix in (("macro_f1", "f1"), ("kappa", "kappa")):
            truth = getattr(consultation, name)
            errors[name].append(row[name] - truth)
            holds[name].append(row[f"{prefix}_low"] <= truth <= row[f"{prefix}_high"])
    mean_errors = {name: float(np.mean(of)) for name, of in errors.items()}
    coverage = {name: float(np.mean(of)) for name, of in holds.items()}
    assert max(map(abs, mean_errors.values())) < tolerance, mean_errors
    assert min(coverage.values()) >= least, coverage


def test_the_sample_finds_the_truth_of_the_consultation() -> None:
    check(consultations=30, tolerance=0.025, least=0.85)


@pytest.mark.deep
def test_the_sample_finds_the_truth_of_many_consultations() -> None:
    check(consultations=200, tolerance=0.01, least=0.9)
