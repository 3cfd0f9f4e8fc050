"""Cut a citizen's letter into statements: spans of about a sentence, with the heading above them.

What greets, thanks, closes, presents the letter or its author is never a statement. Only offsets
are returned: the words of a statement are always the text's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tasks.language.kinds import is_request
from tasks.language.words import LINKS, content_words, fold, lexicon, stems, tokens, unmasked


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is a statement; `heading` is the last heading line above it."""

    start: int
    end: int
    heading: str | None


@dataclass(frozen=True)
class _Line:
    """A logical line: lines of the text joined where a mail client or a PDF broke them."""

    start: int  # after the bullet or number
    end: int
    marker: str  # the bullet or number, empty when there is none


_PHYSICAL_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_MARKER = re.compile(
    r"(?:[-–—−*•·▪■●○◦‣➢➤►→✓✔>+]+|\(?\d{1,2}\s?(?:[).°/]|[-–](?=\s))|\(?[a-hA-H]\)"
    r"|n°\s?\d{1,2}\s?[:.)-]?)(?:\s+|(?=[^\W\d_]))"
)
_STRAY = re.compile(r"[\s,;:–—*•·-]+")  # what a cut leaves in front of a statement
_RULER = re.compile(r"[\W_]*")
_ENDS = re.compile(r"[.!?…:;]['\"»”’)\]]*$")
_OPEN_WORDS = LINKS | lexicon(
    "que qui dont et ou mais car si ne ni se est sont plus tres comme donc il elle on nous je"
)
_MAXIMUM_WRAP = 100  # columns: mail clients and PDF exports wrap at 72 to 90

_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|\b[\w-]{1,63}\.(?:fr|com|org|net|eu"
    r"|gouv\.fr)\b",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?:[.!?…]+|\s[!?]+)['\"»”’)\]]*(?=\s|$|[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(«\"'’/-])(?:mm?|mmes?|mlles?|mgr|dr|drs|pr|me|mes|st|ste|sts|art|al|cf|ex|p|pp|n|no"
    r"|nos|av|bd|bld|tel|tél|ref|réf|env|min|max"
    r"|vol|chap|fig|éd|ed|adj|cdt|cne|ltn|gal|col|resp|p\.ex|c\.-à-d|càd|cad|i\.e|e\.g|dép|dept"
    r"|arr|boul|[A-Za-z](?:\.[A-Za-z])*)$",
    re.IGNORECASE,
)
_ONGOING = re.compile(r"(?:^|\W)(?:etc|j\.-c)$", re.IGNORECASE)
_INLINE_ITEM = re.compile(
    r"(?<=\s)(?:[•▪■●◦‣➢►✓✔]\s*|\(?\d{1,2}\)\s*(?=[^\W\d_])|\d{1,2}/\s+(?=[^\W\d_])|(?:(?<=\s\s)"
    r"|(?<=[.;:,]\s))[-–—*]\s*(?=[^\W\d_])|[-–—]\s+(?=[A-ZÀ-ÖØ-Þ]))"
)
_LOST_BREAK = re.compile(
    r"(?<=[^\s.,;:!?…-])[ \t\xa0]{2,}(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’])"
)  # a line end that an editor turned into spaces

_GREETING_WORDS = lexicon(
    """
    a aux bonjour bonsoir cher chers chere cheres citoyens citoyennes collegues compatriotes
    concitoyens coucou dames de departement des dame et droit du gouvernement hello interieur la l
    le les madame mademoiselle maire mairesse mesdames messieurs ministre mme monsieur mr messieurs
    m mrs nom prefecture prefet prefete president presidente qui republique responsables salut
    sieurs sous tous tout toutes votre vos service services organisateurs monde attention
    """
)
_GREETING_OPENERS = lexicon(
    "bonjour bonsoir madame mademoiselle mesdames messieurs monsieur mme mr m cher chers chere"
    " cheres salut hello coucou a"
)
_GREETING_PREFIX = re.compile(
    r"(?:bonjour|bonsoir|(?:madame|monsieur|mesdames|messieurs)(?:,?\s+(?:et\s+)?(?:madame"
    r"|monsieur|mesdames|messieurs))?"
    r"(?:\s+(?:le|la|les)\s+(?:pr[ée]f[eè]te?s?|ministre|maire|présidente?))?)(?:\s+à\s+tous"
    r"|\s+à\s+toutes)*\s*[,!.:]\s*",
    re.IGNORECASE,
)
_LETTER = (
    r"(?:contributions?|propositions?|reflexions?|remarques?|reponses?|idees?|suggestions?"
    r"|avis|observations?|courrier|lettre|message|participation|texte|document|doleances?"
    r"|attentes|points? de vue|questionnaire|mail|opinions?)"
)


