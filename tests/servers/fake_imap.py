"""An IMAP server that says what it is told to say: what no honest server would."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import BinaryIO, Self

from tests.servers.certificates import Certificate

Answer = Callable[[BinaryIO, bytes], None]

CAPABILITIES = b"IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR"
USUAL = {
    b"CAPABILITY": b"* CAPABILITY " + CAPABILITIES + b"\r\n{tag} OK done\r\n",
    b"LOGIN": b"{tag} OK in\r\n",
    b"LIST": b'* LIST () "/" INBOX\r\n{tag} OK done\r\n',
    b"EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK [READ-ONLY] done\r\n",
    b"UID SEARCH": b"* SEARCH 1\r\n{tag} OK done\r\n",
    b"LOGOUT": b"* BYE\r\n{tag} OK done\r\n",
}
LETTER = b"Subject: a\r\n\r\nmot\r\n"
SIZE = b'* 1 FETCH (UID 1 RFC822.SIZE 19 INTERNALDATE " 9-Jan-2020 08:30:00 +0100")\r\n'
BODY = b"* 1 FETCH (UID 1 BODY[] {19}\r\n" + LETTER + b")\r\n"


class HangUp(Exception):  # noqa: N818 - what an answer raises to end the connection
    """The server leaves without a word more."""


class FakeImap:
    """Answers each command as `answers` says: bytes, with {tag}, or a function; else as usual.

    A command is known by its first words. `said` keeps all that clients sent, in order.
    """

    def __init__(
        self,
        certificate: Certificate | None,
        answers: Mapping[bytes, bytes | Answer],
        greeting: bytes = b"* OK hello\r\n",
    ) -> None:
        self._answers = USUAL | dict(answers)
        self._greeting = greeting
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate.certificate, certificate.key)
        self.said: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def count(self, command: bytes) -> int:
        """Count the commands that begin so."""
        return sum(line.partition(b" ")[2].startswith(command) for line in self.said)

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError, HangUp), plain:
            connection = plain
            if self._context is not None:
                connection = self._context.wrap_socket(plain, server_side=True)
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: BinaryIO) -> None:
        stream.write(self._greeting)
        stream.flush()
        while line := stream.readline():
            self.said.append(line.rstrip())
            tag, _, command = line.rstrip().partition(b" ")
            name = max((n for n in self._answers if command.startswith(n)), key=len, default=None)
            if name is None:
                if command.startswith(b"AUTHENTICATE"):
                    self._authenticate(stream, tag)
                    continue
                answer: bytes | Answer = self._fetch(command)
            else:
                answer = self._answers[name]
            if isinstance(answer, bytes):
                stream.write(answer.replace(b"{tag}", tag))
            else:
                answer(stream, tag)
            stream.flush()

    @staticmethod
    def _fetch(command: bytes) -> bytes:
        found = SIZE if b"RFC822.SIZE" in command else BODY
        return found + b"{tag} OK done\r\n"

    def _authenticate(self, stream: BinaryIO, tag: bytes) -> None:
        stream.write(b"+ \r\n")
        stream.flush()
        self.said.append(b"* " + stream.readline().rstrip())
        stream.write(tag + b" OK in\r\n")
        stream.flush()
