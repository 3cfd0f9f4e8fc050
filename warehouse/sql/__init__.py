"""The SQL of the project: one relation a file, `<schema>/<relation>.sql`."""

from __future__ import annotations

from importlib.resources import files

DERIVED_SCHEMAS = ("work", "core", "marts")


def read_sql(name: str) -> str:
    """Return the text of `<name>.sql`, for example `marts/ledger_by_day`."""
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def relations() -> list[str]:
    """Return the qualified names of the relations that have a SQL file."""
    return sorted(
        f"{schema}.{file.name.removesuffix('.sql')}"
        for schema in DERIVED_SCHEMAS
        for file in files(__package__).joinpath(schema).iterdir()
        if file.name.endswith(".sql")
    )
