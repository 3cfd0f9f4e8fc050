"""Validate: from what was read to a verdict on each submission, a fold over the days received.

A day's verdicts depend on that day and on the days before, never on later ones: what a later
message changes (an author who replaces a contribution) is written with that message. Days are
judged many at a time, with the same verdicts as one by one.
"""

from __future__ import annotations

import functools
import hashlib
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
# Each validation costs a quarter of a second before its first row.
JUDGED_TOGETHER = 20_000
_TEXTS_AT_ONCE = 1_000
_KEYS = pa.schema([VERDICTS.schema.field(name) for name in ("text_key", "message_key")])
CARRIED = [
    *("submission_id", "message_sha256", "contributor_id"),
    *("message_key", "text_key", "status", "reason"),
]
_JUDGED = ["is_unreadable", "machine", "content_word_count"]
_TOLD = ["sender_verified", "sender_disposable"]
READ = [
    *("from_address", "message_id", "own_text", "is_cover_note", "is_revision", "has_unread_part"),
    *(*_JUDGED, *_TOLD),
]
_DECIDED = ("status", "reason", "duplicate_of", "supersedes")


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


class _Stale(NamedTuple):
    """A day whose verdicts are to be made, and the fingerprint they will have."""

    day: Day
    fingerprint: str


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
    stale = _stale(
        lake, days, sha256_of(["verdicts", code, repr(rules), pseudonymiser.fingerprint])
    )
    if not stale:
        return 0
    past = [day.day for day in days[: len(days) - len(stale)]]
    earlier = lake.read("verdicts", past, VERDICTS.schema, CARRIED)
    for together in _together(stale):
        read = ((day, vault.parsed(day, READ)) for day, _ in together)
        verdicts = judge_days(read, earlier, rules, pseudonymiser)
        refuse_broken(VERDICTS, verdicts)
        earlier = pa.concat_tables([earlier, verdicts.select(CARRIED)])
        for day, fingerprint in together:
            count = day.submissions.num_rows
            lake.write("verdicts", day.day, verdicts.slice(0, count), fingerprint)
            verdicts = verdicts.slice(count)
    return sum(day.submissions.num_rows for day, _ in stale)


def _stale(lake: Lake, days: Sequence[Day], fingerprint: str) -> list[_Stale]:
    """Return the first day whose verdicts are not current, and all after it."""
    stale: list[_Stale] = []
    for day in days:
        fingerprint = sha256_of([fingerprint, day.fingerprint])
        if stale or lake.fingerprint("verdicts", day.day) != fingerprint:
            stale.append(_Stale(day, fingerprint))
    return stale


def _together(stale: Iterable[_Stale]) -> Iterator[list[_Stale]]:
    """Cut days into runs of at most JUDGED_TOGETHER submissions, or of one day."""
    run: list[_Stale] = []
    held = 0
    for one in stale:
        count = one.day.submissions.num_rows
        if run and held + count > JUDGED_TOGETHER:
            yield run
            run, held = [], 0
        run.append(one)
        held += count
    if run:
        yield run


def refuse_broken(contract: Table, rows: pa.Table) -> None:
    """Raise ContractBrokenError when rows do not hold what their contract declares."""
    broken = check_table(contract, rows)
    if broken:
        raise ContractBrokenError(" ; ".join(failure.sentence for failure in broken))


def judge_days(
    read: Iterable[tuple[Day, pa.Table]],
    earlier: pa.Table,
    rules: Rules,
    pseudonymiser: Pseudonymiser,
) -> pa.Table:
    """Return the verdicts on the submissions of some days, given those of the days before.

    `read` has with each day the columns READ of its submissions; `earlier` has the columns
    CARRIED. Both are in the order of reception.
    """
    rows = pa.concat_tables([_keyed(rank, *one, pseudonymiser) for rank, one in enumerate(read)])
    past = _concerned(earlier, rows).to_pandas()
    frame = rows.drop_columns(["received_date", "sources"]).to_pandas()
    frame["repeats"] = _repeated(frame, past)
    frame = judge_submissions(frame, rules)
    past = past[past["status"] == "accepted"]
    double = _double(frame, past)
    reason = frame["reason"].mask(double.notna(), "duplicate_text")
    frame = with_reason(frame, reason.set_axis(frame["submission_id"]))
    frame["duplicate_of"] = double.fillna(frame["repeats"])
    frame["supersedes"] = _superseded(frame, past)
    return _verdicts(rows, frame)


