"""The folds over the days: of letters into sets of copied texts, of statements into groups.

They do not know each other, and run in worker processes: nothing here imports the orchestrator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.language.copies import (
    COPY_FOUNDERS_SCHEMA,
    COPY_MERGES_SCHEMA,
    COPY_WORDS_SCHEMA,
    CopyState,
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
)
from tasks.language.lists import Lists
from warehouse.contracts import COPIES, COPY_MERGES, LAKE_CONTRIBUTIONS, LAKE_STATEMENTS, MERGES
from warehouse.files import sha256_of
from warehouse.lake import Lake

GROUPED = ["block", "text_key", "subject"]  # the features that groups are made by

Days = Sequence[date | None]
Start = Callable[[Lake, Days], "CopyFold | GroupFold"]


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
    folding: CopyFold | GroupFold | None = None
    for position, day in enumerate(days):
        fingerprint = sha256_of([fingerprint, lake.fingerprint(source, day) or ""])
        if lake.fingerprint(target, day) != fingerprint:
            folding = folding or start(lake, days[:position])
            folding.add(day, fingerprint)


class CopyFold:
    """The fold of contributions into sets of copied texts."""

    def __init__(self, lake: Lake, past: Days) -> None:
        self._lake = lake
        self._state = CopyState.from_tables(
            lake.read("copy_founders", past, COPY_FOUNDERS_SCHEMA),
            lake.read("copy_words", past, COPY_WORDS_SCHEMA),
            lake.read("copy_merges", past, COPY_MERGES.schema, COPY_MERGES_SCHEMA.names),
        )

    def add(self, day: date | None, fingerprint: str) -> None:
        """Write a day's copies, and what the days after need of them."""
        ids = self._read("contributions", day, LAKE_CONTRIBUTIONS.schema, "contribution_id")
        owners = self._read("statements", day, LAKE_STATEMENTS.schema, "contribution_id")
        words = self._read("statement_features", day, FEATURES_SCHEMA, "words")
        counts = np.bincount(pc.index_in(owners, ids).to_numpy(), minlength=len(ids))
        letters = Letters.of(Lists.of(words), counts)
        found, self._state = fold_copies(self._state, ids.to_pylist(), letters)
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
        merges = _dated(found.merges, day).cast(COPY_MERGES.schema)
        self._lake.write("copy_founders", day, found.founders, fingerprint)
        self._lake.write("copy_words", day, found.words, fingerprint)
        self._lake.write("copy_merges", day, merges, fingerprint)
        self._lake.write("copies", day, copies, fingerprint)

    def _read(self, name: str, day: date | None, schema: pa.Schema, column: str) -> pa.Array:
        return self._lake.read(name, [day], schema, [column])[column].combine_chunks()


class GroupFold:
    """The fold of statements into groups."""

    def __init__(self, encoder: Encoder, lake: Lake, past: Days) -> None:
        self._encoder, self._lake = encoder, lake
        self._state = GroupState.from_tables(
            lake.read("group_profiles", past, GROUP_PROFILES_SCHEMA),
            lake.read("group_texts", past, GROUP_TEXTS_SCHEMA),
            lake.read("term_frequencies", past, FREQUENCIES_SCHEMA),
            lake.read("group_merges", past, MERGES.schema, BECAME),
        )

    def add(self, day: date | None, fingerprint: str) -> None:
        """Write a day's memberships, and what the days after need of them."""
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
