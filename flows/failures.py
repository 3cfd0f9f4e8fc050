"""Failures that are expected: each has a French sentence that says what to do, and an exit code."""

from __future__ import annotations

import errno
import logging

from flows.run import UsageError
from tasks.language.encoders import EncoderError, EncoderUnreachableError
from tasks.mail.sources.mailbox import SourceError, UnreachableError
from warehouse.database import DatabaseError
from warehouse.home import ExpiredError, HomeError

FAILED, USAGE, CLOSED = 1, 2, 4
# The first that fits: a home whose retention is over is a kind of home that cannot be worked in.
_CODES = (
    (ExpiredError, CLOSED),
    (HomeError | DatabaseError | UnreachableError | EncoderUnreachableError, FAILED),
    (UsageError | SourceError | EncoderError, USAGE),
)


def explain(error: BaseException) -> tuple[str, int] | None:
    """Return the sentence and exit code of an expected failure; null for a fault of the program."""
    for kinds, code in _CODES:
        if isinstance(error, kinds):
            return str(error), code
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return (
            (
                "Disque plein : libérez de la place, puis relancez. Rien n'est perdu et la "
                "dernière publication reste en place."
            ),
            FAILED,
        )
    if isinstance(error, NotADirectoryError | FileExistsError):
        return f"{error.filename} n'est pas un dossier : indiquez-en un autre avec --home.", FAILED
    if isinstance(error, PermissionError):
        return f"Accès refusé à {error.filename} : vérifiez à qui ce fichier appartient.", FAILED
    return None


class WithoutExpectedTracebacks(logging.Filter):
    """Leave out of the console what an expected failure's own sentence will say."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record must be shown."""
        error = record.exc_info[1] if record.exc_info else None
        return error is None or explain(error) is None
