"""The document as it is laid on paper: one sequence of lines, tables and pictures.

The office formats and the PDF write this sequence, each in its own way: what comes after what, what
is said of a group and where a link leads is decided once. What only a screen can do is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

from tasks.report.charts import Chart
from tasks.report.document import (
    Block,
    Cell,
    Code,
    Contrast,
    Document,
    Drawing,
    Essential,
    Heading,
    Inline,
    Items,
    KeyFigure,
    KeyFigures,
    Letter,
    Link,
    Paragraph,
    Prose,
    Quotation,
    Ranking,
    Section,
    Strong,
    Table,
    Term,
    Terms,
    Words,
    prose,
    shown,
)
from tasks.report.looks import LOOKS, WIDTH, Style
from tasks.report.model import Group
from tasks.report.typography import count, french, number
from tasks.report.wording import (
    LETTER_CHARS,
    STATEMENT_CHARS,
    beginning,
    campaign_part,
    cut,
    extent,
    voices,
    voices_share,
    weight_mark,
)

DRAFT: Final = "Brouillon, non validé"
CONTENTS: Final = "Sommaire"
CONTENTS_LEVELS: Final = 1  # a synthesis of five themes then has them on one page

_MANY_COLUMNS: Final = 7
_LETTER_WIDTH: Final = 0.53  # of the size of a table's text, on average
_BOLD_LETTER_WIDTH: Final = 0.6
_CELL_POINTS: Final = 11.0  # its margins
_LONGEST_WORD: Final = 18
_LONGEST_CELL: Final = 90
_LONGEST_LABEL: Final = 240
_SHORT_LABEL: Final = 120  # on the page that holds the essential


@dataclass(frozen=True)
class Line:
    """A paragraph; a heading has a level, from 1, and an identifier, which links lead to."""

    style: Style
    text: Prose
    identifier: str | None = None
    level: int = 0


@dataclass(frozen=True)
class Picture:
    """A chart with the legend drawn under it."""

    chart: Chart
    legend: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> tuple[float, float]:
        """Its width and height, in points."""
        return WIDTH, self.chart.height_alone(len(self.legend))

    @property
    def svg(self) -> str:
        """The drawing, as wide as the text."""
        return self.chart.alone(WIDTH, self.legend)

    @property
    def alternative(self) -> str:
        """What it says to those who do not see it."""
        return f"{self.chart.caption.title}. {self.chart.caption.description}"


@dataclass(frozen=True)
class Figures:
    """Counts set out one beside the other: each and what it counts."""

    entries: tuple[tuple[str, Inline], ...]


@dataclass(frozen=True)
class Pair:
    """Two columns, to be read side by side."""

    caption: str
    sides: tuple[tuple[Line, ...], tuple[Line, ...]]


@dataclass(frozen=True)
class Contents:
    """Where the table of contents goes, and the headings it lists."""

    headings: tuple[Line, ...]


@dataclass(frozen=True)
class PageBreak:
    """What follows is on a new page."""


Piece = Line | Picture | Table | Figures | Pair | Contents | PageBreak


def lay_out(document: Document) -> tuple[Piece, ...]:
    """Return the pieces in order. Identifiers are unique, and each link leads to one of them."""
    front: list[Piece] = [*_letter(document.letter), PageBreak(), *_front(document)]
    sections = _sections((*document.sections, *document.annexes))
    known: set[str] = set()
    body: list[Piece] = [_identified(piece, place, known) for place, piece in enumerate(sections)]
    listed = tuple(
        piece
        for piece in body
        if isinstance(piece, Line) and 0 < piece.level <= CONTENTS_LEVELS and piece.identifier
    )
    pieces: list[Piece] = [*front, Contents(listed), *body]
    return tuple(_reachable(piece, known) for piece in pieces)


def plain(inlines: Prose) -> str:
    """Return the words of a line without their marks."""
    return "".join(part if isinstance(part, str) else part.text for part in inlines)


def is_right(table: Table, place: int) -> bool:
    """Whether a column stands on the right, as numbers do; the first one heads the rows."""
    return place > 0 and table.columns[place].kind != "text"


def text_size(table: Table) -> float:
    """Return the size of a table's text, in points: smaller where it has many columns."""
    return LOOKS["cell"].size * (0.88 if len(table.columns) >= _MANY_COLUMNS else 1)


