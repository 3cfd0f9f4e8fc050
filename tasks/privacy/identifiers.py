"""Identifiers that have a shape: addresses on the Internet, numbers that lead to one person.

Where a number has a check key, a right key is proof enough; a wrong or missing one needs the
number's name beside it. Numbers of services (17, 3939) and public sites lead to nobody and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from expectations.patterns import EMAIL, PHONE
from tasks.privacy.lexicon import folded, levels
from tasks.privacy.spans import Finder, Span

EMAIL_MASK: Final = "[adresse électronique]"
PHONE_MASK: Final = "[téléphone]"
URL_MASK: Final = "[adresse web]"
HANDLE_MASK: Final = "[pseudonyme]"
IBAN_MASK: Final = "[IBAN]"
BIC_MASK: Final = "[BIC]"
NIR_MASK: Final = "[numéro de sécurité sociale]"
CARD_MASK: Final = "[numéro de carte]"
SIRET_MASK: Final = "[SIRET]"
PLATE_MASK: Final = "[plaque d'immatriculation]"
BIRTH_MASK: Final = "[date de naissance]"

# -- electronic addresses ------------------------------------------------------------------------

_AT: Final = (
    r"(?:\s{0,2}[(\[{<]\s?(?:@|at|arobase?|arrobase?|a)\s?[)\]}>]\s{0,2}"
    r"|\s{1,2}(?:at|arobase|arobas|arrobase)\s{1,2}|\s{0,2}@\s{0,2})"
)
_DOT: Final = r"(?:\s?[(\[{]\s?(?:dot|point|\.)\s?[)\]}]\s?|\s(?:dot|point)\s|\s?\.\s?)"
# The last label says that it is a host, not "rendez-vous @ la mairie. Merci".
_TOP: Final = (
    r"(?:fr|com|net|org|eu|info|be|ch|lu|de|uk|es|it|pt|ca|io|me|re|gp|mq|nc|pf|bzh|corsica|paris"
    r"|email|example|test|invalid)(?!\w)"
)
_HIDDEN_EMAIL: Final = re.compile(
    rf"(?<![\w.+-])[\w+-]{{1,64}}(?:(?:\.|{_DOT})[\w+-]{{1,64}}){{0,4}}{_AT}"
    rf"[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,4}}?{_DOT}{_TOP}",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(EMAIL)


def emails(text: str) -> Iterator[Span]:
    """Find electronic addresses, also those hidden from robots ("lucie (at) free point fr")."""
    if "@" in text:
        yield from _matches(_EMAIL, text, EMAIL_MASK)
    if re.search(r"@|arr?oba|[(\[{<\s]a?t\s?[)\]}>\s]", text, re.IGNORECASE):
        yield from _matches(_HIDDEN_EMAIL, text, EMAIL_MASK)


# -- pages and handles ---------------------------------------------------------------------------

_NETWORKS: Final = (
    r"facebook|fb|instagram|insta|twitter|x|linkedin|tiktok|snapchat|youtube|youtu|threads|mastodon"
    r"|pinterest|twitch|telegram|t|wa|discord|linktr|copainsdavant|skyrock|viadeo|github|paypal"
    r"|bsky|vk|flickr|soundcloud|strava|leboncoin|lydia-app|reddit|deezer|meetic"
)
_URL: Final = re.compile(
    rf"(?<![\w@.-])(?:https?://|www\.)[^\s<>\"«»\]\[]{{2,2000}}"
    rf"|(?<![\w@.-])(?:[\w-]{{1,30}}\.){{0,2}}(?:{_NETWORKS})\.(?:com|fr|net|org|me|ee|be|tv|app|gg)"
    r"/[^\s<>\"«»\]\[]{1,2000}"
    r"|(?<![\w@.-])[\w-]{2,63}\.(?:over-blog|wordpress|blogspot|canalblog|skyrock|wixsite|wix|free"
    r"|perso|eklablog|jimdo|jimdofree|unblog|tumblr|substack|weebly|webnode|e-monsite)\.[a-z]{2,4}"
    r"(?:/[^\s<>\"«»\]\[]{0,2000})?"
    r"|(?<![\w@.-])[\w-]{3,63}\.(?:fr|com|net|org|eu|info)(?![\w@-])(?:/[^\s<>\"«»\]\[]{0,2000})?",
    re.IGNORECASE,
)
_PERSONAL_HOST: Final = re.compile(
    rf"(?:^|\.)(?:{_NETWORKS})\.(?:com|fr|net|org|me|ee|be|tv|app|gg)$"
    r"|(?:^|[.-])(?:perso|pagesperso|pagesperso-orange|blog|over-blog|wordpress|blogspot|canalblog"
    r"|skyrock|wixsite|eklablog|jimdo|jimdofree|unblog|tumblr|substack|weebly|webnode|e-monsite)"
    r"[\w-]*\.[a-z.]{2,6}$|^(?!www\.)[\w-]+\.free\.fr$",
    re.IGNORECASE,
)
_PERSONAL_PATH: Final = re.compile(
    r"/[~@]\w|/(?:u|user|users|profil|profile|membre|membres|people|in)/[\w.-]", re.IGNORECASE
)
_PUBLIC_WORDS: Final = re.compile(
    r"gendarm|polic|pr[eé]f|mairie|ville|gouv|[eé]lys[eé]e|pompier|sdis|int[eé]rieur|sncf|minist"
    r"|assembl[eé]e|s[eé]nat|d[eé]partement|lamontagne|lemonde|franceinfo|everyone|tous",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"(?<![\w@./+-])@[A-Za-zÀ-ÿ0-9_][\w.-]{1,39}(?<![.-])(?!@)")
_NAMED_HANDLE: Final = re.compile(
    r"(?<!\w)(?:(?:pseudo(?:nyme)?s?|(?:compte |identifiant )?"
    r"(?:snap(?:chat)?|insta(?:gram)?|twitter|facebook|tiktok|discord|telegram)|identifiant)"
    r"(?:\s?:\s?|\sest\s|\s[«\"“]\s?)|sous le (?:pseudo(?:nyme)?|nom d[e'’]\s?utilisateur)\s)"
    r"(?:de\s)?[«\"“]?\s?(?P<handle>[\w.-]{3,40}(?<![.-]))",
    re.IGNORECASE,
)
_HANDLE_SHAPE: Final = re.compile(r".*[\d_.]|.*[a-zà-ÿ][A-ZÀ-Ý]|[A-ZÀ-Ý]")
_FIRST_NAME, _SURNAME, _WORD_LEVEL = 9, 6, 6


def pages(text: str) -> Iterator[Span]:
    """Find the pages that lead to a person: profiles, personal sites; public sites stay."""
    if "." not in text:
        return
    for match in _URL.finditer(text):
        url = match.group().rstrip(".,;:!?)'’")
        if _leads_to_a_person(url):
            yield Span(match.start(), match.start() + len(url), URL_MASK)


def _leads_to_a_person(url: str) -> bool:
    host, slash, path = re.sub(r"^https?://", "", url, flags=re.IGNORECASE).partition("/")
    if _PERSONAL_PATH.search(slash + path):
        return True
    if _PERSONAL_HOST.search(host):
        return (bool(path.strip("/")) and not _PUBLIC_WORDS.search(path)) or "." in host[4:-4]
    labels = [label for label in re.split(r"[.-]", folded(host)) if label != "www"][:-1]
    return (
        len(labels) == 2
        and not _PUBLIC_WORDS.search(host)
        and any(levels(label).first_name >= _FIRST_NAME for label in labels)
        and all(levels(label).word < _WORD_LEVEL for label in labels)
        and all(levels(label).name >= _SURNAME for label in labels)
    )


def handles(text: str) -> Iterator[Span]:
    """Find handles: "@somebody", or what is called a pseudonym and looks like one."""
    for match in _HANDLE.finditer(text):
        if not _PUBLIC_WORDS.search(match.group()):
            yield Span(*match.span(), HANDLE_MASK)
    for match in _NAMED_HANDLE.finditer(text):
        if _HANDLE_SHAPE.match(match["handle"]) and not _PUBLIC_WORDS.search(match["handle"]):
            yield Span(*match.span("handle"), HANDLE_MASK)


# -- numbers with a key --------------------------------------------------------------------------

# How long the IBANs of each country are.
_IBAN_LENGTHS: Final = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI NL", 19: "MK SI", 20: "AT BA EE KZ LT LU XK",
        21: "CH HR LI LV", 22: "BG BH DE GB GE IE ME RS VA", 23: "AE GI IL IQ",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "PT", 26: "IS TR", 27: "FR GR IT MC SM", 28: "AL AZ BY CY DO DZ GT HU LB MA PL",
        29: "BR PS QA UA", 30: "JO KW MU", 31: "MT",
    }.items()
    for country in countries.split()
}  # fmt: skip
_GAP: Final = r"[\s.\-/_·\u2010-\u2015]{0,3}"
_IBAN: Final = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z]{_GAP}[A-Za-z]{_GAP}\d{_GAP}\d(?:{_GAP}[A-Za-z0-9]){{11,27}}"
)
_LABELLED_IBAN: Final = re.compile(
    r"(?<!\w)(?:IBAN|RIB|compte bancaire|num[ée]ro de compte)"
    r"(?:\s(?:est|le|du|suivant|n[°o])){0,3}\s?:?\s{0,2}"
    rf"(?P<number>(?:[A-Z]{{2}}{_GAP})?\d(?:{_GAP}[A-Z0-9](?![a-zà-ÿ])){{10,32}})",
    re.IGNORECASE,
)
_BIC: Final = re.compile(
    r"(?<!\w)(?:BIC|SWIFT)(?:\s?/\s?(?:BIC|SWIFT))?\s?:?\s?(?P<number>[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)(?!\w)"
)
_SEX, _YEAR, _MONTH = r"[1-478]", r"\d{2}", r"(?:0[1-9]|1[0-2]|[2-9]\d)"


def _spaced(pattern: str, count: int) -> str:
    return rf"(?:{_GAP}{pattern}){{{count}}}"


_NIR: Final = re.compile(
    rf"(?<!\d){_SEX}{_spaced('[0-9]', 4)}{_GAP}\d{_GAP}[\dABab]{_spaced('[0-9]', 6)}"
    rf"(?P<key>{_GAP}(?:\(?cl[ée]\s?:?\s?)?\d{_GAP}\d)(?!\d)",
    re.IGNORECASE,
)
# Cut up as on the card, it is one whatever its key.
_SHAPED_NIR: Final = re.compile(
    r"(?<!\d)[12](?P<gap>[ .\-])\d{2}(?P=gap)(?:0[1-9]|1[0-2])(?P=gap)(?:\d{2}|2[AB])(?P=gap)\d{3}"
    r"(?P=gap)\d{3}(?:\s?[ .\-/|]\s?\d{2})?(?!\d)"
)
_LABELLED_NIR: Final = re.compile(
    r"(?<!\w)(?:NIR|s[ée]cu(?:rit[ée]\s{1,2}sociale)?|carte vitale|assur[ée]e?\ssociale?"
    r"|(?:num[ée]ro|n[°o]) (?:INSEE|d['’](?:assur[ée]e?|id(?:entification)?))|assurance maladie"
    r"|immatriculation sociale|s\.?s\.?)(?!\w)"
    rf"[^\d\n]{{0,60}}(?P<number>{_SEX}{_spaced('[0-9]', 4)}{_GAP}\d{_GAP}[\dABab]"
    rf"(?:{_GAP}\d){{3,8}})(?!\d)",
    re.IGNORECASE,
)
_CARD: Final = re.compile(r"(?<![\d.])[3-6](?:[\s-]?\d){14,15}(?![\d])")
_SIRET: Final = re.compile(r"(?<![\d])\d(?:[\s.]?\d){13}(?!\d)")
_LABELLED_SIRET: Final = re.compile(
    r"(?<!\w)(?:SIRET|SIREN|RCS(?:\s[A-Z][a-zé]+)?)[^\d\n]{0,20}(?P<number>\d(?:[\s.]?\d){8}(?:(?:[\s.]?\d){5})?)(?!\d)",
    re.IGNORECASE,
)


def bank_accounts(text: str) -> Iterator[Span]:
    """Find IBANs by their key, or by their name; and BICs by theirs."""
    for match in _IBAN.finditer(text):
        end = _iban_end(match.group())
        if end:
            yield Span(match.start(), match.start() + end, IBAN_MASK)
    yield from _matches(_LABELLED_IBAN, text, IBAN_MASK, "number")
    yield from _matches(_BIC, text, BIC_MASK, "number")


def _iban_end(written: str) -> int:
    """Return where the IBAN that begins here ends, 0 when the key is wrong."""
    places = [n for n, c in enumerate(written) if c.isalnum()]
    squeezed = "".join(written[n] for n in places).upper()
    length = _IBAN_LENGTHS.get(squeezed[:2], 0)
    if not length or len(squeezed) < length or not squeezed.isascii():
        return 0
    turned = squeezed[4:length] + squeezed[:4]
    if int("".join(str(int(c, 36)) for c in turned)) % 97 != 1:
        return 0
    return places[length - 1] + 1


def social_security_numbers(text: str) -> Iterator[Span]:
    """Find social security numbers by their key, or by their name."""
    for match in _NIR.finditer(text):
        if _has_nir_key(match.group()):
            yield Span(*match.span(), NIR_MASK)
    yield from _matches(_SHAPED_NIR, text, NIR_MASK)
    yield from _matches(_LABELLED_NIR, text, NIR_MASK, "number")


def _has_nir_key(written: str) -> bool:
    number = "".join(
        c for c in written.upper().replace("CLÉ", "").replace("CLE", "") if c.isalnum()
    )
    body, key = number[:-2].replace("2A", "19", 1), int(number[-2:])
    body = body.replace("2B", "18", 1)
    return body.isdecimal() and 97 - int(body) % 97 == key


def cards_and_companies(text: str) -> Iterator[Span]:
    """Find numbers of payment cards and of companies: a sole trader's leads to their home."""
    for pattern, mask in ((_CARD, CARD_MASK), (_SIRET, SIRET_MASK)):
        for match in pattern.finditer(text):
            if _has_luhn_key(match.group()):
                yield Span(*match.span(), mask)
    yield from _matches(_LABELLED_SIRET, text, SIRET_MASK, "number")


