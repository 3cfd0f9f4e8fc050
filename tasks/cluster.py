"""Workers on a Dask cluster, through prefect-dask: another machine's, or processes of this one.

A piece of work whose worker dies is done again by another. A worker does nothing unless its program
and its libraries are this one's: the bytes are the same wherever the work is done. What fails there
is handed back, never raised: Dask would write it in its logs, with the words of citizens.
"""

from __future__ import annotations

import copyreg
import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from multiprocessing import current_process
from pathlib import Path
from platform import python_version
from typing import Any, Final, TypeVar

import dask
from distributed import Client, Future, KilledWorker, LocalCluster
from distributed.comm import CommClosedError
from packaging.requirements import Requirement

from tasks.faults import withholding_values
from tasks.workers import Engine, Workers
from warehouse.failures import TellableError
from warehouse.files import sha256_of, writing_apart
from warehouse.lake import code_fingerprint

CONNECT_SECONDS: Final = 10
PATIENCE_SECONDS: Final = 60.0  # without any worker: those that died are started again by then
_TICK: Final = 2.0
_SAFE: Final = "Rien n'est perdu : relancez."
_OURS: Final = {
    # Processes that are daemons may start none, and messages are read in one that may die.
    "distributed.worker.daemon": False,
    # Nobody looks at what the cluster of a run does.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
}
_PROGRAM: Final = "assises"

R = TypeVar("R")

# Dask has any error be written with those behind it, which quote what citizens wrote: ours are not.
for _kind in [kind for kind in copyreg.dispatch_table if issubclass(kind, BaseException)]:
    del copyreg.dispatch_table[_kind]


class ClusterError(TellableError):
    """The cluster cannot do the work; the message is a French sentence that says what to do."""


class ClusterWorkers(Workers):
    """The workers of a cluster."""

    are_elsewhere = True

    def __init__(self, client: Client) -> None:
        super().__init__(sum(client.nthreads().values()))
        self._client = client
        self._asked: list[Future] = []  # let go of, what is asked is not done

    def on_each(self, function: Callable[[], None]) -> None:
        """Have a function called in each worker; nobody waits for one that is hung or gone."""
        self._asked = [
            self._client.submit(_do, program(), function, workers=[address], pure=False)
            for address in self._there()
        ]

    def _submit(self, function: Callable[..., R], *arguments: object) -> Future:
        return self._client.submit(_do, program(), function, *arguments, pure=False)

    def _result(self, awaited: Future) -> Any:
        alone_since: float | None = None
        while True:
            try:
                done = awaited.result(timeout=_TICK)
            except TimeoutError:
                alone_since = self._alone_since(alone_since)
            except KilledWorker:
                raise ClusterError(
                    "Le cluster Dask a perdu plusieurs « workers » sur un même travail : voyez "
                    f"leur mémoire et leurs journaux. {_SAFE}"
                ) from None
            except (CancelledError, CommClosedError):
                raise _lost() from None
            else:
                if isinstance(done, _Failure):
                    raise done.error
                return done

    def _alone_since(self, before: float | None) -> float | None:
        """Return since when there is no worker; raise ClusterError when that is too long."""
        if self._there():
            return None
        since = before or time.monotonic()
        if time.monotonic() - since > PATIENCE_SECONDS:
            raise ClusterError(f"Le cluster Dask n'a plus aucun « worker ». {_SAFE}")
        return since

    def _there(self) -> Collection[str]:
        """Return the addresses of the workers that the scheduler knows; raise ClusterError."""
        asked = self._client.scheduler.ncores
        try:  # one that hangs answers nothing: its `nthreads` would wait for ever
            found: dict[str, int] = self._client.sync(asked, callback_timeout=PATIENCE_SECONDS)
        except (OSError, TimeoutError):
            raise _lost() from None
        return found


