"""LibreOffice Calc, with its own Python, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any


def at_libreoffice(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry out a plan of `calc.py`; return what LibreOffice says of each file."""
    script = Path(__file__).parent / "integration" / "calc.py"
    process = subprocess.Popen(
        ["/usr/bin/python3", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
    )
    try:
        output, _ = process.communicate(json.dumps(plan), timeout=120)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # LibreOffice too, where the script failed
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(output)
    return found
