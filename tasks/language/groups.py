"""Groups of like statements, built day after day: one thing said in many ways is counted together.

Statements are compared by their vectors (`encoders`). In the order given, a statement joins the
nearest group of its theme, its kind and its polarity, or founds one: what is like no other stays
alone, and opposite positions ("plus de caméras", "non aux caméras") never meet, however many words
they share. A membership never changes. When two groups have come to say the same, the younger is
joined to the older at the end of a day, and a merge is written.

What a day needs of the days before is what they stored; all sums are of integers, so folding day
after day and folding the same days in one run give the same groups on every machine.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.language.encoders import (
    EVERY,
    NO_COMMON_WORDS,
    CommonWords,
    Encoder,
    EncoderError,
    Encoding,
    WordEncoder,
    subject_words,
)
from tasks.language.polarity import polarity
from tasks.language.vectors import INT, UNIT, unit
from tasks.language.words import decimal, excerpt, tokens

MEMBERSHIPS_SCHEMA = pa.schema(
    [
        pa.field("statement_id", pa.string(), nullable=False),
        pa.field("group_id", pa.string(), nullable=False),
        pa.field("group_score", pa.float64(), nullable=False),
        pa.field("group_why", pa.string(), nullable=False),
    ]
)
# One row a group and day that touched it; the last day's row is what the group is.
GROUP_PROFILES_SCHEMA = pa.schema(
    [
        pa.field("group_id", pa.string(), nullable=False),
        # Theme, kind and polarity: only statements of one block are compared.
        pa.field("block", pa.string(), nullable=False),
        pa.field("excerpt", pa.string(), nullable=False),  # of its founder
        pa.field("total", pa.list_(pa.int64()), nullable=False),  # sum of its statements' vectors
        pa.field("words", pa.map_(pa.string(), pa.int64()), nullable=False),  # how often each
    ]
)
# One row a distinct text (of a theme and kind), on the day it is first seen: the same words always
# join the same group.
GROUP_TEXTS_SCHEMA = pa.schema(
    [
        pa.field("text_key", pa.binary(16), nullable=False),
        pa.field("group_id", pa.string(), nullable=False),
    ]
)
FREQUENCIES_SCHEMA = pa.schema(
    [
        pa.field("term", pa.string(), nullable=False),
        pa.field("statement_count", pa.int64(), nullable=False),
    ]
)
MERGES_SCHEMA = pa.schema(
    [
        pa.field("group_id", pa.string(), nullable=False),
        pa.field("became_group_id", pa.string(), nullable=False),
        pa.field("cause", pa.string(), nullable=False),
    ]
)

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
_EXCERPT = 70


@dataclass(frozen=True)
class GroupState:
    """What the days so far found: groups, distinct texts, word counts, merges."""

    profiles: pa.Table
    texts: pa.Table
    frequencies: pa.Table
    merges: pa.Table

    @classmethod
    def empty(cls) -> GroupState:
        """Begin a consultation."""
        return cls(*(schema.empty_table() for schema in _STATE_SCHEMAS))

    @classmethod
    def from_tables(
        cls, profiles: pa.Table, texts: pa.Table, frequencies: pa.Table, merges: pa.Table
    ) -> GroupState:
        """Begin again from what each day stored, concatenated in the order of the days."""
        tables = (profiles, texts, frequencies, merges)
        return cls(
            *(t.select(s.names).cast(s) for t, s in zip(tables, _STATE_SCHEMAS, strict=True))
        )

    def and_then(self, day: Fold) -> GroupState:
        """Return the state after a day."""
        return GroupState(
            pa.concat_tables([self.profiles, day.profiles]),
            pa.concat_tables([self.texts, day.texts]),
            pa.concat_tables([self.frequencies, day.frequencies]),
            pa.concat_tables([self.merges, day.merges]),
        )


_STATE_SCHEMAS = (GROUP_PROFILES_SCHEMA, GROUP_TEXTS_SCHEMA, FREQUENCIES_SCHEMA, MERGES_SCHEMA)


@dataclass(frozen=True)
class Fold:
    """What a day adds: memberships, and what the state gains."""

    memberships: pa.Table
    profiles: pa.Table
    texts: pa.Table
    frequencies: pa.Table
    merges: pa.Table


@dataclass
class _Block:
    """The groups of one theme, kind and polarity, oldest first."""

    name: str
    ids: list[str] = field(default_factory=list)
    excerpts: list[str] = field(default_factory=list)
    totals: list[INT] = field(default_factory=list)
    words: list[Counter[str]] = field(default_factory=list)  # in how many statements each is
    touched: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    _saying: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _units: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))

    def found(self, group_id: str, said: str, vector: INT, words: Counter[str]) -> int:
        """Add a group whose statements sum up to `vector` and use these words so often."""
        place = len(self.ids)
        self.ids.append(group_id)
        self.excerpts.append(said)
        self.totals.append(vector.copy())
        self.words.append(Counter())
        self._say(place, words)
        if place >= len(self._units):
            room = np.zeros((max(2 * place, 64), len(vector)))
            room[:place] = self._units[:place] if place else 0
            self._units = room
        self._units[place] = unit(vector[None])[0]
        return place

    def add(self, place: int, vector: INT, words: Counter[str]) -> None:
        self.totals[place] += vector
        self._say(place, words)
        self._units[place] = unit(self.totals[place][None])[0]
        self.touched.add(place)

    def say_the_same(self, one: int, other: int, similarity: float) -> bool:
        """Tell whether two groups whose statements are as near as this are to be one."""
        smaller = min(self.words[one][EVERY], self.words[other][EVERY])
        if smaller >= ESTABLISHED and similarity >= ESTABLISHED_SIMILARITY:
            return True
        return similarity >= MEAN_SIMILARITY and any(
            self.is_about(b, word)
            for a, b in ((one, other), (other, one))
            for word, _ in self.words[a].most_common(4)
            if word != EVERY
        )

    def cohesion(self) -> npt.NDArray[np.float64]:
        """Return the length of each group's mean vector: 1 when all its statements are alike."""
        totals = np.array(self.totals, dtype=np.int64).reshape(len(self.ids), -1)
        sizes = [max(words[EVERY], 1) * UNIT for words in self.words]
        lengths: npt.NDArray[np.float64] = np.sqrt((totals * totals).sum(axis=1)) / sizes
        return lengths

    def leave(self, place: int) -> None:
        """Let a group go that another has taken in: nothing is near it any more."""
        self._units[place] = 0
        self.gone.add(place)

    def _say(self, place: int, words: Counter[str]) -> None:
        self.words[place] += words
        for word in words:
            self._saying[word].add(place)

    def nearest(self, vector: INT, words: Mapping[str, int]) -> tuple[int, float]:
        """Return the nearest group that is about the same words, the oldest among equals.

        `words` are those of a statement with what each weighs: those that the group is about must
        weigh enough together.
        """
        shared: dict[int, int] = defaultdict(int)
        for word, weight in words.items():
            for place in self._saying.get(word, ()):
                counts = self.words[place]
                if counts[word] >= CORE_SHARE * counts[EVERY]:  # is_about, called millions of times
                    shared[place] += weight
        least = SHARED_WEIGHT * sum(words.values())
        about = sorted(place for place, weight in shared.items() if weight >= least)
        if not about:
            return -1, 0.0
        near = self._units[about] @ vector.astype(np.float64)
        best = int(near.argmax())
        return about[best], float(near[best]) / UNIT**2

    def is_about(self, place: int, word: str) -> bool:
        """Tell whether enough of a group's statements use a word."""
        counts = self.words[place]
        return counts[word] >= CORE_SHARE * counts[EVERY]

    def units(self) -> npt.NDArray[np.float64]:
        return self._units[: len(self.ids)]


