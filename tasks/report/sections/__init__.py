"""The synthesis in French: its words, tables and charts, one module a section, said once.

`compose` puts them in order; how they look is each format's matter.
"""

from __future__ import annotations

from collections.abc import Sequence

from tasks.consultation import HORS_THEME, Consultation
from tasks.report.charts import Chart
from tasks.report.document import Document, Prose, Term, prose
from tasks.report.model import Commune, Publication, Synthesis
from tasks.report.sections.annexes import ledger, thresholds, version
from tasks.report.sections.campaigns import campaigns
from tasks.report.sections.essential import essential
from tasks.report.sections.glossary import glossary
from tasks.report.sections.letter import letter
from tasks.report.sections.method import method
from tasks.report.sections.news import news
from tasks.report.sections.participation import participation
from tasks.report.sections.theme import outside_themes, theme_section
from tasks.report.typography import date_fr, french, instant_fr
from tasks.report.wording import closing


def compose(
    synthesis: Synthesis,
    consultation: Consultation,
    communes: Sequence[Commune],
    map_of_communes: Chart | None = None,
) -> Document:
    """Write the synthesis; `communes` are those that may be shown, drawn on the map if any."""
    announced = [theme for theme in synthesis.themes if theme.code != HORS_THEME]
    others = [theme for theme in synthesis.themes if theme.code == HORS_THEME]
    publication = synthesis.publication
    return Document(
        title=french(consultation.title),
        subtitle=f"Synthèse au {date_fr(publication.as_of_date)}",
        organiser=french(consultation.organiser),
        state=_state(publication),
        is_draft=publication.is_draft,
        facts=_facts(publication, consultation),
        letter=letter(synthesis, consultation),
        sections=(
            essential(synthesis),
            method(synthesis),
            participation(synthesis, consultation, communes, map_of_communes),
            *(
                theme_section(theme, synthesis, consultation, place)
                for place, theme in enumerate(announced, 1)
            ),
            news(synthesis, consultation),
            campaigns(synthesis, consultation),
            *(outside_themes(theme, synthesis, consultation) for theme in others),
            glossary(consultation),
        ),
        annexes=(ledger(synthesis), thresholds(consultation), version(publication)),
    )


def _state(publication: Publication) -> Prose:
    """Say who signed it and whether it was sent, at the local time of the consultation."""
    if publication.validated_at is None:
        return prose("**Brouillon.** Personne n'a encore validé cette version.")
    values = {
        "validated_at": instant_fr(publication.validated_at),
        "validated_by": french(publication.validated_by or ""),
    }
    if not publication.transmitted_at:
        return prose("**Validée** le {validated_at} par {validated_by}.", values)
    values |= {
        "transmitted_at": instant_fr(publication.transmitted_at),
        "transmitted_to": french(publication.transmitted_to or ""),
    }
    return prose(
        "**Transmise** le {transmitted_at} (destinataire : {transmitted_to}). "
        "Validée le {validated_at} par {validated_by}.",
        values,
    )


def _facts(publication: Publication, consultation: Consultation) -> tuple[Term, ...]:
    if publication.is_provisional:
        standing = "**provisoire** : la journée du {as_of} n'était pas achevée"
    elif publication.is_final:
        standing = "**définitive** : la consultation est close"
    else:
        standing = "**d'étape** : la consultation est ouverte jusqu'au {closing}"
    opening = consultation.opening.astimezone(consultation.timezone).date()
    values = {
        "as_of": date_fr(publication.as_of_date),
        "opening": date_fr(opening),
        "closing": closing(consultation),
        "addressee": french(consultation.addressee),
    }
    return (
        Term("Synthèse", prose(standing, values)),
        Term("Consultation", prose("du {opening} au {closing}", values)),
        Term("Destinataire", prose("{addressee}", values)),
    )