@contextmanager
def open_cluster(
    engine: Engine, count: int, temporary: Path, witness: Path
) -> Iterator[ClusterWorkers]:
    """Connect to a cluster, or start one of `count` processes, its files in a folder.

    Every worker must see `witness`, a file of the store. Raises ClusterError.
    """
    from prefect_dask import DaskTaskRunner

    _silence()
    if engine.address is None:
        # Whoever connects to a scheduler runs what he likes: its keys are known to nobody else.
        there: dict[str, Any] = {
            "cluster_class": LocalCluster,
            "cluster_kwargs": {
                "n_workers": count,
                "threads_per_worker": 1,
                "memory_limit": 0,  # what is too much would be written on disk
                "local_directory": str(temporary),
                "dashboard_address": "127.0.0.1:0",
                "silence_logs": logging.CRITICAL,
                "security": True,
            },
        }
    else:
        there = {"address": engine.address, "client_kwargs": {"timeout": CONNECT_SECONDS}}
    with dask.config.set(_OURS), DaskTaskRunner(**there) as runner:
        with _connecting(engine):
            client = runner.client
        _refuse_unfit(client, witness)
        yield ClusterWorkers(client)


def check_cluster(engine: Engine) -> int:
    """Raise ClusterError when the cluster cannot be used; return how many workers it has."""
    if engine.address is None:
        return 0
    _silence()
    with _connecting(engine), Client(engine.address, timeout=CONNECT_SECONDS) as client:
        return _refuse_unfit(client, None)


@contextmanager
def _connecting(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (OSError, TimeoutError):
        raise ClusterError(
            f"L'ordonnanceur Dask ne répond pas ({engine.name}) : démarrez-le (dask scheduler), "
            "ou corrigez --engine."
        ) from None


def _refuse_unfit(client: Client, witness: Path | None) -> int:
    """Raise ClusterError unless every worker can do this program's work; return how many do."""
    found = client.run(_describe, witness, on_error="return")
    if not found:
        raise ClusterError(
            "Le cluster Dask n'a aucun « worker » : démarrez-en (docs/scale.md), puis relancez."
        )
    for address, told in sorted(found.items()):
        if isinstance(told, OSError):
            raise ClusterError(f"Le « worker » {address} ne répond pas : relancez-le. {_SAFE}")
        if not isinstance(told, _Description) or told.program != program():
            raise _other_program(address)
        if told.is_daemon:
            raise ClusterError(
                f"Le « worker » {address} ne peut pas lire de messages : démarrez-le avec "
                "DASK_DISTRIBUTED__WORKER__DAEMON=False dans son environnement."
            )
        if not told.sees:
            raise ClusterError(
                f"Le « worker » {address} ne voit pas {witness} : chaque machine doit lire et "
                "écrire là où sont les messages, à la même adresse (docs/scale.md)."
            )
    return len(found)


def _other_program(where: str) -> ClusterError:
    return ClusterError(
        f"Le « worker » {where} n'a pas le même programme, les mêmes bibliothèques ou le même "
        "Python que cette machine : installez partout la même version (requirements.txt)."
    )


def _lost() -> ClusterError:
    return ClusterError(f"L'ordonnanceur Dask ne répond plus. {_SAFE}")


def _silence() -> None:
    """Keep Dask's own words, in English, from those who are told by a sentence."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)


# --- on a worker ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Description:
    """What a worker says of itself."""

    program: str
    is_daemon: bool
    sees: bool


@dataclass(frozen=True)
class _Failure:
    """What a piece of work failed of, in the place of its result."""

    error: Exception


def _describe(witness: Path | None) -> _Description:
    try:
        sees = witness is None or witness.exists()
    except Exception:  # noqa: BLE001 - no library, no credentials, no network
        sees = False
    return _Description(program(), current_process().daemon, sees)


def _do(expected: str, function: Callable[..., R], *arguments: object) -> R | _Failure:
    """Do a piece of work; another program, of a worker that came late, does none."""
    if program() != expected:
        return _Failure(_other_program("arrivé en cours de route"))
    try:
        with withholding_values(), writing_apart():
            return function(*arguments)
    except Exception as error:  # noqa: BLE001 - raised again by whoever awaits the result
        return _Failure(error)


@cache
def program() -> str:
    """Return the fingerprint of all that decides what is computed: code, libraries, Python."""
    return sha256_of([code_fingerprint(), python_version(), *_libraries(requires(_PROGRAM) or ())])


def _libraries(asked: Sequence[str]) -> Iterator[str]:
    for line in sorted(asked):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            try:
                yield f"{requirement.name} {version(requirement.name)}"
            except PackageNotFoundError:
                yield requirement.name
