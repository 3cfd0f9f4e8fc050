"""Which groups say the contrary of one another."""

from __future__ import annotations

import csv
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.language.oppositions import MOST_PAIRS, Group, Opposition, find_oppositions


def _group(label: str, number: int, kind: str = "proposition", count: int = 1) -> Group:
    return Group(f"g-{number:016x}", "service", kind, label, label, count)


def _opposed(one: str, other: str, kind: str = "proposition") -> bool:
    return bool(find_oppositions([_group(one, 1, kind), _group(other, 2, kind)]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Plus de caméras", "Pas de caméras"),
        ("Armer la police municipale", "Ne pas armer la police municipale"),
        ("Garder la brigade du canton", "La brigade du canton doit être supprimée"),
        ("Je suis pour les caméras", "Je suis contre les caméras"),
        ("Ne pas baisser la TVA", "Baisser la TVA"),
    ],
    ids=lambda text: text,
)
def test_contrary_propositions(one: str, other: str) -> None:
    assert _opposed(one, other)
    assert _opposed(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("On nous écoute", "On ne nous écoute pas"),
        ("Il y a trop de gendarmes ici", "Il n'y a pas assez de gendarmes ici"),
        ("Le site est facile à utiliser", "Le site est difficile à utiliser"),
        ("Les policiers sont bien formés", "Les policiers sont mal formés"),
    ],
    ids=lambda text: text,
)
def test_contrary_constats(one: str, other: str) -> None:
    assert _opposed(one, other, "constat")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Plus de privilèges", "Supprimer les privilèges"),  # "no more"
        ("Développer les bus", "Pas de bus"),  # a lack
        ("Ne pas baisser les impôts", "Ne pas augmenter les impôts"),
        ("Maintenir la dotation des communes", "Ne pas augmenter la dotation des communes"),
        ("Augmenter le prix des billets d'avion", "Baisser le prix des billets"),
        ("Plus de policiers sur le terrain", "Moins de policiers dans les bureaux"),
        ("Faut-il baisser les impôts", "Ne pas baisser les impôts"),
        ("Les autoriser", "Les interdire"),
        ("Fusionner si c'est utile", "Ne pas fusionner si c'est utile"),
        ("Supprimer ou garder le Sénat", "Garder le Sénat"),
    ],
    ids=lambda text: text,
)
def test_what_may_be_read_in_two_ways_opposes_nothing(one: str, other: str) -> None:
    assert not _opposed(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C'est normal d'attendre", "Ce n'est pas normal d'attendre"),
        ("J'habite près de la gare", "Je n'habite pas près de la gare"),
        ("La police respecte les jeunes", "Les jeunes ne respectent pas la police"),
        ("Les tarifs augmentent ici", "Les délais diminuent ici"),
    ],
    ids=lambda text: text,
)
def test_what_is_not_said_of_the_same_opposes_nothing(one: str, other: str) -> None:
    assert not _opposed(one, other, "constat")


# Written before the rules were: 40 contraries in varied words, 40 pairs that are near and are not.
def test_pairs_written_before_the_rules() -> None:
    with (Path(__file__).parent / "contraries.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = [row for row in rows if _opposed(row["one"], row["other"], row["kind"])]
    assert [row for row in found if row["opposed"] == "0"] == []
    assert len(found) >= 23


def test_who_wants_it_somewhere_is_contradicted_by_who_refuses_it_altogether() -> None:
    refusal = "Stop aux pistes cyclables"
    assert _opposed("Créer des pistes cyclables dans le bourg", refusal)
    assert not _opposed("Créer des pistes cyclables", "Stop aux pistes cyclables dans le bourg")


def test_the_more_shared_group_comes_first_with_the_words_as_its_label_writes_them() -> None:
    groups = [
        _group("Rétablir l'ISF pour tous", 1, count=3),
        _group("Ne pas rétablir l'ISF", 2, count=7),
        _group("Ne pas rétablir l'ISF", 3, "constat", count=9),
    ]
    expected = Opposition("service", "g-" + 15 * "0" + "2", "g-" + 15 * "0" + "1", "rétablir ISF")
    assert find_oppositions(groups) == [expected]


def test_a_label_that_its_statement_contradicts_is_not_believed() -> None:
    groups = [_group("Garder la brigade", 1), _group("Supprimer la brigade", 2)]
    assert find_oppositions(groups)
    assert not find_oppositions([groups[0], groups[1]._replace(text="La brigade est précieuse")])


_LABELS = st.sampled_from(
    [
        *("Garder la brigade", "Supprimer la brigade", "Fermer la petite brigade"),
        *("Ouvrir la petite brigade", "Développer la brigade", "Moins de brigade"),
        *("Ne pas supprimer la brigade", "Stop à la brigade", "Créer une brigade dans le bourg"),
    ]
)


@given(st.lists(st.tuples(_LABELS, st.integers(1, 5)), max_size=20), st.randoms())
def test_the_order_of_the_groups_is_nothing_and_each_is_in_a_few_pairs(
    drawn: list[tuple[str, int]], chance: random.Random
) -> None:
    groups = [_group(label, n, count=count) for n, (label, count) in enumerate(drawn)]
    counts = {group.group_id: group.contributor_count for group in groups}
    found = find_oppositions(groups)
    chance.shuffle(groups)
    assert find_oppositions(groups) == found
    ends = [(pair.group_id, pair.opposed_group_id) for pair in found]
    assert all(counts[one] >= counts[other] for one, other in ends)
    assert len({frozenset(pair) for pair in ends}) == len(ends)
    assert all(len(set(pair)) == 2 for pair in ends)
    assert max(Counter(end for pair in ends for end in pair).values(), default=0) <= MOST_PAIRS


@given(st.text())
def test_any_label_is_read(label: str) -> None:
    assert not _opposed(label, label)
