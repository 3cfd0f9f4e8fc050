"""P03: a run is the same, and ends the same, whatever its Prefect server does meanwhile."""

from __future__ import annotations

import logging
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from flows.daily_synthesis import daily_synthesis
from flows.orchestrator import run_once
from tests.program import small_consultation
from tests.servers.prefect_server import prefect_server
from tests.servers.proxy import Proxy, whole
from tests.servers.smtp import free_port
from warehouse.publication import Published

DAY = "2020-01-12"
AWAY = "ne répond pas : cette exécution se fait sans lui"
LOST = "n'a pas enregistré la fin de cette exécution, faite quand même"
UNSEEN = "ne montre pas tout de cette exécution"


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


class Listener(logging.Handler):
    """Hears what a run says, and acts once when it has read the messages."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self.said: list[str] = []
        self._act = act

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
        if self.said[-1].startswith("Lecture"):
            self._act()


@contextmanager
def listening(act: Callable[[], None] = lambda: None) -> Iterator[list[str]]:
    listener, log = Listener(act), logging.getLogger("assises")
    log.addHandler(listener)
    try:
        yield listener.said
    finally:
        log.removeHandler(listener)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real server."""
    with prefect_server(tmp_path_factory.mktemp("server")) as address:
        yield int(address.rpartition(":")[2].partition("/")[0])


@pytest.fixture
def frail(server: int) -> Iterator[Frail]:
    frail = Frail(server)
    yield frail
    frail.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lost")
    small_consultation(folder / "consultation")
    return folder


def run(place: Path, name: str, address: str) -> Published:
    """Run in a home of its own, with the key of the others; return what is published."""
    home, quiet = place / name, place / "quiet"
    if quiet.exists() and home != quiet:
        shutil.copytree(quiet / "keys", home / "keys")
    settings: dict[Any, Any] = {PREFECT_API_URL: address, PREFECT_CLIENT_MAX_RETRIES: 0}
    file = place / "consultation" / "consultation.toml"
    with temporary_settings(settings):
        published = run_once(daily_synthesis, consultation=file, home=home, as_of=DAY, workers=1)
    assert isinstance(published, Published)
    return published


@pytest.fixture(scope="module")
def quiet(server: int, place: Path) -> str:
    """What is published when the server is well: the sum of all its files."""
    with listening() as said:
        published = run(place, "quiet", f"http://127.0.0.1:{server}/api")
    assert not any(words in line for line in said for words in (AWAY, LOST, UNSEEN))
    return published.folder.name


def test_p03_a_server_that_is_down_is_done_without(place: Path, quiet: str) -> None:
    with listening() as said:
        published = run(place, "down", f"http://127.0.0.1:{free_port()}/api")
    assert published.folder.name == quiet
    assert [line for line in said if AWAY in line] == [said[0]]


@pytest.mark.parametrize("how", ["stop", "fail"])
def test_p03_a_server_lost_during_a_run_changes_nothing(
    place: Path, quiet: str, frail: Frail, how: str
) -> None:
    with listening(getattr(frail, how)) as said:
        published = run(place, how, frail.address)
    assert published.folder.name == quiet
    assert LOST in said[-1]
    assert sum(UNSEEN in line for line in said) >= 1
