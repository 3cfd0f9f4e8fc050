"""The flow killed at each of its steps (row F10), and two flows at once (row F22)."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.program import EXAMPLE, ROOT, environment
from warehouse.files import STAGED
from warehouse.home import Home

PARIS = ZoneInfo("Europe/Paris")
KILLED = -9
FIRST, SECOND = "2020-01-10", "2020-01-12"


class Zygote:
    """The process of `zygote.py`, asked for one run after another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT,
            env=environment(PREFECT_HOME=str(folder / "prefect"), DO_NOT_TRACK="1"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(
        self, home: Path, as_of: str, fatal: int = 0, seconds: float = 0
    ) -> tuple[int, list[str]]:
        """Run up to a day, killed at a step or after some time; return the code and the steps."""
        log = self._folder / "steps"
        log.unlink(missing_ok=True)
        asked: dict[str, Any] = {
            "consultation": str(home.parent / "consultation.toml"),
            "home": str(home),
            "as_of": as_of,
            "fatal": fatal,
            "seconds": seconds,
            "log": str(log),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        while not line.startswith('{"code"'):  # Great Expectations says hello there
            line = self._process.stdout.readline()
        steps = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return int(json.loads(line)["code"]), steps

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    zygote = Zygote(tmp_path_factory.mktemp("zygote"))
    yield zygote
    zygote.stop()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A consultation with a few of the example's letters of two days."""
    place = tmp_path_factory.mktemp("crash")
    shutil.copy(EXAMPLE / "consultation.toml", place)
    (place / "mailbox").mkdir()
    for path in sorted((EXAMPLE / "mailbox").glob("*.eml"))[:12]:
        shutil.copy(path, place / "mailbox")
    return place


@pytest.fixture(scope="module")
def first(zygote: Zygote, place: Path) -> Path:
    """A home with the publication of the first day."""
    home = place / "first"
    assert zygote.run(home, FIRST)[0] == 0
    return home


@pytest.fixture(scope="module")
def steps(zygote: Zygote, place: Path, first: Path) -> list[str]:
    """The steps of an undisturbed run of the second day, whose home is `place/second`."""
    shutil.copytree(first, place / "second", symlinks=True)
    # What the first run fetched is forgotten, so that the second goes through every stage.
    for made in ("vault/raw", "vault/parsed", "lake", "warehouse.duckdb"):
        path = place / "second" / made
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    code, steps = zygote.run(place / "second", SECOND)
    assert code == 0
    return steps


def content(folder: Path) -> dict[str, str]:
    """The bytes of what is published, but for the database, whose rows the manifest vouches for."""
    version = folder.resolve()
    return {"": version.name} | {
        str(path.relative_to(version)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(version.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb"
    }


def assert_whole(home: Path) -> str:
    """What is served is whole (I5); return its day."""
    latest = home / "published" / "latest"
    manifest = json.loads((latest / "manifest.json").read_text(encoding="utf-8"))
    for name, told in manifest["files"].items():
        if "sha256" in told:
            found = hashlib.sha256((latest / name).read_bytes()).hexdigest()
            assert found == told["sha256"], name
    return str(manifest["as_of_date"])


def submissions(home: Path) -> list[str]:
    days = Home(home).vault.days(PARIS, date(2099, 1, 1))
    return [row for day in days for row in day.submissions["submission_id"].to_pylist()]


def spoilt(place: Path) -> Path:
    """A home in which the first day is published and the second is to be made from nothing."""
    home = place / "killed"
    if home.exists():
        shutil.rmtree(home)
    shutil.copytree(place / "first", home, symlinks=True)
    for made in ("vault/raw", "vault/parsed", "lake", "warehouse.duckdb"):
        path = home / made
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return home


def resume(zygote: Zygote, place: Path, home: Path, times: int) -> None:
    """Run again: the first completes, the others change nothing (I1, I3)."""
    for _ in range(times):
        code, _ = zygote.run(home, SECOND)
        assert code == 0
        assert content(home / "published" / "latest") == content(
            place / "second" / "published" / "latest"
        )
    assert submissions(home) == submissions(place / "second")
    assert [path for path in home.rglob(f"{STAGED}*") if path.parent.name != "prefect"] == []


def kill_at(zygote: Zygote, place: Path, steps: list[str], fatal: int, times: int) -> None:
    home = spoilt(place)
    code, seen = zygote.run(home, SECOND, fatal)
    assert code == KILLED, seen
    assert seen == steps[:fatal]
    assert assert_whole(home) in {FIRST, SECOND}
    resume(zygote, place, home, times)


def named(steps: list[str]) -> list[int]:
    """The first time that each step is taken, from 1."""
    return [steps.index(name) + 1 for name in dict.fromkeys(steps)]


def test_f10_every_kind_of_step_is_seen(steps: list[str]) -> None:
    for step in (
        *("after listing", "before replace raw", "after replace raw", "after replace parsed"),
        *("after replace lake/verdicts", "before replace lake/contributions"),
        *("before replace lake/statements", "after replace lake/statements", "transaction begun"),
        *("before commit", "after commit", "after stage aggregate", "before replace published"),
        *("after rename published", "after link .tmp-latest.link", "after stage publish"),
    ):
        assert step in steps


def test_f10_killed_at_a_step_of_each_kind_the_last_stays_and_the_next_completes(
    zygote: Zygote, place: Path, steps: list[str]
) -> None:
    # Most kinds are passed over here, the deep test takes every step there is.
    for fatal in named(steps)[::5]:
        kill_at(zygote, place, steps, fatal, 2)


@pytest.mark.deep
def test_f10_killed_at_every_step_and_resumed_three_times(
    zygote: Zygote, place: Path, steps: list[str]
) -> None:
    for fatal in named(steps):
        kill_at(zygote, place, steps, fatal, 3)
    for fatal in range(1, len(steps) + 1):
        kill_at(zygote, place, steps, fatal, 1)


@pytest.mark.deep
def test_f10_killed_a_thousand_times_at_random_nothing_is_lost(
    zygote: Zygote, place: Path, steps: list[str]
) -> None:
    chance = random.Random(10)
    start = time.monotonic()
    assert zygote.run(spoilt(place), SECOND)[0] == 0
    longest = time.monotonic() - start
    kills = 0
    while kills < 1_000:
        home = spoilt(place)
        while True:  # killed again and again, until a run comes through
            code, _ = zygote.run(home, SECOND, seconds=chance.uniform(0, longest))
            assert assert_whole(home) in {FIRST, SECOND}
            kills += code == KILLED
            if code != KILLED or kills % 10 == 0:
                break
        resume(zygote, place, home, 1)


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


def test_f22_of_two_real_runs_one_is_refused(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "assises"
    arguments = [
        *("run", "--consultation", str(EXAMPLE / "consultation.toml"), "--as-of", SECOND),
        *("--home", str(tmp_path / "home")),
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
    codes = sorted(code for *_, code in ended)
    assert codes == [0, 1], ended
    (refused,) = [error for _, error, code in ended if code == 1]
    assert "déjà en cours" in refused
    assert (tmp_path / "home" / "published" / "latest").is_symlink()
