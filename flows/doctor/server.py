"""The Prefect server, when there is one: whether it answers, and runs this consultation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.doctor.findings import Said, Visit, fine, repair, see
from flows.orchestrator import configure


def server() -> str:
    """Return the address of the Prefect server, empty when there is none."""
    return os.environ.get("PREFECT_API_URL", "")


def has_server() -> bool:
    """Tell whether runs are recorded on a Prefect server."""
    return bool(server())


@contextmanager
def apart() -> Iterator[None]:
    """Have Prefect, if a check needs it, tell nobody, and write in a folder that goes away."""
    before = dict(os.environ)
    with TemporaryDirectory() as folder:
        configure(Path(folder))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def check_server(visit: Visit) -> Iterator[Said]:
    """Ask the server for the deployment of this consultation."""
    if not has_server():
        yield fine("pas de serveur : PREFECT_API_URL n'est pas donné")
        return
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    name = f"daily_synthesis/{visit.run.consultation.slug}"
    with get_client(sync_client=True) as client:
        if error := client.api_healthcheck():
            yield repair(
                f"{server()} ne répond pas ({type(error).__name__}) : vérifiez qu'il est lancé, ou "
                "corrigez PREFECT_API_URL."
            )
            return
        try:
            deployment = client.read_deployment_by_name(name)
        except ObjectNotFound:
            yield repair(f"{server()} n'a pas de déploiement {name} : lancez « assises deploy ».")
            return
        is_active = any(schedule.active for schedule in deployment.schedules)
        if deployment.paused or not is_active:
            yield see(f"Le déploiement {name} est en pause : rien ne le lance (assises deploy).")
        else:
            yield fine(f"{server()} lance {name}")
