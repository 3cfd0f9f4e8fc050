"""Hostile and unusual parts of messages, rows M10 to M12 of the matrix."""

from __future__ import annotations

import base64
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.limited_reading import Reader, limited_reader
from tests.unit.tasks.mail.letters import AUTHOR, BOX, docx, letter, odt, pdf, with_file, zipped

WORDS = "Il faudrait une permanence de gendarmerie au marché du samedi."
LATIN = "Une permanence de gendarmerie à pied."
HEAD = f"From: {AUTHOR}\nTo: {BOX}\nSubject: avis\n".encode()
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT_TYPE = "application/vnd.oasis.opendocument.text"
RTF = rb"{\rtf1\ansi Une permanence de gendarmerie \'e0 pied.\par}"
PNG = b"\x89PNG\r\n\x1a\n" + b"\1" * 60_000
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.fixture(scope="module")
def read() -> Iterator[Reader]:
    with limited_reader() as reader:
        yield reader


def mixed(subtype: str, *parts: str | bytes) -> bytes:
    """Write a message of parts, each with its headers; the subtype may have parameters."""
    octets = (part if isinstance(part, bytes) else part.encode() for part in parts)
    body = b"".join(b"--limite\n" + part + b"\n" for part in octets)
    return (
        HEAD
        + f"Content-Type: multipart/{subtype}; boundary=limite\n\n".encode()
        + body
        + (b"--limite--\n")
    )


def single(media_type: str, data: bytes, *more: str) -> bytes:
    head = "".join(f"{line}\n" for line in (f"Content-Type: {media_type}", *more))
    encoding = "Content-Transfer-Encoding: base64\n\n"
    return (head + encoding).encode() + base64.encodebytes(data)


TEXT = f"Content-Type: text/plain; charset=utf-8\n\n{WORDS}"
PAGE = f"Content-Type: text/html; charset=utf-8\n\n<p>{WORDS}</p>"
CALENDAR = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Réunion\nEND:VEVENT\nEND:VCALENDAR"
)
SIGNED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
    f"{WORDS}\n- -- \nJeanne Morel\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEB\n=abcd\n"
    "-----END PGP SIGNATURE-----\n"
)
ENCIPHERED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0123456789\n=abcd\n-----END PGP MESSAGE-----"
RETURNED = f"From: {BOX}\nTo: {AUTHOR}\nSubject: avis\n\nVotre avis nous est parvenu.\n"
STATUS = (
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n\nAction: failed\n"
)
NOTICE = "Content-Type: message/disposition-notification\n\nDisposition: manual-action; displayed\n"
ABSENCE = "Bonjour,\n\nJe suis absente du 6 au 20 janvier et répondrai à mon retour.\n"

