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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.language.blocks import Arrivals, Block, Merge, Placed
from tasks.language.encoders import EVERY, Encoder, EncoderError, Encoding, WordEncoder
from tasks.language.lists import Lists
from tasks.language.vectors import INT, UNIT, word_vectors
from tasks.language.words import decimal

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
        pa.field("statement_count", pa.int64(), nullable=False),
        pa.field("total", pa.list_(pa.int64()), nullable=False),  # sum of its statements' vectors
        # Rows of the word vectors, in the order of the alphabet; how many statements use each.
        pa.field("words", pa.list_(pa.int32()), nullable=False),
        pa.field("word_counts", pa.list_(pa.int64()), nullable=False),
    ]
)
# One row a distinct text (of a block), on the day it is first seen: the same words always join the
# same group.
GROUP_TEXTS_SCHEMA = pa.schema(
    [
        pa.field("text_key", pa.binary(16), nullable=False),
        pa.field("group_id", pa.string(), nullable=False),
    ]
)
FREQUENCIES_SCHEMA = pa.schema(
    [
        pa.field("term", pa.int32(), nullable=False),  # a row of the word vectors, or EVERY
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
BECAME = ["group_id", "became_group_id"]  # what of the merges later days need
_CHUNK = 4096  # statements that are told why they are in their group at once


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
        return cls.from_tables(*(schema.empty_table() for schema in _STATE_SCHEMAS))

    @classmethod
    def from_tables(
        cls, profiles: pa.Table, texts: pa.Table, frequencies: pa.Table, merges: pa.Table
    ) -> GroupState:
        """Begin again from what each day stored, concatenated in the order of the days."""
        return cls(profiles, texts, frequencies, merges.select(BECAME))

    def settled(self) -> GroupState:
        """Return the same with one row a living group and a term."""
        # In one piece: of a table in pieces each block would be taken from a copy of all of it.
        living = self.profiles.take(living_rows(self.profiles, self.merges)).combine_chunks()
        return GroupState(living, self.texts, _added_up(self.frequencies), self.merges)

    def and_then(self, day: Fold) -> GroupState:
        """Go on with what a day adds."""
        return GroupState(
            pa.concat_tables([self.profiles, day.profiles]),
            pa.concat_tables([self.texts, day.texts]),
            pa.concat_tables([self.frequencies, day.frequencies]),
            pa.concat_tables([self.merges, day.merges.select(BECAME)]),
        )

    def groups_of(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """Return the groups that texts are in by now, of those that were seen."""
        asked = pa.array(sorted(set(keys)), pa.binary(16))
        seen = self.texts.filter(pc.is_in(self.texts["text_key"], asked))
        became = dict(zip(*(self.merges[name].to_pylist() for name in BECAME), strict=True))
        groups = dict(zip(*(seen[name].to_pylist() for name in seen.column_names), strict=True))
        for key, group_id in groups.items():
            while group_id in became:
                group_id = became[group_id]  # noqa: PLW2901
            groups[key] = group_id
        return groups


_STATE_SCHEMAS = (GROUP_PROFILES_SCHEMA, GROUP_TEXTS_SCHEMA, FREQUENCIES_SCHEMA, MERGES_SCHEMA)
_MADE_SCHEMAS = (MEMBERSHIPS_SCHEMA, MERGES_SCHEMA, GROUP_PROFILES_SCHEMA)  # block by block


@dataclass(frozen=True)
class Fold:
    """What a day adds: memberships, and what the state gains."""

    memberships: pa.Table
    profiles: pa.Table
    texts: pa.Table
    frequencies: pa.Table
    merges: pa.Table


def fold_groups(
    state: GroupState, statements: pa.Table, encoder: Encoder | None = None
) -> tuple[Fold, GroupState]:
    """Place a day's statements, in the order given, in groups.

    They have `statement_id`, `text`, and what `features` read of them.
    """
    state = state.settled()
    ids, texts, keys = (statements[c].to_pylist() for c in ("statement_id", "text", "text_key"))
    subjects = Lists.of(statements["subject"])
    frequencies = _count(subjects)
    counts = pa.concat_tables([state.frequencies, frequencies])
    known = state.groups_of(keys)
    of_block = _rows_by(statements["block"])
    unread = [rows.tolist() for name, rows in of_block.items() if _says_nothing(name)]
    needed = _needed(keys, set(chain(*unread)), known)
    encoding = (encoder or WordEncoder()).encode(texts, subjects, counts, needed)
    _refuse_other_lengths(state, encoding.vectors)

    arrived = Arrivals(ids, texts, keys, subjects, encoding.vectors, encoding.weights)
    before = set(known)
    stored = _rows_by(state.profiles["block"])
    nowhere = np.empty(0, dtype=np.int64)
    memberships, merges, profiles = ([schema.empty_table()] for schema in _MADE_SCHEMAS)
    for name, rows in of_block.items():
        groups = state.profiles.take(stored.get(name, nowhere))
        block = Block(groups, len(rows), encoding.vectors.shape[1])
        arrivals = arrived.take(rows)
        placed = block.place(arrivals, known, may_join=not _says_nothing(name))
        memberships.append(_memberships(block, rows, arrivals, placed, encoding))
        merges.append(_merges([] if _says_nothing(name) else block.merge(), block))
        profiles.append(_profiles(block, name))
    order = np.argsort(np.concatenate([nowhere, *of_block.values()]))
    new = {key: group_id for key, group_id in known.items() if key not in before}
    fold = Fold(
        pa.concat_tables(memberships).take(order),
        pa.concat_tables(profiles),
        pa.table([list(new), list(new.values())], schema=GROUP_TEXTS_SCHEMA),
        frequencies,
        pa.concat_tables(merges),
    )
    return fold, state.and_then(fold)


def _rows_by(column: pa.ChunkedArray) -> dict[str, INT]:
    """Return the rows of each value, by their order; the values in the order of the alphabet."""
    encoded = column.combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(1, len(encoded.dictionary)))
    rows = dict(zip(encoded.dictionary.to_pylist(), np.split(order, bounds), strict=False))
    return dict(sorted(rows.items()))


def _says_nothing(block: str) -> bool:
    """Tell whether the statements of a block are alike by their very words or not at all."""
    return "|autre|" in block


def _needed(keys: Sequence[bytes], unread: set[int], known: dict[bytes, str]) -> list[bool]:
    """Tell which statements may join by their vector: no others, nor words that are known."""
    seen = set(known)
    needed = []
    for row, key in enumerate(keys):
        needed.append(row not in unread and key not in seen)
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


def _memberships(
    block: Block, rows: INT, arrivals: Arrivals, placed: Placed, encoding: Encoding
) -> pa.Table:
    """Say of each statement its group, how near it is to it at the end of the day, and why."""
    scores: list[float] = []
    whys: list[str] = []
    for start in range(0, len(rows), _CHUNK):
        some = np.arange(start, min(start + _CHUNK, len(rows)))
        vectors, directions = arrivals.vectors[some], block.units[placed.places[some]]
        products = np.einsum("ij,ij->i", directions, vectors) / UNIT**2
        near = np.where(vectors.any(axis=1), products, 1.0).tolist()
        rounded = [round(product, 4) for product in near]
        reasons = encoding.reasons(rows[some], directions)
        whys += map(partial(_why, block, placed), some.tolist(), rounded, reasons)
        scores += [min(max(score, 0.0), 1.0) for score in rounded]
    groups = [block.ids[place] for place in placed.places.tolist()]
    return pa.table([arrivals.ids, groups, scores, whys], schema=MEMBERSHIPS_SCHEMA)


def _why(block: Block, placed: Placed, n: int, score: float, by: Sequence[str]) -> str:
    if placed.founded[n]:
        return "premier du groupe"
    founder = f"« {block.excerpts[placed.places[n]]} »"
    if placed.repeated[n]:
        return f"mêmes mots qu'un énoncé du groupe de {founder}"
    words = f", par {' et '.join(f'« {w} »' for w in by)}" if by else ""
    return f"proche de {founder} ({decimal(score)}){words}"


def _merges(merges: Iterable[Merge], block: Block) -> pa.Table:
    rows = [
        {
            "group_id": block.ids[merge.younger],
            "became_group_id": block.ids[merge.older],
            "cause": merge.cause,
        }
        for merge in merges
    ]
    return pa.Table.from_pylist(rows, schema=MERGES_SCHEMA)


def _profiles(block: Block, name: str) -> pa.Table:
    """Return the rows of the groups that the day touched, and that still are."""
    rank = word_vectors().ranks.__getitem__
    places = sorted(block.touched - block.gone)
    counts = [block.counts(place) for place in places]
    words = [sorted(of_group, key=rank) for of_group in counts]
    columns = [
        [block.ids[place] for place in places],
        [name] * len(places),
        [block.excerpts[place] for place in places],
        [block.sizes[place] for place in places],
        list(block.totals[places]),
        words,
        [[of[word] for word in some] for of, some in zip(counts, words, strict=True)],
    ]
    return pa.table(columns, schema=GROUP_PROFILES_SCHEMA)


def _count(subjects: Lists) -> pa.Table:
    """Count the statements, and those that use each word."""
    counts = np.bincount(subjects.values, minlength=1)
    used = np.flatnonzero(counts)
    terms, found = np.append(used, EVERY), np.append(counts[used], len(subjects))
    return pa.table([terms.astype(np.int32), found], schema=FREQUENCIES_SCHEMA)


def _added_up(frequencies: pa.Table) -> pa.Table:
    """Return one row a term."""
    added = frequencies.group_by("term", use_threads=False).aggregate([("statement_count", "sum")])
    return added.rename_columns(FREQUENCIES_SCHEMA.names).cast(FREQUENCIES_SCHEMA)


def living_rows(profiles: pa.Table, became: pa.Table) -> INT:
    """Return which rows say what each group is, those first seen first: of each, the last.

    None of those that another took in.
    """
    groups = profiles["group_id"].combine_chunks().dictionary_encode()
    last = np.zeros(len(groups.dictionary), dtype=np.int64)
    last[groups.indices.to_numpy()] = np.arange(len(groups))
    is_gone = pc.is_in(groups.dictionary, became["group_id"].combine_chunks())
    living: INT = last[~is_gone.to_numpy(zero_copy_only=False)]
    return living
