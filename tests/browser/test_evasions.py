"""The vectors of OWASP's filter-evasion list, wherever a citizen or an organiser can write: inert.

Each line of evasions.txt would set `__hit`, open a dialog or ask for something if it ever ran or
was ever parsed; `\\n` stands for a line end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tasks.consultation import Consultation
from tests.browser.conftest import COMMUNES, page_of, with_groups
from tests.program import EXAMPLE, assises, copy_beside

OpenPage = Callable[..., Any]
VECTORS = [
    line.replace("\\n", "\n")
    for line in (Path(__file__).parent / "evasions.txt").read_text(encoding="utf-8").splitlines()
]
NEVER_OURS = (
    "applet, audio, base, dialog, embed, frame, frameset, iframe, image, img, layer, marquee, "
    "math, object, picture, plaintext, template, textarea, video, xss, svg a, svg script, svg style"
)
ALL_IN_ONE = " ".join(VECTORS)


def as_written(texts: list[str]) -> list[str]:
    return [" ".join(text.split()) for text in texts]


def all_found(opened: Any) -> list[str]:
    """Show every group that was found, open its statements, and return all that is written."""
    more = opened.page.get_by_role("button", name="Afficher la suite")
    while more.is_visible():
        more.click()
    opened.page.evaluate(
        "document.querySelectorAll('#finder-found summary').forEach(s => s.click())"
    )
    return as_written(opened.page.locator("#finder-found .words").all_text_contents())


def is_inert(opened: Any) -> None:
    """Nothing ran, was asked for, or was refused by the policy: nothing was parsed at all."""
    page = opened.page
    page.locator("main").hover()
    page.wait_for_timeout(500)
    assert page.evaluate("window.__hit") is None
    assert page.evaluate("({}).__hit") is None
    assert (opened.said, opened.asked) == ([], [])
    assert page.url.startswith("file:")
    assert page.locator(NEVER_OURS).count() == 0
    assert (page.locator("script").count(), page.locator("style").count()) == (2, 1)


@pytest.fixture(scope="module")
def hostile(
    published: dict[str, pa.Table],
    consultation: Consultation,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A page whose every label, statement, letter, theme, name and commune is a vector."""
    campaign, *_ = published["core.campaigns"].to_pylist()
    campaigns = [
        {**campaign, "campaign_id": f"k-{place:016x}", "exemplar": vector}
        for place, vector in enumerate(VECTORS)
    ]
    tables = with_groups(published, consultation, [[v, v[::-1], v] for v in VECTORS])
    tables["core.campaigns"] = pa.Table.from_pylist(
        campaigns, schema=tables["core.campaigns"].schema
    )
    declared = replace(
        consultation,
        title=ALL_IN_ONE,
        organiser=ALL_IN_ONE,
        addressee=ALL_IN_ONE,
        quotations=len(VECTORS),
        themes=tuple(
            replace(theme, label=ALL_IN_ONE, short_label=vector)
            for theme, vector in zip(consultation.themes, VECTORS, strict=False)
        ),
    )
    communes = [replace(commune, name=v) for commune, v in zip(COMMUNES, VECTORS, strict=False)]
    path = tmp_path_factory.mktemp("hostile") / "synthese.html"
    path.write_text(page_of(tables, declared, communes), encoding="utf-8")
    return path


def test_the_list_is_long_and_each_vector_would_be_seen() -> None:
    assert len(set(VECTORS)) == len(VECTORS) > 190


def test_whatever_is_written_is_shown_as_it_is_and_inert(
    hostile: Path, open_page: OpenPage
) -> None:
    opened = open_page(hostile)
    shown = set(as_written(opened.page.locator("main .words").all_text_contents()))
    assert set(as_written(VECTORS)) <= shown
    is_inert(opened)


def test_whatever_is_found_is_shown_as_it_is_and_inert(hostile: Path, open_page: OpenPage) -> None:
    opened = open_page(hostile)
    for kind in (1, 2):
        opened.page.get_by_label("Nature", exact=True).select_option(index=kind)
        opened.page.wait_for_timeout(400)
        shown = set(all_found(opened))
        assert set(as_written(VECTORS[kind % 2 :: 2])) <= shown
        is_inert(opened)


@pytest.mark.parametrize(
    "vector", ["<script>__hit=1</script>", "</script><script>__hit=1</script>"]
)
def test_a_vector_can_be_searched(hostile: Path, open_page: OpenPage, vector: str) -> None:
    opened = open_page(hostile)
    opened.search(vector)
    assert vector in opened.found()
    is_inert(opened)


def test_letters_of_vectors_go_all_the_way_and_are_inert(
    tmp_path: Path, open_page: OpenPage
) -> None:
    """Name, subject and words of a letter each; themes and organiser of the consultation's file."""
    box = tmp_path / "mailbox"
    box.mkdir()
    for place, vector in enumerate(VECTORS):
        (box / f"{place:04}.eml").write_bytes(letter(place, vector))
    text = (EXAMPLE / "consultation.toml").read_text(encoding="utf-8")
    for ours in ('organiser = "Préfecture', 'label = "'):
        assert ours in text
        text = text.replace(ours, ours + "<img src=x onerror=__hit=1></title></script>")
    (tmp_path / "consultation.toml").write_text(text, encoding="utf-8")
    copy_beside(tmp_path)
    ran = assises(
        *("run", "--consultation", str(tmp_path / "consultation.toml"), "--as-of", "2020-01-19"),
        *("--source", f"eml:{box}", "--home", str(tmp_path / "home")),
    )
    assert ran.returncode == 0, ran.stderr
    opened = open_page(tmp_path / "home" / "published" / "latest" / "synthese.html")
    opened.page.get_by_label("Nature", exact=True).select_option(index=1)
    opened.page.wait_for_timeout(400)
    all_found(opened)
    assert "__hit" in opened.page.locator("main").inner_text()
    is_inert(opened)


def letter(place: int, vector: str) -> bytes:
    """Write a letter that says a vector in its author's name, subject and words."""
    line = " ".join(vector.split())
    name = line.replace("\\", "\\\\").replace('"', '\\"')
    words = f"La rue {place} est trop sombre le soir.\n\nIl faut {vector} dans notre commune.\n"
    return (
        f"Received: from relais.example by boite.example; Thu, 9 Jan 2020 08:30:{place % 60:02} "
        f"+0100\nMessage-ID: <{place}@courriel.example>\n"
        f'From: "{name}" <auteur{place}@courriel.example>\nTo: assises@prefecture.example\n'
        f"Subject: {line}\nContent-Type: text/plain; charset=utf-8\n\n{words}"
    ).encode()
