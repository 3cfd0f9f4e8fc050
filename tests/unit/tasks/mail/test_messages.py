from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tasks.mail.reading import read_message
from tests.reading import read_batch
from tests.unit.tasks.mail.letters import (
    AUTHOR,
    BOX,
    docx,
    html_letter,
    letter,
    odt,
    pdf,
    with_file,
    zipped,
)
from warehouse.contracts import PARSED

WORDS = "Il faudrait une permanence de gendarmerie au marché du samedi."
NOTE = "Bonjour,\n\nVeuillez trouver ci-joint ma contribution.\n\nCordialement"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
RTF = (
    rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Une permanence de gendarmerie "
    rb"\'e0 pied, \'e9t\u233?.\par}"
)
PNG = b"\x89PNG\r\n\x1a\n" + b"\1" * 4000


def test_a_table_has_one_row_a_message_in_their_order() -> None:
    table = read_batch(["s-1", "s-2"], [letter(WORDS), b""])
    assert table.schema == PARSED.schema
    assert table.column("submission_id").to_pylist() == ["s-1", "s-2"]
    assert table.column("own_text").to_pylist() == [WORDS, ""]
    assert table.column("is_unreadable").to_pylist() == [False, True]
    assert read_batch([], []).schema == PARSED.schema


def test_the_headers_of_a_row() -> None:
    reading = read_message(
        letter(WORDS, subject="=?iso-8859-1?q?S=E9curit=E9?=", Message_ID="<abc@courriel.example>")
    )
    assert (reading.from_address, reading.from_name) == (AUTHOR, "Jeanne Morel")
    assert (reading.subject, reading.message_id, reading.language) == (
        "Sécurité",
        "abc@courriel.example",
        "fr",
    )


@pytest.mark.parametrize(
    ("charset", "data"),
    [
        ("utf-8", "été à Bourbon-l’Archambault".encode()),
        ("iso-8859-1", "été à Bourbon-l’Archambault".encode("cp1252")),
        ("windows-1252", "été à Bourbon-l’Archambault".encode("cp1252")),
        ("utf-8", "été à Bourbon-l’Archambault".encode("cp1252")),
        ("iso-8859-1", "été à Bourbon-l’Archambault".encode()),
        ("us-ascii", "été à Bourbon-l’Archambault".encode()),
        ("x-klingon", "été à Bourbon-l’Archambault".encode()),
        ("idna", "été à Bourbon-l’Archambault".encode()),
        ("rot13", "été à Bourbon-l’Archambault".encode()),
        ("unicode_escape", "été à Bourbon-l’Archambault".encode()),
        ("utf-16", "été à Bourbon-l’Archambault".encode("utf-16-le")),
        ("utf-16", "été à Bourbon-l’Archambault".encode()),
        ("utf-8\0", "été à Bourbon-l’Archambault".encode()),
    ],
)
def test_accents_survive_what_is_declared(charset: str, data: bytes) -> None:
    raw = f'From: {AUTHOR}\nContent-Type: text/plain; charset="{charset}"\n\n'.encode() + data
    assert read_message(raw).own_text == "été à Bourbon-l’Archambault"


def test_a_last_accent_is_no_cut_character() -> None:
    raw = f"From: {AUTHOR}\n\nPour la libert".encode() + b"\xe9"
    assert read_message(raw).own_text == "Pour la liberté"


def test_a_character_cut_at_the_end_spoils_no_other() -> None:
    raw = f"From: {AUTHOR}\nContent-Type: text/plain; charset=utf-8\n\nété à".encode()[:-1]
    assert read_message(raw).own_text == "été"


def test_invisible_characters_go_and_composed_ones_are_joined() -> None:
    assert (
        read_message(letter("Se\u0301curite\u0301\u200b et\u202e ordre\0\u00a0: oui")).own_text
        == "Sécurité et ordre : oui"
    )


