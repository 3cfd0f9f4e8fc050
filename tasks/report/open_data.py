"""The files of an open-data export: tables as CSV, what describes them to machines and to people.

A Frictionless Data Package (version 1), with the Table Schema of each resource made from its
contract. What may be in the tables was decided before.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined

from tasks.consultation import Consultation
from tasks.report.csv_table import csv_bytes
from tasks.report.typography import date_fr
from warehouse.contracts import OPEN_DATA_TABLES, Column, Table

LICENCES: Final = {
    "etalab-2.0": (
        "Licence Ouverte 2.0",
        "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
    ),
    "ODbL-1.0": (
        "Open Data Commons Open Database License 1.0",
        "https://opendatacommons.org/licenses/odbl/1-0/",
    ),
}
_TYPES: Final = {pa.string(): "string", pa.int64(): "integer", pa.date32(): "date"}


def open_data_files(
    tables: Mapping[str, pa.Table], consultation: Consultation, as_of: date
) -> dict[str, bytes]:
    """Return the files of an export by name, from the tables of open data by qualified name."""
    files = {_path(t): csv_bytes(tables[t.qualified]) for t in OPEN_DATA_TABLES}
    package = json.dumps(data_package(consultation, as_of), ensure_ascii=False, indent=1) + "\n"
    readme = read_me(consultation, as_of)
    return files | {"datapackage.json": package.encode(), "LISEZMOI.md": readme.encode()}


def data_package(consultation: Consultation, as_of: date) -> dict[str, Any]:
    """Describe the export as a Data Package."""
    title, path = LICENCES[consultation.open_data.licence]
    return {
        "profile": "tabular-data-package",
        "name": consultation.slug,
        "title": f"{consultation.title} : participation en chiffres",
        "description": (
            "Contributeurs par thème, par commune et par groupe de constats ou de propositions, "
            f"jusqu'au {as_of:%d/%m/%Y}. Les petits nombres sont masqués : voir LISEZMOI.md."
        ),
        "version": as_of.isoformat(),
        "licenses": [{"name": consultation.open_data.licence, "title": title, "path": path}],
        "sources": [{"title": f"Contributions reçues par mail : {consultation.organiser}"}],
        "resources": [_resource(table) for table in OPEN_DATA_TABLES],
    }


def _resource(table: Table) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": _path(table),
        "description": f"{table.grain[0].upper()}{table.grain[1:]}.",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "primaryKey": list(table.key),
            "missingValues": [""],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {
        "required": not column.nullable,
        "enum": list(column.values) if column.values else None,
        "minimum": None if column.minimum is None else int(column.minimum),
        "pattern": column.pattern,
    }
    return {
        "name": column.name,
        "type": _TYPES[column.type],
        "description": column.description,
        "constraints": {name: value for name, value in constraints.items() if value is not None},
    }


def _path(table: Table) -> str:
    return f"{table.name}.csv"


def read_me(consultation: Consultation, as_of: date) -> str:
    """Say in French what the export holds, what it hides, and how to read it."""
    return (
        _environment()
        .get_template("LISEZMOI.md.jinja")
        .render(
            consultation=consultation,
            as_of=as_of,
            licence=LICENCES[consultation.open_data.licence],
            files=[(_path(table), table.grain) for table in OPEN_DATA_TABLES],
        )
    )


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tasks.report", "templates"),
        autoescape=False,  # noqa: S701 - Markdown, of our words and the organiser's
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["date_fr"] = date_fr
    return environment
