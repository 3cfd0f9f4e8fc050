from __future__ import annotations

import math
import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.workers import Workers
from tests.program import environment

# What is called must be importable in the processes: the standard library's own functions are.


@pytest.mark.parametrize("count", [1, 2], ids=["alone", "two processes"])
def test_results_come_in_the_order_of_the_work(count: int) -> None:
    with Workers(count) as workers:
        found = list(workers.map(operator.sub, ((n, 1) for n in range(30))))
        again = list(workers.map(math.factorial, ((n,) for n in range(5))))
    assert found == list(range(-1, 29))
    assert again == [1, 1, 2, 6, 24]


@pytest.mark.parametrize(
    ("count", "work"),
    [
        pytest.param(2, [()], id="one piece of work"),
        pytest.param(1, [(), (), ()], id="one worker"),
    ],
)
def test_small_work_is_done_here(count: int, work: list[tuple[()]]) -> None:
    with Workers(count) as workers:
        assert set(workers.map(os.getpid, work)) == {os.getpid()}


def test_larger_work_is_done_elsewhere() -> None:
    with Workers(2) as workers:
        assert os.getpid() not in set(workers.map(os.getpid, [()] * 4))


def test_no_work_gives_nothing() -> None:
    with Workers(2) as workers:
        assert list(workers.map(os.getpid, [])) == []


@pytest.mark.parametrize("count", [1, 2])
def test_a_failure_is_raised_where_the_result_is_awaited(count: int) -> None:
    with Workers(count) as workers:
        results = workers.map(operator.truediv, [(4, 2), (1, 0), (4, 2)])
        assert next(results) == 2
        with pytest.raises(ZeroDivisionError):
            next(results)


@pytest.mark.parametrize("count", [1, 2])
def test_work_is_taken_as_it_is_needed(count: int) -> None:
    taken = []

    def work() -> Iterator[tuple[int]]:
        for n in range(1000):
            taken.append(n)
            yield (n,)

    with Workers(count) as workers:
        results = workers.map(math.factorial, work())
        assert next(results) == 1
        assert len(taken) <= 2 * count + 1
        results.close()  # type: ignore[attr-defined]


KILLED = """import os, signal
from tasks.workers import process_pool
if __name__ == "__main__":
    print(process_pool(1).submit(os.getpid).result(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_processes_end_with_one_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "killed.py").write_text(KILLED, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "killed.py")]
    ran = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, check=False)
    assert ran.returncode == -signal.SIGKILL
    left, end = Path("/proc", ran.stdout.decode().strip()), time.monotonic() + 60
    while left.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
