from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tasks.consultation import Consultation
from tasks.report.finder import read_finder
from tasks.report.model import Commune, read_synthesis
from tasks.report.page import (
    LONG_QUOTE,
    StylesheetError,
    check_stylesheet,
    render_page,
)
from tasks.report.sections import compose
from tasks.report.wording import STATEMENT_CHARS, identity, weight_mark

Tables = dict[str, pa.Table]
FINE = "\u202f"
FIXED = "\u00a0"


def page_of(
    tables: Tables,
    consultation: Consultation,
    communes: Sequence[Commune] = (),
    stylesheet: str | None = None,
) -> str:
    synthesis = read_synthesis(tables, consultation)
    document = compose(synthesis, consultation, communes)
    return render_page(document, read_finder(synthesis), stylesheet)


@pytest.fixture
def html(tables: Tables, consultation: Consultation) -> str:
    return page_of(tables, consultation)


@pytest.fixture
def page(html: str) -> LexborHTMLParser:
    return LexborHTMLParser(html)


@pytest.fixture(params=["full", "empty"])
def any_page(
    request: pytest.FixtureRequest, html: str, empty_tables: Tables, consultation: Consultation
) -> LexborHTMLParser:
    return LexborHTMLParser(
        html if request.param == "full" else page_of(empty_tables, consultation)
    )


def words(node: LexborHTMLParser | LexborNode | None) -> str:
    """Text as a reader sees it, spaces folded and no-break spaces made plain."""
    assert node is not None
    return " ".join(node.text(separator=" ").split())


def section(page: LexborHTMLParser, identifier: str) -> LexborNode:
    (found,) = page.css(f'[aria-labelledby="{identifier}"]')
    return found


def shown(tables: Tables, name: str, limit: int) -> list[dict[str, Any]]:
    return [row for row in tables[f"marts.{name}"].to_pylist() if row["rank"] <= limit]


# --- what it says --------------------------------------------------------------------------------


def test_the_head_says_who_asked_what_when_and_for_whom(page: LexborHTMLParser) -> None:
    head = words(page.css_first("header"))
    assert "Préfecture de l’Allier" in head
    assert "Synthèse au 19 janvier 2020" in head
    assert "définitive : la consultation est close" in head
    assert "Ministre de l’Intérieur" in head


@pytest.mark.parametrize(
    ("values", "state"),
    [
        (
            {"as_of_date": date(2020, 1, 12), "is_final": False},
            "d’étape : la consultation est ouverte jusqu’au 19 janvier 2020 inclus",
        ),
        (
            {"is_provisional": True},
            "provisoire : la journée du 19 janvier 2020 n’était pas achevée",
        ),
    ],
    ids=["étape", "provisoire"],
)
def test_a_synthesis_that_may_still_change_says_so(
    publish: Callable[..., Tables], consultation: Consultation, values: dict[str, Any], state: str
) -> None:
    page = LexborHTMLParser(page_of(publish(**values), consultation))
    assert state in words(page.css_first("header"))


def test_a_brouillon_says_so_on_the_screen_in_its_title_and_on_every_printed_page(
    page: LexborHTMLParser, html: str
) -> None:
    assert words(page.css_first("header .signoff")) == (
        "Brouillon. Personne n’a encore validé cette version."
    )
    assert words(page.css_first("title")).endswith("(brouillon)")
    (printed,) = re.findall(r"@page draft \{.*\}", html)
    assert 'content: "Brouillon, non validé"' in printed
    assert page.css_matches("body.draft")


