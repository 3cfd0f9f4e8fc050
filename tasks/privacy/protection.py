"""What is kept of a letter: its words without names, and its author's commune and quality."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from tasks.privacy.origins import origins_of
from tasks.privacy.persons import Policy
from tasks.privacy.redaction import redact_texts

# Of what was read in a letter: its words, and what says who wrote them.
READ: Final = ("own_text", "author_names", "signature", "from_name")
KEPT: Final = pa.schema(
    [(name, pa.string()) for name in ("text", "commune_code", "contributor_type")]
)


def protected(letters: pa.Table, department: str, policy: Policy) -> pa.Table:
    """Return what is kept of letters, in their order; `department` is the consultation's code."""
    authors = letters["author_names"].to_pylist()
    origins = origins_of(letters, department)
    columns = (
        redact_texts(letters["own_text"].to_pylist(), authors, policy),
        [origin.commune_code for origin in origins],
        [origin.contributor_type for origin in origins],
    )
    return pa.table(list(columns), schema=KEPT)
