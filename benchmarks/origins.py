"""Measure the communes read in mailboxes whose truth is known, and functions read wrongly.

    python benchmarks/origins.py BOX... [--department 03]

A BOX holds `truth.jsonl` and a Maildir or .eml files, as `make_mailbox.py` writes them: the commune
of its signature, else the one in which the letter says that its author lives. Its letters are of
private persons: whatever else than "habitant" and "inconnu" is found is wrong, and shown.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from own_words import load_box

from tasks.mail.reading import read_message
from tasks.privacy.communes import communes, communes_of
from tasks.privacy.origins import origin_of

# How the made letters say where their authors live (`make_mailbox.py`'s templates).
SAID = re.compile(r"j'habite (.+?) depuis|Habitant de (.+?), je|demeurant à (.+?), certifie")
PRIVATE = {"habitant", "inconnu"}


def commune_said(truth: dict[str, Any], codes: dict[str, str]) -> str | None:
    """Return the commune that the author's own words give."""
    found = SAID.search(" ".join(truth["accepted_texts"]))
    return codes[next(name for name in found.groups() if name)] if found else None


def measure(box: Path, department: str) -> None:
    """Read a box, compare and print."""
    codes = {name: code for code, name in communes_of(department).items()}
    counts: dict[str, Counter[str]] = {"signature": Counter(), "words": Counter()}
    seconds = 0.0
    letters = [(raw, truth) for raw, truth in load_box(box) if truth["status"] == "accepted"]
    for raw, truth in letters:
        row = read_message(raw)
        start = time.process_time()
        found = origin_of(row.signature, row.own_text, row.from_name, row.author_names, department)
        seconds += time.process_time() - start
        where = "signature" if truth["commune"] else "words"
        wanted = truth["commune"] or commune_said(truth, codes)
        counts[where]["wanted"] += wanted is not None
        counts[where]["found"] += found.commune_code is not None
        counts[where]["right"] += wanted is not None and found.commune_code == wanted
        if found.commune_code != wanted or found.contributor_type not in PRIVATE:
            print(f"{truth['file']}: {found}, commune {wanted}")
    print(f"{box}: {len(letters)} letters, {len(letters) / seconds:.0f} a second of CPU")
    for where, count in counts.items():
        print(
            f"  {where}: precision {count['right']}/{count['found']}"
            f" = {count['right'] / count['found']:.4f},"
            f" recall {count['right']}/{count['wanted']}"
            f" = {count['right'] / count['wanted']:.4f}"
        )


def main() -> None:
    """Measure each box."""
    parser = argparse.ArgumentParser(description="Measure the communes read in mailboxes.")
    parser.add_argument("boxes", type=Path, nargs="+")
    parser.add_argument("--department", default="03")
    arguments = parser.parse_args()
    communes()  # read before anything is timed
    for box in arguments.boxes:
        measure(box, arguments.department)


if __name__ == "__main__":
    main()
