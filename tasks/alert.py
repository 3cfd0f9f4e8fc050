"""Alert: letters that a person must see the same day, whatever becomes of them in the ledger.

Every letter that is not a machine's is read, late, duplicate or rejected ones too, with its subject
and the lines that say who writes. What is flagged stays in the lake and the working database: it is
never published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tasks.language.attention import flag_letters
from tasks.stage import stage
from tasks.workers import Workers
from warehouse.contracts import ATTENTION
from warehouse.files import read_note, sha256_of
from warehouse.lake import Lake
from warehouse.vault import Day, Vault

CHUNK = 500


@stage
def alert(
    vault: Vault, lake: Lake, days: Sequence[Day], workers: Workers, code: str
) -> Counter[str]:
    """Write the flags of each day that are not current; count those nobody was told of, by code."""
    told: Counter[str] = Counter()
    for day in days:
        # A batch that was read again may tell a machine from a person where it did not before.
        readers = (read_note(path, "reader") or "" for path in day.parsed)
        fingerprint = sha256_of(["attention", code, day.fingerprint, *readers])
        if lake.fingerprint("attention", day.day) != fingerprint:
            flags = flag_day(day, all_read(vault, day), workers)
            known = keys(lake.read("attention", [day.day], ATTENTION.schema))
            lake.write("attention", day.day, flags, fingerprint)
            told.update(code for _, code in keys(flags) - known)
    return told


def all_read(vault: Vault, day: Day) -> pa.Table:
    """Return what was read in the messages of a day, by people and by the program.

    Words that a person typed or set aside silence nothing that those of the program said.
    """
    rows = vault.parsed(day)
    if not day.is_read_by_people:
        return rows
    place = rows.schema.get_field_index("own_text")
    own, sent = (t["own_text"] for t in (rows, vault.parsed(day.as_program_reads())))
    both = pc.if_else(pc.equal(own, sent), own, pc.binary_join_element_wise(own, sent, "\n\n"))
    return rows.set_column(place, rows.schema.field("own_text"), both)


def keys(flags: pa.Table) -> set[tuple[str, str]]:
    """Return which letters are flagged, and why: its code."""
    return set(zip(flags["submission_id"].to_pylist(), flags["code"].to_pylist(), strict=True))


def flag_day(day: Day, parsed: pa.Table, workers: Workers) -> pa.Table:
    """Return a row a letter and reason for somebody to read it, in the order of reception."""
    letters = parsed.filter(pc.is_null(parsed["machine"]))
    parts = (letters.slice(n, CHUNK) for n in range(0, letters.num_rows, CHUNK))
    columns = ("submission_id", "subject", "own_text", "from_name", "from_address", "signature")
    work = (tuple(part[name].to_pylist() for name in columns) for part in parts)
    found = pa.concat_tables([ATTENTION.schema.empty_table(), *workers.map(flags_of, work)])
    received = pa.array([day.day] * found.num_rows, pa.date32())
    place = ATTENTION.schema.get_field_index("received_date")
    return found.set_column(place, ATTENTION.schema.field("received_date"), received)


def flags_of(
    ids: list[str],
    subjects: list[str],
    texts: list[str],
    names: list[str | None],
    addresses: list[str | None],
    signatures: list[str],
) -> pa.Table:
    """Flag letters in a worker process; their day is filled in afterwards."""
    authors = [
        [line for line in (name, address, *signature.splitlines()) if line]
        for name, address, signature in zip(names, addresses, signatures, strict=True)
    ]
    rows = [
        {"submission_id": submission_id, "code": flag.code, "why": flag.why}
        for submission_id, flags in zip(ids, flag_letters(subjects, texts, authors), strict=True)
        for flag in flags
    ]
    return pa.Table.from_pylist(rows, schema=ATTENTION.schema)
