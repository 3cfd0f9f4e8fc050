"""Opens the encoder that a consultation declares, where it is not that of the words.

A model that stands on this machine, or a service that speaks as OpenAI's does: the only place from
which the words of citizens, masked, may leave the machine. What goes wrong is one French sentence
that holds neither those words nor a key.
"""

from __future__ import annotations

import json
import logging
import os
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from http.client import HTTPException, HTTPResponse, IncompleteRead
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

import numpy as np
import pyarrow as pa

from tasks.consultation import DeclaredEncoder, Theme, is_loopback
from tasks.language.encoders import (
    Encoder,
    EncoderError,
    EncoderUnreachableError,
    Encoding,
    WordEncoder,
)
from tasks.language.lists import Lists
from tasks.language.vectors import FLOAT, INT, unit

log = logging.getLogger("assises")

Embed = Callable[[Sequence[str]], FLOAT]

LONGEST = 1500  # characters of a statement that are encoded: models refuse or cut longer texts
WAITS = (2.0, 8.0)  # seconds before the second and the third try
LONGEST_WAIT = 60.0  # that a service may ask for
ANSWER_BYTES = 200_000_000
CHUNK = 65_536
_PRECISE = 2**30  # what 1.0 is, before a vector is scaled to `UNIT`


@dataclass(frozen=True)
class EncoderAccess:
    """What opening an encoder needs of the world around.

    `base`: where the path of a model starts. `secret` gives the value of `env:NAME`, `file:PATH` or
    `prefect:BLOCK`. `pause` waits some seconds.
    """

    base: Path
    secret: Callable[[str], str]
    pause: Callable[[float], None]


def open_encoder(
    declared: DeclaredEncoder, themes: Sequence[Theme], access: EncoderAccess
) -> Encoder:
    """Return the declared encoder; nothing is loaded or asked before it has something to encode."""
    if declared.kind == "words":
        return WordEncoder()
    embed = _embed(declared, access)
    own = (text for t in themes for text in (t.label, t.description, *t.examples))
    return SentenceEncoder(declared.name, embed, own)


def try_encoder(declared: DeclaredEncoder, access: EncoderAccess) -> int:
    """Encode words that nobody wrote, and return how many numbers a vector has.

    Raises EncoderError.
    """
    return int(_embed(declared, access)(["La place est calme."]).shape[-1])


def _embed(declared: DeclaredEncoder, access: EncoderAccess) -> Embed:
    return _service(declared, access) if declared.url else _LocalModel(declared, access.base).embed


def check_encoder(declared: DeclaredEncoder, access: EncoderAccess) -> None:
    """Raise, without loading or connecting, when the declared encoder cannot be opened."""
    if declared.kind == "sentence-transformers" and not find_spec("sentence_transformers"):
        raise EncoderError(_MISSING)
    if declared.key and not declared.key.startswith("prefect:"):  # only a flow can ask Prefect
        access.secret(declared.key)


# --- from embeddings to vectors that groups are made with ----------------------------------------


@dataclass(frozen=True)
class _SentenceEncoding:
    vectors: INT
    words: Encoding

    @property
    def weights(self) -> INT:
        return self.words.weights

    def reasons(self, rows: INT, directions: FLOAT) -> list[list[str]]:  # noqa: ARG002 - it cannot
        return [[] for _ in range(len(rows))]


class SentenceEncoder:
    """A statement is what `embed` makes of its whole text, away from the consultation's own texts.

    Embeddings of one subject are all near each other. So the mean of the announced themes (labels,
    descriptions, examples: the same every day) is taken away first, and what is left tells
    statements apart. What their words weigh is told as by `WordEncoder`.
    """

    def __init__(self, name: str, embed: Embed, own: Iterable[str]) -> None:
        self._name, self._embed = name, embed
        self._own = list(dict.fromkeys(text for text in own if text.strip()))

    @property
    def name(self) -> str:
        """Tell one encoder from another."""
        return self._name

    @cached_property
    def _centre(self) -> FLOAT:
        centre: FLOAT = self._directions(self._own).mean(axis=0)
        return centre

    def encode(
        self,
        texts: Sequence[str],
        subjects: Lists,
        counts: pa.Table,
        needed: Sequence[bool],
    ) -> Encoding:
        """Encode the texts that are needed, each once; the other rows are zeros."""
        words = WordEncoder().encode(texts, subjects, counts, needed)
        if not texts:
            return words
        asked = {
            row: text[:LONGEST]
            for row, (text, is_needed) in enumerate(zip(texts, needed, strict=True))
            if is_needed and text.strip()
        }
        vectors = np.zeros((len(texts), len(self._centre)), dtype=np.int64)
        if asked:
            distinct = {text: place for place, text in enumerate(dict.fromkeys(asked.values()))}
            away = self._directions(list(distinct)) - self._centre
            scaled = unit(np.rint(away * _PRECISE).astype(np.int64))
            vectors[list(asked)] = scaled[[distinct[text] for text in asked.values()]]
        return _SentenceEncoding(vectors, words)

    def _directions(self, texts: Sequence[str]) -> FLOAT:
        found = self._embed(texts)
        if found.shape != (len(texts), found.shape[-1]) or not np.isfinite(found).all():
            raise EncoderError(
                f"L'encodeur {self._name} n'a pas donné un vecteur de nombres pour chaque texte : "
                "corrigez encoder.model."
            )
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return found / np.where(lengths == 0, 1.0, lengths)


