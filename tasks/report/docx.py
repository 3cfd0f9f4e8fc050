"""The document as DOCX, for Word: the same bytes for the same document.

python-docx keeps the package, its parts and its properties; the body is written as XML, since it
takes seconds to fill a table cell by cell. Identifiers are numbers in the order of the document.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import Any, Final

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import nsmap, qn
from docx.oxml.parser import oxml_parser
from docx.oxml.shape import CT_Inline
from docx.shared import Emu, Pt, RGBColor

from tasks.report.archive import unzip_files, zip_files
from tasks.report.characters import xml_text
from tasks.report.document import Code, Document, Inline, Link, Strong, Table, Words, shown
from tasks.report.looks import ACCENT, LOOKS, MARGIN, MUTED, PAGE, RULE, WIDTH, Look, Style
from tasks.report.paper import (
    CONTENTS,
    CONTENTS_LEVELS,
    DRAFT,
    Contents,
    Figures,
    Line,
    PageBreak,
    Pair,
    Picture,
    Piece,
    column_widths,
    is_right,
    lay_out,
    plain,
    text_size,
)
from tasks.report.pdf import draw_png
from tasks.report.workbook import MADE_AT

_FONT: Final = "Arial"
_EMU: Final = 12_700  # in a point
_TWIPS: Final = 20
# The names under which Word knows its own styles.
_NAMES: Final[dict[Style, str]] = {
    "text": "Body Text",
    "quotation": "Quote",
    "contents": "TOC Heading",
}
_OF_W: Final = {"w": nsmap["w"]}
_SVG_EXTENSION: Final = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
_SVG: Final = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"

Element = Any


def write_docx(document: Document) -> bytes:
    """Write the document; the table of contents holds its entries before Word updates it."""
    package = docx.Document()
    _set_properties(package, document)
    _set_page(package, document)
    for style in LOOKS:
        _set_style(package, style)
    _set_contents_styles(package)
    _Body(package).write(lay_out(document))
    output = io.BytesIO()
    package.save(output)
    return zip_files(unzip_files(output.getvalue()))


def style_name(style: Style) -> str:
    """Return the name of a style in Word."""
    return _NAMES.get(style, LOOKS[style].name)


# --- what the whole document has -----------------------------------------------------------------


def _set_properties(package: Any, document: Document) -> None:
    properties = package.core_properties
    properties.title = xml_text(f"{document.title} – {document.subtitle}")
    properties.author = properties.last_modified_by = xml_text(document.organiser)
    properties.subject, properties.comments, properties.language = "", "", "fr-FR"
    properties.created = properties.modified = MADE_AT
    properties.revision = 1


def _set_page(package: Any, document: Document) -> None:
    (section,) = package.sections
    section.page_width, section.page_height = (Pt(length) for length in PAGE)
    section.left_margin = section.right_margin = Pt(MARGIN)
    section.top_margin, section.bottom_margin = Pt(70), Pt(62)
    section.header_distance, section.footer_distance = Pt(34), Pt(30)
    header, footer = section.header.paragraphs[0]._p, section.footer.paragraphs[0]._p  # noqa: SLF001
    draft = [_run(DRAFT, bold=True)] if document.is_draft else []
    _fill(header, [_running(), *draft, _tab(), _run(document.organiser)])
    pages = (_run(" / "), *_field("NUMPAGES"))
    _fill(footer, [_running(), _run(document.title), _tab(), *_field("PAGE"), *pages])


def _running() -> Element:
    """Return the properties of a header's line: what is on the right stands at a tab."""
    tab = _w("tab", val="right", pos=_twips(WIDTH))
    return _w("pPr", _w("pStyle", val=_identifier("running")), _w("tabs", tab))


