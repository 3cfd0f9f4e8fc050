"""Persons: which messages are of somebody, and which others speak of them, found by an address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
_TYPED = ("own_text", "signature", "cut_text")
_WORDS = ("subject", *_TYPED)


@dataclass(frozen=True)
class Person:
    """Somebody's messages, and those of others in which their address or name stands."""

    submission_ids: tuple[str, ...]
    mentioned_in: tuple[str, ...]


def find_person(vault: Vault, address: str) -> Person:
    """Find who writes from this address, normalised.

    Theirs are the messages sent from it, those of no sure author that a header says to be from it,
    and those that give it, in their words or signature, under one of the person's names. The name
    counts: anybody can quote an address.
    """
    rows = _read_in(vault)
    sent = pc.fill_null(pc.equal(rows["from_address"], address), False)  # noqa: FBT003
    own, written = _in_bytes(vault, rows, address)
    own.update(rows.filter(sent)["submission_id"].to_pylist())
    names = _names(_among(rows, own))
    gives = pc.or_(_gives(rows["signature"], address), _gives(rows["own_text"], address))
    own |= {
        row["submission_id"]
        for row in rows.filter(gives).to_pylist()
        if names & {name.lower() for name in row["author_names"]}
    }
    others = rows.filter(pc.invert(pc.is_in(rows["submission_id"], _ids(own))))
    mentions = {*_mentions(others, address, names), *written} - own
    return Person(tuple(sorted(own)), tuple(sorted(mentions)))


def _read_in(vault: Vault) -> pa.Table:
    """Return what the program read in every message, and what people typed of some."""
    read = vault.readings([*READ, "cut_text"])
    typed = vault.typed().select(["submission_id", "author_names", *_TYPED])
    return pa.concat_tables([read, typed], promote_options="default")


def _ids(names: Iterable[str]) -> pa.Array:
    return pa.array(sorted(names), pa.string())


def _among(rows: pa.Table, names: Iterable[str]) -> pa.Table:
    return rows.filter(pc.is_in(rows["submission_id"], _ids(names)))


def _gives(texts: pa.ChunkedArray, address: str) -> pa.ChunkedArray:
    """Tell the texts in which an address stands, and not as a part of another."""
    alone = rf"(^|[^\w.+'-]){re.escape(address)}($|[^\w-])"
    return pc.match_substring_regex(texts, alone, ignore_case=True)


def _names(rows: pa.Table) -> set[str]:
    """Return the names of two words or more under which an author presents themself."""
    names = {name.lower() for names in rows["author_names"].to_pylist() for name in names}
    return {name for name in names if " " in name.strip()}


def _in_bytes(vault: Vault, rows: pa.Table, address: str) -> tuple[set[str], set[str]]:
    """Return which messages, of no sure author or not read yet, a header says to be from it.

    And those whose bytes hold it: as a copy's recipient, say. Messages are read once for both.
    """
    sure = rows.filter(pc.is_valid(rows["from_address"]))["submission_id"].combine_chunks()
    own, written = set[str](), set[str]()
    for batch in vault.batches():
        messages = vault.messages(batch)
        found = pc.match_substring(messages["raw"], address, ignore_case=True)
        written.update(messages.filter(found)["submission_id"].to_pylist())
        unsure = messages.filter(pc.invert(pc.is_in(messages["submission_id"], sure)))
        own.update(m["submission_id"] for m in unsure.to_pylist() if address in _authors(m["raw"]))
    return own, written


def _authors(raw: bytes) -> set[str]:
    head = raw[:HEADER_BYTES].partition(b"\n\n")[0]
    headers = parse_message(head + b"\n\n").headers
    values = [value for name in _AUTHOR_HEADERS for value in headers.get(name, ())]
    return {found for value in values for found in addresses_in(value.decode("latin-1"))}


def _mentions(others: pa.Table, address: str, names: set[str]) -> Iterator[str]:
    for column in _WORDS:
        folded = pc.utf8_lower(others[column])
        for text in (address, *sorted(names)):
            found = others.filter(pc.match_substring(folded, text))
            yield from found["submission_id"].to_pylist()


def message_traces(
    vault: Vault, key: bytes, submission_ids: pa.Array | None = None
) -> Iterator[tuple[str, str]]:
    """Yield each of these submissions, or each of all, with a trace of what message it is.

    Of its author and its Message-ID, which anybody can write; without one, of its author and words.
    One of which nothing of that is known has none.
    """
    columns = ["submission_id", "from_address", "message_id", "own_text"]
    for rows in vault.readings_by_batch(columns):
        if submission_ids is None:
            yield from _traces(rows, key)
        else:
            yield from _traces(rows.filter(pc.is_in(rows["submission_id"], submission_ids)), key)


def _traces(rows: pa.Table, key: bytes) -> Iterator[tuple[str, str]]:
    texts = pc.if_else(pc.is_valid(rows["message_id"]), "", rows["own_text"])
    columns = (rows["submission_id"], rows["from_address"], rows["message_id"], texts)
    for submission_id, address, message_id, text in zip(
        *(column.to_pylist() for column in columns), strict=True
    ):
        author, words = address or "", " ".join(text.split())
        if message_id or (author and words):
            what = f"message {message_id}" if message_id else f"words {words}"
            yield submission_id, trace(what, author, key)