def _has_luhn_key(written: str) -> bool:
    digits = [int(c) for c in reversed(written) if c.isdecimal()]
    doubled = (sum(divmod(2 * d, 10)) for d in digits[1::2])
    return any(digits) and (sum(digits[::2]) + sum(doubled)) % 10 == 0


# -- telephones, plates, births ------------------------------------------------------------------

_PHONE: Final = re.compile(PHONE)
_FOREIGN_PHONE: Final = re.compile(rf"\(\d{{2,3}}\){_GAP}\d(?:{_GAP}\d){{7,10}}(?!\d)")
_LABELLED_PHONE: Final = re.compile(
    r"(?<!\w)(?:t[ée]l(?:[ée]phone)?|portable|port|mobile|fixe|fax|gsm)\.?\s?[:.]?\s{0,2}(?:au\s|n[°o]\s?)?"
    r"(?P<number>[\dO]\d(?:[\s.\-/]?[\dO]{2}){3,5})(?!\d)",
    re.IGNORECASE,
)


def telephones(text: str) -> Iterator[Span]:
    """Find telephone numbers, however they are cut up."""
    yield from _matches(_PHONE, text, PHONE_MASK)
    yield from _matches(_FOREIGN_PHONE, text, PHONE_MASK)
    yield from _matches(_LABELLED_PHONE, text, PHONE_MASK, "number")


