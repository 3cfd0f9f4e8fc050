"""How time and memory grow with the mailbox: mailboxes of several sizes, and a fitted exponent.

    python benchmarks/scaling.py --maker MAKER [--sizes 10000 20000 50000] [--runs 1] [--json FILE]
    python benchmarks/scaling.py --boxes BOX/Maildir...

MAKER is run with `--out FOLDER --n SIZE --seed SEED`. The exponent is the slope of the straight
line through the logarithms, by least squares: 1 where twice the messages take twice as much.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from machine import Measure, arguments, described, in_turns, machine, medians, tell
from mailboxes import make, read_once, run_in_new_home

SEED = 9
SIZES = (10_000, 20_000, 50_000, 100_000, 200_000)
LEAST_SECONDS = 0.5  # a stage of less, in the smallest mailbox, says nothing of growth


def main() -> None:
    """Measure each mailbox, and fit."""
    parser = arguments(__doc__)
    parser.set_defaults(runs=1)
    parser.add_argument("--maker", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--boxes", type=Path, nargs="+", metavar="MAILDIR")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    if not (asked.maker or asked.boxes):
        parser.error("--maker or --boxes")
    described_machine = machine()
    with mailboxes(asked.maker, asked.sizes, asked.boxes) as boxes:
        counts = {f"{box}": read_once(box) for box in boxes}
        works = {
            name: partial(run_in_new_home, Path(name), asked.workers, counts[name])
            for name in counts
        }
        measured = in_turns(asked.runs, works)
    sizes = [counts[name]["messages"] for name in measured]
    middles = [medians(measures) for measures in measured.values()]
    rows = [
        {**counts[name], **described(f"{counts[name]['messages']:,} messages", measures)}
        for name, measures in measured.items()
    ]
    facts = {"machine": described_machine, "runs": asked.runs, "workers": asked.workers}
    tell(asked, facts, {"By size": rows, "Exponents": exponents(sizes, middles)})


@contextmanager
def mailboxes(
    maker: Path | None, sizes: Sequence[int], given: Sequence[Path] | None
) -> Iterator[list[Path]]:
    """Yield the mailboxes that are given, or make them."""
    with tempfile.TemporaryDirectory(prefix="boxes-") as folder:
        made = (
            [make(maker, Path(folder) / str(size), size, SEED) for size in sizes] if maker else []
        )
        yield [*made, *(given or ())]


def exponents(sizes: Sequence[int], middles: Sequence[Measure]) -> list[dict[str, Any]]:
    """Fit the exponent of the time, of the memory, and of each stage that takes long enough."""
    quantities: Mapping[str, list[float]] = {
        "wall seconds": [one.seconds for one in middles],
        "processor seconds": [one.processor_seconds for one in middles],
        "memory": [one.peak_mib for one in middles],
        **{
            f"stage {name}": [one.stages[name] for one in middles]
            for name, seconds in middles[0].stages.items()
            if seconds >= LEAST_SECONDS
        },
    }
    return [
        {"of": name, "exponent": exponent(sizes, values), "first": values[0], "last": values[-1]}
        for name, values in quantities.items()
    ]


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Return the slope of a straight line through the logarithms."""
    slope, _ = np.polyfit(np.log(sizes), np.log(values), 1)
    return float(slope)


if __name__ == "__main__":
    main()
