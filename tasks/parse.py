"""Parse: from raw messages to what was read in them, batch by batch, in processes that may die."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from tasks.isolation import Readers
from tasks.mail.received import HEADER_BYTES
from tasks.mail.submissions import Submission, read_submission, unread_submission
from tasks.stage import stage
from warehouse.contracts import PARSED
from warehouse.files import sha256_of
from warehouse.vault import Batch, Vault

CHUNK_MESSAGES, CHUNK_BYTES = 250, 16_000_000


@stage
def parse(
    vault: Vault,
    processes: int,
    message_bytes: int,
    trusted: frozenset[str],
    code: str,
    progress: Callable[[float], None],
) -> int:
    """Read every message not yet read by this program; return how many were.

    Of a message over `message_bytes` only the header is read: it will wait for a person. `trusted`
    names the servers whose word on authors is believed.
    """
    # Another limit reads again what was too large, other servers what they said.
    reader = sha256_of([code, str(message_bytes), *sorted(trusted)])
    batches = vault.unparsed(reader)
    read = 0
    with Readers(
        processes, partial(read_submission, trusted=trusted), unread_submission
    ) as readers:
        for done, batch in enumerate(batches, 1):
            parsed = _read_batch(vault, batch, readers, message_bytes)
            vault.write_parsed(batch, parsed, reader)
            read += parsed.num_rows
            progress(done / len(batches))
    return read


def _read_batch(
    vault: Vault,
    batch: Batch,
    readers: Readers[Submission, dict[str, Any]],
    message_bytes: int,
) -> pa.Table:
    chunks = readers.read(_chunks(vault.messages(batch), message_bytes))
    tables = (pa.Table.from_pylist(rows, schema=PARSED.schema) for rows in chunks)
    return pa.concat_tables([PARSED.schema.empty_table(), *tables])


def _chunks(messages: pa.Table, message_bytes: int) -> Iterator[list[Submission]]:
    chunk: list[Submission] = []
    weight = 0
    for batch in messages.to_batches(max_chunksize=CHUNK_MESSAGES):
        columns = batch.to_pydict()
        raws = (raw if len(raw) <= message_bytes else raw[:HEADER_BYTES] for raw in columns["raw"])
        for submission in map(Submission, columns["submission_id"], columns["media_type"], raws):
            chunk.append(submission)
            weight += len(submission.raw)
            if len(chunk) == CHUNK_MESSAGES or weight >= CHUNK_BYTES:
                yield chunk
                chunk, weight = [], 0
    if chunk:
        yield chunk
