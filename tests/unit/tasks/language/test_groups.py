"""Groups of like statements: who meets, who must not, and days folded one by one."""

from __future__ import annotations

import csv
import hashlib
import random
from pathlib import Path

import pyarrow as pa
import pytest

from tasks.language import blocks
from tasks.language.encoders import CommonWords
from tasks.language.features import read_features
from tasks.language.groups import MEMBERSHIPS_SCHEMA, GroupState, fold_groups
from tasks.language.kinds import classify_kinds

OPPOSITES = [
    ("Plus de vidéoprotection dans le bourg", "Contre la vidéoprotection dans le bourg"),
    ("Plus de policiers dans les rues", "Moins de policiers dans les rues"),
    ("Oui aux caméras sur la place du marché", "Non aux caméras sur la place du marché"),
    ("Installer des caméras devant le collège", "Retirer les caméras devant le collège"),
    ("Rouvrir la gendarmerie de notre canton", "Fermer la gendarmerie de notre canton"),
    ("Maintenir les brigades rurales", "Supprimer les brigades rurales"),
    ("Armer la police municipale", "Désarmer la police municipale"),
    ("Armer la police municipale", "Ne pas armer la police municipale"),
    ("Autoriser les drones de surveillance", "Interdire les drones de surveillance"),
    ("Augmenter les contrôles routiers", "Réduire les contrôles routiers"),
    ("Augmentation des effectifs de gendarmerie", "Diminution des effectifs de gendarmerie"),
    ("Continuer les voisins vigilants", "Arrêter les voisins vigilants"),
    (
        "Il faut la police de proximité dans les quartiers",
        "Il ne faut pas la police de proximité dans les quartiers",
    ),
    ("Je suis favorable à la réserve citoyenne", "Je suis opposé à la réserve citoyenne"),
    (
        "Je suis pour l'armement des policiers municipaux",
        "Je suis contre l'armement des policiers municipaux",
    ),
    ("Ouvrir le commissariat la nuit", "Fermer le commissariat la nuit"),
    ("Encourager les signalements anonymes", "Décourager les signalements anonymes"),
    ("Accepter les plaintes par courriel", "Refuser les plaintes par courriel"),
    (
        "Les gendarmes sont présents dans nos villages",
        "Les gendarmes sont absents dans nos villages",
    ),
    ("Les gendarmes passent dans nos hameaux", "Les gendarmes ne passent plus dans nos hameaux"),
    ("La police intervient vite chez nous", "La police n'intervient pas vite chez nous"),
    ("Il y a des patrouilles le soir", "Il n'y a pas de patrouilles le soir"),
    ("Il y a trop de contrôles sur la route", "Il n'y a pas assez de contrôles sur la route"),
    ("Trop de gendarmes au bord des routes", "Pas assez de gendarmes au bord des routes"),
    ("J'ai confiance dans les gendarmes", "Je n'ai aucune confiance dans les gendarmes"),
    (
        "Il est facile de porter plainte au commissariat",
        "Il est difficile de porter plainte au commissariat",
    ),
    ("L'accueil à la brigade est bon", "L'accueil à la brigade est mauvais"),
    ("Les caméras du centre sont efficaces", "Les caméras du centre sont inefficaces"),
    ("La vidéosurveillance est utile", "La vidéosurveillance est inutile"),
    ("L'intervention des policiers est rapide", "L'intervention des policiers est trop lente"),
    ("Avec des armes pour les policiers municipaux", "Sans armes pour les policiers municipaux"),
    ("Hausse des moyens de la gendarmerie", "Baisse des moyens de la gendarmerie"),
    ("Stop aux radars sur la départementale", "Oui aux radars sur la départementale"),
    ("Il faut des radars sur la départementale", "Arrêtons avec les radars sur la départementale"),
]
LIKE = [
    ("Plus de policiers dans les campagnes", "Il faut plus de policiers dans nos campagnes !"),
    ("Rétablir la police de proximité", "Il faudrait remettre en place une police de proximité"),
    (
        "Voisins vigilants dans chaque commune",
        "Développer les voisins vigilants dans chaque commune",
    ),
]
UNLIKE = [
    ("Plus de policiers dans les campagnes", "Plus de médecins dans les campagnes"),
    ("Former les gendarmes à l'accueil des victimes", "Plus de gendarmes"),
    ("Police", "Police municipale armée la nuit dans les transports"),
]


