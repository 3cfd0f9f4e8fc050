"""Twelve daily runs, one quiet run, one after days without any: the same bytes."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest

from flows.backfill import backfill
from flows.daily_synthesis import daily_synthesis
from flows.found_late import note_found_late
from flows.orchestrator import run_once
from flows.run import prepare_run
from tasks.mail.received import topmost_received
from tests.program import EXAMPLE, Ran, copy_beside
from warehouse.contracts import DELIVERIES
from warehouse.database import Database
from warehouse.files import sha256_of_file
from warehouse.home import Home
from warehouse.publication import Published, Shelf

PARIS = ZoneInfo("Europe/Paris")
DAYS = [date(2020, 1, 8) + timedelta(days=n) for n in range(12)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's consultation with an empty mailbox."""
    place = tmp_path_factory.mktemp("days")
    shutil.copy(EXAMPLE / "consultation.toml", place)
    copy_beside(place)
    (place / "mailbox").mkdir()
    return place


def deliver(place: Path, until: date) -> None:
    """Put in the mailbox what it had received at the end of a day."""
    for letter in (EXAMPLE / "mailbox").glob("*.eml"):
        received = topmost_received(letter.read_bytes())
        assert received is not None
        there = place / "mailbox" / letter.name
        if received.astimezone(PARIS).date() <= until and not there.exists():
            shutil.copy(letter, there)


@pytest.fixture(scope="module")
def daily(prefect: None, place: Path) -> Path:
    """A folder in which the flow has run at the end of each day of the consultation."""
    home = place / "daily"
    for day in DAYS:
        deliver(place, day)
        published = daily_synthesis(place / "consultation.toml", home=home, as_of=str(day))
        assert isinstance(published, Published)
    return home


@pytest.fixture(scope="module")
def missed(daily: Path, place: Path) -> Path:
    """A folder that ran the first day, then not for ten days, then once for all their mail."""
    home, letters = place / "missed", place / "mailbox"
    shutil.copytree(daily / "keys", home / "keys")
    shutil.rmtree(letters)
    letters.mkdir()
    for day in (DAYS[0], DAYS[-1]):
        deliver(place, day)
        daily_synthesis(place / "consultation.toml", home=home, as_of=str(day))
    return home


def with_the_same_messages(home: Path, other: Path) -> Path:
    """A folder that holds the vault and the key of another, and nothing made of them."""
    for part in ("vault", "keys"):
        shutil.copytree(home / part, other / part)
    return other


def version(home: Path, day: date) -> str:
    return (home / "published" / str(day)).resolve().name


