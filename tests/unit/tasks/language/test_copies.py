"""Campaigns: copies are found, independent letters are not, days are folded one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tasks.language.copies import (
    COPY_FOUNDERS_SCHEMA,
    CopyMembership,
    CopyState,
    fingerprint,
    fold_copies,
)

LETTER = """Bonjour,

Nous demandons la réouverture immédiate du bureau de gendarmerie de notre canton, fermé depuis
trois ans. Les habitants âgés doivent parcourir trente kilomètres pour déposer une plainte et
renoncent souvent. Nous voulons aussi des patrouilles à pied les jours de marché, une permanence
mensuelle en mairie et un numéro de téléphone auquel un agent réponde vraiment.

Cordialement,
[nom]"""
INDEPENDENT = """Madame la Préfète,

Le bureau de gendarmerie du canton est fermé depuis trois ans et c'est bien dommage. Ma mère, qui
ne conduit plus, n'a pas pu signaler le vol de son portail. Je voudrais que les gendarmes passent
de temps en temps au marché pour discuter avec les commerçants.

Salutations"""
ADDED = """Je parle d'expérience : mon atelier a été visité deux fois l'hiver dernier et personne
n'est venu constater les dégâts avant le lendemain soir."""
SWAPS = {
    "immédiate": "rapide",
    "habitants": "riverains",
    "mensuelle": "régulière",
    "vraiment": "toujours",
}


def _swapped(letter: str) -> str:
    for word, other in SWAPS.items():
        letter = letter.replace(word, other)
    return letter


COPIES = {
    "another_greeting": LETTER.replace("Bonjour", "Madame, Monsieur"),
    "another_signature": LETTER.replace("[nom]", "Un retraité"),
    "without_greeting": LETTER.split("\n\n")[1],
    "words_swapped": _swapped(LETTER),
    "paragraph_added": LETTER.replace("Cordialement", f"{ADDED}\n\nCordialement"),
    "capitals_without_accents": LETTER.upper().replace("É", "E").replace("Â", "A"),
}


def _fold(*letters: str, state: CopyState | None = None, first: int = 0) -> list[CopyMembership]:
    ids = [f"c-{first + i:016x}" for i in range(len(letters))]
    authors = [f"a-{first + i:016x}" for i in range(len(letters))]
    return fold_copies(state or CopyState.empty(), letters, ids, authors)[1]


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_copy_joins_the_founder_in_either_order(copy: str) -> None:
    for letters in ((LETTER, copy), (copy, LETTER)):
        founder, member = _fold(*letters)
        assert (founder.cluster_id, founder.score) == ("k-" + "0" * 16, 1.0)
        assert founder.why == "premier de son texte"
        assert member.cluster_id == founder.cluster_id
        assert member.why.startswith(("même texte", "texte repris à "))


def test_independent_letters_on_one_subject_stay_apart() -> None:
    one, other = _fold(LETTER, INDEPENDENT)
    assert one.cluster_id != other.cluster_id


def test_short_texts_are_copies_only_when_equal() -> None:
    short = "Rouvrir la gendarmerie du canton avant l'hiver prochain"
    one, same, other = _fold(short, short + " !", short.replace("hiver", "été"))
    assert one.cluster_id == same.cluster_id != other.cluster_id


def test_two_people_with_the_same_few_words_are_no_campaign() -> None:
    state, _, _ = fold_copies(CopyState.empty(), ["Plus de gendarmes"], ["c-0"], ["a-0"])
    _, (other, same), _ = fold_copies(
        state, ["Plus de gendarmes"] * 2, ["c-1", "c-2"], ["a-1", "a-0"]
    )
    assert other.cluster_id == "k-1"
    assert same.cluster_id == "k-0"


def test_folding_stored_days_is_folding_them_in_one_go() -> None:
    letters = [LETTER, INDEPENDENT, *COPIES.values(), "Plus de gendarmes", INDEPENDENT.upper()]
    state = stored = CopyState.empty()
    founders = [COPY_FOUNDERS_SCHEMA.empty_table()]
    in_one_go, day_by_day = [], []
    for i, letter in enumerate(letters):
        arguments = ([letter], [f"c-{i:016x}"], [f"a-{i:016x}"])
        state, memberships, _ = fold_copies(state, *arguments)
        in_one_go += memberships
        _, memberships, new = fold_copies(stored, *arguments)
        day_by_day += memberships
        founders.append(new)
        stored = CopyState.from_table(pa.concat_tables(founders))
    assert in_one_go == day_by_day
    assert state.founders == stored.founders
    assert state.founders.num_rows == 3
    whole = fold_copies(
        CopyState.empty(),
        letters,
        [m.contribution_id for m in in_one_go],
        [f"a-{i:016x}" for i in range(len(letters))],
    )
    assert whole[1] == in_one_go


def test_fingerprints_of_copies_agree_and_are_always_the_same() -> None:
    letter, copy, other, short = fingerprint(
        [LETTER, COPIES["paragraph_added"], INDEPENDENT, "Oui"]
    )
    assert letter.dtype == np.uint32
    assert (letter == copy).mean() > 0.4
    assert (letter == other).mean() < 0.2
    assert (short == 0xFFFFFFFF).all()
    assert int(letter.astype(np.uint64).sum()) == int(
        fingerprint([LETTER])[0].astype(np.uint64).sum()
    )
