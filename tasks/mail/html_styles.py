"""What a reader of HTML sees: elements hidden by attribute, by style or by style sheet.

Nothing is laid out: each rule is one by which mail hides words from people, not from programs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape

Colour = tuple[int, int, int]

_MAX_SHEET_CHARS = 200_000
_MAX_STYLE_CHARS = 2_000
_STYLE = re.compile(r"\bstyle\s*=\s*(?:\"([^\"]*)|'([^']*)|([^\s\"'>]+))", re.IGNORECASE)
_NAMES = re.compile(
    r"(?<![\w-])(class|id)\s*=\s*(?:\"([^\"]*)|'([^']*)|([^\s\"'>]+))", re.IGNORECASE
)
_HIDDEN_ATTRIBUTE = re.compile(r"(?:^|[\s\"'])hidden(?=\s|=|/|$)", re.IGNORECASE)
_COLOUR_ATTRIBUTE = re.compile(
    r"(?<![\w-])(bgcolor|background|color)\s*=\s*[\"']?([^\"'\s>]{1,200})", re.IGNORECASE
)
_CSS_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)")
_MEDIA = re.compile(r"@[^{};@]*+\{(?:[^{}]*+\{[^{}]*+\})*+[^{}]*+\}")
_SIMPLE_SELECTOR = re.compile(r"\w*([.#][\w-]+)")
_SHEET = re.compile(r"<style\b[^<>]*+>(.*?)(?:</style\b|\Z)", re.DOTALL | re.IGNORECASE)
_GONE = re.compile(
    r"(?<![\w-])(?:opacity:(?:0+(?:\.0*)?|\.0+)(?![\d.])|mso-hide:all"
    r"|text-indent:-(?:[5-9]\d\d|\d{4,})"
    r"|(?:left|top|margin-left|margin-top):-\d{4,}px|clip:rect\(0|transform:scale\(0[,)])"
)
_NO_SIZE = re.compile(r"(?<![\w-])(?:max-)?(?:height|width):[01](?:px|pt)?(?=;|!|$)")
_DISPLAY = re.compile(r"(?<![\w-])display:([\w-]+)")
_VISIBILITY = re.compile(r"(?<![\w-])visibility:(\w+)")
_FONT_SIZE = re.compile(r"(?<![\w-])font(?:-size)?:[^;\d.]*+(\d*\.?\d+)(px|pt|r?em|%)?")
_COLOUR = re.compile(r"(?<![\w-])(color|background(?:-color)?):([^;]+)")
_WHITE_SPACE = re.compile(r"(?<![\w-])white-space:(\w+)")
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})(?:[0-9a-f]{2}|[0-9a-f])?(?=\s|$)")
_RGB = re.compile(r"rgba?\((\d{1,3})[ ,]+(\d{1,3})[ ,]+(\d{1,3})(?:[ ,/]+([\d.]+))?\)")
_TELLING = re.compile(r"style|color|hidden|background", re.IGNORECASE)
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_SEEN_DIFFERENCE = 8  # of a channel: two colours nearer than this are one to the eye
_SMALLEST = {"px": 1.0, "pt": 1.0, "em": 0.1, "rem": 0.1, "%": 10.0}


@dataclass(frozen=True, slots=True)
class Look:
    """How the words of an element look; an element inside inherits it and may change it.

    A colour that is None is not known: words in it, or on it, count as seen.
    """

    is_gone: bool = False
    is_invisible: bool = False
    is_tiny: bool = False
    is_preformatted: bool = False
    colour: Colour | None = None
    background: Colour | None = _WHITE

    @property
    def is_hidden(self) -> bool:
        """Tell words that no reader sees."""
        return self.is_gone or self.is_invisible or self.is_tiny or self._is_camouflaged

    @property
    def _is_camouflaged(self) -> bool:
        if self.colour is None or self.background is None:
            return False
        channels = zip(self.colour, self.background, strict=True)
        return all(abs(one - other) < _SEEN_DIFFERENCE for one, other in channels)


class StyleSheets:
    """The rules of a page that bear on what is seen, by class or identifier."""

    def __init__(self, html: str) -> None:
        self.rules: dict[str, str] = {}
        self.has_colours = False
        if "<style" in html or "<STYLE" in html:
            sheets = "\n".join(_SHEET.findall(html))[:_MAX_SHEET_CHARS]
            self._read(_MEDIA.sub("", _CSS_COMMENT.sub("", sheets)))

    def _read(self, css: str) -> None:
        for rule in css.split("}"):
            selectors, _, written = rule.partition("{")
            style = _plain(written)
            look = _restyled(Look(), style)
            self.has_colours |= look.background != _WHITE
            if look.is_hidden:
                for selector in selectors.split(","):
                    if name := _SIMPLE_SELECTOR.fullmatch(selector.strip()):
                        self.rules[name[1]] = style

    def first_look(self) -> Look:
        """Give the look of a page; where sheets paint it, its background is not known."""
        return Look(background=None if self.has_colours else _WHITE)

    def look_of(self, attributes: str, outer: Look) -> Look:
        """Give the look of an element inside another."""
        style = self._rules_for(attributes) if self.rules else ""
        if _TELLING.search(attributes):
            others = _STYLE.sub("", attributes)
            style = f"{_painted(others)};{style}"
            if own := _STYLE.search(attributes):
                style = f"{style};{_plain(unescape(own[1] or own[2] or own[3] or ''))}"
            if _HIDDEN_ATTRIBUTE.search(others):
                style = f"{style};display:none"
        return _restyled(outer, style.strip(";")) if style else outer

    def _rules_for(self, attributes: str) -> str:
        names = [
            ("." if kind.lower() == "class" else "#") + name
            for kind, *values in _NAMES.findall(attributes)
            for name in "".join(values).split()
        ]
        return ";".join(self.rules[name] for name in names if name in self.rules)


def _painted(attributes: str) -> str:
    """Write the colours that attributes give as declarations."""
    styles = {"color": "color:", "bgcolor": "background:", "background": "background:url("}
    return ";".join(
        styles[name.lower()] + value.lower()
        for name, value in _COLOUR_ATTRIBUTE.findall(attributes)
    )


def _plain(style: str) -> str:
    """Write declarations without comments, capitals or needless spaces."""
    style = _CSS_COMMENT.sub("", style[:_MAX_STYLE_CHARS]).lower()
    return re.sub(r"\s*([:;,(])\s*", r"\1", style).replace("!important", "").strip()


@lru_cache(maxsize=2048)
def _restyled(outer: Look, style: str) -> Look:
    look = outer
    displays = _DISPLAY.findall(style)
    is_boxed_away = "overflow:hidden" in style and _NO_SIZE.search(style)
    if displays[-1:] == ["none"] or is_boxed_away or _GONE.search(style):
        look = replace(look, is_gone=True)
    if shown := _VISIBILITY.search(style):
        look = replace(look, is_invisible=shown[1] in ("hidden", "collapse"))
    if size := _FONT_SIZE.search(style):
        look = replace(look, is_tiny=float(size[1]) <= _SMALLEST.get(size[2], 0.0))
    if spaces := _WHITE_SPACE.search(style):
        look = replace(look, is_preformatted=spaces[1] == "pre")
    if "color" in style or "background" in style:
        look = _recoloured(look, style)
    return look


def _recoloured(look: Look, style: str) -> Look:
    for name, value in _COLOUR.findall(style):
        if value in ("inherit", "unset", "currentcolor"):
            continue
        colour, is_clear = _read_colour(value)
        if name == "color":
            look = replace(look, colour=look.background if is_clear else colour)
        elif not is_clear:
            look = replace(look, background=colour)
    return look


def _read_colour(value: str) -> tuple[Colour | None, bool]:
    """Read a colour; None when it is not a plain one. The second value: nothing is painted."""
    if "url(" in value or "gradient" in value:
        return None, False
    word = value.partition(" ")[0]
    if word in ("white", "black"):
        return (_WHITE if word == "white" else _BLACK), False
    if found := _HEX.match(value):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)), False
    if found := _RGB.match(value):
        return (int(found[1]), int(found[2]), int(found[3])), found[4] in ("0", "0.0", ".0")
    return None, word in ("transparent", "none", "initial")
