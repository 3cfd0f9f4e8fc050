from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.gates import LEAKS, RECEIVED, Gate, Judgement
from expectations.patterns import MAY_LEAK
from expectations.published import Subject, check_publication, check_table
from warehouse.contracts import (
    CAMPAIGNS,
    CONTRIBUTIONS,
    GATE_RULES,
    GROUPS,
    LEDGER_BY_DAY,
    LEDGER_BY_REASON,
    PUBLISHED_TABLES,
    STATEMENTS,
    SUBMISSIONS,
    Table,
)
from warehouse.judged import ROW_HASH

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
    names = ("statement_id", "quote", "source")
    schema = pa.schema([(name, pa.string()) for name in names])
    rows = [(f"c-00000000000000aa-{n:03}", *pair) for n, pair in enumerate(pairs, 1)]
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=schema)


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

DAY = date(2020, 1, 9)
ID = "c-00000000000000aa"
NOBODY = Judgement(
    is_awaited=True, quarantine_share=0.25, quarantine_least=20, usual_count=5, let_pass={}
)


def check(
    *contributions: Row,
    counts: pa.Table | None = None,
    quotes: pa.Table | None = None,
    judgement: Judgement | None = NOBODY,
    as_of: date = DAY,
    **others: pa.Table,
) -> list[Gate]:
    """Check what would be published of these contributions, and of other tables."""
    contracts = (SUBMISSIONS, LEDGER_BY_DAY, CONTRIBUTIONS, CAMPAIGNS, GROUPS)
    tables = {contract.qualified: table(contract) for contract in contracts}
    tables[CONTRIBUTIONS.qualified] = table(CONTRIBUTIONS, *contributions)
    tables |= {name.replace("__", "."): rows for name, rows in others.items()}
    return check_publication(as_of, contracts, subject(tables, counts, quotes), judgement)


def subject(
    tables: dict[str, pa.Table],
    counts: pa.Table | None = None,
    quotes: pa.Table | None = None,
    size: int = 1,
    judged: Callable[[pa.Table], None] = lambda _: None,
) -> Subject:
    """What is to be published, its rows in parts of a size."""

    def parts(rows: pa.Table) -> Iterator[pa.Table]:
        hashed = rows.append_column(ROW_HASH, pa.array(range(rows.num_rows), pa.uint64()))
        return (hashed.slice(start, size) for start in range(0, rows.num_rows, size))

    def counted(contract: Table) -> pa.Table:
        rows = tables[contract.qualified].select(contract.key)
        return rows.group_by(list(contract.key)).aggregate([([], "count_all")])

    def keys(contract: Table) -> pa.Table:
        counts = {"row_count": [tables[contract.qualified].num_rows]}
        return pa.table(counts | {"key_count": [counted(contract).num_rows]})

    quoted = (quotations() if quotes is None else quotes).to_pylist()
    wrong = [row["statement_id"] for row in quoted if row["quote"] != row["source"]]
    return Subject(
        unjudged=lambda contract: parts(tables[contract.qualified]),
        keys=keys,
        repeated=lambda contract: counted(contract).filter(pc.field("count_all") > 1),
        quotations=pa.table(
            {"quotation_count": [len(quoted)], "verbatim_count": [len(quoted) - len(wrong)]}
        ),
        misquoted=lambda: wrong,
        reconciliation=sums(envois=(7, 7)) if counts is None else counts,
        submissions=tables.get(SUBMISSIONS.qualified, table(SUBMISSIONS)).select(RECEIVED),
        by_day=tables.get(LEDGER_BY_DAY.qualified, table(LEDGER_BY_DAY)),
        judged=judged,
    )


OTHER_ID = "c-00000000000000ab"
OTHER = CONTRIBUTION | {"contribution_id": OTHER_ID}


def saying(text: str, number: int = 0xAA) -> Row:
    return CONTRIBUTION | {"contribution_id": f"c-{number:016x}", "text": text}


def test_what_holds_is_published() -> None:
    said = ("La brigade ferme à midi.", "La brigade ferme à midi.")
    assert check(CONTRIBUTION, quotes=quotations(said)) == []


WRITE_TO_HER = saying("Écrivez-moi : zenobie@courriel.example.")