SIGNED = {
    "state": "validée",
    "validated_by": "Claire <b>Dumont</b>, directrice d'études",
    "validated_at": datetime(2020, 1, 20, 23, 5, tzinfo=UTC),
}
SENT = {
    "state": "transmise",
    "transmitted_at": datetime(2020, 2, 1, 8, 30, tzinfo=UTC),
    "transmitted_to": "Ministre de l'Intérieur",
}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        pytest.param(
            SIGNED,
            "Validée le 21 janvier 2020 à 0 h 05 par Claire <b>Dumont</b>, directrice d’études.",
            id="validated",
        ),
        pytest.param(
            SIGNED | SENT,
            "Transmise le 1er février 2020 à 9 h 30 (destinataire : Ministre de l’Intérieur). "
            "Validée le 21 janvier 2020 à 0 h 05 par Claire <b>Dumont</b>, directrice d’études.",
            id="transmitted",
        ),
    ],
)
def test_who_signed_is_said_at_local_time(
    publish: Callable[..., Tables],
    consultation: Consultation,
    values: dict[str, Any],
    sentence: str,
) -> None:
    page = LexborHTMLParser(page_of(publish(**values), consultation))
    assert words(page.css_first("header .signoff")) == sentence
    assert words(page.css_first("title")).endswith("Synthèse au 19 janvier 2020")
    assert not page.css_matches("body.draft")


def test_a_deadline_within_a_day_is_given_with_its_hour(
    publish: Callable[..., Tables], consultation: Consultation
) -> None:
    noon = replace(consultation, deadline=datetime(2020, 1, 20, 12, tzinfo=consultation.timezone))
    page = LexborHTMLParser(page_of(publish(is_final=False), noon))
    assert "jusqu’au 20 janvier 2020 à 12 h 00" in words(page.css_first("header"))


def test_the_essentials_give_the_five_figures(page: LexborHTMLParser) -> None:
    figures = {
        words(div.css_first("dt")): words(div.css_first("dd"))
        for div in section(page, "essentiel").css("dl.figures > div")
    }
    assert figures == {
        "messages reçus": "274",
        "contributions retenues": "226",
        "contributeurs": "208",
        "propositions": "15",
        "constats": "8",
    }


def test_the_essentials_lead_to_the_strongest_groups_of_each_theme(
    page: LexborHTMLParser, tables: Tables
) -> None:
    led_to = [link.attributes["href"] for link in section(page, "essentiel").css(".strongest a")]
    strongest = shown(tables, "propositions", 2) + shown(tables, "constats", 2)
    assert sorted(map(str, led_to)) == sorted(f"#{row['group_id']}" for row in strongest)


def test_every_quotation_is_there_unaltered_with_its_identifier(
    page: LexborHTMLParser, tables: Tables, consultation: Consultation
) -> None:
    for name in ("propositions", "constats"):
        for row in shown(tables, name, consultation.quotations):
            (group,) = page.css(f"#{row['group_id']}")
            label, quote = group.css("h4 .words, .quotation .words")
            assert (label.text(), quote.text()) == (row["label"], row["quote"])
            assert words(group.css_first("figcaption code")) == row["quote_statement_id"]


def test_citizens_words_are_never_markup(page: LexborHTMLParser) -> None:
    assert not page.css("b, img, iframe, object, embed, base")
    assert (len(page.css("form")), len(page.css("script"))) == (1, 2)
    assert page.css(".words *") == []


def test_a_figure_opens_the_statements_behind_it_and_tells_how_to_find_all(
    page: LexborHTMLParser, tables: Tables
) -> None:
    group = tables["marts.propositions"].to_pylist()[0]
    behind = page.css_first(f"#{group['group_id']} details.behind")
    assert words(behind.css_first("summary")) == "21 contributeurs , 27 % de ceux du thème"
    assert [quote.text() for quote in behind.css(".words")] == [
        row["quote"]
        for row in tables["marts.examples"].to_pylist()
        if row["group_id"] == group["group_id"]
    ]
    assert f"assises trace {group['group_id']}" in words(behind)


def test_a_statement_past_the_limit_is_cut_with_a_mark_that_counts_what_is_left(
    tables: Tables, consultation: Consultation
) -> None:
    said = "mot " * 10_000
    rows = tables["marts.propositions"].to_pylist()
    rows[0]["quote"] = said
    changed = pa.Table.from_pylist(rows, schema=tables["marts.propositions"].schema)
    page = LexborHTMLParser(page_of(tables | {"marts.propositions": changed}, consultation))
    figure = page.css_first(f"#{rows[0]['group_id']} figure.quotation")
    shown_words = figure.css_first(".words").text()
    assert said.startswith(shown_words)
    assert 0 < len(shown_words) <= STATEMENT_CHARS
    left = f"{len(said) - len(shown_words):,}".replace(",", " ")
    assert words(figure.css_first(".cut")) == (
        f"[coupé ici : {left} caractères de plus ; texte entier : {rows[0]['quote_statement_id']}]"
    )


