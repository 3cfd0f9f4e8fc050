"""Invented messages for the tests of mail reading."""

from __future__ import annotations

import base64
import io
import zipfile

BOX = "consultation@prefecture.example"
AUTHOR = "jeanne.morel@courriel.example"


def letter(
    body: str,
    subject: str = "Ma contribution",
    name: str = "Jeanne Morel",
    address: str = AUTHOR,
    **headers: str,
) -> bytes:
    """Write a plain message in UTF-8; further headers by keyword, `_` for `-`."""
    more = "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in headers.items())
    sender = f'"{name}" <{address}>' if name else address
    head = (
        f"From: {sender}\nTo: {BOX}\nSubject: {subject}\n{more}Content-Type: text/plain; "
        f"charset=utf-8\n\n"
    )
    return (head + body).encode()


def html_letter(html: str, **headers: str) -> bytes:
    return letter(html, **headers).replace(b"text/plain", b"text/html")


def with_file(
    note: str,
    data: bytes,
    name: str,
    media_type: str,
    disposition: str = "attachment",
) -> bytes:
    """Write a message with one attached file."""
    return (
        f"From: Jeanne Morel <{AUTHOR}>\nTo: {BOX}\nSubject: Contribution\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="limite"\n\n'
        f"--limite\nContent-Type: text/plain; charset=utf-8\n\n{note}\n"
        f'--limite\nContent-Type: {media_type}; name="{name}"\nContent-Transfer-Encoding: '
        "base64\n"
        f"Content-Disposition: {disposition}; "
        f'filename="{name}"\n\n{base64.encodebytes(data).decode()}\n--limite--\n'
    ).encode()


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(*paragraphs: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
    return zipped(
        {"word/document.xml": f'<w:document xmlns:w="urn:w"><w:body>{body}</w:body></w:document>'}
    )


def odt(*paragraphs: str) -> bytes:
    body = "".join(f"<text:p>{p}</text:p>" for p in paragraphs)
    return zipped(
        {
            "content.xml": f'<office:document-content xmlns:office="urn:o" xmlns:text="urn:t">'
            f"{body}</office:document-content>"
        }
    )


def pdf(line: str) -> bytes:
    """Write a PDF of one line; an empty line gives what a scanner does, a page without text."""
    stream = (
        b"BT /F1 12 Tf 50 700 Td (" + line.encode("cp1252") + b") Tj ET"
        if line
        else b"0 0 10 10 re f"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
            b"/Contents 5 0 R>>"
        ),
        b"<</Length %d>>stream\n" % len(stream) + stream + b"\nendstream",
    ]
    out = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    )
