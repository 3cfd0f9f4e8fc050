"""Bytes to text: charsets that are declared, lie or do not exist, and headers' encoded words.

Always answers a text: the declared charset, then strict UTF-8, then windows-1252, which beats every
detector on short French. Text comes out normalised: no control, bidi or invisible character.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from binascii import a2b_qp
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from tasks.mail.transfer import decode_base64

_SINGLE_BYTE = frozenset({"ascii", "iso8859-1", "cp1252", "iso8859-15", "latin_1"})
_REFUSED = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}
)
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]{0,4096})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_LINE_ENDS = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
# what French is written in: a text of nothing else is plain already
_UNUSUAL = re.compile(r"[^\t\n -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20ac\u2122]")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    r"\U000e0000-\U000e0fff]"
)
_STEERING = re.compile(r"[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff]")
_NOTHING = frozenset[str]()
_SPACES = re.compile(r"[\u2000-\u200a\u202f\u205f\u2800\u3000]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_STYLED = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]+")
_GREEK_OR_CYRILLIC = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")
# letters of Greek and Cyrillic that look like a Latin one
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухіјѕѵһԁԛԝӏктмёЁΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναιρυκτ",
    "ABESIJKMHOPCTYXaeopcyxijsvhdqwlktmëËABEZHIKMNOPTYXovaipukt",
)
# UTF-8 that was read as windows-1252 and written as UTF-8 again: no French word holds these
_TWICE = re.compile(
    "Ã[\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
    "|Â[\xa0-\xbf]|Å[\u201c\u2019\u201d\u00b8]|â€[\x80-\xbf\u2018-\u201e\u2020\u2022\u2026"
    "\u2039\u203a\u0153\u0161\u02dc\u2122\u00a6]|â‚¬"
)


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Read what is not UTF-8 as windows-1252, but drop a character of UTF-8 cut at the very end."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.reason == "unexpected end of data" and _is_utf8(error.object[: error.start]):
        return "", len(error.object)
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


def _is_utf8(data: bytes) -> bool:
    """Tell text that is UTF-8 for sure: it has other characters than ASCII's."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not data.isascii()


codecs.register_error("windows-1252", _as_windows_1252)


@lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    """Name the text codec that stands for a declared charset; None when there is none to trust."""
    try:
        found = codecs.lookup(charset.strip().strip("'\""))
    except (LookupError, ValueError, UnicodeError):
        return None
    if found.name in _REFUSED or not getattr(found, "_is_text_encoding", True):
        return None
    return "cp1252" if found.name in {"iso8859-1", "latin_1"} else found.name


def decode_text(data: bytes, charset: str | None) -> tuple[str, str | None]:
    """Decode a text part; the second value is a defect code, None when the declaration held."""
    text, defect = _decode(data, charset)
    if ("Ã" in text or "Â" in text or "â€" in text) and _TWICE.search(text):
        return _TWICE.sub(_decode_again, text), "charset_twice"
    return text, defect


def _decode_again(found: re.Match[str]) -> str:
    octets = b"".join(
        character.encode("latin-1" if character <= "\xff" else "cp1252") for character in found[0]
    )
    return octets.decode("utf-8", "ignore") or found[0]


def _decode(data: bytes, charset: str | None) -> tuple[str, str | None]:
    codec = _codec(charset) if charset else "utf-8"
    if codec is None and data.isascii():
        return data.decode("ascii"), "charset_unknown"
    defect = "charset_unknown" if codec is None else None
    has_nuls = data.count(b"\0") * 4 > len(data)
    if codec and _may_be_utf8(codec, data) and _is_utf8(data):
        return data.decode("utf-8"), "charset_lies"
    if codec and not (codec == "utf-8" and has_nuls):
        try:
            return data.decode(_endian(codec, data)), defect
        except (UnicodeError, ValueError):
            defect = "charset_lies"
    if has_nuls:
        return data.decode(_endian("utf-16", data), "replace"), "charset_lies"
    return data.decode("utf-8", "windows-1252"), defect


