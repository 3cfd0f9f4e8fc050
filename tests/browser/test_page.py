"""The page as its readers meet it: seen, heard, by keyboard, on a telephone, on paper."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tasks.report.typography import count, number

OpenPage = Callable[..., Any]
WIDTHS = (320, 768, 1440)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

# What a reader could not see without scrolling sideways: tables scroll in their own box.
BEYOND = """() => [...document.querySelectorAll("main *, header *, footer *")].filter((node) =>
    !node.closest(".scroll, svg, .unseen, [hidden]") && node.checkVisibility()
    && node.getBoundingClientRect().right > document.documentElement.clientWidth + 1
).map((node) => node.outerHTML.slice(0, 120))"""


def groups(path: Path) -> list[dict[str, Any]]:
    """Read the groups that a page's data hold, one after the other."""
    data = path.read_text(encoding="utf-8").partition('id="groupes">')[2].partition("</script>")[0]
    columns = json.loads(data)
    names = ("id", "theme", "kind", "weight", "label", "contributors", "new", "examples")
    return [
        dict(zip(names, row, strict=True)) for row in zip(*map(columns.get, names), strict=True)
    ]


def plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum() or letter.isspace())


# --- for all pages -------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "scheme"), [*((w, "light") for w in WIDTHS), (768, "dark")])
def test_every_page_is_quiet_whole_and_accessible(
    any_page: Path, open_page: OpenPage, axe: str, width: int, scheme: str
) -> None:
    opened = open_page(any_page, width, color_scheme=scheme)
    opened.search("gendarmerie")
    for summary in opened.page.locator("summary").all()[:3]:
        summary.click()
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    assert opened.page.evaluate(BEYOND) == []
    opened.page.evaluate(axe)
    found = opened.page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    assert (opened.said, opened.asked) == ([], [])


def test_a_page_is_whole_at_twice_the_size(any_page: Path, open_page: OpenPage) -> None:
    opened = open_page(any_page, 640, device_scale_factor=2)
    opened.search("gendarmes")
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 640
    assert opened.page.evaluate(BEYOND) == []


def test_a_page_is_whole_without_script(any_page: Path, open_page: OpenPage) -> None:
    opened = open_page(any_page, java_script_enabled=False)
    page = opened.page
    assert page.locator("noscript p").is_visible()
    assert page.get_by_role("search").count() == 0
    figure = page.locator("main details.behind > summary").first
    statements = page.locator("main details.behind").first.locator("blockquote")
    assert not statements.first.is_visible()
    figure.click()
    assert statements.first.is_visible()


def test_nothing_is_cut_on_paper(any_page: Path, open_page: OpenPage) -> None:
    a4 = 672  # what the margins leave of 210 mm, in pixels
    opened = open_page(any_page, a4)
    opened.page.emulate_media(media="print")
    assert opened.page.evaluate(BEYOND) == []
    document = pypdfium2.PdfDocument(opened.page.pdf(format="A4", prefer_css_page_size=True))
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    headings = opened.page.locator("main > section:not(.finder) > h2").all_text_contents()
    squeezed = "".join(text.split())
    assert [h for h in headings if "".join(h.split()) not in squeezed] == []
    assert "nouveaux du dernier jour" not in text, "the search is no use on paper"


# --- the search ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["example", pytest.param("made", marks=pytest.mark.deep)])
def test_a_known_proposition_is_found_by_its_words(
    name: str, request: pytest.FixtureRequest, open_page: OpenPage
) -> None:
    path = request.getfixturevalue(name)
    known = next(g for g in groups(path)[10:] if g["kind"] == 0 and len(g["label"].split()) > 4)
    opened = open_page(path)
    opened.search(plain(known["label"]).upper())
    assert known["label"] in opened.found()


def test_all_words_are_wanted_from_their_beginning_whatever_their_case(
    big: Path, open_page: OpenPage
) -> None:
    opened = open_page(big)
    said = opened.search("ECLAIR  Écol'")
    wanted = [
        group
        for group in groups(big)
        if all(
            any(word.startswith(asked) for said in texts(group) for word in plain(said).split())
            for asked in ("eclair", "ecol")
        )
    ]
    assert 100 < len(wanted) < 2_600
    assert said.startswith(f"{number(len(wanted))}\u00a0groupes")
    assert opened.found() == [group["label"] for group in wanted[:20]]
    opened.page.get_by_role("button", name="Afficher la suite").press("Enter")
    assert opened.found() == [group["label"] for group in wanted[:40]]
    focused = opened.page.evaluate("document.activeElement.closest('li').firstChild.textContent")
    assert focused == wanted[20]["label"], "the reader goes on where the list was"


