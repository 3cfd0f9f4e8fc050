"""Backup and restore of a home: what cannot be made again, and who was erased since.

A person erased after an archive was made is in it. What is restored follows what was decided as
the latest archive beside says, and takes out again who left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from flows.rights import refuse_empty
from flows.run import Run, UsageError
from tasks.consultation import Consultation
from tasks.faults import withholding_values
from warehouse.backups import CONSULTATION, Backup, BackupError, restore, write_backup
from warehouse.contracts import PROOFS
from warehouse.files import sha256_of_file
from warehouse.home import Home

_FILE = "consultation.toml"


@dataclass(frozen=True)
class BackedUp:
    """An archive that was made, and those before it that still hold somebody who was erased."""

    archive: Path
    outdated: tuple[Path, ...]


def back_up(run: Run, consultation: Path, folder: Path) -> BackedUp:
    """Write an archive of the home into a folder, and write down that it was made.

    Raises DamagedError, writing none, when something that cannot be made again is damaged.
    """
    home, slug = run.home, run.consultation.slug
    refuse_empty(home)
    with withholding_values(), home.lock():
        home.prepare()
        home.bind(slug)
        home.check()
        path = folder / f"{slug}-{run.now:%Y-%m-%dT%H%M%SZ}.tar"
        facts = {
            "consultation": slug,
            "made_at": run.now.isoformat(),
            "program_version": version("assises"),
        }
        write_backup(path, home.root, home.stored, _beside(run.consultation, consultation), facts)
        home.journal.begin(
            command="backup",
            started_at=run.now,
            ended_at=datetime.now(UTC),
            outcome="saved",
            archive=path.name,
            archive_sha256=sha256_of_file(path),
        )
    erased = max(home.decisions.read(PROOFS)["done_at"].to_pylist(), default=None)
    made = Backup.open(path)
    earlier = [other for other in _all_like(made) if erased and other.made_at <= erased]
    return BackedUp(path, tuple(other.path for other in earlier))


def _beside(declared: Consultation, path: Path) -> dict[str, Path]:
    """Return the consultation's file and those it names, by their place in an archive.

    Raises UsageError when one stands outside the folder of the file: it could not be put back.
    """
    documents = declared.documents
    named = (declared.trained, documents.template, documents.stylesheet, documents.outlines)
    found = {_FILE: path.resolve()}
    for name in filter(None, named):
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise UsageError(
                f"{name}, que nomme le fichier de la consultation, n'est pas dans son dossier : "
                "mettez-l'y, pour qu'une sauvegarde l'emporte."
            )
        found[Path(name).as_posix()] = (path.resolve().parent / name).resolve()
    return found


def _all_like(backup: Backup) -> list[Backup]:
    """Return the archives of the same home in the folder of one."""
    return [other for other in _archives(backup.path.parent) if other.is_of_same(backup)]


def _made_at(backup: Backup) -> datetime:
    return backup.made_at


def _archives(folder: Path) -> Iterator[Backup]:
    """Yield the sound archives of a folder."""
    for path in sorted(folder.glob("*.tar")):
        try:
            yield Backup.open(path)
        except BackupError:
            continue


@dataclass(frozen=True)
class Restored:
    """A home that was made of an archive, and until when what was decided is known."""

    home: Home
    consultation: Path
    archive: Path
    decided_until: datetime
    holds_withdrawn: bool


def restore_home(given: Path, home: Home) -> Restored:
    """Make a home of an archive, or of the latest in a folder.

    What was decided is as the latest archive beside it knows. Raises BackupError when it cannot be.
    """
    backup = _latest_in(given) if given.is_dir() else Backup.open(given)
    latest = max([backup, *_all_like(backup)], key=_made_at)
    restore(backup, latest, home.root)
    with withholding_values(), home.lock():
        home.journal.begin(
            command="restore",
            started_at=datetime.now(UTC),
            ended_at=datetime.now(UTC),
            outcome="restored",
            archive=backup.path.name,
        )
        held = home.vault.holding(home.decisions.withdrawn())
    path = home.root / CONSULTATION / _FILE
    return Restored(home, path, backup.path, latest.made_at, bool(held))


def _latest_in(folder: Path) -> Backup:
    found = sorted(_archives(folder), key=_made_at)
    if not found:
        raise BackupError(f"{folder} ne contient aucune sauvegarde entière (.tar).")
    if not all(backup.is_of_same(found[-1]) for backup in found):
        raise BackupError(
            f"{folder} contient des sauvegardes de plusieurs dossiers : nommez l'archive à "
            "restaurer."
        )
    return found[-1]
