from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from expectations.published import check_publication, check_table
from warehouse.contracts import (
    CAMPAIGNS,
    CONTRIBUTIONS,
    LEDGER_BY_DAY,
    LEDGER_BY_REASON,
    STATEMENTS,
    Table,
)

Row = dict[str, Any]

NOON = 1_578_571_200_000_000  # 9 January 2020, 12:00 UTC
TEXT = "La brigade ferme à midi. Rouvrir la brigade le samedi."

CONTRIBUTION: Row = {
    "contribution_id": "c-00000000000000aa",
    "submission_id": "s-00000000000000aa",
    "contributor_id": "a-00000000000000aa",
    "contributor_type": "inconnu",
    "received_at": NOON,
    "received_date": 18_270,
    "text": TEXT,
    "word_count": 10,
    "language": "fr",
    "campaign_id": None,
    "commune_code": "03190",
    "from_attachment": False,
}


def table(contract: Table, *rows: Row) -> pa.Table:
    schema = pa.schema([f.with_nullable(True) for f in contract.schema])  # noqa: FBT003
    return pa.Table.from_pylist(list(rows), schema=schema)


def sums(**counts: tuple[int, int]) -> pa.Table:
    names = ("what", "expected_count", "found_count")
    rows = [dict(zip(names, (what, *pair), strict=True)) for what, pair in counts.items()]
    return pa.Table.from_pylist(rows)


def quotations(*pairs: tuple[str | None, str | None]) -> pa.Table:
    schema = pa.schema([("quote", pa.string()), ("source", pa.string())])
    return pa.Table.from_pylist([{"quote": q, "source": s} for q, s in pairs], schema=schema)


def sentences(contract: Table, *rows: Row) -> list[str]:
    return [f.sentence for f in check_table(contract, table(contract, *rows))]


def test_rows_that_hold_their_contract_pass() -> None:
    second = CONTRIBUTION | {
        "contribution_id": "c-00000000000000ab",
        "campaign_id": "k-00000000000000ab",
        "commune_code": None,
        "language": None,
    }
    assert sentences(CONTRIBUTIONS, CONTRIBUTION, second) == []
    assert sentences(CONTRIBUTIONS) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"contribution_id": "c-1"}, "contribution_id a la forme attendue"),
        ({"contribution_id": None}, "contribution_id est renseigné"),
        ({"contributor_type": "ministre"}, "contributor_type est de la liste"),
        ({"word_count": -1}, "word_count est dans ses bornes"),
        ({"text": None}, "text est renseigné"),
        ({"received_date": None}, "received_date est renseigné"),
        ({"campaign_id": "s-00000000000000aa"}, "campaign_id a la forme attendue"),
        ({"commune_code": "Cusset"}, "commune_code a la forme attendue"),
    ],
)
def test_a_row_that_breaks_its_contract_is_named_by_a_sentence(change: Row, sentence: str) -> None:
    assert sentences(CONTRIBUTIONS, CONTRIBUTION | change) == [f"core.contributions : {sentence}"]


def test_a_key_twice_is_refused() -> None:
    assert sentences(CONTRIBUTIONS, CONTRIBUTION, CONTRIBUTION) == [
        "core.contributions : la clé est unique"
    ]


def test_a_key_of_two_columns_may_have_an_empty_one() -> None:
    accepted = {
        "status": "accepted",
        "reason": None,
        "reason_label": "retenue",
        "submission_count": 1,
    }
    rejected = accepted | {"status": "rejected", "reason": "spam"}
    assert sentences(LEDGER_BY_REASON, accepted, rejected) == []
    assert sentences(LEDGER_BY_REASON, rejected, rejected) == [
        "marts.ledger_by_reason : la clé est unique"
    ]


def test_the_row_without_date_passes() -> None:
    day = dict.fromkeys(LEDGER_BY_DAY.schema.names, 0)
    rows = ({**day, "received_date": None}, {**day, "received_date": 18_270})
    assert sentences(LEDGER_BY_DAY, *rows) == []


def test_columns_of_another_contract_are_refused() -> None:
    rows = table(LEDGER_BY_DAY, dict.fromkeys(LEDGER_BY_DAY.schema.names, 0))
    more = check_table(LEDGER_BY_DAY, rows.append_column("de_trop", pa.array([1])))
    assert [f.sentence for f in more] == [
        "marts.ledger_by_day : les colonnes sont celles du contrat"
    ]


# --- the last gate -------------------------------------------------------------------------------

Gate = Callable[..., list[str]]


@pytest.fixture
def gate() -> Gate:
    def check(
        text: str = TEXT,
        counts: pa.Table | None = None,
        quotes: pa.Table | None = None,
    ) -> list[str]:
        tables = {"core.contributions": table(CONTRIBUTIONS, CONTRIBUTION | {"text": text})}
        found = check_publication(
            (CONTRIBUTIONS,),
            tables,
            sums(envois=(7, 7)) if counts is None else counts,
            quotations() if quotes is None else quotes,
        )
        return [failure.sentence for failure in found]

    return check


def test_what_holds_is_published(gate: Gate) -> None:
    assert gate(quotes=quotations(("La brigade ferme à midi.", "La brigade ferme à midi."))) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Écrivez-moi : zenobie@courriel.example.", "text ne contient aucune adresse électronique"),
        ("Appelez-moi au 06 12 34 56 78 le soir.", "text ne contient aucun numéro de téléphone"),
        ("Au +33 (0)4 70 00 00 00.", "text ne contient aucun numéro de téléphone"),
    ],
)
def test_what_names_somebody_is_held(gate: Gate, text: str, sentence: str) -> None:
    assert gate(text) == [f"core.contributions : {sentence}"]


def test_the_words_of_every_column_of_words_are_looked_at() -> None:
    row = {
        "campaign_id": "k-00000000000000aa",
        **{name: 5 for name in CAMPAIGNS.schema.names if name.endswith("_count")},
        **dict.fromkeys(("first_received_at", "last_received_at"), NOON),
        "exemplar": "Répondez à zenobie@courriel.example",
    }
    tables = {CAMPAIGNS.qualified: table(CAMPAIGNS, row)}
    found = check_publication((CAMPAIGNS,), tables, sums(envois=(1, 1)), quotations())
    assert [f.sentence for f in found] == [
        "core.campaigns : exemplar ne contient aucune adresse électronique"
    ]
    assert {c.name for c in STATEMENTS.columns if c.words} == {"text", "why"}


def test_sums_that_differ_are_held_and_named(gate: Gate) -> None:
    counts = sums(envois=(7, 7), constats=(4, 3), propositions=(2, 2))
    assert gate(counts=counts) == ["les comptes concordent (constats)"]


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param(("La brigade ferme à midi", "La brigade ferme à midi."), id="a point less"),
        pytest.param(("La brigade ferme à midi.", None), id="no source"),
        pytest.param(("", "La brigade"), id="empty"),
    ],
)
def test_a_quotation_that_is_not_the_text_itself_is_held(
    gate: Gate, pair: tuple[str | None, str | None]
) -> None:
    same = ("Rouvrir la brigade.", "Rouvrir la brigade.")
    assert gate(quotes=quotations(same, pair)) == [
        "chaque citation est le texte même de la contribution"
    ]


def test_a_failure_repeats_no_word_of_a_citizen(gate: Gate) -> None:
    found = gate("Écrivez-moi : zenobie@courriel.example.", sums(envois=(7, 6)))
    assert len(found) == 2
    assert "zenobie" not in " ".join(found)
