"""The language of a text, by its function words: enough to tell French from the rest."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[^\W\d_]+")
_STOP_WORDS = {
    "fr": "le la les l un une des du de d et est sont à au aux en dans pour par sur avec sans "
    "que qui qu ne pas plus ce cette ces c il elle nous vous je j "
    "on se s ou mais si leur leurs notre nos votre vos être avoir faire a ai été trop très "
    "tout tous y n",
    "en": "the of and to in is are a an that it for on with as be by this have has from at not "
    "but or which you i we they their our your would should "
    "my was were been more there will can could",
    "de": "der die das und ist sind nicht ein eine zu den dem mit von für auf im es ich wir "
    "sie dass auch werden haben",
    "es": "el la los las de y que en un una es son por con para no se del al lo como más pero "
    "sus su muy hay",
    "it": "il lo la gli le di e che è sono un una per con non si del della dei nel alla più ma "
    "anche come",
    "nl": "de het een en van is zijn niet dat in op te voor met er aan ook maar door ik wij meer",
    "pt": "o a os as de e que em um uma é são por com para não se do da dos das no na mais mas "
    "como",
}
_TABLE: dict[str, tuple[str, ...]] = {}
for _language, _list in _STOP_WORDS.items():
    for _word in _list.split():
        _TABLE[_word] = (*_TABLE.get(_word, ()), _language)


_FRENCH = frozenset(_STOP_WORDS["fr"].split())
_FOREIGN = frozenset(word for word, languages in _TABLE.items() if languages != ("fr",))


def language_of(text: str) -> str | None:
    """Name the language (ISO 639-1) whose function words the text uses; None when unsure."""
    words = _WORDS.findall(text[:1000].lower())
    if len(words) < 4:
        return None
    french = sum(map(_FRENCH.__contains__, words))
    if french * 8 >= len(words) and french >= sum(map(_FOREIGN.__contains__, words)):
        return "fr"  # no other can have more
    counts: dict[str, int] = {}
    for word in words:
        for language in _TABLE.get(word, ()):
            counts[language] = counts.get(language, 0) + 1
    if not counts:
        return None
    best = max(counts, key=lambda language: (counts[language], language == "fr"))
    return best if counts[best] * 8 >= len(words) else None
