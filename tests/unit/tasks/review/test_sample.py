from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tasks.consultation import Consultation, parse_consultation
from tasks.report.ods import write_ods
from tasks.report.workbook import Cell, Workbook
from tasks.report.workbook_reader import ReadSheet, read_workbook
from tasks.report.xlsx import write_xlsx
from tasks.review.decisions import Decision, Refusal
from tasks.review.sample import (
    AFTER,
    BEFORE,
    GUIDE,
    IDENTIFIER,
    NUMBER,
    REMARK,
    SAMPLE,
    WHO,
    WORDS,
    Reader,
    Shown,
    in_context,
    is_sample,
    read_reader,
    read_sample,
    sample_workbook,
)
from tests.program import EXAMPLE


@pytest.fixture(scope="module")
def consultation() -> Consultation:
    return parse_consultation((EXAMPLE / "consultation.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def drawn() -> dict[str, Shown]:
    texts = [f"Il faut une lampe\nrue {number}." for number in range(1, 13)]
    return {
        f"c-{number:016x}-001": Shown(
            f"c-{number:016x}-001",
            hashlib.sha256(text.encode()).hexdigest()[:32],
            text,
            "Bonjour,",
            "=1+1",
        )
        for number, text in enumerate(texts)
    }


def filled(
    workbook: Workbook,
    answers: Mapping[str, Mapping[str, str | None]],
    name: str | None = "Lucie Morand",
    reader: str | None = None,
    write: Any = write_xlsx,
) -> tuple[ReadSheet, ...]:
    """What is read of a workbook in which a person wrote, by identifier then title."""

    def rows(sheet: str, table: tuple[tuple[Cell, ...], ...]) -> tuple[tuple[Cell, ...], ...]:
        if sheet == WHO:
            return ((reader or table[0][0], name),)
        if sheet == GUIDE:
            return table
        titles = [field.title for field in workbook.sheets[2].fields]
        given = [answers.get(str(row[-1]), {}) for row in table]
        return tuple(
            tuple(of.get(title, cell) for title, cell in zip(titles, row, strict=True))
            for row, of in zip(table, given, strict=True)
        )

    sheets = tuple(replace(s, rows=rows(s.name, s.rows)) for s in workbook.sheets)
    return read_workbook(write(replace(workbook, sheets=sheets)))


def in_force(decisions: list[Decision], name: str) -> list[dict[str, Any]]:
    return [
        {
            "act": one.act,
            "subject": one.subject,
            "reader": one.reader,
            "after": one.after,
            "anchors": list(one.anchors),
            "decided_by": name,
        }
        for one in decisions
    ]


# --- what a reader is given ----------------------------------------------------------------------


def test_a_workbook_holds_the_words_and_where_to_answer_and_nothing_else(
    drawn: dict[str, Shown], consultation: Consultation
) -> None:
    guide, who, sample = sample_workbook(drawn.values(), consultation, 1).sheets
    titles = [field.title for field in sample.fields]
    assert titles == [NUMBER, BEFORE, WORDS, AFTER, "Thème", "Nature", REMARK, IDENTIFIER]
    assert [f.title for f in sample.fields if f.editable] == ["Thème", "Nature", REMARK]
    assert who.rows == ((1, None),)
    assert {row[4:7] for row in sample.rows} == {(None, None, None)}
    assert {row[-1] for row in sample.rows} == drawn.keys()
    assert [row[0] for row in sample.rows] == list(range(1, 13))
    by_id = {row[-1]: row[1:4] for row in sample.rows}
    assert all(by_id[name] == (s.before, s.text, s.after) for name, s in drawn.items())
    assert sample.fields[4].choices == (
        *(theme.short_label for theme in consultation.themes),
        "Hors thèmes",
    )
    said = json.dumps(guide.rows, ensure_ascii=False)
    assert all(theme.description[:40] in said for theme in consultation.themes)


def test_each_reader_has_an_order_of_their_own_the_same_each_time(
    drawn: dict[str, Shown], consultation: Consultation
) -> None:
    one, other = (
        [row[-1] for row in sample_workbook(drawn.values(), consultation, n).sheets[2].rows]
        for n in (1, 2)
    )
    again = sample_workbook(reversed(drawn.values()), consultation, 1)
    assert one != other
    assert one != sorted(one)
    assert [row[-1] for row in again.sheets[2].rows] == one


def test_a_statement_stands_in_its_context_cut_at_a_word() -> None:
    text = "avant " * 100 + "Il faut une lampe." + " après" * 100
    start = text.index("Il faut")
    shown = in_context("c-1", "t", text, start, start + len("Il faut une lampe."))
    assert shown.text == "Il faut une lampe."
    assert set(shown.before.split()) == {"…", "avant"}
    assert set(shown.after.split()) == {"…", "après"}
    assert max(len(shown.before), len(shown.after)) <= 202
    assert in_context("c-1", "t", "Bonjour. Une lampe. Merci.", 9, 19) == Shown(
        "c-1", "t", "Une lampe.", "Bonjour.", "Merci."
    )
    spaced = "Madame,\n\n\nBonjour.\n \nUne lampe.\n\nMerci.\n\nAnne"
    start = spaced.index("Une")
    around = in_context("c-1", "t", spaced, start, start + len("Une lampe."))
    assert (around.before, around.after) == ("Madame,\nBonjour.", "Merci.\nAnne")


# --- what a reader answers -----------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_xlsx, write_ods])
def test_labels_become_decisions_on_words(
    drawn: dict[str, Shown], consultation: Consultation, write: Any
) -> None:
    first, second = list(drawn)[:2]
    workbook = sample_workbook(drawn.values(), consultation, 2)
    answers = {
        first: {
            "Thème": consultation.themes[2].short_label,
            "Nature": "constat",
            REMARK: "à revoir",
        },
        second: {"Nature": "Proposition "},
    }
    sheets = filled(workbook, answers, write=write)
    assert is_sample(sheets)
    decisions, refusals = read_sample(sheets, drawn, consultation, [])
    assert refusals == []
    lines = {row[-1]: place for place, row in enumerate(workbook.sheets[2].rows, 2)}
    trace = drawn[first].words_trace
    expected = [
        Decision("sample_theme", first, None, consultation.themes[2].code, anchors=(trace,),
                 cell=f"{SAMPLE}, E{lines[first]}", reader=2),
        Decision("sample_kind", first, None, "constat", anchors=(trace,),
                 cell=f"{SAMPLE}, F{lines[first]}", reader=2),
        Decision("sample_kind", second, None, "proposition", anchors=(drawn[second].words_trace,),
                 cell=f"{SAMPLE}, F{lines[second]}", reader=2),
    ]  # fmt: skip
    assert sorted(decisions, key=repr) == sorted(expected, key=repr)


def test_a_label_that_stands_already_is_no_decision_and_another_replaces_it(
    drawn: dict[str, Shown], consultation: Consultation
) -> None:
    first = next(iter(drawn))
    workbook = sample_workbook(drawn.values(), consultation, 1)
    sheets = filled(workbook, {first: {"Nature": "constat"}})
    decisions, _ = read_sample(sheets, drawn, consultation, [])
    held = in_force(decisions, "Lucie Morand")
    assert read_sample(sheets, drawn, consultation, held) == ([], [])
    changed = filled(workbook, {first: {"Nature": "autre"}})
    ((decision,), _) = read_sample(changed, drawn, consultation, held)
    assert (decision.before, decision.after) == ("constat", "autre")


@pytest.mark.parametrize(
    ("answer", "cell", "says"),
    [
        pytest.param({"Thème": "Sécurité"}, "E", "n’est pas de la liste", id="unknown theme"),
        pytest.param({"Nature": "avis"}, "F", "n’est pas de la liste", id="unknown kind"),
        pytest.param(
            {"Nature": "constat", IDENTIFIER: "c-ffffffffffffffff-001"},
            "H",
            "l’échantillon",
            id="a statement that was not drawn",
        ),
        pytest.param(
            {"Nature": "constat", IDENTIFIER: None}, "H", "l’échantillon", id="emptied identifier"
        ),
        pytest.param({"Nature": "constat", WORDS: None}, "C", "mots", id="emptied words"),
        pytest.param(
            {"Nature": "constat", WORDS: "Une autre phrase."},
            "C",
            "mots",
            id="a column sorted alone",
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_cell_and_the_rest_is_taken(
    drawn: dict[str, Shown],
    consultation: Consultation,
    answer: dict[str, str | None],
    cell: str,
    says: str,
) -> None:
    first, second = list(drawn)[:2]
    workbook = sample_workbook(drawn.values(), consultation, 1)
    sheets = filled(workbook, {first: answer, second: {"Nature": "constat"}})
    decisions, (refusal,) = read_sample(sheets, drawn, consultation, [])
    line = next(n for n, row in enumerate(workbook.sheets[2].rows, 2) if row[-1] == first)
    assert (refusal.sheet, refusal.cell) == (SAMPLE, f"{cell}{line}")
    assert says in refusal.sentence
    assert [one.subject for one in decisions] == [second]


def test_a_statement_that_stands_twice_is_taken_once(
    drawn: dict[str, Shown], consultation: Consultation
) -> None:
    first, second = list(drawn)[:2]
    workbook = sample_workbook(drawn.values(), consultation, 1)
    copied = {IDENTIFIER: first, WORDS: drawn[first].text, "Nature": "autre"}
    sheets = filled(workbook, {first: {"Nature": "autre"}, second: copied})
    (decision,), (refusal,) = read_sample(sheets, drawn, consultation, [])
    assert decision.subject == first
    assert "déjà" in refusal.sentence


def refused(sheets: Sequence[ReadSheet], drawn: Any, asked: Any, held: Any) -> Refusal:
    decisions, (refusal,) = read_sample(sheets, drawn, asked, held)
    assert decisions == []
    return refusal


def test_a_reader_says_who_they_are(drawn: dict[str, Shown], consultation: Consultation) -> None:
    first = next(iter(drawn))
    workbook = sample_workbook(drawn.values(), consultation, 2)
    answers = {first: {"Nature": "autre"}}
    assert read_reader(filled(workbook, answers), []) == (Reader(2, "Lucie Morand"), [])
    nobody = refused(filled(workbook, answers, name=None), drawn, consultation, [])
    assert (nobody.sheet, nobody.cell) == (WHO, "B2")
    third = refused(filled(workbook, answers, reader="3"), drawn, consultation, [])
    assert (third.sheet, third.cell) == (WHO, "A2")
    without = [sheet for sheet in filled(workbook, answers) if sheet.name != WHO]
    assert refused(without, drawn, consultation, []).sheet == WHO


def test_the_two_readers_are_two_persons(
    drawn: dict[str, Shown], consultation: Consultation
) -> None:
    first = next(iter(drawn))
    answers = {first: {"Nature": "autre"}}
    one, other = (sample_workbook(drawn.values(), consultation, n) for n in (1, 2))
    held = in_force(read_sample(filled(one, answers), drawn, consultation, [])[0], "Lucie Morand")
    same = refused(filled(other, answers, name="lucie  MORAND"), drawn, consultation, held)
    assert "deux personnes" in same.sentence
    decisions, refusals = read_sample(
        filled(other, answers, name="Jean Petit"), drawn, consultation, held
    )
    assert (len(decisions), refusals) == (1, [])


def test_a_missing_column_is_refused(drawn: dict[str, Shown], consultation: Consultation) -> None:
    guide, who, sample = filled(sample_workbook(drawn.values(), consultation, 1), {})
    columns = {title: of for title, of in sample.columns.items() if title != "Nature"}
    refusal = refused((guide, who, replace(sample, columns=columns)), drawn, consultation, [])
    assert "Nature" in refusal.sentence
