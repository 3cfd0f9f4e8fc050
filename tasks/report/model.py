"""The synthesis as values: what every document says, read once from the published tables.

One model for all documents, so that a figure cannot differ from one to the next. No words of ours,
no layout: those belong to each document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from tasks.consultation import Consultation
from warehouse.contracts import KINDS, STATUSES

Row = dict[str, Any]


class SynthesisError(ValueError):
    """The tables do not belong to this consultation, or contradict each other."""


@dataclass(frozen=True)
class Publication:
    """What is published, from what, and who signed it; see `meta.publication`."""

    as_of_date: date
    is_final: bool
    is_provisional: bool
    program_version: str
    configuration_sha256: str
    decisions_sha256: str
    input_sha256: str
    publication_version: str
    revision_reason: str | None
    state: str
    validated_by: str | None
    validated_at: datetime | None
    transmitted_at: datetime | None
    transmitted_to: str | None
    accepted_gates: tuple[str, ...]

    @property
    def is_draft(self) -> bool:
        """Whether nobody has signed it."""
        return self.state == "brouillon"


@dataclass(frozen=True)
class Ledger:
    """What became of a day's messages; no day: those without a date, or those of all days."""

    day: date | None
    received: int
    accepted: int
    duplicate: int
    rejected: int
    quarantined: int
    withdrawn: int

    @property
    def set_aside(self) -> int:
        """Messages received that are not retained, whatever the reason."""
        return self.received - self.accepted


@dataclass(frozen=True)
class Reason:
    """How many messages met one end, for one reason."""

    status: str
    label: str
    submission_count: int


@dataclass(frozen=True)
class Example:
    """A statement of a group, in its author's words."""

    statement_id: str
    quote: str


@dataclass(frozen=True)
class Group:
    """Statements that say the same thing; `contributor_share` is of the theme's contributors.

    `examples` are a few of them, in distinct words, the one quoted first.
    """

    rank: int
    group_id: str
    label: str
    contributor_count: int
    contributor_share: float
    contribution_count: int
    statement_count: int
    distinct_text_count: int
    campaign_share: float
    weight_label: str
    quote: str
    quote_statement_id: str
    first_date: date
    is_reviewed: bool
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class DayCount:
    """A theme's contributions of one day."""

    day: date
    contribution_count: int
    contributor_count: int


@dataclass(frozen=True)
class Gain:
    """A group that the last day brought contributors to; new: nobody had said it before."""

    group: Group
    kind: str
    is_new: bool
    gained_contributor_count: int


@dataclass(frozen=True)
class Opposition:
    """Two groups that say the contrary of one another, the more shared first."""

    one: Group
    other: Group
    common_words: str


@dataclass(frozen=True)
class ThemeSynthesis:
    """A theme: its figures, its days in order, its groups by rank.

    `gains` are by how many contributors the last day brought, most first.
    """

    code: str
    label: str
    short_label: str
    contribution_count: int
    contributor_count: int
    contributor_share: float
    statement_count: int
    constat_count: int
    proposition_count: int
    campaign_contribution_count: int
    distinct_text_count: int
    days: tuple[DayCount, ...]
    propositions: tuple[Group, ...]
    constats: tuple[Group, ...]
    gains: tuple[Gain, ...]
    oppositions: tuple[Opposition, ...]


@dataclass(frozen=True)
class Channel:
    """A way in which messages came."""

    name: str
    received_count: int
    contribution_count: int
    contributor_count: int


@dataclass(frozen=True)
class Campaign:
    """A text sent by many; first and last are local days."""

    campaign_id: str
    submission_count: int
    contributor_count: int
    distinct_text_count: int
    personal_count: int
    first_date: date
    last_date: date
    exemplar: str


@dataclass(frozen=True)
class Commune:
    """A commune that many contributors write from, and the day until which they are counted."""

    code: str
    name: str
    contributor_count: int
    until: date