def _may_be_utf8(codec: str, data: bytes) -> bool:
    """Tell a declaration to doubt: French in these charsets is never valid UTF-8 by chance."""
    if codec.startswith(("utf-16", "utf-32")):
        return b"\0" not in data
    return codec in _SINGLE_BYTE


def _endian(codec: str, data: bytes) -> str:
    """Choose the byte order of a UTF-16 text without a mark: in a Latin script, NULs tell."""
    if codec != "utf-16" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return codec
    return "utf-16-be" if data[::2].count(0) > data[1::2].count(0) else "utf-16-le"


def clean_text(text: str) -> str:
    """Put line ends, spaces and characters in their plain form; drop what cannot be seen."""
    return clean_and_judge(text)[0]


def clean_and_judge(text: str) -> tuple[str, frozenset[str]]:
    """Clean a text; the second value names what it does to look other than it is (defect codes)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    if not _UNUSUAL.search(text):
        return text, _NOTHING
    steers = _STEERING.search(text)
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    text = _SURROGATES.sub("\ufffd", _SPACES.sub(" ", text))
    text = _STYLED.sub(lambda styled: unicodedata.normalize("NFKC", styled[0]), text)
    text = unicodedata.normalize("NFC", text)
    unmixed = _unmix_scripts(text)
    found = {"invisible_characters" if steers else "", "mixed_scripts" if unmixed != text else ""}
    return unmixed, frozenset(found - {""})


def _unmix_scripts(text: str) -> str:
    """Write Latin letters for those of Greek and Cyrillic that pass for them in a Latin word."""
    if not _GREEK_OR_CYRILLIC.search(text):
        return text
    return _WORD.sub(lambda word: _latin_word(word[0]), text)


def _latin_word(word: str) -> str:
    latin = word.translate(_LOOKALIKES)
    is_mixed = bool(_LATIN_LETTER.search(word)) and not _GREEK_OR_CYRILLIC.search(latin)
    return latin if is_mixed else word


def header_text(value: bytes, limit: int = 2_000) -> str:
    """Decode a header to one clean line of at most `limit` characters."""
    return read_header(value, limit)[0]


def read_header(value: bytes, limit: int = 2_000) -> tuple[str, frozenset[str]]:
    """Decode a header to one clean line; the second value is as of `clean_and_judge`."""
    if value.isascii() and b"=?" not in value:
        text = " ".join(value[: 8 * limit].decode("ascii").split())
        if text.isprintable():
            return text[:limit], _NOTHING
    text = value[: 8 * limit].decode("utf-8", "windows-1252")
    if "=?" in text:
        text = _decode_words(_BETWEEN_WORDS.sub(r"\1", text))
    text, tricks = clean_and_judge(text)
    return " ".join(text.split())[:limit], tricks


def _decode_words(text: str) -> str:
    """Decode encoded words; of one charset, neighbours first join: a character may span them."""
    out: list[str] = []
    pending: list[tuple[str, str]] = []
    charset, position = "", 0
    for word in _ENCODED_WORD.finditer(text):
        between = text[position : word.start()]
        name = word[1].split("*")[0].lower()
        if pending and (between or name != charset):
            out.append(_decode_run(pending, charset))
            pending = []
        out.append(between)
        charset, position = name, word.end()
        pending.append((word[2].lower(), word[3]))
    if pending:
        out.append(_decode_run(pending, charset))
    return "".join(out) + text[position:]


def _decode_run(words: list[tuple[str, str]], charset: str) -> str:
    octets = b""
    for encoding, run in groupby(words, key=itemgetter(0)):
        data = "".join(encoded for _, encoded in run).encode("utf-8", "replace")
        octets += decode_base64(data)[0] if encoding == "b" else a2b_qp(data, header=True)
    return decode_text(octets, charset)[0]
