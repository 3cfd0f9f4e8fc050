"""Decisions laid over a small lake: what the analysts' tables say then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from expectations.gates import Judgement
from expectations.published import check_publication
from tasks.consultation import Consultation
from tasks.publish import subject
from tasks.review.decisions import reviewed_group_id
from tasks.reviewed import Reviews
from warehouse.contracts import CORE_TABLES, MART_TABLES
from warehouse.database import Database
from warehouse.judged import Judged
from warehouse.words import words_traces

DAY = date(2020, 1, 9)
JUDGEMENT = Judgement(
    is_awaited=True, quarantine_share=0.25, quarantine_least=20, usual_count=5, let_pass={}
)
SECRET = "f" * 64
DARK = "La gare est sombre."
CLOSED = "La brigade est fermée le soir."
PATROLS = "Il faut des patrouilles."


def said(text: str, theme: str, kind: str, group: int, score: float = 0.5) -> dict[str, Any]:
    return {"text": text, "theme": theme, "kind": kind, "group": group, "score": score}


def group(number: int) -> str:
    return f"g-{number:016x}"


def statement(number: int, position: int = 1) -> str:
    return f"c-{number:016x}-{position:03}"


def traced(text: str) -> str:
    (found,) = words_traces(pa.chunked_array([[text]]), SECRET).to_pylist()
    return str(found)


def reviews(*decided: tuple[str, str, str, list[str]]) -> Reviews:
    rows = [
        {
            "decision_id": f"d-{rank:016x}",
            "decided_at": datetime(2020, 1, 13, 23, 30, tzinfo=UTC),
            "act": act,
            "subject": subject,
            "reader": None,
            "after": after,
            "anchors": anchors,
            "target_anchors": [],
        }
        for rank, (act, subject, after, anchors) in enumerate(decided)
    ]
    return Reviews(rows, (), SECRET)


@pytest.fixture
def given(lake: Any) -> Any:
    """Three letters: two say the same of a dark station, one also that a brigade is closed."""
    lake.contribution(1, DAY, said(DARK, "service", "constat", 1, 1.0))
    lake.contribution(
        2,
        DAY,
        said(DARK, "service", "constat", 1, 1.0),
        said(CLOSED, "service", "constat", 1),
    )
    lake.contribution(3, DAY, said(PATROLS, "lien", "proposition", 3, 1.0))
    return lake


def statements(database: Database) -> dict[str, dict[str, Any]]:
    rows = database.query("from core.statements order by statement_id").to_pylist()
    return {row["statement_id"]: row for row in rows}


def groups(database: Database) -> dict[str, dict[str, Any]]:
    return {row["group_id"]: row for row in database.query("from core.groups").to_pylist()}


def test_a_name_given_by_people_is_that_of_the_group(
    given: Any, consultation: Consultation
) -> None:
    named = reviews(("group_label", group(1), "Gares et brigades", [group(1)]))
    with given.derive(consultation, reviews=named) as database:
        found = groups(database)
    assert found[group(1)]["label"] == "Gares et brigades"
    assert found[group(1)]["is_reviewed"]
    assert not found[group(3)]["is_reviewed"]


def test_words_with_another_theme_stand_alone_with_all_who_said_them(
    given: Any, consultation: Consultation
) -> None:
    moved = reviews(("statement_theme", statement(1), "lien", [traced(DARK)]))
    with given.derive(consultation, reviews=moved) as database:
        found, known = statements(database), groups(database)
    own = reviewed_group_id(traced(DARK))
    for name in (statement(1), statement(2)):
        assert (found[name]["theme"], found[name]["kind"]) == ("lien", "constat")
        assert found[name]["group_id"] == own
        assert found[name]["theme_score"] == 1.0
        assert found[name]["kind_score"] == 0.9
        assert found[name]["why"].endswith(
            "relecture : placé par une personne (d-0000000000000000)"
        )
    assert found[statement(2, 2)]["group_id"] == group(1)
    assert known[own]["theme"] == "lien"
    assert known[group(1)]["representative_statement_id"] == statement(2, 2)


def test_a_group_joined_by_people_takes_the_theme_and_kind_of_the_other(
    given: Any, consultation: Consultation
) -> None:
    joined = reviews(("group_merge", group(3), group(1), [group(3)]))
    with given.derive(consultation, reviews=joined) as database:
        found = statements(database)[statement(3)]
        history = database.query("from core.group_history").to_pylist()
    assert (found["theme"], found["kind"]) == ("service", "constat")
    assert found["group_id"] == group(1)
    assert history == [
        {
            "group_id": group(3),
            "became_group_id": group(1),
            "date": date(2020, 1, 13),
            "cause": "réuni par une personne (d-0000000000000000)",
            "current_group_id": group(1),
        }
    ]


def test_a_decision_for_a_theme_that_is_no_more_is_left_out(
    given: Any, consultation: Consultation
) -> None:
    lost = reviews(("group_theme", group(1), "ancien", [group(1)])).of_themes(
        consultation.theme_labels()
    )
    with given.derive(consultation, reviews=lost) as database:
        assert statements(database)[statement(1)]["theme"] == "service"


def test_whatever_is_decided_the_gate_passes_and_sums_agree(
    given: Any, consultation: Consultation
) -> None:
    decided = reviews(
        ("group_theme", group(1), "lien", [group(1)]),
        ("group_kind", group(3), "constat", [group(3)]),
        ("group_merge", group(3), group(1), [group(3)]),
        ("statement_kind", statement(2, 2), "autre", [traced(CLOSED)]),
        ("statement_group", statement(1), reviewed_group_id(group(1), "gares"), [traced(DARK)]),
    )
    with given.derive(consultation, reviews=decided) as database:
        looked_at = subject(database, Judged(database, "essai"))
        gates = check_publication(DAY, (*CORE_TABLES, *MART_TABLES), looked_at, JUDGEMENT)
        found = statements(database)
    assert gates == []
    assert found[statement(2, 2)]["kind"] == "autre"
    assert len({row["group_id"] for row in found.values()}) == 3


def test_a_label_taken_from_a_statement_goes_with_it(
    given: Any, consultation: Consultation
) -> None:
    taken = reviews(("group_label", group(1), statement(2, 2), [group(1)]))
    (row,) = taken.decisions
    row = {**row, "target_anchors": [traced(CLOSED)]}
    with given.derive(consultation, reviews=replace(taken, decisions=[row])) as database:
        assert groups(database)[group(1)]["label"] == CLOSED
    gone = {**row, "target_anchors": [traced("Rien de tel.")]}
    with given.derive(consultation, reviews=replace(taken, decisions=[gone])) as database:
        assert groups(database)[group(1)]["label"] == DARK


def test_merges_of_which_nobody_decided_hold_beside_those_of_which_somebody_did(
    lake: Any, consultation: Consultation
) -> None:
    for number in range(1, 8):
        lake.contribution(number, DAY, said(f"Phrase {number}.", "lien", "constat", number, 1.0))
    for merge in ((3, 2), (2, 1), (6, 5), (5, 4)):
        lake.merge(*merge, DAY)
    decided = reviews(
        ("group_label", group(5), "Phrases", [group(5)]),
        ("group_merge", group(7), group(6), [group(7)]),
    )
    with lake.derive(consultation, reviews=decided) as database:
        places = {name: row["group_id"] for name, row in statements(database).items()}
        history = database.query("from core.group_history").to_pylist()
        labels = {name: row["label"] for name, row in groups(database).items()}
    assert places == {statement(n): group(1 if n < 4 else 4) for n in range(1, 8)}
    assert labels == {group(1): "Phrase 1.", group(4): "Phrases"}
    assert {(row["group_id"], row["became_group_id"]) for row in history} == {
        *((group(n), group(to)) for n, to in ((3, 2), (2, 1), (6, 5), (5, 4), (7, 4)))
    }
    assert {row["current_group_id"] for row in history} == {group(1), group(4)}