@dataclass(frozen=True)
class _Place:
    """The group of a statement; `is_repeated` when its very words had one already."""

    block: _Block
    place: int
    is_repeated: bool


def fold_groups(
    state: GroupState,
    statements: pa.Table,
    common: CommonWords = NO_COMMON_WORDS,
    encoder: Encoder | None = None,
) -> tuple[Fold, GroupState]:
    """Place a day's statements (statement_id, text, theme, kind), in the order given, in groups.

    `common` are the words that all the consultation is about.
    """
    ids, texts, themes, kinds = (
        statements[c].to_pylist() for c in ("statement_id", "text", "theme", "kind")
    )
    blocks = [f"{t}|{k}|{polarity(x)}" for t, k, x in zip(themes, kinds, texts, strict=True)]
    keys = [_text_key(b, t) for b, t in zip(blocks, texts, strict=True)]
    subjects = [subject_words(t, common) for t in texts]
    frequencies = _count(subjects)
    counts = pa.concat_tables([state.frequencies, frequencies])
    known = _Known.of(state, blocks, keys)
    needed = _needed(keys, kinds, known)
    encoding = (encoder or WordEncoder()).encode(texts, subjects, counts, needed)
    vectors = encoding.vectors
    _refuse_other_lengths(state, vectors)

    places: list[_Place] = []
    new_texts: dict[bytes, str] = {}
    for row, (block_name, key) in enumerate(zip(blocks, keys, strict=True)):
        block = known.block(block_name)
        repeated = known.place(key, block)
        if repeated is not None:
            place = repeated
        else:
            place = -1
            if kinds[row] != "autre" and vectors[row].any():
                best, similarity = block.nearest(vectors[row], encoding.weights_of(row))
                place = best if similarity >= _least(len(subjects[row])) else -1
            if place < 0:
                said = excerpt(texts[row], _EXCERPT)
                place = block.found(
                    _group_id(ids[row]), said, np.zeros_like(vectors[row]), Counter()
                )
            new_texts[key] = known.texts[key] = block.ids[place]
        block.add(place, vectors[row], Counter([EVERY, *subjects[row]]))
        places.append(_Place(block, place, is_repeated=repeated is not None))

    memberships = _memberships(ids, places, encoding)
    merges = [merge for name in sorted(known.blocks) for merge in _merge(known.blocks[name])]
    fold = Fold(
        memberships,
        _profiles(known.blocks),
        pa.table([list(new_texts), list(new_texts.values())], schema=GROUP_TEXTS_SCHEMA),
        frequencies,
        pa.Table.from_pylist(merges, schema=MERGES_SCHEMA),
    )
    return fold, state.and_then(fold)


