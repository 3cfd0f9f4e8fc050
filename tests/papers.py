"""A document made by hand, with every kind of block, for the formats that are printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tasks.report import charts
from tasks.report.document import (
    Code,
    Column,
    Contrast,
    Document,
    Drawing,
    Essential,
    Heading,
    Items,
    KeyFigure,
    KeyFigures,
    Legend,
    Letter,
    Link,
    Paragraph,
    Quotation,
    Ranking,
    Section,
    Strong,
    Table,
    Term,
    Terms,
    Words,
    prose,
)
from tasks.report.model import Example, Group

HOSTILE = {
    "markup": "<b>gras</b> & <script>alert(1)</script> </w:t></w:r> </text:p> ]]> <!-- --> &amp;",
    "template": "{{7*7}} {% for x in y %} {{ synthese }} ${7*7} #{7*7} <%= 7*7 %>",
    "typst": '#set text(fill: red) $x^2$ = Titre\n#include("/etc/passwd") *gras* _it_ <l> `raw`',
    "backslashes": r"C:\temp\n \textbf{x} \u{41} \\",
    "formula": '=HYPERLINK("http://x.example";"y") +1 -1 @A1 ~ http://lien.example/a?b=c&d#e',
    "field": '{ TOC \\o "1-3" } MERGEFIELD { PAGE }',
    "spaces": "deux  espaces,   trois ; une\ttabulation ;\nune ligne\n\nune autre",
    "hebrew": "un mot שלום עולם, un mot العربية ici",
    "typography": "\"droit\" 'droit' - -- ... c'est : non ! (oui ?)",
}
# What no XML, or no font of the PDF, can hold: shown as a mark.
LOST = {
    "controls": "a\x00b\x07c\x1bd",
    "surrogate": "a\ud800b",
    "emoji": "bien 😀👍🏽 dit",
    "han": "le mot 中文 ici",
}


def group(rank: int = 1, words: str = "La rue est sombre.", label: str | None = None) -> Group:
    return Group(
        rank=rank,
        group_id=f"g-{rank:04}{abs(hash_of(words)) % 10**6:06}",
        label=label or words,
        contributor_count=1234 // rank,
        contributor_share=0.34 / rank,
        contribution_count=1300 // rank,
        statement_count=1400 // rank,
        distinct_text_count=1200 // rank,
        campaign_share=0.25 if rank % 2 else 0.0,
        weight_label=("majoritaire", "fréquent", "partagé", "isolé")[min(rank - 1, 3)],
        quote=words,
        quote_statement_id=f"e-{rank:04}",
        first_date=date(2020, 1, 9),
        is_reviewed=False,
        examples=(Example(f"e-{rank:04}", words),),
    )


def hash_of(words: str) -> int:
    """Return a number of a text, the same in all processes."""
    return sum(place * ord(letter) for place, letter in enumerate(words, 1))


def days_table(identifier: str = "table-day", days: int = 12) -> Table:
    return Table(
        identifier,
        "Messages reçus et contributions retenues, par jour",
        (Column("Jour", "day"), Column("Messages reçus"), Column("Contributions retenues")),
        tuple((date(2020, 1, 1 + day), 1000 + day, 900 + day) for day in range(days)),
        ("Total", 12_345, 11_456),
    )


def drawing(identifier: str = "chart-day") -> Drawing:
    days = [charts.Column(date(2020, 1, 1 + day), 5 + day, day % 3) for day in range(12)]
    caption = charts.Caption(identifier, "Messages par jour", "Le plus haut : 16, le 12 janvier.")
    return Drawing(
        charts.columns(days, caption),
        days_table(f"table-{identifier}"),
        (Legend("solid", "contributions retenues"), Legend("hollow", "autres messages")),
    )


def wide_table() -> Table:
    titles = (
        "Thème",
        "Contributions",
        "dont campagnes",
        "Textes distincts",
        "Contributeurs",
        "Part des contributeurs",
        "Énoncés",
        "Constats",
        "Propositions",
    )
    kinds = ("text", *("count",) * 4, "share", *("count",) * 3)
    return Table(
        "table-theme",
        "Contributions, contributeurs et énoncés de chaque thème",
        tuple(Column(title, kind) for title, kind in zip(titles, kinds, strict=True)),
        tuple(
            (name, 1234, 56, 1100, 1050, 0.345, 4321, 2000, None)
            for name in ("Sécurité et tranquillité publiques", "Mobilités", "Santé de proximité")
        ),
    )


def document(*quoted: str, is_draft: bool = True, themes: int = 1) -> Document:
    """Return a document that quotes these texts, as groups, as a campaign and in a table."""
    groups = tuple(group(rank, words) for rank, words in enumerate(quoted or ("Sombre.",), 1))
    essential = Section(
        "essentiel",
        "L’essentiel",
        (
            KeyFigures((KeyFigure(12_345, "messages reçus"), KeyFigure(1, "contributeur"))),
            Paragraph(prose("Les thèmes **ne s'additionnent pas** ; voir [la méthode](#methode).")),
            Paragraph(("Les plus partagées d’abord.",), "lead"),
            Essential("theme-1", "Mobilités", "1 234 contributeurs", groups[:2], ()),
        ),
    )
    parts = tuple(
        Section(
            f"theme-{number}",
            f"Mobilités et transports {number}",
            (
                drawing(f"chart-theme-{number}"),
                Heading(("Propositions",), 3, f"propositions-{number}"),
                Ranking("proposition", groups, others=12),
                Heading(("Constats",), 3),
                Ranking("constat", ()),
                Heading(("Positions opposées",), 3),
                Contrast(groups[0], groups[-1]),
            ),
            eyebrow=f"Thème {number}",
        )
        for number in range(1, themes + 1)
    )
    method = Section(
        "methode",
        "Méthode et limites",
        (
            Items((("Un ", Strong("point"), " fort"), ("La commande ", Code("assises trace")))),
            Terms((Term("Énoncé", ("Une phrase, environ.",), (("un détail",),)),)),
            Paragraph(("Rien à ce jour.",), "empty"),
            Paragraph(("Une note, et ", Link("un lien mort", "nulle-part")), "note"),
            wide_table(),
        ),
    )
    annex = Section(
        "campagnes",
        "Campagnes",
        (
            Quotation("Campagne 1", groups[0].quote, ("campagne ", Code("c-01")), "c-01"),
            Table(
                "table-mots",
                "Des mots dans un tableau",
                (Column("Texte", "text"), Column("Envois")),
                tuple((Words(words), 3) for words in quoted) or ((Words("Sombre."), 3),),
            ),
        ),
        eyebrow="Annexe 1",
    )
    return Document(
        title="Assises de la ruralité",
        subtitle="Synthèse au 19 janvier 2020",
        organiser="Préfecture de l’Aubrac",
        state=prose("**Brouillon.** Personne n'a encore validé cette version."),
        is_draft=is_draft,
        facts=(Term("Destinataire", ("Madame la Ministre",)), Term("Synthèse", ("finale",))),
        letter=Letter(
            sender="Le préfet de l’Aubrac",
            addressee="Madame la Ministre de la cohésion des territoires",
            place_and_date="Varennes, le ……………",
            subject=prose("**Objet :** synthèse des assises de la ruralité"),
            paragraphs=(("Madame la Ministre,",), ("J’ai l’honneur de vous adresser…",)),
            signature="[Nom et qualité du signataire]",
            enclosed="P. J. : la synthèse.",
        ),
        sections=(essential, *parts, method),
        annexes=(annex,),
    )


def final(*quoted: str) -> Document:
    """Return the document once it is signed."""
    return replace(document(*quoted), is_draft=False)
