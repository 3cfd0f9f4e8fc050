"""Learn the vectors of words from which words are written together: the table the program ships.

    python benchmarks/word_vectors.py TEXTS.parquet TEXTS.csv --write word_vectors.npz

Each file has a column `text`. Words are taken by their stems, of at least 8 distinct texts, and
counted in windows of six; the counts become positive pointwise mutual information (a smoothed
one), and its singular vectors the vectors of words (Levy and Goldberg, "Improving distributional
similarity with lessons learned from word embeddings", 2015). With `--half`, only the texts whose
SHA-256 falls in one half are read, so that the other half can be scored.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy.sparse import coo_array, csr_array
from scipy.sparse.linalg import svds

from tasks.language.vectors import WordVectors
from tasks.language.words import said, stem

DIMENSIONS = 128
LEAST_TEXTS = 8
WINDOW = 6
NEAR = 2  # words as near as this count twice as much
SMOOTHING = 0.75
csv.field_size_limit(sys.maxsize)


def main() -> None:
    """Learn the table and write it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--write", type=Path, required=True)
    arguments = parser.parse_args()
    texts = dict.fromkeys(text for path in arguments.texts for text in _read(path))
    kept = [t for t in texts if arguments.half in (None, _half(t))]
    table = learn(kept)
    arguments.write.write_bytes(table.write())
    print(f"{len(kept)} texts, {len(table.words)} words, {arguments.write.stat().st_size} bytes")


def learn(texts: Sequence[str]) -> WordVectors:
    """Learn the vectors of the words of these texts."""
    read = [[w for w in said(t).words if len(w) > 1 and not w.isdigit()] for t in texts]
    forms = Counter(w for words in read for w in words)
    read = [[stem(w) for w in words] for words in read]
    text_counts = Counter(w for words in read for w in set(words))
    vocabulary = sorted(w for w, n in text_counts.items() if n >= LEAST_TEXTS)
    places = {w: i for i, w in enumerate(vocabulary)}
    commonest = {stem(form): form for form, _ in reversed(forms.most_common())}
    information = _information(
        _together([[places[w] for w in t if w in places] for t in read], len(places))
    )
    rows, strengths, _ = svds(information, k=DIMENSIONS, random_state=0)
    order = np.argsort(-strengths)
    vectors = rows[:, order] * np.sqrt(strengths[order])
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return WordVectors(
        {commonest[w]: place for w, place in places.items()},
        np.rint(127 * vectors / np.abs(vectors).max(axis=1, keepdims=True).clip(1e-9)).astype(
            np.int8
        ),
        np.array([text_counts[w] for w in vocabulary]),
        len(texts),
    )


def _together(texts: Sequence[Sequence[int]], count: int) -> csr_array:
    """How often two words stand within a window, each way."""
    gap = [-1] * WINDOW
    flat = np.array([place for text in texts for place in (*text, *gap)])
    total = csr_array((count, count))
    for distance in range(1, WINDOW + 1):
        left, right = flat[:-distance], flat[distance:]
        kept = (left >= 0) & (right >= 0)
        weights = np.full(int(kept.sum()), 1.0 if distance <= NEAR else 0.5)
        total = total + coo_array((weights, (left[kept], right[kept])), (count, count)).tocsr()
    return total + total.T


def _information(together: csr_array) -> csr_array:
    """Positive pointwise mutual information, context frequencies smoothed."""
    totals = np.asarray(together.sum(axis=1)).ravel()
    contexts = totals**SMOOTHING
    contexts /= contexts.sum()
    cells = together.tocoo()
    values = np.log(cells.data / totals[cells.row] / contexts[cells.col])
    kept = values > 0
    return csr_array((values[kept], (cells.row[kept], cells.col[kept])), shape=together.shape)


def _read(path: Path) -> Iterator[str]:
    if path.suffix == ".parquet":
        yield from pq.read_table(path, columns=["text"])["text"].to_pylist()
        return
    with path.open(encoding="utf-8", newline="") as lines:
        yield from (row["text"] for row in csv.DictReader(lines))


def _half(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % 2


if __name__ == "__main__":
    main()
