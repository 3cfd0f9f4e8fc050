"""Killed anywhere: what was published stays served, and the next run completes the work."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.program import (
    EXAMPLE,
    ROOT,
    Ran,
    environment,
    run_example,
)

# Publishes the rows of an existing publication under a day, and kills itself at the n-th rename,
# link or replacement. Prints how many there were when it lives to the end.
PUBLISHER = """
import os, signal, sys
from pathlib import Path
import pyarrow.parquet as pq
from warehouse.contracts import PUBLISHED_TABLES
from warehouse.publication import Shelf

root, given, day, fatal = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
done = 0

def counted(name):
    real = getattr(Path, name)
    def step(self, *arguments, **options):
        global done
        done += 1
        if done == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, *arguments, **options)
    setattr(Path, name, step)

for name in ("rename", "replace", "symlink_to"):
    counted(name)
tables = {t.qualified: pq.read_table(given / "parquet" / f"{t.qualified}.parquet", schema=t.schema)
          for t in PUBLISHED_TABLES}
facts = {"as_of_date": day, "is_final": False, "is_provisional": False}
Shelf(root).publish(facts, {"synthese.html": day.encode()}, tables, PUBLISHED_TABLES)
print(done)
"""


def publish(root: Path, given: Path, day: str, fatal: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PUBLISHER, str(root), str(given), day, str(fatal)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def served(root: Path) -> str:
    """The day that readers see, after checking that all of it is there."""
    latest = root / "latest"
    manifest = json.loads((latest / "manifest.json").read_text())
    for name, told in manifest["files"].items():
        content = (latest / name).read_bytes()
        if "sha256" in told:
            assert hashlib.sha256(content).hexdigest() == told["sha256"]
    return str(manifest["as_of_date"])


def test_a_publication_killed_at_any_step_is_whole_or_absent(
    final: Ran,
    tmp_path: Path,
) -> None:
    given, root = final.latest.resolve(), tmp_path / "published"
    first = publish(root, given, "2020-01-10", 0)
    assert first.returncode == 0, first.stderr
    steps = int(first.stdout)
    assert steps > 20
    # Most steps write one file each, all alike: every one of the last, where it is put in place,
    # and some of the others.
    for fatal in [*range(1, steps - 4, 8), *range(steps - 4, steps + 1)]:
        copy = tmp_path / str(fatal)
        shutil.copytree(root, copy, symlinks=True)
        killed = publish(copy, given, "2020-01-11", fatal)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert served(copy) == "2020-01-10"
        again = publish(copy, given, "2020-01-11", 0)
        assert (again.returncode, served(copy)) == (0, "2020-01-11"), again.stderr


# Every kind of step is killed in `test_crash_points.py`; here the whole program is, at once.
@pytest.mark.parametrize(
    "when",
    [
        pytest.param("vault/raw", marks=pytest.mark.deep),
        "lake/verdicts",
        pytest.param("lake/statements", marks=pytest.mark.deep),
    ],
)
def test_a_run_killed_in_the_middle_leaves_the_last_and_the_next_completes(
    final: Ran,
    tmp_path: Path,
    when: str,
) -> None:
    home = tmp_path / "home"
    shutil.copytree(final.home, home, symlinks=True)
    before = (home / "published" / "latest").resolve()
    for made in ("lake", "vault/parsed", "vault/raw", "warehouse.duckdb"):
        path = home / made
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    run = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "assises"),
            *("run", "--as-of", "2020-01-19", "--home", str(home), "--workers", "1"),
            *("--consultation", str(EXAMPLE / "consultation.toml")),
        ],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 240
    while not list((home / when).glob("*/*.parquet")):
        assert run.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait(30)
    assert (home / "published" / "latest").resolve() == before
    again = run_example(home, "2020-01-19")
    assert again.code == 0, again.stderr
    assert (home / "published" / "latest").resolve() == before