@dataclass
class _Known:
    """The groups and texts of earlier days that today's statements may meet."""

    blocks: dict[str, _Block]
    texts: dict[bytes, str]
    _places: dict[str, int]

    @classmethod
    def of(cls, state: GroupState, blocks: Sequence[str], keys: Sequence[bytes]) -> _Known:
        became = dict(
            zip(
                state.merges["group_id"].to_pylist(),
                state.merges["became_group_id"].to_pylist(),
                strict=True,
            )
        )
        known = cls({}, {}, {})
        today = pa.array(sorted(set(blocks)), pa.string())
        profiles = state.profiles.filter(pc.is_in(state.profiles["block"], today))
        last = {p["group_id"]: p for p in profiles.to_pylist()}  # in the order first seen
        for group_id, profile in last.items():
            if group_id not in became:
                total = np.array(profile["total"], dtype=np.int64)
                block = known.block(profile["block"])
                known._places[group_id] = block.found(
                    group_id, profile["excerpt"], total, Counter(dict(profile["words"]))
                )
        seen = state.texts.filter(
            pc.is_in(state.texts["text_key"], pa.array(sorted(set(keys)), pa.binary(16)))
        )
        for key, group_id in zip(
            seen["text_key"].to_pylist(), seen["group_id"].to_pylist(), strict=True
        ):
            while group_id in became:
                group_id = became[group_id]  # noqa: PLW2901
            known.texts[key] = group_id
        return known

    def block(self, name: str) -> _Block:
        return self.blocks.setdefault(name, _Block(name))

    def place(self, key: bytes, block: _Block) -> int | None:
        """Return the place of the group that holds a text already."""
        group_id = self.texts.get(key)
        if group_id is None:
            return None
        if group_id not in self._places:  # founded today
            self._places[group_id] = block.ids.index(group_id)
        return self._places[group_id]


def _needed(keys: Sequence[bytes], kinds: Sequence[str], known: _Known) -> list[bool]:
    """Tell which statements may join by their vector: not "autre", nor words that are known."""
    seen = set(known.texts)
    needed = []
    for key, kind in zip(keys, kinds, strict=True):
        needed.append(kind != "autre" and key not in seen)
        seen.add(key)
    return needed


def _refuse_other_lengths(state: GroupState, vectors: INT) -> None:
    """Raise when vectors have not the length of those of earlier days."""
    if len(vectors) and state.profiles.num_rows:
        before, now = len(state.profiles["total"][0]), vectors.shape[1]
        if before != now:
            raise EncoderError(
                f"L'encodeur donne des vecteurs de {now} nombres, il en donnait de {before} les "
                "jours passés : il a changé sans changer de nom. Remettez le modèle d'avant, ou "
                "supprimez le dossier lake/memberships pour que tout soit regroupé."
            )


