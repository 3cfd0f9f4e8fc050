"""The closed list of what can become of a submission, in order: the first that applies is given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """A status, the reason for it, and the label that readers see."""

    status: str
    code: str
    label: str


REASONS = (
    Reason("withdrawn", "withdrawn", "retirée à la demande de son auteur"),
    Reason("withdrawn", "disowned", "non écrite par son auteur présumé"),
    Reason("withdrawn", "expired", "supprimée au terme de la durée de conservation"),
    Reason("quarantined", "unreadable", "illisible"),
    Reason("quarantined", "too_large", "trop volumineux"),
    Reason("duplicate", "duplicate_message", "même message reçu plusieurs fois"),
    Reason("rejected", "bounce", "avis de non-remise"),
    Reason("rejected", "auto_reply", "réponse automatique"),
    Reason("rejected", "bulk", "envoi en nombre"),
    Reason("rejected", "spam", "indésirable, selon le serveur de messagerie"),
    Reason("rejected", "before_opening", "avant l'ouverture"),
    Reason("rejected", "after_deadline", "hors délai"),
    Reason(
        "quarantined",
        "to_read",
        "à lire par une personne (image, document numérisé, format inconnu)",
    ),
    Reason("rejected", "empty", "sans contenu"),
    Reason("duplicate", "superseded", "remplacée par son auteur"),
    Reason("duplicate", "duplicate_text", "même auteur, même texte"),
)
