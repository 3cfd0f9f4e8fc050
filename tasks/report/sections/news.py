"""« Ce qui est nouveau »: what the last day said for the first time, and what it said again."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.consultation import Consultation
from tasks.report.document import Block, Column, Heading, Paragraph, Section, Table, Words, prose
from tasks.report.model import Gain, Synthesis, ThemeSynthesis
from tasks.report.typography import count, date_fr, french


def news(synthesis: Synthesis, consultation: Consultation) -> Section:
    """Write what the last day brought, the groups that gained most first."""
    gains = sorted(
        ((theme, gain) for theme in synthesis.themes for gain in theme.gains),
        key=lambda pair: -pair[1].gained_contributor_count,
    )
    new = [pair for pair in gains if pair[1].is_new]
    known = [pair for pair in gains if not pair[1].is_new]
    day = {"day": date_fr(synthesis.publication.as_of_date)}
    limit = consultation.quotations
    said: tuple[Block, ...] = (
        Paragraph(
            prose(
                "Ce que la journée du {day} apporte : les propositions et les constats que "
                "personne n'avait encore écrits, puis ceux qui ont gagné des contributeurs.",
                day,
            )
        ),
        Heading(prose("Écrit pour la première fois")),
        *_gains("table-new", "Propositions et constats écrits pour la première fois", new, limit),
        Heading(prose("Ce qui gagne des contributeurs")),
        *_gains(
            "table-gains", "Propositions et constats qui gagnent des contributeurs", known, limit
        ),
    )
    nothing = Paragraph(
        prose("La journée du {day} n'apporte ni proposition ni constat.", day), "empty"
    )
    return Section("nouveau", "Ce qui est nouveau", said if gains else (nothing,))


def _gains(
    identifier: str, caption: str, gains: Sequence[tuple[ThemeSynthesis, Gain]], limit: int
) -> list[Block]:
    if not gains:
        return [Paragraph(prose("Rien ce jour."), "empty")]
    blocks: list[Block] = [
        Table(
            identifier,
            caption,
            (
                Column("Ce qui est dit", "text"),
                Column("Nature", "text"),
                Column("Thème", "text"),
                Column("Contributeurs du jour"),
                Column("En tout"),
            ),
            tuple(
                (
                    Words(gain.group.label),
                    gain.kind,
                    french(theme.short_label),
                    gain.gained_contributor_count,
                    gain.group.contributor_count,
                )
                for theme, gain in gains[:limit]
            ),
        )
    ]
    if others := len(gains[limit:]):
        told = "et {others}, dans `csv/gains_of_day.csv`"
        blocks.append(Paragraph(prose(told, {"others": count(others, "autre")}), "note"))
    return blocks
