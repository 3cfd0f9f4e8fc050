"""Outlines of communes: from a GeoJSON text to rings that a map is drawn with.

Neighbours share their borders to the digit. Borders are cut where three areas meet and each piece
is simplified once, for both its sides: no sliver, no overlap, as TopoJSON does.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

WIDTH = 1000  # of the drawing, in units; its height follows
DETAIL = 1.2  # what a border may be off by, in units
_SMALLEST = 0.001  # degrees, about 100 m
_NARROWEST = 10  # times as high as it is wide: a drawing that no page holds
_CODE = re.compile(r"[0-9AB]{5}")

Point = tuple[float, float]
Line = tuple[Point, ...]


class OutlinesError(ValueError):
    """The text is no GeoJSON of communes."""


@dataclass(frozen=True)
class Outlines:
    """Rings of each commune by its INSEE code, closed, y downwards, in a drawing of WIDTH x height.

    `border` is what no two communes share: the outline of the department.
    """

    height: int
    communes: Mapping[str, tuple[Line, ...]]
    border: tuple[Line, ...]


@functools.lru_cache(maxsize=1)  # checked as a run is prepared, then drawn by each publication
def read_outlines(text: str) -> Outlines:
    """Read a FeatureCollection of (Multi)Polygons in degrees, each with a `code` property.

    Raises OutlinesError, which says in French what is wrong.
    """
    rings = _fit(_read_rings(text))
    junctions = _junctions(ring for of_one in rings.values() for ring in of_one)
    drawn: dict[str, tuple[Line, ...]] = {}
    simplified: dict[Line, Line] = {}
    seen: dict[Line, int] = {}
    for code, of_one in rings.items():
        kept = []
        for ring in of_one:
            line: list[Point] = []
            for arc in _arcs(ring, junctions):
                key = min(arc, arc[::-1])
                seen[key] = seen.get(key, 0) + 1
                plain = simplified.setdefault(key, _simplify(key))
                line.extend((plain if arc == key else plain[::-1])[:-1])
            kept.append((*line, line[0]) if len(set(line)) > 2 else ring)
        drawn[code] = tuple(kept)
    height = math.ceil(max(y for of_one in rings.values() for ring in of_one for _, y in ring))
    return Outlines(height, drawn, tuple(simplified[key] for key, n in seen.items() if n == 1))


def _read_rings(text: str) -> dict[str, list[Line]]:
    """Return the rings of each commune, in degrees."""
    try:
        found = _rings_by_code(json.loads(text)["features"])
    except OutlinesError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
        raise OutlinesError(
            "ce n'est pas un GeoJSON de communes (FeatureCollection de Polygon ou MultiPolygon, "
            "chacun avec sa propriété « code »)"
        ) from None
    drawn = {code: rings for code, rings in found.items() if rings}
    if not drawn:
        raise OutlinesError("il n'y a aucun contour de commune")
    return drawn


def _rings_by_code(features: Iterable[Any]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for feature in features:
        code, geometry = feature["properties"]["code"], feature["geometry"]
        if not _CODE.fullmatch(code):
            raise OutlinesError(f"« {code} » n'est pas un code de commune")
        coordinates = geometry["coordinates"]
        polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}[geometry["type"]]
        found.setdefault(code, []).extend(_ring(ring) for polygon in polygons for ring in polygon)
    return found


def _ring(positions: Iterable[Sequence[Any]]) -> Line:
    ring = tuple((float(longitude), float(latitude)) for longitude, latitude, *_ in positions)
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise OutlinesError("un contour n'est pas fermé")
    if not all(abs(x) <= 180 and abs(y) < 90 for x, y in ring):
        raise OutlinesError("les coordonnées ne sont pas des degrés (longitude, latitude)")
    return ring


def _fit(rings: Mapping[str, Sequence[Line]]) -> dict[str, list[Line]]:
    """Project to an equirectangular plane true at the mean latitude, WIDTH wide, y downwards."""
    points = [point for of_one in rings.values() for ring in of_one for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    width, height = east - west, north - south
    if min(width, height) < _SMALLEST or height > _NARROWEST * width:
        raise OutlinesError("les contours n'ont pas de surface")
    scale = WIDTH / width
    stretch = scale / math.cos(math.radians((south + north) / 2))
    return {
        code: [tuple(((x - west) * scale, (north - y) * stretch) for x, y in r) for r in of_one]
        for code, of_one in rings.items()
    }


def _junctions(rings: Iterable[Line]) -> set[Point]:
    """Return the points where borders part: those with other than two neighbours."""
    neighbours: dict[Point, set[Point]] = {}
    for ring in rings:
        for one, other in pairwise(ring):
            neighbours.setdefault(one, set()).add(other)
            neighbours.setdefault(other, set()).add(one)
    return {point for point, others in neighbours.items() if len(others) > 2}


def _arcs(ring: Line, junctions: set[Point]) -> Iterator[Line]:
    """Cut a closed ring at its junctions; one that has none begins at its least point."""
    points = ring[:-1]
    start = next((n for n, p in enumerate(points) if p in junctions), points.index(min(points)))
    turned = (*points[start:], *points[:start], points[start])
    begin = 0
    for end in range(1, len(turned)):
        if turned[end] in junctions or end == len(turned) - 1:
            yield turned[begin : end + 1]
            begin = end


def _simplify(line: Line) -> Line:
    """Leave out points that change the line by less than DETAIL; its ends stay.

    D. Douglas and T. Peucker, 1973.
    """
    kept = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        inner = range(first + 1, last)
        farthest = max(inner, key=lambda n: _distance(line[n], line[first], line[last]), default=0)
        if inner and _distance(line[farthest], line[first], line[last]) > DETAIL:
            kept.add(farthest)
            spans += [(first, farthest), (farthest, last)]
    return tuple(line[n] for n in sorted(kept))


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point is from a segment."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))


def middle(rings: Sequence[Line]) -> Point:
    """Return the centre of gravity of the largest of these rings."""
    ring = max(rings, key=lambda r: abs(_surface(r)))
    surface = _surface(ring)
    if not surface:
        return ring[0]
    x = sum(_turn(one, other) * (one[0] + other[0]) for one, other in pairwise(ring))
    y = sum(_turn(one, other) * (one[1] + other[1]) for one, other in pairwise(ring))
    return x / (6 * surface), y / (6 * surface)


def _surface(ring: Line) -> float:
    """Return the surface of a ring, below zero when it turns the other way."""
    return sum(_turn(one, other) for one, other in pairwise(ring)) / 2


def _turn(one: Point, other: Point) -> float:
    return one[0] * other[1] - other[0] * one[1]
