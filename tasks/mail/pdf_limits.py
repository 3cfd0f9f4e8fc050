"""What a PDF would expand to, found without expanding it in the reader that dies of it.

PDFium takes memory for each glyph and follows forms inside forms as often as they are named: two
kilobytes can ask for a day of work. Encrypted ones cannot be looked into: a process may die of one.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

MAX_STREAM_BYTES = 8_000_000
MAX_TOTAL_BYTES = 64_000_000
MAX_STREAMS = 20_000
MAX_DRAWINGS = 300_000  # of forms inside forms, if each multi-form were in all others
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
_FLATE = re.compile(rb"/(?:FlateDecode|Fl)\b")
_DRAWINGS = re.compile(rb"/[^\s/<>\[\]()]{1,100}\s+Do\b")
_DICTIONARY_BYTES = 4_000
_MAX_PACKINGS = 4


def expands_too_far(data: bytes) -> bool:
    """Tell a PDF whose text cannot be read within limits of memory and time."""
    total, drawings = 0, 1
    for count, stream in enumerate(_STREAM.finditer(data)):
        earliest = max(0, stream.start() - _DICTIONARY_BYTES)
        begin = data.rfind(b"obj", earliest, stream.start())
        dictionary = data[max(begin, earliest) : stream.start()]
        if _IMAGE.search(dictionary):
            continue  # not expanded where only the text is asked for
        end = data.find(b"endstream", stream.end())
        content = _expand(data[stream.end() : end if end >= 0 else len(data)], dictionary)
        total += len(content)
        if b"/Form" in dictionary:
            drawings *= max(1, len(_DRAWINGS.findall(content)))
        is_large = len(content) > MAX_STREAM_BYTES or total > MAX_TOTAL_BYTES
        if is_large or drawings > MAX_DRAWINGS or count > MAX_STREAMS:
            return True
    return False


def _expand(content: bytes, dictionary: bytes) -> bytes:
    """Expand a stream to just over the limit, once for each time that it was packed."""
    if b"ASCII85Decode" in dictionary or b"/A85" in dictionary:
        try:
            content = base64.a85decode(content.partition(b"~>")[0])
        except ValueError:
            return content
    if b"ASCIIHexDecode" in dictionary:
        try:
            content = binascii.unhexlify(b"".join(content.partition(b">")[0].split()))
        except ValueError:
            return content
    for _ in _FLATE.findall(dictionary)[:_MAX_PACKINGS]:
        try:
            content = zlib.decompressobj().decompress(content, MAX_STREAM_BYTES + 1)
        except zlib.error:
            break
    return content