def _formulas(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"^\W*(?:{pattern})\W*$") for pattern in patterns)


_CLOSINGS = _formulas(
    r"(?:(?:tres|bien|sinceres?|mes|nos|meilleures?|respectueuses?|cordiales?|avec"
    r"|toutes?)[ ,]+)*(?:cordialement|salutations?|respectueusement|sincerement"
    r"|amicalement|civilites|citoyennement|fraternellement|sentiments|voeux|amities|a vous|respect"
    r"|consideration)(?: a (?:vous|tous|toutes)| votre)?"
    r"(?: (?:distinguees?|citoyennes?|respectueu(?:x|ses)|les meilleures|republicaines?|cordiales?"
    r"|d\W?un\w? .{0,40}|distingues?|devouee?s?|meilleurs?))?",
    r"bien (?:a vous|cordialement.*)|a (?:bientot|suivre)|bonne (?:journee|soiree|reception"
    r"|continuation|lecture|annee|fin de \w+|chance)\b.{0,40}|cdt|cdlt|slts",
    r"(?:(?:et )?(?:je|nous) vous (?:prie|prions|adresse|adressons|remerci|souhait|salu|present"
    r"|assur)|en vous |et vous |veuillez|vous remerci"
    r"|dans l'attente|avec (?:mes|nos|toute|l'expression|l'assurance)|recevez|agreez|croyez"
    r"|daignez|acceptez|restant).{0,140}"
    r"\b(?:salutations?|sentiments?|consideration|respects|hommages|cordialement"
    r"|remercie(?:ments?)?|mes voeux)\b.{0,90}",
    r"(?:je|nous) (?:reste|restons|demeure|me tiens|nous tenons|suis) (?:bien "
    r"|toujours )?a (?:votre|vos|l[ae']).{0,60}|restant a votre.{0,60}",
    r"dans l'attente (?:de|d').{0,100}|en esperant (?:que|avoir|vous|une).{0,80}(?:attention|lu"
    r"|compte|reponse|contribution|utile|consideration|aide)\b.{0,30}",
    # thanks only
    r"(?:(?:un |encore |tres |grand |mille )*mercis?|(?:je|nous) (?:vous |tiens a vous "
    r"|souhaite vous )?(?:en )?remerci\w+|en vous remerciant|avec mes remerciements)"
    r"(?: (?:beaucoup|bien|encore|infiniment|vivement|sincerement))*"
    r"(?:[ ,]+(?:a (?:vous|tous|toutes)|d'avance|par avance|messieurs|madame|monsieur|et|pour|de"
    r"|d'|votre|vos|l'|la|le|les|cette|ce|m'|nous|me|avoir|bien|vouloir"
    r"|attention|ecoute|lecture|lire|lu|lus|ecoutes?|temps|initiative|consultation|interet"
    r"|comprehension|travail|de l'interet|porterez|que|vous"
    r"|accorder|prendre|pris|en|compte|ma|mes|mon|nos|donner|donne|donnee|parole|possibilite"
    r"|occasion|patience|retour|reponse|action|engagement|efforts?"
    r"|nous avoir lus|avance|cordialement|participer|exprimer|permettre|organiser|organisation"
    r"|concertation|demarche|votre ecoute"
    rf"|{_LETTER}|ici|ces|quelques|lignes|consulter|notre|avis|voix|a|aux|forces|ordre|d'|service"
    rf"|tout|ce))*",
)
_PRESENTATIONS = _formulas(
    # the letter, cover notes
    r"(?:(?:bonjour|madame|monsieur)\W+)*(?:veuillez|vous|je vous prie|nous vous prions"
    r"|prie?re).{0,30}\btrouver(?:ez)?\b.{0,120}",
    rf"(?:ci-?\s?(?:joint|jointe|joints|jointes|apres|dessous|inclus)|en (?:piece jointe|pj"
    rf"|annexe))\b.{{0,80}}(?:{_LETTER}).{{0,60}}|voir (?:piece jointe|fichier joint"
    rf"|document joint).{{0,40}}",
    rf"(?:.{{0,120}}[ ,])?(?:je|nous|j'ai l'honneur de) ?(?:vous|tiens a vous|souhaite vous"
    rf"|me permets de vous|vais vous|viens vous|desire vous|voudrais vous)? ?"
    rf"(?:adresse\w*|transmets?|transmettre|transmettons|envoie|envoyer|envoyons"
    rf"|fais part(?:venir)?|faire part(?:venir)?|faisons part(?:venir)?|soumets|soumettre|livre"
    rf"|livrer|communique|presente)"
    rf" .{{0,60}}\b(?:{_LETTER})\b.{{0,80}}",
    r"je vous transmets (?:ce|ci|le).{0,80}|pour suite a donner.{0,20}|veuillez (?:recevoir"
    r"|prendre (?:note|connaissance)).{0,90}",
    rf"(?:.{{0,120}}[ ,:])?voi(?:ci|la) (?:donc |ici |ci-dessous )?(?:ma|mon|mes|notre|nos"
    rf"|quelques[- ]un(?:e?s)|quelques|une|les|des)(?: \w+)? (?:{_LETTER})(?: .{{0,80}})?",
    rf"(?:suite a|en reponse a|pour repondre a|dans le cadre d\w*|conformement a|a la suite d\w*"
    rf"|faisant suite a|comme suite a)\b.{{0,130}}"
    rf"(?:consultation|assises|appel|article|annonce|demande|courrier|mail|message"
    rf"|{_LETTER})(?: (?:publie|paru|lance|dans|du|de|sur|des|citoyenne?s?|publique"
    rf"|a)\b.{{0,60}})?",
    r"(?:.{0,60}, )?(?:je |nous )(?:souhait\w+|voudrais|desire|tiens a|veux|viens"
    r"|me permets de) (?:\w+ )?(?:repondre|participer|contribuer|apporter ma contribution)"
    r" (?:a |au |aux )?(?:votre|la|cette|l'|vos|ma|mes|cet).{0,70}",
    # the author of the letter
    r"(?:bonjour\W+)?(?:je m'appelle|je me (?:nomme|presente)|je soussigne)\b.{0,140}",
    r"(?:j'habite|nous habitons|j'habitais|je vis|je reside|je demeure"
    r"|habitante?s?)\b(?:(?!\b(?:sans|ou|qui|pas|plus|et|peur|depuis que|police"
    r"|gendarm))[^,;:!?]){0,60}(?:, ?depuis[^,;:!?]{0,40}|, juste [^;:!?]{0,40})?",
    r"(?:je suis|agee? de|retraitee?|habitante?|mariee?|citoyenne?|simple)\b (?:un |une |age "
    r"|agee? |retraite|habitant|citoyen|de |d'|mariee?|pere|mere)"
    r"(?:(?!police|gendarm|securit|plainte|pas |peur|victime|temoin|inqui)[^;:!?]){0,60}",
    r"(?:vous pouvez |n'hesitez pas a |merci de |pour )?(?:me|nous) (?:joindre|contacter|rappeler"
    r"|recontacter|repondre)\b.{0,100}|mon (?:adresse|mail|e-?mail|numero|telephone|tel)\b.{0,120}",
    r"(?:objet|sujet|pj|pieces? jointes?|p\.j\.|tel|telephone|port|portable|e-?mail|courriel"
    r"|adresse|mobile|nom|prenom|envoye (?:de|depuis|a partir)|provenance|date|de|a"
    r"|pour) ?:.{0,90}",
    r"envoye (?:de|depuis|a partir d\w+) (?:mon|ma|un|une|outlook|yahoo|l'app)\b.{0,60}"
    r"|(?:fait )?(?:a )?[\w' -]{2,40},? le \d{1,2}(?:er)? (?:\w+) ?(?:\d{4})?"
    r"|le \d{1,2}(?:er)? \w+ \d{4}",
    r"(?:un(?:e)? (?:citoyen\w*|habitant\w*|retraite\w*|contribuable|electeur|electrice"
    r"|administree?)|p\.?\s?s\.?|post[- ]scriptum)(?: .{0,40})?",
)

