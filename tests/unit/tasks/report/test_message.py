"""What the message says of invented tables, hostile labels and titles among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from tasks.consultation import Consultation
from tasks.report.message import (
    LONGEST_LABEL,
    Files,
    Letter,
    Waiting,
    one_line,
    write_daily,
    write_final,
)
from tasks.report.model import Synthesis, read_synthesis

Tables = dict[str, pa.Table]
NOTHING = Waiting("", 0)
FILES = Files("published/2020-01-19", ("synthese.html", "tableaux.ods"))


@pytest.fixture
def synthesis(tables: Tables, consultation: Consultation) -> Synthesis:
    return read_synthesis(tables, consultation)


def plain(text: str) -> str:
    """Return a text on one line, its spaces of one kind, to look for a sentence in."""
    return " ".join(text.split())


def with_label(synthesis: Synthesis, label: str) -> Synthesis:
    """Return it with this label on the group that gained most."""
    themes = []
    for theme in synthesis.themes:
        gains = [replace(g, group=replace(g.group, label=label)) for g in theme.gains]
        themes.append(replace(theme, gains=tuple(gains)))
    return replace(synthesis, themes=tuple(themes))


def daily(synthesis: Synthesis, consultation: Consultation) -> Letter:
    return write_daily(synthesis, consultation, NOTHING, FILES)


def test_figures_of_the_day_and_totals_are_those_of_the_tables(
    synthesis: Synthesis, consultation: Consultation
) -> None:
    text = plain(daily(synthesis, consultation).text)
    day, total = text.split("CE JOUR")[1].split("DEPUIS L’OUVERTURE")
    assert "52 messages reçus = 45 retenus + 4 doublons + 2 rejetés" in day
    assert (
        f"{synthesis.total.received} messages reçus = {synthesis.total.accepted} retenus" in total
    )
    assert f"{synthesis.contributor_count} contributeurs" in total
    for theme in synthesis.themes:
        assert f"{theme.short_label} : {theme.contribution_count} contributions" in total


def test_the_greatest_gains_of_the_day_are_shown(
    synthesis: Synthesis, consultation: Consultation
) -> None:
    gains = [gain for theme in synthesis.themes for gain in theme.gains]
    most = max(gains, key=lambda gain: gain.gained_contributor_count)
    news = plain(daily(synthesis, consultation).text.split("CE QUE CE JOUR APPORTE")[1])
    assert plain(most.group.label[:60]) in news
    new = sum(gain.is_new for gain in gains)
    assert f"{new} nouveau" in news


def test_what_waits_for_a_person_is_said(synthesis: Synthesis, consultation: Consultation) -> None:
    waiting = Waiting("1 urgence, 2 demandes personnelles", 3)
    text = plain(write_daily(synthesis, consultation, waiting, FILES).text)
    needs = text.split("CE QUI ATTEND UNE PERSONNE")[1].split("LES DOCUMENTS")[0]
    assert "À lire le jour même : 1 urgence, 2 demandes personnelles" in needs
    assert f"{synthesis.total.quarantined} messages que le programme ne peut pas lire" in needs
    assert "3 décisions sans effet" in needs


@pytest.mark.parametrize("is_final", [True, False])
def test_a_final_draft_asks_to_be_validated(
    synthesis: Synthesis, consultation: Consultation, *, is_final: bool
) -> None:
    publication = replace(synthesis.publication, is_final=is_final, state="brouillon")
    letter = daily(replace(synthesis, publication=publication), consultation)
    assert ("assises review validate" in letter.text) is is_final
    assert ("La consultation est close" in letter.text) is is_final
    assert ("La prochaine synthèse" in plain(letter.text)) is not is_final
    assert "(brouillon)" in letter.subject


def test_the_final_message_says_what_is_joined_and_who_validated_is_not_named(
    synthesis: Synthesis, consultation: Consultation
) -> None:
    publication = replace(
        synthesis.publication,
        is_final=True,
        state="validée",
        validated_by="Claire Dumont",
        validated_at=datetime(2020, 1, 20, 9, 5, tzinfo=UTC),
    )
    files = replace(FILES, joined=("synthese.html",), left_out=("tableaux.ods",))
    letter = write_final(replace(synthesis, publication=publication), consultation, files)
    text = plain(letter.text)
    assert "Joints à ce message : synthese.html" in text
    assert "Trop volumineux pour être joints : tableaux.ods" in text
    assert "validée le 20 janvier 2020 à 9 h 05" in text
    assert "Dumont" not in text
    assert "brouillon" not in letter.subject + text


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        pytest.param("Plus\r\nde\tpatrouilles", "« Plus de patrouilles »", id="lines"),
        pytest.param("Un 🚓 à Varennes", "« Un 🚓 à Varennes »", id="emoji"),
        pytest.param("a\ud800b\x00c\x1b[31m", "« a\ufffdb\ufffdc\ufffd[31m »", id="no character"),
        pytest.param("a\u202eb", "« a\ufffdb »", id="text turned round"),
        pytest.param("<b>{{7*7}}</b>", "« <b>{{7*7}}</b> »", id="markup"),
    ],
)
def test_labels_are_shown_as_they_are_on_one_line(
    synthesis: Synthesis, consultation: Consultation, label: str, shown: str
) -> None:
    letter = daily(with_label(synthesis, label), consultation)
    assert shown in plain(letter.text)
    letter.text.encode("utf-8")


@pytest.mark.parametrize("label", ["Voir http://a.invalid", "lisez www.a", "a.invalid", "x@y"])
def test_what_would_become_a_link_is_not_shown(
    synthesis: Synthesis, consultation: Consultation, label: str
) -> None:
    text = daily(with_label(synthesis, label), consultation).text
    assert label not in text
    assert "un groupe dont le nom contient une adresse, g-" in plain(text)


def test_a_very_long_label_is_cut_and_says_so(
    synthesis: Synthesis, consultation: Consultation
) -> None:
    text = daily(with_label(synthesis, "é" * 5000), consultation).text
    assert f"(coupé : {5000 - LONGEST_LABEL} caractères de plus)" in plain(
        text.replace("\u202f", "")
    ).replace("coupé:", "coupé :")  # the fine spaces of thousands and of the colon
    assert max(map(len, text.splitlines())) <= LONGEST_LABEL + 10


def test_a_title_cannot_add_a_header(synthesis: Synthesis, consultation: Consultation) -> None:
    title = "Assises\r\nBcc: autre@exemple.invalid\r\n\r\nCorps " + "x" * 500
    letter = daily(synthesis, replace(consultation, title=title))
    assert letter.subject.isprintable() or "\u202f" in letter.subject
    assert len(letter.subject.splitlines()) == 1
    assert len(letter.subject) < 250


@pytest.mark.parametrize("line", ["a\nb", "a\r\nb", "a\u2028b", "a\x85b", "a\tb", "a\x0bb"])
def test_one_line_has_one_line(line: str) -> None:
    assert one_line(line) == "a b"


def test_a_day_without_messages(empty_tables: Tables, consultation: Consultation) -> None:
    text = plain(daily(read_synthesis(empty_tables, consultation), consultation).text)
    assert "CE JOUR - Aucun message reçu" in text
    assert "Aucun groupe de constats ni de propositions n’a gagné" in text


def test_lines_are_short_where_words_are(synthesis: Synthesis, consultation: Consultation) -> None:
    text = daily(synthesis, consultation).text
    assert max(map(len, text.splitlines())) <= 80
    assert not any(line.endswith(" ") for line in text.splitlines())
