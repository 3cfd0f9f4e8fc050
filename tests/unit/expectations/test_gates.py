"""What the ledger lets fear: too much that waits for a person, a mailbox gone silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pyarrow as pa
import pytest

from expectations.gates import LEAKS, Gate, Judgement, ledger_gates
from warehouse.contracts import GATE_RULES, LEDGER_BY_DAY, SUBMISSIONS

DAY = date(2020, 1, 16)
RULES = Judgement(
    is_awaited=True, quarantine_share=0.25, quarantine_least=20, usual_count=5, let_pass={}
)
Ledger = Mapping[date | None, tuple[int, int]]  # by day: received, of which in quarantine


def gates(ledger: Ledger, rules: Judgement = RULES, as_of: date = DAY) -> list[Gate]:
    numbers = count()
    submissions = [
        {
            "submission_id": f"s-{next(numbers):016x}",
            "received_date": day,
            "status": "quarantined" if n < waiting else "accepted",
            "reason": ("unreadable" if n % 3 else "to_read") if n < waiting else None,
        }
        for day, (received, waiting) in ledger.items()
        for n in range(received)
    ]
    days = [{"received_date": day, "received_count": n} for day, (n, _) in ledger.items()]
    return list(
        ledger_gates(
            as_of,
            pa.Table.from_pylist(submissions, schema=SUBMISSIONS.schema),
            pa.Table.from_pylist(days, schema=LEDGER_BY_DAY.schema),
            rules,
        )
    )


@pytest.mark.parametrize(
    ("received", "waiting", "held"),
    [
        pytest.param(20, 6, ["quarantine"], id="over the share"),
        pytest.param(20, 5, [], id="at the share"),
        pytest.param(19, 19, [], id="too few received"),
        pytest.param(200, 0, [], id="nothing waits"),
    ],
)
def test_a_day_with_too_much_in_quarantine_is_held(
    received: int, waiting: int, held: list[str]
) -> None:
    before = {DAY - timedelta(days=n): (40, 1) for n in range(1, 8)}
    found = gates(before | {DAY: (received, waiting)})
    assert [gate.rule for gate in found] == held
    assert all(len(gate.rows) == waiting for gate in found)


@pytest.mark.parametrize("share", [0.58, 0.1, 0.35, 0.29, 0.07])
def test_the_share_itself_is_let_through_whatever_floats_say(share: float) -> None:
    rules = replace(RULES, quarantine_share=share)
    waiting = round(100 * share)
    assert gates({DAY: (100, waiting)}, rules) == []
    assert len(gates({DAY: (100, waiting + 1)}, rules)) == 1


def test_the_sentence_says_how_many_of_how_many_and_why() -> None:
    before = {DAY - timedelta(days=n): (40, 1) for n in range(1, 8)}
    (gate,) = gates(before | {DAY: (20, 6)})
    assert gate.sentence == (
        "en attente d'une personne : 6 des 20 envois reçus le 16/01/2020 (30 % ; illisible : 4, "
        "à lire par une personne (image, document numérisé, format inconnu) : 2)"
    )


def test_what_has_no_date_counts_among_all_that_was_received() -> None:
    few_a_day: Ledger = {DAY - timedelta(days=n): (5, 1) for n in range(5)}
    assert gates(few_a_day) == []
    (gate,) = gates({**few_a_day, None: (4, 4)})
    assert "9 des 29 envois reçus jusqu'au 16/01/2020 (31 % ;" in gate.sentence
    assert len(gate.rows) == 9


def test_submissions_let_pass_count_no_more_and_others_hold_again() -> None:
    ledger = {DAY: (30, 10)}
    (gate,) = gates(ledger)
    passed = replace(RULES, let_pass={"quarantine": frozenset(gate.rows)})
    tomorrow = DAY + timedelta(days=1)
    assert gates(ledger, passed) == []
    assert gates(ledger | {tomorrow: (15, 2)}, passed, tomorrow) == []
    (again,) = gates(ledger | {tomorrow: (20, 12)}, passed, tomorrow)
    assert len(again.rows) == 12
    assert not {*gate.rows} & {*again.rows}


# --- a mailbox gone silent -----------------------------------------------------------------------


def usual(a_day: int, days: int = 7) -> dict[date | None, tuple[int, int]]:
    return {DAY - timedelta(days=n): (a_day, 0) for n in range(1, days + 1)}


@pytest.mark.parametrize(
    ("ledger", "held"),
    [
        pytest.param(usual(5), ["silence"], id="nothing, for five a day"),
        pytest.param(usual(5) | {DAY: (1, 0)}, [], id="one message"),
        pytest.param(usual(4), [], id="few a day"),
        pytest.param(usual(50, 4), ["silence"], id="on most of the days before"),
        pytest.param(usual(50, 3), [], id="on too few days before"),
        pytest.param({DAY - timedelta(days=8): (500, 0)}, [], id="long ago"),
    ],
)
def test_a_day_without_a_message_is_held_where_there_are_usually_some(
    ledger: Ledger, held: list[str]
) -> None:
    found = gates(ledger)
    assert [gate.rule for gate in found] == held
    assert all(gate.rows == (str(DAY),) for gate in found)


def test_the_sentence_asks_whether_the_mailbox_receives() -> None:
    (gate,) = gates(usual(30))
    assert gate.sentence == (
        "aucun envoi reçu le 16/01/2020 (la boîte ne reçoit plus ?), pour 30 d'ordinaire (médiane "
        "des sept jours précédents)"
    )


def test_nothing_is_awaited_of_a_day_that_is_not_over_or_of_a_closed_consultation() -> None:
    assert gates(usual(30), replace(RULES, is_awaited=False)) == []


def test_each_silent_day_is_let_pass_by_itself() -> None:
    passed = replace(RULES, let_pass={"silence": frozenset({str(DAY)})})
    assert gates(usual(30), passed) == []
    tomorrow = DAY + timedelta(days=1)
    assert [gate.rows for gate in gates(usual(30), passed, tomorrow)] == [(str(tomorrow),)]


def test_the_rules_are_those_that_decisions_may_name() -> None:
    assert {"quarantine", "silence", *LEAKS} == set(GATE_RULES)
