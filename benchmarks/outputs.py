"""What in a made mailbox names somebody, sought in every file that a run made of its letters.

    python make_mailbox.py --out BOX --n 2000 --pii 0.5
    assises run --source maildir:BOX/Maildir --home HOME --as-of 2020-01-19
    python benchmarks/outputs.py BOX HOME

Looks at what is published, exported and kept in the lake, decoded as those who open it would: rows
of Parquet and DuckDB, pages, tables. The vault holds the letters and is left out.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from tests.faults.markers import contents

PLACES = ("published/.versions", "open-data", "lake")


def labelled(box: Path) -> dict[tuple[str, str], set[str]]:
    """Return the values of each type and owner in the letters that count."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in (box / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        letter = json.loads(line)
        for found in letter["pii"] if letter["status"] == "accepted" else ():
            values[found["type"], found["whose"]].add(found["value"])
    return values


def left_in(values: set[str], made: list[bytes]) -> set[str]:
    """Return the values that can still be read."""
    longest_first = sorted(values, key=lambda value: (-len(value), value))
    sought = re.compile(b"|".join(re.escape(value.encode()) for value in longest_first))
    return {hit.group().decode() for content in made for hit in sought.finditer(content)}


def main(box: Path, home: Path) -> None:
    """Print, for each type and owner, how many values there are and how many can be read."""
    files = [path for place in PLACES for path in (home / place).rglob("*") if path.is_file()]
    made = [content for path in files for content in contents(path)]
    print(f"{len(files)} files, {sum(map(len, made)) / 1e6:.0f} MB")
    for (kind, whose), values in sorted(labelled(box).items()):
        print(f"{kind:8} {whose:9} {len(values):5} values, {len(left_in(values, made))} left")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
