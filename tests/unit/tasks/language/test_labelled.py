"""Tables of labelled statements: what is read, and what is refused with the line to mend."""

from __future__ import annotations

import pytest

from tasks.language.labelled import (
    LabelError,
    Labelled,
    folded_words,
    read_labelled,
    repeated_units,
)

THEMES = ["bassins", "accueil", "hors_theme"]
HEADER = "unit_id,text,theme,kind\n"


def test_a_table_is_read_row_by_row() -> None:
    table = HEADER + 'p1,"Ouvrir le bassin, même l\'hiver",bassins,proposition\np2,Merci,,autre\n'
    assert read_labelled(table.encode(), THEMES) == [
        Labelled("p1", "Ouvrir le bassin, même l'hiver", "bassins", "proposition"),
        Labelled("p2", "Merci", None, "autre"),
    ]


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffunit_id,text,theme,kind\np1,Le bassin est froid,bassins,constat\n",
        "unit_id;text;theme;kind\r\np1;Le bassin est froid;bassins;constat\r\n",
        "kind\ttheme\ttext\tunit_id\nconstat\tbassins\tLe bassin est froid\tp1\n",
        "unit_id,text,theme,kind,theme2\n\np1,Le bassin est froid, bassins ,constat,accueil\n",
    ],
    ids=["byte order mark", "semicolons", "tabs, another order", "more columns, spaces, a gap"],
)
def test_a_spreadsheets_table_is_read(table: str) -> None:
    assert read_labelled(table.encode(), THEMES) == [
        Labelled("p1", "Le bassin est froid", "bassins", "constat")
    ]


def test_rows_without_any_label_are_left_out() -> None:
    table = HEADER + "p1,Le bassin,bassins,\np2,La caisse,,\np3,Le bain\n"
    assert [one.unit_id for one in read_labelled(table.encode(), THEMES)] == ["p1"]


def test_a_column_that_is_not_required_may_be_missing() -> None:
    (one,) = read_labelled(b"text,theme\nLe bassin,bassins\n", THEMES, ("text", "theme"))
    assert one == Labelled("", "Le bassin", "bassins", None)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        pytest.param(b"", "le fichier est vide", id="empty"),
        pytest.param(b" \n\n", "le fichier est vide", id="blank"),
        pytest.param(HEADER.encode(), "aucune ligne n'a de thème", id="header alone"),
        pytest.param(
            b"unit_id,text,theme\np1,a,bassins\n",
            "il manque la colonne kind (colonnes du fichier : unit_id, text, theme)",
            id="column",
        ),
        pytest.param(
            HEADER.encode() + b'p1,"Le\nbassin",bassins,constat\np2,Le bain,basin,constat\n',
            "ligne 4, colonne theme : thème inconnu « basin » ; codes connus : bassins, accueil, "
            "hors_theme",
            id="theme",
        ),
        pytest.param(
            HEADER.encode() + b"p1,Le bassin,bassins,avis\n",
            "ligne 2, colonne kind : nature inconnue « avis » ; codes connus : constat, "
            "proposition, autre",
            id="kind",
        ),
        pytest.param(
            HEADER.encode() + b"p1,Le bassin, froid,bassins,constat\n",
            "ligne 2 : plus de cellules que de colonnes",
            id="comma in a text",
        ),
        pytest.param(
            HEADER.encode() + "p1,Bassin,bassins,\np2,Été,bassins,\n".encode("cp1252"),
            "ligne 3 : ce n'est pas de l'UTF-8",
            id="windows-1252",
        ),
        pytest.param(HEADER.encode("utf-16"), "ligne 1 : ce n'est pas de l'UTF-8", id="UTF-16"),
        pytest.param(
            HEADER.encode() + b"p1," + b"a" * 140_000 + b",bassins,constat\n",
            "le tableau ne peut être lu",
            id="a cell too long",
        ),
    ],
)
def test_a_wrong_table_is_refused(table: bytes, sentence: str) -> None:
    with pytest.raises(LabelError) as refusal:
        read_labelled(table, THEMES)
    assert sentence in str(refusal.value)


def test_units_on_several_rows_are_counted() -> None:
    rows = [Labelled(unit, "Le bassin", "bassins", None) for unit in ("p1", "p2", "p1", "", "")]
    assert repeated_units(rows) == 1


def test_statements_that_differ_by_signs_and_accents_are_the_same() -> None:
    assert folded_words("« L'ÉTÉ, au bassin ! »") == folded_words("l’été au bassin")
