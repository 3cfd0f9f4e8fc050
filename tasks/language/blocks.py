"""The groups of one theme, kind and polarity while a day's statements are placed among them.

Statements are compared a batch at a time with the groups as they are before the batch, in a few
operations on arrays; then, in their order, with the groups that the batch has changed. So each is
placed as if it had come alone, and what a batch holds decides nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tasks.language.lists import Lists, bounds_of
from tasks.language.vectors import FLOAT, INT, UNIT, unit, word_vectors
from tasks.language.words import decimal, excerpt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Measured on answers that readers tagged and read on letters (docs/quality.md).
SIMILARITY = 0.20  # of a statement and a group, from which it joins; a short one,
SHORT_WORDS = 3  # of so many subject words; a longer one is nearer to anything:
LENGTH_SIMILARITY = 0.05  # so much more for each further word,
LONG_SIMILARITY = 0.65  # up to this
CORE_SHARE = 0.10  # of a group's statements, from which they are about a word
SHARED_WEIGHT = 0.35  # of a statement's words, for those that the group is about
MERGE_SIMILARITY = 0.45  # of the directions of two groups, from which they may be one
# Of a statement of one group and a statement of the other, on average: what is a mixture already is
# like nothing, however near the two directions are.
MEAN_SIMILARITY = 0.25  # from which groups that are about the same word are one;
ESTABLISHED = 8  # groups of so many statements,
ESTABLISHED_SIMILARITY = 0.35  # from this, whatever their words
TOP_WORDS = 3  # of a group, of which the other must be about one

BATCH, PAIRS = 256, 1 << 14  # statements, pairs of a statement and a group compared at once
EXCERPT = 70  # characters of its founder by which a group is told


@dataclass(frozen=True)
class Arrivals:
    """Statements in the order they came, with what each word tells."""

    ids: Sequence[str]
    texts: Sequence[str]
    keys: Sequence[bytes]
    subjects: Lists
    vectors: INT
    weights: INT

    def take(self, rows: INT) -> Arrivals:
        """Return some of the statements, in the order asked."""
        ids, texts, keys = (
            [column[row] for row in rows.tolist()] for column in (self.ids, self.texts, self.keys)
        )
        subjects, vectors = self.subjects.take(rows), self.vectors[rows]
        return Arrivals(ids, texts, keys, subjects, vectors, self.weights)

    def words_of(self, rows: INT) -> csr_array:
        """Return the words of some statements, one row each, with what they weigh."""
        from scipy.sparse import csr_array

        words = self.subjects.take(rows)
        weighed = (self.weights[words.values], words.values, words.bounds)
        return csr_array(weighed, shape=(len(rows), len(self.weights)))

    @cached_property
    def least(self) -> FLOAT:
        """How near each statement must be to a group to join it."""
        further = LENGTH_SIMILARITY * np.maximum(self.subjects.lengths - SHORT_WORDS, 0)
        least: FLOAT = np.minimum(SIMILARITY + further, LONG_SIMILARITY)
        return least


@dataclass(frozen=True)
class Merge:
    """A group that is one with an older group from now on, and why."""

    older: int
    younger: int
    cause: str


@dataclass(frozen=True)
class Placed:
    """The group of each arrival; whether it founded it, or its very words were there already."""

    places: INT
    founded: list[bool]
    repeated: list[bool]


class Block:
    """The groups, oldest first: those of earlier days, and room for those that a day founds."""

    def __init__(self, profiles: pa.Table, room: int, dimensions: int) -> None:
        count = profiles.num_rows
        self.ids: list[str] = profiles["group_id"].to_pylist()
        self.excerpts: list[str] = profiles["excerpt"].to_pylist()
        self.sizes: list[int] = profiles["statement_count"].to_pylist()
        self.totals = np.zeros((count + room, dimensions), dtype=np.int64)
        self.units = np.zeros((count + room, dimensions))
        if count:
            self.totals[:count] = Lists.of(profiles["total"]).values.reshape(count, dimensions)
            self.units[:count] = unit(self.totals[:count])
        self.touched: set[int] = set()
        self.gone: set[int] = set()
        self._words, self._uses = Lists.of(profiles["words"]), Lists.of(profiles["word_counts"])
        self._counts: dict[int, dict[int, int]] = {}  # of the groups that were looked at
        self._told: dict[int, tuple[set[int], set[int]]] = {}  # see `_telling`
        # The words that groups are about, as they were before the batch,
        owners = self._words.owners
        is_core = self._uses.values >= CORE_SHARE * np.array(self.sizes, np.int64)[owners]
        self._core_words, self._core_owners = self._words.values[is_core], owners[is_core]
        self._stored_core = Lists(
            self._core_words, bounds_of(np.bincount(self._core_owners, minlength=count))
        )
        self._core: dict[int, set[int]] = {}  # of those that were changed, and more
        # and, of those that it has changed, the words that they may be about since.
        self._changed: set[int] = set()
        self._saying: defaultdict[int, set[int]] = defaultdict(set)

    def place(self, arrivals: Arrivals, known: dict[bytes, str], *, may_join: bool) -> Placed:
        """Place statements; those whose very words are not `known` join the nearest, or found.

        `known` gains the group of each new text.
        """
        place_of = {group_id: place for place, group_id in enumerate(self.ids)}
        has_direction = np.any(arrivals.vectors, axis=1).tolist()
        places, founded, repeated = [], [], []
        for start in range(0, len(arrivals.ids), BATCH):
            rows = range(start, min(start + BATCH, len(arrivals.ids)))
            may_ask = [r for r in rows if has_direction[r] and arrivals.keys[r] not in known]
            asking = np.array(may_ask if may_join else [], dtype=np.int64)
            near = self._near(arrivals, asking)
            for row in rows:
                key, words = arrivals.keys[row], arrivals.subjects[row].tolist()
                repeated.append(key in known)
                place = -1
                if key in known:
                    place = place_of[known[key]]
                elif row in near:
                    place = self._nearest(arrivals, row, words, near[row])
                founded.append(place < 0)
                if place < 0:
                    place = self._found(arrivals.ids[row], arrivals.texts[row])
                    place_of[self.ids[place]] = place
                known[key] = self.ids[place]
                self._join(place, arrivals.vectors[row], words)
                places.append(place)
            self._settle()
        return Placed(np.array(places, dtype=np.int64), founded, repeated)

    def merge(self) -> Iterator[Merge]:
        """Join groups that the day has brought together, until none are: younger to older."""
        changed = self.touched
        while changed:
            merges = list(self._merge_nearest(np.array(sorted(changed - self.gone), np.int64)))
            yield from merges
            changed = {merge.older for merge in merges}

    def counts(self, place: int) -> dict[int, int]:
        """Return how many of a group's statements use each word."""
        if place not in self._counts:
            self._counts[place] = {}
            if place < len(self._words):
                words, uses = self._words[place].tolist(), self._uses[place].tolist()
                self._counts[place].update(zip(words, uses, strict=True))
        return self._counts[place]

    # --- the groups before a batch ---------------------------------------------------------------

    def _near(self, arrivals: Arrivals, rows: INT) -> dict[int, list[tuple[int, float]]]:
        """Rank the groups that each statement may join, by how near they are, then by their age.

        A group must be about so many of its words that they weigh enough together.
        """
        asked = arrivals.words_of(rows)
        shared = asked @ self._about()
        asking = np.repeat(np.arange(len(rows)), np.diff(shared.indptr))
        is_about = shared.data >= (SHARED_WEIGHT * asked.sum(axis=1))[asking]
        asking, places = asking[is_about], shared.indices[is_about]
        products = self._products(arrivals.vectors[rows], asking, places)
        joins = products / UNIT**2 >= arrivals.least[rows][asking]
        asking, places, products = asking[joins], places[joins], products[joins]
        order = np.lexsort((places, -products, asking))
        ranked: dict[int, list[tuple[int, float]]] = {row: [] for row in rows.tolist()}
        columns = (column[order].tolist() for column in (rows[asking], places, products))
        for row, place, product in zip(*columns, strict=True):
            ranked[row].append((place, product))
        return ranked

    def _about(self) -> csr_array:
        """Return a table of words and the groups that are about them: ones."""
        from scipy.sparse import csr_array

        ones = np.ones(len(self._core_words), dtype=np.int64)
        shape = (len(word_vectors().names), len(self.ids))
        return csr_array((ones, (self._core_words, self._core_owners)), shape=shape)

    def _products(self, vectors: INT, rows: INT, places: INT) -> FLOAT:
        """Return the product of a vector and the direction of a group, pair by pair."""
        found = np.empty(len(rows))
        for start in range(0, len(rows), PAIRS):
            some = slice(start, start + PAIRS)
            found[some] = np.einsum("ij,ij->i", self.units[places[some]], vectors[rows[some]])
        return found

    def _settle(self) -> None:
        """End a batch: what it has changed is as the next finds it."""
        changed = np.array(sorted(self._changed), dtype=np.int64)
        self.units[changed] = unit(self.totals[changed])
        is_changed = np.zeros(len(self.ids), dtype=bool)
        is_changed[changed] = True
        kept = ~is_changed[self._core_owners]
        core = [sorted(self._about_words(place)) for place in changed.tolist()]
        self._core_words = np.concatenate([self._core_words[kept], *core]).astype(np.int64)
        owners = np.repeat(changed, [len(words) for words in core])
        self._core_owners = np.concatenate([self._core_owners[kept], owners])
        self._changed.clear()
        self._saying.clear()

    # --- the groups that a batch has changed -----------------------------------------------------

    def _nearest(
        self,
        arrivals: Arrivals,
        row: int,
        words: Sequence[int],
        before: Sequence[tuple[int, float]],
    ) -> int:
        """Return the nearest group that a statement may join, the oldest among equals; else -1.

        `before` ranks those that were near before the batch.
        """
        unchanged = ((p, product) for p, product in before if p not in self._changed)
        place, product = next(unchanged, (-1, 0.0))
        about = self._changed_about(words, arrivals.weights)
        if about:
            products = unit(self.totals[about]) @ arrivals.vectors[row]
            best = int(products.argmax())
            other, near = about[best], float(products[best])
            is_near = near / UNIT**2 >= arrivals.least[row]
            if is_near and (place < 0 or (-near, other) < (-product, place)):
                return other
        return place

    def _changed_about(self, words: Sequence[int], weights: INT) -> list[int]:
        shared: defaultdict[int, int] = defaultdict(int)
        weighed = weights[words].tolist() if words else []
        for word, weight in zip(words, weighed, strict=True):
            for place in self._saying.get(word, ()):
                if self._counts[place][word] >= CORE_SHARE * self.sizes[place]:
                    shared[place] += weight
        least = SHARED_WEIGHT * sum(weighed)
        return sorted(place for place, weight in shared.items() if weight >= least)

    def _about_words(self, place: int) -> set[int]:
        """Return the words that a group is about."""
        counts, least = self.counts(place), CORE_SHARE * self.sizes[place]
        about = {word for word in self._may_be_about(place) if counts[word] >= least}
        self._core[place] = about
        return about

    def _may_be_about(self, place: int) -> set[int]:
        # As a group grows, it is about a further word only by what joins it: `_add` adds those.
        if place not in self._core:
            is_stored = place < len(self._stored_core)
            self._core[place] = set(self._stored_core[place].tolist()) if is_stored else set()
        return self._core[place]

    def _found(self, statement_id: str, text: str) -> int:
        self.ids.append(name_group(statement_id))
        self.excerpts.append(excerpt(text, EXCERPT))
        self.sizes.append(0)
        return len(self.ids) - 1

    def _join(self, place: int, vector: INT, words: Sequence[int]) -> None:
        if place not in self._changed:
            self._changed.add(place)
            for word in self._about_words(place):
                self._saying[word].add(place)
        for word in words:
            self._saying[word].add(place)
        self._add(place, vector, 1, dict.fromkeys(words, 1))

    def _add(self, place: int, vector: INT, size: int, words: Mapping[int, int]) -> None:
        counts = self.counts(place)
        for word, count in words.items():
            counts[word] = counts.get(word, 0) + count
        self._may_be_about(place).update(words)
        self._told.pop(place, None)
        self.sizes[place] += size
        self.totals[place] += vector
        self.touched.add(place)

    # --- merges ----------------------------------------------------------------------------------

    def _merge_nearest(self, changed: INT) -> Iterator[Merge]:
        """Join the nearest of the groups that changed, each once."""
        merged: set[int] = set()
        for mean, older, younger in self._likenesses(changed):
            if older in merged or younger in merged:
                continue
            if not self._say_the_same(older, younger, mean):
                continue
            cause = f"même sujet que « {self.excerpts[older]} » ({decimal(mean)})"
            self._add(older, self.totals[younger], self.sizes[younger], self.counts(younger))
            self.units[older] = unit(self.totals[[older]])[0]
            self.units[younger] = 0  # nothing is near it any more
            self.gone.add(younger)
            merged |= {older, younger}
            yield Merge(older, younger, cause)

    def _likenesses(self, changed: INT) -> Iterator[tuple[float, int, int]]:
        """Yield the groups that may be one with a group that changed, the likest first.

        How like they are is told on average of a statement of one and a statement of the other.
        """
        count = len(self.ids)
        lengths = np.sqrt((self.totals[:count] ** 2).sum(axis=1))
        cohesion = lengths / (np.array(self.sizes, dtype=np.int64) * UNIT)
        parts = [
            self._like(changed[n : n + BATCH], cohesion) for n in range(0, len(changed), BATCH)
        ]
        mean, ones, others = map(np.concatenate, zip(*parts, strict=True))
        older, younger = np.minimum(ones, others), np.maximum(ones, others)
        order = np.lexsort((younger, older, -mean))
        columns = (column[order].tolist() for column in (mean, older, younger))
        return (likeness for likeness, _ in groupby(zip(*columns, strict=True)))

    def _like(self, changed: INT, cohesion: FLOAT) -> tuple[FLOAT, INT, INT]:
        units = self.units[: len(self.ids)]
        products = units[changed] @ units.T
        places = np.flatnonzero(products >= MERGE_SIMILARITY * UNIT**2 - 1)
        rows, others = np.divmod(places, len(units))
        near, ones = products[rows, others] / UNIT**2, changed[rows]
        mean = near * cohesion[ones] * cohesion[others]
        least = min(MEAN_SIMILARITY, ESTABLISHED_SIMILARITY)
        is_like = (near >= MERGE_SIMILARITY) & (mean >= least) & (ones != others)
        return mean[is_like], ones[is_like], others[is_like]

    def _say_the_same(self, one: int, other: int, mean: float) -> bool:
        """Tell whether two groups whose statements are as near as this are to be one."""
        is_established = min(self.sizes[one], self.sizes[other]) >= ESTABLISHED
        if is_established and mean >= ESTABLISHED_SIMILARITY:
            return True
        (about, top), (other_about, other_top) = self._telling(one), self._telling(other)
        is_shared = not (top.isdisjoint(other_about) and other_top.isdisjoint(about))
        return mean >= MEAN_SIMILARITY and is_shared

    def _telling(self, place: int) -> tuple[set[int], set[int]]:
        """Return the words that a group is about, and those that most of its statements use."""
        if place not in self._told:
            words, uses = self._used(place)
            about = words[uses >= CORE_SHARE * self.sizes[place]]
            # Of words that are used as often, those that were first.
            most = words[np.argsort(-uses, kind="stable")[:TOP_WORDS]]
            self._told[place] = set(about.tolist()), set(most.tolist())
        return self._told[place]

    def _used(self, place: int) -> tuple[INT, INT]:
        """Return the words of a group, and how many of its statements use each."""
        if place not in self._counts:
            return self._words[place], self._uses[place]
        counts = self._counts[place]
        words = np.fromiter(counts, dtype=np.int64, count=len(counts))
        return words, np.fromiter(counts.values(), dtype=np.int64, count=len(counts))


def name_group(statement_id: str) -> str:
    """Name a group after the statement that founded it."""
    return "g-" + hashlib.sha256(statement_id.encode()).hexdigest()[:16]
