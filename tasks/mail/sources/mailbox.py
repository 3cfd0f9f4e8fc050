"""What every source of messages gives: a listing, and the messages of it that are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from warehouse.failures import TellableError

MAIL, ANSWER = "message/rfc822", "application/json"


class SourceError(TellableError):
    """The source cannot be read; the message is a French sentence that says what to do."""


class UnreachableError(SourceError):
    """The source did not answer: nothing is wrong with what was asked, a later run may succeed."""


class RenumberedError(Exception):
    """The locators of the last listing no longer name the messages they named: list again."""


@dataclass(frozen=True)
class Message:
    """A message as a source gives it: bytes with LF line ends, and when it was received (UTC).

    Of a message too large to be kept `raw` is the header alone, `is_whole` is false and
    `size_bytes` is what the source says of its size. `media_type` is MAIL, or ANSWER for a row of a
    table of answers.
    """

    locator: str
    raw: bytes
    received_at: datetime | None
    size_bytes: int
    is_whole: bool = True
    media_type: str = MAIL

    @cached_property
    def sha256(self) -> str:
        """The hexadecimal SHA-256 of the bytes."""
        return hashlib.sha256(self.raw).hexdigest()


class Mailbox(Protocol):
    """One listing of messages: a folder or a file. Nothing is ever changed there."""

    @property
    def place(self) -> str:
        """Name the place in which locators mean something; never published."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """Say in French what a person should know of the listing; empty when all is well."""
        ...

    def locators(self) -> list[str]:
        """Return the locator of every message there is now, in a fixed order."""
        ...

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        """Read these messages; one that has gone meanwhile is left out.

        Raises RenumberedError when the locators no longer hold.
        """
        ...