def test_opposite_positions_stand_side_by_side(page: LexborHTMLParser, tables: Tables) -> None:
    (pair,) = tables["marts.oppositions"].to_pylist()
    (contrast,) = section(page, f"theme-{pair['theme']}").css(".contrast")
    assert [link.attributes["href"] for link in contrast.css("h4 a")] == [
        f"#{pair['group_id']}",
        f"#{pair['opposed_group_id']}",
    ]


def test_what_is_new_is_told_apart_from_what_gains(page: LexborHTMLParser) -> None:
    new, gaining = section(page, "nouveau").css("table")
    assert words(new.css("tbody tr")[0]) == (
        "La gendarmerie est fermée quand on en a besoin constat Service rendu 52 52"
    )
    assert len(new.css("tbody tr")) == 2
    assert [words(row.css("td")[2]) for row in gaining.css("tbody tr")] == ["1"] * 4


def test_channels_are_counted(page: LexborHTMLParser) -> None:
    (table,) = [t for t in page.css("table") if t.css_first("#table-channel")]
    assert [words(row) for row in table.css("tbody tr")] == [
        "mail 250 205 190",
        "questionnaire 24 21 21",
    ]


def test_a_key_figure_leads_to_what_adds_up_to_it(page: LexborHTMLParser) -> None:
    (table,) = [t for t in page.css("table") if t.css_first("#table-kind")]
    total = [words(cell) for cell in table.css("tfoot td")]
    figures = [words(link) for link in page.css('.figures a[href="#par-nature"]')]
    assert figures == [total[2], total[4]] == ["15", "8"]


def test_the_sections_follow_the_plan(page: LexborHTMLParser) -> None:
    assert [words(title) for title in page.css("nav a")] == [
        "L’essentiel", "Chercher", "Méthode et limites", "Participation",
        "Communication et échanges", "Service rendu", "Lien avec les forces",
        "Participation des citoyens", "Ce qui est nouveau", "Campagnes", "Propositions hors thème",
        "Glossaire", "Registre", "Seuils", "Version et fichiers",
    ]  # fmt: skip


def test_a_style_sheet_of_theirs_comes_last_and_is_allowed_by_its_own_hash(
    tables: Tables, consultation: Consultation
) -> None:
    theirs = check_stylesheet(":root { --accent: #000091; }\r\n")
    html = page_of(tables, consultation, stylesheet=theirs)
    last = re.findall(r"<style>(.*?)</style>", html, flags=re.DOTALL)[-1]
    assert last == ":root { --accent: #000091; }\n"
    digest = base64.b64encode(hashlib.sha256(last.encode()).digest()).decode()
    policy = LexborHTMLParser(html).css_first('meta[http-equiv="Content-Security-Policy"]')
    assert f"'sha256-{digest}'; img-src data:; font-src data:;" in policy.attributes["content"]


@pytest.mark.parametrize("text", ["</style>", "a{} </STYLE ><script>alert(1)</script>"])
def test_a_style_sheet_that_would_end_its_element_is_refused(text: str) -> None:
    with pytest.raises(StylesheetError, match="sans balise"):
        check_stylesheet(text)


def test_a_group_says_its_weight_its_contributors_and_its_campaign(page: LexborHTMLParser) -> None:
    group = page.css_first("#g-a000000000000004")
    facts = words(group)
    assert group is not None
    assert group.attributes["value"] == "1"
    assert "●●●● majoritaire" in facts
    assert "74 contributeurs , 53 % de ceux du thème" in facts
    assert "76 contributions, 81 énoncés, 12 textes distincts, depuis le 12 janvier" in facts
    assert "47 % des énoncés viennent d’une campagne" in facts
    assert "campagne" not in words(page.css_first("#g-a000000000000006"))


def test_a_very_long_quotation_is_folded_whole(page: LexborHTMLParser, tables: Tables) -> None:
    (long,) = [row for row in shown(tables, "propositions", 5) if len(row["quote"]) > LONG_QUOTE]
    folded = page.css_first(f"#{long['group_id']} .quotation details .words")
    assert folded is not None
    assert folded.text() == long["quote"]


