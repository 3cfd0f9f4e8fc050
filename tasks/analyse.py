"""Analyse: from contributions to statements, campaigns and groups.

Statements are made contribution by contribution, in worker processes. Copies and groups are a fold
over the days received: a day's fold starts from what the days before founded, and never changes
them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import pyarrow as pa

from tasks.consultation import Consultation
from tasks.language.analysis import analyse_contributions
from tasks.language.copies import COPY_FOUNDERS_SCHEMA, CopyState, fold_copies
from tasks.language.encoders import CommonWords, Encoder, WordEncoder
from tasks.language.groups import (
    FREQUENCIES_SCHEMA,
    GROUP_PROFILES_SCHEMA,
    GROUP_TEXTS_SCHEMA,
    GroupState,
    fold_groups,
)
from tasks.language.linear import LinearModel
from tasks.language.themes import ThemeModel
from tasks.stage import stage
from tasks.workers import Workers
from warehouse.contracts import (
    COPIES,
    COPY_MERGES,
    LAKE_CONTRIBUTIONS,
    LAKE_STATEMENTS,
    MERGES,
    Table,
)
from warehouse.files import sha256_of
from warehouse.lake import Lake

CHUNK = 250

Days = Sequence[date | None]


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
    found = 0
    for done, day in enumerate(days, 1):
        made_of = lake.fingerprint("contributions", day) or ""
        fingerprint = sha256_of(["statements", code, definitions, made_of])
        if lake.fingerprint("statements", day) != fingerprint:
            statements = find_statements(lake, day, model, workers)
            lake.write("statements", day, statements, fingerprint)
            found += statements.num_rows
            progress(done / len(days))
    # Texts, and the titles by which they are cut: copies are the same whatever cues say.
    fold(lake, days, "contributions", "copies", sha256_of([code, *model.titles]), _CopyFold)
    groups = partial(_GroupFold, model.common_words, means.encoder)
    made_by = sha256_of([code, means.encoder.name])
    fold(lake, days, "statements", "memberships", made_by, groups)
    return found


def theme_model(consultation: Consultation, learnt: str | None) -> ThemeModel:
    """Compile what tells the themes of a consultation: its definitions, and what was learnt."""
    trained = LinearModel.read(learnt) if learnt else None
    return ThemeModel.of(consultation.themes, consultation.hors_theme_counter_cues, trained)


def find_statements(lake: Lake, day: date | None, model: ThemeModel, workers: Workers) -> pa.Table:
    """Return the statements of a day's contributions, in their order."""
    contributions = lake.read("contributions", [day], LAKE_CONTRIBUTIONS.schema)
    slices = (contributions.slice(n, CHUNK) for n in range(0, contributions.num_rows, CHUNK))
    chunks = (
        (part["contribution_id"].to_pylist(), part["text"].to_pylist(), model) for part in slices
    )
    tables = workers.map(analyse_contributions, chunks)
    return pa.concat_tables([LAKE_STATEMENTS.schema.empty_table(), *tables])


def fold(
    lake: Lake,
    days: Days,
    source: str,
    target: str,
    code: str,
    start: Callable[[Lake, Days], _CopyFold | _GroupFold],
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
            lake.read("copy_merges", past, COPY_MERGES.schema),
        )

    def add(self, day: date | None, fingerprint: str) -> None:
        ids = self._read("contributions", day, LAKE_CONTRIBUTIONS, ["contribution_id"])[0]
        said: dict[str, list[str]] = {contribution_id: [] for contribution_id in ids}
        columns = ["contribution_id", "text"]
        for contribution_id, text in zip(
            *self._read("statements", day, LAKE_STATEMENTS, columns), strict=True
        ):
            said[contribution_id].append(text)
        found, self._state = fold_copies(self._state, ids, list(said.values()))
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
        self._lake.write("copy_merges", day, merges, fingerprint)
        self._lake.write("copies", day, copies, fingerprint)

    def _read(
        self, name: str, day: date | None, table: Table, columns: list[str]
    ) -> list[list[str]]:
        rows = self._lake.read(name, [day], table.schema, columns)
        return [rows[column].to_pylist() for column in columns]


class _GroupFold:
    """The fold of statements into groups."""

    def __init__(self, common: CommonWords, encoder: Encoder, lake: Lake, past: Days) -> None:
        self._common, self._encoder, self._lake = common, encoder, lake
        self._state = GroupState.from_tables(
            lake.read("group_profiles", past, GROUP_PROFILES_SCHEMA),
            lake.read("group_texts", past, GROUP_TEXTS_SCHEMA),
            lake.read("term_frequencies", past, FREQUENCIES_SCHEMA),
            lake.read("group_merges", past, MERGES.schema),
        )

    def add(self, day: date | None, fingerprint: str) -> None:
        columns = ["statement_id", "text", "theme", "kind"]
        statements = self._lake.read("statements", [day], LAKE_STATEMENTS.schema, columns)
        found, self._state = fold_groups(self._state, statements, self._common, self._encoder)
        dated = _dated(found.merges, day)
        self._lake.write("group_profiles", day, found.profiles, fingerprint)
        self._lake.write("group_texts", day, found.texts, fingerprint)
        self._lake.write("term_frequencies", day, found.frequencies, fingerprint)
        self._lake.write("group_merges", day, dated.select(MERGES.schema.names), fingerprint)
        self._lake.write("memberships", day, found.memberships, fingerprint)


def _dated(rows: pa.Table, day: date | None) -> pa.Table:
    return rows.append_column("date", pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows))
