"""A real Prefect server on loopback, and what stands before it until it fails."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.program import environment
from tests.servers.proxy import Proxy, whole
from tests.servers.smtp import free_port

PREFECT = Path(sys.executable).parent / "prefect"


@contextmanager
def prefect_server(folder: Path, **more: str) -> Iterator[str]:
    """Start a server that keeps its files in a folder, and give its address."""
    port = free_port()
    told = environment(
        PREFECT_HOME=str(folder),
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        PREFECT_LOGGING_LEVEL="WARNING",
        **more,
    )
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [str(PREFECT), "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=told,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/health", 120)
        yield f"http://127.0.0.1:{port}/api"
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(address: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


class Failing(BaseHTTPRequestHandler):
    """A Prefect server whose database is locked: it answers, and does nothing."""

    def answer(self) -> None:
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


class Frail:
    """Stands before a Prefect server, until it refuses connections or answers 500 instead."""

    def __init__(self, target: int) -> None:
        self._clients: list[socket.socket] = []
        self._proxy = Proxy(target, [self._relay] * 10_000)
        self.address = f"http://127.0.0.1:{self._proxy.port}/api"
        self._failing: ThreadingHTTPServer | None = None

    def _relay(self, server: socket.socket, client: socket.socket) -> None:
        self._clients.append(client)
        whole(server, client)

    def stop(self) -> None:
        self._proxy.__exit__()
        for client in self._clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def fail(self) -> None:
        self.stop()
        self._failing = ThreadingHTTPServer(("127.0.0.1", self._proxy.port), Failing)
        threading.Thread(target=self._failing.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.stop()
        if self._failing:
            self._failing.shutdown()
            self._failing.server_close()
