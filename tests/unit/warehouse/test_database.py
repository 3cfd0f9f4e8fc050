from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from warehouse.contracts import (
    COPIES,
    LAKE_TABLES,
    SUBMISSIONS,
)
from warehouse.database import (
    Database,
    DatabaseError,
    Part,
    _tables_read,
    derivation_order,
)
from warehouse.files import DamagedError
from warehouse.sql import read_sql, relations

COPY_ROW = {
    "contribution_id": "c-0000000000000001",
    "cluster_id": "k-0000000000000001",
    "founder_id": "c-0000000000000001",
    "copy_score": 1.0,
    "copied_positions": [1],
    "founder_positions": [1, 2],
    "copy_why": "fondateur",
}


def copies(*numbers: int) -> pa.Table:
    rows = [COPY_ROW | {"contribution_id": f"c-{n:016x}"} for n in numbers]
    return pa.Table.from_pylist(rows, schema=COPIES.schema)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def database(path: Path, tmp_path: Path) -> Iterator[Database]:
    with Database.open(path, tmp_path / "tmp") as opened:
        opened.create_lake()
        yield opened


def ids(database: Database) -> list[str]:
    return [
        n[-1]
        for n in database.query("from lake.copies order by all")["contribution_id"].to_pylist()
    ]


def test_each_relation_comes_after_those_it_reads() -> None:
    with duckdb.connect() as connection:
        order, read = derivation_order(connection)
    assert sorted(order) == relations()
    made: set[str] = set()
    for relation in order:
        text = re.sub(r"--.*", "", read_sql(relation.replace(".", "/")))
        named = set(re.findall(r"\b(?:work|core|marts)\.\w+", text)) & set(relations())
        assert named <= made, f"{relation} is made before {sorted(named - made)}"
        assert named <= read
        made.add(relation)


@pytest.mark.parametrize(
    ("query", "read"),
    [
        pytest.param("select 1", set(), id="nothing"),
        pytest.param("from core.a join lake.b using (x)", {"core.a", "lake.b"}, id="a join"),
        pytest.param(
            "select (select max(x) from work.a) from core.b", {"work.a", "core.b"}, id="inside"
        ),
        pytest.param(
            "with a as (from core.b) from a union all from core.c", {"core.b", "core.c"}, id="steps"
        ),
        pytest.param(
            "from core.a where x in (from core.b)", {"core.a", "core.b"}, id="a condition"
        ),
    ],
)
def test_what_a_query_reads_is_found_in_its_text(query: str, read: set[str]) -> None:
    with duckdb.connect() as connection:
        assert _tables_read(connection, query) == read


def test_sql_that_duckdb_does_not_understand_has_no_order() -> None:
    with (
        duckdb.connect() as connection,
        pytest.raises(DatabaseError, match="SQL que DuckDB ne comprend pas"),
    ):
        _tables_read(connection, "selectionner * from core.submissions")


def test_a_partition_is_loaded_and_unloaded(database: Database) -> None:
    assert database.loaded() == {}
    database.load(COPIES, [Part("2020-01-09", "a", lambda: copies(1, 2))])
    database.load(COPIES, [Part("2020-01-10", "b", lambda: copies(3))])
    assert database.loaded() == {("copies", "2020-01-09"): "a", ("copies", "2020-01-10"): "b"}
    assert ids(database) == ["1", "2", "3"]
    database.unload(COPIES, "2020-01-09")
    assert database.loaded() == {("copies", "2020-01-10"): "b"}
    assert ids(database) == ["3"]


def test_what_keeps_a_partition_from_being_read_is_told_in_its_own_words(
    database: Database,
) -> None:
    def damaged() -> pa.Table:
        raise DamagedError(Path("part.parquet"), "refaites-le.")

    parts = [Part("2020-01-09", "a", lambda: copies(1)), Part("2020-01-10", "b", damaged)]
    with pytest.raises(DamagedError, match=r"part\.parquet"), database.transaction():
        database.load(COPIES, parts)
    assert database.loaded() == {}


def test_what_was_loaded_is_still_there_at_the_next_opening(path: Path, tmp_path: Path) -> None:
    for expected in ({}, {("copies", "2020-01-09"): "a"}):
        with Database.open(path, tmp_path / "tmp") as database:
            database.create_lake()
            assert database.loaded() == expected
            if not expected:
                database.load(COPIES, [Part("2020-01-09", "a", lambda: copies(1))])


def test_what_a_transaction_puts_in_a_table_that_it_made_is_joined(database: Database) -> None:
    count = (
        130_000  # more than a group of rows: DuckDB 2.0 joins so many as nothing, made otherwise
    )
    rows = pa.table({"name": [str(n) for n in range(count)]})
    with database.transaction():
        database.extend("many", rows)
    joined = database.query("from lake.many left join (select '0' as name, 1 as n) using (name)")
    assert joined.num_rows == count


def test_another_contract_empties_the_lake(database: Database) -> None:
    database.load(COPIES, [Part("2020-01-09", "a", lambda: copies(1))])
    database._connection.execute("update lake.contract set sha256 = 'ancien'")
    database.create_lake()
    assert database.loaded() == {}
    assert ids(database) == []


def test_what_an_earlier_program_kept_beside_the_lake_goes(path: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(path)) as former:
        for schema in ("lake", "work", "core", "marts", "meta"):
            former.execute(f"create schema {schema}")
            former.execute(f"create table {schema}.statements as select 'mots' as text")
    with Database.open(path, tmp_path / "tmp") as database:
        database.create_lake()
        assert database.loaded() == {}
    with duckdb.connect(str(path)) as file:
        schemas = file.execute("select distinct schema_name from duckdb_tables()").fetchall()
    assert schemas == [("main",)]