@pytest.mark.parametrize(
    ("text", "rule", "sentence"),
    [
        (WRITE_TO_HER["text"], "email", "une adresse électronique, ou ce qui y ressemble"),
        ("Appelez-moi au 06 12 34 56 78 le soir.", "phone", "un numéro de téléphone, ou ce qui"),
        ("Au +33 (0)4 70 00 00 00.", "phone", "un numéro de téléphone, ou ce qui y ressemble"),
    ],
)
def test_what_names_somebody_is_held(text: str, rule: str, sentence: str) -> None:
    (held,) = check(saying(text), saying("Rien de tel.", 0xAB))
    assert held.sentence.startswith(sentence)
    assert (held.rule, held.rows) == (rule, (ID,))


def test_the_words_of_every_column_of_words_are_looked_at() -> None:
    row = {
        "campaign_id": "k-00000000000000aa",
        **{name: 5 for name in CAMPAIGNS.schema.names if name.endswith("_count")},
        **dict.fromkeys(("first_received_at", "last_received_at"), NOON),
        "exemplar": WRITE_TO_HER["text"],
    }
    (held,) = check(CONTRIBUTION, core__campaigns=table(CAMPAIGNS, row))
    assert held.rows == ("k-00000000000000aa",)
    assert {c.name for c in STATEMENTS.columns if c.words} == {"text", "why"}


def labelled(label: str) -> pa.Table:
    row = {"group_id": "g-00000000000000aa", "theme": "service", "kind": "constat"}
    row |= {"label": label, "first_date": 18_270, "is_reviewed": True}
    return table(GROUPS, row | {"representative_statement_id": f"{ID}-001"})


def test_what_repeats_a_contribution_is_no_row_of_its_own() -> None:
    held = check(WRITE_TO_HER, core__groups=labelled("Écrire à zenobie@courriel.example"))
    assert [gate.rows for gate in held] == [(ID,)]
    held = check(WRITE_TO_HER, core__groups=labelled("Écrire à paul@courriel.example"))
    assert [gate.rows for gate in held] == [(ID, "g-00000000000000aa")]


def passed(gates: list[Gate]) -> Judgement:
    return replace(
        NOBODY, let_pass={gate.rule: frozenset(gate.rows) for gate in gates if gate.rule}
    )


def test_rows_let_pass_hold_no_later_day_and_others_do() -> None:
    judgement = passed(check(WRITE_TO_HER))
    tomorrow = DAY + timedelta(days=1)
    label = labelled("Écrire à zenobie@courriel.example")
    assert check(WRITE_TO_HER, judgement=judgement) == []
    assert check(WRITE_TO_HER, judgement=judgement, as_of=tomorrow, core__groups=label) == []
    other = WRITE_TO_HER | {"contribution_id": OTHER_ID}
    (held,) = check(WRITE_TO_HER, other, judgement=judgement)
    assert held.rows == (OTHER_ID,)
    by_phone = saying("Appelez-moi au 06 12 34 56 78.")
    assert [gate.rule for gate in check(by_phone, judgement=judgement)] == ["phone"]


def test_a_gate_is_of_a_day_of_what_is_checked_and_of_its_rows() -> None:
    (held,), (again,) = check(WRITE_TO_HER), check(WRITE_TO_HER)
    assert re.fullmatch(r"p-[0-9a-f]{12}", held.gate_id)
    assert held == again
    other = WRITE_TO_HER | {"contribution_id": OTHER_ID}
    others = [
        *check(other),
        *check(WRITE_TO_HER, other),
        *check(saying("Appelez-moi au 06 12 34 56 78.")),
        *check(WRITE_TO_HER, as_of=DAY + timedelta(days=1)),
    ]
    assert len({held.gate_id, *(gate.gate_id for gate in others)}) == 5
    assert check(other, WRITE_TO_HER)[0].gate_id == check(WRITE_TO_HER, other)[0].gate_id


def test_a_day_that_is_served_is_held_by_faults_of_the_program_only() -> None:
    assert check(WRITE_TO_HER, judgement=None) == []
    (held,) = check(WRITE_TO_HER, counts=sums(envois=(7, 6)), judgement=None)
    assert held.rule is None