_THEME_HEADING = re.compile(
    r"^\W*(?:sur (?:le|la) )?(?:theme|point|question|axe|sujet|partie|chapitre|volet"
    r"|titre)\s*(?:n\W?\s*)?(?:\d{1,2}|[ivx]{1,4})\b\s*[-:.)/,]*\s*"
)
_INLINE_THEME_HEADING = re.compile(
    r"\W*(?:sur (?:le|la) )?(?:th[eè]me|point|question|axe|sujet|partie|chapitre"
    r"|volet)\s*(?:n\W?\s*)?(?:\d{1,2}|[ivx]{1,4})\b\s*[-–:.)/]\s*",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"\b(?:je|j'|il|ils|elle|elles|on|nous|vous|c'est|ce sont|qui|n'|ne|faut)\b")
_HEADING_WORDS = 16


def split_statements(text: str, titles: Sequence[str] = ()) -> list[Span]:
    """Find the statements of a letter; a line that repeats one of the `titles` is a heading."""
    lines = list(_logical_lines(text))
    known = [stems(content_words(t)) for t in titles]
    spans: list[Span] = []
    heading: str | None = None
    closed = False
    for i, line in enumerate(lines):
        said = text[line.start : line.end]
        closed = _is_closing(said) or (closed and _is_signature(said))
        if closed or _is_formula(said):
            continue
        following = lines[i + 1] if i + 1 < len(lines) else None
        title = line.end if _repeats(said, known) else _heading_end(text, line, following)
        if title is not None:
            heading = _heading_text(text, line, title)
            if title == line.end:
                continue
        spans.extend(
            Span(a, b, heading) for a, b in _sentences(text, title or line.start, line.end)
        )
    return spans


