"""What labels are told without this program: the plain answers that its own are compared with.

The commonest label, the theme whose announced words are nearest, and weighed words learnt from
labels (TF-IDF and logistic regression, with scikit-learn, which no daily run imports).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tasks.consultation import HORS_THEME, Theme
from tasks.language.words import content_words, stems

FOLDS = 5
SEED = 2020


def tell_majority(truth: Sequence[str]) -> list[str]:
    """Answer the commonest label of the truth everywhere."""
    (commonest, _), *_ = Counter(sorted(truth)).most_common(1)
    return [commonest] * len(truth)


def tell_titles(texts: Sequence[str], themes: Sequence[Theme]) -> list[str]:
    """Answer the theme that shares most words with the text by its titles and description."""
    known = [
        (theme.code, stems(content_words(f"{theme.label} {theme.short_label} {theme.description}")))
        for theme in themes
    ]
    return [_nearest(stems(content_words(text)), known) for text in texts]


def _nearest(words: frozenset[str], known: Sequence[tuple[str, frozenset[str]]]) -> str:
    code, shared = max(
        ((code, len(words & said)) for code, said in known), key=lambda found: found[1]
    )
    return code if shared else HORS_THEME


def tell_in_turn(texts: Sequence[str], truth: Sequence[str]) -> list[str]:
    """Answer each fifth of the statements by words weighed on the four others.

    Every fifth has its share of each label.
    """
    if len(set(truth)) < 2:
        return tell_majority(truth)
    folds = _folds(truth)
    told = [""] * len(texts)
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds == fold).tolist()
        outside = np.flatnonzero(folds != fold).tolist()
        answers = tell_by_words(
            [texts[n] for n in outside], [truth[n] for n in outside], [texts[n] for n in inside]
        )
        for place, answer in zip(inside, answers, strict=True):
            told[place] = answer
    return told


def tell_by_words(
    known_texts: Sequence[str], known_labels: Sequence[str], texts: Sequence[str]
) -> list[str]:
    """Answer by words weighed on statements whose label is known."""
    if not texts:
        return []
    if len(set(known_labels)) < 2 or not any(map(content_words, known_texts)):
        return tell_majority(known_labels)[:1] * len(texts)
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(strip_accents="unicode"),
        LogisticRegression(class_weight="balanced", max_iter=1000),
    )
    return [str(label) for label in model.fit(known_texts, list(known_labels)).predict(texts)]


def _folds(labels: Sequence[str]) -> npt.NDArray[np.int64]:
    """Deal the statements of each label in turn to the folds, in a fixed random order."""
    shuffled = np.random.default_rng(SEED).permutation(len(labels))
    dealt = shuffled[np.argsort([labels[n] for n in shuffled], kind="stable")]
    folds = np.empty(len(labels), np.int64)
    folds[dealt] = np.arange(len(labels)) % FOLDS
    return folds
