"""Formulas of letters: greetings, closings, notes that only announce an attachment, revisions.

Tells which words carry no opinion; what is done about it (count, cut, keep) is decided elsewhere.
"""

from __future__ import annotations

import re

from tasks.mail.word_sets import holds_any, word_set

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…;])(?<!\bcf\.)\s+|\n+", re.IGNORECASE)
_SHORT = 90  # words: a longer text is never a mere note

_GREETING_START = re.compile(
    r"(?:re-?)?(?:bonjour|bonsoir|madame|monsieur|mesdames|messieurs|mme|mmes|mr|mm?|mlle"
    r"|chère?s?|salut|coucou|hello|hi|dear|good"
    r"|à|a|aux?|bjr|l'attention)\b",
    re.IGNORECASE,
)
_GREETING_WORDS = word_set("""
    bonjour bonsoir rebonjour bjr madame monsieur mesdames messieurs mesdemoiselles
    mademoiselle mme mmes mr m mm mlle cher chère chers chères salut coucou hello hi dear
    good morning afternoon evening sir sirs madam or and all à a au aux le la les l de du
    des d et ou tous toutes tout monde qui droit attention attn préfet préfète prefet
    prefete sous-préfet sous-préfète préfecture maire ministre président présidente député
    députée sénateur sénatrice commandant colonel capitaine commissaire général directeur
    directrice responsable chef cabinet secrétaire générale service services équipe équipes
    conseiller conseillère élus l'attention d'attention secrétariat collègues concitoyens
    bonne année meilleurs vœux voeux
    """)
_GREETING_HEAD = re.compile(
    r"\s*(?:bonjour|bonsoir|hello)(?:\s+(?:à tous|madame|monsieur|mesdames"
    r"|messieurs))*\s*[,!.]*\s*",
    re.IGNORECASE,
)

