"""What the timed benchmarks do with a mailbox: make it, count it, index it, run the program on it.

Each run has a new home, so that nothing is kept from one to the next; the messages are read once
beforehand, so that every run finds them in the memory of the system.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
from machine import Measure, measure, surroundings

EXAMPLE = Path(__file__).parents[1] / "examples" / "allier-2020" / "consultation.toml"
PROGRAM = Path(sys.executable).with_name("assises")
# The last letters of a made mailbox are late by six days.
AS_OF = "2020-01-31"
REST = "start-up, server, end"
NOTMUCH = """[database]
path={index}
mail_root={maildir}
[maildir]
synchronize_flags=false
"""


def make(maker: Path, out: Path, count: int, seed: int, *more: str) -> Path:
    """Make a mailbox of some messages; return its Maildir."""
    told = ("--out", out, "--n", str(count), "--seed", str(seed), *more)
    subprocess.run([sys.executable, maker, *told], stdout=subprocess.DEVNULL, check=True)
    return out / "Maildir"


def read_once(maildir: Path) -> dict[str, Any]:
    """Read every message; return how many there are, and of how many bytes."""
    sizes = [
        len(path.read_bytes()) for part in ("cur", "new") for path in (maildir / part).iterdir()
    ]
    return {"messages": len(sizes), "bytes": sum(sizes)}


def distinct_texts(home: Path) -> dict[str, Any]:
    """Count the contributions of the latest publication, and their distinct texts."""
    with duckdb.connect(
        str(home / "published" / "latest" / "assises.duckdb"), read_only=True
    ) as db:
        query = "select count(*), count(distinct text) from core.contributions"
        contributions, distinct = db.execute(query).fetchall()[0]
    return {"contributions": contributions, "distinct_texts": distinct}


def notmuch(maildir: Path) -> Measure:
    """Index a Maildir from nothing: parse and index, and no more."""
    with tempfile.TemporaryDirectory(prefix="notmuch-") as folder:
        settings = Path(folder) / "config"
        settings.write_text(NOTMUCH.format(index=folder, maildir=maildir.resolve()))
        return measure(["notmuch", "new", "--quiet"], NOTMUCH_CONFIG=str(settings))


def run_in_new_home(maildir: Path, workers: int, facts: dict[str, Any] | None = None) -> Measure:
    """Take a Maildir to its synthesis; add to `facts`, if given, what was counted in it."""
    with tempfile.TemporaryDirectory(prefix="assises-") as folder:
        source = ("--source", f"maildir:{maildir.resolve()}")
        measured = run(Path(folder), EXAMPLE, AS_OF, workers, source)
        if facts is not None:
            facts |= distinct_texts(Path(folder))
    return measured


def run(
    home: Path, consultation: Path, as_of: str, workers: int, more: Sequence[str] = ()
) -> Measure:
    """Run the program once; say what each stage of this run took, and what was beside them."""
    options = ("--consultation", consultation, "--home", home, "--as-of", as_of)
    measured = measure([PROGRAM, "run", *options, "--workers", str(workers), *more])
    status = subprocess.run(
        [PROGRAM, "status", "--json", "--home", home],
        env=surroundings(),
        capture_output=True,
        check=True,
    )
    stages = json.loads(status.stdout)["runs"][0]["stage_seconds"]
    beside = measured.seconds - sum(stages.values())
    return replace(measured, stages={**stages, REST: round(beside, 2)})
