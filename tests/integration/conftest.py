"""The real program, as people run it: `assises` in a child process, on the example's letters."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "allier-2020"
TRUTH = Path(__file__).parent / "example_truth.csv"

Assises = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True)
class Ran:
    """A finished `assises run` and the folder it worked in."""

    home: Path
    code: int
    stdout: str
    stderr: str

    @property
    def latest(self) -> Path:
        return self.home / "published" / "latest"


def environment(**more: str) -> dict[str, str]:
    """The environment of a person who has set nothing of Prefect's or of ours."""
    ours = ("PREFECT_", "ASSISES_", "GX_", "PYTEST_")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)} | more


def assises(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would, from the root of the checkout."""
    program = Path(sys.executable).parent / "assises"
    return subprocess.run(
        [str(program), *arguments],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def run_example(home: Path, as_of: str, *arguments: str, **more: str) -> Ran:
    """Run the example up to a day."""
    asked = ["--consultation", str(EXAMPLE / "consultation.toml"), "--as-of", as_of]
    done = assises("run", *asked, "--home", str(home), *arguments, **more)
    return Ran(home, done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def final(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The example's final synthesis, made once. Tests that write work on a copy."""
    ran = run_example(tmp_path_factory.mktemp("example") / "home", "2020-01-19")
    assert ran.code == 0, ran.stderr
    return ran


@pytest.fixture
def final_copy(final: Ran, tmp_path: Path) -> Ran:
    """A copy of the final synthesis' folder to run again in."""
    home = tmp_path / "home"
    shutil.copytree(final.home, home, symlinks=True)
    return Ran(home, final.code, final.stdout, final.stderr)


@pytest.fixture(scope="session")
def truth() -> list[dict[str, str]]:
    """What each letter of the example is, written with the letters."""
    with TRUTH.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
