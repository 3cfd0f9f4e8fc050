"""Measure the reading of a mailbox whose truth is known: own words, machines, speed.

    python benchmarks/own_words.py BOX [--worst 10]

BOX holds `truth.jsonl` and a Maildir or .eml files, as `make_mailbox.py` writes them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tasks.mail.reading import read_message

MACHINES = {"bounce", "auto_reply", "bulk", "spam"}


def load_box(box: Path) -> list[tuple[bytes, dict[str, Any]]]:
    """Read the messages of a box with what is true of each."""
    folder = box / "Maildir" / "cur" if (box / "Maildir").is_dir() else box
    lines = (box / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truths = [json.loads(line) for line in lines]
    return [((folder / truth["file"]).read_bytes(), truth) for truth in truths]


def word_f1(text: str, accepted: str) -> float:
    """Score a text against one that counts as right, as bags of words."""
    found, wanted = Counter(text.split()), Counter(accepted.split())
    common = (found & wanted).total()
    return 2 * common / (found.total() + wanted.total()) if found or wanted else 1.0


def find_faults(truth: dict[str, Any], row: dict[str, Any]) -> list[str]:
    """Name what a row says otherwise than the truth, its words aside."""
    kind = truth["kind"]
    machine = truth["reason"] if truth["reason"] in MACHINES else None
    says_nothing = row["content_word_count"] == 0 and not row["machine"]
    checks = {
        f"machine {row['machine']}": row["machine"] == machine,
        "empty": (kind == "empty") == (says_nothing and not row["has_unread_part"]),
        "photo": (kind == "photo") == (says_nothing and row["has_unread_part"]),
        "revision": kind != "revision" or row["is_revision"],
        "address": kind == "broken" or row["from_address"] == truth["from_address"].lower(),
        "unreadable": not row["is_unreadable"],
    }
    return [f"{name} for {kind}" for name, holds in checks.items() if not holds]


def print_difference(score: float, file: str, wanted: str, text: str) -> None:
    """Show the words by which an own text differs from the nearest right one."""
    found, right = Counter(text.split()), Counter(wanted.split())
    print(f"{score:.3f} {file}")
    print(f"   too much: {' '.join(found - right)[:300]}")
    print(f"   missing: {' '.join(right - found)[:300]}")


def main() -> None:
    """Read a box, compare and print."""
    parser = argparse.ArgumentParser(description="Measure the reading of a mailbox.")
    parser.add_argument("box", type=Path)
    parser.add_argument("--worst", type=int, default=0, help="show that many of the worst texts")
    arguments = parser.parse_args()
    box = load_box(arguments.box)
    raws = [raw for raw, _ in box]
    start = time.process_time()
    rows = [vars(read_message(raw)) for raw in raws]
    seconds = time.process_time() - start
    scores: list[tuple[float, str, str, str]] = []
    faults: Counter[str] = Counter()
    for (_, truth), row in zip(box, rows, strict=True):
        text = row["own_text"]
        if truth["accepted_texts"] and truth["kind"] != "broken":
            score, best = max((word_f1(text, right), right) for right in truth["accepted_texts"])
            scores.append((score, truth["file"], best, text))
        for fault in find_faults(truth, row):
            faults[fault] += 1
            print(f"{fault}: {truth['file']}")
    values = [score for score, *_ in scores]
    print(f"messages {len(raws)}, {len(raws) / seconds:.0f} a second of CPU")
    print(f"word F1 mean {mean(values):.4f}, under 0.80 {mean(v < 0.8 for v in values):.4f}")
    print(f"faults: {dict(faults) or 'none'}")
    for worst in sorted(scores)[: arguments.worst]:
        print_difference(*worst)


if __name__ == "__main__":
    main()
