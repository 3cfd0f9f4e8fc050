"""Parse: from raw messages to what was read in them, batch by batch, in worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.mail.reading import read_batch
from tasks.mail.received import HEADER_BYTES
from tasks.workers import Workers
from warehouse.contracts import PARSED
from warehouse.vault import Vault

CHUNK = 250


@task(name="parse", cache_policy=NO_CACHE)
def parse(
    vault: Vault,
    workers: Workers,
    message_bytes: int,
    code: str,
    progress: Callable[[float], None],
) -> int:
    """Read every message not yet read by this program; return how many were.

    Of a message over `message_bytes` only the header is read: it will wait for a person.
    """
    reader = f"{code} {message_bytes}"  # another limit reads again what was too large
    batches = vault.unparsed(reader)
    read = 0
    for done, batch in enumerate(batches, 1):
        messages = vault.messages(batch)
        tables = workers.map(read_batch, _chunks(messages, message_bytes))
        parsed = pa.concat_tables([PARSED.schema.empty_table(), *tables])
        vault.write_parsed(batch, parsed, reader)
        read += messages.num_rows
        progress(done / len(batches))
    return read


def _chunks(messages: pa.Table, message_bytes: int) -> Iterator[tuple[list[str], list[bytes]]]:
    for start in range(0, messages.num_rows, CHUNK):
        chunk = messages.slice(start, CHUNK)
        raws = chunk["raw"].to_pylist()
        yield (
            chunk["submission_id"].to_pylist(),
            [raw if len(raw) <= message_bytes else raw[:HEADER_BYTES] for raw in raws],
        )
