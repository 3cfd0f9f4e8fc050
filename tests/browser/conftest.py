"""The published page in Debian's Chromium: what it shows, says and asks for."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.run import read_consultation
from tasks.consultation import Consultation
from tasks.report.finder import read_finder
from tasks.report.maps import map_of_communes
from tasks.report.model import Commune, read_synthesis
from tasks.report.outlines import read_outlines
from tasks.report.page import render_page
from tasks.report.sections import compose
from tests.program import EXAMPLE, ROOT, Ran, assises
from warehouse.contracts import EXAMPLES_A_GROUP, KINDS, WEIGHT_LABELS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Tables = dict[str, pa.Table]

MAKER = ROOT.parent / "shared" / "tools" / "make_mailbox.py"
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WORDS = """
    éclairage gendarmes mairie caméras quartier nuit brigade patrouille voisins école police rue
    incivilités horaires accueil plainte vitesse bourg réunion signaler plus jamais avec dans pour
    sans il faut que nous une le des la commune sécurité présence confiance
"""
COMMUNES = [
    Commune("03185", "Montluçon", 1204, date(2020, 1, 19)),
    Commune("03310", "Vichy", 871, date(2020, 1, 19)),
    Commune("03190", "Moulins", 640, date(2020, 1, 18)),
    Commune("03321", "Yzeure", 97, date(2020, 1, 19)),
    Commune("03138", "Lapalisse", 12, date(2020, 1, 12)),
]


@dataclass
class Opened:
    """A page that a reader opened, what it said on the console, what it asked for of others."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def search(self, words: str) -> str:
        """Type words in the search and return what is said of what was found."""
        self.page.get_by_label("Mots").fill(words)
        self.page.locator("#finder-said:not(:empty)").wait_for()
        self.page.wait_for_timeout(300)  # the pause after a keystroke, twice
        return self.page.locator("#finder-said").inner_text()

    def found(self) -> list[str]:
        """Return the labels of the groups that the search shows."""
        return self.page.locator("#finder-found h3").all_text_contents()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a file: Playwright's loop must not outlive them."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Debian's chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """Open a file as a reader would, with no network; more arguments are those of a context."""
    contexts = []

    def opened(path: Path, width: int = 1280, **more: Any) -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **more)
        contexts.append(context)
        context.set_offline(offline=True)
        seen = Opened(context.new_page())
        address = path.as_uri()
        context.on("request", lambda r: seen.asked.append(r.url) if r.url != address else None)
        context.on("page", lambda page: seen.said.append(f"window: {page.url}"))
        seen.page.on("console", lambda message: seen.said.append(message.text))
        seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
        seen.page.on("dialog", lambda dialog: (seen.said.append("dialog"), dialog.dismiss()))
        seen.page.goto(address)
        return seen

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.exists():
        pytest.skip(f"needs axe-core (npm ci --ignore-scripts, in {AXE.parents[2].name})")
    return AXE.read_text(encoding="utf-8")


# --- pages to open -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def consultation() -> Consultation:
    return read_consultation(EXAMPLE / "consultation.toml")


@pytest.fixture(scope="session")
def published(final: Ran) -> Tables:
    """The tables of the published example."""
    return {path.stem: pq.read_table(path) for path in sorted((final.latest / "parquet").iterdir())}


@pytest.fixture(scope="module")
def example(final: Ran) -> Path:
    return final.latest / "synthese.html"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of 2,000 made messages."""
    if not MAKER.exists():
        pytest.skip("needs ../shared")
    place = tmp_path_factory.mktemp("made")
    asked = ("--out", str(place / "box"), "--n", "2000", "--seed", "7", "--format", "mbox")
    subprocess.run([sys.executable, str(MAKER), *asked], check=True, capture_output=True)
    ran = assises(
        *("run", "--consultation", str(EXAMPLE / "consultation.toml"), "--as-of", "2020-01-19"),
        *("--source", f"mbox:{place / 'box' / 'consultation.mbox'}", "--home", str(place / "home")),
    )
    assert ran.returncode == 0, ran.stderr
    return place / "home" / "published" / "latest" / "synthese.html"


@pytest.fixture(scope="module")
def big(
    published: Tables, consultation: Consultation, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A page of the size that 10,000 contributions give: 2,600 groups, five statements each."""
    path = tmp_path_factory.mktemp("big") / "synthese.html"
    tables = with_groups(published, consultation, invented_groups(2_600))
    path.write_text(page_of(tables, consultation), encoding="utf-8")
    return path


