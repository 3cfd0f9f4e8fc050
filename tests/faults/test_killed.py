"""Killed anywhere: what was published stays served, and the next run completes the work."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from tests.faults.publishing import (
    assert_whole,
    contents_of,
    forget,
    read_all,
    read_given,
    republish,
    start,
)
from tests.program import EXAMPLE, ROOT, Ran, environment, run_example
from warehouse.contracts import PUBLISHED_TABLES
from warehouse.database import Database
from warehouse.files import STAGED
from warehouse.publication import DATABASE, VERSIONS

FIRST, SECOND = "2020-01-10", "2020-01-11"
BOTH = {FIRST: FIRST, SECOND: SECOND, "latest": SECOND}
KILLED = -signal.SIGKILL


class Publisher:
    """Publishes all that a given publication has, in processes that may be killed."""

    def __init__(self, root: Path, given: Path) -> None:
        self.root, self.given = root, given

    def publish(
        self, day: str, spared: Collection[str] | None = None, seconds: float | None = None
    ) -> tuple[int, list[str]]:
        """Publish a day, killed at a step that is not spared or after a time; return the steps."""
        return ended(start(republish, self.root, spared, self.given, day), seconds)


def ended(
    started: tuple[ForkServerProcess, Connection], seconds: float | None = None
) -> tuple[int, list[str]]:
    """Await a process, killed after a time; return how it ended and the steps it took."""
    process, told = started
    if seconds is not None:
        process.join(seconds)
        process.kill()
    steps = read_all(told)
    process.join()
    assert process.exitcode is not None
    return process.exitcode, steps


@pytest.fixture
def publisher(final: Ran, tmp_path: Path) -> Publisher:
    """With a first day published, which is to be served until the second is."""
    publisher = Publisher(tmp_path / "published", final.latest.resolve())
    assert publisher.publish(FIRST)[0] == 0
    return publisher


def served(root: Path) -> dict[str, str]:
    """The day that each link serves, after checking that all of it is there."""
    links = [path for path in root.iterdir() if path.is_symlink() and STAGED not in path.name]
    return {link.name: assert_whole(link.resolve())["as_of_date"] for link in links}


def assert_completed(publisher: Publisher) -> None:
    """Check that nothing tells the shelf from one whose publications were not killed."""
    assert served(publisher.root) == BOTH
    undisturbed = Publisher(publisher.root / "undisturbed", publisher.given)
    for day in (FIRST, SECOND):
        assert undisturbed.publish(day)[0] == 0
    expected = contents_of(undisturbed.root)
    shutil.rmtree(undisturbed.root)
    found = contents_of(publisher.root)
    assert found.keys() == expected.keys()
    assert {n for n in found if found[n] != expected[n]} <= {n for n in found if DATABASE in n}
    with Database.open_published(publisher.root / "latest" / DATABASE) as database:
        for table in PUBLISHED_TABLES:
            assert database.read(table).equals(read_given(publisher.given, table))


@pytest.mark.deep
def test_w09_a_publication_killed_at_each_step_is_whole_or_absent(publisher: Publisher) -> None:
    # Each publication begins with what the last one left, and dies one step further on.
    met: list[str] = []
    code = KILLED
    while code == KILLED:
        assert served(publisher.root) | {SECOND: SECOND} == BOTH | {"latest": FIRST}
        code, steps = publisher.publish(SECOND, spared=met)
        met += steps[-1:]
    assert code == 0
    assert len(set(met)) > 2 * len(contents_of(publisher.given))
    assert_completed(publisher)


@pytest.mark.parametrize("kills", [10, pytest.param(300, marks=pytest.mark.deep)])
def test_w09_a_publication_killed_at_any_time_is_whole_or_absent(
    publisher: Publisher, kills: int
) -> None:
    # Within a step too: the database and the Parquet files are written by libraries.
    chance = random.Random(9)
    start = time.monotonic()
    publisher.publish(FIRST)
    longest = time.monotonic() - start
    for _ in range(kills):
        publisher.publish(SECOND, seconds=chance.uniform(0, longest))
        served(publisher.root)
    assert publisher.publish(SECOND)[0] == 0
    assert_completed(publisher)


@pytest.mark.deep
def test_w09_a_publication_killed_at_each_step_is_completed_by_the_next(
    publisher: Publisher,
) -> None:
    first = publisher.root.rename(publisher.root.with_name("first"))
    shutil.copytree(first, publisher.root, symlinks=True)
    _, steps = publisher.publish(SECOND)
    for step in steps:
        shutil.rmtree(publisher.root)
        shutil.copytree(first, publisher.root, symlinks=True)
        assert publisher.publish(SECOND, spared=set(steps) - {step})[0] == KILLED
        assert served(publisher.root) | {SECOND: SECOND} == BOTH | {"latest": FIRST}
        assert publisher.publish(SECOND)[0] == 0
        assert_completed(publisher)


def test_w09_a_version_whose_removal_is_killed_is_whole_or_absent(publisher: Publisher) -> None:
    assert publisher.publish(SECOND)[0] == 0
    (publisher.root / FIRST).unlink()
    met: list[str] = []
    code = KILLED
    while code == KILLED:
        code, steps = ended(start(forget, publisher.root, met))
        met += steps[-1:]
        # What stands under its name would be served when the same is published again.
        left = [assert_whole(p)["as_of_date"] for p in (publisher.root / VERSIONS).iterdir()]
        assert set(left) <= {FIRST, SECOND}
    assert code == 0
    assert len(met) > 1
    assert left == [SECOND]
    assert list(publisher.root.glob(f"{STAGED}*")) == []


# Every kind of step is killed in `test_crash_points.py`; here the whole program is, three times on
# its way, each run going on from what the one before left.
def test_f10_three_runs_killed_on_their_way_leave_the_last_and_the_next_completes(
    final: Ran, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(final.home, home, symlinks=True)
    before = (home / "published" / "latest").resolve()
    for made in ("lake", "vault/parsed", "vault/raw", "warehouse.duckdb"):
        path = home / made
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for reached in ("vault/raw/*/*.parquet", "lake/statements/*/*.parquet", "published/.tmp-*/*"):
        kill_once_there(home, reached)
        assert (home / "published" / "latest").resolve() == before
    again = run_example(home, "2020-01-19")
    assert again.code == 0, again.stderr
    assert (home / "published" / "latest").resolve() == before


def kill_once_there(home: Path, reached: str) -> None:
    """Begin a run, and kill it and all its processes once a file of this name is there."""
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
    while not list(home.glob(reached)):
        assert run.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait(30)
