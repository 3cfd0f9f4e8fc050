"""Hostile messages, rows M01 to M09 of the matrix: one reading each, soon, and the right defects.

Read in a child process that may take ten seconds of CPU and half a gigabyte for each.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.mail.received import topmost_received
from tests.faults.limited_reading import Reader, limited_reader
from tests.unit.tasks.mail.letters import AUTHOR, BOX, docx, html_letter, letter

WORDS = "Il faudrait une permanence de gendarmerie au marché du samedi."
HEAD = f"From: {AUTHOR}\nTo: {BOX}\nSubject: avis\n".encode()
TEXT = b"Content-Type: text/plain; charset=utf-8\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\n\n"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture(scope="module")
def read() -> Iterator[Reader]:
    with limited_reader() as reader:
        yield reader


# --- M01: nesting ---------------------------------------------------------------------------------


def nested(kind: str, count: int) -> bytes:
    if kind == "messages":
        return HEAD + b"Content-Type: message/rfc822\n\n" * count
    if kind == "comments":
        return b"From: " + b"(" * count + AUTHOR.encode() + b")" * count + b"\n\nBonjour"
    return HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(count)
    )


@pytest.mark.parametrize("count", [100, 1_000, 10_000, 100_000])
@pytest.mark.parametrize("kind", ["multiparts", "messages", "comments"])
def test_m01_nesting_has_a_limit(read: Reader, kind: str, count: int) -> None:
    row = read(nested(kind, count))
    if kind == "comments":
        assert row["from_address"] is None
        assert row["own_text"] == "Bonjour"
    elif count > 100:
        assert row["is_unreadable"]
        assert row["defects"] == ["too_complex"]


# --- M02: parts and boundaries --------------------------------------------------------------------


def multipart(boundary: bytes, *parts: bytes, declared: bytes | None = None) -> bytes:
    head = HEAD + b'Content-Type: multipart/mixed; boundary="%s"\n\n' % (
        boundary if declared is None else declared
    )
    return head + b"".join(b"--%s\n%s\n" % (boundary, p) for p in parts) + b"--%s--\n" % boundary


@pytest.mark.parametrize(
    ("count", "is_read"), [(9_000, True), (10_001, False), (100_000, False), (1_000_000, False)]
)
def test_m02_parts_have_a_limit(read: Reader, count: int, is_read: bool) -> None:  # noqa: FBT001
    row = read(multipart(b"b", *[b"\nmot" if count < 20_000 else b"\n"] * count))
    assert row["is_unreadable"] is not is_read
    assert len(row["own_text"].split()) == (count if is_read else 0)


PART = TEXT + b"\n" + WORDS.encode()


@pytest.mark.parametrize(
    ("raw", "text", "defects"),
    [
        pytest.param(multipart(b"b", PART, declared=b""), WORDS, ["boundary_missing"], id="empty"),
        pytest.param(
            multipart(b"b", PART, declared=b"c"), WORDS, ["boundary_missing"], id="another"
        ),
        pytest.param(multipart(b"b", PART, b"\nun", PART), f"{WORDS}\n\nun\n\n{WORDS}", [], id="b"),
        pytest.param(
            multipart(b"b", PART).replace(b"--b--", b"--b\n--b--\n--b--"), WORDS, [], id="repeated"
        ),
        pytest.param(
            multipart(b"b", b"\nun\n--bb\ndeux"), "un\n--bb\ndeux", [], id="prefix of another"
        ),
        pytest.param(multipart(b"b", PART)[:-6], WORDS, [], id="never closed"),
        pytest.param(multipart(b"b" * 5_000, PART), WORDS, [], id="5 KB"),
        pytest.param(multipart(b"b c", PART), WORDS, [], id="a space inside"),
        pytest.param(multipart(b"=_?:(b)", PART), WORDS, [], id="all kinds of signs"),
    ],
)
def test_m02_boundaries(read: Reader, raw: bytes, text: str, defects: list[str]) -> None:
    row = read(raw)
    assert (row["own_text"], row["defects"]) == (text, defects)


def test_m02_a_boundary_too_long_is_missing(read: Reader) -> None:
    row = read(multipart(b"b" * 10_000, PART))
    assert row["defects"] == ["boundary_missing"]
    assert WORDS in row["own_text"] + row["cut_text"]


# --- M03: headers ---------------------------------------------------------------------------------

LONG_HEADERS = {
    "1 MB": b"Subject: " + b"a" * 2**20 + b"\n",
    "10 MB": b"Subject: " + b"a" * 10 * 2**20 + b"\n",
    "1 M folded lines": b"Subject: a\n" + b" b\n" * 1_000_000,
    "1 M headers": b"X-Avis: a\n" * 1_000_000,
    "80 k encoded words": b"Subject: " + b"=?utf-8?q?=C3=A9?= " * 80_000 + b"\n",
    "80 k encoded words, glued": b"Subject: " + b"=?utf-8?b?w6k=?=" * 80_000 + b"\n",
    "80 k encoded words, broken": b"Subject: " + b"=?utf-8?q?" * 80_000 + b"\n",
    "16 k parameters": b"Content-Type: text/plain" + b'; a="b"' * 16_000 + b"\n",
    "16 k parameters, open": b"Content-Type: text/plain" + b'; a="b' * 16_000 + b"\n",
    "16 k continuations": b"Content-Type: text/plain"
    + b"".join(b"; a*%d*=b" % n for n in range(16_000))
    + b"\n",
    "16 k addresses": b"From: " + b"a@b.example, " * 16_000 + b"\n",
    "16 k recipients": b"To: " + b"a@b.example, " * 16_000 + b"\n",
    "16 k commas": b"From: " + b"a," * 16_000 + b"\n",
    "16 k quotes": b"From: " + b'"a' * 16_000 + b"\n",
    "folded in the middle of nothing": b"\n" * 3 + b" \n" * 1_000_000,
    "no end of line": b"Subject: " + b"a" * 10 * 2**20,
    "no colon": b"a" * 10 * 2**20,
}


@pytest.mark.parametrize("head", LONG_HEADERS.values(), ids=LONG_HEADERS.keys())
def test_m03_headers_cost_less_than_a_second(read: Reader, head: bytes) -> None:
    row = read(head + b"\nBonjour", seconds=1)
    assert len(row["subject"]) <= 2_000
    assert len(row["from_name"] or "") <= 200


# --- M04: what makes the standard parser raise ----------------------------------------------------

RAISING = {
    "nested comments": b"From: " + b"(" * 500 + b")" * 500 + b" a@b.example\n",
    "charset klingon": b"Subject: =?klingon?q?avis?=\nContent-Type: text/plain; charset=klingon\n",
    "charset rot13": b"Subject: =?rot13?q?avis?=\nContent-Type: text/plain; charset=rot13\n",
    "charset idna": b"Subject: =?idna?q?avis?=\nContent-Type: text/plain; charset=idna\n",
    "NUL in a charset": b"Subject: =?utf\0-8?q?avis?=\nContent-Type: text/plain; charset=utf-8\0\n",
    "line end in a name": b"From: =?utf-8?q?a=0D=0ABcc:_b@c.example?= <a@b.example>\n",
    "huge year": b"Date: Thu, 9 Jan 99999999999999999999 08:30:00 +0000\n",
    "message identifier": b"Message-ID: <[a@b\n",
    "address": b"From: a@[\n",
    "path in a name": b"Content-Disposition: inline; filename*=utf-8''..%2F..%2Fetc%2Fpasswd\n",
    "line end in the subject": b"Subject: =?utf-8?q?avis=0D=0ABcc=3A_b@c.example?=\n",
    "two addresses": b"From: a@b.example(<c@d.example>\n",
    "huge number of a section": b"Content-Type: text/plain; name*99999999999999999999=a\n",
    "bytes in a type": b"Content-Type: text/\xff\xfe; charset=\xff\n",
    "surrogates in a parameter": b"Content-Disposition: attachment; filename=\xed\xa0\x80\n",
}


@pytest.mark.parametrize("head", RAISING.values(), ids=RAISING.keys())
def test_m04_nothing_raises(read: Reader, head: bytes) -> None:
    row = read(head + b"\nbonjour")
    assert not row["is_unreadable"]
    assert "\n" not in row["subject"] + (row["from_name"] or "")
    assert row["own_text"] == "bonjour" or row["attachments"]


# --- M05: charsets --------------------------------------------------------------------------------

SENTENCES = (
    "L’été dernier, la gendarmerie de Bourbon-l’Archambault était fermée.",
    "Où sont passés les crédits ? Cela coûte 300 € par élève, voilà.",
    "À Noël, le maïs brûlé et l’œuvre du curé : « ça suffit » !",
    "Les trottoirs sont trop étroits près de l’école.",
)
HELD = {  # a charset, declared as it is
    "utf-8": "utf-8",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-7": "utf-7",
    "macintosh": "mac-roman",
    "utf-32": "utf-32",
}
LIES = {  # what is declared, and what it is
    "windows-1252 as latin-1": ("iso-8859-1", "cp1252", None),
    "utf-8 as latin-1": ("iso-8859-1", "utf-8", "charset_lies"),
    "utf-8 as windows-1252": ("windows-1252", "utf-8", "charset_lies"),
    "windows-1252 as utf-8": ("utf-8", "cp1252", "charset_lies"),
    "utf-8 as ASCII": ("us-ascii", "utf-8", "charset_lies"),
    "windows-1252 as ASCII": ("us-ascii", "cp1252", "charset_lies"),
    "utf-16 without mark": ("utf-16", "utf-16-le", None),
    "utf-16 without mark, big": ("utf-16", "utf-16-be", None),
    "utf-16 as utf-8": ("utf-8", "utf-16-le", "charset_lies"),
    "utf-8 as utf-16": ("utf-16", "utf-8", "charset_lies"),
    "utf-8, unknown": ("x-klingon", "utf-8", "charset_unknown"),
    "windows-1252, unknown": ("x-user-defined", "cp1252", "charset_unknown"),
    "utf-8 as idna": ("idna", "utf-8", "charset_unknown"),
    "utf-8 as punycode": ("punycode", "utf-8", "charset_unknown"),
    "windows-1252 as rot13": ("rot13", "cp1252", "charset_unknown"),
    "NUL in the name": ("utf-8\0", "utf-8", "charset_unknown"),
    "8-bit, nothing declared": ("", "cp1252", "charset_lies"),
    "utf-8, nothing declared": ("", "utf-8", None),
}


def in_charset(declared: str, data: bytes) -> bytes:
    parameter = f'; charset="{declared}"' if declared else ""
    head = f"From: {AUTHOR}\nContent-Type: text/plain{parameter}\n"
    return (head + "Content-Transfer-Encoding: base64\n\n").encode() + base64.encodebytes(data)


SAMPLES = [
    pytest.param(in_charset(name, text.encode(codec)), text, None, id=f"{name} {n}")
    for name, codec in HELD.items()
    for n, text in enumerate(SENTENCES)
    if not (codec == "mac-roman" and "€" in text)
] + [
    pytest.param(in_charset(declared, text.encode(codec)), text, flag, id=f"{name} {n}")
    for name, (declared, codec, flag) in LIES.items()
    for n, text in enumerate(SENTENCES[:2])
]


@pytest.mark.parametrize(("raw", "text", "flag"), SAMPLES)
def test_m05_accents_come_out_right(read: Reader, raw: bytes, text: str, flag: str | None) -> None:
    row = read(raw)
    assert row["own_text"] == text
    assert row["defects"] == ([flag] if flag else [])


def test_m05_there_are_sixty_samples() -> None:
    assert len(SAMPLES) >= 60


@pytest.mark.parametrize("text", SENTENCES)
def test_m05_what_was_encoded_twice_is_mended(read: Reader, text: str) -> None:
    twice = text.encode().decode("cp1252", "replace").replace("\ufffd", "\x9d").encode()
    row = read(in_charset("utf-8", twice))
    assert row["own_text"] == text
    assert row["defects"] == ["charset_twice"]


@pytest.mark.parametrize(
    "text",
    ["CAFÉ» À «», Ô», CRÛ», Å", "Santo André, São João", "Ã", "A‰ â", "câ€", "QUALITÉ™ À° Â"],
)
def test_m05_rare_letters_are_left_alone(read: Reader, text: str) -> None:
    assert read(in_charset("utf-8", text.encode()))["own_text"] == text


@pytest.mark.parametrize(
    "subject",
    [
        "Sécurité à l’école".encode(),
        "Sécurité à l’école".encode("cp1252"),
        b"=?utf-8?q?S=C3=A9curit=C3=A9_=C3=A0_l=E2=80=99?= =?utf-8?q?=C3=A9cole?=",
        b"=?utf-8?b?U8OpY3VyaXTDqSDDoCBs4oCZw6ljb2xl?=",
        b"=?utf-8?b?U8OpY3VyaXTDqSDDoCBs4oCZw?= =?utf-8?b?6ljb2xl?=",
        b"=?utf-8?q?S=C3=A9curit=C3?= =?utf-8?q?=A9_=C3=A0_l=E2=80=99=C3=A9cole?=",
        b"=?iso-8859-1?q?S=E9curit=E9_=E0_l=92=E9cole?=",
        b"=?iso-8859-1?q?S=C3=A9curit=C3=A9_=C3=A0_l=E2=80=99=C3=A9cole?=",
        b"=?x-unknown?q?S=E9curit=E9_=E0_l=92=E9cole?=",
    ],
)
def test_m05_subjects(read: Reader, subject: bytes) -> None:
    assert read(b"Subject: " + subject + b"\n\nbonjour")["subject"] == "Sécurité à l’école"


# --- M06: transfer encodings ----------------------------------------------------------------------

LONG = f"{WORDS} Où sont passés les crédits de l’été ? La gare est fermée !"
B64 = base64.encodebytes(LONG.encode())
QP = quopri.encodestring(LONG.encode())


def encoded(encoding: str, body: bytes) -> bytes:
    return HEAD + TEXT + f"Content-Transfer-Encoding: {encoding}\n\n".encode() + body


def uuencode(data: bytes, name: str = "avis.txt") -> bytes:
    lines = (binascii.b2a_uu(data[n : n + 45]) for n in range(0, len(data), 45))
    return f"begin 644 {name}\n".encode() + b"".join(lines) + b"`\nend\n"


def yenc(data: bytes) -> bytes:
    out = bytearray()
    for octet in data:
        value = (octet + 42) % 256
        out += bytes([ord("="), (value + 64) % 256]) if value in b"\0\n\r=" else bytes([value])
    size = len(data)
    return b"=ybegin line=128 size=%d name=avis.txt\n%s\n=yend size=%d\n" % (size, bytes(out), size)


TRANSFERS = {
    "base64": (encoded("base64", B64), LONG, None),
    "base64, capitals": (encoded("BASE64", B64), LONG, None),
    "base64, a comment after": (encoded("base64; x=y", B64), LONG, None),
    "base64, one line": (encoded("base64", B64.replace(b"\n", b"")), LONG, None),
    "base64, no padding": (encoded("base64", B64.rstrip(b"=\n")), LONG, "base64_damaged"),
    "base64, signs inside": (encoded("base64", b"*".join([B64[:20], B64[20:]])), LONG, None),
    "base64, in two pieces": (
        encoded(
            "base64",
            base64.encodebytes(LONG.encode()[:40]) + base64.encodebytes(LONG.encode()[40:]),
        ),
        LONG,
        "base64_damaged",
    ),
    "base64, cut": (encoded("base64", B64[:55]), LONG.encode()[:41].decode(), "base64_damaged"),
    "base64, a list's foot below": (
        encoded("base64", B64 + b"\n_____________\nPour vous retirer de la liste : ici"),
        LONG,
        "base64_damaged",
    ),
    "base64 that is plain": (encoded("base64", LONG.encode()), LONG, "base64_damaged"),
    "base64, twice": (encoded("base64", base64.encodebytes(B64)), LONG, "encoded_twice"),
    "base64, not announced": (HEAD + TEXT + b"\n" + B64, LONG, "encoding_undeclared"),
    "quoted-printable": (encoded("quoted-printable", QP), LONG, None),
    "quoted-printable, small letters": (
        encoded("quoted-printable", re.sub(rb"=[0-9A-F]{2}", lambda m: m[0].lower(), QP)),
        LONG,
        None,
    ),
    "quoted-printable, equal signs": (
        encoded("quoted-printable", b"1 + 1 = 2 et =ZZ, =C3=A9t=C3=A9"),
        "1 + 1 = 2 et =ZZ, été",
        "quoted_printable_damaged",
    ),
    "quoted-printable, cut": (encoded("quoted-printable", b"=C3=A9t=C3"), "ét", "charset_lies"),
    "quoted-printable, cut in an escape": (
        encoded("quoted-printable", b"=C3=A9t=C"),
        "ét=C",
        "quoted_printable_damaged",
    ),
    "quoted-printable, 8 bits": (encoded("quoted-printable", LONG.encode()), LONG, None),
    "quoted-printable, twice": (
        encoded("quoted-printable", quopri.encodestring(QP)),
        LONG,
        "encoded_twice",
    ),
    "quoted-printable, not announced": (HEAD + TEXT + b"\n" + QP, LONG, "encoding_undeclared"),
    "uuencode": (encoded("x-uuencode", uuencode(LONG.encode())), LONG, None),
    "uuencode, cut": (
        encoded("x-uuencode", uuencode(LONG.encode()).replace(b"`\nend\n", b"")),
        LONG,
        "uuencode_damaged",
    ),
    "an encoding of nobody": (encoded("x-avis", LONG.encode()), LONG, "encoding_unknown"),
    "8bit": (encoded("8bit", LONG.encode()), LONG, None),
}


@pytest.mark.parametrize(("raw", "text", "flag"), TRANSFERS.values(), ids=TRANSFERS.keys())
def test_m06_transfer_encodings(read: Reader, raw: bytes, text: str, flag: str | None) -> None:
    row = read(raw)
    assert row["own_text"] == text
    assert row["defects"] == ([flag] if flag else [])


@pytest.mark.parametrize(
    "file", [uuencode(LONG.encode()), yenc(LONG.encode())], ids=["uuencode", "yEnc"]
)
def test_m06_a_file_in_the_text_is_an_attachment(read: Reader, file: bytes) -> None:
    row = read(HEAD + TEXT + b"\nVoir ci-joint.\n\n" + file + b"\n")
    assert row["own_text"] == f"Voir ci-joint.\n\n{LONG}"
    assert row["attachments"][0]["name"] == "avis.txt"


def test_m06_a_file_in_the_text_that_is_cut_says_so(read: Reader) -> None:
    row = read(HEAD + TEXT + b"\nVoir ci-joint.\n\n" + uuencode(LONG.encode() * 3)[:250])
    assert row["defects"] == ["uuencode_damaged"]
    assert WORDS in row["own_text"]


def test_m06_words_are_no_file(read: Reader) -> None:
    text = "begin 644 est une suite de mots.\nEt ceci la suite."
    assert read(letter(text))["own_text"] == text


@pytest.mark.parametrize("sign", [b"=", b"A!=", b"begin 644 a\n", b"=ybegin a name=b\n", b"=\n"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode", "7bit"])
def test_m06_megabytes_of_signs(read: Reader, encoding: str, sign: bytes) -> None:
    read(encoded(encoding, sign * (1_000_000 // len(sign))), seconds=5)


# --- M07: dates -----------------------------------------------------------------------------------

RECEIVED = datetime(2020, 1, 9, 8, 30, tzinfo=UTC)
TRACE = "Received: from a.example by b.example; Thu, 9 Jan 2020 09:30:00 +0100\n"


@pytest.mark.parametrize(
    ("trace", "instant"),
    [
        ("", None),
        (TRACE, RECEIVED),
        ("Received: by b; Thu, 9 Jan 0000 09:30:00 +0100\n", None),
        ("Received: by b; Thu, 9 Jan 9999 09:30:00 +0100\n", None),
        ("Received: by b; Thu, 9 Jan 99999 09:30:00 +0100\n", None),
        ("Received: by b; Thu, 9 Jan 2020 09:30:00 +9999\n", None),
        ("Received: by b; Thu, 9 Jan 2020 09:30:00 -99999999999\n", None),
        ("Received: by b; Thu, 9 Jan 2020 99:99:99 +0100\n", None),
        ("Received: by b; \x00\n", None),
        ("Received: by b; 9 janv. 2020 09:30\n", None),
        ("Received: by b; " + "9" * 100_000 + "\n", None),
        ("Received: by b; Thu, 9 Jan 2020 08:30:00\n", RECEIVED),
        ("Received: by b; Thu, 9 Jan 2020 08:30:00 GMT (UTC)\n", RECEIVED),
    ],
)
@pytest.mark.parametrize(
    "written", ["Mon, 1 Jan 2035 00:00:00 +0000", "Thu, 9 Jan 0000 08:30:00 +0000", "demain", ""]
)
def test_m07_only_the_day_of_reception_counts(
    read: Reader, trace: str, instant: datetime | None, written: str
) -> None:
    raw = f"{trace}Date: {written}\nFrom: {AUTHOR}\n\n{WORDS}".encode()
    assert topmost_received(raw) == instant
    assert read(raw)["own_text"] == WORDS


# --- M08: characters ------------------------------------------------------------------------------

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
CODES = [*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x180B]
CODES += [*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0x3164, 0xFEFF]
CODES += [0xFFF9, 0xFFFA, 0xFFFB, 0xE0001, 0xE0041, 0xE007F, 0xE0100]
SIGNS = "".join(f"a{chr(code)}b " for code in CODES)


def strings_of(row: dict[str, Any]) -> Iterator[str]:
    for key in ("own_text", "cut_text", "signature", "subject", "from_name", "message_id"):
        yield row[key] or ""
    yield from row["author_names"]
    for file in row["attachments"]:
        yield file["name"]
        yield file["media_type"]


def quoted(text: str) -> bytes:
    return b"=?utf-8?b?" + base64.b64encode(text.encode("utf-8", "surrogatepass")) + b"?="


@pytest.mark.parametrize("form", ["plain", "html", "entities", "docx", "txt"])
def test_m08_no_such_character_comes_out(read: Reader, form: str) -> None:
    raw = b"".join(
        b"%s: %s\n" % (name, value)
        for name, value in {
            b"From": quoted(SIGNS[:160]) + b" <" + AUTHOR.encode() + b">",
            b"Subject": quoted(SIGNS[200:600]),
            b"Message-ID": b"<a\x07\xe2\x80\xaeb@c.example>",
            b"Content-Type": b"multipart/mixed; boundary=limite",
        }.items()
    )
    body = f"{SIGNS} {WORDS}\ud800".encode("utf-8", "surrogatepass")
    entities = "".join(f"a&#{code};b&#x{code:x};" for code in CODES) + "&#xd800;&#1114112;"
    parts = {
        "plain": TEXT + b"\n" + body,
        "html": b"Content-Type: text/html; charset=utf-8\n\n<p>" + body,
        "entities": f"Content-Type: text/html\n\n<p>{entities}<p hidden>{entities}".encode(),
        "docx": f"Content-Type: {WORD_TYPE}; name=a\x07\u202eb.docx\nContent-Transfer-Encoding: "
        f"base64\n\n{base64.encodebytes(docx(SIGNS[-40:])).decode()}".encode(),
        "txt": TEXT + "Content-Disposition: attachment; filename=\u202etxt.exe\n\n".encode() + body,
    }
    row = read(raw + b"\n--limite\n" + parts[form] + b"\n--limite--\n")
    found = [FORBIDDEN.findall(text) for text in strings_of(row)]
    assert not any(found)
    assert row["own_text"]


TRICKS = {
    "right to left": ("Signalé par \u202eexe.tiva", "Signalé par exe.tiva", "invisible_characters"),
    "isolates": ("Un \u2066avis\u2069.", "Un avis.", "invisible_characters"),
    "tags": ("Un avis\U000e0041\U000e0042.", "Un avis.", "invisible_characters"),
    "zero width": ("gen\u200bdar\u200cme\u200drie\ufeff", "gendarmerie", None),
    "soft hyphens": ("gen\u00addar\u00admerie", "gendarmerie", None),
    "Cyrillic in a word": ("La gеndarmеriе", "La gendarmerie", "mixed_scripts"),
    "Greek in a word": ("La gendαrmerιe de Vιchy", "La gendarmerie de Vichy", "mixed_scripts"),
    "Cyrillic words": ("Спасибо, мэрия Виши", "Спасибо, мэрия Виши", None),
    "Greek words": ("Ευχαριστώ πολύ", "Ευχαριστώ πολύ", None),
    "units": ("10 μg, 3 kΩ, πr²", "10 μg, 3 kΩ, πr²", None),
    "styled letters": ("𝐆𝐞𝐧𝐝𝐚𝐫𝐦𝐞𝐫𝐢𝐞 ｏｕｉ", "Gendarmerie oui", None),
    "separate accents": ("se\u0301curite\u0301", "sécurité", None),
}


@pytest.mark.parametrize(("text", "clean", "flag"), TRICKS.values(), ids=TRICKS.keys())
@pytest.mark.parametrize("form", [letter, html_letter], ids=["plain", "html"])
def test_m08_tricks_are_undone_and_told(
    read: Reader, form: Callable[..., bytes], text: str, clean: str, flag: str | None
) -> None:
    row = read(form(text, subject=text))
    assert (row["own_text"], row["subject"]) == (clean, clean)
    assert row["defects"] == ([flag] if flag else [])


def test_m08_a_line_of_fifty_megabytes(read: Reader) -> None:
    row = read(HEAD + TEXT + b"\n" + b"mot " * 12_500_000)
    assert len(row["own_text"]) <= 2_000_000
    assert row["defects"] == ["text_too_long"]


# --- M09: HTML ------------------------------------------------------------------------------------

PAGES = {
    "100 k nested": b"<div>" * 100_000 + b"mot",
    "100 k nested, closed": b"<div>" * 100_000 + b"mot" + b"</div>" * 100_000,
    "100 k nested, hidden": b"<div style='display:none'>" * 100_000 + b"mot",
    "100 k nested quotations": b"<blockquote>mot" * 100_000,
    "100 k nested signatures": b"<div class=signature>mot" * 100_000,
    "100 k comments": b"<!--" * 100_000 + b" mot",
    "100 k links": b"<a " * 100_000 + b"> mot",
    "100 k open links": b"<a href='" * 100_000,
    "100 k attributes": b"<p " + b"style='color:red' class=signature " * 100_000 + b">mot",
    "100 k classes": b"<p " + b"class=" * 100_000 + b">mot",
    "100 k styles": b"<style>" + b".a{display:none}" * 100_000 + b"</style><p class=a>mot",
    "100 k open styles": b"<style>" + b"@a{/*" * 100_000 + b"</style>mot",
    "100 k style elements": b"<style>a{}</style>" * 100_000 + b"mot",
    "100 k closing tags": b"<i><b>" * 300 + b"</u></div>" * 100_000 + b"mot",
    "100 k crossed tags": b"<i><b></i></b>" * 100_000 + b"mot",
    "100 k entities": b"&lt;" * 500_000 + b"&#999999999999;" * 100_000,
    "100 k headers": b"<p>De : a@b.example<br>Objet : c<br><blockquote>d</blockquote>" * 30_000,
    "image of 20 MB": b"<img src='data:image/png;base64," + b"QUJD" * 5_000_000 + b"'><p>mot",
    "CDATA": b"<![CDATA[" * 100_000 + b"mot",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_m09_pages_are_read_in_linear_time(read: Reader, page: bytes) -> None:
    read(HTML + page, seconds=5)


def test_m09_the_words_by_a_large_image_are_read(read: Reader) -> None:
    assert read(HTML + PAGES["image of 20 MB"])["own_text"] == "mot"


SECRET = "cette phrase ne se voit pas"
HIDDEN = {
    "display": f"<div style='display:none'>{SECRET}</div>",
    "display, capitals": f"<DIV STYLE='DISPLAY : NONE !important'>{SECRET}</DIV>",
    "display, entities": f"<div style='display&#58;none'>{SECRET}</div>",
    "display, comment": f"<div style='display:/**/none'>{SECRET}</div>",
    "no quotes": f"<div style=display:none>{SECRET}</div>",
    "visibility": f"<span style='visibility:hidden'>{SECRET}</span>",
    "opacity": f"<span style='opacity:0.0'>{SECRET}</span>",
    "font of nothing": f"<span style='font-size:0'>{SECRET}</span>",
    "font of a pixel": f"<span style='font-size:1px'>{SECRET}</span>",
    "font, in short": f"<span style='font:0/0 a'>{SECRET}</span>",
    "Outlook": f"<span style='mso-hide:all'>{SECRET}</span>",
    "attribute": f"<p hidden>{SECRET}</p>",
    "no height": f"<div style='max-height:0;overflow:hidden'>{SECRET}</div>",
    "a pixel": f"<div style='height:1px;width:1px;overflow:hidden'>{SECRET}</div>",
    "off the screen": f"<div style='text-indent:-9999px'>{SECRET}</div>",
    "far left": f"<div style='position:absolute;left:-10000px'>{SECRET}</div>",
    "white on white": f"<span style='color:#fff'>{SECRET}</span>",
    "white on white, font": f"<font color=white>{SECRET}</font>",
    "nearly white": f"<span style='color:rgb(254, 254, 253)'>{SECRET}</span>",
    "transparent": f"<span style='color:transparent'>{SECRET}</span>",
    "black on black": f"<p style='background:#000'><span style='color:black'>{SECRET}</span></p>",
    "white table": f"<table bgcolor='#FFFFFF'><tr><td><font color='#ffffff'>{SECRET}</table>",
    "class": f"<style>p.x, .y{{display:none}}</style><div class='a y'>{SECRET}</div>",
    "identifier": f"<style>#z {{ visibility: hidden }}</style><div id=z>{SECRET}</div>",
    "inside": f"<div style='display:none'><p><b>{SECRET}</b></p></div>",
    "never closed": f"<div><p style='display:none'>{SECRET}</div>",
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN.keys())
def test_m09_hidden_words_are_cut_and_told(read: Reader, hidden: str) -> None:
    row = read(html_letter(f"<p>{WORDS}</p>{hidden}<p>Merci.</p>"))
    assert row["own_text"] == f"{WORDS}\n\nMerci."
    assert row["cut_text"] == SECRET
    assert row["defects"] == ["hidden_text"]


SHOWN = {
    "white on blue": "<td style='background-color:#0055a4'><a style='color:#fff'>{}</a></td>",
    "white on a picture": "<table background=a.png><tr><td><font color=white>{}</font></table>",
    "white, where sheets paint": "<style>.b{{background:blue}}</style><p class=b>"
    "<b style=color:#fff>{}",
    "a size given back": "<td style='font-size:0'><div style='font-size:14px'>{}</div></td>",
    "shown again": "<div style='visibility:hidden'><p style='visibility:visible'>{}</p></div>",
    "small, not tiny": "<p style='font-size:8px;line-height:1px'>{}</p>",
    "half seen": "<p style='opacity:0.5'>{}</p>",
    "indented": "<p style='margin-left:36pt;text-indent:-36.0pt'>{}</p>",
    "on a telephone": "<style>@media print{{.m{{display:none}}}}</style><p class=m>{}</p>",
    "the word hidden": "<p title='hidden' class='hidden-xs' style='overflow:hidden'>{}</p>",
    "display given": "<p style='display:none;display:block'>{}</p>",
    "all white: a dark window": "<div style='color:rgb(255,255,255)'>{}</div>",
}


@pytest.mark.parametrize("page", SHOWN.values(), ids=SHOWN.keys())
def test_m09_words_that_are_seen_stay(read: Reader, page: str) -> None:
    assert read(html_letter(page.format(WORDS)))["own_text"] == WORDS


def test_m09_a_hidden_word_or_two_is_not_worth_telling(read: Reader) -> None:
    row = read(html_letter(f"<p>{WORDS}</p><p style='display:none'>fin</p>"))
    assert (row["own_text"], row["defects"]) == (WORDS, [])
