"""How well automatic replies without a header are told from letters; makes the table of weights.

    python benchmarks/absences.py TEXTS... [--write]

TEXTS are tables (CSV or Parquet, column `text`) of what citizens wrote; `letter_formulas.csv` makes
letters of these bare answers. `automatic_replies.jsonl` holds invented replies and invented short
letters, in the sets in which they were written: each set was written before the program knew it.
Each is scored by weights learnt from the sets before it, then from all the others, and from 60,000
of the texts; as many others say how many citizens would be taken for machines. `--write` makes
`tasks/mail/automatic_words.csv` from every set and the same texts.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.sparse import csr_array

from tasks.mail import absences
from tasks.mail.word_sets import word_set

REPLIES = Path(__file__).with_name("automatic_replies.jsonl")
FORMULAS = Path(__file__).with_name("letter_formulas.csv")
TABLE = Path(absences.__file__).with_name("automatic_words.csv")
FOREIGN = word_set("the you your i am m my will thank of for ich sie ihre und nicht wir")
LEARNT, HELD = 60_000, 60_000  # citizens' texts
# A word is weighed when so many replies, or so many citizens, use it: it is nobody's own.
LEAST_REPLIES, LEAST_CITIZENS = 2, 100
STRENGTH = 30.0  # of what is learnt, against weights of nothing
INVENTED_WEIGHT = 20.0  # of an invented mail beside a citizen's text


@dataclass(frozen=True)
class Sample:
    """An invented mail: the set it was written in, and whether a machine would have sent it."""

    set: str
    machine: bool
    subject: str
    body: str


def main() -> None:
    """Print what each set gives, and write the table when asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="make the program's table of weights")
    arguments = parser.parse_args()
    samples = [Sample(**json.loads(line)) for line in REPLIES.open(encoding="utf-8")]
    citizens = read_texts(arguments.texts)
    learnt, held = citizens[:LEARNT], citizens[LEARNT : LEARNT + HELD]
    for name in sorted({sample.set for sample in samples}):
        mine = [s for s in samples if s.set == name]
        for known in ("before", "but this"):
            others = [s for s in samples if s.set < name or (known == "but this" and s.set != name)]
            if others:
                score(f"{name}, from all {known}", mine, held, learn(others, learnt))
    weights = learn(samples, learnt)
    score("all, seen", samples, held, weights)
    if arguments.write:
        write(weights)


def read_texts(paths: Sequence[Path]) -> list[str]:
    """Shuffle the texts that are short enough, and make letters of them."""
    tables = [pd.read_parquet(p) if p.suffix == ".parquet" else pd.read_csv(p) for p in paths]
    texts = sorted(
        {t for table in tables for t in table["text"].dropna() if len(t) < absences.MAX_CHARS}
    )
    formulas = pd.read_csv(FORMULAS)
    openings, closings = (
        formulas.loc[formulas["place"].eq(place), "formula"].tolist()
        for place in ("opening", "closing")
    )
    chance = random.Random(20200108)  # noqa: S311 - the same each time
    chance.shuffle(texts)

    def some(of: list[str]) -> list[str]:
        return chance.sample(of, chance.choice((0, 1, 1, 2)))

    return [
        "\n\n".join([*some(openings), _shortened(text, chance), *some(closings)]) for text in texts
    ]


def _shortened(text: str, chance: random.Random) -> str:
    """Keep one sentence of every third text: letters too may be short."""
    return re.split(r"(?<=[.!?\n])\s", text)[0] if chance.random() < 1 / 3 else text


def is_foreign(text: str) -> bool:
    """Tell whether a text is English or German, be it in part: nothing is learnt from it."""
    return len(FOREIGN.intersection(re.findall(r"[^\W\d_]+", text.lower()))) > 1


def learn(samples: Sequence[Sample], citizens: Sequence[str]) -> dict[str, float]:
    """Weigh words and pairs of words by a logistic regression."""
    samples = [s for s in samples if not is_foreign(s.body)]
    found = [absences.features(s.body) for s in samples]
    found += [absences.features(text) for text in citizens]
    is_reply = np.array([s.machine for s in samples] + [False] * len(citizens))
    replies = Counter(f for row in found[: len(samples)] for f in row)
    others = Counter(f for row in found[len(samples) :] for f in row)
    kept = sorted(
        {f for f, n in replies.items() if n >= LEAST_REPLIES}
        | {f for f, n in others.items() if n >= LEAST_CITIZENS}
    )
    column = {feature: n for n, feature in enumerate(kept)}
    known = [[column[f] for f in row if f in column] for row in found]
    values = np.repeat([absences.share(row) for row in found], [len(row) for row in known])
    starts = np.cumsum([0, *map(len, known)])
    rows = csr_array(
        (values, np.concatenate(known).astype(int), starts), shape=(len(found), len(kept))
    )
    importance = STRENGTH * np.repeat([INVENTED_WEIGHT, 1.0], [len(samples), len(citizens)])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        z = rows @ weights[1:] + weights[0]
        errors = importance * (1 / (1 + np.exp(-z)) - is_reply)
        total = importance @ (np.logaddexp(0, z) - is_reply * z) + weights[1:] @ weights[1:] / 2
        return float(total), np.concatenate([[errors.sum()], rows.T @ errors + weights[1:]])

    best = minimize(loss, np.zeros(len(kept) + 1), jac=True, method="L-BFGS-B").x
    return {"": best[0]} | dict(zip(kept, best[1:], strict=True))


def score(
    name: str, samples: Sequence[Sample], held: Sequence[str], weights: dict[str, float]
) -> None:
    """Print how many replies are told, by subject or without, and who is taken for a machine."""

    def is_told(text: str, subject: str) -> bool:
        return absences.reads_as_auto_reply(text, subject, weights)

    told = [s for s in samples if s.machine]
    letters = [s for s in samples if not s.machine]
    alone = sum(is_told(s.body, "Re: Contribution") for s in told)
    both = sum(is_told(s.body, s.subject) for s in told)
    wrong = sum(is_told(s.body, s.subject) for s in letters)
    taken = [text for text in held if is_told(text, "Contribution")]
    print(
        f"set {name}: {both}/{len(told)} replies, {alone} by their words alone; "
        f"wrongly {wrong} of {len(letters)} letters, {len(taken)} of {len(held)} citizens' texts"
    )
    for sample in samples:
        if is_told(sample.body, sample.subject) != sample.machine:
            fault = "missed" if sample.machine else "wrong"
            print(f"    {fault} | {sample.subject} | {' '.join(sample.body.split())[:140]}")
    for text in taken[:5]:
        print("    citizen |", " ".join(text.split())[:140])


def write(weights: dict[str, float]) -> None:
    """Write what weighs something, rounded, in the order of the words."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["words", "weight"])
        lines.writerows(
            (words, f"{weight:.2f}")
            for words, weight in sorted(weights.items())
            if abs(weight) >= 0.05 or not words
        )


if __name__ == "__main__":
    main()
