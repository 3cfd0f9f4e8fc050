"""Near-copies of a letter, found as contributions come in: what a campaign is made of.

Each contribution joins the cluster of the earliest founder it copies, or founds its own. Candidates
come from MinHash bands; each is verified on the shingles themselves (runs of content words), so
that a swapped word, an added paragraph, another greeting or signature still make a copy, and two
independent letters on one subject do not.

The state is nothing but the founders' rows: stored day by day, concatenated to begin again.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.language.statements import split_statements
from tasks.language.words import content_words, stem, tokens

COPY_FOUNDERS_SCHEMA = pa.schema(
    [
        pa.field("contribution_id", pa.string(), nullable=False),
        pa.field("contributor_id", pa.string(), nullable=False),
        pa.field("exact_key", pa.binary(16), nullable=False),  # of the folded statements
        pa.field("signature", pa.list_(pa.uint32(), 128), nullable=False),
        pa.field(
            "shingles", pa.list_(pa.uint64()), nullable=False
        ),  # sorted; empty for a text too short to compare
    ]
)
PERMUTATIONS = 128
BAND_ROWS = 2  # 64 bands: a pair of similarity 0.2 shares one with probability 0.93
SHINGLE_WORDS = 2
SHORT_WORDS = 8  # below, only equal texts are copies
COMMON_WORDS = 4  # below, equal texts of two people are no sign of copying either
SHARED_SHINGLES = 6  # below, two letters may share as many common phrases by chance
RESEMBLANCE = 0.2  # then: Jaccard similarity of the shingles,
CONTAINMENT = 0.4  # or share of the shorter text's shingles found in the longer one;
SHORT_CONTAINMENT = 0.7  # with fewer shared shingles, this share

_UINT64 = npt.NDArray[np.uint64]
_UINT32 = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class CopyMembership:
    """The cluster of a contribution; `score` is its similarity to the founder."""

    contribution_id: str
    cluster_id: str
    score: float
    why: str


@dataclass(frozen=True)
class CopyState:
    """The founders so far, in the order they came."""

    founders: pa.Table

    @classmethod
    def empty(cls) -> CopyState:
        """Begin a consultation."""
        return cls(COPY_FOUNDERS_SCHEMA.empty_table())

    @classmethod
    def from_table(cls, founders: pa.Table) -> CopyState:
        """Begin again from stored founders, concatenated in the order of the days."""
        return cls(founders.select(COPY_FOUNDERS_SCHEMA.names).cast(COPY_FOUNDERS_SCHEMA))


def fingerprint(texts: Sequence[str]) -> _UINT32:
    """MinHash signatures of the texts, one row each; of a text without shingles, all ones."""
    return _signatures([_shingles(_said(t)) for t in texts])


def fold_copies(
    earlier: CopyState, texts: Sequence[str], ids: Sequence[str], contributor_ids: Sequence[str]
) -> tuple[CopyState, list[CopyMembership], pa.Table]:
    """Place contributions, in the order given; return the new state, memberships, new founders."""
    said = [_said(t) for t in texts]
    shingles = [_shingles(words) for words in said]
    signatures = _signatures(shingles)
    index = _Index(earlier.founders, signatures)
    memberships: list[CopyMembership] = []
    founded: list[int] = []
    for i, (contribution_id, words) in enumerate(zip(ids, said, strict=True)):
        key = _exact_key(words, texts[i])
        founder, score, why = index.find(i, key, shingles[i], contributor_ids[i], len(words))
        if founder is None:
            founder, score, why = contribution_id, 1.0, "premier de son texte"
            founded.append(i)
            index.add(i, contribution_id, contributor_ids[i], key, shingles[i])
        memberships.append(
            CopyMembership(contribution_id, "k-" + founder.removeprefix("c-"), score, why)
        )
    founders = pa.table(
        {
            "contribution_id": [ids[i] for i in founded],
            "contributor_id": [contributor_ids[i] for i in founded],
            "exact_key": [_exact_key(said[i], texts[i]) for i in founded],
            "signature": pa.FixedSizeListArray.from_arrays(
                pa.array(signatures[founded].ravel(), pa.uint32()), PERMUTATIONS
            ),
            "shingles": pa.array([shingles[i] for i in founded], pa.list_(pa.uint64())),
        },
        schema=COPY_FOUNDERS_SCHEMA,
    )
    return CopyState(pa.concat_tables([earlier.founders, founders])), memberships, founders


class _Index:
    """The founders, found by exact key and by band; those of the day are added as they come."""

    def __init__(self, founders: pa.Table, signatures: _UINT32) -> None:
        self._ids: list[str] = founders["contribution_id"].to_pylist()
        self._contributors: list[str] = founders["contributor_id"].to_pylist()
        self._exact: dict[bytes, list[int]] = defaultdict(list)
        for place, key in enumerate(founders["exact_key"].to_pylist()):
            self._exact[key].append(place)
        stored = founders["shingles"].combine_chunks()
        values = stored.values.to_numpy()  # whole buffer: offsets are absolute
        bounds = stored.offsets.to_numpy()
        self._shingles: list[_UINT64] = [values[a:b] for a, b in pairwise(bounds.tolist())]
        self._bands = _bands(signatures)
        flat = founders["signature"].combine_chunks().flatten().to_numpy().reshape(-1, PERMUTATIONS)
        self._earlier = _shared_bands(
            self._bands, _bands(flat), np.array([len(s) > 0 for s in self._shingles], dtype=bool)
        )
        self._today: dict[int, list[int]] = defaultdict(list)

    def add(
        self, i: int, contribution_id: str, contributor_id: str, key: bytes, shingles: _UINT64
    ) -> None:
        place = len(self._ids)
        self._ids.append(contribution_id)
        self._contributors.append(contributor_id)
        self._exact[key].append(place)
        self._shingles.append(shingles)
        if len(shingles):
            for band in self._bands[i].tolist():
                self._today[band].append(place)

    def find(
        self, i: int, key: bytes, shingles: _UINT64, contributor_id: str, word_count: int
    ) -> tuple[str | None, float, str]:
        """Find the founder that this contribution copies, if any, the similarity and why."""
        for place in self._exact.get(key, ()):
            if word_count >= COMMON_WORDS or self._contributors[place] == contributor_id:
                return self._ids[place], 1.0, "même texte"
        if not len(shingles):
            return None, 0.0, ""
        candidates = set(self._earlier.get(i, ()))
        for band in self._bands[i].tolist():
            candidates.update(self._today.get(band, ()))
        best: tuple[float, int] = (0.0, 0)
        for place in sorted(candidates):
            similarity = _similarity(shingles, self._shingles[place])
            if similarity > best[0]:
                best = (similarity, place)
        if best[0] == 0.0:
            return None, 0.0, ""
        score = round(best[0], 4)
        return self._ids[best[1]], score, f"texte repris à {math.floor(100 * score)} %"


def _similarity(a: _UINT64, b: _UINT64) -> float:
    """Share of the shorter set of shingles found in the longer when they are copies, else 0."""
    shared = len(np.intersect1d(a, b, assume_unique=True))
    contained = shared / min(len(a), len(b))
    resemblance = shared / (len(a) + len(b) - shared)
    enough = shared >= SHARED_SHINGLES and (resemblance >= RESEMBLANCE or contained >= CONTAINMENT)
    return contained if enough or contained >= SHORT_CONTAINMENT else 0.0


def _said(text: str) -> list[str]:
    """Stems of a letter's content words, without greeting, closing formula and signature."""
    spans = split_statements(text)
    return [stem(w) for s in spans for w in content_words(text[s.start : s.end])]


