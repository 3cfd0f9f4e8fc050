"""How well and how fast letters are cut into statements.

    python benchmarks/statements.py                          # the marked letters of the tests
    python benchmarks/statements.py ../shared/data/texts/security_2019_dev.csv

Without a file, F1 of the ends of statements (first and last character) and of whole statements
against each set of marked letters; with one, statements a second of its column `text`.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))  # the letters are read as the tests read them

from tasks.language.statements import split_statements
from tests.letters import FOLDER, read_letters


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("texts", type=Path, nargs="?", help="a CSV file with a column `text`")
    parser.add_argument("--show", action="store_true", help="print the letters cut otherwise")
    arguments = parser.parse_args()
    if arguments.texts:
        _time(arguments.texts)
        return
    for path in sorted(FOLDER.glob("*.txt")):
        _score(path, show=arguments.show)


def _score(path: Path, *, show: bool) -> None:
    marked, found = set[tuple[str, int, int]](), set[tuple[str, int, int]]()
    letters = read_letters(path)
    whole = 0
    for letter in letters:
        told = [(s.start, s.end) for s in split_statements(letter.text)]
        whole += told == letter.spans
        marked |= {(letter.name, a, b) for a, b in letter.spans}
        found |= {(letter.name, a, b) for a, b in told}
        if show and told != letter.spans:
            print(f"== {letter.name}")
            for sign, (a, b) in _difference(letter.spans, told):
                print(f"   {sign} {letter.text[a:b]!r}")
    print(
        f"{path.stem}: {len(letters)} letters, {len(marked)} statements; F1 of ends"
        f" {_f1(_ends(marked), _ends(found)):.3f}, of statements {_f1(marked, found):.3f};"
        f" {whole} letters without a difference"
    )


def _difference(
    marked: list[tuple[int, int]], told: list[tuple[int, int]]
) -> list[tuple[str, tuple[int, int]]]:
    missed = [("-", span) for span in marked if span not in told]
    return sorted(missed + [("+", s) for s in told if s not in marked], key=lambda d: d[1])


def _ends(spans: Iterable[tuple[str, int, int]]) -> set[tuple[str, str, int]]:
    return {end for name, a, b in spans for end in ((name, "from", a), (name, "to", b))}


def _f1(marked: set[Any], found: set[Any]) -> float:
    return 2 * len(marked & found) / (len(marked) + len(found))


def _time(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        texts = [row["text"] for row in csv.DictReader(lines)]
    begun = time.process_time()
    count = sum(len(split_statements(text)) for text in texts)
    spent = time.process_time() - begun
    print(f"{len(texts)} texts, {count} statements, {count / spent:.0f} statements/s")


if __name__ == "__main__":
    main()
