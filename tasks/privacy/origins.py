"""Where an author writes from and in which quality, as far as they say it: a commune, a type.

The signature is read first, then how somebody presents themself in the letter ("Habitant de
Yzeure, je…"), last the name displayed. Nothing is guessed: what may be two communes is none, and
nothing finer than a commune is kept. A function held in the past (retired, former) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

import pyarrow as pa
import pyarrow.compute as pc

from tasks.privacy.communes import Words, communes, departments, place_words, plain_words
from tasks.privacy.qualities import (
    ELECTED,
    INHABITANT,
    PARTNER,
    QUALITIES,
    quality_of_body,
    quality_of_person,
)
from tasks.privacy.spans import hinted

UNKNOWN = "inconnu"

# "03000", "03 000"; the end of a telephone or SIRET number is none.
_POSTAL_CODE = re.compile(r"(?<![\d/])(?:\d{5}|(?<!\d[ .])\d{2} \d{3})(?![\d/])(?![ .]\d)")
_BEFORE_A_CODE = frozenset(["code", "postal", "cp", "f", "fr", "adresse"])
_SEGMENT_END = re.compile(r"[,;:|/()•·\t]|\s[-–—]+\s")
_ON = re.compile(r"\bs/\s*|(?<=\w)/(?=\w)", re.IGNORECASE)  # "Varennes s/ Allier"
_SEPARATORS = " \t,;:|/()•·-–—"
_WAY = r"(?:rue|avenue|av|boulevard|bd|place|chemin|route|rte|impasse|allées?|quai|cours)\b"
_STREET = re.compile(rf"\s*(?:\d|{_WAY})", re.IGNORECASE)
_DATED = re.compile(r"\ble\s+(?:\w+\s+)?\d{1,2}(?:er)?\b", re.IGNORECASE)
_RETIRED = re.compile(r"\(\s*e\.?\s?r\.?\s*\)", re.IGNORECASE)  # how officers write it
_CIVILITIES = frozenset(["m", "mme", "mr", "mlle", "monsieur", "madame", "et"])
# "Maire de Cusset", "Une habitante de Cusset": who signs so is of that commune.
_OF_A_COMMUNE = re.compile(
    r"\b(?:maire|mairie|ville|commune|habitante?s?|citoyen(?:ne)?s?|riveraine?s?|residente?s?"
    r"|jeunes?|retraitee?s?|maman|papa|conseil(?:ler|lere)? municipale?)(?: deleguee?)?"
    r" (?:(?:de|du|des|d|a|au) )?(.+)"
)

# Of a sentence; only so far is looked on from each, or a text of no point would never be read.
_STARTS = r"(?:^|(?<=[.!?;\n]))[^\S\n]*+"
_SELF = r"(?:(?:je|nous|me|mon|ma|mes|notre|nos)\b|[jm]['’])"
_LIVES = re.compile(
    rf"""\bj['’]habite\b | \bje\ (?:vis|réside|demeure)\b
    | \bnous\ (?:habitons|vivons|résidons|demeurons)\b
    | \bsoussignée?s?\b[^.!?;\n]{{0,80}}?\b(?:demeurant|domiciliée?s?|résidant|habitant)\b
    | {_STARTS}(?:demeurant|domiciliée?s?|résidant|habitante?s?)\b(?=[^.!?;\n]{{0,300}}\b{_SELF})
    | \b(?:je\ suis|nous\ sommes|en\ tant\ qu['’e])\s?(?:une?\s|des\s)?(?:simples?\s)?
      habitante?s?\b""",
    re.IGNORECASE | re.VERBOSE,
)
_TOWARDS = re.compile(
    r"(?:\s*(?:sur|dans|en|à|a|aux?|de|du|la commune|la ville|le village|le bourg|le centre)\b"
    r"|\s*d['’])*\s*",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?;\n]")
_STREET_THEN = re.compile(rf"\s*(?:au\s+)?(?:\d|{_WAY})[^,]*?(?:,|\sà\s)", re.IGNORECASE)
_NAME_GOES_ON = re.compile(r"[-'’]\w|\s+(?:(?:sur|sous|en|le|la|les|lès|de)\s+|d['’])?[A-ZÀ-ÖØ-Þ]")
_MOST_PLACES = 20
_MOST_OF_A_LINE = 200  # characters
_LINES_OF_AN_ADDRESS = 4
_MOST_WORDS = 9  # of a commune's name
_BETWEEN = frozenset(["dans", "en", "le", "la", "l", "les"])

# "En tant que maire, je…"; what "un élu, en tant que député" should do is nobody's presentation.
_PRESENTED = re.compile(
    rf"""\b(?:je\ suis|nous\ sommes
    | en\ (?:tant\ qu|(?:(?:ma|notre)\ )?qualité\ d)(?:e\b|['’])(?=[^.!?;\n]{{0,300}}\b{_SELF}))
    \s*+(?!pour\b)([^,.;:!?\n]{{3,90}})""",
    re.IGNORECASE | re.VERBOSE,
)
_APPOSED = re.compile(
    rf"{_STARTS}(?!(?:pour|les?|la|une?|des|messieurs|monsieur|mesdames|madame|m|mme)\b|l['’])"
    r"([^,.;:!?\n]{3,90}),\s*(?:je\b|j['’]|nous\b)",
    re.IGNORECASE,
)
_SPEAKS_FOR_PARTNER = re.compile(
    r"\b(?:notre|nous sommes une?|au nom (?:du|de (?:l['’]|la|notre|mon))"
    r"|représent(?:e|ons) (?:une?|l['’]|la|le))"
    r"\s*(?:association|amicale|collectif|syndicat|fédération)\b"
    r"|\bau nom (?:des|de (?:nos|tous (?:les|nos))) (?:\d+ )?(?:adhérents|membres|salariés)\b",
    re.IGNORECASE,
)
_SPEAKS_FOR_TOWN = re.compile(
    r"\bau nom (?:du conseil municipal|de (?:la |notre )(?:mairie|municipalité|commune))\b",
    re.IGNORECASE,
)
# What is in each letter that says who writes or from where: "Habitant de Yzeure, je…", the rest.
_APPOSED_HINT = r",[\s\x{a0}]*(?i:je\b|j['’]|nous\b)"
_HINT = (
    r"[0-9]{5}|[0-9]{2} [0-9]{3}|(?i:j['’]habite|je (?:vis|réside|demeure|suis)|nous (?:habit|viv"
    r"|résid|demeur|sommes)|soussign|(?:^|[.!?;\n])[ \t\x{a0}]*(?:demeurant|domicili|résidant"
    r"|habitant)|en tant qu|qualité d|au nom d|association|amicale|collectif|syndicat|fédération)"
)


@dataclass(frozen=True)
class Origin:
    """What an author says of where and what they write from: an Insee code, a contributor type."""

    commune_code: str | None
    contributor_type: str


def origin_of(
    signature: str,
    own_text: str,
    from_name: str | None,
    author_names: Sequence[str],
    department: str,
) -> Origin:
    """Read what a letter says of its author; `department` is the code of the consultation's."""
    return _origin(signature, own_text, own_text, from_name, author_names, department)


def origins_of(letters: pa.Table, department: str) -> list[Origin]:
    """Read what many letters say of their authors: most letters' own words say nothing."""
    words = letters["own_text"]
    rows = zip(
        letters["signature"].to_pylist(),
        pc.if_else(hinted(words, _HINT), words, "").to_pylist(),
        pc.if_else(hinted(words, _APPOSED_HINT), words, "").to_pylist(),
        letters["from_name"].to_pylist(),
        letters["author_names"].to_pylist(),
        strict=True,
    )
    return [_origin(*row, department) for row in rows]


def _origin(
    signature: str,
    words: str,
    apposing: str,
    from_name: str | None,
    author_names: Sequence[str],
    department: str,
) -> Origin:
    """Read what a letter says; `apposing` is the same words, where an author may be apposed."""
    lines = [line for line in signature.splitlines() if line.strip()]
    author = _words_of_names(author_names)
    lives = list(islice(_LIVES.finditer(words), _MOST_PLACES))
    displayed = [from_name] if from_name and quality_of_body(_joined(from_name)) else []
    commune = (
        _only(code for line in lines for code in _coded(line))
        or _only(code for line in lines for code in _named(line, author, department))
        or _only(code for line in _below_names(words, author) for code in _coded(line))
        or _only(_lived_in(lives, department))
        or _only(code for name in displayed for code in _named(name, frozenset(), department))
    )
    quality = (
        _foremost(_qualities_signed(lines, author))
        or _foremost(_qualities_presented(words, apposing, lives))
        or _foremost(quality_of_body(_joined(name)) for name in displayed)
        or (INHABITANT if commune else UNKNOWN)
    )
    return Origin(commune, quality)


def _only(codes: Iterable[str]) -> str | None:
    found = set(codes)
    return found.pop() if len(found) == 1 else None


def _foremost(qualities: Iterable[str | None]) -> str | None:
    found = set(qualities)
    return next((quality for quality in QUALITIES if quality in found), None)


def _joined(text: str) -> str:
    return " ".join(plain_words(text))


def _words_of_names(names: Iterable[str]) -> frozenset[str]:
    """Return the words of persons' names: a letter of a town hall may be "by" the town hall."""
    persons = [name for name in names if not quality_of_body(_joined(name))]
    return frozenset(word for name in persons for word in place_words(name))


# --- communes ------------------------------------------------------------------------------------


def _coded(text: str) -> Iterator[str]:
    """Find the communes that postal codes give, with the words beside them."""
    text = text[:_MOST_OF_A_LINE]
    for found in _POSTAL_CODE.finditer(text):
        postal_code = found[0].replace(" ", "")
        before = place_words(_SEGMENT_END.split(text[: found.start()].rstrip(_SEPARATORS))[-1])
        after = place_words(_SEGMENT_END.split(text[found.end() :].lstrip(_SEPARATORS))[0])
        code = communes().beside(postal_code, before, after)
        # "10 000 euros" is no postal code, nor is a number at the end of a line.
        stands_alone = set(before) <= _BEFORE_A_CODE and not (after and " " in found[0])
        if code is None and stands_alone:
            code = communes().alone(postal_code)
        if code is not None:
            yield code


def _named(line: str, author: frozenset[str], department: str) -> Iterator[str]:
    """Find the communes of the department that a line of a signature names without their code."""
    if _STREET.match(line) or _DATED.search(line):
        return
    segments = [place_words(part) for part in _SEGMENT_END.split(_ON.sub(" sur ", line))]
    said = [code for words in segments[1:] if (code := departments().get(words))]
    for words in segments:
        of_a_commune = _OF_A_COMMUNE.search(" ".join(words))
        name = tuple(of_a_commune[1].split()) if of_a_commune else words
        code = communes().named(name, said or [department]) or _named_with_department(name)
        if code is not None and not set(words) <= author:
            yield code


def _named_with_department(words: Words) -> str | None:
    """Read "Vichy 03", "Moulins Ille-et-Vilaine"."""
    for at in range(1, len(words)):
        if department := departments().get(words[at:]):
            return communes().named(words[:at], [department])
    return None


def _below_names(text: str, author: frozenset[str]) -> Iterator[str]:
    """Find the lines of an address under the author's name: the head of a letter joined."""
    if not _POSTAL_CODE.search(text):
        return
    lines = text.splitlines()
    for at, line in enumerate(lines):
        words = place_words(line)
        if words and set(words) <= author | _CIVILITIES:
            yield from takewhile(str.strip, lines[at + 1 : at + 1 + _LINES_OF_AN_ADDRESS])


def _lived_in(lives: Iterable[re.Match[str]], department: str) -> Iterator[str]:
    """Find the communes where authors say that they live."""
    for found in lives:
        place = _SENTENCE_END.split(found.string[found.end() : found.end() + 150])[0]
        code = _only(_coded(place)) or _named_first(place, department)
        if code is not None:
            yield code


def _named_first(place: str, department: str) -> str | None:
    """Find the commune with whose name, the longest that may be, some words begin."""
    street = _STREET_THEN.match(place)
    place = place[street.end() :] if street else place
    place = _TOWARDS.sub("", place, count=1)
    ends = [word.end() for word in re.finditer(r"[^\W_]+", place)][:_MOST_WORDS]
    for end in reversed(ends):
        rest = place[end:]
        code = communes().named(place_words(place[:end]), [_department_first(rest) or department])
        if code is not None:
            return None if _NAME_GOES_ON.match(rest) else code
    return None


def _department_first(text: str) -> str | None:
    words = place_words(text[:40])
    while words and words[0] in _BETWEEN:
        words = words[1:]
    found = (departments().get(words[:count]) for count in range(4, 0, -1))
    return next((code for code in found if code), None)


# --- qualities -----------------------------------------------------------------------------------


def _qualities_signed(lines: Iterable[str], author: frozenset[str]) -> Iterator[str | None]:
    for line in lines:
        for segment in _SEGMENT_END.split(_RETIRED.sub(" retraité", line)):
            words = plain_words(segment)
            while words and words[0] in author | _CIVILITIES:
                words = words[1:]
            signed = " ".join(words)
            yield quality_of_person(signed)
            yield quality_of_body(signed)


def _qualities_presented(
    text: str, apposing: str, lives: Sequence[re.Match[str]]
) -> Iterator[str | None]:
    for found in _PRESENTED.finditer(text):
        presented = _joined(found[1])
        yield quality_of_person(presented)
        body = quality_of_body(presented)
        yield None if body == PARTNER else body  # "nous sommes une société solidaire"
    for found in _APPOSED.finditer(apposing):
        yield quality_of_person(_joined(found[1]))
    if lives:
        yield INHABITANT
    if _SPEAKS_FOR_PARTNER.search(text):
        yield PARTNER
    if _SPEAKS_FOR_TOWN.search(text):
        yield ELECTED