@pytest.fixture(
    scope="module",
    params=[
        "example",
        pytest.param("made", marks=pytest.mark.deep),
        pytest.param("big", marks=pytest.mark.deep),
    ],
)
def any_page(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


def page_of(
    tables: Tables, consultation: Consultation, communes: Sequence[Commune] = COMMUNES
) -> str:
    """Write a page with a map of these communes, which the example is too small to show."""
    synthesis = read_synthesis(tables, consultation)
    outlines = read_outlines((EXAMPLE / "communes.geojson").read_text(encoding="utf-8"))
    chart = map_of_communes(outlines, communes)
    return render_page(compose(synthesis, consultation, communes, chart), read_finder(synthesis))


def with_groups(
    tables: Tables, consultation: Consultation, groups: Sequence[Sequence[str]]
) -> Tables:
    """Put groups in the place of all others, each of statements, the first its label and quote.

    The first group is the most shared. Themes, kinds and weights take turns, and one group in ten
    is new.
    """
    themes = list(consultation.theme_labels())
    ranked: dict[str, list[dict[str, Any]]] = {"proposition": [], "constat": []}
    gains = []
    for place, statements in enumerate(groups):
        theme, kind = themes[place % len(themes)], KINDS[place % 2]
        row = {
            "theme": theme,
            "rank": place + 1,
            "group_id": f"g-{place:016x}",
            "label": statements[0],
            "contributor_count": len(groups) - place,
            "contribution_count": len(groups) - place,
            "statement_count": len(groups) - place,
            "distinct_text_count": len(statements),
            "campaign_contribution_count": 0,
            "campaign_share": 0.0,
            "weight_label": WEIGHT_LABELS[place % len(WEIGHT_LABELS)],
            "quote": statements[0],
            "quote_statement_id": f"c-{place:016x}-001",
            "first_date": date(2020, 1, 8 + place % 12),
            "is_reviewed": False,
        }
        ranked[kind].append(row)
        if place % 10 == 0:
            gain = {"kind": kind, "is_new": True, "gained_contributor_count": 1}
            gains.append({**row, **gain})
    examples = [
        {
            "group_id": f"g-{place:016x}",
            "position": position,
            "statement_id": f"c-{place:016x}-{position:03}",
            "quote": statement,
        }
        for place, statements in enumerate(groups)
        for position, statement in enumerate(statements, 1)
    ]
    figures = tables["marts.synthesis_by_theme"].to_pylist()
    rows = {
        "marts.propositions": ranked["proposition"],
        "marts.constats": ranked["constat"],
        "marts.gains_of_day": gains,
        "marts.examples": examples,
        "marts.oppositions": [],
        "marts.synthesis_by_theme": [{**row, "contributor_count": len(groups)} for row in figures],
    }
    return tables | {
        name: pa.Table.from_pylist(of_one, schema=tables[name].schema)
        for name, of_one in rows.items()
    }


def invented_groups(count: int) -> list[list[str]]:
    """Write groups of five statements of about 130 characters, one in fifty of 900."""
    chance = random.Random(7)
    words = WORDS.split()
    return [
        [
            " ".join(chance.choices(words, k=130 if (place * 5 + n) % 50 == 0 else 19))
            for n in range(EXAMPLES_A_GROUP)
        ]
        for place in range(count)
    ]