COMMON = CommonWords(frozenset({"polic", "polici"}), ("gendarm",))


def _table(*rows: tuple[str, str, str]) -> pa.Table:
    ids = [f"c-{i:016x}-001" for i in range(len(rows))]
    return _statements([(i, *row) for i, row in zip(ids, rows, strict=True)])


def _statements(rows: list[tuple[str, str, str, str]]) -> pa.Table:
    ids, texts, themes, kinds = ([row[k] for row in rows] for k in range(4))
    features = read_features(texts, themes, kinds, COMMON)
    names = ["statement_id", "text", *features.column_names]
    return pa.table([pa.array(ids, pa.string()), texts, *features.columns], names)


def _placed(table: pa.Table) -> list[str]:
    """The group of each statement at the end of the day, merges followed."""
    fold, _ = fold_groups(GroupState.empty(), table)
    became = dict(
        zip(*(fold.merges[c].to_pylist() for c in ("group_id", "became_group_id")), strict=True)
    )
    groups = fold.memberships["group_id"].to_pylist()
    for place, group in enumerate(groups):
        while group in became:
            group = groups[place] = became[group]  # noqa: PLW2901
    return groups


def _groups(first: str, second: str, kind: str = "proposition") -> list[str]:
    table = _table((first, "service", kind), (second, "service", kind))
    return _placed(table)


@pytest.mark.parametrize("kind", ["proposition", "constat"])
@pytest.mark.parametrize(("one", "other"), OPPOSITES, ids=lambda t: t)
def test_opposite_positions_never_share_a_group(one: str, other: str, kind: str) -> None:
    assert len(set(_groups(one, other, kind))) == 2
    assert len(set(_groups(other, one, kind))) == 2


@pytest.mark.parametrize(("one", "other"), LIKE, ids=lambda t: t)
def test_the_same_request_in_other_words_is_one_group(one: str, other: str) -> None:
    assert len(set(_groups(one, other))) == 1


@pytest.mark.parametrize(("one", "other"), UNLIKE, ids=lambda t: t)
def test_shared_words_alone_make_no_group(one: str, other: str) -> None:
    assert len(set(_groups(one, other))) == 2


