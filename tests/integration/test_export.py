"""`assises export open-data` on the example: what anybody gets of 64 letters."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from tests.program import EXAMPLE, Ran, assises_here


def export(home: Path, *arguments: str) -> Ran:
    asked = ["--consultation", str(EXAMPLE / "consultation.toml"), "--home", str(home)]
    done = assises_here("export", "open-data", *asked, *arguments)
    return Ran(home, done.returncode, done.stdout, done.stderr)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sums(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_the_latest_publication_is_exported_and_copied(final_copy: Ran, tmp_path: Path) -> None:
    done = export(final_copy.home, "--output", str(tmp_path / "data"))
    folder = final_copy.home / "open-data" / "2020-01-19"
    assert (done.code, done.stdout) == (0, f"{folder}\n")
    assert sums(tmp_path / "data") == sums(folder)
    with duckdb.connect(str(final_copy.latest / "assises.duckdb"), read_only=True) as database:
        ((people,),) = database.execute("select count(*) from core.contributors").fetchall()
        groups = dict(
            database.execute(
                "select group_id, contributor_count from marts.constats"
                " union all select group_id, contributor_count from marts.propositions"
            ).fetchall()
        )
    (total,) = rows(folder, "participation")
    assert total == {"counted_until": "2020-01-19", "contributor_count": str(people)}
    shown = {row["group_id"]: int(row["contributor_count"]) for row in rows(folder, "groups")}
    assert shown == {group: count for group, count in groups.items() if count > 11}
    assert shown


def test_no_word_of_a_citizen_leaves(final_copy: Ran) -> None:
    folder = Path(export(final_copy.home).stdout.strip())
    assert rows(folder, "verbatims") == []
    assert {row["label"] for row in rows(folder, "groups")} == {""}


def test_a_day_exported_twice_is_the_same_bytes(final_copy: Ran) -> None:
    folder = Path(export(final_copy.home).stdout.strip())
    before = sums(folder)
    assert export(final_copy.home, "--as-of", "2020-01-19").code == 0
    assert sums(folder) == before


def test_a_day_keeps_its_figures_whatever_is_known_since(final_copy: Ran) -> None:
    folder = Path(export(final_copy.home).stdout.strip())
    before = sums(folder)
    contributions = final_copy.latest / "parquet" / "core.contributions.parquet"
    duckdb.sql(f"copy (from '{contributions}' limit 30) to '{contributions}.less' (format parquet)")
    Path(f"{contributions}.less").replace(contributions)
    statements = final_copy.latest / "parquet" / "core.statements.parquet"
    duckdb.sql(
        f"copy (from '{statements}' where contribution_id in"
        f" (select contribution_id from '{contributions}')) to '{statements}.less' (format parquet)"
    )
    Path(f"{statements}.less").replace(statements)
    assert export(final_copy.home).code == 0
    assert sums(folder) == before


def test_an_export_killed_before_its_files_is_completed_by_the_next(final_copy: Ran) -> None:
    folder = Path(export(final_copy.home).stdout.strip())
    before = sums(folder)
    folder.rename(folder.with_name(".tmp-2020-01-19"))
    assert export(final_copy.home).code == 0
    assert sums(folder) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["--as-of", "2020-01-12"], "Le 2020-01-12 n'est pas publié", id="unpublished"),
        pytest.param(["--as-of", "hier"], "écrivez une date comme 2020-01-19", id="no date"),
    ],
)
def test_what_cannot_be_exported_is_refused_by_a_sentence(
    final_copy: Ran, arguments: list[str], sentence: str
) -> None:
    done = export(final_copy.home, *arguments)
    assert done.code == 2
    assert sentence in done.stderr
    assert not (final_copy.home / "open-data").exists()


def test_what_was_removed_at_the_end_of_its_retention_is_refused(final_copy: Ran) -> None:
    (final_copy.latest / "parquet" / "core.contributions.parquet").unlink()
    done = export(final_copy.home)
    assert done.code == 2
    assert "durée de conservation" in done.stderr


def test_a_day_before_the_last_exported_is_refused(final_copy: Ran) -> None:
    published = final_copy.home / "published"
    manifest = json.loads((published / "latest" / "manifest.json").read_text())
    earlier = published / "2020-01-12"
    earlier.mkdir()
    (earlier / "parquet").symlink_to((published / "latest" / "parquet").resolve())
    (earlier / "manifest.json").write_text(json.dumps(manifest | {"as_of_date": "2020-01-12"}))
    assert export(final_copy.home).code == 0
    done = export(final_copy.home, "--as-of", "2020-01-12")
    assert done.code == 2
    assert "Le 19/01/2020 est déjà exporté" in done.stderr
    assert not (final_copy.home / "open-data" / "2020-01-12").exists()