_PAIR: Final = r"[A-HJ-NP-TV-Z]{2}"
_CLEAR_PLATE: Final = re.compile(
    rf"(?<![\w-])(?:{_PAIR}\s?[-–.]\s?\d{{3}}\s?[-–.\s]?\s?{_PAIR}|{_PAIR}\s?\d{{3}}\s?[-–.]\s?{_PAIR}"
    rf"|{_PAIR}\d{{3}}{_PAIR})(?![\w-])|(?<![\w-])(?i:{_PAIR}-\d{{3}}-{_PAIR})(?![\w-])"
)
# Before 2009: a number, letters, a department.
_OLD_PLATE: Final = re.compile(
    r"(?<![\w,./-])\d{2,4}[\s-]?(?!EUR|TTC|KMS?\b|KG|MW|KW|DU\b|DE\b|LE\b|LA\b|ET\b|EN\b|AU\b|CV\b|M2|ANS|FR\b)"
    r"[A-HJ-NP-TV-Z]{2,3}[\s-]?(?:0[1-9]|[1-8]\d|9[0-5]|2[AB])(?![\w,.]\d|\w)"
)
_SPACED_PLATE: Final = re.compile(
    rf"(?<![\w-])(?P<first>{_PAIR})[\s_]\d{{3}}[\s_](?P<last>{_PAIR})(?![\w-])"
)
_SHORT_WORDS: Final = frozenset(
    "LE LA LES DE DU DES ET EN AU CE SA NE SE TE ME TA MA JE TU IL ES AN BD AV RN CV".split()  # noqa: SIM905 - words
)
_VEHICLES: Final = (
    r"immatricul|plaque|v[ée]hicule|voiture|scooter|moto|camion|fourgon|quad|utilitaire"
    r"|berline|automobile|citro[ëe]n|renault|peugeot|clio|twingo|kangoo|mercedes|bmw|audi|volkswagen|golf"
    r"|remorque|tracteur|cyclo|dacia|duster|ford|fiat|opel|toyota|nissan|skoda|m[ée]gane|sc[ée]nic|partner"
    r"|berlingo|camionnette|deux-roues|min[ée]ralogique|4x4|bagnole|monospace|break|mobylette|num[ée]ro"
)
_VEHICLE: Final = re.compile(rf"(?<!\w)(?:{_VEHICLES})", re.IGNORECASE)
_PLATE_AFTER_VEHICLE: Final = re.compile(
    r"(?<![\w-])(?:[A-HJ-NP-TV-Z]{2}[\s._–-]{0,3}\d{3}[\s._–-]{0,3}[A-HJ-NP-TV-Z]{2}"
    r"|\d{1,4}[\s._-]{0,2}(?!EUR|KM|H\b|CV|ET|DE|A\s)[A-HJ-NP-TV-Z]{1,3}[\s._-]{0,2}(?:\d{2,3}|2[AB])"
    r")(?![\w-])",
    re.IGNORECASE,
)
_REACH: Final = 80
_DISTANCE: Final = re.compile(r"[.!?]\s")


