"""Bytes to a tree of MIME parts, in time linear in the size of the message.

A small splitter of its own: the standard parser recurses, tests every open boundary on every line
and reads headers in quadratic time, so that 1 MB of hostile mail blocks it. Here every limit is
explicit and a message that passes one keeps its text where it can; nothing is judged or chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from urllib.parse import unquote_to_bytes

from tasks.mail.charsets import clean_and_judge, decode_text, header_text, read_header
from tasks.mail.transfer import undo_transfer

MAX_HEADER_BYTES = 256 * 1024
MAX_PARAMETER_BYTES = 8192  # of a type or disposition: its parameters are read in quadratic time
MAX_DEPTH = 100
MAX_PARTS = 10_000

_HEADER = re.compile(rb"([!-9;-~]{1,100})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_MEDIA_TYPE = re.compile(r"[!-.0-9;-~]{1,80}/[!-.0-9;-~]{1,120}")
_BLANK = re.compile(rb"\n[ \t]*\r?\n")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_RFC2231 = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")
_GUESSED_BOUNDARY = re.compile(
    rb"^--(\S[^\r\n]{0,200}?)[ \t]*\r?\n(?=Content-[A-Za-z-]{3,40}:)", re.IGNORECASE | re.MULTILINE
)
_FIELD_NAME = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_VALUE = re.compile(r"\s*([^\s;/]{1,100}(?:\s*/\s*[^\s;]{1,150})?)?")


class TooComplexError(ValueError):
    """The message has more parts, or parts more deeply nested, than any person writes."""


@dataclass(frozen=True)
class Part:
    """A MIME part: headers by lower-case name, encoded body, parts inside.

    Reading it adds its `defects`, and the `hidden` words that its HTML shows to nobody.
    """

    headers: dict[str, list[bytes]]
    body: bytes
    children: tuple[Part, ...] = ()
    default_type: str = "text/plain"
    defects: set[str] = field(default_factory=set)
    hidden: list[str] = field(default_factory=list)

    def header(self, name: str) -> str:
        """Decode the first header of that name; empty when there is none."""
        values = self.headers.get(name)
        if not values:
            return ""
        text, tricks = read_header(values[0])
        self.defects.update(tricks)
        return text

    @cached_property
    def _content_type(self) -> tuple[str, dict[str, str]]:
        return _parameters(self.headers.get("content-type"))

    @cached_property
    def _disposition(self) -> tuple[str, dict[str, str]]:
        return _parameters(self.headers.get("content-disposition"))

    @cached_property
    def media_type(self) -> str:
        """Name the type, in lower case; what is no type is the default."""
        return _media_type(self._content_type[0], self.default_type)

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
        encoding = self.header("content-transfer-encoding").partition(";")[0]
        data, defect = undo_transfer(
            self.body, encoding.strip(" \"'").lower(), is_text=self.media_type.startswith("text/")
        )
        if defect:
            self.defects.add(defect)
        return data

    def text(self) -> str:
        """Decode a text part to clean text."""
        return self.decode(self.content())

    def decode(self, content: bytes) -> str:
        """Decode the content of a text part, or what is left of it, to clean text."""
        text, defect = decode_text(content, self.parameters.get("charset"))
        if defect:
            self.defects.add(defect)
        text, tricks = clean_and_judge(text)
        self.defects.update(tricks)
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
    return _Splitter(raw).part(_after_envelope(raw, 0, len(raw)), len(raw), "text/plain", 0)


def _after_envelope(raw: bytes, start: int, end: int) -> int:
    """Skip the "From " line that an mbox puts above a message."""
    if raw.startswith((b"From ", b">From "), start, end):
        return raw.find(b"\n", start, end) + 1 or end
    return start


class _Splitter:
    """A message being split, in place: only what has no parts inside is copied."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.count = 0
        self.copied = 0

    def part(self, start: int, end: int, default_type: str, depth: int) -> Part:
        """Split a part and all parts inside."""
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_PARTS:
            raise TooComplexError
        headers, start, defects = _split_headers(self.raw, start, end)
        media_type = _media_type(_parameters(headers.get("content-type"))[0], default_type)
        if media_type.startswith("multipart/"):
            part = Part(headers, b"", (), default_type, defects)
            return self.multipart(part, start, end, depth)
        if media_type in ("message/rfc822", "message/global"):
            part = Part(headers, b"", (), default_type, defects)
            return self.message(part, start, end, depth)
        return Part(headers, self.raw[start:end], (), default_type, defects)

    def message(self, part: Part, start: int, end: int, depth: int) -> Part:
        """Split a message inside another; one that is encoded (against the rules) is decoded."""
        body, inner = b"", self
        if "content-transfer-encoding" in part.headers:
            body = self.raw[start:end]
            content = replace(part, body=body).content()
            if content != body:
                self.copied += len(content)
                if self.copied > 4 * len(self.raw) + MAX_HEADER_BYTES:
                    raise TooComplexError
                inner = _Splitter(content)
                inner.count, inner.copied = self.count, self.copied
                start, end = 0, len(content)
        start = _after_envelope(inner.raw, start, end)
        child = inner.part(start, end, "text/plain", depth + 1)
        self.count, self.copied = inner.count, inner.copied
        return replace(part, children=(child,))

    def multipart(self, part: Part, start: int, end: int, depth: int) -> Part:
        """Split what stands between the lines of a boundary."""
        boundary = part.parameters.get("boundary", "").encode("utf-8", "surrogateescape").rstrip()
        spans = list(_split_bodies(self.raw, start, end, boundary)) if boundary else []
        if not spans:
            part.defects.add("boundary_missing")
            guess = _GUESSED_BOUNDARY.search(self.raw, start, min(end, start + MAX_HEADER_BYTES))
            spans = list(_split_bodies(self.raw, start, end, guess[1])) if guess else []
        if not spans:  # the text is there all the same: read it as text
            alone = {k: v for k, v in part.headers.items() if k != "content-type"}
            return Part(alone, self.raw[start:end], (), "text/plain", part.defects)
        digest = part.media_type == "multipart/digest"
        inner_type = "message/rfc822" if digest else "text/plain"
        children = tuple(self.part(*span, inner_type, depth + 1) for span in spans)
        return replace(part, children=children)


