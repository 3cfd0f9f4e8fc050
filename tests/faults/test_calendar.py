"""Clocks that jump and days that are not 24 hours long: row F21."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tasks.consultation import Source
from tasks.fetch import fetch
from tasks.mail.sources.opening import Access, open_source
from tests.program import EXAMPLE, ROOT, environment
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
