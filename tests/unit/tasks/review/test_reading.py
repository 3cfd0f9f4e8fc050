from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

import pytest

from tasks.report.workbook_reader import ReadSheet
from tasks.review import layout
from tasks.review.decisions import Decision, is_borrowed
from tasks.review.edits import split_id
from tasks.review.layout import CASES, GROUPS, MAILS, STATEMENTS, VERBATIMS
from tasks.review.reading import Reading, read_review
from tests.reviewing import (
    Cells,
    cell_of,
    group_id,
    label_of,
    number_of,
    read_back,
    rows_of,
    statement_id,
    submission_id,
    text_of,
    typed_id,
    world,
    written,
)
from warehouse.contracts import DISCARDED, KEPT

Ask = Callable[..., Reading]
G1, G2, G3 = group_id(1), group_id(2), group_id(3)
FIRST, SECOND = statement_id(1, 1), statement_id(1, 2)
N2, N5 = (str(number_of(written(world()), group_id(n))) for n in (2, 5))
S1, CASE = submission_id(1), submission_id(101)
LABEL = "Plus de lumière près de la gare"


def test_an_empty_workbook_asks_nothing(ask: Ask) -> None:
    assert ask({}) == Reading("Anne Petit", (), (), {})


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ((GROUPS, G1, layout.NEW_LABEL), LABEL, ("group_label", G1, FIRST, LABEL)),
        ((GROUPS, G1, layout.MERGE), N2, ("group_merge", G1, None, G2)),
        ((GROUPS, G1, layout.MERGE), f"n° {N2}", ("group_merge", G1, None, G2)),
        ((GROUPS, G1, layout.MERGE), f"{N2}.0", ("group_merge", G1, None, G2)),
        ((GROUPS, G1, layout.NEW_THEME), "SERVICE  rendu", ("group_theme", G1, "lien", "service")),
        ((GROUPS, G1, layout.NEW_KIND), "autre", ("group_kind", G1, "constat", "autre")),
        ((GROUPS, G1, layout.READ), " OUI ", ("group_read", G1, None, "oui")),
        (
            (STATEMENTS, FIRST, layout.NEW_THEME),
            "Hors thèmes",
            ("statement_theme", FIRST, "lien", "hors_theme"),
        ),
        (
            (STATEMENTS, FIRST, layout.NEW_KIND),
            "proposition",
            ("statement_kind", FIRST, "constat", "proposition"),
        ),
        ((STATEMENTS, FIRST, layout.MOVE), N5, ("statement_group", FIRST, G1, group_id(5))),
        ((VERBATIMS, FIRST, layout.OPEN), "non", ("statement_open", FIRST, None, "non")),
        ((MAILS, S1, layout.DECISION), KEPT, ("submission_kept", S1, None, KEPT)),
        (
            (MAILS, S1, layout.TYPED),
            "Le pont\nest fermé.",
            ("submission_words", S1, None, typed_id(S1, "Le pont\nest fermé.")),
        ),
        ((CASES, CASE, layout.DONE), "oui", ("attention_done", CASE, None, "oui")),
    ],
)
def test_a_cell_is_a_decision(
    ask: Ask, cell: tuple[str, str, str], value: str, expected: tuple[str, ...]
) -> None:
    found = ask({cell: value})
    assert found.refusals == ()
    (decision,) = found.decisions
    assert (decision.act, decision.subject, decision.before, decision.after) == expected
    assert decision.cell == f"{cell[0]} {cell_of(written(world()), *cell)}"


def test_the_number_of_an_example_gives_its_label_and_writes_no_word_of_it(ask: Ask) -> None:
    (shown,) = (s for s in read_back(written(world())) if s.name == GROUPS)
    line = next(row.cells for row in shown.rows if row.cells[layout.IDENTIFIER] == G1)
    said = world().words[SECOND]
    assert line[layout.EXAMPLES].splitlines()[0] == f"1. {said.label}"
    (decision,) = ask({(GROUPS, G1, layout.NEW_LABEL): "1"}).decisions
    assert (decision.before, decision.after) == (FIRST, SECOND)
    assert decision.target_anchors == (said.trace,)
    since = world(rows_of([decision]))
    assert since.groups[G1].label == said.label
    assert ask({(GROUPS, G1, layout.NEW_LABEL): "1"}, now=since).decisions == ()
    (refusal,) = ask({(GROUPS, G1, layout.NEW_LABEL): "7"}).refusals
    assert "n'a pas d'exemple n° 7" in refusal.sentence


