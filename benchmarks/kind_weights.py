"""Learn which words tell a constat from a proposition: the table that the program ships.

    python benchmarks/kind_weights.py LABELS.csv --write tasks/language/kind_weights.csv
    python benchmarks/kind_weights.py LABELS.csv --score GOLD.csv

With `--score`, the table is learnt twice, each time without the statements of one half of GOLD.csv
(by hash of their unit_id, or with the same words), which are then told by it: no statement is told
by what was learnt from it.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

from halves import HALVES, half_of

from tasks.language import kinds
from tasks.language.evaluation import score
from tasks.language.words import tokens
from tasks.training import train_kinds

Row = dict[str, str]


def main() -> None:
    """Write the table, or score what it would tell."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--score", type=Path, metavar="GOLD.csv")
    arguments = parser.parse_args()
    labels = _read(arguments.labels)
    if arguments.write:
        table = train_kinds([r["text"] for r in labels], [r["kind"] for r in labels]).write()
        arguments.write.write_text(table, encoding="utf-8")
    if arguments.score:
        gold = _read(arguments.score)
        told = _told(labels, gold)
        found = score([r["kind"] for r in gold], told).facts()
        print(json.dumps(found, indent=1))


def _told(labels: list[Row], gold: list[Row]) -> list[str]:
    answers: dict[int, str] = {}
    for half in HALVES:
        asked = [n for n, row in enumerate(gold) if half_of(row["unit_id"]) == half]
        hidden = {_words(gold[n]) for n in asked}
        known = [row for row in labels if _words(row) not in hidden]
        model = train_kinds([r["text"] for r in known], [r["kind"] for r in known])
        kinds.kind_model = lambda model=model: model  # type: ignore[assignment, misc]
        found = kinds.classify_kinds([gold[n]["text"] for n in asked])
        answers |= dict(zip(asked, (label.kind for label in found), strict=True))
    return [answers[n] for n in range(len(gold))]


def _words(row: Row) -> tuple[str, ...]:
    return tuple(tokens(row["text"]))


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["kind"]]


if __name__ == "__main__":
    main()
