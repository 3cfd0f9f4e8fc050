"""The lake: what was made of each day, pseudonymised, one Parquet file a table and day.

A partition carries the fingerprint of all it was made from. A step asks whether the partition it
would write is current, and does nothing when it is: running again is free, mail found late makes
its day and the folds after it again, a changed configuration makes everything again. What is made
row by row also carries the fingerprint of its means, all but the rows themselves: where these are
the same, the rows that are there are kept, and late mail is all that is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

import warehouse
from warehouse.files import (
    REBUILD,
    read_note,
    read_parquet,
    remove_folder,
    sha256_of,
    sha256_of_file,
    write_parquet,
)
from warehouse.vault import UNDATED

Places = npt.NDArray[np.int64]
FINGERPRINT, MEANS = "fingerprint", "made_by"


class Lake:
    """The partitions of one consultation under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, table: str, day: date | None) -> Path:
        """Return the place of a partition."""
        name = UNDATED if day is None else day.isoformat()
        return self.root / table / f"received_date={name}" / "part.parquet"

    def days(self, table: str) -> list[date | None]:
        """Return the days of which the lake has a partition, in order, those without one first."""
        names = sorted(p.name for p in (self.root / table).glob("received_date=*"))
        found = [name.partition("=")[2] for name in names]
        return [None for name in found if name == UNDATED] + [
            date.fromisoformat(name) for name in found if name != UNDATED
        ]

    def fingerprint(self, table: str, day: date | None) -> str | None:
        """Return what a partition was made from; null when there is none."""
        return read_note(self.path(table, day), FINGERPRINT)

    def made_by(self, table: str, day: date | None) -> str | None:
        """Return by which means the rows of a partition were made; null when there is none."""
        return read_note(self.path(table, day), MEANS)

    def write(
        self,
        table: str,
        day: date | None,
        rows: pa.Table,
        fingerprint: str,
        made_by: str | None = None,
    ) -> None:
        """Write a partition, whole or not at all; by means of its own unless `made_by` tells."""
        notes = {FINGERPRINT: fingerprint, MEANS: made_by or fingerprint}
        write_parquet(self.path(table, day), rows, notes)

    def forget_from(self, first: date | None) -> None:
        """Remove every partition of a day and of the days after it; null: of all days."""
        for table in self.root.glob("*"):
            for day in self.days(table.name):
                if first is None or (day is not None and day >= first):
                    remove_folder(self.path(table.name, day).parent)

    def read(
        self,
        table: str,
        days: Iterable[date | None],
        schema: pa.Schema,
        columns: list[str] | None = None,
    ) -> pa.Table:
        """Return the rows of some days, in the order given; days without a partition have none."""
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns])
        parts = (self._read(table, day, schema) for day in days)
        return pa.concat_tables([schema.empty_table(), *parts])

    def take(
        self, table: str, days: Iterable[date | None], schema: pa.Schema, rows: Places
    ) -> pa.Table:
        """Return some rows of some days, by their places among all of these, in the order asked.

        Days are read one by one: what is not asked for is never held together.
        """
        order = np.argsort(rows)
        parts, first = [schema.empty_table()], 0
        for day in days:
            part = self._read(table, day, schema)
            after = first + part.num_rows
            start, end = np.searchsorted(rows, (first, after), sorter=order)
            parts.append(part.take(rows[order[start:end]] - first))
            first = after
        return pa.concat_tables(parts).take(np.argsort(order))

    def _read(self, table: str, day: date | None, schema: pa.Schema) -> pa.Table:
        try:
            return read_parquet(self.path(table, day), REBUILD, schema=schema)
        except FileNotFoundError:
            return schema.empty_table()


def places(keys: pa.ChunkedArray, order: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return where the rows with these keys are, in the order given, without those not in it.

    Rows of one key stay in their order.
    """
    ranks = pc.index_in(keys, order.combine_chunks())
    return pc.sort_indices(ranks)[: len(ranks) - ranks.null_count]


@cache
def code_fingerprint() -> str:
    """Return the SHA-256 of the program's own files: what another program made is made again."""
    root = Path(warehouse.__file__).parent.parent
    files = sorted(
        path
        for package in ("flows", "tasks", "expectations", "warehouse")
        for path in (root / package).rglob("*")
        if path.suffix in {".py", ".sql", ".csv", ".gz", ".npz"}
    )
    return sha256_of(part for f in files for part in (str(f.relative_to(root)), sha256_of_file(f)))
