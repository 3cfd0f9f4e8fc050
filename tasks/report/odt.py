"""The document as ODT, which the administration edits: the same bytes for the same document.

A préfecture may give a template: its styles, headers, footers and logo are kept, what it lacks is
added, and the text goes where a paragraph of it says only `{{ synthese }}`, or at its end.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from jinja2 import Environment, PackageLoader
from lxml import etree

from tasks.report.archive import unzip_files, zip_files
from tasks.report.characters import xml_text
from tasks.report.document import Code, Document, Inline, Link, Strong, Table, Words, shown
from tasks.report.looks import ACCENT, INK, ITEMS, LOOKS, MUTED, RULE, WIDTH, Look, Style
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

PLACE: Final = "{{ synthese }}"

_MEDIA_TYPE: Final = "application/vnd.oasis.opendocument.text"
_OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMESPACES: Final = {
    "office": f"{_OASIS}office:1.0",
    "style": f"{_OASIS}style:1.0",
    "text": f"{_OASIS}text:1.0",
    "table": f"{_OASIS}table:1.0",
    "draw": f"{_OASIS}drawing:1.0",
    "fo": f"{_OASIS}xsl-fo-compatible:1.0",
    "svg": f"{_OASIS}svg-compatible:1.0",
    "manifest": f"{_OASIS}manifest:1.0",
    "meta": f"{_OASIS}meta:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_OURS: Final = "assises-"  # begins the name of whatever a template cannot have
_LIST: Final = f"{_OURS}liste"
_LARGEST: Final = 100_000_000  # bytes of a template, unpacked
_LEFT_OUT: Final = re.compile(r"Basic/|Scripts/|META-INF/(document|macro)signatures\.xml$")
_REFUSED: Final = "n'est pas un document ODT (OpenDocument Texte)"

Element = Any


def _q(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


# Where we write in each file of a template.
_PLACES: Final = {
    "content.xml": f"{_q('office:body')}/{_q('office:text')}",
    "styles.xml": _q("office:styles"),
    "meta.xml": _q("office:meta"),
    "META-INF/manifest.xml": _q("manifest:file-entry"),
}


class TemplateError(ValueError):
    """A template that no document can be made from."""


def write_odt(document: Document, template: bytes | None = None) -> bytes:
    """Write the document, in a template if any. Raises TemplateError when that is no ODT."""
    files = _own_files() if template is None else _template_files(template)
    trees = _trees(files)
    content, styles = trees["content.xml"], trees["styles.xml"]
    _complete(styles)
    if template is None:
        _head_pages(styles, document)
    elif document.is_draft:
        _mark_drafts(styles)
    if "meta.xml" in trees:
        _set_title(trees["meta.xml"], document)
    writer = _Body()
    _put(content, writer.write(lay_out(document)))
    _automatic(content).extend(writer.styles.values())
    _list_files(trees["META-INF/manifest.xml"], writer.files)
    written = {
        name: etree.tostring(tree, encoding="UTF-8", xml_declaration=True)
        for name, tree in trees.items()
    }
    files = {"mimetype": _MEDIA_TYPE.encode()} | files | written | writer.files
    return zip_files(files, stored="mimetype")


def check_template(template: bytes) -> bytes:
    """Return the template if a document can be made from it. Raises TemplateError."""
    _trees(_template_files(template))
    return template


def style_id(style: Style) -> str:
    """Return the name of a style in the file, where a space is written otherwise."""
    return _encoded(LOOKS[style].name)


# --- the files of a template, or ours ------------------------------------------------------------


def _own_files() -> dict[str, bytes]:
    loader, environment = PackageLoader("tasks.report", "templates"), Environment(autoescape=True)
    parts = {
        "content.xml": "odt-content.xml",
        "styles.xml": "odt-styles.xml",
        "meta.xml": "odt-meta.xml",
        "META-INF/manifest.xml": "odt-manifest.xml",
    }
    return {part: loader.get_source(environment, name)[0].encode() for part, name in parts.items()}


def _template_files(template: bytes) -> dict[str, bytes]:
    """Return the files of a template but for its macros and its signatures.

    A signature is of other words than ours, and a macro has no place in what citizens' words fill.
    """
    try:
        files = unzip_files(template, _LARGEST)
    except zipfile.BadZipFile as error:
        raise TemplateError(_REFUSED) from error
    files = {name: content for name, content in files.items() if not _LEFT_OUT.match(name)}
    kind = files.get("mimetype", b"").decode("ascii", "replace").strip()
    needed = {"content.xml", "styles.xml", "META-INF/manifest.xml"}
    if kind not in {_MEDIA_TYPE, f"{_MEDIA_TYPE}-template"} or not needed <= set(files):
        raise TemplateError(_REFUSED)
    return files


def _trees(files: Mapping[str, bytes]) -> dict[str, Element]:
    """Read what we write in. Raises TemplateError when the place of something is not there."""
    trees = {name: _parse(files[name]) for name in _PLACES if name in files}
    for name, tree in trees.items():
        if tree.find(_PLACES[name]) is None:
            raise TemplateError(_REFUSED)
    for tree in trees.values():
        for scripts in list(tree.iter(_q("office:scripts"))):
            scripts.getparent().remove(scripts)
    entries = trees["META-INF/manifest.xml"]
    for entry in entries.findall(_q("manifest:file-entry")):
        if _LEFT_OUT.match(entry.get(_q("manifest:full-path"), "")):
            entries.remove(entry)
    return trees


def _parse(content: bytes) -> Element:
    """Read XML that names no other file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise TemplateError(_REFUSED) from error


