"""A theme: its figures, its days, its propositions and constats, its opposite positions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from tasks.consultation import Consultation
from tasks.report import charts
from tasks.report.document import (
    Block,
    Column,
    Contrast,
    Drawing,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Ranking,
    Section,
    Table,
    prose,
)
from tasks.report.model import Group, Synthesis, ThemeSynthesis
from tasks.report.sections.participation import NOTHING, days_of, describe_days
from tasks.report.typography import count, french, share

_NONE = {"proposition": "Aucune proposition à ce jour.", "constat": "Aucun constat à ce jour."}


def theme_section(
    theme: ThemeSynthesis, synthesis: Synthesis, consultation: Consultation, place: int
) -> Section:
    """Write an announced theme, the `place`-th."""
    return Section(
        f"theme-{theme.code}",
        french(theme.label[:1].upper() + theme.label[1:]),
        _blocks(theme, synthesis, consultation),
        eyebrow=f"Thème {place}",
        short_title=french(theme.short_label),
    )


def outside_themes(
    theme: ThemeSynthesis, synthesis: Synthesis, consultation: Consultation
) -> Section:
    """Write what none of the announced themes speaks of."""
    told = (
        "Ce qui a été écrit et ne relève d'aucun des thèmes annoncés : compté et cité de la même "
        "façon."
    )
    return Section(
        f"theme-{theme.code}",
        "Propositions hors thème",
        (Paragraph(prose(told)), *_blocks(theme, synthesis, consultation)),
    )


def _blocks(
    theme: ThemeSynthesis, synthesis: Synthesis, consultation: Consultation
) -> tuple[Block, ...]:
    if not theme.contribution_count:
        return (NOTHING,)
    limit = consultation.quotations
    return (
        _figures(theme),
        Paragraph(_shares(theme), "note"),
        _drawing(theme, days_of(synthesis, consultation)),
        Heading(prose("Propositions")),
        _ranking("proposition", theme.propositions, limit),
        Heading(prose("Constats")),
        _ranking("constat", theme.constats, limit),
        *_oppositions(theme, limit),
    )


def _figures(theme: ThemeSynthesis) -> KeyFigures:
    figures = (
        (theme.contributor_count, "contributeur", "contributeurs"),
        (theme.contribution_count, "contribution", "contributions"),
        (theme.proposition_count, "énoncé de proposition", "énoncés de proposition"),
        (theme.constat_count, "énoncé de constat", "énoncés de constat"),
    )
    return KeyFigures(
        tuple(KeyFigure(value, one if value < 2 else many) for value, one, many in figures),
        small=True,
    )


def _shares(theme: ThemeSynthesis) -> tuple[str, ...]:
    campaigns = theme.campaign_contribution_count
    copied = (
        count(campaigns, "contribution vient", "contributions viennent")
        if campaigns
        else "aucune contribution ne vient"
    )
    return (
        french(
            f"{share(theme.contributor_share)} des contributeurs de la consultation ; "
            f"{copied} d'une campagne."
        ),
    )


def _drawing(theme: ThemeSynthesis, days: Sequence[date]) -> Drawing:
    counts = {entry.day: entry.contribution_count for entry in theme.days}
    drawn = [charts.Column(day, counts.get(day, 0)) for day in days]
    chart = charts.columns(
        drawn,
        charts.Caption(
            identifier=f"chart-theme-{theme.code}",
            title=french(f"{theme.short_label} : contributions par jour"),
            description=describe_days(drawn, "contribution"),
        ),
        plot_em=4.5,
    )
    table = Table(
        f"table-theme-{theme.code}",
        french(f"{theme.short_label} : contributions et contributeurs par jour"),
        (Column("Jour", "day"), Column("Contributions"), Column("Contributeurs du jour")),
        tuple(
            (entry.day, entry.contribution_count, entry.contributor_count) for entry in theme.days
        ),
    )
    return Drawing(chart, table)


def _ranking(
    kind: Literal["constat", "proposition"], groups: tuple[Group, ...], limit: int
) -> Block:
    if not groups:
        return Paragraph(prose(_NONE[kind]), "empty")
    return Ranking(kind, groups[:limit], len(groups[limit:]))


def _oppositions(theme: ThemeSynthesis, limit: int) -> list[Block]:
    """Set opposite positions side by side, the most shared first; say how many are left out."""
    if not theme.oppositions:
        return []
    told = (
        "Des groupes qui, avec les mêmes mots, demandent ou disent le contraire l'un de l'autre : "
        "un programme les a rapprochés, au lecteur d'en juger."
    )
    blocks: list[Block] = [
        Heading(prose("Positions opposées")),
        Paragraph(prose(told), "note"),
        *(Contrast(pair.one, pair.other) for pair in theme.oppositions[:limit]),
    ]
    if others := len(theme.oppositions[limit:]):
        left = count(others, "autre paire", "autres paires")
        told = "et {left}, dans `csv/oppositions.csv`"
        blocks.append(Paragraph(prose(told, {"left": left}), "note"))
    return blocks
