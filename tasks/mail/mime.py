"""Bytes to a tree of MIME parts, in time linear in the size of the message.

A small splitter of its own: the standard parser recurses, tests every open boundary on every line
and reads headers in quadratic time, so that 1 MB of hostile mail blocks it. Here every limit is
explicit and a message that passes one keeps its text where it can; nothing is judged or chosen.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote_to_bytes

from tasks.mail.charsets import clean_text, decode_base64, decode_text, header_text

MAX_HEADER_BYTES = 256 * 1024
MAX_DEPTH = 100
MAX_PARTS = 10_000

_HEADER = re.compile(rb"([!-9;-~]{1,100})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_BLANK = re.compile(rb"\n[ \t]*\r?\n")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_RFC2231 = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")
_GUESSED_BOUNDARY = re.compile(rb"\s*--(\S[^\r\n]{0,200}?)[ \t]*\r?\n(?=[A-Za-z-]{3,40}:)")


class TooComplexError(ValueError):
    """The message has more parts, or parts more deeply nested, than any person writes."""


@dataclass(frozen=True)
class Part:
    """A MIME part: headers by lower-case name, encoded body, parts inside."""

    headers: dict[str, list[bytes]]
    body: bytes
    children: tuple[Part, ...] = ()
    default_type: str = "text/plain"
    defects: set[str] = field(default_factory=set)

    def header(self, name: str) -> str:
        """Decode the first header of that name; empty when there is none."""
        values = self.headers.get(name)
        return header_text(values[0]) if values else ""

    @cached_property
    def _content_type(self) -> tuple[str, dict[str, str]]:
        return _parameters(self.headers.get("content-type"))

    @cached_property
    def _disposition(self) -> tuple[str, dict[str, str]]:
        return _parameters(self.headers.get("content-disposition"))

    @cached_property
    def media_type(self) -> str:
        """Name the type, in lower case; what is no type is the default."""
        value = self._content_type[0]
        return (
            value
            if value.count("/") == 1 and value[0] != "/" and value[-1] != "/"
            else self.default_type
        )

    @property
    def parameters(self) -> dict[str, str]:
        """Give the parameters of the type."""
        return self._content_type[1]

    @property
    def disposition(self) -> str:
        """Give the disposition, in lower case."""
        return self._disposition[0]

    @property
    def filename(self) -> str:
        """The name given to the file: data for people, never a path to open."""
        name = self._disposition[1].get("filename") or self.parameters.get("name") or ""
        return header_text(name.encode("utf-8", "surrogateescape"), 255)

    @property
    def content_id(self) -> str:
        """Give the identifier by which HTML shows the part."""
        return self.header("content-id").strip(" <>")

    def content(self) -> bytes:
        """Undo the transfer encoding; what is damaged is read as far as it goes."""
        encoding = self.header("content-transfer-encoding").strip(" \"'").lower()
        if encoding == "base64":
            data, whole = decode_base64(self.body)
            if not whole:
                self.defects.add("base64_damaged")
            return data
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        return self.body

    def text(self) -> str:
        """Decode a text part to clean text."""
        text, defect = decode_text(self.content(), self.parameters.get("charset"))
        if defect:
            self.defects.add(defect)
        text = clean_text(text)
        if self.parameters.get("format", "").lower() == "flowed":
            return _unflow(text, delete_space=self.parameters.get("delsp", "").lower() == "yes")
        return text

    def walk(self) -> Iterator[Part]:
        """Go through the part and all parts inside, in order."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))


def parse_message(raw: bytes) -> Part:
    """Split a message into parts; raises TooComplexError beyond the limits."""
    if b"\n" not in raw[:MAX_HEADER_BYTES]:
        raw = raw.replace(b"\r", b"\n")
    if raw.startswith((b"From ", b">From ")):
        raw = raw[raw.find(b"\n") + 1 :]
    return _Splitter().part(raw, "text/plain", 0)


