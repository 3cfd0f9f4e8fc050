"""The blind sample: drawing it, the workbooks of its two readers, the score, labels to learn from.

It is drawn among the statements of the latest published day. What the machine told of them is read
in the lake, where nobody has corrected it, and never goes into a workbook.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.run import UsageError, read_reviews
from flows.workbooks import write_workbook
from tasks.blind import population, quality_tables
from tasks.consultation import Consultation
from tasks.report.typography import count, french, measure, number, share
from tasks.review.blind import LEARN, draw, part_of
from tasks.review.quality import LABEL_TYPES, read_labels
from tasks.review.sample import READERS, Shown, in_context, sample_workbook
from warehouse.contracts import (
    CONTRIBUTIONS,
    DRAWS,
    ENOUGH_READ,
    LAKE_STATEMENTS,
    STATEMENTS,
    Table,
)
from warehouse.home import Home
from warehouse.publication import LATEST, Shelf

_NAMES: Final = {"theme": "Thèmes", "kind": "Natures"}


@dataclass(frozen=True)
class Written:
    """What was written for the readers: how many more were drawn, how many each has to read."""

    paths: tuple[Path, ...]
    drawn_count: int
    left_counts: Mapping[int, int]


def write_samples(
    home: Home, consultation: Consultation, folder: Path, size: int, now: datetime
) -> Written:
    """Draw so that about `size` statements are drawn in all, and write each reader's workbooks.

    What a reader has already labelled is not in theirs. The same size again draws only of what has
    come since. Raises UsageError when nothing is published, or for a size too small for a figure.
    """
    if size < ENOUGH_READ:
        raise UsageError(
            f"--size {size} : il faut au moins {ENOUGH_READ} énoncés pour en tirer un chiffre."
        )
    _path(home, STATEMENTS)  # refused before the home is opened
    with home.lock():
        home.bind(consultation.slug)
        added = _draw(home, size, now)
        shown, decisions = drawn_statements(home), home.decisions.in_force()
    paths: list[Path] = []
    left_counts = {}
    for reader in READERS:
        read = _words_read(reader, decisions)
        left = [one for one in shown.values() if one.words_trace not in read]
        left_counts[reader] = len(left)
        workbook = sample_workbook(left, consultation, reader)
        paths += write_workbook(folder, f"echantillon-{reader}", workbook)
    return Written(tuple(paths), added, left_counts)


def _draw(home: Home, size: int, now: datetime) -> int:
    told, reviews = told_statements(home), read_reviews(home)
    draw_id = f"t-{secrets.token_hex(8)}"
    rows = draw(population(told, reviews), reviews.draws, size, draw_id, now)
    home.decisions.add(DRAWS, rows)
    return len(rows)


def _words_read(reader: int, decisions: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the traces of the words to which a reader gave both labels."""
    of_each = (read_labels(decisions, label_type) for label_type in LABEL_TYPES)
    return set.intersection(
        *({trace for trace, given in labels.items() if reader in given} for labels in of_each)
    )


# --- what is published ---------------------------------------------------------------------------


def told_statements(home: Home) -> pa.Table:
    """Return the statements of the latest published day with what the machine told of them."""
    counted = _published(home, STATEMENTS, ["statement_id"])["statement_id"]
    columns = ["statement_id", "text", "theme", "kind"]
    lake = home.lake
    name = LAKE_STATEMENTS.name
    told = lake.read(name, lake.days(name), LAKE_STATEMENTS.schema, columns)
    return told.filter(pc.is_in(told["statement_id"], counted.combine_chunks()))


def drawn_statements(home: Home) -> dict[str, Shown]:
    """Return the statements that stand for the words drawn, in their context, by identifier.

    Words whose every statement is gone are left out.
    """
    told, reviews = told_statements(home), read_reviews(home)
    drawn = {row["words_trace"] for row in reviews.draws}
    units = population(told, reviews)
    traces = {u.statement_id: u.words_trace for u in units if u.words_trace in drawn}
    columns = ["statement_id", "contribution_id", "char_start", "char_end"]
    rows = _published(home, STATEMENTS, columns)
    rows = rows.filter(pc.is_in(rows["statement_id"], pa.array(traces, pa.string())))
    texts = _published(home, CONTRIBUTIONS, ["contribution_id", "text"])
    text_of = dict(zip(*texts.to_pydict().values(), strict=True))
    return {
        row["statement_id"]: in_context(
            row["statement_id"],
            traces[row["statement_id"]],
            text_of[row["contribution_id"]],
            row["char_start"],
            row["char_end"],
        )
        for row in rows.to_pylist()
    }


