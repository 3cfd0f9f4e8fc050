"""SVG charts drawn without a browser: numbers in, markup out.

In a page, widths are percentages and heights are em: labels keep the size of the page's text on a
telephone and at any zoom, and colours are the page's, by class: both colour schemes work. On paper
a chart has the size and the colours of ink. The same numbers are always in a table behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from tasks.report.typography import SHORT_MONTHS, number

LABEL_CHARS = 40  # of a bar's label, in the width of a telephone

_PAPER_POINTS: Final = 8.5  # the size of a chart's letters on paper
# Contrasts hold in grey too. The fonts are those that some office suite, or the PDF, always has.
_PAPER_STYLE: Final = Markup("""
text { font-family: Arial, "Liberation Sans", "Libertinus Serif"; font-size: 8.5px; fill: #1d2221; }
.solid { fill: #17605a; }
.hollow { fill: #dcebe8; stroke: #17605a; stroke-width: 0.75; }
.axis { stroke: #59605d; stroke-width: 0.75; }
.tick, .month { fill: #59605d; }
.inside { fill: #ffffff; }
.value { font-weight: bold; }
.land { fill: #f2f0ea; stroke: #d8d5cc; stroke-width: 1; }
.shown { fill: #dcebe8; stroke: #59605d; stroke-width: 1; }
.border { fill: none; stroke: #59605d; stroke-width: 2; }
.disc { fill: #17605a; fill-opacity: .8; stroke: #ffffff; stroke-width: 1; }
.place { font-size: 22px; font-weight: bold; }
""")
_RELATIVE: Final = re.compile(r'="(-?[\d.]+)(%|em)"')


@dataclass(frozen=True)
class Caption:
    """What a chart says to those who do not see it; `identifier` is unique in the page."""

    identifier: str
    title: str
    description: str


@dataclass(frozen=True)
class Column:
    """A day: what counts, and what comes on top of it, drawn hollow."""

    day: date
    value: int
    rest: int = 0

    @property
    def total(self) -> int:
        """Height of the whole column."""
        return self.value + self.rest


@dataclass(frozen=True)
class Bar:
    """A line of a bar chart: what counts, of which `hollow` is drawn hollow."""

    label: str
    value: int
    hollow: int = 0


@dataclass(frozen=True)
class Chart:
    """A drawing: widths in percent, heights in em, colours by class."""

    kind: str
    height_em: float
    caption: Caption
    parts: tuple[Markup, ...]

    def in_page(self) -> Markup:
        """Write it for a page, whose style sheet colours it and whose text it is as large as."""
        return Markup(
            '<svg class="chart {kind}" role="img" width="100%" height="{height}em" '
            'aria-labelledby="{id}-title {id}-desc">\n'
            '<title id="{id}-title">{title}</title><desc id="{id}-desc">{description}</desc>\n'
            "{parts}\n</svg>"
        ).format(
            kind=self.kind,
            height=_n(self.height_em),
            id=self.caption.identifier,
            title=self.caption.title,
            description=self.caption.description,
            parts=Markup("\n").join(self.parts),
        )

    def alone(self, width: float, legend: Sequence[tuple[str, str]] = ()) -> str:
        """Write it as a file of its own, so many points wide; its size is in its first tag.

        The legend, classes and what they stand for, is drawn under it, a line each.
        """
        drawn = Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
            'viewBox="0 0 {width} {height}">\n'
            "<title>{title}</title><desc>{description}</desc><style>{style}</style>\n"
            "{parts}\n</svg>"
        ).format(
            width=_n(width),
            height=_n(self.height_alone(len(legend))),
            title=self.caption.title,
            description=self.caption.description,
            style=_PAPER_STYLE,
            parts=Markup("\n").join((*self.parts, *_legend(legend, self.height_em))),
        )
        return _RELATIVE.sub(lambda length: f'="{_points(length, width)}"', drawn)

    def height_alone(self, legend_lines: int = 0) -> float:
        """Return the height of the file of its own, in points."""
        under = 1.8 * legend_lines + 0.6 if legend_lines else 0
        return (self.height_em + under) * _PAPER_POINTS


def columns(days: Sequence[Column], caption: Caption, plot_em: float = 11) -> Chart:
    """Draw a column a day; numbers that would not fit in a narrow page have the class `dense`."""
    top = max((day.total for day in days), default=0) or 1
    baseline = 1.6 + plot_em
    parts: list[Markup] = []
    for place, day in enumerate(days):
        left, width = _slot(place, len(days))
        solid, hollow = (plot_em * part / top for part in (day.value, day.rest))
        if day.rest:
            parts.append(_rect("hollow", left, baseline - solid - hollow, width, hollow))
        if day.value:
            parts.append(_rect("solid", left, baseline - solid, width, solid))
    parts.append(
        Markup('<line class="axis" x1="0" x2="100%" y1="{0}em" y2="{0}em"/>').format(_n(baseline))
    )
    parts.extend(_column_values(days, top, baseline, plot_em))
    parts.extend(_day_ticks([day.day for day in days], baseline))
    return Chart("columns", baseline + 3, caption, tuple(parts))


def bars(rows: Sequence[Bar], caption: Caption) -> Chart:
    """Draw a line of text and a bar under it for each row."""
    top = max((row.value for row in rows), default=0) or 1
    parts: list[Markup] = []
    for place, row in enumerate(rows):
        line = 3.4 * place + 1.1
        solid = 100 * (row.value - row.hollow) / top
        parts.append(_text("label", "start", 0, line, _shorten(row.label)))
        parts.append(_text("value", "end", 100, line, number(row.value)))
        if row.value > row.hollow:
            parts.append(_rect("solid", 0, line + 0.5, solid, 0.9))
        if row.hollow:
            parts.append(_rect("hollow", solid, line + 0.5, 100 * row.hollow / top, 0.9))
    return Chart("bars", 3.4 * len(rows), caption, tuple(parts))


def share_bar(part: float) -> Markup:
    """Draw a thin bar of a share of 1, for eyes only: the share stands beside it in words."""
    return Markup(
        '<svg class="share" width="100%" height="4" aria-hidden="true" focusable="false">'
        '<rect class="track" y="3" width="100%" height="1"/>'
        '<rect class="solid" width="{}%" height="4"/></svg>'
    ).format(_n(100 * part))


def _legend(entries: Sequence[tuple[str, str]], top: float) -> Iterator[Markup]:
    for place, (mark, meaning) in enumerate(entries):
        line = top + 1.8 * (place + 1)
        yield Markup('<rect class="{}" x="0" y="{}em" width="1em" height="1em"/>').format(
            mark, _n(line - 0.85)
        )
        yield Markup('<text x="1.6em" y="{}em">{}</text>').format(_n(line), meaning)


def _points(length: re.Match[str], width: float) -> str:
    """Return a relative length in points: not every program that reads SVG knows the others."""
    value, unit = float(length[1]), length[2]
    return _n(value * (width / 100 if unit == "%" else _PAPER_POINTS))


def _slot(place: int, slots: int) -> tuple[float, float]:
    """Left edge and width of a column, in percent, a quarter of its slot left empty."""
    slot = 100 / slots
    return (place + 0.125) * slot, 0.75 * slot


def _middle(place: int, slots: int) -> float:
    return (place + 0.5) * 100 / slots


def _column_values(
    days: Sequence[Column], top: int, baseline: float, plot_em: float
) -> Iterator[Markup]:
    """Write totals over columns, and the solid part inside it where it is high enough.

    A digit is about 0.6 em: 24 of them fit across a telephone, 72 across a desk.
    """
    digits = len(days) * len(str(top))
    highest = next((place for place, day in enumerate(days) if day.total == top), None)
    for place, day in enumerate(days):
        if not day.total or (digits > 72 and place != highest):
            continue
        narrow = " dense" if digits > 24 and place != highest else ""
        x = _middle(place, len(days))
        y = baseline - plot_em * day.total / top - 0.35
        yield _text(f"value{narrow}", "middle", x, y, number(day.total))
        height = plot_em * day.value / top
        if day.rest and height > 1.4 and digits <= 72:
            yield _text(
                f"inside{' dense' if digits > 24 else ''}",
                "middle",
                x,
                baseline - height + 1.1,
                number(day.value),
            )


def _day_ticks(days: Sequence[date], baseline: float) -> Iterator[Markup]:
    """Write day numbers, as many as fit, and under them each month where it begins."""
    wide = max(1, -(-len(days) // 31))
    narrow = wide * -(-len(days) // (wide * 12))
    month_end = -100.0
    for place, day in enumerate(days):
        x = _middle(place, len(days))
        if place % wide == 0:
            name = "tick dense" if place % narrow else "tick"
            yield _text(name, "middle", x, baseline + 1.2, str(day.day))
        if (place == 0 or day.day == 1) and x - month_end > 14:
            month_end = x
            left = 100 * place / len(days)
            anchor, at = ("end", 100.0) if left > 85 else ("start", left)
            yield _text("month", anchor, at, baseline + 2.5, SHORT_MONTHS[day.month - 1])


def _shorten(label: str) -> str:
    return label if len(label) <= LABEL_CHARS else label[: LABEL_CHARS - 1].rstrip() + "…"


def _rect(name: str, x: float, y: float, width: float, height: float) -> Markup:
    return Markup('<rect class="{}" x="{}%" y="{}em" width="{}%" height="{}em"/>').format(
        name, _n(x), _n(y), _n(width), _n(height)
    )


def _text(name: str, anchor: str, x: float, y: float, words: str) -> Markup:
    return Markup('<text class="{}" text-anchor="{}" x="{}%" y="{}em">{}</text>').format(
        name, anchor, _n(x), _n(y), words
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
