"""Everything that docs/queries.md tells analysts to type, run on the published example."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.program import ROOT, Ran, run_example

PAGE = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
# Nobody need hold the contrary of somebody else.
MAY_BE_EMPTY = "questions.opposite_positions"


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/queries.md has no {language}"
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, final: Ran) -> Path:
    """The example as of two days."""
    home = tmp_path_factory.mktemp("analyste") / "home"
    subprocess.run(["cp", "-a", str(final.home), str(home)], check=True)
    ran = run_example(home, "2020-01-12")
    assert ran.code == 0, ran.stderr
    return home


@pytest.fixture(autouse=True)
def there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)


@pytest.fixture(scope="module")
def base(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = home / "published" / "latest" / "assises.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        (attach,) = re.findall(r"^attach .*?;", PAGE, re.MULTILINE)
        connection.execute(attach.replace("published/", f"{home}/published/"))
        yield connection


QUERIES = [
    query.strip()
    for block in blocks("sql")
    for query in block.split(";")
    if query.strip() and not query.strip().startswith("attach")
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: " ".join(re.findall(r"from (\S+)", q)))
def test_each_query_answers(query: str, base: duckdb.DuckDBPyConnection) -> None:
    rows = base.sql(query).fetchall()
    assert rows or MAY_BE_EMPTY in query


def test_every_question_is_on_the_page() -> None:
    from warehouse.questions import QUESTIONS

    assert {q.qualified for q in QUESTIONS} == set(re.findall(r"questions\.\w+", PAGE))
    assert len(re.findall(r"(?m)^### \d+\. .* \?$", PAGE)) == 10


@pytest.mark.parametrize("block", blocks("python"))
def test_python_opens_it(block: str) -> None:
    found: dict[str, object] = {}
    exec(block, found)
    frames = [value for value in found.values() if isinstance(value, pd.DataFrame)]
    assert len(frames) == 1
    assert len(frames[0])


@pytest.mark.parametrize("block", blocks("sh"))
def test_the_command_line_opens_it(block: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-ec", block], env={**os.environ, "PATH": path}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "10 rows" in done.stdout


def test_what_r_asks_is_understood(base: duckdb.DuckDBPyConnection) -> None:
    for block in blocks("r"):
        for query in re.findall(r'dbGetQuery\(base, "(.*)"\)', block):
            assert base.sql(query).fetchall()


def test_the_growth_of_a_theme_ends_at_what_the_synthesis_says(
    base: duckdb.DuckDBPyConnection,
) -> None:
    ends = base.sql(
        "select theme, max(total_contribution_count), max(total_contributor_count)"
        " from questions.growth_by_theme group by theme order by theme"
    ).fetchall()
    told = base.sql(
        "select theme, contribution_count, contributor_count from marts.synthesis_by_theme"
        " where contribution_count > 0 order by theme"
    ).fetchall()
    assert ends == told
