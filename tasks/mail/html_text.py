"""HTML to text: blocks to lines, quotations to "> " lines, so that one set of rules cuts both.

One pass over the tags, no tree: the time is linear whatever the nesting (100,000 nested elements
block every parser that builds one). No link is followed, nothing that is hidden is read.
"""

from __future__ import annotations

import re
from html import unescape

from tasks.mail.charsets import clean_text
from tasks.mail.word_sets import word_set

MAX_HTML_CHARS = 4_000_000

# possessive, and no "<" inside: a tag that never ends costs no more than the way to the next one
_TAG = re.compile(
    r"<(?:(!--)|[!?][^<>]*+>|(/?)([a-zA-Z][a-zA-Z0-9:]*+)"
    r"((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+|[^<>]*+)>)"
)
_NO_BORDER = re.compile(r"border:\s*(?:none|0)", re.IGNORECASE)
_QUOTE = re.compile(r"cite|gmail_quote|border-left:(?!\s*(?:none|0))", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em)?\s*[;\"']",
    re.IGNORECASE,
)
_BLOCKS = word_set("""
    address article aside body center dd div dl dt fieldset figure footer form h1 h2 h3 h4
    h5 h6 header html li main nav ol p pre section table tbody tfoot thead tr ul
    """)
_PARAGRAPHS = word_set("""
    p h1 h2 h3 h4 h5 h6 ul ol pre table
    """)
_SKIPPED = frozenset(["script", "style", "head", "title", "template", "noscript", "svg"])
_MAX_UNENDED = 20
_VOID = word_set("""
    area base br col embed hr img input link meta param source track wbr
    """)
_DATA_URI = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=\s]*+", re.IGNORECASE)
_MAX_QUOTE_DEPTH = 20
_BLANKS = re.compile(r"[ \t\n\r\f]+")


class _Writer:
    """Text under way: the current line, and how deep it is quoted."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = 0
        self.unended = 0  # elements to skip that never end: looked for a few times only

    @property
    def marks(self) -> int:
        return min(self.depth, _MAX_QUOTE_DEPTH)

    def words(self, text: str) -> None:
        text = _BLANKS.sub(" ", text)
        if text != " " or self.line:
            self.line.append(text)

    def end_line(self, *, force: bool = False) -> None:
        text = "".join(self.line).strip()
        self.line.clear()
        if text or force:
            self.lines.append(f"{'> ' * self.marks}{text}" if text else ">" * self.marks)

    def end_paragraph(self) -> None:
        self.end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(">" * self.marks)


def html_to_text(html: str) -> str:
    """Write HTML as the lines a reader sees."""
    html = _DATA_URI.sub("", html)[:MAX_HTML_CHARS]
    out = _Writer()
    quotes: list[bool] = []
    position, last_comment_end = 0, html.rfind("-->")
    while tag := _TAG.search(html, position):
        if tag.start() > position:
            out.words(unescape(html[position : tag.start()]))
        position = tag.end()
        if tag[1]:
            comment_end = html.find("-->", tag.end() - 2, last_comment_end + 3)
            position = comment_end + 3 if comment_end >= 0 else tag.end()
            continue
        name = (tag[3] or "").lower()
        closing, attributes = bool(tag[2]), tag[4] or ""
        if not closing and out.unended < _MAX_UNENDED and _is_skipped(name, attributes):
            end = _end_of_element(html, name, position)
            out.unended += end is None
            position = position if end is None else end
        elif name == "blockquote":
            _blockquote(out, quotes, attributes, closing=closing)
        else:
            _layout(out, name, attributes, closing=closing)
    out.words(unescape(html[position:]))
    out.end_line()
    return clean_text("\n".join(out.lines)).strip("\n")


def _layout(out: _Writer, name: str, attributes: str, *, closing: bool) -> None:
    if name == "br":
        out.end_line(force=True)
    elif name in _BLOCKS:
        out.end_line()
        if closing and name in _PARAGRAPHS and "MsoNormal" not in attributes:
            out.end_paragraph()
        if name == "li" and not closing:
            out.words("- ")
    elif name in ("td", "th"):
        out.words(" ")
    elif name == "hr":
        out.end_line()


def _blockquote(out: _Writer, quotes: list[bool], attributes: str, *, closing: bool) -> None:
    """Open or close a quotation; a mere indentation (Gmail's, with no border) is not one."""
    out.end_line()
    if not closing:
        indented = bool(_NO_BORDER.search(attributes)) and not _QUOTE.search(attributes)
        quotes.append(not indented)
        out.depth += not indented
    elif quotes:
        out.depth -= quotes.pop()


def _is_skipped(name: str, attributes: str) -> bool:
    if name in _SKIPPED:
        return True
    return "style" in attributes and name not in _VOID and bool(_HIDDEN.search(attributes + ";"))


def _end_of_element(html: str, name: str, position: int) -> int | None:
    """Find the end of an element to skip; a script or a style that never ends hides the rest."""
    depth = 1
    for tag in re.compile(rf"<(/?){re.escape(name)}\b[^<>]*+>", re.IGNORECASE).finditer(
        html, position
    ):
        depth += -1 if tag[1] else 1
        if depth == 0 or (name in _SKIPPED and tag[1]):
            return tag.end()
    return len(html) if name in ("script", "style") else None
