"""Copies of a letter, found as contributions come in: what a campaign is made of.

Each contribution joins the cluster of the earlier founder whose words it repeats, or founds its
own. What it repeats is weighed: words in a row that few letters have say more than those that many
have, and a text repeated whole needs less of them than one that is repeated in part. Two copies
that differ too much found two clusters; a letter that repeats both by the same words merges them.

The state is the rows of founders and merges: stored day by day, concatenated to begin again.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from string import ascii_lowercase, digits

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.language.alignment import BIT, Alignment, Text, align, opening
from tasks.language.features import word_hash
from tasks.language.lists import Lists, Numbers, Places, bounds_of
from tasks.language.vectors import FLOAT
from tasks.language.words import STOP_WORDS

COPY_FOUNDERS_SCHEMA = pa.schema(
    [
        pa.field("contribution_id", pa.string(), nullable=False),
        pa.field("text_key", pa.binary(16), nullable=False),  # the same for the same words
        pa.field("words", pa.list_(pa.uint32()), nullable=False),  # of the statements, hashed
        pa.field("statement_ends", pa.list_(pa.int64()), nullable=False),  # in words
    ]
)
# One row a word that founders of a day have.
COPY_WORDS_SCHEMA = pa.schema(
    [
        pa.field("word", pa.uint32(), nullable=False),
        pa.field("founder_count", pa.int64(), nullable=False),
    ]
)
COPY_MERGES_SCHEMA = pa.schema(
    [
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("became_cluster_id", pa.string(), nullable=False),
    ]
)

# How improbable two words in a row are in a letter that is no copy. The guesses count as so many
# letters that were read. These figures and those below were set by `benchmarks/campaigns.py`.
COMMON_SHARE, CONTENT_SHARE = 0.15, 0.001  # of letters that have a stop word, another word
GUESSED_WORDS, GUESSED_PAIRS = 50, 4096
ATTRACTION = 4  # words stand together more often than chance would have it
ALONE = 8 * BIT  # at most, for a word that is the same while its neighbours are not
# What a copy must weigh: FLOOR, twice the logarithm of the founders it is compared with, so much of
# PARTIAL as the text that is repeated most is not repeated, and so much of OTHER as the other text.
FLOOR = 42 * BIT
PARTIAL, OTHER = 80 * BIT, 10 * BIT
TELLING = 5 * BIT  # a pair that weighs less does not bring founders to compare with
MET, COMPARED = 2000, 8  # founders met through the rarest pairs; the nearest, which are aligned

_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)  # a pair is two words of 32 bits
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, of no regularity: spreads values that are alike


@dataclass(frozen=True)
class CopyMembership:
    """The cluster of a contribution, and the founder that it repeats most of in that cluster.

    `score` is the share of its words that this founder has too. Positions are those of statements,
    from 1: its own that repeat the founder's, and the founder's that they repeat.
    """

    contribution_id: str
    cluster_id: str
    founder_id: str
    score: float
    copied_positions: tuple[int, ...]
    founder_positions: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class CopyState:
    """The founders so far, how many have each word, and the clusters that were merged."""

    founders: pa.Table
    words: pa.Table
    merges: pa.Table

    @classmethod
    def empty(cls) -> CopyState:
        """Begin a consultation."""
        schemas = (COPY_FOUNDERS_SCHEMA, COPY_WORDS_SCHEMA, COPY_MERGES_SCHEMA)
        return cls(*(schema.empty_table() for schema in schemas))

    @classmethod
    def from_tables(cls, founders: pa.Table, words: pa.Table, merges: pa.Table) -> CopyState:
        """Begin again from stored rows, concatenated in the order of the days."""
        return cls(founders, words, merges.select(COPY_MERGES_SCHEMA.names))

    def and_then(self, days: Sequence[FoldedCopies]) -> CopyState:
        """Go on with what days add."""
        return CopyState(
            pa.concat_tables([self.founders, *(day.founders for day in days)]),
            pa.concat_tables([self.words, *(day.words for day in days)]),
            pa.concat_tables([self.merges, *(day.merges for day in days)]),
        )


@dataclass(frozen=True)
class FoldedCopies:
    """What a day's contributions came to: memberships, and the rows that the state gains."""

    memberships: list[CopyMembership]
    founders: pa.Table
    words: pa.Table
    merges: pa.Table


