"""Items that take their reader with them: the others are read, they are condemned."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tasks import isolation
from tasks.isolation import DIED, TOO_SLOW, ReaderError, Readers
from tasks.mail.reading import read_message
from tasks.mail.sources.mailbox import ANSWER, MAIL
from tasks.mail.submissions import Submission, read_submission, unread_submission
from tests.faults.hostile_readers import condemn, read
from tests.program import ROOT

ORDINARY = [f"lettre {n}" for n in range(1000)]


@pytest.fixture(autouse=True)
def no_process_stays() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def read_all(items: list[str], count: int = 2, size: int = 100) -> list[str]:
    chunks = (items[n : n + size] for n in range(0, len(items), size))
    with Readers(count, read, condemn) as readers:
        return [row for rows in readers.read(chunks) for row in rows]


def strew(guilty: list[str]) -> list[str]:
    """Put guilty items among ordinary ones, always at the same places."""
    items = list(ORDINARY)
    for rank, item in enumerate(guilty):
        items.insert((rank * 391 + 57) % len(items), item)
    return items


@pytest.mark.parametrize("count", [1, 2, 4])
def test_ordinary_items_are_read_in_order_by_any_number_of_processes(count: int) -> None:
    assert read_all(ORDINARY, count) == [item.partition(" ")[2] for item in ORDINARY]


def test_no_work_starts_no_process() -> None:
    with Readers(2, read, condemn) as readers:
        assert list(readers.read([])) == []
        assert list(readers.read([[], []])) == [[], []]
        assert multiprocessing.active_children() == []


def test_an_item_that_kills_its_reader_is_condemned_and_the_others_are_read() -> None:
    items = strew(["die a", "crash b", "leave c", "die d"])
    rows = read_all(items)
    condemned = {i: r for i, r in zip(items, rows, strict=True) if r.endswith(DIED)}
    assert condemned == {i: f"{i}: {DIED}" for i in ("die a", "crash b", "leave c", "die d")}
    assert [r for r in rows if not r.endswith(DIED)] == [
        item.partition(" ")[2] for item in ORDINARY
    ]


QUOTING = """
from tasks.isolation import Readers
from tests.faults.hostile_readers import condemn, read
with Readers(1, read, condemn) as readers:
    print(*readers.read([["quote Éloïse Zwykhold"]]))
