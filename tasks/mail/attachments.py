"""The text of attached documents: DOCX, ODT, RTF, PDF, plain text, HTML.

Read as data, under limits on what may be expanded: no macro, no link, no embedded file. What has
    no text to
read (a photograph, a scan, an unknown format) is left to a person.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from xml.parsers import expat

from tasks.mail.charsets import clean_text, decode_text
from tasks.mail.html_text import read_html
from tasks.mail.mime import Part
from tasks.mail.pdf_limits import expands_too_far
from tasks.mail.word_sets import word_set

MAX_BYTES = 25_000_000
MAX_XML_BYTES = 16_000_000
MAX_XML_RATIO = 200  # of expanded to packed: what people write packs ten or twenty times
MAX_ENTRIES = 5_000
MAX_RTF_MARKS = 1_000_000
MAX_CHARS = 1_000_000
MAX_PAGES = 300
_MIN_SCAN_CHARS = 20  # fewer in a whole PDF: a scan, with at most a page number
_MAX_LOGO_BYTES = 40_000

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_DOCX_MACRO = "application/vnd.ms-word.document.macroenabled.12"
_ODT = "application/vnd.oasis.opendocument.text"
# parts that accompany a message and hold no words of its author
_WORDLESS = word_set("""
    application/pgp-signature application/pkcs7-signature application/x-pkcs7-signature
    text/calendar text/x-vcard text/vcard text/directory application/ics
    message/delivery-status message/disposition-notification text/rfc822-headers
    application/pgp-keys text/x-amp-html
    """)
_WORDLESS_NAMES = re.compile(r"\.(?:vcf|ics|p7s|asc|sig)$", re.IGNORECASE)


class UnreadableError(ValueError):
    """The document is damaged, protected, or larger than its limits."""


@dataclass(frozen=True)
class Attachment:
    """An attached file: what it is, the text read from it, and whether a person must look at it."""

    name: str
    media_type: str
    size_bytes: int
    text: str = ""
    is_unread: bool = False
    defect: str | None = None


def read_attachment(part: Part, inline_ids: frozenset[str]) -> Attachment:
    """Read a part that is not the message's own text. `inline_ids`: the images its HTML shows."""
    data = part.content()
    file = Attachment(part.filename, part.media_type, len(data))
    kind = _kind(part, data)
    reader = _READERS.get(kind)
    if reader is None:
        return replace(file, is_unread=not _may_be_ignored(part, data, kind, inline_ids))
    if len(data) > MAX_BYTES:
        return replace(file, is_unread=True, defect="attachment_too_large")
    try:
        text = clean_text(reader(data, part)).strip()
    except UnreadableError as error:
        return replace(file, is_unread=True, defect=str(error))
    if len(text) > MAX_CHARS:
        part.defects.add("attachment_too_large")
    if "attachment_too_large" in part.defects:
        return replace(file, text=text[:MAX_CHARS], is_unread=True)
    return replace(file, text=text, is_unread=kind == "pdf" and len(text) < _MIN_SCAN_CHARS)


def _kind(part: Part, data: bytes) -> str:
    """Name the format, by the first bytes before what the sender's program declares."""
    declared, extension = part.media_type, part.filename.rpartition(".")[2].lower()
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(declared, extension, data)
    if declared == "text/html" or extension in ("html", "htm"):
        return "html"
    if declared == "text/plain" or extension in ("txt", "text", "md"):
        return "text"
    return declared


def _zip_kind(declared: str, extension: str, data: bytes) -> str:
    """Tell documents from other archives, also when sent as application/octet-stream."""
    if declared in (_DOCX, _DOCX_MACRO) or extension in ("docx", "docm"):
        return "docx"
    if declared == _ODT or extension in ("odt", "ott"):
        return "odt"
    if b"word/document.xml" in data:
        return "docx"
    return "odt" if data[30:90].startswith(b"mimetype" + _ODT.encode()) else "zip"


def _may_be_ignored(part: Part, data: bytes, kind: str, inline_ids: frozenset[str]) -> bool:
    """Tell a part in which nobody wrote anything: a signature, a card, a logo, nothing at all."""
    if not data or kind in _WORDLESS or _WORDLESS_NAMES.search(part.filename):
        return True
    is_shown = part.content_id in inline_ids if part.content_id else part.disposition == "inline"
    return kind.startswith("image/") and is_shown and len(data) <= _MAX_LOGO_BYTES


# --- zipped XML -----------------------------------------------------------------------------------


