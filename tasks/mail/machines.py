"""Mail that no person wrote: bounces, automatic replies, bulk mail, spam.

Headers are believed first. Without them only a short text made of nothing but the sentences of an
absence or of an acknowledgement is one: no contribution may ever be taken for a machine's.
"""

from __future__ import annotations

import re

from tasks.mail.formulas import WORD, is_closing, is_greeting, sentences
from tasks.mail.mime import Part
from tasks.mail.word_sets import word_set

_SYSTEM_SENDERS = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon"})
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|non\s+remis|non[- ]distribu|non[- ]livr|delivery\s+(?:status|failure"
    r"|has\s+failed|incomplete|delayed)|mail\s+delivery\s+(?:failed|system)|returned\s+mail"
    r"|failure\s+notice|échec\s+de\s+(?:la\s+)?(?:remise|distribution)"
    r"|état\s+de\s+(?:la\s+)?remise|avis\s+de\s+non|retour\s+à\s+l['’]expéditeur"
    r"|message\s+(?:refusé|rejeté)",
    re.IGNORECASE,
)
_NO = frozenset({"", "no", "false", "0", "non", "none"})
_ABSENCE_SUBJECT = re.compile(
    r"^\s*(?:(?:re|ré|rép|aw)\s*:\s*)?\W{0,3}(?:réponse\s+(?:automatique|auto)|auto(?:matic"
    r"|matische)?[ -]?(?:reply|response|réponse|answer)|automatic\s+reply|abwesen"
    r"|out\s+of\s+(?:the\s+)?office|(?:message|notification|avis|réponse)\s+d['’]absence"
    r"|absence\s+(?:du\s+bureau|pour\s+congés?|temporaire)|absence\s*$|auto\s*:|absent(?:e|\(e\)"
    r"|·e)?\b"
    r"|(?:en\s+)?(?:congés?|vacances)\b|accusé\s+de\s+réception|indisponib\w*\s*$"
    r"|changement\s+d['’]adresse|(?:votre\s+)?(?:message|mail"
    r"|demande)\s+(?:a\s+)?(?:bien\s+)?(?:été\s+)?reçue?|vacation)",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"""\b(?:ré?ponse|message|courriel|mail|e-mail
      |accusé)\s+(?:est\s+(?:un\w*\s+)?)?(?:\w+\s+){0,3}
      (?:généré|envoyé|transmis|émis)?e?\s*automatique
      | \benvoi\s+automatique | automatiquement\s+(?:généré|envoyé|transmis)
      | (?:merci\s+de|veuillez|prière\s+de)\s+ne\s+pas\s+(?:y\s+)?répondre | ne\s+(?:répondez
      |pas\s+répondre)\s+(?:pas\s+)?à\s+(?:ce|cet)
      | \b(?:je\s+suis|je\s+serai|suis|serai|étant|nous\s+sommes)\s+(?:\w+\s+){0,2}(?:absente?s?
      |en\s+(?:congés?|vacances|déplacement|formation|arrêt)|indisponible|joignable)\b
            .{0,80}(?:jusqu|du\s+\d|à\s+partir|bureau|inclus|retour|au\s+\d|le\s+\d|depuis
            |pour\s+une\s+durée|\d{1,2}[/ ])
      | ^(?:actuellement|en|absente?|je\s+suis)\s+(?:actuellement\s+|en\s+)*(?:congés?|vacances
      |déplacement|absente?|arrêt|indisponible|hors\s+du\s+bureau)\b
            (?=.{0,60}(?:jusqu|du\s+\d|à\s+partir|bureau|inclus|retour|au\s+\d|le\s+\d)
            |(?:\W+\w+){0,2}\W*$|,\s*je\s)
      | (?:prendrai|prendrons|traiterai|traiterons|répondrai|répondrons|lirai|lirons
      |consulterai)\b.{0,80}\b(?:retour|dès\s+que|à\s+compter|meilleurs\s+délais|prochainement
      |plus\s+brefs\s+délais)
      | (?:dès|à|après|avant)\s+mon\s+retour\b | \b(?:suis|serai|sera|serons)\s+de\s+retour\b
      | (?:votre|vos)\s+(?:message|courriel|mail|e-mail|demande|envoi|courrier
      |contribution)s?\s+(?:électronique\s+)?(?:nous\s+est|m'est|a
      |ont)\s+(?:bien\s+)?(?:été\s+)?(?:reçue?s?|parvenue?s?|enregistrée?s?|pris\w*\s+en\s+compte
      |transmis\w*)
      | (?:nous\s+(?:accusons|avons\s+bien)|j['’](?:ai\s+bien|accuse))\s+(?:reçu|réception
      |pris\s+(?:bonne\s+)?note)\b.{0,60}\b(?:message|courriel|mail|e-mail|demande|envoi)
      | (?:cette|mon|notre|l['’])\s*(?:adresse|boîte|boite
      |messagerie)\b.{0,60}\bn['’]est\s+(?:plus|pas)\s | je\s+(?:n['’]ai\s+pas
      |n['’]aurai\s+pas)\s+accès\s+à\s+m(?:a|es)\s+(?:messagerie|mails|courriels)
      | ^absente?s?\b.{0,40}\b(?:jusqu|du\s+\d|le\s+\d|au\s+\d) | \bon\s+leave\s+(?:until|from)
      | \bsuis\s+absente?\s+et\s+ne\s+(?:consulte|lis|relève)
      | \bout\s+of\s+(?:the\s+)?office\b | \bautomatic\s+(?:reply|response)\b |
      \bauto(?:matic)?-?(?:reply|generated)\b |
      \bwill\s+(?:reply|respond|answer)\b.{0,60}\breturn\b""",
    re.IGNORECASE | re.VERBOSE,
)
_WEAK = re.compile(
    r"""en\s+cas\s+d['’](?:urgence|absence|nécessité) | pour\s+toute\s+(?:urgence|question
      |demande|information)
      | (?:vous\s+pouvez|veuillez|merci\s+d[e'’]|prière\s+d[e'’])\s*(?:[\w']+\s+){0,2}
        (?:contacter|joindre|adresser|appeler|écrire|envoyer|renvoyer|utiliser|prendre\s+contact)
      | (?:contactez|appelez|adressez|joignez)\b | sera\s+(?:traitée?|lue?|examinée?|prise?
      |transmise?|transférée?) | ne\s+(?:sera|seront|pourra|pourrai|serai)\w*\s
      | pendant\s+(?:mon|cette)\s+(?:absence|période) | (?:durant|pendant)\s+mes\s+(?:congés
      |vacances) | merci\s+de\s+votre\s+compréhension | dans\s+les\s+(?:meilleurs
      |plus\s+brefs)\s+délais | mon\s+(?:collègue|remplaçant|secrétariat) | le\s+secrétariat
      | absente?\b | congés?\b | vacances\b | in\s+case\s+of\s+emergency | please\s+contact""",
    re.IGNORECASE | re.VERBOSE,
)
# somebody who asks, wants or judges is a person, whatever else the text says
_OPINION = re.compile(
    r"\b(?:propos(?:e|ons|er|ition)\w*|souhait\w+|voudr\w+|faut|faudrait?|devrai\w*|doi(?:t"
    r"|vent)|pense|pensons|estim(?:e|ons)|trouve|suggèr\w+|regrett\w+|constat\w+"
    r"|manqu\w+|besoin|je\s+demande|mon\s+avis|à\s+mon\s+sens|trop|contribution\s+:|pourquoi"
    r"|sécurité|habitants?)\b",
    re.IGNORECASE,
)
# no sentence is _STRONG without one of these
_STRONG_HINTS = (
    *word_set("""
        automati absen congé vacances déplacement formation arrêt indisponible joignable retour
        bureau répond reçu récep note parven enregistr transmis compte n'est n’est accès office
        leave return
        """),
    "rai ",
    "rons ",
)
_MAX_WORDS = 120


