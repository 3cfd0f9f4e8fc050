"""A run and a real Prefect server: what it records, and P03, whatever it does meanwhile."""

from __future__ import annotations

import logging
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from flows.daily_synthesis import daily_synthesis
from flows.orchestrator import run_once
from tests.program import EXAMPLE, assises, copy_beside, environment, small_consultation
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.prefect_server import Frail, prefect_server
from tests.servers.smtp import free_port
from warehouse.publication import Published

R = TypeVar("R")
DAY = "2020-01-12"
AWAY = "ne répond pas : cette exécution se fait sans lui"
LOST = "n'a pas enregistré la fin de cette exécution, faite quand même"
UNSEEN = "ne montre pas tout de cette exécution"


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
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server started for these tests."""
    with prefect_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def frail(server: str) -> Iterator[Frail]:
    frail = Frail(int(server.rpartition(":")[2].partition("/")[0]))
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
def quiet(server: str, place: Path) -> str:
    """What is published when the server is well: the sum of all its files."""
    with listening() as said:
        published = run(place, "quiet", server)
    assert not any(words in line for line in said for words in (AWAY, LOST, UNSEEN))
    return published.folder.name


def test_a_run_is_recorded_on_the_server(server: str, quiet: str) -> None:
    with SyncPrefectClient(api=server) as client:
        (flow_run,) = client.read_flow_runs()
        assert flow_run.name == "allier-2020-2020-01-12"
        assert flow_run.state is not None
        assert flow_run.state.is_completed()
        artifacts = client.read_artifacts()
    keys = {artifact.key for artifact in artifacts}
    assert {"chiffres-cles", "registre-par-jour", "registre-par-raison"} <= keys
    themes = ("communication", "service", "lien", "participation", "hors-theme")
    assert {f"theme-{theme}" for theme in themes} <= keys


def test_what_the_server_keeps_holds_no_citizens_word(server: str, quiet: str) -> None:
    with SyncPrefectClient(api=server) as client:
        kept = " ".join(
            [
                *(str(a.data) for a in client.read_artifacts()),
                *(str(log.message) for log in client.read_logs()),
                *(str(run.parameters) for run in client.read_flow_runs()),
            ]
        )
    assert "contributor_count" in kept
    for word in ("patrouille", "gendarme", "@", "brigade"):
        assert word not in kept.lower()


def test_p03_a_server_that_is_down_is_done_without(place: Path, quiet: str) -> None:
    with listening() as said:
        published = run(place, "down", f"http://127.0.0.1:{free_port()}/api")
    assert published.folder.name == quiet
    assert [line for line in said if AWAY in line] == [said[0]]


@pytest.mark.parametrize("how", ["stop", pytest.param("fail", marks=pytest.mark.deep)])
def test_p03_a_server_lost_during_a_run_changes_nothing(
    place: Path, quiet: str, frail: Frail, how: str
) -> None:
    with listening(getattr(frail, how)) as said:
        published = run(place, how, frail.address)
    assert published.folder.name == quiet
    assert LOST in said[-1]
    assert sum(UNSEEN in line for line in said) >= 1


def test_a_temporary_server_that_cannot_come_up_is_not_waited_for(tmp_path: Path) -> None:
    file, home = EXAMPLE / "consultation.toml", tmp_path / "home"
    nowhere = f"sqlite+aiosqlite:///{tmp_path}/absent/prefect.db"
    asked = ("--consultation", str(file), "--home", str(home), "--as-of", DAY)
    ran = assises("run", *asked, PREFECT_API_DATABASE_CONNECTION_URL=nowhere)
    assert ran.returncode == 1
    told = ran.stderr.splitlines()[-1]
    assert re.search("(ConnectError|ReadError|RemoteProtocolError) dans flows", told)  # no timeout
    assert not (home / "published").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_temporary_server_ends_with_the_run_that_is_killed(tmp_path: Path, how: int) -> None:
    program = Path(sys.executable).parent / "assises"
    asked = ("--consultation", str(EXAMPLE / "consultation.toml"), "--home", str(tmp_path / "home"))
    killed = subprocess.Popen(
        [str(program), "run", *asked, "--as-of", DAY],
        env=environment(),
        stderr=subprocess.DEVNULL,
    )
    children = Path(f"/proc/{killed.pid}/task/{killed.pid}/children")
    (server,) = until(lambda: children.read_text().split())
    killed.send_signal(how)
    killed.wait(30)
    until(lambda: not Path("/proc", server).exists())


def until(found: Callable[[], R]) -> R:
    end = time.monotonic() + 60
    while not (is_so := found()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return is_so


@pytest.mark.deep
def test_p03_the_program_says_in_a_sentence_that_its_server_is_lost(
    place: Path, frail: Frail
) -> None:
    file, home = place / "consultation" / "consultation.toml", place / "told"
    program = Path(sys.executable).parent / "assises"
    asked = ["run", "--consultation", str(file), "--home", str(home), "--as-of", DAY]
    ran = subprocess.Popen(
        [str(program), *asked],
        env=environment(PREFECT_API_URL=frail.address),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert ran.stderr is not None
    for line in ran.stderr:
        if line.startswith("Lecture"):
            frail.stop()
            break
    _, said = ran.communicate(timeout=600)
    assert ran.returncode == 0, said
    assert "Synthèse publiée" in said
    assert LOST in said
    assert "Traceback" not in said
    assert "Error" not in said


KEEP = (
    "import sys; from prefect.blocks.system import Secret; Secret(value=sys.argv[1]).save('boite')"
)


def test_the_password_of_a_mailbox_is_read_from_a_secret_block(
    server: str, tmp_path: Path, write_letter: Callable[..., bytes]
) -> None:
    told = environment(PREFECT_API_URL=server, PREFECT_HOME=str(tmp_path / "prefect"))
    subprocess.run([sys.executable, "-c", KEEP, PASSWORD], env=told, timeout=120, check=True)
    text = (EXAMPLE / "consultation.toml").read_text(encoding="utf-8")
    dovecot = Dovecot()
    try:
        mailboxes = dovecot.mailboxes
        mailboxes.put("boite", [write_letter()])
        uri = f'"imaps://boite@localhost:{mailboxes.tls_port}"'
        more = f'password = "prefect:boite"\nauthorities = "{mailboxes.authority}"'
        consultation = tmp_path / "consultation.toml"
        copy_beside(tmp_path)
        consultation.write_text(text.replace('"eml:mailbox"', f"{uri}\n{more}"), encoding="utf-8")
        arguments = ("--consultation", str(consultation), "--home", str(tmp_path / "home"))
        ran = assises("run", *arguments, "--dry-run", PREFECT_API_URL=server)
    finally:
        dovecot.stop()
    assert ran.returncode == 0, ran.stderr
    assert "1 message, dont 1 à relever" in ran.stdout
    assert PASSWORD not in ran.stdout + ran.stderr