def _automatic(content: Element) -> Element:
    found = content.find(_q("office:automatic-styles"))
    if found is None:
        found = _e("office:automatic-styles")
        content.find(_q("office:body")).addprevious(found)
    return found


def _text_of(content: Element) -> Element:
    return content.find(_PLACES["content.xml"])


def _named(styles: Element) -> Element:
    return styles.find(_PLACES["styles.xml"])


def _put(content: Element, body: list[Element]) -> None:
    """Put the text in the place that the template says, or at its end."""
    text = _text_of(content)
    for paragraph in text.iter(_q("text:p")):
        if "".join(paragraph.itertext()).strip() == PLACE:
            for element in body:
                paragraph.addprevious(element)
            paragraph.getparent().remove(paragraph)
            return
    text.extend(body)


def _list_files(manifest: Element, files: Iterable[str]) -> None:
    manifest.find(_q("manifest:file-entry")).set(_q("manifest:media-type"), _MEDIA_TYPE)
    for name in files:
        kind = "image/svg+xml" if name.endswith(".svg") else "image/png"
        attributes = {"manifest:full-path": name, "manifest:media-type": kind}
        manifest.append(_e("manifest:file-entry", attributes))


def _set_title(meta: Element, document: Document) -> None:
    properties = meta.find(_q("office:meta"))
    for name, value in (
        ("dc:title", f"{document.title} – {document.subtitle}"),
        ("dc:creator", document.organiser),
    ):
        for old in properties.findall(_q(name)):
            properties.remove(old)
        properties.append(_e(name, {}, xml_text(value)))


# --- styles --------------------------------------------------------------------------------------


def _complete(styles: Element) -> None:
    """Add the named styles that are lacking; those of a template are left as they are."""
    named = _named(styles)
    known = {style.get(_q("style:name")) for style in named.findall(_q("style:style"))}
    for style, look in LOOKS.items():
        if style_id(style) not in known:
            named.append(_named_style(style, look))
    for level in range(1, CONTENTS_LEVELS + 1):
        if f"Contents_20_{level}" not in known:
            named.append(_contents_style(level))
    bullet = _e(
        "text:list-level-style-bullet",
        {"text:level": "1", "text:bullet-char": "–"},
        _e(
            "style:list-level-properties",
            {"text:space-before": "2pt", "text:min-label-width": "12pt"},
        ),
    )
    named.append(_e("text:list-style", {"style:name": _LIST}, bullet))


