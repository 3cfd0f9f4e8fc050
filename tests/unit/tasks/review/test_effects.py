"""What decisions do to groups, given what the program has found."""

from __future__ import annotations

from datetime import date
from typing import Any

from tasks.review.decisions import reviewed_group_id
from tasks.review.effects import Effects, Found, Group, Joined, decide

A, B, C, D = (f"g-{letter * 16}" for letter in "abcd")
WORDS, OTHER = "1" * 32, "2" * 32
DAY = date(2020, 1, 12)


def decision(act: str, subject: str, after: str | None, *anchors: str, **other: Any) -> Any:
    given = {"act": act, "subject": subject, "after": after, "anchors": list(anchors)}
    given["target_anchors"] = other.pop("target", [])
    return {**given, "decision_id": "d-1", "date": DAY, **other}


def merged(group_id: str, became: str) -> Joined:
    return Joined(group_id, became, DAY, "même sujet")


def effects(*decisions: Any, merges: tuple[Joined, ...] = (), **found: Any) -> Effects:
    return decide(decisions, merges, Found(**{"groups": {A, B, C, D}, **found}))


def test_without_a_decision_groups_lead_where_the_program_joined_them() -> None:
    found = effects(merges=(merged(C, B), merged(B, A)))
    assert found.redirects == {B: A, C: A}
    assert found.groups == {}
    assert [row.group_id for row in found.history] == [C, B]


def test_a_name_stays_on_its_group() -> None:
    assert effects(decision("group_label", A, "Patrouilles")).groups == {A: Group("Patrouilles")}


def test_the_last_name_holds() -> None:
    first, then = (decision("group_label", A, name) for name in ("Un", "Deux"))
    assert effects(first, then).groups == {A: Group("Deux")}


def test_a_group_that_people_joined_to_another_leads_to_it() -> None:
    found = effects(decision("group_merge", A, B, A))
    assert found.redirects == {A: B}
    assert found.groups == {B: Group()}
    (row,) = found.history
    assert (row.group_id, row.became_group_id, row.date) == (A, B, DAY)
    assert row.cause == "réuni par une personne (d-1)"


def test_groups_joined_in_a_chain_lead_to_the_last() -> None:
    found = effects(decision("group_merge", A, B, A), decision("group_merge", B, C, B))
    assert found.redirects == {A: C, B: C}


def test_groups_joined_in_a_circle_are_one() -> None:
    found = effects(decision("group_merge", A, B, A), decision("group_merge", B, A, B))
    assert found.redirects == {A: B}


def test_the_program_may_join_another_group_to_one_that_people_named_or_moved() -> None:
    for act, after in (("group_label", "Patrouilles"), ("group_theme", "lien")):
        found = effects(decision(act, A, after, A), merges=(merged(B, A),))
        assert found.redirects == {B: A}


def test_a_name_follows_a_group_that_the_program_joins_to_one_without_name() -> None:
    found = effects(decision("group_label", B, "Patrouilles", B), merges=(merged(B, A),))
    assert found.redirects == {B: A}
    assert found.groups == {A: Group("Patrouilles")}


def test_groups_that_people_named_otherwise_stay_two() -> None:
    named = [decision("group_label", group, group, group) for group in (A, B)]
    found = effects(*named, merges=(merged(B, A),))
    assert found.redirects == {}
    assert found.history == ()


def test_a_group_that_people_moved_is_joined_to_no_other_by_the_program() -> None:
    for act, after in (("group_theme", "lien"), ("group_kind", "constat"), ("group_merge", C)):
        found = effects(decision(act, B, after, B), merges=(merged(B, A),))
        assert found.redirects.get(B, B) != A


def test_what_people_saw_as_one_group_stays_one_whichever_came_to_be_the_older() -> None:
    saw = decision("group_theme", A, "lien", A, B)
    found = effects(saw, merges=(merged(A, B),))
    assert found.redirects == {A: B}
    assert found.groups == {B: Group(theme="lien")}


def test_words_with_another_theme_leave_their_group_alone() -> None:
    found = effects(
        decision("statement_theme", "c-1-001", "lien", WORDS), anchored={WORDS: A, OTHER: A}
    )
    place = found.words[WORDS]
    assert place.group_id == reviewed_group_id(WORDS)
    assert (place.theme, place.kind, place.decision_ids) == ("lien", None, ("d-1",))


def test_words_moved_afterwards_stand_where_they_were_moved() -> None:
    found = effects(
        decision("statement_theme", "c-1-001", "lien", WORDS),
        decision("statement_group", "c-1-001", B, WORDS),
        anchored={WORDS: A},
    )
    assert found.words[WORDS].group_id == B


