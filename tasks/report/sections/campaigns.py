"""« Campagnes »: texts that many sent, those of most contributors, their counts side by side."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.consultation import Consultation
from tasks.report.document import Block, Column, Paragraph, Quotation, Section, Table, prose
from tasks.report.model import Campaign, Synthesis
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
    limit = consultation.quotations
    if synthesis.campaigns:
        most = synthesis.campaigns[:limit]
        blocks += [_table(most), *_others(synthesis.campaigns[limit:]), *_texts(most)]
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


def _others(left_out: Sequence[Campaign]) -> list[Block]:
    """Say how many campaigns of fewer contributors are left out, and where they are."""
    if not left_out:
        return []
    told = "et {left}, de {most} au plus : les tableaux en donnent les comptes et le texte"
    values = {
        "left": count(len(left_out), "autre campagne", "autres campagnes"),
        "most": count(left_out[0].contributor_count, "contributeur"),
    }
    return [Paragraph(prose(told, values), "note")]


def _table(campaigns: Sequence[Campaign]) -> Table:
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
            for place, campaign in enumerate(campaigns, 1)
        ),
    )


def _texts(campaigns: Sequence[Campaign]) -> list[Quotation]:
    return [
        Quotation(
            french(f"Campagne {place} : le texte du premier envoi"),
            campaign.exemplar,
            prose("campagne `{id}`", {"id": campaign.campaign_id}),
            campaign.campaign_id,
        )
        for place, campaign in enumerate(campaigns, 1)
    ]
