"""Whatever citizens write: masking is done once, and leaves nothing for the last gate to hold."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from expectations.patterns import EMAIL, PHONE
from tasks.privacy.addresses import ADDRESSES
from tasks.privacy.identifiers import FINDERS, NUMBER_FINDERS
from tasks.privacy.redaction import redact_texts
from tasks.privacy.spans import Finder, plain

FIRST_NAMES = ["Hélène", "Jean-Noël", "Zoé", "LUCIE", "maël"]
FAMILY_NAMES = ["Dupré-Martin", "d'Aubigny", "LECŒUR", "de la Tour", "morand"]
WORDS = [
    *("la", "rue", "est", "sombre", "gendarmes", "depuis", "l'été", "où", "çà", "À", "20", "2020"),
    *("place", "12", "bis", "de", "03000", "Moulins", "M.", "Mme", "17", "0", "+33", "(0)", "@"),
]
GAPS = [" ", " ", " ", "\n", ", ", ". ", "-", "/", "", "\u00a0", "\u202f", "'", " : "]

names = st.builds("{} {}".format, st.sampled_from(FIRST_NAMES), st.sampled_from(FAMILY_NAMES))
emails = st.builds(
    "{}@{}.example".format,
    st.from_regex(r"[a-zé0-9._+-]{1,20}", fullmatch=True),
    st.from_regex(r"[a-z0-9-]{1,10}(\.[a-z]{1,5}){0,2}", fullmatch=True),
)
separators = st.sampled_from(["", " ", ".", "-", "/", "\u00a0", " - ", "\u2013"])
phones = st.builds(
    lambda prefix, digits, gap: prefix + gap + gap.join(digits),
    st.sampled_from(["06", "04", "+33 6", "+336", "0033 4", "+33 (0)6", "(06)"]),
    st.lists(st.from_regex(r"[0-9]{2}", fullmatch=True), min_size=4, max_size=4),
    separators,
)
streets = st.builds(
    "{} {} {}".format,
    st.from_regex(r"[1-9][0-9]{0,2}( bis|ter)?,?", fullmatch=True),
    st.sampled_from(["rue", "Avenue", "bd", "impasse", "allée"]),
    st.sampled_from(["des Lilas", "de la République", "du 8 mai 1945", "Victor Hugo", "J. Jaurès"]),
)
plates = st.from_regex(r"[A-HJ-NP-TV-Z]{2}-[0-9]{3}-[A-HJ-NP-TV-Z]{2}", fullmatch=True)


def iban(account: str, gap: str) -> str:
    digits = f"30006{account}152700"  # F is 15, R is 27; the key goes where 00 stands
    whole = f"FR{98 - int(digits) % 97:02d}30006{account}"
    return gap.join(whole[n : n + 4] for n in range(0, len(whole), 4))


def nir(body: str, gap: str) -> str:
    parts = body[0], body[1:3], body[3:5], body[5:7], body[7:10], body[10:]
    return gap.join([*parts, f"{97 - int(body) % 97:02d}"])


ibans = st.builds(
    iban, st.from_regex(r"[0-9]{18}", fullmatch=True), st.sampled_from(["", " ", "."])
)
nirs = st.builds(
    nir,
    st.from_regex(r"[12][0-9]{2}(0[1-9]|1[0-2])[0-9]{8}", fullmatch=True),
    st.sampled_from(["", " ", "."]),
)
KINDS = {
    "e-mail": emails,
    "phone": phones,
    "street": streets,
    "name": names,
    "plate": plates,
    "IBAN": ibans,
    "social security number": nirs,
}
pieces = st.one_of(st.sampled_from(WORDS), *KINDS.values(), st.text(max_size=8))
texts = st.lists(st.tuples(pieces, st.sampled_from(GAPS)), max_size=25).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)
)


def redact(text: str, *own: str) -> str:
    return redact_texts([text], [own])[0]


@settings(max_examples=200, deadline=None)
@given(texts, st.lists(names, max_size=2))
@example("12 rue des Lilas 06 12 34 56 78", ["Zoé morand"])
@example("[nom] Zoé [nom] morand", ["Zoé morand", "nom Zoé"])
@example("1 rue du 8 mai 19451 rue des Lilas ", [])
def test_masking_again_changes_nothing(text: str, own: list[str]) -> None:
    once = redact(text, *own)
    assert redact(once, *own) == once


@settings(max_examples=200, deadline=None)
@given(texts, st.lists(names, max_size=2))
@example("0600000000+33 600000000", [])
@example("0600000000(06)00000000", [])
def test_what_is_left_passes_the_last_gate(text: str, own: list[str]) -> None:
    masked = redact(text, *own)
    assert re.search(EMAIL, masked) is None
    assert re.search(PHONE, masked) is None


@settings(max_examples=200, deadline=None)
@given(texts, st.sampled_from(sorted(KINDS)), st.data())
def test_an_identifier_between_two_sentences_is_gone(
    text: str, kind: str, data: st.DataObject
) -> None:
    identifier = data.draw(KINDS[kind])
    own = identifier if kind == "name" else "Paul Petit"
    start, end = f"{text}\nDébut « ", " » fin.\nEt la suite."
    masked = redact(start + identifier + end, own)
    if identifier not in text:
        assert identifier not in masked
    assert masked.endswith("» fin.\nEt la suite.")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["la", "gare", "est", "sombre", "le", "17", "à", "Vichy", "2020"])))
def test_a_text_that_names_nobody_is_left_as_it_is(words: list[str]) -> None:
    text = " ".join(words)
    assert redact(text, "Paul Petit") == text


TOLD = [
    *("né", "Née le", "date de naissance :", "naiss.", "D.D.N.", "vu le jour", "anniversaire"),
    *(
        "12/03/1980",
        "le deux",
        "mars",
        "Mai 1962",
        "1er",
        "lundi",
        "en",
        "61",
        "[nom]",
        "m'appelle",
    ),
    *("IBAN", "compte bancaire n°", "FR", "BIC", "ABCDEFGH", "sécu", "Carte vitale", "1 80 03 03"),
    *("SIRET", "123 456 789", "00012", "tél", "port.", "fax :", "O6", "12.34", "(0)6", "voiture"),
    *("Immatriculée", "AB", "123", "CD", "1234", "xy", "03", "@", "(at)", "lucie", "free", "point"),
    *(".fr", "www.", "https://", "facebook.com/", "pseudo :", "Insta", "x.over-blog.com", "t"),
    *(
        "j'habite",
        "domicilié",
        "Notre maison",
        "vit",
        "rue",
        "Bd",
        "chemin",
        "r.",
        "bis",
        "n°",
        "au",
    ),
    *("des Lilas", "VICTOR", "résidence", "bât. B", "étage", "2e", "appt", "BP", "hameau", "Les"),
    *("ferme", "grand'rue", "03 000", "F-03200", "Vichy", "é", "İnsta", "ſ", "\u0664\u0665"),
]
told = st.lists(st.tuples(st.sampled_from([*TOLD, *WORDS]), st.sampled_from(GAPS)), max_size=8).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)
)


@pytest.mark.parametrize(
    "finder", [*FINDERS, *NUMBER_FINDERS, ADDRESSES], ids=lambda finder: finder.find.__name__
)
@settings(max_examples=300, deadline=None)
@given(st.one_of(told, texts))
def test_a_hint_is_in_whatever_its_finder_finds_something_in(finder: Finder, text: str) -> None:
    seen = plain(text).text
    if list(finder.find(seen)):
        assert finder.suspects(pa.array([seen])) == [0]