@pytest.mark.parametrize("left", ["", "rien", "1. un exemple\n\n2. un autre"])
def test_an_example_whose_cell_was_written_over_is_refused_by_its_cell(ask: Ask, left: str) -> None:
    cells = {(GROUPS, G1, layout.NEW_LABEL): "1", (GROUPS, G1, layout.EXAMPLES): left}
    (refusal,) = ask(cells).refusals
    assert "n'a pas d'exemple n° 1" in refusal.sentence


def test_a_label_written_like_an_identifier_is_taken_from_no_statement(ask: Ask) -> None:
    (decision,) = ask({(GROUPS, G1, layout.NEW_LABEL): FIRST}).decisions
    assert not is_borrowed(asdict(decision))
    assert world(rows_of([decision])).groups[G1].label == FIRST


def test_a_decision_on_a_group_says_what_it_was_made_of(ask: Ask) -> None:
    (decision,) = ask({(GROUPS, G1, layout.READ): "oui"}).decisions
    words = [world().words[one].trace for one in (SECOND, FIRST)]  # said most often first
    assert decision.anchors == (G1, *words)


def test_a_decision_on_words_bears_their_trace_and_the_reason(ask: Ask) -> None:
    cells = {
        (STATEMENTS, SECOND, layout.NEW_KIND): "proposition",
        (STATEMENTS, SECOND, layout.REASON): "c'est une\ndemande",
    }
    (decision,) = ask(cells).decisions
    assert decision.anchors == (world().words[statement_id(1, 3)].trace,)
    assert decision.reason == "c'est une demande"


def test_a_group_is_split_by_giving_its_statements_one_name(ask: Ask) -> None:
    found = ask(
        {
            (STATEMENTS, FIRST, layout.MOVE): "La gare",
            (STATEMENTS, SECOND, layout.MOVE): "la  gare",
            (STATEMENTS, SECOND, layout.NEW_KIND): "constat",
        }
    )
    made = split_id(G1, "La gare")
    assert [(d.act, d.subject, d.after) for d in found.decisions] == [
        ("statement_group", SECOND, made),
        ("group_label", made, "la gare"),
        ("statement_group", FIRST, made),
    ]
    assert found.refusals == ()


def test_words_typed_in_are_not_in_the_decision(ask: Ask) -> None:
    found = ask({(MAILS, S1, layout.TYPED): "Le pont est fermé."})
    assert found.typed == {S1: "Le pont est fermé."}
    assert "pont" not in repr(found.decisions)