def _set_style(package: Any, style: Style) -> None:
    """Give a style its look, whether Word knows it or not."""
    look, name = LOOKS[style], style_name(style)
    styles = package.styles
    found = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    element = found.element
    bullet = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    for old in (*element.findall(qn("w:pPr")), *element.findall(qn("w:rPr"))):
        element.remove(old)
    if style != "text" and name not in styles.element.xpath("//w:style[@w:default]/w:name/@w:val"):
        found.base_style = styles["Normal"]
    found.quick_style = True
    paragraph, font = found.paragraph_format, found.font
    paragraph.space_before, paragraph.space_after = Pt(look.before), Pt(look.after)
    paragraph.left_indent = Pt(look.indent)
    if bullet is not None:
        paragraph.first_line_indent = Pt(-look.indent)
    paragraph.keep_with_next = look.keep
    paragraph.line_spacing = 1.15
    font.size, font.bold, font.italic = Pt(look.size), look.bold, False
    font.color.rgb = RGBColor.from_string(look.colour[1:].upper())
    _set_font(element)
    properties = element.get_or_add_pPr()
    for drawn in (*([] if bullet is None else [bullet]), *_drawn(look, style)):
        properties.insert_element_before(drawn, *_after(drawn))


def _drawn(look: Look, style: Style) -> Iterator[Element]:
    """Yield the rule, the ground, the level in the outline and the bullet of a style."""
    if look.rule:
        side = _w("left", val="single", sz=12, space=8, color=look.rule[1:])
        yield _w("pBdr", side)
    if look.shade:
        yield _w("shd", val="clear", color="auto", fill=look.shade[1:])
    if style.startswith("heading-"):
        yield _w("outlineLvl", val=int(style[-1]) - 1)


def _after(element: Element) -> tuple[str, ...]:
    """Return what follows an element in the properties of a paragraph, whose order is set."""
    order = ("keepNext", "numPr", "pBdr", "shd", "tabs", "spacing", "ind", "jc", "outlineLvl")
    name = element.tag.rpartition("}")[2]
    return tuple(f"w:{later}" for later in order[order.index(name) + 1 :])


def _set_font(element: Element) -> None:
    fonts = element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), _FONT)


def _set_contents_styles(package: Any) -> None:
    for level in range(1, CONTENTS_LEVELS + 1):
        style = package.styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = package.styles["Normal"]
        style.paragraph_format.left_indent = Pt(14 * (level - 1))
        style.paragraph_format.space_after = Pt(3)
        style.font.size, style.font.bold = Pt(10.5), level == 1
        _set_font(style.element)
        tab = _w("tab", val="right", leader="dot", pos=_twips(WIDTH))
        tabs = _w("tabs", tab)
        style.element.get_or_add_pPr().insert_element_before(tabs, *_after(tabs))
    language = _w("lang", val="fr-FR", eastAsia="fr-FR", bidi="ar-SA")
    defaults = package.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(language)
    _set_font(package.styles["Normal"].element)


# --- the body ------------------------------------------------------------------------------------