def texts(group: dict[str, Any]) -> list[str]:
    return [group["label"], *group["examples"][1::3]]


def test_what_nobody_wrote_is_not_found_and_nothing_asked_shows_nothing(
    example: Path, open_page: OpenPage
) -> None:
    opened = open_page(example)
    assert opened.search("zibeline").startswith("Aucun groupe.")
    assert opened.found() == []
    opened.page.get_by_role("button", name="Effacer").click()
    opened.page.locator("#finder-said:empty").wait_for(state="attached")
    assert opened.found() == []
    assert opened.page.get_by_role("button", name="Afficher la suite").count() == 0


@pytest.mark.parametrize(
    ("label", "option", "column", "value"),
    [
        ("Thème", 3, "theme", 2),
        ("Nature", 2, "kind", 1),
        ("Poids", 4, "weight", 3),
        ("nouveaux du dernier jour", None, "new", 1),
    ],
)
def test_a_filter_keeps_what_it_says(
    big: Path, open_page: OpenPage, label: str, option: int | None, column: str, value: int
) -> None:
    opened = open_page(big)
    field = opened.page.get_by_label(label, exact=True)
    if option is None:
        field.check()
    else:
        field.select_option(index=option)
    opened.page.locator("#finder-said:not(:empty)").wait_for()
    kept = [group for group in groups(big) if group[column] == value]
    assert 0 < len(kept) < 2_600
    assert opened.found() == [group["label"] for group in kept[:20]]


def test_filters_and_words_are_wanted_together(big: Path, open_page: OpenPage) -> None:
    opened = open_page(big)
    opened.search("patrouille")
    opened.page.get_by_label("Thème", exact=True).select_option(index=1)
    opened.page.get_by_label("Nature", exact=True).select_option(index=1)
    opened.page.wait_for_timeout(400)
    kept = [
        group
        for group in groups(big)
        if (group["theme"], group["kind"]) == (0, 0) and "patrouille" in " ".join(texts(group))
    ]
    assert opened.found() == [group["label"] for group in kept[:20]]


def test_a_figure_that_was_found_opens_its_statements_and_their_identifier(
    big: Path, open_page: OpenPage
) -> None:
    opened = open_page(big)
    known = groups(big)[0]
    opened.search(known["label"])
    result = opened.page.locator("#finder-found > li").first
    assert not result.locator("blockquote").first.is_visible()
    result.get_by_text(count(known["contributors"], "contributeur")).click()
    assert result.locator("blockquote .words").all_text_contents() == known["examples"][1::3]
    assert result.locator("li code").all_text_contents() == known["examples"][::3]
    assert result.get_by_text(f"assises trace {known['id']}").is_visible()


def test_a_long_statement_says_what_is_cut(big: Path, open_page: OpenPage) -> None:
    opened = open_page(big)
    cut = next(group for group in groups(big) if group["examples"][2])
    opened.search(cut["label"])
    result = opened.page.locator("#finder-found > li").first
    result.locator("summary").click()
    assert "coupé ici" in result.locator("blockquote").first.inner_text()


# --- by keyboard ---------------------------------------------------------------------------------


def test_a_keyboard_is_enough(example: Path, open_page: OpenPage) -> None:
    page = open_page(example).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    tab_to(page, "finder-words")
    page.keyboard.type("gendarme")
    page.wait_for_selector("#finder-found > li")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "finder-theme"
    tab_to_summary(page)
    page.keyboard.press("Enter")
    assert page.locator("#finder-found blockquote").first.is_visible()


def tab_to(page: Any, identifier: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == identifier:
            return
    pytest.fail(f"80 tabs do not reach {identifier}")


def tab_to_summary(page: Any) -> None:
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#finder-found summary')"):
            return
    pytest.fail("10 tabs do not reach the first result")


def test_what_was_found_is_said_to_who_does_not_see(example: Path, open_page: OpenPage) -> None:
    opened = open_page(example)
    said = opened.search("gendarme")
    assert opened.page.get_by_role("status").inner_text() == said
    assert opened.page.get_by_role("search", name="Chercher").is_visible()


# --- the map -------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_the_map_is_seen_at_every_width(big: Path, open_page: OpenPage, width: int) -> None:
    page = open_page(big, width).page
    box = page.locator("svg.map .border").bounding_box()
    assert box is not None
    assert box["width"] > 0.6 * min(width, 736)
    name = page.locator("svg.map .place", has_text="Moulins").bounding_box()
    assert name is not None
    assert name["height"] >= 9, "letters that can be read"
