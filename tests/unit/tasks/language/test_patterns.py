"""The patterns of the table of rules: what each sign of theirs finds, and what it does not."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.hints import hinted
from tasks.language.attention import flag_letters
from tasks.language.patterns import PatternError, PlainText, compile_pattern, hint_of

LISTS = {"PROCHE": "mari | (mon | ma) sœur", "VIDE": "PROCHE"}


def found(pattern: str, text: str) -> bool:
    compiled, plain = compile_pattern(pattern, LISTS), PlainText.of(text)
    return any(True for s in plain.sentences for _ in compiled.spans(plain.text, s))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("mon mari", "C'est MON MARI qui écrit."),
        ("préfète", "Madame la prefete,"),
        ("appeler", "il faut m'apeler"),
        ("j'ai vu", "jai vu deux hommes"),
        ("j'ai vu", "J’ai vu deux hommes"),
        ("menac*", "il me menaçait"),
        ("je *rai", "je viendrai demain"),
        ("(bat | frappe) encore", "il frappe encore"),
        ("très? peur", "j'ai peur le soir"),
        ("très? peur", "j'ai très peur le soir"),
        ("mari … frappe", "mon mari, quand il a bu, me frappe"),
        ("^ journaliste", "Bonjour. Journaliste au Courrier, je prépare un article."),
        ("où … QUESTION", "Où en est ma plainte ?"),
        ("PROCHE … pleure", "ma sœur au téléphone pleure"),
        ("VIDE pleure", "son mari pleure"),
        ("mari + couteau", "Il a un couteau. C'est mon mari."),
        ("rendez-vous", "un rendez vous svp"),
    ],
)
def test_a_pattern_finds(pattern: str, text: str) -> None:
    assert found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("mon mari", "mon gentil mari"),
        ("cassé", "la caserne"),
        ("mari … frappe", "Mon mari est là. Personne ne frappe."),
        ("mari … frappe", "mon mari un deux trois quatre cinq six sept frappe"),
        ("^ journaliste", "Les journalistes exagèrent. Un journaliste est venu."),
        ("où … QUESTION", "Où en est ma plainte."),
        ("mari + couteau", "Mon mari est là."),
    ],
)
def test_a_pattern_does_not_find(pattern: str, text: str) -> None:
    assert not found(pattern, text)


@pytest.mark.parametrize(
    "pattern", ["", "(mari", "mari)", "a | b + c", "INCONNU mari", "…", "mari [x]", "mari |"]
)
def test_what_is_no_pattern_is_refused_with_its_text(pattern: str) -> None:
    with pytest.raises(PatternError, match="motif"):
        compile_pattern(pattern, LISTS)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000,
        "mon mari " * 30_000,
        "?!. " * 70_000,
        "je vais te tuer " * 18_000,
        "\n" * 300_000,
    ],
    ids=["one word", "two words", "stops", "threats", "lines"],
)
def test_no_letter_holds_up_the_others(text: str) -> None:
    start = time.process_time()
    flag_letters([""], [text], [[]])
    assert time.process_time() - start < 10


NEEDS = ["abe", "eco*", "o", "ca2", "?"]
written = st.text(st.sampled_from("aàÀbBéEeœcçoô2 -'’.?\n\u0301"), max_size=12)


@given(st.lists(st.one_of(written, st.sampled_from(["abbé", "École", "Ôo", "ça2"]))).map(" ".join))
def test_a_hint_is_in_each_text_that_has_one_of_its_words(text: str) -> None:
    words = PlainText.of(text).text.split()
    if any(word in NEEDS or word.startswith("eco") for word in words):
        assert hinted(pa.array([text]), hint_of(NEEDS)).to_pylist() == [True]


def test_a_hint_is_not_in_other_texts() -> None:
    texts = pa.array(["Les abeilles", "un éco-geste", "MON ABBÉ.", "co2", "Quoi ?", "rien"])
    assert hinted(texts, hint_of(NEEDS)).to_pylist() == [False, True, True, False, True, False]