def _zip_entry(data: bytes, name: str) -> bytes:
    """Expand one entry of an archive, up to limits that its header cannot lie about."""
    if data.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise UnreadableError("attachment_too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as entry:
            content = entry.read(min(MAX_XML_BYTES, MAX_XML_RATIO * len(data)) + 1)
            is_whole = not entry.read(1)
    except Exception as error:  # zipfile and zlib raise a dozen kinds on damaged archives
        raise UnreadableError("attachment_damaged") from error
    if not is_whole or len(content) > MAX_XML_BYTES:
        raise UnreadableError("attachment_too_large")
    return content


class _Words:
    """The text of a word processor's XML: which elements end lines, are spaces, are left out."""

    def __init__(
        self,
        lines: frozenset[str],
        spaces: dict[str, str],
        skipped: frozenset[str],
        holders: frozenset[str] | None,
    ) -> None:
        self.out: list[str] = []
        self.lines, self.spaces, self.skipped, self.holders = lines, spaces, skipped, holders
        self.skipping = self.holding = self.size = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.skipping or name in self.skipped:
            self.skipping += 1
        elif name in self.spaces:
            self.out.append(
                self.spaces[name] * min(int(attributes.get("text:c") or 1), 100)
                if name == "text:s"
                else self.spaces[name]
            )
        elif self.holders and name in self.holders:
            self.holding += 1

    def end(self, name: str) -> None:
        if self.skipping:
            self.skipping -= 1
        elif name in self.lines:
            self.out.append("\n")
        elif self.holders and name in self.holders:
            self.holding -= 1

    def text(self, data: str) -> None:
        if not self.skipping and (self.holders is None or self.holding) and self.size <= MAX_CHARS:
            self.out.append(data)
            self.size += len(data)


def _refuse_doctype(*_: object) -> None:
    raise UnreadableError("attachment_damaged")


def _xml_text(content: bytes, words: _Words) -> str:
    parser = expat.ParserCreate()
    parser.StartElementHandler = words.start
    parser.EndElementHandler = words.end
    parser.CharacterDataHandler = words.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.buffer_text = True
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat takes it by position
    except (expat.ExpatError, ValueError) as error:
        raise UnreadableError("attachment_damaged") from error
    return "".join(words.out)


def _docx_text(data: bytes, _: Part) -> str:
    # only w:t holds words: deleted ones are w:delText, fields w:instrText; a fallback is a repeat
    words = _Words(
        frozenset({"w:p", "w:tr"}),
        {"w:tab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"},
        frozenset({"mc:Fallback"}),
        frozenset({"w:t"}),
    )
    return _xml_text(_zip_entry(data, "word/document.xml"), words)


def _odt_text(data: bytes, _: Part) -> str:
    words = _Words(
        frozenset({"text:p", "text:h"}),
        {"text:tab": "\t", "text:line-break": "\n", "text:s": " "},
        frozenset(
            {
                "text:tracked-changes",
                "office:annotation",
                "office:scripts",
                "office:automatic-styles",
                "office:forms",
                "text:sequence-decls",
            }
        ),
        None,
    )
    return _xml_text(_zip_entry(data, "content.xml"), words)


# --- the others -----------------------------------------------------------------------------------


def _pdf_text(data: bytes, part: Part) -> str:
    """Read a PDF page by page; the import is late because it loads a native library."""
    import pypdfium2
    import pypdfium2.raw

    if expands_too_far(data):
        raise UnreadableError("attachment_too_large")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableError("attachment_damaged") from error
    pages: list[str] = []
    size = 0
    try:
        for number in range(len(document)):
            page = document[number]
            pages.append(page.get_textpage().get_text_bounded())
            size += len(pages[-1]) + pypdfium2.raw.FPDFPage_CountObjects(page)
            if size > MAX_CHARS or number >= MAX_PAGES:
                part.defects.add("attachment_too_large")
                break
    except pypdfium2.PdfiumError as error:
        if not pages:
            raise UnreadableError("attachment_damaged") from error
    finally:
        document.close()
    return "\n".join(pages).replace("\ufffe\r\n", "").replace("\ufffe", "")


def _plain_text(data: bytes, part: Part) -> str:
    text = decode_text(data, part.parameters.get("charset"))[0]
    if text.count("\ufffd") * 10 > len(text):
        raise UnreadableError("attachment_damaged")
    return text


def _html_text(data: bytes, part: Part) -> str:
    page = read_html(_plain_text(data, part))
    part.defects.update(page.defects)
    part.hidden.append(page.hidden)
    return page.text


_RTF = re.compile(
    r"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6}) ?|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])"
    r"|([{}])|([^\\{}\r\n]+)|[\r\n]|\\",
    re.DOTALL,
)
_RTF_SKIPPED = word_set("""
    fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl
    footerr themedata colorschememapping datastore latentstyles listtable listoverridetable
    rsidtbl generator xmlnstbl filetbl revtbl fldinst bkmkstart bkmkend mmathPr pntext
    """)
_RTF_BREAKS = dict.fromkeys(("par", "line", "sect", "page", "row"), "\n") | {
    "tab": "\t",
    "cell": "\t",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
}
_RTF_MARKS = {"~": " ", "_": "-", "\n": "\n", "\r": "\n", "{": "{", "}": "}", "\\": "\\"}


def _rtf_marks(text: str, part: Part) -> Iterator[re.Match[str]]:
    for count, mark in enumerate(_RTF.finditer(text)):
        if count > MAX_RTF_MARKS:
            part.defects.add("attachment_too_large")
            return
        yield mark


def _rtf_text(data: bytes, part: Part) -> str:
    """Read the text of an RTF file; its octets are windows-1252, as written in France."""
    out: list[str] = []
    skipped = depth = unicode_skip = 0
    skip_count = 1
    for match in _rtf_marks(data.decode("latin-1"), part):
        octet, code, word, argument, mark, brace, text = match.groups()
        if brace:
            depth += 1 if brace == "{" else -1
            skipped = 0 if depth < skipped else skipped
            continue
        if word in _RTF_SKIPPED or mark == "*":
            skipped = skipped or depth
        if skipped:
            continue
        if octet or text:
            piece = bytes.fromhex(octet).decode("cp1252", "replace") if octet else text
            out.append(piece[unicode_skip:])
            unicode_skip = max(0, unicode_skip - len(piece))
        elif code:
            out.append(chr(int(code) % 65536))
            unicode_skip = skip_count
        elif word == "uc":
            skip_count = min(int(argument or 1), 8)
        elif word:
            out.append(_RTF_BREAKS.get(word, ""))
        elif mark:
            out.append(_RTF_MARKS.get(mark, ""))
    return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_READERS: dict[str, Callable[[bytes, Part], str]] = {
    "docx": _docx_text,
    "odt": _odt_text,
    "pdf": _pdf_text,
    "rtf": _rtf_text,
    "html": _html_text,
    "text": _plain_text,
}
