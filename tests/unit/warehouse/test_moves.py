"""Given the tables of before a change, and those of after: what moved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from flows.changes import COMPARED, moves
from tasks.consultation import Consultation
from tests.unit.warehouse.conftest import GivenLake
from warehouse.contracts import MOVE_TOPICS
from warehouse.database import Database

EIGHTH, NINTH = date(2020, 1, 8), date(2020, 1, 9)


def said(text: str, group: int, theme: str = "service", kind: str = "constat") -> dict[str, Any]:
    return {"text": text, "group": group, "theme": theme, "kind": kind, "score": 0.5}


def given(folder: Path) -> GivenLake:
    folder.mkdir()
    return GivenLake(folder)


@pytest.fixture
def before(tmp_path: Path) -> GivenLake:
    lake = given(tmp_path / "before")
    lake.contribution(1, EIGHTH, said("Il fait noir.", 1), said("On attend.", 2))
    lake.contribution(2, EIGHTH, said("Il fait noir.", 1), cluster=2)
    lake.contribution(3, EIGHTH, said("Il fait noir.", 3), cluster=2)
    lake.contribution(4, EIGHTH, said("Il fait noir.", 3))
    lake.submission(5, NINTH, "rejected", "after_deadline")
    return lake


@pytest.fixture
def after(tmp_path: Path) -> GivenLake:
    """A theme and a kind changed, groups 1 and 3 are one, 2 has new words, 5 counts, 6 came."""
    lake = given(tmp_path / "after")
    lake.contribution(1, EIGHTH, said("Il fait noir.", 1), said("On attend.", 2, "lien"))
    lake.contribution(2, EIGHTH, said("Il fait noir.", 1), cluster=2)
    lake.contribution(3, EIGHTH, said("Il fait noir.", 1), cluster=2)
    lake.contribution(4, EIGHTH, said("Il fait noir.", 4, kind="proposition"), cluster=2)
    lake.contribution(5, NINTH, said("Trop tard ?", 5))
    lake.contribution(6, NINTH, said("Du nouveau.", 6))
    return lake


Moved = dict[str, list[tuple[str | None, str | None, int, list[str]]]]


def tables(database: Database) -> dict[str, pa.Table]:
    return {table.qualified: database.read(table) for table in COMPARED}


def by_topic(rows: Iterable[dict[str, Any]]) -> Moved:
    found: Moved = {topic: [] for topic in MOVE_TOPICS}
    for row in rows:
        moved = (row["before"], row["after"], row["moved_count"], row["identifiers"])
        found[row["topic"]].append(moved)
    return found


def compared(before: GivenLake, after: GivenLake, consultation: Consultation) -> Moved:
    with before.derive(consultation) as database:
        earlier = tables(database)
    with after.derive(consultation) as database:
        return by_topic(moves(database, earlier))


def test_what_moved_is_told_by_identifier(
    before: GivenLake, after: GivenLake, consultation: Consultation
) -> None:
    found = compared(before, after, consultation)
    one, three, four = (f"g-{n:016x}" for n in (1, 3, 4))
    assert found["status"] == [
        ("rejected after_deadline", "accepted", 1, ["s-0000000000000005"]),
    ]
    assert found["theme"] == [("service", "lien", 1, ["c-0000000000000001-002"])]
    assert found["kind"] == [("constat", "proposition", 1, ["c-0000000000000004-001"])]
    campaign = "k-0000000000000002"
    assert found["campaign"] == [
        (None, campaign, 3, [f"c-{n:016x}" for n in (2, 3, 4)]),
    ]
    assert found["joined"] == [(None, one, 2, [one, three])]
    assert found["split"] == [(three, None, 2, [one, four])]
    figures = {row[3][0]: row[:3] for row in found["figure"]}
    assert figures["received_count"] == ("5", "6", 1)
    assert figures["proposition_count"] == ("0", "1", 1)
    assert figures["campaign_count"] == ("0", "1", 1)


def test_nothing_moves_of_the_same_tables(before: GivenLake, consultation: Consultation) -> None:
    with before.derive(consultation) as database:
        found = by_topic(moves(database, tables(database)))
    assert {row[2] for row in found.pop("figure")} == {0}
    assert not any(found.values())


def test_words_cut_otherwise_are_no_statements_of_before(
    tmp_path: Path, consultation: Consultation
) -> None:
    before, after = (given(tmp_path / name) for name in ("whole", "cut"))
    whole = "Il fait noir et on attend."
    before.contribution(1, EIGHTH, said(whole, 1), said("Merci.", 2))
    after.contribution(
        1, EIGHTH, said("Il fait noir", 3), said("et on attend.", 4), said("Merci.", 2)
    )
    for row in after.rows["contributions"]:
        row["text"] = f"{whole} Merci."
    found = compared(before, after, consultation)
    one = "c-0000000000000001"
    assert found["theme"] == [
        (None, "service", 2, [f"{one}-001", f"{one}-002"]),
        ("service", None, 1, [f"{one}-001"]),
    ]
    assert found["split"] == found["joined"] == []
