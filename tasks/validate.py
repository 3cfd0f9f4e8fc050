"""Validate: from what was read to a verdict on each submission, a fold over the days received.

A day's verdicts depend on that day and on the days before, never on later ones: what a later
message changes (an author who replaces a contribution) is written with that message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from expectations.published import check_table
from expectations.verdicts import Rules, judge_submissions, with_reason
from tasks.privacy.pseudonyms import contributor_ids
from tasks.stage import stage
from warehouse.contracts import VERDICTS, Table
from warehouse.failures import FaultError
from warehouse.files import sha256_of
from warehouse.home import key_fingerprint
from warehouse.lake import Lake
from warehouse.vault import Day, Vault

# A hundred pages and more are read by a person: no letter holds up the others.
LONGEST_TEXT = 300_000
CARRIED = [
    *("submission_id", "message_sha256", "contributor_id"),
    *("message_key", "text_key", "status", "reason"),
]


class ContractBrokenError(FaultError):
    """A stage made rows its contract refuses: a fault of the program, named by its sentence."""


@dataclass(frozen=True)
class Pseudonymiser:
    """The consultation's key, and a fingerprint of it that may be written down."""

    key: bytes

    @property
    def fingerprint(self) -> str:
        """What a day's verdicts remember of the key: another key makes them again."""
        return key_fingerprint(self.key)


@stage
def validate(
    vault: Vault,
    lake: Lake,
    days: Sequence[Day],
    rules: Rules,
    pseudonymiser: Pseudonymiser,
    code: str,
) -> int:
    """Write each day's verdicts that are not current; return how many submissions were judged."""
    judged = 0
    earlier: pd.DataFrame | None = None
    fingerprint = sha256_of(["verdicts", code, repr(rules), pseudonymiser.fingerprint])
    for position, day in enumerate(days):
        fingerprint = sha256_of([fingerprint, day.fingerprint])
        if lake.fingerprint("verdicts", day.day) == fingerprint:
            continue
        if earlier is None:
            past = [d.day for d in days[:position]]
            earlier = lake.read("verdicts", past, VERDICTS.schema, CARRIED).to_pandas()
        verdicts = judge_day(day, vault.parsed(day), earlier, rules, pseudonymiser)
        refuse_broken(VERDICTS, verdicts)
        lake.write("verdicts", day.day, verdicts, fingerprint)
        earlier = pd.concat([earlier, verdicts.select(CARRIED).to_pandas()], ignore_index=True)
        judged += verdicts.num_rows
    return judged


def refuse_broken(contract: Table, rows: pa.Table) -> None:
    """Raise ContractBrokenError when rows do not hold what their contract declares."""
    broken = check_table(contract, rows)
    if broken:
        raise ContractBrokenError(" ; ".join(failure.sentence for failure in broken))


def judge_day(
    day: Day, parsed: pa.Table, earlier: pd.DataFrame, rules: Rules, pseudonymiser: Pseudonymiser
) -> pa.Table:
    """Return the verdicts of a day's submissions, given those of the days before.

    `earlier` has the columns CARRIED, in the order of reception.
    """
    frame = _frame(day, parsed, pseudonymiser)
    arrived = earlier[~earlier["reason"].isin(["unreadable"])]  # a copy without date hides no other
    frame["repeats"] = _first_with(frame, arrived, "message_key").fillna(
        _first_with(
            frame, arrived, "message_sha256"
        )  # the same bytes, even of nobody in particular
    )
    frame = judge_submissions(frame, rules)
    accepted = frame["status"] == "accepted"
    past = earlier[earlier["status"] == "accepted"]
    frame["duplicate_of"] = _first_with(frame[accepted], past, "text_key").reindex(frame.index)
    repeated = accepted & frame["duplicate_of"].notna()
    reason = frame["reason"].where(~repeated, "duplicate_text")
    frame = with_reason(frame, reason.set_axis(frame["submission_id"]))
    frame["duplicate_of"] = frame["duplicate_of"].fillna(frame["repeats"])
    frame["supersedes"] = _superseded(frame, past)
    return pa.Table.from_pandas(frame, schema=VERDICTS.schema, preserve_index=False)


def _frame(day: Day, parsed: pa.Table, pseudonymiser: Pseudonymiser) -> pd.DataFrame:
    """Put the day's submissions beside what was read in them, and key them."""
    frame: pd.DataFrame = pd.concat(
        [day.submissions.to_pandas(), parsed.drop_columns(["submission_id"]).to_pandas()], axis=1
    )
    frame["received_date"] = day.day
    frame["contributor_id"] = contributor_ids(
        parsed["from_address"].to_pylist(), parsed["submission_id"].to_pylist(), pseudonymiser.key
    )
    text = frame["contributor_id"] + "\0" + frame["own_text"].str.split().str.join(" ")
    frame["text_key"] = _digest(text)
    # Without a Message-ID, only identical bytes (twice in one listing) are the same message.
    frame["message_key"] = _digest(frame["message_id"] + "\0" + text).fillna(
        frame["message_sha256"]
    )
    unread = frame["has_unread_part"] & (
        frame["is_cover_note"] | (frame["content_word_count"] == 0)
    )
    unread |= frame["own_text"].str.len() > LONGEST_TEXT
    frame["awaits_reader"] = unread & frame["person_reading"].isna()
    return frame


def _digest(text: pd.Series) -> pd.Series:
    return text.map(
        lambda t: hashlib.sha256(t.encode("utf-8", "surrogatepass")).hexdigest(), na_action="ignore"
    ).astype("string")


def _first_with(frame: pd.DataFrame, earlier: pd.DataFrame, key: str) -> pd.Series:
    """Return, for each row, the first submission before it with its key; null for a first one."""
    columns = ["submission_id", key]
    sequence = pd.concat([earlier[columns], frame[columns]], ignore_index=True)
    known = sequence.dropna().drop_duplicates(key).set_index(key)["submission_id"]
    first = frame[key].map(known)
    return first.where(first != frame["submission_id"]).astype("string")


def _superseded(frame: pd.DataFrame, past: pd.DataFrame) -> pd.Series:
    """Return, for each accepted revision, its author's latest accepted submission before it."""
    columns = ["contributor_id", "submission_id"]
    accepted = frame[frame["status"] == "accepted"]
    sequence = pd.concat([past[columns], accepted[columns]], ignore_index=True)
    previous = sequence.groupby("contributor_id")["submission_id"].shift()
    previous.index = pd.Index(sequence["submission_id"])
    return frame["submission_id"].map(previous).where(frame["is_revision"])
