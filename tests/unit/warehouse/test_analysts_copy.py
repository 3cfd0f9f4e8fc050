"""The analysts' copy: what it says, and when it is made from that of the publication before."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.consultation import Consultation
from tests.unit.warehouse.conftest import GivenLake, parquet_files
from warehouse.analysts_copy import write_analysts_copy
from warehouse.contracts import CORE_TABLES, MART_TABLES, PUBLISHED_TABLES, dictionary_rows
from warehouse.database import Database

EIGHTH, NINTH = date(2020, 1, 8), date(2020, 1, 9)
SECRET = "Xylographe-Wagnérien"


@pytest.fixture(scope="module")
def analysts_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("l'analyste") / "assises.duckdb"
    tables = {t.qualified: t.schema.empty_table() for t in PUBLISHED_TABLES}
    dictionary = PUBLISHED_TABLES[-1]
    tables[dictionary.qualified] = pa.Table.from_pylist(dictionary_rows(), schema=dictionary.schema)
    write_analysts_copy(path, parquet_files(path.with_name("parquet"), tables))
    return path


def test_the_analysts_copy_says_what_each_table_and_column_is(analysts_copy: Path) -> None:
    with duckdb.connect(str(analysts_copy), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables()"
        ).fetchall()
        columns = connection.execute(
            "select schema_name || '.' || table_name, column_name, comment from duckdb_columns()"
            " where not internal and schema_name != 'questions'"
        ).fetchall()
    assert dict(tables) == {t.qualified: t.grain for t in PUBLISHED_TABLES}
    assert {(t, c): comment for t, c, comment in columns} == {
        (t.qualified, c.name): c.description for t in PUBLISHED_TABLES for c in t.columns
    }


def test_the_analysts_copy_holds_neither_lake_nor_working_tables(analysts_copy: Path) -> None:
    with duckdb.connect(str(analysts_copy), read_only=True) as connection:
        schemas = connection.execute("select distinct schema_name from duckdb_tables()").fetchall()
    assert sorted(name for (name,) in schemas) == ["core", "marts", "meta"]


def test_the_analysts_copy_is_opened_by_the_1_5_command_line(analysts_copy: Path) -> None:
    cli = Path(sys.executable).parent / "duckdb"
    version = subprocess.run([cli, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("v1.5.")
    query = "select tags['storage_version'] from duckdb_databases() where not internal"
    count = "select count(*) from meta.dictionary"
    found = subprocess.run(
        [cli, "-readonly", "-noheader", "-csv", str(analysts_copy), f"{query}; {count}"],
        capture_output=True,
        text=True,
        check=True,
    )
    storage, rows = found.stdout.split()
    assert storage.startswith("v1.5.0")
    assert int(rows) == len(dictionary_rows())


def test_a_published_copy_is_read_only_and_locked(analysts_copy: Path) -> None:
    before = analysts_copy.read_bytes()
    with Database.open_published(analysts_copy) as database:
        assert database.query("from meta.dictionary").num_rows == len(dictionary_rows())
        with pytest.raises(duckdb.Error, match="read-only"):
            database._connection.execute("delete from meta.dictionary")
        with pytest.raises(duckdb.Error, match="disabled by configuration"):
            database._connection.execute("select * from read_text('/etc/passwd')")
    assert analysts_copy.read_bytes() == before


# --- after another publication -------------------------------------------------------------------


def said(text: str, group: int) -> Any:
    return {"text": text, "group": group, "theme": "service", "kind": "constat", "score": 0.5}


def first_day(lake: GivenLake, *, without: int = 0, words: str = "Il fait noir.") -> None:
    """Twenty letters of which one may be wanting, and the first may say something else."""
    for number in range(2, 22):
        if number != without:
            words_of = words if number == 2 else f"Il y a {number} lampes."
            lake.contribution(number, EIGHTH, said(words_of, number))


@pytest.fixture
def make(tmp_path: Path, consultation: Consultation) -> Callable[..., Path]:
    """Write the copy of a lake in a folder of this name, with the files that it is made of."""

    def make(name: str, fill: Callable[[GivenLake], None], earlier: Path | None = None) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        lake = GivenLake(folder)
        fill(lake)
        tables = {table.qualified: table.schema.empty_table() for table in PUBLISHED_TABLES}
        with lake.derive(consultation) as database:
            tables |= {t.qualified: database.read(t) for t in (*CORE_TABLES, *MART_TABLES)}
        path = folder / "assises.duckdb"
        write_analysts_copy(path, parquet_files(folder / "parquet", tables), earlier)
        return path

    return make


def second_day(lake: GivenLake) -> None:
    """A letter more, whose name comes first, and a group that is another's from now on."""
    lake.contribution(1, NINTH, said("Il y a 4 lampes, ou 5.", 4))
    first_day(lake)
    lake.merge(4, 3, NINTH)
    lake.submission(40, NINTH, "rejected", "bounce")


