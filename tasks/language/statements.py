"""Cut a citizen's letter into statements: spans of about a sentence, with the heading above them.

What greets, thanks, closes, presents the letter or its author is never a statement. Only offsets
are returned: the words of a statement are always the text's own. Everything is looked for in the
levelled text, whose characters stand where those of the text do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from tasks.language.clauses import (
    announces,
    asks,
    cut_clauses,
    is_infinitive,
    is_main_clause,
    label_end,
    level,
    stripped,
)
from tasks.language.formulas import GREETING_PREFIX, formula_of
from tasks.language.words import (
    LINKS,
    content_words,
    each_content_word,
    lexicon,
    stem,
    stems,
    tokens,
)


class Span(NamedTuple):
    """`text[start:end]` is a statement; `heading` is the last heading line above it.

    `lead` is the place of words before it that say what it is: "Il faut" of a list of which it is
    an item, "Propositions" of the line above.
    """

    start: int
    end: int
    heading: str | None
    lead: tuple[int, int] | None = None


class _Line(NamedTuple):
    """A logical line: lines of the text joined where a mail client or a PDF broke them."""

    start: int  # after the bullet or number
    end: int
    marker: str  # the bullet or number, empty when there is none
    gap: bool  # whether an empty line stands above


_PHYSICAL_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_MARKER = re.compile(
    r"(?:[-–—−*•·▪■●○◦‣➢➤►→✓✔>+]+|\(?\d{1,2}\s?(?:[).°/]+|[-–](?=\s))|\(?[a-h]\)|#+(?=\s)"
    r"|[ivx]{1,4}[.)](?=\s)|n°\s?\d{1,2}\s?[:.)-]?)(?:\s+|(?=[^\W\d_]))"
)
_STRAY = re.compile(r"[\s,;:–—*•·|/+-]+")  # what a cut leaves in front of a statement
_TRAILING = " \t\r\n\xa0,;|/+–—"  # and behind it
_RULER = re.compile(r"[\W_]*")
_ENDS = re.compile(r"[.!?…:;]['\"»”’)\]]*$")
_OPEN_WORDS = LINKS | lexicon(
    "que qui dont et ou mais car si ne ni se est sont plus tres comme donc il elle on nous je"
)
_MAXIMUM_WRAP = 100  # columns: mail clients and PDF exports wrap at 72 to 90

_STOP = re.compile(r"[.!?…]+['\"»”’)\]]*(?=\s|$|[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’])")
# A full stop after these ends no sentence.
_ABBREVIATIONS = lexicon(
    """
    m mm mme mmes mlle mlles mgr dr drs pr me mes st ste stes sts art al cf ex p pp n n° no nos av
    bd bld tel ref vol chap fig ed adj cdt cne ltn gal col cad boul
    """
)
_INITIALS = re.compile(r"[a-z](?:\.[a-z]+)*")
_ACRONYM = re.compile(r"(?:^|[\s(])[a-z](?:\.[a-z])+$")  # unless a new sentence plainly begins
_OPENING = re.compile(
    r"(?:L[ea]s?|L['’]|Une?|Des|Ils?|Elles?|On|Je|J['’]|Nous|Vous|C['’]|Ce|Cette|Ces|Ça|Cela"
    r"|Pourquoi|Comment|Quand|Que|Qui|Si|Mais|Et|Donc|Depuis|Dans|Pour|En|À|Au|Aux|Sur|Avec|Sans|Après|Avant"
    r"|Nos|Notre|Mon|Ma|Mes|Aucune?|Personne|Rien|Il)(?:\b|(?<=['’]))"
)
_LETTER_WORD = re.compile(r"(?:\d\s?|\b(?:en|y|il|elle|on|n'y|qui|vas?|allez)[\s-])[a-z]$")
# Neither when what follows begins like the middle of a sentence.
_SHORTENED = lexicon(
    """
    etc env min max resp dep dept arr hab trim sem janv fev fevr avr juil sept oct nov dec adm appt
    bat rdv lieut cap serv secr assoc asso munic dir
    """
)
_INLINE_ITEM = re.compile(
    r"(?<=\s)(?:[•▪■●◦‣➢►✓✔]\s*|\(?\d{1,2}\)\s*(?=[^\W\d_])|\d{1,2}/\s+(?=[^\W\d_])"
    r"|(?<=[.;:,]\s)\d°\)?\s+|\d°\s+(?=[A-ZÀ-ÖØ-Þ])"
    r"|\(?[a-h]\)\s+(?=[^\W\d_])|(?:(?<=\s\s)|(?<=[.;:,]\s))[-–—*]\s*(?=[^\W\d_])"
    r"|[-–—]\s+(?=[A-ZÀ-ÖØ-Þ]))"
)
_MAY_CUT = re.compile(r"[.!?…|\t«“(•▪■●◦‣➢►✓✔)/°*–—-]|\s[\sA-ZÀ-ÖØ-Þ]")  # asked before all
_ITEM_SIGN = re.compile(r"[•▪■●◦‣➢►✓✔)/°*–—-]")  # each item has one: asked first
_CELL = re.compile(r"[|\t]")
_LOST_BREAK = re.compile(
    r"(?<=[^\s.,;:!?…-])[ \t\xa0]{2,}(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’])"
)  # a line end that an editor turned into spaces
# One space is enough before an infinitive or a pronoun with a capital.
_LOST_STOP = re.compile(
    r"[ \xa0](?=[A-ZÀ-ÖØ-Þ])(?<=[a-zà-öø-ÿ0-9)»].)(?<!\s[a-hA-H]\).)(?<!\d\).)"
    r"(?=(?:(?P<verb>[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+)[ \xa0](?:l[ea]s?|des?|du|une?"
    r"|plus|aux?|à|ce|cette|ces|nos|leurs?|en|tou[st]|mieux|davantage)|(?:Il|Elle|Ils|On|Je|Nous|Pourquoi)"
    r"[ \xa0][a-zà-öø-ÿ])|(?:Il n|J|C|On n)['’][a-zà-öø-ÿ])"
)
_QUOTED = re.compile(r"«[^«»]{1,400}»|“[^“”]{1,400}”|\([^()]{1,200}\)")
_ENDED_QUOTE = re.compile(r"[.!?…]\s*[»”]")

_PREFIX = re.compile(r"(?:p\.?\s?s\.?|post[- ]scriptum|n\.?b\.?)\s*[:.–—-]\s*(?=[^\W\d_])")
# What may stand in front of a sentence, by the characters with which it begins.
_OPENINGS = (
    (frozenset("-–—−*•·▪■●○◦‣➢➤►→✓✔>+(#0123456789abcdefghivxn"), _MARKER),
    (frozenset("bm"), GREETING_PREFIX),
    (frozenset("pn"), _PREFIX),
)
_THEME_HEADING = re.compile(
    r"\W*(?:sur (?:le|la) )?(?:theme|point|question|axe|sujet|partie|chapitre|volet"
    r"|titre)\s*(?:n\W?\s*)?(?:\d{1,2}|[ivx]{1,4})\b\s*[-–:.)/,]*\s*"
)
_INLINE_THEME_HEADING = re.compile(
    r"\W*(?:sur (?:le|la) )?(?:theme|point|question|axe|sujet|partie|chapitre"
    r"|volet)\s*(?:n\W?\s*)?(?:\d{1,2}|[ivx]{1,4})\b\s*[-–:.)/]\s*"
)
_ABOUT = re.compile(
    r"(?:sur|concernant|a propos d\w+|au sujet d\w+|quant a\w*|pour ce qui (?:est|concerne)"
    r"|en ce qui concerne|(?:au )?niveau|cote)\b"
)
_ASKS = re.compile(r"(?:quel|comment|pourquoi|qui|que|qu'|voici|voila|ce que|ou)")
_SUBJECT = re.compile(r"\b(?:je|j'|il|ils|elle|elles|on|nous|vous|c'est|ce sont|qui|n'|ne|faut)\b")
_ROLE = re.compile(
    r"(?:conseill\w+|maire|adjointe?|president\w*|delegue\w*|retraite\w*|habitant\w*|secretaire"
    r"|chef|infirmi\w+|medecin|institut\w+|commercant\w*|agricult\w+|ancien\w*"
    r"|pour (?:l'|le |la |les))\b"
)
_HEADING_WORDS = 16
_TITLE_WORDS = 6  # of a line that only its place makes a title


def split_statements(text: str, titles: Sequence[str] = ()) -> list[Span]:
    """Find the statements of a letter; a line that repeats one of the `titles` is a heading."""
    low = level(text)
    lines = list(_logical_lines(text, low))
    known = _read_titles(tuple(titles))
    spans: list[Span] = []
    section = _Section()
    closed = False
    for i, line in enumerate(lines):
        said = low[line.start : line.end]
        formula = formula_of(said)
        closed = formula == "closing" or (closed and _is_signature(said))
        if closed or formula:
            continue
        following = lines[i + 1] if i + 1 < len(lines) else None
        title = line.end if _repeats(said, known) else _heading_end(text, low, line, following)
        if title is not None:
            section = section.under(text, low, line, title)
            if title == line.end:
                continue
        section = section.at(line)
        spans.extend(_statements(text, low, (title or line.start, line.end), section))
    return spans


class _Titles(NamedTuple):
    """The stems of each title, and of all."""

    each: list[frozenset[str]]
    stems: frozenset[str]


@lru_cache(maxsize=1)
def _read_titles(titles: tuple[str, ...]) -> _Titles:
    each = [stems(content_words(title)) for title in titles]
    return _Titles(each, frozenset().union(*each))


# --- lines
# ------------------------------------------------------------------------------------------


def _logical_lines(text: str, low: str) -> Iterator[_Line]:
    """Join the lines that a hard wrap cut, and take bullets off."""
    physical = [m.span() for m in _PHYSICAL_LINE.finditer(text)]
    width = max((b - a for a, b in physical), default=0)
    wrapped = width <= _MAXIMUM_WRAP and _looks_wrapped(text, physical, width)
    current: _Line | None = None
    begun = previous_end = 0  # of the physical line before
    gap = False
    for a, b in physical:
        start, end = stripped(text, a, b)
        if start == end or _RULER.fullmatch(text, start, end):
            if current:
                yield current
            current, gap = None, True
            continue
        marker = _MARKER.match(low, start, end)
        gap = gap or text.count("\n", previous_end, a) > 1
        last = (max(begun, current.start), current.end) if current else (0, 0)
        if (
            current
            and not marker
            and not gap
            and _goes_on(low, last, (start, end), text, width if wrapped else 0)
        ):
            current = _Line(current.start, end, current.marker, current.gap)
        else:
            if current:
                yield current
            body = marker.end() if marker else start
            sign = low[start:body].strip()
            current = _Line(body, end, sign, gap) if body < end else None
        begun, previous_end, gap = a, b, False
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


def _goes_on(
    low: str, line: tuple[int, int], following: tuple[int, int], text: str, width: int
) -> bool:
    last, after = low[slice(*line)], low[slice(*following)]
    if width and _is_full(len(last.rstrip()), after, width) and not formula_of(after):
        return True
    if not text[following[0]].islower() or _ENDS.search(last[-8:]):
        return False
    words = tokens(last[-40:])
    unfinished = last.endswith(",") or bool(words and words[-1] in _OPEN_WORDS)
    return unfinished and not formula_of(last)


# --- headings
# ---------------------------------------------------------------------------------------


class _Section(NamedTuple):
    """What stands above a line and bears on it: a heading, words that govern a list."""

    heading: str | None = None
    lead: tuple[int, int] | None = None
    announced: bool = False  # by a heading that says more than "Propositions"
    listed: bool | None = None  # whether the lines that the lead governs are bulleted; None: begins

    def under(self, text: str, low: str, line: _Line, end: int) -> _Section:
        """Go on below a heading: one that only says "Constats" leaves the theme as it was."""
        start, stop = line.start, end
        while stop > start and low[stop - 1] in " :-–—*•#\t":
            stop -= 1
        name = _heading_text(text, line, end)
        if announces(low, start, stop):
            return _Section(self.heading if self.announced else name, (start, stop), self.announced)
        return _Section(name, None, announced=True)

    def at(self, line: _Line) -> _Section:
        """Tell what still bears on a line: the lead of a list ends with its bullets."""
        if self.lead is None:
            return self
        marked = bool(line.marker)
        if self.listed is None:
            return _Section(self.heading, self.lead, self.announced, listed=marked)
        lead = None if self.listed and not marked else self.lead
        return _Section(self.heading, lead, self.announced, listed=self.listed)


def _heading_end(text: str, low: str, line: _Line, following: _Line | None) -> int | None:
    """Find where the heading that begins this line ends: at the line's end when it is all of it."""
    start, end = line.start, line.end
    if theme := _THEME_HEADING.match(low, start, end):
        rest = low[theme.end() : end]
        short = end - start < 400 and len(low[start:end].split()) <= 40
        if short and (rest.endswith(":") or not _is_said(rest, nouns=False)):
            return end
        inline = _INLINE_THEME_HEADING.match(low, start, end)
        return inline.end() if inline else None
    if following is None or end - start > 200:
        return None
    said = low[start:end]
    return end if _is_heading(text, said, line, following) else None


