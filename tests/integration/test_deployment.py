"""The daily run given to a Prefect server and its worker, to `serve`, and to systemd.

The clock of the server, the worker and the runs is set by the test: the days are those of the
example, its letters are three.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.states import Pending

from tests.program import ROOT, assises, environment, small_consultation
from tests.servers.clock import Clock
from tests.servers.prefect_server import PREFECT, prefect_server
from warehouse.home import Home

NAME = "daily_synthesis/allier-2020"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def until(holds: Callable[[], object], seconds: float = 120) -> None:
    """Wait for something to hold."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "never held"
        time.sleep(0.2)


@dataclass
class Place:
    """A Prefect server under a clock, a consultation, a home."""

    address: str
    clock: Clock
    consultation: Path
    home: Path
    said: list[str] = field(default_factory=list)

    @property
    def client(self) -> SyncPrefectClient:
        return SyncPrefectClient(api=self.address)

    def deploy(self) -> subprocess.CompletedProcess[str]:
        asked = ("--consultation", str(self.consultation), "--home", str(self.home))
        more = {"PREFECT_API_URL": self.address, **self.clock.environment}
        done = assises("deploy", *asked, **more)
        assert done.returncode == 0, done.stderr
        return done

    def deployment(self) -> DeploymentResponse:
        with self.client as client:
            return client.read_deployment_by_name(NAME)

    def runs(self) -> dict[UUID, FlowRun]:
        with self.client as client:
            return {run.id: run for run in client.read_flow_runs()}

    def states(self) -> list[str]:
        return sorted(str(run.state_name) for run in self.runs().values())

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Start the worker that `deploy` named, in another folder than the checkout."""
        *_, command = self.said[-1].splitlines()
        address, program, *arguments = command.split()
        assert address == f"PREFECT_API_URL={self.address}"
        more = {"PREFECT_API_URL": self.address, "PREFECT_HOME": str(self.home.parent / "worker")}
        with (self.home.parent / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [program, *arguments],
                cwd=self.home.parent,
                env=environment(**more, **self.clock.environment),
                stdout=log,
                stderr=log,
            )
        try:
            yield worker
        finally:
            worker.terminate()
            with suppress(subprocess.TimeoutExpired):
                worker.wait(20)
            worker.kill()
            worker.wait()


def due_today(file: Path, at: datetime) -> None:
    """Have a consultation close today, and a run due at a local instant."""
    text = file.read_text(encoding="utf-8")
    for key, value in (
        ("opening", f"{at - timedelta(days=3):%Y-%m-%dT00:00:00}"),
        ("deadline", f"{at:%Y-%m-%dT00:00:00}"),
        ("at", f"{at:%H:%M:%S}"),
    ):
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text, count=1)
    file.write_text(text, encoding="utf-8")


def kill_with_children(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker and what it started, as the end of a machine would."""
    tree = [worker.pid]
    for parent in tree:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            tree += map(int, task.read_text().split())
    for pid in tree:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    worker.wait()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The example deployed on the eve of its last day; twice, the hour changed between."""
    folder = tmp_path_factory.mktemp("deployment")
    clock = Clock(folder, utc(2020, 1, 19, 3, 59))
    consultation = small_consultation(folder / "consultation")
    text = consultation.read_text(encoding="utf-8")
    (folder / "server").mkdir()
    with prefect_server(folder / "server", **clock.environment) as address:
        place = Place(address, clock, consultation, folder / "home")
        consultation.write_text(text.replace("at = 06:00:00", "at = 23:15:00"), encoding="utf-8")
        place.said.append(place.deploy().stderr)
        consultation.write_text(text, encoding="utf-8")
        done = place.deploy()
        place.said += [done.stderr, done.stdout]
        yield place


def test_deploy_again_replaces_what_was_deployed(place: Place) -> None:
    deployed = place.deployment()
    (schedule,) = deployed.schedules
    assert schedule.active
    assert schedule.schedule.model_dump(exclude_none=True) == {
        "rrule": "DTSTART:20200109T060000\nRRULE:FREQ=DAILY;UNTIL=20200127T060000",
        "timezone": "Europe/Paris",
    }
    assert not deployed.paused
    assert deployed.global_concurrency_limit is None
    assert deployed.parameters == {
        "consultation": str(place.consultation),
        "home": str(place.home),
    }
    assert deployed.job_variables["working_dir"] == str(ROOT)
    first, again, command = place.said
    assert "Prochaine exécution : 19/01/2020 à 23:15 (Europe/Paris)." in first
    assert "Prochaine exécution : 19/01/2020 à 06:00 (Europe/Paris)." in again
    assert f"{PREFECT} worker start --pool assises --limit 1" in command
    until(place.runs)
    hours = {run.expected_start_time.time().hour for run in place.runs().values()}  # type: ignore[union-attr]
    assert hours == {5}


def test_p01_p02_what_was_killed_is_made_by_the_next_run(place: Place) -> None:
    """A worker dies with its run; another run is left between Pending and Running; days pass."""
    home = Home(place.home)
    place.clock.set(utc(2020, 1, 19, 4, 59, 50))
    with place.worker() as worker:
        until(lambda: any((place.home / "vault" / "raw").glob("**/*.parquet")))
        kill_with_children(worker)
    with place.client as client:
        orphan = client.create_flow_run_from_deployment(place.deployment().id, state=Pending())
    (killed,) = (run for run in place.runs().values() if run.state_name == "Running")
    (entry,) = home.journal.entries()
    assert entry["outcome"] is None

    place.clock.set(utc(2020, 1, 22, 5, 0, 1))
    with place.worker():
        until(lambda: place.runs()[killed.id].state_name == "Crashed")
        until(lambda: "Completed" in place.states())
    runs = place.runs()
    assert runs[orphan.id].state_name == "Crashed"
    completed = [run.name for run in runs.values() if run.state_name == "Completed"]
    assert completed == ["allier-2020-2020-01-21"]
    # The other days that were missed are told so, quietly; nothing is scheduled any more.
    assert set(place.states()) == {"Completed", "Crashed", "Cancelled"}
    assert place.deployment().paused
    assert [entry["outcome"] for entry in home.journal.entries()] == [None, "published"]
    assert (home.published / "latest").resolve().parent.name == ".versions"


@pytest.mark.deep
@pytest.mark.parametrize(
    "end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda end: end.name
)
def test_serve_makes_the_run_of_the_day_and_leaves_nothing_behind(
    tmp_path: Path, end: signal.Signals
) -> None:
    """Without a server, and by the clock as it is: `serve` itself waits with time.sleep."""
    file, home = small_consultation(tmp_path / "consultation"), tmp_path / "home"
    due_today(file, datetime.now(ZoneInfo("Europe/Paris")) + timedelta(seconds=120))
    program = Path(sys.executable).parent / "assises"
    with (tmp_path / "said").open("w") as told:  # a pipe that nobody reads would stop its worker
        served = subprocess.Popen(
            [str(program), "serve", "--consultation", str(file), "--home", str(home)],
            env=environment(),
            cwd=tmp_path,
            stderr=told,
        )
    until(lambda: any(entry["ended_at"] for entry in Home(home).journal.entries()), 600)
    time.sleep(10)  # the run's own process ends
    served.send_signal(end)
    served.wait(timeout=60)
    said = (tmp_path / "said").read_text(encoding="utf-8")
    (entry,) = Home(home).journal.entries()
    assert (entry["outcome"], entry["is_final"]) == ("published", True)
    if end != signal.SIGKILL:
        assert served.returncode == 0
        assert said.rstrip().endswith("reprend où l'on en est.")
    until(lambda: not children_naming(home), 60)


def children_naming(home: Path) -> list[int]:
    """Return the processes that were given a home by their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if str(home).encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found
