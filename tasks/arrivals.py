"""What a source lists beside what the vault knows: which messages are new, and as what they count.

A submission is one delivery in one listing of a source. The same bytes twice in a listing are two;
the same bytes in another listing, or under another name, are the same submission seen again. What
has been fetched is known from the vault alone, so nothing can run ahead of what is stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import pyarrow as pa
import pyarrow.compute as pc

from tasks.consultation import Source
from tasks.mail.sources.mailbox import Mailbox
from warehouse.vault import Vault

Open = Callable[[Source], AbstractContextManager[Sequence[Mailbox]]]


@dataclass(frozen=True)
class Fetched:
    """Messages of a listing: those listed = known before + new + gone before they were read."""

    listed_count: int = 0
    known_count: int = 0
    new_count: int = 0
    gone_count: int = 0

    def __add__(self, other: Fetched) -> Fetched:
        return Fetched(*map(sum, zip(vars(self).values(), vars(other).values(), strict=True)))


def survey(
    vault: Vault, sources: Sequence[Source], opened: Open
) -> Iterator[tuple[str, str, Fetched]]:
    """Yield each mailbox's source and place, and what a fetch would now find; fetch nothing."""
    for source in sources:
        with opened(source) as mailboxes:
            for mailbox in mailboxes:
                arrivals = Arrivals(vault, source, mailbox)
                listed, new = len(arrivals.listing), len(arrivals.wanted)
                yield source.name, mailbox.place, Fetched(listed, listed - new, new)


class Arrivals:
    """A listing of one mailbox beside what the vault, just read, knows of it."""

    def __init__(self, vault: Vault, source: Source, mailbox: Mailbox) -> None:
        self._source, self._mailbox = source, mailbox
        self.listing = mailbox.locators()
        # A locator means something in its own place only: two mailboxes may use the same names.
        self._place = hashlib.sha256(mailbox.place.encode()).hexdigest()[:8]
        self._stored = vault.deliveries(["submission_id", "source", "locator"])
        is_here = pc.and_(
            pc.equal(self._stored["source"], source.name),
            pc.starts_with(self._stored["locator"], f"{self._place}:"),
        )
        self._here = self._stored.filter(is_here)
        self._names = pc.utf8_slice_codeunits(self._here["locator"], len(self._locator("")))
        held = set(self._names.to_pylist())
        gone = held.difference(self.listing)
        new = [name for name in self.listing if name not in held]
        hidden = self._hidden(new, gone, vault)
        self.wanted = [name for name in new if name not in hidden]
        self._unlisted = gone.difference(hidden.values())
        self._read_count = self._recognised_count = 0

    def _locator(self, name: str) -> str:
        return f"{self._place}:{name}"

    def _hidden(self, new: Sequence[str], gone: set[str], vault: Vault) -> dict[str, str]:
        """Return what the vault calls messages that seem new: they were withdrawn, and hidden."""
        start = len(self._locator(""))
        forms = ((name, vault.hidden(self._locator(name))[start:]) for name in new if gone)
        return {name: form for name, form in forms if form in gone}

    def rows(self, now: datetime) -> Iterator[dict[str, object]]:
        """Yield a row of `vault.raw` for each message of the listing that is not known."""
        if not self.wanted:
            return
        is_unlisted = pc.is_in(self._names, pa.array(self._unlisted, pa.string()))
        taken = _ids(self._here.filter(pc.invert(is_unlisted)))
        seen_here, stored = _ids(self._here), _ids(self._stored)
        for message in self._mailbox.read(self.wanted):
            of_bytes = ((n, submission_id(message.sha256, n)) for n in count())
            occurrence, submission = next(one for one in of_bytes if one[1] not in taken)
            taken.add(submission)
            is_first = submission not in stored
            stored.add(submission)
            self._read_count += 1
            self._recognised_count += submission in seen_here
            yield {
                "submission_id": submission,
                "message_sha256": message.sha256,
                "occurrence": occurrence,
                "source": self._source.name,
                "channel": self._source.channel,
                "locator": self._locator(message.locator),
                "received_at": message.received_at,
                "fetched_at": now,
                "size_bytes": message.size_bytes,
                "is_whole": message.is_whole,
                "media_type": message.media_type,
                "holds_bytes": is_first,
                "raw": message.raw if is_first else None,
            }

    def fetched(self) -> Fetched:
        """Count what became of the listing, once it was read."""
        listed, wanted = len(self.listing), len(self.wanted)
        return Fetched(listed, listed - wanted, self._read_count, wanted - self._read_count)

    def remarks(self) -> Iterator[str]:
        """Say what a person should know of the reading."""
        if self._recognised_count:
            yield (
                f"« {self._source.name} » : {self._recognised_count} message(s) sous un nouveau "
                "numéro, reconnu(s) à leur contenu et compté(s) une seule fois."
            )
        if gone := len(self.wanted) - self._read_count:
            yield f"« {self._source.name} » : {gone} message(s) disparu(s) avant lecture."


def submission_id(message_sha256: str, occurrence: int) -> str:
    """Name the n-th delivery of the same bytes in one listing."""
    return f"s-{hashlib.sha256(f'{message_sha256}#{occurrence}'.encode()).hexdigest()[:16]}"


def _ids(rows: pa.Table) -> set[str]:
    return set(rows["submission_id"].to_pylist())
