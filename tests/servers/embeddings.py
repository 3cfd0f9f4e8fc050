"""A service of embeddings on loopback that speaks as OpenAI's does, well or badly."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tasks.language.words import stem, tokens

DIMENSIONS = 128

# The status of an answer, its headers, the pieces of its content: made from the texts asked for.
Answer = tuple[int, dict[str, str], Iterable[bytes]]
Answering = Callable[[list[str]], Answer]


def embedding(text: str) -> list[float]:
    """A hashed bag of words, and what all embeddings of a model have in common."""
    vector = [0.0] * DIMENSIONS
    vector[0] = 3.0
    for word in tokens(text):
        digest = hashlib.blake2b(stem(word).encode(), digest_size=8).digest()
        vector[1 + digest[0] % (DIMENSIONS - 1)] += 1.0 if digest[1] % 2 else -1.0
    return vector


def rows(texts: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"object": "embedding", "index": n, "embedding": embedding(text)}
        for n, text in enumerate(texts)
    ]


def data(given: Any) -> Answer:
    return 200, {}, [json.dumps({"object": "list", "data": given}).encode()]


def well(texts: list[str]) -> Answer:
    """Answer in another order than asked: `index` says which is which."""
    return data(rows(texts)[::-1])


def status(code: int, **headers: str) -> Answering:
    """Answer with a status, repeating what was asked, as some services do."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda texts: (code, named, [json.dumps({"error": texts}).encode()])


def late(seconds: float) -> Answering:
    def answer(texts: list[str]) -> Answer:
        time.sleep(seconds)
        return well(texts)

    return answer


def drop_by_drop(texts: list[str]) -> Answer:
    """Answer well, a byte from time to time."""

    def drops() -> Iterator[bytes]:
        for content in well(texts)[2]:
            for place in range(len(content)):
                yield content[place : place + 1]
                time.sleep(0.05)

    return 200, {}, drops()


class EmbeddingServer:
    """Listens until it is closed; the n-th request is answered by the n-th answer, then well."""

    def __init__(self, *answers: Answering) -> None:
        self.asked: list[list[str]] = []
        self.models: list[str] = []
        self.authorizations: list[str | None] = []
        outer, to_come = self, list(answers)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(content["input"])
                outer.models.append(content["model"])
                outer.authorizations.append(self.headers["Authorization"])
                is_here = self.path == "/v1/embeddings"
                answering = (to_come.pop(0) if to_come else well) if is_here else status(404)
                code, headers, body = answering(content["input"])
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for part in body:
                    self.wfile.write(part)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # who left early
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def texts(self) -> list[str]:
        """Every text that was asked for, in order."""
        return [text for texts in self.asked for text in texts]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
