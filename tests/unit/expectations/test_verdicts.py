from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from expectations.reasons import REASONS
from expectations.verdicts import STATUS_OF, Rules, judge_submissions

PARIS = ZoneInfo("Europe/Paris")
OPENING = datetime(2020, 1, 8, tzinfo=PARIS)
DEADLINE = datetime(2020, 1, 20, tzinfo=PARIS)
RULES = Rules(OPENING, DEADLINE, message_bytes=1000)
INSTANT = timedelta(microseconds=1)

Row = dict[str, Any]

LETTER: Row = {
    "withdrawal": None,
    "person_reading": None,
    "received_at": datetime(2020, 1, 9, 12, tzinfo=UTC),
    "is_unreadable": False,
    "is_whole": True,
    "size_bytes": 1000,
    "repeats": None,
    "machine": None,
    "awaits_reader": False,
    "content_word_count": 1,
}
# What gives a letter each reason that the day decides, in the order of the closed list.
FLAWS: dict[str, Row] = {
    "withdrawn": {"withdrawal": "withdrawn"},
    "disowned": {"withdrawal": "disowned"},
    "expired": {"withdrawal": "expired"},
    "unreadable": {"is_unreadable": True},
    "too_large": {"size_bytes": 1001},
    "duplicate_message": {"repeats": "s-0000000000000009"},
    "bounce": {"machine": "bounce"},
    "auto_reply": {"machine": "auto_reply"},
    "bulk": {"machine": "bulk"},
    "spam": {"machine": "spam"},
    "before_opening": {"received_at": OPENING - INSTANT},
    "after_deadline": {"received_at": DEADLINE},
    "to_read": {"awaits_reader": True},
    "empty": {"content_word_count": 0},
}


def judge(*rows: Row, received_type: str = "datetime64[us, UTC]") -> list[tuple[str, str | None]]:
    """Return the status and reason of each letter."""
    frame = pd.DataFrame([LETTER | row for row in rows])
    frame["submission_id"] = [f"s-{n:016x}" for n in range(len(rows))]
    frame["received_at"] = pd.to_datetime(frame["received_at"], utc=True).astype(received_type)  # type: ignore[call-overload]
    judged = judge_submissions(frame, RULES)
    reasons = judged["reason"].astype(object).where(judged["reason"].notna(), None)
    return list(zip(judged["status"], reasons, strict=True))


def test_a_letter_is_accepted_and_has_no_reason() -> None:
    assert judge({}) == [("accepted", None)]


@pytest.mark.parametrize("flaw", [{"size_bytes": 1001}, {"is_whole": False}])
def test_no_letter_is_too_large_for_who_read_it(flaw: Row) -> None:
    assert judge(flaw, flaw | {"person_reading": "t-0000000000000001"}) == [
        ("quarantined", "too_large"),
        ("accepted", None),
    ]


@pytest.mark.parametrize("reason", ["unreadable", "before_opening", "after_deadline"])
def test_who_read_a_letter_does_not_change_when_it_came(reason: str) -> None:
    instant = {"unreadable": None} | {name: row.get("received_at") for name, row in FLAWS.items()}
    row = {"person_reading": "retenir", "received_at": instant[reason]}
    assert judge(row, {}) == [(STATUS_OF[reason], reason), ("accepted", None)]


@pytest.mark.parametrize("reason", FLAWS)
def test_each_reason_has_its_letter(reason: str) -> None:
    assert judge(FLAWS[reason], {}) == [(STATUS_OF[reason], reason), ("accepted", None)]


def test_a_letter_that_nobody_knows_when_it_came_is_unreadable() -> None:
    assert judge({"received_at": None}) == [("quarantined", "unreadable")]
    assert judge({}, {"received_at": None}) == [("accepted", None), ("quarantined", "unreadable")]


def test_a_letter_of_which_only_the_header_was_kept_is_too_large() -> None:
    assert judge({"is_whole": False}) == [("quarantined", "too_large")]


def test_the_flaws_here_are_all_those_of_the_day_in_the_order_of_the_closed_list() -> None:
    elsewhere = {"superseded", "duplicate_text"}
    assert list(FLAWS) == [r.code for r in REASONS if r.code not in elsewhere]


def test_of_two_reasons_the_first_of_the_list_is_given() -> None:
    pairs = [
        (first, second)
        for first, second in combinations(FLAWS, 2)
        if not FLAWS[first].keys() & FLAWS[second].keys()
    ]
    assert len(pairs) == 81
    found = judge(*(FLAWS[second] | FLAWS[first] for first, second in pairs))
    assert dict(zip(pairs, found, strict=True)) == {
        pair: (STATUS_OF[pair[0]], pair[0]) for pair in pairs
    }


def test_with_every_flaw_at_once_the_first_of_the_list_is_given() -> None:
    row: Row = {}
    for flaw in reversed(FLAWS.values()):
        row = row | flaw
    assert judge(row) == [("withdrawn", "withdrawn")]


@pytest.mark.parametrize("unit", ["us", "ns", "ms"])
@pytest.mark.parametrize(
    ("received_at", "reason"),
    [
        pytest.param(OPENING, None, id="at the opening"),
        pytest.param(DEADLINE, "after_deadline", id="at the deadline"),
        pytest.param(DEADLINE + timedelta(days=1), "after_deadline", id="a day late"),
        pytest.param(OPENING - timedelta(days=1), "before_opening", id="a day early"),
    ],
)
def test_the_opening_is_in_and_the_deadline_is_out(
    received_at: datetime, reason: str | None, unit: str
) -> None:
    found = judge({"received_at": received_at}, received_type=f"datetime64[{unit}, UTC]")
    assert [given for _, given in found] == [reason]


@pytest.mark.parametrize(
    ("received_at", "reason"),
    [
        pytest.param(OPENING - INSTANT, "before_opening", id="before the opening"),
        pytest.param(OPENING + INSTANT, None, id="after the opening"),
        pytest.param(DEADLINE - INSTANT, None, id="before the deadline"),
        pytest.param(DEADLINE + INSTANT, "after_deadline", id="after the deadline"),
    ],
)
def test_a_microsecond_decides(received_at: datetime, reason: str | None) -> None:
    assert [given for _, given in judge({"received_at": received_at})] == [reason]


def test_every_letter_of_a_large_day_gets_its_own_reason() -> None:
    rows = [FLAWS[reason] for reason in FLAWS] * 50
    assert [reason for _, reason in judge(*rows)] == list(FLAWS) * 50
