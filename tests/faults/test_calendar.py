"""Clocks that jump and days that are not 24 hours long: row F21."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tasks.consultation import Source
from tasks.fetch import fetch
from tasks.mail.sources.opening import Access, open_source
from tests.faults.trial import SECOND, Trial, Zygote, published, shared_folder, submissions
from tests.program import EXAMPLE, ROOT, copy_beside, environment
from tests.servers.clock import Clock
from warehouse.vault import Vault

PARIS = ZoneInfo("Europe/Paris")
ASK = (
    "from pathlib import Path; from flows.run import prepare_run; "
    "print(prepare_run(Path('examples/allier-2020/consultation.toml')).as_of)"
)


@pytest.mark.parametrize(
    ("clock", "zone", "yesterday"),
    [
        ("2020-01-12 00:30:00", "Europe/Paris", "2020-01-11"),
        ("2020-01-11 23:30:00", "UTC", "2020-01-11"),
        ("2020-01-11 22:30:00", "UTC", "2020-01-10"),
        ("2020-03-01 08:00:00", "Europe/Paris", "2020-02-29"),
        ("2020-03-29 03:30:00", "Europe/Paris", "2020-03-28"),
        ("2020-10-25 02:30:00", "Europe/Paris", "2020-10-24"),
        ("2020-01-01 00:00:01", "Europe/Paris", "2019-12-31"),
    ],
)
def test_f21_a_run_is_for_the_last_day_that_is_whole_where_the_consultation_is_held(
    clock: str, zone: str, yesterday: str
) -> None:
    if shutil.which("faketime") is None:
        pytest.fail("Il manque faketime : sudo apt install faketime")
    said = subprocess.run(
        ["faketime", clock, sys.executable, "-c", ASK],
        cwd=ROOT,
        env=environment(TZ=zone),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert said.stdout.strip() == yesterday


def test_f21_every_minute_of_the_nights_that_change_belongs_to_one_day(tmp_path: Path) -> None:
    instants = [
        start + timedelta(minutes=17 * n)
        for start in (
            datetime(2020, 2, 28, 20, tzinfo=UTC),
            datetime(2020, 3, 28, 20, tzinfo=UTC),
            datetime(2020, 10, 24, 20, tzinfo=UTC),
        )
        for n in range(120)
    ]
    (tmp_path / "lettres").mkdir()
    for n, instant in enumerate(instants):
        trace = f"Received: from a by b; {instant:%a, %d %b %Y %H:%M:%S} +0000"
        letter = f"{trace}\nSubject: {n}\n\nLettre {n}\n"
        (tmp_path / "lettres" / f"{n}.eml").write_text(letter)
    opened = partial(open_source, access=Access(tmp_path, PARIS, 10**6, str, lambda _: None))
    vault = Vault(tmp_path / "vault")
    sources = [Source("lettres", "eml:lettres")]
    clock = datetime(2020, 11, 1, tzinfo=UTC)
    for jump in (0, -1, 1):  # a clock that goes back a day, then forth, moves no message
        fetch.fn(vault, sources, opened, PARIS, clock + timedelta(days=jump))
        days = {d.day: d.submissions.num_rows for d in vault.days(PARIS, date(2099, 1, 1))}
        assert days == Counter(instant.astimezone(PARIS).date() for instant in instants)


def test_f21_the_example_has_no_letter_of_two_days(tmp_path: Path) -> None:
    source = Source("boite", f"eml:{EXAMPLE / 'mailbox'}")
    opened = partial(open_source, access=Access(tmp_path, PARIS, 10**8, str, lambda _: None))
    vault = Vault(tmp_path / "vault")
    fetched = fetch.fn(vault, [source], opened, PARIS, datetime(2020, 1, 21, tzinfo=UTC))
    found = [
        submission
        for day in vault.days(PARIS, date(2099, 1, 1))
        for submission in day.submissions["submission_id"].to_pylist()
    ]
    assert len(found) == len(set(found)) == fetched.new_count


# --- the whole flow, the clock of its process being another ---------------------------------------

LONG = {"2020-01-08T00:00:00": "2020-02-01T00:00:00", "2020-01-20T00:00:00": "2020-12-01T00:00:00"}


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock"), datetime(2020, 1, 13, tzinfo=PARIS))


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Zygote]:
    """Runs whose every look at the clock is at that of the test."""
    remembered = shared_folder(tmp_path_factory.getbasetemp(), "remembered")
    folder = tmp_path_factory.mktemp("clocked")
    zygote = Zygote(folder, remembered, **clock.environment, TZ=PARIS.key)
    yield zygote
    zygote.stop()


def days_of(home: Path) -> dict[str, str]:
    """The day that each link serves."""
    shelf = home / "published"
    dated = [path.name for path in shelf.iterdir() if path.is_symlink()]
    return {n: json.loads((shelf / n / "manifest.json").read_text())["as_of_date"] for n in dated}


def test_f21_a_clock_that_jumps_a_day_loses_no_day_and_serves_none_twice(
    trial: Trial, clocked: Zygote, clock: Clock
) -> None:
    home, served = trial.begun(), []
    for now in ("2020-01-13 08:00", "2020-01-12 08:00", "2020-01-14 08:00", "2020-01-13 08:00"):
        clock.set(datetime.fromisoformat(now).replace(tzinfo=PARIS))
        ended = clocked.run(trial.place / "consultation.toml", home, None)
        assert ended.code == 0, clocked.errors()
        served.append(days_of(home)["latest"])
    assert served == ["2020-01-12", "2020-01-12", "2020-01-13", "2020-01-13"]
    links = days_of(home)
    assert links.pop("latest") == "2020-01-13"
    assert links == {day: day for day in ("2020-01-10", "2020-01-11", "2020-01-12", "2020-01-13")}
    assert published(home, SECOND) == published(trial.second)
    assert submissions(home) == submissions(trial.second)


def test_f21_a_run_of_each_night_that_changes_publishes_the_day_before(
    trial: Trial, clocked: Zygote, clock: Clock, tmp_path: Path
) -> None:
    text = (trial.place / "consultation.toml").read_text(encoding="utf-8")
    for before, after in LONG.items():
        text = text.replace(before, after)
    consultation, home = tmp_path / "consultation.toml", tmp_path / "home"
    consultation.write_text(text, encoding="utf-8")
    copy_beside(tmp_path)
    (tmp_path / "mailbox").mkdir()
    days = []
    for now in (
        *("2020-02-29 23:59", "2020-03-01 00:01", "2020-03-29 01:59", "2020-03-29 03:01"),
        *("2020-03-30 00:01", "2020-10-25 02:59", "2020-10-26 00:01"),
    ):
        clock.set(datetime.fromisoformat(now).replace(tzinfo=PARIS))
        ended = clocked.run(consultation, home, None)
        assert ended.code == 0, clocked.errors()
        days.append(days_of(home)["latest"])
    assert days == [
        *("2020-02-28", "2020-02-29", "2020-03-28", "2020-03-28"),
        *("2020-03-29", "2020-10-24", "2020-10-25"),
    ]
