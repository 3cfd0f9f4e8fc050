"""What those who run a consultation must see the same day: emergencies, threats, the press.

`attention_rules.csv` is written by people: a row is one pattern (`patterns`) by which a rule holds
in a letter (`signale`) or, in the same sentence, does not (`sauf`), or the words of a list. What no
rule says in so many words is told by weighed words (`attention_weights.csv`, made by
`benchmarks/attention.py`). A letter flagged for nothing costs a minute; the others could cost more.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tasks.language.linear import SCALE, LinearModel
from tasks.language.patterns import Pattern, PlainText, Sentence, compile_pattern
from tasks.language.words import STOP_WORDS, Memory

# In the order in which a person reads them; singular and plural.
LABELS: Mapping[str, tuple[str, str]] = {
    "urgence": ("urgence", "urgences"),
    "menace": ("menace", "menaces"),
    "signalement": ("fait à signaler", "faits à signaler"),
    "demande": ("demande personnelle", "demandes personnelles"),
    "presse": ("demande de la presse", "demandes de la presse"),
    "elu": ("message d'élu ou de mairie", "messages d'élus ou de mairies"),
}
LETTER, AUTHOR = "lettre", "auteur"  # where a rule looks
_LIST, _SIGNALS, _UNLESS = "liste", "signale", "sauf"
_SHORT_LINE = 70  # characters of a line that may be a letterhead, or how somebody signs
_FIRST_LINES, _LAST_LINES = 2, 4
_FEWEST_LINES = 4  # a text of fewer has neither letterhead nor signature
# The longer a letter, the likelier one of its passages looks like something: how much more it must
# weigh for each further passage, up to what a long letter asks.
_FURTHER_PASSAGE, _LONG_LETTER = 2.0, 6.0
_BEGINNING = 6  # letters of a word that are weighed: "frapper" and "frappée" weigh the same
_PASSAGE = 80  # words weighed together, so that two lines in a long letter are heard


@dataclass(frozen=True)
class Flag:
    """A code and why, in French: names of rules, or words of the table; nobody's sentence."""

    code: str
    why: str


@dataclass(frozen=True)
class Rule:
    """A rule of the table: it holds where one of its patterns is and no exception is near."""

    code: str
    name: str
    place: str  # LETTER, the subject and the words; AUTHOR, the lines that say who writes
    patterns: tuple[Pattern, ...]
    exceptions: tuple[Pattern, ...]

    def holds(self, pattern: Pattern, text: str, sentence: Sentence) -> bool:
        """Tell whether a sentence has one of the patterns, with no exception near it."""
        return any(
            not any(exception.excepts(text, sentence, *span) for exception in self.exceptions)
            for span in pattern.spans(text, sentence)
        )


def flag_letters(
    subjects: Sequence[str], texts: Sequence[str], authors: Sequence[Sequence[str]]
) -> list[list[Flag]]:
    """Return the flags of each letter, in the order of LABELS.

    `authors`: of each letter, the lines that say who writes (displayed name, address, signature).
    """
    letters, lines = rulebooks()
    flags = []
    for subject, text, author in zip(subjects, texts, authors, strict=True):
        plain = PlainText.of(f"{subject}\n\n{text}")
        who = PlainText.of("\n\n".join(author_lines(text, author)))
        whys = dict(weighed(plain)) | _named(letters.holding(plain) + lines.holding(who))
        flags.append([Flag(code, whys[code]) for code in LABELS if code in whys])
    return flags


# --- rules ---------------------------------------------------------------------------------------


# The number of a rule, one of its patterns, what it needs in its sentence, and around it.
_Tried = tuple[int, Pattern, frozenset[int], frozenset[int]]


