"""Whatever comes: every submission has one place in the ledger, and all sums agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.reasons import REASONS
from expectations.verdicts import Rules
from tasks.consultation import Consultation, Theme
from tasks.validate import CARRIED, Pseudonymiser, judge_days
from tests.unit.warehouse.conftest import GivenLake
from warehouse.contracts import (
    CONTRIBUTIONS,
    LEDGER_BY_DAY,
    LEDGER_BY_REASON,
    STATUSES,
    SUBMISSIONS,
    VERDICTS,
)
from warehouse.vault import Day

Row = dict[str, Any]
ReadDay = Callable[..., tuple[Day, pa.Table]]

PARIS = ZoneInfo("Europe/Paris")
OPENING, DEADLINE = datetime(2020, 1, 8, tzinfo=PARIS), datetime(2020, 1, 20, tzinfo=PARIS)
RULES = Rules(OPENING, DEADLINE, message_bytes=1000)
PSEUDONYMISER = Pseudonymiser(b"k" * 32)
DAYS = [None, date(2020, 1, 7), date(2020, 1, 9), date(2020, 1, 19), date(2020, 1, 20)]
CONSULTATION = Consultation(
    slug="essai",
    title="Essai",
    organiser="Préfecture",
    addressee="Ministre",
    timezone=PARIS,
    opening=OPENING,
    deadline=DEADLINE,
    department="03",
    themes=(Theme("service", "Service", "Service"),),
)

letters = st.fixed_dictionaries(
    {
        "from_address": st.sampled_from([None, "lucie@courriel.example", "paul@courriel.example"]),
        "own_text": st.sampled_from(["La rue est sombre.", "La  rue est sombre. ", "Rien.", ""]),
        "message_id": st.sampled_from([None, "1@courriel.example", "2@courriel.example"]),
        "machine": st.sampled_from([None, None, None, "bounce", "auto_reply", "bulk", "spam"]),
        "is_revision": st.booleans(),
        "is_cover_note": st.booleans(),
        "has_unread_part": st.booleans(),
        "is_unreadable": st.sampled_from([False, False, False, True]),
        "withdrawal": st.sampled_from([None, None, None, "withdrawn"]),
        "size_bytes": st.sampled_from([500, 1000, 1001]),
        "message_sha256": st.sampled_from([character * 64 for character in "abcdef"]),
    }
)
mail = st.lists(st.tuples(st.sampled_from(range(len(DAYS))), letters), min_size=1, max_size=14).map(
    lambda pairs: sorted(pairs, key=lambda pair: pair[0])
)


def days_of(read_day: ReadDay, received: list[tuple[int, Row]]) -> list[tuple[Day, pa.Table]]:
    """Return the days on which the letters came, and what was read in them."""
    days = []
    for position in sorted({position for position, _ in received}):
        day = DAYS[position]
        rows = []
        for rank, (of, row) in enumerate(received):
            if of == position:
                minute = timedelta(minutes=rank)
                at = None if day is None else datetime.combine(day, time(12), UTC) + minute
                rows.append(row | {"submission_id": f"s-{rank:016x}", "received_at": at})
        days.append(read_day(day, *rows))
    return days


def fold(read_day: ReadDay, received: list[tuple[int, Row]]) -> pa.Table:
    """Judge the letters day by day."""
    judged = VERDICTS.schema.empty_table()
    for day in days_of(read_day, received):
        verdicts = judge_days([day], judged.select(CARRIED), RULES, PSEUDONYMISER)
        judged = pa.concat_tables([judged, verdicts])
    return judged


def contributions(verdicts: pa.Table) -> list[Row]:
    """Return a contribution for each accepted letter, as the lake holds it."""
    return [
        {
            "contribution_id": row["submission_id"].replace("s-", "c-"),
            "contributor_type": "inconnu",
            "text": "La rue est sombre.",
            "word_count": 4,
            "language": "fr",
            "commune_code": None,
            "from_attachment": False,
            **{
                name: row[name]
                for name in ("submission_id", "contributor_id", "received_at", "received_date")
            },
        }
        for row in verdicts.to_pylist()
        if row["status"] == "accepted"
    ]


@settings(max_examples=12, deadline=None)
@given(received=mail)
def test_received_is_accepted_and_all_that_is_not(
    received: list[tuple[int, Row]],
    read_day: ReadDay,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    verdicts = fold(read_day, received)
    lake = GivenLake(tmp_path_factory.mktemp("lake"))
    lake.rows["verdicts"] = verdicts.to_pylist()
    lake.rows["contributions"] = contributions(verdicts)
    lake.rows["copies"] = [
        {
            "contribution_id": row["contribution_id"],
            "cluster_id": row["contribution_id"].replace("c-", "k-"),
            "founder_id": row["contribution_id"],
            "copy_score": 1.0,
            "copied_positions": [],
            "founder_positions": [],
            "copy_why": "fondateur",
        }
        for row in lake.rows["contributions"]
    ]
    with lake.derive(CONSULTATION, submission_count=len(received)) as database:
        days = database.read(LEDGER_BY_DAY).to_pylist()
        reasons = database.read(LEDGER_BY_REASON).to_pylist()
        submissions = database.read(SUBMISSIONS).to_pylist()
        accepted = database.read(CONTRIBUTIONS).num_rows
        sums = database.query("from work.reconciliation").to_pylist()
    assert [row["what"] for row in sums if row["expected_count"] != row["found_count"]] == []
    assert {day["received_date"]: day["received_count"] for day in days} == Counter(
        DAYS[position] for position, _ in received
    )
    for day in days:
        assert day["received_count"] == sum(day[f"{status}_count"] for status in STATUSES)
    assert sum(row["submission_count"] for row in reasons) == len(received)
    assert accepted == sum(day["accepted_count"] for day in days)
    known = {(reason.status, reason.code) for reason in REASONS} | {("accepted", None)}
    assert {(row["status"], row["reason"]) for row in submissions} <= known


@settings(max_examples=15, deadline=None)
@given(received=mail)
def test_one_author_says_the_same_thing_once_and_a_double_names_the_first(
    received: list[tuple[int, Row]], read_day: ReadDay
) -> None:
    verdicts = fold(read_day, received).to_pylist()
    accepted = [row["text_key"] for row in verdicts if row["status"] == "accepted"]
    assert len(accepted) == len(set(accepted))
    rank = {row["submission_id"]: n for n, row in enumerate(verdicts)}
    for row in verdicts:
        for other in filter(None, (row["duplicate_of"], row["supersedes"])):
            assert rank[other] < rank[row["submission_id"]]
        if row["reason"] == "duplicate_text":
            assert verdicts[rank[row["duplicate_of"]]]["status"] == "accepted"


@settings(max_examples=10, deadline=None)
@given(received=mail, first=st.integers(min_value=0, max_value=len(DAYS)))
def test_days_judged_together_have_the_verdicts_they_have_one_by_one(
    received: list[tuple[int, Row]], first: int, read_day: ReadDay
) -> None:
    judged = VERDICTS.schema.empty_table()
    days = days_of(read_day, received)
    for together in filter(None, (days[:first], days[first:])):
        verdicts = judge_days(together, judged.select(CARRIED), RULES, PSEUDONYMISER)
        judged = pa.concat_tables([judged, verdicts])
    assert judged.to_pylist() == fold(read_day, received).to_pylist()
