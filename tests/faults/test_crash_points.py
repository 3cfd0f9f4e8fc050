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

from tests.program import EXAMPLE, ROOT, assises, copy_beside, environment
from warehouse.files import STAGED
from warehouse.home import Home

PARIS = ZoneInfo("Europe/Paris")
KILLED = -9
FIRST, SECOND = "2020-01-10", "2020-01-12"
# Letters of two days; then one more of the first of these days, one of a day between, one after.
LETTERS, LATER = ("03", "04", "08"), ("02", "06", "12")
SERVED = "after replace published/latest"  # from here on readers have the second day


class Zygote:
    """The process of `zygote.py`, asked for one run after another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._errors = (folder / "errors").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT,
            env=environment(
                PREFECT_HOME=str(folder / "prefect"),
                DO_NOT_TRACK="1",
                OPENBLAS_NUM_THREADS="1",  # its other threads would not be in a fork
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def run(
        self,
        home: Path,
        as_of: str,
        fatal: int | str = 0,
        seconds: float = 0,
        flow: str = "daily_synthesis",
    ) -> tuple[int, list[str]]:
        """Run up to a day, killed at a step or after some time; return the code and the steps.

        Another flow than the daily one knows its day itself.
        """
        log = self._folder / "steps"
        log.unlink(missing_ok=True)
        asked: dict[str, Any] = {
            "consultation": str(home.parent / "consultation.toml"),
            "home": str(home),
            "flow": flow,
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
            assert line, self.errors()
            line = self._process.stdout.readline()
        steps = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return int(json.loads(line)["code"]), steps

    def errors(self) -> str:
        """The last that was said of what went wrong."""
        return Path(self._errors.name).read_text(encoding="utf-8")[-2_000:]

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    zygote = Zygote(tmp_path_factory.mktemp("zygote"))
    yield zygote
    zygote.stop()


def deliver(place: Path, numbers: tuple[str, ...]) -> None:
    for number in numbers:
        (letter,) = (EXAMPLE / "mailbox").glob(f"{number}-*.eml")
        shutil.copy(letter, place / "mailbox")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A consultation with a few of the example's letters."""
    place = tmp_path_factory.mktemp("crash")
    shutil.copy(EXAMPLE / "consultation.toml", place)
    copy_beside(place)
    (place / "mailbox").mkdir()
    deliver(place, LETTERS)
    return place


@pytest.fixture(scope="module")
def first(zygote: Zygote, place: Path) -> Path:
    """A home with the publication of the first day; then more letters came."""
    home = place / "first"
    code, _ = zygote.run(home, FIRST)
    assert code == 0, zygote.errors()
    deliver(place, LATER)
    return home


@pytest.fixture(scope="module")
def steps(zygote: Zygote, place: Path, first: Path) -> list[str]:
    """The steps of an undisturbed run of the second day, whose home is `place/second`."""
    shutil.copytree(first, place / "second", symlinks=True)
    code, steps = zygote.run(place / "second", SECOND)
    assert code == 0, zygote.errors()
    assert len(submissions(place / "second")) == len(LETTERS + LATER)
    return steps


