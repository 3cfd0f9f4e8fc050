"""Protect: from accepted submissions to contributions that name nobody.

Each is masked by itself: when mail is found late, those of its day that were masked the same way
are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tasks.consultation import PublicNames
from tasks.privacy.persons import Policy
from tasks.privacy.protection import KEPT, READ, protected
from tasks.stage import stage
from tasks.workers import Workers, parts_of
from warehouse.contracts import LAKE_CONTRIBUTIONS, VERDICTS
from warehouse.files import read_note, sha256_of
from warehouse.lake import Lake, places
from warehouse.vault import Day, Vault

CHUNK = 500
HELD = pa.schema([("submission_id", pa.string()), *KEPT])


@stage
def protect(
    vault: Vault,
    lake: Lake,
    days: Sequence[Day],
    department: str,
    public_names: PublicNames,
    workers: Workers,
    code: str,
) -> int:
    """Write the contributions of each day that are not current; return how many were masked.

    Another policy on public names masks every day again.
    """
    policy = Policy(public_names.office_holders == "keep", public_names.names)
    masked = 0
    for day in days:
        columns = ["submission_id", "contributor_id", "status"]
        verdicts = lake.read("verdicts", [day.day], VERDICTS.schema, columns)
        accepted = verdicts.filter(pc.equal(verdicts["status"], "accepted"))
        ids = accepted["submission_id"].to_pylist()
        authors = accepted["contributor_id"].to_pylist()
        fingerprint = sha256_of(
            ["contributions", code, department, repr(policy), day.fingerprint, *ids, *authors]
        )
        if lake.fingerprint("contributions", day.day) == fingerprint:
            continue
        made_by = sha256_of([code, department, repr(policy), *_readers(day)])
        is_same = lake.made_by("contributions", day.day) == made_by
        held = lake.read("contributions", [day.day] if is_same else [], HELD)
        held = held.take(places(held["submission_id"], accepted["submission_id"]))
        contributions = protect_day(
            day, vault.parsed(day), accepted, held, department, policy, workers
        )
        lake.write("contributions", day.day, contributions, fingerprint, made_by)
        masked += contributions.num_rows - held.num_rows
    return masked


def _readers(day: Day) -> Iterator[str]:
    """Yield what tells how the messages of a day were read, by the program and by people."""
    yield from sorted({read_note(path, "reader") or "" for path in day.parsed})
    readings = day.submissions.select(["submission_id", "person_reading"]).drop_null()
    yield from (f"{row['submission_id']} {row['person_reading']}" for row in readings.to_pylist())


def protect_day(
    day: Day,
    parsed: pa.Table,
    accepted: pa.Table,
    held: pa.Table,
    department: str,
    policy: Policy,
    workers: Workers,
) -> pa.Table:
    """Return the contributions behind a day's accepted submissions, in the order of reception.

    Those of which `held` has what is kept are not masked again.
    """
    rows = parsed.append_column("received_at", day.submissions["received_at"])
    positions = pc.index_in(
        accepted["submission_id"].combine_chunks(), rows["submission_id"].combine_chunks()
    )
    rows = rows.take(positions)
    is_held = pc.is_in(rows["submission_id"], held["submission_id"].combine_chunks())
    new = rows.filter(pc.invert(is_held))
    work = ((part, department, policy) for part in parts_of(new.select(READ), CHUNK))
    masked = pa.concat_tables([KEPT.empty_table(), *workers.map(protected, work)])
    masked = masked.add_column(0, HELD.field("submission_id"), new["submission_id"])
    kept = pa.concat_tables([held, masked])
    kept = kept.take(places(kept["submission_id"], rows["submission_id"]))
    return contributions_table(rows, accepted["contributor_id"], kept, day.day)


def contributions_table(
    rows: pa.Table,
    contributor_ids: pa.ChunkedArray,
    kept: pa.Table,
    day: date | None,
) -> pa.Table:
    """Lay out contributions as their contract says."""
    texts = kept["text"]
    columns = {
        "contribution_id": pc.replace_substring_regex(rows["submission_id"], "^s-", "c-"),
        "submission_id": rows["submission_id"],
        "contributor_id": contributor_ids,
        "contributor_type": kept["contributor_type"],
        "received_at": rows["received_at"],
        "received_date": pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows),
        "text": texts,
        "word_count": pc.cast(pc.list_value_length(pc.utf8_split_whitespace(texts)), pa.int64()),
        "language": rows["language"],
        "commune_code": kept["commune_code"],
        "from_attachment": rows["from_attachment"],
    }
    schema = LAKE_CONTRIBUTIONS.schema
    return pa.table([columns[name] for name in schema.names], schema=schema)