@pytest.mark.parametrize(
    ("cells", "titles", "says"),
    [
        pytest.param(
            {(GROUPS, G1, layout.NEW_LABEL): "Vu avec Jeanne Martin"},
            [layout.NEW_LABEL],
            "« Jeanne Martin » désigne une personne",
            id="a label that names a person",
        ),
        pytest.param(
            {(GROUPS, G1, layout.NEW_LABEL): "Appeler le 06 12 34 56 78"},
            [layout.NEW_LABEL],
            "« 06 12 34 56 78 »",
            id="a label that holds a telephone",
        ),
        pytest.param(
            {(GROUPS, G1, layout.NEW_LABEL): "?!"}, [layout.NEW_LABEL], "ne dit rien", id="no word"
        ),
        pytest.param(
            {(GROUPS, G1, layout.NEW_LABEL): "a" * 141},
            [layout.NEW_LABEL],
            "141 caractères",
            id="a long label",
        ),
        pytest.param(
            {(GROUPS, G1, layout.NEW_LABEL): "LIBELLÉ du groupe 3"},
            [layout.NEW_LABEL],
            "réunissez-les",
            id="the label of another group of the theme",
        ),
        pytest.param(
            {
                (GROUPS, G1, layout.MERGE): N5,
                (GROUPS, G1, layout.NEW_LABEL): LABEL,
                (GROUPS, G1, layout.NEW_KIND): "autre",
            },
            [layout.NEW_LABEL, layout.NEW_KIND],
            "donnez-le au groupe d'arrivée",
            id="a label and a kind for a group that is joined to another",
        ),
        pytest.param(
            {(GROUPS, G1, layout.MERGE): "9999"}, [layout.MERGE], "n° 9999", id="an unknown number"
        ),
        pytest.param(
            {(GROUPS, G1, layout.MERGE): "douze"}, [layout.MERGE], "pas un n°", id="no number"
        ),
        pytest.param(
            {(GROUPS, G2, layout.MERGE): N2}, [layout.MERGE], "à lui-même", id="joined to itself"
        ),
        pytest.param(
            {(GROUPS, G1, layout.NEW_THEME): "Santé"}, [layout.NEW_THEME], "liste", id="a theme"
        ),
        pytest.param(
            {(GROUPS, G1, layout.NEW_KIND): "avis"}, [layout.NEW_KIND], "liste", id="a kind"
        ),
        pytest.param({(GROUPS, G1, layout.READ): "non"}, [layout.READ], "liste", id="read, or not"),
        pytest.param(
            {(GROUPS, G1, layout.REASON): "à voir"}, [layout.REASON], "motif seul", id="a reason"
        ),
        pytest.param(
            {(GROUPS, G1, layout.READ): "oui", (GROUPS, G1, layout.REASON): "dit par a@b.example"},
            [layout.REASON],
            "« a@b.example »",
            id="a reason that holds an address",
        ),
        pytest.param(
            {(GROUPS, G1, layout.READ): "oui", (GROUPS, G1, layout.REASON): "a " * 300},
            [layout.REASON],
            "599 caractères",
            id="a long reason",
        ),
        pytest.param(
            {(GROUPS, G1, layout.READ): "oui", (GROUPS, G1, layout.IDENTIFIER): "g-" + "f" * 16},
            [layout.IDENTIFIER],
            "n'existe pas",
            id="an identifier that was changed",
        ),
        pytest.param(
            {(GROUPS, G1, layout.READ): "oui", (GROUPS, G1, layout.IDENTIFIER): ""},
            [layout.IDENTIFIER],
            "effacé",
            id="an identifier that was taken out",
        ),
        pytest.param(
            {(GROUPS, G1, layout.NEW_LABEL): LABEL, (GROUPS, G1, layout.LABEL): "Autre"},
            [layout.NEW_LABEL],
            "était « Autre » dans ce classeur, et est maintenant « Libellé du groupe 1 »",
            id="a protected cell that was changed",
        ),
        pytest.param(
            {(STATEMENTS, FIRST, layout.NEW_THEME): "Santé"},
            [layout.NEW_THEME],
            "liste",
            id="an unknown theme of a statement",
        ),
        pytest.param(
            {
                (STATEMENTS, FIRST, layout.NEW_KIND): "autre",
                (STATEMENTS, FIRST, layout.TEXT): "Oui",
            },
            [layout.IDENTIFIER],
            "avec ces mots",
            id="other words than those decided of",
        ),
        pytest.param(
            {(STATEMENTS, FIRST, layout.MOVE): "9999"},
            [layout.MOVE],
            "n° 9999",
            id="a statement moved to an unknown group",
        ),
        pytest.param(
            {
                (STATEMENTS, FIRST, layout.MOVE): N2,
                (STATEMENTS, FIRST, layout.NEW_THEME): "Lien",
                (STATEMENTS, FIRST, layout.NEW_KIND): "proposition",
            },
            [layout.NEW_THEME],
            "est « Service rendu »",
            id="another theme than that of the group it is moved to",
        ),
        pytest.param(
            {
                (STATEMENTS, FIRST, layout.MOVE): "La gare",
                (STATEMENTS, SECOND, layout.MOVE): "La gare",
                (STATEMENTS, SECOND, layout.NEW_KIND): "proposition",
            },
            [layout.MOVE, layout.MOVE],
            "pas tous du même thème",
            id="a new group of two kinds",
        ),
        pytest.param(
            {
                (STATEMENTS, FIRST, layout.MOVE): "La gare",
                (STATEMENTS, statement_id(3, 1), layout.MOVE): "La gare",
            },
            [layout.MOVE, layout.MOVE],
            "un autre groupe du même thème",
            id="one name for two new groups",
        ),
        pytest.param(
            {
                (STATEMENTS, FIRST, layout.MOVE): "La gare",
                (STATEMENTS, FIRST, layout.NEW_KIND): "autre",
            },
            [layout.MOVE],
            "donnez une nature",
            id="a new group of no kind",
        ),
        pytest.param(
            {(STATEMENTS, FIRST, layout.MOVE): "Chez Jeanne Martin"},
            [layout.MOVE],
            "désigne une personne",
            id="a new group that names a person",
        ),
        pytest.param(
            {(VERBATIMS, FIRST, layout.OPEN): "peut-être"}, [layout.OPEN], "liste", id="open or not"
        ),
        pytest.param(
            {(MAILS, S1, layout.DECISION): DISCARDED, (MAILS, S1, layout.TYPED): "Le pont."},
            [layout.DECISION],
            "se contredisent",
            id="set aside and typed",
        ),
        pytest.param(
            {(MAILS, S1, layout.TYPED): "a" * 32_001},
            [layout.TYPED],
            "32001 caractères",
            id="more words than a cell holds",
        ),
        pytest.param(
            {(MAILS, S1, layout.TYPED): "a" * 40_000},
            [layout.TYPED],
            "32",
            id="words that the file could not hold",
        ),
        pytest.param(
            {(MAILS, S1, layout.TYPED): "Le pont… (coupé\u202f: 12 caractères de plus)"},
            [layout.TYPED],
            "coupé",
            id="words that were cut",
        ),
        pytest.param({(MAILS, S1, layout.TYPED): "…"}, [layout.TYPED], "rien", id="no words"),
        pytest.param(
            {(MAILS, S1, layout.DECISION): KEPT, (MAILS, S1, layout.IDENTIFIER): "s-1"},
            [layout.IDENTIFIER],
            "message à lire n'existe pas",
            id="a message that is not to read",
        ),
        pytest.param({(CASES, CASE, layout.DONE): "non"}, [layout.DONE], "liste", id="done or not"),
    ],
)
def test_a_cell_is_refused(ask: Ask, cells: Cells, titles: list[str], says: str) -> None:
    found = ask(cells)
    workbook = written(world())
    lines = sorted({(sheet, one) for sheet, one, _ in cells})
    named = [(lines[min(rank, len(lines) - 1)], title) for rank, title in enumerate(titles)]
    expected = {(sheet, cell_of(workbook, sheet, one, title)) for (sheet, one), title in named}
    assert {(r.sheet, r.cell) for r in found.refusals} == expected
    assert all(says in r.sentence for r in found.refusals)
    kept = {d.act for d in found.decisions}
    assert kept <= {"group_merge"}  # what another cell of the line asks for itself


