"""French typography of our own prose: numbers, shares, dates, fine spaces, apostrophes.

Citizens' words never pass through `french`: the prose of a template is typographied when the
template is loaded, before anything is put in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from jinja2.ext import Extension

FINE = "\u202f"  # narrow no-break space
FIXED = "\u00a0"  # no-break space
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
SHORT_MONTHS = (
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)

_BEFORE_HIGH_PUNCTUATION = re.compile(r" (?=[:;!?%»])")
_AFTER_OPENING_QUOTE = re.compile(r"(?<=«) ")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=[\w«]|\Z)")
_MARKUP = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<code>.*?</code>|<[^>]*>)", re.DOTALL)


def french(prose: str) -> str:
    """Set fine spaces and typographic apostrophes in prose that is ours."""
    prose = _BEFORE_HIGH_PUNCTUATION.sub(FINE, prose)
    prose = _AFTER_OPENING_QUOTE.sub(FINE, prose)
    return _APOSTROPHE.sub("’", prose)


class FrenchProse(Extension):
    """Typography of a template's own prose; tags, code and expressions are left alone."""

    def preprocess(
        self,
        source: str,
        name: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
    ) -> str:
        """Typeset a template's source as it is loaded."""
        parts = _MARKUP.split(source)
        parts[::2] = [french(part) for part in parts[::2]]
        return "".join(parts)


def number(value: int) -> str:
    """Write a count, thousands apart: 1 234."""
    return f"{value:,}".replace(",", FINE)


def count(value: int, singular: str, plural: str | None = None) -> str:
    """Write a count and what it counts, singular below two as French wants."""
    word = singular if abs(value) < 2 else plural or f"{singular}s"
    return f"{number(value)}{FIXED}{word}"


def share(value: float, decimals: int = 0) -> str:
    """Write a share of 1 as a percentage, half up; a share too small to show says so."""
    step = Decimal(1).scaleb(-decimals)
    percent = Decimal(repr(value)) * 100
    rounded = percent.quantize(step, ROUND_HALF_UP)
    if percent > 0 and rounded == 0:
        return f"moins de{FIXED}{_decimal(step)}{FINE}%"
    if percent < 100 and rounded == 100:
        return f"plus de{FIXED}{_decimal(Decimal(100) - step)}{FINE}%"
    return f"{_decimal(rounded)}{FINE}%"


def _decimal(value: Decimal) -> str:
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def measure(value: float) -> str:
    """Write a measure between -1 and 1 with two decimals: 0,72."""
    return f"{value:.2f}".replace(".", ",").replace("-", "−")


def date_fr(day: date) -> str:
    """Write a day in full: 1er janvier 2020."""
    return f"{day_month(day)}{FIXED}{day.year}"


def day_month(day: date) -> str:
    """Write a day without its year: 1er janvier."""
    return f"{'1er' if day.day == 1 else day.day}{FIXED}{MONTHS[day.month - 1]}"


def instant_fr(instant: datetime) -> str:
    """Write an instant to its minute: 1er janvier 2020 à 9 h 05."""
    return f"{date_fr(instant.date())} à {instant.hour}{FINE}h{FINE}{instant.minute:02}"


def listing(items: Iterable[str]) -> str:
    """Join items as a sentence does: a, b et c."""
    *head, last = list(items)
    return f"{', '.join(head)} et {last}" if head else last
