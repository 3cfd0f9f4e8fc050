"""The document as a tagged PDF (PDF/UA-1), and its charts as PNG: the same bytes everywhere.

Typst sets it with the fonts it carries, and reads no other file. A character that they lack is
written as a mark, `[U+1F600]`: PDF/UA refuses a glyph that would be missing, so none is lost.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

import typst
from jinja2 import Environment, PackageLoader

from tasks.report.characters import unix_lines
from tasks.report.document import Code, Document, Inline, Link, Strong, Table, shown
from tasks.report.looks import ACCENT, INK, ITEMS, LOOKS, MARGIN, MUTED, PAGE, RAISED, RULE, WIDTH
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
    text_size,
)

_TAGGED: Final = "ua-1"
_PIXELS_PER_INCH: Final = 200
_PANIC: Final = "PanicException"  # of Rust: no Exception, and no module has it

# Of Unicode: controls, formats, surrogates, private, unassigned, separators of lines.
_NO_LETTERS: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

_PROBE: Final = """#set document(title: "-")
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))
#let all = json(bytes(sys.inputs.clusters))
"""
_DRAWING: Final = b"""#set page(width: auto, height: auto, margin: 0pt, fill: white)
#image(bytes(sys.inputs.svg), format: "svg")
"""

Data = dict[str, Any]


class _RefusedError(Exception):
    """Typst does not set this, and says why, or breaks down upon it."""


def write_pdf(document: Document) -> bytes:
    """Write the PDF; its date is none, so that the same document is the same file."""
    data = _data(document)
    clusters = _clusters(_texts(data))
    missing = _undisplayable(clusters)
    try:
        return _written(data, missing)
    except _RefusedError:
        # Some letters can be set alone and not beside others: only the common ones are left.
        return _written(data, missing | {c for c in clusters if not _is_common(c)})


@functools.lru_cache(maxsize=64)
def draw_png(svg: str) -> bytes:
    """Draw a chart for programs that know no SVG."""
    compiler = typst.Compiler(_DRAWING, ignore_system_fonts=True, sys_inputs={"svg": svg})
    png: Any = compiler.compile(format="png", ppi=_PIXELS_PER_INCH)
    return bytes(png)


def _written(data: Data, missing: set[str]) -> bytes:
    return _compile(_source("synthese.typ"), {"document": json.dumps(_marked(data, missing))})


def _compile(source: bytes, inputs: Mapping[str, str]) -> bytes:
    """Set a source. Raises _RefusedError."""
    try:
        compiler = typst.Compiler(source, ignore_system_fonts=True, sys_inputs=dict(inputs))
        pdf: Any = compiler.compile(format="pdf", pdf_standards=[_TAGGED], timestamp=0)
    except typst.TypstError as error:
        raise _RefusedError(error.diagnostic) from error
    except BaseException as error:
        if type(error).__name__ == _PANIC:
            raise _RefusedError("") from error
        raise
    return bytes(pdf)


@functools.cache
def _source(name: str) -> bytes:
    loader = PackageLoader("tasks.report", "templates")
    source, _, _ = loader.get_source(Environment(autoescape=True), name)
    return source.encode()


# --- what the template is given ------------------------------------------------------------------


def _data(document: Document) -> Data:
    return {
        "title": f"{document.title} – {document.subtitle}",
        "author": document.organiser,
        "draft": DRAFT if document.is_draft else None,
        "contents": {"title": CONTENTS, "levels": CONTENTS_LEVELS},
        "page": PAGE,
        "margin": MARGIN,
        "width": WIDTH,
        "colours": {"muted": MUTED, "rule": RULE, "accent": ACCENT, "ink": INK, "raised": RAISED},
        "looks": {style: asdict(look) for style, look in LOOKS.items()},
        "pieces": [_piece(piece) for piece in lay_out(document)],
    }


def _piece(piece: Piece) -> Data:  # noqa: PLR0911 - one answer a kind
    match piece:
        case Line():
            return {"kind": "line"} | _line(piece)
        case Table():
            return {"kind": "table"} | _table(piece)
        case Picture(svg=svg, alternative=alternative):
            return {"kind": "picture", "svg": svg, "alternative": alternative}
        case Figures(entries):
            values = [{"value": value, "label": [_inline(label)]} for value, label in entries]
            return {"kind": "figures", "entries": values}
        case Pair(caption, sides):
            written = [[_line(line) for line in side] for side in sides]
            return {"kind": "pair", "caption": caption, "sides": written}
        case Contents():
            return {"kind": "contents"}
        case PageBreak():
            return {"kind": "break"}


def _line(line: Line) -> Data:
    return {
        "style": line.style,
        "item": line.style in ITEMS,
        "level": line.level,
        "identifier": line.identifier,
        "text": [_inline(part) for part in line.text],
    }


def _inline(part: Inline) -> Data:
    match part:
        case str():
            return {"mark": "plain", "text": part}
        case Strong(text):
            return {"mark": "strong", "text": text}
        case Code(text):
            return {"mark": "code", "text": text}
        case Link(text, target):
            return {"mark": "link", "text": text, "target": target}
        case _:
            return {"mark": "plain", "text": unix_lines(part.text).replace("\t", " ")}


def _table(table: Table) -> Data:
    def cells(row: Iterable[Any]) -> list[str]:
        return [shown(cell, column) for cell, column in zip(row, table.columns, strict=True)]

    return {
        "caption": table.caption,
        "columns": [
            {"title": column.title, "right": is_right(table, place)}
            for place, column in enumerate(table.columns)
        ],
        "size": text_size(table),
        "widths": column_widths(table),
        "rows": [cells(row) for row in table.rows],
        "total": cells(table.total) if table.total else None,
    }


# --- what its fonts can show ---------------------------------------------------------------------


def _texts(data: Any) -> str:
    """Return every text of the data, one after the other."""
    match data:
        case str():
            return data
        case dict():
            return "\n".join(_texts(value) for value in data.values())
        case list() | tuple():
            return "\n".join(_texts(value) for value in data)
        case _:
            return ""


def _clusters(text: str) -> list[str]:
    """Return each letter of a text once, with the marks that are drawn upon it."""
    marks = "".join(sorted(c for c in set(text) if unicodedata.category(c).startswith("M")))
    if not marks:
        return sorted(set(text) - {"\n"})
    return sorted(set(re.findall(f".[{re.escape(marks)}]*", text)))


def _undisplayable(clusters: list[str]) -> set[str]:
    """Return those that the fonts lack: each is set on a line of its own, which an error names.

    Where it names none, all that are not common.
    """
    found = {cluster for cluster in clusters if _is_unwritable(cluster)}
    while True:
        asked = [cluster for cluster in clusters if cluster not in found]
        calls = (
            f'#text(all.at({place})) #text(weight: "bold", all.at({place}))\n\n'
            for place in range(len(asked))
        )
        try:
            _compile((_PROBE + "".join(calls)).encode(), {"clusters": json.dumps(asked)})
        except _RefusedError as error:
            first = _PROBE.count("\n") + 1
            lines = {int(line) for line in re.findall(r"\.typ:(\d+):\d+", str(error))}
            refused = {asked[(line - first) // 2] for line in lines if line >= first}
            found |= refused or {cluster for cluster in asked if not _is_common(cluster)}
            if not found.intersection(asked):
                raise
        else:
            return found


def _is_common(cluster: str) -> bool:
    """Whether it is one letter of Latin, Greek or Cyrillic, or a sign that texts have."""
    return len(cluster) == 1 and (cluster < "\u0530" or "\u2000" <= cluster < "\u2600")


def _is_unwritable(cluster: str) -> bool:
    """Whether a part of it is no letter: a surrogate, a control, what turns the text around.

    Readers see none of these, and typst may refuse them in one place and not in another.
    """
    return any(unicodedata.category(c) in _NO_LETTERS for c in cluster)


def _marked(data: Any, missing: set[str]) -> Any:
    """Return the data with a mark for each letter that is missing, longest first."""
    if not missing:
        return data
    pattern = re.compile("|".join(map(re.escape, sorted(missing, key=len, reverse=True))))
    return _replaced(data, pattern)


def _replaced(data: Any, pattern: re.Pattern[str]) -> Any:
    match data:
        case str():
            return pattern.sub(_mark, data)
        case dict():
            return {name: _replaced(value, pattern) for name, value in data.items()}
        case list() | tuple():
            return [_replaced(value, pattern) for value in data]
        case _:
            return data


def _mark(match: re.Match[str]) -> str:
    return "".join(f"[U+{ord(c):04X}]" for c in match[0])
