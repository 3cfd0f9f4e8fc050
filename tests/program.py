"""The real program, on the example's letters: in a child process as people run it, or in this one.

A run in a process of its own starts a Prefect server and loads every library: what is no matter of
processes is proved here and, for flows, with the fixture `prefect`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest import mock

from flows.cli import main

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "allier-2020"


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


def peak_megabytes() -> int:
    """Return the most memory that this process has held.

    Not of getrusage, which begins with what the parent held.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def environment(**more: str) -> dict[str, str]:
    """The environment of a person who has set nothing of Prefect's or of ours."""
    ours = ("PREFECT_", "ASSISES_", "GX_", "PYTEST_")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)} | more


def assises(*arguments: str, seconds: float = 300, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would, from the root of the checkout."""
    program = Path(sys.executable).parent / "assises"
    return subprocess.run(
        [str(program), *arguments],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@contextmanager
def as_own_process() -> Iterator[None]:
    """Undo what the command line changes of its process: umask, place of temporary files."""
    umask = os.umask(0o022)
    os.umask(umask)
    try:
        with mock.patch.dict(os.environ, TMPDIR=tempfile.gettempdir()):
            yield
    finally:
        os.umask(umask)
        tempfile.tempdir = None  # found again from what TMPDIR is then


def assises_here(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, with more in its environment."""
    out, err = StringIO(), StringIO()
    with (
        as_own_process(),
        redirect_stdout(out),
        redirect_stderr(err),
        mock.patch.dict(os.environ, more),
    ):
        try:
            code: int | str | None = main(arguments)
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def copy_beside(folder: Path) -> None:
    """Copy what the example's file names beside itself, for a file like it in another folder."""
    for name in ("learnt.csv", "communes.geojson"):
        shutil.copy(EXAMPLE / name, folder)


def small_consultation(folder: Path) -> Path:
    """Write the example's consultation with three of its letters; return its file."""
    (folder / "mailbox").mkdir(parents=True)
    copy_beside(folder)
    shutil.copy(EXAMPLE / "consultation.toml", folder)
    for letter in ("03-*", "06-*", "11-*"):
        for path in (EXAMPLE / "mailbox").glob(letter):
            shutil.copy(path, folder / "mailbox")
    return folder / "consultation.toml"


def run_example(home: Path, as_of: str, *arguments: str, **more: str) -> Ran:
    """Run the example up to a day."""
    asked = ["--consultation", str(EXAMPLE / "consultation.toml"), "--as-of", as_of]
    done = assises("run", *asked, "--home", str(home), *arguments, **more)
    return Ran(home, done.returncode, done.stdout, done.stderr)
