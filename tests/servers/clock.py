"""A clock that processes share and a test sets, while they run: libfaketime's."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import datetime
from pathlib import Path

# With libfaketime 0.9.10, time.sleep fails when only the date is faked, and that alone.
SLEEP = """import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


class Clock:
    """Goes on from where it was last set, for all that run with `environment`."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self._file = folder / "clock"
        self.set(now)
        asked = ["faketime", "-f", "+0", "printenv", "LD_PRELOAD"]
        library = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        self.environment = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            # Only the date moves: what waits goes on waiting.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "PYTHONPATH": os.pathsep.join([str(folder), *os.environ.get("PYTHONPATH", "").split()]),
        }
        (folder / "sitecustomize.py").write_text(SLEEP)

    def set(self, now: datetime) -> None:
        whole = self._file.with_suffix(".new")
        whole.write_text(f"{round(now.timestamp() - time.time()):+d}")
        whole.replace(self._file)
