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
from functools import cache, reduce
from importlib import resources
from itertools import chain, pairwise
from operator import or_

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.hints import hinted
from tasks.language.linear import SCALE, LinearModel
from tasks.language.patterns import Pattern, PlainText, Sentence, compile_pattern, hint_of
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


# What is read of a letter, and what is told of it.
READ = ("submission_id", "subject", "own_text", "from_name", "from_address", "signature")
FLAGS = pa.schema([(name, pa.string()) for name in ("submission_id", "code", "why")])


def flags_of(letters: pa.Table) -> pa.Table:
    """Flag letters, in their order."""
    ids, subjects, texts, names, addresses, signatures = (letters[n].to_pylist() for n in READ)
    authors = [
        [line for line in (name, address, *signature.splitlines()) if line]
        for name, address, signature in zip(names, addresses, signatures, strict=True)
    ]
    told = zip(ids, flag_letters(subjects, texts, authors), strict=True)
    rows = [(letter, flag.code, flag.why) for letter, flags in told for flag in flags]
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    return pa.table([pa.array(c, pa.string()) for c in columns], schema=FLAGS)


def flag_letters(
    subjects: Sequence[str], texts: Sequence[str], authors: Sequence[Sequence[str]]
) -> list[list[Flag]]:
    """Return the flags of each letter, in the order of LABELS.

    `authors`: of each letter, the lines that say who writes (displayed name, address, signature).
    """
    letters, _ = rulebooks()
    plain = [PlainText.of(f"{said}\n\n{text}") for said, text in zip(subjects, texts, strict=True)]
    by_lines = _held_by_lines(texts, authors)
    flags = []
    for n, (text, weighed) in enumerate(zip(plain, weighed_codes(plain), strict=True)):
        whys = weighed | _named(letters.holding(text) + by_lines.get(n, []))
        flags.append([Flag(code, whys[code]) for code in LABELS if code in whys])
    return flags


def _held_by_lines(texts: Sequence[str], authors: Sequence[Sequence[str]]) -> dict[int, list[Rule]]:
    """Return, by the place of a letter, the rules that hold in the lines that say who writes."""
    _, book = rulebooks()
    said = ["\n\n".join(author_lines(*each)) for each in zip(texts, authors, strict=True)]
    hints = pc.indices_nonzero(hinted(pa.array(said, pa.string()), book.hint))
    return {n: book.holding(PlainText.of(said[n])) for n in hints.to_pylist()}


# --- rules ---------------------------------------------------------------------------------------


# The number of a rule, one of its patterns, what it needs in its sentence, and around it.
_Tried = tuple[int, Pattern, int, int]


