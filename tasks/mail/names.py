"""Names: an author's, what has the shape of one, who presents themself in a letter.

No list of first names: a name counts because it is in the From header, or because of its shape and
of where it stands. Every name found here is later masked in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tasks.mail.formulas import WORD
from tasks.mail.word_sets import folded, word_set

_TITLES = re.compile(
    r"^(?:(?:m(?:me|mes|lle|r|rs|gr|e)?|mm|monsieur|madame|mademoiselle|dr|docteur|pr|professeur"
    r"|ma[îi]tre|famille|signé|sign[ée]e?\s*:|les|l['’]abbé|père)[.\s:]+(?:et\s+|&\s*)?)+",
    re.IGNORECASE,
)
_PARTICLES = word_set("""
    de du des la le les d' l' von van der den el al ben da dos das di del et & ép épouse née
    ou st ste saint sainte y e
    """)
# particles of a name that nothing but its shape makes one
_NAME_PARTICLES = frozenset({"de", "d'", "von", "van", "da", "dos", "et"})
_NAME_WORD = re.compile(r"(?:[dDlLOo]['’])?[A-ZÀ-ÖØ-Þ][\w]*(?:[-'’.][\w]+)*\.?")
_NOT_NAMES = word_set("""
    plus moins pas stop non oui merci il elle ils elles on nous vous je tu ce cet cette ces
    c'est un une pour par avec sans dans sur sous en au aux que qui quoi dont où mais donc
    car si comme très trop peu beaucoup bien mieux tout tous toute toutes aucun aucune voir
    voici voilà bonne bon bonjour bonsoir madame monsieur cordialement respectueusement
    salutations attention objet sujet thème propositions proposition police gendarmerie
    gendarmes policiers policier gendarme sécurité securite vidéo video vidéosurveillance
    vidéoprotection caméras cameras caméra prévention prevention justice état etat france
    république commune mairie préfecture prefecture ministre ministère citoyens citoyen
    respect proximité présence civisme éducation formation moyens patrouilles patrouille
    radars radar stationnement circulation routière municipale nationale rurale voisins
    vigilants réseau réseaux lien confiance accueil plainte plaintes drogue drogues
    incivilités délinquance contribution consultation assises réponse suite fin idem néant
    rien urgent important conclusion résumé constat constats
    """)
_DESCRIPTION = re.compile(r",|\(|\s[-–—|]\s")
_LETTERS = re.compile(r"[^\W\d_]+")
_NO_LETTERS = re.compile(r"[\d._+-]+")
_NEVER_IN_A_NAME = re.compile(r"[\d!?:;/=@…«»]|\.\s+\S{3,}")
_NEVER_FIRST = frozenset({"et", "ou", "&", "de", "du", "des"})
_MAX_NAME_CHARS = 70
_ABSTRACT = re.compile(
    r"\w{5,}(?:tion|sion|ment|ité|ance|ence|isme|eurs|erie|tions|sions|ments|ités|aux)$"
)
_COUPLE = re.compile(r"^(?P<one>\S+)\s+(?:et|&)\s+(?P<two>\S+)\s+(?P<last>\S.*)$")
_NAME = (
    r"[A-ZÀ-ÖØ-Þ][\w’'-]*(?:[ ](?:(?:de|du|des|la|le|d['’]|von|van|el"
    r"|ben)[ ]?){0,2}[A-ZÀ-ÖØ-Þ][\w’'-]*){1,3}"
)
_PRESENTED = re.compile(
    rf"\b(?:[Jj]e m['’]appelle|[Jj]e me (?:nomme|prénomme)|[Jj]e,? soussignée?"
    rf"|[Nn]ous,? soussignée?s|[Mm]on nom est|[Mm]oi,|(?:[Jj]e suis"
    rf"|[Ii]ci)(?=\s[A-ZÀ-Þ]))[ ,:]+(?:(?:M\.|Mme|Mr|Monsieur|Madame|Mlle)[ ]+)?({_NAME}"
    rf"|[A-ZÀ-Þ][\w-]+)(?:\s+et\s+(?:Mme\s+|M\.\s+)?({_NAME}))?"
)
_APPOSED = re.compile(rf",\s({_NAME}),\s(?:je|j['’]|habitant|domicilié|demeurant|âgé|retraité)")
_NAME_LABEL = re.compile(
    r"^\s*(?:noms?(?:\s+(?:et|/)\s+prénoms?)?|prénoms?(?:\s+(?:et"
    r"|/)\s+noms?)?)\s*:\s*([^\n:]{2,60})$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Author:
    """What is known of an author before the letter is read: displayed name and address."""

    name: str
    address: str

    @cached_property
    def tokens(self) -> frozenset[str]:
        """List the words of the name and of the address that can sign."""
        found = _fold(self.name) + _fold(_NO_LETTERS.sub(" ", self._local))
        return frozenset(t for t in found if len(t) >= 3 and t not in _PARTICLES)

    @property
    def _local(self) -> str:
        return self.address.partition("@")[0]

    @cached_property
    def _letters(self) -> str:
        """Give what of the address before its sign is letters, run together."""
        return "".join(filter(str.isalpha, self._local.lower()))

    def signs(self, line: str) -> bool:
        """Tell whether a line of a name's size holds the author's name."""
        tokens = self.tokens
        if not tokens:
            return False
        found = [t for t in _fold(line) if len(t) >= 3]
        return any(t in tokens or (len(t) >= 4 and t in self._letters) for t in found)

    def counts_in(self, line: str) -> int:
        """Count the words of the author's name that a line holds."""
        return len(self.tokens & frozenset(_fold(line))) if self.tokens else 0

    def is_whole_name(self, line: str) -> bool:
        """Tell a line made of nothing but the author's name, in whatever case."""
        words = [w for w in _fold(line) if w not in _PARTICLES and len(w) > 1]
        return 1 <= len(words) <= 4 and self.signs(line) and all(w in self.tokens for w in words)


