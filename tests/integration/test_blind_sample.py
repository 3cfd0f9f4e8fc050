"""The blind sample of the example, from the draw to the page: two readers answer in their files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from selectolax.lexbor import LexborHTMLParser

from flows.revision import revision
from flows.run import UsageError, read_consultation
from flows.sampling import (
    drawn_statements,
    labels,
    score,
    score_text,
    told_statements,
    write_samples,
)
from tasks.language.labelled import Labelled, read_labelled
from tasks.report.workbook_reader import ReadRow, ReadSheet, read_workbook
from tasks.review.blind import LEARN, MEASURE, part_of
from tasks.review.decisions import Decision
from tasks.review.sample import READER_NAME, SAMPLE, WHO, WORDS, read_sample
from tests.program import EXAMPLE, Ran
from warehouse.contracts import DRAWS, REVIEWS
from warehouse.home import Home
from warehouse.publication import Published

NOW = datetime(2020, 1, 21, 9, tzinfo=UTC)
CONSULTATION = read_consultation(EXAMPLE / "consultation.toml")
SIZE = 90


def answered(sheets: Iterable[ReadSheet], name: str, tell: Callable[[str], str]) -> list[ReadSheet]:
    """Fill in a reader's name, and the labels that they tell of the words of each row."""

    def fill(sheet: ReadSheet, row: ReadRow) -> ReadRow:
        cells = dict(row.cells)
        if sheet.name == WHO:
            cells[READER_NAME] = name
        if sheet.name == SAMPLE:
            service = CONSULTATION.short_labels()["service"]
            cells |= {"Thème": service, "Nature": tell(cells[WORDS])}
        return replace(row, cells=cells)

    return [replace(s, rows=tuple(fill(s, row) for row in s.rows)) for s in sheets]


def decide(home: Home, decisions: Iterable[Decision], name: str) -> None:
    rows: list[dict[str, Any]] = [
        asdict(one)
        | {
            "decision_id": f"d-{one.reader}{number:015x}",
            "import_id": f"i-{one.reader:016x}",
            "decided_at": NOW,
            "decided_by": name,
        }
        for number, one in enumerate(decisions)
    ]
    home.decisions.add(REVIEWS, rows)