def _named_style(style: Style, look: Look) -> Element:
    ground = {"fo:background-color": look.shade, "fo:padding": "5pt"} if look.shade else {}
    rule = {"fo:border-left": f"1.5pt solid {look.rule}", "fo:padding-left": "8pt"}
    heading = style.startswith("heading-")
    paragraph = {
        "fo:margin-top": f"{look.before}pt",
        "fo:margin-bottom": f"{look.after}pt",
        # In a list, and beside a rule, the place comes from elsewhere.
        "fo:margin-left": f"{0 if style in ITEMS else look.indent}pt",
    }
    kept = {"fo:keep-with-next": "always"} if look.keep else {}
    letters = {
        "fo:font-size": f"{look.size}pt",
        "fo:color": look.colour,
        "fo:font-weight": "bold" if look.bold else "normal",
    }
    attributes = {
        "style:name": style_id(style),
        "style:display-name": look.name,
        "style:family": "paragraph",
        "style:parent-style-name": "Standard",
        "style:class": "text",
    }
    level = {"style:default-outline-level": style[-1]} if heading else {}
    properties = paragraph | kept | ground | (rule if look.rule else {})
    return _e(
        "style:style",
        attributes | level,
        _e(
            "style:paragraph-properties",
            properties,
            *([_tabs()] if style in {"running", "draft"} else []),
        ),
        _e("style:text-properties", letters),
    )


def _contents_style(level: int) -> Element:
    attributes = {
        "style:name": f"Contents_20_{level}",
        "style:display-name": f"Contents {level}",
        "style:family": "paragraph",
        "style:parent-style-name": "Standard",
        "style:class": "index",
    }
    properties = {"fo:margin-bottom": "3pt", "fo:margin-left": f"{14 * (level - 1)}pt"}
    return _e(
        "style:style",
        attributes,
        _e("style:paragraph-properties", properties, _tabs(".", WIDTH - 14 * (level - 1))),
        _e("style:text-properties", {"fo:font-weight": "bold" if level == 1 else "normal"}),
    )


def _tabs(leader: str | None = None, place: float = WIDTH) -> Element:
    dots = {"style:leader-style": "dotted", "style:leader-text": leader} if leader else {}
    tab = _e("style:tab-stop", {"style:position": f"{place:g}pt", "style:type": "right"} | dots)
    return _e("style:tab-stops", {}, tab)


def _head_pages(styles: Element, document: Document) -> None:
    """Write the header and the footer of our own pages."""
    page = styles.find(f".//{_q('style:master-page')}")
    running = {"text:style-name": style_id("running")}
    draft = {"text:style-name": style_id("draft")} if document.is_draft else running
    said = _texts(DRAFT) if document.is_draft else []
    header = _e("text:p", draft, *said, _e("text:tab"), *_texts(document.organiser))
    footer = _e(
        "text:p",
        running,
        *_texts(document.title),
        _e("text:tab"),
        _e("text:page-number", {"text:select-page": "current"}, "1"),
        " / ",
        _e("text:page-count", {}, "1"),
    )
    page.append(_e("style:header", {}, header))
    page.append(_e("style:footer", {}, footer))


def _mark_drafts(styles: Element) -> None:
    """Say at the head of every page that it is a draft's, whatever the template says there."""
    for page in styles.iter(_q("style:master-page")):
        if page.find(_q("style:header")) is None:
            page.insert(0, _e("style:header"))
        for name in ("style:header", "style:header-left", "style:header-first"):
            for header in page.findall(_q(name)):
                mark = {"text:style-name": style_id("draft")}
                header.insert(0, _e("text:p", mark, *_texts(DRAFT)))


# --- the body ------------------------------------------------------------------------------------