KINDS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "only text": (letter(WORDS), {"own_text": WORDS}),
    "only HTML": (HEAD + PAGE.encode(), {"own_text": WORDS}),
    "only HTML, in alternative": (mixed("alternative", PAGE), {"own_text": WORDS}),
    "HTML and its picture": (
        mixed(
            "related",
            PAGE.replace("</p>", "<img src='cid:logo'></p>"),
            single("image/png", PNG[:9000], "Content-ID: <logo>"),
        ),
        {"own_text": WORDS, "has_unread_part": False},
    ),
    "only a picture": (
        HEAD + single("image/jpeg; name=lettre.jpg", PNG),
        {"own_text": "", "content_word_count": 0, "has_unread_part": True},
    ),
    "only a PDF": (
        HEAD + single("application/pdf; name=avis.pdf", pdf(LATIN)),
        {"own_text": LATIN, "from_attachment": True, "has_unread_part": False},
    ),
    "only a PDF without text": (
        HEAD + single("application/pdf; name=scan.pdf", pdf("")),
        {"own_text": "", "has_unread_part": True},
    ),
    "only a DOCX": (
        HEAD + single(f"{WORD_TYPE}; name=avis.docx", docx(WORDS)),
        {"own_text": WORDS, "from_attachment": True, "has_unread_part": False},
    ),
    "only an ODT": (
        HEAD + single(f"{ODT_TYPE}; name=avis.odt", odt(WORDS)),
        {"own_text": WORDS, "has_unread_part": False},
    ),
    "only an RTF": (
        HEAD + single("application/rtf; name=avis.rtf", RTF),
        {"own_text": LATIN, "has_unread_part": False},
    ),
    "an old Word document": (
        with_file(WORDS, OLD_WORD, "avis.doc", "application/msword"),
        {"own_text": WORDS, "has_unread_part": True},
    ),
    "an old Word document, undeclared": (
        with_file(WORDS, OLD_WORD, "avis.doc", "application/octet-stream"),
        {"own_text": WORDS, "has_unread_part": True},
    ),
    "an Excel table": (
        with_file(WORDS, OLD_WORD, "avis.xls", "application/vnd.ms-excel"),
        {"own_text": WORDS, "has_unread_part": True},
    ),
    "a document of Apple's": (
        with_file(WORDS, zipped({"Index/Document.iwa": "x"}), "avis.pages", "application/x-pages"),
        {"own_text": WORDS, "has_unread_part": True},
    ),
    "text shown inline, with a name": (
        with_file("Voir ci-joint", WORDS.encode(), "avis.txt", "text/plain", "inline"),
        {"own_text": f"Voir ci-joint\n\n{WORDS}", "has_unread_part": False},
    ),
    "a page attached": (
        with_file("Voir ci-joint", f"<p>{WORDS}</p>".encode(), "avis.html", "text/html"),
        {"own_text": f"Voir ci-joint\n\n{WORDS}", "has_unread_part": False},
    ),
    "a page attached that hides": (
        with_file(
            "Voir", b"<p>Oui.<p hidden>un deux trois quatre", "a.html", "text/html; charset=utf-8"
        ),
        {
            "own_text": "Voir\n\nOui.",
            "cut_text": "un deux trois quatre",
            "defects": ["hidden_text"],
        },
    ),
    "calendar": (
        HEAD + f"Content-Type: text/calendar; method=REQUEST\n\n{CALENDAR}".encode(),
        {"own_text": "", "content_word_count": 0, "has_unread_part": False},
    ),
    "calendar beside text": (
        mixed("alternative", TEXT, f"Content-Type: text/calendar\n\n{CALENDAR}"),
        {"own_text": WORDS, "has_unread_part": False},
    ),
    "S/MIME, opaque": (
        HEAD + single("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", PNG),
        {"own_text": "", "has_unread_part": True},
    ),
    "S/MIME, in clear": (
        mixed(
            'signed; protocol="application/pkcs7-signature"; micalg=sha-256',
            TEXT,
            single("application/pkcs7-signature; name=smime.p7s", PNG),
        ),
        {"own_text": WORDS, "has_unread_part": False},
    ),
    "PGP, opaque": (
        mixed(
            'encrypted; protocol="application/pgp-encrypted"',
            "Content-Type: application/pgp-encrypted\n\nVersion: 1",
            f"Content-Type: application/octet-stream; name=encrypted.asc\n\n{ENCIPHERED}",
        ),
        {"own_text": "", "has_unread_part": True},
    ),
    "PGP, opaque, in the text": (
        letter(f"Bonjour,\n\n{ENCIPHERED}\n"),
        {"own_text": "Bonjour,", "has_unread_part": True},
    ),
    "PGP, in clear": (
        mixed("signed", TEXT, "Content-Type: application/pgp-signature\n\nabc"),
        {"own_text": WORDS, "has_unread_part": False},
    ),
    "PGP, in clear, in the text": (
        letter(SIGNED),
        {"own_text": WORDS, "signature": "--\nJeanne Morel", "has_unread_part": False},
    ),
    "TNEF": (
        with_file(WORDS, b"\x78\x9f\x3e\x22" + PNG, "winmail.dat", "application/ms-tnef"),
        {"own_text": WORDS, "has_unread_part": True},
    ),
    "bounce": (
        mixed("report; report-type=delivery-status", "\nNon remis.", STATUS),
        {"machine": "bounce", "has_unread_part": False},
    ),
    "read receipt": (
        mixed("report; report-type=disposition-notification", "\nLu le 9 janvier.", NOTICE),
        {"machine": "auto_reply", "has_unread_part": False},
    ),
    "automatic reply": (
        letter(ABSENCE, Auto_Submitted="auto-replied"),
        {"machine": "auto_reply"},
    ),
    "automatic reply, by its words": (
        letter(ABSENCE, subject="Absence du bureau"),
        {"machine": "auto_reply"},
    ),
    "spam": (letter("Achetez !", X_Spam_Flag="YES"), {"machine": "spam"}),
    "list": (letter(WORDS, List_Id="<avis.example>"), {"machine": "bulk"}),
    "handed on whole": (
        mixed(
            "mixed",
            "\nPour suite à donner.",
            "Content-Type: message/rfc822\n\n"
            + with_file("Voir ci-joint", docx(WORDS), "avis.docx", WORD_TYPE)
            .decode()
            .replace(AUTHOR, "luc.perrin@courriel.example"),
        ),
        {"own_text": f"Pour suite à donner.\n\nVoir ci-joint\n\n{WORDS}", "has_unread_part": False},
    ),
    "handed on whole, twice": (
        mixed(
            "mixed",
            "\nPour suite à donner.",
            "Content-Type: message/rfc822\n\nFrom: b@c.example\nContent-Type: message/rfc822\n\n"
            f"From: d@e.example\n{TEXT}",
        ),
        {"own_text": f"Pour suite à donner.\n\n{WORDS}"},
    ),
    "an answer with what it answers": (
        mixed("mixed", TEXT, f"Content-Type: message/rfc822\n\n{RETURNED}"),
        {"own_text": WORDS, "cut_text": "Votre avis nous est parvenu."},
    ),
    "a message too large, as it was": (
        mixed("mixed", TEXT, "Content-Type: message/external-body; name=avis.mov\n\nx"),
        {"own_text": WORDS, "has_unread_part": True},
    ),
    "a card": (
        mixed("mixed", TEXT, "Content-Type: text/vcard; name=moi.vcf\n\nBEGIN:VCARD"),
        {"own_text": WORDS, "has_unread_part": False},
    ),
    "an empty file": (
        with_file(WORDS, b"", "vide.bin", "application/octet-stream"),
        {"own_text": WORDS, "has_unread_part": False},
    ),
}