def test_words_with_another_theme_afterwards_leave_the_group_they_were_moved_to() -> None:
    found = effects(
        decision("statement_group", "c-1-001", B, WORDS),
        decision("statement_kind", "c-1-001", "constat", WORDS),
        anchored={WORDS: A},
    )
    assert found.words[WORDS].group_id == reviewed_group_id(WORDS)


def test_a_group_made_of_words_split_from_another_can_be_named_and_joined() -> None:
    made = reviewed_group_id(A, "Horaires")
    found = effects(
        decision("statement_group", "c-1-001", made, WORDS),
        decision("group_label", made, "Horaires"),
        decision("group_merge", made, B, made),
        anchored={WORDS: A},
    )
    assert found.redirects == {made: B}


def test_what_is_not_received_yet_changes_nothing() -> None:
    absent = "g-" + "e" * 16
    found = effects(
        decision("group_label", absent, "Patrouilles", absent, WORDS),
        decision("group_merge", absent, A, absent),
        decision("statement_theme", "c-1-001", "lien", WORDS),
    )
    assert found == effects()


def test_a_name_that_is_no_group_any_more_stands_for_that_of_its_first_statement() -> None:
    gone = "g-" + "e" * 16
    found = effects(decision("group_label", gone, "Patrouilles", gone), founders={gone: B})
    assert found.groups == {B: Group("Patrouilles")}
    assert found.redirects == {gone: B}
    assert [(row.group_id, row.became_group_id) for row in found.history] == [(gone, B)]


def test_a_group_whose_first_statement_was_withdrawn_is_known_by_its_words() -> None:
    gone = "g-" + "e" * 16
    found = effects(
        decision("group_theme", gone, "lien", gone, WORDS, OTHER, "3" * 32),
        anchored={WORDS: C, OTHER: D, "3" * 32: D},
    )
    assert found.groups == {D: Group(theme="lien")}
    assert found.redirects == {gone: D}


def test_words_moved_to_a_group_that_changed_its_name_follow_it() -> None:
    gone = "g-" + "e" * 16
    found = effects(
        decision("statement_group", "c-1-001", gone, WORDS),
        founders={gone: B},
        anchored={WORDS: A},
    )
    assert found.words[WORDS].group_id == gone
    assert found.redirects == {gone: B}


def test_words_stay_in_the_group_that_people_decided_of() -> None:
    block = ("service", "constat")
    found = effects(
        decision("group_read", A, "oui", A, WORDS), anchored={WORDS: B}, blocks={A: block}
    )
    place = found.of_words(WORDS, block)
    assert place is not None
    assert place.group_id == A
    assert found.of_words(WORDS, ("lien", "constat")) is None
    assert found.of_words(OTHER, block) is None


def test_words_that_people_moved_are_not_kept_in_a_group_read_since() -> None:
    block = ("service", "constat")
    found = effects(
        decision("statement_group", "c-1-001", B, WORDS),
        decision("group_read", A, "oui", A, WORDS),
        anchored={WORDS: A},
        blocks={A: block},
    )
    place = found.of_words(WORDS, block)
    assert place is not None
    assert place.group_id == B


def test_a_decision_on_words_set_apart_is_not_one_on_the_group_they_came_from() -> None:
    own = reviewed_group_id(WORDS)
    apart = decision("statement_theme", "c-1", "lien", WORDS)
    named = decision("group_label", own, "Patrouilles", WORDS)
    joined = decision("group_merge", own, C, WORDS)
    moved = decision("statement_group", "c-1", B, WORDS)
    program = {"anchored": {WORDS: A, OTHER: A}}
    assert A not in effects(apart, named, moved, **program).groups
    assert A not in effects(apart, joined, moved, **program).redirects
    assert A not in effects(named, **program).groups, "the theme was undone, the name was not"
    assert A not in effects(joined, **program).redirects


def test_a_merge_that_is_undone_gives_the_words_back_whatever_was_decided_of_the_whole() -> None:
    program = {"anchored": {WORDS: A, OTHER: B}, "blocks": {A: ("lien", "constat")}}
    read = decision("group_read", A, "oui", A, B, WORDS, OTHER)
    place = effects(read, **program).of_words(OTHER, ("lien", "constat"))
    assert place is None or place.group_id == B


def test_a_group_joined_to_one_whose_first_statement_was_withdrawn_follows_its_words() -> None:
    gone = "g-" + "e" * 16
    program = {"anchored": {WORDS: C, OTHER: B}}
    target = [gone, WORDS]
    joined = decision("group_merge", B, gone, B, OTHER, target=target)
    assert effects(joined, **program).redirects == {B: C, gone: C}
    moved = decision("statement_group", "c-1-001", gone, OTHER, target=target)
    found = effects(moved, **program)
    assert found.words[OTHER].group_id == gone
    assert found.redirects == {gone: C}
