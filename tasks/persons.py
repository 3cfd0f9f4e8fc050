"""Persons: which messages are of somebody, and which others speak of them, found by an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tasks.mail.identity import addresses_in
from tasks.mail.mime import parse_message
from tasks.mail.received import HEADER_BYTES
from tasks.privacy.pseudonyms import trace
from warehouse.vault import Vault

READ = ("submission_id", "from_address", "signature", "author_names", "subject", "own_text")
_AUTHOR_HEADERS = ("from", "sender", "reply-to", "return-path")
_WORDS = ("subject", "own_text", "signature", "cut_text")


@dataclass(frozen=True)
class Person:
    """Somebody's messages, and those of others in which their address or name stands."""

    submission_ids: tuple[str, ...]
    mentioned_in: tuple[str, ...]


def find_person(vault: Vault, address: str) -> Person:
    """Find who writes from this address, normalised.

    Theirs are the messages sent from it, those they sign with it, and those of no sure author that
    a header says to be from it.
    """
    rows = vault.readings([*READ, "cut_text"])
    alone = rf"(^|[^\w.+'-]){re.escape(address)}($|[^\w-])"  # "an@…" is not "jean@…"
    signed = pc.match_substring_regex(pc.utf8_lower(rows["signature"]), alone)
    sent = pc.fill_null(pc.equal(rows["from_address"], address), False)  # noqa: FBT003
    own = set(rows.filter(pc.or_(sent, signed))["submission_id"].to_pylist())
    own |= set(_named_in_header(vault, rows, address))
    is_own = pc.is_in(rows["submission_id"], pa.array(sorted(own), pa.string()))
    others = rows.filter(pc.invert(is_own))
    return Person(
        tuple(sorted(own)), tuple(sorted(_mentions(others, address, rows.filter(is_own))))
    )


def _named_in_header(vault: Vault, rows: pa.Table, address: str) -> Iterator[str]:
    unsure = rows.filter(pc.is_null(rows["from_address"]))["submission_id"].to_pylist()
    for submission_id in unsure:
        head = (vault.message(submission_id) or b"")[:HEADER_BYTES].partition(b"\n\n")[0]
        headers = parse_message(head + b"\n\n").headers
        values = [value for name in _AUTHOR_HEADERS for value in headers.get(name, ())]
        if any(address in addresses_in(value.decode("latin-1")) for value in values):
            yield submission_id


def _mentions(others: pa.Table, address: str, own: pa.Table) -> Iterator[str]:
    """Yield the messages in which the address stands, or a name of two words or more."""
    names = {name.lower() for names in own["author_names"].to_pylist() for name in names}
    wanted = [address, *sorted(name for name in names if " " in name.strip())]
    for column in _WORDS:
        folded = pc.utf8_lower(others[column])
        for text in wanted:
            found = others.filter(pc.match_substring(folded, text))
            yield from found["submission_id"].to_pylist()


def message_traces(
    vault: Vault, key: bytes, submission_ids: pa.Array | None = None
) -> dict[str, str]:
    """Return the trace of the Message-ID of these submissions, of all when none are named.

    One without a Message-ID has none.
    """
    rows = vault.readings(["submission_id", "message_id"])
    if submission_ids is not None:
        rows = rows.filter(pc.is_in(rows["submission_id"], submission_ids))
    rows = rows.drop_null()
    pairs = zip(rows["submission_id"].to_pylist(), rows["message_id"].to_pylist(), strict=True)
    return {submission_id: trace("message", message_id, key) for submission_id, message_id in pairs}