def test_what_is_derived_is_in_no_file(path: Path, tmp_path: Path) -> None:
    with Database.open(path, tmp_path / "tmp") as database:
        database.replace("settings", pa.table({"n": [1]}))
        database.keep("found_late", pa.table({"n": [2]}))
    with Database.open(path, tmp_path / "tmp") as database:
        tables = database.query("select schema_name, table_name from duckdb_tables()")
        assert tables.to_pylist() == [{"schema_name": "main", "table_name": "found_late"}]


def give_up_midway(database: Database) -> None:
    with database.transaction():
        database.create_lake()
        database.load(COPIES, [Part("2020-01-09", "a", lambda: copies(1))])
        raise ZeroDivisionError


def test_a_transaction_rolled_back_leaves_nothing(path: Path, tmp_path: Path) -> None:
    with Database.open(path, tmp_path / "tmp") as database:
        with pytest.raises(ZeroDivisionError):
            give_up_midway(database)
        assert database.query("from duckdb_tables()").num_rows == 0


def test_a_row_that_breaks_the_contract_is_refused(database: Database) -> None:
    nameless = copies(1).set_column(0, "contribution_id", pa.nulls(1, pa.string()))
    with pytest.raises(duckdb.ConstraintException), database.transaction():
        database.load(COPIES, [Part("2020-01-09", "a", lambda: nameless)])
    assert database.loaded() == {}


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "select * from glob('/etc/*')",
        "attach '{elsewhere}' as elsewhere",
        "copy (select 1) to '{elsewhere}'",
        "export database '{elsewhere}'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "set memory_limit = '100GB'",
        "set temp_directory = '/tmp'",
        "reset lock_configuration",
    ],
)
def test_no_sql_leaves_the_database_nor_unlocks_it(
    database: Database, tmp_path: Path, statement: str
) -> None:
    elsewhere = tmp_path / "ailleurs"
    with pytest.raises(duckdb.Error, match=r"(?i)disabled (by|through) configuration|locked"):
        database._connection.execute(statement.format(elsewhere=elsewhere))
    assert not elsewhere.exists()


def test_the_database_is_its_owners_and_in_utc(database: Database, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    row = database.query("select current_setting('TimeZone') as zone").to_pylist()
    assert row == [{"zone": "UTC"}]


def test_values_are_bound_never_spelled(database: Database) -> None:
    hostile = "'; drop table lake.copies; --"
    assert database.query("select ? as word", [hostile])["word"].to_pylist() == [hostile]
    database.load(COPIES, [Part(hostile, hostile, lambda: copies(1))])
    assert database.loaded() == {("copies", hostile): hostile}
    database.unload(COPIES, hostile)
    assert ids(database) == []


HOLD = """
import sys, time
import duckdb
with duckdb.connect(sys.argv[1]):
    print("held", flush=True)
    time.sleep(120)
"""


def test_a_database_open_elsewhere_is_refused_by_a_sentence(path: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "held\n"
            with (
                pytest.raises(DatabaseError, match="ouverte par un autre programme"),
                Database.open(path, tmp_path / "tmp"),
            ):
                pass
        finally:
            child.kill()
            child.wait()


@pytest.mark.parametrize("content", [b"", b"abc", b"ceci n'est pas une base\n" * 500])
def test_a_file_that_is_no_database_is_refused_by_a_sentence(
    path: Path, tmp_path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    with (
        pytest.raises(DatabaseError, match="lancez « assises rebuild »"),
        Database.open(path, tmp_path / "tmp"),
    ):
        pass


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(range(0, 12_288, 97), id="its head"),
        pytest.param(range(12_288, 10**9, 4099), id="all that follows"),
    ],
)
def test_a_damaged_database_is_refused_by_a_sentence(
    path: Path, tmp_path: Path, damaged: range
) -> None:
    with Database.open(path, tmp_path / "tmp") as database:
        database.create_lake()
        database.load(COPIES, [Part("2020-01-09", "a", lambda: copies(*range(20_000)))])
    content = bytearray(path.read_bytes())
    for place in damaged:
        if place < len(content):
            content[place] ^= 0xFF
    path.write_bytes(bytes(content))
    with (
        pytest.raises(DatabaseError, match="lancez « assises rebuild »"),
        Database.open(path, tmp_path / "tmp") as database,
    ):
        ids(database)


def test_a_table_is_read_in_the_order_of_its_contract(path: Path, tmp_path: Path) -> None:
    numbers = [3, 1, 2]
    rows = pa.Table.from_pylist(
        [
            {
                "submission_id": f"s-{n:016x}",
                "message_sha256": f"{n:064x}",
                "received_at": None if n == 1 else 1_578_556_800_000_000 + n,
                "received_date": None,
                "status": "quarantined",
                "reason": "unreadable",
                "sources": ["boite"],
                "channel": "mail",
                "sender_verified": None,
                "sender_disposable": False,
                "size_bytes": n,
            }
            for n in numbers
        ],
        schema=SUBMISSIONS.schema,
    )
    with Database.open(path, tmp_path / "tmp") as database:
        database.fill(SUBMISSIONS, rows)
        read = database.read(SUBMISSIONS)
    assert read.schema == SUBMISSIONS.schema
    assert read["size_bytes"].to_pylist() == [2, 3, 1]


def test_the_lake_is_loaded_under_the_names_of_its_tables() -> None:
    assert len({t.name for t in LAKE_TABLES}) == len(LAKE_TABLES)