def _least(words: int) -> float:
    """How near a statement of so many subject words must be to join."""
    further = LENGTH_SIMILARITY * max(words - SHORT_WORDS, 0)
    return min(SIMILARITY + further, LONG_SIMILARITY)


def _memberships(ids: Sequence[str], places: Sequence[_Place], encoding: Encoding) -> pa.Table:
    """Say of each statement its group, how near it is to it at the end of the day, and why."""
    rows: dict[str, list[object]] = {name: [] for name in MEMBERSHIPS_SCHEMA.names}
    for row, (statement_id, found) in enumerate(zip(ids, places, strict=True)):
        vector = encoding.vectors[row]
        direction = found.block.units()[found.place]
        score = round(float(direction @ vector) / UNIT**2, 4) if vector.any() else 1.0
        group_id = found.block.ids[found.place]
        founder = f"« {found.block.excerpts[found.place]} »"
        if group_id == _group_id(statement_id):
            why = "premier du groupe"
        elif found.is_repeated:
            why = f"mêmes mots qu'un énoncé du groupe de {founder}"
        else:
            by = encoding.reasons(row, direction)
            words = f", par {' et '.join(f'« {w} »' for w in by)}" if by else ""
            why = f"proche de {founder} ({decimal(score)}){words}"
        values = (statement_id, group_id, min(max(score, 0.0), 1.0), why)
        for name, value in zip(rows, values, strict=True):
            rows[name].append(value)
    return pa.table(rows, schema=MEMBERSHIPS_SCHEMA)


def _merge(block: _Block) -> list[dict[str, str]]:
    """Join groups that the day has brought together, until none are: the younger to the older."""
    merges: list[dict[str, str]] = []
    changed = set() if "|autre|" in block.name else block.touched
    while changed:
        round_of_merges = _merge_nearest(block, sorted(changed - block.gone))
        merges += [merge for _, merge in round_of_merges]
        changed = {older for older, _ in round_of_merges}
    return merges


def _merge_nearest(block: _Block, changed: Sequence[int]) -> list[tuple[int, dict[str, str]]]:
    """Join the nearest of the groups that changed, each once; return which took in, and a trace."""
    cohesion = block.cohesion()
    near = block.units()[changed] @ block.units().T / UNIT**2
    mean = near * cohesion[changed][:, None] * cohesion
    least = min(MEAN_SIMILARITY, ESTABLISHED_SIMILARITY)
    rows, others = np.nonzero((near >= MERGE_SIMILARITY) & (mean >= least))
    pairs = {
        (-float(mean[row, other]), min(changed[row], other), max(changed[row], other))
        for row, other in zip(rows.tolist(), others.tolist(), strict=True)
        if changed[row] != other
    }
    merges: list[tuple[int, dict[str, str]]] = []
    merged: set[int] = set()
    for similarity, older, younger in sorted(pairs):
        if not {older, younger} & merged and block.say_the_same(older, younger, -similarity):
            cause = f"même sujet que « {block.excerpts[older]} » ({decimal(-similarity)})"
            trace = {
                "group_id": block.ids[younger],
                "became_group_id": block.ids[older],
                "cause": cause,
            }
            merges.append((older, trace))
            block.add(older, block.totals[younger], block.words[younger])
            block.leave(younger)
            merged |= {older, younger}
    return merges


def _profiles(blocks: dict[str, _Block]) -> pa.Table:
    rows = [
        {
            "group_id": block.ids[place],
            "block": name,
            "excerpt": block.excerpts[place],
            "total": block.totals[place].tolist(),
            "words": sorted(block.words[place].items()),
        }
        for name, block in sorted(blocks.items())
        for place in sorted(block.touched - block.gone)
    ]
    return pa.Table.from_pylist(rows, schema=GROUP_PROFILES_SCHEMA)


def _count(subjects: Sequence[Sequence[str]]) -> pa.Table:
    counts = Counter(word for subject in subjects for word in subject)
    counts[EVERY] = len(subjects)
    names = sorted(counts)
    return pa.table(
        {"term": names, "statement_count": [counts[n] for n in names]}, schema=FREQUENCIES_SCHEMA
    )


def _group_id(statement_id: str) -> str:
    return "g-" + hashlib.sha256(statement_id.encode()).hexdigest()[:16]


def _text_key(block: str, text: str) -> bytes:
    said = " ".join(tokens(text)) or text
    return hashlib.blake2b(f"{block}|{said}".encode(), digest_size=16).digest()
