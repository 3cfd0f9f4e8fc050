"""What Prefect shows of a run: figures only, never a citizen's word.

A server that no longer answers shows nothing: the run goes on.
"""

from __future__ import annotations

import logging
import re
import string
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from tasks.consultation import Consultation
from warehouse.contracts import KEY_FIGURES, LEDGER_BY_DAY, LEDGER_BY_REASON, SYNTHESIS_BY_THEME
from warehouse.database import Database

STRONGEST = 20
log = logging.getLogger("assises")
_SIGNS = re.compile(f"[{re.escape(string.punctuation)}]")


def told(tell: Callable[[], Any]) -> bool:
    """Tell Prefect something, and whether it heard: a server that does not costs a warning."""
    try:
        tell()
    except Exception:  # noqa: BLE001 - whatever its server answers, the run goes on
        log.warning("Prefect ne montre pas tout de cette exécution : son serveur ne suit pas.")
        return False
    return True


def progress(stage: str) -> Callable[[float], None]:
    """Return what a long stage calls with the share done; its bar appears with the first call."""
    shown: list[Any] = []
    is_heard = True

    def tell(percent: float) -> None:
        if shown:
            update_progress_artifact(shown[0], progress=percent)
        else:
            shown.append(create_progress_artifact(progress=percent, description=stage))

    def show(share: float) -> None:
        nonlocal is_heard  # each try costs the time that a silent server is given
        is_heard = is_heard and told(lambda: tell(round(100 * share, 1)))

    return show


def show_figures(database: Database, consultation: Consultation) -> None:
    """Show the ledger, the key figures and a table a theme."""
    all(told(create) for create in list(_figures(database, consultation)))


def _figures(database: Database, consultation: Consultation) -> Iterator[Callable[[], Any]]:
    """Yield what shows each thing: it is read now, and shown when called."""
    figures = database.read(KEY_FIGURES).to_pylist()[0]
    yield partial(
        create_markdown_artifact, _key_figures(consultation, figures), key="chiffres-cles"
    )
    for contract, key in (
        (LEDGER_BY_DAY, "registre-par-jour"),
        (LEDGER_BY_REASON, "registre-par-raison"),
    ):
        rows = [_shown(row) for row in database.read(contract).to_pylist()]
        yield partial(create_table_artifact, rows, key=key)
    for theme in database.read(SYNTHESIS_BY_THEME).to_pylist():
        groups = database.query(
            "select kind, rank, group_id, contributor_count, statement_count, weight_label"
            " from work.ranked_groups where theme = ? and rank <= ? order by kind, rank",
            [theme["theme"], STRONGEST],
        )
        yield partial(
            create_table_artifact,
            [_shown(row) for row in groups.to_pylist()],
            key=f"theme-{theme['theme'].replace('_', '-')}",
            description=f"{unmarked(theme['theme_label'])} : {theme['statement_count']} énoncés",
        )


def _key_figures(consultation: Consultation, figures: dict[str, int]) -> str:
    lines = [f"- {KEY_FIGURES.column(name).description} : {n}" for name, n in figures.items()]
    return "\n".join([f"# {unmarked(consultation.title)}", *lines])


def unmarked(text: str) -> str:
    """Return a text that Markdown shows as it is: one line, every sign of its own escaped."""
    return _SIGNS.sub(r"\\\g<0>", " ".join(text.split()))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "" if value is None else str(value) for name, value in row.items()}
