"""The letter that goes with the synthesis, its place, date and signature left to be filled in."""

from __future__ import annotations

import re

from tasks.consultation import Consultation
from tasks.report.document import Inline, Letter, Prose, prose
from tasks.report.model import Synthesis
from tasks.report.typography import count, date_fr, french
from tasks.report.wording import closing

# « Monsieur le Ministre de l'Intérieur » is greeted as « Monsieur le Ministre ».
_GREETED = re.compile(
    r"(?:Monsieur le|Madame la|Madame le) .+?"
    r"(?=,| (?:de|du|des|délégué|déléguée|chargé|chargée)\b| d['’](?!État)|\Z)"
)


def letter(synthesis: Synthesis, consultation: Consultation) -> Letter:
    """Write the letter to the addressee."""
    return Letter(
        sender=french(consultation.organiser),
        addressee=french(consultation.addressee),
        place_and_date="[Lieu], le [date]",
        subject=prose(
            "**Objet :** {title} – synthèse de la consultation publique",
            {"title": french(consultation.title)},
        ),
        paragraphs=_paragraphs(synthesis, consultation),
        signature="[Prénom, nom, qualité]",
        enclosed=french("P. J. : la synthèse et ses annexes."),
    )


def salutation(addressee: str) -> str:
    """Greet the addressee by title, without the department that the title is of."""
    greeted = _GREETED.match(addressee)
    return french(greeted[0] if greeted else "Madame, Monsieur")


def _paragraphs(synthesis: Synthesis, consultation: Consultation) -> tuple[Prose, ...]:
    opening = consultation.opening.astimezone(consultation.timezone).date()
    total = synthesis.total
    values: dict[str, Inline] = {
        "salutation": salutation(consultation.addressee),
        "title": french(consultation.title),
        "opening": date_fr(opening),
        "closing": closing(consultation),
        "as_of": date_fr(synthesis.publication.as_of_date),
        "themes": count(len(consultation.themes), "thème annoncé", "thèmes annoncés"),
        "received": count(total.received, "message", "messages"),
        "accepted": count(total.accepted, "contribution", "contributions"),
        "contributors": count(synthesis.contributor_count, "contributeur"),
        "propositions": count(
            synthesis.proposition_group_count, "proposition concrète", "propositions concrètes"
        ),
        "constats": count(synthesis.constat_group_count, "constat"),
    }
    asked = _ASKED_CLOSED if synthesis.publication.is_final else _ASKED_OPEN
    received = _RECEIVED if total.accepted else _NOTHING_RETAINED
    texts = ("{salutation},", asked, received, _NO_POLL, _REGARDS)
    return tuple(prose(text, values) for text in texts)


_ASKED_CLOSED = (
    "J'ai l'honneur de vous adresser la synthèse de la consultation publique « {title} », ouverte "
    "du {opening} au {closing} sur {themes}."
)
_ASKED_OPEN = (
    "J'ai l'honneur de vous adresser une synthèse d'étape de la consultation publique "
    "« {title} », ouverte depuis le {opening}, et jusqu'au {closing}, sur {themes}."
)
_RECEIVED = (
    "Au {as_of}, la consultation a recueilli {received}. Nous en avons retenu {accepted}, de "
    "{contributors} ; chaque message mis de côté est compté avec sa raison. La synthèse annexée en "
    "dégage {constats} et {propositions}, rangés par thème et du plus au moins partagé. Chacun y "
    "est accompagné du nombre de ses contributeurs et d'une citation exacte, et permet de remonter "
    "aux contributions qui le fondent."
)
_NOTHING_RETAINED = (
    "Au {as_of}, la consultation a recueilli {received}, et aucune contribution n'a pu en être "
    "retenue ; chaque message mis de côté est compté avec sa raison."
)
_NO_POLL = (
    "Cette consultation n'est ni un sondage ni un vote : ont écrit celles et ceux qui le "
    "souhaitaient, et leurs avis ne représentent pas la population. Les envois en nombre y sont "
    "signalés, sans être retirés. La méthode, ses limites et les seuils retenus sont exposés dans "
    "la synthèse."
)
_REGARDS = "Je vous prie d'agréer, {salutation}, l'expression de ma très haute considération."
