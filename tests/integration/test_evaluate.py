"""`assises evaluate`: labelled statements of an invented consultation about a swimming pool."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from tests.program import EXAMPLE, ROOT, assises, environment

CONSULTATION = """
[consultation]
slug = "piscine"
title = "La piscine"
organiser = "La mairie"
addressee = "Madame la Maire"
opening = 2021-03-01
deadline = 2021-04-01
department = "03"

[[theme]]
code = "bassins"
label = "l'eau et les bassins de la piscine"
short_label = "Bassins"

[[theme]]
code = "accueil"
label = "l'accueil du public et les tarifs"
short_label = "Accueil et tarifs"

[lexicon.bassins]
cues = ["bassin", "grand bain"]

[lexicon.accueil]
cues = ["caisse", "tarif*"]
"""
# The definitions know the words of four; "toboggan" and "vestiaire" are to be learnt.
GOLD = [
    ("p1", "Le bassin est froid", "bassins", "constat"),
    ("p2", "Il faut agrandir le grand bain", "bassins", "proposition"),
    ("p3", "La caisse ferme à midi", "accueil", "constat"),
    ("p4", "Il faut baisser les tarifs", "accueil", "proposition"),
    ("p5", "Le toboggan est fermé depuis Noël", "bassins", "constat"),
    ("p6", "Il faut repeindre le vestiaire", "accueil", "proposition"),
    ("p7", "Les trains sont en retard", "hors_theme", "constat"),
    ("p8", "Les impôts augmentent", "hors_theme", ""),
    ("p9", "Merci", "", "autre"),
]
HOWS = ("fuit", "est sale", "est petit", "grince")
LABELS = [
    *((f"Le toboggan {how}", "bassins") for how in HOWS),
    *((f"Le vestiaire {how}", "accueil") for how in HOWS),
    *((f"Le train {how}", "hors_theme") for how in HOWS),
    *((f"L'impôt {how}", "hors_theme") for how in HOWS),
]

Write = Callable[..., Path]
Evaluate = Callable[..., dict[str, Any]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a table of labelled statements."""

    def write_table(
        name: str = "gold.csv",
        rows: list[tuple[str, ...]] | None = None,
        columns: tuple[str, ...] = ("unit_id", "text", "theme", "kind"),
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(columns)
            table.writerows(GOLD if rows is None else rows)
        return path

    return write_table


@pytest.fixture
def consultation(tmp_path: Path) -> Path:
    path = tmp_path / "consultation.toml"
    path.write_text(CONSULTATION, encoding="utf-8")
    return path


@pytest.fixture
def evaluate(consultation: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> Evaluate:
    """Evaluate the labelled statements and return what is printed as JSON."""

    def run(*options: str) -> dict[str, Any]:
        asked = ["evaluate", str(write()), "--consultation", str(consultation), "--json"]
        assert main([*asked, *options]) == 0
        return dict(json.loads(capsys.readouterr().out))

    return run


def test_definitions_are_scored_beside_the_plain_answers(evaluate: Evaluate) -> None:
    found = evaluate()
    assert (found["mode"], found["trained"]) == ("definitions", None)
    theme = found["theme"]
    assert list(theme["by_class"]) == ["bassins", "accueil", "hors_theme"]
    assert theme["by_class"]["bassins"] == {
        "precision": 1.0,
        "recall": 0.6667,
        "f1": 0.8,
        "support": 3,
    }
    assert theme["confusion"]["accueil"] == {"bassins": 0, "accueil": 2, "hors_theme": 1}
    assert theme["macro_f1"] == pytest.approx((0.8 + 0.8 + 2 / 3) / 3, abs=1e-4)
    low, high = theme["interval"]
    assert 0 <= low <= theme["macro_f1"] <= high <= 1
    assert (theme["statement_count"], found["kind"]["statement_count"]) == (8, 8)
    assert list(found["kind"]["by_class"]) == ["constat", "proposition", "autre"]
    assert list(found["baselines"]["theme"]) == ["majority", "titles", "tfidf"]
    assert list(found["baselines"]["kind"]) == ["majority", "tfidf"]
    assert found["baselines"]["theme"]["tfidf"]["learnt_from"] == "cross_validation"


def test_the_same_bytes_twice(evaluate: Evaluate) -> None:
    assert evaluate() == evaluate()


def test_labelled_statements_improve_it(evaluate: Evaluate, write: Write) -> None:
    labels = write("labels.csv", LABELS, ("text", "theme"))
    found = evaluate("--train", str(labels))
    assert found["mode"] == "trained"
    assert found["trained"] == {
        "labels": [str(labels)],
        "statement_count": len(LABELS),
        "left_out_count": 0,
    }
    assert found["theme"]["confusion"]["bassins"]["bassins"] == 3  # the toboggan
    assert found["theme"]["macro_f1"] > evaluate()["theme"]["macro_f1"]
    assert found["kind"] == evaluate()["kind"]
    assert found["baselines"]["theme"]["tfidf"]["learnt_from"] == "labels"
    assert found["baselines"]["kind"]["tfidf"]["learnt_from"] == "cross_validation"  # no kinds


def test_nothing_is_learnt_of_what_is_scored(evaluate: Evaluate, write: Write) -> None:
    labels = write("labels.csv", LABELS, ("text", "theme"))
    copies = write(
        "copies.csv",
        [("LE TOBOGGAN est fermé, depuis Noel !", "hors_theme"), ("Merci", "accueil")],
        ("text", "theme"),
    )
    found = evaluate("--train", str(labels), "--train", str(copies))
    assert found["trained"]["left_out_count"] == 2
    assert found["theme"] == evaluate("--train", str(labels))["theme"]


def test_a_table_that_was_written_serves_afterwards(
    evaluate: Evaluate, write: Write, consultation: Path, tmp_path: Path
) -> None:
    labels, table = write("labels.csv", LABELS, ("text", "theme")), tmp_path / "themes.csv"
    learnt = evaluate("--train", str(labels), "--write", str(table))
    with consultation.open("a", encoding="utf-8") as file:
        file.write('\n[trained]\nthemes = "themes.csv"\n')
    used = evaluate()
    assert (used["mode"], used["trained"]) == ("trained", {"table": "themes.csv"})
    assert used["theme"] == learnt["theme"]
    alone = evaluate("--definitions-only")
    assert alone["mode"] == "definitions"
    assert alone["theme"]["macro_f1"] < used["theme"]["macro_f1"]
    again = evaluate("--train", str(labels), "--write", str(table))  # over the one before
    assert again["theme"] == learnt["theme"]


def test_a_person_reads_aligned_tables(
    write: Write, consultation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [*GOLD, ("p1", "Le grand bain", "bassins", "")]
    assert main(["evaluate", str(write(rows=rows)), "--consultation", str(consultation)]) == 0
    said = capsys.readouterr()
    assert said.err == "1 unit_id sur plusieurs lignes : chaque ligne est comptée.\n"
    lines = said.out.splitlines()
    assert lines[0] == "Mode : définitions seules"
    assert lines[2].startswith("Thème : macro-F1 0,")
    header, *classes = lines[3:7]
    assert header.split() == ["précision", "rappel", "F1", "énoncés"]
    assert classes[0].split() == ["bassins", "1,000", "0,750", "0,857", "4"]
    assert {len(line) for line in (header, *classes)} == {len(header)}
    assert "Thème étiqueté (lignes) et trouvé (colonnes)" in lines
    assert sum("toujours le plus fréquent" in line for line in lines) == 2
    assert sum("mots des intitulés" in line for line in lines) == 1


def test_one_column_may_be_empty(
    write: Write, consultation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(unit, text, "", kind) for unit, text, _, kind in GOLD]
    asked = ["evaluate", str(write(rows=rows)), "--consultation", str(consultation)]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["theme"], found["baselines"]["theme"]) == (None, {})
    assert found["kind"]["statement_count"] == 8
    assert main(asked) == 0
    assert "Thème : aucun énoncé étiqueté" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "columns", "sentence"),
    [
        pytest.param([], None, "aucune ligne n'a de thème", id="no row"),
        pytest.param(
            [("p1", "Le bassin", "piscine", "constat")],
            None,
            "ligne 2, colonne theme : thème inconnu « piscine » ; codes connus : bassins, accueil, "
            "hors_theme",
            id="theme",
        ),
        pytest.param(
            [("p1", "Le bassin", "bassins", "avis")], None, "nature inconnue « avis »", id="kind"
        ),
        pytest.param(
            [("p1", "bassins")], ("unit_id", "theme"), "il manque la colonne text", id="column"
        ),
    ],
)
def test_a_wrong_table_is_one_sentence(
    write: Write,
    consultation: Path,
    capsys: pytest.CaptureFixture[str],
    rows: list[tuple[str, ...]],
    columns: tuple[str, ...] | None,
    sentence: str,
) -> None:
    gold = write("gold.csv", rows, columns or ("unit_id", "text", "theme", "kind"))
    said = refused(capsys, str(gold), "--consultation", str(consultation))
    assert said.startswith(f"{gold} : ")
    assert sentence in said


