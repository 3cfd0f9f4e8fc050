"""Prefect as this project uses it: settings before it is imported, and a clean end after a run.

Prefect reads its settings once, when imported: `configure` must come before any import of it.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from prefect.client.schemas.objects import TaskRun

SETTLE_SECONDS = 30.0
QUIET_SECONDS = 1.5  # the API records what it was told each second


def configure(home: Path) -> None:
    """Set Prefect's environment: offline, quiet, its files under ASSISES_HOME.

    What is set stays set, but that nothing is told to anybody and no result is kept.
    """
    os.environ |= {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    }
    quiet = {
        "PREFECT_HOME": str(home / "prefect"),
        # The embedded API answers after 8 s on an idle two-core machine, 25 s on a busy one.
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "assises",
        "PREFECT_TASKS_REFRESH_CACHE": "false",
    }
    for name, value in quiet.items():
        os.environ.setdefault(name, value)


def run_once(flow: Callable[..., Any], **parameters: Any) -> Any:
    """Run a flow in this process for its outcome; an expected failure is raised, not logged."""
    from flows.failures import WithoutExpectedTracebacks

    _speak()
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(WithoutExpectedTracebacks())
    state: Any = flow(**parameters, return_state=True)
    _settle(state.state_details.flow_run_id)
    return state.result()


class _Voice(logging.StreamHandler[Any]):
    """What people read on stderr: one, however many flows this process runs."""


def _speak() -> None:
    """Show the flow's own messages on stderr."""
    logger = logging.getLogger("assises")
    for earlier in [h for h in logger.handlers if isinstance(h, _Voice)]:
        logger.removeHandler(earlier)
    handler = _Voice()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)


def _settle(flow_run_id: UUID | None) -> None:
    """Wait until the embedded API has recorded how every task of a run ended, and records no more.

    It stops with this process; events still queued then are lost with a traceback. A server that
    Prefect's settings name goes on. A task whose beginning is still queued is not among those it
    knows: hence the second condition.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
    from prefect.settings import PREFECT_API_URL

    if flow_run_id is None or PREFECT_API_URL.value():
        return
    of_this_run = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
    end = time.monotonic() + SETTLE_SECONDS
    ended, since = 0, time.monotonic()
    with get_client(sync_client=True) as client:
        while (now := time.monotonic()) < end:
            runs = client.read_task_runs(flow_run_filter=of_this_run)
            if (known := sum(map(_has_ended, runs))) != ended:
                ended, since = known, now
            if ended == len(runs) and now - since > QUIET_SECONDS:
                return
            time.sleep(0.1)
    logging.getLogger("assises").warning("Prefect n'a pas tout enregistré de cette exécution.")


def _has_ended(run: TaskRun) -> bool:
    return run.state is not None and run.state.is_final()