def _is_heading(text: str, said: str, line: _Line, following: _Line) -> bool:
    words = len(said.split())
    if "|" in said and _is_table_head(said.split("|")):
        return True
    if words > _HEADING_WORDS or said[-1] in ".!?…,;":
        return False
    if said[-1] == ":":
        states = is_main_clause(said, 0, len(said) - 1) and not _ASKS.match(said)
        return not states or announces(said, 0, len(said) - 1)
    return _is_title(text, said, words, line, following) and not _is_said(said)


def _is_title(text: str, said: str, words: int, line: _Line, following: _Line) -> bool:
    """Tell whether a line stands where titles do: by number, by capitals, by the lines around."""
    if line.marker[:1].isdigit() or line.marker[:1] in {"(", "i", "v", "x"}:
        return following.marker[:1] != line.marker[:1] and not following.marker[:1].isdigit()
    if line.marker:
        return line.marker[0] == "#"
    if announces(said, 0, len(said)):
        return True
    body, after = text[line.start : line.end], text[following.start : following.end]
    if words <= 8 and body.isupper() and sum(map(str.isalpha, body)) > 3:
        return not after.isupper()
    prose = after[-1] in ".!?…" and len(after.split()) > words
    return prose and (
        (words <= _HEADING_WORDS and bool(_ABOUT.match(said)))
        or (words <= _TITLE_WORDS and line.gap and body[0].isupper())
    )