"""


def test_of_what_an_item_is_in_error_with_no_word_is_said() -> None:
    command = [sys.executable, "-c", QUOTING]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == f"['quote Éloïse Zwykhold: {DIED}']\n"
    assert "Lecture : ValueError dans tasks.isolation, _serve, ligne" in ran.stderr
    assert "Zwykhold" not in ran.stderr


def test_an_item_that_never_ends_is_condemned_even_inside_c_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(isolation, "WALL_SECONDS", 3.0)
    items = strew(["loop a", "regex b", "sleep c"])
    rows = read_all(items, size=50)
    guilty = {item: row for item, row in zip(items, rows, strict=True) if TOO_SLOW in row}
    assert guilty == {i: f"{i}: {TOO_SLOW}" for i in ("loop a", "regex b", "sleep c")}
    assert len(rows) == len(items)


def test_processor_time_is_counted_by_item_and_the_system_takes_what_exceeds_it() -> None:
    child = (
        "from tasks import isolation; isolation.CPU_SECONDS = 2\n"
        "import time\n"
        "def work(seconds):\n"
        "    isolation._allow_time(); start = time.process_time()\n"
        "    while time.process_time() - start < seconds: pass\n"
        "for _ in range(4): work(0.8)\n"
        "print('four', flush=True)\n"
        "work(9)\n"
        "print('never')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", child],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGXCPU, "four\n")


def test_an_item_has_the_memory_of_one_and_the_process_goes_on() -> None:
    assert read_all(["memory a", "lettre b", "memory c"]) == [
        "no more memory",
        "B",
        "no more memory",
    ]


def test_a_reader_writes_no_file(tmp_path: Path) -> None:
    assert read_all([f"write {tmp_path / 'trace'}"]) == ["refused"]
    assert not (tmp_path / "trace").exists() or (tmp_path / "trace").read_bytes() == b""


def test_an_item_whose_reader_died_by_accident_is_read_again(tmp_path: Path) -> None:
    items = [*ORDINARY[:60], f"once {tmp_path / 'a'}", *ORDINARY[60:90]]
    rows = read_all(items)
    assert rows[60] == "survived"
    assert len(rows) == 91


def test_readers_killed_at_random_lose_nothing() -> None:
    stop = threading.Event()
    kills = []

    def kill_some() -> None:
        chance = random.Random(7)
        while not stop.is_set() and len(kills) < 100:
            time.sleep(chance.uniform(0.0, 0.06))
            children = multiprocessing.active_children()
            if children:
                victim = chance.choice(children)
                with suppress(ProcessLookupError):  # it ended meanwhile
                    os.kill(int(victim.pid or 0), signal.SIGKILL)
                    kills.append(victim.pid)

    killer = threading.Thread(target=kill_some)
    items = [f"lettre {n}" for n in range(60_000)]
    killer.start()
    try:
        # A kill may take a process before it is up: the fourth in a row is a fault of the machine.
        failed_starts = isolation.FAILED_STARTS
        isolation.FAILED_STARTS = 1000
        rows = read_all(items, size=250)
    finally:
        isolation.FAILED_STARTS = failed_starts
        stop.set()
        killer.join()
    assert len(kills) > 20
    assert rows == [str(n) for n in range(60_000)]


@pytest.mark.deep  # it takes two gigabytes
def test_an_item_too_large_for_a_process_to_take_in_is_condemned_alone() -> None:
    items = [*ORDINARY[:30], "lettre " + "a" * 700_000_000, *ORDINARY[30:60]]
    rows = read_all(items, size=20)
    assert rows[30] == f"{items[30]}: {DIED}"
    assert len(rows) == 61
    assert [rows[29], rows[31]] == ["29", "30"]


def test_a_process_that_cannot_start_is_said_at_once() -> None:
    class Unknown:
        def __call__(self, item: str) -> str:
            return item

        def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
            return (__import__, ("no_such_module",))

    with (
        pytest.raises(ReaderError, match="ne démarrent pas"),
        Readers(1, Unknown(), condemn) as readers,
    ):
        list(readers.read([["a"]]))


PARENT = """
import time
from tasks.isolation import Readers
from tests.faults.hostile_readers import condemn, read
readers = Readers(2, read, condemn)
print(*[row for rows in readers.read([["pid"], ["pid"]]) for row in rows], flush=True)
time.sleep(60)
"""


def test_readers_end_with_their_parent() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            PARENT,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    children = {int(word) for word in parent.stdout.readline().split()}
    assert children
    parent.kill()
    parent.communicate()
    end = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_reading_process_loads_nothing_heavy() -> None:
    assert read_all(["loaded"]) == [""]


# --- the real reader -----------------------------------------------------------------------------


def test_isolated_or_not_a_message_is_read_the_same(write_letter: Callable[..., bytes]) -> None:
    submissions = [
        Submission(f"s-{n:016x}", MAIL, write_letter(f"Bonjour,\n\nLa rue {n} est sombre.\n"))
        for n in range(300)
    ]
    submissions.append(Submission("s-a", ANSWER, b'{"text": "La rue est sombre."}'))
    reader = partial(read_submission, trusted=frozenset())
    with Readers(2, reader, unread_submission) as readers:
        found = [r for rows in readers.read([submissions[:200], submissions[200:]]) for r in rows]
    assert found == [reader(submission) for submission in submissions]
    assert found[0] == {"submission_id": "s-" + "0" * 16} | vars(read_message(submissions[0].raw))


def test_a_submission_that_cannot_be_read_has_its_row() -> None:
    row = unread_submission(Submission("s-a", MAIL, b""), TOO_SLOW)
    assert (row["submission_id"], row["defects"], row["is_unreadable"]) == ("s-a", [TOO_SLOW], True)