@dataclass(frozen=True)
class Figure:
    """A measured figure and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassQuality:
    """How the machine gives one theme or kind, beside readers; no figure: too few were read."""

    name: str
    true_count: int
    f1: Figure | None
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class Quality:
    """What two persons read blind says of the themes, or of the kinds, that the machine gave."""

    label_type: str
    population_count: int
    read_count: int
    read_twice_count: int
    covered_share: float
    macro_f1: Figure | None
    kappa: Figure | None
    classes: tuple[ClassQuality, ...]


@dataclass(frozen=True)
class Synthesis:
    """All that a document says."""

    publication: Publication
    total: Ledger
    days: tuple[Ledger, ...]
    reasons: tuple[Reason, ...]
    contributor_count: int
    frequent_contributor_count: int
    themes: tuple[ThemeSynthesis, ...]
    channels: tuple[Channel, ...]
    campaigns: tuple[Campaign, ...]
    qualities: tuple[Quality, ...]

    @property
    def proposition_group_count(self) -> int:
        """Groups of propositions, hors_theme among them."""
        return sum(len(theme.propositions) for theme in self.themes)

    @property
    def reviewed_group_count(self) -> int:
        """Groups of either that somebody read, or decided of."""
        groups = (
            group for theme in self.themes for group in (*theme.propositions, *theme.constats)
        )
        return sum(group.is_reviewed for group in groups)

    @property
    def constat_group_count(self) -> int:
        """Groups of constats, hors_theme among them."""
        return sum(len(theme.constats) for theme in self.themes)


def read_synthesis(tables: Mapping[str, pa.Table], consultation: Consultation) -> Synthesis:
    """Read the tables, keyed by qualified name, as one value.

    Raises SynthesisError for a theme the consultation does not have and for days and reasons that
    do not add up to the same messages.
    """
    (publication,) = tables["meta.publication"].to_pylist()
    (figures,) = tables["marts.key_figures"].to_pylist()
    days = tuple(
        sorted(
            (_ledger(row) for row in tables["marts.ledger_by_day"].to_pylist()),
            key=lambda entry: (entry.day is None, entry.day or date.min),
        )
    )
    reasons = tuple(
        Reason(row["status"], row["reason_label"], row["submission_count"])
        for row in sorted(
            tables["marts.ledger_by_reason"].to_pylist(),
            key=lambda row: (STATUSES.index(row["status"]), -row["submission_count"]),
        )
    )
    total = _total(days)
    if total.received != sum(reason.submission_count for reason in reasons):
        raise SynthesisError("marts.ledger_by_day et marts.ledger_by_reason ne se recoupent pas")
    return Synthesis(
        publication=_publication(publication, consultation),
        total=total,
        days=days,
        reasons=reasons,
        contributor_count=figures["contributor_count"],
        frequent_contributor_count=figures["frequent_contributor_count"],
        themes=_themes(tables, consultation),
        channels=_channels(tables),
        campaigns=_campaigns(tables["core.campaigns"].to_pylist(), consultation),
        qualities=_qualities(tables, consultation),
    )


def days_between(first: date, last: date) -> tuple[date, ...]:
    """List every day from the first to the last, both in; none when the last comes first."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def _declared(kind: type[Publication | Group | Quality], row: Row) -> Row:
    """Keep the columns that the value has: tables may have more."""
    return {f.name: row[f.name] for f in fields(kind) if f.name in row}


def _publication(row: Row, consultation: Consultation) -> Publication:
    """Read what is published, its instants at the local time of the consultation."""
    instants = {
        name: row[name] and row[name].astimezone(consultation.timezone)
        for name in ("validated_at", "transmitted_at")
    }
    accepted = {"accepted_gates": tuple(row["accepted_gates"] or ())}
    return Publication(**_declared(Publication, row | instants | accepted))


def _ledger(row: Row) -> Ledger:
    return Ledger(
        row["received_date"],
        row["received_count"],
        *(row[f"{status}_count"] for status in STATUSES),
    )


def _total(days: tuple[Ledger, ...]) -> Ledger:
    return Ledger(
        None,
        sum(entry.received for entry in days),
        *(sum(getattr(entry, status) for entry in days) for status in STATUSES),
    )


def _themes(
    tables: Mapping[str, pa.Table], consultation: Consultation
) -> tuple[ThemeSynthesis, ...]:
    labels = consultation.theme_labels()
    short_labels = consultation.short_labels()
    figures = {row["theme"]: row for row in _of_themes(tables, "synthesis_by_theme", labels)}
    days = _by_theme(_of_themes(tables, "contributions_by_theme_and_day", labels))
    propositions = _by_theme(_of_themes(tables, "propositions", labels))
    constats = _by_theme(_of_themes(tables, "constats", labels))
    gains = _by_theme(_of_themes(tables, "gains_of_day", labels))
    oppositions = _by_theme(_of_themes(tables, "oppositions", labels))
    examples = _examples(tables)
    found = []
    for code, label in labels.items():
        said = figures.get(code)
        ranked = {
            "proposition": _groups(propositions.get(code, []), said, examples),
            "constat": _groups(constats.get(code, []), said, examples),
        }
        groups = {group.group_id: group for kind in ranked.values() for group in kind}
        found.append(
            ThemeSynthesis(
                code=code,
                label=label,
                short_label=short_labels[code],
                **_figures(said),
                days=_days(days.get(code, [])),
                propositions=ranked["proposition"],
                constats=ranked["constat"],
                gains=_gains(gains.get(code, []), groups),
                oppositions=tuple(
                    Opposition(
                        groups[r["group_id"]], groups[r["opposed_group_id"]], r["common_words"]
                    )
                    for r in oppositions.get(code, [])
                ),
            )
        )
    return tuple(found)


