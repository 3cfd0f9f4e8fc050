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

from tasks.mail.reading import read_batch

MACHINES = {"bounce", "auto_reply", "bulk", "spam"}


def load_box(box: Path) -> list[tuple[bytes, dict[str, Any]]]:
    """Read the messages of a box with what is true of each."""
    folder = box / "Maildir" / "cur" if (box / "Maildir").is_dir() else box
    with open(box / "truth.jsonl", encoding="utf-8") as lines:
        truths = [json.loads(line) for line in lines]
    return [((folder / truth["file"]).read_bytes(), truth) for truth in truths]


def word_f1(text: str, accepted: str) -> float:
    """Score a text against one that counts as right, as bags of words."""
    found, wanted = Counter(text.split()), Counter(accepted.split())
    common = (found & wanted).total()
    return 2 * common / (found.total() + wanted.total()) if found or wanted else 1.0


def expected_machine(truth: dict[str, Any]) -> str | None:
    return truth["reason"] if truth["reason"] in MACHINES else None


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the reading of a mailbox whose truth is known.")
    parser.add_argument("box", type=Path)
    parser.add_argument("--worst", type=int, default=0, help="print this many of the worst own texts")
    arguments = parser.parse_args()
    box = load_box(arguments.box)
    raws = [raw for raw, _ in box]
    read_batch(["warm"], raws[:1])  # the first table imports pandas, through pyarrow
    start = time.perf_counter()
    rows = read_batch([str(i) for i in range(len(raws))], raws).to_pylist()
    seconds = time.perf_counter() - start
    scores = []
    wrong: Counter[str] = Counter()
    for (_, truth), row in zip(box, rows, strict=True):
        kind = truth["kind"]
        if truth["accepted_texts"] and kind != "broken":
            best = max(truth["accepted_texts"], key=lambda t, row=row: word_f1(row["own_text"], t))
            scores.append((word_f1(row["own_text"], best), truth["file"], best, row["own_text"]))
        if row["machine"] != expected_machine(truth):
            wrong[f"machine {row['machine']} for {kind}"] += 1
            print(f"machine {row['machine']}: {truth['file']} {kind} headers={truth.get('headers')}")
        if (kind == "empty") != (row["content_word_count"] == 0 and not row["has_unread_part"] and not row["machine"]):
            wrong[f"empty {kind}"] += 1
            print(f"empty: {truth['file']} {kind} {row['own_text'][:300]!r}")
        if (kind == "photo") != (row["has_unread_part"] and row["content_word_count"] == 0):
            wrong[f"photo {kind}"] += 1
            print(f"photo: {truth['file']} {kind} {row['own_text'][:300]!r}")
        if truth["kind"] == "revision" and not row["is_revision"]:
            wrong["revision missed"] += 1
        if row["from_address"] != truth["from_address"].lower() and kind != "broken":
            wrong["address"] += 1
        if row["is_unreadable"]:
            wrong["unreadable"] += 1
    values = [score for score, *_ in scores]
    print(f"messages {len(raws)}, {len(raws) / seconds:.0f} a second")
    print(f"word F1 mean {mean(values):.4f}, under 0.80 {mean(v < 0.8 for v in values):.4f}, under 0.98 {mean(v < 0.98 for v in values):.4f}")
    print(f"wrong: {dict(wrong) or 'nothing'}")
    for score, file, best, text in sorted(s for s in scores if s[0] < 0.999)[: arguments.worst]:
        extra, missing = Counter(text.split()) - Counter(best.split()), Counter(best.split()) - Counter(text.split())
        print(f"{score:.3f} {file}\n   too much: {' '.join(extra)[:300]}\n   missing: {' '.join(missing)[:300]}")


if __name__ == "__main__":
    main()
