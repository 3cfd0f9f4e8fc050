"""What leaves a stage that fails: what was raised and where, not the values it was raised about.

DuckDB, pyarrow, pandas and the standard library quote in their errors what they stumble on: here,
the words of citizens. Prefect stores the text of errors and of those behind them; so do logs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Final

from warehouse.failures import FaultError, TellableError

_OURS: Final = frozenset({"flows", "tasks", "expectations", "warehouse"})


def what_and_where(error: BaseException) -> str:
    """Name the kind of an error and the deepest of our lines that it went through."""
    place = ""
    for frame, line in walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__"))
        if module.partition(".")[0] in _OURS:
            place = f" dans {module}, {frame.f_code.co_name}, ligne {line}"
    return f"{type(error).__name__}{place}"


@contextmanager
def withholding_values() -> Iterator[None]:
    """Let no error out but one that may be told, without the errors behind it."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - raised again, as what may be told
        from warehouse import database, store

        told = database.explained(error) or store.explained(error) or error
        if _may_be_told(told):
            raise told from None
        raise FaultError(what_and_where(error), error) from None


def _may_be_told(error: Exception) -> bool:
    # The system's own errors name a file of ours; those of sources are told by SourceError.
    return isinstance(error, TellableError) or (
        isinstance(error, OSError) and error.errno is not None
    )
