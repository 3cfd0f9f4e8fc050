"""The folder of a consultation as a whole: made again (W05, W06), backed up and restored (W15)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.backup import BackedUp, Restored, back_up, restore_home
from flows.rights import decide_erasure
from flows.run import prepare_run
from tests.faults.markers import found, pattern
from tests.faults.publishing import contents_of
from tests.faults.trial import (
    KILLED,
    LETTERS,
    Ended,
    Trial,
    Zygote,
    content,
    deliver,
    submissions,
)
from tests.program import EXAMPLE, ROOT, assises, copy_beside, environment
from warehouse.contracts import LAKE_TABLES
from warehouse.database import Database
from warehouse.files import DamagedError
from warehouse.home import Home

DAY = "2020-01-10"
SAYS = "qui refait tout ce qui se refait des messages"


@pytest.fixture(scope="module")
def zygote(trial: Trial) -> Zygote:
    return trial.zygote


HERS = "jeanne.zwykhold@essai.example"
LETTER = f"""\
Received: from relais.example by boite.example; Wed, 8 Jan 2020 08:30:00 +0100
Message-ID: <zwykhold@essai.example>
From: Jeanne Zwykhold <{HERS}>
Subject: Ma contribution
Content-Type: text/plain; charset=utf-8

Il faut des zwykholds devant l'école de Moulins, la rue est dangereuse le soir.
"""


@pytest.fixture(scope="module")
def place(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A consultation with a few of the example's letters and one of a woman's, and its home."""
    place = tmp_path_factory.mktemp("homes")
    shutil.copy(EXAMPLE / "consultation.toml", place)
    copy_beside(place)
    (place / "mailbox").mkdir()
    deliver(place, LETTERS)
    (place / "mailbox" / "zwykhold.eml").write_text(LETTER, encoding="utf-8")
    run(zygote, place / "given", DAY)
    return place


def attempt(
    zygote: Zygote, home: Path, as_of: str = "", fatal: int | str = 0, flow: str = "daily_synthesis"
) -> Ended:
    return zygote.run(home.parent / "consultation.toml", home, as_of, fatal, flow=flow)


def run(zygote: Zygote, home: Path, as_of: str = "", flow: str = "daily_synthesis") -> None:
    assert attempt(zygote, home, as_of, flow=flow).code == 0, zygote.errors()


@pytest.fixture
def home(place: Path) -> Iterator[Path]:
    """A copy of the home, beside the consultation."""
    home = place / "copy"
    shutil.copytree(place / "given", home, symlinks=True)
    yield home
    shutil.rmtree(home)


def served(home: Path) -> dict[str, dict[str, str]]:
    """The bytes of each day that is served."""
    return {
        link.name: content(link) for link in (home / "published").iterdir() if link.is_symlink()
    }


def tables(home: Path) -> dict[str, Any]:
    """The rows of the lake's tables in the working database."""
    with Database.open(home / "warehouse.duckdb", home / "tmp") as database:
        return {t.qualified: database.read(t) for t in LAKE_TABLES}


# --- W05, W06: a damaged database, everything made again -----------------------------------------


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def make_newer(path: Path) -> None:
    """Say in its head that it is of a storage version that no engine knows yet."""
    content = bytearray(path.read_bytes())
    content[12] = 0xFF
    path.write_bytes(bytes(content))


def leave_log(path: Path) -> None:
    """Leave beside it the log of another database's writer that was killed."""
    other = path.with_name("other.duckdb")
    with duckdb.connect(str(other)) as writer:
        writer.execute("create table t as select 1 as i")
        writer.checkpoint()
        writer.execute("set checkpoint_threshold = '1GB'")
        writer.execute("insert into t values (2)")
        shutil.copy(f"{other}.wal", f"{path}.wal")
    other.unlink()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "foreign": lambda path: path.write_bytes(b"PK\3\4" * 5_000),
    "newer": make_newer,
    "stale log": leave_log,
    "cut": cut,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_w05_a_database_that_is_none_any_more_is_refused_by_a_sentence(
    zygote: Zygote, place: Path, home: Path, damage: str
) -> None:
    DAMAGES[damage](home / "warehouse.duckdb")
    assert attempt(zygote, home, DAY).code == 1
    last = Home(home).journal.entries()[-1]
    assert last["outcome"] == "failed"
    assert f"lancez « assises rebuild », {SAYS}" in last["sentence"]
    assert served(home) == served(place / "given")


