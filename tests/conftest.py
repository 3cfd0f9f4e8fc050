"""What every test needs: Prefect kept out of the home folder, and letters to read."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from tests.program import Ran, as_own_process, run_example
from tests.servers.dovecot import Dovecot, Mailboxes
from warehouse.contracts import PARSED
from warehouse.vault import Day


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")
    parser.addoption("--deep", action="store_true", help="run also the tests marked `deep`")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "deep: longer than a push should wait for (--deep)")
    folder = tempfile.TemporaryDirectory(prefix="assises-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ["PREFECT_HOME"] = folder.name
    os.environ["DASK_CONFIG"] = folder.name
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["PREFECT_LOGGING_LEVEL"] = "WARNING"  # a server that ends is not told of
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--deep"):
        for item in items:
            if item.get_closest_marker("deep"):
                item.add_marker(pytest.mark.skip(reason="only with --deep"))


@pytest.fixture(scope="session")
def server() -> Iterator[Mailboxes]:
    """A Dovecot: any user name is a mailbox."""
    dovecot = Dovecot()
    yield dovecot.mailboxes
    dovecot.stop()


@pytest.fixture(scope="session")
def paris() -> ZoneInfo:
    return ZoneInfo("Europe/Paris")


@pytest.fixture(scope="session")
def write_letter() -> Callable[..., bytes]:
    """Write the bytes of a letter, LF line ends, as a server delivered it."""

    def write(
        body: str = "Bonjour,\n\nLa gare de Varennes est sombre le soir.\n",
        sender: str = "Lucie Morand <lucie.morand@courriel.example>",
        message_id: str | None = "<1@courriel.example>",
        received: str | None = "Thu, 9 Jan 2020 08:30:00 +0100",
    ) -> bytes:
        lines = [
            f"From: {sender}",
            "To: assises@prefecture.example",
            "Subject: Ma contribution",
            "Content-Type: text/plain; charset=utf-8",
        ]
        if message_id is not None:
            lines.insert(0, f"Message-ID: {message_id}")
        if received is not None:
            lines.insert(0, f"Received: from relais.example by boite.example; {received}")
        return ("\n".join(lines) + "\n\n" + body).encode()

    return write


@pytest.fixture(scope="session")
def read_day() -> Callable[..., tuple[Day, pa.Table]]:
    """Make a day and what was read in it; each row says only how it differs from a letter."""

    def read(day: date | None, *rows: dict[str, Any]) -> tuple[Day, pa.Table]:
        noon = (
            None
            if day is None
            else datetime.combine(day, datetime.min.time(), UTC).replace(hour=12)
        )
        sightings = []
        readings = []
        for rank, row in enumerate(rows):
            submission_id = row.get("submission_id", f"s-{rank:016x}")
            sightings.append(
                {
                    "submission_id": submission_id,
                    "message_sha256": row.get("message_sha256", submission_id[2:] * 4),
                    "occurrence": 0,
                    "received_at": row.get("received_at", noon),
                    "sources": ["boite"],
                    "channel": row.get("channel", "mail"),
                    "size_bytes": row.get("size_bytes", 500),
                    "is_whole": row.get("is_whole", True),
                    "withdrawal": row.get("withdrawal"),
                    "person_reading": row.get("person_reading"),
                }
            )
            text = row.get("own_text", "La rue est sombre.")
            readings.append(
                {
                    "from_address": "lucie.morand@courriel.example",
                    "sender_verified": None,
                    "sender_disposable": False,
                    "from_name": None,
                    "subject": "Ma contribution",
                    "message_id": f"{submission_id}@courriel.example",
                    "machine": None,
                    "own_text": text,
                    "cut_text": "",
                    "signature": "",
                    "author_names": [],
                    "content_word_count": len(text.split()),
                    "is_cover_note": False,
                    "is_revision": False,
                    "from_attachment": False,
                    "has_unread_part": False,
                    "attachments": [],
                    "language": "fr",
                    "defects": [],
                    "is_unreadable": False,
                }
                | {name: value for name, value in row.items() if name in PARSED.schema.names}
                | {"submission_id": submission_id}
            )
        submissions = pa.Table.from_pylist(
            sightings,
            schema=pa.schema(
                [
                    ("submission_id", pa.string()),
                    ("message_sha256", pa.string()),
                    ("occurrence", pa.int64()),
                    ("received_at", pa.timestamp("us", tz="UTC")),
                    ("sources", pa.list_(pa.string())),
                    ("channel", pa.string()),
                    ("size_bytes", pa.int64()),
                    ("is_whole", pa.bool_()),
                    ("withdrawal", pa.string()),
                    ("person_reading", pa.string()),
                ]
            ),
        )
        parsed = pa.Table.from_pylist(readings, schema=PARSED.schema)
        return Day(day, submissions, f"{day}", ()), parsed

    return read


@pytest.fixture
def own_process() -> Iterator[None]:
    """Undo what the command line changes of its process, where that is the tests' own."""
    with as_own_process():
        yield


@pytest.fixture(scope="session")
def prefect() -> Iterator[None]:
    """A Prefect server for flows that run in this process, one for all files: it starts slowly."""
    from prefect.events.worker import EventsWorker
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
        EventsWorker.drain_all(timeout=60)  # the harness waits for ever for one that is stuck


@pytest.fixture(scope="session")
def final(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The example's final synthesis, made once for all processes that test.

    Tests that write work on a copy.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    home, said = folder / "example" / "home", folder / "example.json"
    with (folder / "example.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            ran = run_example(home, "2020-01-19")
            said.write_text(json.dumps([ran.code, ran.stdout, ran.stderr]))
    ran = Ran(home, *json.loads(said.read_text()))
    assert ran.code == 0, ran.stderr
    return ran


@pytest.fixture
def final_copy(final: Ran, tmp_path: Path) -> Ran:
    """A copy of the final synthesis' folder to run again in."""
    home = tmp_path / "home"
    shutil.copytree(final.home, home, symlinks=True)
    return Ran(home, final.code, final.stdout, final.stderr)


@pytest.fixture(scope="session")
def truth() -> list[dict[str, str]]:
    """What each letter of the example is, written with the letters."""
    path = Path(__file__).parent / "integration" / "example_truth.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
