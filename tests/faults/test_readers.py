"""Analysts who read while days are published: never an error, never two days in one."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.program import Ran
from warehouse.contracts import LEDGER_BY_DAY, PUBLISHED_TABLES
from warehouse.publication import LATEST, Shelf

READERS = 8
FIRST = date(2020, 1, 1)

# Reads the latest publication over and over, as an analyst's program does: the database by its
# link, and the files of the folder that the link leads to. Says which publications it saw.
READER = """
import json, sys
from pathlib import Path
import duckdb

latest, over = Path(sys.argv[1]), Path(sys.argv[2])
seen, mixed, reads = set(), [], 0
while True:
    is_last = over.exists()
    with duckdb.connect(latest / "assises.duckdb", read_only=True) as database:
        (day,) = database.execute("select as_of_date from meta.publication").fetchone()
        database.execute("from core.statements").fetchall()
        counted = "select received_date, received_count from marts.ledger_by_day"
        counted_day, number = database.execute(counted).fetchone()
    folder = latest.resolve()
    page = (folder / "synthese.html").read_text()
    manifest = json.loads((folder / "manifest.json").read_text())
    if day != counted_day or page != manifest["program_version"]:
        mixed.append([str(day), str(counted_day), page, manifest["program_version"]])
    seen.add(number)
    reads += 1
    if is_last:
        break
print(json.dumps({"seen": sorted(seen), "mixed": mixed, "reads": reads}))
"""


def published_on(day: date, number: int, tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Return the tables of a publication that says its day and its number in two places."""
    publication = tables["meta.publication"]
    place = publication.schema.get_field_index("as_of_date")
    row = dict.fromkeys(LEDGER_BY_DAY.schema.names, 0)
    row |= {"received_date": day, "received_count": number}
    return tables | {
        "meta.publication": publication.set_column(
            place, publication.schema.field(place), pa.array([day])
        ),
        "marts.ledger_by_day": pa.Table.from_pylist([row], schema=LEDGER_BY_DAY.schema),
    }


@pytest.mark.parametrize("publications", [10, pytest.param(50, marks=pytest.mark.deep)])
def test_w07_readers_meet_no_error_and_no_mixed_day(
    final: Ran, tmp_path: Path, publications: int
) -> None:
    given = {
        table.qualified: pq.read_table(
            final.latest / "parquet" / f"{table.qualified}.parquet", schema=table.schema
        )
        for table in PUBLISHED_TABLES
    }
    shelf, over = Shelf(tmp_path / "published"), tmp_path / "over"

    def publish(number: int) -> None:
        day = FIRST + timedelta(days=number // 2)  # each day once more, as a sign-off does
        facts = {"as_of_date": day, "is_final": False, "program_version": str(number)}
        page = {"synthese.html": str(number).encode()}
        shelf.publish(facts, page, published_on(day, number, given), PUBLISHED_TABLES)

    publish(1)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(shelf.root / LATEST), str(over)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(READERS)
    ]
    try:
        for number in range(2, publications + 2):
            publish(number)
        over.touch()
        said = [reader.communicate(timeout=120) for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
    assert [errors for _, errors in said if errors] == []
    found = [json.loads(out) for out, _ in said]
    assert [reader["mixed"] for reader in found] == [[]] * READERS
    assert all(reader["seen"][-1] == publications + 1 for reader in found)
    assert len({number for reader in found for number in reader["seen"]}) > publications / 2
