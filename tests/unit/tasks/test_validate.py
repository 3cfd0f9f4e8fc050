from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from expectations.verdicts import Rules
from tasks.validate import (
    CARRIED,
    LONGEST_TEXT,
    ContractBrokenError,
    Pseudonymiser,
    judge_days,
    refuse_broken,
    validate,
)
from warehouse.contracts import DELIVERIES, PARSED, VERDICTS
from warehouse.lake import Lake
from warehouse.vault import Day, Vault

RULES = Rules(
    datetime(2020, 1, 8, tzinfo=UTC), datetime(2020, 1, 20, tzinfo=UTC), message_bytes=1000
)
PSEUDONYMISER = Pseudonymiser(b"k" * 32)
PARIS = ZoneInfo("Europe/Paris")
NINTH, TENTH, ELEVENTH = date(2020, 1, 9), date(2020, 1, 10), date(2020, 1, 11)

Row = dict[str, Any]
ReadDay = Callable[..., tuple[Day, pa.Table]]
Judge = Callable[..., dict[int, Row]]


def name(number: int) -> str:
    return f"s-{number:016x}"


def number(name: str) -> int:
    return int(name.removeprefix("s-"), base=16)


def letter(number: int, **different: Any) -> Row:
    """Return what differs from a letter of Lucie Morand; letters are received in order."""
    return {"submission_id": name(number), **different}


LUCIE, PAUL = "lucie.morand@courriel.example", "paul.petit@courriel.example"


@pytest.fixture
def judge(read_day: ReadDay) -> Judge:
    """Judge days one after the other; return the verdict on each letter, by its number."""

    def fold(*days: tuple[date | None, list[Row]]) -> dict[int, Row]:
        earlier = VERDICTS.schema.empty_table().select(CARRIED)
        found: dict[int, Row] = {}
        for day, rows in days:
            verdicts = judge_days([read_day(day, *rows)], earlier, RULES, PSEUDONYMISER)
            refuse_broken(VERDICTS, verdicts)
            earlier = pa.concat_tables([earlier, verdicts.select(CARRIED)])
            found |= {number(row["submission_id"]): row for row in verdicts.to_pylist()}
        return found

    return fold


def what(verdicts: dict[int, Row]) -> dict[int, str]:
    """Return the reason given to each letter, or its status when it is accepted."""
    return {number: row["reason"] or row["status"] for number, row in verdicts.items()}


# --- the same message ----------------------------------------------------------------------------

SAME = {"message_id": "1@courriel.example", "own_text": "La rue est sombre."}


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        pytest.param(SAME, SAME, "duplicate_message", id="another trace"),
        pytest.param(
            SAME,
            SAME | {"own_text": "La  rue\nest sombre. "},
            "duplicate_message",
            id="other spaces",
        ),
        pytest.param(SAME, SAME | {"from_address": PAUL}, "accepted", id="another author"),
        pytest.param(SAME, SAME | {"own_text": "Autre chose."}, "accepted", id="other words"),
        pytest.param(SAME, SAME | {"message_id": "2@x.example"}, "duplicate_text", id="another id"),
        pytest.param(
            {"message_sha256": "a" * 64, "message_id": None},
            {"message_sha256": "a" * 64, "message_id": None},
            "duplicate_message",
            id="same bytes without id",
        ),
        pytest.param(
            SAME | {"message_sha256": "a" * 64},
            SAME | {"message_sha256": "a" * 64},
            "duplicate_message",
            id="same bytes",
        ),
        pytest.param(
            SAME | {"message_sha256": "a" * 64, "from_address": None},
            SAME | {"message_sha256": "a" * 64, "from_address": None},
            "duplicate_message",
            id="same bytes of nobody",
        ),
        pytest.param(
            SAME | {"from_address": None}, SAME | {"from_address": None}, "accepted", id="nobody"
        ),
        pytest.param(
            {"message_id": None}, {"message_id": None}, "duplicate_text", id="same text without id"
        ),
        pytest.param(
            SAME | {"machine": "bounce"},
            SAME | {"machine": "bounce"},
            "duplicate_message",
            id="a bounce",
        ),
        pytest.param(
            SAME | {"has_unread_part": True, "content_word_count": 0},
            SAME | {"has_unread_part": True, "content_word_count": 0},
            "duplicate_message",
            id="one that waits for a person",
        ),
    ],
)
@pytest.mark.parametrize("apart", [False, True], ids=["one day", "two days"])
def test_the_second_of_two_letters(
    judge: Judge, first: Row, second: Row, reason: str, *, apart: bool
) -> None:
    one, two = letter(1, **first), letter(2, **second)
    days = [(NINTH, [one]), (TENTH, [two])] if apart else [(NINTH, [one, two])]
    verdicts = judge(*days)
    assert what(verdicts)[2] == reason
    assert verdicts[1]["reason"] not in {"duplicate_message", "duplicate_text"}
    expected = name(1) if reason.startswith("duplicate") else None
    assert verdicts[2]["duplicate_of"] == expected


