"""How well themes are told in a consultation for which nothing was tuned: the Grand Débat of 2019.

    python benchmarks/second_consultation.py ANSWERS.parquet [--seed 2019]

ANSWERS.parquet has the columns theme and text: an answer and the theme it was given under. The
definitions, grand_debat.toml, were written without reading one. The same answers are then told by a
classifier that has read answers with their themes, which the definitions have not.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tasks.consultation import HORS_THEME, parse_consultation
from tasks.language.themes import ThemeModel

DEFINITIONS = Path(__file__).resolve().parent / "grand_debat.toml"
SHORTEST = 30  # characters
DRAWN = 1_000  # answers a theme
FEW = 50  # answers a theme that are labelled for a small classifier: 200 of four themes


def main() -> None:
    """Print macro-F1 and F1 by theme: of the definitions, then of trained classifiers."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("answers", type=Path)
    parser.add_argument("--seed", type=int, default=2019)
    arguments = parser.parse_args()
    drawn, others = draw(arguments.answers, arguments.seed)
    truth = list(drawn["theme"])
    told = tell_themes(list(drawn["text"]))
    print_scores("definitions, no answer read", truth, told)
    print(f"  told {HORS_THEME}: {told.count(HORS_THEME) / len(told):.1%}")
    try:
        import sklearn  # noqa: F401 - asked for before the long work
    except ImportError:
        print("baselines: not measured, scikit-learn is not installed")
        return
    few = others.groupby("theme").sample(FEW, random_state=arguments.seed)
    for training in (few, others):
        learnt = learn_themes(training, list(drawn["text"]))
        print_scores(f"TF-IDF + logistic regression, {len(training)} answers read", truth, learnt)


def draw(path: Path, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw as many answers of each theme; return them, and the others that say something else."""
    answers = pd.read_parquet(path, columns=["theme", "text"]).dropna()
    answers["text"] = answers["text"].str.strip()
    answers = answers[answers["text"].str.len() >= SHORTEST].drop_duplicates()
    drawn = answers.groupby("theme").sample(DRAWN, random_state=seed)
    return drawn, answers[~answers["text"].isin(drawn["text"])]


def tell_themes(texts: Sequence[str]) -> list[str]:
    """Tell the theme of each whole answer by the definitions alone."""
    declared = parse_consultation(DEFINITIONS.read_text(encoding="utf-8"))
    model = ThemeModel.of(declared.themes, declared.hors_theme_counter_cues)
    return [label.theme for label in model.classify(texts, [None] * len(texts))]


def learn_themes(training: pd.DataFrame, texts: Sequence[str]) -> list[str]:
    """Tell the theme of each answer as those of a training set tell it."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    learner = make_pipeline(
        TfidfVectorizer(
            strip_accents="unicode", ngram_range=(1, 2), min_df=1 + (len(training) > 10_000)
        ),
        LogisticRegression(max_iter=1_000, class_weight="balanced"),
    )
    learner.fit(training["text"], training["theme"])
    return list(learner.predict(texts))


def print_scores(what: str, truth: Sequence[str], told: Sequence[str]) -> None:
    """Print macro-F1 over the themes that answers were given under, and F1 of each."""
    right = Counter(t for t, p in zip(truth, told, strict=True) if t == p)
    sizes, said = Counter(truth), Counter(told)
    scores = {theme: 2 * right[theme] / (sizes[theme] + said[theme]) for theme in sorted(sizes)}
    print(f"{what}: macro-F1 {sum(scores.values()) / len(scores):.3f} of {len(truth)} answers")
    for theme, score in scores.items():
        print(f"  {theme:15} {score:.3f}  ({sizes[theme]} answers, told of {said[theme]})")


if __name__ == "__main__":
    main()
