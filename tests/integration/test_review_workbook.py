"""The analysts' hand on a real run: a workbook written, filled in, read back, logged and undone."""

from __future__ import annotations

import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows.cli import main
from flows.review import current_state, import_workbooks
from flows.run import prepare_run, read_consultation
from flows.sampling import drawn_statements
from tasks.report.ods import write_ods
from tasks.report.workbook import Workbook
from tasks.review import layout
from tasks.review.layout import CASES, GROUPS, MAILS, STATEMENTS, VERBATIMS
from tasks.review.sample import sample_workbook
from tasks.review.state import State
from tests.faults.markers import found, pattern
from tests.program import EXAMPLE, as_own_process
from tests.reviewing import Cells, number_of, written
from warehouse.home import Home

LABEL = "Des patrouilles à pied, tous les soirs"
TYPED = "Le kiosque violet de la gare est fermé le samedi, et les voyageurs ont peur."


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def place(prefect: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some letters of the example, published."""
    place = tmp_path_factory.mktemp("review")
    shutil.copytree(EXAMPLE, place / "consultation")
    for rank, path in enumerate(sorted((place / "consultation" / "mailbox").iterdir())):
        if rank % 8 and "photographi" not in path.name:
            path.unlink()
    assert assises(place, "run", "--as-of", "2020-01-19").code == 0
    return place


def assises(place: Path, *words: str) -> Said:
    """Run a command as a person does, in this process."""
    home, out, err = str(place / "home"), StringIO(), StringIO()
    asked = [*words, "--home", home]
    if words[0] != "status" and words[1] not in {"log", "score", "labels"}:
        asked += ["--consultation", str(place / "consultation" / "consultation.toml")]
    with as_own_process(), redirect_stderr(err), redirect_stdout(out):
        code = main(asked)
    return Said(code, out.getvalue(), err.getvalue())


def state_of(place: Path) -> State:
    consultation = place / "consultation" / "consultation.toml"
    return current_state(prepare_run(consultation, place / "home"))


def published(place: Path) -> dict[str, bytes]:
    folder = (place / "home" / "published" / "latest").resolve()
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def table(place: Path, name: str) -> list[dict[str, Any]]:
    path = place / "home" / "published" / "latest" / "parquet" / f"{name}.parquet"
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def filled(place: Path, cells: Cells, name: str = "Anne Petit") -> Path:
    """Fill in cells of the workbook of what holds now."""
    path = place / "rempli.ods"
    path.write_bytes(write_ods(written(state_of(place), cells, name)))
    return path


def test_a_workbook_is_exported_for_those_allowed_and_for_others(
    place: Path, tmp_path: Path
) -> None:
    said = assises(place, "review", "export", "--output", str(tmp_path / "open"))
    assert said.code == 0
    assert said.out.split() == [str(tmp_path / "open" / f"relecture.{s}") for s in ("ods", "xlsx")]
    assert sorted(p.name for p in (tmp_path / "open").iterdir()) == [
        "relecture.ods",
        "relecture.xlsx",
    ]
    closed = tmp_path / "closed"
    assert assises(place, "review", "export", "--output", str(closed), "--confidential").code == 0
    assert {p.stem for p in (closed / "a-lire").iterdir()} == set(state_of(place).mails)


def test_decisions_are_applied_once_logged_and_undone(place: Path) -> None:
    before, state = published(place), state_of(place)
    first, second = list(state.groups.values())[:2]
    mail = next(m.submission_id for m in state.mails.values() if m.reason == "to_read")
    case = next(iter(state.cases))
    cells = {
        (GROUPS, first.group_id, layout.NEW_LABEL): LABEL,
        (GROUPS, first.group_id, layout.REASON): "plus clair",
        (GROUPS, second.group_id, layout.NEW_LABEL): "Comme l'a dit Jeanne Martin",
        (STATEMENTS, second.quoted, layout.NEW_KIND): "autre",
        (MAILS, mail, layout.TYPED): TYPED,
        (CASES, case, layout.DONE): "oui",
    }
    workbook = filled(place, cells)

    tried = assises(place, "review", "import", str(workbook), "--dry-run")
    assert (tried.code, published(place)) == (3, before)
    assert not Home(place / "home").decisions.in_force()

    said = assises(place, "review", "import", str(workbook))
    assert said.code == 3
    assert f"{GROUPS}, cellule H" in said.err
    assert "4 décisions enregistrées" in said.err
    assert "1 cellule refusée" in said.err
    after = published(place)
    labels = {row["group_id"]: row["label"] for row in table(place, "core.groups")}
    assert labels[first.group_id] == LABEL
    assert any(TYPED in row["text"] for row in table(place, "core.contributions"))
    decisions = place / "home" / "decisions"
    assert found(pattern(["kiosque"]), [p for p in decisions.rglob("*") if p.is_file()]) == []
    assert case not in assises(place, "status", "--attention").out

    again = assises(place, "review", "import", str(workbook))
    assert "Aucune décision" in again.err
    assert published(place) == after

    log = json.loads(assises(place, "review", "log", "--json").out)
    assert {row["state"] for row in log} == {"en vigueur"}
    assert {row["decided_by"] for row in log} == {"Anne Petit"}
    text = assises(place, "review", "log").out
    assert f"libellé de groupe {first.group_id} : « {first.quoted} » → « {LABEL} »" in text
    assert "(plus clair)" in text

    (import_id,) = {row["import_id"] for row in log}
    assert assises(place, "review", "undo", import_id, "--because", "essai").code == 0
    assert published(place) == before
    refused = assises(place, "review", "undo", import_id)
    assert (refused.code, "déjà annulé" in refused.err) == (2, True)
    assert assises(place, "review", "undo", "d-0").code == 2
    states = [row["state"] for row in json.loads(assises(place, "review", "log", "--json").out)]
    assert states == ["annulée"] * 4 + ["en vigueur"] * 4


def test_a_quotation_is_given_to_all_once_a_person_let_it_out(place: Path) -> None:
    state = state_of(place)
    one = next(g.quoted for g in state.groups.values() if g.kind != "autre")
    workbook = filled(place, {(VERBATIMS, one, layout.OPEN): "oui"})
    said = assises(place, "review", "import", str(workbook), "--by", "agent")
    assert (said.code, "refaite" in said.err) == (0, False)  # nothing of the synthesis changes
    folder = Path(assises(place, "export", "open-data").out.strip())
    assert one in (folder / "verbatims.csv").read_text("utf-8")


@pytest.mark.parametrize("content", [b"", b"pas un classeur"])
def test_a_file_that_is_no_workbook_is_told(place: Path, content: bytes) -> None:
    path = place / "lettre.ods"
    path.write_bytes(content)
    said = assises(place, "review", "import", str(path))
    assert (said.code, str(path) in said.err) == (2, True)
    assert assises(place, "review", "import", str(place / "absent.ods")).code == 2


def test_an_import_that_was_cut_short_is_completed_by_the_next_command(place: Path) -> None:
    kept, joined = [g for g in state_of(place).groups.values() if g.kind != "autre"][:2]
    number = str(number_of(written(state_of(place)), kept.group_id))
    workbook = filled(place, {(GROUPS, joined.group_id, layout.MERGE): number}, name="")
    run = prepare_run(place / "consultation" / "consultation.toml", place / "home")
    (cut_short,) = import_workbooks(run, [workbook], by="Paul Roy")
    assert (cut_short.author, cut_short.acts) == ("Paul Roy", {"group_merge": 1})
    assert not any(row["group_id"] == joined.group_id for row in table(place, "core.group_history"))

    said = assises(place, "review", "import", str(workbook))
    assert (said.code, "Synthèse refaite" in said.err) == (0, True)
    assert "Aucune décision" in said.err
    became = {row["group_id"]: row["became_group_id"] for row in table(place, "core.group_history")}
    assert became[joined.group_id] == kept.group_id


def test_the_blind_sample_is_drawn_read_and_scored(place: Path, tmp_path: Path) -> None:
    said = assises(place, "review", "export", "--sample", "30", "--output", str(tmp_path))
    assert said.code == 0
    assert [Path(path).name for path in said.out.split()] == [
        f"echantillon-{reader}.{suffix}" for reader in (1, 2) for suffix in ("ods", "xlsx")
    ]
    consultation = read_consultation(place / "consultation" / "consultation.toml")
    shown = drawn_statements(Home(place / "home")).values()
    guide, who, sample = sample_workbook(list(shown), consultation, 1).sheets
    place_of = [field.title for field in sample.fields].index("Nature")
    labelled = (*sample.rows[0][:place_of], "constat", *sample.rows[0][place_of + 1 :])
    sheets = (
        guide,
        replace(who, rows=((1, "Zoé Blanc"),)),
        replace(sample, rows=(labelled, *sample.rows[1:])),
    )
    path = tmp_path / "lu.ods"
    path.write_bytes(write_ods(Workbook("Lu", sheets)))
    said = assises(place, "review", "import", str(path))
    assert said.code == 0
    assert "par Zoé Blanc" in said.err
    assert "(1 nature de l'échantillon)" in said.err
    assert json.loads(assises(place, "review", "score", "--json").out)["drawn_count"] == len(shown)
    parts = [
        assises(place, "review", "labels", "--part", p).out for p in ("mesure", "apprentissage")
    ]
    assert sum(part.count(",constat\n") for part in parts) == 1


def test_a_synthesis_is_validated_then_transmitted(place: Path, tmp_path: Path) -> None:
    by = ("--by", "Jeanne Martin, cheffe de bureau")
    assert assises(place, "review", "transmit", *by).code == 2
    said = assises(place, "review", "validate", *by)
    assert (said.code, "est validée par Jeanne Martin" in said.err) == (0, True)
    archive = tmp_path / "remise.zip"
    said = assises(place, "review", "transmit", *by, "--output", str(archive))
    assert (said.code, said.out.strip()) == (0, str(archive))
    assert archive.exists()
    assert assises(place, "review", "validate", *by, "--withdraw").code == 2  # it went out
