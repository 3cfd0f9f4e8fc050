"""A consultation whose second day is to be published, and runs of it that may fail anywhere.

The runs are those of `zygote.py`: the whole flow, without Prefect. The first day stands published;
whatever happens to a run of the second, readers have the whole first until they have the whole
second, and the run after it ends on the bytes of a run that nothing disturbed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.program import EXAMPLE, ROOT, copy_beside, environment
from warehouse.files import STAGED
from warehouse.home import Home

PARIS: Final = ZoneInfo("Europe/Paris")
KILLED: Final = -9
FIRST, SECOND = "2020-01-10", "2020-01-12"
# Letters of two days; then one more of the first of these days, one of a day between, one after.
LETTERS, LATER = ("03", "04", "08"), ("02", "06", "12")
SERVED: Final = "after replace published/latest"  # from here on readers have the second day


@dataclass(frozen=True)
class Ended:
    """How a run ended, the steps it went through, and what a person was told."""

    code: int
    steps: list[str]
    said: str


class Zygote:
    """The process of `zygote.py`, asked for one run after another."""

    def __init__(self, folder: Path, remembered: Path, **more: str) -> None:
        self._folder = folder
        self._errors = (folder / "errors").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", str(remembered)],
            cwd=ROOT,
            env=environment(
                PREFECT_HOME=str(folder / "prefect"),
                DO_NOT_TRACK="1",
                OPENBLAS_NUM_THREADS="1",  # its other threads would not be in a fork
                **more,
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def run(
        self,
        consultation: Path,
        home: Path,
        as_of: str | None,
        fatal: int | str = 0,
        seconds: float = 0,
        under: dict[str, Any] | None = None,
        flow: str = "daily_synthesis",
    ) -> Ended:
        """Run up to a day, killed at a step or after some time; `under` names CONDITIONS.

        Another flow than the daily one knows its day itself.
        """
        log, said = self._folder / "steps", self._folder / "said"
        for path in (log, said):
            path.unlink(missing_ok=True)
        asked: dict[str, Any] = {
            "consultation": str(consultation),
            "home": str(home),
            "flow": flow,
            "as_of": as_of,
            "fatal": fatal,
            "seconds": seconds,
            "under": under or {},
            "log": str(log),
            "said": str(said),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        while not line.startswith('{"code"'):  # Great Expectations says hello there
            assert line, self.errors()
            line = self._process.stdout.readline()
        return Ended(
            int(json.loads(line)["code"]),
            log.read_text(encoding="utf-8").splitlines() if log.exists() else [],
            said.read_text(encoding="utf-8") if said.exists() else "",
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def errors(self) -> str:
        """The last that was said of what went wrong."""
        return Path(self._errors.name).read_text(encoding="utf-8")[-3_000:]

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()


class Trial:
    """The consultation under `place`, shared by the processes that test, and homes made of it."""

    def __init__(self, place: Path, zygote: Zygote, aside: Path) -> None:
        self.place, self.zygote, self.aside = place, zygote, aside
        with (place / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (place / "steps").exists():
                self._settle()
        self.first, self.second = place / "first", place / "second"
        self.steps = (place / "steps").read_text(encoding="utf-8").splitlines()

    def _settle(self) -> None:
        """Publish the first day; then, of more letters, the second, in another home."""
        shutil.copy(EXAMPLE / "consultation.toml", self.place)
        copy_beside(self.place)
        (self.place / "mailbox").mkdir()
        deliver(self.place, LETTERS)
        self.complete(self.place / "first", FIRST)
        deliver(self.place, LATER)
        shutil.copytree(self.place / "first", self.place / "second", symlinks=True)
        steps = self.complete(self.place / "second", SECOND).steps
        assert len(submissions(self.place / "second")) == len(LETTERS + LATER)
        (self.place / "steps").write_text("\n".join(steps), encoding="utf-8")

    def run(
        self,
        home: Path,
        as_of: str = SECOND,
        fatal: int | str = 0,
        seconds: float = 0,
        under: dict[str, Any] | None = None,
    ) -> Ended:
        consultation = self.place / "consultation.toml"
        return self.zygote.run(consultation, home, as_of, fatal, seconds, under)

    def complete(self, home: Path, as_of: str = SECOND) -> Ended:
        ended = self.run(home, as_of)
        assert ended.code == 0, self.zygote.errors()
        return ended

    def begun(self, home: Path | None = None) -> Path:
        """A home in which the first day is published and the second is to be made."""
        home = home or self.aside / "home"
        if home.exists():
            shutil.rmtree(home)
        shutil.copytree(self.first, home, symlinks=True)
        return home

    def assert_served(self, home: Path, seen: list[str]) -> None:
        """Readers have the whole first day until the link moves, then the whole second (I5)."""
        assert published(home) == published(self.second if SERVED in seen else self.first)
        assert published(home, FIRST) == published(self.first)

    def resume(self, home: Path, times: int = 1) -> None:
        """Run again: the first completes, the others change nothing (I1, I3)."""
        stands: dict[str, tuple[int, int]] = {}
        for _ in range(times):
            self.complete(home)
            self.assert_completed(home)
            assert written(home) == (stands or written(home))
            stands = written(home)

    def assert_completed(self, home: Path) -> None:
        """Nothing tells the home from that of a run that nothing disturbed."""
        assert published(home) == published(self.second)
        assert published(home, SECOND) == published(home)
        assert published(home, FIRST) == published(self.first)
        assert submissions(home) == submissions(self.second)
        assert list(home.rglob(f"{STAGED}*")) == []


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder in memory, where there is room: a kill loses nothing of a file that is written."""
    memory = Path("/dev/shm")
    is_large = memory.is_dir() and shutil.disk_usage(memory).free > 500_000_000
    with tempfile.TemporaryDirectory(prefix="assises-", dir=memory if is_large else None) as folder:
        yield Path(folder)


def deliver(place: Path, numbers: tuple[str, ...]) -> None:
    for number in numbers:
        (letter,) = (EXAMPLE / "mailbox").glob(f"{number}-*.eml")
        shutil.copy(letter, place / "mailbox")


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


def shared_folder(base: Path, name: str) -> Path:
    """A folder that all the processes that test share, `base` being this one's own."""
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    return folder