def tree(folder: Path) -> dict[str, str]:
    """What a folder holds: each file's sum, each link's target."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else sha256_of_file(path)
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_daily_runs_and_one_quiet_run_publish_the_same_bytes(daily: Path, tmp_path: Path) -> None:
    quiet = with_the_same_messages(daily, tmp_path / "quiet")
    daily_synthesis(daily.parent / "consultation.toml", home=quiet, as_of=str(DAYS[-1]), workers=1)
    assert version(quiet, DAYS[-1]) == version(daily, DAYS[-1])


def test_p04_one_run_after_ten_missed_days_puts_each_mail_on_its_day(
    daily: Path, missed: Path
) -> None:
    fetched = Home(missed).journal.entries()
    assert [entry["new_count"] for entry in fetched] == [4, 58]
    assert version(missed, DAYS[-1]) == version(daily, DAYS[-1])


def test_p05_missed_days_are_published_as_they_would_have_been(daily: Path, missed: Path) -> None:
    last, days = version(missed, DAYS[-1]), DAYS[1:3]
    file = missed.parent / "consultation.toml"
    run_once(backfill, consultation=file, first=days[0], last=days[-1], home=missed)  # as --from
    assert [version(missed, day) for day in days] == [version(daily, day) for day in days]
    assert (missed / "published" / "latest").resolve().name == last


@pytest.mark.parametrize(
    ("days", "times"),
    [(DAYS[-1:], 1), pytest.param(DAYS, 5, marks=pytest.mark.deep)],
    ids=["the last", "every day, five times"],
)
def test_p05_days_made_again_change_no_byte(daily: Path, days: list[date], times: int) -> None:
    before = tree(daily / "published")
    for _ in range(times):
        again = backfill(daily.parent / "consultation.toml", days[0], days[-1], daily)
        assert all(isinstance(outcome, Published) for outcome in again)
    assert tree(daily / "published") == before


def test_a_past_day_is_made_again_identically_and_latest_does_not_go_back(daily: Path) -> None:
    before = {day: version(daily, day) for day in DAYS}
    daily_synthesis(daily.parent / "consultation.toml", home=daily, as_of=str(DAYS[3]))
    assert {day: version(daily, day) for day in DAYS} == before
    assert (daily / "published" / "latest").resolve().name == before[DAYS[-1]]


def test_yesterdays_figures_and_todays_mail_make_todays_figures(daily: Path) -> None:
    received, accepted = [], []
    for published in Shelf(daily / "published").dated():
        with duckdb.connect(str(published.link / "assises.duckdb"), read_only=True) as base:
            rows = base.sql(
                "select count(*), count(*) filter (where received_date = $day),"
                " count(*) filter (where status = 'accepted') from core.submissions",
                params={"day": published.as_of},
            ).fetchall()
        received.append(rows[0][:2])
        accepted.append(rows[0][2])
    for (yesterday, _), (today, arrived) in pairwise(received):
        assert yesterday + arrived == today
    assert accepted[-1] == 48


def test_a_group_keeps_its_identity_from_day_to_day_or_leaves_a_trace(daily: Path) -> None:
    groups: dict[str, str] = {}
    merges = 0
    for published in Shelf(daily / "published").dated():
        with duckdb.connect(str(published.link / "assises.duckdb"), read_only=True) as base:
            rows = base.sql("select statement_id, group_id from core.statements").fetchall()
            history = base.sql("select group_id, became_group_id from core.group_history")
            became = dict(history.fetchall())
        for statement, group in rows:
            known = groups.get(statement, group)
            while known in became:
                known = became[known]
            assert known == group
            groups[statement] = group
        merges = len(became)
    assert len(groups) > 400
    assert merges > 0


def test_only_the_last_day_is_final(daily: Path) -> None:
    finals = [p.as_of for p in Shelf(daily / "published").dated() if p.is_final]
    assert finals == [DAYS[-1]]


def test_mail_found_late_is_counted_on_its_own_day(
    prefect: None, final_copy: Ran, tmp_path: Path
) -> None:
    late = tmp_path / "retrouve"
    late.mkdir()
    letter = (EXAMPLE / "mailbox" / "03-iphone-patrouilles-a-pied-moulins.eml").read_bytes()
    other = letter.replace(b"Message-ID: <", b"Message-ID: <autre.").replace(
        b"From: ", b"From: marie.retrouvee@courriel.example\nX-Was: ", 1
    )
    (late / "lettre.eml").write_bytes(other)
    before = json.loads((final_copy.latest / "manifest.json").read_text())
    published = daily_synthesis(
        EXAMPLE / "consultation.toml",
        home=final_copy.home,
        as_of="2020-01-19",
        sources=[f"eml:{late}"],
    )
    assert isinstance(published, Published)
    assert Home(final_copy.home).journal.entries()[-1]["found_late"] == {"2020-01-08": 1}
    assert published.manifest["input_sha256"] != before["input_sha256"]
    with duckdb.connect(str(published.link / "assises.duckdb"), read_only=True) as base:
        found = base.sql(
            "select received_date::varchar, status, sources from core.submissions"
            " where list_contains(sources, 'eml')"
        ).fetchall()
    assert found == [("2020-01-08", "accepted", ["eml"])]


def test_mail_found_late_by_a_run_that_was_killed_is_said_by_the_next(
    final_copy: Ran,
) -> None:
    home = Home(final_copy.home)
    home.journal.begin(command="run", started_at=datetime.now(UTC), outcome=None)
    found = home.vault.deliveries().slice(0, 1).to_pylist()[0]
    found |= {"submission_id": "s-0123456789abcdef", "fetched_at": datetime.now(UTC)}
    home.vault.add(pa.Table.from_pylist([found | {"raw": b""}], schema=DELIVERIES.schema), PARIS)
    for outcome, told in (("published", {"2020-01-07": 1}), (None, {})):
        entry = home.journal.begin(command="run", started_at=datetime.now(UTC), outcome=None)
        with Database.open(home.database, home.temporary) as database:
            note_found_late(prepare_run(EXAMPLE / "consultation.toml", home.root), entry, database)
            rows = database.query("from lake.found_late").to_pylist()
        assert entry.facts["found_late"] == told
        assert len(rows) == len(told)
        entry.note(outcome=outcome)