def column_widths(table: Table) -> list[float]:
    """Share out the width of the text, in points, among the columns of a table.

    As a browser does: each has room for its longest word, then for more of its longest cell; a
    table that needs less than the whole width is narrower.
    """

    def points(letters: int, width: float = _LETTER_WIDTH) -> float:
        return letters * width * text_size(table) + _CELL_POINTS

    texts = [
        [shown(row[place], column) for row in _rows(table)]
        for place, column in enumerate(table.columns)
    ]
    least = [
        max(
            points(min(_longest_word([column.title]), _LONGEST_WORD), _BOLD_LETTER_WIDTH),
            points(min(_longest_word(cells), _LONGEST_WORD)),
        )
        for column, cells in zip(table.columns, texts, strict=True)
    ]
    most = [
        max(narrow, points(min(max(map(len, cells), default=0), _LONGEST_CELL)))
        for narrow, cells in zip(least, texts, strict=True)
    ]
    if sum(most) <= WIDTH:
        return most
    if sum(least) >= WIDTH:
        return [width * WIDTH / sum(least) for width in least]
    part = (WIDTH - sum(least)) / (sum(most) - sum(least))
    return [narrow + part * (wide - narrow) for narrow, wide in zip(least, most, strict=True)]


def _rows(table: Table) -> tuple[tuple[Cell, ...], ...]:
    return (*table.rows, *([table.total] if table.total else []))


def _longest_word(cells: Sequence[str]) -> int:
    return max((len(word) for cell in cells for word in cell.split(" ")), default=0)


# --- the parts of a document ---------------------------------------------------------------------


def _letter(letter: Letter) -> Iterator[Line]:
    yield Line("sender", (letter.sender,))
    yield Line("dateline", (letter.place_and_date,))
    yield Line("addressee", (letter.addressee,))
    yield Line("subject", letter.subject)
    yield from (Line("letter", paragraph) for paragraph in letter.paragraphs)
    yield Line("signature", (letter.signature,))
    yield Line("enclosed", (letter.enclosed,))


def _front(document: Document) -> Iterator[Line]:
    yield Line("organiser", (document.organiser,))
    yield Line("title", (document.title,))
    yield Line("subtitle", (document.subtitle,))
    yield Line("state", document.state)
    for fact in document.facts:
        yield Line("fact", (Strong(french(f"{fact.name} : ")), *fact.meaning))
        yield from (Line("item", detail) for detail in fact.details)


def _sections(sections: Sequence[Section]) -> Iterator[Piece]:
    """Begin a theme on a page of its own: it is handed to those who deal with it.

    One of which nothing is said, but that, follows on.
    """
    after_theme = True
    for section in sections:
        is_theme = section.eyebrow is not None and len(section.blocks) > 1
        if is_theme or after_theme:
            yield PageBreak()
        yield from _section(section)
        after_theme = is_theme


def _section(section: Section) -> Iterator[Piece]:
    title = f"{section.eyebrow} – {section.title}" if section.eyebrow else section.title
    yield _heading((title,), 1, section.identifier)
    level = 1  # of the last heading of ours: those of groups and quotations come under it
    for block, following in zip_longest(section.blocks, section.blocks[1:]):
        for piece in _block(block, level, introduces=isinstance(following, Drawing | Table)):
            if isinstance(block, Heading) and isinstance(piece, Line):
                level = piece.level
            yield piece


def _block(  # noqa: C901 - one arm a block
    block: Block, level: int, *, introduces: bool
) -> Iterator[Piece]:
    match block:
        case Paragraph(text, style):
            plain: Style = "intro" if introduces else "text"
            yield Line(plain if style == "plain" else style, text)
        case Heading(text, depth, identifier):
            yield _heading(text, min(depth - 1, level + 1), identifier)
        case Items(entries):
            yield from (Line("item", entry) for entry in entries)
        case Terms(terms):
            for term in terms:
                yield from _term(term)
        case KeyFigures(entries):
            yield Figures(tuple((number(entry.value), _counted(entry)) for entry in entries))
        case Drawing(chart, table, legend):
            yield Picture(chart, tuple((entry.mark, entry.meaning) for entry in legend))
            yield table
        case Table():
            yield block
        case Essential():
            yield from _essential(block)
        case Ranking():
            yield from _ranking(block, level + 1)
        case Contrast(one, other):
            yield Pair("Deux positions opposées", (_side(one), _side(other)))
        case Quotation(title, words, source, identifier):
            yield _heading((title,), level + 1, identifier)
            yield from _quotation(words, LETTER_CHARS, identifier)
            yield Line("source", source)