def test_sums_that_differ_are_held_and_named() -> None:
    counts = sums(envois=(7, 7), constats=(4, 3), propositions=(2, 2))
    (held,) = check(counts=counts)
    assert held.sentence == "« les comptes concordent (constats) » ne tient pas"
    assert (held.rule, held.rows) == (None, ("constats",))


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param(("La brigade ferme à midi", "La brigade ferme à midi."), id="a point less"),
        pytest.param(("La brigade ferme à midi.", None), id="no source"),
        pytest.param(("", "La brigade"), id="empty"),
    ],
)
def test_a_quotation_that_is_not_the_text_itself_is_held(
    pair: tuple[str | None, str | None],
) -> None:
    same = ("Rouvrir la brigade.", "Rouvrir la brigade.")
    (held,) = check(quotes=quotations(same, pair))
    assert held.sentence == "« chaque citation est le texte même de la contribution » ne tient pas"
    assert (held.rule, held.rows) == (None, (f"{ID}-002",))


@pytest.mark.parametrize(
    ("rows", "sentence", "broken"),
    [
        ([CONTRIBUTION | {"word_count": -1}], "word_count est dans ses bornes", ID),
        ([CONTRIBUTION | {"text": None}], "text est renseigné", ID),
        ([CONTRIBUTION, CONTRIBUTION, OTHER], "la clé est unique", ID),
        (
            [CONTRIBUTION, OTHER | {"commune_code": "Cusset"}],
            "commune_code a la forme attendue",
            OTHER_ID,
        ),
    ],
)
def test_a_broken_contract_names_its_rows_and_nobody_lets_it_pass(
    rows: list[Row], sentence: str, broken: str
) -> None:
    everything = dict.fromkeys(GATE_RULES, frozenset({broken}))
    (held,) = check(*rows, judgement=replace(NOBODY, let_pass=everything))
    assert held.sentence == f"« core.contributions : {sentence} » ne tient pas"
    assert (held.rule, held.rows) == (None, (broken,))


def test_a_row_of_a_key_of_two_columns_is_named_by_both() -> None:
    row = {"status": "accepted", "reason": None, "reason_label": "retenue", "submission_count": -1}
    tables = {LEDGER_BY_REASON.qualified: table(LEDGER_BY_REASON, row)}
    (held,) = check_publication(DAY, (LEDGER_BY_REASON,), subject(tables))
    assert held.rows == ("accepted vide",)


def test_a_gate_repeats_no_word_of_a_citizen() -> None:
    broken = saying("Écrivez à zenobie@courriel.example") | {"word_count": -1}
    pair = ("Écrivez à zenobie@courriel.example", "Non.")
    found = check(broken, counts=sums(envois=(7, 6)), quotes=quotations(pair))
    assert len(found) == 4
    assert "zenobie" not in repr(found).lower()


def test_keys_of_what_is_published_are_no_words() -> None:
    keys = [table.column(name) for table in PUBLISHED_TABLES for name in table.key]
    assert not [column.name for column in keys if column.words]


WORDS = st.text(st.sampled_from("0123456789\u0660\u0967+()-. \n@ab.'é"), max_size=40)


@given(st.lists(WORDS, max_size=20))
def test_all_words_that_leak_are_among_those_that_may(texts: list[str]) -> None:
    may = pc.match_substring_regex(pa.array(texts, pa.string()), MAY_LEAK).to_pylist()
    for text, suspect in zip(texts, may, strict=True):
        assert suspect or not any(re.search(pattern, text) for pattern in LEAKS.values())


def test_the_size_of_the_parts_changes_nothing() -> None:
    rows = [WRITE_TO_HER, OTHER | {"text": WRITE_TO_HER["text"]}, saying("Rien.", 0xAC)]
    rows += [saying("Bien.", 0xAD) | {"word_count": -1}, saying("Mal.", 0xAE) | {"word_count": -1}]
    tables = {CONTRIBUTIONS.qualified: table(CONTRIBUTIONS, *rows)}
    found = [
        check_publication(DAY, (CONTRIBUTIONS,), subject(tables, size=size), NOBODY)
        for size in (1, 2, 5)
    ]
    assert found[0] == found[1] == found[2]
    assert [len(gate.rows) for gate in found[0]] == [2, 2]


def test_a_row_that_broke_something_or_may_leak_is_not_taken_for_judged() -> None:
    rows = (CONTRIBUTION, WRITE_TO_HER, OTHER | {"word_count": -1}, saying("Fin.", 0xAC))
    tables = {CONTRIBUTIONS.qualified: table(CONTRIBUTIONS, *rows)}
    held: list[int] = []
    looked_at = subject(tables, judged=lambda rows: held.extend(rows[ROW_HASH].to_pylist()))
    check_publication(DAY, (CONTRIBUTIONS,), looked_at, NOBODY)
    assert held == [0, 3]