def _split_headers(
    raw: bytes, start: int, stop: int
) -> tuple[dict[str, list[bytes]], int, set[str]]:
    """Read headers up to the first line that is none; the block beyond the limit is left out."""
    headers: dict[str, list[bytes]] = {}
    position, end, defects = start, min(stop, start + MAX_HEADER_BYTES), set[str]()
    match = _HEADER.match
    while found := match(raw, position, end):
        position = found.end()
        headers.setdefault(found[1].decode("ascii").lower(), []).append(found[2].strip())
    is_cut = position >= end - 1 or raw.find(b"\n", position, end) < 0
    if end < stop and is_cut and (headers or _FIELD_NAME.match(raw, position)):
        defects.add("header_too_long")
        blank = _BLANK.search(raw, end, stop)
        return headers, blank.end() if blank else stop, defects
    if raw.startswith(b"\n", position, stop):
        position += 1
    elif raw.startswith(b"\r\n", position, stop):
        position += 2
    elif headers and position < stop:
        defects.add("header_broken")
    return headers, position, defects


def _split_bodies(raw: bytes, begin: int, end: int, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Yield the spans between the lines of a boundary, the last of which may be missing."""
    delimiter = b"\n--" + boundary
    is_first = raw.startswith(delimiter[1:], begin, end)
    start, position = -1, begin - 1 if is_first else raw.find(delimiter, begin, end)
    while is_first or position >= 0:
        is_first = False
        after = position + len(delimiter)
        line_end = raw.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        mark = raw[after:line_end].strip()
        if mark in (b"", b"--"):
            if start >= 0:
                is_crlf = raw.endswith(b"\r", start, max(start, position))
                yield start, max(start, position) - is_crlf
            start = line_end + 1
            if mark:
                return
        position = raw.find(delimiter, line_end, end)
    if 0 <= start < end:
        yield start, end


def _parameters(values: list[bytes] | None) -> tuple[str, dict[str, str]]:
    """Split a structured header into its value and its parameters (RFC 2045, RFC 2231)."""
    return _split_parameters(values[0][:MAX_PARAMETER_BYTES]) if values else ("", {})


def _media_type(value: str, default: str) -> str:
    return value if _MEDIA_TYPE.fullmatch(value) else default


@lru_cache(maxsize=1024)
def _split_parameters(header: bytes) -> tuple[str, dict[str, str]]:
    text = _FOLD.sub("", header.decode("utf-8", "surrogateescape"))
    value = _VALUE.match(text)
    rest = text[value.end() :].lstrip(" \t;") if value else ""
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for name, raw in _PARAMETER.findall(";" + rest):
        is_quoted = len(raw) > 1 and raw.startswith('"') and raw.endswith('"')
        content = re.sub(r"\\(.)", r"\1", raw[1:-1]) if is_quoted else raw
        form = _RFC2231.match(name.lower())
        if form:
            pieces.setdefault(form[1], []).append(
                (int(form[2] or 0), content.strip(), bool(form[3]))
            )
    parameters = {name: _joined(sorted(found)) for name, found in pieces.items()}
    return "".join((value[1] or "").split()).lower() if value else "", parameters


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
