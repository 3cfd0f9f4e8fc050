"""How much sooner two Dask workers parse and analyse than one, a thread each, on this machine.

    python benchmarks/cluster.py BOX/Maildir [--runs 3] [--as-of 2020-01-31] [--json FILE]

Each run is on an empty folder, its cluster started before the clock; what comes between the two
stages is done apart. Medians, and their ratio; what is stored is compared too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from machine import arguments, machine, tell
from mailboxes import EXAMPLE, read_once

from flows.run import Run, prepare_run
from flows.stages import rules, until
from tasks.analyse import Means, analyse
from tasks.cluster import open_cluster
from tasks.fetch import fetch
from tasks.mail.sources.opening import open_source
from tasks.parse import parse
from tasks.protect import protect
from tasks.validate import Pseudonymiser, validate
from tasks.workers import Engine, Workers
from warehouse.lake import code_fingerprint

STAGES = ("parse", "analyse")


def main() -> None:
    """Measure one worker and two, by turns."""
    parser = arguments(__doc__)
    parser.add_argument("maildir", type=Path)
    parser.add_argument("--as-of", default="2020-01-31")
    asked = parser.parse_args()
    facts: dict[str, Any] = {
        "machine": machine(),
        "runs": asked.runs,
        "box": read_once(asked.maildir),
    }
    seconds: dict[int, list[dict[str, float]]] = {1: [], 2: []}
    stored = set()
    with tempfile.TemporaryDirectory(prefix="assises-") as folder:
        fetched = Path(folder) / "fetched"
        source = f"maildir:{asked.maildir.resolve()}"
        fill(prepare_run(EXAMPLE, fetched, asked.as_of, [source]))
        for _ in range(asked.runs):
            for count, found in seconds.items():
                home = Path(folder) / "home"
                shutil.copytree(fetched, home)
                found.append(measure(prepare_run(EXAMPLE, home, asked.as_of), count))
                stored.add(content(home))
                shutil.rmtree(home)
    facts["stored_is_the_same"] = len(stored) == 1
    rows = []
    for name, stages in {**{stage: (stage,) for stage in STAGES}, "both": STAGES}.items():
        one, two = (
            median(sum(run[stage] for stage in stages) for run in seconds[count])
            for count in (1, 2)
        )
        rows.append({"stage": name, "one worker, s": one, "two, s": two, "ratio": one / two})
    tell(asked, facts, {"Two workers and one": rows})


def fill(run: Run) -> None:
    """Fetch the messages, and make the key."""
    run.home.key()
    opened = partial(open_source, access=run.access)
    fetch.fn(run.home.vault, run.sources, opened, run.consultation.timezone, run.now)


def measure(run: Run, count: int) -> dict[str, float]:
    """Return the seconds of each stage on a cluster of some workers."""
    asked, home, code = run.consultation, run.home, code_fingerprint()
    vault, lake = home.vault, home.lake
    temporary = home.temporary
    temporary.mkdir()
    found: dict[str, float] = {}
    with open_cluster(Engine.parse("dask"), count, temporary, home.root) as cluster:
        with timed(found, "parse"):
            parse.fn(vault, cluster, asked.message_bytes, frozenset(), code, nobody)
        days = until(vault.days(asked.timezone, run.as_of), run.as_of)
        with Workers(os.cpu_count() or 1) as workers:
            validate.fn(vault, lake, days, rules(run), Pseudonymiser(home.key()), code)
            protect.fn(vault, lake, days, asked.department, asked.public_names, workers, code)
        received, means = [day.day for day in days], Means(run.learnt, run.encoder())
        with timed(found, "analyse"):
            analyse.fn(lake, received, asked, means, cluster, code, nobody)
    return found


@contextmanager
def timed(found: dict[str, float], stage: str) -> Iterator[None]:
    """Note the seconds of what is done."""
    start = time.monotonic()
    yield
    found[stage] = time.monotonic() - start


def content(home: Path) -> str:
    """Return the sum of all that was stored of messages."""
    digest = hashlib.sha256()
    for path in sorted(path for part in ("vault", "lake") for path in (home / part).rglob("*.*")):
        if path.is_file():
            digest.update(str(path.relative_to(home)).encode() + path.read_bytes())
    return digest.hexdigest()


def nobody(_: float) -> None:
    """Nobody looks at the progress."""


if __name__ == "__main__":
    main()
