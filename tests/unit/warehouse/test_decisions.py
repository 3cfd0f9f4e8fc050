from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from warehouse.contracts import GATES, PROOFS, REVIEWS, SIGNOFFS, WITHDRAWALS
from warehouse.decisions import Decisions

NOW = datetime(2020, 1, 12, 6, tzinfo=UTC)
ONE, TWO, THREE = (f"s-{n:016x}" for n in (1, 2, 3))
FIRST, SECOND = "e-000000000000000a", "e-000000000000000b"


@pytest.fixture
def decisions(tmp_path: Path) -> Decisions:
    return Decisions(tmp_path / "decisions")


def withdrawal(submission_id: str, request_id: str, reason: str = "withdrawn") -> dict[str, Any]:
    return {
        "submission_id": submission_id,
        "reason": reason,
        "request_id": request_id,
        "decided_at": NOW,
        "decided_by": "agent",
        "person_trace": "trace",
        "message_trace": None,
    }


def test_nothing_is_decided_at_first(decisions: Decisions) -> None:
    assert decisions.withdrawn() == {}
    assert decisions.pending().num_rows == 0


def test_of_two_reasons_the_first_given_stays(decisions: Decisions) -> None:
    decisions.add(WITHDRAWALS, [withdrawal(ONE, FIRST), withdrawal(TWO, FIRST, "disowned")])
    decisions.add(WITHDRAWALS, [withdrawal(ONE, SECOND, "expired")])
    assert decisions.withdrawn() == {ONE: "withdrawn", TWO: "disowned"}


def test_what_was_added_is_never_changed(decisions: Decisions) -> None:
    decisions.add(WITHDRAWALS, [withdrawal(ONE, FIRST)])
    (first,) = decisions.root.rglob("*.parquet")
    before = (first.read_bytes(), first.stat().st_mtime_ns)
    decisions.add(WITHDRAWALS, [withdrawal(TWO, SECOND)])
    decisions.add(WITHDRAWALS, [])
    assert (first.read_bytes(), first.stat().st_mtime_ns) == before
    assert [p.name for p in sorted(decisions.root.rglob("*.parquet"))] == [
        "000001.parquet",
        "000002.parquet",
    ]


def test_a_request_is_pending_until_it_is_proven(decisions: Decisions) -> None:
    decisions.add(WITHDRAWALS, [withdrawal(ONE, FIRST), withdrawal(TWO, FIRST)])
    decisions.prove(NOW, [date(2020, 1, 9)])
    decisions.add(WITHDRAWALS, [withdrawal(THREE, SECOND, "disowned")])
    assert decisions.pending()["submission_id"].to_pylist() == [THREE]
    decisions.prove(NOW)
    decisions.prove(NOW)
    proofs = decisions.read(PROOFS).to_pylist()
    assert [(p["request_id"], p["reason"], p["submission_count"]) for p in proofs] == [
        (FIRST, "withdrawn", 2),
        (SECOND, "disowned", 1),
    ]
    assert [p["remade_dates"] for p in proofs] == [[date(2020, 1, 9)], []]


def review(number: int, act: str, subject: str, after: str | None) -> dict[str, Any]:
    return {
        "decision_id": f"d-{number:016x}",
        "import_id": "i-0000000000000001",
        "decided_at": NOW,
        "decided_by": "agent",
        "act": act,
        "subject": subject,
        "after": after,
        "anchors": [],
        "target_anchors": [],
    }


def test_of_two_readings_of_a_message_the_last_one_holds_until_undone(
    decisions: Decisions,
) -> None:
    words = "t-000000000000000a"
    decisions.add(REVIEWS, [review(1, "submission_words", ONE, words)])
    decisions.add(REVIEWS, [review(2, "submission_kept", TWO, "écarter")])
    decisions.add(REVIEWS, [review(3, "group_label", "g-000000000000000b", "Gares")])
    assert decisions.person_readings() == {ONE: words, TWO: "écarter"}
    decisions.add(REVIEWS, [review(4, "submission_kept", ONE, "retenir")])
    assert decisions.person_readings() == {ONE: "retenir", TWO: "écarter"}
    decisions.add(REVIEWS, [review(n, "undo", f"d-{n - 3:016x}", None) for n in (5, 7)])
    assert decisions.person_readings() == {ONE: words}