def test_groups_past_the_limit_are_counted_and_sent_to_their_file(page: LexborHTMLParser) -> None:
    assert "et 1 autre proposition, dans csv/propositions.csv" in words(
        section(page, "theme-service")
    )


@pytest.mark.parametrize("quotations", [0, 1])
def test_a_page_that_shows_fewer_groups_has_no_broken_link(
    tables: Tables, consultation: Consultation, quotations: int
) -> None:
    page = LexborHTMLParser(page_of(tables, replace(consultation, quotations=quotations)))
    for link in page.css('a[href^="#"]'):
        assert page.css(str(link.attributes["href"]))


def test_the_thresholds_printed_are_the_consultation_s(
    tables: Tables, consultation: Consultation
) -> None:
    weights = replace(consultation.weights, majoritaire=0.6, frequent=0.2, partage=0.025)
    page = LexborHTMLParser(page_of(tables, replace(consultation, weights=weights)))
    lines = [words(line) for line in section(page, "glossaire").css("dd li")]
    assert lines == [
        "●●●● majoritaire plus de 60 %",
        "●●●○ fréquent à partir de 20 %",
        "●●○○ partagé à partir de 2,5 %",
        "●○○○ isolé moins de 2,5 %",
    ]


def test_the_communes_that_may_be_shown_are_told_from_the_largest(
    tables: Tables, consultation: Consultation
) -> None:
    communes = [
        Commune("03095", "Cusset", 14, date(2020, 1, 15)),
        Commune("03310", "Vichy <b>", 31, date(2020, 1, 19)),
        Commune("03036", "Bourbon", 14, date(2020, 1, 17)),
    ]
    page = LexborHTMLParser(page_of(tables, consultation, communes))
    (table,) = [t for t in page.css("table") if t.css_first("#table-commune")]
    assert [words(row) for row in table.css("tbody tr")] == [
        "Vichy <b> 31 19 janvier 2020",
        "Bourbon 14 17 janvier 2020",
        "Cusset 14 15 janvier 2020",
        "Autres communes non montré –",
    ]
    assert "plus de 11 contributeurs" in words(page.body)


def test_a_page_says_that_no_commune_may_be_shown(page: LexborHTMLParser) -> None:
    assert "Aucune commune ne peut être montrée à ce jour" in words(section(page, "participation"))
    assert not page.css("#table-commune")


def test_the_ledger_is_printed_as_a_sentence_and_in_full(page: LexborHTMLParser) -> None:
    ledger = section(page, "registre")
    assert (
        "274 messages reçus = 226 retenus + 19 doublons + 19 rejetés + "
        "9 en attente d’une personne + 1 retiré"
    ) in words(ledger)
    by_day, by_reason = ledger.css("table")
    assert [words(cell) for cell in by_day.css("tfoot > tr > *")] == [
        "Total", "274", "226", "19", "19", "9", "1",
    ]  # fmt: skip
    assert words(by_day.css("tbody > tr")[-1]) == "sans date 2 0 0 0 2 0"
    assert len(by_reason.css("tbody > tr")) == 11
    assert words(by_reason.css("tfoot td")[-1]) == "274"


def test_messages_outside_the_chart_are_said_to_be(page: LexborHTMLParser) -> None:
    participation = section(page, "participation")
    assert "3 messages reçus hors des dates de la consultation ou sans date" in words(participation)
    assert len(participation.css("#chart-day-title ~ text.tick")) == 12


def test_a_campaign_shows_its_counts_side_by_side_and_its_text(
    page: LexborHTMLParser, tables: Tables
) -> None:
    campaigns = section(page, "campagnes")
    assert (
        words(campaigns.css_first("tbody tr"))
        == "Campagne 1 38 35 6 4 13 janvier 2020 19 janvier 2020"
    )
    exemplar = campaigns.css_first("details .words")
    assert exemplar is not None
    assert exemplar.text() == tables["core.campaigns"]["exemplar"][0].as_py()


