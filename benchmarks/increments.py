"""A day's new messages on a consultation that is already large, and on one that is empty.

    python benchmarks/increments.py BASE/Maildir --maker MAKER [--new 1000] [--texts FILE]
        [--arrivals "a later day"] [--runs 3] [--json FILE]

Two homes are prepared, one from BASE, one from a mailbox without a message; then the same new
messages come to a copy of each, in turns: once nearly all on a later day than the rest (a made
mailbox has a few early and late letters), once on all days of BASE, as late mail does. `--texts`
is where MAKER takes the words of the new ones, so that they are not those of BASE.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from machine import Measure, arguments, by_stage, described, in_turns, machine, medians, tell
from mailboxes import EXAMPLE, distinct_texts, make, read_once, run

SEED = 99
# BASE ends before; the deadline of the example is put off until after the new ones.
BEFORE, DAY, DEADLINE = "2020-01-26", "2020-01-27", "2020-01-28T00:00:00"
ARRIVALS = {
    "a later day": ("--opening", f"{DAY}T00:00:00", "--deadline", DEADLINE),
    "all days": ("--opening", "2020-01-08T00:00:00", "--deadline", DEADLINE),
}


def main() -> None:
    """Prepare both homes, then measure in turns what the new messages cost each."""
    parser = arguments(__doc__)
    parser.add_argument("maildir", type=Path)
    parser.add_argument("--maker", type=Path, required=True)
    parser.add_argument("--new", type=int, default=1000)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--arrivals", nargs="+", choices=ARRIVALS, default=list(ARRIVALS))
    asked = parser.parse_args()
    facts: dict[str, Any] = {"machine": machine(), "runs": asked.runs}
    with tempfile.TemporaryDirectory(prefix="increments-") as name:
        folder = Path(name)
        base = {"empty": empty_maildir(folder / "none"), "on top": asked.maildir.resolve()}
        homes = {start: Start(folder / start, box, asked.workers) for start, box in base.items()}
        facts["box"] = read_once(asked.maildir) | distinct_texts(homes["on top"].home)
        rows = [described("BASE, all of it", [homes["on top"].made])]
        texts = ("--texts", str(asked.texts)) if asked.texts else ()
        new = {
            when: make(asked.maker, folder / when, asked.new, SEED, *ARRIVALS[when], *texts)
            for when in asked.arrivals
        }
        works = {
            f"{when}, {start}": partial(home.receive, new[when])
            for when in asked.arrivals
            for start, home in homes.items()
        }
        measured = in_turns(asked.runs, works)
    rows += [described(what, measures) for what, measures in measured.items()]
    for when in asked.arrivals:
        top, empty = (medians(measured[f"{when}, {start}"]) for start in ("on top", "empty"))
        facts[f"ratio, {when}"] = round(top.seconds / empty.seconds, 2)
    tell(asked, facts, {f"{asked.new} new messages": rows, "By stage": by_stage(measured)})


def empty_maildir(folder: Path) -> Path:
    """Make a Maildir without a message."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    return folder


class Start:
    """A home after a run on a mailbox, beside the mailbox of what is still to come."""

    def __init__(self, folder: Path, maildir: Path, workers: int) -> None:
        self.home, self._folder, self._workers = folder / "home", folder, workers
        self._coming = empty_maildir(folder / "coming")
        self._consultation = folder / "consultation" / EXAMPLE.name
        beside = shutil.ignore_patterns("mailbox")
        shutil.copytree(EXAMPLE.parent, self._consultation.parent, ignore=beside)
        text = EXAMPLE.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^deadline = .*$", f"deadline = {DEADLINE}", text)
        text = text.replace('uri = "eml:mailbox"', f'uri = "maildir:{maildir}"\n{self._source()}')
        # BASE has days without mail.
        text = re.sub(r"(?m)^usual_count = .*$", "usual_count = 1_000_000", text)
        self._consultation.write_text(text, encoding="utf-8")
        self.made = run(self.home, self._consultation, BEFORE, workers)

    def _source(self) -> str:
        return f'\n[[source]]\nname = "nouveaux"\nuri = "maildir:{self._coming}"'

    def receive(self, maildir: Path) -> Measure:
        """Run once more, on a copy of the home, when these messages have come."""
        home = self._folder / "copy"
        shutil.copytree(self.home, home, symlinks=True)
        shutil.copytree(maildir, self._coming, dirs_exist_ok=True)
        try:
            return run(home, self._consultation, DAY, self._workers)
        finally:
            for folder in (home, self._coming):
                shutil.rmtree(folder)
            empty_maildir(self._coming)


if __name__ == "__main__":
    main()
