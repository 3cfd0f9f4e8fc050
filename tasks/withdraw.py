"""Withdraw: nothing is held of what people decided to take out, in the vault or made of it.

Every run does it again: a message that comes back, from a backup, from another folder or under
another number, is taken out as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from tasks.persons import message_traces
from tasks.stage import stage
from tasks.validate import Pseudonymiser
from warehouse.contracts import WITHDRAWALS
from warehouse.decisions import Decisions
from warehouse.home import Home
from warehouse.vault import Day, Vault

Row = Mapping[str, Any]


@stage
def withdraw(
    home: Home, timezone: ZoneInfo, pseudonymiser: Pseudonymiser, now: datetime
) -> tuple[list[Day], int]:
    """Return every day received, without what was withdrawn; and how much was taken out now.

    Where people read a message in the place of the program, what they read stands.

    What was made of the first day touched and of those after it goes first, the messages last:
    killed in between, the next run does it again.
    """
    vault, decisions = home.vault, home.decisions
    returned = come_back(vault, decisions, pseudonymiser.key)
    decisions.add(WITHDRAWALS, [{**row, "decided_at": now} for row in returned])
    withdrawn: Mapping[str, str] = decisions.withdrawn()
    days = vault.days(timezone, date.max, withdrawn, decisions.person_readings())
    going = vault.holding(withdrawn) | set(decisions.pending()["submission_id"].to_pylist())
    if touched := [day for day in days if _holds(day, going)]:
        home.forget_from(touched[0].day)
        vault.withdraw(withdrawn)
    return days, len(going)


def _holds(day: Day, submission_ids: set[str]) -> bool:
    found = pc.is_in(
        day.submissions["submission_id"], pa.array(sorted(submission_ids), pa.string())
    )
    return bool(pc.any(found).as_py())


def come_back(vault: Vault, decisions: Decisions, key: bytes) -> list[Row]:
    """Return a decision for each submission that is a withdrawn message found elsewhere.

    By its bytes; or, when the servers it went through changed them, by what its author wrote.
    """
    rows = decisions.read(WITHDRAWALS).to_pylist()
    if not rows:
        return []
    decided = {row["submission_id"]: row for row in rows}
    traced = {row["message_trace"]: row for row in rows if row["message_trace"]}
    same = {
        submission_id: traced[trace]
        for submission_id, trace in message_traces(vault, key)
        if trace in traced
    }
    same |= _same_bytes(vault, decided)
    return [
        {**row, "submission_id": submission_id}
        for submission_id, row in same.items()
        if submission_id not in decided
    ]


def _same_bytes(vault: Vault, decided: Mapping[str, Row]) -> dict[str, Row]:
    """Return the decision of each submission whose bytes are those of a message decided upon."""
    received = vault.deliveries(["submission_id", "message_sha256"])
    is_decided = pc.is_in(received["submission_id"], pa.array(decided, pa.string()))
    of_bytes = {
        row["message_sha256"]: decided[row["submission_id"]]
        for row in received.filter(is_decided).to_pylist()
    }
    again = received.filter(pc.is_in(received["message_sha256"], pa.array(of_bytes, pa.string())))
    return {row["submission_id"]: of_bytes[row["message_sha256"]] for row in again.to_pylist()}
