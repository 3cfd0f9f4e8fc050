"""How well letters that call for attention are told; makes the table of weights.

    python benchmarks/attention.py TEXTS... [--write]

TEXTS are tables (CSV or Parquet, column `text`) of what citizens wrote; `letter_formulas.csv` makes
letters of these bare answers. The invented letters of the tests stand in sets, in the order in
which they were written. Each set is scored by the rules of today, by weights learnt from the sets
before it, then from all others, and by both. `--write` makes `attention_weights.csv`.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from tasks.language import attention
from tasks.language.attention import LABELS, WeighedWords
from tasks.language.linear import SCALE, LinearModel
from tasks.language.patterns import PlainText
from tasks.mail.submissions import Submission, read_submission

HERE = Path(__file__).parent
LETTERS = HERE.parent / "tests" / "unit" / "tasks" / "language" / "attention"
EXAMPLE = HERE.parent / "examples" / "allier-2020" / "mailbox"
SETS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
TABLE = Path(attention.__file__).with_name("attention_weights.csv")
TEXTS = 12_000  # of each table, of which a third is held
READ = 100_000  # texts in which common words are looked for
_WORD_OR_STOP = re.compile(r"[^\W\d_]+|[.!?:;\n]")
# A pair is weighed when so many letters or citizens use it, and of its words only what so many
# citizens write, most without a capital: it is nobody's own, and no name.
LEAST_LETTERS, LEAST_CITIZENS, LEAST_KNOWN, MOST_CAPITALS = 2, 50, 5, 0.6
STRENGTH, INVENTED_WEIGHT = 30.0, 20.0
SUBJECTS = (
    "Contribution",
    "Ma contribution",
    "Assises de la sécurité",
    "Contribution aux assises de la sécurité intérieure",
    "Assises territoriales : mes propositions",
    "Consultation de la préfecture",
    "Réponse à votre consultation",
    "Mon avis sur la sécurité",
    "Police et gendarmerie",
    "Propositions",
    "Grand débat",
)
# Of letters that sound so and call for nothing, one in so many may be told; of citizens' too.
WRONG_LETTERS, WRONG_CITIZENS = 25, 200
SMALLEST = 40  # thousandths


@dataclass(frozen=True)
class Letter:
    """An invented letter: the codes it must have, and those it may have."""

    set: str
    codes: str
    may: str
    subject: str
    text: str
    signature: str

    def has(self, code: str) -> bool:
        """Tell whether it must have a code."""
        return code in self.codes.split()

    def is_for(self, code: str) -> bool:
        """Tell whether it says anything of a code: one that may have it does not."""
        return code not in self.may.split()

    @cached_property
    def plain(self) -> PlainText:
        """What is read of it."""
        return PlainText.of(f"{self.subject}\n\n{self.text}")

    @cached_property
    def author(self) -> PlainText:
        """The lines that say who writes."""
        lines = attention.author_lines(self.text, self.signature.splitlines())
        return PlainText.of("\n\n".join(lines))


@dataclass(frozen=True)
class Citizens:
    """What citizens wrote, made letters: to learn from, to measure on; and the common words."""

    learnt: Sequence[PlainText]
    held: Sequence[PlainText]
    words: frozenset[str]


def main() -> None:
    """Print what each set gives, and write the table when asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="make the program's table of weights")
    arguments = parser.parse_args()
    letters, stories = read_letters(), read_example()
    citizens = read_citizens(arguments.texts)
    shifts = find_shifts(letters, stories, citizens)
    for name in SETS[1:]:
        mine = [letter for letter in letters if letter.set == name]
        before = [x for x in letters if SETS.index(x.set) < SETS.index(name)]
        others = [letter for letter in letters if letter.set != name]
        for known, which in (("before", before), ("but this", others)):
            weights = WeighedWords(learn([*which, *stories], citizens, shifts))
            score(f"{name}, from all {known}", mine, weights)
    model = learn([*letters, *stories], citizens, shifts)
    weights = WeighedWords(model)
    score("all, seen", letters, weights)
    told = [told_codes(plain, PlainText.of(""), weights) for plain in citizens.held]
    counts = Counter(code for codes in told for code in codes)
    print(f"of {len(told)} citizens' texts, {sum(map(bool, told))} are flagged:", dict(counts))
    if arguments.write:
        TABLE.write_text(model.write(), encoding="utf-8")


