from __future__ import annotations

from datetime import date

import pytest
from jinja2 import DictLoader, Environment

from tasks.report import typography

FINE = "\u202f"
FIXED = "\u00a0"


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (999, "999"), (1234, f"1{FINE}234"), (1234567, f"1{FINE}234{FINE}567")],
)
def test_thousands_are_set_apart(value: int, written: str) -> None:
    assert typography.number(value) == written


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (0.0, 0, f"0{FINE}%"),
        (0.004, 0, f"moins de{FIXED}1{FINE}%"),
        (0.125, 0, f"13{FINE}%"),
        (0.145, 0, f"15{FINE}%"),
        (0.5, 0, f"50{FINE}%"),
        (0.997, 0, f"plus de{FIXED}99{FINE}%"),
        (1.0, 0, f"100{FINE}%"),
        (0.03, 1, f"3{FINE}%"),
        (0.025, 1, f"2,5{FINE}%"),
        (0.0004, 1, f"moins de{FIXED}0,1{FINE}%"),
    ],
)
def test_a_share_is_a_percentage_with_a_comma(value: float, decimals: int, written: str) -> None:
    assert typography.share(value, decimals) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0 contribution"), (1, "1 contribution"), (2, "2 contributions")],
)
def test_nothing_and_one_are_singular(value: int, written: str) -> None:
    assert typography.count(value, "contribution") == written.replace(" ", FIXED)


def test_an_irregular_plural_is_given() -> None:
    assert typography.count(3, "texte distinct", "textes distincts") == f"3{FIXED}textes distincts"


def test_days_are_written_in_french() -> None:
    assert typography.date_fr(date(2020, 1, 19)) == f"19{FIXED}janvier{FIXED}2020"
    assert typography.date_fr(date(2020, 8, 1)) == f"1er{FIXED}août{FIXED}2020"
    assert typography.day_month(date(2020, 2, 29)) == f"29{FIXED}février"


@pytest.mark.parametrize(
    ("items", "sentence"), [(["a"], "a"), (["a", "b"], "a et b"), (["a", "b", "c"], "a, b et c")]
)
def test_items_are_joined_as_in_a_sentence(items: list[str], sentence: str) -> None:
    assert typography.listing(items) == sentence


def test_high_punctuation_has_a_fine_space_before_it() -> None:
    written = typography.french("L'an « deux » : quoi ? 3 % ; non !")
    assert written == f"L’an «{FINE}deux{FINE}»{FINE}: quoi{FINE}? 3{FINE}%{FINE}; non{FINE}!"


def test_a_template_s_prose_is_typographied_and_what_it_holds_is_not() -> None:
    source = (
        "{# c'est : #}<p title=\"l'un : l'autre\">L'an « {{ words }} » : {{ 'a : b' }} !</p>"
        "<code>a'b ;</code>"
    )
    environment = Environment(
        loader=DictLoader({"t": source}), extensions=[typography.FrenchProse], autoescape=False
    )
    assert environment.get_template("t").render(words="qu'est-ce : ça ?") == (
        f"<p title=\"l'un : l'autre\">L’an «{FINE}qu'est-ce : ça ?{FINE}»{FINE}: a : b{FINE}!</p>"
        "<code>a'b ;</code>"
    )
