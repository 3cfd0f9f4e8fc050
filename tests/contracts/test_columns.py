"""Columns are declared once: what is derived, published and written down says the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest

from expectations.reasons import REASONS
from tasks.aggregate import settings
from tasks.consultation import Consultation, Theme
from tasks.report import titles
from tasks.reviewed import Reviews, overlay
from warehouse.contracts import (
    CAMPAIGNS,
    CORE_TABLES,
    LAKE_TABLES,
    MADE_TABLES,
    MART_TABLES,
    META_TABLES,
    PUBLISHED_TABLES,
    STATUSES,
    Table,
    create_statements,
    dictionary_markdown,
    duckdb_type,
)
from warehouse.database import Database, derivation_order
from warehouse.sql import read_sql, relations

ROOT = Path(__file__).parents[2]
DERIVED = (*CORE_TABLES, *MART_TABLES)
STORED = (*LAKE_TABLES, *PUBLISHED_TABLES)

# The analysts' contract, copied from the design: tables and columns may be added, none renamed.
PROMISED = {
    "core.submissions": "submission_id message_sha256 received_at received_date status reason"
    " sources channel size_bytes",
    "core.contributions": "contribution_id submission_id contributor_id contributor_type"
    " received_at received_date text word_count language campaign_id commune_code from_attachment",
    "core.statements": "statement_id contribution_id position char_start char_end text theme"
    " theme_score theme2 kind kind_score group_id why",
    "core.campaigns": "campaign_id submission_count contributor_count distinct_text_count"
    " first_received_at last_received_at exemplar",
    "core.groups": "group_id theme kind label first_date representative_statement_id",
    "core.group_history": "group_id became_group_id date cause",
    "marts.ledger_by_day": "received_date received_count accepted_count duplicate_count"
    " rejected_count quarantined_count withdrawn_count",
    "marts.ledger_by_reason": "status reason reason_label submission_count",
    "marts.synthesis_by_theme": "theme theme_label contribution_count contributor_count"
    " statement_count constat_count proposition_count campaign_contribution_count"
    " contributor_share",
    "marts.constats": "rank theme group_id label contributor_count contribution_count"
    " statement_count distinct_text_count campaign_share weight_label quote quote_statement_id"
    " first_date",
    "marts.propositions": "rank theme group_id label contributor_count contribution_count"
    " statement_count distinct_text_count campaign_share weight_label quote quote_statement_id"
    " first_date",
    "marts.contributions_by_theme_and_day": "theme received_date contribution_count"
    " contributor_count",
    "marts.contributions_by_commune": "commune_code commune_name contribution_count",
    "marts.quality": "label_type population_count drawn_count read_count read_twice_count"
    " covered_share covered_statement_share macro_f1 f1_low f1_high kappa kappa_low kappa_high",
    "marts.quality_by_class": "label_type label true_count told_count precision recall f1 f1_low"
    " f1_high",
    "meta.publication": "as_of_date is_final program_version configuration_sha256 decisions_sha256"
    " input_sha256 state validated_by validated_at transmitted_at transmitted_to",
    "meta.dictionary": "table_name column_name data_type description",
}

# The closed list of what can become of a submission, in its order, copied from the design.
CLOSED_LIST = """
withdrawn | withdrawn | retirée à la demande de son auteur
withdrawn | disowned | non écrite par son auteur présumé
withdrawn | expired | supprimée au terme de la durée de conservation
quarantined | unreadable | illisible
quarantined | too_large | trop volumineux
duplicate | duplicate_message | même message reçu plusieurs fois
rejected | bounce | avis de non-remise
rejected | auto_reply | réponse automatique
rejected | bulk | envoi en nombre
rejected | spam | indésirable, selon le serveur de messagerie
rejected | before_opening | avant l'ouverture
rejected | after_deadline | hors délai
quarantined | to_read | à lire par une personne (image, document numérisé, format inconnu)
rejected | empty | sans contenu
duplicate | superseded | remplacée par son auteur
duplicate | duplicate_text | même auteur, même texte
"""


def test_the_dictionary_of_the_docs_is_that_of_the_contracts() -> None:
    written = (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8").splitlines()
    declared = dictionary_markdown().splitlines()
    missing = [line for line in declared if line not in written]
    outdated = [line for line in written if line not in declared]
    assert written == declared, (
        "docs/dictionary.md is not what warehouse/contracts.py declares: run `make dictionary`.\n"
        f"missing: {missing}\noutdated: {outdated}"
    )


@pytest.mark.parametrize("table", PROMISED)
def test_what_was_promised_to_analysts_is_published(table: str) -> None:
    published = {t.qualified: t.schema.names for t in PUBLISHED_TABLES}
    missing = set(PROMISED[table].split()) - set(published.get(table, ()))
    assert not missing, (
        f"{table} no longer has {sorted(missing)}: analysts use these names, put them back in "
        "warehouse/contracts.py (columns may be added, none renamed)"
    )


def test_the_reasons_are_the_closed_list_in_its_order() -> None:
    declared = [f"{reason.status} | {reason.code} | {reason.label}" for reason in REASONS]
    assert declared == CLOSED_LIST.strip().splitlines(), (
        "expectations/reasons.py is not the closed list of the design: change both, with a decision"
    )
    assert {reason.status for reason in REASONS} < set(STATUSES)


def test_every_derived_table_has_a_sql_file_and_every_file_a_table() -> None:
    files = {name for name in relations() if not name.startswith("work.")}
    tables = {table.qualified for table in DERIVED}
    assert files == tables, (
        f"without a file in warehouse/sql: {sorted(tables - files)}; "
        f"without a table in warehouse/contracts.py: {sorted(files - tables)}"
    )


# --- what SQL gives is what the contract says ----------------------------------------------------


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty lake from which everything is derived."""
    folder = tmp_path_factory.mktemp("vide")
    paris = ZoneInfo("Europe/Paris")
    consultation = Consultation(
        slug="vide",
        title="Vide",
        organiser="Préfecture",
        addressee="Ministre",
        timezone=paris,
        opening=datetime(2020, 1, 8, tzinfo=UTC),
        deadline=datetime(2020, 1, 20, tzinfo=UTC),
        department="03",
        themes=(Theme("service", "Service", "Service"),),
    )
    with Database.open(folder / "warehouse.duckdb", folder / "tmp") as opened:
        opened.create_lake()
        tables = settings(consultation, consultation.opening.date(), 0) | overlay(opened, Reviews())
        for name, rows in tables.items():
            opened.replace(name, rows)
        for table in (*MADE_TABLES, *META_TABLES):
            opened.fill(table, table.schema.empty_table())
        opened.derive()
        yield opened


