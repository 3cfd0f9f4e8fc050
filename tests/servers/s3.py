"""An S3-compatible storage on this machine: moto's server, a process that is asked over HTTP."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from tests.program import environment

BUCKET = "consultations"


class Storage:
    """A server that has one bucket."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        self.log = folder / "s3.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
                env=environment(**settings),
                stdout=log,
                stderr=log,
            )

    @property
    def variables(self) -> dict[str, str]:
        """What a program needs in its environment."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "assises",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def puts(self) -> list[str]:
        """The place of each object that was put, in order."""
        return re.findall(r'"PUT (\S+) ', self.log.read_text())

    def make_bucket(self) -> None:
        end = time.monotonic() + 60
        request = Request(f"{self.endpoint}/{BUCKET}", method="PUT")
        while True:
            try:
                with urlopen(request, timeout=10):
                    return
            except OSError:
                assert time.monotonic() < end, self.log.read_text()
                time.sleep(0.2)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def s3_storage(folder: Path, **settings: str) -> Iterator[Storage]:
    """Start a storage that has a bucket; `settings` are moto's own."""
    storage = Storage(folder, **settings)
    try:
        storage.make_bucket()
        yield storage
    finally:
        storage.stop()