def read_example() -> list[Letter]:
    """Read the letters of the example: long ones, that tell what somebody lived.

    Only where a rule holds may one of them call for something.
    """
    letters = []
    for path in sorted(EXAMPLE.glob("*.eml")):
        submission = Submission(path.stem, "message/rfc822", path.read_bytes())
        read = read_submission(submission, trusted=frozenset())
        letter = Letter("example", "", "", read["subject"], read["own_text"], read["signature"])
        may = " ".join(sorted(ruled_codes(letter.plain, letter.author)))
        if read["machine"] is None and letter.plain.sentences:
            letters.append(replace(letter, may=may))
    return letters


def read_letters() -> list[Letter]:
    """Read the sets of invented letters."""
    return [
        Letter(name, **json.loads(line))
        for name in SETS
        for line in (LETTERS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


# --- citizens ------------------------------------------------------------------------------------


def read_citizens(paths: Sequence[Path]) -> Citizens:
    """Take as many texts of each table where there are, and make letters of them."""
    chance = random.Random(20200108)  # noqa: S311 - the same each time
    tables = [pd.read_parquet(p) if p.suffix == ".parquet" else pd.read_csv(p) for p in paths]
    bare = [
        sorted({text for text in table["text"].dropna() if 40 < len(text) < 1_500})
        for table in tables
    ]
    for texts in bare:
        chance.shuffle(texts)
    words = common_words([text for texts in bare for text in texts[:READ]])
    formulas = pd.read_csv(HERE / "letter_formulas.csv")
    openings, closings = (
        [f for f in formulas.loc[formulas["place"].eq(place), "formula"] if is_quiet(f)]
        for place in ("opening", "closing")
    )

    def some(of: list[str]) -> list[str]:
        return chance.sample(of, chance.choice((0, 1, 1)))

    def letter(text: str) -> PlainText:
        parts = [*some([*SUBJECTS]), *some(openings), text, *some(closings)]
        return PlainText.of("\n\n".join(parts))

    held = [letter(t) for texts in bare for t in texts[: min(TEXTS, len(texts)) // 3]]
    learnt = [
        letter(t)
        for texts in bare
        for t in texts[min(TEXTS, len(texts)) // 3 : TEXTS]
        if is_quiet(t)
    ]
    return Citizens(learnt, held, words)


def is_quiet(text: str) -> bool:
    """Tell whether no rule holds in a text: it can stand for those that call for nothing."""
    rules, _ = attention.rulebooks()
    return not rules.holding(PlainText.of(text))


def common_words(texts: Sequence[str]) -> frozenset[str]:
    """Return how the words begin that several citizens write, and most without a capital."""
    known, capitals = Counter[str](), Counter[str]()
    for text in texts:
        for before, word in pairwise([".", *_WORD_OR_STOP.findall(text)]):
            known[word.lower()] += 1
            capitals[word.lower()] += word.istitle() and before not in ".!?:;\n"
    counts, upper = Counter[str](), Counter[str]()
    for word, count in known.items():
        for begun in attention.word_features(words_of(PlainText.of(f"{word} x"))[:1]):
            counts[begun] += count
            upper[begun] += capitals[word]
    common = {w for w, n in counts.items() if n >= LEAST_KNOWN and upper[w] < MOST_CAPITALS * n}
    return frozenset(common | {".", "?", "0"})


# --- learning ------------------------------------------------------------------------------------


def learn(letters: Sequence[Letter], citizens: Citizens, shifts: dict[str, float]) -> LinearModel:
    """Weigh words and pairs, for each code, by a logistic regression against all other letters."""
    texts = [words_of(plain) for plain in (*(x.plain for x in letters), *citizens.learnt)]
    found = [attention.word_features(text) for text in texts]
    ours = Counter(f for row in found[: len(letters)] for f in row)
    theirs = Counter(f for row in found[len(letters) :] for f in row)
    often = {f for f, n in ours.items() if n >= LEAST_LETTERS}
    often |= {f for f, n in theirs.items() if n >= LEAST_CITIZENS}
    kept = sorted(f for f in often if citizens.words.issuperset(f.split()))
    rows = _rows(found, kept, [len(text) ** -0.5 for text in texts])
    importance = np.repeat([INVENTED_WEIGHT, 1.0], [len(letters), len(citizens.learnt)])
    weights, bias = np.zeros((len(kept), len(LABELS))), np.zeros(len(LABELS))
    for column, code in enumerate(LABELS):
        wanted = np.array([x.has(code) for x in letters] + [False] * len(citizens.learnt))
        says = np.array([x.is_for(code) for x in letters] + [True] * len(citizens.learnt))
        fitted = LogisticRegression(C=STRENGTH, max_iter=500).fit(
            rows[says], wanted[says], sample_weight=importance[says]
        )
        weights[:, column] = fitted.coef_[0]
        bias[column] = fitted.intercept_[0] - shifts.get(code, 0.0)
    whole = np.rint(weights * SCALE).astype(np.int64)
    heavy = np.flatnonzero(np.abs(whole).max(axis=1) >= SMALLEST)
    return LinearModel(
        tuple(LABELS),
        {kept[place]: row for row, place in enumerate(heavy)},
        whole[heavy],
        np.zeros((0, len(LABELS)), dtype=np.int64),
        np.rint(bias * SCALE).astype(np.int64),
    )


def _rows(
    found: Sequence[frozenset[str]], kept: Sequence[str], shares: Sequence[float]
) -> csr_array:
    column = {feature: n for n, feature in enumerate(kept)}
    known = [sorted(column[f] for f in row if f in column) for row in found]
    values = np.repeat(shares, [len(row) for row in known])
    starts = np.cumsum([0, *map(len, known)])
    return csr_array(
        (values, np.concatenate(known).astype(int), starts), shape=(len(found), len(kept))
    )


def find_shifts(
    letters: Sequence[Letter], stories: Sequence[Letter], citizens: Citizens
) -> dict[str, float]:
    """Find, for each code, above which weight few are told wrongly, of sets not learnt from."""
    quiet, others = [], []
    for name in SETS:
        known = [letter for letter in letters if letter.set != name]
        weights = WeighedWords(learn([*known, *stories], citizens, {}))
        quiet += [highest(x.plain, weights) for x in letters if x.set == name and not x.codes]
        others += [highest(plain, weights) for plain in citizens.held[:: len(SETS)]]
    limits = np.maximum(
        np.quantile(quiet, 1 - 1 / WRONG_LETTERS, axis=0),
        np.quantile(others, 1 - 1 / WRONG_CITIZENS, axis=0),
    )
    return dict(zip(LABELS, limits.tolist(), strict=True))


def words_of(plain: PlainText) -> list[str]:
    """Return the words of a text, with its stops."""
    return [word for sentence in plain.sentences for word in sentence.words]


def highest(plain: PlainText, weights: WeighedWords) -> np.ndarray:
    """Return what the heaviest passage of a text weighs, for each code."""
    return weights.sums(list(attention.passages(plain))).max(axis=0)


# --- scoring -------------------------------------------------------------------------------------


def score(name: str, letters: Sequence[Letter], weights: WeighedWords) -> None:
    """Print, for each code, what the rules tell, what the weights tell, and both."""
    ruled = [ruled_codes(letter.plain, letter.author) for letter in letters]
    weighed = [weighed_codes(letter.plain, weights) for letter in letters]
    both = [a | b for a, b in zip(ruled, weighed, strict=True)]
    quiet = [n for n, letter in enumerate(letters) if not letter.codes]
    print(f"{name}: {sum(bool(both[n]) for n in quiet)} of {len(quiet)} quiet letters are flagged")
    for code in LABELS:
        mine = [n for n, letter in enumerate(letters) if letter.has(code)]
        told = [n for n, x in enumerate(letters) if code in both[n] and x.is_for(code)]
        if not mine:
            continue
        by_rules, by_weights, by_both = (
            sum(code in by[n] for n in mine) / len(mine) for by in (ruled, weighed, both)
        )
        right = sum(letters[n].has(code) for n in told)
        print(
            f"    {code:12} recall by rules {by_rules:.2f}, by weights {by_weights:.2f},"
            f" by both {by_both:.2f}; precision {right / len(told):.2f}"
        )
        for n in mine:
            if code not in both[n]:
                print("        missed |", " ".join(letters[n].text.split())[:150])


def told_codes(plain: PlainText, author: PlainText, weights: WeighedWords) -> set[str]:
    """Return the codes that rules or weights tell."""
    return ruled_codes(plain, author) | weighed_codes(plain, weights)


def ruled_codes(plain: PlainText, author: PlainText) -> set[str]:
    """Return the codes that the rules of today tell."""
    letter_rules, author_rules = attention.rulebooks()
    return {r.code for r in (*letter_rules.holding(plain), *author_rules.holding(author))}


def weighed_codes(plain: PlainText, weights: WeighedWords) -> set[str]:
    """Return the codes that the weights tell of a text."""
    return {c for c, z in zip(LABELS, highest(plain, weights), strict=True) if z > 0}


if __name__ == "__main__":
    main()