# --- a model on this machine ---------------------------------------------------------------------

_MISSING = (
    "Le paquet sentence-transformers, que demande encoder.kind, n'est pas installé : « pip install "
    '"assises[sentence-transformers]" », ou écrivez kind = "words".'
)


class _LocalModel:
    """A sentence-transformers model: a folder, or a name of the local cache. Never downloaded."""

    def __init__(self, declared: DeclaredEncoder, base: Path) -> None:
        folder = base / declared.model
        self._named, self._batch = declared.model, declared.batch
        self._place = str(folder) if folder.is_dir() else declared.model

    @cached_property
    def _model(self) -> Any:
        # Even of what is here it would ask its server for news; read when it is imported.
        os.environ["HF_HUB_OFFLINE"] = "1"
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise EncoderError(_MISSING) from None
        try:
            return SentenceTransformer(self._place, device="cpu", local_files_only=True)
        except Exception as error:  # noqa: BLE001 - whatever a file of somebody else's makes it raise
            raise EncoderError(
                f"Le modèle « {self._named} » (encoder.model) ne peut pas être ouvert "
                f"({type(error).__name__}) : rien n'est téléchargé, mettez-le d'abord sur cette "
                "machine et donnez le chemin de son dossier."
            ) from None

    def embed(self, texts: Sequence[str]) -> FLOAT:
        """Return an embedding a text."""
        found = self._model.encode(
            list(texts),
            batch_size=self._batch,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(found, dtype=np.float64)


# --- a service -----------------------------------------------------------------------------------


class _TemporaryError(Exception):
    """The service may answer later: after `wait` seconds, where it says so."""

    def __init__(self, what: str, wait: float = 0.0) -> None:
        super().__init__(what)
        self.wait = wait


@dataclass(frozen=True)
class Service:
    """The embeddings of a service: `POST {url}/embeddings`, as OpenAI's does.

    Certificates are verified, redirections refused, and only what is asked for is sent. `seconds`
    are those that a whole answer may take.
    """

    url: str
    model: str
    key: Callable[[], str] | None
    pause: Callable[[float], None]
    batch: int = 64
    seconds: float = 60.0

    @property
    def place(self) -> str:
        """The host, as people are told it."""
        return f"Le service d'encodage {urlsplit(self.url).netloc}"

    def embed(self, texts: Sequence[str]) -> FLOAT:
        """Return an embedding a text, in their order."""
        headers = self._headers()
        parts = []
        for start in range(0, len(texts), self.batch):
            some = list(texts[start : start + self.batch])
            parts.append(self._vectors(self._ask(some, headers), len(some)))
        if len({part.shape[1] for part in parts}) != 1:
            raise self._wrong_answer(len(texts))
        log.info("Encodage : %s textes envoyés à %s.", len(texts), urlsplit(self.url).netloc)
        return np.concatenate(parts)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "assises"}
        if self.key:
            key = self.key()
            if not (key.isascii() and key.isprintable()):  # the library would show it
                raise EncoderError(
                    "La clé de l'encodeur (encoder.key) contient autre chose que des lettres sans "
                    "accent, des chiffres et des signes sur une ligne : corrigez-la."
                )
            headers["Authorization"] = f"Bearer {key}"
        return headers

    def _ask(self, texts: Sequence[str], headers: dict[str, str]) -> bytes:
        """Return the answer on some texts, asked for again as long as that may help."""
        body = json.dumps({"model": self.model, "input": texts}).encode()
        for wait in (*WAITS, None):
            # A new one each time: going through a proxy changes it.
            request = Request(f"{self.url}/embeddings", body, headers, method="POST")  # noqa: S310
            try:
                return self._answer(request)
            except _TemporaryError as error:
                if wait is None:
                    raise EncoderUnreachableError(
                        f"{self.place} ne rend pas de vecteurs ({error}, {len(WAITS) + 1} essais) "
                        ": relancez plus tard ; rien n'est perdu et la dernière publication reste "
                        "en place."
                    ) from None
                self.pause(max(wait, min(error.wait, LONGEST_WAIT)))
        raise AssertionError

    def _answer(self, request: Request) -> bytes:
        end = time.monotonic() + self.seconds
        try:
            with self._opener().open(request, timeout=self.seconds) as response:
                return self._read(response, end)
        except HTTPError as error:
            error.close()
            if error.code == 429 or error.code >= 500:
                wait = 0.0
                with suppress(ValueError):  # it may also be a date
                    wait = float(error.headers.get("Retry-After") or 0)
                raise _TemporaryError(f"erreur {error.code}", wait) from None
            raise self._refusal(error.code) from None
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise EncoderError(
                    f"{self.place} n'a pas de certificat valable : corrigez encoder.url, ou faites "
                    "installer l'autorité de ce service sur cette machine."
                ) from None
            what = "trop lent" if isinstance(reason, TimeoutError) else type(reason).__name__
            raise _TemporaryError(what) from None

    def _opener(self) -> OpenerDirector:
        """Return what opens an address and follows no redirection; no proxy to this machine."""
        is_here = is_loopback(urlsplit(self.url).hostname or "")
        opener = OpenerDirector()
        for handler in (
            ProxyHandler({} if is_here else None),
            HTTPHandler(),
            HTTPSHandler(),
            HTTPErrorProcessor(),
            HTTPDefaultErrorHandler(),
        ):
            opener.add_handler(handler)
        return opener

    def _read(self, response: HTTPResponse, end: float) -> bytes:
        content = bytearray()
        while chunk := response.read1(CHUNK):
            content += chunk
            if len(content) > ANSWER_BYTES:
                raise EncoderError(f"{self.place} répond trop long : réduisez encoder.batch.")
            if time.monotonic() > end:
                raise TimeoutError
        if response.length:
            raise IncompleteRead(b"", response.length)
        return bytes(content)

    def _refusal(self, code: int) -> EncoderError:
        if code < 400:
            told = f"renvoie vers une autre adresse ({code}), ce qui n'est pas suivi : "
            return EncoderError(f"{self.place} {told}donnez l'adresse définitive, encoder.url.")
        if code in {401, 403}:
            return EncoderError(f"{self.place} refuse la clé ({code}) : corrigez encoder.key.")
        if code == 404:
            told = f"n'a rien à cette adresse ou sous ce nom de modèle ({code}) : corrigez "
            return EncoderError(f"{self.place} {told}encoder.url ou encoder.model.")
        told = f"refuse la demande ({code}) : corrigez encoder.model, ou réduisez encoder.batch."
        return EncoderError(f"{self.place} {told}")

    def _vectors(self, answer: bytes, count: int) -> FLOAT:
        """Read one vector a text, put in order by their index."""
        try:
            rows = json.loads(answer)["data"]
            by_index = {row["index"]: row["embedding"] for row in rows}
            vectors = np.array([by_index[n] for n in range(count)])
        except (ValueError, TypeError, LookupError, RecursionError):
            raise self._wrong_answer(count) from None
        is_right = len(rows) == count and vectors.dtype.kind in "fi" and vectors.ndim == 2
        if not is_right or not vectors.size or not np.isfinite(vectors).all():
            raise self._wrong_answer(count)
        return vectors.astype(np.float64)

    def _wrong_answer(self, count: int) -> EncoderError:
        return EncoderError(
            f"{self.place} n'a pas rendu un vecteur de nombres pour chacun des {count} textes : "
            "vérifiez que encoder.url et encoder.model sont ceux d'un service d'encodage."
        )


def _service(declared: DeclaredEncoder, access: EncoderAccess) -> Embed:
    key = partial(access.secret, declared.key) if declared.key else None
    return Service(declared.url, declared.model, key, access.pause, declared.batch).embed
