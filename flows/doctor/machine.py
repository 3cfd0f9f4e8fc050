"""The machine: Python, the libraries, the clock."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from flows.doctor.findings import Said, Visit, fine, repair, see

_PACKAGE: Final = "assises"
_AGAIN: Final = "refaites l'environnement (make environment)"
_SLACK, _LONG_AGO = timedelta(days=1), timedelta(days=366)


def check_python(_: Visit) -> Iterator[Said]:
    """Compare this Python with those the program is for."""
    found, wanted = platform.python_version(), metadata(_PACKAGE)["Requires-Python"]
    if SpecifierSet(wanted).contains(found):
        yield fine(found)
    else:
        yield repair(f"{found} ne convient pas ({wanted}) : {_AGAIN}.")


def check_libraries(_: Visit) -> Iterator[Said]:
    """Compare each library that the program asks for with the one that is installed."""
    asked = [Requirement(line) for line in requires(_PACKAGE) or ()]
    needed = [r for r in asked if r.marker is None or r.marker.evaluate({"extra": ""})]
    unfit = [sentence for r in needed if (sentence := _misfit(r))]
    yield from (repair(f"{sentence} : {_AGAIN}.") for sentence in unfit)
    if not unfit:
        yield fine(f"{len(needed)} bibliothèques, toutes dans leurs bornes")


def _misfit(wanted: Requirement) -> str | None:
    try:
        found = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} n'est pas installé"
    if wanted.specifier.contains(found, prereleases=True):
        return None
    return f"{wanted.name} {found} ne convient pas ({wanted.specifier})"


def check_clock(visit: Visit) -> Iterator[Said]:
    """Compare the clock with what was written by it before."""
    written = max(map(_changed_at, _witnesses(visit)))
    if visit.now < written - _SLACK:
        yield repair(
            f"Cette machine se croit le {visit.now:%d/%m/%Y}, et des fichiers y sont datés du "
            f"{written:%d/%m/%Y} : remettez-la à l'heure (timedatectl)."
        )
    elif visit.home.root.exists() and visit.now > written + _LONG_AGO:
        yield see(
            f"Cette machine se croit le {visit.now:%d/%m/%Y}, et rien n'a été écrit depuis le "
            f"{written:%d/%m/%Y} : vérifiez son heure (timedatectl)."
        )
    else:
        yield fine(f"{visit.now:%d/%m/%Y %H:%M} UTC")


def _witnesses(visit: Visit) -> Iterator[Path]:
    """Yield what a run writes, else the program itself."""
    root = visit.home.root
    yield from root.iterdir() if root.is_dir() else ()
    yield Path(__file__)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
