"""Campaigns: copies are found, independent letters are not, days are folded one by one."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.language.copies import (
    COPY_FOUNDERS_SCHEMA,
    COPY_MERGES_SCHEMA,
    COPY_WORDS_SCHEMA,
    CopyMembership,
    CopyState,
    FoldedCopies,
    Letters,
    _found_in,
    _weight,
    _weights,
    fold_copies,
)
from tasks.language.features import hash_words
from tasks.language.lists import Lists

LETTER = [
    "Nous demandons la réouverture immédiate du bureau de gendarmerie de notre canton.",
    "Les habitants âgés doivent parcourir trente kilomètres pour déposer une plainte.",
    "Nous voulons aussi des patrouilles à pied les jours de marché, une permanence mensuelle.",
    "Il nous faut un numéro de téléphone auquel un agent réponde vraiment.",
]
INDEPENDENT = [
    "Le bureau de gendarmerie du canton est fermé depuis trois ans et c'est bien dommage.",
    "Ma mère, qui ne conduit plus, n'a pas pu signaler le vol de son portail.",
    "Je voudrais que les gendarmes passent de temps en temps au marché pour discuter.",
]
ADDED = [
    "Je parle d'expérience : mon atelier a été visité deux fois l'hiver dernier.",
    "Personne n'est venu constater les dégâts avant le lendemain soir.",
]
# A copy as it differs from the letter, and the positions of the statements that are its author's.
COPIES: dict[str, tuple[list[str], list[int]]] = {
    "words_swapped": (
        [
            LETTER[0].replace("immédiate", "rapide"),
            LETTER[1].replace("habitants", "riverains"),
            LETTER[2].replace("mensuelle", "régulière"),
            LETTER[3].replace("vraiment", "toujours"),
        ],
        [],
    ),
    "words_dropped": ([s.replace(" aussi", "").replace("âgés ", "") for s in LETTER], []),
    "mistyped": (
        [s.replace("réouverture", "réouvreture").replace("plainte", "plinte") for s in LETTER],
        [],
    ),
    "capitals_without_accents": (
        [s.upper().replace("É", "E").replace("Â", "A").replace("À", "A") for s in LETTER],
        [],
    ),
    "paragraph_before": ([*ADDED, *LETTER], [1, 2]),
    "paragraph_after": ([*LETTER, *ADDED], [5, 6]),
    "paragraph_between": ([LETTER[0], *ADDED, *LETTER[1:]], [2, 3]),
    "reordered": ([*LETTER[2:], *LETTER[:2]], []),
    "removed": ([LETTER[0], LETTER[2], LETTER[3]], []),
    "merged_fields": (["J'habite Dompierre et j'ai 71 ans.", *LETTER], [1]),
    "cut_otherwise": (re.split(r", | et ", " ".join(LETTER)), []),
}


def _fold_letters(
    state: CopyState, ids: Sequence[str], letters: Sequence[Sequence[str]]
) -> tuple[FoldedCopies, CopyState]:
    (found,), state = fold_copies(state, [ids], _letters(letters))
    return found, state


def _letters(letters: Sequence[Sequence[str]]) -> Letters:
    words = [hash_words(said) for letter in letters for said in letter]
    statements = Lists.of(pa.array(words, pa.list_(pa.uint32())))
    return Letters.of(statements, np.array(list(map(len, letters)), int))


def _fold(*letters: list[str]) -> list[CopyMembership]:
    return _fold_letters(CopyState.empty(), _ids(len(letters)), letters)[0].memberships


def _ids(count: int) -> list[str]:
    return [f"c-{i:016x}" for i in range(count)]


@pytest.mark.parametrize(("copy", "own"), COPIES.values(), ids=COPIES)
def test_a_copy_joins_the_founder_and_what_its_author_added_is_told(
    copy: list[str], own: list[int]
) -> None:
    founder, member = _fold(LETTER, copy)
    assert (founder.cluster_id, founder.score) == ("k-" + "0" * 16, 1.0)
    assert founder.why == "premier de son texte"
    assert (founder.copied_positions, founder.founder_positions) == ((), ())
    assert member.cluster_id == founder.cluster_id
    everything = range(1, len(copy) + 1)
    assert list(member.copied_positions) == [n for n in everything if n not in own]
    end = f"partie personnelle : {len(own)} énoncé" if own else "sans partie personnelle"
    told = re.fullmatch(r"texte repris à (\d+) % ; (.*?)s?|même texte", member.why)
    assert told, member.why
    assert told[1] is None or (0 < int(told[1]) <= 100 and told[2] == end)


@pytest.mark.parametrize(("copy", "own"), COPIES.values(), ids=COPIES)
def test_a_copy_may_come_first_and_what_of_it_is_repeated_is_told(
    copy: list[str], own: list[int]
) -> None:
    founder, member = _fold(copy, LETTER)
    assert member.cluster_id == founder.cluster_id
    everything = range(1, len(copy) + 1)
    assert list(member.founder_positions) == [n for n in everything if n not in own]


def test_the_same_words_are_the_same_text() -> None:
    _, member = _fold(LETTER, [s.upper() for s in LETTER])
    assert (member.score, member.why) == (1.0, "même texte")
    assert member.copied_positions == member.founder_positions == (1, 2, 3, 4)


def test_independent_letters_on_one_subject_stay_apart() -> None:
    one, other = _fold(LETTER, INDEPENDENT)
    assert one.cluster_id != other.cluster_id


def test_a_long_letter_that_quotes_a_sentence_is_no_copy() -> None:
    own = [f"{said} {place}" for place in ("ici", "chez nous") for said in INDEPENDENT * 3]
    one, other = _fold(LETTER, [*own, "Une permanence mensuelle en mairie serait utile."])
    assert one.cluster_id != other.cluster_id


@pytest.mark.parametrize(
    "said",
    [
        "Plus de gendarmes.",
        "Il faut plus de gendarmes dans les rues.",
        "Rendre le vote obligatoire.",
        "",
    ],
)
def test_two_people_with_the_same_few_words_are_no_campaign(said: str) -> None:
    one, other = _fold([said], [said])
    assert one.cluster_id != other.cluster_id


def test_letters_that_point_to_a_page_alike_are_no_copies() -> None:
    end = "Voir la page https://www.exemple.fr/faits/17 où ces faits sont décrits."
    one, other = _fold([*INDEPENDENT, end], [*ADDED, end])
    assert one.cluster_id != other.cluster_id


def test_a_phrase_that_many_letters_have_makes_no_copy_of_those_that_say_it() -> None:
    phrase = "Baisser la TVA sur tous les produits de première nécessité."
    unlike = [" ".join(f"mot{n}x{i}" for i in range(40)) for n in range(60)]
    others, state = _fold_letters(
        CopyState.empty(), _ids(60), [[phrase, own, own[::-1]] for own in unlike]
    )
    assert len({m.cluster_id for m in others.memberships}) == 60
    once, again = _fold_letters(state, ["c-a", "c-b"], [[phrase], [phrase]])[0].memberships
    assert once.cluster_id != again.cluster_id


def test_contributions_without_statement_stand_alone() -> None:
    assert [m.cluster_id[-1] for m in _fold([], [], LETTER, ["[nom]"], ["[nom]"])] == list("01234")


def test_a_hostile_repetition_is_borne() -> None:
    shouted = ["non " * 20_000]
    founder, member = _fold(shouted, ["non " * 19_999])
    assert member.cluster_id in {founder.cluster_id, "k-" + "0" * 15 + "1"}


# Two copies too unlike to be told for copies of one another, and a letter that repeats both.
HALVES = [
    [LETTER[0], *INDEPENDENT],
    [
        LETTER[0],
        *ADDED,
        *ADDED[::-1],
        "Voilà ce que nous vivons ici chaque semaine, sans exagérer.",
    ],
    [LETTER[0]],
]


def test_clusters_that_a_letter_repeats_by_the_same_words_are_merged() -> None:
    found, state = _fold_letters(CopyState.empty(), _ids(3), HALVES)
    assert [m.cluster_id[-1] for m in found.memberships] == ["0", "1", "0"]
    assert found.merges.to_pylist() == [
        {"cluster_id": "k-" + "0" * 15 + "1", "became_cluster_id": "k-" + "0" * 16}
    ]
    later, _ = _fold_letters(state, ["c-late"], [HALVES[1]])
    assert later.memberships[0].cluster_id == "k-" + "0" * 16
    assert later.memberships[0].founder_id == "c-" + "0" * 15 + "1"


def test_a_letter_made_of_two_texts_does_not_merge_them() -> None:
    found, _ = _fold_letters(
        CopyState.empty(), _ids(3), [LETTER, INDEPENDENT, LETTER + INDEPENDENT]
    )
    assert [m.cluster_id[-1] for m in found.memberships] == ["0", "1", "0"]
    assert found.merges.num_rows == 0


def test_folding_stored_days_is_folding_them_in_one_go() -> None:
    letters = [LETTER, INDEPENDENT, *(copy for copy, _ in COPIES.values()), ["Plus de gendarmes"]]
    letters += [[s.upper() for s in INDEPENDENT], [], ["Plus de gendarmes"], ADDED]
    random.Random(7).shuffle(letters)
    letters = [*HALVES, *letters]
    ids = _ids(len(letters))
    whole, whole_state = _fold_letters(CopyState.empty(), ids, letters)
    stored = CopyState.empty()
    bounds = [0, 1, 2, 3, 7, 7, 9, len(letters)]
    days = [ids[start:end] for start, end in pairwise(bounds)]
    together, after = fold_copies(stored, days, _letters(letters))
    assert (after.founders, after.merges) == (whole_state.founders, whole_state.merges)
    founders = [COPY_FOUNDERS_SCHEMA.empty_table()]
    words = [COPY_WORDS_SCHEMA.empty_table()]
    merges = [COPY_MERGES_SCHEMA.empty_table()]
    day_by_day: list[CopyMembership] = []
    for of_day, (start, end) in zip(together, pairwise(bounds), strict=True):
        found, _ = _fold_letters(stored, ids[start:end], letters[start:end])
        assert found == of_day
        day_by_day += found.memberships
        founders.append(found.founders)
        words.append(found.words)
        merges.append(found.merges)
        stored = CopyState.from_tables(*map(pa.concat_tables, (founders, words, merges)))
    assert day_by_day == whole.memberships
    assert (stored.founders, stored.merges) == (whole_state.founders, whole_state.merges)
    assert 4 <= stored.founders.num_rows < len(letters)
    assert stored.merges.num_rows == 1


def test_nearly_the_same_letter_five_hundred_times_is_one_cluster() -> None:
    rng = random.Random(1)
    other = [word for s in INDEPENDENT + ADDED for word in s.split()]

    def edited(sentence: str) -> str:
        return " ".join(rng.choice(other) if rng.random() < 0.1 else w for w in sentence.split())

    copies = [[edited(sentence) for sentence in LETTER] for _ in range(500)]
    assert len({m.cluster_id for m in _fold(*copies)}) == 1


@given(st.floats(0.5, 2.0**60))
def test_many_weights_are_found_at_once_as_each_is_alone(times: float) -> None:
    assert _weights(np.array([times])).tolist() == [max(0, _weight(times))]


@given(st.lists(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_what_is_wanted_is_found_among_values(values: list[int], wanted: set[int]) -> None:
    asked = np.array(sorted(wanted), np.uint32)
    rows, places = _found_in(np.array(values, np.uint32), asked)
    assert rows.tolist() == [row for row, value in enumerate(values) if value in wanted]
    assert asked[places].tolist() == [value for value in values if value in wanted]
