"""Make `tasks/privacy/words.csv.gz`: how often a word is a first name, a surname, a word, a place.

    python benchmarks/name_table.py [--data ../shared/data]

Sources, all under the Licence Ouverte 2.0: INSEE's first names and the surnames of SIRENE (counts
of people), the answers of the Grand Débat National (counts of a word in lower case: what is written
so is a word), INSEE's populations of communes. A level is the base-2 logarithm of a count.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tasks.privacy.lexicon import folded

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
TABLE = Path(__file__).resolve().parent.parent / "tasks" / "privacy" / "words.csv.gz"
_WORD = re.compile(r"[^\W\d_]{2,}")
_MIDDLE = re.compile(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Ý][a-zà-ÿ]+")
LEAST_NAMED, LEAST_WRITTEN, LEAST_INHABITANTS = 20, 3, 50
# A word that is ten times oftener capitalised in the middle of a sentence is a name typed in haste.
CAPITALISED = 10


def named(path: Path, column: str) -> Counter[str]:
    """Count the people who bear each word as a name, or in a compound one."""
    counts = Counter[str]()
    for row in _rows(path):
        for word in _WORD.findall(row[column]):
            counts[folded(word)] += int(row["count"])
    return counts


def written(texts: Iterable[str]) -> Counter[str]:
    """Count the words written in lower case that are words."""
    lower, capitalised = Counter[str](), Counter[str]()
    for text in texts:
        lower.update(folded(word) for word in _WORD.findall(text) if word.islower())
        capitalised.update(folded(word) for word in _MIDDLE.findall(text))
    return Counter({w: n for w, n in lower.items() if n * CAPITALISED >= capitalised[w]})


def inhabited(path: Path) -> Counter[str]:
    """Give the inhabitants of the communes whose name is one word."""
    counts = Counter[str]()
    for row in _rows(path):
        if _WORD.fullmatch(row["nom"]):
            counts[folded(row["nom"])] += int(row["population"] or 0)
    return counts


def _rows(path: Path) -> Iterable[dict[str, str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    yield from csv.DictReader(io.StringIO(text))


def main() -> None:
    """Write the table; the same data give the same bytes."""
    parser = argparse.ArgumentParser(description="Make the table of names and words.")
    parser.add_argument("--data", type=Path, default=SHARED)
    data = parser.parse_args().data
    answers = pq.read_table(data / "texts" / "grand_debat_2019_dev.parquet", columns=["text"])
    kinds = (
        (named(data / "names" / "prenoms.csv.gz", "prenom"), LEAST_NAMED),
        (named(data / "names" / "noms.csv.gz", "patronyme"), LEAST_NAMED),
        (written(answers["text"].to_pylist()), LEAST_WRITTEN),
        (inhabited(data / "geo" / "communes.csv"), LEAST_INHABITANTS),
    )
    kept = sorted({w for counts, least in kinds for w, n in counts.items() if n >= least})
    lines = io.StringIO()
    rows = csv.writer(lines, lineterminator="\n")
    rows.writerow(("word", "first_name", "surname", "word_level", "place"))
    for word in kept:
        levels = (
            counts[word].bit_length() if counts[word] >= least else 0 for counts, least in kinds
        )
        rows.writerow(chain([word], levels))
    TABLE.write_bytes(gzip.compress(lines.getvalue().encode(), mtime=0))
    print(f"{len(kept)} words, {TABLE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