def assert_says_its_files(path: Path) -> None:
    with duckdb.connect(str(path), read_only=True) as copy:
        for table in PUBLISHED_TABLES:
            expected = pq.read_table(path.parent / "parquet" / f"{table.qualified}.parquet")
            copy.register("expected", expected)
            for one, other in (("expected", table.qualified), (table.qualified, "expected")):
                query = f"from {one} except all from {other}"
                assert copy.execute(query).fetchall() == [], table.qualified
        assert copy.execute("from questions.shared_groups").fetchall()


def is_followed(path: Path) -> bool:
    """Whether rows are as they were put there: a copy that is written whole has them in order."""
    with duckdb.connect(str(path), read_only=True) as copy:
        rows = copy.execute("select statement_id from core.statements").fetchall()
    return rows != sorted(rows)


def test_what_differs_from_an_earlier_publication_is_written_to_its_copy(
    make: Callable[..., Path],
) -> None:
    earlier = make("first", first_day)
    before = earlier.read_bytes()
    copy = make("second", second_day, earlier)
    assert is_followed(copy)
    assert_says_its_files(copy)
    assert earlier.read_bytes() == before
    assert not is_followed(make("alone", second_day))


def test_a_copy_can_be_followed_day_after_day_and_back(make: Callable[..., Path]) -> None:
    copy = make("first", first_day)
    for number in range(5):
        copy = make(f"again {number}", second_day, copy)
        assert is_followed(copy)
        assert_says_its_files(copy)
    assert_says_its_files(make("back", first_day, copy))


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(12_288, len(content), 512):
        content[place] ^= 0xFF
    path.write_bytes(content)


def declare(statement: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with duckdb.connect(str(path)) as copy:
            copy.execute(statement)

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(Path.unlink, id="gone"),
        pytest.param(damage, id="damaged"),
        pytest.param(lambda path: path.write_bytes(b"x"), id="no database"),
        pytest.param(declare("comment on table core.groups is 'x'"), id="another comment"),
        pytest.param(declare("alter table core.groups add column x int"), id="another column"),
        pytest.param(declare("create table core.more (x int)"), id="another table"),
        pytest.param(declare("create view core.more as select 1"), id="another view"),
        pytest.param(declare("create macro more(x) as x"), id="another macro"),
        pytest.param(declare("create sequence more"), id="a sequence"),
        pytest.param(declare("create schema more"), id="another schema"),
        pytest.param(declare("create index more on core.groups (group_id)"), id="an index"),
        pytest.param(declare("create type more as enum ('x')"), id="a type"),
        pytest.param(declare("drop schema questions cascade"), id="no answers"),
    ],
)
def test_a_copy_that_cannot_be_followed_is_left_and_another_is_written_whole(
    make: Callable[..., Path], change: Callable[[Path], None]
) -> None:
    earlier = make("first", first_day)
    change(earlier)
    copy = make("second", second_day, earlier)
    assert not is_followed(copy)
    assert_says_its_files(copy)


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(lambda lake: first_day(lake, without=2), id="a letter that is gone"),
        pytest.param(lambda lake: first_day(lake, words="Il fait clair."), id="other words"),
    ],
)
def test_words_that_are_gone_leave_nothing_in_the_bytes(
    make: Callable[..., Path], later: Callable[[GivenLake], None]
) -> None:
    earlier = make("first", lambda lake: first_day(lake, words=f"{SECRET} 7 fois."))
    assert SECRET.encode() in earlier.read_bytes()
    copy = make("second", later, earlier)
    assert SECRET.encode() not in copy.read_bytes()
    assert_says_its_files(copy)


def test_a_copy_of_which_much_was_removed_is_written_whole(make: Callable[..., Path]) -> None:
    def otherwise(lake: GivenLake) -> None:
        second_day(lake)
        for number in range(5, 11):
            lake.merge(number, 3, NINTH)

    earlier = make("first", first_day)
    copy = make("second", otherwise, earlier)
    assert not is_followed(copy)
    assert_says_its_files(copy)


def test_a_row_that_comes_twice_does_not_pass_for_one_that_is_gone(
    make: Callable[..., Path],
) -> None:
    earlier = make("first", first_day)
    files = earlier.parent / "parquet"
    rows = pq.read_table(files / "core.contributors.parquet")
    twice = pa.concat_tables([rows.slice(0, 1), rows.slice(0, rows.num_rows - 1)])
    pq.write_table(twice, files / "core.contributors.parquet")
    copy = earlier.with_name("again.duckdb")
    write_analysts_copy(copy, files, earlier)
    assert_says_its_files(copy)
