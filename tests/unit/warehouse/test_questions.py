"""Given a small lake, what the analysts' copy answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tasks.consultation import Consultation
from tests.unit.warehouse.conftest import GivenLake, parquet_files
from warehouse.analysts_copy import write_analysts_copy
from warehouse.contracts import CORE_TABLES, MART_TABLES, OPPOSITIONS, PUBLISHED_TABLES
from warehouse.questions import QUESTIONS

EIGHTH, NINTH = date(2020, 1, 8), date(2020, 1, 9)
Row = tuple[Any, ...]


def said(text: str, group: int, kind: str = "proposition", theme: str = "service") -> Any:
    return {"text": text, "group": group, "theme": theme, "kind": kind, "score": 0.5}


def copy_of(lake: GivenLake, consultation: Consultation, opposed: tuple[int, int] | None) -> Path:
    """Write the analysts' copy of a lake, two of its groups being opposite."""
    tables = {table.qualified: table.schema.empty_table() for table in PUBLISHED_TABLES}
    with lake.derive(consultation) as database:
        tables |= {t.qualified: database.read(t) for t in (*CORE_TABLES, *MART_TABLES)}
    if opposed:
        pair = dict(zip(("group_id", "opposed_group_id"), map(group_id, opposed), strict=True))
        tables[OPPOSITIONS.qualified] = pa.Table.from_pylist(
            [{"theme": "service", "common_words": "caméras", **pair}], schema=OPPOSITIONS.schema
        )
    path = lake.folder / "assises.duckdb"
    write_analysts_copy(path, parquet_files(path.with_name("parquet"), tables))
    return path


def group_id(number: int) -> str:
    return f"g-{number:016x}"


def before(folder: Path) -> GivenLake:
    """What was received on the first day: five contributors, two of them in no campaign."""
    folder.mkdir()
    lake = GivenLake(folder)
    asked = said("Rallumer les lampadaires.", 1)
    for number in (1, 2, 3):
        lake.contribution(number, EIGHTH, asked, cluster=1, copied=[1], repeats=[1])
    lake.contribution(4, EIGHTH, asked, said("Des caméras partout.", 2))
    lake.contribution(5, EIGHTH, said("Il fait noir.", 3, "constat"))
    return lake


def after(folder: Path) -> GivenLake:
    """The next day: group 3 is joined to 1's neighbour, two groups are new."""
    lake = before(folder)
    lake.contribution(6, NINTH, said("Pas de caméras.", 4))
    lake.contribution(7, NINTH, said("Des caméras partout.", 2), said("On attend.", 5, "constat"))
    lake.contribution(8, NINTH, said("Tout est noir.", 5, "constat"))
    lake.merge(3, 5, NINTH)
    lake.submission(9, NINTH, "rejected", "bounce")
    return lake


