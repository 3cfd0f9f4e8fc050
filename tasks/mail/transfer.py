"""Transfer encodings undone: base64, quoted-printable, uuencode and yEnc, damaged or disguised.

Answers the best octets there are, with a defect code where they are not what was announced.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_BLANKS = b" \t\r\n"
_NO_ENCODING = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit", "none"})
_UUENCODE = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_BASE64_LINES = re.compile(
    rb"(?:[A-Za-z0-9+/]{40,}+={0,2}[ \t]*+\r?\n?)++(?:[A-Za-z0-9+/]+={0,2}[ \t]*+\r?\n)?+"
)
_BASE64_TEXT = re.compile(rb"\s*+(?:[A-Za-z0-9+/]{40,998}\r?\n)*+[A-Za-z0-9+/]{4,998}={0,2}\s*+")
_MIN_BASE64 = 56
_BAD_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]{0,80}(?:\r?\n|\Z))")
_UTF8_ESCAPES = re.compile(rb"=C[2-9A-F]=[89AB][0-9A-F]|=E[0-9A-F](?:=[89AB][0-9A-F]){2}|=3D[\"']")
_LATIN_ESCAPES = re.compile(rb"[a-z]=(?:E[0-9A-F]|F[49BC])(?=[a-z\s,.;:!?]|=\r?\n)")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.MULTILINE)
_UU_LINE = re.compile(rb"M[!-`]{60}")
_YENC_BEGIN = re.compile(rb"^=ybegin [^\r\n]{1,200}?name=([^\r\n]{1,255})\r?\n", re.MULTILINE)
_YENC_END = re.compile(rb"^=yend[^\r\n]*+\r?$", re.MULTILINE)
_YENC_PART = re.compile(rb"=ypart [^\r\n]*\r?\n")
_FROM_YENC = bytes((octet - 42) % 256 for octet in range(256))
_YENC_ESCAPE = re.compile(rb"=(.)", re.DOTALL)
_MAX_FILES = 100


@dataclass(frozen=True)
class EncodedFile:
    """A file that somebody's program wrote into a text, uuencoded or in yEnc."""

    name: bytes
    data: bytes
    is_whole: bool


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """Decode base64, however damaged; the second value tells whether it was whole."""
    if b"=" not in data.rstrip(b"=" + _BLANKS):  # otherwise there is more after a first padding
        try:
            return binascii.a2b_base64(data), True
        except binascii.Error:
            pass
    pieces = [_NOT_BASE64.sub(b"", piece) for piece in data.split(b"=")]
    return b"".join(map(_decode_piece, pieces)), False


def _decode_piece(piece: bytes) -> bytes:
    kept = piece[:-1] if len(piece) % 4 == 1 else piece
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def undo_transfer(body: bytes, encoding: str, *, is_text: bool) -> tuple[bytes, str | None]:
    """Undo a Content-Transfer-Encoding; the second value is a defect code, None when all is well.

    In a text part, words that are still encoded afterwards, or were without notice, are decoded.
    """
    defect = None
    if encoding == "base64":
        data, defect = _undo_base64(body)
    elif encoding == "quoted-printable":
        data = binascii.a2b_qp(body)
        defect = "quoted_printable_damaged" if _BAD_ESCAPE.search(body) else None
    elif encoding in _UUENCODE:
        _, files = split_files(body)
        data = files[0].data if files else body
        defect = None if files and files[0].is_whole else "uuencode_damaged"
    else:
        data = body
        defect = None if encoding in _NO_ENCODING else "encoding_unknown"
    if is_text and data.isascii() and (again := _still_encoded(data)) is not None:
        return again, "encoding_undeclared" if encoding in _NO_ENCODING else "encoded_twice"
    return data, defect


def _undo_base64(body: bytes) -> tuple[bytes, str | None]:
    kept = body.translate(None, _BLANKS)
    junk = len(_NOT_BASE64.findall(kept.rstrip(b"="))) + body.strip().count(b" ")
    if junk * 20 <= len(kept):
        data, is_whole = decode_base64(body)
        return data, None if is_whole else "base64_damaged"
    begun = _BASE64_LINES.match(body)  # and what a mailing list wrote below
    if begun:
        return decode_base64(begun[0])[0] + b"\n" + body[begun.end() :], "base64_damaged"
    return body, "base64_damaged"


def _still_encoded(data: bytes) -> bytes | None:
    """Decode a text of nothing but base64, or with the escapes of quoted-printable; else None."""
    if b"=" in data and (
        _UTF8_ESCAPES.search(data) or len(_LATIN_ESCAPES.findall(data[:100_000])) > 2
    ):
        return binascii.a2b_qp(data)
    if len(data) >= _MIN_BASE64 and _BASE64_TEXT.fullmatch(data):
        decoded, is_whole = decode_base64(data)
        if is_whole and not re.search(rb"[\x00-\x08\x0e-\x1f]", decoded) and b" " in decoded:
            return decoded
    return None


def split_files(text: bytes) -> tuple[bytes, list[EncodedFile]]:
    """Take the files that are written into a text out of it."""
    kept: list[bytes] = []
    files: list[EncodedFile] = []
    position = 0
    while b"begin" in text and len(files) < _MAX_FILES:
        begin = _UU_BEGIN.search(text, position) or _YENC_BEGIN.search(text, position)
        if begin is None:
            break
        is_yenc = begin[0].startswith(b"=y")
        end = (_YENC_END if is_yenc else _UU_END).search(text, begin.end())
        if end is None and not _UU_LINE.match(text, begin.end()):
            break  # words that only look like the beginning of a file
        kept.append(text[position : begin.start()])
        position = end.end() if end else len(text)
        data, is_whole = _undo_file(begin[0], text[begin.end() : end.start() if end else position])
        files.append(EncodedFile(begin[1].strip(), data, is_whole and end is not None))
    return b"".join([*kept, text[position:]]), files


def _undo_file(begin: bytes, body: bytes) -> tuple[bytes, bool]:
    if begin.startswith(b"=y"):
        return _undo_yenc(body), True
    return decode_base64(body) if begin.startswith(b"begin-base64") else _undo_uuencode(body)


def _undo_uuencode(body: bytes) -> tuple[bytes, bool]:
    out, is_whole = [], True
    for line in body.splitlines():
        if not line.strip():
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            size = (((line[0] - 32) & 63) * 4 + 5) // 3  # as written by encoders that pad wrongly
            try:
                out.append(binascii.a2b_uu(line[:size]))
            except binascii.Error:
                is_whole = False
    return b"".join(out), is_whole


def _undo_yenc(body: bytes) -> bytes:
    lines = _YENC_PART.sub(b"", body, count=1).replace(b"\r", b"").replace(b"\n", b"")
    return _YENC_ESCAPE.sub(lambda m: bytes([(m[1][0] - 64) % 256]), lines).translate(_FROM_YENC)