def test_contributors_who_write_much_are_shown_beside_the_campaigns(
    page: LexborHTMLParser,
) -> None:
    note = section(page, "campagnes").css_first("p.note")
    assert words(note).startswith("2 contributeurs ont envoyé 5 messages ou plus")


def quality_page(tables: Tables, asked: Consultation, **changed: Any) -> str:
    """What the method says once the row of the themes is changed."""
    rows = [
        row | changed if row["label_type"] == "theme" else row
        for row in tables["marts.quality"].to_pylist()
    ]
    table = pa.Table.from_pylist(rows, schema=tables["marts.quality"].schema)
    page = LexborHTMLParser(page_of(tables | {"marts.quality": table}, asked))
    return words(section(page, "methode"))


def test_the_groups_that_people_have_read_are_counted(
    page: LexborHTMLParser, tables: Tables, consultation: Consultation
) -> None:
    assert "2 ont été relus par une personne" in words(section(page, "methode"))
    unread = dict(tables)
    for name in ("marts.constats", "marts.propositions"):
        rows = [row | {"is_reviewed": False} for row in tables[name].to_pylist()]
        unread[name] = pa.Table.from_pylist(rows, schema=tables[name].schema)
    method = words(section(LexborHTMLParser(page_of(unread, consultation)), "methode"))
    assert "Personne n’a encore relu les groupes de constats et de propositions" in method


def test_the_quality_of_the_labels_is_told_with_its_interval(page: LexborHTMLParser) -> None:
    method = words(section(page, "methode"))
    assert (
        "Thèmes : 230 énoncés lus, dont 198 par deux personnes, sur 1 840 énoncés distincts. "
        "Le F1 moyen est de 0,71 (de 0,66 à 0,76). L’accord des deux lecteurs est fort : kappa de "
        "Cohen de 0,68 (de 0,61 à 0,75)."
    ) in method
    assert "pour 98 % des énoncés distincts" in method
    assert "L’accord des lecteurs n’est pas mesuré : il faut 30 énoncés" in method
    rows = [
        [words(cell) for cell in row.css("th, td")]
        for row in section(page, "methode").css("tbody tr, tfoot tr")
    ]
    assert rows == [
        ["Lien avec les forces", "0,78", "0,70 à 0,85", "0,80", "0,77", "55"],
        ["Hors thèmes", "0,55", "0,41 à 0,66", "0,60", "0,50", "30"],
        ["Moyenne des thèmes", "0,71", "0,66 à 0,76", "", "", "230"],
        ["Constat", "0,84", "0,77 à 0,89", "0,85", "0,83", "90"],
        ["Proposition", "0,84", "0,79 à 0,89", "0,83", "0,86", "130"],
        ["Autre", "–", "–", "–", "–", "4"],
        ["Moyenne des natures", "0,84", "0,79 à 0,88", "", "", "212"],
    ]


def test_a_consultation_that_nobody_read_blind_says_so(
    empty_tables: Tables, consultation: Consultation
) -> None:
    page = LexborHTMLParser(page_of(empty_tables, consultation))
    method = words(section(page, "methode"))
    assert "La qualité de ce classement n’a pas été mesurée sur cette consultation" in method
    assert "F1" not in method


def test_too_few_readings_give_no_figure(tables: Tables, consultation: Consultation) -> None:
    few = {"read_count": 29, "read_twice_count": 12}
    few |= dict.fromkeys(("macro_f1", "f1_low", "f1_high", "kappa", "kappa_low", "kappa_high"))
    method = quality_page(tables, consultation, **few)
    assert (
        "Thèmes : 29 énoncés lus, dont 12 par deux personnes, sur 1 840 énoncés distincts. "
        "C’est trop peu pour un chiffre : il en faut 30."
    ) in method
    assert "Moyenne des thèmes" not in method
    assert "Moyenne des natures" in method


@pytest.mark.parametrize(
    ("kappa", "named"),
    [(-0.1, "nul"), (0.2, "très faible"), (0.21, "faible"), (0.6, "modéré"), (0.61, "fort"),
     (0.8, "fort"), (0.81, "presque parfait"), (1.0, "presque parfait")],
)  # fmt: skip
def test_an_agreement_is_named_by_the_scale_that_is_cited(
    tables: Tables, consultation: Consultation, kappa: float, named: str
) -> None:
    method = quality_page(tables, consultation, kappa=kappa, kappa_low=-0.2, kappa_high=1.0)
    assert f"L’accord des deux lecteurs est {named} : kappa" in method
    assert "de −0,20 à 1,00" in method


