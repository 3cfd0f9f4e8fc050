"""What is given to everybody: the open-data export of a published day."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.inspection import published_on
from flows.run import UsageError
from tasks.consultation import Consultation
from tasks.disclose import Released, disclose, open_tables, read_contributors
from tasks.privacy.disclosure import Disclosure, from_json, to_json
from tasks.privacy.pseudonyms import trace
from tasks.report.open_data import open_data_files
from tasks.review.decisions import is_borrowed
from warehouse.contracts import (
    CONTRIBUTIONS,
    CONTRIBUTIONS_BY_COMMUNE,
    GROUP_HISTORY,
    GROUPS,
    LAKE_STATEMENTS,
    STATEMENTS,
)
from warehouse.home import Home
from warehouse.open_data import OpenDataShelf
from warehouse.publication import Published
from warehouse.words import words_traces

_READ = (CONTRIBUTIONS, STATEMENTS, GROUPS, GROUP_HISTORY, CONTRIBUTIONS_BY_COMMUNE)


def export_open_data(home: Home, consultation: Consultation, as_of: str | None) -> Path:
    """Write the open data of a published day, by default the latest, and return their folder.

    The figures of a day never change once exported, whatever was received or withdrawn since;
    words are those that people let out. Raises UsageError for a day that is not published, or that
    comes before one already exported.
    """
    published = published_on(home, as_of)
    with home.lock():
        tables = {table.qualified: _read(published, table.qualified) for table in _READ}
        disclosed = _disclosed(home.open_data, tables, consultation, published.as_of)
        opened = open_tables(disclosed, tables, consultation, released(home, tables))
        files = open_data_files(opened, consultation, published.as_of)
        return home.open_data.write(published.as_of, files)


def released(home: Home, tables: Mapping[str, pa.Table]) -> Released:
    """Return what people let out that is still as they saw it: quotations, labels they wrote.

    A label that they took from a statement is let out with it.
    """
    decisions = home.decisions.in_force()
    opened = {
        trace: row["subject"]
        for row in decisions
        if (row["act"], row["after"]) == ("statement_open", "oui")
        for trace in row["anchors"]
    }
    statements = tables[STATEMENTS.qualified]
    secret = trace("words", "", home.key())
    traces = words_traces(statements["text"], secret).to_pylist()
    said = dict(zip(statements["statement_id"].to_pylist(), traces, strict=True))
    named = [row for row in decisions if row["act"] == "group_label"]
    # By its words, which another may say too: the statement it was taken from may be gone.
    borrowed = {row["target_anchors"][0] for row in named if is_borrowed(row)}
    labels = _labels(home, [one for one, words in said.items() if words in borrowed])
    shown = {one for one in labels if said[one] in opened}
    written = {row["after"] for row in named if not is_borrowed(row)}
    return Released(
        frozenset(one for one, words in said.items() if opened.get(words) == one),
        frozenset(written | {labels[one] for one in shown}),
        frozenset(labels[one] for one in labels.keys() - shown),
    )


def _labels(home: Home, statement_ids: Collection[str]) -> dict[str, str]:
    """Return the labels of statements, by their id."""
    columns, name = ["statement_id", "label"], LAKE_STATEMENTS.name
    rows = home.lake.read(name, home.lake.days(name), LAKE_STATEMENTS.schema, columns)
    asked = pa.array(sorted(statement_ids), pa.string())
    wanted = rows.filter(pc.is_in(rows["statement_id"], asked))
    return dict(zip(*(wanted[each].to_pylist() for each in columns), strict=True))


def copy_export(folder: Path, output: Path) -> None:
    """Copy an export where it will be given to others, with the modes of files meant for that."""
    shutil.copytree(folder, output, copy_function=shutil.copyfile, dirs_exist_ok=True)


def _read(published: Published, name: str) -> pa.Table:
    try:
        return pq.read_table(published.folder / "parquet" / f"{name}.parquet")
    except FileNotFoundError:
        raise UsageError(
            f"Les contributions du {published.as_of:%d/%m/%Y} ont été supprimées au terme de leur "
            "durée de conservation : il n'y a plus rien à exporter. Les exports déjà faits restent."
        ) from None


def _disclosed(
    shelf: OpenDataShelf, tables: dict[str, pa.Table], consultation: Consultation, day: date
) -> Disclosure:
    """Return what the export of a day tells, once for all."""
    exported = shelf.days()
    if day in exported:
        return from_json(shelf.recall(day))
    past = from_json(shelf.recall(exported[-1])) if exported else Disclosure()
    if exported and day < exported[-1]:
        raise UsageError(
            f"Le {exported[-1]:%d/%m/%Y} est déjà exporté : un jour antérieur ne peut plus l'être, "
            "car la différence des deux donnerait de petits nombres."
        )
    disclosed = disclose(past, read_contributors(tables, consultation), consultation, day)
    shelf.remember(day, to_json(disclosed))
    return disclosed
