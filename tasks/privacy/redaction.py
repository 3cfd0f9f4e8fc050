"""Masking in the author's own words: e-mail and street addresses, telephone numbers, own name.

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
# An initial keeps its dot; any other dot ends a sentence, as a line's end ends an address.
_CAPITALISED = r"(?:(?:[A-ZÀ-ÖØ-Ý]\.[\s-]?){1,3}(?=[A-ZÀ-ÖØ-Ý])|[A-ZÀ-ÖØ-Ý])[\w'’-]*"
_MONTH = (
    r"(?i:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre"
    r"|d[ée]cembre)"
)
_DATED = rf"\d{{1,3}}(?:er|e|[èe]me)?\s+(?:{_MONTH}(?:\s+\d{{4}}(?!\d))?|{_CAPITALISED})"
_APART = r"[-\t \u00a0\u202f]+"
_STREET: Final = (
    r"(?<!\w)\d{1,4}(?:\s?(?:bis|ter|quater|[A-D]))?\s?,?\s+"
    r"(?i:rue|avenue|av\.?|boulevard|bd\.?|place|chemin|impasse|all[ée]e|route|quai|cours|square"
    r"|lotissement|r[ée]sidence|hameau|passage|sentier|venelle|faubourg|mont[ée]e|clos|cit[ée])\s+"
    rf"(?:{_PARTICLE}{{0,3}})(?:{_DATED}|{_CAPITALISED}|[a-zà-öø-ý][\w'’-]{{2,}})"
    rf"(?:{_APART}{_PARTICLE}{{0,3}}{_CAPITALISED}){{0,6}}"
    rf"(?:\s*,?\s*\d{{5}}\s+{_CAPITALISED}(?:{_APART}{_PARTICLE}{{0,2}}{_CAPITALISED}){{0,3}})?"
)
_MASKS: Final = (
    (re.compile(EMAIL), "[adresse électronique]"),
    (re.compile(PHONE), "[téléphone]"),
    (re.compile(_STREET), "[adresse]"),
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_TITLE = r"(?:(?:M\.|Mr\.?|Mme\.?|Mlle\.?|Monsieur|Madame|Mademoiselle)\s+)?"
_CIVIL: Final = (
    r"(?<!\w)(?:M\.|Mr\.?|Mme\.?|Mlle\.?|Monsieur|Madame|Mademoiselle|(?:la\s+)?famille)\s+"
)
# Between two words of a name: an initial or an elided particle may stand there ("Jean P. Petit").
_BETWEEN: Final = r"[\s-]+(?:[^\W\d_](?:['’]|\.\s*|\s+))?"
_ACCENT: Final = r"[\u0300-\u036f]*"  # an accent may be a character of its own
_LETTER_GROUPS: Final = ("aàâä", "eéèêë", "iîï", "oôö", "uùûü", "cç", "yÿ", "nñ")
_VARIANTS: Final = {letter: f"[{group}]" for group in _LETTER_GROUPS for letter in group}
_LIGATURES: Final = {
    _VARIANTS["o"] + _ACCENT + _VARIANTS["e"]: f"(?:œ|{_VARIANTS['o']}{_ACCENT}{_VARIANTS['e']})",
    _VARIANTS["a"] + _ACCENT + _VARIANTS["e"]: f"(?:æ|{_VARIANTS['a']}{_ACCENT}{_VARIANTS['e']})",
}


def redact_texts(texts: Sequence[str], author_names: Sequence[Iterable[str]]) -> list[str]:
    """Mask each text; `author_names` holds the names under which each author presents themself."""
    return [_redact(text, names) for text, names in zip(texts, author_names, strict=True)]


def _redact(text: str, names: Iterable[str]) -> str:
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    plain = _plain(text)
    for name in sorted(set(names), key=lambda n: (-len(n), n)):
        words = _WORD.findall(unicodedata.normalize("NFC", name))
        words = [word for word in words if len(word) > 1]
        # Most authors name themselves in their signature only: look before compiling a pattern.
        if len(words) > 1 and all(_plain(word) in plain for word in words):
            text = _name_pattern(words).sub(NAME_MASK, text)
        for word in words[:1] + words[-1:]:
            if len(words) > 1 and len(word) > 2 and _plain(word) in plain:
                text = re.sub(
                    rf"{_CIVIL}{_letters(word)}(?!\w)", NAME_MASK, text, flags=re.IGNORECASE
                )
    return text


def _plain(text: str) -> str:
    """Fold to lower-case ASCII: enough to tell that a name is not there."""
    text = text.lower().replace("œ", "oe").replace("æ", "ae")
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()


def _name_pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Match the words of a name, in either order, with or without accents and title."""
    orders = ([*words], [*words[1:], words[0]], [words[-1], *words[:-1]])
    forms = dict.fromkeys(_BETWEEN.join(_letters(w) for w in order) for order in orders)
    return re.compile(rf"(?<!\w){_TITLE}(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)


def _letters(word: str) -> str:
    folded = word.lower().replace("œ", "oe").replace("æ", "ae")
    pattern = "".join(_VARIANTS.get(letter, re.escape(letter)) + _ACCENT for letter in folded)
    for apart, either in _LIGATURES.items():
        pattern = pattern.replace(apart, either)
    return pattern
