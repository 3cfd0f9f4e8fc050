"""Whatever the bytes, reading gives a row that holds to the contract."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reading import read_batch
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


RAW = st.lists(PIECES | st.binary(max_size=40), max_size=40).map(b"".join)


@given(raw=RAW)
@settings(max_examples=300, deadline=None)
def test_m15_reading_never_raises_and_holds_its_schema(raw: bytes) -> None:
    check_reading(raw)


@pytest.mark.deep
@given(raw=RAW)
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_m15_reading_never_raises_twenty_thousand_times(raw: bytes) -> None:
    check_reading(raw)


def check_reading(raw: bytes) -> None:
    table = read_batch(["s-1"], [raw])
    assert table.schema == PARSED.schema
    table.validate(full=True)
    row = table.to_pylist()[0]
    assert not any(code.startswith("broken") for code in row["defects"])
    assert row["content_word_count"] >= 0
    texts = (row["own_text"], row["cut_text"], row["subject"], *row["author_names"])
    assert not any(FORBIDDEN.search(text) for text in texts)


FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\U000e0000-\U000e0fff]"
)
TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "</span>",
        "<br>",
        "<hr id=zwchr>",
        "<table><tr><td>",
        "</td></tr></table>",
        "<ul><li>",
        "</ul>",
        "<pre>",
        "</pre>\n",
        "<blockquote type=cite>",
        "</blockquote>",
        "<div class=gmail_quote>Le 9 janv. 2020 à 08:30, a@b.example a écrit :<br>",
        "<div class=yahoo_quoted>",
        "<div style='border:none;border-left:solid blue 1.5pt'>",
        "<div class=gmail_signature>",
        "<div id=Signature>-- <br>",
        "<div style='display:none'>",
        "<span style='font-size:1px;color:#fff'>",
        "<p>De : a@b.example<br>Envoyé : jeudi<br>À : c@d.example<br>Objet : avis</p>",
        "---------- Forwarded message ---------<br>De : a@b.example<br>Date : jeudi<br>",
        "<!-- rien -->",
        "Bonjour,",
        "Cordialement",
        "&gt; ",
    ]
)


@given(pieces=st.lists(TAGS | st.just("mot"), min_size=1, max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_word_of_a_page_is_lost(pieces: list[str]) -> None:
    counted = [f" mot{rank} " if piece == "mot" else piece for rank, piece in enumerate(pieces)]
    head = "From: a@e.example\nIn-Reply-To: <1>\nContent-Type: text/html; charset=utf-8\n\n"
    row = read_batch(["s-1"], [(head + "".join(counted)).encode()]).to_pylist()[0]
    kept = set(re.findall(r"mot\d+", row["own_text"] + " " + row["cut_text"]))
    assert kept == set(re.findall(r"mot\d+", "".join(counted)))
