"""What Prefect shows of a run: figures only, never a citizen's word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from tasks.consultation import Consultation
from warehouse.contracts import LEDGER_BY_DAY, LEDGER_BY_REASON, SYNTHESIS_BY_THEME
from warehouse.database import Database

STRONGEST = 20


def progress(stage: str) -> Callable[[float], None]:
    """Return what a long stage calls with the share done; its bar appears with the first call."""
    shown: list[UUID] = []

    def show(share: float) -> None:
        percent = round(100 * share, 1)
        if shown:
            update_progress_artifact(shown[0], progress=percent)
        else:
            shown.append(create_progress_artifact(progress=percent, description=stage))

    return show


def show_figures(database: Database, consultation: Consultation) -> None:
    """Show the ledger, the key figures and a table a theme."""
    days = database.read(LEDGER_BY_DAY).to_pylist()
    themes = database.read(SYNTHESIS_BY_THEME).to_pylist()
    create_markdown_artifact(_key_figures(consultation, days, themes), key="chiffres-cles")
    create_table_artifact([_shown(row) for row in days], key="registre-par-jour")
    reasons = database.read(LEDGER_BY_REASON).to_pylist()
    create_table_artifact([_shown(row) for row in reasons], key="registre-par-raison")
    for theme in themes:
        groups = database.query(
            "select kind, rank, group_id, contributor_count, statement_count, weight_label"
            " from work.ranked_groups where theme = ? and rank <= ? order by kind, rank",
            [theme["theme"], STRONGEST],
        )
        create_table_artifact(
            [_shown(row) for row in groups.to_pylist()],
            key=f"theme-{theme['theme'].replace('_', '-')}",
            description=f"{theme['theme_label']} : {theme['statement_count']} énoncés",
        )


def _key_figures(consultation: Consultation, days: list[Any], themes: list[Any]) -> str:
    received = sum(day["received_count"] for day in days)
    accepted = sum(day["accepted_count"] for day in days)
    lines = [
        f"# {consultation.title}",
        f"- messages reçus : {received}",
        f"- contributions retenues : {accepted}",
        f"- constats : {sum(theme['constat_count'] for theme in themes)}",
        f"- propositions : {sum(theme['proposition_count'] for theme in themes)}",
    ]
    return "\n".join(lines)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "" if value is None else str(value) for name, value in row.items()}
