"""Messages in the folders of a mailbox on a server, which is never changed.

Folders are opened with EXAMINE and bodies read with BODY.PEEK. The connection is TLS, verified, or
there is none. What the server may send for one command is bounded before it is read. A connection
that fails is made again and what is missing asked for anew; a locator is `UIDVALIDITY.UID`.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, LoginError

from tasks.mail.received import HEADER_BYTES, MAIL_YEARS
from tasks.mail.sources.mailbox import Message, RenumberedError, SourceError, UnreachableError

TIMEOUT_SECONDS = 30.0
PAUSES = (2.0, 10.0)  # before a second and a third try; there is no fourth without progress
BATCH_MESSAGES = 200
BATCH_BYTES = 8_000_000
_LINE_BYTES = 10_000_000  # a listing is one line: a million messages
_SPARE_BYTES = 1_000_000  # what a server may say beside the bytes that were asked for

T = TypeVar("T")


@dataclass(frozen=True)
class ImapAccount:
    """A mailbox on a server. With `uses_token` the secret is an access token (XOAUTH2).

    `uses_starttls`: TLS begins after the greeting, else with the first byte. `ca_file` replaces the
    system's authorities.
    """

    host: str
    port: int
    user: str
    folders: tuple[str, ...] = ("INBOX",)
    uses_starttls: bool = False
    uses_token: bool = False
    ca_file: str | None = None


@contextmanager
def open_account(
    account: ImapAccount,
    secret: Callable[[], str],
    message_bytes: int,
    pause: Callable[[float], None],
) -> Iterator[Sequence[ImapFolder]]:
    """Give the folders of an account, connected at the first need and logged out at the end.

    `secret` is asked for at each login; of messages over `message_bytes` the header alone is read;
    `pause` waits some seconds between two connections.
    """
    connection = _Connection(account, secret, pause)
    try:
        yield [ImapFolder(connection, name, message_bytes) for name in account.folders]
    finally:
        connection.close()


class ImapFolder:
    """One folder of an account."""

    def __init__(self, connection: _Connection, name: str, message_bytes: int) -> None:
        account = connection.account
        self.place = f"imap://{account.user}@{account.host}:{account.port}/{name}"
        self.remarks: list[str] = []
        self._connection, self._name, self._limit = connection, name, message_bytes
        self._batch = BATCH_MESSAGES

    def locators(self) -> list[str]:
        """List the messages, oldest number first."""

        def search(client: _Client) -> list[str]:
            validity = self._connection.examine(self._name)
            client.allow(_LINE_BYTES)
            return [f"{validity}.{uid}" for uid in sorted(set(client.search("ALL")))]

        return self._connection.attempt(search)

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        """Read these messages in batches; raises RenumberedError, UnreachableError."""
        self.remarks = []
        validities = {name.partition(".")[0] for name in locators}
        wanted = [int(name.partition(".")[2]) for name in locators]
        refused = 0
        while wanted:

            def read_some(client: _Client) -> tuple[list[int], list[Message], int]:
                validity = self._connection.examine(self._name)
                if validities != {validity}:
                    raise RenumberedError
                uids = wanted[: self._batch]
                self._batch = max(self._batch // 8, 1)  # smaller, should this one fail
                return self._read_batch(client, validity, uids)

            asked, messages, not_given = self._connection.attempt(read_some)
            self._batch = min(self._batch * 16, BATCH_MESSAGES)
            refused += not_given
            del wanted[: len(asked)]
            yield from messages
        if refused:
            self.remarks.append(f"le serveur n'a pas donné {refused} message(s) qu'il annonce.")

    def _read_batch(
        self, client: _Client, validity: str, uids: list[int]
    ) -> tuple[list[int], list[Message], int]:
        """Read the first of these messages, as many as a batch may weigh."""
        about = client.ask(uids, ["RFC822.SIZE", "INTERNALDATE"], 0)
        asked: list[int] = []
        weight = 0
        for uid in uids:
            size = about.get(uid, {}).get(b"RFC822.SIZE") or 0
            weight += min(size, HEADER_BYTES if size > self._limit else size)
            if asked and weight > BATCH_BYTES:
                break
            asked.append(uid)
        present = [uid for uid in asked if b"RFC822.SIZE" in about.get(uid, {})]
        sizes = {uid: int(about[uid][b"RFC822.SIZE"]) for uid in present}
        small = [uid for uid in present if sizes[uid] <= self._limit]
        large = [uid for uid in present if sizes[uid] > self._limit]
        bodies = client.ask(small, ["BODY.PEEK[]"], sum(sizes[uid] for uid in small))
        heads = client.ask(
            large, [f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"], HEADER_BYTES * len(large)
        )
        messages = []
        for uid in present:
            is_whole = uid in bodies
            raw = bodies[uid].get(b"BODY[]") if is_whole else _header(heads.get(uid, {}))
            if isinstance(raw, bytes):
                raw = raw.replace(b"\r\n", b"\n")
                size = len(raw) if is_whole else sizes[uid]
                instant = _instant(about[uid].get(b"INTERNALDATE"))
                messages.append(Message(f"{validity}.{uid}", raw, instant, size, is_whole))
        return asked, messages, client.refusals_since_asked()


def _header(found: dict[bytes, Any]) -> Any:
    return next((v for k, v in found.items() if k.startswith(b"BODY[HEADER]")), None)


def _instant(found: Any) -> datetime | None:
    """Return the server's date of receipt as UTC; null when it is not one of electronic mail."""
    if not isinstance(found, datetime) or not MAIL_YEARS[0] <= found.year <= MAIL_YEARS[1]:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


