"""Quoted and forwarded mail: where it starts, who wrote it, to whom, and whether it was handed on.

Knows the marks of the mail programs in use in France. It takes lines and answers facts; keeping or
cutting is the business of `own_words`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tasks.mail.identity import addresses_in

# How mail programs say "wrote", and what they call the lines of a header, language by language.
_VERBS = (
    r"a\s+[ée]crit|wrote|writes|schrieb|geschrieben|escribi[óo]|ha\s+scritto|schreef|escreveu|skrev"
    r"|napisał(?:\(a\)|a)?|napsal(?:\(a\)|a)?|написал(?:\(а\)|а)?|пишет|kirjoitti|yazdı|写道|寫道"
)
_FIELD_NAMES = {
    "from": "de|from|von|van|da|fra|från|od|от|desde|exp[ée]diteur|exp[ée]di[ée] par|envoy[ée] par"
    "|mittente|remitente|发件人|差出人",
    "date": "envoy[ée](?: le)?|exp[ée]di[ée](?: le)?|date(?: d['’]envoi)?|message du|sent|datum"
    "|gesendet|enviado(?: el| em)?|inviato|verzonden|skickat|sendt|wysłano|отправлено|дата|data"
    "|fecha|发送时间|日期|日付",
    "to": "à|a|to|an|pour|destinataires?|para|aan|till|til|do|кому|收件人|宛先",
    "subject": "objet|sujet|subject|betreff|asunto|oggetto|onderwerp|ämne|emne|temat|assunto|тема"
    "|主题|件名",
    "other": "cc|copie(?: à)?|cci|bcc|cc \\(copie\\)|r[ée]pondre à|reply-to|importance|priorit[ée]"
    "|pi[èe]ces? jointes?|attachments?|risposta",
}
_HINTS = (
    *("écrit", "ecrit", "wrote", "writes", "schr", "escrib", "escrev", "scritto", "skrev"),
    *("napisał", "napsal", "написал", "пишет", "kirjoitti", "yazdı", "写道", "寫道"),
    *("transf", "forward", "réexp", "reexp", "message du", ">:"),
)
_FIRST_CHARACTERS = frozenset(">-_=‐–—|")
_MARK = re.compile(r"^[ \t]*>[ \t]?")
_SEPARATOR = re.compile(
    r"^[\s>*|]*(?P<dash>[-_=‐–—\u2010]{2,})\s*(?:(?P<forward>(?:d[ée]but\s+d[ue]\s+)?(?:message"
    r"|mail|e-?mail|courriel)\s+(?:transmis|transf[ée]r[ée]|r[ée]exp[ée]di[ée]|achemin[ée]|suivi)"
    r"|(?:begin\s+)?forwarded\s+(?:message|mail|by\b.{0,80})|(?:transf[ée]r[ée]|r[ée]achemin[ée]"
    r"|r[ée]exp[ée]di[ée])\s+par\s.{1,100}|weitergeleitete\s+nachricht)"
    r"|(?:message|mail|e-?mail|courriel|courrier)\s+(?:d\s*['’]\s*origine|original|initial"
    r"|pr[ée]c[ée]dent)|original\s+(?:message|mail|appointment)|urspr[üu]ngliche\s+nachricht"
    r"|mensaje\s+original"
    r"|reply\s+message|message\s+re[çc]u)\s*[-_=‐–—\u2010:*]*\s*$",
    re.IGNORECASE,
)
_BARE_FORWARD = re.compile(
    r"^[\s>*]*(?:d[ée]but\s+(?:du\s+message|de\s+l['’]e-?mail)\s+(?:transf[ée]r[ée]"
    r"|r[ée]exp[ée]di[ée])|begin\s+forwarded\s+message|message\s+transf[ée]r[ée]"
    r"|forwarded\s+by\s.{1,100}|(?:mail|courriel)\s+transf[ée]r[ée])\s*:?\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^[\s>]*[-_=*#~‐–—]{5,}\s*$")
_FIELD = re.compile(
    r"^[\s>*_|•]{0,12}(?:"
    + "|".join(f"(?P<{kind}>{names})" for kind, names in _FIELD_NAMES.items())
    + r")\s*[*_]*\s*(?:[:：][*_]*|(?<=message du)(?=\s*\d))\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_ONE_LINE = re.compile(
    r"^\W{0,4}(?:de|from)\s*:\s*(?P<from>.{3,200}?)\s+(?:envoyé(?:\s+le)?|date"
    r"|sent)\s*:\s*(?P<date>.{4,80}?)\s+(?:à|a|to|pour)\s*:\s*(?P<to>.{2,300})$",
    re.IGNORECASE,
)
_WROTE = re.compile(rf"(?<!\w)(?:{_VERBS})(?!\w)", re.IGNORECASE)
_STARTS = r"le|on|am|el|il|op|em|at|den|dne|w\s+dniu|on\s+behalf\s+of|en\s+date\s+d[eu]"
_ATTRIBUTION = re.compile(
    r"^[\s>*\"«|‐–—-]{0,9}"
    rf"(?:(?:(?:{_STARTS})\b|\d{{1,4}}[\s./-]).{{3,300}}?|(?P<who>[^:]{{2,150}}?))"
    rf"(?<!\w)(?:{_VERBS})(?!\w)"
    r"(?P<when>\s+(?:le|on|am|op|den|el)\s.{4,60}?|\s[^:]{3,120}(?=:))?\s*:?[\s‐–—-]*$",
    re.IGNORECASE,
)
_ATTRIBUTION_START = re.compile(rf"[\s>*\"«|‐–—-]*(?:(?:{_STARTS})\b|\d)", re.IGNORECASE)
_DATED_START = re.compile(
    rf"[\s>*\"«|‐–—-]*(?:{_STARTS})\s+(?:[^\W\d_]{{2,10}}[.,]{{0,2}}\s+){{0,2}}\d", re.IGNORECASE
)
# "2016-10-24 15:36 GMT+02:00 Name <address>:": a time, an address and a colon, no verb
_DATED_ADDRESS = re.compile(
    r"^(?=.{0,80}\d{1,2}[:h]\d{2})(?P<who>.{8,200})<\s*[^<>@\s]{1,80}@[^<>@\s]{1,80}\s*>\s*:\s*$"
)
_TIME = re.compile(r"\d{1,2}\s?[:hH]\s?\d{2}|@")
_MAILTO = re.compile(r"[<\[]mailto:[^>\]]{0,200}[>\]]")
_DIGIT_OR_AT = re.compile(r"\d|@")
_NAME_BEFORE = re.compile(
    r"(?:,|UTC[+-]?\d*|GMT[+-]?\d*|\d)\s*([^,<>\d]{2,80}?)\s*(?:<[^>]*>|\[mailto:[^]]*\])?\s*$"
)
_MAX_FIELD_LINES = 20
_MAX_LEVELS = 4


@dataclass(frozen=True)
class Quotation:
    """A quoted message: lines `start` to `body` introduce it, `body` to `end` are its words."""

    start: int
    body: int
    end: int
    sender: str = ""
    addresses: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()
    has_header: bool = False
    is_forward: bool = False
    is_marked: bool = False


def may_quote(text: str, lines: Sequence[str]) -> bool:
    """Tell quickly a text that holds no quoted mail at all."""
    low = text.lower()
    if any(hint in low for hint in _HINTS):
        return True
    return any(
        line.lstrip()[:1] in _FIRST_CHARACTERS or (":" in line[:30] and _FIELD.match(line[:60]))
        for line in lines
        if line
    )


def unmark(line: str) -> str:
    """Take one level of ">" away."""
    return _MARK.sub("", line, count=1)


def is_rule(line: str) -> bool:
    """Tell a line drawn with dashes or underscores."""
    return len(line) < 200 and bool(_RULE.match(line))


def find_quotation(
    lines: Sequence[str], start: int, *, words_above: bool = False
) -> Quotation | None:
    """Find the quoted message that begins at this very line, if one does."""
    line = lines[start]
    stripped = line.lstrip(" \t")
    if stripped[:1] == ">":
        return _marked_run(lines, start, words_above=words_above)
    if not line or len(line) > 400:
        return None
    if separator := _SEPARATOR.match(line):
        return _after_separator(
            lines, start, is_forward=bool(separator["forward"]), is_sure=len(separator["dash"]) >= 4
        )
    if _BARE_FORWARD.match(line):
        return _after_separator(lines, start, is_forward=True, is_sure=False)
    if _FIELD.match(line) or _is_split_message_du(stripped):
        return _header_at(lines, start, start, is_forward=False, needed=2)
    return _attribution_at(lines, start)


def _is_split_message_du(line: str) -> bool:
    return line[:10].lower() == "message du"


def _next_filled(lines: Sequence[str], index: int, limit: int = 3) -> int:
    """Skip up to `limit` blank lines."""
    end = min(len(lines), index + limit)
    while index < end and not lines[index].strip("> \t"):
        index += 1
    return index


def _after_separator(
    lines: Sequence[str], start: int, *, is_forward: bool, is_sure: bool
) -> Quotation | None:
    after = _next_filled(lines, start + 1, 4)
    if after < len(lines):
        if found := _header_at(lines, start, after, is_forward=is_forward, needed=1):
            return found
        if found := _attribution_at(lines, after):
            return replace(found, start=start, is_forward=is_forward)
    return Quotation(start, start + 1, len(lines), is_forward=is_forward) if is_sure else None


def _header_at(
    lines: Sequence[str], start: int, index: int, *, is_forward: bool, needed: int
) -> Quotation | None:
    """Read a block of header lines; it needs a sender and `needed` other fields."""
    is_marked = lines[index].lstrip().startswith(">")
    if one := _ONE_LINE.match(lines[index][:700]):
        fields, body = one.groupdict(), index + 1
    else:
        fields, body = _read_fields(lines, index, is_marked=is_marked)
    under = _next_filled(lines, body)
    if under < len(lines) and is_rule(lines[under]):
        body = under + 1
    if "from" not in fields or len(fields.keys() & {"date", "to", "subject"}) < needed:
        return None
    return Quotation(
        start,
        body,
        _marked_end(lines, index) if is_marked else len(lines),
        sender=fields["from"],
        addresses=addresses_in(fields["from"]),
        recipients=addresses_in(fields.get("to", "")),
        has_header=True,
        is_forward=is_forward,
        is_marked=is_marked,
    )


def _read_fields(
    lines: Sequence[str], index: int, *, is_marked: bool
) -> tuple[dict[str, str], int]:
    """Read header fields by kind, and the line after the last of them."""
    fields: dict[str, str] = {}
    body, kind = index, ""
    for position in range(index, min(len(lines), index + _MAX_FIELD_LINES)):
        line = lines[position][:4000]
        if is_marked and not line.lstrip().startswith(">"):
            break
        if found := _FIELD.match(line):
            kind = next(name for name in _FIELD_NAMES if found[name])
            if kind in fields and kind in ("from", "subject", "date"):
                break
            fields[kind] = found["value"].strip()
        elif not line.strip("> \t"):
            following = _next_filled(lines, position)
            if following >= len(lines) or not _FIELD.match(lines[following][:400]):
                break
            continue
        elif (
            kind
            and len(line) < 400
            and (_continues(fields[kind], line) or _is_between_fields(lines, position))
        ):
            fields[kind] = f"{fields[kind]} {line.strip()}".strip()
        else:
            break
        body = position + 1
    return fields, body


def _is_between_fields(lines: Sequence[str], position: int) -> bool:
    """Tell a line that a long subject or list was folded onto: a field comes right after it."""
    return position + 1 < len(lines) and bool(_FIELD.match(lines[position + 1][:400]))


def _continues(value: str, line: str) -> bool:
    """Tell a line that goes on with the field above it."""
    return not value or value.endswith((",", ";", "<")) or line[:1] in " \t"


def _attribution_at(lines: Sequence[str], start: int) -> Quotation | None:
    """Read "Le … a écrit :", which programs fold over up to four lines."""
    joined = ""
    for width in range(1, min(4, len(lines) - start) + 1):
        part = lines[start + width - 1].strip()
        joined = f"{joined} {part.lstrip('> ') if width > 1 else part}".strip()
        if "mailto:" in joined:
            joined = _MAILTO.sub("", joined)
        if not part or len(joined) > 400 or (width > 1 and _DATED_START.match(part)):
            return None  # an attribution that begins further down is none of the lines above it
        if found := _wrote(joined):
            return _attributed(lines, start, start + width, joined, found["who"])
        if not _may_go_on(joined, width):
            return None
    return None


def _wrote(text: str) -> re.Match[str] | None:
    """Match an attribution, with a verb or without; its group `who` is the name when sure."""
    if text.endswith(":") and (dated := _DATED_ADDRESS.match(text)):
        return dated
    return _ATTRIBUTION.match(text) if _WROTE.search(text) else None


def _may_go_on(text: str, width: int) -> bool:
    """Tell whether the next line may complete an attribution."""
    is_begun = "@" in text or (_ATTRIBUTION_START.match(text) and _DIGIT_OR_AT.search(text))
    if width == 1 and not is_begun:
        return False
    return not _WROTE.search(text) or text.count("<") != text.count(">")


def _attributed(
    lines: Sequence[str], start: int, body: int, text: str, who: str | None
) -> Quotation | None:
    after = _next_filled(lines, body, 4)
    own_marks = lines[start].lstrip().startswith(">")
    marked = after < len(lines) and lines[after].lstrip().startswith(">") and not own_marks
    evidence = _DIGIT_OR_AT if marked or own_marks else _TIME
    if not evidence.search(text) and not (marked and who):
        return None
    # The name stands before the verb in French and English, after it in other languages.
    before = _WROTE.split(text)[0]
    before = before if _NAME_BEFORE.search(before) or "@" in before else text
    named = _NAME_BEFORE.search(before)
    sender = who or (named[1] if named else "")
    return Quotation(
        start,
        after if marked else body,
        _marked_end(lines, after) if marked else len(lines),
        sender=sender,
        addresses=addresses_in(before),
        is_marked=marked,
    )


def _marked_end(lines: Sequence[str], start: int) -> int:
    """Find the end of a run of ">" lines; blank lines between two of them belong to it."""
    index = end = start
    while index < len(lines):
        if lines[index].lstrip()[:1] == ">":
            end = index + 1
        elif lines[index].strip() and not _is_wrapped(lines, index):
            break
        index += 1
    return end


def _is_wrapped(lines: Sequence[str], index: int) -> bool:
    """Tell the end of a quoted line that a relay folded: it has no mark, its neighbours have."""
    if index + 1 == len(lines) or lines[index + 1].lstrip()[:1] != ">":
        return False
    before, line = lines[index - 1].strip(), lines[index].strip()
    is_cut = len(before) >= 60 and before[0] == ">" and before[-1] not in ".!?:;"
    return is_cut and len(line) < 60 and line[0].islower()


def _marked_run(lines: Sequence[str], start: int, *, words_above: bool) -> Quotation:
    """Read a run of ">" lines, with the header (Orange) or attribution (iPhone) it may hold."""
    end = _marked_end(lines, start)
    inner = [unmark(line) for line in lines[start : min(end, start + 40)]]
    first = _next_filled(inner, 0, 6)
    for _ in range(_MAX_LEVELS):
        if first < len(inner) and is_rule(inner[first]):
            first = _next_filled(inner, first + 1, 6)
        if first == len(inner) or inner[first].lstrip()[:1] != ">":
            break
        inner = [unmark(line) for line in inner]
    found = (
        find_quotation(inner, first)
        if first < len(inner) and inner[first].lstrip()[:1] != ">"
        else None
    )
    if found is None:
        return Quotation(start, start, end, is_marked=True)
    body = start + found.body
    if words_above and found.has_header and _lost_its_marks(lines, body, end):
        return replace(found, start=start, body=body, end=len(lines), is_marked=False)
    return replace(found, start=start, body=body, end=end, is_marked=True)


def _lost_its_marks(lines: Sequence[str], body: int, end: int) -> bool:
    """Tell a quotation whose marks stop with its header, as some relays leave it."""
    filled = sum(1 for line in lines[body:end] if line.strip("> \t"))
    after = [line.lstrip()[:1] for line in lines[end:] if line.strip()]
    return filled <= 1 and bool(after) and ">" not in after
