"""`synthese.html`: the document as one self-contained page, readable without a script.

Words, figures and order are the document's, looks the style sheet's; here they meet.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterable

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tasks.report import charts, typography, wording
from tasks.report.characters import unix_lines
from tasks.report.document import Document, Ranking, Section, shown
from tasks.report.finder import Finder

LONG_QUOTE = 700  # characters: a longer quotation is folded

_END_OF_STYLE = re.compile(r"</style", re.IGNORECASE)


class StylesheetError(ValueError):
    """The style sheet would not stay one in a page; the message is a French sentence."""


def render_page(document: Document, finder: Finder, stylesheet: str | None = None) -> str:
    """Write the page; `stylesheet` comes after the page's own, as `check_stylesheet` gives it."""
    script = _source("finder.js")
    styles = [_source("synthese.css"), *([Markup(stylesheet)] if stylesheet else [])]  # noqa: S704 - checked
    return (
        _environment()
        .get_template("synthese.html.jinja")
        .render(
            document=document,
            styles=styles,
            finder=finder,
            script=script,
            policy=content_policy(styles, script, with_fonts=stylesheet is not None),
            cited=_cited(document.sections),
        )
    )


def check_stylesheet(text: str) -> str:
    r"""Return a style sheet as a page can hold it, its lines ended by \n as a browser reads them.

    Raises StylesheetError when it would end its own element.
    """
    if _END_OF_STYLE.search(text):
        raise StylesheetError(
            "la feuille de style contient « </style » : n'y laissez que du CSS, sans balise"
        )
    return unix_lines(text).replace("\0", "\ufffd")


def content_policy(styles: Iterable[str], script: str, *, with_fonts: bool = False) -> str:
    """Allow the page these styles, this script, images and fonts it holds: nothing leaves it."""
    hashes = " ".join(f"'sha256-{_digest(style)}'" for style in styles)
    fonts = ["font-src data:"] if with_fonts else []
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'sha256-{_digest(script)}'",
            f"style-src {hashes}",
            "img-src data:",
            *fonts,
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _cited(sections: Iterable[Section]) -> frozenset[str]:
    """Return the groups that are told in full: those that a link can lead to."""
    rankings = (b for section in sections for b in section.blocks if isinstance(b, Ranking))
    return frozenset(group.group_id for ranking in rankings for group in ranking.groups)


def _kind(value: object) -> str:
    """Name the macro that writes a value: that of its class."""
    return type(value).__name__.lower()


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tasks.report", "templates"),
        extensions=[typography.FrenchProse],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": typography.number,
        "kind": _kind,
        "visible": wording.visible,
        "weight_mark": wording.weight_mark,
    }
    environment.globals |= {
        "beginning": wording.beginning,
        "campaign_part": wording.campaign_part,
        "count": typography.count,
        "cut": wording.cut,
        "extent": wording.extent,
        "letter_chars": wording.LETTER_CHARS,
        "long_quote": LONG_QUOTE,
        "share_bar": charts.share_bar,
        "shown": shown,
        "statement_chars": wording.STATEMENT_CHARS,
        "voices": wording.voices,
        "voices_share": wording.voices_share,
    }
    return environment


@functools.cache
def _source(name: str) -> Markup:
    loader = PackageLoader("tasks.report", "templates")
    source, _, _ = loader.get_source(Environment(autoescape=True), name)
    return Markup(source)  # noqa: S704 - ours, and styles and scripts have no other way in
