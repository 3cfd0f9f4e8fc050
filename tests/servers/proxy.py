"""A TCP proxy on loopback that treats what a server sends as bad networks do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Self

CHUNK = 65_536

Relay = Callable[[socket.socket, socket.socket], None]


def whole(server: socket.socket, client: socket.socket) -> None:
    """Hand everything on."""
    while data := server.recv(CHUNK):
        client.sendall(data)


def cut_after(count: int) -> Relay:
    """Cut the connection once so many bytes were handed on."""

    def relay(server: socket.socket, client: socket.socket) -> None:
        left = count
        while left > 0 and (data := server.recv(min(left, CHUNK))):
            client.sendall(data)
            left -= len(data)

    return relay


def silent_after(count: int) -> Relay:
    """Say nothing more once so many bytes were handed on, but leave the connection open."""

    def relay(server: socket.socket, client: socket.socket) -> None:
        cut_after(count)(server, client)
        while server.recv(CHUNK):
            pass

    return relay


def one_byte_at_a_time(server: socket.socket, client: socket.socket) -> None:
    """Hand on each byte alone."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := server.recv(CHUNK):
        for place in range(len(data)):
            client.sendall(data[place : place + 1])


class Proxy:
    """Listens until it is closed; the n-th connection is relayed by the n-th relay, then whole."""

    def __init__(self, target: int, relays: Sequence[Relay] = ()) -> None:
        self._target, self._relays = target, list(relays)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        self.carried = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                relay = (
                    self._relays[self.connections]
                    if self.connections < len(self._relays)
                    else whole
                )
                self.connections += 1
                threading.Thread(target=self._serve, args=(client, relay), daemon=True).start()

    def _serve(self, client: socket.socket, relay: Relay) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            threading.Thread(target=self._upward, args=(client, server), daemon=True).start()
            with suppress(OSError):
                relay(server, client)
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _upward(client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(CHUNK):
                server.sendall(data)
