"""« L'essentiel »: the figures, and what is most shared in each theme, on one screen."""

from __future__ import annotations

from tasks.report.document import (
    Block,
    Essential,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Section,
    prose,
)
from tasks.report.model import Synthesis, ThemeSynthesis
from tasks.report.typography import count, french

STRONGEST = 2  # groups of each kind, of each theme


def essential(synthesis: Synthesis) -> Section:
    """Write the first screen."""
    if synthesis.total.accepted:
        said: list[Block] = [
            Paragraph(
                prose(
                    "En tête de chaque thème, les propositions et les constats les plus partagés, "
                    "et devant chacun le nombre de ses contributeurs. Ont écrit celles et ceux qui "
                    "le voulaient : ces nombres ne mesurent pas l'opinion "
                    "([méthode et limites](#methode))."
                ),
                "note",
            ),
            *(
                _strongest(theme)
                for theme in synthesis.themes
                if theme.propositions or theme.constats
            ),
        ]
    else:
        said = [Paragraph(prose("Aucune contribution retenue à ce jour."), "empty")]
    return Section("essentiel", french("L'essentiel"), (_figures(synthesis), *said))


def _figures(synthesis: Synthesis) -> KeyFigures:
    figures = (
        (synthesis.total.received, "message reçu", "messages reçus", "registre"),
        (synthesis.total.accepted, "contribution retenue", "contributions retenues", "registre"),
        (synthesis.contributor_count, "contributeur", "contributeurs", "par-theme"),
        (synthesis.proposition_group_count, "proposition", "propositions", "par-nature"),
        (synthesis.constat_group_count, "constat", "constats", "par-nature"),
    )
    return KeyFigures(
        tuple(
            KeyFigure(value, singular if value < 2 else plural, target)
            for value, singular, plural, target in figures
        )
    )


def _strongest(theme: ThemeSynthesis) -> Essential:
    return Essential(
        f"theme-{theme.code}",
        french(theme.short_label),
        count(theme.contributor_count, "contributeur"),
        theme.propositions[:STRONGEST],
        theme.constats[:STRONGEST],
    )
