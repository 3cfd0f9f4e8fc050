"""Disks that are full, closed or broken, and power that goes: rows W02, W11 and W12."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb
import pytest
from packaging.requirements import Requirement

from tasks.faults import withholding_values
from tests.faults.trial import Trial
from tests.faults.writing import ROWS, numbered
from tests.program import ROOT
from warehouse.contracts import LAKE_STATEMENTS
from warehouse.database import Database, Part

# What a run that lacks room says, and the stages in which it may.
FULL = re.compile(r"Disque plein : 200 Mo nécessaires sous .*, \d+ Mo libres\. Libérez de la place")


class Disk:
    """A small disk of its own, in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resize(self, size: int) -> None:
        self._remount(f"size={size}")

    def close(self, *, closed: bool) -> None:
        self._remount("ro" if closed else "rw")

    def used(self) -> int:
        return shutil.disk_usage(self.folder).used

    def _remount(self, option: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{option}", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disque"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a small disk")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def rooms() -> list[int]:
    """49 sizes of what is left free, from none: close where files are small, then further apart."""
    return [12_288 * n * n for n in range(49)]


def stage_of(steps: list[str]) -> str:
    """The stage that a run was in when it ended."""
    begun = [step.removeprefix("before stage ") for step in steps if "before stage" in step]
    return begun[-1] if begun else "start"


# --- W02 -----------------------------------------------------------------------------------------


def test_w02_a_disk_full_at_49_sizes_loses_nothing_and_says_how_much_is_needed(
    trial: Trial, disk: Disk
) -> None:
    # Each run goes on from where the one before lacked room: it fails a little further.
    home, seen, failed = trial.begun(disk.folder / "home"), list[str](), list[str]()
    taken = disk.used()
    for room in rooms():
        disk.resize(taken + room)
        ended = trial.run(home)
        seen += ended.steps
        trial.assert_served(home, seen)
        if ended.code:
            assert FULL.match(ended.said), trial.zygote.errors()
            failed.append(stage_of(ended.steps))
    assert ended.code == 0
    assert {"start", "fetch", "analyse", "load", "publish"} <= set(failed), failed
    trial.assert_completed(home)


@pytest.mark.deep
@pytest.mark.parametrize("room", rooms())
def test_w02_a_sound_home_on_a_disk_of_each_size_is_completed_once_there_is_room(
    trial: Trial, disk: Disk, room: int
) -> None:
    home = trial.begun(disk.folder / "home")
    disk.resize(disk.used() + room)
    ended = trial.run(home)
    trial.assert_served(home, ended.steps)
    assert ended.code == 0 or FULL.match(ended.said), trial.zygote.errors()
    disk.resize(128_000_000)
    trial.resume(home)


def test_w02_what_was_committed_stays_when_the_disk_fills(disk: Disk) -> None:
    disk.resize(6_000_000)
    path, kept = disk.folder / "warehouse.duckdb", 0
    with pytest.raises(OSError, match="No space left"), Database.open(path, path) as database:  # noqa: PT012
        database.create_lake()
        for number in range(1_000):
            with withholding_values(), database.transaction():
                rows = partial(numbered, LAKE_STATEMENTS, number)
                database.load(LAKE_STATEMENTS, [Part(str(number), "x", rows)])
            kept = number + 1
    disk.resize(32_000_000)
    with Database.open(path, path) as database:
        assert len(database.loaded()) == kept > 10
        assert database.read(LAKE_STATEMENTS).num_rows == kept * ROWS


def test_w02_a_duckdb_that_loses_rows_on_a_full_disk_is_not_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (asked,) = (r for r in map(Requirement, project["dependencies"]) if r.name == "duckdb")
    assert "1.4.5" not in asked.specifier
    assert "1.5.5" not in asked.specifier
    assert duckdb.__version__ in asked.specifier


# --- W12 -----------------------------------------------------------------------------------------


def test_w12_a_disk_that_is_read_only_is_said_and_the_run_completes_once_it_is_not(
    trial: Trial, disk: Disk
) -> None:
    home = trial.begun(disk.folder / "home")
    disk.close(closed=True)
    ended = trial.run(home)
    assert ended.code == 1
    assert re.match(r"Le disque qui porte .* est en lecture seule", ended.said), ended.said
    trial.assert_served(home, ended.steps)
    disk.close(closed=False)
    trial.resume(home)


@pytest.mark.parametrize(
    "closed", [".", "journal", "vault/raw", "lake/statements", "warehouse.duckdb", "published"]
)
def test_w12_what_may_not_be_written_is_named(trial: Trial, closed: str) -> None:
    home = trial.begun()
    mode = (home / closed).stat().st_mode
    (home / closed).chmod(0o500 if (home / closed).is_dir() else 0o400)
    ended = trial.run(home, under={"modes": True})
    (home / closed).chmod(mode)
    # A home is made its owner's, who may write there, at each start.
    if closed != ".":
        assert ended.code == 1
        assert ended.said.startswith(f"Accès refusé à {home / closed}"), ended.said
    trial.assert_served(home, ended.steps)
    trial.resume(home)


@pytest.mark.parametrize("most", [64, 6])
def test_w12_few_open_files_are_enough_or_said(trial: Trial, most: int) -> None:
    home = trial.begun()
    ended = trial.run(home, under={"open files": most})
    if most < 64:
        assert ended.code == 1
    assert ended.code == 0 or ended.said.startswith("Trop de fichiers sont ouverts"), ended.said
    trial.assert_served(home, ended.steps)
    trial.resume(home)


@pytest.mark.parametrize(
    "call", ["fsync:error=EIO", "fsync:error=EIO:when=9", "pwrite64:error=EIO"]
)
def test_w12_a_disk_that_fails_is_said(trial: Trial, tmp_path: Path, call: str) -> None:
    home = trial.begun()
    with watched(trial, tmp_path / "calls", f"--inject={call}"):
        ended = trial.run(home)
    assert ended.code == 1
    assert ended.said.startswith("Le disque ne lit ou n'écrit plus"), ended.said
    trial.assert_served(home, ended.steps)
    trial.resume(home)


# --- W11 -----------------------------------------------------------------------------------------

CALL = re.compile(r"\d+ +(\w+)\((.*)")
PLACE = re.compile(r"<(/[^>]*)>")
NAMES = re.compile(r'"([^"]*)".*?"([^"]*)"')


@contextmanager
def watched(trial: Trial, log: Path, *options: str) -> Iterator[None]:
    """Have strace look at what runs ask of the system."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    trace = "--trace=fsync,fdatasync,write,pwrite64,writev,rename,renameat,renameat2"
    process = subprocess.Popen(
        ["strace", "-f", "-y", trace, *options, "-o", str(log), "-p", str(trial.zygote.pid)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = process.stderr.readline()
    if "attached" not in said:
        process.wait()
        pytest.skip(f"strace may not look at another process: {said}")
    yield
    process.send_signal(signal.SIGINT)
    process.communicate()


def calls(log: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield what was asked of the system, and of which files, in order."""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if found := CALL.match(line):
            name, told = found.groups()
            names = NAMES.search(told) if name.startswith("rename") else PLACE.search(told)
            if names:
                yield name, list(names.groups())


def test_w11_every_rename_follows_the_sync_of_what_is_renamed_and_its_folder_is_synced(
    trial: Trial, tmp_path: Path
) -> None:
    home = trial.begun()
    with watched(trial, tmp_path / "calls"):
        trial.complete(home)
    unsynced, known, moved, count = set[str](), set[str](), set[str](), 0
    for name, places in calls(tmp_path / "calls"):
        if not places[-1].startswith(str(home)):
            continue
        if "write" in name:
            unsynced.add(places[0])
        elif "sync" in name:
            unsynced.discard(places[0])
            moved.discard(places[0])
            known.add(places[0])
        else:
            source, target = places
            within = {p for p in unsynced if p == source or p.startswith(f"{source}/")}
            assert not within, f"{source} is renamed before {within} is on disk"
            assert source in known or Path(target).is_symlink() or Path(target).is_dir(), source
            known.discard(source)
            moved.add(str(Path(target).parent))
            count += 1
    assert count >= sum("after re" in step for step in trial.steps)
    assert not moved, f"renamed within {moved}, which is never synced after"
