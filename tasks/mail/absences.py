"""Automatic replies that no header announces: I am away, we are closed, your message has arrived.

Their sentences are without number, so each French word and each pair of words has a weight, learnt
from invented replies and from citizens' answers (`benchmarks/absences.py` makes the table); what
machines write in English and German is told by a few turns of phrase. No contribution may be taken
for a machine's: who speaks of public life or asks for something is a person whatever the words
weigh, unless the subject or a turn of phrase is a mail program's; then the words must say so too.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from itertools import pairwise

from tasks.mail.word_sets import holds_any, without_accents, word_set

MAX_CHARS = 1_200
_BEGINNING = 6  # letters of a word that count: "rediriger" and "redirigés" weigh the same
_FEWEST = 30  # a text of fewer words and pairs weighs no more: two words prove nothing
_THRESHOLD = 0.5  # doubt is in favour of a person
_TOLD = 2.5  # what a subject that tells of an absence or a reception adds
_WRITTEN_BY_A_PROGRAM = 6.0  # and one that mail programs write, or a turn of phrase of theirs
_SPEAKS_UP = 5.0  # what asking, judging and public life take away

_ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_SENTENCES = re.compile(r"[.!?:;\n]+")

_PROGRAM_SUBJECT = re.compile(
    r"^\W*(?:réponse\s+automatique|automatic\s+reply|out\s+of\s+(?:the\s+)?office|abwesenheit\w*"
    r"|auto(?:matische)?[ -]?(?:reply|response|réponse|antwort|answer)|absence\s+du\s+bureau"
    r"|(?:message|notification)\s+d['’]absence|(?:re\s*:\s*)?auto\s*:)",
    re.IGNORECASE,
)
_TELLING_SUBJECT = re.compile(
    r"""^\W*(?:(?:re|ré|rép|aw)\s*:\s*)?\W*
    (?:(?:actuellement\s+|en\s+)?(?:absente?s?|congés?|vacances)\b
    | absence(?:\s*$|\s+(?:pour|du|de\s+\w+\s+au|temporaire|prolongée|jusqu|exceptionnelle))
    | (?:accusé\s+(?:de\s+)?|confirmation\s+de\s+)réception | accusé\s+d['’]enregistrement | indispo
    | fermeture\s+(?:annuelle|excep|pour|de\s+(?:la\s+mairie|fin)) | (?:bureau|cabinet)\s+fermé
    | (?:changement\s+d['’]|nouvelle\s+)adresse | (?:adresse|boîte)\s+(?:non|plus|supprimée|pleine)
    | (?:nous\s+avons\s+)?(?:bien\s+)?reçu\s*:?\s*votre
    | votre\s+(?:message|mail|courriel|demande)\s+(?:a\s|est\s|nous\s|n[°º]|du\s)
    | réponse\s+auto | (?:fin|cessation)\s+de\s+(?:mandat|contrat|fonctions?)
    | départ\s+(?:de|à|en)\s | no-?reply | vacation | (?:on\s+|annual\s+)?(?:holiday|leave)\b
    | away\b)
    | \bne\s+pas\s+répondre | \b(?:ticket|dossier|demande)\s*n?[°º\#]\s?\w*\d
    | \[(?:ticket|absence) | \bauto(?:matique)?\)\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_FOREIGN_TURNS = re.compile(
    r"""\b(?:out\s+of\s+(?:the\s+|my\s+)?office
    | on\s+(?:\w+\s+)?(?:leave|holidays?|vacation|sabbatical)\s+(?:and|until|till|from|through)
    | (?:and|will)\s+(?:be\s+)?(?:back|return)\s+(?:in\s+the\s+office\s+)?(?:on|by|in)
    | currently\s+(?:away|travell?ing) | at\s+a\s+conference\s+until
    | away\s+(?:until|till|from\s+(?:my\s+desk|(?:\w+\s+)?\d))
    | automat(?:ic|ed)\s+(?:reply|response|message|acknowledge?ment)
    | (?:limited|no)\s+access\s+to\s+(?:my\s+)?(?:e-?mails?|inbox|mailbox|messages)
    | (?:will|has|have)\s+not\s+be(?:en)?\s+(?:forwarded|monitored|read\s+by\s+anyone)
    | no\s+longer\s+(?:work\w*\s+(?:at|for|here)|monitored|in\s+use|with\s+the)
    | left\s+the\s+(?:company|organi[sz]ation)
    | (?:e-?mails?|messages?)\s+will\s+be\s+read\s+(?:with|when|(?:up)?on)
    | will\s+(?:get\s+back\s+to|respond\s+to|answer)\s+(?:you|your)
    | our\s+offices?\s+(?:are|is|will\s+be|close)
    | (?:received|logged)\s+your\s+(?:e-?mail|message|comments|enquiry|request)
    | your\s+(?:e-?mail|message|comments|enquiry|request)\s+ha(?:s|ve)\s+been\s+(?:received|logged)
    | (?:mailbox|address)\s+is\s+(?:unattended|not\s+(?:monitored|read|in\s+use))
    | nicht\s+im\s+(?:Büro|Haus)
    | nicht\s+(?:automatisch\s+)?weitergeleitet | wieder\s+(?:erreichbar|im\s+Büro)
    | automatische\s+(?:Antwort|Nachricht) | bis\s.{0,40}\s(?:im\s+Urlaub|abwesend)
    | Öffnungszeiten\s+erreicht)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_FOREIGN_PIECES = word_set("""
    office leave holiday vacation sabbatical back return currently conference away automat access
    forwarded monitored anyone longer left will your mailbox address nicht wieder urlaub abwesend
    erreicht
    """)
# somebody who asks or judges is a person
_ASKS = re.compile(
    r"\b(?:propos(?:e|ons|er|ition)\w*|il\s+(?:nous\s+)?(?:faut|faudrait)|devrai\w*|doi(?:t|vent)"
    r"|je\s+(?:pense|trouve|constate|demande|regrette|souhaite)|mon\s+avis|à\s+mon\s+sens|pourquoi"
    r"|scandal\w+|honte\w*|inadmissible|inacceptable|catastroph\w+|aberra\w+|cauchemar"
    r"|toujours\s+pas)\b",
    re.IGNORECASE,
)
# who speaks of these speaks to the consultation
_PUBLIC = re.compile(
    r"""(?<![^\W\d_])(?:gendarm|polic|commissariat|brigade|patrouill|plainte|voleur|cambri|délinqu
    |sécurité|insécur|caméra|vidéo|vitesse|drogue|dégrad|incivil|violen|agress|tranquillité|justice
    |tribunal|bruit|radar|rodéo|moto|tapage|pétard|trafic|surveillan|habitants|riverain|immigr
    |impôt|carsat|cpam|urssaf|mdph)""",
    re.VERBOSE,
)


def reads_as_auto_reply(
    text: str, subject: str, weights: Mapping[str, float] | None = None
) -> bool:
    """Tell an automatic reply by its words, and by those of its subject.

    `weights`: of words and pairs, and of `""`, where the sum starts; those of the table by default.
    """
    if len(text) > MAX_CHARS or not text.strip():
        return False
    if _PROGRAM_SUBJECT.search(subject) or _has_foreign_turn(text):
        told = _WRITTEN_BY_A_PROGRAM
    else:
        told = _TOLD if _TELLING_SUBJECT.search(subject) else 0.0
    if _speaks_up(text):
        told -= _SPEAKS_UP
    return told >= 0 and told + weigh(text, weights or _weights()) > _THRESHOLD


def weigh(text: str, weights: Mapping[str, float]) -> float:
    """Add what the words and pairs of a text weigh; above zero they are more a machine's."""
    found = features(text)
    return weights[""] + share(found) * sum(weights.get(feature, 0.0) for feature in found)


def features(text: str) -> list[str]:
    """Return the distinct words of a text and its pairs of neighbours, in a fixed order."""
    words = _told_words(text)
    pairs = (f"{a} {b}" for a, b in pairwise(words))
    return sorted({*(word for word in words if word != "0"), *pairs})


def share(found: list[str]) -> float:
    """Return what each feature of a text counts, so that long texts are not louder than short."""
    return 1.0 / math.sqrt(max(len(found), _FEWEST))


def _has_foreign_turn(text: str) -> bool:
    return holds_any(text, _FOREIGN_PIECES) and bool(_FOREIGN_TURNS.search(text))


def _speaks_up(text: str) -> bool:
    return bool(_PUBLIC.search(_readdressed(text, " ").lower()) or _ASKS.search(text))


def _readdressed(text: str, stead: str) -> str:
    """Write something in the stead of each address, of mail or of the Web."""
    has_some = "@" in text or "://" in text or "www." in text
    return _ADDRESS.sub(stead, text) if has_some else text


def _told_words(text: str) -> list[str]:
    """Return how the words begin, without names: capitals inside a sentence; a number is a 0."""
    text = without_accents(_readdressed(text, " adresse ").replace("’", "'"))
    if sum(map(str.isupper, text)) > sum(map(str.islower, text)):
        text = text.lower()
    told = list[str]()
    for sentence in _SENTENCES.split(text):
        words = _WORD.findall(sentence)
        told += [
            "0" if word[0].isdecimal() else word[:_BEGINNING].lower()
            for place, word in enumerate(words)
            if place == 0 or word.islower() or word[0].isdecimal()
        ]
    return told


@cache
def _weights() -> dict[str, float]:
    """Read the table: a word or a pair, its weight; the first row, without words, is the start."""
    table = resources.files("tasks.mail").joinpath("automatic_words.csv")
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return {row["words"]: float(row["weight"]) for row in rows}
