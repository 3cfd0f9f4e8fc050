"""ASSISES_HOME: where each thing of a consultation lies, and the lock that one run holds."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from warehouse.decisions import Decisions
from warehouse.failures import TellableError
from warehouse.files import (
    empty_folder,
    is_local,
    make_folder,
    sweep_staged,
    write_bytes,
)
from warehouse.journal import Journal
from warehouse.lake import Lake
from warehouse.open_data import OpenDataShelf
from warehouse.publication import LATEST
from warehouse.store import check_store, open_store
from warehouse.stored import FORMAT, MIGRATIONS, migrate
from warehouse.transmissions import Transmissions
from warehouse.vault import Vault


class HomeError(TellableError):
    """The folder cannot be worked in; the message is a French sentence that says what to do."""


class AlreadyRunningError(HomeError):
    """Another run holds the folder."""


class ExpiredError(HomeError):
    """What the consultation held was removed at the end of its retention: nothing can be added."""


@dataclass(frozen=True)
class Home:
    """The folder of one consultation."""

    root: Path

    @property
    def store(self) -> str | None:
        """The address of the store that holds vault and lake; null: this folder does."""
        path = self.root / "store"
        return path.read_text(encoding="utf-8").strip() if path.exists() else None

    @property
    def stored(self) -> Path:
        """Where vault and lake lie: in this folder, or in the store that was chosen."""
        return open_store(self.store) if self.store else self.root

    def choose_store(self, address: str) -> None:
        """Put vault and lake in a store, from the first run on.

        Raises HomeError when they are elsewhere already or the store is another home's, StoreError
        when it cannot be used.
        """
        if self.store == address:
            return
        if self.store or (self.root / "vault").exists():
            raise HomeError(
                f"Les messages de {self.root} sont déjà dans {self.store or 'ce dossier'} : ôtez "
                "--store et ASSISES_STORE, ou donnez un autre --home."
            )
        place = open_store(address)
        if is_local(place) and place.resolve().is_relative_to(self.root.resolve()):
            raise HomeError(  # where temporary files are swept, for one
                f"--store {address} est dans {self.root} même : donnez un dossier qui n'y est pas, "
                "ou ôtez --store et ASSISES_STORE."
            )
        check_store(address)
        key = self._key.read_bytes() if self._key.exists() else b""
        bound = Vault(place / "vault", key).key_fingerprint
        if bound not in (None, key_fingerprint(key)):
            raise HomeError(
                f"{address} tient déjà les messages d'un autre dossier que {self.root} : donnez un "
                "autre --store, ou mettez d'abord dans ce dossier la clé (keys/) de cet autre."
            )
        make_folder(self.root)
        write_bytes(self.root / "store", f"{address}\n".encode())

    @property
    def vault(self) -> Vault:
        """The messages as they came: what a backup must hold, with the key."""
        key = self._key
        return Vault(self.stored / "vault", key.read_bytes() if key.exists() else b"")

    @property
    def _key(self) -> Path:
        return self.root / "keys" / "consultation.key"

    @property
    def decisions(self) -> Decisions:
        """What people decided: a backup must hold it too."""
        return Decisions(self.root / "decisions")

    @property
    def lake(self) -> Lake:
        """What was made of each day: a run can make it again from the vault."""
        return Lake(self.stored / "lake")

    @property
    def database(self) -> Path:
        """The working database's file: a run can make it again from the lake."""
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The shelf's folder: all that readers are given."""
        return self.root / "published"

    @property
    def open_data(self) -> OpenDataShelf:
        """What was exported for everybody: the memory of what is known outside."""
        return OpenDataShelf(self.root / "open-data")

    @property
    def transmissions(self) -> Transmissions:
        """What was handed over: an archive a publication that was transmitted."""
        return Transmissions(self.root / "transmissions")

    @property
    def journal(self) -> Journal:
        """What each run began, and how it ended."""
        return Journal(self.root / "journal")

    @property
    def logs(self) -> Path:
        """Where what runs say is kept, a file a month."""
        return self.root / "logs"

    @property
    def temporary(self) -> Path:
        """Where temporary files lie, those of the database too: for as long as a run."""
        return self.root / "tmp"

    def prepare(self) -> None:
        """Create the folder if need be and sweep what a killed run left."""
        make_folder(self.root)
        self.root.chmod(0o700)
        for folder in {self.root, self.stored}:
            if is_local(folder):
                sweep_staged(folder)
        self._sweep_temporary()

    def _sweep_temporary(self) -> None:
        if self.temporary.exists():
            empty_folder(self.temporary)

    def made_bytes(self) -> int:
        """Return what a run may write again takes: the database, a publication, the lake.

        What is in a store elsewhere takes no room here.
        """
        made = [(self.published / LATEST).resolve()]
        if self.store is None:
            made += [self.lake.root, self.vault.root / "parsed"]
        files = [path for root in made for path in root.rglob("*") if path.is_file()]
        files += self.root.glob(f"{self.database.name}*")
        return sum(path.stat().st_size for path in files)

    def forget_from(self, first: date | None) -> None:
        """Remove what was made of a day and of the days after it; null: of all days."""
        self.lake.forget_from(first)
        for path in self.root.glob(f"{self.database.name}*"):  # its log beside it
            path.unlink()
        self._sweep_temporary()

    def check(self) -> None:
        """Raise when something that cannot be made again is absent, or not what was stored.

        DamagedError names the file; of the key, or when all messages are gone, HomeError.
        """
        self.vault.check()
        self.decisions.check()
        if not self.decisions.is_expired():
            self.key()

    def forget_made(self) -> None:
        """Remove all that is made of the messages and of what people decided."""
        self.vault.forget_parsed()
        self.forget_from(None)

    def forget_key(self) -> None:
        """Remove the key: nobody can tell any more whose a pseudonym was."""
        shutil.rmtree(self.root / "keys", ignore_errors=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one run; a killed run's lock falls with its process.

        What an earlier program stored there is brought to its present form. Raises
        AlreadyRunningError, naming the other run's process, when one is in progress.
        """
        make_folder(self.root)
        self.refuse_root()
        descriptor = os.open(self.root / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+", encoding="ascii") as file:
            if not _take(file):
                owner = file.read().strip() or "inconnu"
                raise AlreadyRunningError(
                    f"Une exécution est déjà en cours dans {self.root} (PID {owner}) : "
                    "attendez qu'elle se termine."
                )
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            try:
                if self.store:
                    check_store(self.store)
                self._migrate()
                yield
            finally:
                self._sweep_temporary()
                file.truncate(0)

    def refuse_root(self) -> None:
        """Raise HomeError when root is about to write files that the home's account cannot read."""
        if os.geteuid() != 0 or not self.root.exists():
            return
        if owner := self.root.stat().st_uid:
            raise HomeError(
                f"{self.root} n'est pas à root : lancez cette commande sous le compte à qui est ce "
                f"dossier (runuser -u {account_name(owner)} -- assises …)."
            )

    def refuse_newer(self) -> None:
        """Raise HomeError when a program that is more recent than this one has written there."""
        note = self._format_note()
        if note and note["format"] not in MIGRATIONS:
            raise HomeError(
                f"{self.root} a été écrit par un programme plus récent (assises "
                f"{note['program_version']}, format {note['format']}) que celui-ci (assises "
                f"{version('assises')}, format {FORMAT}) : mettez assises à jour. Rien n'a été "
                "touché."
            )

    def _migrate(self) -> None:
        self.refuse_newer()
        if self._format_note().get("format") != FORMAT:
            migrate(self.root, self.stored)
            note = {"format": FORMAT, "program_version": version("assises")}
            write_bytes(self._format, f"{json.dumps(note)}\n".encode())

    @property
    def _format(self) -> Path:
        return self.root / "format.json"

    def _format_note(self) -> dict[str, str]:
        """Return the last migration that the folder has been through, and by which program."""
        if not self._format.exists():
            return {}
        note: dict[str, str] = json.loads(self._format.read_text(encoding="utf-8"))
        return note

    def sizes(self) -> dict[str, int]:
        """Return how many bytes each part of the folder holds, the largest part first."""
        parts = (
            {path.name: _size(path) for path in self.root.iterdir()} if self.root.exists() else {}
        )
        return dict(sorted(parts.items(), key=lambda part: (-part[1], part[0])))

    def owner(self) -> str | None:
        """Return the PID of the process that holds the folder; null when none does."""
        try:
            with (self.root / "run.lock").open(encoding="ascii") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return file.read().strip() or "inconnu"
        except (FileNotFoundError, NotADirectoryError):
            pass
        return None

    def bind(self, consultation: str) -> None:
        """Remember whose home it is, by the short name of the consultation.

        Raises HomeError when it is another's: what it holds would be made again, or removed, by
        the wrong rules; and when the messages that it held are gone.
        """
        self._refuse_lost_messages()
        bound = self.vault.consultation
        if bound is None:
            self.vault.bind_consultation(consultation)
        elif bound != consultation:
            raise HomeError(
                f"{self.root} est le dossier de la consultation « {bound} », pas de "
                f"« {consultation} » : corrigez --consultation ou --home."
            )

    def _refuse_lost_messages(self) -> None:
        """Raise HomeError when the vault is not where runs left it: it would pass for a new one."""
        vault = self.vault
        # What is in the journal has bound the vault; a key alone may be brought to a new home.
        if self.journal.is_begun and self._key.exists() and vault.consultation is None:
            raise HomeError(
                f"Il n'y a plus rien des messages dans {self.store or vault.root}, alors que "
                f"{self.root} en a la clé : remontez ce disque ou ce stockage, ou restaurez la "
                "sauvegarde (assises restore)."
            )

    def key(self) -> bytes:
        """Return the key of the consultation's pseudonyms, made at the first run.

        Raises as `held_key` does.
        """
        if self.held_key() is None:
            write_bytes(self._key, secrets.token_bytes(32))
        key = self._key.read_bytes()
        if self.vault.key_fingerprint is None:
            self.vault.bind_key(key_fingerprint(key))
        return key

    def held_key(self) -> bytes | None:
        """Return the key, and make none: null before the first run.

        Raises HomeError when the key under which the vault was filled is missing or another one, or
        that vault is gone; ExpiredError when the key was removed with all the rest.
        """
        path, bound = self._key, self.vault.key_fingerprint
        if not path.exists():
            if self.decisions.is_expired():
                raise ExpiredError(
                    "Les messages de cette consultation ont été supprimés au terme de leur durée "
                    "de conservation : plus rien n'est relevé ni publié."
                )
            if bound is not None:
                raise HomeError(
                    f"La clé des pseudonymes manque ({path}) : remettez celle de la sauvegarde. "
                    "Une autre clé donnerait d'autres pseudonymes aux mêmes personnes."
                )
            return None
        self._refuse_lost_messages()
        key = path.read_bytes()
        if bound not in (None, key_fingerprint(key)):
            raise HomeError(
                f"La clé des pseudonymes ({path}) n'est pas celle de cette consultation : "
                "remettez celle de la sauvegarde."
            )
        return key


def _size(path: Path) -> int:
    """Return the size of a file or of all that a folder holds; what goes meanwhile is nothing."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += _regular_size(Path(folder, name))
    with suppress(OSError):
        total += _regular_size(path)
    return total


def _regular_size(path: Path) -> int:
    found = path.lstat()
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _take(file: TextIO) -> bool:
    """Take the lock, or tell that another has it.

    Patient for an instant: `owner` has it for as long, to know whether it is taken.
    """
    for pause in (0, 0.02, 0.2):
        time.sleep(pause)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def account_name(uid: int) -> str:
    """Return the name of an account of this machine, its number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def key_fingerprint(key: bytes) -> str:
    """Return what tells a key from another and may be written down."""
    return hashlib.sha256(b"assises key\0" + key).hexdigest()
