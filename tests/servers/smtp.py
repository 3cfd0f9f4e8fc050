"""A server that takes messages on this machine and keeps them, as strict as a test asks."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import Certificate

USER, PASSWORD = "consultation", "mot-de-passe-du-serveur"


@dataclass
class Taken:
    """What the server took: to whom, the bytes, and whether TLS and a login came before."""

    recipients: tuple[str, ...]
    content: bytes
    is_encrypted: bool
    is_logged_in: bool

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.content, policy=default)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class SmtpServer:
    """A server's post; `refuses` gives the reply for a recipient, `hangs_up` cuts after DATA."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    refuses: Mapping[str, str] = field(default_factory=dict)
    hangs_up: bool = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: Any
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(
            Taken(
                tuple(envelope.rcpt_tos),
                content,
                server.transport.get_extra_info("ssl_object") is not None,
                session.authenticated is True,
            )
        )
        if self.hangs_up:
            server.transport.abort()
        return "250 OK"


def _let_in(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
) -> AuthResult:
    is_right = given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def smtp_server(
    security: Literal["tls", "starttls", "none"] = "none",
    certificate: Certificate | None = None,
    port: int = 0,
    **post: Any,
) -> Iterator[SmtpServer]:
    """Run a server for a while; one that is encrypted lets people log in."""
    server = SmtpServer(**post)
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.certificate, certificate.key)
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=port or free_port(),
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        require_starttls=security == "starttls",
        auth_required=security == "starttls",
        auth_require_tls=security != "tls",  # aiosmtpd knows TLS by STARTTLS only
        authenticator=_let_in,
    )
    controller.start()
    server.port = controller.port
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def scripted_server(script: Mapping[str, bytes], pause: float = 0) -> Iterator[SmtpServer]:
    """Run a server whose replies are given: by the first word of a line, `.` ends the message.

    What the script lacks is answered as it should be; bytes go out one `pause` after the other.
    """
    replies = {"": b"220 x\r\n", "data": b"354 go on\r\n"} | dict(script)
    listening = socket.create_server(("127.0.0.1", 0))

    def say(connection: socket.socket, word: str) -> None:
        reply = replies.get(word, b"250 OK\r\n")
        for part in [reply[n : n + 1] for n in range(len(reply))] if pause else [reply]:
            connection.sendall(part)
            time.sleep(pause)

    def serve() -> None:
        with suppress(OSError), listening.accept()[0] as connection:
            say(connection, "")
            in_message = False
            for line in connection.makefile("rb"):
                word = line.decode("latin-1").split(":")[0].strip().lower()
                if in_message and word != ".":
                    continue
                in_message = word == "data" and replies[word].startswith(b"354")
                say(connection, word if word == "." else word.partition(" ")[0])

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield SmtpServer(listening.getsockname()[1])
    finally:
        listening.close()
        thread.join(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