def content(folder: Path) -> dict[str, str]:
    """The bytes of what is published, but for the database, whose rows the manifest vouches for."""
    version = folder.resolve()
    return {"": version.name} | {
        str(path.relative_to(version)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(version.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb"
    }


def published(home: Path, name: str = "latest") -> dict[str, str]:
    return content(home / "published" / name)


def written(home: Path) -> dict[str, tuple[int, int]]:
    """Which file stands where, and since when; the working database apart, each run writes it."""
    return {
        str(path.relative_to(home)): (path.lstat().st_ino, path.lstat().st_mtime_ns)
        for part in ("vault", "lake", "keys", "published")
        for path in sorted((home / part).rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def submissions(home: Path) -> list[str]:
    days = Home(home).vault.days(PARIS, date(2099, 1, 1))
    return [row for day in days for row in day.submissions["submission_id"].to_pylist()]


def begun(place: Path) -> Path:
    """A home in which the first day is published and the second is to be made."""
    home = place / "killed"
    if home.exists():
        shutil.rmtree(home)
    shutil.copytree(place / "first", home, symlinks=True)
    return home


def assert_served(place: Path, home: Path, seen: list[str]) -> None:
    """Readers have the whole first day until the link moves, then the whole second (I5)."""
    assert published(home) == published(place / ("second" if SERVED in seen else "first"))
    assert published(home, FIRST) == published(place / "first")


def resume(zygote: Zygote, place: Path, home: Path, times: int) -> None:
    """Run again: the first completes, the others change nothing (I1, I3)."""
    stands: dict[str, tuple[int, int]] = {}
    for _ in range(times):
        code, _ = zygote.run(home, SECOND)
        assert code == 0, zygote.errors()
        assert published(home) == published(place / "second")
        assert published(home, SECOND) == published(home)
        assert published(home, FIRST) == published(place / "first")
        assert submissions(home) == submissions(place / "second")
        assert list(home.rglob(f"{STAGED}*")) == []
        assert written(home) == (stands or written(home))
        stands = written(home)


def kill_at(zygote: Zygote, place: Path, steps: list[str], fatal: int, times: int) -> None:
    home = begun(place)
    code, seen = zygote.run(home, SECOND, fatal)
    assert code == KILLED, zygote.errors()
    assert seen == steps[:fatal]
    assert_served(place, home, seen)
    resume(zygote, place, home, times)


def test_f10_every_kind_of_step_is_seen(steps: list[str]) -> None:
    for step in (
        *("after listing", "before replace raw", "after replace raw", "before replace parsed"),
        *("after replace parsed", "before replace lake/verdicts", "after replace lake/verdicts"),
        *("before replace lake/contributions", "after replace lake/contributions"),
        *("before replace lake/statements", "after replace lake/statements"),
        *("begun 1", "before commit 1", "after commit 1"),
        *("begun 2", "before commit 2", "after commit 2"),
        *("before replace published/synthese.html", "before replace published/.csv"),
        *("before replace published/.parquet", "after analysts' copy"),
        *("before replace published/manifest.json", "after replace published/manifest.json"),
        *("before rename published/version", "after rename published/version"),
        *(f"after link .tmp-{SECOND}.link", f"after replace published/{SECOND}"),
        *("before replace published/latest", SERVED, "after stage publish"),
    ):
        assert step in steps


def test_f10_killed_at_each_kind_of_step_in_turn_the_last_stays_and_the_next_completes(
    zygote: Zygote, place: Path, steps: list[str]
) -> None:
    # Each run resumes what the one before left, and is killed two steps further on. Between stages
    # nothing is written: the deep tests stop there too, and take each step from a sound home.
    home, seen = begun(place), list[str]()
    for step in list(dict.fromkeys(step for step in steps if " stage " not in step))[::2]:
        code, taken = zygote.run(home, SECOND, step)
        assert (code, taken[-1:]) == (KILLED, [step]), zygote.errors()
        seen += taken
        assert_served(place, home, seen)
    resume(zygote, place, home, 3)


def test_f10_killed_while_the_key_is_made_it_is_made_once(zygote: Zygote, place: Path) -> None:
    home, keys = place / "new", set[bytes]()
    for step in (
        *("before replace consultation.key", "after replace consultation.key"),
        *("before replace key.sha256", "after replace key.sha256", "before stage fetch"),
    ):
        code, taken = zygote.run(home, FIRST, step)
        assert (code, taken[-1:]) == (KILLED, [step]), zygote.errors()
        keys |= {path.read_bytes() for path in home.glob("keys/consultation.key")}
    assert keys == {Home(home).key()}


@pytest.mark.deep
def test_f10_killed_at_every_step_and_resumed_three_times(
    zygote: Zygote, place: Path, steps: list[str]
) -> None:
    for fatal in range(1, len(steps) + 1):
        is_new = steps[fatal - 1] not in steps[: fatal - 1]
        kill_at(zygote, place, steps, fatal, 3 if is_new else 1)


@pytest.mark.deep
def test_f10_killed_a_thousand_times_at_random_nothing_is_lost(
    zygote: Zygote, place: Path, steps: list[str]
) -> None:
    chance = random.Random(10)
    start = time.monotonic()
    assert zygote.run(begun(place), SECOND)[0] == 0
    longest = time.monotonic() - start
    kills = 0
    while kills < 1_000:
        home, serves = begun(place), [published(place / "first"), published(place / "second")]
        for _ in range(10):  # killed again and again, unless a run comes through
            code, _ = zygote.run(home, SECOND, seconds=chance.uniform(0, longest))
            assert code in {0, KILLED}, zygote.errors()
            # Once readers have the second day, they keep it.
            serves = serves[serves.index(published(home)) :]
            assert published(home, FIRST) == published(place / "first")
            kills += code == KILLED
            if code == 0:
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


def test_f22_a_run_that_finds_another_at_work_names_it_and_fails(tmp_path: Path) -> None:
    home = tmp_path / "home"
    holder = take(home)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "pris"
    arguments = ["--consultation", str(EXAMPLE / "consultation.toml"), "--as-of", SECOND]
    refused = assises("run", *arguments, "--home", str(home))
    assert refused.returncode == 1
    assert f"déjà en cours dans {home} (PID {holder.pid})" in refused.stderr
    assert [path.name for path in home.iterdir()] == ["run.lock"]
    holder.communicate("\n")


def test_f22_of_two_real_runs_one_is_refused(place: Path, first: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "assises"
    arguments = [
        *("run", "--consultation", str(place / "consultation.toml"), "--as-of", SECOND),
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
