"""French words as the other modules of `language` compare them: folded, cut into tokens, stemmed.

Everything is folded before it is stemmed, because citizens write "sécurité", "securite" and
"SECURITE".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar

from snowballstemmer.french_stemmer import FrenchStemmer

V = TypeVar("V")

_FOLDED = dict(
    zip(
        "àâäáãåçéèêëíìîïñóòôöõúùûüýÿ’‘ʼ`´\xa0",
        "aaaaaaceeeeiiiinooooouuuuyy" + 5 * "'" + " ",
        strict=True,
    )
) | {"œ": "oe", "æ": "ae"}
_REMEMBERED = 100_000
_CHUNK = 1 << 11  # texts: each module in turn reads the statements of a chunk of work
_MASK = re.compile(r"\[[^\[\]\n]{1,40}\]")
_TOKEN = re.compile(r"[a-z0-9]+")


def lexicon(words: str) -> frozenset[str]:
    """Read a list of words as it is written in the code, between spaces and line ends."""
    return frozenset(words.split())


# Articles, prepositions, possessives: what may stand between the words of an expression.
LINKS = lexicon(
    """
    a au aux avec c ce ces cet cette chez d dans de des du en entre envers et l la le les leur leurs
    ma mes mon nos notre ou par pour s sa ses son sous sur t ta tes ton un une vers vis vos votre y
    """
)
# Words that say nothing of what a sentence is about; pronouns, auxiliaries and the commonest
# adverbs.
STOP_WORDS = LINKS | lexicon(
    """
    ai aie aient ainsi alors apres as assez aucun aucune aujourd aura aurait auraient aussi autant
    autre autres avaient avait avant avez avoir avons beaucoup bien bon bonne bref car ceci cela
    celle celles celui cependant certain certaine certaines certains ceux chacun chacune chaque ci
    comme comment concernant contre davantage deja depuis derriere des deux devant devrait devraient
    devrions doit doivent donc dont du elle elles encore enfin ensuite est etaient etait etant ete
    etes etre eu eux faire fait faite faites fait faits faudra faudrait faut font fois grand grande
    gros hors hui ici il ils j je jamais jusqu jusque juste la laquelle lequel lesquels lors lorsque
    lui m mais malgre me meme memes mettre mieux mis mise moi moins n ne ni non nous oui on ont or
    parce parfois parmi pas pendant permettre personne peu peut peuvent pourquoi pourrait pourraient
    plus plusieurs plutot pres presque puis puisque qu quand quant que quel quelle quelles quelque
    quelques quels qui quoi rien sans se sera serait seraient seront seul seule seulement si sinon
    soi soient soit sommes sont souvent sont suis sur surtout tant te tel telle telles tels
    tellement toi toujours tous tout toute toutefois toutes tres trop tu va vais vont voici voila
    voire vous vraiment vrai vraie
    """
)


class Memory(dict[str, V]):
    """What a function makes of words, remembered: quicker than a cache, and bounded."""

    def __init__(self, function: Callable[[str], V]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, word: str) -> V:
        if len(self) > _REMEMBERED:
            self.clear()
        return self.setdefault(word, self._function(word))


@lru_cache(maxsize=_CHUNK)
def fold(text: str) -> str:
    """Lower the text and take its accents, ligatures and typographic apostrophes away."""
    low = text.lower()
    if low.isascii() and "`" not in low:
        return low
    for character in _FOLDED.keys() & set(low):  # several times faster than `translate`
        low = low.replace(character, _FOLDED[character])
    return low if low.isascii() else _FOREIGN.sub(lambda found: _DECOMPOSED[found[0]], low)


def _decomposed(signs: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", signs) if not unicodedata.combining(c))


_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_DECOMPOSED = Memory(_decomposed)


def tokens(text: str) -> tuple[str, ...]:
    """Cut a text into folded words and numbers, without the masks ("[nom]") of personal data."""
    return _tokens(fold(text))


@lru_cache(maxsize=_CHUNK)
def _tokens(folded: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(_MASK.sub(" ", folded)))


class Said(NamedTuple):
    """The words of a text, links left out, and their stems."""

    words: tuple[str, ...]
    stems: tuple[str, ...]


@lru_cache(maxsize=_CHUNK)
def said(text: str) -> Said:
    """Read the words of a text that are not links."""
    words = tuple([word for word in tokens(text) if word not in LINKS])
    return Said(words, tuple(map(_STEMS.__getitem__, words)))


def unmasked(text: str) -> str:
    """Take the masks out of a text."""
    return _MASK.sub(" ", text)


LONGEST_WORD = 40


def stem(word: str) -> str:
    """Stem a folded word: Snowball expects accents, but is consistent without.

    Longer than any French word, it is cut: a stem costs the square of its word.
    """
    return _STEMS[word]


# The class itself and not `snowballstemmer.stemmer`, which takes PyStemmer, with other rules, where
# it finds it.
_STEMMER = FrenchStemmer()
_STEMS = Memory(lambda word: str(_STEMMER.stemWord(word[:LONGEST_WORD])))


def stems(words: Iterable[str]) -> frozenset[str]:
    """Distinct stems of folded words."""
    return frozenset(map(_STEMS.__getitem__, words))


def excerpt(text: str, length: int) -> str:
    """Quote the beginning of a text on one line, cut between two words."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + "…"


def decimal(score: float) -> str:
    """Write a score as French does: 0,62."""
    return f"{score:.2f}".replace(".", ",")


def content_words(text: str) -> list[str]:
    """Folded words that carry meaning, in the order of the text."""
    return [t for t in tokens(text) if len(t) > 1 and t not in STOP_WORDS]


def each_content_word(text: str) -> Iterator[str]:
    """Yield those words one after the other, where the first ones may be enough."""
    for found in _TOKEN.finditer(_MASK.sub(" ", fold(text))):
        word = found[0]
        if len(word) > 1 and word not in STOP_WORDS:
            yield word
