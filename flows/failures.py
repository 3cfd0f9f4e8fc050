"""Failures that are expected: each has a French sentence that says what to do, and an exit code."""

from __future__ import annotations

import errno
import logging
from traceback import print_exception

from flows.run import UsageError
from tasks.faults import what_and_where
from tasks.language.encoders import EncoderError, EncoderUnreachableError
from tasks.mail.sources.mailbox import SourceError, UnreachableError
from warehouse.failures import FaultError, TellableError
from warehouse.home import ExpiredError
from warehouse.store import explained as of_store

FAILED, USAGE, CLOSED = 1, 2, 4
# The first that fits: what cannot be reached is a kind of source.
_CODES = (
    (ExpiredError, CLOSED),
    (UnreachableError | EncoderUnreachableError, FAILED),
    (UsageError | SourceError | EncoderError, USAGE),
    (TellableError, FAILED),
)
_FULL = "Disque plein : libérez de la place, puis relancez."
_MANY = (
    "Trop de fichiers sont ouverts à la fois : relevez la limite (ulimit -n 1024), puis relancez."
)
_SYSTEM = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EMFILE: _MANY,
    errno.ENFILE: _MANY,
    errno.EROFS: "Le disque qui porte {} est en lecture seule : rendez-le inscriptible, relancez.",
    errno.EIO: "Le disque ne lit ou n'écrit plus {} : faites-le vérifier, puis relancez.",
}
_SAFE = "Rien n'est perdu et la dernière publication reste en place."
_FAULT = (
    "Faute du programme : {}. Rien n'est perdu et la dernière publication reste en place ; "
    "signalez-la. (ASSISES_DEBUG=1 en montre ici le détail, qui peut citer des messages.)"
)


def explain(error: BaseException) -> tuple[str, int] | None:
    """Return the sentence and exit code of a failure that is told; null for another."""
    if told := of_store(error):
        return str(told), FAILED
    if isinstance(error, FaultError):
        return _FAULT.format(error), FAILED
    for kinds, code in _CODES:
        if isinstance(error, kinds):
            return str(error), code
    if isinstance(error, OSError):
        return _of_system(error)
    return None


def _of_system(error: OSError) -> tuple[str, int] | None:
    """Return what to say of an error that the system told the program."""
    named = error.filename or "un fichier"
    if isinstance(error, NotADirectoryError | FileExistsError):
        return f"{named} n'est pas un dossier : indiquez-en un autre avec --home.", FAILED
    if isinstance(error, PermissionError):
        return f"Accès refusé à {named} : vérifiez à qui ce fichier appartient.", FAILED
    told = _SYSTEM.get(error.errno or 0)
    return (f"{told.format(named)} {_SAFE}", FAILED) if told else None


def tell(error: Exception) -> tuple[str, int]:
    """Return the sentence and exit code of any failure."""
    return explain(error) or (_FAULT.format(what_and_where(error)), FAILED)


def show_detail(error: Exception) -> None:
    """Print the whole of a fault, values too, on the terminal of the developer who asks for it."""
    print_exception(error.original if isinstance(error, FaultError) and error.original else error)


class WithoutExpectedFailures(logging.Filter):
    """Leave out of the console what an expected failure's own sentence will say."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record must be shown."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            return explain(error) is None
        # Of a task, in English, before our own sentence.
        return "state Failed(" not in record.getMessage()
