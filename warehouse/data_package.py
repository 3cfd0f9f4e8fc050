"""Tables in files, described to machines: Frictionless Data Package and Table Schema, version 1.

What a package is about belongs to who publishes it; here what is in its files, from the contracts.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from warehouse.contracts import TIMESTAMP, Column, Table

PACKAGE: Final = "datapackage.json"
_TYPES: Final = {
    pa.string(): "string",
    pa.int64(): "integer",
    pa.float64(): "number",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    TIMESTAMP: "datetime",
    pa.list_(pa.string()): "array",
}
_CSV: Final = {
    "profile": "tabular-data-resource",
    "format": "csv",
    "mediatype": "text/csv",
    "encoding": "utf-8",
}
# A tabular resource is text by its specification; any resource may have a schema.
_PARQUET: Final = {
    "profile": "data-resource",
    "format": "parquet",
    "mediatype": "application/vnd.apache.parquet",
}


def csv_resource(table: Table, path: str) -> dict[str, Any]:
    """Describe a table's CSV file."""
    return _resource(table, path) | _CSV


def parquet_resource(table: Table, path: str) -> dict[str, Any]:
    """Describe a table's Parquet file."""
    return _resource(table, path) | _PARQUET


def package_bytes(package: Mapping[str, Any]) -> bytes:
    """Write a package as its file."""
    return json.dumps(package, ensure_ascii=False, indent=1).encode() + b"\n"


def publication_package(
    about: Mapping[str, Any],
    contracts: Iterable[Table],
    sums: Mapping[str, Mapping[str, object]],
) -> dict[str, Any]:
    """Describe the tables of a publication, in both formats, with the sums of their files."""
    return {
        "profile": "data-package",
        **about,
        "resources": [
            resource | {"bytes": file["size_bytes"], "hash": f"sha256:{file['sha256']}"}
            for table in contracts
            for resource in _both(table)
            if (file := sums.get(resource["path"])) is not None
        ],
    }


def with_files(package: Mapping[str, Any], paths: Collection[str]) -> dict[str, Any]:
    """Return a package without the resources whose file is not one of these."""
    kept = [resource for resource in package["resources"] if resource["path"] in paths]
    return {**package, "resources": kept}


def _both(table: Table) -> Iterator[dict[str, Any]]:
    yield csv_resource(table, f"csv/{table.name}.csv")
    yield parquet_resource(table, f"parquet/{table.qualified}.parquet")


def _resource(table: Table, path: str) -> dict[str, Any]:
    schema = {
        "fields": [_field(column) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }
    if any(table.column(name).nullable for name in table.key):
        del schema["primaryKey"]  # a key without a value is none, says the specification
    return {
        "name": path.rpartition("/")[2].rpartition(".")[0],
        "path": path,
        "description": f"{table.grain[0].upper()}{table.grain[1:]}.",
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {
        "required": not column.nullable,
        "enum": list(column.values) if column.values else None,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "pattern": column.pattern,
    }
    return {
        "name": column.name,
        "type": _TYPES[column.type],
        "description": column.description,
        "constraints": {name: value for name, value in constraints.items() if value is not None},
    }