def test_a_third_copy_is_a_double_of_the_first(judge: Judge) -> None:
    verdicts = judge((NINTH, [letter(1, **SAME), letter(2, **SAME)]), (TENTH, [letter(3, **SAME)]))
    assert what(verdicts) == {1: "accepted", 2: "duplicate_message", 3: "duplicate_message"}
    assert [verdicts[n]["duplicate_of"] for n in (1, 2, 3)] == [None, name(1), name(1)]


def test_a_copy_without_date_does_not_hide_the_letter(judge: Judge) -> None:
    verdicts = judge((None, [letter(1, **SAME)]), (NINTH, [letter(2, **SAME)]))
    assert what(verdicts) == {1: "unreadable", 2: "accepted"}


# --- the same text -------------------------------------------------------------------------------


def test_the_same_text_by_two_authors_is_two_contributions(judge: Judge) -> None:
    both = (NINTH, [letter(1, from_address=LUCIE), letter(2, from_address=PAUL)])
    assert what(judge(both)) == {1: "accepted", 2: "accepted"}


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ({"received_at": datetime(2020, 1, 7, 12, tzinfo=UTC)}, "before_opening"),
        ({"machine": "spam"}, "spam"),
        ({"size_bytes": 1001}, "too_large"),
    ],
    ids=["too early", "spam", "too large"],
)
def test_a_text_that_did_not_count_can_be_sent_again(judge: Judge, flaw: Row, reason: str) -> None:
    verdicts = judge((NINTH, [letter(1, **flaw), letter(2)]))
    assert what(verdicts) == {1: reason, 2: "accepted"}


def test_empty_letters_are_empty_not_doubles(judge: Judge) -> None:
    nothing = {"own_text": ""}
    verdicts = judge((NINTH, [letter(1, **nothing), letter(2, **nothing)]))
    assert what(verdicts) == {1: "empty", 2: "empty"}


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        pytest.param(
            {"own_text": "Ci-joint ma lettre.", "is_cover_note": True}, "to_read", id="note"
        ),
        pytest.param({"own_text": ""}, "to_read", id="nothing else"),
        pytest.param({"own_text": "Voici la photo de la rue noire."}, "accepted", id="own words"),
    ],
)
def test_a_part_that_nobody_read_waits_for_a_person_unless_the_author_wrote_something(
    judge: Judge, note: Row, reason: str
) -> None:
    assert what(judge((NINTH, [letter(1, has_unread_part=True, **note)]))) == {1: reason}


# --- revisions -----------------------------------------------------------------------------------


def revision(number: int, **different: Any) -> Row:
    return letter(number, is_revision=True, own_text=f"Annule et remplace, {number}.", **different)


def text(number: int, **different: Any) -> Row:
    return letter(number, **{"own_text": f"Texte {number}."} | different)