class _Body:
    """Writes pieces, and keeps the automatic styles and the pictures that they need."""

    def __init__(self) -> None:
        self.styles: dict[str, Element] = {}
        self.files: dict[str, bytes] = {}

    def write(self, pieces: Iterable[Piece]) -> list[Element]:
        written: list[Element] = []
        begins_page = False
        for piece in pieces:
            for element in self._piece(piece, begins_page=begins_page):
                # Items that follow one another are one list.
                if element.tag == _q("text:list") and written and written[-1].tag == element.tag:
                    written[-1].extend(element)
                else:
                    written.append(element)
            begins_page = isinstance(piece, PageBreak)
        return written

    def _piece(self, piece: Piece, *, begins_page: bool) -> Iterator[Element]:
        match piece:
            case Line():
                yield self._line(piece, begins_page=begins_page)
            case Contents(headings):
                yield self._contents(headings)
            case Picture():
                yield self._picture(piece)
            case Table():
                yield _p("caption", *_texts(piece.caption))
                yield self._table(piece)
                yield _p("cell")
            case Figures(entries):
                yield self._figures(entries)
            case Pair(caption, sides):
                yield _p("caption", *_texts(caption))
                cells = [[self._line(line) for line in side] for side in sides]
                yield self._columns([cells], [WIDTH / 2] * 2, caption, headed=False)
                yield _p("cell")
            case PageBreak():
                pass

    def _line(self, line: Line, *, begins_page: bool = False) -> Element:
        inlines = [node for part in line.text for node in self._inline(part)]
        if line.style in ITEMS:
            paragraph = _p(line.style, *inlines)
            return _e("text:list", {"text:style-name": _LIST}, _e("text:list-item", {}, paragraph))
        name = self._on_new_page(line.style) if begins_page else style_id(line.style)
        attributes = {"text:style-name": name}
        if not line.level:
            return _e("text:p", attributes, *inlines)
        mark = {"text:name": str(line.identifier)}
        return _e(
            "text:h",
            attributes | {"text:outline-level": str(line.level)},
            _e("text:bookmark-start", mark),
            *inlines,
            _e("text:bookmark-end", mark),
        )

    def _inline(self, part: Inline) -> list[Element | str]:
        match part:
            case str(text) | Words(text):
                return _texts(text)
            case Strong(text):
                return [self._span("fort", {"fo:font-weight": "bold"}, text)]
            case Code(text):
                letters = {"fo:font-family": "'Liberation Mono'", "fo:font-size": "85%"}
                return [self._span("code", letters, text)]
            case Link(text, target):
                letters = {"fo:color": ACCENT, "style:text-underline-style": "none"}
                span = self._span("lien", letters, text)
                return [_e("text:a", {"xlink:type": "simple", "xlink:href": f"#{target}"}, span)]

    def _span(self, name: str, letters: dict[str, str], text: str) -> Element:
        style = self._style(name, "text", "style:text-properties", letters)
        return _e("text:span", {"text:style-name": style}, *_texts(text))

    def _on_new_page(self, style: Style) -> str:
        properties = {"fo:break-before": "page"}
        return self._style(
            f"page-{style}", "paragraph", "style:paragraph-properties", properties, style_id(style)
        )

    def _style(
        self, name: str, family: str, kind: str, properties: dict[str, str], parent: str = ""
    ) -> str:
        """Return the name of an automatic style, made the first time that it is asked for."""
        name = _OURS + name
        if name not in self.styles:
            attributes = {"style:name": name, "style:family": family}
            inherits = {"style:parent-style-name": parent} if parent else {}
            self.styles[name] = _e("style:style", attributes | inherits, _e(kind, properties))
        return name

    def _contents(self, headings: tuple[Line, ...]) -> Element:
        """Write the table of contents and its entries: the page of each is a field."""
        title = {"text:style-name": style_id("contents")}
        levels = [
            _e(
                "text:table-of-content-entry-template",
                {
                    "text:outline-level": str(level),
                    "text:style-name": f"Contents_20_{level}",
                },
                _e("text:index-entry-link-start"),
                _e("text:index-entry-text"),
                _e(
                    "text:index-entry-tab-stop",
                    {"style:type": "right", "style:leader-char": "."},
                ),
                _e("text:index-entry-page-number"),
                _e("text:index-entry-link-end"),
            )
            for level in range(1, CONTENTS_LEVELS + 1)
        ]
        source = _e(
            "text:table-of-content-source",
            {"text:outline-level": str(CONTENTS_LEVELS), "text:use-outline-level": "true"},
            _e("text:index-title-template", title, CONTENTS),
            *levels,
        )
        entries = [self._entry(line) for line in headings]
        heading = _e(
            "text:index-title",
            {"text:name": f"{_OURS}titre-sommaire"},
            _e("text:p", title, CONTENTS),
        )
        return _e(
            "text:table-of-content",
            {"text:name": CONTENTS, "text:protected": "false"},
            source,
            _e("text:index-body", {}, heading, *entries),
        )

    def _entry(self, line: Line) -> Element:
        target = str(line.identifier)
        page = {"text:reference-format": "page", "text:ref-name": target}
        # A link would be blue and underlined otherwise.
        letters = {"fo:color": INK, "style:text-underline-style": "none"}
        style = self._style("sommaire", "text", "style:text-properties", letters)
        return _e(
            "text:p",
            {"text:style-name": f"Contents_20_{line.level}"},
            _e(
                "text:a",
                {"xlink:type": "simple", "xlink:href": f"#{target}"},
                _e(
                    "text:span",
                    {"text:style-name": style},
                    *_texts(plain(line.text)),
                    _e("text:tab"),
                    _e("text:bookmark-ref", page, ""),
                ),
            ),
        )

    def _picture(self, picture: Picture) -> Element:
        """Place a chart as SVG, and as a PNG for what draws no SVG."""
        name = f"{_OURS}{len(self.files) // 2 + 1}"
        svg, png = (f"Pictures/{name}.{kind}" for kind in ("svg", "png"))
        self.files |= {svg: picture.svg.encode(), png: draw_png(picture.svg)}
        width, height = picture.size
        images = [
            _e(
                "draw:image",
                {
                    "xlink:href": href,
                    "xlink:type": "simple",
                    "xlink:show": "embed",
                    "xlink:actuate": "onLoad",
                },
            )
            for href in (svg, png)
        ]
        frame = _e(
            "draw:frame",
            {
                "draw:name": name,
                "text:anchor-type": "as-char",
                "svg:width": f"{width:g}pt",
                "svg:height": f"{height:g}pt",
            },
            *images,
            _e("svg:title", {}, xml_text(picture.chart.caption.title)),
            _e("svg:desc", {}, xml_text(picture.chart.caption.description)),
        )
        return _p("text", frame)

    def _table(self, table: Table) -> Element:
        small = text_size(table) < LOOKS["cell"].size

        def cell(style: Style, place: int, text: str) -> list[Element]:
            name = style_id(style)
            if small or is_right(table, place):
                name = self._cell_style(style, text_size(table), right=is_right(table, place))
            return [_e("text:p", {"text:style-name": name}, *_texts(text))]

        titles = [cell("column", place, column.title) for place, column in enumerate(table.columns)]
        rows = [
            [
                cell(style, place, shown(value, column))
                for place, (value, column) in enumerate(zip(row, table.columns, strict=True))
            ]
            for style, row in _rows(table)
        ]
        return self._columns([titles, *rows], column_widths(table), table.caption, headed=True)

    def _cell_style(self, style: Style, size: float, *, right: bool) -> str:
        name = f"{_OURS}{style}-{size:g}-{'droite' if right else 'gauche'}"
        if name not in self.styles:
            self.styles[name] = _e(
                "style:style",
                {
                    "style:name": name,
                    "style:family": "paragraph",
                    "style:parent-style-name": style_id(style),
                },
                _e("style:paragraph-properties", {"fo:text-align": "end" if right else "start"}),
                _e("style:text-properties", {"fo:font-size": f"{size:g}pt"}),
            )
        return name

    def _figures(self, entries: tuple[tuple[str, Inline], ...]) -> Element:
        cells = [
            [_p("value", *_texts(value)), _p("label", *self._inline(label))]
            for value, label in entries
        ]
        return self._columns([cells], [WIDTH / len(cells)] * len(cells), "Chiffres", headed=False)

    def _columns(
        self, rows: list[list[list[Element]]], widths: list[float], caption: str, *, headed: bool
    ) -> Element:
        """Return a table of cells of paragraphs; if it is headed, by its first row."""
        total = f"{sum(widths):.2f}pt"
        table = self._style(
            f"tableau-{total}",
            "table",
            "style:table-properties",
            {"style:width": total, "table:align": "left"},
        )
        columns = [
            self._style(
                f"colonne-{width:.2f}",
                "table-column",
                "style:table-column-properties",
                {"style:column-width": f"{width:.2f}pt"},
            )
            for width in widths
        ]
        written = [self._row(row, headed=headed, first=n == 0) for n, row in enumerate(rows)]
        head = [_e("table:table-header-rows", {}, written.pop(0))] if headed else []
        return _e(
            "table:table",
            {"table:style-name": table},
            _e("table:title", {}, xml_text(caption)),
            *(_e("table:table-column", {"table:style-name": name}) for name in columns),
            *head,
            *written,
        )

    def _row(self, cells: list[list[Element]], *, headed: bool, first: bool) -> Element:
        side = "bottom" if headed else "top"
        colour = ACCENT if not headed else MUTED if first else RULE
        width = "0.5pt" if headed and not first else "1pt"
        borders = {f"fo:border-{side}": f"{width} solid {colour}", "fo:padding": "3pt"}
        style = self._style(
            f"cellule-{side}-{colour[1:]}", "table-cell", "style:table-cell-properties", borders
        )
        attributes = {"table:style-name": style}
        whole = {"fo:keep-together": "always" if headed else "auto"}
        line = self._style(f"ligne-{side}", "table-row", "style:table-row-properties", whole)
        return _e(
            "table:table-row",
            {"table:style-name": line},
            *(_e("table:table-cell", attributes, *cell) for cell in cells),
        )