def test_what_is_right_beside_a_refused_cell_is_decided(ask: Ask) -> None:
    found = ask({(GROUPS, G1, layout.NEW_LABEL): "?", (GROUPS, G1, layout.NEW_KIND): "autre"})
    assert [d.act for d in found.decisions] == ["group_kind"]
    assert len(found.refusals) == 1


def test_cells_are_named_as_one_meets_them(ask: Ask) -> None:
    found = ask(
        {
            (CASES, CASE, layout.DONE): "?",
            (GROUPS, G3, layout.NEW_LABEL): "?",
            (GROUPS, G3, layout.REASON): "a@b.example",
            (GROUPS, G3, layout.READ): "oui",
            (GROUPS, G2, layout.NEW_KIND): "?",
        }
    )
    workbook = written(world())
    cells = [
        (GROUPS, G2, layout.NEW_KIND),
        (GROUPS, G3, layout.NEW_LABEL),
        (GROUPS, G3, layout.REASON),
        (CASES, CASE, layout.DONE),
    ]
    expected = [(sheet, cell_of(workbook, sheet, one, title)) for sheet, one, title in cells]
    assert [(r.sheet, r.cell) for r in found.refusals] == expected


def test_a_group_is_joined_to_one_that_stays(ask: Ask) -> None:
    n1, n3 = (str(number_of(written(world()), one)) for one in (G1, G3))
    chain = ask({(GROUPS, G1, layout.MERGE): n3, (GROUPS, G3, layout.MERGE): N5})
    assert [(d.subject, d.after) for d in chain.decisions] == [(G3, group_id(5))]
    assert [r.sentence for r in chain.refusals] == [
        f"le n° {n3} est lui-même réuni au n° {N5} dans ce classeur : donnez plutôt ce n°."
    ]
    circle = ask({(GROUPS, G1, layout.MERGE): n3, (GROUPS, G3, layout.MERGE): n1})
    assert (len(circle.decisions), len(circle.refusals)) == (0, 2)


def test_the_label_of_a_group_that_is_joined_may_be_given_to_the_other(ask: Ask) -> None:
    found = ask(
        {
            (GROUPS, G3, layout.MERGE): str(number_of(written(world()), G1)),
            (GROUPS, G1, layout.NEW_LABEL): "Libellé du groupe 3",
        }
    )
    assert found.refusals == ()
    assert {d.act for d in found.decisions} == {"group_label", "group_merge"}


