"""The tables of a publication as a workbook to sort and filter: a legend, then a sheet a table.

Values are those of the tables, codes said in French; of communes, only what every document may
show. A table longer than a sheet goes on in further ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import pyarrow as pa

from tasks.consultation import Consultation
from tasks.report.model import Commune
from tasks.report.titles import TABLES, VALUES, title
from tasks.report.typography import count, date_fr, french
from tasks.report.workbook import MOST_LINES, NO, YES, Cell, Field, Figures, Sheet, Workbook
from warehouse.contracts import (
    CAMPAIGNS,
    CONTRIBUTIONS_BY_COMMUNE,
    MADE_TABLES,
    MART_TABLES,
    OPEN_COMMUNES,
    QUALITY_BY_CLASS,
    Column,
    Table,
)

LEGEND: Final = "Légende"

_TABLES: Final = {table.qualified: table for table in (*MART_TABLES, *MADE_TABLES, CAMPAIGNS)}
_LABELLED: Final = ("marts.propositions", "marts.constats")
_LABEL: Final = _TABLES["marts.propositions"].column("label")
_LABEL_OF: Final = {
    "group_id": _LABEL,
    "opposed_group_id": replace(
        _LABEL, name="opposed_label", description="Libellé court de l'autre groupe"
    ),
}
_WIDTHS: Final = {
    "commune_name": 34,
    "exemplar": 90,
    "label": 44,
    "opposed_label": 44,
    "quality_by_class.label": 22,
    "quote": 80,
    "quote_statement_id": 24,
    "rank": 7,
    "position": 7,
    "reason_label": 44,
    "statement_id": 24,
    "theme_label": 44,
}
_WIDTHS_OF_TYPES: Final = {pa.date32(): 13, pa.bool_(): 10, pa.string(): 22, pa.int64(): 15}
_OTHER_WIDTH: Final = 18


@dataclass(frozen=True)
class _Shown:
    """A column of a sheet: its declaration, its field, and the cell of a row."""

    column: Column
    field: Field
    cell: Callable[[Mapping[str, Any]], Cell]


@dataclass(frozen=True)
class _Tab:
    """A table as its sheets: what a row is, what each column shows, the rows."""

    name: str
    grain: str
    shown: tuple[_Shown, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def sheets(self) -> Iterator[Sheet]:
        """Yield as many sheets as the rows fill, one when there are none."""
        held = MOST_LINES - 1
        for number, start in enumerate(range(0, max(1, len(self.rows)), held), start=1):
            name = self.name if number == 1 else f"{self.name} ({number})"
            rows = self.rows[start : start + held]
            yield Sheet(name, tuple(s.field for s in self.shown), rows, frozen=self._frozen())

    def _frozen(self) -> int:
        """Count the columns to keep in view: up to the label of the row, else the first."""
        names = [shown.column.name for shown in self.shown]
        return names.index("label") + 1 if "label" in names else 1


def tableaux(
    tables: Mapping[str, pa.Table], consultation: Consultation, communes: Sequence[Commune]
) -> Workbook:
    """Return the workbook; `communes` are those that may be shown."""
    tabs = [
        _communes(communes, consultation)
        if name == CONTRIBUTIONS_BY_COMMUNE.qualified
        else _tab(_TABLES[name], tables, consultation)
        for name in TABLES
    ]
    sheets = (sheet for tab in tabs for sheet in tab.sheets())
    return Workbook(
        french(f"Tableaux de la synthèse : {consultation.title}"),
        (_legend(tables, consultation, tabs), *sheets),
        protected=False,
    )


def _tab(table: Table, tables: Mapping[str, pa.Table], consultation: Consultation) -> _Tab:
    shown = tuple(_columns(table, tables, consultation))
    rows = tables[table.qualified].to_pylist()
    return _Tab(
        TABLES[table.qualified],
        table.grain,
        shown,
        tuple(tuple(column.cell(row) for column in shown) for row in rows),
    )


def _columns(
    table: Table, tables: Mapping[str, pa.Table], consultation: Consultation
) -> Iterator[_Shown]:
    """Yield the columns of a table; beside a group that has only its id, its label."""
    for column in table.columns:
        names = _names(table, column, consultation)
        yield _Shown(column, _field(table, column), _reader(column.name, names))
        if column.name in _LABEL_OF and "label" not in table.schema.names:
            label = _LABEL_OF[column.name]
            yield _Shown(label, _field(table, label), _reader(column.name, _group_labels(tables)))


def _names(table: Table, column: Column, consultation: Consultation) -> Mapping[str, str]:
    """Return what the codes of a column are called; none when it holds no code."""
    if column.name == "theme" or (table, column.name) == (QUALITY_BY_CLASS, "label"):
        return consultation.short_labels()
    return VALUES.get(column.name, {})


def _reader(name: str, names: Mapping[str, str]) -> Callable[[Mapping[str, Any]], Cell]:
    def cell(row: Mapping[str, Any]) -> Cell:
        match row[name]:
            case bool() as value:
                return YES if value else NO
            case datetime() as value:
                return value.replace(tzinfo=None)  # a spreadsheet knows no time zone
            case str() as value:
                return names.get(value, value)
            case int() | float() | date() | None as value:
                return value
            case value:
                raise TypeError(f"{name}: no cell holds a {type(value).__name__}")

    return cell


def _group_labels(tables: Mapping[str, pa.Table]) -> dict[str, str]:
    return {
        row["group_id"]: row["label"]
        for name in _LABELLED
        for row in tables[name].select(["group_id", "label"]).to_pylist()
    }


def _field(table: Table, column: Column) -> Field:
    width = _WIDTHS.get(f"{table.name}.{column.name}") or _WIDTHS.get(column.name)
    return Field(
        title(table, column),
        width or _WIDTHS_OF_TYPES.get(column.type, _OTHER_WIDTH),
        figures=_figures(column),
    )


def _figures(column: Column) -> Figures | None:
    if column.name.endswith("_count"):
        return "count"
    if column.name.endswith("_share"):
        return "share"
    return "measure" if column.type == pa.float64() else None


def _communes(communes: Sequence[Commune], consultation: Consultation) -> _Tab:
    """Return the communes that may be shown, and one row for all others: none is named.

    A commune that is named beside a hidden count is one that somebody wrote from.
    """
    table = OPEN_COMMUNES
    columns = (
        _Shown(column, _field(table, column), _reader(column.name, {})) for column in table.columns
    )
    k = count(consultation.open_data.k, "contributeur")
    hidden = french(f"non montré ({k} ou moins)")
    return _Tab(
        TABLES[CONTRIBUTIONS_BY_COMMUNE.qualified],
        table.grain,
        tuple(columns),
        (
            *((c.code, c.name, c.contributor_count, c.until) for c in communes),
            (None, "toutes les autres communes", hidden, None),
        ),
    )


def _legend(
    tables: Mapping[str, pa.Table], consultation: Consultation, tabs: Sequence[_Tab]
) -> Sheet:
    """Say what is published, what each sheet holds, what each column means."""
    (publication,) = tables["meta.publication"].to_pylist()
    published = {
        "Consultation": consultation.title,
        "Organisateur": consultation.organiser,
        "Dernier jour compté": date_fr(publication["as_of_date"]),
        "État": _state(publication),
        "Version": publication["publication_version"],
    }
    rows: list[tuple[Cell, ...]] = [
        ("Ce classeur", name, None, value) for name, value in published.items()
    ]
    for tab in tabs:
        rows.append((tab.name, None, None, french(f"{tab.grain[0].upper()}{tab.grain[1:]}.")))
        rows.extend(
            (tab.name, shown.field.title, shown.column.name, french(shown.column.description))
            for shown in tab.shown
        )
    fields = (
        Field("Feuille", 28),
        Field("Colonne", 40),
        Field("Nom dans csv, parquet et la base", 32),
        Field("Sens", 90),
    )
    return Sheet(LEGEND, fields, tuple(rows), frozen=1)


def _state(publication: Mapping[str, Any]) -> str:
    state = str(publication["state"])
    by = publication["validated_by"]
    return f"{state}, par {by}" if by and state == "validée" else state
