"""How the printed document looks: a page, a few colours, a style for each sort of line.

The three formats take it from here. In the office formats the styles have these names, those that
an office suite already knows where there is one: the administration changes them in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

# An A4 page, in points.
PAGE: Final = (595.28, 841.89)
MARGIN: Final = 68.0
WIDTH: Final = PAGE[0] - 2 * MARGIN

INK: Final = "#1d2221"
MUTED: Final = "#59605d"
RULE: Final = "#c9c6bd"
ACCENT: Final = "#17605a"
RAISED: Final = "#f2f0ea"

Side = Literal["left", "right"]
Style = Literal[
    "organiser",
    "title",
    "subtitle",
    "state",
    "fact",
    "sender",
    "addressee",
    "dateline",
    "subject",
    "letter",
    "signature",
    "enclosed",
    "minor",
    "eyebrow",
    "text",
    "note",
    "empty",
    "lead",
    "intro",
    "item",
    "point",
    "term",
    "meaning",
    "facts",
    "quotation",
    "source",
    "caption",
    "cell",
    "column",
    "value",
    "label",
    "contents",
    "draft",
    "running",
    "heading-1",
    "heading-2",
    "heading-3",
    "heading-4",
]


@dataclass(frozen=True)
class Look:
    """A paragraph style; lengths are in points.

    `keep` holds it with the paragraph that follows. `rule` is the colour of a line on its left.
    """

    name: str
    size: float = 10.5
    colour: str = INK
    bold: bool = False
    before: float = 0
    after: float = 5
    indent: float = 0
    keep: bool = False
    rule: str | None = None
    shade: str | None = None


ITEMS: Final[frozenset[Style]] = frozenset({"item", "point"})  # those that are of a list

_HALF: Final = WIDTH / 2

LOOKS: Final[dict[Style, Look]] = {
    "text": Look("Text body", after=7),
    "title": Look("Title", 24, bold=True, before=4, after=8),
    "subtitle": Look("Subtitle", 14, ACCENT, after=16),
    "heading-1": Look("Heading 1", 17, ACCENT, bold=True, before=28, after=12, keep=True),
    "heading-2": Look("Heading 2", 13, ACCENT, bold=True, before=18, after=7, keep=True),
    "heading-3": Look("Heading 3", 11, bold=True, before=13, after=4, keep=True),
    "heading-4": Look("Heading 4", 10.5, bold=True, before=12, after=4, keep=True),
    "intro": Look("Assises introduction", after=7, keep=True),
    "item": Look("List Bullet", after=3, indent=14),
    "point": Look("List Bullet 2", 9.5, after=1, indent=14),
    "quotation": Look("Quotations", before=3, after=3, indent=10, keep=True, rule=RULE),
    "caption": Look("Caption", 9, MUTED, before=10, after=4, keep=True),
    "cell": Look("Table Contents", 8.6, after=0),
    "column": Look("Table Heading", 8.6, bold=True, after=0),
    "organiser": Look("Assises organisateur", 10.5, MUTED, before=34, after=4),
    "state": Look("Assises état", before=0, after=10, indent=9, rule=ACCENT, shade=RAISED),
    "fact": Look("Assises repère", after=3),
    "sender": Look("Assises expéditeur", 12, bold=True, after=24),
    "dateline": Look("Assises date", after=24, indent=_HALF),
    "addressee": Look("Assises destinataire", after=48, indent=_HALF),
    "subject": Look("Assises objet", after=22),
    "letter": Look("Assises lettre", after=10),
    "signature": Look("Assises signature", before=44, after=2, indent=_HALF),
    "enclosed": Look("Assises pièces jointes", 9.5, MUTED, before=72),
    "minor": Look("Assises intertitre", bold=True, before=9, after=1, keep=True),
    "eyebrow": Look("Assises surtitre", 9, MUTED, before=2, after=1, keep=True),
    "note": Look("Assises note", 9.5, MUTED, before=4, after=7),
    "empty": Look("Assises rien", colour=MUTED, before=4, after=8, indent=6, shade=RAISED),
    "lead": Look("Assises accroche", bold=True, before=4, after=10, indent=6, shade=RAISED),
    "term": Look("Assises terme", bold=True, before=9, after=2, keep=True),
    "meaning": Look("Assises définition", after=4),
    "facts": Look("Assises poids", 9.5, before=1, after=3, keep=True),
    "source": Look("Assises source", 8.5, MUTED, before=2, after=8, indent=10),
    "value": Look("Assises chiffre", 17, bold=True, after=0, keep=True),
    "label": Look("Assises libellé", 9, MUTED, after=8),
    "contents": Look("Contents Heading", 13, ACCENT, bold=True, before=22, after=8, keep=True),
    "draft": Look("Assises brouillon", 8.5, bold=True, after=0),
    "running": Look("Assises page", 8.5, MUTED, after=0),
}
