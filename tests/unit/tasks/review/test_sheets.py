from __future__ import annotations

from dataclasses import replace

from tasks.report.workbook import Sheet, Workbook
from tasks.review import layout
from tasks.review.decisions import Decision
from tasks.review.nearness import most_said, nearest
from tasks.review.sheets import Letter, review_workbook
from tasks.review.state import reason_label
from tests.reviewing import (
    group_id,
    label_of,
    rows_of,
    statement_id,
    submission_id,
    text_of,
    world,
)


def sheet(workbook: Workbook, name: str) -> list[dict[str, object]]:
    found = next(s for s in workbook.sheets if s.name == name)
    titles = [field.title for field in found.fields]
    return [dict(zip(titles, row, strict=True)) for row in found.rows]


def editable(found: Sheet) -> set[str]:
    return {field.title for field in found.fields if field.editable}


def test_what_is_to_be_filled_in_is_empty() -> None:
    workbook = review_workbook(world(), "Essai", letters={})
    for found in workbook.sheets[1:]:
        assert editable(found), found.name
        for row in sheet(workbook, found.name):
            assert {row[title] for title in editable(found)} == {None}


def test_the_instructions_name_each_sheet_and_the_publication() -> None:
    workbook = review_workbook(world(), "Essai", letters={})
    text = " ".join(str(row[0]) for row in workbook.sheets[0].rows)
    assert "Synthèse au 12 janvier 2020, version 0123456789ab" in text.replace("\u00a0", " ")
    assert all(found.name in text for found in workbook.sheets[1:])


def test_the_most_shared_groups_come_first_and_those_read_last() -> None:
    state = world(groups=12)
    shared = {1: (2, False), 4: (40, False), 8: (90, True), 9: (70, False)}
    changed = {
        group_id(n): replace(state.groups[group_id(n)], contributor_count=count, is_read=is_read)
        for n, (count, is_read) in shared.items()
    }
    state = replace(state, groups=state.groups | changed)
    rows = sheet(review_workbook(state, "Essai"), layout.GROUPS)
    assert [row[layout.NUMBER] for row in rows] == list(range(1, 13))
    first = [row[layout.IDENTIFIER] for row in rows]
    assert first[:2] == [group_id(9), group_id(4)]
    assert first[-2:] == [group_id(1), group_id(8)]
    assert {row[layout.THEME] for row in rows[:2]} == {"Service rendu", "Lien"}


def test_what_a_person_fills_in_for_a_group_is_within_a_small_screen() -> None:
    groups = next(s for s in review_workbook(world(), "Essai").sheets if s.name == layout.GROUPS)
    titles = [field.title for field in groups.fields]
    shown = groups.fields[: titles.index(layout.READ) + 1]
    # 96 points an inch, with the margins of a cell: as LibreOffice lays the columns out.
    assert sum((0.196 * field.width + 0.2) * 96 / 2.54 for field in shown) < 1280
    assert {layout.NEW_LABEL, layout.MERGE} < {field.title for field in shown}
    assert titles[: groups.frozen][-1] == layout.LABEL


def test_a_group_is_shown_by_what_it_says() -> None:
    groups = sheet(review_workbook(world(), "Essai"), layout.GROUPS)
    row = next(r for r in groups if r[layout.IDENTIFIER] == group_id(1))
    assert set(str(row[layout.EXAMPLES]).split("\n")) <= {
        f"1. {label_of(text_of(1, 2))}",
        f"2. {label_of(text_of(1, 1))}",
    }
    assert (row[layout.CONTRIBUTORS], row[layout.COUNT], row[layout.WEIGHT]) == (3, 3, "partagé")