def replaced(verdicts: dict[int, Row]) -> dict[int, int]:
    """Return what each revision replaces."""
    return {
        rank: number(row["supersedes"])
        for rank, row in verdicts.items()
        if row["supersedes"] is not None
    }


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param([(NINTH, [text(1), revision(2)])], {2: 1}, id="the same day"),
        pytest.param([(NINTH, [text(1)]), (TENTH, [revision(2)])], {2: 1}, id="another day"),
        pytest.param(
            [(NINTH, [text(1), text(2)]), (TENTH, [text(3)]), (ELEVENTH, [revision(4)])],
            {4: 3},
            id="the latest of several",
        ),
        pytest.param(
            [(NINTH, [text(1)]), (TENTH, [revision(2)]), (ELEVENTH, [revision(3)])],
            {2: 1, 3: 2},
            id="a chain",
        ),
        pytest.param([(NINTH, [revision(1)]), (TENTH, [text(2)])], {}, id="nothing before"),
        pytest.param(
            [(NINTH, [text(1, from_address=PAUL)]), (TENTH, [revision(2)])], {}, id="of another"
        ),
        pytest.param(
            [(NINTH, [text(1), text(2, machine="spam")]), (TENTH, [revision(3)])],
            {3: 1},
            id="the latest that counts",
        ),
        pytest.param(
            [(NINTH, [text(1)]), (TENTH, [revision(2, machine="spam")])],
            {},
            id="one that is refused",
        ),
        pytest.param(
            [(NINTH, [text(1, from_address=None)]), (TENTH, [revision(2, from_address=None)])],
            {},
            id="of nobody",
        ),
    ],
)
def test_a_revision_replaces_the_latest_earlier_contribution_of_its_author(
    judge: Judge, days: list[tuple[date, list[Row]]], expected: dict[int, int]
) -> None:
    verdicts = judge(*days)
    assert replaced(verdicts) == expected
    assert all(verdicts[number]["status"] == "accepted" for number in expected)


# --- days ----------------------------------------------------------------------------------------

DAYS: list[tuple[date | None, list[Row]]] = [
    (None, [text(1)]),
    (NINTH, [text(2), letter(3, **SAME), text(4, machine="bounce")]),
    (TENTH, [revision(5), letter(6, **SAME), text(7, from_address=PAUL)]),
    (ELEVENTH, [text(8, own_text="Texte 2."), revision(9)]),
]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_verdicts_of_a_day_do_not_depend_on_later_days(judge: Judge, count: int) -> None:
    whole = judge(*DAYS)
    start = judge(*DAYS[:count])
    assert start == {number: whole[number] for number in start}


def test_every_letter_has_one_verdict(judge: Judge) -> None:
    verdicts = judge(*DAYS)
    assert sorted(verdicts) == list(range(1, 10))
    assert {row["received_date"] for row in verdicts.values()} == {None, NINTH, TENTH, ELEVENTH}


def test_verdicts_hold_no_address_and_no_word(judge: Judge) -> None:
    written = repr(judge(*DAYS))
    for word in ("lucie", "courriel.example", "sombre", "Texte"):
        assert word not in written


def test_rows_that_break_their_contract_stop_the_stage(judge: Judge) -> None:
    row = judge((NINTH, [letter(1)]))[1] | {"status": "perdue"}
    with pytest.raises(ContractBrokenError, match=r"lake\.verdicts : status est de la liste"):
        refuse_broken(VERDICTS, pa.Table.from_pylist([row], schema=VERDICTS.schema))


def test_a_long_text_that_a_person_kept_waits_for_nobody_else(judge: Judge) -> None:
    long = {"own_text": "La rue est sombre. " * 20_000}
    kept = letter(2, person_reading="retenir", **long)
    assert what(judge((NINTH, [letter(1, **long), kept]))) == {1: "to_read", 2: "accepted"}


# --- the stage: what is current is not made again ------------------------------------------------


