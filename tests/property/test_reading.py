"""Whatever the bytes, reading gives a row that holds to the contract."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.mail.reading import read_batch
from warehouse.contracts import PARSED

PIECES = st.sampled_from(
    [
        b"From: a@b.example\n",
        b"From: a@[\n",
        b"To: c@d.example\n",
        (b"Subject: =?utf-8?b?w6k?= =?x?q?=ZZ?=\n"),
        b"\n",
        b"\r\n",
        b"\r",
        b"\0",
        b"\xff",
        b"Content-Type: multipart/mixed; boundary=b\n",
        (b'Content-Type: multipart/alternative; boundary="b"\n'),
        b"Content-Type: message/rfc822\n",
        b"Content-Type: text/html; charset=utf-16\n",
        (b"Content-Type: text/plain; charset=idna; format=flowed\n"),
        b"Content-Type: application/pdf\n",
        b"Content-Type: /; name*0*=utf-8''%ff; name*1=a\n",
        b"Content-Transfer-Encoding: base64\n",
        (b"Content-Transfer-Encoding: quoted-printable\n"),
        b"Content-Disposition: attachment; filename=a.docx\n",
        b"--b\n",
        b"--b--\n",
        b"PK\x03\x04",
        b"%PDF-1.4",
        b"{\\rtf1\\u99999 \\'zz",
        b"<blockquote>",
        b"<!--",
        b"<p style='display:none'>",
        b"> ",
        b"De : a\n",
        b"Date : 1\n",
        b"Objet : x\n",
        "Le 12/01 à 10:12, a@b.example a écrit :\n".encode(),
        b"-- \n",
        b"Cordialement\n",
        b"Jean Dupont\n",
        b"03000 Moulins\n",
        "é".encode("cp1252"),
        b"&#xD800;",
        b"&#99999999;",
    ]
)


@given(raw=st.lists(PIECES | st.binary(max_size=40), max_size=40).map(b"".join))
@settings(max_examples=300, deadline=None)
def test_reading_never_raises_and_holds_its_schema(raw: bytes) -> None:
    table = read_batch(["s-1"], [raw])
    assert table.schema == PARSED.schema
    table.validate(full=True)
    row = table.to_pylist()[0]
    assert not any(code.startswith("broken") for code in row["defects"])
    assert row["content_word_count"] >= 0
