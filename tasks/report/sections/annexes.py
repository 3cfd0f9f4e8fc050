"""Annexes: the complete ledger, the thresholds, the version and its files."""

from __future__ import annotations

from tasks.consultation import Consultation
from tasks.report.document import (
    Cell,
    Column,
    Heading,
    Paragraph,
    Section,
    Table,
    Term,
    Terms,
    prose,
)
from tasks.report.model import Ledger, Publication, Synthesis
from tasks.report.sections.glossary import weights
from tasks.report.typography import french, number
from tasks.report.wording import STATUS_WORDS, identity
from warehouse.contracts import ENOUGH_OF_CLASS, ENOUGH_READ


def ledger(synthesis: Synthesis) -> Section:
    """Write what became of every message, by day and by reason."""
    told = (
        "Rien n'est écarté en silence : chaque message reçu est retenu, ou compté avec la raison "
        "qui l'a fait mettre de côté."
    )
    tables = (
        Heading(prose("Par jour de réception")),
        _by_day(synthesis),
        Heading(prose("Par raison")),
        _by_reason(synthesis),
    )
    return Section(
        "registre",
        "Registre",
        (
            Paragraph(prose(told)),
            Paragraph((identity(synthesis.total),), "lead"),
            *(tables if synthesis.total.received else ()),
        ),
    )


def _by_day(synthesis: Synthesis) -> Table:
    return Table(
        "table-registre-jour",
        "Messages reçus chaque jour, et leur sort",
        (
            Column("Jour", "day"),
            Column("Reçus"),
            *(Column(plural.capitalize()) for _, plural in STATUS_WORDS.values()),
        ),
        tuple(_ends(entry.day or "sans date", entry) for entry in synthesis.days),
        _ends("Total", synthesis.total),
    )


def _ends(first: Cell, entry: Ledger) -> tuple[Cell, ...]:
    return (first, entry.received, *(getattr(entry, status) for status in STATUS_WORDS))


def _by_reason(synthesis: Synthesis) -> Table:
    return Table(
        "table-registre-raison",
        "Messages reçus, par sort et par raison",
        (Column("Sort", "text"), Column("Raison", "text"), Column("Messages")),
        tuple(
            (STATUS_WORDS[reason.status][1], french(reason.label), reason.submission_count)
            for reason in synthesis.reasons
        ),
        ("Total", "", synthesis.total.received),
    )


def thresholds(consultation: Consultation) -> Section:
    """Write every number that decides of something."""
    values = {
        "campaign": number(consultation.campaign_contributors),
        "megabytes": number(consultation.message_bytes // 1_000_000),
        "quotations": number(consultation.quotations),
        "k": number(consultation.open_data.k),
        "read": number(ENOUGH_READ),
        "of_class": number(ENOUGH_OF_CLASS),
    }
    entries = {
        "Campagne": "Un même texte, de {campaign} contributeurs au moins.",
        "Message": "Au-delà de {megabytes} Mo, il attend une personne.",
        "Citations": "{quotations} propositions et {quotations} constats cités par thème ; tous "
        "sont dans les tableaux.",
        "Communes": "Montrées au-delà de {k} contributeurs.",
        "Lecture à l'aveugle": "Un chiffre d'ensemble à partir de {read} énoncés lus, d'un thème "
        "ou d'une nature à partir de {of_class}.",
    }
    return Section(
        "seuils",
        "Seuils",
        (
            Terms(
                (
                    Term("Poids", prose("Part des contributeurs du thème."), weights(consultation)),
                    *(
                        Term(french(name), prose(meaning, values))
                        for name, meaning in entries.items()
                    ),
                )
            ),
        ),
    )


def version(publication: Publication) -> Section:
    """Write what identifies the publication, and the files that come with it."""
    revised = (
        [Term("Pourquoi cette version", (french(publication.revision_reason),))]
        if publication.revision_reason
        else []
    )
    terms = (
        Term("Publication", prose("`{id}`", {"id": publication.publication_version})),
        *revised,
        Term("Programme", prose("assises {version}", {"version": publication.program_version})),
        Term(
            "Empreintes",
            (),
            (
                prose("configuration `{sha}`", {"sha": publication.configuration_sha256}),
                prose("décisions `{sha}`", {"sha": publication.decisions_sha256}),
                prose("messages `{sha}`", {"sha": publication.input_sha256}),
            ),
        ),
        Term(
            "La synthèse",
            (),
            (
                prose("`synthese.html` : la page, à lire dans un navigateur, même hors ligne"),
                prose(
                    "`synthese.odt`, `synthese.docx`, `synthese.pdf` : le document, avec la lettre"
                ),
                prose(
                    "`tableaux.ods`, `tableaux.xlsx`, `csv/` : chaque tableau d'ensemble, entier"
                ),
                prose("`dictionnaire.md`, `datapackage.json` : le sens de chaque colonne"),
            ),
        ),
        Term(
            "Pour les analystes",
            (),
            (
                prose(
                    "`assises.duckdb` et `parquet/` : toutes les tables, à interroger ; elles ne "
                    "sont pas transmises"
                ),
                prose("`manifest.json` : l'empreinte de chaque fichier"),
            ),
        ),
    )
    same = (
        "Mêmes messages, même configuration, mêmes décisions, même jour : même synthèse, à "
        "l'octet près."
    )
    return Section("version", "Version et fichiers", (Terms(terms), Paragraph(prose(same), "note")))
