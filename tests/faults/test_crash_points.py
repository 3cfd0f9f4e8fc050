"""The flow killed at each of its steps (row F10), and two flows at once (row F22)."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.trial import (
    FIRST,
    KILLED,
    LATER,
    LETTERS,
    SECOND,
    Trial,
    published,
    submissions,
)
from tests.program import EXAMPLE, ROOT, assises, environment
from warehouse.home import Home

# The crash points of the matrix, and the step that each is: "tmp" is before a rename, "renamed"
# after. The deep tests take every step.
CRASH_POINTS = {
    "journal": "after replace 000002.json",
    "listed": "after listing",
    "raw tmp": "before replace raw",
    "raw renamed": "after replace raw",
    "parsed": "after replace parsed",
    "quarantined": "after replace lake/verdicts",
    "parquet tmp": "before replace lake/statements",
    "parquet renamed": "after replace lake/statements",
    "tx begun": "begun 1",
    "tx committed": "after commit 1",
    "aggregates": "before commit 2",
    "publish tmp": "before replace published/manifest.json",
    "publish renamed": "after rename published/version",
}


@pytest.fixture
def home(trial: Trial) -> Path:
    return trial.begun()


@pytest.mark.parametrize("step", CRASH_POINTS.values(), ids=CRASH_POINTS)
def test_f10_killed_at_each_crash_point_the_last_stays_and_the_next_completes(
    trial: Trial, home: Path, step: str
) -> None:
    ended = trial.run(home, fatal=step)
    assert (ended.code, ended.steps[-1:]) == (KILLED, [step]), trial.zygote.errors()
    trial.assert_served(home, ended.steps)
    trial.resume(home, 3)


def test_f10_killed_while_the_key_is_made_it_is_made_once(trial: Trial) -> None:
    home, keys = trial.aside / "new", set[bytes]()
    for step in (
        *("before replace consultation", "before replace 000001.json"),
        *("before replace consultation.key", "after replace consultation.key"),
        *("before replace key.sha256", "after replace key.sha256", "before stage fetch"),
    ):
        ended = trial.run(home, FIRST, step)
        assert (ended.code, ended.steps[-1:]) == (KILLED, [step]), trial.zygote.errors()
        keys |= {path.read_bytes() for path in home.glob("keys/consultation.key")}
    assert keys == {Home(home).key()}


@pytest.mark.deep
def test_f10_killed_at_every_step_and_resumed_three_times(trial: Trial) -> None:
    steps = trial.steps
    for fatal in range(1, len(steps) + 1):
        home = trial.begun()
        ended = trial.run(home, fatal=fatal)
        assert (ended.code, ended.steps) == (KILLED, steps[:fatal]), trial.zygote.errors()
        trial.assert_served(home, ended.steps)
        is_new = steps[fatal - 1] not in steps[: fatal - 1]
        trial.resume(home, 3 if is_new else 1)


@pytest.mark.parametrize("wanted", [100, pytest.param(1_000, marks=pytest.mark.deep)])
def test_f10_killed_at_random_nothing_is_lost(trial: Trial, wanted: int) -> None:
    chance = random.Random(10)
    start = time.monotonic()
    trial.complete(trial.begun())
    longest = time.monotonic() - start
    kills = 0
    while kills < wanted:
        home, serves = trial.begun(), [published(trial.first), published(trial.second)]
        while (ended := trial.run(home, seconds=chance.uniform(0, longest))).code == KILLED:
            kills += 1
            # Once readers have the second day, they keep it.
            serves = serves[serves.index(published(home)) :]
            assert published(home, FIRST) == published(trial.first)
        assert ended.code == 0, trial.zygote.errors()
        trial.assert_completed(home)


# --- F22 -----------------------------------------------------------------------------------------

TAKER = """
import sys, time
from pathlib import Path
from warehouse.home import Home, HomeError
try:
    with Home(Path(sys.argv[1])).lock():
        print("pris", flush=True)
        sys.stdin.readline()
except HomeError as error:
    print(error, flush=True)
"""


def take(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TAKER, str(home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("rounds", [1, pytest.param(50, marks=pytest.mark.deep)])
def test_f22_of_ten_flows_at_once_one_runs_and_the_others_name_it(
    tmp_path: Path, rounds: int
) -> None:
    for _ in range(rounds):
        takers = [take(tmp_path) for _ in range(10)]
        said = []
        for taker in takers:
            assert taker.stdout is not None
            said.append(taker.stdout.readline().strip())
        holder = takers[said.index("pris")]
        refusals = [sentence for sentence in said if sentence != "pris"]
        assert len(refusals) == 9
        for sentence in refusals:
            assert "déjà en cours" in sentence
            assert f"(PID {holder.pid})" in sentence or "(PID inconnu)" in sentence
        for taker in takers:
            taker.communicate("\n")


def test_f22_a_run_that_finds_another_at_work_names_it_and_fails(tmp_path: Path) -> None:
    home = tmp_path / "home"
    holder = take(home)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "pris"
    arguments = ["--consultation", str(EXAMPLE / "consultation.toml"), "--as-of", SECOND]
    refused = assises("run", *arguments, "--home", str(home))
    assert refused.returncode == 1
    assert f"déjà en cours dans {home} (PID {holder.pid})" in refused.stderr
    assert sorted(path.name for path in home.iterdir()) == ["format.json", "run.lock"]
    holder.communicate("\n")


def test_f22_of_two_real_runs_one_is_refused(trial: Trial, tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "assises"
    arguments = [
        *("run", "--consultation", str(trial.place / "consultation.toml"), "--as-of", SECOND),
        *("--home", str(tmp_path / "home"), "--workers", "1"),
    ]
    runs = [
        subprocess.Popen(
            [str(program), *arguments],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [(*run.communicate(timeout=300), run.returncode) for run in runs]
    assert sorted(code for *_, code in ended) == [0, 1], ended
    (refused,) = [error for _, error, code in ended if code == 1]
    assert "déjà en cours" in refused
    assert len(submissions(tmp_path / "home")) == len(LETTERS + LATER)
    assert published(tmp_path / "home") == published(tmp_path / "home", SECOND)
