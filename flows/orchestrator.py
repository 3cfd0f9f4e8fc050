"""Prefect as this project uses it: settings before it is imported, and a clean end after a run.

Prefect reads its settings once, when imported: `configure` must come before any import of it.
It records runs and shows them; what a run does, and how it ends, never depends on its server.
"""

from __future__ import annotations

import atexit
import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import Future
from functools import cache, partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from flows.terminal import without_secret

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import TaskRun

# Whatever runs a flow: nothing is told to anybody, no result is kept.
ALWAYS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
}
# The temporary server answers after 8 s on an idle two-core machine, 35 s on a busy one.
STARTUP_SECONDS = 120.0
STOP_SECONDS = 5.0
SETTLE_SECONDS = 30.0
QUIET_SECONDS = 1.5  # the API records what it was told each second

# Of servers that come up at once on one database, each makes its tables when the others have.
_SERVER: Final = """import fcntl, os, sys, uvicorn

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        os.makedirs(os.environ["PREFECT_HOME"], 0o700, exist_ok=True)
        with open(os.path.join(os.environ["PREFECT_HOME"], "server.lock"), "a") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            await super().startup(sockets)

app = "prefect.server.api.server:create_app"
given = {"factory": True, "fd": int(sys.argv[1]), "lifespan": "on", "log_level": "error"}
Server(uvicorn.Config(app, **given)).run()
"""
# As Prefect's own temporary server: no pages, and of its services what records runs. A type of
# block is registered with the first that somebody keeps: to know all takes two seconds.
_SERVES_ONE_RUN: Final = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
}
# What sends events to a server: once it is lost, each is told of with its traceback.
_THREADS = ("prefect.events.clients", "prefect._internal.concurrency", "EventsWorker")
log = logging.getLogger("assises")


def configure(home: Path) -> None:
    """Set Prefect's environment: offline, quiet, its files under ASSISES_HOME.

    What is set stays set, but that nothing is told to anybody and no result is kept.
    """
    os.environ |= ALWAYS
    quiet = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(round(STARTUP_SECONDS)),
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "assises",
        "PREFECT_TASKS_REFRESH_CACHE": "false",
        # Warnings are said outside a run too.
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        # Three more tries within a quarter of a minute: a server that does not answer is let go.
        "PREFECT_CLIENT_MAX_RETRIES": "3",
    }
    for name, value in quiet.items():
        os.environ.setdefault(name, value)


def begin_server() -> None:
    """Have the temporary server come up while this process does something else.

    Nothing is begun where Prefect's settings name a server.
    """
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():
        _temporary_server()


@cache
def _temporary_server() -> str:
    """Start a Prefect server that ends with this process; return its address, without waiting.

    Its socket is open already: what it is asked before it is up waits there. (Prefect, when left to
    start one, waits for it at once, and imports all of the server's code here as well.)
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # Inherited by each connection: the server takes the socket for one that has no such delay.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number, (host, port) = listening.fileno(), listening.getsockname()
        server = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", _SERVER, str(number)],
            pass_fds=[number],
            env=os.environ | _SERVES_ONE_RUN,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - no thread holds anything here
        )
    atexit.register(_stop, server)
    return f"http://{host}:{port}/api"


def end_with_parent() -> None:
    """Have this process stopped when the one that started it ends, however that ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


class _NotBegunError(Exception):
    """The server that Prefect's settings name did not let a flow begin."""