def test_soft_line_breaks_are_joined() -> None:
    raw = letter("Une permanence \nau marché.\n").replace(
        b"charset=utf-8", b"charset=utf-8; format=flowed"
    )
    assert read_message(raw).own_text == "Une permanence au marché."


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (
            docx("Bonjour,", "Une permanence de gendarmerie à pied.", "Jeanne Morel"),
            "avis.docx",
            WORD_TYPE,
        ),
        (
            docx("Bonjour,", "Une permanence de gendarmerie à pied.", "Jeanne Morel"),
            "avis",
            "application/octet-stream",
        ),
        (
            odt("Bonjour,", "Une permanence de gendarmerie à pied.", "Jeanne Morel"),
            "avis.odt",
            "application/vnd.oasis.opendocument.text",
        ),
        (pdf("Une permanence de gendarmerie à pied."), "avis.pdf", "application/pdf"),
        (
            "Une permanence de gendarmerie à pied.\nJeanne Morel".encode(),
            "avis.txt",
            "text/plain; charset=utf-8",
        ),
        (RTF, "avis.rtf", "application/rtf"),
    ],
    ids=["docx", "docx, undeclared", "odt", "pdf", "txt", "rtf"],
)
def test_a_note_and_its_attachment_are_one_contribution(
    data: bytes, name: str, media_type: str
) -> None:
    reading = read_message(with_file(NOTE + "\n\nJeanne Morel\n", data, name, media_type))
    assert reading.own_text.startswith(NOTE + "\n\n")
    assert "permanence de gendarmerie à pied" in reading.own_text
    assert "Jeanne Morel" not in reading.own_text
    assert reading.from_attachment
    assert not reading.has_unread_part
    assert not reading.is_cover_note
    assert reading.attachments[0]["name"] == name
    assert reading.attachments[0]["text_chars"] > 30


def test_rtf_accents() -> None:
    assert "à pied, été." in read_message(with_file("", RTF, "a.rtf", "text/rtf")).own_text


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (PNG, "lettre.png", "image/png"),
        (pdf(""), "scan.pdf", "application/pdf"),
        (b"%PDF-1.4 tronqu\xe9", "avis.pdf", "application/pdf"),
        (b"\xd0\xcf\x11\xe0 ancien", "avis.doc", "application/msword"),
        (zipped({"autre.txt": "x"}), "avis.zip", "application/zip"),
        (
            zipped({"word/document.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}),
            "a.docx",
            WORD_TYPE,
        ),
        (zipped({"word/document.xml": " " * 20_000_000}), "bombe.docx", WORD_TYPE),
        (b"PK\x03\x04 tronqu\xe9", "avis.docx", WORD_TYPE),
    ],
    ids=["photo", "scan", "broken pdf", "old word", "zip", "entities", "bomb", "broken docx"],
)
def test_what_cannot_be_read_is_left_to_a_person(data: bytes, name: str, media_type: str) -> None:
    reading = read_message(with_file("Voir photo", data, name, media_type))
    assert reading.has_unread_part
    assert reading.is_cover_note
    assert reading.content_word_count == 0


@pytest.mark.parametrize(
    ("data", "name", "media_type", "disposition"),
    [
        (PNG, "logo.png", "image/png", "inline"),
        (b"BEGIN:VCARD", "moi.vcf", "text/vcard", "attachment"),
        (b"signature", "smime.p7s", "application/pkcs7-signature", "attachment"),
    ],
    ids=["logo", "card", "digital signature"],
)
def test_what_nobody_wrote_asks_for_nobody(
    data: bytes, name: str, media_type: str, disposition: str
) -> None:
    raw = with_file(WORDS, data, name, media_type, disposition)
    assert not read_message(raw).has_unread_part


def alternative(plain: str, html: str) -> bytes:
    return (
        f"From: {AUTHOR}\nTo: {BOX}\nContent-Type: multipart/alternative; "
        f'boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n'
        f"--b\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b--\n"
    ).encode()


def test_of_alternatives_the_words_count_once() -> None:
    assert read_message(alternative(WORDS, f"<p>{WORDS}</p>")).own_text == WORDS
    assert (
        read_message(alternative("Message en HTML.", f"<p>{WORDS} {WORDS} {WORDS}</p>")).own_text
        == f"{WORDS} {WORDS} {WORDS}"
    )
    assert read_message(alternative("", f"<p>{WORDS}</p>")).own_text == WORDS