def _exact_key(words: list[str], text: str) -> bytes:
    folded = " ".join(words) or " ".join(tokens(text))
    return hashlib.blake2b(folded.encode(), digest_size=16).digest()


@lru_cache(maxsize=1 << 18)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


def _shingles(words: list[str]) -> _UINT64:
    """Sorted hashes of the runs of words; none for a short text."""
    if len(words) < SHORT_WORDS:
        return np.empty(0, np.uint64)
    hashes = np.fromiter((_word_hash(w) for w in words), np.uint64, len(words))
    runs = np.zeros(len(words) - SHINGLE_WORDS + 1, np.uint64)
    for k in range(SHINGLE_WORDS):
        runs = _mix(runs * np.uint64(0x9E3779B97F4A7C15) + hashes[k : k + len(runs)])
    return np.unique(runs)


def _mix(values: _UINT64) -> _UINT64:
    values = (values ^ (values >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return values ^ (values >> np.uint64(29))


def _signatures(shingles: Sequence[_UINT64]) -> _UINT32:
    random = np.random.Generator(np.random.PCG64(20200108))
    factors = random.integers(1, 1 << 63, PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(
        1
    )
    terms = random.integers(0, 1 << 63, PERMUTATIONS, dtype=np.uint64)
    signatures = np.full((len(shingles), PERMUTATIONS), 0xFFFFFFFF, np.uint32)
    for row, values in enumerate(shingles):
        if len(values):
            signatures[row] = ((values[:, None] * factors + terms) >> np.uint64(32)).min(axis=0)
    return signatures


def _bands(signatures: _UINT32) -> _UINT64:
    """One key a band, the number of the band in it: equal keys mean equal rows of one band."""
    rows = signatures.reshape(len(signatures), PERMUTATIONS // BAND_ROWS, BAND_ROWS).astype(
        np.uint64
    )
    keys = np.broadcast_to(np.arange(rows.shape[1], dtype=np.uint64), rows.shape[:2])
    for k in range(BAND_ROWS):
        keys = _mix(keys * np.uint64(0x9E3779B97F4A7C15) + rows[:, :, k])
    return keys


def _shared_bands(
    mine: _UINT64, theirs: _UINT64, usable: npt.NDArray[np.bool_]
) -> dict[int, list[int]]:
    """For each row of `mine`, the usable rows of `theirs` that share a band with it."""
    owners = np.repeat(np.arange(len(theirs)), theirs.shape[1])
    kept = usable[owners]
    keys, owners = theirs.ravel()[kept], owners[kept]
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    left = np.searchsorted(keys, mine.ravel(), "left")
    counts = np.searchsorted(keys, mine.ravel(), "right") - left
    rows = np.repeat(np.repeat(np.arange(len(mine)), mine.shape[1]), counts)
    starts = np.repeat(left - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    pairs = np.unique(np.stack([rows, owners[starts + np.arange(len(rows))]]), axis=1)
    shared: dict[int, list[int]] = defaultdict(list)
    for row, owner in pairs.T.tolist():
        shared[row].append(owner)
    return shared