_CLOSING = re.compile(
    r"""(?:et\s+|avec\s+)?(?:
      (?:(?:très|bien|le\s+plus)\s+)?(?:cordialement|respectueusement|sincèrement|amicalement
      |courtoisement|citoyennement|fraternellement
        |républicainement|cdlt|cdt|chaleureusement)\b(?=(?:\W+\w+){0,5}\W*$)
    | votre\s+(?:bien\s+|tout\s+)?dévouée? | bien\s+(?:à\s+vous|respectueusement)
      | à\s+vous\s+lire | à\s+bientôt | a\s+bientôt
    | (?:mes\s+|nos\s+|meilleures?\s+|sincères?\s+|respectueuses?\s+|cordiales?\s+
      |distinguée?s\s+|avec\s+|tous\s+)*
        (?:salutations|(?:(?<=mes\s)|(?<=nos\s)|(?<=sincères\s)|(?<=meilleurs\s))(?:remerciements
        |respects|hommages|amitiés|sentiments))\b(?=(?:\W+\w+){0,6}\W*$)
    | (?:toute\s+)?(?:ma|notre)\s+(?:(?:haute|parfaite)\s+)?considération
    | (?:un\s+)?(?:grand\s+)?merci(?=\s*(?:[.,!…]|$|et\s|à\s+vous|à\s+tous|bien\b|beaucoup|encore
      |infiniment|d['’]avance|par\s+avance
        |(?:de|pour)\s+(?:votre|vos|m['’]avoir|nous\s+avoir|cette|l['’]attention|l['’]intérêt
        |me\s+lire|nous\s+lire|prendre\s+en\s+compte
        |bien\s+vouloir|la\s+prise\s+en\s+compte|le\s+temps|cet?\s)))
    | (?:en\s+)?vous\s+(?:en\s+)?(?:remerciant|souhaitant) | (?:je
      |nous)\s+vous\s+(?:en\s+)?(?:remercie|souhaite)
    | (?:je|nous)\s+rest(?:e|ons)\s+à\s+votre | restant\s+à\s+(?:votre|ta) | à\s+votre\s+disposition
    | dans\s+cette\s+attente | dans\s+l['’](?:attente|espoir)\s+(?:de\s+(?:vous|votre|vos|voir)
      |d['’](?:être|une?\s+(?:réponse|suite|prise|lecture|retour|prochaine?|éventuel\w*|heureuse
      |action|issue)))
    | (?:je|nous)\s+vous\s+prie(?:rais)?(?:ons)?(?:,[^,]{1,80},)?\s+(?:d['’](?:agréer|accepter)
      |de\s+(?:croire|recevoir|bien\s+vouloir\s+agréer|trouver\s+ici))
    | veuillez(?:,[^,]{1,80},)?\s+(?:agréer|recevoir|croire|accepter|trouver\s+ici) | agréez
      | recevez | croyez
    | (?:très\s+|une\s+)?(?:bonne|belle|excellente)\s+(?:journée|soirée|réception|continuation
      |fin|lecture|semaine|année)
    | (?:kind|best|warm)\s+regards | regards(?=\W*$) | sincerely | thank\s+you(?:\s+(?:for
      |in)\b)? | thanks | yours | best\s+wishes
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING_NOUN = (
    r"(?:salutations|sentiments|considération|respects|dévouement|remerciements|hommages)"
)
_CLOSING_END = re.compile(
    rf"(?:\b(?:agréer|agréez|recevoir|recevez|croire|croyez|accepter|acceptez|l['’]expression"
    rf"|l['’]assurance)\b[^.!?]{{0,100}}\b{_CLOSING_NOUN}\b[^.!?]{{0,40}}"
    rf"|\b{_CLOSING_NOUN}\s+(?:\w+\s+){{0,2}}"
    r"(?:distinguée?s?|respectueu(?:x|ses?)|dévouée?s|sincères|cordiales?|cordiaux|meilleure?s"
    r"|républicaine?s?))\s*[.,!]?\s*$",
    re.IGNORECASE,
)
_CLOSING_PIECES = word_set("""
    salutation sentiment considération respects dévouement remerciement hommages
    """)
_MAX_CLOSING_WORDS = 40
_MIN_CONTENT = 3

_ATTACHED = re.compile(
    r"""\bci[- ]?(?:joint|annexé|inclus)e?s?\b | \bpi[èe]ces?[- ]jointes?\b | \bp\.?j\.?(?=\W|$)
      | \b(?:fichiers?|documents?|courriers?|lettres?|textes?|notes?|photos?|images?|scans?
      |dossiers?)\s+(?:ci[- ])?(?:jointe?s?|attachée?s?|annexée?s?|scannée?s?)\b
      | \ben\s+(?:annexe|attachement|attaché|fichier|format|photo|image|document)\b | \b(?:je
      |nous)\s+(?:vous\s+)?join(?:s|gnons|drai)\b
      | \bvoir\s+(?:(?:la|les|le|ma|mes|en)\s+)?(?:photos?|images?|fichiers?|documents?|scans?|pj
      |annexes?)\b | \bfigure\s+dans\s+le\s+(?:fichier|document)
      | \battached\b | \battachment\b | \benclosed\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ATTACHED_PIECES = word_set("""
    join annex inclus pj p.j attach scan fichier format photo image document enclosed
    """)
_SENDING = re.compile(
    r"""\btrouver(?:ez|a)?\b | \badress\w+ | \benvo[iy]\w* | \btransm\w+ | \bjoin(?:s|gnons
      |drai)\b | \bparvenir\b | \bvoir\b
      | \bvoici\b | \bsoum\w+ | \bcommuni\w+ | \bdépos\w+ | \bcontribution\w* | \bcourriers?\b
      | \blettres?\b | \bréponses?\b
      | \bproposition\w* | \bremarques?\b | \bavis\b | \bdocuments?\b | \btexte\b
      | \bréflexions?\b | \bobservations?\b | \bphotos?\b
      | \bfichiers?\b | \bplease\b | \bfind\b | \bquestionnaire\b""",
    re.IGNORECASE | re.VERBOSE,
)
_FORWARDING = re.compile(
    r"""\bci[- ]?(?:dessous|après|dessus)\b | \btransm(?:ets|ettons|ettez|is|ise|ission)\b
      | \btransf(?:ère|érons|éré|ert)\w*
      | \b(?:fais|faisons|faire|fait)\s+suivre\b | \bpour\s+(?:suite|suites|information|info
      |attribution|traitement|transmission|compétence|avis)\b
      | \bre[çc]ue?s?\s+(?:en|à|au|ce|hier|par|dans|de|d['’])  | \bforward\w* | \bfyi\b |
      \bà\s+toutes\s+fins\b | \bvoici\b.{0,60}\b(?:mail|message|courriel|contribution)""",
    re.IGNORECASE | re.VERBOSE,
)
_MAX_NOTE_WORDS = 40
_MAX_MENTION_WORDS = 3  # "cf. PJ"

_REVISION = re.compile(
    r"\b(?:annul\w+\s+et\s+rempla\w+|remplac\w+\s+(?:et\s+annul\w+|(?:mon|ma|notre|nos|mes|le|la"
    r"|celui|celle)\b[^.\n]{0,30}"
    r"\b(?:précédente?s?|dernière?|premi(?:er|ère)|antérieure?|d['’]hier|envoi|mail|message"
    r"|courriel|contribution))"
    r"|(?:ne\s+(?:pas\s+)?ten(?:ir|ez)\s+(?:pas\s+)?compte|ignorer)\s+d[eu]\s?(?:mon|ma"
    r"|mes)?\s*(?:précédent|premier|dernier|message\s+précédent"
    r"|mail\s+précédent|envoi\s+précédent|courriel\s+précédent)|version\s+(?:corrigée|rectifiée"
    r"|définitive|modifiée)\s+(?:de\s+)?(?:ma|mon|notre)\b"
    r"|cancels?\s+and\s+replaces?)",
    re.IGNORECASE,
)
_REVISION_PIECES = word_set("annul rempla compte ignorer version cancel")


def count_words(text: str) -> int:
    """Count words; one with an apostrophe or a hyphen counts once."""
    return len(WORD.findall(text))


def sentences(text: str) -> list[str]:
    """Split a text at its lines and at the ends of its sentences."""
    return [s for s in _SENTENCE_END.split(text) if s.strip()]


def is_greeting(line: str) -> bool:
    """Tell a line that only greets."""
    if len(line) > 120 or not _GREETING_START.match(line.strip()):
        return False
    words = [w.lower().replace("’", "'") for w in WORD.findall(line)]
    if (
        words[0] in ("à", "a", "au", "aux")
        and not line.rstrip().endswith(",")
        and not {"attention", "l'attention", "droit"} & set(words)
    ):
        return False  # "Aux élus." answers a question
    return len(words) <= 14 and all(
        w in _GREETING_WORDS or w.removeprefix("l'") in _GREETING_WORDS for w in words
    )


def is_closing(sentence: str) -> bool:
    """Tell a closing formula, or its last line."""
    text = sentence.strip(" \t-–—*>")
    if not text or len(text) > 400:
        return False
    if not (_CLOSING.match(text) or _ends_in_closing(text[-120:])):
        return False
    if count_words(text.partition(" : ")[2]) >= _MIN_CONTENT:  # "merci de noter ma demande : …"
        return False
    return count_words(text) <= _MAX_CLOSING_WORDS


def _ends_in_closing(text: str) -> bool:
    return holds_any(text, _CLOSING_PIECES) and bool(_CLOSING_END.search(text))


def _is_cover(sentence: str) -> bool:
    if not (holds_any(sentence, _ATTACHED_PIECES) and _ATTACHED.search(sentence)):
        return False
    words = count_words(sentence)
    return words <= _MAX_MENTION_WORDS or (
        words <= _MAX_NOTE_WORDS and bool(_SENDING.search(sentence))
    )


def _without_frame(text: str) -> list[str]:
    """Take the greeting lines at the head and the closing lines at the foot away."""
    lines = [line for line in text.split("\n") if line.strip()]
    start, end = 0, len(lines)
    while start < min(end, 4) and is_greeting(lines[start]):
        start += 1
    while end > start and all(is_closing(s) for s in sentences(lines[end - 1])):
        end -= 1
    return lines[start:end]


def _opinions(text: str, notes: tuple[re.Pattern[str], ...] = ()) -> list[str]:
    """Keep the sentences of a text that are neither formula nor note; a long text is kept whole."""
    lines = _without_frame(text)
    if len(text) > 20 * _SHORT or sum(len(line.split()) for line in lines) > _SHORT:
        return lines
    kept = []
    for sentence in sentences("\n".join(lines)):
        rest = sentence[m.end() :] if (m := _GREETING_HEAD.match(sentence)) else sentence
        if not WORD.search(rest) or is_greeting(rest) or is_closing(rest) or _is_cover(rest):
            continue
        if any(note.search(rest) for note in notes) and count_words(rest) <= _MAX_NOTE_WORDS:
            continue
        kept.append(rest)
    return kept


def content_words(text: str) -> int:
    """Count the words that are neither greeting, closing formula nor cover note."""
    return sum(map(count_words, _opinions(text)))


def words_beside_note(text: str) -> int:
    """Count the words above a forwarded message that do more than hand it on."""
    return sum(map(count_words, _opinions(text, (_FORWARDING,))))


def is_cover_note(text: str) -> bool:
    """Tell a text that does nothing but announce an attachment."""
    return bool(text.strip()) and not _opinions(text) and any(_is_cover(s) for s in sentences(text))


def is_revision(subject: str, text: str) -> bool:
    """Tell a message that replaces an earlier one; in the text only the head counts."""
    return any(
        holds_any(where, _REVISION_PIECES) and _REVISION.search(where)
        for where in (subject, text[:300])
    )
