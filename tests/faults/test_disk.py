"""Disks that are full, closed or broken, and power that goes: rows W02, W11 and W12 of the matrix."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.trial import SERVED, Trial

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
    assert {"start", "fetch", "parse", "analyse", "aggregate", "publish"} <= set(failed)
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