def _pairs(name: str) -> list[tuple[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as lines:
        return [(row["one"], row["other"]) for row in csv.DictReader(lines)]


def _sharing(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs of which both land in one group, when all are read together."""
    texts = [text for pair in pairs for text in pair]
    kinds = [label.kind for label in classify_kinds(texts)]
    groups = _placed(_table(*((t, "service", k) for t, k in zip(texts, kinds, strict=True))))
    return [pair for n, pair in enumerate(pairs) if groups[2 * n] == groups[2 * n + 1]]


# What no list of words tells: "en voiture, pas à pied", "les dealers plus que les consommateurs".
@pytest.mark.parametrize(("pairs", "untold"), [("opposites.csv", 1), ("opposites_long.csv", 9)])
def test_opposite_statements_read_together_share_no_group(pairs: str, untold: int) -> None:
    assert len(_sharing(_pairs(pairs))) <= untold


def test_most_paraphrases_read_together_share_a_group() -> None:
    pairs = _pairs("paraphrases.csv")
    assert len(_sharing(pairs)) >= 0.6 * len(pairs)


def test_themes_and_kinds_are_kept_apart() -> None:
    text = "Plus de patrouilles la nuit"
    table = _table(
        (text, "service", "proposition"),
        (text, "lien", "proposition"),
        (text, "service", "constat"),
    )
    assert len(set(_placed(table))) == 3


def test_a_group_is_named_after_its_founder_and_says_why() -> None:
    table = _table(
        ("Plus de patrouilles la nuit", "service", "proposition"),
        ("plus de patrouilles la nuit !", "service", "proposition"),
        ("Des patrouilles plus nombreuses", "service", "proposition"),
    )
    fold, _ = fold_groups(GroupState.empty(), table)
    founder, same, near = fold.memberships.to_pylist()
    identity = "g-" + hashlib.sha256(founder["statement_id"].encode()).hexdigest()[:16]
    assert (founder["group_id"], founder["group_why"]) == (identity, "premier du groupe")
    assert same["group_id"] == near["group_id"] == identity
    quoted = "« Plus de patrouilles la nuit »"
    assert same["group_why"] == f"mêmes mots qu'un énoncé du groupe de {quoted}"
    assert near["group_why"].startswith(f"proche de {quoted} (0,")
    assert near["group_why"].endswith("par « patrouille »")
    assert fold.memberships.schema == MEMBERSHIPS_SCHEMA


def test_what_all_the_consultation_is_about_brings_nothing_near() -> None:
    table = _table(
        ("Les gendarmes doivent apprendre la langue des signes", "service", "proposition"),
        ("Les gendarmes doivent rouler en voiture électrique", "service", "proposition"),
        ("La police et les gendarmes", "service", "proposition"),
        ("Des gendarmes et de la police", "service", "proposition"),
    )
    groups = _placed(table)
    assert groups[2] == groups[3]
    assert len(set(groups)) == 3


def test_what_says_nothing_is_grouped_only_with_the_same_words() -> None:
    texts = ["Aucune idée là-dessus", "Aucune idée vraiment là-dessus", "aucune idée là-dessus."]
    groups = _placed(_table(*((text, "hors_theme", "autre") for text in texts)))
    assert groups[0] == groups[2] != groups[1]


def test_words_that_nobody_knows_stay_alone() -> None:
    table = _table(
        ("Zglorb frumptz", "service", "proposition"), ("Krogl zwint", "service", "proposition")
    )
    assert len(set(_placed(table))) == 2


def test_an_empty_day_changes_nothing() -> None:
    fold, _ = fold_groups(GroupState.empty(), _statements([]))
    assert fold.memberships.num_rows == fold.profiles.num_rows == fold.merges.num_rows == 0


def _letters(count: int) -> list[tuple[str, str, str, str]]:
    """Statements that repeat and paraphrase one another, always the same."""
    draw = random.Random(3)
    asks = ["Plus de", "Moins de", "Il faut des", "Non aux", "Renforcer les"]
    things = [
        "patrouilles",
        "caméras",
        "rondes",
        "contrôles routiers",
        "vidéosurveillances",
        "réunions avec les habitants",
    ]
    places = ["", "la nuit", "dans les villages", "devant les écoles", "dans les villages la nuit"]
    return [
        (
            f"c-{i:016x}-001",
            f"{draw.choice(asks)} {draw.choice(things)} {draw.choice(places)}",
            draw.choice(["service", "lien"]),
            "proposition",
        )
        for i in range(count)
    ]


def test_folding_stored_days_is_folding_them_in_one_go() -> None:
    rows = _letters(400)
    days = [_statements(rows[a : a + 40]) for a in range(0, 400, 40)]
    state, stored = GroupState.empty(), GroupState.empty()
    in_one_go, day_by_day = [], []
    for day in days:
        fold, state = fold_groups(state, day)
        in_one_go.append((fold.memberships, fold.merges))
        fold, after = fold_groups(stored, day)
        day_by_day.append((fold.memberships, fold.merges))
        stored = GroupState.from_tables(
            after.profiles, after.texts, after.frequencies, after.merges
        )
    assert in_one_go == day_by_day
    assert sum(merges.num_rows for _, merges in in_one_go) > 0
    groups = [g for members, _ in in_one_go for g in members["group_id"].to_pylist()]
    assert len(set(groups)) < len({(text, theme) for _, text, theme, _ in rows})


def test_a_merge_leaves_a_trace_and_the_older_group_takes_in_what_comes_after() -> None:
    rows = _letters(400)
    state = GroupState.empty()
    gone: dict[str, str] = {}
    first_seen: dict[str, int] = {}
    for day in range(10):
        fold, state = fold_groups(state, _statements(rows[day * 40 : day * 40 + 40]))
        for group in fold.memberships["group_id"].to_pylist():
            assert group not in gone
            first_seen.setdefault(group, day)
        for merge in fold.merges.to_pylist():
            assert first_seen[merge["became_group_id"]] <= first_seen[merge["group_id"]]
            assert merge["cause"].startswith("même sujet que « ")
            gone[merge["group_id"]] = merge["became_group_id"]
    assert gone


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_how_many_are_compared_at_once_decides_nothing(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [_statements(_letters(400)[a : a + 200]) for a in (0, 200)]

    def folded() -> list[pa.Table]:
        state, tables = GroupState.empty(), []
        for day in days:
            fold, state = fold_groups(state, day)
            tables += [fold.memberships, fold.merges, fold.profiles]
        return tables

    usual = folded()
    monkeypatch.setattr(blocks, "BATCH", batch)
    monkeypatch.setattr(blocks, "PAIRS", batch)
    assert folded() == usual
