"""Two halves of labelled statements: cues are written from one, the other is scored.

    python benchmarks/halves.py GOLD.csv... --into FOLDER

writes FOLDER/written.csv and FOLDER/held.csv, for `assises evaluate`. A unit_id falls in the same
half for ever, by hash, whatever the file it stands in.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

COLUMNS = ("unit_id", "text", "theme", "kind")
HALVES = ("written", "held")


def main() -> None:
    """Write both halves and say how many statements each has."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    arguments = parser.parse_args()
    rows = [row for path in arguments.gold for row in _read(path)]
    arguments.into.mkdir(parents=True, exist_ok=True)
    for half in HALVES:
        chosen = [row for row in rows if half_of(row["unit_id"]) == half]
        path = arguments.into / f"{half}.csv"
        _write(path, chosen)
        print(f"{path}: {len(chosen)} statements")


def half_of(unit_id: str) -> str:
    """Say in which half a unit falls."""
    return HALVES[hashlib.sha256(unit_id.encode()).digest()[0] % 2]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