def machine_of(message: Part, address: str | None, subject: str, own_text: str) -> str | None:
    """Class a message: bounce, auto_reply, bulk or spam, the first that holds; None: a person's."""
    if _is_bounce(message, address, subject):
        return "bounce"
    if _is_auto_reply(message) or _reads_as_auto_reply(subject, own_text):
        return "auto_reply"
    if _is_bulk(message):
        return "bulk"
    if _is_spam(message):
        return "spam"
    return None


def _is_bounce(message: Part, address: str | None, subject: str) -> bool:
    if message.media_type == "multipart/report":
        kind = message.parameters.get("report-type", "").lower()
        if kind == "delivery-status" or any(
            p.media_type == "message/delivery-status" for p in message.children
        ):
            return True
    if "x-failed-recipients" in message.headers:
        return True
    sender = (address or message.header("from").rpartition("<")[2]).partition("@")[0].lower()
    if sender in _SYSTEM_SENDERS:
        return (
            sender != "postmaster"
            or _has_no_return_path(message)
            or bool(_BOUNCE_SUBJECT.search(subject))
        )
    return _has_no_return_path(message) and bool(_BOUNCE_SUBJECT.search(subject))


def _has_no_return_path(message: Part) -> bool:
    return (
        "return-path" in message.headers and message.header("return-path").replace(" ", "") == "<>"
    )


def _is_auto_reply(message: Part) -> bool:
    automatic = message.header("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
    if automatic not in _NO or message.media_type == "multipart/report":
        return True
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-mail-autoreply",
        "x-auto-reply",
        "x-vacation",
    ):
        if name in message.headers and message.header(name).lower() not in (_NO - {""}):
            return True
    kinds = {
        message.header(n).lower().replace("-", "_")
        for n in ("precedence", "x-precedence", "preference")
    }
    return (
        bool(kinds & {"auto_reply", "autoreply"})
        or message.header("delivered-to").lower() == "autoresponder"
    )


def _is_bulk(message: Part) -> bool:
    if "list-unsubscribe" in message.headers or "list-id" in message.headers:
        return True
    return message.header("precedence").lower() in ("bulk", "list", "junk")


def _is_spam(message: Part) -> bool:
    return any(
        message.header(n).lower().startswith("yes")
        for n in ("x-spam-flag", "x-spam-status", "x-spam")
    )


def _reads_as_auto_reply(subject: str, text: str) -> bool:
    """Tell a text nearly all of whose sentences say: I am away, or: your message has arrived."""
    if len(text) > 2_000:
        return False
    low = text.lower()
    if not any(hint in low for hint in _STRONG_HINTS) or _OPINION.search(low):
        return False
    total = strong = typical = 0
    needed = 0.5 if _ABSENCE_SUBJECT.search(subject) else 0.85
    for sentence in sentences(text):
        words = len(WORD.findall(sentence))
        if is_greeting(sentence) or is_closing(sentence) or not words:
            continue
        total += words
        if _STRONG.search(sentence) and words <= 45:
            strong += words
        elif _WEAK.search(sentence) and words <= 45:
            typical += words
        if total - strong - typical > (1 - needed) * _MAX_WORDS:
            return False
    if not strong or total > _MAX_WORDS:
        return False
    return strong + typical >= needed * total
