"""Analyse: from contributions to statements, campaigns and groups.

Statements are made contribution by contribution, in worker processes, with what the folds need of
their words. Copies and groups are two folds over the days received, which do not know each other
and run side by side: a day's fold starts from what the days before founded, and never changes it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import groupby
from operator import itemgetter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.consultation import Consultation
from tasks.language.analysis import analyse_contributions
from tasks.language.copies import (
    COPY_FOUNDERS_SCHEMA,
    COPY_MERGES_SCHEMA,
    COPY_WORDS_SCHEMA,
    CopyState,
    Letters,
    fold_copies,
)
from tasks.language.encoders import Encoder, WordEncoder
from tasks.language.features import FEATURES_SCHEMA, read_features
from tasks.language.groups import (
    BECAME,
    FREQUENCIES_SCHEMA,
    GROUP_PROFILES_SCHEMA,
    GROUP_TEXTS_SCHEMA,
    GroupState,
    fold_groups,
)
from tasks.language.linear import LinearModel
from tasks.language.lists import Lists
from tasks.language.themes import ThemeModel
from tasks.stage import stage
from tasks.workers import Workers
from warehouse.contracts import (
    COPIES,
    COPY_MERGES,
    LAKE_CONTRIBUTIONS,
    LAKE_STATEMENTS,
    MERGES,
)
from warehouse.files import sha256_of
from warehouse.lake import Lake

CHUNK = 250
SIDE_BY_SIDE = 5000  # statements from which the two folds are worth a process each
GROUPED = ["block", "text_key", "subject"]  # the features that groups are made by

Days = Sequence[date | None]
Start = Callable[[Lake, Days], "_CopyFold | _GroupFold"]


@dataclass(frozen=True)
class Means:
    """What statements are understood with, beside the definitions of the consultation's file.

    `learnt` is the table of weights that the file names, if it names one.
    """

    learnt: str | None = None
    encoder: Encoder = field(default_factory=WordEncoder)


@stage
def analyse(
    lake: Lake,
    days: Days,
    consultation: Consultation,
    means: Means,
    workers: Workers,
    code: str,
    progress: Callable[[float], None],
) -> int:
    """Write each day's statements, copies and groups that are not current; count the statements.

    Raises EncoderError when the encoder cannot be used: the days before are kept.
    """
    model = theme_model(consultation, means.learnt)
    definitions = repr((consultation.themes, consultation.hors_theme_counter_cues, means.learnt))
    made_by = sha256_of(["statements", code, definitions])
    found = write_statements(lake, days, model, made_by, workers, progress)
    # Texts, and the titles by which they are cut: copies are the same whatever cues say.
    of_copies = sha256_of([code, *model.titles])
    of_groups = sha256_of([code, means.encoder.name])
    folds: list[tuple[Lake, Days, str, str, str, Start]] = [
        (lake, days, "contributions", "copies", of_copies, _CopyFold),
        (lake, days, "statements", "memberships", of_groups, partial(_GroupFold, means.encoder)),
    ]
    if found >= SIDE_BY_SIDE and isinstance(means.encoder, WordEncoder):
        deque(workers.map(fold, folds), 0)
    else:  # a model or a service stays in the process that was given access to it
        for arguments in folds:
            fold(*arguments)
    return found


def theme_model(consultation: Consultation, learnt: str | None) -> ThemeModel:
    """Compile what tells the themes of a consultation: its definitions, and what was learnt."""
    trained = LinearModel.read(learnt) if learnt else None
    return ThemeModel.of(consultation.themes, consultation.hors_theme_counter_cues, trained)


def write_statements(
    lake: Lake,
    days: Days,
    model: ThemeModel,
    made_by: str,
    workers: Workers,
    progress: Callable[[float], None],
) -> int:
    """Write the statements of the days whose are not current, with their features; count them."""
    wanted = {
        day: sha256_of([made_by, lake.fingerprint("contributions", day) or ""]) for day in days
    }
    stale = [day for day in days if lake.fingerprint("statements", day) != wanted[day]]
    found = 0
    for day, statements, features in find_statements(lake, stale, model, workers):
        lake.write("statement_features", day, features, wanted[day])
        lake.write("statements", day, statements, wanted[day])
        found += statements.num_rows
        progress((stale.index(day) + 1) / len(stale))
    return found


def find_statements(
    lake: Lake, days: Days, model: ThemeModel, workers: Workers
) -> Iterator[tuple[date | None, pa.Table, pa.Table]]:
    """Yield the statements of each day's contributions, in their order, and their features."""
    pieces = workers.map(_analyse_piece, _pieces(lake, days, model))
    for day, parts in groupby(pieces, itemgetter(0)):
        _, statements, features = zip(*parts, strict=True)
        yield day, pa.concat_tables(statements), pa.concat_tables(features)


def _pieces(lake: Lake, days: Days, model: ThemeModel) -> Iterator[tuple[object, ...]]:
    for day in days:
        columns = ["contribution_id", "text"]
        rows = lake.read("contributions", [day], LAKE_CONTRIBUTIONS.schema, columns)
        for n in range(0, max(rows.num_rows, 1), CHUNK):
            piece = rows.slice(n, CHUNK)
            yield day, *(piece[column].to_pylist() for column in columns), model


def _analyse_piece(
    day: date | None, contribution_ids: Sequence[str], texts: Sequence[str], model: ThemeModel
) -> tuple[date | None, pa.Table, pa.Table]:
    statements = analyse_contributions(contribution_ids, texts, model)
    texts, themes, kinds = (statements[c].to_pylist() for c in ("text", "theme", "kind"))
    return day, statements, read_features(texts, themes, kinds, model.common_words)


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
    folding: _CopyFold | _GroupFold | None = None
    for position, day in enumerate(days):
        fingerprint = sha256_of([fingerprint, lake.fingerprint(source, day) or ""])
        if lake.fingerprint(target, day) != fingerprint:
            folding = folding or start(lake, days[:position])
            folding.add(day, fingerprint)


class _CopyFold:
    """The fold of contributions into sets of copied texts."""

    def __init__(self, lake: Lake, past: Days) -> None:
        self._lake = lake
        self._state = CopyState.from_tables(
            lake.read("copy_founders", past, COPY_FOUNDERS_SCHEMA),
            lake.read("copy_words", past, COPY_WORDS_SCHEMA),
            lake.read("copy_merges", past, COPY_MERGES.schema, COPY_MERGES_SCHEMA.names),
        )

    def add(self, day: date | None, fingerprint: str) -> None:
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


class _GroupFold:
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