def _rows(table: Table) -> Iterator[tuple[Style, tuple[Any, ...]]]:
    yield from (("cell", row) for row in table.rows)
    if table.total:
        yield "column", table.total


# --- elements ------------------------------------------------------------------------------------


def _e(name: str, attributes: dict[str, str] | None = None, *children: Element | str) -> Element:
    """Return an element; texts among its children go where they stand."""
    prefix = name.partition(":")[0]
    element = etree.Element(_q(name), nsmap={prefix: _NAMESPACES[prefix]})
    for key, value in (attributes or {}).items():
        element.set(_q(key), value)
    last = None
    for child in children:
        if not isinstance(child, str):
            element.append(child)
            last = child
        elif last is None:
            element.text = (element.text or "") + child
        else:
            last.tail = (last.tail or "") + child
    return element


def _p(style: Style, *children: Element | str) -> Element:
    return _e("text:p", {"text:style-name": style_id(style)}, *children)


def _texts(text: str) -> list[Element | str]:
    """Write a text as ODF does: marks for its ends of lines, tabulations and runs of spaces."""
    parts: list[Element | str] = []
    for part in re.split(r"(\n|\t|^ +| {2,}| +$)", xml_text(text), flags=re.MULTILINE):
        if part == "\n":
            parts.append(_e("text:line-break"))
        elif part == "\t":
            parts.append(_e("text:tab"))
        elif part and not part.strip(" "):
            parts.append(_e("text:s", {"text:c": str(len(part))}))
        elif part:
            parts.append(part)
    return parts


def _encoded(name: str) -> str:
    """Write a name as ODF does: what is no letter by its number."""
    return "".join(c if c.isalnum() else f"_{ord(c):x}_" for c in name)
