from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from tasks.consultation import Consultation
from tasks.report import charts
from tasks.report.document import (
    Block,
    Document,
    Drawing,
    Heading,
    Inline,
    Items,
    Paragraph,
    Prose,
    Quotation,
    Table,
)
from tasks.report.model import Commune, read_synthesis
from tasks.report.sections import compose
from tasks.report.sections.letter import salutation
from tasks.report.wording import beginning, cut

Tables = dict[str, pa.Table]


def composed(tables: Tables, consultation: Consultation) -> Document:
    return compose(read_synthesis(tables, consultation), consultation, [])


def text(prose: Prose) -> str:
    def of(part: Inline) -> str:
        return part if isinstance(part, str) else part.text

    return "".join(map(of, prose)).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("addressee", "greeting"),
    [
        ("Monsieur le Ministre de l'Intérieur", "Monsieur le Ministre"),
        ("Madame la Ministre déléguée à la ville", "Madame la Ministre"),
        ("Monsieur le Premier ministre", "Monsieur le Premier ministre"),
        ("Monsieur le Ministre d'État, ministre de l'Intérieur", "Monsieur le Ministre d’État"),
        ("Madame la Secrétaire d’État chargée du numérique", "Madame la Secrétaire d’État"),
        ("Ministère de l'Intérieur", "Madame, Monsieur"),
    ],
)
def test_an_addressee_is_greeted_by_title(addressee: str, greeting: str) -> None:
    assert salutation(addressee) == greeting


def test_the_letter_gives_the_dates_the_figures_and_what_they_are_not(
    tables: Tables, consultation: Consultation
) -> None:
    asked = replace(consultation, addressee="Madame la Ministre de l'Intérieur")
    letter = composed(tables, asked).letter
    greeting, about, figures, limits, regards = map(text, letter.paragraphs)
    assert greeting == "Madame la Ministre,"
    assert "ouverte du 8 janvier 2020 au 19 janvier 2020 inclus" in about
    assert "274 messages" in figures
    assert "8 constats et 15 propositions concrètes" in figures
    assert "ne représentent pas la population" in limits
    assert regards.startswith("Je vous prie d’agréer, Madame la Ministre,")
    assert (letter.place_and_date, letter.signature) == (
        "[Lieu], le [date]",
        "[Prénom, nom, qualité]",
    )


def test_the_letter_of_an_open_consultation_says_that_it_is_open(
    publish: Callable[..., Tables], consultation: Consultation
) -> None:
    letter = composed(publish(is_final=False), consultation).letter
    assert "synthèse d’étape" in text(letter.paragraphs[1])


def test_the_letter_of_a_consultation_without_contribution_counts_no_proposition(
    empty_tables: Tables, consultation: Consultation
) -> None:
    letter = composed(empty_tables, consultation).letter
    assert "aucune contribution n’a pu en être retenue" in text(letter.paragraphs[2])
    assert "0 constat" not in text(letter.paragraphs[2])


def test_a_theme_s_groups_past_the_limit_are_counted(
    tables: Tables, consultation: Consultation
) -> None:
    document = composed(tables, replace(consultation, quotations=2))
    (service,) = [s for s in document.sections if s.identifier == "theme-service"]
    rankings = [(b.kind, len(b.groups), b.others) for b in service.blocks if hasattr(b, "others")]
    assert rankings == [("proposition", 2, 4), ("constat", 2, 0)]


def test_communes_are_drawn_when_there_is_a_map(tables: Tables, consultation: Consultation) -> None:
    drawn = charts.bars([], charts.Caption("chart-map", "Carte", "Deux communes"))
    vichy = Commune("03310", "Vichy", 31, date(2020, 1, 19))
    document = compose(read_synthesis(tables, consultation), consultation, [vichy], drawn)
    drawings = [
        b
        for s in document.sections
        for b in s.blocks
        if isinstance(b, Drawing) and b.chart is drawn
    ]
    assert [d.table.rows[0] for d in drawings] == [("Vichy", 31, date(2020, 1, 19))]


