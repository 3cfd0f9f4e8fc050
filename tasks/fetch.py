"""Fetch: from the sources to the vault. Raw bytes are safe on disk before anything else is done.

A submission is one delivery in one listing of a source. The same bytes twice in a listing are two;
the same bytes in another source, or under another name, are the same submission seen again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.consultation import Source
from tasks.mail.sources import Mailbox, open_source
from warehouse.vault import Vault, batched

BATCH_MESSAGES = 20_000
BATCH_BYTES = 64_000_000


@dataclass(frozen=True)
class Fetched:
    """What the sources held: messages listed, and those of them that were new."""

    listed_count: int
    new_count: int


@task(name="fetch", cache_policy=NO_CACHE)
def fetch(
    vault: Vault, sources: Sequence[Source], base: Path, timezone: ZoneInfo, now: datetime
) -> Fetched:
    """Store every message that the vault does not hold yet; nothing changes at the sources."""
    listed = new = 0
    for source in sources:
        opened = open_source(source.uri, base)
        arrivals = _Arrivals(vault, source, opened.locators())
        listed += len(arrivals.listing)
        for deliveries in batched(arrivals.rows(opened, now), BATCH_MESSAGES, BATCH_BYTES):
            vault.add(deliveries, timezone)
            new += deliveries.num_rows
    return Fetched(listed, new)


class _Arrivals:
    """A listing of one source beside what the vault knows of it."""

    def __init__(self, vault: Vault, source: Source, listing: list[str]) -> None:
        self.listing = listing
        self._source = source
        # A locator means something in its own place only: two mailboxes may use the same names.
        self._place = hashlib.sha256(source.uri.encode()).hexdigest()[:8]
        deliveries = vault.deliveries().select(
            ["submission_id", "message_sha256", "occurrence", "source", "locator"]
        )
        self._stored: set[str] = set(deliveries["submission_id"].to_pylist())
        self._taken: dict[str, set[int]] = defaultdict(set)
        self._known: set[str] = set()
        listed = {self._locator(name) for name in listing}
        for row in deliveries.to_pylist():
            if row["source"] == source.name and row["locator"] in listed:
                self._known.add(row["locator"])
                self._taken[row["message_sha256"]].add(row["occurrence"])

    def _locator(self, name: str) -> str:
        return f"{self._place}:{name}"

    def rows(self, opened: Mailbox, now: datetime) -> Iterator[dict[str, object]]:
        """Yield a row of `vault.raw` for each message of the listing that is not known."""
        for message in opened.read(
            [n for n in self.listing if self._locator(n) not in self._known]
        ):
            taken = self._taken[message.sha256]
            occurrence = next(n for n in count() if n not in taken)
            taken.add(occurrence)
            submission = submission_id(message.sha256, occurrence)
            is_first = submission not in self._stored
            self._stored.add(submission)
            yield {
                "submission_id": submission,
                "message_sha256": message.sha256,
                "occurrence": occurrence,
                "source": self._source.name,
                "locator": self._locator(message.locator),
                "received_at": message.received_at,
                "fetched_at": now,
                "size_bytes": len(message.raw),
                "holds_bytes": is_first,
                "raw": message.raw if is_first else None,
            }


def submission_id(message_sha256: str, occurrence: int) -> str:
    """Name the n-th delivery of the same bytes in one listing."""
    return f"s-{hashlib.sha256(f'{message_sha256}#{occurrence}'.encode()).hexdigest()[:16]}"
