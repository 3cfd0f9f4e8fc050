"""Parse: from raw messages to what was read in them, batch by batch, in processes that may die.

On a cluster, stored batches are read by the machine of a worker, which stores what was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from tasks.isolation import Readers
from tasks.mail.received import HEADER_BYTES
from tasks.mail.submissions import Submission, read_submission, unread_submission
from tasks.stage import stage
from tasks.workers import Workers
from warehouse.contracts import PARSED
from warehouse.files import sha256_of
from warehouse.vault import Batch, Vault

CHUNK_MESSAGES, CHUNK_BYTES = 250, 16_000_000
PIECES = 4  # of a cluster's worker: another does again what was begun by one that dies
MailReaders = Readers[Submission, dict[str, Any]]
# Of a cluster's worker, between its pieces: a reading process takes seconds to start.
_IDLE: Final[list[tuple[frozenset[str], MailReaders]]] = []


@stage
def parse(
    vault: Vault,
    workers: Workers,
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
    if workers.are_elsewhere:
        pieces = min(PIECES * workers.count, len(batches))
        shares = (batches[n::pieces] for n in range(pieces))
        work = ((vault.root, share, message_bytes, trusted, reader) for share in shares)
        counts = workers.map(parse_elsewhere, work)
    else:
        pieces = len(batches)
        counts = _parse_here(vault, batches, workers.count, message_bytes, trusted, reader)
    read = 0
    for done, count in enumerate(counts, 1):
        read += count
        progress(done / pieces)
    if pieces:
        workers.on_each(stop_readers)
    return read


def parse_batches(
    vault: Vault, batches: Sequence[Batch], readers: MailReaders, message_bytes: int, reader: str
) -> Iterator[int]:
    """Store what is read in each batch, and yield how many messages it has."""
    for batch in batches:
        parsed = _read_batch(vault, batch, readers, message_bytes)
        vault.write_parsed(batch, parsed, reader)
        yield parsed.num_rows


def _parse_here(
    vault: Vault,
    batches: Sequence[Batch],
    processes: int,
    message_bytes: int,
    trusted: frozenset[str],
    reader: str,
) -> Iterator[int]:
    with _readers(processes, trusted) as readers:
        yield from parse_batches(vault, batches, readers, message_bytes, reader)


# --- on a worker of a cluster --------------------------------------------------------------------


def parse_elsewhere(
    root: Path, batches: Sequence[Batch], message_bytes: int, trusted: frozenset[str], reader: str
) -> int:
    """Store what is read in some batches; it needs no secret of ours."""
    with _kept_readers(trusted) as readers:
        return sum(parse_batches(Vault(root), batches, readers, message_bytes, reader))


def stop_readers() -> None:
    """End what this worker keeps between its pieces."""
    while _IDLE:
        _IDLE.pop()[1].stop()


@contextmanager
def _kept_readers(trusted: frozenset[str]) -> Iterator[MailReaders]:
    """Lend a reading process of this worker; it is kept unless the reading fails."""
    readers = None
    while _IDLE and readers is None:  # a worker of several threads has several
        believed, idle = _IDLE.pop()
        if believed == trusted:
            readers = idle
        else:
            idle.stop()
    readers = readers or _readers(1, trusted)
    try:
        yield readers
    except BaseException:
        readers.stop()
        raise
    _IDLE.append((trusted, readers))


def _readers(processes: int, trusted: frozenset[str]) -> MailReaders:
    return Readers(processes, partial(read_submission, trusted=trusted), unread_submission)


# --- batch by batch ------------------------------------------------------------------------------


def _read_batch(
    vault: Vault,
    batch: Batch,
    readers: MailReaders,
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