def test_a_wrong_request_is_one_sentence(
    write: Write, consultation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = (str(write()), "--consultation", str(consultation))
    absent = str(tmp_path / "rien.csv")
    assert "n'existe pas" in refused(capsys, absent, *asked[1:])
    assert "n'existe pas" in refused(capsys, *asked, "--train", absent)
    assert "ne peut pas être lu" in refused(capsys, str(tmp_path), *asked[1:])
    assert "donnez aussi --train" in refused(capsys, *asked, "--write", absent)
    same = str(write("same.csv"))
    assert "au moins deux thèmes" in refused(capsys, *asked, "--train", same)


def test_a_file_that_is_no_table_is_never_overwritten(
    write: Write, consultation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold, labels = write(), write("labels.csv", LABELS, ("text", "theme"))
    before = gold.read_bytes()
    asked = (str(gold), "--consultation", str(consultation), "--train", str(labels))
    assert "n'est pas une table apprise" in refused(capsys, *asked, "--write", str(gold))
    assert gold.read_bytes() == before


def test_a_damaged_table_is_one_sentence(
    write: Write, consultation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with consultation.open("a", encoding="utf-8") as file:
        file.write('\n[trained]\nthemes = "themes.csv"\n')
    asked = (str(write()), "--consultation", str(consultation))
    assert "themes.csv" in refused(capsys, *asked)  # it is not there
    for damaged in ("(biais),x,1", "bassin,1,1"):
        table = f"feature,bassins,accueil\n{damaged}\n"
        (tmp_path / "themes.csv").write_text(table, encoding="utf-8")
        assert "est abîmée" in refused(capsys, *asked)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Evaluate, expect a refusal of one line, return it."""
    assert main(["evaluate", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (sentence,) = said.err.splitlines()
    return sentence


def test_what_a_run_imports_and_a_table_tells_holds_no_scikit_learn() -> None:
    code = (
        "import sys, flows.daily_synthesis, flows.evaluation\n"
        "from tasks.language.kinds import classify_kinds\n"
        "classify_kinds(['Il faut un pont'])\n"
        "sys.exit('sklearn' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), check=False)
    assert ran.returncode == 0


def test_two_modes_cannot_be_asked_at_once() -> None:
    ran = assises("evaluate", "gold.csv", "--definitions-only", "--train", "labels.csv")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--help" in ran.stderr


def test_definitions_tell_the_statements_at_hand_better_than_plain_answers() -> None:
    gold = ROOT.parent / "shared" / "data" / "gold" / "statements_dev_agreed.csv"
    if not gold.exists():
        pytest.skip("no labelled statements beside the checkout")
    # By definitions: what is learnt, of themes as of kinds, may come from these very statements.
    asked = ["--consultation", str(EXAMPLE / "consultation.toml"), "--definitions-only", "--json"]
    ran = assises("evaluate", str(gold), *asked)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    plain = [of["macro_f1"] for of in found["baselines"]["theme"].values()]
    assert found["theme"]["macro_f1"] > max(plain)