# The same message as relays leave it.
CARRIERS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda raw: raw,
    "names in capitals": lambda raw: re.sub(
        rb"^(?:Content-[\w-]+|Subject|From|Auto-Submitted|X-Spam-Flag|List-Id)(?=:)",
        lambda found: found[0].upper(),
        raw,
        flags=re.MULTILINE,
    ),
    "folded": lambda raw: re.sub(
        rb"^(Content-\w+: [^;\n]+); *", rb"\1;\n\t", raw, flags=re.MULTILINE
    ),
    "a long trace": lambda raw: b"Received: from a.example by b.example;\n\tjeudi\n" * 30 + raw,
    "no last line end": lambda raw: raw.rstrip(b"\n"),
    "blank lines below": lambda raw: raw + b"\n\n\n",
}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("kind", KINDS)
def test_m10_kinds_of_messages(read: Reader, kind: str, carrier: str) -> None:
    raw, expected = KINDS[kind]
    raw = CARRIERS[carrier](raw)
    row = read(raw)
    assert {name: row[name] for name in expected} == expected
    assert row["machine"] == expected.get("machine")


# --- M11: documents that expand -------------------------------------------------------------------

CAP = 1_000_000  # characters of an attached document


def word_xml(size: int) -> bytes:
    words = b"a" * size
    return b"<w:document xmlns:w='urn:w'><w:p><w:t>%s</w:t></w:p></w:document>" % words


def packed(name: str, content: bytes, *, level: int = 9) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def with_lying_size(data: bytes) -> bytes:
    """Say in the directory of an archive that its first entry expands to ten bytes."""
    at = data.index(b"PK\x01\x02") + 24
    return data[:at] + struct.pack("<I", 10) + data[at + 4 :]


def overlapping(name: str, content: bytes, count: int) -> bytes:
    """Let many entries of a directory point at the same packed bytes."""
    data = packed(name, content)
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    directory = data[at:end] * count
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), at, 0)
    return data[:at] + directory + tail


def encrypted(data: bytes) -> bytes:
    """Set the flag of encryption in both headers of a one-entry archive."""
    out, at = bytearray(data), data.index(b"PK\x01\x02")
    out[6] |= 1
    out[at + 8] |= 1
    return bytes(out)


def packed_pdf(drawing: bytes, count: int = 1, filters: bytes = b"/FlateDecode") -> bytes:
    """Write a PDF whose page repeats a drawing."""
    content = zlib.compress(b"BT /F1 1 Tf 10 700 Td " + drawing * count + b" ET", 9)
    if b"ASCII85" in filters:
        content = base64.a85encode(content) + b"~>"
    plain = pdf("x")
    start, end = plain.index(b"<</Length"), plain.index(b"endstream")
    head = b"<</Filter%s/Length %d>>stream\n" % (filters, len(content))
    return plain[:start] + head + content + b"\n" + plain[end:]