class Rulebook:
    """Rules, and what words tell at once which of their patterns a text could have.

    Needs are numbered, and a set of them is the integer that has their bits.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        needs: dict[frozenset[str], int] = {}

        def bits(sets: Iterable[frozenset[str]]) -> int:
            return _union(1 << needs.setdefault(words, len(needs)) for words in sets)

        self._patterns: dict[int, list[_Tried]] = defaultdict(list)
        for number, rule in enumerate(rules):
            for pattern in rule.patterns:
                first, *others = pattern.needs
                tried = (number, pattern, bits(others), bits(pattern.other_needs))
                self._patterns[bits([first])].append(tried)
        self._firsts = _union(self._patterns)
        self.hint = hint_of(
            word for need, n in needs.items() if 1 << n & self._firsts for word in need
        )
        exact: dict[str, int] = defaultdict(int)
        beginnings: dict[str, int] = defaultdict(int)
        for need, n in needs.items():
            for word in need:
                (beginnings if word.endswith("*") else exact)[word.removesuffix("*")] |= 1 << n

        def met(word: str) -> int:
            begun = (word[:length] for length in range(1, len(word) + 1))
            return _union(beginnings.get(b, 0) for b in begun) | exact.get(word, 0)

        self._met = Memory(met)

    def holding(self, plain: PlainText) -> list[Rule]:
        """Return the rules that hold in a text, in the order of the table."""
        met = [_union(map(self._met.__getitem__, s.words)) for s in plain.sentences]
        found: set[int] = set()
        for place, (sentence, here) in enumerate(zip(plain.sentences, met, strict=True)):
            near = _union(met[max(place - 1, 0) : place + 2])
            for first in _bits(self._firsts & here):
                for number, pattern, others, around in self._patterns[first]:
                    if number in found or others & ~here or around & ~near:
                        continue
                    if self.rules[number].holds(pattern, plain.text, sentence):
                        found.add(number)
        return [self.rules[number] for number in sorted(found)]


def _union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


def _bits(needs: int) -> Iterator[int]:
    while needs:
        lowest = needs & -needs
        yield lowest
        needs ^= lowest


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


def weighed_codes(letters: Sequence[PlainText]) -> list[dict[str, str]]:
    """Return what the passages of each letter add up to: codes, and the words that weighed most."""
    weights = weighed_words()
    said_in = [list(passages(plain)) for plain in letters]
    sums = weights.sums(list(chain.from_iterable(said_in)))
    codes: list[dict[str, str]] = []
    first = 0
    for said in said_in:
        least = min(_FURTHER_PASSAGE * (len(said) - 1), _LONG_LETTER)
        told = np.argwhere(sums[first : first + len(said)] > least).tolist()
        codes.append(dict(weights.reason(said[n], column) for n, column in told))
        first += len(said)
    return codes


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
        numbers = {word: number for number, word in enumerate(begun, 1)}
        self._number = Memory(lambda word: numbers.get(_begun(word), 0))
        self._base = base = len(begun) + 1
        # The key of a word is its number; that of a pair is made of both.
        keyed = sorted(
            (
                reduce(
                    lambda first, second: base * first + second, map(numbers.__getitem__, f.split())
                ),
                p,
            )
            for f, p in model.places.items()
        )
        self._keys = np.array([key for key, _ in keyed], dtype=np.int64)
        self._weights = model.weights[[place for _, place in keyed]]
        pairs = self._keys[self._keys >= base]
        self._begins, self._ends = np.zeros((2, base), dtype=np.bool_)
        self._begins[pairs // base] = self._ends[pairs % base] = True

    def sums(self, passages: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
        """Add up, a row a passage, what its words and pairs weigh for each code: above 0, told."""
        sizes = np.fromiter(map(len, passages), np.int64, len(passages))
        words = map(self._number.__getitem__, chain.from_iterable(passages))
        numbers = np.fromiter(words, np.int64, int(sizes.sum()))
        passage = np.repeat(np.arange(len(passages)), sizes)
        pairs = np.flatnonzero(
            self._begins[numbers[:-1]] & self._ends[numbers[1:]] & (passage[1:] == passage[:-1])
        )
        keys = np.concatenate([numbers, self._base * numbers[pairs] + numbers[pairs + 1]])
        passage = np.concatenate([passage, passage[pairs]])
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        is_known = self._keys[places] == keys
        found = np.sort(passage[is_known] * len(self._keys) + places[is_known])
        found = found[np.diff(found, prepend=-1) > 0]  # each counts once in a passage
        passage, places = np.divmod(found, len(self._keys))
        added = np.zeros((len(places) + 1, self._weights.shape[1]), np.int64)
        self._weights[places].cumsum(axis=0, out=added[1:])
        ends = np.searchsorted(passage, np.arange(len(passages) + 1))
        roots = np.array([max(size, 1) ** 0.5 for size in sizes.tolist()])
        totals = np.diff(added[ends], axis=0) / roots[:, None]
        told: npt.NDArray[np.float64] = (totals + self.model.bias) / SCALE
        return told

    def reason(self, passage: Sequence[str], column: int) -> tuple[str, str]:
        """Return the code of a column, and what words of a passage weigh most for it."""
        telling = {f for f in word_features(passage) if _explains(f.split())}
        reasons = self.model.reasons(telling, column, 3)
        said = f", dont {', '.join(f'« {word} »' for word in reasons)}" if reasons else ""
        return self.model.classes[column], f"ensemble des mots{said}"


_SILENT = word_features(sorted(STOP_WORDS)) | {"0"}  # they weigh, but explain nothing
_STOPS = frozenset(".?")


@cache
def weighed_words() -> WeighedWords:
    """Read the table of weights."""
    return WeighedWords(LinearModel.read(_table("attention_weights.csv")))


def _table(name: str) -> str:
    return resources.files("tasks.language").joinpath(name).read_text(encoding="utf-8")
