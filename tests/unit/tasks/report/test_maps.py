from __future__ import annotations

import json
import math
import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from tasks.report.maps import LARGEST, map_of_communes
from tasks.report.model import Commune
from tasks.report.outlines import DETAIL, WIDTH, Outlines, OutlinesError, middle, read_outlines
from tests.program import EXAMPLE

Place = tuple[float, float]


def feature(code: str, *polygons: list[list[Place]]) -> dict[str, Any]:
    kind = "Polygon" if len(polygons) == 1 else "MultiPolygon"
    coordinates = polygons[0] if len(polygons) == 1 else list(polygons)
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def collection(*features: dict[str, Any]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def wavy(start: Place, end: Place) -> list[Place]:
    """A border of 40 steps that no simplification leaves as it is."""
    (x0, y0), (x1, y1) = start, end
    return [
        (x0 + (x1 - x0) * n / 40 + 0.0004 * math.sin(n), y0 + (y1 - y0) * n / 40)
        for n in range(1, 40)
    ]


WAVES = wavy((3.0, 46.0), (3.0, 47.0))
WEST = feature("03001", [[(2.0, 46.0), (3.0, 46.0), *WAVES, (3.0, 47.0), (2.0, 47.0), (2.0, 46.0)]])
EAST = feature(
    "03002",
    [[(4.0, 46.0), (4.0, 47.0), (3.0, 47.0), *WAVES[::-1], (3.0, 46.0), (4.0, 46.0)]],
)
TWO = collection(WEST, EAST)


@pytest.fixture(scope="module")
def allier() -> Outlines:
    return read_outlines((EXAMPLE / "communes.geojson").read_text(encoding="utf-8"))


def steps(line: tuple[Place, ...]) -> set[frozenset[Place]]:
    return {frozenset(pair) for pair in pairwise(line)}


def test_neighbours_keep_one_border_between_them() -> None:
    drawn = read_outlines(TWO)
    west, east = (steps(drawn.communes[code][0]) for code in ("03001", "03002"))
    border = set().union(*(steps(line) for line in drawn.border))
    shared = west & east
    assert 1 <= len(shared) < 40
    assert west ^ east == border
    assert {round(x) for pair in shared for x, _ in pair} == {WIDTH // 2}


def test_a_degree_of_longitude_is_shorter_than_one_of_latitude() -> None:
    drawn = read_outlines(TWO)
    assert drawn.height == math.ceil(WIDTH / 2 / math.cos(math.radians(46.5)))
    (west,) = drawn.communes["03001"]
    assert min(y for _, y in west) == 0, "north is above"


def test_an_enclave_keeps_the_hole_it_fills() -> None:
    hole = [(2.4, 46.4), (2.6, 46.4), (2.6, 46.6), (2.4, 46.6), (2.4, 46.4)]
    turned = [*hole[2:], *hole[1:3]][::-1]
    outer = [(2.0, 46.0), (3.0, 46.0), (3.0, 47.0), (2.0, 47.0), (2.0, 46.0)]
    drawn = read_outlines(collection(feature("03001", [outer, hole]), feature("03002", [turned])))
    around, filled = drawn.communes["03001"][1], drawn.communes["03002"][0]
    assert steps(around) == steps(filled)
    assert len(drawn.border) == 1


def test_a_commune_smaller_than_the_detail_stays() -> None:
    side = DETAIL / WIDTH / 4
    speck = [(2.5, 46.5), (2.5 + side, 46.5), (2.5 + side, 46.5 + side), (2.5, 46.5)]
    drawn = read_outlines(collection(EAST, feature("03009", [speck], [speck])))
    assert all(len(set(ring)) == 3 for ring in drawn.communes["03009"])


def test_a_commune_without_an_outline_is_one_that_is_not_drawn() -> None:
    nowhere = {"type": "MultiPolygon", "coordinates": []}
    absent = {"type": "Feature", "properties": {"code": "03009"}, "geometry": nowhere}
    assert set(read_outlines(collection(WEST, absent)).communes) == {"03001"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "GeoJSON"),
        ("[]", "GeoJSON"),
        ("[" * 100_000, "GeoJSON"),
        ('{"type": "FeatureCollection", "features": [{}]}', "GeoJSON"),
        ('{"type": "Topology", "objects": {}}', "GeoJSON"),
        (collection(), "aucun contour"),
        (collection(feature("03001", [[(2.0, 46.0), (3.0, 46.0)]])), "fermé"),
        (collection(feature("allier", [[(2.0, 46.0)] * 4])), "« allier »"),
        (collection(feature("03001", [[(2.0, 46.0)] * 4])), "surface"),
        (
            collection(feature("03001", [[(7e5, 6e6), (8e5, 6e6), (8e5, 7e6), (7e5, 6e6)]])),
            "degrés",
        ),
        (collection(WEST).replace("Polygon", "Point"), "GeoJSON"),
        (collection(WEST).replace("47.0", "NaN"), "degrés"),
        (collection(WEST).replace("47.0", "1" + "0" * 400), "GeoJSON"),
        (
            collection(feature("03001", [[(2, 46), (2, 46 + 5e-324), (2 + 5e-324, 46), (2, 46)]])),
            "surface",
        ),
        (collection(feature("03001", [[(2, 0), (2.01, 0), (2.01, 80), (2, 0)]])), "surface"),
    ],
    ids=lambda text: text[:24],
)
def test_anything_else_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(OutlinesError, match=re.escape(said)):
        read_outlines(text)