def _counted(figure: KeyFigure) -> Inline:
    return Link(figure.label, figure.target) if figure.target else figure.label


def _heading(text: Prose, level: int, identifier: str | None) -> Line:
    styles: tuple[Style, ...] = ("heading-1", "heading-2", "heading-3", "heading-4")
    return Line(styles[level - 1], text, identifier, level)


def _term(term: Term) -> Iterator[Line]:
    yield Line("term", (term.name,))
    if term.meaning:
        yield Line("meaning", term.meaning)
    yield from (Line("item", detail) for detail in term.details)


def _essential(block: Essential) -> Iterator[Line]:
    yield Line("minor", (Link(block.title, block.theme), f" · {block.note}"))
    for name, groups in (("Propositions", block.propositions), ("Constats", block.constats)):
        yield Line("eyebrow", (name,))
        if not groups:
            yield Line("note", (_none_of(name.lower().removesuffix("s")),))
        for group in groups:
            label = _label(group, _SHORT_LABEL)
            yield Line("point", (Strong(voices(group)), french(" : "), label))


def _ranking(block: Ranking, level: int) -> Iterator[Line]:
    if not block.groups:
        yield Line("empty", (_none_of(block.kind),))
    for group in block.groups:
        text = (f"{group.rank}. ", _label(group))
        yield _heading(text, level, group.group_id)
        yield from _of_group(group)
    if block.others:
        others = count(block.others, f"autre {block.kind}", f"autres {block.kind}s")
        yield Line("note", (f"et {others}, dans les tableaux",))


def _side(group: Group) -> tuple[Line, ...]:
    return Line("minor", (_label(group),)), *_of_group(group)


def _of_group(group: Group) -> Iterator[Line]:
    facts: list[Inline] = [
        f"{weight_mark(group.weight_label)} {group.weight_label} · ",
        Strong(voices(group)),
        f", {voices_share(group)}",
    ]
    if campaign := campaign_part(group):
        facts.append(f" · {campaign}")
    yield Line("facts", tuple(facts))
    yield from _quotation(group.quote, STATEMENT_CHARS, group.quote_statement_id)
    cited = prose(" · énoncé cité : {id}", {"id": Code(group.quote_statement_id)})
    yield Line("source", (extent(group), *cited))


def _label(group: Group, most: int = _LONGEST_LABEL) -> Words:
    """Return the label as a heading, cut where a whole text is one."""
    label = beginning(group.label, most)
    return Words(label if label == group.label else f"{label}…")


def _quotation(words: str, most: int, identifier: str) -> Iterator[Line]:
    opening, closing = french("« | »").split("|")
    yield Line("quotation", (opening, Words(beginning(words, most)), closing))
    if told := cut(words, identifier, most):
        yield Line("source", (told,))


def _none_of(kind: str) -> str:
    return f"{'Aucune' if kind == 'proposition' else 'Aucun'} {kind} à ce jour."


# --- identifiers and links -----------------------------------------------------------------------


def _identified(piece: Piece, place: int, known: set[str]) -> Piece:
    """Give every heading an identifier of its own: a group may be shown in two places."""
    if not isinstance(piece, Line) or not piece.level:
        return piece
    identifier = piece.identifier
    if identifier is None or identifier in known:
        identifier = f"titre-{place}"
    known.add(identifier)
    return replace(piece, identifier=identifier)


def _reachable(piece: Piece, known: set[str]) -> Piece:
    """Leave the words of a link that would lead nowhere."""

    def inline(part: Inline) -> Inline:
        return part.text if isinstance(part, Link) and part.target not in known else part

    def line(line: Line) -> Line:
        return replace(line, text=tuple(map(inline, line.text)))

    match piece:
        case Line():
            return line(piece)
        case Pair(caption, (one, other)):
            return Pair(caption, (tuple(map(line, one)), tuple(map(line, other))))
        case Figures(entries):
            return Figures(tuple((value, inline(label)) for value, label in entries))
        case _:
            return piece
