"""Which parts of a message are its text, and which came with it.

Of alternatives the plain text is read, unless it is a stub and only the HTML holds the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tasks.mail.html_text import read_html
from tasks.mail.mime import Part
from tasks.mail.transfer import EncodedFile, split_files

_SHOWN_IMAGE = re.compile(r"cid:([^\s\"'>)]{1,300})", re.IGNORECASE)
_ENCIPHERED = re.compile(
    r"^-----BEGIN PGP MESSAGE-----$.*?(?:^-----END PGP MESSAGE-----$|\Z)", re.DOTALL | re.MULTILINE
)
_SIGNED = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z]+: [^\n]*\n){0,9}\n(.*?)"
    r"^-----BEGIN PGP SIGNATURE-----$.*?(?:^-----END PGP SIGNATURE-----$|\Z)",
    re.DOTALL | re.MULTILINE,
)
_STUB_WORDS = 12  # a shorter plain part may only say that the message is in HTML


@dataclass
class Body:
    """The text of a message and the parts beside it, in order."""

    texts: list[str] = field(default_factory=list)
    beside: list[Part] = field(default_factory=list)
    messages: list[Part] = field(default_factory=list)
    inline_ids: frozenset[str] = frozenset()

    def add(self, other: Body) -> None:
        """Append what another part holds."""
        self.texts += other.texts
        self.beside += other.beside
        self.messages += other.messages
        self.inline_ids |= other.inline_ids


def read_body(part: Part) -> Body:
    """Choose the text of a message."""
    body = Body()
    media_type = part.media_type
    if media_type == "multipart/alternative":
        return _best(part)
    if media_type in ("message/rfc822", "message/global") and part.children:
        body.messages.append(part.children[0])
    elif part.children:
        children = part.children[:1] if media_type == "multipart/report" else part.children
        for child in children:
            body.add(read_body(child))
    elif _is_text(part):
        _add_text(body, part)
    else:
        body.beside.append(part)
    return body


def _is_text(part: Part) -> bool:
    if part.disposition == "attachment" or part.filename:
        return False
    return part.media_type in ("text/plain", "text/html", "text/enriched", "text/richtext")


def _add_text(body: Body, part: Part) -> None:
    content, files = split_files(part.content())
    body.beside += [_attached(part, file) for file in files]
    text = part.decode(content)
    if part.media_type == "text/html":
        body.inline_ids |= frozenset(_SHOWN_IMAGE.findall(text))
        page = read_html(text)
        part.defects.update(page.defects)
        text = page.text
        part.hidden.append(page.hidden)
    elif part.media_type != "text/plain":
        text = re.sub(r"<[^<>]{1,60}>", "", text)
    if "-----BEGIN PGP " in text:
        text = _without_armour(body, text)
    if text.strip():
        body.texts.append(text)


def _attached(part: Part, file: EncodedFile) -> Part:
    """Make the part that a file written into a text would be."""
    if not file.is_whole:
        part.defects.add("uuencode_damaged")
    name = file.name.replace(b'"', b"'").replace(b"\\", b"/")
    headers = {"content-disposition": [b'attachment; filename="' + name + b'"']}
    return Part(headers, file.data, default_type="application/octet-stream")


def _without_armour(body: Body, text: str) -> str:
    """Read the words that PGP signed; those that it enciphered are a part nobody can read."""
    if _ENCIPHERED.search(text):
        body.beside.append(Part({"content-type": [b"application/pgp-encrypted"]}, text.encode()))
        text = _ENCIPHERED.sub("", text)
    return _SIGNED.sub(lambda found: re.sub(r"(?m)^- ", "", found[1]), text)


def _best(part: Part) -> Body:
    """Read the first alternative that holds the words; files inside the others still count."""
    plain = next((c for c in part.children if c.media_type == "text/plain" and _is_text(c)), None)
    chosen = Body()
    if plain is not None:
        _add_text(chosen, plain)
    others = [c for c in part.children if c is not plain and c.media_type != "text/calendar"]
    is_stub = sum(len(text.split()) for text in chosen.texts) < _STUB_WORDS
    for other in others:
        if is_stub or not _is_text(other):
            rich = read_body(other)
            if _is_longer(rich, chosen):
                chosen.texts = rich.texts
            rich.texts = []
            chosen.add(rich)
    return chosen


def _is_longer(rich: Body, plain: Body) -> bool:
    words = sum(len(text.split()) for text in plain.texts)
    return sum(len(text.split()) for text in rich.texts) > (
        2 * words if words < _STUB_WORDS else 10 * words
    )
