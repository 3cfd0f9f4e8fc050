"""Load: from the lake's partitions to the working database, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from tasks.stage import stage
from warehouse.contracts import LAKE_TABLES, Table
from warehouse.database import Database, Part
from warehouse.lake import Lake
from warehouse.vault import UNDATED


@stage
def load(database: Database, lake: Lake, days: Sequence[date | None]) -> int:
    """Make the database hold exactly the partitions of these days; return how many were changed."""
    with database.transaction():
        database.create_lake()
        loaded = database.loaded()
        changed, told = 0, set[str]()
        for table in LAKE_TABLES:
            wanted = _parts(lake, table, days)
            known = {part: held for (name, part), held in loaded.items() if name == table.name}
            current = {p.name for p in wanted if known.get(p.name) == p.fingerprint}
            gone = sorted(known.keys() - current)
            for part in gone:
                database.unload(table, part)
            new = [part for part in wanted if part.name not in current]
            if new:
                database.load(table, new)
            changed += len(new)
            told |= {*gone, *(part.name for part in new)}
        if told:
            database.tell(sorted(told))
    return changed


def _parts(lake: Lake, table: Table, days: Sequence[date | None]) -> list[Part]:
    """Return the partitions that there are of a table."""
    return [
        Part(
            UNDATED if day is None else day.isoformat(),
            fingerprint,
            partial(lake.read, table.name, [day], table.schema),
        )
        for day in days
        if (fingerprint := lake.fingerprint(table.name, day)) is not None
    ]