def plates(text: str) -> Iterator[Span]:
    """Find number plates: by their shape, or because a vehicle has just been named."""
    yield from _matches(_CLEAR_PLATE, text, PLATE_MASK)
    yield from _matches(_OLD_PLATE, text, PLATE_MASK)
    for match in _SPACED_PLATE.finditer(text):
        if not {match["first"], match["last"]} & _SHORT_WORDS:
            yield Span(*match.span(), PLATE_MASK)
    for vehicle in _VEHICLE.finditer(text):
        said = _DISTANCE.split(text[vehicle.end() : vehicle.end() + _REACH])[0]
        for match in _PLATE_AFTER_VEHICLE.finditer(said):
            start, end = match.span()
            yield Span(vehicle.end() + start, vehicle.end() + end, PLATE_MASK)


_MONTH_NAME: Final = (
    r"(?:janv(?:ier|\.)?|f[ée]v(?:r(?:ier|\.)?|\.)?|mars|avr(?:il|\.)?|mai|juin|juil(?:let|\.)?"
    r"|ao[ûu]t|sept(?:embre|\.)?|oct(?:obre|\.)?|nov(?:embre|\.)?|d[ée]c(?:embre|\.)?)"
)
_NUMBER_WORD: Final = (
    r"(?:premier|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze"
    r"|quinze|seize|vingts?|trente|quarante|cinquante|soixante|cents?|mil(?:le)?|et)"
)
_DATE: Final = (
    rf"(?:\d{{1,2}}\s?[/.|\-\s]\s?\d{{1,2}}\s?[/.|\-\s]\s?(?:\d{{4}}|\d{{2}})"
    rf"|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|(?:\d{{1,2}}(?:\s?er)?|{_NUMBER_WORD}(?:[\s-]{_NUMBER_WORD}){{0,2}})\s{{1,2}}{_MONTH_NAME}"
    rf"(?:\s{{1,2}}(?:\d{{4}}|\d{{2}}(?!\d)|{_NUMBER_WORD}(?:[\s-]{_NUMBER_WORD}){{1,8}}))?"
    rf"|{_MONTH_NAME}\s{{1,2}}\d{{4}}|\d{{2}}/\d{{4}}|(?:19|20)\d{{2}})(?!\d)"
)
_BORN: Final = re.compile(
    r"(?<!\w)(?:n[ée]e?s?(?:\s?\(e\))?(?:\s[^\n.;:,\[\]]{1,60}?)?[\s,]{1,2}(?:(?:tous|toutes)\s(?:les\s)?deux\s)?"
    r"(?:les?|en|un|au|l['’]an(?:n[ée]e)?|du|vers|fin|d[ée]but|courant)"
    r"|dates?\sde\snais(?:sance)?\.?|naiss(?:ance|\.)|DDN|d\.d\.n\.|n[ée]\(?e?\)?\s?(?=:)|vue?s?\sle\sjour|mise?s?\sau\smonde"
    r"|anniversaire|n[ée]e?)"
    r"(?:\s?:|\s(?:est|[ée]tait|tombe|c['’]est))?\s{0,2}(?:(?:le|du|un|en|au)\s)?"
    rf"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s)?(?P<date>{_DATE}|(?<=\sen\s)\d{{2}}(?![\d\w]))",
    re.IGNORECASE,
)
_BIRTH: Final = re.compile("naissance", re.IGNORECASE)
_BIRTH_AFTER: Final = re.compile(
    rf"(?<!\d)(?P<date>{_DATE})[\s,(]{{1,3}}(?:(?:la\s|ma\s|sa\s)?date\sde\s(?:ma\s|sa\s)?naissance|jour\sde\s(?:ma|sa)\snaissance)",
    re.IGNORECASE,
)


