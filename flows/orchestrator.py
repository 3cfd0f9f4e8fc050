"""Prefect as this project uses it: settings before it is imported, and a clean end after a run.

Prefect reads its settings once, when imported: `configure` must come before any import of it.
It records runs and shows them; what a run does, and how it ends, never depends on its server.
"""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import Future
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import TaskRun

# Whatever runs a flow: nothing is told to anybody, no result is kept.
ALWAYS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
}
SETTLE_SECONDS = 30.0
QUIET_SECONDS = 1.5  # the API records what it was told each second

# What sends events to a server: once it is lost, each is told of with its traceback.
_THREADS = ("prefect.events.clients", "prefect._internal.concurrency")
log = logging.getLogger("assises")


def configure(home: Path) -> None:
    """Set Prefect's environment: offline, quiet, its files under ASSISES_HOME.

    What is set stays set, but that nothing is told to anybody and no result is kept.
    """
    os.environ |= ALWAYS
    quiet = {
        "PREFECT_HOME": str(home / "prefect"),
        # The embedded API answers after 8 s on an idle two-core machine, 25 s on a busy one.
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
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


class _NotBegunError(Exception):
    """The server that Prefect's settings name did not let a flow begin."""


def run_once(flow: Flow[..., Any], **parameters: Any) -> Any:
    """Run a flow in this process for its outcome; an expected failure is raised, not logged.

    Without its server, Prefect's embedded API serves.
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
        try:
            return _run_recorded(flow, parameters)
        except _NotBegunError:
            log.warning(
                "Le serveur Prefect (%s) ne répond pas : cette exécution se fait sans lui.", address
            )
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        return _run_recorded(flow, parameters)


def _run_recorded(flow: Flow[..., Any], parameters: dict[str, Any]) -> Any:
    """Return what the flow's own function returned or raised, recorded by Prefect or not."""
    from prefect.settings import PREFECT_API_URL

    outcome: Future[Any] = Future()
    is_elsewhere = bool(PREFECT_API_URL.value())
    try:
        if is_elsewhere:
            check_server()
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
        _settle(state.state_details.flow_run_id)
    return outcome.result()


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


def check_server() -> None:
    """Raise what asking the server for its health comes to, unless it is well; ask once."""
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

    with (
        temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
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
    """Wait until the embedded API has recorded how every task of a run ended, and records no more.

    It stops with this process; events still queued then are lost with a traceback. A server that
    Prefect's settings name goes on. A task whose beginning is still queued is not among those it
    knows: hence the second condition.
    """
    from prefect.settings import PREFECT_API_URL

    if flow_run_id is None or PREFECT_API_URL.value():
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
