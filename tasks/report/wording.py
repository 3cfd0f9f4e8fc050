"""Turns of phrase that come back: what is said of a ledger, a group, a date, a long quotation.

For the sections and for every format alike, so that a group is told in the same words everywhere.
"""

from __future__ import annotations

import re
from datetime import timedelta

from tasks.consultation import Consultation
from tasks.report.model import Group, Ledger
from tasks.report.typography import count, date_fr, day_month, french, instant_fr, share
from warehouse.contracts import WEIGHT_LABELS

STATUS_WORDS = {
    "accepted": ("retenu", "retenus"),
    "duplicate": ("doublon", "doublons"),
    "rejected": ("rejeté", "rejetés"),
    "quarantined": ("en attente d’une personne", "en attente d’une personne"),
    "withdrawn": ("retiré", "retirés"),
}
STATEMENT_CHARS = 1_500  # of a statement, before it is cut
LETTER_CHARS = 6_000  # of a whole letter

_AGREEMENTS = (
    (0.0, "nul"),
    (0.2, "très faible"),
    (0.4, "faible"),
    (0.6, "modéré"),
    (0.8, "fort"),
    (1.0, "presque parfait"),
)
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LAST_SPACE = re.compile(r"\s+(?=\S*\Z)")


def identity(ledger: Ledger) -> str:
    """Say that what was received is what was retained and what was not: 62 messages = 44 + …."""
    ends = " + ".join(
        count(getattr(ledger, status), *words) for status, words in STATUS_WORDS.items()
    )
    return f"{count(ledger.received, 'message reçu', 'messages reçus')} = {ends}"


def agreement(kappa: float) -> str:
    """Name an agreement between two readers, as Landis and Koch (1977) do."""
    return next(name for most, name in _AGREEMENTS if kappa <= most)


def weight_mark(label: str) -> str:
    """Draw a weight label as filled dots of four, so that colour is not needed to compare."""
    filled = len(WEIGHT_LABELS) - WEIGHT_LABELS.index(label)
    return "●" * filled + "○" * (len(WEIGHT_LABELS) - filled)


def closing(consultation: Consultation) -> str:
    """Say until when contributions count; the deadline itself is the first instant that is late."""
    deadline = consultation.deadline.astimezone(consultation.timezone)
    if (deadline.hour, deadline.minute) == (0, 0):
        return f"{date_fr(deadline.date() - timedelta(days=1))} inclus"
    return instant_fr(deadline)


def voices(group: Group) -> str:
    """Say how many contributors a group has."""
    return count(group.contributor_count, "contributeur")


def voices_share(group: Group) -> str:
    """Say what share of the theme's contributors that is."""
    return f"{share(group.contributor_share)} de ceux du thème"


def campaign_part(group: Group) -> str | None:
    """Say how much of a group campaigns wrote; null when they wrote nothing of it."""
    if not group.campaign_share:
        return None
    return french(f"{share(group.campaign_share)} des énoncés viennent d'une campagne")


def extent(group: Group) -> str:
    """Say what a group's contributors sent."""
    return (
        f"{count(group.contribution_count, 'contribution')}, "
        f"{count(group.statement_count, 'énoncé')}, "
        f"{count(group.distinct_text_count, 'texte distinct', 'textes distincts')}, "
        f"depuis le {day_month(group.first_date)}"
    )


def visible(words: str) -> str:
    """Show a mark where a page can hold no character: nothing is dropped in silence."""
    return _INVISIBLE.sub("\ufffd", words)


def beginning(words: str, most: int = STATEMENT_CHARS) -> str:
    """Return words, or those of their first `most` characters that are whole."""
    if len(words) <= most:
        return words
    return _LAST_SPACE.split(words[:most])[0] or words[:most]


def cut(words: str, whole: str, most: int = STATEMENT_CHARS) -> str | None:
    """Say how much `beginning` leaves out, and under which identifier the whole is."""
    left = len(words) - len(beginning(words, most))
    if not left:
        return None
    return french(f"[coupé ici : {count(left, 'caractère')} de plus ; texte entier : {whole}]")
