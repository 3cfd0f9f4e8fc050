"""Backups: one tar of what cannot be made again of a home, and a home made of one.

Members are plain files in the order of their names, each vouched for by the manifest, which comes
last: an archive that is cut short has none. Links are told by the manifest, so no member can lead
out of the home. The same home gives the same bytes at the same instant.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Self

from warehouse.failures import TellableError
from warehouse.files import STAGED, make_folder, sync_folder, writing
from warehouse.stored import FORMAT, MIGRATIONS

CONSULTATION: Final = "consultation"  # the consultation's file, and those that it names
# All of a home but what it is made of them (parsed, lake, database), Prefect's own files and logs.
KEPT: Final = (
    *("decisions", "format.json", "journal", "keys", "open-data", "published", "transmissions"),
    *("vault/consultation", "vault/key.sha256", "vault/raw", "vault/typed"),
)
MANIFEST: Final = "manifest.json"
_LAYOUT: Final = 1
_SAID: Final = {"layout", "format", "program_version", "made_at", "files", "links"}
_KEY: Final = "vault/key.sha256"


class BackupError(TellableError):
    """An archive cannot be used; the message is a French sentence that says what to do."""


@dataclass(frozen=True)
class Backup:
    """An archive whose manifest was read; its members are checked as they are taken out."""

    path: Path
    manifest: Mapping[str, Any]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the manifest of an archive.

        Raises BackupError when it is cut short, is none, leads out of a home, or is of a program
        more recent than this one.
        """
        with _reading(path) as tar:
            members = tar.getmembers()
            if not members or members[-1].name != MANIFEST or not members[-1].isreg():
                raise BackupError(_damaged(path))
            try:
                manifest = json.loads(_content(tar, members[-1]).read())
                names = [member.name for member in members[:-1] if member.isreg()]
                is_ours = (
                    manifest.keys() >= _SAID
                    and names == sorted(manifest["files"])
                    and len(names) == len(members) - 1
                    and all(map(_is_within, names))
                    and all(_is_link_within(*link) for link in manifest["links"].items())
                )
            except (ValueError, KeyError, TypeError, AttributeError):
                is_ours = False
        if not is_ours:
            raise BackupError(_damaged(path))
        if manifest["layout"] != _LAYOUT or manifest["format"] not in MIGRATIONS:
            raise BackupError(
                f"{path} a été écrite par un programme plus récent (assises "
                f"{manifest['program_version']}, format {manifest['format']}) que celui-ci "
                f"(format {FORMAT}) : mettez assises à jour, puis recommencez."
            )
        return cls(path, manifest)

    @property
    def made_at(self) -> datetime:
        """When it was made (UTC)."""
        return datetime.fromisoformat(self.manifest["made_at"])

    def is_of_same(self, other: Backup) -> bool:
        """Tell whether both are of one home: they have the same key."""
        return bool(self.manifest["files"].get(_KEY) == other.manifest["files"].get(_KEY))

    def extract(self, folder: Path, top: str | None = None) -> None:
        """Write its files into a folder, all or those under `top`, each as the manifest vouches."""
        with _reading(self.path) as tar:
            for member in tar:
                if member.name != MANIFEST and top in {None, PurePosixPath(member.name).parts[0]}:
                    with writing(folder / member.name) as file:
                        summed = _Summed(_content(tar, member))
                        shutil.copyfileobj(summed, file)
                    if summed.found != self.manifest["files"][member.name]:
                        raise BackupError(_damaged(self.path))
        for name, target in self.manifest["links"].items() if top is None else ():
            make_folder((folder / name).parent)
            (folder / name).symlink_to(target)


def write_backup(
    path: Path, root: Path, stored: Path, beside: Mapping[str, Path], facts: Mapping[str, Any]
) -> None:
    """Write the archive of the home at `root`, whole or not at all.

    `stored` is where its vault lies. `beside` gives the consultation's file and those it names;
    `facts` go into the manifest.
    """
    given = dict(_files(root, stored))
    given |= {f"{CONSULTATION}/{name}": file for name, file in beside.items()}
    links = {name: str(file.readlink()) for name, file in given.items() if file.is_symlink()}
    with writing(path) as file, tarfile.open(fileobj=file, mode="w") as tar:
        sums = {name: _add(tar, name, given[name]) for name in sorted(given.keys() - links.keys())}
        manifest = {**facts, "layout": _LAYOUT, "format": FORMAT, "files": sums, "links": links}
        content = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
        tar.addfile(_member(MANIFEST, len(content)), io.BytesIO(content))


def restore(backup: Backup, latest: Backup, root: Path) -> None:
    """Make a home of an archive, whole or not at all, with what the latest one says was decided.

    And the journal of the latest: decisions name runs by their numbers, which must not serve twice.
    Raises BackupError when something is there already, or is being restored.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise BackupError(
            f"{root} n'est pas vide : donnez à --home un dossier neuf, ou déplacez celui-ci."
        )
    with _alone_in(make_folder(root.parent)):
        staged = root.with_name(f"{STAGED}{root.name}")
        if staged.exists():
            shutil.rmtree(staged)
        make_folder(staged)
        try:
            backup.extract(staged)
            latest.extract(staged, "decisions")
            latest.extract(staged, "journal")
            staged.replace(root)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        sync_folder(root.parent)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder for one restoration: two would each remove what the other has staged."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupError(
            f"Une restauration est déjà en cours dans {folder} : attendez qu'elle se termine."
        ) from None
    else:
        yield
    finally:
        os.close(descriptor)


def _files(root: Path, stored: Path) -> Iterator[tuple[str, Path]]:
    """Yield what a backup keeps of a home, files and links; not what a killed run left."""
    for kept in KEPT:
        base = stored if kept.startswith("vault/") else root
        for path in [base / kept, *(base / kept).rglob("*")]:
            place = path.relative_to(base)
            is_kept = path.is_symlink() or path.is_file()
            if is_kept and not any(part.startswith(STAGED) for part in place.parts):
                yield place.as_posix(), path


def _add(tar: tarfile.TarFile, name: str, source: Path) -> dict[str, Any]:
    with source.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        summed = _Summed(file)
        tar.addfile(_member(name, size), summed)
    return summed.found


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Describe a member without whose it is, nor when it was written."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


class _Summed(io.RawIOBase):
    """A file that sums what is read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest, self._size = file, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._digest.update(content)
        self._size += len(content)
        return content

    @property
    def found(self) -> dict[str, Any]:
        return {"sha256": self._digest.hexdigest(), "size_bytes": self._size}


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except FileNotFoundError:
        raise BackupError(f"{path} n'existe pas : donnez une archive, ou un dossier.") from None
    except tarfile.TarError:
        raise BackupError(_damaged(path)) from None


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise BackupError(_damaged(Path(str(tar.name))))
    return content


def _is_within(name: str) -> bool:
    """Tell whether a member stands where a backup puts some."""
    place = PurePosixPath(name)
    is_plain = str(place) == name and ".." not in place.parts
    return is_plain and any(place.is_relative_to(top) for top in (CONSULTATION, *KEPT))


def _is_link_within(name: str, target: str) -> bool:
    """Tell whether a link leads from a publication's name to a publication."""
    place, led_to = PurePosixPath(name), PurePosixPath(target)
    is_plain = not led_to.is_absolute() and ".." not in led_to.parts
    return is_plain and place.parent == PurePosixPath("published")


def _damaged(path: Path) -> str:
    return (
        f"{path} n'est pas une sauvegarde entière : tronquée, modifiée, ou d'autre chose. Rien n'a "
        "été restauré ; donnez-en une autre."
    )
