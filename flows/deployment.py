"""The daily run given to what starts it every day: a Prefect server, ours or another, or systemd.

The calendar is that of the consultation (`tasks/schedule.py`), the guard is in the flow: here it
is only told to others. No limit of Prefect's keeps runs apart, the home's lock does.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, NoReturn
from urllib.request import urlopen

from flows.orchestrator import ALWAYS, check_server, end_with_parent
from flows.run import Run, UsageError
from flows.terminal import without_secret
from tasks.schedule import schedule_of
from warehouse.failures import TellableError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

CHECKOUT = Path(__file__).parents[1]
ENTRYPOINT = "flows/daily_synthesis.py:daily_synthesis"
DESCRIPTION = "De la boîte aux lettres de la consultation à la synthèse de la veille"
# What a worker gives each run; our own sentences are shown by the server.
ENVIRONMENT = ALWAYS | {
    "PREFECT_LOGGING_EXTRA_LOGGERS": "assises",
    "PREFECT_LOGGING_LOGGERS_PREFECT_EXTRA_LEVEL": "INFO",
}
LOOPBACK = "127.0.0.1"
START_SECONDS = 120
STOP_SECONDS = 30


class ServerError(TellableError):
    """The Prefect server cannot be used; the message is a French sentence that says what to do."""


# --- on a Prefect server -------------------------------------------------------------------------


def deploy(run: Run, consultation: Path, pool: str) -> str:
    """Register the daily run on the server of PREFECT_API_URL, or again, and return its name.

    Raises ServerError when there is none that answers, UsageError when the pool is of another
    kind.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import RRuleSchedule
    from prefect.utilities.callables import parameter_schema

    from flows.daily_synthesis import daily_synthesis

    _refuse_absent_server()
    schedule = schedule_of(run.consultation)
    with get_client(sync_client=True) as client:
        _make_pool(client, pool)
        client.create_deployment(
            client.create_flow(daily_synthesis),
            run.consultation.slug,
            description=DESCRIPTION,
            entrypoint=ENTRYPOINT,
            pull_steps=[
                {"prefect.deployments.steps.set_working_directory": {"directory": str(CHECKOUT)}}
            ],
            parameters={
                "consultation": str(consultation.resolve()),
                "home": str(run.home.root),
            }
            | ({"engine": run.engine.name} if run.engine else {}),
            parameter_openapi_schema=parameter_schema(daily_synthesis).model_dump(),
            schedules=[
                DeploymentScheduleCreate(
                    schedule=RRuleSchedule(rrule=schedule.rrule, timezone=schedule.timezone.key),
                    active=True,
                )
            ],
            paused=False,
            work_pool_name=pool,
            job_variables={
                "working_dir": str(CHECKOUT),
                # Where Prefect keeps files of its own: with the rest, not in the worker's home.
                "env": ENVIRONMENT | {"PREFECT_HOME": str(run.home.root / "prefect")},
            },
        )
    return f"{daily_synthesis.name}/{run.consultation.slug}"


def _refuse_absent_server() -> None:
    address = without_secret(os.environ.get("PREFECT_API_URL", ""))
    try:
        check_server()
    except Exception as error:
        raise ServerError(
            f"Le serveur Prefect ne répond pas ({address}) : démarrez-le, ou corrigez "
            "PREFECT_API_URL."
        ) from error


def _make_pool(client: SyncPrefectClient, name: str) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound
    from prefect.workers.process import ProcessWorker

    try:
        kind = client.read_work_pool(name).type
    except ObjectNotFound:
        client.create_work_pool(
            WorkPoolCreate(
                name=name,
                type=ProcessWorker.type,
                base_job_template=ProcessWorker.get_default_base_job_template(),
            )
        )
        return
    if kind != ProcessWorker.type:
        raise UsageError(
            f"Le groupe « {name} » du serveur Prefect est de type {kind} : nommez-en un autre "
            "avec --pool, de type process ou qui n'existe pas encore."
        )


def worker_command(pool: str) -> list[str]:
    """Return what starts a worker: one run at a time, that of late runs doing the work of all."""
    return [str(program("prefect")), "worker", "start", "--pool", pool, "--limit", "1"]


def program(name: str) -> Path:
    """Return a program of the environment in which this one runs."""
    return Path(sys.executable).parent / name


# --- on this machine alone -----------------------------------------------------------------------


def serve(run: Run, consultation: Path) -> NoReturn:
    """Register the daily run on the server of PREFECT_API_URL, and be its worker, for ever.

    In a pool of its own: no other machine's worker takes its runs. Raises ServerError when the
    worker ends by itself.
    """
    pool = f"assises-{run.consultation.slug}"
    deploy(run, consultation, pool)
    # Prefect's runner would share one folder of /tmp with every account of the machine.
    with (
        TemporaryDirectory(prefix="assises-") as own,
        _child(worker_command(pool), {"TMPDIR": own}) as worker,
    ):
        worker.wait()
    raise ServerError("Le « worker » de Prefect s'est arrêté de lui-même : relancez.")


@contextmanager
def own_server(folder: Path) -> Iterator[str]:
    """Start a Prefect server on loopback, its files in a folder, and return its address."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    address = f"http://{LOOPBACK}:{port}/api"
    command = [str(program("prefect")), "server", "start", "--host", LOOPBACK, "--port", str(port)]
    with (
        (folder / "server.log").open("wb") as log,
        _child(command, {"PREFECT_HOME": str(folder)}, log) as server,
    ):
        _wait_until_served(server, address)
        yield address


@contextmanager
def _child(
    command: Sequence[str], more: dict[str, str], log: BinaryIO | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of Prefect's; it ends with the block, and with this process however it ends."""
    child = subprocess.Popen(  # noqa: S603 - our own environment's program
        command,
        env=os.environ | ALWAYS | more,
        stdout=log or sys.stderr,
        stderr=log or sys.stderr,
        start_new_session=True,  # Ctrl-C is for this process, which asks them to stop in order
        preexec_fn=end_with_parent,  # noqa: PLW1509 - no thread holds anything here
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_until_served(server: subprocess.Popen[bytes], address: str) -> None:
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            with urlopen(f"{address}/health", timeout=5):  # noqa: S310 - our own loopback
                return
        except OSError:
            time.sleep(0.2)
    raise ServerError("Le serveur Prefect ne démarre pas : voyez prefect/server/server.log.")
