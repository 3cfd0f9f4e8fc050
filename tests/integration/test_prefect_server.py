"""The same run recorded on a real Prefect server: its name, its end, its artifacts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient

from tests.program import EXAMPLE, assises, copy_beside, environment, run_example
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.prefect_server import prefect_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server started for these tests."""
    with prefect_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="module")
def recorded(server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The server once it has recorded a run."""
    home = tmp_path_factory.mktemp("recorded") / "home"
    ran = run_example(home, "2020-01-12", PREFECT_API_URL=server)
    assert ran.code == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    return server


def test_a_run_is_recorded_on_the_server(recorded: str) -> None:
    with SyncPrefectClient(api=recorded) as client:
        (flow_run,) = client.read_flow_runs()
        assert flow_run.name == "allier-2020-2020-01-12"
        assert flow_run.state is not None
        assert flow_run.state.is_completed()
        artifacts = client.read_artifacts()
    keys = {artifact.key for artifact in artifacts}
    assert {"chiffres-cles", "registre-par-jour", "registre-par-raison"} <= keys
    themes = ("communication", "service", "lien", "participation", "hors-theme")
    assert {f"theme-{theme}" for theme in themes} <= keys


def test_what_the_server_keeps_holds_no_citizens_word(recorded: str) -> None:
    with SyncPrefectClient(api=recorded) as client:
        kept = " ".join(
            [
                *(str(a.data) for a in client.read_artifacts()),
                *(str(log.message) for log in client.read_logs()),
                *(str(run.parameters) for run in client.read_flow_runs()),
            ]
        )
    assert "chiffres" in kept or "Relève" in kept
    for word in ("patrouille", "gendarme", "@", "brigade"):
        assert word not in kept.lower()


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
    assert "1 message(s), dont 1 à relever" in ran.stdout
    assert PASSWORD not in ran.stdout + ran.stderr