def pdf_of_forms(levels: int) -> bytes:
    """Write a PDF of forms that draw the next one ten times each."""
    form = b"<</Subtype/Form/Resources<</XObject<</F %d 0 R>>>>/Length 60>>stream\n%s"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/Resources<</XObject<</F 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length 5>>stream\n/F Do\nendstream",
        *(form % (6 + n, b"/F Do " * 10 + b"\nendstream") for n in range(levels)),
        b"<</Subtype/Form/BBox[0 0 9 9]/Length 13>>stream\n0 0 m 1 1 l S\nendstream",
    ]
    out = b"%PDF-1.4\n"
    for number, content in enumerate(objects, 1):
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return out + b"trailer<</Size %d/Root 1 0 R>>\n%%%%EOF\n" % (len(objects) + 1)


BOMB, SMALL_BOMB = 100_000_000, 15_000_000  # characters
WORD_PART, ODT_PART = "word/document.xml", "content.xml"
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "docx": ("a.docx", lambda: packed(WORD_PART, word_xml(BOMB))),
    "docx under the cap of bytes": ("a.docx", lambda: packed(WORD_PART, word_xml(SMALL_BOMB))),
    "docx that lies": ("a.docx", lambda: with_lying_size(packed(WORD_PART, word_xml(BOMB)))),
    "odt": ("a.odt", lambda: packed(ODT_PART, word_xml(BOMB))),
    "docx in a docx": ("a.docx", lambda: packed("a.docx", packed(WORD_PART, word_xml(BOMB)))),
    "overlapping entries": ("a.docx", lambda: overlapping("a", word_xml(BOMB), 60_000)),
    "overlapping documents": ("a.docx", lambda: overlapping(WORD_PART, word_xml(BOMB), 60_000)),
    "zip": ("a.zip", lambda: packed("a.txt", word_xml(BOMB))),
    "encrypted docx": ("a.docx", lambda: encrypted(packed(WORD_PART, word_xml(9)))),
    "entities": ("a.docx", lambda: packed(WORD_PART, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")),
    "depth": ("a.docx", lambda: packed(WORD_PART, b"<a>" * 100_000, level=0)),
    "no archive": ("a.docx", lambda: b"PK\x03\x04" + b"\0" * 100_000),
    "pdf": ("a.pdf", lambda: packed_pdf(b"(abcdefghij) Tj 0 0 Td ", 4_000_000)),
    "pdf of forms": ("a.pdf", lambda: pdf_of_forms(20)),
    "pdf of nothing": ("a.pdf", lambda: b"%PDF-1.7\n" + b"1 0 obj\n" * 200_000),
    "rtf": ("a.rtf", lambda: b"{\\rtf1 " + b"{}" * 5_000_000 + b"a" * 100 + b"}"),
    "long rtf": ("a.rtf", lambda: b"{\\rtf1 " + b"\\'e9" * 5_000_000 + b"}"),
    "long text": ("a.txt", lambda: b"a " * 10_000_000),
}
TYPES = {"docx": WORD_TYPE, "odt": ODT_TYPE, "txt": "text/plain"}


@pytest.mark.parametrize(("name", "build"), BOMBS.values(), ids=BOMBS.keys())
def test_m11_what_expands_is_left_to_a_person(
    read: Reader, name: str, build: Callable[[], bytes]
) -> None:
    data, extension = build(), name.rpartition(".")[2]
    media_type = TYPES.get(extension, f"application/{extension}")
    row = read(with_file(WORDS, data, name, media_type), seconds=5)
    assert row["has_unread_part"]
    assert row["own_text"].startswith(WORDS)
    file = row["attachments"][0]
    assert (file["name"], file["size_bytes"]) == (name, len(data))
    assert file["text_chars"] <= CAP


@pytest.mark.parametrize("filters", [b"/FlateDecode", b"[/ASCII85Decode/FlateDecode]"])
def test_m11_an_ordinary_packed_pdf_is_read(read: Reader, filters: bytes) -> None:
    data = packed_pdf(b"(" + LATIN.encode("cp1252") + b") Tj ", filters=filters)
    row = read(with_file("", data, "avis.pdf", "application/pdf"))
    assert row["own_text"] == LATIN
    assert not row["has_unread_part"]


def test_m11_macros_are_data(read: Reader) -> None:
    document = zipped(
        {
            "word/document.xml": f"<w:document xmlns:w='urn:w'><w:p><w:t>{WORDS}</w:t></w:p>"
            "<w:instrText>DDEAUTO c:\\\\windows\\\\cmd.exe</w:instrText></w:document>",
            "word/vbaProject.bin": "Sub AutoOpen()",
            "word/embeddings/a.exe": "MZ",
        }
    )
    media_type = "application/vnd.ms-word.document.macroEnabled.12"
    row = read(with_file("", document, "avis.docm", media_type))
    assert row["own_text"] == WORDS


def test_m11_two_hundred_files_and_no_more_are_read(read: Reader) -> None:
    part = single("text/plain; name=a.txt", WORDS.encode())
    row = read(mixed("mixed", *[part] * 300))
    assert len(row["attachments"]) == 200
    assert row["has_unread_part"]


# --- M12: names -----------------------------------------------------------------------------------

NAMES = {
    "a path": (b'filename="../../etc/passwd"', "../../etc/passwd"),
    "a path of Windows": (b'filename="..\\\\..\\\\boot.ini"', "..\\..\\boot.ini"),
    "a path, RFC 2231": (b"filename*=utf-8''..%2F..%2Fetc%2Fpasswd", "../../etc/passwd"),
    "RFC 2231, in pieces": (b"filename*0*=utf-8''%C3%A9t; filename*1*=%C3%A9.txt", "été.txt"),
    "RFC 2231, a character in two": (b"filename*0*=utf-8''t%C3; filename*1*=%A9.txt", "té.txt"),
    "RFC 2231, out of order": (b"filename*1=b.txt; filename*0=a", "ab.txt"),
    "RFC 2231, latin": (b"filename*=iso-8859-1'fr'%E9t%E9.txt", "été.txt"),
    "RFC 2047": (b'filename="=?utf-8?q?=C3=A9t=C3=A9.txt?="', "été.txt"),
    "RFC 2047, base64": (b"filename==?utf-8?b?w6l0w6kudHh0?=", "été.txt"),
    "8 bits": (b'filename="\xe9t\xe9.txt"', "été.txt"),
    "8 bits, UTF-8": ('filename="été.txt"'.encode(), "été.txt"),
    "a device": (b"filename=CON", "CON"),
    "4 KB": (b'filename="' + b"a" * 4096 + b'.txt"', "a" * 255),
    "NUL": (b'filename="a\0.txt"', "a.txt"),
    "right to left": ('filename="avis\u202efdp.exe"'.encode(), "avisfdp.exe"),
    "lines": (b"filename*=utf-8''a%0D%0ABcc%3A%20b", "a Bcc: b"),
    "empty": (b'filename=""', ""),
    "absent": (b"x=y", ""),
    "marks inside": (b'filename="a\\"b;c.txt"', 'a"b;c.txt'),
    "accents apart": (b"filename*=utf-8''e%CC%81te%CC%81.txt", "été.txt"),
    "surrogates": (b"filename=\xed\xa0\x80.txt", None),
    "bad escapes": (b"filename*=utf-8''%ZZ%.txt", "%ZZ%.txt"),
    "a charset of nobody": (b"filename*=klingon''%C3%A9.txt", "é.txt"),
    "twice": (b"filename=a.txt; filename=b.txt", None),
}


@pytest.mark.parametrize(("parameter", "name"), NAMES.values(), ids=NAMES.keys())
def test_m12_a_name_is_a_line_of_data(read: Reader, parameter: bytes, name: str | None) -> None:
    part = b"Content-Type: application/octet-stream\nContent-Disposition: attachment; "
    file = read(mixed("mixed", TEXT, part + parameter + b"\n\nx"))["attachments"][0]
    assert file["size_bytes"] == 1
    assert name is None or file["name"] == name
    assert len(file["name"]) <= 255
    assert file["name"].isprintable()


def test_m12_the_same_name_twice_is_two_files(read: Reader) -> None:
    part = single("application/octet-stream; name=a.bin", b"x")
    row = read(mixed("mixed", TEXT, part, part))
    assert [file["name"] for file in row["attachments"]] == ["a.bin", "a.bin"]
