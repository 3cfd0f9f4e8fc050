"""Analyse: from contributions to statements, campaigns and groups.

Statements are made contribution by contribution, in worker processes, with what the folds need of
their words. Copies and groups are two folds over the days received, which do not know each other
and run side by side: a day's fold starts from what the days before founded, and never changes it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import groupby, starmap
from operator import itemgetter

import pyarrow as pa

from tasks.consultation import Consultation
from tasks.folds import CopyFold, Days, GroupFold, Start, fold
from tasks.language.analysis import analyse_part, theme_model
from tasks.language.encoders import Encoder, WordEncoder
from tasks.stage import stage
from tasks.workers import Workers
from warehouse.contracts import LAKE_CONTRIBUTIONS
from warehouse.files import sha256_of
from warehouse.lake import Lake

CHUNK = 250
SIDE_BY_SIDE = 5000  # statements from which the two folds are worth a process each


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
    found = write_statements(lake, days, consultation, means, made_by, workers, progress)
    # Texts, and the titles by which they are cut: copies are the same whatever cues say.
    of_copies = sha256_of([code, *model.titles])
    of_groups = sha256_of([code, means.encoder.name])
    folds: list[tuple[Lake, Days, str, str, str, Start]] = [
        (lake, days, "contributions", "copies", of_copies, CopyFold),
        (lake, days, "statements", "memberships", of_groups, partial(GroupFold, means.encoder)),
    ]
    if found >= SIDE_BY_SIDE and isinstance(means.encoder, WordEncoder):
        workers.renew()  # the lexicons that letters are read with weigh more than the folds
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
    for day, statements, features in find_statements(
        lake, stale, consultation, means.learnt, workers
    ):
        lake.write("statement_features", day, features, wanted[day])
        lake.write("statements", day, statements, wanted[day])
        found += statements.num_rows
        progress((stale.index(day) + 1) / len(stale))
    return found


def find_statements(
    lake: Lake, days: Days, consultation: Consultation, learnt: str | None, workers: Workers
) -> Iterator[tuple[date | None, pa.Table, pa.Table]]:
    """Yield the statements of each day's contributions, in their order, and their features."""
    pieces = _pieces(lake, days, consultation, learnt)
    count = lake.read(
        "contributions", days, LAKE_CONTRIBUTIONS.schema, ["contribution_id"]
    ).num_rows
    # A few letters of many days are not worth starting processes.
    analyse_each = workers.map if count > CHUNK else starmap
    for day, parts in groupby(analyse_each(analyse_part, pieces), itemgetter(0)):
        _, statements, features = zip(*parts, strict=True)
        yield day, pa.concat_tables(statements), pa.concat_tables(features)


def _pieces(
    lake: Lake, days: Days, consultation: Consultation, learnt: str | None
) -> Iterator[tuple[object, ...]]:
    for day in days:
        columns = ["contribution_id", "text"]
        rows = lake.read("contributions", [day], LAKE_CONTRIBUTIONS.schema, columns)
        for n in range(0, max(rows.num_rows, 1), CHUNK):
            piece = rows.slice(n, CHUNK)
            yield day, *(piece[column].to_pylist() for column in columns), consultation, learnt
