"""What the processes that hold messages leave behind: files of their owner's only, and no core."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def confine() -> None:
    """Make every file that this process and its children write their owner's; dump no core."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def use_temporary(folder: Path) -> None:
    """Have this process and its children write their temporary files in a folder."""
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None  # asked again at the next need


@contextmanager
def confined(temporary: Path) -> Iterator[None]:
    """Do both for a while: a process may run several flows, each in its own home."""
    umask, before = os.umask(0o077), os.environ.get("TMPDIR")
    confine()
    use_temporary(temporary)
    try:
        yield
    finally:
        os.umask(umask)
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
        tempfile.tempdir = None