class _Splitter:
    """The limits of one message: how many parts were seen so far."""

    def __init__(self) -> None:
        self.count = 0

    def part(self, raw: bytes, default_type: str, depth: int) -> Part:
        """Split a part and all parts inside."""
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_PARTS:
            raise TooComplexError
        headers, body, defects = _split_headers(raw)
        part = Part(headers, body, (), default_type, defects)
        media_type = part.media_type
        if media_type.startswith("multipart/"):
            return self._multipart(part, media_type, depth)
        if media_type in ("message/rfc822", "message/global"):
            inner = self.part(part.content(), "text/plain", depth + 1)
            return Part(headers, body, (inner,), default_type, defects)
        return part

    def _multipart(self, part: Part, media_type: str, depth: int) -> Part:
        boundary = part.parameters.get("boundary", "").encode("utf-8", "surrogateescape").rstrip()
        bodies = list(_split_bodies(part.body, boundary)) if boundary else []
        if not bodies:
            part.defects.add("boundary_missing")
            guess = _GUESSED_BOUNDARY.match(part.body)
            bodies = list(_split_bodies(part.body, guess[1])) if guess else []
        if not bodies:  # the text is there all the same: read it as text
            alone = {k: v for k, v in part.headers.items() if k != "content-type"}
            return Part(alone, part.body, (), "text/plain", part.defects)
        inner_type = "message/rfc822" if media_type == "multipart/digest" else "text/plain"
        children = tuple(self.part(body, inner_type, depth + 1) for body in bodies)
        return Part(part.headers, b"", children, part.default_type, part.defects)


def _split_headers(raw: bytes) -> tuple[dict[str, list[bytes]], bytes, set[str]]:
    """Read headers up to the first line that is none; the block beyond the limit is left out."""
    headers: dict[str, list[bytes]] = {}
    position, end, defects = 0, min(len(raw), MAX_HEADER_BYTES), set[str]()
    match = _HEADER.match
    while found := match(raw, position, end):
        position = found.end()
        headers.setdefault(found[1].decode("ascii").lower(), []).append(found[2].strip())
    if end < len(raw) and (position >= end - 1 or b"\n" not in raw[position:end]):
        defects.add("header_too_long")
        blank = _BLANK.search(raw, end)
        return headers, raw[blank.end() :] if blank else b"", defects
    if raw[position : position + 1] == b"\n":
        position += 1
    elif raw[position : position + 2] == b"\r\n":
        position += 2
    elif headers and position < len(raw):
        defects.add("header_broken")
    return headers, raw[position:], defects


def _split_bodies(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Yield what stands between the lines of a boundary, the last of which may be missing."""
    delimiter = b"\n--" + boundary
    start, position = -1, 0 if body.startswith(delimiter[1:]) else body.find(delimiter)
    while position >= 0:
        after = position + len(delimiter) - (0 if body[position : position + 1] == b"\n" else 1)
        line_end = body.find(b"\n", after)
        line_end = len(body) if line_end < 0 else line_end
        mark = body[after:line_end].strip()
        if mark in (b"", b"--"):
            if start >= 0:
                yield body[start : max(start, position)].removesuffix(b"\r")
            start = line_end + 1
            if mark:
                return
        position = body.find(delimiter, line_end)
    if 0 <= start < len(body):
        yield body[start:]


def _parameters(values: list[bytes] | None) -> tuple[str, dict[str, str]]:
    """Split a structured header into its value and its parameters (RFC 2045, RFC 2231)."""
    if not values:
        return "", {}
    text = values[0][:8192].decode("utf-8", "surrogateescape")
    value, semicolon, rest = text.partition(";")
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for name, raw in _PARAMETER.findall(semicolon + rest):
        is_quoted = len(raw) > 1 and raw.startswith('"') and raw.endswith('"')
        content = re.sub(r"\\(.)", r"\1", raw[1:-1]) if is_quoted else raw
        form = _RFC2231.match(name.lower())
        if form:
            pieces.setdefault(form[1], []).append(
                (int(form[2] or 0), content.strip(), bool(form[3]))
            )
    parameters = {name: _joined(sorted(found)) for name, found in pieces.items()}
    return "".join(value.split()).lower(), parameters


def _joined(pieces: list[tuple[int, str, bool]]) -> str:
    if not any(extended for _, _, extended in pieces):
        return "".join(text for _, text, _ in pieces)
    joined = "".join(text for _, text, _ in pieces)
    charset, quote, rest = joined.partition("'")
    encoded = rest.partition("'")[2] if quote else joined
    return decode_text(
        unquote_to_bytes(encoded.encode("utf-8", "surrogateescape")), charset if quote else None
    )[0]


def _unflow(text: str, *, delete_space: bool) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676)."""
    out: list[str] = []
    pending = ""
    for stuffed in text.split("\n"):
        line = stuffed.removeprefix(" ")
        if stuffed.startswith(">") or line == "-- ":
            if pending:
                out.append(pending.rstrip())
                pending = ""
            out.append(line)
        elif line.endswith(" "):
            pending += line[:-1] if delete_space else line
        else:
            out.append(pending + line)
            pending = ""
    if pending:
        out.append(pending.rstrip())
    return "\n".join(out)