def test_the_same_workbook_again_decides_nothing_more(ask: Ask) -> None:
    cells = {
        (GROUPS, G1, layout.NEW_LABEL): LABEL,
        (GROUPS, G1, layout.NEW_THEME): "Service rendu",
        (GROUPS, G2, layout.MERGE): N5,
        (GROUPS, G2, layout.READ): "oui",
        (STATEMENTS, statement_id(3, 1), layout.MOVE): "La gare",
        (STATEMENTS, statement_id(3, 1), layout.NEW_KIND): "constat",
        (STATEMENTS, statement_id(4, 1), layout.MOVE): N5,
        (VERBATIMS, FIRST, layout.OPEN): "oui",
        (MAILS, S1, layout.TYPED): "Le pont est fermé.",
        (MAILS, submission_id(2), layout.DECISION): DISCARDED,
        (CASES, CASE, layout.DONE): "oui",
    }
    once = ask(cells)
    assert (len(once.decisions), once.refusals) == (11, ())
    again = ask(cells, now=world(rows_of(once.decisions)))
    assert (again.decisions, again.refusals) == ((), ())


def test_what_somebody_else_decided_since_is_not_undone(ask: Ask) -> None:
    since = world(rows_of([Decision("group_label", G1, FIRST, "Les rues sombres")], "Paul Roy"))
    found = ask({(GROUPS, G1, layout.NEW_LABEL): LABEL}, now=since)
    assert found.decisions == ()
    (refusal,) = found.refusals
    assert "« Les rues sombres » (décidé par Paul Roy le 13/01/2020)" in refusal.sentence
    (again,) = ask({(GROUPS, G1, layout.NEW_LABEL): LABEL}, since).decisions
    assert again.before == "Les rues sombres"


def test_a_group_that_was_joined_since_is_named_as_it_is_now(ask: Ask) -> None:
    since = world(rows_of([Decision("group_merge", G1, None, G3)]))
    (refusal,) = ask({(GROUPS, G1, layout.NEW_LABEL): LABEL}, now=since).refusals
    assert "réuni à « Libellé du groupe 3 » (décidé par Anne Petit le 13/01/2020)" in str(refusal)


def test_a_statement_that_is_elsewhere_now_is_not_moved_again(ask: Ask) -> None:
    trace = world().words[FIRST].trace
    moved = Decision("statement_group", FIRST, G1, G3, anchors=(trace,))
    cells = {(STATEMENTS, FIRST, layout.MOVE): N5}
    (refusal,) = ask(cells, now=world(rows_of([moved]))).refusals
    assert "n'est plus dans ce groupe (décidé par Anne Petit le 13/01/2020)" in refusal.sentence


def test_a_number_leads_to_what_its_group_became(ask: Ask) -> None:
    since = world(rows_of([Decision("group_merge", group_id(5), None, G3)]))
    (decision,) = ask({(GROUPS, G1, layout.MERGE): N5}, now=since).decisions
    assert decision.after == G3
    n1 = str(number_of(written(world()), G1))
    joined = world(rows_of([Decision("group_merge", G1, None, G3)]))
    (refusal,) = ask({(GROUPS, G3, layout.MERGE): n1}, now=joined).refusals
    assert "a déjà été réuni à ce groupe" in refusal.sentence
    gone = world(groups=4)
    (refusal,) = ask({(GROUPS, G1, layout.MERGE): N5}, exported=world(), now=gone).refusals
    assert "n'existe plus" in refusal.sentence


def test_a_number_that_two_lines_bear_names_none(ask: Ask) -> None:
    cells = {(GROUPS, G1, layout.MERGE): N5, (GROUPS, G3, layout.NUMBER): N5}
    (refusal,) = ask(cells).refusals
    assert f"plusieurs lignes portent le n° {N5}" in refusal.sentence


def test_words_replace_what_was_set_aside_before(ask: Ask) -> None:
    since = world(rows_of([Decision("submission_kept", S1, None, DISCARDED)]))
    found = ask({(MAILS, S1, layout.TYPED): "Le pont est fermé."}, since)
    assert [(d.act, d.before) for d in found.decisions] == [("submission_words", DISCARDED)]


def sheets_of(cells: Cells) -> list[ReadSheet]:
    return list(read_back(written(world(), cells)))


def read(sheets: list[ReadSheet]) -> Reading:
    return read_review(sheets, world(), list, typed_id)


