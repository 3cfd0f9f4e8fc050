"""The block by which an author signs: names, roles, addresses, telephones at the foot of a letter.

Works on lines from the bottom up. A line counts as a name because it is the author's (their
displayed name, their address) or because of its shape and place; doubt leaves it with the author's
words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tasks.mail.footers import is_machine_line
from tasks.mail.formulas import WORD, count_words, is_closing, is_greeting
from tasks.mail.names import Author, is_plainly_a_name, name_shape

_PHONE = r"(?:\+\s?33|0033|0)\s?(?:\(0\)\s?)?[1-9](?:[\s.\-/_]{0,2}\d{2}){4}"
_SEPARATORS = r"[\s,;/|·•–—-]*(?:(?:ou|et)\s+)?"
_LABEL = (
    r"(?:(?:t[ée]l(?:[ée]phone)?|t|port(?:able)?|p|mob(?:ile)?|m|fixe|fax|f|gsm|domicile"
    r"|dom|perso(?:nnel)?|bureau|bur|standard|n°|num[ée]ro|ligne\s+directe|☎|☏|📞|📱|✆)[\s.:°]*){1,3}"
)
_EMAIL = r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"
_PHONE_LINE = re.compile(
    rf"^[\s*_(\[|•-]*(?:(?:{_LABEL})?[\s:]*{_PHONE}[\s)]*"
    rf"(?:\(?(?:{_LABEL})\)?)?{_SEPARATORS})+(?:<?{_EMAIL}>?)?[\s.*_)\]|]*$",
    re.IGNORECASE,
)
_EMAIL_LINE = re.compile(
    rf"^[\s*_(\[|•-]*(?:(?:adresse\s+)?(?:e-?mail|courriel|mail|mél|mel|@|✉|email"
    rf"|internet)\s*[:.]?\s*)*<?(?:mailto:)?{_EMAIL}>?(?:\s*<mailto:[^>]*>)?(?:{_SEPARATORS}(?:{_LABEL})?{_PHONE})?[\s.*_)\]|]*$",
    re.IGNORECASE,
)
_POSTCODE_LINE = re.compile(
    r"^[\s*_|•-]*(?:F-?|FR-?)?\d{2}\s?\d{3}[\s,-]+[A-ZÀ-ÖØ-Þ][\w'’ ./()-]{1,45}[\s,.*_|]*$"
)
_WAYS = (
    r"(?:rue|r\.|avenue|av\.?|ave|boulevard|bd\.?|bld|place|pl\.?|chemin|ch\.|chem|impasse"
    r"|imp\.?|allées?|route|rte|cours|quai|square|lieu[\s-]*dit|lotissement|lot\.?|résidence|rés\.?"
    r"|hameau|faubourg|fbg|passage|sente|sentier|ruelle|clos|domaine|villa|cité|esplanade|voie"
    r"|montée|le\s+bourg|bourg|parc|mail|quartier|immeuble|bât\.?|bâtiment|appt\.?|appartement"
    r"|villas?|rond[\s-]point|promenade|côte|traverse|venelle|levée|z\.?a\.?)"
)
_STREET_LINE = re.compile(
    rf"^[\s*_|•-]*(?:\d{{1,4}}\s?(?:bis|ter|quater|[a-dA-D])?\s*[,;]?\s+{_WAYS}\b"
    rf"|(?:lieu[\s-]*dit|le\s+bourg|résidence|b\.?p\.?\s*\d)\b)[^.!?:;]{{0,70}}\s*,?$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"^[\s*_|•-]*\d{{1,4}}\s?(?:bis|ter|quater|[a-dA-D]\b)?\s*[,;]?\s+{_WAYS}\b", re.IGNORECASE
)
_LABEL_LINE = re.compile(
    r"^[\s*_|•-]*(?:adresse(?:\s+(?:postale|mail|électronique))?|domicile|demeurant|domicilié"
    r"|mail|e-?mail|courriel|noms?|prénoms?|commune|code\s+postal|ville|site|web|facebook"
    r"|twitter|linkedin|skype)\s*(?:e?s?\s+(?:à|au)|:)\s*\S.{0,90}$",
    re.IGNORECASE,
)
_URL_LINE = re.compile(r"^[\s*_|•<-]*(?:https?://|www\.)\S+[\s>*_|]*$", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"^[\s*_]*(?:fait\s+)?(?:(?:à|a)\s+[A-ZÀ-Þ][\w' -]{1,40},?\s+)?"
    r"(?:[A-ZÀ-Þ][\w'’-]+(?:[ -][\w'’-]+){0,4},\s+)?(?:le\s+)?(?:\w+\s+)?\d{1,2}(?:er)?[\s./-]"
    r"(?:\d{1,2}|janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre"
    r"|novembre|décembre|decembre)[\s./-]\d{2,4}\s*[.,]?$",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"^(?:--\s?|—|–|-- --|_{2,}|-{3,}|\*{3,}|={3,})\s*$")
_DIGIT = re.compile(r"\d")
_EMPHASIS = " \t*_~"
# "Une habitante de Moulins": how those sign who do not give their name
_SELF = re.compile(
    r"^(?:un|une|des|votre|vos)\s+(?:simples?\s+|jeunes?\s+|vieux\s+|vieille\s+|anciens?\s+)?"
    r"(?:con)?(?:citoyen|habitant|riverain|administré|contribuable|électeur|électrice|parent|maman"
    r"|papa|mère|père|grand-mère|grand-père|retraité|commerçant|villageois|usager|voisin|famille)"
    r"\w*\b[^.!?]{0,50}\.?$",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"\b(?:RCS|SIRET|SIREN|SARL|EURL|SASU?|SCI|SELARL|au\s+capital\s+de)\b")
_ON_BEHALF = re.compile(
    r"^p(?:our|\.?/?o\.?)\s+(?:les?|la|l['’])\s*[\w'’ -]{3,50},?$", re.IGNORECASE
)
_TITLE = re.compile(
    r"^(?:le|la|l['’])\s*(?:vice-)?(?:maire|président|secrétaire|trésori|direct|gérant|adjoint"
    r"|chef|cheffe|député|conseill|responsable|bureau)[\w ’'-]{0,60},$",
    re.IGNORECASE,
)
_TOLD = (("role", _ON_BEHALF), ("title", _TITLE))
_SIGNED = re.compile(r"^(?:signée?|lu\s+et\s+approuvé)\s*:?\s*", re.IGNORECASE)
_POSTSCRIPT = re.compile(
    r"^\s*(?:p\.?[\s-]?s\.?|n\.?\s?b\.?|post[- ]?scriptum)\s*(?:\d\s*)?[:.,)–—-]", re.IGNORECASE
)
_BULLET = re.compile(r"^\s*(?:[-–—*•·▪◦→✓+]|\d{1,2}\s*[).°/-]|[a-z]\))\s*\S")
_LOWER_CASE = re.compile(r"\b[a-zà-ÿ][\w'-]*")
_DESCRIPTION = re.compile(r",|\s[-–—|/]\s|\(")
_OTHER_ENDS = ("!", "?", ":", ";", "…")
_MAX_LINE = 110
_MAX_BLOCK = 14
_MAX_ROLE_WORDS = 9
_MAX_OWN_WORDS = 8
_MAX_TITLE_WORDS = 4  # "Association loi 1901." ends with a full stop and is no sentence


def _is_contact(line: str) -> bool:
    if len(line) > _MAX_LINE or is_machine_line(line):
        return False
    if _URL_LINE.match(line) or ("@" in line and _EMAIL_LINE.match(line)):
        return True
    if _DIGIT.search(line) and (_PHONE_LINE.match(line) or _POSTCODE_LINE.match(line)):
        return True
    if _NUMBERED.match(line) and not line.rstrip().endswith(("!", "?", ":", ";")):
        return count_words(line) <= 14
    return bool(_STREET_LINE.match(line)) and count_words(line) <= 9


@dataclass(frozen=True)
class _Foot:
    """The last lines of a letter, with what each of them can be."""

    lines: Sequence[str]
    filled: list[int]
    author: Author
    above: list[int]

    @cached_property
    def lower_case_words(self) -> frozenset[str]:
        """List the words that the letter also writes in lower case: they are no names."""
        body = " ".join(self.lines[i] for i in [*self.above, *self.filled[:-1]])[-6000:]
        return frozenset(_LOWER_CASE.findall(body))

    def before(self, at: int) -> str:
        """Give the last filled line above; empty at the top."""
        return self.lines[self.filled[at - 1]] if at > 0 else ""

    def kind(self, at: int) -> str:
        """Class a line: own_name, name, title, contact, date, role (undecided) or text."""
        line = self.lines[self.filled[at]]
        if len(line) > _MAX_LINE:
            return "text"
        if _is_contact(line) or _LABEL_LINE.match(line):
            return "contact"
        if _DIGIT.search(line) and _DATE_LINE.match(line):
            return "date"
        line = _SIGNED.sub("", line.strip(_EMPHASIS))
        if _COMPANY.search(line):
            return "contact"
        if _BULLET.match(line) or is_greeting(line) or is_closing(line):
            return "text"
        return self._kind_of_words(line)

    def _kind_of_words(self, line: str) -> str:
        shape = name_shape(line.partition("(")[0] if "(" in line else line, self.author.tokens)
        if shape and self.author.signs(line):
            return "own_name"
        if self.author.is_whole_name(line) or self._is_own_with_role(line) or _SELF.match(line):
            return "own_name"
        if shape:
            return "name"
        if told := next((kind for kind, form in _TOLD if form.match(line)), None):
            return told
        words = len(WORD.findall(line))
        is_sentence = words > _MAX_TITLE_WORDS and line.rstrip().endswith(".")
        if not words or is_sentence or line.rstrip().endswith(_OTHER_ENDS):
            return "text"
        return "role" if words <= _MAX_ROLE_WORDS else "text"

    def _is_own_with_role(self, line: str) -> bool:
        """Tell "Jean Dupont, maire de Vichy": the author's name, then a short description."""
        if self.author.counts_in(line) >= 2 and len(WORD.findall(line)) <= _MAX_OWN_WORDS:
            return not line.rstrip().endswith(_OTHER_ENDS)
        name, *role = _DESCRIPTION.split(line, maxsplit=1)
        if not role or name_shape(name) < 2 or not self.author.signs(name):
            return False
        return len(WORD.findall(role[0])) <= 10 and not role[0].rstrip().endswith(("!", "?"))


