from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.program import ROOT, environment

SHOW = """
import os, resource, sys, tempfile
from pathlib import Path
from flows.cli import main
from flows.confinement import use_temporary
from flows.orchestrator import configure

home = Path(sys.argv[1])
assert main(["status", "--home", str(home), "--max-age", "26"]) == 5
configure(home)
use_temporary(home / "tmp")
Path(home / "file").touch()
print(oct((home / "file").stat().st_mode & 0o777), oct((home / "tmp").stat().st_mode & 0o777))
print(*resource.getrlimit(resource.RLIMIT_CORE))
print(Path(tempfile.mkdtemp()).parent)
print(os.environ["DO_NOT_TRACK"])
print(os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"])
print(os.environ["PREFECT_RESULTS_PERSIST_BY_DEFAULT"])
"""


def test_what_is_written_is_the_owners_no_core_is_dumped_and_nobody_is_told(
    tmp_path: Path,
) -> None:
    asked = environment(
        DO_NOT_TRACK="0",
        PREFECT_SERVER_ANALYTICS_ENABLED="true",
        PREFECT_RESULTS_PERSIST_BY_DEFAULT="true",
    )
    shown = subprocess.run(
        [sys.executable, "-c", SHOW, str(tmp_path)],
        cwd=ROOT,
        env=asked,
        capture_output=True,
        text=True,
        umask=0,
        check=True,
    )
    assert shown.stdout.splitlines() == [
        *("0o600 0o700", "0 0", str(tmp_path / "tmp")),
        *("1", "false", "false"),
    ]
