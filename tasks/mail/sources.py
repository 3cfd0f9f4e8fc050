"""Where messages are read: a Maildir, an mbox, a folder of .eml. Nothing is ever changed there.

A source lists its messages cheaply, each with a locator that stays the same while the message does,
then reads only those asked for.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from tasks.mail.received import parse_envelope_date, topmost_received

if TYPE_CHECKING:
    from pathlib import Path


class SourceError(Exception):
    """The source cannot be read; the message is a French sentence that says what to do."""


@dataclass(frozen=True)
class Message:
    """A message as a source gives it: bytes with LF line ends, and when it was received (UTC)."""

    locator: str
    raw: bytes
    received_at: datetime | None

    @property
    def sha256(self) -> str:
        """The hexadecimal SHA-256 of the bytes."""
        return hashlib.sha256(self.raw).hexdigest()


class Mailbox(Protocol):
    """An open source of messages."""

    def locators(self) -> list[str]:
        """Return the locator of every message there is now, in a fixed order."""
        ...

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        """Read these messages; one that has gone meanwhile is left out."""
        ...


def message_from(locator: str, raw: bytes, fallback: datetime | None) -> Message:
    """Make a message of a file's bytes: line ends as LF, a leading mbox "From " line taken off."""
    raw = raw.replace(b"\r\n", b"\n")
    if raw.startswith(b"From ") and not raw.startswith(b"From :"):  # an old way to write the header
        envelope, _, raw = raw.partition(b"\n")
        fallback = parse_envelope_date(envelope) or fallback
    return Message(locator, raw, topmost_received(raw) or fallback)


class Maildir:
    """The folders `new` and `cur` of a Maildir; a message keeps its unique name when it moves."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _paths(self) -> dict[str, Path]:
        files = (f for d in ("cur", "new") for f in _plain_files(self._root / d))
        return {f.name.partition(":")[0]: f for f in files if not f.name.startswith(".")}

    def locators(self) -> list[str]:
        """List the messages."""
        return sorted(self._paths())

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        """Read these messages."""
        paths = self._paths()
        for locator in locators:
            raw = _bytes_of(paths[locator]) if locator in paths else None
            if raw is None:  # read by somebody meanwhile: the file has another name or folder
                paths = self._paths()
                raw = _bytes_of(paths[locator]) if locator in paths else None
            if raw is not None:
                yield message_from(locator, raw, _stamp(locator))


def _stamp(name: str) -> datetime | None:
    seconds = name.partition(".")[0]
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 10):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


class EmlFolder:
    """The message files of a folder and its sub-folders; a changed file is read again.

    A file is a message when it is named .eml, or when it begins with a mail header whatever its
    name.
    """

    _HEADER = re.compile(
        rb"From |(?:Return-Path|Received|Delivered-To|X-[\w-]+|Message-ID|From|Date|To|Subject"
        rb"|Reply-To|MIME-Version|Content-[\w-]+|DKIM-[\w-]+|ARC-[\w-]+|Authentication-Results):",
        re.IGNORECASE,
    )

    def __init__(self, root: Path) -> None:
        self._root = root

    def _paths(self) -> dict[str, Path]:
        found = {}
        for path in sorted(self._root.rglob("*")):
            if path.is_file() and not path.is_symlink() and self._is_message(path):
                stat = path.stat()
                name = f"{path.relative_to(self._root)}|{stat.st_size}|{stat.st_mtime_ns}"
                found[name] = path
        return found

    def _is_message(self, path: Path) -> bool:
        if path.suffix.lower() == ".eml":
            return True
        with path.open("rb") as file:
            return self._HEADER.match(file.read(100)) is not None

    def locators(self) -> list[str]:
        """List the messages."""
        return list(self._paths())

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        """Read these messages."""
        paths = self._paths()
        for locator in locators:
            raw = _bytes_of(paths[locator]) if locator in paths else None
            if raw is not None:
                yield message_from(locator, raw, None)


class Mbox:
    """The messages of an mbox file; a locator is the content's own, so an mbox may be rewritten.

    A message begins at a dated "From " line at the start of the file or after an empty line;
    ">From " in a body is the writer's escape and is undone (mboxrd).
    """

    _SEPARATOR = re.compile(
        rb"(?:\A|\n\r?\n)(?=From [^\n]*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
        rb" [A-Z][a-z]{2} [ \d]\d [^\n]*\n)"
    )
    _ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)

    def __init__(self, path: Path) -> None:
        self._path = path

    def _messages(self) -> Iterator[Message]:
        if self._path.stat().st_size == 0:
            return
        seen: dict[str, int] = {}
        with (
            self._path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            starts = [m.end() for m in self._SEPARATOR.finditer(content)]
            if not starts or starts[0] != 0:
                raise SourceError(
                    f"{self._path.name} n'est pas un fichier mbox : il ne commence pas par une "
                    "ligne « From » datée."
                )
            for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
                message = message_from("", self._unescaped(content[start:end]), None)
                rank = seen[message.sha256] = seen.get(message.sha256, -1) + 1
                yield Message(f"{message.sha256}#{rank}", message.raw, message.received_at)

    def _unescaped(self, stored: bytes) -> bytes:
        stored = stored.replace(b"\r\n", b"\n")
        content = stored[:-1] if stored.endswith(b"\n\n") else stored  # the writer's separator
        return self._ESCAPED.sub(rb"\1", content)

    def locators(self) -> list[str]:
        """List the messages."""
        return [message.locator for message in self._messages()]

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        """Read these messages."""
        wanted = set(locators)
        return (message for message in self._messages() if message.locator in wanted)


def _plain_files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (f for f in folder.iterdir() if f.is_file() and not f.is_symlink())


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


KINDS: dict[str, Callable[[Path], Mailbox]] = {"maildir": Maildir, "mbox": Mbox, "eml": EmlFolder}


def open_source(uri: str, base: Path) -> Mailbox:
    """Open the source of a URI (`maildir:PATH`, `mbox:FILE`, `eml:DIR`), relative to `base`.

    Raises SourceError when the kind is unknown or nothing is there.
    """
    kind, _, place = uri.partition(":")
    if kind not in KINDS or not place:
        raise SourceError(
            f"Source inconnue « {uri} » : écrivez maildir:CHEMIN, mbox:FICHIER ou eml:DOSSIER."
        )
    path = base / place
    if kind == "mbox" and not path.is_file():
        raise SourceError(f"Le fichier mbox {path} n'existe pas : corrigez la source « {uri} ».")
    if kind != "mbox" and not path.is_dir():
        raise SourceError(f"Le dossier {path} n'existe pas : corrigez la source « {uri} ».")
    if kind == "maildir" and not ((path / "cur").is_dir() or (path / "new").is_dir()):
        raise SourceError(
            f"{path} n'est pas une boîte Maildir : elle n'a ni dossier « cur » ni dossier « new »."
        )
    if kind == "mbox":
        with path.open("rb") as file:
            if file.read(5) not in {b"From ", b""}:
                raise SourceError(
                    f"{path} n'est pas un fichier mbox : il ne commence pas par « From »."
                )
    return KINDS[kind](path)