@pytest.mark.parametrize("values", [{}, {"is_final": False}, {"revision_reason": "effacement"}])
def test_identifiers_are_unique_in_a_document(
    publish: Callable[..., Tables], consultation: Consultation, values: dict[str, Any]
) -> None:
    document = composed(publish(**values), consultation)
    parts = (*document.sections, *document.annexes)
    blocks = [block for part in parts for block in part.blocks]
    tables = [b.table if isinstance(b, Drawing) else b for b in blocks]
    names = [part.identifier for part in parts]
    names += [table.identifier for table in tables if isinstance(table, Table)]
    assert len(names) == len(set(names))


def test_a_document_is_composed_from_nothing(
    empty_tables: Tables, consultation: Consultation
) -> None:
    document = composed(empty_tables, consultation)
    assert [text(b.text) for s in document.sections for b in s.blocks if _is_empty(b)] == [
        "Aucune contribution retenue à ce jour.",
        "Aucun message reçu à ce jour.",
        (
            "Aucune commune ne peut être montrée à ce jour : il faut, pour l’être, que plus de 11 "
            "contributeurs disent qu’elle est la leur."
        ),
        "Aucun message reçu à ce jour.",
        *["Aucune contribution retenue à ce jour."] * 6,
        "La journée du 19 janvier 2020 n’apporte ni proposition ni constat.",
        "Aucune campagne détectée à ce jour.",
        "Aucune contribution retenue à ce jour.",
    ]


def _is_empty(block: object) -> bool:
    return getattr(block, "style", None) == "empty"


@pytest.mark.parametrize("words", ["mot " * 1000, "x" * 4000, "é" * 1500, ""])
def test_what_is_cut_and_what_is_left_are_the_whole(words: str) -> None:
    kept = beginning(words, 1500)
    assert words.startswith(kept)
    said = cut(words, "c-1", 1500)
    if len(words) <= 1500:
        assert (kept, said) == (words, None)
    else:
        assert said is not None
        assert f"{len(words) - len(kept):,}".replace(",", "\u202f") in said


def test_the_method_says_what_a_gate_held_and_who_let_it_pass(
    publish: Callable[..., Tables], consultation: Consultation
) -> None:
    line = "p-0123456789ab : aucun envoi reçu. Publié par décision de Anne, le 12/01/2020 : vu"

    def method(tables: Tables) -> tuple[Block, ...]:
        sections = composed(tables, consultation).sections
        return next(s.blocks for s in sections if s.identifier == "methode")

    usual, found = method(publish()), method(publish(accepted_gates=[line]))
    heading, _, items = found[len(usual) :]
    assert found[: len(usual)] == usual
    assert isinstance(heading, Heading)
    assert text(heading.text) == "Ce qu’un contrôle retenait"
    assert isinstance(items, Items)
    assert [text(entry) for entry in items.entries] == [line]


def test_campaigns_of_most_contributors_are_shown_and_the_others_counted(
    tables: Tables, consultation: Consultation
) -> None:
    (known,) = tables["core.campaigns"].to_pylist()
    others = [
        known | {"campaign_id": f"k-{n:016x}", "contributor_count": n, "exemplar": f"Texte {n}."}
        for n in (7, 6, 5)
    ]
    rows = pa.Table.from_pylist([*others, known], schema=tables["core.campaigns"].schema)
    asked = replace(consultation, quotations=2)
    document = composed(tables | {"core.campaigns": rows}, asked)
    section = next(s for s in document.sections if s.identifier == "campagnes")
    shown = [block.words for block in section.blocks if isinstance(block, Quotation)]
    assert shown == [known["exemplar"], "Texte 7."]
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    assert [row[2] for row in table.rows] == [known["contributor_count"], 7]
    told = [text(block.text) for block in section.blocks if isinstance(block, Paragraph)]
    assert any(
        said.startswith("et 2 autres campagnes, de 6 contributeurs au plus") for said in told
    )