@dataclass(frozen=True)
class Letters:
    """Contributions by the hashed words of their statements, and where each statement ends."""

    words: Lists
    ends: Lists

    @classmethod
    def of(cls, statements: Lists, counts: Places) -> Letters:
        """Read the words of statements, so many of each contribution, one after the other."""
        bounds = bounds_of(counts)
        starts = statements.bounds[bounds]
        ends = statements.bounds[1:] - np.repeat(starts[:-1], counts)
        return cls(Lists(statements.values, starts), Lists(ends, bounds))

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, n: int) -> _Letter:
        return _Letter(self.words[n].tolist(), self.ends[n].tolist())

    def key(self, n: int) -> bytes:
        """Tell a text from any other."""
        return hashlib.blake2b(self.words[n].tobytes(), digest_size=16).digest()


def fold_copies(
    earlier: CopyState, days: Sequence[Sequence[str]], letters: Letters
) -> tuple[list[FoldedCopies], CopyState]:
    """Place the contributions of some days, whose letters come in the order of their ids.

    What a day comes to is the same with the days after it and without: the past is looked up once.
    """
    founders = _Founders(earlier, list(chain(*days)), letters)
    found, first = [], 0
    for ids in days:
        rows = range(first, first + len(ids))
        memberships = [_placed(founders, letters, n) for n in rows]
        found.append(FoldedCopies(memberships, *founders.end_day()))
        first += len(ids)
    return found, earlier.and_then(found)


def cluster_of(founder_id: str) -> str:
    """Name a cluster after its founder."""
    return "k-" + founder_id.removeprefix("c-")


def _placed(founders: _Founders, letters: Letters, n: int) -> CopyMembership:
    contribution_id, copied = founders.ids[n], founders.find(n)
    if copied:
        return _member(contribution_id, letters[n], founders, copied)
    founders.add(n)
    cluster_id = cluster_of(contribution_id)
    return CopyMembership(
        contribution_id, cluster_id, contribution_id, 1.0, (), (), "premier de son texte"
    )


def _member(
    contribution_id: str, letter: _Letter, founders: _Founders, copied: list[_Copied]
) -> CopyMembership:
    root = founders.merge(copied)
    most = max(
        (one for one in copied if founders.root(one.place) == root),
        key=lambda one: (len(one.repeated.mine), -one.place),
    )
    founder, repeated = founders.letter(most.place), most.repeated
    score = round(len(repeated.mine) / len(letter.words), 4)
    positions = letter.positions(repeated.mine)
    own = len(letter.ends) - len(positions)
    personal = f"partie personnelle : {_statements(own)}" if own else "sans partie personnelle"
    why = f"texte repris à {math.floor(100 * score)} % ; {personal}"
    return CopyMembership(
        contribution_id,
        cluster_of(founders.id(root)),
        founders.id(most.place),
        score,
        positions,
        founder.positions(repeated.theirs),
        "même texte" if letter.words == founder.words else why,
    )


def _statements(count: int) -> str:
    return f"{count} énoncé{'s' if count > 1 else ''}"


@dataclass(frozen=True)
class _Letter:
    words: list[int]
    ends: list[int]

    def positions(self, places: frozenset[int]) -> tuple[int, ...]:
        """List the statements that have half their words at least in these places."""
        held = Counter(bisect_right(self.ends, place) for place in places)
        return tuple(
            position
            for position, (start, end) in enumerate(pairwise([0, *self.ends]), 1)
            if start < end <= start + 2 * held[position - 1]
        )


@dataclass(frozen=True)
class _Copied:
    """A founder that a letter is a copy of, and what of it is repeated."""

    place: int
    repeated: Alignment

    def is_by_the_same_words(self, other: _Copied) -> bool:
        mine, theirs = self.repeated.mine, other.repeated.mine
        return 2 * len(mine & theirs) >= min(len(mine), len(theirs))