def run_once(flow: Flow[..., Any], **parameters: Any) -> Any:
    """Run a flow in this process for its outcome; an expected failure is raised, not logged.

    Without the server that Prefect's settings name, a temporary one serves.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.failures import WithoutExpectedFailures

    _speak()
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(WithoutExpectedFailures())
    if address := PREFECT_API_URL.value():
        for name in _THREADS:
            # A filter: Prefect sets levels again when a flow begins.
            logging.getLogger(name).addFilter(lambda record: record.levelno >= logging.CRITICAL)
        logging.raiseExceptions = False  # Prefect would tell of each line that it could not send
        try:
            return _run_recorded(flow, parameters, is_elsewhere=True)
        except _NotBegunError:
            log.warning(
                "Le serveur Prefect (%s) ne répond pas : cette exécution se fait sans lui.",
                without_secret(address),
            )
    with temporary_settings({PREFECT_API_URL: _temporary_server()}):
        return _run_recorded(flow, parameters, is_elsewhere=False)


def _run_recorded(flow: Flow[..., Any], parameters: dict[str, Any], *, is_elsewhere: bool) -> Any:
    """Return what the flow's own function returned or raised, recorded by Prefect or not."""
    outcome: Future[Any] = Future()
    told, of_flow = logging.getLogger("prefect.flow_runs"), partial(_is_of_flow, outcome)
    told.addFilter(of_flow)
    try:
        check_server(None if is_elsewhere else STARTUP_SECONDS)
        state: Any = _telling(flow, outcome)(**parameters, return_state=True)
    except Exception as error:
        if not outcome.running() and not outcome.done():
            if is_elsewhere:
                raise _NotBegunError from error
            raise
        log.warning("Prefect n'a pas enregistré la fin de cette exécution, faite quand même.")
    else:
        if not outcome.done():  # Prefect ended it before it began
            return state.result()
        if not is_elsewhere:
            _settle(state.state_details.flow_run_id)
    finally:
        told.removeFilter(of_flow)
    return outcome.result()


def _is_of_flow(outcome: Future[Any], record: logging.LogRecord) -> bool:
    """Tell whether a record shows no error but the flow's own, once the flow has come to an end."""
    error = record.exc_info[1] if record.exc_info else None
    return error is None or not outcome.done() or error is outcome.exception()


def _telling(flow: Flow[..., Any], outcome: Future[Any]) -> Flow[..., Any]:
    """Return a flow that does the same, and gives its outcome whatever Prefect makes of it."""

    @wraps(flow.fn)
    def body(*arguments: Any, **options: Any) -> Any:
        outcome.set_running_or_notify_cancel()
        try:
            result = flow.fn(*arguments, **options)
        except BaseException as error:
            outcome.set_exception(error)
            raise
        outcome.set_result(result)
        return result

    # What is given is of its types; Prefect would look for those in this module.
    telling = flow.with_options(validate_parameters=False)
    telling.fn = body
    return telling


def check_server(patience: float | None = None) -> None:
    """Raise what asking the server for its health comes to, unless it is well; ask once.

    It is given the time of Prefect's settings to answer, or so many seconds.
    """
    from prefect.client.orchestration import get_client
    from prefect.settings import (
        PREFECT_API_REQUEST_TIMEOUT,
        PREFECT_CLIENT_MAX_RETRIES,
        temporary_settings,
    )

    given = {PREFECT_API_REQUEST_TIMEOUT: patience} if patience else {}
    with (
        temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0, **given}),
        get_client(sync_client=True) as client,
    ):
        if error := client.api_healthcheck():
            raise error


class _Voice(logging.StreamHandler[Any]):
    """What people read on stderr: one, however many flows this process runs."""


def _speak() -> None:
    """Show the flow's own messages on stderr."""
    for earlier in [h for h in log.handlers if isinstance(h, _Voice)]:
        log.removeHandler(earlier)
    handler = _Voice()
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.propagate = False
    log.setLevel(logging.INFO)


def _settle(flow_run_id: UUID | None) -> None:
    """Wait until the temporary server has recorded how every task of a run ended, and no more.

    It stops with this process; events still queued then are lost with a traceback. A task whose
    beginning is still queued is not among those it knows: hence the second condition.
    """
    if flow_run_id is None:
        return
    try:
        is_settled = _wait_for_tasks(flow_run_id)
    except Exception:  # noqa: BLE001 - what was done is done
        is_settled = False
    if not is_settled:
        log.warning("Prefect n'a pas tout enregistré de cette exécution.")


def _wait_for_tasks(flow_run_id: UUID) -> bool:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    of_this_run = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
    end = time.monotonic() + SETTLE_SECONDS
    ended, since = 0, time.monotonic()
    with get_client(sync_client=True) as client:
        while (now := time.monotonic()) < end:
            runs = client.read_task_runs(flow_run_filter=of_this_run)
            if (known := sum(map(_has_ended, runs))) != ended:
                ended, since = known, now
            if ended == len(runs) and now - since > QUIET_SECONDS:
                return True
            time.sleep(0.1)
    return False


def _has_ended(run: TaskRun) -> bool:
    return run.state is not None and run.state.is_final()