def test_the_last_section_bears_version_and_fingerprints(page: LexborHTMLParser) -> None:
    foot = words(section(page, "version"))
    for expected in ("7f3a9c21be40", "assises 0.1.0", "c0" * 32, "de" * 32, "1a" * 32):
        assert expected in foot


def test_nothing_received_makes_a_page_that_says_so(
    empty_tables: Tables, consultation: Consultation
) -> None:
    page = LexborHTMLParser(page_of(empty_tables, consultation))
    assert "Aucune contribution retenue à ce jour." in words(section(page, "essentiel"))
    assert "Aucun message reçu à ce jour." in words(section(page, "participation"))
    assert "Aucune campagne détectée à ce jour." in words(section(page, "campagnes"))
    assert len(page.css("section.theme")) == 4
    assert "0 message reçu = 0 retenu + 0 doublon + 0 rejeté" in words(section(page, "registre"))


@pytest.mark.parametrize(
    "name",
    [
        "propositions",
        "constats",
        "contributions_by_theme_and_day",
        "synthesis_by_theme",
    ],
)
def test_a_table_without_rows_makes_a_page(
    tables: Tables, consultation: Consultation, name: str
) -> None:
    of_groups = ("gains_of_day", "oppositions")
    emptied = tables | {f"marts.{n}": tables[f"marts.{n}"].slice(0, 0) for n in (name, *of_groups)}
    assert "274" in page_of(emptied, consultation)


def test_a_day_before_the_opening_makes_a_page(
    publish: Callable[..., Tables], consultation: Consultation
) -> None:
    early = publish(as_of_date=date(2020, 1, 5), is_final=False)
    assert "Synthèse au 5" in page_of(early, consultation)


def test_equal_tables_make_equal_bytes(
    tables: Tables, consultation: Consultation, html: str
) -> None:
    copied = {
        name: pa.Table.from_pylist(table.to_pylist(), schema=table.schema)
        for name, table in reversed(tables.items())
    }
    assert page_of(copied, consultation) == html


# --- how it says it ------------------------------------------------------------------------------


def test_our_prose_is_typographied(html: str) -> None:
    prose = re.sub(
        r'<style>.*?</style>|<script.*?</script>|<bdi class="words">.*?</bdi>|<code>.*?</code>',
        "",
        html,
        flags=re.DOTALL,
    )
    text = LexborHTMLParser(prose).text()
    assert not re.search(r" [:;!?%»]|« |\w'\w", text)
    assert f"53{FINE}%" in text
    assert f"19{FIXED}janvier{FIXED}2020" in text


def test_thousands_and_shares_are_typographied(tables: Tables, consultation: Consultation) -> None:
    table = tables["marts.synthesis_by_theme"]
    place = table.schema.get_field_index("statement_count")
    many = table.set_column(place, table.schema.field(place), pa.array([12345] * len(table)))
    assert f"<td>12{FINE}345</td>" in page_of(
        tables | {"marts.synthesis_by_theme": many}, consultation
    )


def test_the_identity_agrees_in_number(tables: Tables, consultation: Consultation) -> None:
    first = read_synthesis(tables, consultation).days[0]
    assert identity(first).replace(FIXED, " ") == (
        "1 message reçu = 0 retenu + 0 doublon + 1 rejeté + 0 en attente d’une personne + 0 retiré"
    )


def test_a_weight_is_more_dots_when_it_weighs_more() -> None:
    marks = [weight_mark(label) for label in ("majoritaire", "fréquent", "partagé", "isolé")]
    assert marks == ["●●●●", "●●●○", "●●○○", "●○○○"]


# --- for everyone --------------------------------------------------------------------------------


