"""Labelled statements to learn from: those at hand, corrected, and more of the same texts.

    python benchmarks/more_labels.py SECURITY.csv SINGLE.csv [AGREED.csv] --write LABELS.csv

`more_labels.csv` holds no text: a row is the place of a statement in the public answers
(`source_id`, characters), or the `unit_id` of one of SINGLE.csv, read again. Its readers are
language models with the annotation guide: one for each of 1,680 statements, and a second, who did
not see the first label, for the 640 on which a model learnt from the others told something else.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

COLUMNS = ("unit_id", "text", "theme", "kind")
MORE = Path(__file__).with_name("more_labels.csv")

Row = dict[str, str]


def main() -> None:
    """Write all the labels as one table for `assises evaluate --train`."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("security", type=Path, help="answers, with the columns id and text")
    parser.add_argument("labelled", type=Path, nargs="+", help="labelled statements")
    parser.add_argument("--write", type=Path, required=True, metavar="LABELS.csv")
    arguments = parser.parse_args()
    rows = list(together(arguments.security, arguments.labelled))
    with arguments.write.open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, COLUMNS, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    print(f"{arguments.write}: {len(rows)} statements")


def together(security: Path, labelled: Sequence[Path]) -> Iterator[Row]:
    """Yield the labelled statements, read again where they were, then those of MORE."""
    more = {row["unit_id"]: row for row in _read(MORE)}
    for row in (row for path in labelled for row in _read(path)):
        again = more.get(row["unit_id"], row)
        yield row | {"theme": again["theme"], "kind": again["kind"]}
    texts = {row["id"]: row["text"] for row in _read(security)}
    for row in more.values():
        if row["source_id"] in texts:
            start, end = int(row["char_start"]), int(row["char_end"])
            yield row | {"text": texts[row["source_id"]][start:end]}


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


if __name__ == "__main__":
    main()
