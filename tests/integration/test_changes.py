"""A consultation that changes while it is open: what is made again, what is written down."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.changes import record_change, to_compare
from flows.daily_synthesis import Closed, daily_synthesis
from flows.run import prepare_run
from tests.program import EXAMPLE, Ran, assises_here
from warehouse.contracts import CHANGES
from warehouse.home import Home
from warehouse.publication import Published

LAST = "2020-01-19"
NEW_THEME = """[[theme]]
code = "ruralite"
label = "La sécurité dans les campagnes"
short_label = "Campagnes"

[lexicon.ruralite]
cues = ["tracteur*", "ferme | fermes | exploitation*"]

[lexicon.communication]"""
Pairs = dict[tuple[str | None, str | None], list[str]]


@pytest.fixture
def place(prefect: None, final_copy: Ran, tmp_path: Path) -> Path:
    """The example with its final synthesis, all to change."""
    shutil.copytree(EXAMPLE, tmp_path / "consultation")
    return tmp_path


def edit(place: Path, *edits: tuple[str, str]) -> Path:
    file = place / "consultation" / "consultation.toml"
    text = file.read_text(encoding="utf-8")
    for before, after in edits:
        assert before in text
        text = text.replace(before, after, 1)
    file.write_text(text, encoding="utf-8")
    return file


def lake(home: Path) -> dict[tuple[str, str], int]:
    """When each partition was written, by table and day."""
    parts = (home / "lake").glob("*/*/part.parquet")
    return {(p.parts[-3], p.parts[-2][-10:]): p.stat().st_mtime_ns for p in parts}


def written_again(before: dict[tuple[str, str], int], home: Path) -> set[str]:
    """The tables of which a partition of before was written again."""
    now = lake(home)
    return {part[0] for part, instant in before.items() if now[part] != instant}


def pairs(one: Path, other: Path, query: str) -> Pairs:
    """What two published databases say of the same identifiers, where they do not say the same."""
    said = []
    for path in (one, other):
        with duckdb.connect(str(path / "assises.duckdb"), read_only=True) as base:
            said.append(dict(base.sql(query).fetchall()))
    found: Pairs = {}
    for name in sorted(said[0].keys() & said[1].keys()):
        if said[0][name] != said[1][name]:
            found.setdefault((said[0][name], said[1][name]), []).append(name)
    return found


def test_a_theme_added_and_a_cue_corrected_are_explained(place: Path) -> None:
    home = place / "home"
    before, parts = (home / "published" / LAST).resolve(), lake(home)
    file = edit(
        place, ("[lexicon.communication]", NEW_THEME), ('"patrouill*", "rondes"', '"rondes"')
    )
    asked = ["run", "--consultation", str(file), "--home", str(home), "--as-of", LAST]
    pending = assises_here(*asked, "--dry-run", "--explain-change")
    assert "lexicon.service.cues : − « patrouill* »" in pending.stdout
    assert lake(home) == parts

    who = ["--by", "Claire Dumont, cheffe de cabinet", "--because", "Oubli de la ruralité"]
    done = assises_here(*asked, "--explain-change", "--json", *who)
    assert done.returncode == 0, done.stderr
    change: dict[str, Any] = json.loads(done.stdout)
    assert (change["decided_by"], change["because"]) == (who[1], who[3])
    assert change["changes"] == [
        "theme[ruralite] : ajouté (« La sécurité dans les campagnes »)",
        "lexicon.ruralite.cues : + « tracteur* », + « ferme | fermes | exploitation* »",
        "lexicon.service.cues : − « patrouill* »",
    ]
    assert written_again(parts, home) >= {"statements", "memberships"}
    assert not written_again(parts, home) & {"verdicts", "contributions", "attention"}

    after = (home / "published" / LAST).resolve()
    told = {
        topic: {
            (row["before"], row["after"]): row["identifiers"]
            for row in change["moves"]
            if row["topic"] == topic and None not in (row["before"], row["after"])
        }
        for topic in ("status", "theme", "kind", "campaign")
    }
    statements = "select statement_id, {} from core.statements"
    assert told == {
        "status": {},
        "theme": pairs(before, after, statements.format("theme")),
        "kind": pairs(before, after, statements.format("kind")),
        "campaign": {},
    }
    assert any(theme == "ruralite" for _, theme in told["theme"])

    shown = assises_here("status", "--home", str(home), "--changes").stdout
    assert "Changé par Claire Dumont, cheffe de cabinet." in shown
    assert " → ruralite " in shown
    again = assises_here(*asked, "--dry-run", "--explain-change")
    assert "n'ont changé depuis" in again.stderr
    assert_private(home)


def assert_private(home: Path) -> None:
    """Each version of the file is kept, for its owner only, and published nowhere."""
    kept = list((home / "decisions" / "consultation").glob("*.toml"))
    assert len(kept) == 2
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert {path.stem for path in kept} == set(
        Home(home).decisions.read(CHANGES)["file_sha256"].to_pylist()
    )
    assert not list((home / "published").rglob("*.toml"))


def test_a_change_after_the_final_synthesis_is_a_new_version_of_the_final_day(
    place: Path,
) -> None:
    home = place / "home"
    before = (home / "published" / LAST).resolve()
    file = edit(place, ("quotations = 12", "quotations = 11"))
    published = daily_synthesis(file, home=home, as_of="2020-01-22")
    assert isinstance(published, Published)
    assert published.is_final
    assert str(published.as_of) == LAST
    assert (home / "published" / "latest").resolve() == published.folder.resolve() != before
    assert not (home / "published" / "2020-01-22").exists()
    assert isinstance(daily_synthesis(file, home=home, as_of="2020-01-23"), Closed)


def test_the_first_run_after_a_program_that_wrote_down_no_change_is_compared(
    final_copy: Ran,
) -> None:
    for kept in ("decisions/changes", "decisions/consultation", "journal"):
        shutil.rmtree(final_copy.home / kept)
    run = prepare_run(EXAMPLE / "consultation.toml", final_copy.home, LAST)
    assert record_change(run)
    (row,) = run.home.decisions.read(CHANGES).to_pylist()
    assert row["changes"] == ["programme : version 0.1.0, qui n'en notait rien"]
    before = to_compare(run.home)
    assert before is not None
    assert before.folder == final_copy.latest.resolve()
    (before.folder / "parquet" / "marts.key_figures.parquet").unlink()
    assert to_compare(run.home) is None


def test_a_deadline_extended_after_the_final_synthesis_opens_the_consultation_again(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = place / "home"
    parts = lake(home)
    longer = ("deadline = 2020-01-20T", "deadline = 2020-01-27T")
    file = edit(place, longer, ("quotations = 12", "quotations = 11"))
    published = daily_synthesis(file, home=home, as_of="2020-01-21")
    assert isinstance(published, Published)
    assert not published.is_final
    assert "La synthèse publiée au 19/01/2020 se dit définitive, et ne l'est plus" in caplog.text
    with duckdb.connect(str(published.folder / "assises.duckdb"), read_only=True) as base:
        late = base.sql(
            "select status, count(*) from core.submissions where received_date > $last group by 1",
            params={"last": date.fromisoformat(LAST)},
        ).fetchall()
    assert late == [("accepted", 2)]
    # Judged again; what was accepted and is, is not masked, cut or grouped again. Quotations are of
    # the publication alone.
    assert written_again(parts, home) == {"verdicts"}

    changes = Home(home).decisions.read(CHANGES)["changes"].to_pylist()
    assert changes == [
        ["Première exécution"],
        [
            "consultation.deadline : 20/01/2020 à 00:00 → 27/01/2020 à 00:00",
            "thresholds.quotations : 12 → 11",
        ],
    ]
