from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import warehouse
from warehouse.engine import connect

PROJECT = Path(warehouse.__file__).parents[1]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder that may be read, its name as awkward as they come, beside one that may not."""
    for name in ("l'été", "ailleurs"):
        (tmp_path / name).mkdir()
        pq.write_table(pa.table({"mot": ["gare"]}), tmp_path / name / "mots.parquet")
    return tmp_path


def test_files_are_read_in_the_folder_that_is_named_and_nowhere_else(files: Path) -> None:
    with connect(readable=files / "l'été") as connection:
        query = "select mot from read_parquet(?)"
        named = connection.execute(query, [str(files / "l'été" / "mots.parquet")]).fetchall()
        assert named == [("gare",)]
        for place in ("ailleurs/mots.parquet", "l'été/../ailleurs/mots.parquet"):
            with pytest.raises(duckdb.PermissionException):
                connection.execute(query, [str(files / place)])


@pytest.mark.parametrize(
    "statement",
    [
        "from read_text('/etc/passwd')",
        "attach '{elsewhere}'",
        "copy (select 1) to '{elsewhere}'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "set temp_directory = '{elsewhere}'",
        "set memory_limit = '100GB'",
    ],
)
@pytest.mark.parametrize("name", ["base.duckdb", None], ids=["file", "memory"])
def test_nothing_else_is_reached_nor_changed(
    tmp_path: Path, statement: str, name: str | None
) -> None:
    elsewhere = tmp_path / "ailleurs"
    with (
        connect(tmp_path / name if name else None, readable=tmp_path / "vide") as base,
        pytest.raises(duckdb.Error, match=r"(?i)disabled|cannot access|locked|not found"),
    ):
        base.execute(statement.format(elsewhere=elsewhere))
    assert not elsewhere.exists()


def test_what_exceeds_the_memory_goes_where_it_is_said_or_nowhere(tmp_path: Path) -> None:
    query = "select current_setting('temp_directory')"
    with connect(tmp_path / "base.duckdb", temporary=tmp_path / "tmp") as base:
        assert base.execute(query).fetchall() == [(str(tmp_path / "tmp"),)]
    with connect() as base:
        assert base.execute(query).fetchall() == [("",)]


def test_no_connection_is_opened_elsewhere() -> None:
    pattern = re.compile(
        r"duckdb\.(connect|sql|query|execute|read_\w+|from_\w+|default_connection)\b"
    )
    openers = [
        str(path.relative_to(PROJECT))
        for package in ("flows", "tasks", "expectations", "warehouse")
        for path in (PROJECT / package).rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert openers == ["warehouse/engine.py"]