def test_the_page_has_language_title_and_landmarks(any_page: LexborHTMLParser) -> None:
    root = any_page.css_first("html")
    assert root is not None
    assert root.attributes["lang"] == "fr"
    assert "Synthèse au 19 janvier 2020" in words(any_page.css_first("title"))
    assert [len(any_page.css(name)) for name in ("header", "nav", "main", "footer", "h1")] == [
        1
    ] * 5
    skip = any_page.css_first("body > a")
    assert skip is not None
    assert skip.attributes["href"] == "#contenu"


def test_headings_never_skip_a_level(any_page: LexborHTMLParser) -> None:
    levels = [int(str(node.tag)[1]) for node in any_page.css("h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_table_has_a_caption_and_scoped_headers(any_page: LexborHTMLParser) -> None:
    for table in any_page.css("table"):
        assert words(table.css_first("caption"))
        assert all(cell.attributes.get("scope") in {"col", "row"} for cell in table.css("th"))
        assert all(row.css("th[scope=row]") for row in table.css("tbody tr, tfoot tr"))
        box = table.parent
        assert box is not None
        assert (box.attributes["role"], box.attributes["tabindex"]) == ("region", "0")


def test_every_chart_has_a_table_behind_it(page: LexborHTMLParser) -> None:
    drawings = page.css("figure.drawing")
    assert len(drawings) == 7
    for drawing in drawings:
        behind = drawing.next
        while behind is not None and behind.tag != "details":
            behind = behind.next
        assert behind is not None
        assert behind.css("table")


def test_a_theme_s_code_never_takes_another_identifier(
    tables: Tables, consultation: Consultation
) -> None:
    first, *others = consultation.themes
    for code in ("day", "theme", "campagnes", "registre-jour"):
        renamed = replace(consultation, themes=(replace(first, code=code), *others))
        bare = {name: table.slice(0, 0) for name, table in tables.items() if "marts" in name}
        bare |= {name: tables[name] for name in tables if "ledger" in name or "figures" in name}
        page = LexborHTMLParser(page_of(tables | bare, renamed))
        identifiers = [node.attributes["id"] for node in page.css("[id]")]
        assert len(identifiers) == len(set(identifiers))


def test_identifiers_are_unique_and_every_reference_finds_its_own(
    any_page: LexborHTMLParser,
) -> None:
    identifiers = [str(node.attributes["id"]) for node in any_page.css("[id]")]
    assert len(identifiers) == len(set(identifiers))
    wanted = {str(link.attributes["href"])[1:] for link in any_page.css('a[href^="#"]')}
    for node in any_page.css("[aria-labelledby]"):
        wanted |= set(str(node.attributes["aria-labelledby"]).split())
    assert wanted <= set(identifiers)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("ink", "paper"),
        ("muted", "paper"),
        ("accent", "paper"),
        ("ink", "raised"),
        ("muted", "raised"),
        ("on-accent", "accent"),
    ],
)
def test_text_contrast_is_at_least_aa(html: str, scheme: str, ink: str, paper: str) -> None:
    rules = re.findall(r":root \{(.*?)\}", html, flags=re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", rule)) for rule in rules)
    colours = light if scheme == "light" else dark
    lighter, darker = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(part * c for part, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


# --- alone ---------------------------------------------------------------------------------------


def test_nothing_is_loaded_from_anywhere(any_page: LexborHTMLParser) -> None:
    assert not any_page.css("[src], [srcset], [style], link[rel=stylesheet]")
    for node in any_page.css("[href]"):
        assert re.match(
            r"#|data:,$|(csv/\w+\.csv|assises\.duckdb|manifest\.json)$",
            str(node.attributes["href"]),
        )
    style = any_page.css_first("style")
    assert style is not None
    assert not re.search(r"url\(|@import|https?:", style.text())


def test_the_policy_allows_the_page_s_own_style_and_script_and_nothing_else(html: str) -> None:
    style, script = (
        base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
        for name in ("style", "script")
        for found in re.findall(f"<{name}>(.*?)</{name}>", html, flags=re.DOTALL)
    )
    page = LexborHTMLParser(html)
    policy = page.css_first('meta[http-equiv="Content-Security-Policy"]')
    assert policy is not None
    assert str(policy.attributes["content"]).split("; ") == [
        "default-src 'none'",
        f"script-src 'sha256-{script}'",
        f"style-src 'sha256-{style}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
