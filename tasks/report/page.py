"""`synthese.html`: the synthesis as one self-contained page, readable without a script.

Words and order are the template's, looks the style sheet's, figures the model's; here they meet.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tasks.consultation import Consultation
from tasks.report import charts, typography
from tasks.report.model import (
    Commune,
    Ledger,
    Synthesis,
    ThemeSynthesis,
    days_between,
    read_synthesis,
)
from tasks.report.typography import (
    count,
    date_fr,
    day_month,
    french,
    instant_fr,
    listing,
    number,
)
from warehouse.contracts import ENOUGH_OF_CLASS, ENOUGH_READ, WEIGHT_LABELS

LONG_QUOTE = 700  # characters: a longer quotation is folded
STATUS_WORDS = {
    "accepted": ("retenu", "retenus"),
    "duplicate": ("doublon", "doublons"),
    "rejected": ("rejeté", "rejetés"),
    "quarantined": ("en attente d’une personne", "en attente d’une personne"),
    "withdrawn": ("retiré", "retirés"),
}

AGREEMENTS = (
    (0.0, "nul"),
    (0.2, "très faible"),
    (0.4, "faible"),
    (0.6, "modéré"),
    (0.8, "fort"),
    (1.0, "presque parfait"),
)


def render_page(
    tables: Mapping[str, pa.Table],
    consultation: Consultation,
    communes: Sequence[Commune] = (),
) -> str:
    """Write the page from the published tables, keyed by qualified name.

    `communes` are those that may be shown. They are not read from the tables, which hide none.
    Raises SynthesisError when the tables contradict the consultation or each other.
    """
    synthesis = read_synthesis(tables, consultation)
    style = _style()
    days = _charted_days(synthesis, consultation)
    return (
        _environment()
        .get_template("synthese.html.jinja")
        .render(
            consultation=consultation,
            synthesis=synthesis,
            measured=[quality for quality in synthesis.qualities if quality.macro_f1],
            communes=sorted(communes, key=lambda c: (-c.contributor_count, c.name)),
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            closing=_closing(consultation),
            identity=identity,
            outside=sum(d.received for d in synthesis.days if d.day not in days),
            chart_by_day=_chart_by_day(synthesis, days),
            chart_by_theme=_chart_by_theme(synthesis),
            theme_charts={theme.code: _theme_chart(theme, days) for theme in synthesis.themes},
        )
    )


def identity(ledger: Ledger) -> str:
    """Say that what was received is what was retained and what was not: 62 messages = 44 + …."""
    ends = " + ".join(
        count(getattr(ledger, status), *words) for status, words in STATUS_WORDS.items()
    )
    return f"{count(ledger.received, 'message reçu', 'messages reçus')} = {ends}"


def agreement(kappa: float) -> str:
    """Name an agreement between two readers, as Landis and Koch (1977) do."""
    return next(name for most, name in AGREEMENTS if kappa <= most)


def weight_mark(label: str) -> str:
    """Draw a weight label as filled dots of four, so that colour is not needed to compare."""
    filled = len(WEIGHT_LABELS) - WEIGHT_LABELS.index(label)
    return "●" * filled + "○" * (len(WEIGHT_LABELS) - filled)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tasks.report", "templates"),
        extensions=[typography.FrenchProse],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "share": typography.share,
        "measure": typography.measure,
        "agreement": agreement,
        "date_fr": date_fr,
        "day_month": day_month,
        "instant_fr": instant_fr,
        "french": french,
        "weight_mark": weight_mark,
    }
    environment.globals |= {
        "count": count,
        "share_bar": charts.share_bar,
        "status_words": STATUS_WORDS,
        "weight_labels": WEIGHT_LABELS,
        "long_quote": LONG_QUOTE,
        "enough_read": ENOUGH_READ,
        "enough_of_class": ENOUGH_OF_CLASS,
    }
    return environment


@functools.cache
def _style() -> Markup:
    loader = PackageLoader("tasks.report", "templates")
    source, _, _ = loader.get_source(Environment(autoescape=True), "synthese.css")
    return Markup(source)  # noqa: S704 - ours, and a style sheet has no other way in


def _closing(consultation: Consultation) -> str:
    """Say until when contributions count; the deadline itself is the first instant that is late."""
    deadline = consultation.deadline.astimezone(consultation.timezone)
    if (deadline.hour, deadline.minute) == (0, 0):
        return f"{date_fr(deadline.date() - timedelta(days=1))} inclus"
    return instant_fr(deadline)


def _charted_days(synthesis: Synthesis, consultation: Consultation) -> tuple[date, ...]:
    """List the days of the consultation so far: a stray date must not stretch a chart."""
    zone = consultation.timezone
    last = (consultation.deadline - timedelta(microseconds=1)).astimezone(zone).date()
    return days_between(
        consultation.opening.astimezone(zone).date(), min(last, synthesis.publication.as_of_date)
    )


def _chart_by_day(synthesis: Synthesis, days: tuple[date, ...]) -> charts.Chart:
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
            description=_describe_days(drawn, "message reçu", "messages reçus"),
        ),
    )


def _theme_chart(theme: ThemeSynthesis, days: tuple[date, ...]) -> charts.Chart:
    counts = {entry.day: entry.contribution_count for entry in theme.days}
    drawn = [charts.Column(day, counts.get(day, 0)) for day in days]
    return charts.columns(
        drawn,
        charts.Caption(
            identifier=f"chart-theme-{theme.code}",
            title=french(f"{theme.short_label} : contributions par jour"),
            description=_describe_days(drawn, "contribution"),
        ),
        plot_em=4.5,
    )


def _describe_days(days: list[charts.Column], singular: str, plural: str | None = None) -> str:
    highest = max(days, key=lambda column: column.total, default=None)
    if highest is None or highest.total == 0:
        return "Rien à ce jour."
    return french(
        f"Du {day_month(days[0].day)} au {date_fr(days[-1].day)}. Le plus haut : "
        f"{count(highest.total, singular, plural)}, le {day_month(highest.day)}."
    )


def _chart_by_theme(synthesis: Synthesis) -> charts.Chart:
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