def _keyed(rank: int, day: Day, parsed: pa.Table, pseudonymiser: Pseudonymiser) -> pa.Table:
    """Return what verdicts are made of, without a word of anybody: facts and keys."""
    given, count = day.submissions, parsed.num_rows
    people = contributor_ids(
        parsed["from_address"].to_pylist(), given["submission_id"].to_pylist(), pseudonymiser.key
    )
    contributors = pa.array(people, pa.string())
    keys = pa.Table.from_pylist(list(_keys(given, parsed, contributors)), _KEYS)
    columns = {
        **dict(zip(given.column_names, given.columns, strict=True)),
        **{name: parsed[name] for name in (*_JUDGED, *_TOLD, "is_revision")},
        "received_date": pa.repeat(pa.scalar(day.day, pa.date32()), count),
        "day_rank": pa.repeat(rank, count),
        "contributor_id": contributors,
        "text_key": keys["text_key"],
        "message_key": keys["message_key"],
        "awaits_reader": _awaits_reader(given, parsed),
    }
    return pa.table(columns)


def _keys(given: pa.Table, parsed: pa.Table, contributors: pa.Array) -> Iterator[dict[str, str]]:
    """Yield what the same text of the same author has in common, and the same message."""
    read = pa.table(
        [contributors, parsed["own_text"], parsed["message_id"], given["message_sha256"]],
        ["contributor_id", "own_text", "message_id", "message_sha256"],
    )
    for batch in read.to_batches(max_chunksize=_TEXTS_AT_ONCE):
        for who, words, message_id, sha256 in zip(*(c.to_pylist() for c in batch), strict=True):
            text = f"{who}\0{' '.join(words.split())}"
            # Without a Message-ID, only identical bytes (twice in one listing) are one message.
            message = sha256 if message_id is None else _digest(f"{message_id}\0{text}")
            yield {"text_key": _digest(text), "message_key": message}


def _awaits_reader(given: pa.Table, parsed: pa.Table) -> pa.ChunkedArray:
    """Tell the submissions whose author's words stand in what only a person can read."""
    nothing = pc.or_(parsed["is_cover_note"], pc.equal(parsed["content_word_count"], 0))
    unread = pc.and_(parsed["has_unread_part"], nothing)
    unread = pc.or_(unread, pc.greater(pc.utf8_length(parsed["own_text"]), LONGEST_TEXT))
    return pc.and_(unread, pc.is_null(given["person_reading"]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _concerned(earlier: pa.Table, rows: pa.Table) -> pa.Table:
    """Return what came earlier of the same messages, texts or people: nothing else tells."""
    keys = ("message_sha256", "message_key", "text_key", "contributor_id")
    same = (pc.field(key).isin(rows[key].combine_chunks()) for key in keys)
    return earlier.filter(functools.reduce(operator.or_, same))


def _repeated(frame: pd.DataFrame, past: pd.DataFrame) -> pd.Series:
    """Return, for each submission, the first that is the same message; null for a first one.

    One that cannot be read, or has no date, hides no message of a later day.
    """
    is_read = frame["received_at"].notna() & ~frame["is_unreadable"]
    arrived = pd.concat(
        [
            past[~past["reason"].isin(["unreadable"])].assign(day_rank=-1),
            frame[is_read | frame["withdrawal"].notna()],
        ]
    )
    same_bytes = _first_with(frame, arrived, "message_sha256")  # even of nobody in particular
    return _first_with(frame, arrived, "message_key").fillna(same_bytes)


def _first_with(frame: pd.DataFrame, arrived: pd.DataFrame, key: str) -> pd.Series:
    """Return, for each row, the first with its key: among those arrived before its day, or of it.

    Null for a first one.
    """
    known = arrived.drop_duplicates(key).set_index(key)
    is_before = frame[key].map(known["day_rank"]) < frame["day_rank"]
    of_day = frame.groupby(["day_rank", key])["submission_id"].transform("first")
    first = frame[key].map(known["submission_id"]).where(is_before, of_day)
    return first.where(first != frame["submission_id"]).astype("string")


def _double(frame: pd.DataFrame, past: pd.DataFrame) -> pd.Series:
    """Return, for each accepted text, the one that its author sent first; null for a first one."""
    accepted = frame[frame["status"] == "accepted"]
    sequence = pd.concat([past, accepted])
    known = sequence.drop_duplicates("text_key").set_index("text_key")["submission_id"]
    first = accepted["text_key"].map(known)
    return first.where(first != accepted["submission_id"]).reindex(frame.index).astype("string")


def _superseded(frame: pd.DataFrame, past: pd.DataFrame) -> pd.Series:
    """Return, for each accepted revision, its author's latest accepted submission before it."""
    columns = ["contributor_id", "submission_id"]
    accepted = frame[frame["status"] == "accepted"]
    sequence = pd.concat([past[columns], accepted[columns]], ignore_index=True)
    previous = sequence.groupby("contributor_id")["submission_id"].shift()
    previous.index = pd.Index(sequence["submission_id"])
    return frame["submission_id"].map(previous).where(frame["is_revision"])


def _verdicts(rows: pa.Table, frame: pd.DataFrame) -> pa.Table:
    """Put what was decided beside the facts."""
    schema = pa.schema([VERDICTS.schema.field(name) for name in _DECIDED])
    decided = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    for name in _DECIDED:
        rows = rows.append_column(name, decided[name])
    return rows.select(VERDICTS.schema.names).cast(VERDICTS.schema)