def test_the_example_has_all_communes_of_the_allier_and_no_sliver(allier: Outlines) -> None:
    assert len(allier.communes) == 317
    assert all(code.startswith("03") for code in allier.communes)
    sides: dict[frozenset[Place], int] = {}
    for rings in allier.communes.values():
        for step in (step for ring in rings for step in steps(ring)):
            sides[step] = sides.get(step, 0) + 1
    outline = set().union(*(steps(line) for line in allier.border))
    assert set(sides.values()) == {1, 2}
    assert {step for step, n in sides.items() if n == 1} == outline


def test_the_middle_is_in_the_largest_part() -> None:
    square = ((0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0), (0.0, 0.0))
    speck = ((9.0, 9.0), (9.0, 8.0), (8.0, 8.0), (9.0, 9.0))
    assert middle([speck, square]) == (2.0, 1.0)
    assert middle([speck, square[::-1]]) == (2.0, 1.0)


# --- the map -------------------------------------------------------------------------------------

COMMUNES = [
    Commune("03190", "Moulins", 400, date(2020, 1, 19)),
    Commune("03310", "Vichy", 100, date(2020, 1, 19)),
    Commune("03321", "<b>Yzeure</b>", 12, date(2020, 1, 19)),
    Commune("63113", "Clermont-Ferrand", 90, date(2020, 1, 19)),
]


@pytest.fixture(scope="module")
def drawing(allier: Outlines) -> LexborHTMLParser:
    return LexborHTMLParser(map_of_communes(allier, COMMUNES).in_page())


def test_the_surface_of_a_disc_is_the_count(drawing: LexborHTMLParser) -> None:
    radii = [float(disc.attributes["r"] or 0) for disc in drawing.css("circle.disc")]
    assert radii == [LARGEST, LARGEST / 2, pytest.approx(LARGEST * math.sqrt(12 / 400), abs=0.06)]


def test_a_commune_is_shown_with_its_name_and_count_as_words(drawing: LexborHTMLParser) -> None:
    titles = {node.text() for node in drawing.css("g > title")}
    assert titles == {
        "Moulins\u202f: 400\u00a0contributeurs",
        "Vichy\u202f: 100\u00a0contributeurs",
        "<b>Yzeure</b>\u202f: 12\u00a0contributeurs",
    }
    described = drawing.css_first("desc")
    assert described is not None
    assert "Moulins\u202f: 400, Vichy\u202f: 100" in described.text()
    labels = [node.text() for node in drawing.css("text.place")]
    assert labels[:2] == ["Moulins 400", "Vichy 100"]


def test_nothing_tells_one_commune_that_is_not_shown_from_another(allier: Outlines) -> None:
    drawn = map_of_communes(allier, COMMUNES[:1]).in_page()
    assert [node.attributes["class"] for node in LexborHTMLParser(drawn).css("path")] == [
        "land",
        "shown",
        "border",
    ]
    nothing = LexborHTMLParser(map_of_communes(allier, []).in_page())
    assert [node.attributes["class"] for node in nothing.css("path")] == ["land", "border"]


def test_the_outlines_of_a_department_are_light(allier: Outlines) -> None:
    assert len(map_of_communes(allier, COMMUNES).in_page()) < 60_000


def test_a_step_is_drawn_once_and_every_path_is_closed(drawing: LexborHTMLParser) -> None:
    for path in drawing.css("path.land, path.shown"):
        for line in re.findall(r"M-?\d+ -?\d+l([\d -]+)", path.attributes["d"] or ""):
            numbers = [int(n) for n in re.findall(r"-?\d+", line)]
            assert (sum(numbers[::2]), sum(numbers[1::2])) == (0, 0)


def test_no_disc_hides_the_name_of_a_neighbour(allier: Outlines) -> None:
    neighbours = {"03190": "Moulins", "03321": "Yzeure", "03013": "Avermes"}
    communes = [Commune(code, name, 15, date(2020, 1, 19)) for code, name in neighbours.items()]
    drawn = LexborHTMLParser(map_of_communes(allier, communes).in_page())
    discs = [
        tuple(float(circle.attributes[name] or 0) for name in ("cx", "cy", "r"))
        for circle in drawn.css("circle.disc")
    ]
    labels = drawn.css("text.place")
    assert len(labels) == len(discs) == 3
    for label in labels:
        x, foot = (float(label.attributes[name] or 0) for name in ("x", "y"))
        half = 0.25 * 22 * len(label.text())
        for cx, cy, radius in discs:
            nearest = (min(max(cx, x - half), x + half), min(max(cy, foot - 15), foot))
            assert math.dist((cx, cy), nearest) > radius
