from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from expectations.published import check_table
from tasks.privacy.persons import Policy
from tasks.protect import HELD, protect_day
from tasks.workers import Workers
from warehouse.contracts import LAKE_CONTRIBUTIONS
from warehouse.vault import Day

ReadDay = Callable[..., tuple[Day, pa.Table]]
NINTH = date(2020, 1, 9)
WORKERS = Workers(1)


def accepted(*numbers: int) -> pa.Table:
    names = ("submission_id", "contributor_id", "status")
    rows = [
        dict(zip(names, (f"s-{n:016x}", f"a-{n:016x}", "accepted"), strict=True)) for n in numbers
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))


@pytest.fixture
def protect(read_day: ReadDay) -> Callable[..., list[dict[str, Any]]]:
    """Return the contributions of the accepted letters among those of a day."""

    def run(*letters: dict[str, Any], keep: tuple[int, ...] = (0,)) -> list[dict[str, Any]]:
        day, parsed = read_day(NINTH, *letters)
        nothing = HELD.empty_table()
        contributions = protect_day(day, parsed, accepted(*keep), nothing, "03", Policy(), WORKERS)
        assert contributions.schema.equals(LAKE_CONTRIBUTIONS.schema)
        assert check_table(LAKE_CONTRIBUTIONS, contributions) == []
        rows: list[dict[str, Any]] = contributions.to_pylist()
        return rows

    return run


Protect = Callable[..., list[dict[str, Any]]]


def test_a_contribution_has_what_its_contract_says(protect: Protect) -> None:
    assert protect({"own_text": "La  rue\nest sombre.", "from_attachment": True}) == [
        {
            "contribution_id": "c-0000000000000000",
            "submission_id": "s-0000000000000000",
            "contributor_id": "a-0000000000000000",
            "contributor_type": "inconnu",
            "received_at": datetime(2020, 1, 9, 12, tzinfo=UTC),
            "received_date": NINTH,
            "text": "La  rue\nest sombre.",
            "word_count": 4,
            "language": "fr",
            "commune_code": None,
            "from_attachment": True,
        }
    ]


def test_only_accepted_letters_become_contributions_in_their_order(protect: Protect) -> None:
    letters = [{"own_text": f"Lettre {n}."} for n in range(4)]
    kept = protect(*letters, keep=(1, 3))
    assert [row["text"] for row in kept] == ["Lettre 1.", "Lettre 3."]
    assert [row["contributor_id"] for row in kept] == [f"a-{n:016x}" for n in (1, 3)]


def test_nothing_of_what_names_the_author_is_left(protect: Protect) -> None:
    (row,) = protect(
        {
            "own_text": "Zoé Aubry, 12 rue des Lilas, 06 12 34 56 78, zoe.aubry@courriel.example.",
            "author_names": ["Zoé Aubry"],
            "from_name": "Zoé Aubry",
            "from_address": "zoe.aubry@courriel.example",
            "signature": "Zoé Aubry",
            "subject": "Lettre de Zoé Aubry",
        }
    )
    assert row["text"] == "[nom], [adresse], [téléphone], [adresse électronique]."
    assert "aubry" not in repr(row).lower()


def test_each_letter_is_masked_by_the_names_of_its_own_author(protect: Protect) -> None:
    # In lower case, only who has these names knows that they are names.
    text = "Entre colline vareuse et place grise."
    rows = protect(
        {"own_text": text, "author_names": ["Vareuse Colline"]},
        {"own_text": text, "author_names": ["Grise Place"]},
        keep=(0, 1),
    )
    assert [row["text"] for row in rows] == [
        "Entre [nom] et place grise.",
        "Entre colline vareuse et [nom].",
    ]


def test_signatures_give_communes_and_qualities(protect: Protect) -> None:
    rows = protect(
        {"signature": "Zoé Aubry\n03000 Moulins", "author_names": ["Zoé Aubry"]},
        {"signature": "Paul Petit", "from_name": "Mairie de Cusset"},
        {"own_text": "La rue est sombre."},
        keep=(0, 1, 2),
    )
    assert [(row["commune_code"], row["contributor_type"]) for row in rows] == [
        ("03190", "habitant"),
        ("03095", "élu"),
        (None, "inconnu"),
    ]


def test_a_day_of_many_chunks_is_one_table(
    protect: Protect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.protect.CHUNK", 2)
    letters = [{"own_text": f"Lettre {n}."} for n in range(5)]
    rows = protect(*letters, keep=(0, 1, 2, 3, 4))
    assert [row["text"] for row in rows] == [letter["own_text"] for letter in letters]


def test_a_day_without_accepted_letter_has_no_contribution(protect: Protect) -> None:
    assert protect({"own_text": "Lettre."}, keep=()) == []