def test_html_layout() -> None:
    page = (
        "<style>p{}</style><p>Bonjour&nbsp;!</p><ul><li>un</li><li>deux</li></ul><div "
        "style='display:none'>caché</div><script>x</script>trois<br>quatre<!-- cinq -->"
    )
    assert read_message(html_letter(page)).own_text == "Bonjour !\n\n- un\n- deux\n\ntrois\nquatre"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n\n",
        "Jeanne Morel",
        "Bonjour,\n\nJeanne Morel\n12 rue des Lilas\n03200 Vichy\nTél : 04 70 00 00 00",
        "Envoyé de mon iPhone",
    ],
)
def test_nothing_said_counts_no_word(body: str) -> None:
    assert read_message(letter(body)).content_word_count == 0


def test_an_attached_message_is_a_contribution_handed_on() -> None:
    inner = letter(
        f"{WORDS}\n\nLuc Perrin", name="Luc Perrin", address="luc.perrin@courriel.example"
    ).decode()
    raw = (
        f"From: mairie@commune.example\nTo: {BOX}\nSubject: TR: avis\nContent-Type: "
        f'multipart/mixed; boundary="b"\n\n--b\n\nPour suite à donner.\n'
        f"--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n"
    ).encode()
    reading = read_message(raw)
    assert reading.own_text == f"Pour suite à donner.\n\n{WORDS}"
    assert "Luc Perrin" in reading.author_names


HEAD = f"From: {AUTHOR}\nTo: {BOX}\nSubject: avis\n".encode()
NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(2000)
)
HOSTILE = {
    "nothing": b"",
    "only line ends": b"\n" * 100_000,
    "NULs": b"\0" * 100_000,
    "nested multiparts": HEAD + NESTED + b"\nbonjour",
    "nested messages": HEAD + b"Content-Type: message/rfc822\n\n" * 2000,
    "a million parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\n" * 300_000,
    "long header": b"Subject: " + b"a" * 3_000_000 + b"\n\nbonjour",
    "folded header": b"Subject: a\n" + b" b\n" * 500_000 + b"\nbonjour",
    "many headers": b"X: y\n" * 500_000 + b"\nbonjour",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 80_000 + b"\n\nbonjour",
    "header line ends in an encoded word": b"Subject: =?utf-8?q?a=0D=0ABcc:_x?=\n\nbonjour",
    "parameters": HEAD + b"Content-Type: text/plain" + b'; a="b' * 16_000 + b"\n\nbonjour",
    "addresses": b"From: " + b"a@b.example, " * 16_000 + b"\n\nbonjour",
    "comments": b"From: " + b"(" * 500 + b"a@b.example" + b")" * 500 + b"\n\nbonjour",
    "message id": b"Message-ID: <[a@b\n\nbonjour",
    "date": b"Date: Mon, 1 Jan 99999999999999 00:00:00 +9999\n\nbonjour",
    "nested elements": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 100_000,
    "comments never closed": HEAD + b"Content-Type: text/html\n\n" + b"<!--" * 100_000,
    "tags never closed": HEAD + b"Content-Type: text/html\n\n" + b"<a href='" * 100_000,
    "attributes": HEAD + b"Content-Type: text/html\n\n<a " + b"x='y' " * 100_000 + b">",
    "nested quotations": HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>x" * 50_000,
    "hidden elements": HEAD + b"Content-Type: text/html\n\n" + b"<p style='display:none'>" * 50_000,
    "marks": HEAD + b"\n" + b">" * 500_000,
    "alternating marks": HEAD + b"\n" + b"> a\nb\n" * 50_000,
    "header blocks": HEAD + b"\n" + b"De : c@d.example\nDate : 1\nObjet : a\n\nb\n" * 20_000,
    "attributions": HEAD + b"\n" + "Le 12:00 a écrit :\n".encode() * 50_000,
    "signatures": HEAD + b"\n" + b"-- \nJean Dupont\n" * 50_000,
    "one line": HEAD + b"\n" + b"mot " * 2_000_000,
    "damaged base64": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"A!=" * 500_000,
    "damaged quoted-printable": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\n\n"
    + b"=" * 1_000_000,
    "boundary of dashes": HEAD
    + b'Content-Type: multipart/mixed; boundary="-"\n\n'
    + b"-" * 1_000_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_messages_give_a_row_soon(raw: bytes) -> None:
    start = time.process_time()
    row = read_batch(["s-1"], [raw]).to_pylist()[0]
    assert time.process_time() - start < 10
    assert not any(code.startswith("broken") for code in row["defects"])
    assert "\n" not in row["subject"]
    assert "\r" not in row["subject"]


@pytest.mark.parametrize("name", ["nested multiparts", "nested messages", "a million parts"])
def test_what_no_person_writes_is_unreadable(name: str) -> None:
    reading = read_message(HOSTILE[name])
    assert reading.is_unreadable
    assert reading.defects == ["too_complex"]


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (
            HEAD + b'Content-Type: multipart/mixed; boundary="absente"\n\n--autre\nContent-Type: '
            b"text/plain; charset=utf-8\n\n" + WORDS.encode(),
            "boundary_missing",
        ),
        (HEAD + b"Content-Type: multipart/mixed\n\n" + WORDS.encode(), "boundary_missing"),
        (b"X: " + b"a" * 300_000 + b"\n\n" + WORDS.encode(), "header_too_long"),
        (WORDS.encode(), "no_header"),
        (HEAD + WORDS.encode(), "header_broken"),
    ],
    ids=["other boundary", "no boundary", "long header", "no header", "no blank line"],
)
def test_broken_messages_keep_their_words(raw: bytes, defect: str) -> None:
    reading = read_message(raw)
    assert reading.own_text == WORDS
    assert defect in reading.defects