@pytest.fixture(scope="module")
def read(prefect: None, final: Ran, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The example's home once two persons have read the sample and it is published again."""
    place = tmp_path_factory.mktemp("blind")
    shutil.copytree(final.home, place / "home", symlinks=True)
    home = Home(place / "home")
    write_samples(home, CONSULTATION, place, SIZE, NOW)
    for reader, name, tell in (
        (1, "Lucie Morand", lambda words: "proposition" if "faut" in words else "constat"),
        (2, "Jean Petit", lambda words: "constat" if len(words) > 90 else "proposition"),
    ):
        suffix = "ods" if reader == 1 else "xlsx"
        sheets = read_workbook((place / f"echantillon-{reader}.{suffix}").read_bytes())
        filled = answered(sheets, name, tell)
        shown, held = drawn_statements(home), home.decisions.in_force()
        decisions, refusals = read_sample(filled, shown, CONSULTATION, held)
        assert refusals == []
        assert len(decisions) == 2 * len(shown)
        decide(home, decisions, name)
    assert isinstance(revision(EXAMPLE / "consultation.toml", home=home.root), Published)
    return home


def test_both_readers_get_the_same_statements_in_both_formats(final_copy: Ran) -> None:
    home, folder = Home(final_copy.home), final_copy.home.parent / "sample"
    written = write_samples(home, CONSULTATION, folder, SIZE, NOW)
    assert (written.drawn_count, written.left_counts) == (SIZE, {1: SIZE, 2: SIZE})
    texts = []
    for path in written.paths:
        *_, sample = read_workbook(path.read_bytes())
        texts.append([row.cells[WORDS] for row in sample.rows])
    assert sorted(path.name for path in written.paths) == [
        f"echantillon-{reader}.{suffix}" for reader in (1, 2) for suffix in ("ods", "xlsx")
    ]
    ods_1, xlsx_1, ods_2, xlsx_2 = texts
    assert ods_1 == xlsx_1 != ods_2 == xlsx_2
    assert sorted(ods_1) == sorted(ods_2)
    drawn = home.decisions.read(DRAWS)
    assert write_samples(home, CONSULTATION, folder, SIZE, NOW).drawn_count == 0
    assert home.decisions.read(DRAWS).equals(drawn)
    assert write_samples(home, CONSULTATION, folder, SIZE + 20, NOW).drawn_count == 20


def test_a_workbook_is_the_same_whatever_the_machine_told(
    final_copy: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is drawn, so that the draw itself does not depend on what was told."""
    home, folder = Home(final_copy.home), final_copy.home.parent / "sample"
    everything = told_statements(home).num_rows
    first = write_samples(home, CONSULTATION, folder, everything, NOW).paths
    before = [path.read_bytes() for path in first]
    for path in (home.decisions.root / DRAWS.name).iterdir():
        path.unlink()
    told = told_statements(home)
    other = told.set_column(2, "theme", [["lien"] * everything]).set_column(
        3, "kind", [["autre"] * everything]
    )
    monkeypatch.setattr("flows.sampling.told_statements", lambda _: other)
    second = write_samples(home, CONSULTATION, folder, everything, NOW).paths
    assert [path.read_bytes() for path in second] == before


def test_the_score_is_published_in_tables_and_on_the_page(read: Home) -> None:
    scored = score(read)
    latest = read.published / "latest"
    with duckdb.connect(str(latest / "assises.duckdb"), read_only=True) as base:
        for name in ("quality", "quality_by_class"):
            rows = base.sql(f"from marts.{name}").to_arrow_table().to_pylist()
            assert rows == scored[name]
    kind, theme = scored["quality"]
    measured = scored["part_counts"][MEASURE]
    assert measured + scored["part_counts"][LEARN] == scored["drawn_count"] == SIZE
    assert (theme["read_count"], theme["read_twice_count"]) == (measured, measured)
    assert theme["kappa"] is None, "both said the same of all: chance alone makes them agree"
    for row in (kind, theme):
        assert 0 < row["f1_low"] < row["macro_f1"] < row["f1_high"] < 1
    assert kind["kappa"] < 1
    page = LexborHTMLParser((latest / "synthese.html").read_text(encoding="utf-8"))
    text = " ".join(page.css_first('[aria-labelledby="methode"]').text(separator=" ").split())
    assert f"{measured} énoncés lus, dont {measured} par deux personnes" in text
    assert f"{kind['macro_f1']:.2f}".replace(".", ",") in text
    assert "macro-F1" in score_text(scored)


def test_what_was_read_is_not_given_to_read_again(read: Home, tmp_path: Path) -> None:
    written = write_samples(read, CONSULTATION, tmp_path, SIZE, NOW)
    assert (written.drawn_count, written.left_counts) == (0, {1: 0, 2: 0})


def test_labels_to_learn_from_are_agreed_and_kept_apart_from_those_that_measure(
    read: Home,
) -> None:
    def labelled(part: str) -> dict[str, Labelled]:
        codes = list(CONSULTATION.theme_labels())
        return {one.unit_id: one for one in read_labelled(labels(read, part).encode(), codes)}

    learnt, measured = labelled(LEARN), labelled(MEASURE)
    shown = drawn_statements(read)
    assert learnt.keys() | measured.keys() == shown.keys()
    assert not learnt.keys() & measured.keys()
    for name, one in learnt.items():
        assert part_of(shown[name].words_trace) == LEARN
        assert (one.text, one.theme) == (shown[name].text, "service")
        told = {"proposition" if "faut" in one.text else "constat"}
        told.add("constat" if len(one.text) > 90 else "proposition")
        assert {one.kind} == (told if len(told) == 1 else {None})


def test_what_cannot_be_drawn_is_refused(final_copy: Ran, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="au moins 30"):
        write_samples(Home(final_copy.home), CONSULTATION, tmp_path, 29, NOW)
    nowhere = Home(tmp_path / "nowhere")
    for ask in (
        lambda: write_samples(nowhere, CONSULTATION, tmp_path, SIZE, NOW),
        lambda: score(nowhere),
        lambda: labels(nowhere),
    ):
        with pytest.raises(UsageError, match="assises run"):
            ask()
    assert not nowhere.root.exists()


def test_nothing_drawn_or_read_is_said(final_copy: Ran, tmp_path: Path) -> None:
    home = Home(final_copy.home)
    assert "tiré" in score_text(score(home))
    write_samples(home, CONSULTATION, tmp_path, SIZE, NOW)
    assert "aucun lu" in score_text(score(home))
