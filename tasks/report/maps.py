"""The map of the communes: where contributors write from, drawn without a browser.

A count is a surface and, where its letters have room, a number: never a colour alone. The drawing
has units of its own (WIDTH across) and scales as a whole; the style sheet makes letters larger on a
telephone, and shows only the names there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from tasks.report.charts import Caption, Chart
from tasks.report.model import Commune
from tasks.report.outlines import WIDTH, Line, Outlines, Point, middle
from tasks.report.typography import FINE, count, listing, number

HEIGHT_EM: Final = 40
MARGIN: Final = (
    20  # around the department, in units as all that follows: a disc may pass its border
)
LARGEST: Final = 34  # radius of a disc
LETTER: Final = 22  # height of a label's letters
LARGE_LETTER: Final = 40  # on a telephone, by the style sheet
NAMED: Final = 6  # communes whose names are written

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Disc:
    commune: Commune
    centre: Point
    radius: float


def map_of_communes(outlines: Outlines, communes: Sequence[Commune]) -> Chart:
    """Draw a disc on each commune, its surface the contributors; the first are named.

    Communes that are not given are drawn alike, whether or not anybody writes from them.
    """
    ranked = sorted(communes, key=lambda c: (-c.contributor_count, c.name))
    placed = [commune for commune in ranked if commune.code in outlines.communes]
    discs = [
        _Disc(
            commune,
            middle(outlines.communes[commune.code]),
            LARGEST * math.sqrt(commune.contributor_count / placed[0].contributor_count),
        )
        for commune in placed
    ]
    every_ring = [ring for rings in outlines.communes.values() for ring in rings]
    parts = [
        _path("land", every_ring),
        *(_titled(c, _path("shown", outlines.communes[c.code])) for c in placed),
        _path("border", outlines.border),
        *(_titled(disc.commune, _circle(disc)) for disc in discs),
        *_labels(discs),
    ]
    drawing = Markup(
        '<svg viewBox="{0} {0} {1} {2}" width="100%" height="{3}em">\n{4}\n</svg>'
    ).format(
        -MARGIN,
        WIDTH + 2 * MARGIN,
        outlines.height + 2 * MARGIN,
        HEIGHT_EM,
        Markup("\n").join(parts),
    )
    return Chart("map", HEIGHT_EM, _caption(placed), (drawing,))


def _caption(ranked: Sequence[Commune]) -> Caption:
    most = [f"{c.name}{FINE}: {number(c.contributor_count)}" for c in ranked[:NAMED]]
    return Caption(
        "chart-commune",
        "Contributeurs par commune, sur une carte du département",
        f"Les communes de plus de contributeurs : {listing(most)}." if most else "Aucune montrée.",
    )


def _path(name: str, lines: Iterable[Line]) -> Markup:
    """Draw lines in whole units, each point as a step from the one before: few characters."""
    drawn = []
    for line in lines:
        points = [(round(x), round(y)) for x, y in line]
        steps = [
            f"{x - x0} {y - y0}" for (x0, y0), (x, y) in pairwise(points) if (x, y) != (x0, y0)
        ]
        if steps:
            drawn.append(f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}".replace(" -", "-"))
    return Markup('<path class="{}" d="{}"/>').format(name, "".join(drawn))


def _circle(disc: _Disc) -> Markup:
    x, y = disc.centre
    return Markup('<circle class="disc" cx="{:.0f}" cy="{:.0f}" r="{:.1f}"/>').format(
        x, y, disc.radius
    )


def _titled(commune: Commune, drawn: Markup) -> Markup:
    said = f"{commune.name}{FINE}: {count(commune.contributor_count, 'contributeur')}"
    return Markup("<g><title>{}</title>{}</g>").format(said, drawn)


def _labels(discs: Sequence[_Disc]) -> Iterator[Markup]:
    """Write the first names by their discs, and all other numbers where letters have room.

    No label stands on another, nor on another's disc. Names have room for the large letters of a
    telephone.
    """
    taken: list[Box] = []
    for place, disc in enumerate(discs):
        others = [other for other in discs if other is not disc]
        figure = number(disc.commune.contributor_count)
        tries = [(f"{disc.commune.name} {figure}", LARGE_LETTER, "place")] if place < NAMED else []
        for words, letter, name in (*tries, (figure, LETTER, "place dense")):
            free = (
                (x, y, box)
                for x, y, box in _label_places(disc, 0.28 * letter * len(words), letter)
                if not any(_overlap(box, label) for label in taken)
                and not any(_covers(other, box) for other in others)
            )
            if found := next(free, None):
                x, y, box = found
                taken.append(box)
                yield Markup(
                    '<text class="{}" text-anchor="middle" font-size="{}" x="{:.0f}" y="{:.0f}">'
                    "{}</text>"
                ).format(name, LETTER, x, y, words)
                break


def _label_places(disc: _Disc, half: float, letter: int) -> Iterator[tuple[float, float, Box]]:
    """Yield where a label may stand: over its disc, under it, on its right, on its left.

    Each is the middle of the label's foot, within the drawing, and the room that it takes.
    """
    x, y = disc.centre
    gap = 0.2 * LETTER
    beside = disc.radius + gap + half
    for middle_x, foot in (
        (min(max(x, half), WIDTH - half), y - disc.radius - gap),
        (min(max(x, half), WIDTH - half), y + disc.radius + gap + 0.8 * letter),
        (x + beside, y + 0.3 * letter),
        (x - beside, y + 0.3 * letter),
    ):
        box = (middle_x - half, foot - 0.8 * letter, middle_x + half, foot + 0.2 * letter)
        if box[0] >= 0 and box[2] <= WIDTH:
            yield middle_x, foot, box


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _covers(disc: _Disc, box: Box) -> bool:
    """Whether a disc hides a part of a label."""
    x, y = disc.centre
    nearest = min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])
    return math.dist(disc.centre, nearest) < disc.radius
