"""What the finders of this package share: a text made plain to look at, and spans to mask in it.

A finder comes with a hint, which reads many texts at once and rules most of them out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

# What French keyboards write: a text of nothing else is as plain as it will be.
_UNUSUAL: Final = re.compile(r"[^\t\n -~\u00a1-\u00ac\u00ae-\u017f\u2010-\u2027\u20ac]")
# What is not French's may have a capital, a digit or a space that hints know nothing of.
_FOREIGN: Final = "[^\\t\\n -~\u00a0-\u00ffŒœ\u2010-\u2027€]"


class Span(NamedTuple):
    """A stretch of a text and the mask to write over it."""

    start: int
    end: int
    mask: str


@dataclass(frozen=True)
class Finder:
    """What finds spans in a text, and an RE2 pattern that is in each text where it finds some."""

    find: Callable[[str], Iterable[Span]]
    hint: str

    def suspects(self, texts: pa.Array) -> list[int]:
        """Return the places of the texts in which there may be something to find."""
        places: list[int] = pc.indices_nonzero(hinted(texts, self.hint)).to_pylist()
        return places


def hinted(texts: pa.Array, hint: str) -> pa.Array:
    """Tell of each text whether it has an RE2 pattern, or characters unknown to such patterns."""
    return pc.match_substring_regex(texts, f"{_FOREIGN}|(?:{hint})")


@dataclass(frozen=True)
class Plain:
    """A text as its reader sees it, and where each of its characters stands in what was written.

    Digits and letters of other styles are ASCII ones, spaces are spaces; what shows nothing and
    accents that are characters of their own are left out.
    """

    text: str
    offsets: Sequence[int]

    def spans(self, found: Iterable[Span]) -> list[Span]:
        """Return spans of the plain text as spans of what was written."""
        return [Span(self.offsets[s], self.offsets[e], mask) for s, e, mask in found]


def plain(written: str) -> Plain:
    """Make a text plain."""
    if not _UNUSUAL.search(written):
        return Plain(written, range(len(written) + 1))
    kept = [(_plain(c), n) for n, c in enumerate(written)]
    kept = [(c, n) for c, n in kept if c]
    return Plain("".join(c for c, _ in kept), [*(n for _, n in kept), len(written)])


def _plain(character: str) -> str:
    """Return the one character, or none, that a reader sees."""
    if not _UNUSUAL.match(character):
        return character
    category = unicodedata.category(character)
    if category in {"Cf", "Mn", "Cc"}:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    usual = unicodedata.normalize("NFKC", character)
    return usual if len(usual) == 1 else character


def masked(written: str, found: Iterable[Span]) -> str:
    """Write the masks over a text; of spans that overlap, the first and then the longest counts."""
    pieces, position = list[str](), 0
    for start, end, mask in sorted(found, key=lambda s: (s.start, -s.end)):
        if start >= position:
            pieces += [written[position:start], mask]
            position = end
    return "".join([*pieces, written[position:]])
