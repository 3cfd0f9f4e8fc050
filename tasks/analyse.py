"""Analyse: from contributions to statements, campaigns and groups.

Statements are made contribution by contribution, in worker processes, with what the folds need of
their words; those of a contribution that is as it was are kept. Copies and groups are two folds
over the days received, which do not know each other and run side by side: a day's fold starts from
what the days before founded, and never changes it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import groupby, starmap
from operator import itemgetter
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from tasks.consultation import Consultation
from tasks.folds import CopyFold, Days, GroupFold, Start, fold
from tasks.language.analysis import analyse_part, theme_model
from tasks.language.encoders import Encoder, WordEncoder
from tasks.language.features import FEATURES_SCHEMA
from tasks.stage import stage
from tasks.workers import Workers
from warehouse.contracts import LAKE_CONTRIBUTIONS, LAKE_STATEMENTS
from warehouse.files import sha256_of
from warehouse.lake import Lake, places

CHUNK = 250
SIDE_BY_SIDE = 5000  # statements from which the two folds are worth a process each


@dataclass(frozen=True)
class Means:
    """What statements are understood with, beside the definitions of the consultation's file.

    `learnt` is the table of weights that the file names, if it names one.
    """

    learnt: str | None = None
    encoder: Encoder = field(default_factory=WordEncoder)


class Stale(NamedTuple):
    """A day whose statements are not current, and the notes that they will carry."""

    day: date | None
    fingerprint: str
    made_by: str
    is_held: bool  # whether what is there was made by the same means


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
    """Write each day's statements, copies and groups that are not current.

    Returns how many statements were made: those that were kept are not counted.
    Raises EncoderError when the encoder cannot be used: the days before are kept.
    """
    model = theme_model(consultation, means.learnt)
    definitions = repr((consultation.themes, consultation.hors_theme_counter_cues, means.learnt))
    made_with = sha256_of(["statements", code, definitions])
    found = write_statements(lake, days, consultation, means, made_with, workers, progress)
    # Texts, and the titles by which they are cut: copies are the same whatever cues say.
    of_copies = sha256_of([code, *model.titles])
    of_groups = sha256_of([code, means.encoder.name])
    folds: list[tuple[Lake, Days, str, str, str, Start]] = [
        (lake, days, "contributions", "copies", of_copies, CopyFold),
        (lake, days, "statements", "memberships", of_groups, partial(GroupFold, means.encoder)),
    ]
    is_much = found >= SIDE_BY_SIDE
    if is_much:
        workers.renew()  # the lexicons that letters are read with weigh more than the folds
    if isinstance(means.encoder, WordEncoder) and (is_much or workers.are_at_work):
        deque(workers.map(fold, folds), 0)
    else:  # a model or a service stays in the process that was given access to it
        for arguments in folds:
            fold(*arguments)
    return found


def write_statements(
    lake: Lake,
    days: Days,
    consultation: Consultation,
    means: Means,
    made_with: str,
    workers: Workers,
    progress: Callable[[float], None],
) -> int:
    """Write the statements of the days whose are not current, with their features.

    Returns how many were made.
    """
    stale = list(_stale(lake, days, made_with))
    made = find_statements(lake, stale, consultation, means.learnt, workers)
    found = 0
    for done, (one, new_count, statements, features) in enumerate(made, 1):
        lake.write("statement_features", one.day, features, one.fingerprint, one.made_by)
        lake.write("statements", one.day, statements, one.fingerprint, one.made_by)
        found += new_count
        progress(done / len(stale))
    return found


def _stale(lake: Lake, days: Days, made_with: str) -> Iterator[Stale]:
    for day in days:
        wanted = sha256_of([made_with, lake.fingerprint("contributions", day) or ""])
        # A run that was killed may have left features that are not those of the statements there.
        there = {lake.fingerprint(table, day) for table in ("statements", "statement_features")}
        if there != {wanted}:
            made_by = sha256_of([made_with, lake.made_by("contributions", day) or ""])
            is_held = len(there) == 1 and lake.made_by("statements", day) == made_by
            yield Stale(day, wanted, made_by, is_held)


def find_statements(
    lake: Lake,
    stale: Sequence[Stale],
    consultation: Consultation,
    learnt: str | None,
    workers: Workers,
) -> Iterator[tuple[Stale, int, pa.Table, pa.Table]]:
    """Yield of each day how many statements are new, all of them in order, and their features."""
    unread = [_unread(lake, one) for one in stale]
    # A few letters of many days are not worth starting processes.
    analyse_each = workers.map if sum(map(len, unread)) > CHUNK else starmap
    pieces = _pieces(lake, stale, unread, consultation, learnt)
    made = groupby(analyse_each(analyse_part, pieces), itemgetter(0))
    for one, (_, parts) in zip(stale, made, strict=True):
        _, statements, features = zip(*parts, strict=True)
        held, features_held = _held(lake, one)
        rows = pa.concat_tables([held, *statements])
        order = places(rows["contribution_id"], _contribution_ids(lake, "contributions", [one.day]))
        all_features = pa.concat_tables([features_held, *features])
        yield one, rows.num_rows - held.num_rows, rows.take(order), all_features.take(order)


def _unread(lake: Lake, one: Stale) -> pa.ChunkedArray:
    """Return the contributions of which no statement is held."""
    ids = _contribution_ids(lake, "contributions", [one.day])
    held = _contribution_ids(lake, "statements", [one.day] if one.is_held else [])
    return ids.filter(pc.invert(pc.is_in(ids, held.combine_chunks())))


def _contribution_ids(lake: Lake, table: str, days: Days) -> pa.ChunkedArray:
    column = "contribution_id"
    return lake.read(table, days, LAKE_STATEMENTS.schema, [column])[column]


def _held(lake: Lake, one: Stale) -> tuple[pa.Table, pa.Table]:
    """Return the statements of a day that may be kept, and their features, row for row."""
    days = [one.day] if one.is_held else []
    return (
        lake.read("statements", days, LAKE_STATEMENTS.schema),
        lake.read("statement_features", days, FEATURES_SCHEMA),
    )


def _pieces(
    lake: Lake,
    stale: Sequence[Stale],
    unread: Sequence[pa.ChunkedArray],
    consultation: Consultation,
    learnt: str | None,
) -> Iterator[tuple[object, ...]]:
    columns = ["contribution_id", "text"]
    for one, ids in zip(stale, unread, strict=True):
        rows = lake.read("contributions", [one.day], LAKE_CONTRIBUTIONS.schema, columns)
        rows = rows.take(places(rows["contribution_id"], ids))
        for n in range(0, max(rows.num_rows, 1), CHUNK):
            piece = rows.slice(n, CHUNK)
            yield one.day, *(piece[column].to_pylist() for column in columns), consultation, learnt
