"""Gates: what the journal keeps of those that hold a publication, and who lets one pass.

The journal has the rows whole of what may be let pass: they are what is decided of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from expectations.gates import LEAKS
from flows.run import Run, UsageError, account
from flows.signoff import one_line
from tasks.publish import Held
from warehouse.contracts import GATES
from warehouse.journal import Journal

SHOWN_ROWS = 20


def noted(held: Held) -> dict[str, Any]:
    """Return what the journal keeps of a publication that is held."""
    gates = [
        {
            "id": gate.gate_id,
            "as_of_date": held.as_of,
            "sentence": gate.sentence,
            "rule": gate.rule,
            "acceptable": gate.rule is not None,
            "row_count": len(gate.rows),
            "rows": gate.rows[:SHOWN_ROWS],
        }
        for gate in held.gates
    ]
    whole = {gate.gate_id: gate.rows for gate in held.gates if gate.rule}
    return {"gates": gates, "gate_rows": whole}


@dataclass(frozen=True)
class Request:
    """The gates that somebody lets pass, why, and under which name; null: that of the account."""

    gate_ids: Sequence[str]
    because: str
    named_by: str | None = None


def let_pass(run: Run, request: Request) -> None:
    """Write down who lets gates pass, and why: all of them or none.

    Raises UsageError for a gate that held no run, that nobody may let pass, or without a reason
    that can be published.
    """
    because = one_line(request.because, 'Dites pourquoi : --because "MOTIF".')
    name = one_line(request.named_by or account(), 'Dites qui : --by "Prénom Nom, qualité".')
    if any(re.search(pattern, said) for pattern in LEAKS.values() for said in (because, name)):
        raise UsageError(
            "Motif et nom sont publiés : n'y écrivez ni adresse électronique ni numéro de "
            "téléphone."
        )
    with run.home.lock():
        decisions = run.home.decisions
        decided = set(decisions.read(GATES)["gate_id"].to_pylist())
        rows = [
            _found(run.home.journal, gate_id)
            | {"because": because, "named_by": name, "decided_at": run.now}
            for gate_id in dict.fromkeys(request.gate_ids)
            if gate_id not in decided  # said before a run that was cut short
        ]
        run.home.bind(run.consultation.slug)
        decisions.add(GATES, rows)


def _found(journal: Journal, gate_id: str) -> dict[str, Any]:
    """Return what a run said of a gate; raise UsageError unless a person may let it pass."""
    held = [entry for entry in journal.entries() if entry.get("outcome") == "held"]
    for entry in reversed(held):
        for gate in entry["gates"]:
            if gate["id"] == gate_id:
                return _acceptable(gate, entry["gate_rows"])
    last = ", ".join(gate["id"] for gate in held[-1]["gates"]) if held else ""
    now = f"La dernière publication retenue l'était par : {last}." if last else "Aucune ne l'a été."
    raise UsageError(f"Aucune publication n'a été retenue par {_quoted(gate_id)}. {now}")


def _acceptable(gate: dict[str, Any], rows: dict[str, list[str]]) -> dict[str, Any]:
    if not gate["acceptable"]:
        raise UsageError(
            f"{gate['id']} ne peut pas être laissé passer, car c'est un défaut du programme : "
            f"{gate['sentence']}. Signalez-le à qui le maintient."
        )
    told = {name: gate[name] for name in ("rule", "sentence")}
    day = date.fromisoformat(gate["as_of_date"])
    return told | {"gate_id": gate["id"], "as_of_date": day, "rows": rows[gate["id"]]}


def _quoted(gate_id: str) -> str:
    """Repeat what was given for a gate, when it is one: it may be anything."""
    return gate_id if re.fullmatch(r"p-[0-9a-f]{12}", gate_id) else "l'identifiant donné (p-…)"
