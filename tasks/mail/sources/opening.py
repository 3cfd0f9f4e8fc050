"""From the URI of a source to its mailboxes, opened when there is something to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from tasks.consultation import Source
from tasks.mail.sources.files import EmlFolder, Maildir, Mbox
from tasks.mail.sources.imap import ImapAccount, open_account
from tasks.mail.sources.mailbox import Mailbox, SourceError
from tasks.mail.sources.sheet import Sheet

if TYPE_CHECKING:
    from pathlib import Path

FORMS = "imaps://UTILISATEUR@SERVEUR, maildir:CHEMIN, mbox:FICHIER, eml:DOSSIER ou csv:FICHIER"
FILES: dict[str, Callable[[Path, str, int], Mailbox]] = {
    "maildir": Maildir,
    "mbox": Mbox,
    "eml": EmlFolder,
}
IMAP_PORTS = {"imaps": 993, "imap": 143}


@dataclass(frozen=True)
class Access:
    """What reading the sources needs of the world around.

    `base`: where relative paths start. `secret` gives the value of `env:NAME`, `file:PATH` or
    `prefect:BLOCK`, anew at each call; it raises SourceError. `pause` waits some seconds.
    """

    base: Path
    timezone: ZoneInfo
    message_bytes: int
    secret: Callable[[str], str]
    pause: Callable[[float], None]


@contextmanager
def open_source(source: Source, access: Access) -> Iterator[Sequence[Mailbox]]:
    """Open the mailboxes of a source: one, or one for each folder of an IMAP account.

    Raises SourceError when what the source names is not there.
    """
    check_source(source, access)
    kind, _, place = source.uri.partition(":")
    path, limit = access.base / place, access.message_bytes
    if kind in IMAP_PORTS:
        account, secret = _account(source, access), lambda: access.secret(source.password)
        with open_account(account, secret, limit, access.pause) as folders:
            yield folders
    elif kind == "csv" and source.columns:
        yield [Sheet(path, source.uri, limit, source.columns, access.timezone)]
    else:
        yield [FILES[kind](path, source.uri, limit)]


def check_source(source: Source, access: Access) -> None:
    """Raise SourceError, without reading or connecting, when a source cannot be what it says."""
    kind, _, place = source.uri.partition(":")
    if kind in IMAP_PORTS:
        _account(source, access)
        if not source.password.startswith("prefect:"):  # only a flow can ask Prefect
            access.secret(source.password)
        return
    if kind not in (*FILES, "csv") or not place:
        raise SourceError(f"Source inconnue « {source.uri} » : écrivez {FORMS}.")
    path = access.base / place
    if kind in ("mbox", "csv") and not path.is_file():
        raise SourceError(
            f"Le fichier {kind} {path} n'existe pas : corrigez la source « {source.uri} »."
        )
    if kind in ("maildir", "eml") and not path.is_dir():
        raise SourceError(f"Le dossier {path} n'existe pas : corrigez la source « {source.uri} ».")
    if kind == "maildir" and not ((path / "cur").is_dir() or (path / "new").is_dir()):
        raise SourceError(
            f"{path} n'est pas une boîte Maildir : elle n'a ni dossier « cur » ni dossier « new »."
        )
    if kind == "csv" and source.columns is None:
        raise SourceError(
            f"La source « {source.uri} » n'a pas de colonnes : ajoutez [source.columns] au fichier "
            'de la consultation, au moins text = ["…"] et received_at = "…".'
        )
    if kind == "mbox":
        with path.open("rb") as file:
            if file.read(5) not in {b"From ", b""}:
                raise SourceError(
                    f"{path} n'est pas un fichier mbox : il ne commence pas par « From »."
                )


def _account(source: Source, access: Access) -> ImapAccount:
    parts = urlsplit(source.uri)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if not parts.hostname or not parts.username or port == 0 or parts.password is not None:
        raise SourceError(
            f"La source « {source.name} » n'est pas une boîte IMAP : écrivez "
            "imaps://UTILISATEUR@SERVEUR, sans mot de passe (il se donne par password)."
        )
    folder = unquote(parts.path.strip("/"))
    return ImapAccount(
        host=parts.hostname,
        port=port or IMAP_PORTS[parts.scheme],
        user=unquote(parts.username),
        folders=source.folders or ((folder,) if folder else ("INBOX",)),
        uses_starttls=parts.scheme == "imap",
        uses_token=source.authentication == "xoauth2",
        ca_file=str(access.base / source.authorities) if source.authorities else None,
    )