def _is_table_head(cells: Sequence[str]) -> bool:
    return all(len(cell.split()) <= 3 for cell in cells) and any(
        announces(cell.strip(), 0, len(cell.strip())) for cell in cells
    )


def _repeats(said: str, titles: _Titles) -> bool:
    """Tell whether a line has only words of one title, and three of them at least."""
    if not titles.each or len(said) > 300:
        return False
    theme = _THEME_HEADING.match(said)
    words = set[str]()
    for word in map(stem, each_content_word(said[theme.end() :] if theme else said)):
        if word not in titles.stems:
            return False
        words.add(word)
    return len(words) >= 3 and any(words <= title for title in titles.each)


def _is_said(said: str, *, nouns: bool = True) -> bool:
    """Tell whether a line that has the place of a title says something: a clause or a request."""
    said = said.strip(" :-")
    return bool(said) and (
        said[-1] in ".!?" or bool(_SUBJECT.search(said)) or asks(said, 0, len(said), nouns=nouns)
    )


def _heading_text(text: str, line: _Line, end: int) -> str:
    number = f"{line.marker} " if line.marker[:1].isalnum() else ""
    return number + " ".join(text[line.start : end].split()).strip(" :-–—*•#")


def _is_signature(line: str) -> bool:
    """Tell whether a line below a closing formula can be a name, a function or an address."""
    if len(line) > 120 or len(line.split()) > 8:
        return False
    if _ROLE.match(line):
        return True
    initial = line[-1] == "." and line[-3:-2] in {" ", "."}
    return (initial or line[-1] not in ".!?") and not _is_said(line.rstrip(" ."))