def find_signature(lines: Sequence[str], author: Author) -> int:
    """Find the line where the signature block begins; the number of lines when there is none."""
    end = len(lines)
    filled = [i for i in range(max(0, end - 60), end) if lines[i].strip()]
    if not filled:
        return end
    delimited = _delimited(lines, filled)
    if delimited is not None:
        filled = [i for i in filled if i < delimited]
    window = filled[-_MAX_BLOCK - 1 :]
    foot = _Foot(lines, window, author, filled[: -len(window)])
    start = _block_start(foot)
    if start is not None:
        return window[start]
    return end if delimited is None else delimited


def _delimited(lines: Sequence[str], filled: list[int]) -> int | None:
    """Find the last line that is only a signature mark, with little after it."""
    for rank in range(len(filled) - 1, max(-1, len(filled) - 16), -1):
        if not _DELIMITER.match(lines[filled[rank]]):
            continue
        after = [lines[i] for i in filled[rank + 1 :]]
        counts = [len(WORD.findall(line)) for line in after]
        if any(is_greeting(line) for line in after):
            return None
        if lines[filled[rank]].rstrip() == "--":
            return filled[rank] if sum(counts) <= 80 else None
        is_short = sum(counts) <= 40 and max(counts, default=0) <= _MAX_ROLE_WORDS + 3
        return filled[rank] if is_short else None
    return None


