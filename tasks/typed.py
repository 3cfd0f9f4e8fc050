"""Typed: from the words that people read in messages to the rows the vault holds of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.mail.charsets import clean_text
from tasks.mail.names import Author
from tasks.mail.typed import read_typed
from tasks.privacy.pseudonyms import trace
from warehouse.vault import Vault


def typed_rows(
    vault: Vault, texts: Mapping[str, str], by: str, now: datetime, key: bytes
) -> list[dict[str, Any]]:
    """Return a row of `vault.typed` for each text, by the submission it was read in.

    Nothing is written. The same words of the same submission are one text, whoever types them and
    whenever. A text without a word of its author's, `content_word_count` being zero, gives nothing
    to count.
    """
    authors = _authors(vault, texts)
    return [
        {
            "typed_id": _typed_id(submission_id, text, key),
            "submission_id": submission_id,
            **read_typed(text, authors.get(submission_id, Author("", ""))),
            "typed_at": now,
            "typed_by": by,
        }
        for submission_id, text in texts.items()
    ]


def _authors(vault: Vault, texts: Mapping[str, str]) -> dict[str, Author]:
    """Return what is known of the authors of these messages."""
    rows = vault.readings(["submission_id", "from_name", "from_address"])
    wanted = rows.filter(pc.is_in(rows["submission_id"], pa.array(sorted(texts), pa.string())))
    return {
        row["submission_id"]: Author(row["from_name"] or "", row["from_address"] or "")
        for row in wanted.to_pylist()
    }


def _typed_id(submission_id: str, text: str, key: bytes) -> str:
    words = clean_text(text).strip()
    return f"t-{trace('typed', f'{submission_id} {words}', key)[:16]}"
