"""Messages as the parse stage reads them, without processes or files."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from tasks.mail.sources.mailbox import MAIL
from tasks.mail.submissions import Submission, read_submission
from warehouse.contracts import PARSED


def read_batch(submission_ids: Sequence[str], raws: Sequence[bytes]) -> pa.Table:
    """Read messages to a table of `PARSED`, one row each, in their order."""
    given = zip(submission_ids, raws, strict=True)
    rows = [read_submission(Submission(name, MAIL, raw), frozenset()) for name, raw in given]
    return pa.Table.from_pylist(rows, schema=PARSED.schema)