def _fold(text: str) -> list[str]:
    """Split into words with and without accents, and with accented letters left out."""
    words = [w.lower() for w in _LETTERS.findall(text)]
    forms = []
    for word in words:
        forms.append(word)
        if not word.isascii():
            forms += [folded(word), word.encode("ascii", "ignore").decode()]
    return forms


def name_shape(line: str, known: frozenset[str] = frozenset()) -> int:
    """Count the name words of a line that has the shape of a name; 0 when it has not.

    `known`: words that are names for this author, even where they mean something else.
    """
    text = line.strip(' \t*_,.;-–—()[]"')
    if not text or len(text) > _MAX_NAME_CHARS or _NEVER_IN_A_NAME.search(text):
        return 0
    untitled = _TITLES.sub("", text)
    has_title = untitled != text
    words = untitled.replace("’", "'").replace(",", " ").split()
    if not 1 <= len(words) <= 7 or words[0].lower() in _NEVER_FIRST:
        return 0
    names = 0
    for word in words:
        low = word.lower().strip(".()")
        if low in _PARTICLES or low == "-":
            continue
        if (low in _NOT_NAMES and low not in known) or not _NAME_WORD.fullmatch(word.strip("()")):
            return 0
        names += 1
    return names + (1 if has_title and names else 0)


def is_plainly_a_name(line: str, lower_case_words: frozenset[str]) -> bool:
    """Tell a name by its looks alone: no capitals throughout, no word the letter uses as a word."""
    if line.isupper() or any(w in _PARTICLES - _NAME_PARTICLES for w in line.split()):
        return False
    words = [w.lower() for w in WORD.findall(_TITLES.sub("", line))]
    return not any(
        w in lower_case_words or _ABSTRACT.fullmatch(w) for w in words if w not in _PARTICLES
    )


def clean_name(line: str) -> str:
    """Take titles, marks and descriptions away from a name."""
    text = _DESCRIPTION.split(line.strip(" \t*_.;-–—\"'"))[0]
    return " ".join(_TITLES.sub("", text).split()).strip(" .,")


def names_in_signature(lines: Iterable[str], author: Author) -> list[str]:
    """Read the names in a signature block; of a couple, each person's too."""
    names = []
    for line in lines:
        head = _DESCRIPTION.split(line)[0]
        shape = name_shape(head, author.tokens)
        if not shape or (shape < 2 and not author.signs(head)):
            continue
        name = clean_name(line)
        names.append(name)
        if couple := _COUPLE.match(name):
            names += [f"{couple['one']} {couple['last']}", f"{couple['two']} {couple['last']}"]
    return names


def names_in_text(text: str) -> list[str]:
    """Read the names by which an author presents themself in the letter."""
    found = [n for pair in _PRESENTED.findall(text) for n in pair if n]
    found += _APPOSED.findall(text)
    if ":" in text:
        found += [m.strip() for m in _NAME_LABEL.findall(text)]
    return [name for raw in found if (name := clean_name(raw)) and name.lower() not in _NOT_NAMES]