@pytest.fixture
def vault(tmp_path: Path, read_day: ReadDay) -> Vault:
    """A vault of two days with a letter each, read."""
    vault = Vault(tmp_path / "vault")
    receive(vault, read_day, 1, NINTH)
    receive(vault, read_day, 2, TENTH)
    return vault


def receive(vault: Vault, read_day: ReadDay, number: int, day: date) -> None:
    """Put a letter, and what was read in it, into the vault."""
    submission = read_day(day, letter(number))[0].submissions.to_pylist()[0]
    row = submission | {
        "source": "boite",
        "locator": str(number),
        "fetched_at": submission["received_at"],
        "media_type": "message/rfc822",
        "holds_bytes": True,
        "raw": str(number).encode(),
    }
    vault.add(
        pa.Table.from_pylist(
            [{n: row[n] for n in DELIVERIES.schema.names}], schema=DELIVERIES.schema
        ),
        PARIS,
    )
    for batch in vault.unparsed("lecteur"):
        numbers = [int(raw) for raw in vault.messages(batch)["raw"].to_pylist()]
        tables = [read_day(day, text(n))[1] for n in numbers]
        vault.write_parsed(
            batch, pa.concat_tables([PARSED.schema.empty_table(), *tables]), "lecteur"
        )


def run(vault: Vault, lake: Lake, until: date = TENTH, **different: Any) -> int:
    given: dict[str, Any] = {"rules": RULES, "pseudonymiser": PSEUDONYMISER, "code": "code"}
    return validate.fn(vault, lake, vault.days(PARIS, until), **(given | different))


def files(lake: Lake) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(lake.root.rglob("*.parquet"))}


def test_a_second_run_judges_nothing(vault: Vault, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert run(vault, lake) == 2
    before = files(lake)
    assert run(vault, lake) == 0
    assert files(lake) == before


@pytest.mark.parametrize(
    "change",
    [
        {"code": "autre"},
        {"pseudonymiser": Pseudonymiser(b"l" * 32)},
        {"rules": Rules(RULES.opening, RULES.deadline, 2000)},
    ],
    ids=["program", "key", "rules"],
)
def test_another_program_key_or_rule_judges_everything_again(
    vault: Vault, tmp_path: Path, change: Row
) -> None:
    lake = Lake(tmp_path / "lake")
    run(vault, lake)
    assert run(vault, lake, **change) == 2


def test_how_many_are_judged_together_changes_no_byte(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, apart = Lake(tmp_path / "together"), Lake(tmp_path / "apart")
    assert run(vault, together) == 2
    monkeypatch.setattr("tasks.validate.JUDGED_TOGETHER", 1)
    assert run(vault, apart) == 2
    assert list(files(apart).values()) == list(files(together).values())


def test_a_new_day_is_judged_alone(vault: Vault, tmp_path: Path, read_day: ReadDay) -> None:
    lake = Lake(tmp_path / "lake")
    run(vault, lake)
    receive(vault, read_day, 3, ELEVENTH)
    assert run(vault, lake, ELEVENTH) == 1


def test_mail_found_for_an_earlier_day_judges_again_from_that_day(
    vault: Vault, tmp_path: Path, read_day: ReadDay
) -> None:
    lake, afresh = Lake(tmp_path / "lake"), Lake(tmp_path / "afresh")
    run(vault, lake)
    receive(vault, read_day, 3, TENTH)
    assert run(vault, lake) == 2  # the two letters of the tenth
    receive(vault, read_day, 4, NINTH)
    assert run(vault, lake) == 4
    run(vault, afresh)
    assert list(files(lake).values()) == list(files(afresh).values())


def test_a_book_is_read_by_a_person(judge: Judge) -> None:
    book, long_letter = "mot " * (LONGEST_TEXT // 4 + 1), "mot " * 1000
    rows = [letter(1, own_text=book), letter(2, own_text=long_letter)]
    assert what(judge((NINTH, rows))) == {1: "to_read", 2: "accepted"}
