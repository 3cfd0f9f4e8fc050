"""Withdraw: the vault holds nothing of what people decided to take out of it.

Every run does it again: a message that comes back, from a backup, from another folder or under
another number, is taken out as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tasks.persons import message_traces
from tasks.stage import stage
from tasks.validate import Pseudonymiser
from warehouse.contracts import WITHDRAWALS
from warehouse.decisions import Decisions
from warehouse.vault import Vault


@stage
def withdraw(
    vault: Vault, decisions: Decisions, pseudonymiser: Pseudonymiser, now: datetime
) -> Mapping[str, str]:
    """Take out of the vault what was withdrawn; return why each submission was."""
    if withdrawn := decisions.withdrawn():
        returned = come_back(vault, decisions, pseudonymiser.key)
        decisions.add(WITHDRAWALS, [row | {"decided_at": now} for row in returned])
        withdrawn |= {row["submission_id"]: row["reason"] for row in returned}
        vault.withdraw(withdrawn)
    return withdrawn


def come_back(vault: Vault, decisions: Decisions, key: bytes) -> list[dict[str, str]]:
    """Return a decision for each submission that is a withdrawn message found elsewhere.

    The bytes differ, by the servers it went through; the Message-ID is the same.
    """
    rows = decisions.read(WITHDRAWALS)
    decided = set(rows["submission_id"].to_pylist())
    known = {row["message_trace"]: row for row in rows.to_pylist() if row["message_trace"]}
    traces = message_traces(vault, key) if known else {}
    return [
        known[found] | {"submission_id": submission_id}
        for submission_id, found in traces.items()
        if found in known and submission_id not in decided
    ]
