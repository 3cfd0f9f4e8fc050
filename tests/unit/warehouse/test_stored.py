from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.cli import main
from tests.faults.publishing import contents_of, die_before, read_all, start
from warehouse import contracts
from warehouse.contracts import DELIVERIES, REVIEWS, SIGNOFFS, STORED_TABLES, TYPED, Table
from warehouse.files import read_note
from warehouse.home import Home, HomeError
from warehouse.stored import FORMAT, MIGRATIONS

FORMS = Path(__file__).parents[2] / "golden" / "expected" / "stored_tables.md"
NOON = datetime(2020, 1, 9, 12, tzinfo=UTC)
# What programs of this project's first days did not store, and what it is since.
UNKNOWN_THEN: dict[Table, dict[str, Any]] = {
    DELIVERIES: {"channel": "mail", "is_whole": True, "media_type": "message/rfc822"},
    TYPED: {"cut_text": "", "signature": "", "author_names": [], "is_revision": False},
    REVIEWS: {"target_anchors": []},
    SIGNOFFS: {"archive_sha256": None},
}
FILES = {
    "vault/raw/received_date=2020-01-09/0123456789abcdef.parquet": DELIVERIES,
    "vault/raw/received_date=sans-date/fedcba9876543210.parquet": DELIVERIES,
    "vault/typed/000001.parquet": TYPED,
    "decisions/reviews/000001.parquet": REVIEWS,
    "decisions/signoffs/000001.parquet": SIGNOFFS,
}


def stored(table: Table) -> pa.Table:
    """Three rows in the present form of a table, of what earlier programs could know."""
    values: dict[pa.DataType, Callable[[int], Any]] = {
        pa.string(): lambda n: f"mots {n}",
        pa.large_binary(): lambda n: b"octets %d" % n,
        pa.int64(): lambda n: n,
        pa.bool_(): lambda n: n % 2 == 0,
        pa.date32(): lambda _: date(2020, 1, 9),
        pa.list_(pa.string()): lambda n: [f"mot {n}"],
    }
    rows = [
        {f.name: values.get(f.type, lambda _: NOON)(n) for f in table.schema}
        | UNKNOWN_THEN.get(table, {})
        for n in (3, 1, 2)
    ]
    return pa.Table.from_pylist(rows, schema=table.schema)


def write_earlier(root: Path) -> None:
    """Write the files of a home as programs did before there were migrations."""
    for name, table in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        earlier = stored(table).drop_columns(list(UNKNOWN_THEN[table]))
        pq.write_table(earlier, root / name, compression="zstd")


def is_migrated(root: Path, name: str, table: Table) -> bool:
    """Whether a file is in its present form; it is else exactly as it was."""
    rows = pq.read_table(root / name, partitioning=None).replace_schema_metadata()
    if read_note(root / name, "format") == FORMAT:
        assert rows.equals(stored(table))
        return True
    assert rows.equals(stored(table).drop_columns(list(UNKNOWN_THEN[table])))
    return False


def test_what_an_earlier_program_stored_is_brought_to_its_present_form(tmp_path: Path) -> None:
    write_earlier(tmp_path)
    with Home(tmp_path).lock():
        assert all(is_migrated(tmp_path, name, table) for name, table in FILES.items())
    home = Home(tmp_path)
    assert set(home.vault.deliveries()["channel"].to_pylist()) == {"mail"}
    assert home.vault.typed().equals(stored(TYPED))
    assert home.decisions.read(REVIEWS).equals(stored(REVIEWS))
    assert json.loads((tmp_path / "format.json").read_text())["format"] == FORMAT


def test_files_that_have_their_present_form_but_do_not_say_so_lose_nothing(tmp_path: Path) -> None:
    for name, table in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        rows = stored(table)
        if table == DELIVERIES:
            place = rows.schema.get_field_index("channel")
            papers = pa.array(["papier"] * rows.num_rows)
            rows = rows.set_column(place, DELIVERIES.schema.field("channel"), papers)
        pq.write_table(rows, tmp_path / name)
    with Home(tmp_path).lock():
        pass
    home = Home(tmp_path)
    assert set(home.vault.deliveries()["channel"].to_pylist()) == {"papier"}
    assert home.vault.typed().equals(stored(TYPED))


