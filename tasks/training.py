"""Learn tables of weights from labelled statements: with scikit-learn, never in a daily run.

A logistic regression over the features of `tasks.language.linear`. Only features that several
labelled statements share are kept, so that a table holds nobody's sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tasks.language.kinds import kind_features
from tasks.language.linear import SCALE, Features, LinearModel, letter_runs, statement_vectors
from tasks.language.themes import theme_features
from tasks.language.vectors import UNIT

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LEAST_STATEMENTS = 3
RARITY = 0.7  # power by which a rare feature weighs more
SMALLEST = 15  # thousandths: a feature that turns no class by more is left out


def train_themes(texts: Sequence[str], themes: Sequence[str]) -> LinearModel:
    """Learn which words speak for which theme."""
    return _train(texts, themes, theme_features, strength=0.3, vector_scale=4.0)


def train_kinds(texts: Sequence[str], kinds: Sequence[str]) -> LinearModel:
    """Learn which words tell a constat from a proposition; *autre* is left to the rules."""
    kept = [(t, k) for t, k in zip(texts, kinds, strict=True) if k in {"constat", "proposition"}]
    return _train(
        [t for t, _ in kept], [k for _, k in kept], kind_features, strength=0.3, vector_scale=1.0
    )


def _train(
    texts: Sequence[str],
    labels: Sequence[str],
    features_of: Callable[[str], Features],
    *,
    strength: float,
    vector_scale: float,
) -> LinearModel:
    from scipy.sparse import csr_array, hstack
    from sklearn.linear_model import LogisticRegression

    read = [features_of(text) for text in texts]
    found = _matrix([list(each.found) for each in read])
    letters = _matrix(
        [[run for p in sorted(each.pieces) for run in letter_runs(p)] for each in read]
    )
    names = found[0] + letters[0]
    vectors = statement_vectors(texts) * (vector_scale / UNIT)
    centre = vectors.mean(axis=0)
    features = hstack([found[1], letters[1], csr_array(vectors - centre)], "csr")
    fitted = LogisticRegression(C=strength, max_iter=500, class_weight="balanced").fit(
        features, list(labels)
    )
    coefficients, bias = fitted.coef_.T, fitted.intercept_
    if coefficients.shape[1] == 1:  # two classes: scikit-learn gives the weights of the second
        coefficients = np.hstack([-coefficients, coefficients]) / 2
        bias = np.array([-bias[0], bias[0]]) / 2
    count = len(names)
    dense = coefficients[count:] * vector_scale
    bias = bias - centre / vector_scale @ dense
    rarity = np.concatenate([found[2], letters[2]])
    weights = np.rint(coefficients[:count] * rarity[:, None] * SCALE)
    kept = np.flatnonzero(np.ptp(weights, axis=1) >= SMALLEST)
    return LinearModel(
        tuple(str(c) for c in fitted.classes_),
        {names[place]: row for row, place in enumerate(kept)},
        weights[kept].astype(np.int64),
        np.rint(dense * SCALE).astype(np.int64),
        np.rint(bias * SCALE).astype(np.int64),
    )


def _matrix(
    features: Sequence[Sequence[str]],
) -> tuple[list[str], csr_array, npt.NDArray[np.float64]]:
    """Names of the features shared by several texts, a row a text, the rarity of each feature."""
    from scipy.sparse import csr_array

    counts = Counter(f for found in features for f in set(found))
    names = sorted(f for f, n in counts.items() if n >= LEAST_STATEMENTS)
    places = {name: place for place, name in enumerate(names)}
    rarity = np.array([np.log((1 + len(features)) / (1 + counts[n])) for n in names]) ** RARITY
    rows = [[places[f] for f in found if f in places] for found in features]
    bounds = np.concatenate(([0], np.cumsum([len(r) for r in rows]))).astype(np.int64)
    flat = np.array([p for r in rows for p in r], dtype=np.int64)
    sizes = np.repeat([1 / max(len(f), 1) ** 0.5 for f in features], np.diff(bounds))
    matrix = csr_array((sizes * rarity[flat], flat, bounds), shape=(len(rows), len(names)))
    matrix.sum_duplicates()
    return names, matrix, rarity