class _Connection:
    """The connection of an account, made when it is needed and made again when it fails."""

    def __init__(
        self, account: ImapAccount, secret: Callable[[], str], pause: Callable[[float], None]
    ) -> None:
        self.account = account
        self._secret, self._pause = secret, pause
        self._client: _Client | None = None
        self._examined: tuple[str, str] | None = None

    def attempt(self, work: Callable[[_Client], T]) -> T:
        """Do some work; after a failure of the connection, twice more on a new one."""
        for seconds in (*PAUSES, None):
            try:
                if self._client is None:
                    self._client = self._log_in()
                return work(self._client)
            except (OSError, imaplib.IMAP4.error, ValueError, AssertionError) as error:
                self.close()
                if seconds is None:
                    raise UnreachableError(
                        f"La boîte de {self.account.host} ne répond pas comme il faut, trois fois "
                        f"de suite ({type(error).__name__}) : vérifiez le serveur et le réseau, "
                        "puis relancez ; ce qui est relevé est gardé."
                    ) from None
                self._pause(seconds)
        raise AssertionError

    def examine(self, folder: str) -> str:
        """Open a folder read-only, unless it is open; return its UIDVALIDITY."""
        client = self._client
        if client is None:
            raise ConnectionError
        if self._examined is None or self._examined[0] != folder:
            self._examined = None
            client.allow(0)
            try:
                answer = client.select_folder(folder, readonly=True)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                raise self._no_such(folder, client) from None
            self._examined = folder, str(int(answer.get(b"UIDVALIDITY") or 0))
        return self._examined[1]

    def _no_such(self, folder: str, client: _Client) -> SourceError:
        client.allow(_LINE_BYTES)
        names = ", ".join(sorted(str(name) for *_, name in client.list_folders())[:30])
        return SourceError(
            f"La boîte de {self.account.host} n'a pas de dossier « {folder} » lisible : corrigez "
            f"folders (dossiers : {names or 'aucun'})."
        )

    def close(self) -> None:
        """Log out if that is still possible; in any case leave."""
        client, self._client, self._examined = self._client, None, None
        if client is not None:
            client.leave()

    def _log_in(self) -> _Client:
        account, secret = self.account, self._secret()
        client = self._connect()
        try:
            client.authenticate(account, secret)
        except LoginError as error:
            client.leave()
            if isinstance(error.__context__, imaplib.IMAP4.abort) or b"UNAVAILABLE" in _said(error):
                raise ConnectionError from None
            raise self._refused() from None
        except BaseException:
            client.leave()
            raise
        return client

    def _refused(self) -> SourceError:
        what = "le jeton d'accès" if self.account.uses_token else "le mot de passe"
        return SourceError(
            f"{self.account.host} refuse {what} de cette boîte : corrigez-le, puis relancez. Il "
            "n'est pas essayé deux fois."
        )

    def _connect(self) -> _Client:
        account = self.account
        try:
            return _Client(account, _trust(account.ca_file))
        except (ssl.SSLCertVerificationError, CapabilityError) as error:
            reason = getattr(error, "verify_message", "") or "il n'offre pas STARTTLS"
            raise SourceError(
                f"{account.host} ne peut pas être cru ({reason}) : rien ne lui a été envoyé. "
                "Vérifiez son nom, son certificat, ou authorities."
            ) from None


