"""What the timed benchmarks share: children measured in turns, the machine, a table and its JSON.

A measure is the wall, the processor time of a child and its descendants, and the most memory that
they held at once: the sum of their proportional set sizes (PSS), sampled, so that a page that
several share counts once.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

SAMPLED_SECONDS = 0.5
QUIET_LOAD = 0.3


@dataclass(frozen=True)
class Measure:
    """What a child process and its descendants took."""

    seconds: float
    processor_seconds: float
    peak_mib: float
    stages: Mapping[str, float] = field(default_factory=dict)  # seconds of the wall, by name


def measure(command: Sequence[str | Path], **environment: str) -> Measure:
    """Run a command to its end; stop the benchmark, with what it said, when it fails."""
    with tempfile.TemporaryFile("w+") as said:
        start, peak = time.monotonic(), 0
        child = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=said, env=surroundings() | environment
        )
        before = os.times()
        has_ended = False
        while not has_ended:
            peak = max(peak, family_kib(child.pid))
            has_ended = _has_ended(child)
        seconds = time.monotonic() - start
        after = os.times()
        if child.returncode:
            said.seek(0)
            sys.exit(f"{command[0]}: {child.returncode}\n{said.read()}")
    spent = (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )
    return Measure(round(seconds, 2), round(spent, 2), round(peak / 1024, 1))


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    try:
        child.wait(SAMPLED_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def family_kib(pid: int) -> int:
    """Sum the proportional set sizes of a process and its descendants; of one that ends, none."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return 0
    own = int(rollup.partition("\nPss:")[2].split(maxsplit=1)[0])
    return own + sum(family_kib(int(child)) for child in children)


def surroundings() -> dict[str, str]:
    """Return the environment of somebody who has set nothing of Prefect's or of ours."""
    ours = ("PREFECT_", "ASSISES_", "GX_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def in_turns(runs: int, works: Mapping[str, Callable[[], Measure]]) -> dict[str, list[Measure]]:
    """Do each work once a round, one after the other: what disturbs the machine disturbs all."""
    measured: dict[str, list[Measure]] = {name: [] for name in works}
    for number in range(1, runs + 1):
        for name, work in works.items():
            measured[name].append(work())
            print(f"{number}/{runs} {name}: {measured[name][-1].seconds:.2f} s", file=sys.stderr)
    return measured


def medians(measures: Sequence[Measure]) -> Measure:
    """Return the median of each quantity."""
    names = dict.fromkeys(name for one in measures for name in one.stages)
    return Measure(
        median(one.seconds for one in measures),
        median(one.processor_seconds for one in measures),
        median(one.peak_mib for one in measures),
        {name: median(one.stages.get(name, 0.0) for one in measures) for name in names},
    )


def described(name: str, measures: Sequence[Measure]) -> dict[str, Any]:
    """Return the row of something measured: medians, and how far apart the runs were."""
    middle = medians(measures)
    return {
        "what": name,
        "s": middle.seconds,
        "least": min(one.seconds for one in measures),
        "most": max(one.seconds for one in measures),
        "processor s": middle.processor_seconds,
        "MiB": middle.peak_mib,
    }


def by_stage(measured: Mapping[str, Sequence[Measure]]) -> list[dict[str, Any]]:
    """Return a row a stage, with the median seconds of each thing measured."""
    middles = {name: medians(measures).stages for name, measures in measured.items()}
    stages = dict.fromkeys(stage for one in middles.values() for stage in one)
    return [
        {"stage": stage, **{name: one.get(stage, 0.0) for name, one in middles.items()}}
        for stage in stages
    ]


def machine() -> dict[str, Any]:
    """Describe the machine, and how busy it is before the benchmark begins."""
    load = os.getloadavg()[0]
    if load > QUIET_LOAD:
        print(
            f"The machine is not quiet: load {load:.2f}. Figures are provisional.", file=sys.stderr
        )
    processors = [
        line.partition(": ")[2]
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": next(iter(processors), platform.machine()),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": round(load, 2),
        "is_quiet": load <= QUIET_LOAD,
    }


def arguments(about: str | None) -> argparse.ArgumentParser:
    """Return a parser of what every benchmark is asked: how many runs, where the JSON goes."""
    parser = argparse.ArgumentParser(description=(about or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--json", type=_writable, metavar="FILE", help="write the figures there too"
    )
    return parser


def _writable(name: str) -> Path:
    """Read the place of a file: what is measured in minutes is not lost for want of a folder."""
    path = Path(name)
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"no folder {path.parent}")
    return path


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows of the same keys as a Markdown table, which reads well on a screen too."""
    names = list(rows[0])
    cells = [names, *([_shown(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(names))]
    lines = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if type(value) is int else str(value)


def tell(
    asked: argparse.Namespace,
    facts: Mapping[str, Any],
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
) -> None:
    """Print facts and tables; write them as JSON too where that is asked for."""
    for name, value in facts.items():
        print(f"{name.replace('_', ' ')}: {in_words(value)}")
    for title, rows in tables.items():
        print(f"\n{title}\n\n{table(rows)}")
    if asked.json:
        text = json.dumps({**facts, "tables": tables}, indent=1, ensure_ascii=False)
        asked.json.write_text(f"{text}\n", encoding="utf-8")


def in_words(value: Any) -> str:
    """Return a fact, or the facts of one thing, in a line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {_shown(one)}" for name, one in value.items())
    return _shown(value)