def test_a_home_of_this_program_is_left_as_it_is(tmp_path: Path) -> None:
    write_earlier(tmp_path)
    with Home(tmp_path).lock():
        pass
    before = {name: (tmp_path / name).stat().st_ino for name in FILES}
    (tmp_path / "format.json").unlink()  # killed before it was written
    with Home(tmp_path).lock():
        pass
    assert {name: (tmp_path / name).stat().st_ino for name in FILES} == before


def hold(tell: Any, root: Path, spared: list[str] | None) -> None:
    die_before(tell, spared)
    with Home(root).lock():
        pass


def test_w14_a_migration_killed_at_each_step_is_resumed(tmp_path: Path) -> None:
    # Each run begins with what the one before left, and dies one step further on.
    write_earlier(tmp_path)
    met: list[str] = []
    done: list[int] = []
    code = -9
    while code == -9:
        process, told = start(hold, tmp_path, met)
        met += read_all(told)[-1:]
        process.join()
        code = process.exitcode or 0
        done.append(sum(is_migrated(tmp_path, name, table) for name, table in FILES.items()))
    assert code == 0
    assert done == sorted(done)
    assert set(done) == set(range(len(FILES) + 1))
    assert Home(tmp_path).vault.typed().equals(stored(TYPED))


# --- an older program on a newer home ------------------------------------------------------------

NEWER = {"format": "2099-01-01-vault-raw-smell", "program_version": "9.1.0"}


@pytest.mark.parametrize(
    "command",
    [
        ["run"],
        ["status"],
        ["trace", "c-0123456789abcdef"],
        ["rebuild"],
        ["backup", "ailleurs"],
        ["review", "log"],
        ["erase", "a@b.example"],
        ["access", "a@b.example"],
        ["message"],
        ["export", "open-data"],
    ],
    ids=lambda command: command[0],
)
@pytest.mark.usefixtures("own_process")
def test_w14_a_program_refuses_a_home_that_a_newer_one_has_written(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    write_earlier(home)
    (home / "format.json").write_text(json.dumps(NEWER))
    before = contents_of(tmp_path)
    example = Path(__file__).parents[3] / "examples" / "allier-2020" / "consultation.toml"
    has_file = command[0] not in {"status", "trace", "access", "review"}
    asked = ["--consultation", str(example)] if has_file else []
    assert main([*command, *asked, "--home", str(home)]) == 1
    said = capsys.readouterr().err
    assert "programme plus récent (assises 9.1.0, format 2099-01-01-vault-raw-smell)" in said
    assert said.count("\n") == 1
    assert contents_of(tmp_path) == before


def test_w14_a_flow_refuses_it_too(tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text(json.dumps(NEWER))
    with pytest.raises(HomeError, match=r"assises 9\.1\.0"), Home(tmp_path).lock():
        pass


# --- what keeps migrations and contracts together ------------------------------------------------


def test_every_table_that_cannot_be_made_again_is_one_that_is_migrated() -> None:
    tables = {t.qualified: t for t in vars(contracts).values() if isinstance(t, Table)}
    kept = {name for name, t in tables.items() if t.layer in {"vault", "decisions"}}
    assert {t.qualified for t in STORED_TABLES} == kept - {"vault.parsed"}


def test_every_migration_is_of_a_stored_table() -> None:
    tables = [f"{t.layer}-{t.name}-" for t in STORED_TABLES]
    for name in MIGRATIONS:
        date.fromisoformat(name[:10])
        assert sum(name[11:].startswith(table) for table in tables) == 1, name


def test_a_stored_form_changes_by_a_migration(pytestconfig: pytest.Config) -> None:
    lines = [f"Last migration: {FORMAT}", ""]
    lines += [
        f"- {t.qualified}: {', '.join(f'{f.name} {f.type}' for f in t.schema)}"
        for t in STORED_TABLES
    ]
    text = "\n".join(lines) + "\n"
    if pytestconfig.getoption("--update-golden"):
        FORMS.write_text(text, encoding="utf-8")
    assert text == FORMS.read_text(encoding="utf-8"), (
        "a stored table has changed: write warehouse/sql/migrations/<date>-<layer>-<table>-<what>"
        ".sql, then pytest --update-golden"
    )
