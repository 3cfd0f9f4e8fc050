"""A batch of contributions becomes a table of labelled statements."""

from __future__ import annotations

import pickle

from tasks.consultation import Theme
from tasks.language.analysis import CARRIED_SCORE, analyse_contributions
from tasks.language.themes import ThemeModel
from warehouse.contracts import LAKE_STATEMENTS

MODEL = ThemeModel.of([Theme("service", "le service rendu", "Service", cues=("patrouille",))], [])


def test_statements_are_words_of_the_text_with_their_labels_and_reasons() -> None:
    texts = [
        "Bonjour,\n\nIl faut des patrouilles. On ne voit personne.",
        "Merci",
        "Thème 1 : le service rendu\nTrop lent",
    ]
    ids = ["c-000000000000000a", "c-000000000000000b", "c-000000000000000c"]
    table = analyse_contributions(ids, texts, MODEL)
    assert table.schema == LAKE_STATEMENTS.schema
    rows = table.to_pylist()
    assert [r["statement_id"] for r in rows] == [f"{ids[0]}-001", f"{ids[0]}-002", f"{ids[2]}-001"]
    for row in rows:
        text = texts[ids.index(row["contribution_id"])]
        assert row["text"] == text[row["char_start"] : row["char_end"]]
    first, second, third = rows
    assert (first["theme"], first["kind"], first["label"]) == (
        "service",
        "proposition",
        "Des patrouilles",
    )
    assert first["why"] == "thème : repère « patrouille » ; nature : « il faut »"
    assert (second["theme"], second["kind"], second["position"]) == ("service", "constat", 2)
    assert (third["theme"], third["heading"]) == ("service", "Thème 1 : le service rendu")


def test_no_contribution_makes_an_empty_table_of_the_same_columns() -> None:
    assert analyse_contributions([], [], MODEL).schema == LAKE_STATEMENTS.schema


def test_a_silent_statement_goes_on_with_its_paragraph_and_no_further() -> None:
    text = "Les patrouilles sont rares. Hier encore.\n\nPersonne ne vient. Les impôts augmentent."
    model = ThemeModel.of(
        [Theme("service", "le service rendu", "Service", cues=("patrouille",))], ["impôts"]
    )
    rows = analyse_contributions(["c-000000000000000a"], [text], model).to_pylist()
    assert [(r["text"], r["theme"]) for r in rows] == [
        ("Les patrouilles sont rares.", "service"),
        ("Hier encore.", "service"),
        ("Personne ne vient.", "hors_theme"),
        ("Les impôts augmentent.", "hors_theme"),
    ]
    assert rows[1]["theme_score"] == CARRIED_SCORE
    assert "suite de l'énoncé précédent" in rows[1]["why"]


def test_an_item_of_a_list_is_read_with_what_governs_it() -> None:
    text = "Il faudrait :\n- la brigade le samedi\n- la brigade le dimanche\n- un agent au guichet"
    found = analyse_contributions(["c-0000000000000001"], [text], MODEL).to_pylist()
    assert [row["text"] for row in found][:2] == ["la brigade le samedi", "la brigade le dimanche"]
    assert {row["kind"] for row in found} == {"proposition"}
    assert all(text[row["char_start"] : row["char_end"]] == row["text"] for row in found)


def test_a_model_that_is_sent_again_is_the_one_that_was_compiled() -> None:
    sent = pickle.dumps(MODEL)
    assert pickle.loads(sent) is pickle.loads(sent)
    text = "Il faut des patrouilles."
    there, here = (analyse_contributions(["c-0"], [text], m) for m in (pickle.loads(sent), MODEL))
    assert there == here
