"""What a run does for the deployment under which Prefect runs it.

Prefect believes what it was last told: a killed run is Running for ever, and ten days without a
worker leave ten late runs. A run that holds the home knows better, and says so. None of it is the
run's work: a server that does not follow costs a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.context import FlowRunContext
from prefect.states import Cancelled, Crashed

from flows.artifacts import told

# From what Prefect is told that a run begins to its taking the home, or from its leaving the home
# to its end: far less. A run that did not move for so long while another held the home is no more.
GRACE = timedelta(minutes=5)
KILLED = "Interrompue sans le dire : une exécution suivante a repris son travail."
CAUGHT_UP = "Sans objet : une exécution suivante a rattrapé ce jour."


def own_run() -> FlowRun | None:
    """Return the run that Prefect made of this one, if it is under a deployment."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    return run if run and run.deployment_id else None


def settle_others() -> None:
    """Say what became of the other runs of this deployment; this one holds the home."""
    _tell(lambda client, own, deployment: settle(client, deployment, own, datetime.now(UTC)))


def pause_schedule() -> None:
    """Have no more runs scheduled: the final synthesis is published."""
    _tell(lambda client, _, deployment: client.pause_deployment(deployment))


def _tell(what: Callable[[SyncPrefectClient, UUID, UUID], None]) -> None:
    """Tell the server something of the deployment under which this run is, if it is under one."""

    def tell() -> None:
        if (own := own_run()) and own.deployment_id:
            with get_client(sync_client=True) as client:
                what(client, own.id, own.deployment_id)

    told(tell)


def settle(client: SyncPrefectClient, deployment: UUID, own: UUID, now: datetime) -> None:
    """End what a deployment's other runs look like at an instant: killed, or late for nothing."""
    for run in _unfinished(client, deployment):
        if run.id != own and (ended := ended_as(run, now)):
            client.set_flow_run_state(run.id, ended, force=True)


def ended_as(run: FlowRun, now: datetime) -> State | None:
    """Return how an unfinished run really ended, if it did."""
    state = run.state
    if state is None:
        return None
    if state.type == StateType.SCHEDULED:
        due = run.next_scheduled_start_time or run.expected_start_time
        return Cancelled(message=CAUGHT_UP) if due and due <= now else None
    return Crashed(message=KILLED) if state.timestamp < now - GRACE else None


def _unfinished(client: SyncPrefectClient, deployment: UUID) -> list[FlowRun]:
    going = FlowRunFilterStateType(
        any_=[StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
    )
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=going)),
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
    )
