"""Street addresses: a numbered one goes, one where somebody says they live goes; a place stays.

Analysts need "la rue de la République est dangereuse", and nobody needs to know who lives there.
A commune alone is no address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tasks.privacy.lexicon import UNKNOWN, folded, levels
from tasks.privacy.spans import Finder, Span

ADDRESS_MASK: Final = "[adresse]"

_PARTICLE = r"(?:(?:de\s+la|de\s+l['’]|du|des|de|d['’]|la|le|les|l['’]|à|aux?|et|en|sur|sous)\s*)"
# An initial keeps its dot; any other dot ends a sentence, as a line's end ends an address.
_CAPITALISED = r"(?:(?:[A-ZÀ-ÖØ-Ý]\.[\s-]?){1,3}(?=[A-ZÀ-ÖØ-Ý])|[A-ZÀ-ÖØ-Ý])[\w'’-]*"
_MONTH = (
    r"(?i:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre"
    r"|d[ée]cembre)"
)
_DATED = rf"\d{{1,3}}(?:er|e|[èe]me)?\s+(?:{_MONTH}(?:\s+\d{{4}}(?!\d))?|{_CAPITALISED})"
_APART = r"[-\t \u00a0\u202f]+"
_WAY = (
    r"(?i:rue|ruelle|avenue|av\.?|ave\.?|boulevard|boul\.?|bld\.?|blvd\.?|bvd\.?|bd\.?|place|pl\.?|placette"
    r"|chemin|ch\.?|che\.?|chem\.?|impasse|imp\.?|all[ée]es?|all\.?|route|rte\.?|quai|cours|square"
    r"|sq\.?|lotissement|lot\.?|r[ée]sidence|r[ée]s\.?|hameau|passage|sentier|sente|venelle"
    r"|faubourg|fbg\.?|mont[ée]e|clos|cit[ée]|esplanade|promenade|mail|rond[- ]point|voie|villa"
    r"|lieu[- ]dit|traverse|c[ôo]te|domaine"
    r"|parc|cour|galerie|rampe|levée|rocade|digue)"
)
# What homes are in that no numbers are given to.
_ESTATE = r"(?i:ferme|ch[âa]teau|moulin|manoir|mas|hlm|immeuble|tour|camping|foyer)"
_NUMBER = r"(?<![\w,./-])\d{1,4}(?:\s?(?:bis|ter|quater|[A-D](?![\w'’])))?(?:\s?[-/]\s?\d{1,4})?"
_NAME = (
    rf"(?:{_PARTICLE}{{0,3}})(?:{_DATED}|{_CAPITALISED}|[a-zà-öø-ý][\w'’-]{{2,}})"
    rf"(?:{_APART}{_PARTICLE}{{0,3}}{_CAPITALISED}){{0,6}}"
)
_COMMUNE = (
    rf"(?:(?:\s*[,–—-]?\s*(?i:à\s+)?(?:F-)?\d{{2}}\s?\d{{3}}|\s*[,–—-]\s*\d{{5}})(?:{_APART}{_CAPITALISED}"
    rf"(?:{_APART}{_PARTICLE}{{0,2}}{_CAPITALISED}){{0,3}}(?:\s(?i:cedex)(?:\s\d{{1,2}})?)?)?)"
)
# What stands before or after a street: where in it somebody lives.
_WITHIN = (
    r"(?i:appt?\.?|appartement|b[âa]t(?:iment)?\.?|bat\.?|esc(?:alier)?\.?|[ée]tage|porte|r[ée]sidence|r[ée]s\.?"
    r"|immeuble|bloc|tour|entr[ée]e|lot|logement|chambre)"
    r"\s*(?:n[°o]\s?)?"
)
_FLOOR = r"\d{1,2}(?:er|e|[èe]me)\s(?i:[ée]tage)"
_INSIDE = (
    rf"(?:{_WITHIN}(?:\d{{1,4}}[A-Za-z]?|[A-Z](?![\w'’])|(?:{_PARTICLE}{{0,2}}{_CAPITALISED})"
    rf"(?:{_APART}{_PARTICLE}{{0,2}}{_CAPITALISED}){{0,3}})|{_FLOOR})"
)
_TAIL = rf"(?:\s*,?\s*{_INSIDE}){{0,4}}{_COMMUNE}?"
_OF = r"(?:(?:de\sla|du|de\sl['’]|des)\s?)?"
_BY_NUMBER = r"\s(?i:n[°o]|num[ée]ro|au)\s?\d"
_GREAT_STREET = r"(?i:grande?['’ -]{1,2}(?:rue|place|route|all[ée]e)|vieille\sroute)"
_NUMBERED: Final = re.compile(
    rf"(?:{_INSIDE}\s*,?\s*){{0,3}}{_NUMBER}\s?,?\s+{_OF}(?:{_WAY}|[rR]\.)\s+{_NAME}{_TAIL}"
    rf"|{_NUMBER}\s?,?\s+{_GREAT_STREET}{_TAIL}"
    rf"|(?<!\w){_WAY}\s+{_NAME}\s?,?{_BY_NUMBER}{{1,4}}(?!\d)(?:\s*,?\s+à\s+{_CAPITALISED})?{_TAIL}"
)
# A way with the postal code of its commune is an address without its number.
_WITH_POSTCODE: Final = re.compile(
    rf"(?<![\w-]){_WAY}\s+{_NAME}(?:\s*,?\s*{_INSIDE}){{0,4}}{_COMMUNE}"
)
# "La Petite Varenne, 03230 Chevagnes": where no street has a name.
_LOCALITY: Final = re.compile(
    rf"(?<![\w-])(?:{_NUMBER}\s?,?\s)?(?i:lieu[- ]dit\s|hameau\s)?"
    rf"(?:[Ll][ea]s?\s|[Ll]['’]){_CAPITALISED}"
    rf"(?:{_APART}{_PARTICLE}{{0,2}}{_CAPITALISED}){{0,3}}\s*[,–-]?\s*\d{{5}}{_APART}{_CAPITALISED}"
)
_BOX = r"(?:BP|B\.P\.|CS|bo[îi]te postale)\s?(?:n[°o]\s?)?\d"
_POST_BOX: Final = re.compile(rf"(?<!\w){_BOX}{{1,5}}{_COMMUNE}?")
_LIVING: Final = (
    r"(?:habit(?:e|es|ent|ant|ait|ais|ons|aient|ante?s?|ez|er|é)|demeur(?:e|ant|ent|ait|ons|er)"
    r"|r[ée]sid(?:e|ant|ent|ait|ons|er)|domicili[ée]e?s?|domicile|log(?:e|ent|eant|eons|ée?s?)|cr[èe]che"
    r"|vi(?:t|vent|vant|s|vons|vait|vais|vre)|install[ée]e?s?|(?:mon|ma|son|sa|notre|leur|une?)\s(?:adresse|maison|appartement|logement|pavillon|appart)"
    r"|chez\s(?:moi|nous|lui|elle|eux|mes|ma|mon|ses|sa|son)|(?:em|d[ée])m[ée]nag[ée]e?r?s?|sis|sise)"
)
_LIVES: Final = re.compile(rf"(?<!\w)(?:{_LIVING}|adresse(?=\s?:))(?!\w)", re.IGNORECASE)
# Between living and the street: at most these many characters of one sentence.
_REACH: Final = 70
_ELSEWHERE: Final = re.compile(
    r"[.!?;\n]|(?<!\w)(?:pr[eèé]s|c[ôo]t[ée]|loin|face|proximit|derri[eè]re|devant|cause|qui|que|dont|mais|car|quand|o[uù]|et"
    r"|est\s(?!(?:situ|au|rue|dans))|sont|a\s[ée]t[ée])",
    re.IGNORECASE,
)
_AT_HOME: Final = re.compile(
    rf"(?<![\w-])(?P<address>(?:{_INSIDE}\s*,?\s*){{0,3}}(?:{_NUMBER}\s?,?\s+)?(?:{_WAY}|{_ESTATE})\s+{_NAME}{_TAIL}"
    rf"|{_INSIDE}(?:\s*,?\s*{_INSIDE}){{0,3}}{_COMMUNE}?)"
)
_NEXT_WORD: Final = re.compile(r"(?<=[a-zà-ÿ])[ -]([a-zà-ÿ]{3,})(?!\w)")
_RARE: Final = 4
# "J'habite une rue passante", "au hameau depuis dix ans" name no home.
_COMMON_NAME: Final = re.compile(
    rf"(?:{_WAY}|{_ESTATE})\s+(?!(?:de|du|des|la|les?)\s|[dl]['’])"
    r"(?:(?:à|aux?|et|en|sur|sous)\s)?([a-zà-ÿ]+)"
)

_BEFORE_WAY = r"\d(?:\s?(?:bis|ter|quater|[A-D]))?(?:\s?[-/]\s?\d{1,4})?\s?,?\s+"
_HINT: Final = (
    rf"{_BEFORE_WAY}(?:{_OF}(?:{_WAY}|[rR]\.)\s|{_GREAT_STREET})"
    rf"|\b{_WAY}\s[\pL\pN_'’.,\s-]*{_BY_NUMBER}|\d{{2}}\s?\d{{3}}|{_BOX}"
    rf"|\b(?i:{_LIVING}|adresse\s?:)[^.!?;\n]*"
    rf"(?:(?:{_BEFORE_WAY})?(?:{_WAY}|{_ESTATE})\s|{_FLOOR}"
    rf"|{_WITHIN}(?:\d|{_PARTICLE}{{0,2}}[A-ZÀ-ÖØ-Ý]))"
)


def addresses(text: str) -> Iterator[Span]:
    """Find addresses of homes and post boxes."""
    for pattern in (_NUMBERED, _WITH_POSTCODE, _LOCALITY, _POST_BOX):
        for match in pattern.finditer(text):
            yield Span(match.start(), _end_of_name(text, match.end()), ADDRESS_MASK)
    for lives in _LIVES.finditer(text):
        home = _AT_HOME.search(text, lives.end(), lives.end() + 3 * _REACH)
        if not home or home.start() > lives.end() + _REACH or not _is_named(home["address"]):
            continue
        if not _ELSEWHERE.search(text, lives.end(), home.start()):
            start, end = home.span("address")
            yield Span(start, _end_of_name(text, end), ADDRESS_MASK)


def _end_of_name(text: str, end: int) -> int:
    """Return where the name of a street ends when it is typed without capitals ("victor hugo")."""
    while (word := _NEXT_WORD.match(text, end)) and _is_rare(folded(word[1])):
        end = word.end()
    return end


def _is_rare(word: str) -> bool:
    """Tell a word that is in names of streets rather than in sentences."""
    return levels(word).word <= _RARE and levels(word) != UNKNOWN


def _is_named(address: str) -> bool:
    """Tell a street that has a name from a sort of street ("une rue passante")."""
    word = _COMMON_NAME.match(address)
    return not word or _is_rare(folded(word[1]))


ADDRESSES: Final = Finder(addresses, _HINT)