def _block_start(foot: _Foot) -> int | None:
    """Walk up while lines can belong to a signature; keep the highest sure start."""
    start: int | None = None
    kinds_below: list[str] = []
    for at in range(len(foot.filled) - 1, -1, -1):
        kind = foot.kind(at)
        if kind == "text" or kinds_below.count("role") + (kind == "role") > 5:
            break
        if _is_start(foot, at, kind, kinds_below):
            start = at
        kinds_below.append(kind)
    return start


def _is_start(foot: _Foot, at: int, kind: str, below: list[str]) -> bool:
    """Tell whether the block may begin at this line, given the kinds of the lines below it."""
    before = foot.before(at)
    is_closed = bool(before) and is_closing(before)
    is_framed = is_closed or (bool(before) and is_greeting(before))
    is_named = "own_name" in below or "name" in below
    match kind:
        case "own_name":
            well = is_framed or _ends_well(before) or not below or "contact" in below
            return well or foot.kind(at - 1) != "text"
        case "name":
            return is_closed or _is_plain_name(foot, at, below, is_framed=is_framed)
        case "contact":
            return is_framed or "role" not in below
        case "title":
            return is_named
        case "role":
            return is_closed and (is_named or ("contact" in below and len(below) <= 6))
        case _:
            return is_named or (is_framed and "contact" in below)


def _is_plain_name(foot: _Foot, at: int, below: list[str], *, is_framed: bool) -> bool:
    """Tell a name that only its shape and its place make one."""
    line, before = foot.lines[foot.filled[at]], foot.before(at)
    if at == 0 and not foot.above:
        return False  # the whole message: an opinion in two words, more likely than a name
    if name_shape(line.partition("(")[0]) < 2:
        return False
    if not is_plainly_a_name(line, foot.lower_case_words):
        return False
    if is_framed or "contact" in below[-1:]:
        return True
    set_apart = _ends_well(before) or _is_blank_above(foot, at) or _is_statement(before)
    return set(below) <= {"name"} and len(below) <= 1 and set_apart


def _ends_well(line: str) -> bool:
    return not line or line.rstrip().endswith((".", "!", "?", "…", ",", ")", "»", '"', ":"))


def _is_statement(line: str) -> bool:
    """Tell a bullet or a long line: a capitalised line below it is no part of a list."""
    return bool(_BULLET.match(line)) or len(line) > 60


def _is_blank_above(foot: _Foot, at: int) -> bool:
    index = foot.filled[at]
    return index == 0 or not foot.lines[index - 1].strip()


def split_postscript(lines: Sequence[str]) -> int:
    """Find where a postscript begins near the end; the number of lines when there is none."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 25), -1):
        if _POSTSCRIPT.match(lines[index]):
            return index
    return len(lines)