# --- sentences
# --------------------------------------------------------------------------------------


def _statements(text: str, low: str, place: tuple[int, int], section: _Section) -> Iterator[Span]:
    """Statements of a logical line: its sentences, cut where one says several things."""
    lead = section.lead
    pieces = list(_sentences(text, low, *place))
    for i, (a, b, _) in enumerate(pieces):
        listed = i + 1 < len(pieces) and pieces[i + 1][2]
        if listed and low[b - 1] == ":" and announces(low, a, b - 1, short=True):
            lead = stripped(low, a, b - 1)
            continue
        here, begin = lead, a
        if label := label_end(low, a, b):
            here, begin = stripped(low, a, low.rindex(":", a, label)), label
        for clause in cut_clauses(low, text, begin, b):
            start, end = _trimmed(low, clause.start, clause.end)
            if start < end:
                yield Span(start, end, section.heading, clause.lead or here)


def _sentences(text: str, low: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Cut between full stops and at inline items, which are told; formulas are left out."""
    cuts = [(start, False), *sorted(_cuts(text, low, start, end).items()), (end, False)]
    for (left, item), (right, _) in pairwise(cuts):
        a, b = stripped(low, left, right)
        for first, opening in _OPENINGS:
            if low[a : a + 1] in first and (found := opening.match(low, a, b)):
                a = found.end()
        a, b = _unquoted(text, *_trimmed(low, a, b))
        whole = len(cuts) == 2 and a == start
        if a < b and (whole or not formula_of(low[a:b])):
            yield a, b, item


def _trimmed(low: str, start: int, end: int) -> tuple[int, int]:
    """Take off what only separates."""
    if not low[start : start + 1].isalpha() and (found := _STRAY.match(low, start, end)):
        start = found.end()
    while end > start and low[end - 1] in _TRAILING:
        end -= 1
    return start, end


def _unquoted(text: str, start: int, end: int) -> tuple[int, int]:
    """Take off a quotation mark that the cuts have left without its other half, or both."""
    piece = text[start:end]
    opens, closes = piece.startswith(("«", "“")), piece.endswith(("»", "”"))
    opened = piece.count("«") + piece.count("“") if opens or closes else 0
    closed = piece.count("»") + piece.count("”") if opens or closes else 0
    if opens and (closed == 0 or (closes and opened == 1)):
        start += 1
    if closes and (opened == 0 or (opens and opened == 1)):
        end -= 1
    return stripped(text, start, end)


def _cuts(text: str, low: str, start: int, end: int) -> dict[int, bool]:
    """Find where a line is cut, and whether what follows is an item of a list."""
    cuts: dict[int, bool] = {}
    if not _MAY_CUT.search(text, start, end):
        return cuts
    if _ITEM_SIGN.search(text, start, end):
        cuts = {m.start(): True for m in _INLINE_ITEM.finditer(text, start, end)}
    if low.find("|", start, end) >= 0 or low.find("\t", start, end) >= 0:
        cuts |= {m.start(): False for m in _CELL.finditer(low, start, end)}
    for place in (*_lost_ends(text, low, start, end), *_stops(text, low, start, end)):
        cuts.setdefault(place, False)
    return {c: item for c, item in cuts.items() if start < c < end}


def _lost_ends(text: str, low: str, start: int, end: int) -> Iterator[int]:
    """Find where a line end became spaces, unless the words before it are to go on."""
    wide = low.find("  ", start, end) >= 0
    for lost in _LOST_BREAK.finditer(text, start, end) if wide else ():
        if _closes(low[max(start, lost.start() - 40) : lost.start()]):
            yield lost.end()
    for lost in _LOST_STOP.finditer(text, start, end):
        before = low[max(start, lost.start() - 40) : lost.start()]
        verb = low[slice(*lost.span("verb"))] if lost["verb"] else ""
        if _closes(before) and (not verb or is_infinitive(verb)):
            yield lost.end()


def _stops(text: str, low: str, start: int, end: int) -> Iterator[int]:
    """Find where sentences end, but not inside quotation marks or brackets."""
    quoted = _quotations(text, start, end)
    at = 0
    for stop in _STOP.finditer(text, start, end):
        place = stop.end()
        while at < len(quoted) and quoted[at][1] <= place - 1:
            at += 1
        inside = at < len(quoted) and quoted[at][0] < place < quoted[at][1]
        if not inside and _is_stop(text, low, stop, start, end):
            yield place
    for _, b in quoted:
        ended = _ENDED_QUOTE.search(text, max(start, b - 4), b)
        if ended and text[b : b + 3].lstrip()[:1].isupper():
            yield b


def _quotations(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Find what is quoted or in brackets inside a line: it is cut nowhere."""
    if all(text.find(sign, start, end) < 0 for sign in "(«“"):
        return []
    found = (m.span() for m in _QUOTED.finditer(text, start, end))
    return [(a, b) for a, b in found if a > start or b < end - 1]


def _closes(before: str) -> bool:
    words = tokens(before)
    return not (words and words[-1] in _OPEN_WORDS)


_CLOSERS = ")]»”\"'’"


def _is_stop(text: str, low: str, stop: re.Match[str], start: int, end: int) -> bool:
    """Tell whether a sentence ends at a stop: not after "M.", in an address, before "etc. sont"."""
    mark = stop.group()
    if mark == "." and text[stop.start() - 1 : stop.start()].isspace():
        return False
    after = text[stop.end() : min(end, stop.end() + 40)].lstrip()
    lower = after[:1].islower()
    if text[stop.end() : stop.end() + 1].isupper() and _is_address(text, start, stop.start()):
        return False
    if lower and mark[-1] in _CLOSERS:
        return False
    if mark[0] != "." or len(mark.rstrip(_CLOSERS)) > 1:  # "!", "?", "…", "..."
        return not (lower and mark.startswith(("..", "…")))
    return not _is_abbreviated(low, start, stop.start(), after)


def _is_abbreviated(low: str, start: int, end: int, after: str) -> bool:
    """Tell whether a full stop only shortens the word before it."""
    word = _word_before(low, start, end)
    if word in _SHORTENED:
        return after[:1].islower() or after[:1].isdigit()
    if word not in _ABBREVIATIONS and not _INITIALS.fullmatch(word):
        return False
    before = low[max(start, end - 24) : end]
    if len(word) == 1 and _LETTER_WORD.search(before):
        return False
    return not (_ACRONYM.search(before) and _OPENING.match(after))


def _word_before(low: str, start: int, end: int) -> str:
    begin = end
    while begin > max(start, end - 24) and low[begin - 1] not in " \t\n\xa0(«\"'/-":
        begin -= 1
    return low[begin:end]


def _is_address(text: str, start: int, place: int) -> bool:
    """Tell whether a stop followed by a capital without a space stands in an address of the web."""
    words = text[max(start, place - 80) : place].split()
    return bool(words) and any(sign in words[-1] for sign in ("@", "://", "www."))