@pytest.fixture(scope="module")
def base(
    tmp_path_factory: pytest.TempPathFactory, consultation: Consultation
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The copy of the second day, that of the first attached as an analyst does."""
    place = tmp_path_factory.mktemp("questions")
    earlier = copy_of(before(place / "avant"), consultation, None)
    later = copy_of(after(place / "après"), consultation, (2, 4))
    with duckdb.connect(str(later), read_only=True) as connection:
        connection.execute(f"attach '{earlier}' as avant (read_only)")
        yield connection


def test_every_question_and_column_says_in_french_what_it_is(
    base: duckdb.DuckDBPyConnection,
) -> None:
    views = base.execute(
        "select view_name, comment from duckdb_views()"
        " where schema_name = 'questions' and database_name = current_database()"
    ).fetchall()
    macros = base.execute(
        "select function_name, comment from duckdb_functions()"
        " where schema_name = 'questions' and database_name = current_database()"
    ).fetchall()
    assert dict(views) == {q.name: q.asks for q in QUESTIONS if not q.parameters}
    assert dict(macros) == {q.name: q.asks for q in QUESTIONS if q.parameters}
    columns = base.execute(
        "select table_name, column_name, comment from duckdb_columns()"
        " where schema_name = 'questions'"
    ).fetchall()
    assert {name for name, _, _ in columns} == dict(views).keys()
    assert all(comment for _, _, comment in columns)


def test_the_most_shared_come_first_and_campaigns_are_told_apart(
    base: duckdb.DuckDBPyConnection,
) -> None:
    found = base.sql(
        "select group_id, kind, contributor_count, own_contributor_count, contributor_share"
        " from questions.shared_groups"
    ).fetchall()
    assert found == [
        (group_id(1), "proposition", 4, 1, 0.5),
        (group_id(5), "constat", 3, 3, 0.375),
        (group_id(2), "proposition", 2, 2, 0.25),
        (group_id(4), "proposition", 1, 1, 0.125),
    ]


def test_the_last_day_tells_what_is_new_from_what_grows(base: duckdb.DuckDBPyConnection) -> None:
    found = base.sql(
        "select group_id, label, is_new, gained_contributor_count, contributor_count"
        " from questions.gains_of_last_day"
    ).fetchall()
    assert found == [
        (group_id(4), "Pas de caméras.", True, 1, 1),
        (group_id(5), "Il fait noir.", False, 2, 3),
        (group_id(2), "Des caméras partout.", False, 1, 2),
    ]


def test_a_theme_grows_by_its_new_contributors(base: duckdb.DuckDBPyConnection) -> None:
    assert base.sql("from questions.growth_by_theme").fetchall() == [
        ("service", EIGHTH, 5, 5, 5, 5),
        ("service", NINTH, 3, 3, 8, 8),
    ]


def test_a_campaign_weighs_what_its_contributors_do(base: duckdb.DuckDBPyConnection) -> None:
    found = base.sql(
        "select group_id, campaign_id, contributor_count, own_contributor_count,"
        " campaign_contributor_count, campaign_contributor_share from questions.campaigns_by_group"
    ).fetchall()
    assert found == [(group_id(1), "k-0000000000000001", 4, 1, 3, 0.75)]


def test_opposite_positions_stand_side_by_side(base: duckdb.DuckDBPyConnection) -> None:
    found = base.sql(
        "select label, contributor_count, opposed_label, opposed_contributor_count"
        " from questions.opposite_positions"
    ).fetchall()
    assert found == [("Des caméras partout.", 2, "Pas de caméras.", 1)]


@pytest.mark.parametrize("name", [5, 3], ids=["its name", "a name that it had"])
def test_the_statements_of_a_group_are_found(base: duckdb.DuckDBPyConnection, name: int) -> None:
    found = base.sql(f"select text from questions.statements_of_group('{group_id(name)}')")
    assert found.fetchall() == [("Il fait noir.",), ("On attend.",), ("Tout est noir.",)]


def test_what_changed_since_another_publication_is_named(
    base: duckdb.DuckDBPyConnection,
) -> None:
    found = base.sql(
        "select change, group_id, current_group_id, earlier_contributor_count, contributor_count"
        " from questions.changes_since('avant')"
    ).fetchall()
    assert found == [
        ("nouveau", group_id(5), None, 0, 3),
        ("nouveau", group_id(4), None, 0, 1),
        ("plus partagé", group_id(2), None, 1, 2),
        ("réuni", group_id(3), group_id(5), 1, 0),
    ]
    assert base.sql(
        "select * exclude (reason_label) from questions.ledger_changes_since('avant')"
    ).fetchall() == [("accepted", 8, 5, 3), ("rejected", 1, 0, 1)]


def test_a_group_may_be_renamed_and_less_shared(tmp_path: Path, consultation: Consultation) -> None:
    copy_of(before(tmp_path / "avant"), consultation, None)
    (tmp_path / "seul").mkdir()
    lake = GivenLake(tmp_path / "seul")
    lake.contribution(4, EIGHTH, said("Allumer la rue.", 1))
    lake.contribution(5, EIGHTH, said("Il fait noir.", 3, "constat"))
    alone = copy_of(lake, consultation, None)
    with duckdb.connect(str(alone), read_only=True) as connection:
        connection.execute(f"attach '{tmp_path}/avant/assises.duckdb' as avant (read_only)")
        found = connection.sql(
            "select change, group_id, label, earlier_label, gained_contributor_count"
            " from questions.changes_since('avant')"
        ).fetchall()
    assert found == [
        ("disparu", group_id(2), "Des caméras partout.", "Des caméras partout.", -1),
        ("renommé", group_id(1), "Allumer la rue.", "Rallumer les lampadaires.", -3),
    ]


def test_where_and_as_what_people_write_is_counted_by_theme(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, said("Un.", 1), said("Deux.", 2), commune="03190")
    lake.contribution(2, EIGHTH, said("Trois.", 1), commune="03190")
    lake.contribution(3, EIGHTH, said("Quatre.", 1))
    with duckdb.connect(str(copy_of(lake, consultation, None)), read_only=True) as connection:
        found = connection.sql("from questions.voices_by_commune_and_type").fetchall()
    assert found == [
        ("service", "03190", "Moulins", "inconnu", 2, 2),
        ("service", None, None, "inconnu", 1, 1),
    ]


def test_the_least_sure_statement_is_read_first(
    lake: GivenLake, consultation: Consultation
) -> None:
    lake.contribution(1, EIGHTH, said("Sûr.", 1))
    lake.contribution(2, EIGHTH, said("Peu sûr.", 2) | {"kind_score": 0.2})
    with duckdb.connect(str(copy_of(lake, consultation, None)), read_only=True) as connection:
        found = connection.sql("select text, kind_score from questions.statements_to_read")
        assert found.fetchall() == [("Peu sûr.", 0.2), ("Sûr.", 0.9)]
