"""A million contributions in a lake, taken to the analysts' tables: each step in its own process.

`python -m tests.faults.million make|tabulate|open HOME`; the last two say what memory they held.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from flows.run import prepare_run
from tasks.aggregate import aggregate
from tasks.load import load
from tests.program import EXAMPLE, peak_megabytes
from warehouse.contracts import (
    COPIES,
    LAKE_CONTRIBUTIONS,
    LAKE_STATEMENTS,
    LAKE_TABLES,
    MEMBERSHIPS,
    VERDICTS,
    Table,
)
from warehouse.database import Database
from warehouse.home import Home

DAYS = [date(2020, 1, 8) + timedelta(n) for n in range(10)]
EACH = 100_000
GROUPS = 2_000
TEXT = "La gare de Varennes est sombre le soir et il faudrait davantage de patrouilles, n° {}."


def make(home: Home, themes: list[str]) -> None:
    for rank, day in enumerate(DAYS):
        numbers = range(rank * EACH, (rank + 1) * EACH)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        shared = {
            "submission_id": [f"s-{n:016x}" for n in numbers],
            "contribution_id": [f"c-{n:016x}" for n in numbers],
            "statement_id": [f"c-{n:016x}-001" for n in numbers],
            "contributor_id": [f"p-{n:016x}" for n in numbers],
            "message_sha256": [f"{n:064x}" for n in numbers],
            "cluster_id": [f"k-{n:016x}" for n in numbers],
            "founder_id": [f"c-{n:016x}" for n in numbers],
            "group_id": [f"g-{n % GROUPS:016x}" for n in numbers],
            "text": [TEXT.format(n) for n in numbers],
            "theme": [themes[n % len(themes)] for n in numbers],
            "kind": [("constat", "proposition")[n % 2] for n in numbers],
        }
        alike = {
            "received_at": noon,
            "received_date": day,
            "status": "accepted",
            "sources": ["boite"],
            "channel": "mail",
            "sender_disposable": False,
            "size_bytes": 900,
            "contributor_type": "particulier",
            "language": "fr",
            "word_count": 15,
            "from_attachment": False,
            "position": 1,
            "char_start": 0,
            "char_end": 60,
            "theme_score": 1.0,
            "kind_score": 1.0,
            "why": "un mot",
            "label": "Gare sombre le soir",
            "copy_score": 1.0,
            "copied_positions": [],
            "founder_positions": [],
            "copy_why": "seul de son texte",
            "group_score": 1.0,
            "group_why": "mêmes mots",
        }
        for table in (VERDICTS, LAKE_CONTRIBUTIONS, LAKE_STATEMENTS, MEMBERSHIPS, COPIES):
            home.lake.write(table.name, day, rows(table, shared, alike), f"{table.name} {day}")
        for table in LAKE_TABLES:
            if home.lake.fingerprint(table.name, day) is None:
                home.lake.write(table.name, day, table.schema.empty_table(), "none")


def rows(table: Table, shared: dict[str, list[str]], alike: dict[str, object]) -> pa.Table:
    columns = [
        pa.array(shared[field.name], field.type)
        if field.name in shared
        else pa.array([alike.get(field.name)] * EACH, field.type)
        for field in table.schema
    ]
    return pa.table(columns, schema=table.schema)


def main() -> None:
    step, home = sys.argv[1], Home(Path(sys.argv[2]))
    run = prepare_run(EXAMPLE / "consultation.toml", home.root, str(DAYS[-1]))
    if step == "make":
        make(home, list(run.consultation.theme_labels()))
        return
    with Database.open(home.database, home.temporary) as database:
        if step == "tabulate":
            load.fn(database, home.lake, DAYS)
            facts = run.facts(())
            aggregate.fn(database, run.consultation, facts, EACH * len(DAYS), run.reviews)
            print(peak_megabytes(), flush=True)  # noqa: T201 - told to the test
            os.kill(os.getpid(), signal.SIGKILL)  # its log is left to the next
        count = database.query("select count(*) as n from lake.contributions")
        print(peak_megabytes(), count["n"][0].as_py())  # noqa: T201


if __name__ == "__main__":
    main()
