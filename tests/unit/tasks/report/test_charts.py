from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from lxml import etree
from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser

from tasks.report import charts

NO_CAPTION = charts.Caption("b", "t", "d")


def column_chart(values: list[int], rests: list[int] | None = None) -> LexborHTMLParser:
    first = date(2020, 1, 8)
    days = [
        charts.Column(first + timedelta(days=place), value, rest)
        for place, (value, rest) in enumerate(zip(values, rests or [0] * len(values), strict=True))
    ]
    drawn = charts.columns(days, charts.Caption("c", "Titre", "Ce qu'on voit"))
    return LexborHTMLParser(drawn.in_page())


def heights(page: LexborHTMLParser, name: str) -> list[float]:
    return [
        float((node.attributes["height"] or "").removesuffix("em"))
        for node in page.css(f"rect.{name}")
    ]


def labels(page: LexborHTMLParser, name: str) -> list[str]:
    return [node.text() for node in page.css(f"text.{name}")]


def test_a_column_is_as_high_as_its_number() -> None:
    page = column_chart([10, 5, 0])
    assert heights(page, "solid") == [11, 5.5]
    assert labels(page, "value") == ["10", "5"]


def test_the_rest_is_hollow_and_stands_on_the_solid_part() -> None:
    page = column_chart([6, 4], [4, 0])
    assert heights(page, "solid") == [6.6, 4.4]
    assert heights(page, "hollow") == [4.4]
    assert labels(page, "value") == ["10", "4"]
    assert labels(page, "inside") == ["6"]


def test_a_chart_says_what_it_is_to_those_who_do_not_see_it() -> None:
    svg = column_chart([1]).css_first("svg")
    assert svg is not None
    assert svg.attributes["role"] == "img"
    assert svg.attributes["aria-labelledby"] == "c-title c-desc"
    assert [svg.css_first(name).text() for name in ("#c-title", "#c-desc")] == [
        "Titre",
        "Ce qu'on voit",
    ]


@pytest.mark.parametrize(
    ("days", "on_a_desk", "on_a_telephone"), [(12, 12, 12), (40, 20, 10), (400, 31, 11)]
)
def test_day_numbers_are_as_many_as_fit(days: int, on_a_desk: int, on_a_telephone: int) -> None:
    page = column_chart([1] * days)
    assert len(page.css("text.tick")) == on_a_desk
    assert len(page.css("text.tick:not(.dense)")) == on_a_telephone


def test_months_are_named_where_they_begin() -> None:
    assert labels(column_chart([1] * 60), "month") == ["janv.", "févr.", "mars"]


def test_of_many_days_only_the_highest_bears_its_number() -> None:
    assert labels(column_chart([100] * 50 + [2041] + [7] * 10), "value") == ["2\u202f041"]


@pytest.mark.parametrize("values", [[], [0], [0, 0, 0]], ids=str)
def test_nothing_to_draw_draws_an_axis(values: list[int]) -> None:
    page = column_chart(values)
    assert len(page.css("line.axis")) == 1
    assert not page.css("rect")


def test_a_bar_shows_its_hollow_part_inside_its_length() -> None:
    page = LexborHTMLParser(
        charts.bars([charts.Bar("Service", 100, 25), charts.Bar("Lien", 50)], NO_CAPTION).in_page()
    )
    widths = {
        name: [node.attributes["width"] for node in page.css(f"rect.{name}")]
        for name in ("solid", "hollow")
    }
    assert widths == {"solid": ["75%", "50%"], "hollow": ["25%"]}
    assert labels(page, "value") == ["100", "50"]


def test_a_label_too_long_for_a_telephone_is_cut_with_a_mark() -> None:
    page = LexborHTMLParser(charts.bars([charts.Bar("mot " * 20, 1)], NO_CAPTION).in_page())
    (label,) = labels(page, "label")
    assert len(label) <= charts.LABEL_CHARS
    assert label.endswith("…")


def test_words_are_escaped_wherever_they_go() -> None:
    hostile = '"><script>x</script>'
    drawn = charts.bars([charts.Bar(hostile, 1)], charts.Caption(hostile, hostile, hostile))
    assert "<script" not in drawn.in_page()


def test_the_markup_holds_no_style_and_no_colour() -> None:
    drawn: Markup = (
        charts.share_bar(0.27) + charts.bars([charts.Bar("a", 2, 1)], NO_CAPTION).in_page()
    )
    assert not re.search(r"style=|fill=|#[0-9a-f]{3}", drawn)
    assert 'width="27%"' in drawn


def test_a_chart_alone_has_a_size_and_no_unit_that_a_page_gives() -> None:
    days = [charts.Column(date(2020, 1, 8), 6, 4), charts.Column(date(2020, 1, 9), 5)]
    chart = charts.columns(days, charts.Caption("c", 'Titre "5em"', "Ce qu'on voit"))
    svg = chart.alone(400, [("solid", "retenues <b>"), ("hollow", "autres")])
    root = etree.fromstring(svg)  # as a program that reads files does
    assert root.get("width") == "400pt"
    assert root.get("height") == f"{chart.height_alone(2):g}pt"
    assert not re.search(r'="[^"]*(?:em|%)"', svg)
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[-2:] == ["retenues <b>", "autres"]
    solid = [node for node in root.iter() if node.get("class") == "solid"]
    assert solid[0].get("width") == "150"
    assert "var(" not in svg