def test_the_last_decision_on_words_holds_whichever_statement_says_them(
    decisions: Decisions,
) -> None:
    def on(number: int, statement_id: str, theme: str) -> dict[str, Any]:
        return review(number, "statement_theme", statement_id, theme) | {"anchors": ["1" * 32]}

    decisions.add(REVIEWS, [on(1, "c-000000000000000a-001", "lien")])
    decisions.add(REVIEWS, [on(2, "c-000000000000000b-004", "service")])
    assert [row["after"] for row in decisions.in_force()] == ["service"]


def signed(version: str, state: str, by: str, minute: int) -> dict[str, Any]:
    return {
        "as_of_date": NOW.date(),
        "publication_version": version,
        "state": state,
        "named_by": by,
        "addressee": "Ministre" if state == "transmise" else None,
        "archive_sha256": None,
        "decided_at": NOW.replace(minute=minute),
        "decided_by": "agent",
        "reason": None,
    }


def standing(state: str, validated: tuple[str, int] | None, sent: int | None) -> dict[str, Any]:
    return {
        "state": state,
        "validated_by": validated and validated[0],
        "validated_at": validated and NOW.replace(minute=validated[1]),
        "transmitted_at": None if sent is None else NOW.replace(minute=sent),
        "transmitted_to": None if sent is None else "Ministre",
    }


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([], standing("brouillon", None, None), id="nothing"),
        pytest.param(
            [signed("b", "validée", "Anne", 1)], standing("brouillon", None, None), id="another"
        ),
        pytest.param(
            [signed("a", "validée", "Anne", 1), signed("a", "validée", "Brice", 2)],
            standing("validée", ("Brice", 2), None),
            id="the last to validate",
        ),
        pytest.param(
            [signed("a", "validée", "Anne", 1), signed("a", "brouillon", "Brice", 2)],
            standing("brouillon", None, None),
            id="withdrawn",
        ),
        pytest.param(
            [
                signed("a", "validée", "Anne", 1),
                signed("a", "brouillon", "Anne", 2),
                signed("a", "validée", "Anne", 3),
                signed("a", "transmise", "Brice", 4),
            ],
            standing("transmise", ("Anne", 3), 4),
            id="validated again, then transmitted",
        ),
    ],
)
def test_a_version_stands_where_its_last_sign_off_put_it(
    decisions: Decisions, rows: list[dict[str, Any]], found: dict[str, Any]
) -> None:
    for row in rows:
        decisions.add(SIGNOFFS, [row])
    assert decisions.signoff("a") == found


def accepted(day: int, rule: str, *rows: str) -> dict[str, Any]:
    return {
        "gate_id": f"p-{day:012}",
        "as_of_date": date(2020, 1, day),
        "rule": rule,
        "rows": list(rows),
        "sentence": "Aucun envoi reçu",
        "because": "Boîte vérifiée",
        "named_by": "Anne",
        "decided_at": NOW,
    }


def test_what_was_let_pass_stands_for_its_day_and_those_after(decisions: Decisions) -> None:
    assert decisions.let_pass() == {}
    decisions.add(GATES, [accepted(12, "silence", "2020-01-12"), accepted(13, "email", "c-1")])
    decisions.add(GATES, [accepted(14, "email", "c-2", "c-1")])
    assert decisions.let_pass() == {"silence": {"2020-01-12"}, "email": {"c-1", "c-2"}}
    days = [row["as_of_date"].day for row in decisions.accepted_gates(date(2020, 1, 13))]
    assert days == [12, 13]
    assert decisions.accepted_gates(date(2020, 1, 11)) == []
