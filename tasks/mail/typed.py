"""What a person read in a message and typed: read as what somebody types in a form is."""

from __future__ import annotations

from typing import Any

from tasks.mail.charsets import clean_text
from tasks.mail.formulas import is_revision
from tasks.mail.languages import language_of
from tasks.mail.names import Author
from tasks.mail.own_words import Envelope, own_words
from tasks.mail.reading import MAX_TEXT_CHARS


def read_typed(text: str, author: Author) -> dict[str, Any]:
    """Read words typed of a message of this author: the columns READ_IN_WORDS of the contracts.

    A signature that was typed too is no part of them, and tells who is to be masked.
    """
    words = own_words(clean_text(text)[:MAX_TEXT_CHARS], Envelope(author))
    return {
        "own_text": words.own,
        "cut_text": words.cut,
        "signature": words.signature,
        "author_names": list(dict.fromkeys(filter(None, (author.name, *words.names)))),
        "content_word_count": words.content_words,
        "is_revision": is_revision("", words.own),
        "language": language_of(words.own),
    }