def test_sheets_that_are_not_there_ask_nothing() -> None:
    sheets = sheets_of({(GROUPS, G1, layout.READ): "oui"})
    found = read([sheet for sheet in sheets if sheet.name == GROUPS])
    assert (len(found.decisions), found.refusals, found.author) == (1, (), "")


def test_a_renamed_sheet_is_refused_and_one_of_somebodys_own_is_left_alone() -> None:
    sheets = sheets_of({(GROUPS, G1, layout.READ): "oui", (CASES, CASE, layout.DONE): "oui"})
    renamed = [replace(s, name="Groupes (2)") if s.name == GROUPS else s for s in sheets]
    found = read([*renamed, ReadSheet("Mes notes", {"Notes": "A"}, ())])
    assert [d.act for d in found.decisions] == ["attention_done"]
    assert [(r.sheet, r.cell) for r in found.refusals] == [("Groupes (2)", "A1")]


def test_a_sheet_without_a_column_is_refused_once() -> None:
    sheets = sheets_of({(GROUPS, G1, layout.READ): "oui", (GROUPS, G2, layout.READ): "oui"})
    cut = [
        replace(s, columns={t: c for t, c in s.columns.items() if t != layout.LABEL})
        if s.name == GROUPS
        else s
        for s in sheets
    ]
    (refusal,) = read(cut).refusals
    assert "« Libellé actuel »" in refusal.sentence


def test_two_lines_of_one_group_that_disagree_are_both_refused() -> None:
    sheets = sheets_of({(GROUPS, G1, layout.NEW_KIND): "autre"})
    groups = next(s for s in sheets if s.name == GROUPS)
    line = next(r for r in groups.rows if r.cells[layout.IDENTIFIER] == G1)
    other = replace(line, number=90, cells={**line.cells, layout.NEW_KIND: "proposition"})
    twice = [replace(s, rows=(*s.rows, other)) if s.name == GROUPS else s for s in sheets]
    found = read(twice)
    column = groups.columns[layout.NEW_KIND]
    cells = [f"{column}{line.number}", f"{column}90"]
    assert found.decisions == ()
    assert [r.cell for r in found.refusals] == cells
    assert all(cell in r.sentence for cell in cells for r in found.refusals)


def test_words_of_two_groups_are_given_one_theme() -> None:
    other = statement_id(3, 1)
    sheets = sheets_of(
        {
            (STATEMENTS, FIRST, layout.NEW_THEME): "Service rendu",
            (STATEMENTS, other, layout.NEW_THEME): "Hors thèmes",
        }
    )
    state = world()
    same = replace(state.words[other], trace=state.words[FIRST].trace)
    found = read_review(sheets, replace(state, words={**state.words, other: same}), list, typed_id)
    assert (found.decisions, len(found.refusals)) == ((), 2)
    assert all("disent deux choses" in refusal.sentence for refusal in found.refusals)


def test_two_lines_that_agree_decide_once() -> None:
    sheets = sheets_of({(GROUPS, G1, layout.NEW_KIND): "autre"})
    twice = [
        replace(s, rows=(*s.rows, *(replace(r, number=90 + r.number) for r in s.rows)))
        if s.name == GROUPS
        else s
        for s in sheets
    ]
    found = read(twice)
    assert (len(found.decisions), found.refusals) == (1, ())


def test_lines_sorted_in_part_are_refused_rather_than_taken_for_others(ask: Ask) -> None:
    labels = {n: f"Libellé du groupe {n}" for n in (1, 2)}
    swapped = {
        (GROUPS, G1, layout.LABEL): labels[2],
        (GROUPS, G2, layout.LABEL): labels[1],
        (GROUPS, G1, layout.READ): "oui",
        (GROUPS, G3, layout.MERGE): N2,
    }
    found = ask(swapped)
    assert found.decisions == ()
    assert {r.cell for r in found.refusals} == {
        cell_of(written(world()), GROUPS, G1, layout.READ),
        cell_of(written(world()), GROUPS, G3, layout.MERGE),
    }


def test_two_groups_are_not_given_the_label_of_like_examples(ask: Ask) -> None:
    said = label_of(text_of(5, 2))
    found = ask(
        {
            (GROUPS, group_id(3), layout.NEW_LABEL): said,
            (GROUPS, group_id(5), layout.NEW_LABEL): "1",
        }
    )
    assert [r.sentence.partition(":")[0] for r in found.refusals] == [
        "un autre groupe du même thème a, ou reçoit, ce libellé "
    ] * 2
