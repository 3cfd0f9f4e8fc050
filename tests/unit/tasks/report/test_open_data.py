"""The package as the specifications ask: Data Package 1, Table Schema 1."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from tasks.consultation import Consultation, OpenData
from tasks.report.open_data import open_data_files
from warehouse.contracts import OPEN_DATA_TABLES

DAY = date(2020, 1, 19)
GROUP = "g-0123456789abcdef"
ROWS: dict[str, list[dict[str, Any]]] = {
    "participation": [{"counted_until": DAY, "contributor_count": 208}],
    "themes": [
        {
            "theme": "service",
            "theme_label": "Service, « rendu »",
            "contributor_count": 140,
            "counted_until": DAY,
        },
        {
            "theme": "hors_theme",
            "theme_label": "Hors des thèmes annoncés",
            "contributor_count": None,
            "counted_until": None,
        },
    ],
    "groups": [
        {
            "group_id": GROUP,
            "theme": "service",
            "kind": "constat",
            "contributor_count": 12,
            "counted_until": DAY,
            "label": "=1+1",
        }
    ],
}


@pytest.fixture
def files(consultation: Consultation) -> dict[str, bytes]:
    return written(consultation)


def written(consultation: Consultation) -> dict[str, bytes]:
    tables = {
        table.qualified: pa.Table.from_pylist(ROWS.get(table.name, []), schema=table.schema)
        for table in OPEN_DATA_TABLES
    }
    return open_data_files(tables, consultation, DAY)


@pytest.fixture
def package(files: dict[str, bytes]) -> dict[str, Any]:
    return dict(json.loads(files["datapackage.json"]))


def test_the_package_says_what_data_package_asks(package: dict[str, Any]) -> None:
    assert re.fullmatch(r"[-a-z0-9._/]+", package["name"])
    assert package["profile"] == "tabular-data-package"
    assert package["licenses"][0]["name"] == "etalab-2.0"
    assert package["licenses"][0]["path"].startswith("https://")
    assert all(source["title"] for source in package["sources"])
    names = [resource["name"] for resource in package["resources"]]
    assert names == [table.name for table in OPEN_DATA_TABLES]


def test_every_file_is_described_and_every_description_has_its_file(
    files: dict[str, bytes], package: dict[str, Any]
) -> None:
    described = {resource["path"] for resource in package["resources"]}
    assert described | {"datapackage.json", "LISEZMOI.md"} == set(files)
    assert all(path in files["LISEZMOI.md"].decode() for path in described)


CASTS: dict[str, Callable[[str], object]] = {
    "string": str,
    "integer": int,
    "date": date.fromisoformat,
}


def test_every_cell_is_what_its_table_schema_says(
    files: dict[str, bytes], package: dict[str, Any]
) -> None:
    for resource in package["resources"]:
        fields, missing = resource["schema"]["fields"], resource["schema"]["missingValues"]
        header, *rows = csv.reader(io.StringIO(files[resource["path"]].decode()))
        assert header == [field["name"] for field in fields]
        assert set(resource["schema"]["primaryKey"]) <= set(header)
        assert len(rows) == len(ROWS.get(resource["name"], []))
        for row in rows:
            for field, cell in zip(fields, row, strict=True):
                constraints = field["constraints"]
                assert field["description"]
                if cell in missing:
                    assert not constraints["required"]
                    continue
                CASTS[field["type"]](cell)
                assert cell in constraints.get("enum", [cell])
                assert re.fullmatch(constraints.get("pattern", ".*"), cell)


def test_a_hidden_count_is_an_empty_cell(files: dict[str, bytes]) -> None:
    assert '"hors_theme","Hors des thèmes annoncés",,\n' in files["themes.csv"].decode()


def test_a_label_is_no_formula(files: dict[str, bytes]) -> None:
    assert '"\'=1+1"' in files["groups.csv"].decode()


def test_the_threshold_and_the_licence_are_those_of_the_consultation(
    consultation: Consultation,
) -> None:
    files = written(replace(consultation, open_data=OpenData(k=25, licence="ODbL-1.0")))
    assert json.loads(files["datapackage.json"])["licenses"][0]["name"] == "ODbL-1.0"
    text = files["LISEZMOI.md"].decode()
    assert "plus de 25 contributeurs" in text
    assert "opendatacommons.org" in text


def test_the_same_tables_make_the_same_bytes(
    files: dict[str, bytes], consultation: Consultation
) -> None:
    assert written(consultation) == files