def test_groups_of_the_same_words_are_named_beside_each_other() -> None:
    state = world()
    twin = {
        "group_label": "L'accueil à la gare, le soir et la nuit",
        "words": (replace(state.words[statement_id(1, 1)], text="L'accueil à la gare, le soir"),),
    }
    changed = {
        one: replace(state.groups[one], label=twin["group_label"], words=twin["words"])
        if one in (group_id(1), group_id(5))
        else group
        for one, group in state.groups.items()
    }
    groups = sheet(review_workbook(replace(state, groups=changed), "Essai"), layout.GROUPS)
    numbers = {row[layout.IDENTIFIER]: row[layout.NUMBER] for row in groups}
    first, second = sorted((group_id(1), group_id(5)), key=lambda one: int(str(numbers[one])))
    near = {row[layout.IDENTIFIER]: row[layout.NEAR] for row in groups}
    assert str(near[second]).startswith(f"n° {numbers[first]} L'accueil à la gare")
    assert near[first] == ""  # a pair is named once, beside the one that would be joined

    read = {first: replace(changed[first], is_read=True)}
    groups = sheet(review_workbook(replace(state, groups=changed | read), "Essai"), layout.GROUPS)
    near = {row[layout.IDENTIFIER]: row[layout.NEAR] for row in groups}
    assert str(near[second]).startswith(f"n° {len(groups)} L'accueil à la gare")


def test_words_are_shown_once_however_often_they_are_said() -> None:
    rows = sheet(review_workbook(world(), "Essai"), layout.STATEMENTS)
    said = {row[layout.TEXT]: row[layout.TIMES] for row in rows}
    assert len(rows) == len(said) == 12
    assert (said[text_of(1, 1)], said[text_of(1, 2)]) == (1, 2)


def test_the_least_sure_words_are_kept_when_there_are_too_many() -> None:
    rows = sheet(review_workbook(world(), "Essai", 6), layout.STATEMENTS)
    assert [row[layout.CONFIDENCE] for row in rows] == [70] * 6  # the others are 80


def test_messages_wait_for_a_person_in_their_order_and_those_decided_come_last() -> None:
    decided = world(rows_of([Decision("submission_kept", submission_id(1), None, "retenir")]))
    rows = sheet(review_workbook(decided, "Essai"), layout.MAILS)
    assert rows[0][layout.WHY] == reason_label("to_read")
    assert rows[-1][layout.IDENTIFIER] == submission_id(1)
    assert rows[-1][layout.DECIDED] == "retenir"


def test_no_word_of_the_vault_is_shown_but_to_those_allowed() -> None:
    read = {submission_id(n): Letter("Objet privé", "Mots privés") for n in (1, 101)}
    open_to_all = review_workbook(world(), "Essai")
    assert "priv" not in repr(open_to_all)
    assert layout.CASES not in {found.name for found in open_to_all.sheets}
    shown = review_workbook(world(), "Essai", letters=read)
    for name, one in ((layout.MAILS, submission_id(1)), (layout.CASES, submission_id(101))):
        row = next(r for r in sheet(shown, name) if r[layout.IDENTIFIER] == one)
        assert (row[layout.SUBJECT], row[layout.WORDS]) == ("Objet privé", "Mots privés")


def test_the_nearest_groups_share_rare_words() -> None:
    groups = {
        "a": ["éclairage de la gare"],
        "b": ["la gare manque d'éclairage"],
        "c": ["patrouilles à pied"],
        "d": ["une boîte aux lettres"],
    }
    assert nearest(groups) == {"b": ["a"]}
    assert nearest({}) == {}


def test_what_one_statement_says_does_not_make_its_group_near_another() -> None:
    about_light = ["éclairage de la gare", "éclairage du stade", "éclairage des rues"]
    groups = {
        "light": about_light,
        "patrols": ["patrouilles à pied", "patrouilles de nuit", "patrouilles et éclairage"],
        "lamps": ["plus d'éclairage dans les rues", "éclairage du soir"],
    }
    assert nearest(groups) == {"lamps": ["light"]}


def test_examples_are_what_is_said_most_then_what_is_most_besides() -> None:
    texts = [
        "des patrouilles",
        "un accueil",
        "patrouilles à pied",
        "patrouilles à pied, la nuit, dans les rues du centre",
        "un meilleur accueil",
        "aller à pied",
    ]
    assert most_said(texts, 2, "des patrouilles") == ["aller à pied", "un meilleur accueil"]
    assert most_said(["Des patrouilles !"], 2, "des patrouilles") == []
    assert most_said(["un accueil"], 2, "des patrouilles") == ["un accueil"]