# --- lines
# ------------------------------------------------------------------------------------------


def _logical_lines(text: str) -> Iterator[_Line]:
    """Join the lines that a hard wrap cut, and take bullets off."""
    physical = [(m.start(), m.end()) for m in _PHYSICAL_LINE.finditer(text)]
    width = max((b - a for a, b in physical), default=0)
    wrapped = width <= _MAXIMUM_WRAP and _looks_wrapped(text, physical, width)
    current: _Line | None = None
    previous_end = 0
    for a, b in physical:
        start, end = _strip(text, a, b)
        if start == end or _RULER.fullmatch(text, start, end):
            if current:
                yield current
            current = None
            continue
        marker = _MARKER.match(text, start, end)
        gap = text.count("\n", previous_end, a) > 1
        if (
            current
            and not marker
            and not gap
            and _goes_on(text, current, (start, end), width if wrapped else 0)
        ):
            current = _Line(current.start, end, current.marker)
        else:
            if current:
                yield current
            body = marker.end() if marker else start
            current = (
                _Line(body, end, marker.group().strip() if marker else "") if body < end else None
            )
        previous_end = b
    if current:
        yield current


def _looks_wrapped(text: str, physical: list[tuple[int, int]], width: int) -> bool:
    """Tell whether two lines at least are as full as a wrap leaves them, then go on."""
    full = 0
    for (a, b), (c, d) in pairwise(physical):
        following = text[c:d].lstrip()
        full += following[:1].islower() and width >= 55 and _is_full(b - a, following, width)
    return full >= 2


def _is_full(length: int, following: str, width: int) -> bool:
    """Tell whether the first word of the next line would not have fitted: how every wrap works."""
    first = following.split(maxsplit=1)[0] if following else ""
    return length + 1 + len(first) > width


def _goes_on(text: str, line: _Line, following: tuple[int, int], width: int) -> bool:
    last_break = max(text.rfind("\n", 0, line.end), text.rfind("\r", 0, line.end)) + 1
    last, after = text[max(last_break, 0) : line.end], text[slice(*following)]
    if width and _is_full(len(last.rstrip()), after, width) and not _is_formula(after):
        return True
    if _ENDS.search(last):
        return False
    words = tokens(last)
    unfinished = last.endswith(",") or bool(words and words[-1] in _OPEN_WORDS)
    return unfinished and after[:1].islower() and not _is_formula(last)


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


# --- headings
# ---------------------------------------------------------------------------------------


