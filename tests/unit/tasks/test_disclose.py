from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from tasks.consultation import Consultation, parse_consultation
from tasks.disclose import (
    OUTSIDE,
    UNKNOWN,
    Released,
    disclose,
    disclose_communes,
    open_tables,
    read_contributors,
    shown_communes,
)
from tasks.privacy.disclosure import Disclosure, Shown
from warehouse.contracts import (
    CONTRIBUTIONS,
    CONTRIBUTIONS_BY_COMMUNE,
    GROUP_HISTORY,
    GROUPS,
    STATEMENTS,
    Table,
)

MOULINS, VICHY, CLERMONT = "03190", "03310", "63113"
DAY = date(2020, 1, 9)
Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def consultation() -> Consultation:
    return parse_consultation(
        """
[consultation]
slug = "essai"
title = "Essai"
organiser = "Préfecture"
addressee = "Ministre"
opening = 2020-01-08
deadline = 2020-01-20
department = "03"
[[theme]]
code = "service"
label = "service rendu"
short_label = "Service"
[[theme]]
code = "lien"
label = "lien avec la population"
short_label = "Lien"
[open_data]
k = 3
"""
    )


def made(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    blank = {
        column.name: None
        if column.nullable
        else {pa.string(): "", pa.bool_(): False, pa.date32(): DAY}.get(column.type, 0)
        for column in table.columns
    }
    blank |= {"received_at": datetime(2020, 1, 9, tzinfo=UTC)} if "received_at" in blank else {}
    return pa.Table.from_pylist([blank | row for row in rows], schema=table.schema)


def write(*letters: tuple[str, str | None, str], day: date = DAY) -> Tables:
    """Make the tables of letters: author, commune, and themes of their statements.

    All the statements of a theme are of one group of propositions.
    """
    contributions, statements = [], []
    for number, (author, commune, themes) in enumerate(letters):
        letter = f"c-{number:016x}"
        contributions.append(
            {
                "contribution_id": letter,
                "contributor_id": author,
                "commune_code": commune,
                "received_date": day,
            }
        )
        statements += [
            {
                "statement_id": f"{letter}-{position:03}",
                "contribution_id": letter,
                "theme": theme,
                "kind": "proposition",
                "group_id": f"g-{theme}",
                "text": f"{author} propose {theme}",
            }
            for position, theme in enumerate(themes.split(), 1)
        ]
    found = {row["theme"]: row for row in reversed(statements)}
    groups = [
        {
            "group_id": row["group_id"],
            "theme": theme,
            "kind": "proposition",
            "label": f"Libellé de {theme}",
            "representative_statement_id": row["statement_id"],
        }
        for theme, row in found.items()
    ]
    communes = [
        {"commune_code": MOULINS, "commune_name": "Moulins"},
        {"commune_code": VICHY, "commune_name": "Vichy"},
    ]
    return {
        CONTRIBUTIONS.qualified: made(CONTRIBUTIONS, contributions),
        STATEMENTS.qualified: made(STATEMENTS, statements),
        GROUPS.qualified: made(GROUPS, groups),
        GROUP_HISTORY.qualified: made(GROUP_HISTORY, []),
        CONTRIBUTIONS_BY_COMMUNE.qualified: made(CONTRIBUTIONS_BY_COMMUNE, communes),
    }


@pytest.fixture
def export(consultation: Consultation) -> Callable[..., dict[str, list[dict[str, Any]]]]:
    def export(
        tables: Tables,
        *validated: str,
        labels: frozenset[str] = frozenset(),
        kept: frozenset[str] = frozenset(),
    ) -> dict[str, list[dict[str, Any]]]:
        known = disclose(Disclosure(), read_contributors(tables, consultation), consultation, DAY)
        released = Released(frozenset(validated), labels, kept)
        opened = open_tables(known, tables, consultation, released)
        return {name.removeprefix("open_data."): t.to_pylist() for name, t in opened.items()}

    return export


@pytest.mark.parametrize(
    ("letters", "theme"),
    [
        pytest.param([("a", None, "lien")], "lien", id="the only one"),
        pytest.param([("a", None, "service lien lien")], "lien", id="that of most statements"),
        pytest.param([("a", None, "lien service")], "service", id="of equals, the first announced"),
        pytest.param([("a", None, "service"), ("a", None, "lien lien")], "lien", id="two letters"),
        pytest.param(
            [("a", None, "hors_theme hors_theme lien")], "lien", id="announced ones first"
        ),
        pytest.param([("a", None, "hors_theme")], "hors_theme", id="outside of them"),
        pytest.param([("a", None, "")], "hors_theme", id="says nothing"),
    ],
)
def test_a_contributor_has_one_main_theme(
    consultation: Consultation, letters: list[tuple[str, str | None, str]], theme: str
) -> None:
    assert read_contributors(write(*letters), consultation).themes == {"a": theme}


@pytest.mark.parametrize(
    ("codes", "commune"),
    [
        pytest.param([None], UNKNOWN, id="none"),
        pytest.param([MOULINS, VICHY], MOULINS, id="the first"),
        pytest.param([None, VICHY], VICHY, id="the first named"),
        pytest.param([CLERMONT], OUTSIDE, id="outside the department"),
    ],
)
def test_a_contributor_has_one_commune(
    consultation: Consultation, codes: list[str | None], commune: str
) -> None:
    letters = write(*(("a", code, "lien") for code in codes))
    assert read_contributors(letters, consultation).communes == {"a": commune}


def people(count: int, commune: str | None, themes: str) -> list[tuple[str, str | None, str]]:
    return [(f"{commune} {themes} {n}", commune, themes) for n in range(count)]


def test_counts_are_of_contributors_and_hide_small_cells(export: Callable[..., Any]) -> None:
    shy = [("one author", VICHY, "lien")] * 40
    opened = export(write(*people(9, MOULINS, "service"), *people(8, None, "lien"), *shy))
    assert opened["participation"] == [{"counted_until": DAY, "contributor_count": 18}]
    assert [row["commune_name"] for row in opened["communes"]] == ["Moulins"]
    assert opened["communes"][0]["contributor_count"] == 9
    assert [row["theme"] for row in opened["themes"]] == ["service", "lien", "hors_theme"]
    assert {row["theme"]: row["contributor_count"] for row in opened["themes"]} == {
        "service": None,  # hides that nobody is outside the themes
        "lien": 9,
        "hors_theme": None,
    }
    assert {row["group_id"]: row["contributor_count"] for row in opened["groups"]} == {
        "g-lien": 9,
        "g-service": 9,
    }


def test_no_word_leaves_that_nobody_validated(export: Callable[..., Any]) -> None:
    tables = write(*people(9, MOULINS, "service"), *people(8, None, "lien"))
    opened = export(tables)
    assert opened["verbatims"] == []
    assert [row["label"] for row in opened["groups"]] == [None, None]
    validated = "c-0000000000000000-001"
    opened = export(tables, validated)
    assert [row["statement_id"] for row in opened["verbatims"]] == [validated]
    assert [row["label"] for row in opened["groups"]] == [None, "Libellé de service"]


def test_a_label_that_a_person_wrote_may_be_read_by_all(export: Callable[..., Any]) -> None:
    tables = write(*people(9, MOULINS, "service"), *people(8, None, "lien"))
    opened = export(tables, labels=frozenset({"Libellé de lien"}))
    assert [row["label"] for row in opened["groups"]] == ["Libellé de lien", None]
    assert opened["verbatims"] == []


def test_a_label_taken_from_a_statement_that_nobody_let_out_is_not_read_by_all(
    export: Callable[..., Any],
) -> None:
    tables = write(*people(9, MOULINS, "service"), *people(8, None, "lien"))
    taken = frozenset({"Libellé de service"})
    opened = export(tables, "c-0000000000000000-001", kept=taken)
    assert [row["label"] for row in opened["groups"]] == [None, None]


def renamed(tables: Tables, old: str, new: str) -> Tables:
    """Give a group another name, as when the founder of it is withdrawn."""
    changed = dict(tables)
    for name in (STATEMENTS.qualified, GROUPS.qualified):
        rows = tables[name].to_pylist()
        named = [row | {"group_id": new} if row["group_id"] == old else row for row in rows]
        changed[name] = pa.Table.from_pylist(named, schema=tables[name].schema)
    return changed


@pytest.mark.parametrize(
    ("joined", "shown"),
    [
        pytest.param([], [], id="renamed"),
        pytest.param(["g-service"], ["g-nouveau"], id="joined to another"),
    ],
)
def test_once_a_group_has_changed_its_name_no_new_one_is_shown(
    consultation: Consultation, joined: list[str], shown: list[str]
) -> None:
    before = write(*people(9, None, "service"), *people(8, None, "lien"))
    known = disclose(Disclosure(), read_contributors(before, consultation), consultation, DAY)
    letters = write(*people(10, None, "service"), *people(20, None, "lien"))
    after = renamed(letters, "g-service", "g-nouveau")
    history = [{"group_id": group, "became_group_id": "g-nouveau"} for group in joined]
    after[GROUP_HISTORY.qualified] = made(GROUP_HISTORY, history)
    known = disclose(known, read_contributors(after, consultation), consultation, DAY)
    opened = open_tables(known, after, consultation, Released())["open_data.groups"].to_pylist()
    assert [row["group_id"] for row in opened if row["group_id"] != "g-lien"] == shown


def test_a_group_joined_to_another_has_no_row(consultation: Consultation) -> None:
    before = write(*people(9, None, "service"), *people(8, None, "lien"))
    known = disclose(Disclosure(), read_contributors(before, consultation), consultation, DAY)
    after = write(*people(30, None, "service"))
    known = disclose(known, read_contributors(after, consultation), consultation, DAY)
    opened = open_tables(known, after, consultation, Released())["open_data.groups"].to_pylist()
    assert [row["group_id"] for row in opened] == ["g-service"]


def test_the_page_shows_communes_as_if_it_had_been_published_each_day(
    consultation: Consultation,
) -> None:
    first = people(9, MOULINS, "lien") + people(9, None, "lien")
    second = [(f"late {n}", MOULINS if n < 2 else VICHY, "lien") for n in range(8)]
    at_once = write(*first, *second)
    days = [DAY] * len(first) + [date(2020, 1, 10)] * len(second)
    contributions = at_once[CONTRIBUTIONS.qualified]
    place = contributions.schema.get_field_index("received_date")
    dated = contributions.set_column(
        place, contributions.schema.field(place), pa.array(days, pa.date32())
    )

    def shown(of: Tables) -> list[tuple[str, str | None, Shown]]:
        return shown_communes(disclose_communes(of, consultation), of, consultation)

    assert (MOULINS, "Moulins", Shown(11, DAY)) in shown(at_once)
    assert shown(at_once | {CONTRIBUTIONS.qualified: dated}) == [
        (MOULINS, "Moulins", Shown(9, DAY))
    ]
