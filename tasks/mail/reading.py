"""A raw message to what is read in it: the parse stage, without files, clock or database.

Hostile input is the normal case: whatever the bytes, a message gives a reading, at worst an
unreadable one with a defect code that says why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from tasks.mail.attachments import Attachment, read_attachment
from tasks.mail.authentication import is_verified
from tasks.mail.bodies import Body, read_body
from tasks.mail.formulas import is_cover_note, is_revision
from tasks.mail.identity import Identity, addresses_in, is_disposable, read_identity
from tasks.mail.languages import language_of
from tasks.mail.machines import machine_of
from tasks.mail.mime import Part, TooComplexError, parse_message
from tasks.mail.names import Author
from tasks.mail.own_words import SUBSTANTIAL, Envelope, OwnWords, own_words

MAX_TEXT_CHARS = 2_000_000
_MAX_ATTACHMENTS = 200
_MAX_MESSAGES = 20
_RECIPIENT_HEADERS = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_RECEIVED_FOR = re.compile(rb"\bfor\s+<([^<>\s]{3,250})>")


@dataclass(frozen=True)
class Reading:
    """What was read of one message; field by field a row of `PARSED`, but for its id."""

    from_address: str | None = None
    sender_verified: bool | None = None
    sender_disposable: bool = False
    from_name: str | None = None
    subject: str = ""
    message_id: str | None = None
    machine: str | None = None
    own_text: str = ""
    cut_text: str = ""
    signature: str = ""
    author_names: list[str] = field(default_factory=list)
    content_word_count: int = 0
    is_cover_note: bool = False
    is_revision: bool = False
    from_attachment: bool = False
    has_unread_part: bool = False
    attachments: list[dict[str, Any]] = field(default_factory=list)
    language: str | None = None
    defects: list[str] = field(default_factory=list)
    is_unreadable: bool = False


def read_message(raw: bytes, trusted: frozenset[str] = frozenset()) -> Reading:
    """Read one message; one that cannot be read says so in its row.

    `trusted` names the servers whose word on the author's address is believed.
    """
    try:
        return _read(raw, trusted)
    except TooComplexError:
        return Reading(defects=["too_complex"], is_unreadable=True)
    except MemoryError:
        return Reading(defects=["too_much_memory"], is_unreadable=True)
    except Exception as error:  # noqa: BLE001 - whatever hostile bytes break, the batch goes on
        return Reading(defects=[f"broken_{type(error).__name__}"], is_unreadable=True)


def _read(raw: bytes, trusted: frozenset[str]) -> Reading:
    message = parse_message(raw)
    identity = read_identity(message.headers.get("from", []))
    subject = message.header("subject")
    body = read_body(message)
    envelope = _envelope(message, identity, subject)
    note = own_words("\n\n".join(body.texts)[:MAX_TEXT_CHARS], envelope)
    attached = _read_attached(body, envelope, note)
    beside = [*body.beside, *attached.files]
    files = [read_attachment(part, body.inline_ids) for part in beside[:_MAX_ATTACHMENTS]]
    letters = [own_words(file.text, envelope) for file in files if file.text]
    letters += attached.letters
    content = [words.content_words for words in (note, *letters)]
    parts = list(message.walk())
    defects = set().union(*(part.defects for part in parts), (f.defect for f in files if f.defect))
    hidden = [words for part in parts for words in part.hidden]
    if not message.headers:
        defects.add("no_header")
    if sum(map(len, body.texts)) > MAX_TEXT_CHARS:
        defects.add("text_too_long")
    is_unreadable = not message.headers and not note.own and not files
    return Reading(
        from_address=identity.address,
        sender_verified=is_verified(
            message.headers.get("authentication-results", []), trusted, identity.address
        ),
        sender_disposable=is_disposable(identity.address),
        from_name=identity.name,
        subject=subject,
        message_id=_message_id(message),
        machine=machine_of(message, identity.address, subject, note.own),
        own_text=_joined([note.own, *(letter.own for letter in letters)]),
        cut_text=_joined([note.cut, *(letter.cut for letter in letters), *attached.cut, *hidden]),
        signature=_joined([note.signature, *(letter.signature for letter in letters)]),
        author_names=_names(identity, [note, *letters]),
        content_word_count=sum(content),
        is_cover_note=not any(content) and is_cover_note(note.own),
        is_revision=is_revision(subject, note.own)
        or any(is_revision("", letter.own) for letter in letters),
        from_attachment=any(content[1:]),
        has_unread_part=any(file.is_unread for file in files)
        or len(beside) > _MAX_ATTACHMENTS
        or not attached.is_complete,
        attachments=[_listed(file) for file in files],
        language=language_of(_joined([*(letter.own for letter in letters), note.own])),
        defects=sorted(defects),
        is_unreadable=is_unreadable,
    )


def _joined(texts: Sequence[str]) -> str:
    return "\n\n".join(text for text in texts if text.strip())


def _envelope(message: Part, identity: Identity, subject: str) -> Envelope:
    mailboxes = frozenset[str]()
    for name in _RECIPIENT_HEADERS:
        for value in message.headers.get(name, ()):
            mailboxes |= addresses_in(value.decode("latin-1"))
    for value in message.headers.get("received", ())[:1]:
        if found := _RECEIVED_FOR.search(value):
            mailboxes |= addresses_in(found[1].decode("latin-1"))
    author = Author(identity.name or "", identity.address or "")
    is_reply = "in-reply-to" in message.headers or "references" in message.headers
    return Envelope(author, mailboxes - {author.address}, subject, is_reply)


@dataclass
class _Attached:
    """The messages attached whole: the letters handed on, their files, what is only quoted."""

    letters: list[OwnWords] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    is_complete: bool = True


def _read_attached(body: Body, envelope: Envelope, note: OwnWords) -> _Attached:
    """Read the messages that were attached whole; an author of many words only quotes them."""
    found = _Attached()
    is_quoted = note.content_words >= SUBSTANTIAL and not envelope.hands_on
    messages = list(body.messages)
    for message in islice(messages, _MAX_MESSAGES):
        inner = read_body(message)
        text = "\n\n".join(inner.texts)[:MAX_TEXT_CHARS]
        identity = read_identity(message.headers.get("from", []))
        if is_quoted or (identity.address and identity.address in envelope.mailboxes):
            found.cut.append(text.strip("\n"))
            continue
        words = own_words(text, _inner_envelope(message, identity, envelope))
        names = (*filter(None, [identity.name]), *words.names)
        found.letters.append(replace(words, names=names))
        found.files += inner.beside
        messages += inner.messages
    found.is_complete = len(messages) <= _MAX_MESSAGES
    return found


def _inner_envelope(message: Part, identity: Identity, envelope: Envelope) -> Envelope:
    author = Author(identity.name or "", identity.address or "")
    mailboxes = envelope.mailboxes | addresses_in(message.header("to"))
    return Envelope(author, mailboxes, message.header("subject"), is_reply=True)


def _names(identity: Identity, letters: Sequence[OwnWords]) -> list[str]:
    names = [identity.name, *(name for letter in letters for name in letter.names)]
    return list(dict.fromkeys(filter(None, names)))


def _message_id(message: Part) -> str | None:
    return message.header("message-id").strip(" <>")[:500] or None


def _listed(file: Attachment) -> dict[str, Any]:
    return {
        "name": file.name,
        "media_type": file.media_type,
        "size_bytes": file.size_bytes,
        "text_chars": len(file.text),
    }
