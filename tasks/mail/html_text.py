"""HTML to text: blocks to lines, quotations to "> " lines, so that one set of rules cuts both.

One pass over the tags, no tree of nodes: the time is linear whatever the nesting (100,000 nested
elements block every parser that builds one). No link is followed; what no reader sees is set apart.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from tasks.mail.charsets import clean_and_judge, clean_text
from tasks.mail.html_styles import Look, StyleSheets
from tasks.mail.quotes import find_quotation, is_rule
from tasks.mail.word_sets import word_set

MAX_HTML_CHARS = 4_000_000
MAX_ATTRIBUTE_CHARS = 8_000  # of an element

# possessive, and no "<" inside: a tag that never ends costs no more than the way to the next one
_TAG = re.compile(
    r"<(?:(!--)|[!?][^<>]*+>|(/?)([a-zA-Z][a-zA-Z0-9:]*+)"
    r"((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+|[^<>]*+)>)"
)
_NO_BORDER = re.compile(r"border:\s*(?:none|0)", re.IGNORECASE)
_QUOTE = re.compile(r"cite|gmail_quote|border-left:(?!\s*(?:none|0))", re.IGNORECASE)
# Outlook's line on the left of what is answered between the lines, and Yahoo's quotation
_QUOTING_BOX = re.compile(
    r"border:\s*none;\s*border-left:\s*solid\s+[#\w]+\s+1\.5pt|yahoo_quoted", re.IGNORECASE
)
_SIGNATURE = re.compile(
    r"(?:class|id)\s*=\s*[\"']?[^\"'>]{0,200}?signature(?!_prefix)|__SIG_P", re.IGNORECASE
)
_DIVIDER = re.compile(
    r"gmail_quote|moz-(?:cite-prefix|forward-container)|divRplyFwdMsg|appendonsend|zwchr|__DIVIDER__"
    r"|OutlookMessageHeader|border-top:\s*solid\s+#?\w+\s+1\.0pt|yahoo_quoted|protonmail_quote",
    re.IGNORECASE,
)
_BLOCKS = word_set("""
    address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3
    h4 h5 h6 header hr html li main nav ol p pre section table tbody tfoot thead tr ul
    """)
_PARAGRAPHS = word_set("""
    p h1 h2 h3 h4 h5 h6 ul ol pre table
    """)
_CLOSED_BY = {  # elements that may be left open: what ends them
    "p": _BLOCKS,
    "li": frozenset({"li"}),
    "td": frozenset({"td", "th", "tr"}),
    "th": frozenset({"td", "th", "tr"}),
    "tr": frozenset({"tr"}),
    "head": frozenset({"body"}),
    "title": frozenset({"body", "meta", "style", "link"}),
    "option": frozenset({"option"}),
}
_UNREAD_NAMES = frozenset(["title", "template", "svg"])
_UNREAD = Look(is_gone=True, is_tiny=True)  # known by its identity
_RAW = frozenset(["script", "style"])
_VOID = word_set("""
    area base br col embed hr img input link meta param source track wbr o:p
    """)
_DATA_URI = re.compile(r"(?<=[\"'(=])data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=\s]*+", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_HEADER_HINT = re.compile(r"^[^\w>]*(?:de|from|exp[ée]diteur|von)\s*:", re.IGNORECASE)
_MAX_QUOTE_DEPTH = 20
_MAX_HEADER_LINES = 15
_MAX_QUOTATIONS = 50  # of one page, whose header or signature is looked for
_MAX_MISNESTING = 100
_MIN_HIDDEN_WORDS = 3
_MAX_SIGNATURE_LINES = 20


@dataclass(frozen=True)
class Page:
    """The text of a page, the words in it that no reader sees, and what is wrong with both."""

    text: str
    hidden: str
    defects: frozenset[str]


@dataclass(slots=True)
class _Element:
    """An open element: what ends with it."""

    name: str
    look: Look
    quotes: bool = False
    signature: int | None = None  # the line at which it begins


class _Marks(NamedTuple):
    """What attributes make of an element, if it is the right one."""

    divides: bool
    signs: bool
    boxes: bool
    quotes: bool


_NO_MARKS = _Marks(divides=False, signs=False, boxes=False, quotes=True)


@lru_cache(maxsize=1024)
def _marks_of(attributes: str) -> _Marks:
    """Read the marks of mail programs; a mere indentation (Gmail's, no border) does not quote."""
    return _Marks(
        bool(_DIVIDER.search(attributes)),
        bool(_SIGNATURE.search(attributes)),
        bool(_QUOTING_BOX.search(attributes)),
        bool(_QUOTE.search(attributes)) or not _NO_BORDER.search(attributes),
    )


class _Writer:
    """Text under way: the current line, and how deep it is quoted."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.hidden: list[str] = []
        self.depth = 0
        self.headers = 0
        self.divider: int | None = None
        self.signatures: list[tuple[int, int]] = []

    def words(self, text: str, look: Look) -> None:
        if look is _UNREAD:
            return
        if look.is_hidden:
            self.hidden.append(text)
        elif look.is_preformatted and "\n" in text:
            first, *others = text.split("\n")
            self.line.append(first)
            for other in others:
                self.end_line(force=True)
                self.line.append(other)
        elif (text := _BLANKS.sub(" ", text)) != " " or self.line:
            self.line.append(text)

    def end_line(self, *, force: bool = False) -> None:
        text = "".join(self.line).strip()
        self.line.clear()
        if text or force:
            marks = min(self.depth, _MAX_QUOTE_DEPTH)
            self.lines.append(f"{'> ' * marks}{text}" if text else ">" * marks)

    def end_paragraph(self) -> None:
        self.end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(">" * min(self.depth, _MAX_QUOTE_DEPTH))

    def quote(self) -> None:
        """Go one level deeper; the header of the quoted message, just above, goes with it."""
        self.end_line()
        if self.depth == 0 and self.headers < _MAX_QUOTATIONS:
            start = self._header_above()
            self.lines[start:] = [f"> {line}" if line else ">" for line in self.lines[start:]]
        self.depth += 1

    def _header_above(self) -> int:
        """Find where a header that nothing follows begins; the number of lines without one."""
        end = len(self.lines)
        while end and (not self.lines[end - 1] or is_rule(self.lines[end - 1])):
            end -= 1
        above = range(max(0, end - _MAX_HEADER_LINES), end)
        if not any(_HEADER_HINT.match(self.lines[i]) for i in above):
            return len(self.lines)
        self.headers += 1
        for start in above:
            found = find_quotation(self.lines, start)
            if found and found.has_header and not found.is_marked and found.body >= end:
                return self._with_rules_above(start)
        return len(self.lines)

    def _with_rules_above(self, start: int) -> int:
        above = start
        while above and (not self.lines[above - 1] or is_rule(self.lines[above - 1])):
            above -= 1
            start = above if self.lines[above] else start
        return start

    def set_signatures_apart(self) -> None:
        """Put the mark of a signature above each; one that is in the way goes to the end."""
        moved: list[str] = []
        for start, end in reversed(self.signatures):
            block = self.lines[start:end]
            if not any(block) or len(block) > _MAX_SIGNATURE_LINES or not any(self.lines[:start]):
                continue
            prefix = next(
                (i for i in range(max(0, start - 2), start) if self.lines[i] == "--"), start
            )
            mark = ["--"] if prefix == start and block[0] != "--" else []
            divider = self.divider if self.divider is not None and self.divider >= end else None
            if any(line and not line.startswith(">") for line in self.lines[end:divider]):
                moved = [*mark, *self.lines[prefix:end], *moved]
                del self.lines[prefix:end]
            else:
                self.lines[start:start] = mark
        self.lines += moved


def read_html(html: str) -> Page:
    """Write HTML as the lines a reader sees, and what it hides.

    A page that hides all its words, as one written white in a dark window does, hides none.
    """
    html = _DATA_URI.sub("", html)
    out = _Reader(html[:MAX_HTML_CHARS]).read()
    written, unseen = "\n".join(out.lines), _BLANKS.sub(" ", " ".join(out.hidden))
    text, defects = clean_and_judge(written)
    text, hidden = text.strip("\n"), clean_text(unseen).strip()
    if len(html) > MAX_HTML_CHARS:
        defects |= {"text_too_long"}
    if len(hidden.split()) >= _MIN_HIDDEN_WORDS:
        defects |= {"hidden_text"}
    return Page(text, hidden, defects) if text.strip("> \n") else Page(hidden, "", defects)


class _Reader:
    """A page under way: the tags still to come, and the elements that are open."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.out = _Writer()
        self.sheets = StyleSheets(html)
        self.opened = [_Element("", self.sheets.first_look())]
        self.counts: Counter[str] = Counter()

    @property
    def look(self) -> Look:
        return self.opened[-1].look

    def read(self) -> _Writer:
        html, out = self.html, self.out
        position, last_comment_end = 0, html.rfind("-->")
        while tag := _TAG.search(html, position):
            if tag.start() > position:
                out.words(unescape(html[position : tag.start()]), self.look)
            position = tag.end()
            name = (tag[3] or "").lower()
            if tag[1]:
                comment_end = html.find("-->", tag.end() - 2, last_comment_end + 3)
                position = comment_end + 3 if comment_end >= 0 else tag.end()
            elif name in _RAW:
                position = position if tag[2] else _end_of_raw(html, name, position)
            elif tag[2]:
                self.close(name)
            elif name:
                self.open(name, (tag[4] or "")[:MAX_ATTRIBUTE_CHARS])
        out.words(unescape(html[position:]), self.look)
        self.end_down_to(1)
        out.end_line()
        if len(out.signatures) < _MAX_QUOTATIONS:
            out.set_signatures_apart()
        return out

    def open(self, name: str, attributes: str) -> None:
        if name in _CLOSED_BY.get(self.opened[-1].name, ()):
            self.end_down_to(len(self.opened) - 1)
        marks = _marks_of(attributes) if attributes else _NO_MARKS
        if marks.divides and self.out.divider is None:
            self.out.end_paragraph()
            self.out.divider = len(self.out.lines)
        self.lay_out(name)
        if name not in _VOID and not (":" in name and attributes.endswith("/")):
            self.opened.append(self.element(name, attributes, marks))
            self.counts[name] += 1

    def lay_out(self, name: str) -> None:
        """Lay out what an opening tag begins."""
        if name == "br" and not self.look.is_hidden:
            self.out.end_line(force=True)
        elif name in _BLOCKS:
            self.out.end_line()
            if name == "li":
                self.out.words("- ", self.look)
        elif name in ("td", "th"):
            self.out.words(" ", self.look)

    def element(self, name: str, attributes: str, marks: _Marks) -> _Element:
        look = self.sheets.look_of(attributes, self.look) if attributes else self.look
        if name in ("pre", "textarea"):
            look = replace(look, is_preformatted=True)
        element = _Element(name, _UNREAD if name in _UNREAD_NAMES else look)
        if marks.quotes if name == "blockquote" else marks.boxes and name == "div":
            element.quotes = True
            self.out.quote()
        elif marks.signs and not self.out.depth:
            self.out.end_line()
            element.signature = len(self.out.lines)
        return element

    def close(self, name: str) -> None:
        """End the innermost element of that name, and those left open inside it."""
        if self.counts[name] and (depth := self.depth_of(name)):
            self.end_down_to(depth)
        elif name in _BLOCKS or name == "br":
            self.out.end_line(force=name == "br")

    def depth_of(self, name: str) -> int:
        """Find the innermost element of that name; 0 if it may not be ended from here."""
        is_block = name in _BLOCKS
        for depth in range(len(self.opened) - 1, 0, -1):
            opened = self.opened[depth].name
            if opened == name:
                return depth
            if not is_block and (opened in _BLOCKS or len(self.opened) - depth > _MAX_MISNESTING):
                return 0
        return 0

    def end_down_to(self, depth: int) -> None:
        while len(self.opened) > depth:
            self.end(self.opened.pop())

    def end(self, element: _Element) -> None:
        self.counts[element.name] -= 1
        if element.name in _PARAGRAPHS:
            self.out.end_paragraph()
        elif element.name in _BLOCKS or element.quotes:
            self.out.end_line()
        self.out.depth -= element.quotes
        if element.signature is not None:
            self.out.end_line()
            self.out.signatures.append((element.signature, len(self.out.lines)))


def _end_of_raw(html: str, name: str, position: int) -> int:
    """Find the end of a script or a style; one that never ends takes the rest."""
    end = re.compile(rf"</{name}\b[^<>]*+>", re.IGNORECASE).search(html, position)
    return end.end() if end else len(html)
