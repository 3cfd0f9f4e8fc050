"""The warehouse killed, cut, flipped or held: rows W01, W03, W04, W08, W10 and W13."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from flows import stages
from flows.run import Run, prepare_run
from tasks.validate import Pseudonymiser
from tests.faults.trial import KILLED, SECOND, Trial
from tests.faults.writing import DAY, ROWS, killed, numbered, write_batches, write_partitions
from tests.program import ROOT, environment
from warehouse.contracts import COPIES, LAKE_STATEMENTS, PUBLISHED_TABLES
from warehouse.database import Database, DatabaseError
from warehouse.files import STAGED
from warehouse.home import Home

deep = pytest.mark.deep


# --- W01 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kills", [100, pytest.param(2_000, marks=deep)])
def test_w01_the_writer_killed_at_random_leaves_whole_batches(tmp_path: Path, kills: int) -> None:
    chance, written = random.Random(1), 0
    for life in range(kills // 10):
        path, acknowledged = tmp_path / f"{life}.duckdb", -1
        for _ in range(10):
            told = killed(write_batches, path, chance=chance, most=0.1)
            acknowledged = max([acknowledged, *told[1:]])
            with Database.open(path, tmp_path / "tmp") as database:
                assert_whole_batches(database, acknowledged)
        written += acknowledged
    assert written > kills // 10


def assert_whole_batches(database: Database, acknowledged: int) -> None:
    """All batches up to the last that was told are there, each whole, in both tables."""
    batches = {int(part) for _, part in database.loaded()}
    assert batches == set(range(len(batches)))
    assert acknowledged < len(batches)
    for table in (COPIES, LAKE_STATEMENTS):
        counts = f"select _part, count(*) as n from lake.{table.name} group by all"
        found = database.query(counts)
        assert {int(part) for part in found["_part"].to_pylist()} == batches
        assert set(found["n"].to_pylist()) <= {ROWS}


# --- W03, W04 ------------------------------------------------------------------------------------


class Damaged:
    """A home whose run was killed once all was committed, nothing yet checkpointed."""

    def __init__(self, trial: Trial) -> None:
        self.home = Home(trial.begun())
        ended = trial.run(self.home.root, fatal="after commit 2")
        assert ended.steps[-1] == "after commit 2", trial.zygote.errors()
        self.run: Run = prepare_run(trial.place / "consultation.toml", self.home.root, SECOND)
        self.days, _ = stages.withdraw.fn(
            self.home, self.run.consultation.timezone, Pseudonymiser(self.home.key()), self.run.now
        )
        self.base = self.home.database
        self.log = self.base.with_name(f"{self.base.name}.wal")
        self.sound = {path: path.read_bytes() for path in (self.base, self.log)}
        self.expected = self.figures()

    def damage(self, path: Path, content: bytes) -> None:
        """Put the files back as they were, but for one."""
        for each, sound in self.sound.items():
            each.write_bytes(content if each == path else sound)

    def figures(self) -> dict[str, pa.Table]:
        """Load and aggregate; return what would be published."""
        with Database.open(self.base, self.home.temporary) as database:
            stages.tabulate(self.run, database, self.days)
            return {table.qualified: database.read(table) for table in PUBLISHED_TABLES}


@pytest.fixture
def damaged(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> Damaged:
    for name in ("load", "aggregate"):
        monkeypatch.setattr(stages, name, getattr(stages, name).fn)
    return Damaged(trial)


@pytest.mark.parametrize("step", [10, pytest.param(1, marks=deep)])
def test_w03_after_a_cut_log_what_was_lost_is_loaded_again(damaged: Damaged, step: int) -> None:
    whole = damaged.sound[damaged.log]
    assert len(whole) > 10_000
    for percent in range(0, 100, step):
        damaged.damage(damaged.log, whole[: len(whole) * percent // 100])
        assert damaged.figures() == damaged.expected, f"cut at {percent} %"


@pytest.mark.parametrize("flips", [6, pytest.param(150, marks=deep)])
@pytest.mark.parametrize("which", ["base", "log"])
def test_w04_a_flipped_bit_is_refused_or_changes_no_figure(
    damaged: Damaged, which: str, flips: int
) -> None:
    path: Path = getattr(damaged, which)
    chance, refused = random.Random(4), 0
    for _ in range(flips):
        content = bytearray(damaged.sound[path])
        place, bit = chance.randrange(len(content)), chance.randrange(8)
        content[place] ^= 1 << bit
        damaged.damage(path, bytes(content))
        try:
            assert damaged.figures() == damaged.expected, f"{place} {bit}"
        except DatabaseError as error:
            assert "assises rebuild" in str(error)  # noqa: PT017 - refusing is one of two ways
            refused += 1
    assert refused or flips < 100  # many fall where nothing is read before it is written again
    for made in (damaged.base, damaged.log):
        made.unlink(missing_ok=True)
    assert damaged.figures() == damaged.expected


# --- W08 -----------------------------------------------------------------------------------------

LEFT_OPEN = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print("ouvert", flush=True)
sys.stdin.readline()
"""


def test_w08_who_left_the_working_database_open_is_named(trial: Trial) -> None:
    home = trial.begun()
    analyst = subprocess.Popen(
        [sys.executable, "-c", LEFT_OPEN, str(Home(home).database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert analyst.stdout is not None
    assert analyst.stdout.readline() == "ouvert\n"
    ended = trial.run(home)
    assert ended.code == 1
    assert "est ouverte par un autre programme" in ended.said
    assert f"PID {analyst.pid})" in ended.said
    trial.assert_served(home, ended.steps)
    analyst.communicate("\n")
    trial.resume(home)


# --- W10 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kills", [30, pytest.param(500, marks=deep)])
def test_w10_a_partition_whose_writing_is_killed_is_whole_or_absent(
    tmp_path: Path, kills: int
) -> None:
    chance, home = random.Random(10), Home(tmp_path)
    left = 0
    for _ in range(kills):
        told = killed(write_partitions, home.lake.root, chance=chance, most=0.02)
        left += len(list(tmp_path.rglob(f"{STAGED}*")))
        home.prepare()
        assert list(tmp_path.rglob(f"{STAGED}*")) == []
        if len(told) > 1:
            rows = home.lake.read("statements", [DAY], LAKE_STATEMENTS.schema)
            number = int(home.lake.fingerprint("statements", DAY) or "")
            assert number >= told[-1]
            assert rows.equals(numbered(LAKE_STATEMENTS, number % 10))
    assert left > 0


# --- W13 -----------------------------------------------------------------------------------------


@deep
def test_w13_a_million_contributions_are_tabulated_within_the_memory_of_the_engine(
    tmp_path: Path,
) -> None:
    def step(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.faults.million", name, str(tmp_path)]
        return subprocess.run(
            command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
        )

    assert step("make").returncode == 0
    tabulated = step("tabulate")
    assert tabulated.returncode == KILLED, tabulated.stderr
    opened = step("open")
    assert opened.returncode == 0, opened.stderr
    memory, count = opened.stdout.split()
    assert int(count) == 1_000_000
    assert max(int(tabulated.stdout), int(memory)) < 2_500  # megabytes, those of Arrow included
