"""Measure the parse stage, isolation included, beside its parts and the standard library.

    python benchmarks/parsing.py BOX/Maildir/cur [--processes 2]

Each line: messages a second of wall clock, and seconds of CPU of all processes. Starting the
reading processes, once a run, is measured apart.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tasks.isolation import Readers
from tasks.mail.sources.mailbox import MAIL
from tasks.mail.submissions import Submission, read_submission, unread_submission
from tasks.parse import CHUNK_MESSAGES as CHUNK
from warehouse.contracts import PARSED

Chunks = list[list[Submission]]
READ = partial(read_submission, trusted=frozenset[str]())


def read_here(chunks: Chunks) -> None:
    """Read in this process: what isolation is added to."""
    for chunk in chunks:
        pa.Table.from_pylist([READ(submission) for submission in chunk], schema=PARSED.schema)


def read_isolated(chunks: Chunks, readers: Readers[Submission, dict[str, object]]) -> None:
    """Read as the parse stage does."""
    rows = [row for chunk in readers.read(chunks) for row in chunk]
    pa.Table.from_pylist(rows, schema=PARSED.schema)


def read_with_email(chunks: Chunks) -> None:
    """Let the standard library find the text of each message: no own words, nothing more."""
    for chunk in chunks:
        for submission in chunk:
            message = email.message_from_bytes(submission.raw, policy=email.policy.default)
            try:
                body = message.get_body(("plain", "html"))  # type: ignore[attr-defined]
                if body is not None:
                    body.get_content()
            except (LookupError, ValueError, KeyError):
                continue


def measure(name: str, count: int, work: Callable[[], None]) -> None:
    """Print how fast some work is."""
    cpu, wall = sum(os.times()[:4]), time.perf_counter()
    work()
    seconds = time.perf_counter() - wall
    print(
        f"{name:<44} {count / seconds:>6.0f} messages/s {sum(os.times()[:4]) - cpu:>6.1f} s of CPU"
    )


def main() -> None:
    """Read a folder of messages in three ways."""
    parser = argparse.ArgumentParser(description="Measure the parse stage.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    raws = [path.read_bytes() for path in sorted(arguments.folder.iterdir())]
    submissions = [Submission(f"s-{n:016x}", MAIL, raw) for n, raw in enumerate(raws)]
    chunks = [submissions[n : n + CHUNK] for n in range(0, len(submissions), CHUNK)]
    read_here([submissions[:1]])  # the first table imports pandas, through pyarrow
    for processes in sorted({1, arguments.processes}):
        readers = Readers(processes, READ, unread_submission)
        start = time.perf_counter()
        read_isolated([[submission] for submission in submissions[:processes]], readers)
        print(f"starting {processes}: {time.perf_counter() - start:.2f} s")
        with readers:  # the CPU of children counts once they have ended
            measure(
                f"isolated, {processes} process(es)",
                len(raws),
                partial(read_isolated, chunks, readers),
            )
    measure("in this process, not isolated", len(raws), partial(read_here, chunks))
    measure("email, policy.default, the text alone", len(raws), partial(read_with_email, chunks))


if __name__ == "__main__":
    main()
