"""Messages in files: a Maildir, an mbox, a folder of .eml. Nothing is ever changed there.

A listing is cheap, with a locator for each message that stays the same while the message does; only
the messages asked for are read, and of one that is too large only the header.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from tasks.folders import plain_files
from tasks.mail.received import HEADER_BYTES, parse_envelope_date, topmost_received
from tasks.mail.sources.mailbox import Message, SourceError

if TYPE_CHECKING:
    from pathlib import Path

_HEADER_NAME = (
    rb"(?:Return-Path|Received|Delivered-To|X-[\w-]+|Message-ID|From|Date|To|Cc|Subject|Sender"
    rb"|Reply-To|Envelope-To|MIME-Version|Content-[\w-]+|DKIM-[\w-]+|ARC-[\w-]+|List-[\w-]+"
    rb"|Status|In-Reply-To|References|Auto-Submitted|Authentication-Results)[ \t]*:"
)


def message_from(
    locator: str, stored: bytes, fallback: datetime | None, size: int, limit: int
) -> Message:
    """Make a message of what a file holds, of which `size` is the whole size and `stored` enough.

    Line ends become LF, a leading mbox "From " line is taken off; beyond `limit` bytes the header
    is all that is kept.
    """
    raw = stored.replace(b"\r\n", b"\n")
    if raw.startswith(b"From ") and not raw.startswith(b"From :"):  # an old way to write the header
        envelope, _, raw = raw.partition(b"\n")
        fallback = parse_envelope_date(envelope) or fallback
    is_whole = size <= limit
    if not is_whole:
        end = raw.find(b"\n\n", 0, HEADER_BYTES)
        raw = raw[: end + 1 if end >= 0 else HEADER_BYTES]
    received_at = topmost_received(raw) or fallback
    return Message(locator, raw, received_at, len(raw) if is_whole else size, is_whole)


class Maildir:
    """The folders `new` and `cur` of a Maildir; a message keeps its unique name when it moves."""

    remarks = ()

    def __init__(self, root: Path, place: str, limit: int) -> None:
        self.place = place
        self._root, self._limit = root, limit
        self._found: dict[str, str] = {}

    def _scan(self) -> dict[str, list[str]]:
        """Return the names in each folder."""
        return {folder: plain_files(self._root / folder) for folder in ("cur", "new")}

    def locators(self) -> list[str]:
        """List the messages; again while names move, since a scan may miss one that does."""
        scanned = self._scan()
        found = _files(scanned)
        for _ in range(_MOVES):
            before, scanned = scanned, self._scan()
            count = len(found)
            found |= _files(scanned) if scanned != before else {}
            if len(found) == count:
                break
        self._found = found
        return sorted(found)

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        """Read these messages."""
        files = self._found
        for locator in locators:
            for _ in range(_MOVES):
                file = files.get(locator)
                found = _read_file(self._root / file if file else None, self._limit)
                if found is not None:
                    yield message_from(locator, found[0], _stamp(locator), found[1], self._limit)
                    break
                # Read or marked by somebody meanwhile: the file has another name or folder.
                files = _files(self._scan())


_MOVES = 10  # that a message moves each time it is looked for is beyond any person
_FIRST_BYTES = 65_536  # more than most messages have


def _files(scanned: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the place of each message's file by the message's unique name."""
    return {
        name.partition(":")[0]: f"{folder}/{name}"
        for folder, names in scanned.items()
        for name in names
        if not name.startswith(".")
    }


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

    remarks = ()
    _BEGINNING = re.compile(rb"From |" + _HEADER_NAME, re.IGNORECASE)

    def __init__(self, root: Path, place: str, limit: int) -> None:
        self.place = place
        self._root, self._limit = root, limit

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
        with _opened(path) as file:
            return self._BEGINNING.match(file.read(100)) is not None

    def locators(self) -> list[str]:
        """List the messages."""
        return list(self._paths())

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        """Read these messages."""
        paths = self._paths()
        for locator in locators:
            found = _read_file(paths.get(locator), self._limit)
            if found is not None:
                yield message_from(locator, found[0], None, found[1], self._limit)


class Mbox:
    """The messages of an mbox file; a locator is the content's own, so an mbox may be rewritten.

    A message begins at a dated "From " line, at the start of the file or after an empty line, that
    a header follows; ">From " in a body is the writer's escape and is undone (mboxrd). A dated
    "From " line elsewhere stays in its message, and is remarked.
    """

    _DATED = re.compile(
        rb"^From [^\n]*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d [^\n]*\n",
        re.MULTILINE,
    )
    _HEADER = re.compile(_HEADER_NAME, re.IGNORECASE)
    _ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)

    def __init__(self, path: Path, place: str, limit: int) -> None:
        self.place = place
        self.remarks: list[str] = []
        self._path, self._limit = path, limit

    def _starts(self, content: mmap.mmap) -> list[int]:
        dated = list(self._DATED.finditer(content))
        starts = [m.start() for m in dated if self._begins_a_message(content, m)]
        if not starts or starts[0] != 0:
            raise SourceError(
                f"{self._path.name} n'est pas un fichier mbox : il ne commence pas par une "
                "ligne « From » datée."
            )
        inside = len(dated) - len(starts)
        doubt = (
            f"{self._path.name} : {inside} ligne(s) « From » datée(s), qu'aucun en-tête ne suit, "
            "laissée(s) dans leur message ; vérifiez que cet mbox est bien formé."
        )
        self.remarks = [doubt] if inside else []
        return starts

    def _begins_a_message(self, content: mmap.mmap, dated: re.Match[bytes]) -> bool:
        start = dated.start()
        if start == 0:
            return True
        before = content[max(0, start - 3) : start]
        is_apart = before.endswith((b"\n\n", b"\n\r\n"))
        return is_apart and self._HEADER.match(content, dated.end()) is not None

    def _messages(self) -> Iterator[Message]:
        if self._path.stat().st_size == 0:
            return
        seen: dict[str, int] = {}
        with (
            self._path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            starts = self._starts(content)
            for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
                size = end - start
                kept = end if size <= self._limit else start + 2 * HEADER_BYTES
                stored = self._unescaped(content[start:kept])
                message = message_from("", stored, None, size, self._limit)
                rank = seen[message.sha256] = seen.get(message.sha256, -1) + 1
                yield Message(
                    f"{message.sha256}#{rank}",
                    message.raw,
                    message.received_at,
                    message.size_bytes,
                    message.is_whole,
                )

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


def _read_file(path: Path | None, limit: int) -> tuple[bytes, int] | None:
    """Read a file, or the beginning of one larger than `limit`, and its size; null: it has gone."""
    if path is None:
        return None
    try:
        with _opened(path) as file:
            first = min(_FIRST_BYTES, limit + 1)
            content = file.read(first)
            if len(content) == first:  # only then is room made for all that may come
                content += file.read(limit + 1 - first)
            if len(content) <= limit:
                return content, len(content)
            return content[: 2 * HEADER_BYTES], max(path.stat().st_size, limit + 1)
    except FileNotFoundError:
        return None


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a message's file; raise SourceError, without its name, which may be a person's."""
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SourceError(
            f"Un message du dossier {path.parent} ne peut pas être lu ({error.strerror}) : rendez "
            "lisibles tous ses fichiers, ou ôtez-en celui qui est abîmé."
        ) from None