class Rulebook:
    """Rules, and what words tell at once which of their patterns a text could have."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        needs: dict[frozenset[str], int] = {}

        def numbers(sets: Iterable[frozenset[str]]) -> list[int]:
            return [needs.setdefault(words, len(needs)) for words in sets]

        self._patterns: dict[int, list[_Tried]] = defaultdict(list)
        for rule_number, rule in enumerate(rules):
            for pattern in rule.patterns:
                first, *others = numbers(pattern.needs)
                around = frozenset(numbers(pattern.other_needs))
                tried = (rule_number, pattern, frozenset(others), around)
                self._patterns[first].append(tried)
        exact: dict[str, set[int]] = defaultdict(set)
        beginnings: dict[str, set[int]] = defaultdict(set)
        for need, number in needs.items():
            for word in need:
                (beginnings if word.endswith("*") else exact)[word.removesuffix("*")].add(number)

        def met(word: str) -> frozenset[int]:
            begun = (word[:length] for length in range(1, len(word) + 1))
            return frozenset(exact.get(word, ())).union(
                *(beginnings[b] for b in begun if b in beginnings)
            )

        self._met = Memory(met)
        self._firsts = frozenset(self._patterns)

    def holding(self, plain: PlainText) -> list[Rule]:
        """Return the rules that hold in a text, in the order of the table."""
        met = [
            frozenset().union(*map(self._met.__getitem__, set(s.words))) for s in plain.sentences
        ]
        found: set[int] = set()
        for place, sentence in enumerate(plain.sentences):
            here = met[place]
            near = here.union(*met[max(place - 1, 0) : place + 2])
            for first in self._firsts & here:
                for number, pattern, others, around in self._patterns[first]:
                    if number in found or not (others <= here and around <= near):
                        continue
                    if self.rules[number].holds(pattern, plain.text, sentence):
                        found.add(number)
        return [self.rules[number] for number in sorted(found)]


@cache
def rulebooks() -> tuple[Rulebook, Rulebook]:
    """Read the table: the rules for letters, and those for the lines that say who writes."""
    rules = read_rules(_table("attention_rules.csv"))
    return (
        Rulebook([rule for rule in rules if rule.place == LETTER]),
        Rulebook([rule for rule in rules if rule.place == AUTHOR]),
    )


def read_rules(table: str) -> list[Rule]:
    """Read rules from a table (code, regle, lieu, effet, motif); raise PatternError."""
    lists: dict[str, list[str]] = defaultdict(list)
    rows: dict[tuple[str, str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in csv.DictReader(table.splitlines()):
        if row["code"] == _LIST:
            lists[row["regle"]].append(row["motif"])
        else:
            rows[row["code"], row["regle"], row["lieu"]][row["effet"]].append(row["motif"])
    named = {name: " | ".join(words) for name, words in lists.items()}

    def compiled(patterns: Iterable[str]) -> tuple[Pattern, ...]:
        return tuple(compile_pattern(pattern, named) for pattern in patterns)

    return [
        Rule(*where, compiled(effects[_SIGNALS]), compiled(effects[_UNLESS]))
        for where, effects in rows.items()
    ]


def author_lines(text: str, author: Sequence[str]) -> list[str]:
    """Return the lines by which an author is known; a letter's first and last may be some."""
    written = [line.strip() for line in text.splitlines() if line.strip()]
    if len(written) < _FEWEST_LINES:
        return list(author)
    edges = [*written[:_FIRST_LINES], *written[_FIRST_LINES:][-_LAST_LINES:]]
    return [*author, *(e for e in edges if len(e) <= _SHORT_LINE and e[-1] not in ".!?")]


def _named(rules: Iterable[Rule]) -> dict[str, str]:
    """Name, by code, the rules that hold."""
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for rule in rules:
        names[rule.code][rule.name] = None
    return {code: " ; ".join(found) for code, found in names.items()}


# --- weighed words -------------------------------------------------------------------------------


def weighed(plain: PlainText) -> Iterator[tuple[str, str]]:
    """Yield the codes that a passage's words add up to, and the words that weighed most."""
    weights = weighed_words()
    said_in = list(passages(plain))
    least = min(_FURTHER_PASSAGE * (len(said_in) - 1), _LONG_LETTER)
    for passage in said_in:
        for column in np.flatnonzero(weights.add(passage) > least).tolist():
            telling = {f for f in word_features(passage) if _explains(f.split())}
            reasons = weights.model.reasons(telling, column, 3)
            said = f", dont {', '.join(f'« {word} »' for word in reasons)}" if reasons else ""
            yield weights.model.classes[column], f"ensemble des mots{said}"


def passages(plain: PlainText) -> Iterator[list[str]]:
    """Cut a text into passages: whole sentences where they are not too long."""
    passage: list[str] = []
    for sentence in plain.sentences:
        for start in range(0, len(sentence.words), _PASSAGE):
            piece = sentence.words[start : start + _PASSAGE]
            if len(passage) + len(piece) > _PASSAGE:
                yield passage
                passage = []
            passage += piece
    if passage:
        yield passage


def word_features(words: Sequence[str]) -> frozenset[str]:
    """Return how the words of a passage begin, and pairs of neighbours; a number is a 0."""
    begun = list(map(_begun, words))
    return frozenset(begun).union(map(" ".join, pairwise(begun)))


def _begun(word: str) -> str:
    return "0" if word[0].isdecimal() else word[:_BEGINNING]


def _explains(words: Sequence[str]) -> bool:
    return _STOPS.isdisjoint(words) and not _SILENT.issuperset(words)


class WeighedWords:
    """A table of weights, by the numbers of the words in it: letters are many."""

    def __init__(self, model: LinearModel) -> None:
        self.model = model
        begun = sorted({word for feature in model.places for word in feature.split()})
        self._numbers = {word: number for number, word in enumerate(begun, 1)}
        self._base = len(begun) + 1
        self._places = {self._key(*f.split()): place for f, place in model.places.items()}
        self._number = Memory(lambda word: self._numbers.get(_begun(word), 0))

    def add(self, words: Sequence[str]) -> npt.NDArray[np.float64]:
        """Add up, for each code, what the words and pairs of a passage weigh: above zero, told."""
        numbers = list(map(self._number.__getitem__, words))
        keys = {*numbers, *[self._base * a + b for a, b in pairwise(numbers) if a and b]}
        places = [place for key in keys if (place := self._places.get(key)) is not None]
        total = self.model.weights.take(places, axis=0).sum(axis=0) / max(len(words), 1) ** 0.5
        added: npt.NDArray[np.float64] = (total + self.model.bias) / SCALE
        return added

    def _key(self, *words: str) -> int:
        """Return the number of a word, or of a pair of words."""
        first, *second = (self._numbers[word] for word in words)
        return self._base * first + second[0] if second else first


_SILENT = word_features(sorted(STOP_WORDS)) | {"0"}  # they weigh, but explain nothing
_STOPS = frozenset(".?")


@cache
def weighed_words() -> WeighedWords:
    """Read the table of weights."""
    return WeighedWords(LinearModel.read(_table("attention_weights.csv")))


def _table(name: str) -> str:
    return resources.files("tasks.language").joinpath(name).read_text(encoding="utf-8")
