"""The files of an open-data export: tables as CSV, what describes them to machines and to people.

A Frictionless Data Package, its resources described from their contracts. What may be in the tables
was decided before.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined

from tasks.consultation import Consultation
from tasks.report.csv_table import csv_bytes
from tasks.report.typography import date_fr
from warehouse.contracts import OPEN_DATA_TABLES, Table
from warehouse.data_package import PACKAGE, csv_resource, package_bytes

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


def open_data_files(
    tables: Mapping[str, pa.Table], consultation: Consultation, as_of: date
) -> dict[str, bytes]:
    """Return the files of an export by name, from the tables of open data by qualified name."""
    files = {_path(t): csv_bytes(tables[t.qualified]) for t in OPEN_DATA_TABLES}
    package = package_bytes(data_package(consultation, as_of))
    return files | {PACKAGE: package, "LISEZMOI.md": read_me(consultation, as_of).encode()}


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
        "resources": [csv_resource(table, _path(table)) for table in OPEN_DATA_TABLES],
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
