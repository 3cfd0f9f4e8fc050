"""How long a run takes from the mailbox to the publication, and how much memory at once.

    python benchmarks/end_to_end.py maildir:BOX/Maildir [--workers 2] [--as-of 2020-01-19]

Runs `assises run` in a child process on an empty folder, then again (nothing new), and samples the
memory of the whole family of processes. Prints a table and JSON. A box of 20,000 letters is made by
`make_mailbox.py --n 20000 --seed 42`.
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
from pathlib import Path

CONSULTATION = Path(__file__).parents[1] / "examples" / "allier-2020" / "consultation.toml"
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


def main() -> None:
    """Measure a first run and a second one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("source")
    parser.add_argument("--consultation", type=Path, default=CONSULTATION)
    parser.add_argument("--as-of", default="2020-01-19")
    parser.add_argument("--workers", default=str(os.cpu_count()))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assises-") as home:
        command = [
            str(Path(sys.executable).parent / "assises"),
            *("run", "--consultation", str(asked.consultation), "--source", asked.source),
            *("--as-of", asked.as_of, "--home", home, "--workers", asked.workers),
        ]
        runs = {name: measure(command) for name in ("first run", "second run")}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name, figures in runs.items():
        print(f"{name:12} {figures['seconds']:8.1f} s {figures['peak_mib']:8.0f} MiB at once")
        for message in figures["messages"]:
            print(f"{'':12} {message}")
    print(json.dumps({name: {**f, "messages": None} for name, f in runs.items()}))


def measure(command: list[str]) -> dict[str, object]:
    """Run a command; return its wall seconds, the family's peak memory and when it said what."""
    start, peak = time.monotonic(), 0
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        while process.poll() is None:
            peak = max(peak, family_kib(process.pid))
            time.sleep(0.2)
        seconds = time.monotonic() - start
        said.seek(0)
        messages = said.read().splitlines()
    if process.returncode:
        sys.exit("\n".join(messages))
    return {"seconds": round(seconds, 1), "peak_mib": peak / 1024, "messages": messages}


def family_kib(pid: int) -> int:
    """Sum the private memory of a process and its descendants; shared pages are not counted."""
    try:
        resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[1:3]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for task in Path(f"/proc/{pid}/task").iterdir():
            if task.name != str(pid):
                children += (task / "children").read_text().split()
    except OSError:
        return 0
    own = (int(resident) - int(shared)) * PAGE_KIB
    return own + sum(family_kib(int(child)) for child in children)


if __name__ == "__main__":
    main()