class _Body:
    """Writes pieces at the end of a package, and numbers what must be numbered."""

    def __init__(self, package: Any) -> None:
        self._package = package
        self._end = package.element.body.sectPr
        self._bookmarks: dict[str, int] = {}
        self._pictures = 0

    def write(self, pieces: Iterable[Piece]) -> None:
        pieces = tuple(pieces)
        headings = (piece for piece in pieces if isinstance(piece, Line) and piece.identifier)
        self._bookmarks = {str(line.identifier): n for n, line in enumerate(headings, 1)}
        begins_page = False
        for piece in pieces:
            for element in self._piece(piece, begins_page=begins_page):
                self._end.addprevious(element)
            begins_page = isinstance(piece, PageBreak)

    def _piece(self, piece: Piece, *, begins_page: bool) -> Iterator[Element]:
        match piece:
            case Line():
                yield self._line(piece, begins_page=begins_page)
            case Contents(headings):
                yield from self._contents(headings)
            case Picture():
                yield self._picture(piece)
            case Table():
                yield from self._table(piece)
            case Figures(entries):
                yield self._figures(entries)
                yield _paragraph("cell", [])
            case Pair(caption, sides):
                yield _paragraph("caption", [_run(caption)])
                cells = [[self._line(line) for line in side] for side in sides]
                yield _columns([cells], [WIDTH / 2] * 2, caption, ruled="top")
                yield _paragraph("cell", [])
            case PageBreak():
                pass

    def _line(self, line: Line, *, begins_page: bool = False) -> Element:
        runs = [run for part in line.text for run in self._inline(part)]
        if line.identifier:
            number = self._bookmarks[line.identifier]
            mark = _w("bookmarkStart", id=number, name=f"_Toc{number}")
            runs = [mark, *runs, _w("bookmarkEnd", id=number)]
        return _paragraph(line.style, runs, *([_w("pageBreakBefore")] if begins_page else []))

    def _inline(self, part: Inline) -> list[Element]:
        match part:
            case str(text) | Words(text):
                return [_run(text)]
            case Strong(text):
                return [_run(text, bold=True)]
            case Code(text):
                return [_run(text, code=True)]
            case Link(text, target):
                return [self._link(target, [_run(text, colour=ACCENT)])]

    def _link(self, target: str, runs: list[Element]) -> Element:
        return _w("hyperlink", *runs, anchor=f"_Toc{self._bookmarks[target]}", history=1)

    def _contents(self, headings: tuple[Line, ...]) -> Iterator[Element]:
        """Write the table of contents as the result of its field; Word adds pages to update it."""
        yield _paragraph("contents", [_run(CONTENTS)])
        opening, closing = _field_ends(f'TOC \\o "1-{CONTENTS_LEVELS}" \\h \\z \\u')
        for place, line in enumerate(headings):
            runs = [self._link(str(line.identifier), [_run(plain(line.text))])]
            first, last = place == 0, place == len(headings) - 1
            runs = [*(opening if first else []), *runs, *(closing if last else [])]
            properties = _w("pPr", _w("pStyle", val=f"toc{line.level}"))
            yield _w("p", properties, *runs)

    def _picture(self, picture: Picture) -> Element:
        """Place a chart as a PNG, and as the SVG that Word draws where it can."""
        self._pictures += 1
        part = self._package.part
        name = f"{self._pictures}"
        png, _ = part.get_or_add_image(io.BytesIO(draw_png(picture.svg)))
        drawing = Part(
            PackURI(f"/word/media/chart{name}.svg"),
            "image/svg+xml",
            picture.svg.encode(),
            part.package,
        )
        svg = part.relate_to(drawing, RELATIONSHIP_TYPE.IMAGE)
        width, height = (Emu(round(length * _EMU)) for length in picture.size)
        inline = CT_Inline.new_pic_inline(self._pictures, png, f"chart{name}", width, height)
        inline.docPr.set("descr", xml_text(picture.alternative))
        _add_svg(inline, svg)
        run = _w("r")
        run.add_drawing(inline)
        return _paragraph("text", [run], _w("keepNext"))

    def _table(self, table: Table) -> Iterator[Element]:
        yield _paragraph("caption", [_run(table.caption)])
        size = text_size(table)
        cell = partial(_cell_paragraph, table, size)
        rows = [
            [[cell("column", place, c.title)] for place, c in enumerate(table.columns)],
            *(
                [
                    [cell("cell", place, shown(value, column))]
                    for place, (value, column) in enumerate(zip(row, table.columns, strict=True))
                ]
                for row in table.rows
            ),
        ]
        if table.total:
            cells = zip(table.total, table.columns, strict=True)
            rows.append([[cell("column", place, shown(*pair))] for place, pair in enumerate(cells)])
        yield _columns(rows, column_widths(table), table.caption, ruled="bottom")
        yield _paragraph("cell", [])

    def _figures(self, entries: tuple[tuple[str, Inline], ...]) -> Element:
        cells = [
            [
                _paragraph("value", [_run(value)]),
                _paragraph("label", self._inline(label)),
            ]
            for value, label in entries
        ]
        return _columns([cells], [WIDTH / len(cells)] * len(cells), "Chiffres", ruled="top")


def _cell_paragraph(table: Table, size: float, style: Style, place: int, text: str) -> Element:
    right = [_w("jc", val="right")] if is_right(table, place) else []
    smaller = size if size != LOOKS["cell"].size else None
    return _paragraph(style, [_run(text, size=smaller)], *right)