@pytest.mark.deep
@pytest.mark.parametrize("damage", DAMAGES)
def test_w05_and_is_made_again(zygote: Zygote, place: Path, home: Path, damage: str) -> None:
    DAMAGES[damage](home / "warehouse.duckdb")
    run(zygote, home, flow="rebuild")
    assert_same(home, place / "given")


@pytest.mark.deep
def test_w05_one_that_was_deleted_is_made_again_by_the_next_run(
    zygote: Zygote, place: Path, home: Path
) -> None:
    (home / "warehouse.duckdb").unlink()
    run(zygote, home, DAY)
    assert_same(home, place / "given")


def assert_same(home: Path, given: Path) -> None:
    """The same is served, and the working databases hold the same rows."""
    assert served(home) == served(given)
    expected = tables(given)
    for table, rows in tables(home).items():
        assert rows.equals(expected[table]), table


def test_w06_everything_made_again_is_the_same_killed_or_not(
    zygote: Zygote, place: Path, home: Path
) -> None:
    leave_log(home / "warehouse.duckdb")
    step = "before replace published/datapackage.json"
    ended = attempt(zygote, home, "", step, flow="rebuild")
    assert (ended.code, ended.steps[-1:]) == (KILLED, [step]), zygote.errors()
    assert served(home) == served(place / "given")
    run(zygote, home, flow="rebuild")
    assert_same(home, place / "given")
    for part in ("vault", "lake", "keys"):
        assert contents_of(home / part) == contents_of(place / "given" / part)


@pytest.mark.deep
def test_w06_the_next_run_completes_a_rebuild_that_was_killed(
    zygote: Zygote, place: Path, home: Path
) -> None:
    for step in (
        *("after replace parsed", "after replace lake/attention", "before replace lake/verdicts"),
        *("after replace lake/contributions", "before commit 1", "after commit 2"),
    ):
        assert attempt(zygote, home, "", step, flow="rebuild").code == KILLED, zygote.errors()
        assert served(home) == served(place / "given")
    run(zygote, home, DAY)
    assert_same(home, place / "given")


@pytest.mark.deep
def test_w06_a_damaged_file_of_the_lake_is_told_and_made_again(
    zygote: Zygote, place: Path, home: Path
) -> None:
    (damaged,) = (home / "lake" / "statements" / f"received_date={DAY}").iterdir()
    lose_block(damaged)
    (home / "warehouse.duckdb").unlink()
    assert attempt(zygote, home, DAY).code == 1
    sentence = Home(home).journal.entries()[-1]["sentence"]
    assert str(damaged) in sentence
    assert "lancez « assises rebuild »" in sentence
    run(zygote, home, flow="rebuild")
    assert served(home) == served(place / "given")


def test_w06_of_a_damaged_vault_nothing_is_made_again(
    zygote: Zygote, place: Path, home: Path
) -> None:
    before = contents_of(home / "lake")
    damaged = min((home / "vault" / "raw").glob("*/*.parquet"))
    lose_block(damaged)
    assert attempt(zygote, home, flow="rebuild").code == 1
    sentence = Home(home).journal.entries()[-1]["sentence"]
    assert str(damaged) in sentence
    assert "il ne peut pas être refait" in sentence
    assert contents_of(home / "lake") == before
    with pytest.raises(DamagedError):
        back_up(prepare_run(place / "consultation.toml", home), place / "consultation.toml", place)
    assert list(place.glob("*.tar")) == []


@pytest.mark.deep
def test_w06_of_a_damaged_vault_that_is_put_aside_what_is_in_the_mailbox_comes_back(
    zygote: Zygote, place: Path, home: Path
) -> None:
    min((home / "vault" / "raw").glob("*/*.parquet")).unlink()
    run(zygote, home, DAY)
    assert served(home) == served(place / "given")


def lose_block(path: Path) -> None:
    """Lose a block of what a file holds, where its rows are."""
    content = path.read_bytes()
    third = len(content) // 3
    path.write_bytes(content[:third] + bytes(512) + content[third + 512 :])


MAKER = ROOT.parent / "shared" / "tools" / "make_mailbox.py"


