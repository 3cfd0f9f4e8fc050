"""« Campagnes »: texts that many sent, shown apart, their counts side by side."""

from __future__ import annotations

from tasks.consultation import Consultation
from tasks.report.document import Block, Column, Paragraph, Quotation, Section, Table, prose
from tasks.report.model import Synthesis
from tasks.report.typography import count, french, number


def campaigns(synthesis: Synthesis, consultation: Consultation) -> Section:
    """Write what campaigns sent."""
    values = {"least": number(consultation.campaign_contributors)}
    blocks: list[Block] = [
        Paragraph(
            prose(
                "Une campagne est un texte copié, ou à peine modifié, par {least} contributeurs "
                "au moins. Ses envois sont comptés comme les autres, ni retirés ni pondérés ; leur "
                "part est indiquée à chaque groupe. Ce qu'un auteur ajoute au texte copié est sa "
                "partie personnelle, et compte comme telle.",
                values,
            )
        )
    ]
    if synthesis.campaigns:
        blocks += [_table(synthesis), *_texts(synthesis)]
    else:
        blocks.append(Paragraph(prose("Aucune campagne détectée à ce jour."), "empty"))
    if frequent := synthesis.frequent_contributor_count:
        values["frequent"] = count(frequent, "contributeur a envoyé", "contributeurs ont envoyé")
        told = (
            "{frequent} {least} messages ou plus : ce n'est pas une campagne, et chacun compte "
            "pour un contributeur."
        )
        blocks.append(Paragraph(prose(told, values), "note"))
    return Section("campagnes", "Campagnes", tuple(blocks))


def _table(synthesis: Synthesis) -> Table:
    return Table(
        "table-campagnes",
        french("Campagnes : envois, contributeurs et textes distincts"),
        (
            Column("Campagne", "text"),
            Column("Envois retenus"),
            Column("Contributeurs"),
            Column("Textes distincts"),
            Column("Avec une partie personnelle"),
            Column("Premier envoi", "day"),
            Column("Dernier envoi", "day"),
        ),
        tuple(
            (
                f"Campagne {place}",
                campaign.submission_count,
                campaign.contributor_count,
                campaign.distinct_text_count,
                campaign.personal_count,
                campaign.first_date,
                campaign.last_date,
            )
            for place, campaign in enumerate(synthesis.campaigns, 1)
        ),
    )


def _texts(synthesis: Synthesis) -> list[Quotation]:
    return [
        Quotation(
            french(f"Campagne {place} : le texte du premier envoi"),
            campaign.exemplar,
            prose("campagne `{id}`", {"id": campaign.campaign_id}),
            campaign.campaign_id,
        )
        for place, campaign in enumerate(synthesis.campaigns, 1)
    ]