def _heading_end(text: str, line: _Line, following: _Line | None) -> int | None:
    """Find where the heading that begins this line ends: at the line's end when it is all of it."""
    body = text[line.start : line.end]
    folded = fold(body)
    words = len(body.split())
    if theme := _THEME_HEADING.match(folded):
        rest = folded[theme.end() :]
        if words <= 40 and (rest.endswith(":") or not _is_said(rest, nouns=False)):
            return line.end
        inline = _INLINE_THEME_HEADING.match(body)
        return line.start + inline.end() if inline else None
    if following is None or words > _HEADING_WORDS or body[-1] in ".!?…,;":
        return None
    if body[-1] == ":":
        return line.end
    letters = [c for c in body if c.isalpha()]
    shouted = len(letters) > 3 and all(c.isupper() for c in letters) and words <= 8
    numbered = line.marker[:1].isdigit() or line.marker[:1] == "("
    if (
        numbered and following.marker[:1] != line.marker[:1] and not following.marker[:1].isdigit()
    ) or (
        shouted
        and not line.marker
        and text[following.start : following.end].upper() != text[following.start : following.end]
    ):
        return None if _is_said(folded) else line.end
    return None


def _repeats(said: str, titles: list[frozenset[str]]) -> bool:
    """Tell whether a line has only words of one title, and three of them at least."""
    if not titles or len(said) > 300:
        return False
    words = stems(content_words(_THEME_HEADING.sub("", fold(said))))
    return len(words) >= 3 and any(words <= t for t in titles)


def _is_said(folded: str, *, nouns: bool = True) -> bool:
    """Tell whether a line that has the place of a title says something: a clause or a request."""
    folded = folded.strip(" :-")
    return bool(folded) and (
        folded[-1] in ".!?" or bool(_SUBJECT.search(folded)) or is_request(folded, nouns=nouns)
    )


def _heading_text(text: str, line: _Line, end: int) -> str:
    number = f"{line.marker} " if line.marker[:1].isalnum() else ""
    return number + " ".join(text[line.start : end].split()).strip(" :-–—*•#")


# --- sentences
# --------------------------------------------------------------------------------------


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Statements of a logical line: between full stops and inline items, formulas left out."""
    cuts = [start, *_cuts(text, start, end), end]
    for left, right in pairwise(cuts):
        a, b = _strip(text, left, right)
        for opening in (_MARKER, _GREETING_PREFIX, _STRAY):
            if found := opening.match(text, a, b):
                a = found.end()
        a, b = _strip(text, a, b)
        if a < b and not _is_formula(text[a:b]):
            yield a, b


def _cuts(text: str, start: int, end: int) -> list[int]:
    protected = [m.span() for m in _URL.finditer(text, start, end)]
    cuts = {m.start() for m in _INLINE_ITEM.finditer(text, start, end)}
    cuts |= {
        m.end()
        for m in _LOST_BREAK.finditer(text, start, end)
        if _closes(text[max(start, m.start() - 40) : m.start()])
    }
    for stop in _STOP.finditer(text, start, end):
        if any(a < stop.end() < b for a, b in protected):
            continue
        if _is_stop(
            text[max(start, stop.start() - 24) : stop.start()],
            stop.group().strip(),
            text[stop.end() : min(end, stop.end() + 40)].lstrip(),
        ):
            cuts.add(stop.end())
    return sorted(c for c in cuts if start < c < end)


def _closes(before: str) -> bool:
    words = tokens(before)
    return not (words and words[-1] in _OPEN_WORDS)


def _is_stop(before: str, mark: str, after: str) -> bool:
    lower = after[:1].islower()
    if mark[0] != "." or len(mark.rstrip("\"'»”’)]")) > 1:  # "!", "?", "…", "..."
        return not (lower and (mark.startswith(("..", "…")) or mark[-1] in ")]"))
    if _ONGOING.search(before):
        return not lower
    return not _ABBREVIATION.search(before)


def _is_closing(sentence: str) -> bool:
    flat = _flat(sentence)
    return len(flat) < 300 and any(f.match(flat) for f in _CLOSINGS)


def _is_signature(line: str) -> bool:
    """Tell whether a line below a closing formula can be a name, a function or an address."""
    return len(line.split()) <= 8 and line[-1] not in ".!?" and not _is_said(_flat(line))


def _flat(sentence: str) -> str:
    return " ".join(fold(sentence).split())


def _is_formula(sentence: str) -> bool:
    """Tell whether a sentence only greets, thanks, closes, presents the letter or its author."""
    if not any(c.isalpha() for c in unmasked(sentence)):
        return True
    words = tokens(sentence)
    if len(words) > 60:
        return False
    if (
        words
        and words[0] in _GREETING_OPENERS
        and len(words) <= 12
        and _GREETING_WORDS.issuperset(words)
    ):
        return True
    folded = _flat(sentence)
    return any(f.match(folded) for f in _CLOSINGS + _PRESENTATIONS)