def _said(error: Exception) -> bytes:
    return str(error).upper().encode()


def _trust(ca_file: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError):
        raise SourceError(f"Le fichier de certificats {ca_file} ne peut pas être lu.") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """The library's client over bounded reads, always in TLS before anything is said."""

    def __init__(self, account: ImapAccount, context: ssl.SSLContext) -> None:
        self._refusals = 0
        super().__init__(
            account.host,
            account.port,
            ssl=not account.uses_starttls,
            ssl_context=context,
            timeout=SocketTimeout(TIMEOUT_SECONDS, TIMEOUT_SECONDS),
        )
        self.normalise_times = False  # aware dates, not naive ones of this machine's zone
        self._imap.debug = 0  # no wire log: it would hold mail
        if account.uses_starttls:
            try:
                self.starttls(context)
            except BaseException:
                self.leave()
                raise

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - the library's name
        return _Wire(self.host, self.port, self.ssl_context if self.ssl else None)

    def allow(self, expected_bytes: int) -> None:
        """Bound what the server may send until the next call."""
        self._imap.remaining = 2 * expected_bytes + _SPARE_BYTES

    def authenticate(self, account: ImapAccount, secret: str) -> None:
        """Log in; raises LoginError when the server refuses, SourceError when it cannot be."""
        self.allow(0)
        if account.uses_token:
            answers = iter([f"user={account.user}\1auth=Bearer {secret}\1\1".encode()])
            # The second question is the server's reason for a refusal, answered by nothing.
            self.sasl_login("XOAUTH2", lambda _: next(answers, b""))
        elif self.has_capability("AUTH=PLAIN"):
            self.plain_login(account.user, secret)
        elif self.has_capability("LOGINDISABLED") or not (account.user + secret).isascii():
            raise SourceError(f"{account.host} n'accepte aucune façon sûre de s'identifier.")
        else:
            self.login(account.user, secret)

    def ask(self, uids: list[int], items: list[str], expected_bytes: int) -> dict[int, Any]:
        """Fetch items of messages; those that have gone are left out.

        When the server refuses them together, they are asked for one by one.
        """
        self.allow(expected_bytes + 1_000 * len(uids))
        try:
            return dict(self.fetch(uids, items))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            if len(uids) > 1:
                return {
                    k: v for uid in uids for k, v in self.ask([uid], items, expected_bytes).items()
                }
            self._refusals += 1
            return {}

    def refusals_since_asked(self) -> int:
        """Count, and forget, the messages that the server would not give."""
        count, self._refusals = self._refusals, 0
        return count

    def leave(self) -> None:
        """Log out, or at least close the connection."""
        self.allow(0)
        with suppress(OSError, imaplib.IMAP4.error, ValueError):
            self.socket().settimeout(2.0)
            self.logout()
            return
        with suppress(OSError, imaplib.IMAP4.error, ValueError):
            self.shutdown()


class _Wire(imaplib.IMAP4):
    """Reads of no more than what was allowed: a length is believed only when it was expected.

    TLS from the first byte with a context, else a plain socket for STARTTLS.
    """

    remaining = _SPARE_BYTES

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        return (
            self._context.wrap_socket(plain, server_hostname=self.host) if self._context else plain
        )

    def read(self, size: int) -> bytes:
        """Read a literal whole, or fail before it is read."""
        self._spend(size)
        data: bytes = self.file.read(size)  # type: ignore[assignment]  # opened for bytes
        if len(data) < size:
            raise self.abort("cut inside a literal")
        return data

    def readline(self) -> bytes:
        """Read a line of at most what is left."""
        wanted = min(self.remaining, _LINE_BYTES) + 1
        line: bytes = self.file.readline(wanted)  # type: ignore[assignment]  # opened for bytes
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        if size > self.remaining:
            raise self.abort("more than was asked for")
        self.remaining -= size
