"""What the columns, tables and codes of the contract are called in French, where people read them.

A column is called the same in every table; where it means something else there, the name of the
table comes before its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tasks.report.wording import STATUS_WORDS
from warehouse.contracts import Column, Table

TABLES: Final[Mapping[str, str]] = {
    "marts.key_figures": "Chiffres d’ensemble",
    "marts.ledger_by_day": "Messages par jour",
    "marts.ledger_by_reason": "Messages par raison",
    "marts.synthesis_by_theme": "Thèmes",
    "marts.propositions": "Propositions",
    "marts.constats": "Constats",
    "marts.gains_of_day": "Dernier jour",
    "marts.examples": "Exemples",
    "marts.oppositions": "Positions opposées",
    "core.campaigns": "Campagnes",
    "marts.contributions_by_theme_and_day": "Thèmes par jour",
    "marts.contributions_by_commune": "Communes",
    "marts.contributions_by_channel": "Voies d’arrivée",
    "marts.quality": "Qualité",
    "marts.quality_by_class": "Qualité par classe",
}

COLUMNS: Final[Mapping[str, str]] = {
    "accepted_count": "Retenus",
    "campaign_contribution_count": "Contributions de campagne",
    "campaign_contributor_count": "Contributeurs de campagne",
    "campaign_count": "Campagnes",
    "campaign_id": "Campagne",
    "campaign_share": "Part des campagnes",
    "channel": "Voie d’arrivée",
    "common_words": "Mots en commun",
    "commune_code": "Code INSEE",
    "commune_name": "Commune",
    "constat_count": "Constats",
    "contribution_count": "Contributions",
    "contributor_count": "Contributeurs",
    "contributor_share": "Part des contributeurs",
    "counted_until": "Comptés jusqu’au",
    "covered_share": "Part des textes distincts couverte",
    "covered_statement_share": "Part des énoncés couverte",
    "distinct_text_count": "Textes distincts",
    "drawn_count": "Énoncés tirés",
    "duplicate_count": "Doublons",
    "exemplar": "Texte de la première",
    "f1": "F1",
    "f1_high": "F1, haut de l’intervalle",
    "f1_low": "F1, bas de l’intervalle",
    "first_date": "Premier énoncé reçu le",
    "first_received_at": "Première réception (UTC)",
    "frequent_contributor_count": "Contributeurs fréquents",
    "gained_contributor_count": "Contributeurs gagnés",
    "group_id": "Groupe",
    "is_new": "Nouveau",
    "is_reviewed": "Relu",
    "kappa": "Kappa",
    "kappa_high": "Kappa, haut de l’intervalle",
    "kappa_low": "Kappa, bas de l’intervalle",
    "kind": "Nature",
    "label": "Libellé",
    "label_type": "Mesure",
    "last_received_at": "Dernière réception (UTC)",
    "macro_f1": "F1 moyen",
    "opposed_group_id": "Groupe opposé",
    "opposed_label": "Libellé opposé",
    "personal_count": "Avec une partie personnelle",
    "population_count": "Énoncés distincts",
    "position": "Rang",
    "precision": "Précision",
    "proposition_count": "Propositions",
    "quality_by_class.label": "Classe",
    "quarantined_count": "En attente d’une personne",
    "quote": "Citation",
    "quote_statement_id": "Énoncé cité",
    "rank": "Rang",
    "read_count": "Énoncés lus",
    "read_twice_count": "Énoncés lus deux fois",
    "reason": "Code de la raison",
    "reason_label": "Raison",
    "recall": "Rappel",
    "received_count": "Reçus",
    "received_date": "Jour",
    "rejected_count": "Rejetés",
    "statement_count": "Énoncés",
    "statement_id": "Énoncé",
    "status": "Sort",
    "submission_count": "Envois",
    "theme": "Thème",
    "theme_label": "Intitulé du thème",
    "told_count": "Selon la machine",
    "true_count": "Selon les lecteurs",
    "weight_label": "Poids",
    "withdrawn_count": "Retirés",
}

VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "status": {status: one for status, (one, _) in STATUS_WORDS.items()},
    "label_type": {"theme": "thèmes", "kind": "natures"},
}


def title(table: Table, column: Column) -> str:
    """Return what a column of a table is called."""
    return COLUMNS.get(f"{table.name}.{column.name}") or COLUMNS[column.name]