class _Founders:
    """The founders, met through the pairs of words they have; those of the days as they come.

    Words and pairs are numbered among those of the letters that come: only what these have is
    looked up, so that they cost what they are.
    """

    def __init__(self, earlier: CopyState, ids: Sequence[str], coming: Letters) -> None:
        self._earlier, self.ids, self._coming = earlier.founders, ids, coming
        self._before: int = earlier.founders.num_rows
        self._founded: list[int] = []  # the letters that are founders
        self._merges: list[tuple[str, str]] = []  # of the day: a founder and what it became
        self._became = dict(_merged(earlier))
        self._keys = [coming.key(n) for n in range(len(coming))]
        self._equal = _first_places(earlier.founders["text_key"], self._keys)

        self._vocabulary, word_of = np.unique(coming.words.values, return_inverse=True)
        self._words, _ = Lists(word_of, coming.words.bounds).distinct()
        is_stop = np.isin(self._vocabulary, np.array(sorted(_stop_hashes()), np.uint32))
        self._guesses = GUESSED_WORDS * np.where(is_stop, COMMON_SHARE, CONTENT_SHARE)
        self._holding = _counted(earlier.words, self._vocabulary)
        self._ended = 0, self._holding.copy()  # founders of the days that ended; who had each word

        written = _pairs(coming.words)
        self._pair_values, pair_of = np.unique(written.values, return_inverse=True)
        self._pairs, times = Lists(pair_of, written.bounds).distinct()
        self._times = Lists(times, self._pairs.bounds)
        self._sides = np.searchsorted(
            self._vocabulary,
            np.stack([self._pair_values >> _HALF, self._pair_values & _LOW]).astype(np.uint32),
        )
        self._holders = _holders(earlier.founders["words"], self._pair_values)
        self._held = self._holders.lengths
        self._new_holders: defaultdict[int, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return self._before + len(self._founded)

    def id(self, place: int) -> str:
        """Return the contribution of a founder."""
        if place >= self._before:
            return self.ids[self._founded[place - self._before]]
        return str(self._earlier["contribution_id"][place].as_py())

    def letter(self, place: int) -> _Letter:
        """Return the words of a founder."""
        if place >= self._before:
            return self._coming[self._founded[place - self._before]]
        columns = (self._earlier[name][place] for name in ("words", "statement_ends"))
        return _Letter(*(numbers.values.to_numpy().tolist() for numbers in columns))

    def add(self, n: int) -> None:
        """Take in a letter of the day as a founder."""
        place = len(self)
        self._founded.append(n)
        self._equal.setdefault(self._keys[n], place)
        pairs = self._pairs[n]
        self._holding[self._words[n]] += 1
        self._held[pairs] += 1
        for pair in pairs.tolist():
            self._new_holders[pair].append(place)

    def end_day(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """Return the founders since the last day, how many have each word, and the merges."""
        ended, held = self._ended
        founded = np.array(self._founded[ended:], dtype=np.int64)
        columns = [
            [self.ids[n] for n in founded.tolist()],
            [self._keys[n] for n in founded.tolist()],
            self._coming.words.take(founded).to_arrow(),
            self._coming.ends.take(founded).to_arrow(),
        ]
        gained = self._holding - held
        some = np.flatnonzero(gained)
        merges = [[cluster_of(merge[side]) for merge in self._merges] for side in (0, 1)]
        self._ended = len(self._founded), self._holding.copy()
        self._merges = []
        return (
            pa.table(columns, schema=COPY_FOUNDERS_SCHEMA),
            pa.table([self._vocabulary[some], gained[some]], schema=COPY_WORDS_SCHEMA),
            pa.table(merges, schema=COPY_MERGES_SCHEMA),
        )

    def find(self, n: int) -> list[_Copied]:
        """Find the founders that a letter of the day is a copy of, the earliest first."""
        floor = FLOOR + 2 * _weight(len(self) + 1)
        pairs = self._pairs[n]
        weights = self._pair_weights(pairs)
        if self._keys[n] in self._equal:
            # None is nearer than an equal one: when that is too common to be a copy, all are.
            words = self._coming[n].words
            weight = int(weights @ self._times[n]) - opening(words, words)
            everywhere = frozenset(range(len(words)))
            whole = _Copied(self._equal[self._keys[n]], Alignment(weight, everywhere, everywhere))
            return [whole] if weight >= floor else []
        near = self._nearest(pairs, weights, floor // 2)
        if not near:
            return []
        letter = self._coming[n]
        text = Text(letter.words)
        weighed = dict(zip(self._pair_values[pairs].tolist(), weights.tolist(), strict=True))
        copied = []
        for place in sorted(near):
            founder = self.letter(place)
            found = align(text, founder.words, weighed, self._word_weight)
            if found is not None:
                least, most = sorted(
                    (_missing(found.mine, letter.words), _missing(found.theirs, founder.words))
                )
                if found.weight >= floor + (PARTIAL * least + OTHER * most) // 100:
                    copied.append(_Copied(place, found))
        return copied

    def merge(self, copied: Sequence[_Copied]) -> int:
        """Merge the clusters that a letter repeats by the same words; return the earliest."""
        first, *others = copied
        for other in others:
            if first.is_by_the_same_words(other):
                one, another = sorted((self.root(first.place), self.root(other.place)))
                if one != another:
                    self._became[another] = one
                    self._merges.append((self.id(another), self.id(one)))
        return self.root(first.place)

    def root(self, place: int) -> int:
        """Return the founder of the cluster that a founder is in by now."""
        while place in self._became:
            place = self._became[place]
        return place

    def _nearest(self, pairs: Places, weights: Places, floor: int) -> list[int]:
        """Meet founders through the pairs that weigh most; return those with most in common."""
        is_telling = weights >= TELLING
        pairs, weights = pairs[is_telling], weights[is_telling]
        order = np.argsort(-weights, kind="stable")
        order = order[np.cumsum(self._held[pairs[order]]) <= MET]
        order = order[self._held[pairs[order]] > 0]
        pairs, weights = pairs[order], weights[order]
        before = self._holders.take(pairs)
        new = [self._new_holders.get(pair, ()) for pair in pairs.tolist()]
        met = np.concatenate([before.values, np.fromiter(chain(*new), np.int64)])
        brought = [np.repeat(weights, n) for n in (before.lengths, list(map(len, new)))]
        places, place_of = np.unique(met, return_inverse=True)
        common = np.bincount(place_of, np.concatenate(brought), len(places))
        order = np.lexsort((places, -common))
        near: list[int] = places[order[common[order] >= floor]][:COMPARED].tolist()
        return near

    def _shares(self, words: Places) -> FLOAT:
        """Guess the share of other letters that have words: one founder is compared with."""
        others = np.maximum(self._holding[words] - 1, 0)
        shares: FLOAT = (others + self._guesses[words]) / (len(self) + GUESSED_WORDS)
        return shares

    def _word_weight(self, word: int) -> int:
        place = np.searchsorted(self._vocabulary, np.array([word], np.uint32))
        return min(ALONE, _weight(1 / float(self._shares(place)[0])))

    def _pair_weights(self, pairs: Places) -> Places:
        left, right = map(self._shares, self._sides[:, pairs])
        guesses = np.minimum(ATTRACTION * left * right, 1.0)
        held = np.maximum(self._held[pairs], 1) + GUESSED_PAIRS * guesses
        return _weights((len(self) + GUESSED_PAIRS) / held)


def _missing(repeated: frozenset[int], words: list[int]) -> int:
    """Say how much of a text is not repeated, in hundredths."""
    return 100 * (len(words) - len(repeated)) // len(words)


def _weight(times: float) -> int:
    return round(BIT * math.log2(times))


def _weights(times: FLOAT) -> Places:
    """Return the weight of each, zero at least: that of `_weight`, on every machine."""
    return np.searchsorted(_steps(), times, side="right")


@lru_cache(maxsize=1)
def _steps() -> FLOAT:
    """Find from where on each weight is reached."""
    steps = []
    for weight in range(1, 64 * BIT):
        step = 2 ** ((weight - 0.5) / BIT)
        while _weight(step) >= weight:
            step = math.nextafter(step, 0)
        while _weight(step) < weight:
            step = math.nextafter(step, math.inf)
        steps.append(step)
    return np.array(steps)


@lru_cache(maxsize=1)
def _stop_hashes() -> frozenset[int]:
    return frozenset(map(word_hash, STOP_WORDS.union(ascii_lowercase, digits)))


def _merged(earlier: CopyState) -> Iterator[tuple[int, int]]:
    """Yield the places of founders whose clusters were merged, and of those that they became."""
    founders = pc.replace_substring_regex(earlier.founders["contribution_id"], "^c-", "k-")
    columns = (earlier.merges[name] for name in COPY_MERGES_SCHEMA.names)
    places = (pc.index_in(column, founders.combine_chunks()).to_pylist() for column in columns)
    return zip(*places, strict=True)


def _first_places(column: pa.ChunkedArray, wanted: Sequence[bytes]) -> dict[bytes, int]:
    """Return the first place of each value that is wanted, of those that are there."""
    rows = np.flatnonzero(pc.is_in(column, pa.array(set(wanted), column.type)))
    values = column.take(rows).to_pylist()
    return dict(zip(reversed(values), reversed(rows.tolist()), strict=True))


def _counted(words: pa.Table, vocabulary: Numbers) -> Places:
    """Add up how many founders have each word of a vocabulary."""
    rows, places = _found_in(words["word"].to_numpy(), vocabulary)
    counts = np.zeros(len(vocabulary), dtype=np.int64)
    np.add.at(counts, places, words["founder_count"].to_numpy()[rows])
    return counts


def _pairs(words: Lists) -> Lists:
    """Make one number of each two words in a row of a text."""
    owners = words.owners
    within = owners[:-1] == owners[1:]
    left, right = words.values[:-1].astype(np.uint64), words.values[1:].astype(np.uint64)
    return Lists((left << _HALF | right)[within], bounds_of(np.maximum(words.lengths - 1, 0)))


def _holders(founders: pa.ChunkedArray, pairs: Numbers) -> Lists:
    """Return who has each pair, the earliest first, once each."""
    first, parts = 0, [np.empty(0, dtype=np.int64)]
    for chunk in founders.chunks:
        written = _pairs(Lists.of(chunk))
        rows, places = _found_in(written.values, pairs)
        parts.append(places * len(founders) + first + written.owners[rows])
        first += len(chunk)
    keys = np.sort(np.concatenate(parts))
    keys = keys[np.diff(keys, prepend=-1) > 0]
    places, holders = np.divmod(keys, max(len(founders), 1))
    return Lists(holders, bounds_of(np.bincount(places, minlength=len(pairs))))


def _found_in(values: Numbers, wanted: Numbers) -> tuple[Places, Places]:
    """Return the rows of the values that are wanted, in no order, and their places among these."""
    # A table, read at a place made of the value, says where a value is if it is wanted. Of those
    # that share a place it knows one: the others are few, and looked for by themselves.
    size = max(16, 4 + len(wanted).bit_length())
    place_at = np.full(1 << size, -1, dtype=np.int32)
    spread = wanted.astype(np.uint64) * _SPREAD >> np.uint64(64 - size)
    place_at[spread] = np.arange(len(wanted))
    places = place_at[values.astype(np.uint64) * _SPREAD >> np.uint64(64 - size)]
    rows = np.flatnonzero(places >= 0)
    places = places[rows].astype(np.int64)
    is_there = wanted[places] == values[rows]
    others = np.flatnonzero(place_at[spread] != np.arange(len(wanted)))
    if not len(others):
        return rows[is_there], places[is_there]
    rest = rows[~is_there]
    more, at = _found_in(values[rest], wanted[others])
    return (
        np.concatenate([rows[is_there], rest[more]]),
        np.concatenate([places[is_there], others[at]]),
    )
