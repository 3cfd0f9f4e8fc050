"""Handing a message to a server: over verified TLS, or to this very machine.

What fails is told by a sentence of ours, with the server's code: its own words quote addresses.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from threading import Timer

from tasks.consultation import MailServer
from warehouse.failures import TellableError

TIMEOUT_SECONDS = 30.0  # without a byte
REPLY_SECONDS = 60.0  # for a whole reply
_CLOSING = 421
_TOO_LARGE = frozenset({523, 552})
# The first that fits: errors of certificates are a kind of those of TLS.
_HINDRANCES: tuple[tuple[type[Exception], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "le certificat n'est pas vérifié : corrigez message.server ou message.authorities",
    ),
    (ssl.SSLError, "TLS ne s'établit pas : corrigez message.server ou message.authorities"),
    (FileNotFoundError, "le fichier des autorités (message.authorities) n'existe pas"),
    (
        smtplib.SMTPNotSupportedError,
        "le serveur n'offre pas STARTTLS, ou pas d'identification : rien ne lui est envoyé",
    ),
    (UnicodeError, "message.user et le mot de passe ne peuvent être que de l'ASCII"),
)


class SendError(TellableError):
    """The message reached nobody; the French sentence says why."""


class UncertainError(TellableError):
    """The connection broke while the message was given: nobody knows whether it arrived."""


@dataclass(frozen=True)
class Account:
    """A server and who we are there. `ca_file` replaces the system's authorities."""

    server: MailServer
    user: str | None = None
    ca_file: str | None = None


class _Patience(smtplib.SMTP):
    """A connection that is hung up when a reply has no end."""

    _is_over = False

    def getreply(self) -> tuple[int, bytes]:
        hang_up = Timer(REPLY_SECONDS, self._hang_up)
        hang_up.start()
        try:
            reply = super().getreply()
        finally:
            hang_up.cancel()
        if self._is_over:  # what came of it is no reply
            raise smtplib.SMTPServerDisconnected
        return reply

    def _hang_up(self) -> None:
        self._is_over = True
        connection: socket.socket | None = self.sock
        if connection is not None:
            with suppress(OSError):  # it may close by itself meanwhile
                connection.shutdown(socket.SHUT_RDWR)


class _EncryptedPatience(_Patience, smtplib.SMTP_SSL):
    """The same, encrypted from its first byte."""


def send(
    account: Account,
    secret: Callable[[], str],
    sender: str,
    recipients: Sequence[str],
    message: EmailMessage,
) -> Mapping[str, int]:
    """Hand over a message; return the server's code for each recipient that it refused.

    `secret` is asked for when there is a user. Raises SendError, UncertainError.
    """
    content = message.as_bytes(policy=SMTP)
    client = _connect(account, secret, sender)
    try:
        refused = client.sendmail(sender, list(recipients), content)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
        if refused.keys() < set(recipients):  # it hung up on one: nobody was given anything
            raise SendError(_refusal(_CLOSING)) from None
    except smtplib.SMTPResponseException as error:
        if not _is_refusal(error):
            raise UncertainError("la réponse du serveur à l'envoi n'est pas comprise") from None
        raise SendError(_refusal(error.smtp_code)) from None
    except (smtplib.SMTPServerDisconnected, OSError):
        raise UncertainError("la connexion a été coupée pendant l'envoi") from None
    finally:
        _leave(client)
    return {address: code for address, (code, _) in refused.items()}


def greet(account: Account, secret: Callable[[], str], sender: str) -> None:
    """Connect and log in as `send` does, hand over nothing, and leave. Raises SendError."""
    _leave(_connect(account, secret, sender))


def _connect(account: Account, secret: Callable[[], str], sender: str) -> _Patience:
    """Return a connection that may carry a message: encrypted and logged in where it must be."""
    server, name = account.server, sender.partition("@")[2]
    client: _Patience | None = None
    try:
        context = ssl.create_default_context(cafile=account.ca_file)
        if server.security == "tls":
            client = _EncryptedPatience(
                server.host, server.port, name, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            client = _Patience(server.host, server.port, name, timeout=TIMEOUT_SECONDS)
        if server.security == "starttls":
            client.starttls(context=context)
        if account.user is not None:
            client.login(account.user, secret())
    except Exception as error:
        if client is not None:
            _leave(client)
        if isinstance(error, OSError | UnicodeError):  # those of smtplib are the system's too
            raise SendError(_hindrance(error)) from None
        raise
    return client


def _leave(client: smtplib.SMTP) -> None:
    """Say goodbye, or hang up: what was done does not depend on it."""
    with suppress(smtplib.SMTPException, OSError):
        client.quit()
    client.close()


def _hindrance(error: OSError | UnicodeError) -> str:
    """Say why there is no connection to send by."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"le serveur refuse l'identifiant ou le mot de passe (code {error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(error.smtp_code)
    unreachable = f"le serveur ne peut pas être joint ({type(error).__name__})"
    return next((told for kind, told in _HINDRANCES if isinstance(error, kind)), unreachable)


def _is_refusal(error: smtplib.SMTPResponseException) -> bool:
    """Tell whether a reply says that the message was not taken, whatever was given by then."""
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPHeloError):
        return True
    return isinstance(error, smtplib.SMTPDataError) and 400 <= error.smtp_code < 600


def _refusal(code: int) -> str:
    if code in _TOO_LARGE:
        return f"le serveur trouve le message trop volumineux (code {code})"
    return f"le serveur refuse le message (code {code})"