def _columns(
    rows: list[list[list[Element]]], widths: list[float], caption: str, *, ruled: str
) -> Element:
    """Return a table of cells of paragraphs; where the lines are below, its first row heads it."""
    headed = ruled == "bottom"
    grid = _w("tblGrid", *(_w("gridCol", w=_twips(width)) for width in widths))
    properties = _w(
        "tblPr",
        _w("tblW", w=_twips(sum(widths)), type="dxa"),
        _w("tblLayout", type="fixed"),
        _w("tblCellMar", *(_w(side, w=_twips(5), type="dxa") for side in ("left", "right"))),
        _w("tblLook", val="0020" if headed else "0000", firstRow=int(headed)),
        _w("tblCaption", val=xml_text(caption)),
    )
    written = []
    for place, cells in enumerate(rows):
        heads = headed and place == 0
        marks = [_w("cantSplit"), *([_w("tblHeader")] if heads else [])] if headed else []
        colour = ACCENT if not headed else MUTED if heads else RULE
        border = _w(ruled, val="single", sz=8 if heads or not headed else 4, color=colour[1:])
        row = [_cell(cell, width, border) for cell, width in zip(cells, widths, strict=True)]
        written.append(_w("tr", *([_w("trPr", *marks)] if marks else []), *row))
    return _w("tbl", properties, grid, *written)


def _cell(paragraphs: list[Element], width: float, border: Element) -> Element:
    edge = _w(border.tag.rpartition("}")[2])
    for name, value in border.items():
        edge.set(name, value)
    properties = _w("tcPr", _w("tcW", w=_twips(width), type="dxa"), _w("tcBorders", edge))
    return _w("tc", properties, *paragraphs)


def _add_svg(inline: Any, relation: str) -> None:
    blip = inline.graphic.graphicData.pic.blipFill.blip
    extensions = blip.makeelement(qn("a:extLst"), {})
    extension = extensions.makeelement(qn("a:ext"), {"uri": _SVG_EXTENSION})
    svg = extension.makeelement(
        f"{{{_SVG}}}svgBlip", {qn("r:embed"): relation}, nsmap={"asvg": _SVG}
    )
    extension.append(svg)
    extensions.append(extension)
    blip.append(extensions)


# --- elements ------------------------------------------------------------------------------------


def _w(tag: str, *children: Element, **attributes: str | int) -> Element:
    """Return an element of WordprocessingML."""
    element = oxml_parser.makeelement(
        _named(tag), {_named(name): str(value) for name, value in attributes.items()}, nsmap=_OF_W
    )
    element.extend(children)
    return element


@cache
def _named(name: str) -> str:
    return qn(f"w:{name}")


def _fill(element: Element, children: Iterable[Element]) -> None:
    for child in list(element):
        element.remove(child)
    element.extend(children)


def _paragraph(style: Style, runs: Iterable[Element], *properties: Element) -> Element:
    before = [mark for mark in properties if mark.tag != qn("w:jc")]
    after = [mark for mark in properties if mark.tag == qn("w:jc")]
    return _w("p", _w("pPr", _w("pStyle", val=_identifier(style)), *before, *after), *runs)


def _run(
    text: str,
    *,
    bold: bool = False,
    code: bool = False,
    colour: str | None = None,
    size: float | None = None,
) -> Element:
    marks = []
    if code:
        marks.append(_w("rFonts", ascii="Courier New", hAnsi="Courier New", cs="Courier New"))
    if bold:
        marks.append(_w("b"))
    if colour:
        marks.append(_w("color", val=colour[1:]))
    if size or code:
        half_points = round(2 * (size or LOOKS["source"].size))
        marks.append(_w("sz", val=half_points))
    return _w("r", *([_w("rPr", *marks)] if marks else []), *_texts(text))


def _texts(text: str) -> Iterator[Element]:
    for part in re.split(r"([\n\t])", xml_text(text)):
        if part == "\n":
            yield _w("br")
        elif part == "\t":
            yield _w("tab")
        elif part:
            element = _w("t")
            element.text = part
            element.set(qn("xml:space"), "preserve")
            yield element


def _tab() -> Element:
    return _w("r", _w("tab"))


def _field_ends(instruction: str) -> tuple[list[Element], list[Element]]:
    """Return what goes before the result of a field, and after it."""
    text = _w("instrText")
    text.text = f" {instruction} "
    text.set(qn("xml:space"), "preserve")
    begin, separate, end = (
        _w("r", _w("fldChar", fldCharType=kind)) for kind in ("begin", "separate", "end")
    )
    return [begin, _w("r", text), separate], [end]


def _field(instruction: str) -> list[Element]:
    opening, closing = _field_ends(instruction)
    return [*opening, *closing]


def _identifier(style: Style) -> str:
    """Return the identifier that python-docx gives a style of this name."""
    return style_name(style).replace(" ", "")


def _twips(points: float) -> int:
    return round(points * _TWIPS)
