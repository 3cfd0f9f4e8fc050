"""A document as values: sections of blocks, written by each format in its own way.

The words, tables and figures of the synthesis are said once, in `tasks.report.sections`; the page
and the office documents only lay them out. Our prose is typographied when it is read, citizens'
words never.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from tasks.report.charts import Chart
from tasks.report.model import Group
from tasks.report.typography import date_fr, french, measure, number, share

# --- what a line of text is made of --------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """A citizen's own words, printed as they are."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Words of ours that count more."""

    text: str


@dataclass(frozen=True)
class Code:
    """An identifier, a file or a command."""

    text: str


@dataclass(frozen=True)
class Link:
    """Words of ours that lead to a section or a group of the same document, by its identifier."""

    text: str
    target: str


Inline = str | Words | Strong | Code | Link
Prose = tuple[Inline, ...]

_MARKS: Final = re.compile(r"\*\*(.+?)\*\*|`(.+?)`|\[(.+?)\]\(#(.+?)\)|\{(\w+)\}")


def prose(template: str, values: Mapping[str, Inline] | None = None) -> Prose:
    """Read a sentence of ours: `**strong**`, `` `code` ``, `[link](#target)`, `{value}`.

    Values are put in as they are, whatever they hold; in a mark they must be texts.
    """
    values = values or {}
    parts: list[Inline] = []
    end = 0
    for match in _MARKS.finditer(template):
        parts.append(french(template[end : match.start()]))
        strong, code, link, target, name = match.groups()
        if name:
            parts.append(values[name])
        elif strong:
            parts.append(Strong(_filled(french(strong), values)))
        elif code:
            parts.append(Code(_filled(code, values)))
        else:
            parts.append(Link(_filled(french(link), values), _filled(target, values)))
        end = match.end()
    parts.append(french(template[end:]))
    return tuple(part for part in parts if part != "")


def _filled(text: str, values: Mapping[str, Inline]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), text)


# --- tables: one model for every format ----------------------------------------------------------

Cell = str | int | float | date | Words | None
CellKind = Literal["text", "count", "share", "measure", "day"]

_SHOWN: Final = {"count": number, "share": share, "measure": measure, "day": date_fr}


@dataclass(frozen=True)
class Column:
    """A column: its title, and how its values are written."""

    title: str
    kind: CellKind = "count"


@dataclass(frozen=True)
class Table:
    """Rows of values under a caption; the first cell of a row is its heading.

    `total` is a last row that sums the others. `identifier` is unique in the document.
    """

    identifier: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None

    def __post_init__(self) -> None:
        rows = (*self.rows, *([self.total] if self.total else []))
        if any(len(row) != len(self.columns) for row in rows):
            raise ValueError(f"table {self.identifier}: a row has not one cell a column")


def shown(cell: Cell, column: Column) -> str:
    """Return what a reader sees of a cell; nothing known is a dash."""
    match cell:
        case None:
            return "–"
        case Words(text):
            return text
        case str():
            return cell
        case _:
            write: Any = _SHOWN[column.kind]
            return str(write(cell))


# --- blocks --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: plain, an aside (`note`), what is missing (`empty`), what counts (`lead`)."""

    text: Prose
    style: Literal["plain", "note", "empty", "lead"] = "plain"


@dataclass(frozen=True)
class Heading:
    """A heading within a section, of level 3 or 4; the identifier is what links lead to."""

    text: Prose
    level: Literal[3, 4] = 3
    identifier: str | None = None


@dataclass(frozen=True)
class Items:
    """A list without order."""

    entries: tuple[Prose, ...]


@dataclass(frozen=True)
class Term:
    """A word explained."""

    name: str
    meaning: Prose
    details: tuple[Prose, ...] = ()


@dataclass(frozen=True)
class Terms:
    """A glossary."""

    entries: tuple[Term, ...]


@dataclass(frozen=True)
class KeyFigure:
    """A count and what it counts; `target` is the part of the document that decomposes it."""

    value: int
    label: str
    target: str | None = None


@dataclass(frozen=True)
class KeyFigures:
    """Figures set out one beside the other; of less weight where `small`."""

    entries: tuple[KeyFigure, ...]
    small: bool = False


@dataclass(frozen=True)
class Legend:
    """What a mark of a chart stands for: the class it is drawn with, and its meaning."""

    mark: str
    meaning: str


@dataclass(frozen=True)
class Drawing:
    """A chart, its legend, and the table behind it that says the same."""

    chart: Chart
    table: Table
    legend: tuple[Legend, ...] = ()


@dataclass(frozen=True)
class Essential:
    """A theme's strongest groups, in a few lines; `theme` is the identifier of its section."""

    theme: str
    title: str
    note: str
    propositions: tuple[Group, ...]
    constats: tuple[Group, ...]


@dataclass(frozen=True)
class Ranking:
    """Groups by rank with their counts, weight and words; `others` more are in the tables."""

    kind: Literal["constat", "proposition"]
    groups: tuple[Group, ...]
    others: int = 0


@dataclass(frozen=True)
class Contrast:
    """Two groups that say the contrary of one another, to be read side by side."""

    one: Group
    other: Group


@dataclass(frozen=True)
class Quotation:
    """A citizen's text, its name and where it is from."""

    title: str
    words: str
    source: Prose
    identifier: str


Block = (
    Paragraph
    | Heading
    | Items
    | Terms
    | KeyFigures
    | Drawing
    | Table
    | Essential
    | Ranking
    | Contrast
    | Quotation
)


@dataclass(frozen=True)
class Section:
    """A part of the document.

    `eyebrow` is a word above its title, `short_title` what a table of contents calls it.
    """

    identifier: str
    title: str
    blocks: tuple[Block, ...]
    eyebrow: str | None = None
    short_title: str | None = None


@dataclass(frozen=True)
class Letter:
    """The letter to whom the synthesis is addressed, its signature left to be filled in."""

    sender: str
    addressee: str
    place_and_date: str
    subject: Prose
    paragraphs: tuple[Prose, ...]
    signature: str
    enclosed: str


@dataclass(frozen=True)
class Document:
    """The whole synthesis, for any format.

    `state` says where it stands (brouillon, validée, transmise), `facts` what it is; `annexes`
    come after the sections. A draft must show on every page that it is one.
    """

    title: str
    subtitle: str
    organiser: str
    state: Prose
    is_draft: bool
    facts: tuple[Term, ...]
    letter: Letter
    sections: tuple[Section, ...]
    annexes: tuple[Section, ...]
