"""The folds over the days: of letters into sets of copied texts, of statements into groups.

They do not know each other, and run in worker processes: nothing here imports the orchestrator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.language.copies import (
    COPY_FOUNDERS_SCHEMA,
    COPY_MERGES_SCHEMA,
    COPY_WORDS_SCHEMA,
    CopyState,
    FoldedCopies,
    Letters,
    fold_copies,
)
from tasks.language.encoders import Encoder
from tasks.language.features import FEATURES_SCHEMA
from tasks.language.groups import (
    BECAME,
    FREQUENCIES_SCHEMA,
    GROUP_PROFILES_SCHEMA,
    GROUP_TEXTS_SCHEMA,
    GroupState,
    fold_groups,
    living_rows,
)
from tasks.language.lists import Lists
from warehouse.contracts import COPIES, COPY_MERGES, LAKE_CONTRIBUTIONS, LAKE_STATEMENTS, MERGES
from warehouse.files import sha256_of
from warehouse.lake import Lake

GROUPED = ["block", "text_key", "subject"]  # the features that groups are made by
FOLDED_TOGETHER = 10_000  # contributions for which the past is looked up once

Days = Sequence[date | None]
Start = Callable[[Lake, Days], "Fold"]


class Stale(NamedTuple):
    """A day to be folded, and the fingerprint that what it comes to will have."""

    day: date | None
    fingerprint: str


class Fold(Protocol):
    """A fold that knows the days before."""

    def add(self, stale: Sequence[Stale]) -> None:
        """Write what each of these days comes to, in order, and what the days after need of it."""
        ...


def fold(
    lake: Lake,
    days: Days,
    source: str,
    target: str,
    code: str,
    start: Start,
) -> None:
    """Fold the days in order; the first that is not current and all later ones are folded again."""
    fingerprint = sha256_of([target, code])
    stale: list[Stale] = []
    for day in days:
        fingerprint = sha256_of([fingerprint, lake.fingerprint(source, day) or ""])
        if stale or lake.fingerprint(target, day) != fingerprint:
            stale.append(Stale(day, fingerprint))
    if stale:
        start(lake, days[: len(days) - len(stale)]).add(stale)


class CopyFold:
    """The fold of contributions into sets of copied texts."""

    def __init__(self, lake: Lake, past: Days) -> None:
        self._lake = lake
        self._state = CopyState.from_tables(
            lake.read("copy_founders", past, COPY_FOUNDERS_SCHEMA),
            lake.read("copy_words", past, COPY_WORDS_SCHEMA),
            lake.read("copy_merges", past, COPY_MERGES.schema, COPY_MERGES_SCHEMA.names),
        )

    def add(self, stale: Sequence[Stale]) -> None:
        """Write each day's copies, and what the days after need of them."""
        for together in self._together(stale):
            ids = [self._ids([one.day]).to_pylist() for one in together]
            letters = self._letters([one.day for one in together])
            found, self._state = fold_copies(self._state, ids, letters)
            for one, of_day in zip(together, found, strict=True):
                self._write(one, of_day)

    def _together(self, stale: Sequence[Stale]) -> Iterator[list[Stale]]:
        """Cut days into runs of FOLDED_TOGETHER contributions, and what the last has beyond."""
        run: list[Stale] = []
        held = 0
        for one in stale:
            run.append(one)
            held += len(self._ids([one.day]))
            if held >= FOLDED_TOGETHER:
                yield run
                run, held = [], 0
        if run:
            yield run

    def _write(self, one: Stale, found: FoldedCopies) -> None:
        copies = pa.table(
            [
                [m.contribution_id for m in found.memberships],
                [m.cluster_id for m in found.memberships],
                [m.founder_id for m in found.memberships],
                [m.score for m in found.memberships],
                [m.copied_positions for m in found.memberships],
                [m.founder_positions for m in found.memberships],
                [m.why for m in found.memberships],
            ],
            schema=COPIES.schema,
        )
        merges = _dated(found.merges, one.day).cast(COPY_MERGES.schema)
        self._lake.write("copy_founders", one.day, found.founders, one.fingerprint)
        self._lake.write("copy_words", one.day, found.words, one.fingerprint)
        self._lake.write("copy_merges", one.day, merges, one.fingerprint)
        self._lake.write("copies", one.day, copies, one.fingerprint)

    def _letters(self, days: Days) -> Letters:
        owners = self._read("statements", days, LAKE_STATEMENTS.schema, "contribution_id")
        words = self._read("statement_features", days, FEATURES_SCHEMA, "words")
        ids = self._ids(days)
        counts = np.bincount(pc.index_in(owners, ids).to_numpy(), minlength=len(ids))
        return Letters.of(Lists.of(words), counts)

    def _ids(self, days: Days) -> pa.Array:
        return self._read("contributions", days, LAKE_CONTRIBUTIONS.schema, "contribution_id")

    def _read(self, name: str, days: Days, schema: pa.Schema, column: str) -> pa.Array:
        return self._lake.read(name, days, schema, [column])[column].combine_chunks()


class GroupFold:
    """The fold of statements into groups."""

    def __init__(self, encoder: Encoder, lake: Lake, past: Days) -> None:
        self._encoder, self._lake = encoder, lake
        merges = lake.read("group_merges", past, MERGES.schema, BECAME)
        seen = lake.read("group_profiles", past, GROUP_PROFILES_SCHEMA, ["group_id"])
        living = living_rows(seen, merges)
        self._state = GroupState.from_tables(
            lake.take("group_profiles", past, GROUP_PROFILES_SCHEMA, living),
            lake.read("group_texts", past, GROUP_TEXTS_SCHEMA),
            lake.read("term_frequencies", past, FREQUENCIES_SCHEMA),
            merges,
        )

    def add(self, stale: Sequence[Stale]) -> None:
        """Write each day's memberships, and what the days after need of them."""
        for day, fingerprint in stale:
            self._add(day, fingerprint)

    def _add(self, day: date | None, fingerprint: str) -> None:
        said = self._lake.read(
            "statements", [day], LAKE_STATEMENTS.schema, ["statement_id", "text"]
        )
        features = self._lake.read("statement_features", [day], FEATURES_SCHEMA, GROUPED)
        statements = pa.table([*said.columns, *features.columns], [*said.column_names, *GROUPED])
        found, self._state = fold_groups(self._state, statements, self._encoder)
        dated = _dated(found.merges, day)
        self._lake.write("group_profiles", day, found.profiles, fingerprint)
        self._lake.write("group_texts", day, found.texts, fingerprint)
        self._lake.write("term_frequencies", day, found.frequencies, fingerprint)
        self._lake.write("group_merges", day, dated.select(MERGES.schema.names), fingerprint)
        self._lake.write("memberships", day, found.memberships, fingerprint)


def _dated(rows: pa.Table, day: date | None) -> pa.Table:
    return rows.append_column("date", pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows))
