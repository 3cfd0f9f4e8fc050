"""Twelve daily runs, one quiet run over the same messages: the same bytes."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from flows.daily_synthesis import daily_synthesis
from tests.program import EXAMPLE, Ran
from warehouse.publication import Published, Shelf

DAYS = [date(2020, 1, 8) + timedelta(days=n) for n in range(12)]


@pytest.fixture(scope="module")
def daily(prefect: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the flow has run for each day of the consultation, in order."""
    home = tmp_path_factory.mktemp("daily")
    for day in DAYS:
        published = daily_synthesis(EXAMPLE / "consultation.toml", home=home, as_of=str(day))
        assert isinstance(published, Published)
    return home


def with_the_same_messages(home: Path, other: Path) -> Path:
    """A folder that holds the vault and the key of another, and nothing made of them."""
    for part in ("vault", "keys"):
        shutil.copytree(home / part, other / part)
    return other


def version(home: Path, day: date) -> str:
    return (home / "published" / str(day)).resolve().name


def test_daily_runs_and_one_quiet_run_publish_the_same_bytes(daily: Path, tmp_path: Path) -> None:
    quiet = with_the_same_messages(daily, tmp_path / "quiet")
    daily_synthesis(EXAMPLE / "consultation.toml", home=quiet, as_of=str(DAYS[-1]), workers=1)
    assert version(quiet, DAYS[-1]) == version(daily, DAYS[-1])


def test_a_past_day_is_made_again_identically_and_latest_does_not_go_back(daily: Path) -> None:
    before = {day: version(daily, day) for day in DAYS}
    daily_synthesis(EXAMPLE / "consultation.toml", home=daily, as_of=str(DAYS[3]))
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
    assert published.manifest["input_sha256"] != before["input_sha256"]
    with duckdb.connect(str(published.link / "assises.duckdb"), read_only=True) as base:
        found = base.sql(
            "select received_date::varchar, status, sources from core.submissions"
            " where list_contains(sources, 'eml')"
        ).fetchall()
    assert found == [("2020-01-08", "accepted", ["eml"])]
