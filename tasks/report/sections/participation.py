"""« Participation »: who wrote, day by day, by commune, by channel and by theme."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from tasks.consultation import Consultation
from tasks.report import charts
from tasks.report.document import (
    Block,
    Column,
    Drawing,
    Heading,
    Legend,
    Paragraph,
    Section,
    Table,
    prose,
)
from tasks.report.model import Commune, Synthesis, days_between
from tasks.report.typography import (
    count,
    date_fr,
    day_month,
    french,
    listing,
    number,
)
from tasks.report.wording import identity

NOTHING = Paragraph(prose("Aucune contribution retenue à ce jour."), "empty")


def participation(
    synthesis: Synthesis,
    consultation: Consultation,
    communes: Sequence[Commune],
    map_of_communes: charts.Chart | None,
) -> Section:
    """Write who took part."""
    return Section(
        "participation",
        "Participation",
        (
            Heading(prose("Jour par jour")),
            *_by_day(synthesis, consultation),
            Heading(prose("Par commune")),
            *_by_commune(communes, consultation.open_data.k, map_of_communes),
            Heading(prose("Par voie d'arrivée")),
            *_by_channel(synthesis),
            Heading(prose("Par thème"), identifier="par-theme"),
            *_by_theme(synthesis),
            Heading(prose("Constats et propositions"), identifier="par-nature"),
            *_by_kind(synthesis),
        ),
    )


def days_of(synthesis: Synthesis, consultation: Consultation) -> tuple[date, ...]:
    """List the days of the consultation so far: a stray date must not stretch a chart."""
    zone = consultation.timezone
    last = (consultation.deadline - timedelta(microseconds=1)).astimezone(zone).date()
    return days_between(
        consultation.opening.astimezone(zone).date(), min(last, synthesis.publication.as_of_date)
    )


def describe_days(days: Sequence[charts.Column], singular: str, plural: str | None = None) -> str:
    """Say what a chart of days shows: from when to when, and its highest column."""
    highest = max(days, key=lambda column: column.total, default=None)
    if highest is None or highest.total == 0:
        return "Rien à ce jour."
    return french(
        f"Du {day_month(days[0].day)} au {date_fr(days[-1].day)}. Le plus haut : "
        f"{count(highest.total, singular, plural)}, le {day_month(highest.day)}."
    )


def _by_day(synthesis: Synthesis, consultation: Consultation) -> list[Block]:
    if not synthesis.total.received:
        return [Paragraph(prose("Aucun message reçu à ce jour."), "empty")]
    days = days_of(synthesis, consultation)
    outside = sum(entry.received for entry in synthesis.days if entry.day not in days)
    blocks: list[Block] = [
        Drawing(
            _chart_of_days(synthesis, days),
            _table_of_days(synthesis),
            (
                Legend("solid", "contributions retenues"),
                Legend(
                    "hollow", french("autres messages : doublons, rejetés, en attente, retirés")
                ),
            ),
        )
    ]
    if outside:
        said = count(
            outside,
            "message reçu hors des dates de la consultation ou sans date n'est pas dessiné ; "
            "il est compté",
            "messages reçus hors des dates de la consultation ou sans date ne sont pas dessinés ; "
            "ils sont comptés",
        )
        told = "{said} dans le tableau et au [registre](#registre)."
        blocks.append(Paragraph(prose(told, {"said": french(said)}), "note"))
    blocks.append(Paragraph((identity(synthesis.total),), "note"))
    return blocks


def _chart_of_days(synthesis: Synthesis, days: Sequence[date]) -> charts.Chart:
    ledger = {entry.day: entry for entry in synthesis.days}
    drawn = [
        charts.Column(day, ledger[day].accepted, ledger[day].set_aside)
        if day in ledger
        else charts.Column(day, 0)
        for day in days
    ]
    return charts.columns(
        drawn,
        charts.Caption(
            identifier="chart-day",
            title="Messages reçus et contributions retenues, par jour",
            description=describe_days(drawn, "message reçu", "messages reçus"),
        ),
    )


def _table_of_days(synthesis: Synthesis) -> Table:
    total = synthesis.total
    return Table(
        "table-day",
        "Messages reçus et contributions retenues, par jour",
        (
            Column("Jour", "day"),
            Column("Messages reçus"),
            Column("Contributions retenues"),
            Column("Autres messages"),
        ),
        tuple(
            (entry.day or "sans date", entry.received, entry.accepted, entry.set_aside)
            for entry in synthesis.days
        ),
        ("Total", total.received, total.accepted, total.set_aside),
    )


def _by_commune(
    communes: Sequence[Commune], k: int, map_of_communes: charts.Chart | None
) -> list[Block]:
    values = {"k": number(k)}
    if not communes:
        missing = (
            "Aucune commune ne peut être montrée à ce jour : il faut, pour l'être, que plus de {k} "
            "contributeurs disent qu'elle est la leur."
        )
        return [Paragraph(prose(missing, values), "empty")]
    told = (
        "Les communes que plus de {k} contributeurs disent être la leur. Un petit nombre peut "
        "désigner quelqu'un : les autres communes ne sont pas montrées, ni celles qui les "
        "laisseraient deviner. Un nombre attend, pour être mis à jour, d'avoir assez changé."
    )
    table = _table_of_communes(communes)
    return [
        Paragraph(prose(told, values)),
        Drawing(map_of_communes, table, _MAP_LEGEND) if map_of_communes else table,
    ]


_MAP_LEGEND = (
    Legend("disc", "contributeurs : la surface du disque"),
    Legend("land", "communes non montrées"),
)


def _table_of_communes(communes: Sequence[Commune]) -> Table:
    return Table(
        "table-commune",
        "Contributeurs par commune",
        (Column("Commune", "text"), Column("Contributeurs"), Column("Comptés jusqu’au", "day")),
        (
            *(
                (commune.name, commune.contributor_count, commune.until)
                for commune in sorted(communes, key=lambda c: (-c.contributor_count, c.name))
            ),
            ("Autres communes", "non montré", None),
        ),
    )


def _by_channel(synthesis: Synthesis) -> list[Block]:
    if not synthesis.channels:
        return [Paragraph(prose("Aucun message reçu à ce jour."), "empty")]
    return [
        Table(
            "table-channel",
            "Messages, contributions et contributeurs, par voie d’arrivée",
            (
                Column(french("Voie d'arrivée"), "text"),
                Column("Messages reçus"),
                Column("Contributions retenues"),
                Column("Contributeurs"),
            ),
            tuple(
                (
                    channel.name,
                    channel.received_count,
                    channel.contribution_count,
                    channel.contributor_count,
                )
                for channel in synthesis.channels
            ),
        )
    ]


def _by_theme(synthesis: Synthesis) -> list[Block]:
    if not synthesis.total.accepted:
        return [NOTHING]
    told = (
        "Une contribution relève de chaque thème dont parle l'un de ses énoncés : les thèmes ne "
        "s'additionnent pas."
    )
    return [
        Paragraph(prose(told)),
        Drawing(
            _chart_of_themes(synthesis),
            _table_of_themes(synthesis),
            (
                Legend("solid", "contributions"),
                Legend("hollow", french("dont celles qui viennent d'une campagne")),
            ),
        ),
    ]


def _chart_of_themes(synthesis: Synthesis) -> charts.Chart:
    return charts.bars(
        [
            charts.Bar(
                french(theme.short_label),
                theme.contribution_count,
                theme.campaign_contribution_count,
            )
            for theme in synthesis.themes
        ],
        charts.Caption(
            identifier="chart-theme",
            title="Contributions par thème",
            description=french(
                listing(
                    f"{theme.short_label} : {number(theme.contribution_count)}"
                    for theme in synthesis.themes
                )
            ),
        ),
    )


def _table_of_themes(synthesis: Synthesis) -> Table:
    return Table(
        "table-theme",
        "Contributions et contributeurs de chaque thème",
        (
            Column("Thème", "text"),
            Column("Contributions"),
            Column("dont campagnes"),
            Column("Textes distincts"),
            Column("Contributeurs"),
            Column("Part des contributeurs", "share"),
        ),
        tuple(
            (
                french(theme.short_label),
                theme.contribution_count,
                theme.campaign_contribution_count,
                theme.distinct_text_count,
                theme.contributor_count,
                theme.contributor_share,
            )
            for theme in synthesis.themes
        ),
    )


def _by_kind(synthesis: Synthesis) -> list[Block]:
    if not synthesis.total.accepted:
        return [NOTHING]
    told = (
        "Les énoncés de chaque thème, et ce qu'ils font une fois réunis : les énoncés qui disent "
        "la même chose comptent pour une proposition, ou un constat."
    )
    return [Paragraph(prose(told)), _table_of_kinds(synthesis)]


def _table_of_kinds(synthesis: Synthesis) -> Table:
    counts = [
        (
            theme.statement_count,
            theme.proposition_count,
            len(theme.propositions),
            theme.constat_count,
            len(theme.constats),
        )
        for theme in synthesis.themes
    ]
    labels = [french(theme.short_label) for theme in synthesis.themes]
    return Table(
        "table-kind",
        "Énoncés, propositions et constats de chaque thème",
        (
            Column("Thème", "text"),
            Column("Énoncés"),
            Column("Énoncés de proposition"),
            Column("Propositions"),
            Column("Énoncés de constat"),
            Column("Constats"),
        ),
        tuple((label, *row) for label, row in zip(labels, counts, strict=True)),
        ("Total", *(sum(column) for column in zip(*counts, strict=True))),
    )