@pytest.mark.deep
@pytest.mark.skipif(not MAKER.exists(), reason="no generator of mailboxes beside")
def test_w06_ten_thousand_messages_made_again_are_the_same(tmp_path: Path) -> None:
    box, home = tmp_path / "box", tmp_path / "home"
    made = [sys.executable, str(MAKER), "--out", str(box), "--n", "10000", "--seed", "6"]
    subprocess.run(made, check=True, env=environment())
    asked = ["--consultation", str(EXAMPLE / "consultation.toml"), "--home", str(home)]
    first = assises(
        *("run", "--as-of", "2020-01-19", "--source", f"maildir:{box / 'Maildir'}", *asked),
        seconds=3_600,
    )
    assert first.returncode == 0, first.stderr
    before, rows = served(home), tables(home)
    vault = contents_of(home / "vault")
    lake = contents_of(home / "lake")
    (home / "warehouse.duckdb").unlink()
    again = assises("rebuild", *asked, seconds=3_600)
    assert again.returncode == 0, again.stderr
    assert "la même, octet pour octet" in again.stderr
    assert served(home) == before
    assert contents_of(home / "vault") == vault
    assert contents_of(home / "lake") == lake
    for table, again_rows in tables(home).items():
        assert again_rows.equals(rows[table]), table


# --- W15: a backup, restored elsewhere -----------------------------------------------------------


def save(home: Path, at: timedelta) -> BackedUp:
    """Back a home up, at a time from now."""
    consultation = home.parent / "consultation.toml"
    run = prepare_run(consultation, home)
    return back_up(replace(run, now=run.now + at), consultation, home / "backups")


def elsewhere(archive: Path, mailbox: Path, place: Path) -> Restored:
    """Restore an archive on another machine, as it were, where the mailbox is elsewhere too."""
    restored = restore_home(archive, Home(place / "home"))
    shutil.copytree(restored.consultation.parent, place, dirs_exist_ok=True)
    shutil.copytree(mailbox, place / "mailbox")
    return restored


def hers_in(home: Path) -> list[str]:
    """Where her name, or a word that she alone writes, can be read under a folder."""
    kept = [path for path in home.rglob("*") if path.is_file() and path.suffix != ".tar"]
    return found(pattern(["zwykhold"]), kept)


@pytest.mark.deep
def test_w15_a_home_restored_elsewhere_gives_the_same(
    zygote: Zygote, place: Path, home: Path, tmp_path: Path
) -> None:
    made = save(home, timedelta())
    restored = elsewhere(home / "backups", place / "mailbox", tmp_path)
    assert (restored.archive, restored.holds_withdrawn) == (made.archive, False)
    assert served(restored.home.root) == served(home)
    run(zygote, restored.home.root, DAY)
    assert served(restored.home.root) == served(home)
    assert submissions(restored.home.root) == submissions(home)
    commands = [entry["command"] for entry in restored.home.journal.entries()]
    assert commands == ["run", "restore", "run"]


def test_w15_who_was_erased_after_a_backup_stays_so(
    zygote: Zygote, place: Path, home: Path, tmp_path: Path
) -> None:
    before = save(home, timedelta(days=-1)).archive
    decide_erasure(prepare_run(place / "consultation.toml", home), HERS)
    run(zygote, home, flow="withdrawal")
    assert hers_in(home) == []
    after = save(home, timedelta(minutes=1))
    assert after.outdated == (before,)

    restored = elsewhere(before, place / "mailbox", tmp_path)
    assert restored.holds_withdrawn
    assert hers_in(restored.home.root) != []
    run(zygote, restored.home.root, flow="withdrawal")  # as the command does at once
    assert hers_in(restored.home.root) == []
    assert served(restored.home.root) == served(home)


@pytest.mark.deep
def test_w15_nor_does_she_come_back_from_the_mailbox(
    zygote: Zygote, place: Path, home: Path, tmp_path: Path
) -> None:
    decide_erasure(prepare_run(place / "consultation.toml", home), HERS)
    run(zygote, home, flow="withdrawal")
    restored = elsewhere(save(home, timedelta()).archive, place / "mailbox", tmp_path)
    assert not restored.holds_withdrawn
    run(zygote, restored.home.root, DAY)
    assert hers_in(restored.home.root) == []
    assert served(restored.home.root) == served(home)
