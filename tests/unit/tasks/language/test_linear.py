"""Tables of weights: what they say, that they are written and read alike, what they learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from snowballstemmer.french_stemmer import FrenchStemmer

from tasks.consultation import Theme
from tasks.language.kinds import kind_features, kind_model
from tasks.language.linear import (
    SCALE,
    LinearModel,
    letter_runs,
    pieces,
    statement_vectors,
    word_features,
)
from tasks.language.themes import ThemeModel, theme_features
from tasks.language.vectors import UNIT, WordVectors, unit, word_vectors
from tasks.training import LEAST_STATEMENTS, train_kinds, train_themes

POOL = [
    ("Le grand bain est froid", "bassins"),
    ("Le petit bain est froid", "bassins"),
    ("Chauffer le grand bain", "bassins"),
    ("Le bain est glacé le matin", "bassins"),
    ("Baisser le tarif des enfants", "accueil"),
    ("Le tarif est trop haut", "accueil"),
    ("Un tarif unique à la caisse", "accueil"),
    ("La caisse ferme trop tôt", "accueil"),
]
TEXTS, LABELS = [t for t, _ in POOL], [c for _, c in POOL]


@pytest.fixture(scope="module")
def pool() -> LinearModel:
    return train_themes(TEXTS, LABELS)


def _told(model: LinearModel, text: str) -> str:
    scores = model.scores(statement_vectors([text]), [theme_features(text)])
    return model.classes[int(scores.argmax())]


@pytest.mark.parametrize(
    ("text", "theme"),
    [("Un bain plus chaud", "bassins"), ("LES TARIFS", "accueil"), ("tariff réduit", "accueil")],
)
def test_a_table_tells_what_it_was_taught_of_words_it_has_not_seen_together(
    pool: LinearModel, text: str, theme: str
) -> None:
    assert _told(pool, text) == theme


def test_a_theme_that_a_table_does_not_know_is_told_by_its_definition(pool: LinearModel) -> None:
    known = [Theme(code, code, code) for code in pool.classes]
    added = Theme("ecoles", "Les écoles", "Écoles", cues=("élève*", "créneau scolaire"))
    # As when many more statements of the pool were of the bassins.
    sure = replace(pool, bias=np.add(pool.bias, [0, 3 * SCALE]))
    model = ThemeModel.of([*known, added], [], sure)
    labels = model.classify(
        ["Le grand bain est réservé aux élèves", "Le bain est froid"], [None] * 2
    )
    assert [label.theme for label in labels] == ["ecoles", "bassins"]
    assert labels[0].why == "repère « élève* »"


def test_a_table_is_read_as_it_was_written(pool: LinearModel) -> None:
    table = pool.write()
    again = LinearModel.read(table)
    assert again.write() == table
    features = [theme_features(t) for t in TEXTS]
    vectors = statement_vectors(TEXTS)
    assert np.array_equal(again.scores(vectors, features), pool.scores(vectors, features))


def test_teaching_twice_gives_the_same_table(pool: LinearModel) -> None:
    assert train_themes(TEXTS, LABELS).write() == pool.write()


def test_a_table_holds_only_what_several_statements_share(pool: LinearModel) -> None:
    for feature in pool.places:
        users = [t for t in TEXTS if feature in theme_features(t).found | _runs(t)]
        assert len(users) >= LEAST_STATEMENTS, feature


def _runs(text: str) -> set[str]:
    return {run for piece in pieces(text) for run in letter_runs(piece)}


def test_the_reasons_are_words_that_speak_for_the_class(pool: LinearModel) -> None:
    found = word_features("Le tarif du grand bain")
    assert pool.reasons(found, pool.classes.index("accueil")) == ["tarif"]
    assert "tarif" not in pool.reasons(found, pool.classes.index("bassins"))


@pytest.mark.parametrize("table", ["", "mot,a,b\n", "feature,a\n(biais),1\n"], ids=repr)
def test_what_is_no_table_is_refused(table: str) -> None:
    with pytest.raises(ValueError, match="no table"):
        LinearModel.read(table)


def test_scores_do_not_depend_on_what_is_read_beside(pool: LinearModel) -> None:
    vectors = statement_vectors(TEXTS)
    alone = pool.scores(vectors[:1], [theme_features(TEXTS[0])])
    beside = pool.scores(vectors, [theme_features(t) for t in TEXTS])
    assert np.array_equal(alone[0], beside[0])


def test_kinds_are_learnt_of_two_and_others_are_left_out() -> None:
    texts = ["Il faut agir", "Il faut venir", "Il faut lire", "On voit", "On sait", "On lit", "Bof"]
    model = train_kinds(texts, ["proposition"] * 3 + ["constat"] * 3 + ["autre"])
    assert set(model.classes) == {"constat", "proposition"}
    text = "Il faut rire"
    scores = model.scores(statement_vectors([text]), [kind_features(text)])
    assert model.classes[int(scores.argmax())] == "proposition"


def test_every_rule_that_the_kinds_table_knows_is_still_a_rule() -> None:
    texts = ["Il faut des rondes", "Renforcer les rondes", "Faites des rondes", "Des rondes"]
    rules = {f for t in texts for f in kind_features(t).found if f.startswith("règle ")}
    known = {name for name in kind_model().places if name.startswith("règle ")}
    assert rules <= known, "a rule has changed: teach the table again (docs/quality.md)"


# --- vectors -------------------------------------------------------------------------------------


def _near(one: str, other: str) -> float:
    vectors = statement_vectors([one, other])
    return float(vectors[0] @ vectors[1]) / UNIT**2


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("gendarmes", "policiers", "impôts"),
        ("vélo", "voiture", "plainte"),
        ("collège", "école", "caméra"),
        ("PLAINTES", "plainte", "vélo"),
    ],
)
def test_words_that_citizens_write_together_are_near(word: str, near: str, far: str) -> None:
    assert _near(word, near) > _near(word, far)


def test_a_text_of_unknown_words_has_no_direction() -> None:
    assert not statement_vectors(["zglorb frumptz", ""]).any()


def test_unit_vectors_are_integers_of_one_length() -> None:
    rows = unit(np.array([[3, 4], [0, 0], [-6, 8]]))
    assert rows.dtype == np.int64
    assert rows.tolist() == [[1228, 1638], [0, 0], [-1228, 1638]]


def test_the_shipped_vectors_are_read_as_they_were_written() -> None:
    table = word_vectors()
    again = WordVectors.read(table.write())
    assert again.words == table.words
    assert again.stems == table.stems
    assert np.array_equal(again.vectors, table.vectors)
    assert np.array_equal(again.text_counts, table.text_counts)
    assert table.text_counts.min() >= 8  # a word that fewer texts use might be somebody's


def test_the_shipped_stems_are_those_of_the_words() -> None:
    table = word_vectors()
    assert list(table.stems) == [FrenchStemmer().stemWord(word) for word in table.words]
