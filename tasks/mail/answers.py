"""Rows of a table of answers to readings: what a person typed in a form, or had typed in."""

from __future__ import annotations

import json

from tasks.mail.charsets import clean_text
from tasks.mail.formulas import is_revision
from tasks.mail.identity import read_identity
from tasks.mail.languages import language_of
from tasks.mail.names import Author
from tasks.mail.own_words import Envelope, own_words
from tasks.mail.reading import MAX_TEXT_CHARS, Reading


def read_answer(raw: bytes) -> Reading:
    """Read the JSON object of one row, as `sources.sheet` writes it."""
    answer: dict[str, str] = json.loads(raw)
    identity = read_identity([answer.get("address", "").encode("utf-8", "replace")])
    name = clean_text(answer.get("name", "")) or identity.name
    subject = clean_text(answer.get("subject", ""))
    envelope = Envelope(Author(name or "", identity.address or ""), subject=subject)
    words = own_words(clean_text(answer["text"])[:MAX_TEXT_CHARS], envelope)
    return Reading(
        from_address=identity.address,
        from_name=name,
        subject=subject,
        message_id=answer.get("id") or None,
        own_text=words.own,
        cut_text=words.cut,
        signature=words.signature,
        author_names=list(dict.fromkeys(filter(None, (name, *words.names)))),
        content_word_count=words.content_words,
        is_revision=is_revision(subject, words.own),
        language=language_of(words.own),
    )
