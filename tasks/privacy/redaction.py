"""Masking in citizens' own words: `[nom]`, `[adresse]`, `[téléphone]`… say what stood there.

One pass looks for identifiers, then addresses, then persons; passes follow until one finds nothing,
so what is masked once is not masked again. A text's masks depend on that text alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import pyarrow as pa

from tasks.privacy.addresses import ADDRESSES
from tasks.privacy.identifiers import EMAILS, FINDERS, NUMBER_FINDERS, TELEPHONES
from tasks.privacy.persons import Policy, persons
from tasks.privacy.spans import Finder, Span, masked, plain

DEFAULT_POLICY: Final = Policy()
_DIGIT: Final = re.compile(r"\d")


def redact_texts(
    texts: Sequence[str],
    author_names: Sequence[Iterable[str]],
    policy: Policy = DEFAULT_POLICY,
) -> list[str]:
    """Mask each text; `author_names` holds the names under which each author presents themself."""
    redacted = list(texts)
    changing = list(enumerate(map(frozenset, author_names)))
    while changing:
        once = _pass([redacted[n] for n, _ in changing], [names for _, names in changing], policy)
        passed = list(zip(changing, once, strict=True))
        changing = [letter for letter, text in passed if text != redacted[letter[0]]]
        for (n, _), text in passed:
            redacted[n] = text
    return redacted


def _pass(texts: Sequence[str], own_names: Sequence[frozenset[str]], policy: Policy) -> list[str]:
    letters = Letters(texts)
    for finder in FINDERS:
        letters.mask(finder)
    for finder in NUMBER_FINDERS:
        letters.mask(finder, lambda n: _DIGIT.search(texts[n]) is not None)
    letters.mask(ADDRESSES)
    # The last gate looks at what is written, not at what a reader sees.
    for finder in (EMAILS, TELEPHONES):
        letters.mask_written(finder)
    letters.mask_names(own_names, policy)
    return letters.texts


class Letters:
    """Texts that finders mask in turn: each looks only where its hint lets it expect something."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = list(texts)
        self._views = list(map(plain, texts))
        self._column = pa.array([view.text for view in self._views], pa.string())
        self._masked: dict[int, None] = {}  # those which the column does not show as they are now

    def mask(self, finder: Finder, looks_at: Callable[[int], bool] = lambda _: True) -> None:
        """Mask what a finder finds in the texts, by their places, that it looks at."""
        for n in filter(looks_at, self._suspects(finder)):
            self._mask_plain(n, finder.find(self._views[n].text))

    def mask_written(self, finder: Finder) -> None:
        """Mask what a finder finds in texts as they are written."""
        unusual = [n for n, view in enumerate(self._views) if view.text != self.texts[n]]
        for n in {*self._suspects(finder), *unusual}:
            self._mask(n, finder.find(self.texts[n]))

    def mask_names(self, own_names: Sequence[frozenset[str]], policy: Policy) -> None:
        """Mask the names of persons, each author's own among them."""
        for n, (view, names) in enumerate(zip(self._views, own_names, strict=True)):
            self._mask_plain(n, persons(view.text, policy, names))

    def _suspects(self, finder: Finder) -> list[int]:
        masked_since = list(self._masked)
        now = pa.array([self._views[n].text for n in masked_since], pa.string())
        return [
            *(n for n in finder.suspects(self._column) if n not in self._masked),
            *(masked_since[k] for k in finder.suspects(now)),
        ]

    def _mask_plain(self, n: int, found: Iterable[Span]) -> None:
        self._mask(n, self._views[n].spans(found))

    def _mask(self, n: int, found: Iterable[Span]) -> None:
        text = masked(self.texts[n], found)
        if text != self.texts[n]:
            self.texts[n], self._views[n] = text, plain(text)
            self._masked[n] = None
