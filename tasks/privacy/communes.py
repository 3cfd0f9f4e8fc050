"""The communes of France: which one a postal code, a name, or both tell, never by a guess.

`communes.csv` and `departments.csv` are facts of the Insee's official geographical code and of La
Poste. An arrondissement of Paris, Lyon or Marseille is its commune.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

Words = tuple[str, ...]

_WORD = re.compile(r"[a-z0-9]+")


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in letters if not unicodedata.combining(c))


# What French is written with, once and for all.
_PLAIN = str.maketrans(
    {c: _plain(c) for c in map(chr, range(0xA0, 0x180)) if _plain(c).isascii()}
    | dict.fromkeys("’‘“”«»°·•–—…€", " ")
)
_WRITTEN_OUT = {"st": "saint", "ste": "sainte", "sts": "saints", "s": "sur", "fd": "ferrand"}
_ARTICLES = frozenset({"le", "la", "les", "l"})
_AFTER_A_NAME = re.compile(r"cedex|france|\d+(?:er?|eme)?")


def plain_words(text: str) -> list[str]:
    """Split a text into words of lower-case ASCII letters and digits."""
    letters = text.lower().translate(_PLAIN)
    return _WORD.findall(letters if letters.isascii() else _plain(letters))


def place_words(text: str) -> Words:
    """Split what may be the name of a place into words as they are compared, "St" written out."""
    return tuple(_WRITTEN_OUT.get(word, word) for word in plain_words(text))


@dataclass(frozen=True)
class Communes:
    """The communes, as they are looked for. Codes are Insee's; a department is its code."""

    names: Mapping[str, str]
    by_postal_code: Mapping[str, Sequence[str]]
    by_name: Mapping[tuple[str, Words], Sequence[str]]

    def named(self, name: Words, departments: Iterable[str]) -> str | None:
        """Find the only commune of these departments that has this name."""
        found = {code for d in departments for code in self.by_name.get((d, name), ())}
        return found.pop() if len(found) == 1 else None

    def beside(self, postal_code: str, before: Words, after: Words) -> str | None:
        """Find the commune that a postal code and the words beside it name together.

        A name that the code does not have counts in the code's department (CEDEX, an old code);
        the beginning of a name counts where only one commune of the code begins so.
        """
        codes = self.by_postal_code.get(postal_code, ())
        after = _without_cedex(after)
        for name in _shortening(after, before):
            found = [code for code in codes if name in _forms(self.names[code])]
            if len(found) == 1:
                return found[0]
        begun = [code for code in codes if after and _begins(self.names[code], after)]
        if len(begun) == 1:
            return begun[0]
        return self.named(after, {department_of(code) for code in codes} or _prefixes(postal_code))

    def alone(self, postal_code: str) -> str | None:
        """Find the commune of a postal code that has only one."""
        codes = self.by_postal_code.get(postal_code, ())
        return codes[0] if len(codes) == 1 else None


def department_of(commune_code: str) -> str:
    """Return the code of a commune's department."""
    return commune_code[: 3 if commune_code.startswith(("97", "98")) else 2]


@cache
def communes() -> Communes:
    """Read the communes, once a process."""
    names: dict[str, str] = {}
    by_postal_code = defaultdict[str, list[str]](list)
    by_name = defaultdict[tuple[str, Words], list[str]](list)
    for code, name, postal_codes in _rows("communes.csv"):
        names[code] = name
        for postal_code in postal_codes.split():
            by_postal_code[postal_code].append(code)
        for form in _read_forms(name):
            by_name[department_of(code), form].append(code)
    return Communes(names, by_postal_code, by_name)


def communes_of(department: str) -> dict[str, str]:
    """Return the name of each commune of a department, by its code."""
    rows = _rows("communes.csv")
    return {code: name for code, name, _ in rows if department_of(code) == department}


@cache
def departments() -> Mapping[Words, str]:
    """Read the code of each department, by its code and by its name in words."""
    rows = list(_rows("departments.csv"))
    by_words = {place_words(name): code for code, name, *_ in rows}
    return by_words | {place_words(code): code for code, *_ in rows}


def _rows(name: str) -> Iterator[list[str]]:
    with resources.files("tasks.privacy").joinpath(name).open(encoding="utf-8") as table:
        rows = csv.reader(line for line in table if not line.startswith("#"))
        next(rows)
        yield from rows


def _read_forms(name: str) -> tuple[Words, ...]:
    """Return a name as it is compared, and without its article."""
    words = place_words(name)
    return (words, words[1:]) if words[0] in _ARTICLES and words[1:] else (words,)


_forms = lru_cache(maxsize=1 << 12)(_read_forms)


def _begins(name: str, words: Words) -> bool:
    return any(form[: len(words)] == words for form in _forms(name))


def _without_cedex(words: Words) -> Words:
    """Keep the words before what follows a name on an envelope: "CEDEX 08", "France", "3e"."""
    end = next((i for i, word in enumerate(words) if _AFTER_A_NAME.fullmatch(word)), len(words))
    return words[:end]


def _shortening(after: Words, before: Words) -> Iterator[Words]:
    """Yield what may be a name: the first words after a postal code or the last before, fewer."""
    for count in range(len(after), 0, -1):
        yield after[:count]
    for start in range(len(before)):
        yield before[start:]


def _prefixes(postal_code: str) -> tuple[str, ...]:
    """Return the departments that a postal code unknown to La Poste's list may be of."""
    if postal_code.startswith("20"):
        return ("2A", "2B")
    return (department_of(postal_code),)
