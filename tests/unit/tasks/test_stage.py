from __future__ import annotations

import platform
import re
import time
from pathlib import Path

import pytest

from tasks.stage import counting_seconds, stage
from warehouse.failures import FaultError


@stage
def wait(seconds: float) -> None:
    time.sleep(seconds)


@stage
def stumble() -> None:
    time.sleep(0.01)
    raise ValueError


def test_the_calls_of_a_stage_are_summed_under_its_name() -> None:
    with counting_seconds() as seconds:
        wait.fn(0.01)
        once = seconds["wait"]
        wait.fn(0.01)
    assert once >= 0.01
    assert seconds["wait"] >= once + 0.01


def test_a_stage_that_fails_is_counted_too() -> None:
    with counting_seconds() as seconds, pytest.raises(FaultError):
        stumble.fn()
    assert seconds["stumble"] >= 0.01


def test_nothing_is_counted_once_it_is_no_more_asked() -> None:
    with counting_seconds() as seconds:
        pass
    wait.fn(0)
    assert seconds == {}


def held_mib() -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


@stage
def fill() -> bytes:
    """Take 200 MiB and free them below a little that stays: the C library keeps such memory."""
    taken = [b"x" * 100_000 for _ in range(2_000)]
    return taken.pop()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of GNU's C library")
def test_a_stage_gives_back_what_it_freed() -> None:
    before = held_mib()
    kept = [fill.fn() for _ in range(2)]
    assert held_mib() - before < 50, len(kept)