@pytest.mark.parametrize("table", DERIVED, ids=lambda table: table.qualified)
def test_a_sql_file_gives_the_columns_of_its_contract(database: Database, table: Table) -> None:
    query = read_sql(table.qualified.replace(".", "/"))
    described = database.query(f"select column_name, column_type from (describe {query})")
    found = dict(zip(*described.to_pydict().values(), strict=True))
    declared = {column.name: duckdb_type(column.type) for column in table.columns}
    file = f"warehouse/sql/{table.qualified.replace('.', '/')}.sql"
    assert list(found) == list(declared), (
        f"{file} must end with a select of the contract's columns, in their order: "
        f"missing {sorted(declared.keys() - found.keys())}, "
        f"too many {sorted(found.keys() - declared.keys())}"
    )
    wrong = {
        name: f"{found[name]} instead of {declared[name]}"
        for name in declared
        if found[name] != declared[name] and not _widens(found[name], declared[name])
    }
    assert not wrong, (
        f"{file}: {wrong}; cast, or change warehouse/contracts.py and `make dictionary`"
    )


def _widens(found: str, declared: str) -> bool:
    """Tell whether a type goes into another without loss and without a word."""
    return (found, declared) in {("HUGEINT", "BIGINT"), ("INTEGER", "BIGINT")}


@pytest.mark.parametrize("table", STORED, ids=lambda table: table.qualified)
def test_ddl_reads_back_as_the_contract(table: Table) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create schema {table.layer}")
        for statement in create_statements(table):
            connection.execute(statement)
        columns = connection.execute(
            "select column_name, data_type, is_nullable, comment from duckdb_columns()"
            " where schema_name = ? and table_name = ? order by column_index",
            [table.layer, table.name],
        ).fetchall()
        ((comment,),) = connection.execute(
            "select comment from duckdb_tables() where schema_name = ?", [table.layer]
        ).fetchall()
    assert columns == [
        (column.name, duckdb_type(column.type), column.nullable, column.description)
        for column in table.columns
    ]
    assert comment == table.grain


@pytest.mark.parametrize("table", STORED, ids=lambda table: table.qualified)
def test_rows_go_through_duckdb_with_their_arrow_types(database: Database, table: Table) -> None:
    read = database.read(table)
    assert read.schema == table.schema
    assert isinstance(read, pa.Table)


@pytest.mark.parametrize("table", STORED, ids=lambda table: table.qualified)
def test_keys_and_orders_are_columns_of_the_table(table: Table) -> None:
    names = set(table.schema.names)
    assert len(names) == len(table.columns), f"{table.qualified} declares a column twice"
    assert {*table.key, *table.order} <= names
    assert table.key
    for column in table.columns:
        assert column.description, f"{table.qualified}.{column.name} has no description"


def test_every_column_of_a_sheet_has_a_french_title() -> None:
    tables = (*MART_TABLES, *MADE_TABLES, CAMPAIGNS)
    assert set(titles.TABLES) == {table.qualified for table in tables}
    untitled = [
        f"{table.qualified}.{column.name}"
        for table in tables
        for column in table.columns
        if not {column.name, f"{table.name}.{column.name}"} & titles.COLUMNS.keys()
    ]
    assert not untitled, f"tasks/report/titles.py does not name {untitled}"


def test_published_rows_have_a_total_order() -> None:
    unordered = {table.qualified for table in PUBLISHED_TABLES if not table.order}
    # These two are written in the order of the consultation and of the contract.
    assert unordered == {"marts.synthesis_by_theme", "meta.dictionary"}
    partial = {
        table.qualified
        for table in PUBLISHED_TABLES
        if table.order and not set(table.key) <= set(table.order)
    }
    # Rank is counted by theme: it is total with it.
    assert partial == {"marts.constats", "marts.propositions"}


def test_every_sql_file_is_understood_and_ordered() -> None:
    with duckdb.connect() as connection:
        order, _ = derivation_order(connection)
    assert sorted(order) == relations()


@pytest.mark.parametrize("table", PUBLISHED_TABLES, ids=lambda table: table.qualified)
def test_nothing_published_is_named_like_what_stays_in_the_vault(table: Table) -> None:
    private = {"raw", "from_address", "from_name", "subject", "signature", "locator", "fetched_at"}
    assert not private & set(table.schema.names), (
        f"{table.qualified} publishes {sorted(private & set(table.schema.names))}"
    )
