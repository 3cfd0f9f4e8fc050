"""Load: from the lake's partitions to the working database, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tasks.stage import stage
from warehouse.contracts import LAKE_TABLES
from warehouse.database import Database
from warehouse.lake import Lake
from warehouse.vault import UNDATED


@stage
def load(database: Database, lake: Lake, days: Sequence[date | None]) -> int:
    """Make the database hold exactly the partitions of these days; return how many were changed."""
    with database.transaction():
        database.create_lake()
        loaded = database.loaded()
        wanted = {
            (table.name, UNDATED if day is None else day.isoformat()): (table, day, fingerprint)
            for table in LAKE_TABLES
            for day in days
            if (fingerprint := lake.fingerprint(table.name, day)) is not None
        }
        by_name = {table.name: table for table in LAKE_TABLES}
        current = {
            part for part, (_, _, fingerprint) in wanted.items() if loaded.get(part) == fingerprint
        }
        for name, part in sorted(loaded.keys() - current):
            database.unload(by_name[name], part)
        for name, part in sorted(wanted.keys() - current):
            table, day, fingerprint = wanted[name, part]
            database.load(table, part, lake.read(name, [day], table.schema), fingerprint)
    return len(wanted.keys() - current)
