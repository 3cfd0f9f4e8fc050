"""How long the analyse stage takes: a consultation, then a day of new letters on top.

    python benchmarks/analysis.py TEXTS.parquet [--contributions 20000] [--days 12] [--workers 2]

Each contribution is made of the next two texts of the file that no other has, so that no text is
met twice: nothing is answered from a cache of texts (that of stems and of words is the program's
own). Prints the statements, the seconds, and the peak memory of all processes together.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from end_to_end import family_kib

from tasks.analyse import Means, analyse
from tasks.consultation import parse_consultation
from tasks.language.words import tokens
from tasks.workers import Workers
from warehouse.contracts import LAKE_CONTRIBUTIONS
from warehouse.lake import Lake

EXAMPLE = Path(__file__).parents[1] / "examples" / "allier-2020"
FIRST = date(2020, 1, 8)
NEW = 200
LENGTHS = range(60, 1500)


def main() -> None:
    """Measure the analysis of a whole consultation, then that of one more day."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("texts", type=Path)
    parser.add_argument("--contributions", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=12)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    texts = letters(asked.texts, asked.contributions + NEW)
    days = [FIRST + timedelta(days=n) for n in range(asked.days + 1)]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="assises-") as folder:
        lake = Lake(Path(folder))
        share = -(-asked.contributions // asked.days)
        for n, day in enumerate(days[:-1]):
            write(
                lake, day, n * share, texts[n * share : min((n + 1) * share, asked.contributions)]
            )
        write(lake, days[-1], asked.contributions, texts[asked.contributions :])
        measure("consultation", lake, days[:-1], asked.workers)
        measure(f"{NEW} new on top", lake, days, asked.workers)


def letters(path: Path, count: int) -> list[str]:
    """Return texts of two answers each, every answer once."""
    answers: dict[str, str] = {}
    for text in pq.read_table(path, columns=["text"])["text"].to_pylist():
        if len(text) in LENGTHS:
            answers.setdefault(" ".join(tokens(text)), text)
    said = list(answers.values())
    return [f"{said[2 * n]}\n\n{said[2 * n + 1]}" for n in range(count)]


def write(lake: Lake, day: date, first: int, texts: Sequence[str]) -> None:
    """Store a day's contributions, each of an author of its own."""
    count = len(texts)
    numbers = [f"{n:016x}" for n in range(first, first + count)]
    columns = {
        "contribution_id": [f"c-{n}" for n in numbers],
        "submission_id": [f"s-{n}" for n in numbers],
        "contributor_id": [f"a-{n}" for n in numbers],
        "contributor_type": ["inconnu"] * count,
        "received_at": [datetime(day.year, day.month, day.day, 12, tzinfo=UTC)] * count,
        "received_date": [day] * count,
        "text": list(texts),
        "word_count": [len(text.split()) for text in texts],
        "language": ["fr"] * count,
        "commune_code": [None] * count,
        "from_attachment": [False] * count,
    }
    schema = LAKE_CONTRIBUTIONS.schema
    table = pa.table([columns[name] for name in schema.names], schema=schema)
    lake.write("contributions", day, table, f"{first}-{count}")


def measure(name: str, lake: Lake, days: Sequence[date], workers: int) -> None:
    """Analyse the days that are not yet, and print what it took."""
    asked = parse_consultation((EXAMPLE / "consultation.toml").read_text(encoding="utf-8"))
    learnt = (EXAMPLE / "learnt.csv").read_text(encoding="utf-8")
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.2):
            peak = max(peak, family_kib(os.getpid()))

    threading.Thread(target=watch, daemon=True).start()
    start = time.monotonic()
    with Workers(workers) as pool:
        count = analyse.fn(lake, days, asked, Means(learnt), pool, "benchmark", lambda _: None)
    seconds = time.monotonic() - start
    done.set()
    print(f"{name:16} {count:7} statements {seconds:7.1f} s {peak / 1024:7.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