def _published(home: Home, table: Table, columns: list[str]) -> pa.Table:
    return pq.read_table(_path(home, table), columns=columns)


def _path(home: Home, table: Table) -> Path:
    """Return the file of a table of the latest published day; raise UsageError without any."""
    published = Shelf(home.published).get(LATEST)
    if published is None:
        raise UsageError(
            f"Rien n'est encore publié dans {home.root} : lancez d'abord « assises run »."
        )
    path = published.folder / "parquet" / f"{table.qualified}.parquet"
    if not path.exists():
        raise UsageError(
            "Les contributions ont été supprimées au terme de leur durée de conservation : il n'y "
            "a plus d'énoncés à lire."
        )
    return path


# --- the score -----------------------------------------------------------------------------------


def score(home: Home) -> dict[str, Any]:
    """Score the machine's labels of the latest published day: the tables of quality, as they are.

    `drawn_count` and `part_counts` tell of the draw, which is read or not.
    """
    told, reviews = told_statements(home), read_reviews(home)
    whole, by_class = quality_tables(lambda: told, reviews)
    parts = [row["part"] for row in reviews.draws]
    return {
        "drawn_count": len(reviews.draws),
        "part_counts": {part: parts.count(part) for part in sorted(set(parts))},
        "quality": whole.to_pylist(),
        "quality_by_class": by_class.to_pylist(),
    }


def score_text(scored: Mapping[str, Any]) -> str:
    """Write the score for a person."""
    if not scored["drawn_count"]:
        return french("Aucun énoncé n'a été tiré au sort : écrivez d'abord l'échantillon à lire.")
    if not scored["quality"]:
        drawn = count(scored["drawn_count"], "énoncé tiré", "énoncés tirés")
        return french(f"{drawn}, aucun lu : il n'y a pas de chiffre à donner.")
    return "\n\n".join("\n".join(_score_lines(row, scored)) for row in _in_order(scored))


def _in_order(scored: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sorted(scored["quality"], key=lambda row: LABEL_TYPES.index(row["label_type"]))


def _score_lines(row: Mapping[str, Any], scored: Mapping[str, Any]) -> Iterator[str]:
    few = french(f"trop peu d'énoncés lus (il en faut {ENOUGH_READ})")
    yield french(f"{_NAMES[row['label_type']]} : ") + (
        f"macro-F1 {_with_interval(row, 'macro_f1', 'f1')}" if row["macro_f1"] is not None else few
    )
    yield french(
        f"  lus : {number(row['read_count'])} des {number(row['drawn_count'])} tirés pour mesurer, "
        f"dont {number(row['read_twice_count'])} par deux personnes ; "
        f"{number(row['population_count'])} énoncés distincts, dont {share(row['covered_share'])} "
        "d'une strate lue"
    )
    yield french("  accord des lecteurs, kappa de Cohen : ") + (
        _with_interval(row, "kappa", "kappa") if row["kappa"] is not None else "non mesuré"
    )
    for of in scored["quality_by_class"]:
        if of["label_type"] == row["label_type"]:
            figure = _with_interval(of, "f1", "f1") if of["f1"] is not None else "–"
            yield f"  {of['label']:20} {figure}"


def _with_interval(row: Mapping[str, Any], name: str, prefix: str) -> str:
    low, high = measure(row[f"{prefix}_low"]), measure(row[f"{prefix}_high"])
    return f"{measure(row[name])} [{low} ; {high}]"


# --- labels to learn from ------------------------------------------------------------------------


def labels(home: Home, part: str = LEARN) -> str:
    """Return the labels of a part of the sample as the CSV that `assises evaluate` reads.

    A label is what the one who read says, or what both say; it is empty where they differ. What
    is to measure must not be learnt from: the part `mesure` is there to be scored only.
    """
    shown = drawn_statements(home)
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(["unit_id", "text", "theme", "kind"])
    writer.writerows(_labelled(home, shown, part))
    return output.getvalue()


def _labelled(
    home: Home, shown: Mapping[str, Shown], part: str
) -> Iterator[tuple[str, str, str, str]]:
    decisions = home.decisions.in_force()
    themes, kinds = (read_labels(decisions, label_type) for label_type in LABEL_TYPES)
    for statement_id, one in sorted(shown.items()):
        theme, kind = (_agreed(of.get(one.words_trace, {})) for of in (themes, kinds))
        if part_of(one.words_trace) == part and (theme or kind):
            yield statement_id, one.text, theme, kind


def _agreed(given: Mapping[int, str]) -> str:
    """Return the one label that was given; nothing when there is none, or two."""
    distinct = set(given.values())
    return distinct.pop() if len(distinct) == 1 else ""
