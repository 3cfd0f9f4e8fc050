"""Masking in the author's own words: e-mail addresses, telephone numbers, street addresses, own name.

A mask says its type. What is masked once is not masked again: redaction is idempotent. A place that
has a problem ("la rue de la République est dangereuse") stays; a numbered address goes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from expectations.patterns import EMAIL, PHONE

NAME_MASK: Final = "[nom]"
_PARTICLE = r"(?:(?:de\s+la|de\s+l['’]|du|des|de|d['’]|la|le|les|l['’]|à|aux?|et|en|sur|sous)\s*)"
_CAPITALISED = r"(?:[A-ZÀ-ÖØ-Ý0-9][\w'’.-]*)"
_STREET: Final = (
    r"(?<!\w)\d{1,4}(?:\s?(?:bis|ter|quater|[A-D]))?\s?,?\s+"
    r"(?i:rue|avenue|av\.?|boulevard|bd\.?|place|chemin|impasse|all[ée]e|route|quai|cours|square"
    r"|lotissement|r[ée]sidence|hameau|passage|sentier|venelle|faubourg|mont[ée]e|clos|cit[ée])\s+"
    rf"(?:{_PARTICLE}{{0,3}})(?:{_CAPITALISED}|[a-zà-öø-ý][\w'’-]{{2,}})"
    rf"(?:[\s-]+{_PARTICLE}{{0,3}}{_CAPITALISED}){{0,6}}"
    rf"(?:\s*,?\s*\d{{5}}\s+{_CAPITALISED}(?:[\s-]+{_PARTICLE}{{0,2}}{_CAPITALISED}){{0,3}})?"
)
_MASKS: Final = (
    (re.compile(EMAIL), "[adresse électronique]"),
    (re.compile(PHONE), "[téléphone]"),
    (re.compile(_STREET), "[adresse]"),
)
_TITLE = r"(?:(?:M\.|Mr\.?|Mme\.?|Mlle\.?|Monsieur|Madame|Mademoiselle)\s+)?"
_LETTER_GROUPS: Final = ("aàâä", "eéèêë", "iîï", "oôö", "uùûü", "cç", "yÿ", "nñ")
_VARIANTS: Final = {letter: f"[{group}]" for group in _LETTER_GROUPS for letter in group}


def redact_texts(texts: Sequence[str], author_names: Sequence[Iterable[str]]) -> list[str]:
    """Mask each text; `author_names` holds the names under which each author presents themself."""
    return [_redact(text, names) for text, names in zip(texts, author_names, strict=True)]


def _redact(text: str, names: Iterable[str]) -> str:
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    for name in sorted(set(names), key=lambda n: (-len(n), n)):
        own_name = _name_pattern(name)
        if own_name is not None:
            text = own_name.sub(NAME_MASK, text)
    return text


def _name_pattern(name: str) -> re.Pattern[str] | None:
    """Match a name of two words or more, in either order, with or without accents and title."""
    words = [w for w in re.findall(r"[^\W\d_]+", name) if len(w) > 1]
    if len(words) < 2:
        return None
    orders = (words, [*words[1:], words[0]], [words[-1], *words[:-1]])
    forms = dict.fromkeys(r"[\s-]+".join(_letters(w) for w in order) for order in orders)
    return re.compile(rf"(?<!\w){_TITLE}(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)


def _letters(word: str) -> str:
    folded = unicodedata.normalize("NFC", word).lower()
    return "".join(_VARIANTS.get(letter, re.escape(letter)) for letter in folded)