def _days(rows: list[Row]) -> tuple[DayCount, ...]:
    return tuple(
        DayCount(row["received_date"], row["contribution_count"], row["contributor_count"])
        for row in sorted(rows, key=lambda row: row["received_date"])
    )


def _gains(rows: list[Row], groups: Mapping[str, Group]) -> tuple[Gain, ...]:
    gains = [
        Gain(groups[row["group_id"]], row["kind"], row["is_new"], row["gained_contributor_count"])
        for row in rows
    ]
    return tuple(
        sorted(
            gains,
            key=lambda gain: (
                -gain.gained_contributor_count,
                KINDS.index(gain.kind),
                gain.group.rank,
            ),
        )
    )


def _examples(tables: Mapping[str, pa.Table]) -> dict[str, tuple[Example, ...]]:
    found: dict[str, list[Row]] = {}
    for row in tables["marts.examples"].to_pylist():
        found.setdefault(row["group_id"], []).append(row)
    return {
        group_id: tuple(
            Example(row["statement_id"], row["quote"])
            for row in sorted(rows, key=lambda row: row["position"])
        )
        for group_id, rows in found.items()
    }


def _channels(tables: Mapping[str, pa.Table]) -> tuple[Channel, ...]:
    rows = tables["marts.contributions_by_channel"].to_pylist()
    return tuple(
        Channel(
            row["channel"],
            row["received_count"],
            row["contribution_count"],
            row["contributor_count"],
        )
        for row in sorted(rows, key=lambda row: (-row["received_count"], row["channel"]))
    )


def _of_themes(tables: Mapping[str, pa.Table], name: str, labels: Mapping[str, str]) -> list[Row]:
    rows: list[Row] = tables[f"marts.{name}"].to_pylist()
    unknown = sorted({row["theme"] for row in rows} - set(labels))
    if unknown:
        raise SynthesisError(f"marts.{name} : thème inconnu de la consultation : {unknown}")
    return rows


def _by_theme(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["theme"], []).append(row)
    return found


def _figures(row: Row | None) -> Row:
    names = (
        "contribution_count",
        "contributor_count",
        "contributor_share",
        "statement_count",
        "constat_count",
        "proposition_count",
        "campaign_contribution_count",
        "distinct_text_count",
    )
    return {name: row[name] if row else 0 for name in names}


def _groups(
    rows: list[Row], theme: Row | None, examples: Mapping[str, tuple[Example, ...]]
) -> tuple[Group, ...]:
    contributors = theme["contributor_count"] if theme else 0
    return tuple(
        Group(
            **_declared(Group, row),
            contributor_share=row["contributor_count"] / contributors if contributors else 0.0,
            examples=examples.get(row["group_id"], ()),
        )
        for row in sorted(rows, key=lambda row: row["rank"])
    )


def _campaigns(rows: list[Row], consultation: Consultation) -> tuple[Campaign, ...]:
    return tuple(
        Campaign(
            row["campaign_id"],
            row["submission_count"],
            row["contributor_count"],
            row["distinct_text_count"],
            row["personal_count"],
            row["first_received_at"].astimezone(consultation.timezone).date(),
            row["last_received_at"].astimezone(consultation.timezone).date(),
            row["exemplar"],
        )
        for row in sorted(
            rows,
            key=lambda row: (
                -row["contributor_count"],
                row["first_received_at"],
                row["campaign_id"],
            ),
        )
    )


def _qualities(tables: Mapping[str, pa.Table], consultation: Consultation) -> tuple[Quality, ...]:
    """Read what was measured, themes first; labels that are no longer used come last."""
    names = consultation.short_labels() | {kind: kind.capitalize() for kind in KINDS}
    order = {label: place for place, label in enumerate(names)}
    class_rows = sorted(
        tables["marts.quality_by_class"].to_pylist(),
        key=lambda row: (order.get(row["label"], len(order)), row["label"]),
    )
    return tuple(
        Quality(
            **_declared(Quality, row)
            | {"macro_f1": _figure(row, "macro_f1", "f1"), "kappa": _figure(row, "kappa", "kappa")},
            classes=tuple(
                ClassQuality(
                    names.get(of["label"], of["label"]),
                    of["true_count"],
                    _figure(of, "f1", "f1"),
                    of["precision"],
                    of["recall"],
                )
                for of in class_rows
                if of["label_type"] == row["label_type"]
            ),
        )
        for row in sorted(
            tables["marts.quality"].to_pylist(), key=lambda row: row["label_type"], reverse=True
        )
    )


def _figure(row: Row, name: str, prefix: str) -> Figure | None:
    if row[name] is None:
        return None
    return Figure(row[name], row[f"{prefix}_low"], row[f"{prefix}_high"])