def test_a_boundary_that_begins_another_is_not_taken_for_it() -> None:
    raw = (
        HEAD + b"Content-Type: multipart/mixed; "
        b"boundary=a\n\n--a\n\nun\n--ab\ndeux\n--a\n\ntrois\n--a--\n"
    )
    assert read_message(raw).own_text == "un\n--ab\ndeux\n\ntrois"


def test_names_of_files_are_one_line_of_data() -> None:
    part = "Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fetc%2Fpasswd%0A\n"
    raw = with_file(WORDS, b"x", "a.bin", "application/octet-stream").replace(
        b'Content-Disposition: attachment; filename="a.bin"\n', part.encode()
    )
    assert read_message(raw).attachments[0]["name"] == "../../etc/passwd"


def test_workers_import_nothing_heavy() -> None:
    code = (
        "import sys, tasks.mail.reading; print([m for m in ('pypdfium2', 'docx', 'odfdo', "
        "'prefect', 'duckdb', 'pandas') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(
            HEAD + b'Content-Type: multipart/mixed; boundary="une\r\n limite"\r\n\r\n'
            b"--une limite\r\n\r\nbonjour\r\n--une limite--\r\n",
            "bonjour",
            id="a folded boundary",
        ),
        pytest.param(
            HEAD + b"Content-Type: multipart/mixed; boundary=x\n\nUn message MIME.\n\n"
            b"--= limite 1\nContent-Type: text/plain\n\nbonjour\n--= limite 1--\n",
            "bonjour",
            id="another boundary below a preamble",
        ),
        pytest.param(
            HEAD + b"Content-Type: text/plain charset=us-ascii\n\nbonjour",
            "bonjour",
            id="a type without semicolon",
        ),
        pytest.param(
            HEAD + b"Content-Type: message/rfc822\n\nFrom a@b.example Thu Jan  9 08:30:00 2020\n"
            b"From: a@b.example\nContent-Type: text/html\n\n<p>bonjour</p>",
            "bonjour",
            id="an envelope inside",
        ),
        pytest.param(b"bonjour " + b"a" * 300_000, "bonjour " + "a" * 300_000, id="one long line"),
    ],
)
def test_what_programs_get_wrong_is_read(raw: bytes, text: str) -> None:
    assert read_message(raw).own_text == text
