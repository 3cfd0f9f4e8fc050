"""Mail that no person wrote: bounces, automatic replies, bulk mail, spam.

Headers are believed first. Without them only a short text in the words of an absence or of an
acknowledgement is a machine's: no contribution may ever be taken for one.
"""

from __future__ import annotations

import re

from tasks.mail.absences import reads_as_auto_reply
from tasks.mail.mime import Part

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


def machine_of(message: Part, address: str | None, subject: str, own_text: str) -> str | None:
    """Class a message by its headers: bounce, auto_reply, bulk or spam, the first that holds.

    Then by its words: auto_reply, or None, a person's.
    """
    if _is_bounce(message, address, subject):
        return "bounce"
    if _is_auto_reply(message):
        return "auto_reply"
    if _is_bulk(message):
        return "bulk"
    if _is_spam(message):
        return "spam"
    return "auto_reply" if reads_as_auto_reply(own_text, subject) else None


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
