"""A batch of contributions becomes a table of labelled statements."""

from __future__ import annotations

from tasks.consultation import Theme
from tasks.language.analysis import ANALYSED_SCHEMA, analyse_contributions
from tasks.language.themes import ThemeModel

MODEL = ThemeModel.of([Theme("service", "le service rendu", "Service", cues=("patrouille",))], [])


def test_statements_are_words_of_the_text_with_their_labels_and_reasons() -> None:
    texts = [
        "Bonjour,\n\nIl faut des patrouilles. On ne voit personne.",
        "Merci",
        "Thème 1 : le service rendu\nTrop lent",
    ]
    ids = ["c-000000000000000a", "c-000000000000000b", "c-000000000000000c"]
    table = analyse_contributions(ids, texts, MODEL)
    assert table.schema == ANALYSED_SCHEMA
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
    assert (second["theme"], second["kind"], second["position"]) == ("hors_theme", "constat", 2)
    assert (third["theme"], third["heading"]) == ("service", "Thème 1 : le service rendu")


def test_no_contribution_makes_an_empty_table_of_the_same_columns() -> None:
    assert analyse_contributions([], [], MODEL).schema == ANALYSED_SCHEMA
