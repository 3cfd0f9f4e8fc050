"""In which quality somebody writes, told by the words they sign or present themselves with.

Patterns are matched at the start of a few words, folded by `plain_words` and joined by spaces:
"Femme de gendarme" starts with no function. A person's function and the body that a letter is of
(a town hall, a brigade, an association) are told apart: many say "notre école" and mean a place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

INHABITANT, ELECTED, FORCE, PARTNER = "habitant", "élu", "force de sécurité", "partenaire"

# "Monsieur le", "La 1re": what may stand before a function.
_INTRODUCED = (
    r"(?:(?:pour|le|la|les|l|un|une|des|monsieur|madame|m|mme|votre|vos|simples?|jeunes?|premiere?"
    r"|deuxieme|troisieme|seconde?|\d+ ?(?:ere?|eme|e|nde?)) )*+"
)
_PAST = re.compile(r"\b(?:retraitee?s?|retraite|honoraires?|en disponibilite)\b")
_COMPANY = re.compile(r"\b(?:sarl|sas|sasu|eurl|selarl|scop|gaec|siret|rcs)\b")


def _alternatives(*patterns: str) -> str:
    return rf"(?:{'|'.join(patterns)})\b"


# In the order in which one quality covers another: the municipal police of a town hall.
_PERSONS: Mapping[str, str] = {
    FORCE: _alternatives(
        "gendarme|policiere?|flic|gardienne? de la paix|garde champetre|asvp",
        "commissaire (?:de police|divisionnaire|central)",
        "adjointe? de securite|agente? de police|officiere? de (?:gendarmerie|police)",
        "reserviste (?:de la|en|dans la) (?:gendarmerie|police)|cheff?e? de police",
        r"(?:adjudante?|majore?|marechale?|brigadiere?|capitaine|commandante?|lieutenante?|colonel"
        r"|generale?|chef|cheffe) .*\b(?:gendarmerie|police|brigade|cob|peloton|psig|compagnie)",
    ),
    ELECTED: _alternatives(
        "maire|deputee?|senat(?:eur|rice)",
        r"elue?(?= (?:municipale?|locale?|de|d|depuis)\b)",
        "adjointe?(?: (?:au|a la|a l|aux|chargee?|deleguee?)|$)",
        "conseill(?:er|ere) (?:municipale?|departementale?|regionale?|communautaire|generale?)",
        r"(?:vice )?presidente? (?:de|du) .*\b(?:communaute|agglomeration|metropole|departement"
        r"|region|conseil (?:departemental|regional))",
        r"(?:secretaire|secretariat|directeur|directrice|services?|cabinet) .*\b(?:mairie|maire)",
        "(?:directeur|directrice) generale? des services|dgs",
    ),
    PARTNER: _alternatives(
        "(?:vice )?presidente?(?! francais| de la republique)|porte parole",
        "tresori(?:er|ere)|gerante?|dirigeante?|pdg|cheff?e? d (?:entreprise|etablissement)",
        "proviseure?|principale?(?= d|$)",
        "direct(?:eur|rice)(?! (?:de projet|commercial|technique|financi|marketing))",
        "recteur|rectrice|(?:sous )?prefete?|procureure?",
        "secretaire (?:generale?|departementale?|regionale?|de l association)",
        "deleguee? (?:syndicale?|departementale?|regionale?)",
    ),
    INHABITANT: _alternatives(
        "(?:con)?citoyen(?:ne)?|habitante?|riveraine?|administree?|contribuable|residente?",
        "elect(?:eur|rice)|villageoise?|usagere?|voisine?|parent|maman|papa",
        "(?:grand )?(?:mere|pere) de famille|referente? participation citoyenne",
    ),
}
_BODIES: Mapping[str, str] = {
    FORCE: _alternatives(
        "gendarmes|gendarmerie|policiers|police (?:nationale|municipale|rurale|aux frontieres)",
        "commissariat|cob|psig|bta|crs|peloton|groupement de gendarmerie",
        "compagnie (?:de gendarmerie|republicaine)",
        "brigade (?:de gendarmerie|territoriale|de proximite|motorisee|de police|de recherches)",
    ),
    ELECTED: _alternatives(
        "mairie|maires|elus|conseil municipal|conseillers municipaux",
        "(?:ville|commune) (?:de|d|du|des)",
    ),
    PARTNER: _alternatives(
        "asso|association|amicale|collectif|comite|federation|syndicat|confederation|club|ligue",
        "union (?:departementale|locale|nationale|regionale|syndicale|commerciale)",
        "bureau (?:de l|du|de la)|cgt|cfdt|fnsea|fdsea|unsa|alliance police|unite sgp",
        "societe|entreprise|ets|etablissements|pharmacie|garage|transports|chambre (?:de|d|des)",
        "lycee|college|ecole|universite|iut|ehpad|hopital|clinique|cabinet|ccas|mission locale",
        "centre (?:hospitalier|social|communal|culturel)|academie|rectorat|inspection",
        "(?:sous )?prefecture|direction (?:departementale|regionale|generale|des|de)|ddt",
        "tribunal|parquet|sdis|service departemental|conseil (?:departemental|regional)",
        "communaute (?:de|d)|caf|cpam|sncf|office (?:public|de)|france victimes",
        "maison (?:de|des|pour)|ufc|cidff|tabac|boulangerie|restaurant|hotel",
    ),
    INHABITANT: _alternatives(
        "(?:con)?citoyens|citoyennes|habitants|habitantes|riverains|riveraines|residents",
        "contribuables|famille|parents|usagers|voisins",
    ),
}
QUALITIES = tuple(_PERSONS)


def quality_of_person(words: str) -> str | None:
    """Tell the function that these words begin with; one held in the past is none."""
    quality = _matched(_PERSON, words)
    return None if quality in {FORCE, ELECTED} and _PAST.search(words) else quality


def quality_of_body(words: str) -> str | None:
    """Tell what the body is that these words begin with."""
    return PARTNER if _COMPANY.search(words) else _matched(_BODY, words)


def _compiled(patterns: Mapping[str, str]) -> re.Pattern[str]:
    """Compile one pattern with a group a quality, the foremost first."""
    groups = "|".join(f"({patterns[quality]})" for quality in QUALITIES)
    return re.compile(rf"{_INTRODUCED}(?:{groups})")


def _matched(pattern: re.Pattern[str], words: str) -> str | None:
    found = pattern.match(words)
    return QUALITIES[found.lastindex - 1] if found and found.lastindex else None


_PERSON, _BODY = _compiled(_PERSONS), _compiled(_BODIES)