def births(text: str) -> Iterator[Span]:
    """Find dates of birth: those that are said to be."""
    yield from _matches(_BORN, text, BIRTH_MASK, "date")
    if _BIRTH.search(text):
        yield from _matches(_BIRTH_AFTER, text, BIRTH_MASK, "date")


# -- hints ---------------------------------------------------------------------------------------

_CUT: Final = r"[\s\x{a0}.\-/_·\x{2010}-\x{2015}]"
_LONG_NUMBER: Final = rf"[0-9](?:{_CUT}{{0,3}}[0-9ABab]){{8}}"
_APART: Final = r"[\s._–-]{0,3}"
_SHORT_MONTH: Final = r"(?:janv|f[ée]vr?|avr|juil|sept|oct|nov|d[ée]c)"
_PLATE: Final = rf"[A-Z]{{2}}{_APART}[0-9]{{3}}{_APART}[A-Z]{{2}}"
_OLDER_PLATE: Final = rf"[0-9]{_APART}[A-Z]{{1,3}}{_APART}[0-9][0-9AB]"

EMAILS: Final = Finder(emails, r"@|(?i:arr?oba|[(\[{<\s\x{a0}]a?t[\s\x{a0}]?[)\]}>\s\x{a0}])")
TELEPHONES: Final = Finder(telephones, rf"[0-9)Oo](?:{_CUT}{{0,4}}[0-9Oo]){{7}}")
# In this order: a telephone number may stand inside an IBAN.
FINDERS: Final = (
    EMAILS,
    Finder(pages, r"[^\s.]\.\pL|(?i:://|www\.)"),
    Finder(
        handles,
        r"@|(?i:pseudo|snap|insta(?:gram)?[^a-z]|twitter|facebook|tiktok|discord|telegram"
        r"|identifiant|utilisateur)",
    ),
    Finder(
        births,
        r"(?i:naissance"
        r"|(?:\bn[ée]e?s?|de\snais\.?|naiss\.|ddn|d\.d\.n\.|jour|monde|anniversaire)"
        rf"(?:[^.;\[\]]|{_SHORT_MONTH}\.)*(?:[0-9]|{_NUMBER_WORD}\s{{1,2}}{_MONTH_NAME}))",
    ),
)
NUMBER_FINDERS: Final = (
    Finder(
        bank_accounts,
        rf"[A-Za-z]{_CUT}{{0,3}}[A-Za-z](?:{_CUT}{{0,3}}[0-9]){{2}}"
        rf"(?:{_CUT}{{0,3}}[A-Za-z0-9]){{11}}"
        r"|\b(?i:iban|rib|compte bancaire|num[ée]ro de compte)|\b(?:BIC|SWIFT)",
    ),
    Finder(social_security_numbers, _LONG_NUMBER),
    Finder(cards_and_companies, _LONG_NUMBER),
    TELEPHONES,
    Finder(
        plates,
        rf"{_PLATE}|{_OLDER_PLATE}|(?i:[A-Z]{{2}}-[0-9]{{3}}-[A-Z]{{2}}"
        rf"|(?:{_VEHICLES})(?s:.*)(?:{_PLATE}|{_OLDER_PLATE}))",
    ),
)


def _matches(
    pattern: re.Pattern[str], text: str, mask: str, group: int | str = 0
) -> Iterator[Span]:
    return (Span(*match.span(group), mask) for match in pattern.finditer(text))
