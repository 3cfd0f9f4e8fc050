"""What one text repeats of another: words in a row, with small gaps, wherever they stand.

Words are numbers here. How much a pair of words in a row weighs is the caller's to say; the texts
are not judged, only aligned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

BIT = 16  # weights are sixteenths of a bit, so that sums do not depend on their order
GAP = 3 * BIT // 2  # the cost of words changed, dropped or put in between
NEAR, ALIGNED = 4, 6  # words that such a gap may have; when it is as long in both texts
REPETITIONS = 8  # of a pair in one text, beyond which they are not looked at


@dataclass(frozen=True)
class Alignment:
    """What is repeated, by the places of the words in both texts, gaps included."""

    weight: int
    mine: frozenset[int]
    theirs: frozenset[int]


@dataclass
class _Chain:
    """Runs that follow one another nearly: where they begin and end in both texts."""

    weight: int
    mine: tuple[int, int]
    theirs: tuple[int, int]

    def gap(self, i: int, j: int) -> tuple[int, int]:
        return i - self.mine[1], j - self.theirs[1]

    def is_near(self, i: int, j: int) -> bool:
        mine, theirs = self.gap(i, j)
        longest = ALIGNED if mine == theirs else NEAR
        return 0 <= mine <= longest and 0 <= theirs <= longest

    def extend(self, weight: int, i: int, j: int, words: int) -> None:
        self.weight += weight
        self.mine = (self.mine[0], i + words)
        self.theirs = (self.theirs[0], j + words)


class Text:
    """A text to be aligned with others: its words, and where each pair of them stands."""

    def __init__(self, words: Sequence[int]) -> None:
        self.words = words
        self.places: dict[int, list[int]] = {}
        for i, pair in enumerate(pairs(words)):
            known = self.places.setdefault(pair, [])
            if len(known) < REPETITIONS:
                known.append(i)


def pairs(words: Sequence[int]) -> list[int]:
    """Make one number of each two words (of 32 bits) in a row."""
    return [a << 32 | b for a, b in pairwise(words)]


def opening(mine: Sequence[int], theirs: Sequence[int]) -> int:
    """Say what a run must weigh to be more than chance: it might stand anywhere in both texts."""
    return BIT * (len(mine) * len(theirs)).bit_length()


def align(
    text: Text,
    theirs: Sequence[int],
    weights: Mapping[int, int],
    word_weight: Callable[[int], int],
) -> Alignment | None:
    """Find what of `theirs` the text repeats; each pair of words of the text answers once."""
    mine = text.words
    cost = opening(mine, theirs)
    their_pairs = pairs(theirs)
    taken: set[int] = set()
    chains: list[_Chain] = []
    answered = 0  # what of theirs the text has answered so far
    for j in [j for j, pair in enumerate(their_pairs) if pair in text.places]:
        free = [i for i in text.places[their_pairs[j]] if i not in taken]
        if j < answered or not free:
            continue
        last = chains[-1] if chains else None
        length, near, i = max(
            (_run(mine, theirs, i, j, taken), last is not None and last.is_near(i, j), -i)
            for i in free
        )
        i = -i
        taken.update(range(i, i + length))
        weight = sum(weights[pair] for pair in their_pairs[j : j + length])
        if last is not None and near:
            # Of words changed, some may be the same again, alone.
            before, _ = last.gap(i, j)
            if last.gap(i, j) == (before, before):
                alone = (mine[i - n] for n in range(1, before + 1) if mine[i - n] == theirs[j - n])
                weight += sum(map(word_weight, alone))
            last.extend(weight - GAP, i, j, length + 1)
        else:
            chains.append(_Chain(weight - cost, (i, i + length + 1), (j, j + length + 1)))
        answered = j + length
    kept = [chain for chain in chains if chain.weight > 0]
    if not kept:
        return None
    return Alignment(
        sum(chain.weight for chain in kept),
        frozenset(i for chain in kept for i in range(*chain.mine)),
        frozenset(j for chain in kept for j in range(*chain.theirs)),
    )


def _run(mine: Sequence[int], theirs: Sequence[int], i: int, j: int, taken: set[int]) -> int:
    """Count the pairs that are the same from here on, in what is not taken."""
    length = 1
    last_i, last_j = len(mine) - 1, len(theirs) - 1
    while (
        i + length < last_i
        and j + length < last_j
        and mine[i + length + 1] == theirs[j + length + 1]
        and i + length not in taken
    ):
        length += 1
    return length
