"""From a mailbox to its publication, stage by stage, beside `notmuch new` on the same mailbox.

    python benchmarks/end_to_end.py BOX/Maildir [--workers 2 | 1,2] [--runs 3] [--json FILE]

notmuch, which only parses and indexes, is the yardstick: it runs in turns with the program.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

from machine import arguments, by_stage, described, in_turns, machine, medians, tell
from mailboxes import notmuch, read_once, run_in_new_home

YARDSTICK = "notmuch new"


def main() -> None:
    """Measure in turns, and say how many times the yardstick the program takes."""
    parser = arguments(__doc__)
    parser.add_argument("maildir", type=Path)
    parser.add_argument(
        "--workers", type=lambda text: [int(n) for n in text.split(",")], default=[os.cpu_count()]
    )
    asked = parser.parse_args()
    facts: dict[str, Any] = {
        "machine": machine(),
        "runs": asked.runs,
        "box": read_once(asked.maildir),
    }
    works = {
        f"{workers} worker{'s' * (workers > 1)}": partial(
            run_in_new_home, asked.maildir, workers, facts["box"]
        )
        for workers in asked.workers
    }
    measured = in_turns(asked.runs, works | {YARDSTICK: partial(notmuch, asked.maildir)})
    yardstick = medians(measured[YARDSTICK]).seconds
    rows = [described(name, measures) for name, measures in measured.items()]
    for row in rows:
        row |= {"messages/s": facts["box"]["messages"] / row["s"], "ratio": row["s"] / yardstick}
    stages = by_stage({name: measured[name] for name in works})
    tell(asked, facts, {"End to end": rows, "By stage, seconds": stages})


if __name__ == "__main__":
    main()
