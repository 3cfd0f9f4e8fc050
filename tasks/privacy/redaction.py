"""Masking in citizens' own words: `[nom]`, `[adresse]`, `[téléphone]`… say what stood there.

One pass looks for identifiers, then addresses, then persons; passes follow until one finds nothing,
so what is masked once is not masked again. A text's masks depend on that text alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from tasks.privacy.addresses import addresses
from tasks.privacy.identifiers import FINDERS, NUMBER_FINDERS, emails, telephones
from tasks.privacy.persons import Policy, persons
from tasks.privacy.spans import Span, masked, plain

DEFAULT_POLICY: Final = Policy()
_DIGIT: Final = re.compile(r"\d")


def redact_texts(
    texts: Sequence[str],
    author_names: Sequence[Iterable[str]],
    policy: Policy = DEFAULT_POLICY,
) -> list[str]:
    """Mask each text; `author_names` holds the names under which each author presents themself."""
    return [
        _redact(text, frozenset(names), policy)
        for text, names in zip(texts, author_names, strict=True)
    ]


def _redact(text: str, own_names: frozenset[str], policy: Policy) -> str:
    while (once := _pass(text, own_names, policy)) != text:
        text = once
    return text


def _pass(text: str, own_names: frozenset[str], policy: Policy) -> str:
    numbers = NUMBER_FINDERS if _DIGIT.search(text) else ()
    for find in (*FINDERS, *numbers, addresses):
        text = _masked(text, find)
    # The last gate looks at what is written, not at what a reader sees.
    for find in (emails, telephones):
        text = masked(text, find(text))
    return _masked(text, partial(persons, policy=policy, own_names=own_names))


def _masked(text: str, find: Callable[[str], Iterable[Span]]) -> str:
    view = plain(text)
    return masked(text, view.spans(find(view.text)))
