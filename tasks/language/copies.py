"""Copies of a letter, found as contributions come in: what a campaign is made of.

Each contribution joins the cluster of the earlier founder whose words it repeats, or founds its
own. What it repeats is weighed: words in a row that few letters have say more than those that many
have, and a text repeated whole needs less of them than one that is repeated in part. Two copies
that differ too much found two clusters; a letter that repeats both by the same words merges them.

The state is the rows of founders and merges: stored day by day, concatenated to begin again.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, chain, pairwise
from string import ascii_lowercase, digits

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.language.alignment import BIT, Alignment, Text, align, opening, pairs
from tasks.language.features import word_hash
from tasks.language.words import STOP_WORDS

COPY_FOUNDERS_SCHEMA = pa.schema(
    [
        pa.field("contribution_id", pa.string(), nullable=False),
        pa.field("words", pa.list_(pa.uint32()), nullable=False),  # of the statements, hashed
        pa.field("statement_ends", pa.list_(pa.int64()), nullable=False),  # in words
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

_UInts = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]
_Ints = npt.NDArray[np.int64]


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
    """The founders so far and the clusters that were merged, in the order they came."""

    founders: pa.Table
    merges: pa.Table

    @classmethod
    def empty(cls) -> CopyState:
        """Begin a consultation."""
        return cls(COPY_FOUNDERS_SCHEMA.empty_table(), COPY_MERGES_SCHEMA.empty_table())

    @classmethod
    def from_tables(cls, founders: pa.Table, merges: pa.Table) -> CopyState:
        """Begin again from stored rows, concatenated in the order of the days."""
        return cls(
            founders.select(COPY_FOUNDERS_SCHEMA.names).cast(COPY_FOUNDERS_SCHEMA),
            merges.select(COPY_MERGES_SCHEMA.names).cast(COPY_MERGES_SCHEMA),
        )


@dataclass(frozen=True)
class FoldedCopies:
    """What some contributions came to: their memberships, and the rows that the state gains."""

    memberships: list[CopyMembership]
    founders: pa.Table
    merges: pa.Table


def fold_copies(
    earlier: CopyState, ids: Sequence[str], statements: Sequence[Sequence[Sequence[int]]]
) -> tuple[FoldedCopies, CopyState]:
    """Place contributions, known by the hashed words of their statements, in the order given."""
    letters = [_Letter.of(said) for said in statements]
    founders = _Founders(earlier, letters)
    founded: list[int] = []
    memberships: list[CopyMembership] = []
    for i, (contribution_id, letter) in enumerate(zip(ids, letters, strict=True)):
        copied = founders.find(letter)
        if copied:
            memberships.append(_member(contribution_id, letter, founders, copied))
        else:
            founded.append(i)
            founders.add(contribution_id, letter)
            memberships.append(_founder(contribution_id))
    new = pa.table(
        [
            [ids[i] for i in founded],
            [letters[i].words for i in founded],
            [letters[i].ends for i in founded],
        ],
        schema=COPY_FOUNDERS_SCHEMA,
    )
    merges = pa.table(
        [list(map(cluster_of, column)) for column in zip(*founders.merges, strict=True)]
        or [[], []],
        schema=COPY_MERGES_SCHEMA,
    )
    state = CopyState(
        pa.concat_tables([earlier.founders, new]), pa.concat_tables([earlier.merges, merges])
    )
    return FoldedCopies(memberships, new, merges), state


def cluster_of(founder_id: str) -> str:
    """Name a cluster after its founder."""
    return "k-" + founder_id.removeprefix("c-")


def _founder(contribution_id: str) -> CopyMembership:
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
        cluster_of(founders.ids[root]),
        founders.ids[most.place],
        score,
        positions,
        founder.positions(repeated.theirs),
        "même texte" if letter.words == founder.words else why,
    )


def _statements(count: int) -> str:
    return f"{count} énoncé{'s' if count > 1 else ''}"


@dataclass(frozen=True)
class _Letter:
    """The words of a contribution's statements, hashed, and where each statement ends."""

    words: list[int]
    ends: list[int]

    @classmethod
    def of(cls, statements: Sequence[Sequence[int]]) -> _Letter:
        return cls(list(chain(*statements)), list(accumulate(map(len, statements))))

    @cached_property
    def key(self) -> bytes:
        return np.array(self.words, np.uint32).tobytes()

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
    """The founders, met through the pairs of words they have; those of the day as they come."""

    def __init__(self, earlier: CopyState, today: Sequence[_Letter]) -> None:
        self.ids: list[str] = earlier.founders["contribution_id"].to_pylist()
        self.merges: list[tuple[str, str]] = []  # of the day: a founder and what it became
        places = {cluster_of(founder_id): place for place, founder_id in enumerate(self.ids)}
        columns = (earlier.merges[name].to_pylist() for name in COPY_MERGES_SCHEMA.names)
        self._became = {places[a]: places[b] for a, b in zip(*columns, strict=True)}
        self._words, self._bounds = _flat(earlier.founders["words"])
        self._ends, self._end_bounds = _flat(earlier.founders["statement_ends"])
        self._today: list[_Letter] = []
        self._equal: dict[bytes, int] = {}
        for place, (start, end) in enumerate(pairwise(self._bounds.tolist())):
            self._equal.setdefault(self._words[start:end].tobytes(), place)
        # Only what the day's letters have is looked up, so that a day costs what its mail costs.
        owners = np.repeat(np.arange(len(self.ids)), np.diff(self._bounds))
        words = {word for letter in today for word in letter.words}
        self._holding = Counter(
            {word: len(places) for word, places in _holders(self._words, owners, words)}
        )
        within = owners[:-1] == owners[1:]
        left, right = self._words[:-1].astype(np.uint64), self._words[1:].astype(np.uint64)
        rows = (left << np.uint64(32) | right)[within]
        wanted = {pair for letter in today for pair in pairs(letter.words)}
        self._holders = defaultdict(
            list, {pair: p.tolist() for pair, p in _holders(rows, owners[:-1][within], wanted)}
        )

    def letter(self, place: int) -> _Letter:
        """Return the words of a founder."""
        earlier = len(self._bounds) - 1
        if place >= earlier:
            return self._today[place - earlier]
        words, ends = (
            values[slice(*bounds[place : place + 2])].tolist()
            for values, bounds in (
                (self._words, self._bounds),
                (self._ends, self._end_bounds),
            )
        )
        return _Letter(words, ends)

    def add(self, contribution_id: str, letter: _Letter) -> None:
        """Take in a founder of the day."""
        place = len(self.ids)
        self.ids.append(contribution_id)
        self._today.append(letter)
        self._equal.setdefault(letter.key, place)
        self._holding.update(set(letter.words))
        for pair in set(pairs(letter.words)):
            self._holders[pair].append(place)

    def find(self, letter: _Letter) -> list[_Copied]:
        """Find the founders that a letter is a copy of, the earliest first."""
        floor = FLOOR + 2 * _weight(len(self.ids) + 1)
        if letter.key in self._equal:
            # None is nearer than an equal one: when that is too common to be a copy, all are.
            weight = sum(map(self._pair_weight, pairs(letter.words)))
            weight -= opening(letter.words, letter.words)
            everywhere = frozenset(range(len(letter.words)))
            whole = _Copied(self._equal[letter.key], Alignment(weight, everywhere, everywhere))
            return [whole] if weight >= floor else []
        text = Text(letter.words)
        weights = {pair: self._pair_weight(pair) for pair in text.places}
        copied = []
        for place in sorted(self._nearest(weights, floor // 2)):
            founder = self.letter(place)
            found = align(text, founder.words, weights, self._word_weight)
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
                    self.merges.append((self.ids[another], self.ids[one]))
        return self.root(first.place)

    def root(self, place: int) -> int:
        """Return the founder of the cluster that a founder is in by now."""
        while place in self._became:
            place = self._became[place]
        return place

    def _nearest(self, weights: dict[int, int], floor: int) -> list[int]:
        """Meet founders through the pairs that weigh most; return those with most in common."""
        common: defaultdict[int, int] = defaultdict(int)
        met = 0
        for weight, pair in sorted((-w, pair) for pair, w in weights.items() if w >= TELLING):
            met += self._held(pair)
            if met > MET:
                break
            for place in self._holders.get(pair, ()):
                common[place] -= weight
        ranked = sorted((-weight, place) for place, weight in common.items() if weight >= floor)
        return [place for _, place in ranked[:COMPARED]]

    def _held(self, pair: int) -> int:
        return len(self._holders[pair]) if pair in self._holders else 0

    def _share(self, word: int) -> float:
        """Guess the share of other letters that have a word: one founder is compared with."""
        guess = COMMON_SHARE if word in _stop_hashes() else CONTENT_SHARE
        others = max(self._holding[word] - 1, 0)
        return (others + GUESSED_WORDS * guess) / (len(self.ids) + GUESSED_WORDS)

    def _word_weight(self, word: int) -> int:
        return min(ALONE, _weight(1 / self._share(word)))

    def _pair_weight(self, pair: int) -> int:
        guess = ATTRACTION * self._share(pair >> 32) * self._share(pair & 0xFFFFFFFF)
        held = max(self._held(pair), 1) + GUESSED_PAIRS * min(guess, 1.0)
        return max(0, _weight((len(self.ids) + GUESSED_PAIRS) / held))


def _missing(repeated: frozenset[int], words: list[int]) -> int:
    """Say how much of a text is not repeated, in hundredths."""
    return 100 * (len(words) - len(repeated)) // len(words)


def _weight(times: float) -> int:
    return round(BIT * math.log2(times))


@lru_cache(maxsize=1)
def _stop_hashes() -> frozenset[int]:
    return frozenset(map(word_hash, STOP_WORDS.union(ascii_lowercase, digits)))


def _flat(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.uint32], _Ints]:
    """Lay out the values of all rows one after the other, and where each row begins and ends."""
    rows = column.combine_chunks()
    lengths = rows.value_lengths().to_numpy(zero_copy_only=False)
    return rows.flatten().to_numpy(), np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def _holders(rows: _UInts, owners: _Ints, wanted: set[int]) -> Iterator[tuple[int, _Ints]]:
    """Yield each wanted value with those who own a row of it, in order, once each."""
    kept = np.isin(rows, np.array(sorted(wanted), rows.dtype))
    rows, owners = rows[kept], owners[kept]
    order = np.lexsort((owners, rows))
    rows, owners = rows[order], owners[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]) | (owners[1:] != owners[:-1])
    rows, owners = rows[first], owners[first]
    values, starts = np.unique(rows, return_index=True)
    yield from zip(values.tolist(), np.split(owners, starts[1:]), strict=False)
