"""How well themes and kinds are told, against statements that readers labelled.

    python benchmarks/language_quality.py GOLD.csv examples/allier-2020/consultation.toml

GOLD.csv has the columns text, theme, kind (one label a statement). With `--half`, only the
statements whose unit_id falls in one half by hash are scored, so that the cues can be written from
the other half.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tasks.consultation import parse_consultation
from tasks.language.kinds import classify_kinds
from tasks.language.themes import ThemeModel


def main() -> None:
    """Print macro-F1 and F1 by class, of themes and of kinds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("consultation", type=Path)
    parser.add_argument("--half", choices=("written", "held"), help="score one half, by hash")
    arguments = parser.parse_args()
    rows = [row for path in arguments.gold for row in _read(path)]
    if arguments.half:
        rows = [row for row in rows if _half(row["unit_id"]) == arguments.half]
    texts = [row["text"] for row in rows]
    themes = _model(arguments.consultation).classify(texts, [None] * len(texts))
    kinds = classify_kinds(texts)
    _print("theme", [row["theme"] for row in rows], [label.theme for label in themes])
    _print("kind", [row["kind"] for row in rows], [label.kind for label in kinds])


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _half(unit_id: str) -> str:
    return ("written", "held")[hashlib.sha256(unit_id.encode()).digest()[0] % 2]


def _model(path: Path) -> ThemeModel:
    declared = parse_consultation(path.read_text(encoding="utf-8"))
    return ThemeModel.of(declared.themes, declared.hors_theme_counter_cues)


def _print(what: str, truth: Sequence[str], told: Sequence[str]) -> None:
    right = Counter(t for t, p in zip(truth, told, strict=True) if t == p)
    sizes, said = Counter(truth), Counter(told)
    scores = {c: 2 * right[c] / (sizes[c] + said[c]) for c in sorted(sizes)}
    print(f"{what}: macro-F1 {sum(scores.values()) / len(scores):.3f} of {len(truth)} statements")
    for name, score in scores.items():
        print(f"  {name:15} {score:.3f}  ({sizes[name]} statements)")


if __name__ == "__main__":
    main()
