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

from tasks.language.attention import FLAGS, READ, flags_of
from tasks.stage import stage
from tasks.workers import Workers, parts_of
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
    letters = parsed.filter(pc.is_null(parsed["machine"])).select(READ)
    work = ((part,) for part in parts_of(letters, CHUNK))
    found = pa.concat_tables([FLAGS.empty_table(), *workers.map(flags_of, work)])
    received = pa.repeat(pa.scalar(day.day, pa.date32()), found.num_rows)
    columns = [received if n == "received_date" else found[n] for n in ATTENTION.schema.names]
    return pa.table(columns, schema=ATTENTION.schema)
