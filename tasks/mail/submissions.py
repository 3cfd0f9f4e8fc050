"""One stored submission to a row of `PARSED`: a message, or a row of a table of answers.

Whatever the bytes, there is a row, at worst an unreadable one with a defect code that says why.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tasks.mail.answers import read_answer
from tasks.mail.reading import Reading, read_message
from tasks.mail.sources.mailbox import ANSWER


class Submission(NamedTuple):
    """What the vault holds of a submission."""

    submission_id: str
    media_type: str
    raw: bytes


def read_submission(submission: Submission, trusted: frozenset[str]) -> dict[str, Any]:
    """Read a submission; `trusted` names the servers whose word on authors is believed."""
    if submission.media_type == ANSWER:
        return _row(submission, read_answer(submission.raw))
    return _row(submission, read_message(submission.raw, trusted))


def unread_submission(submission: Submission, defect: str) -> dict[str, Any]:
    """Return the row of a submission that could not be read at all."""
    return _row(submission, Reading(defects=[defect], is_unreadable=True))


def _row(submission: Submission, reading: Reading) -> dict[str, Any]:
    return {"submission_id": submission.submission_id, **vars(reading)}
