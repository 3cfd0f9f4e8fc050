"""Decisions, merges and what the program found, at random: every way leads to one group, an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.review.decisions import reviewed_group_id
from tasks.review.effects import Found, Joined, decide
from tasks.review.state import follow
from warehouse.contracts import REVIEWS
from warehouse.decisions import Decisions

DAY = date(2020, 1, 12)
TRACES = [f"{n:032x}" for n in range(6)]
FOUND = [f"g-{n:016x}" for n in range(5)]
MADE = [reviewed_group_id(trace) for trace in TRACES[:2]] + [reviewed_group_id(FOUND[0], "à part")]
CLASSES = {"group_theme": "lien", "group_kind": "constat", "group_label": "Un", "group_read": "oui"}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """What people decided, what the program joined, what it has of all that."""

    decisions: Sequence[Row]
    merges: Sequence[Joined]
    found: Found


def row(act: str, subject: str, after: str, anchors: Sequence[str], target: Sequence[str]) -> Row:
    given = {"act": act, "subject": subject, "after": after, "date": DAY}
    return {**given, "anchors": anchors, "target_anchors": target, "decision_id": "d-1"}


anchors = st.lists(st.sampled_from(FOUND + TRACES), unique=True, max_size=5)
groups = st.sampled_from(FOUND + MADE)
of_words = st.sampled_from(["statement_theme", "statement_kind"])
decision = st.one_of(
    st.builds(
        lambda act, g, a: row(act, g, CLASSES[act], a, []),
        st.sampled_from([*CLASSES]),
        groups,
        anchors,
    ),
    st.builds(
        lambda g, to, a, b: row("group_merge", g, to, a, b), groups, groups, anchors, anchors
    ),
    st.builds(
        lambda t, to, b: row("statement_group", "c", to, [t], b),
        st.sampled_from(TRACES),
        groups,
        anchors,
    ),
    st.builds(lambda act, t: row(act, "c", "lien", [t], []), of_words, st.sampled_from(TRACES)),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw groups of which some are no more, the younger of those left joined to the older."""
    left = sorted(draw(st.sets(st.sampled_from(FOUND), min_size=1)))
    place = st.sampled_from(left)
    gone = [name for name in FOUND if name not in left]
    merges = [
        Joined(name, draw(st.sampled_from(left[:n])), DAY, "même sujet")
        for n, name in enumerate(left)
        if n and draw(st.booleans())
    ]
    found = Found(
        set(left),
        {name: draw(place) for name in gone if draw(st.booleans())},
        draw(st.dictionaries(st.sampled_from(TRACES), place)),
        {name: ("lien", draw(st.sampled_from(["constat", "proposition"]))) for name in left},
    )
    return World(draw(st.lists(decision, max_size=8)), merges, found)


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_every_group_leads_to_one_that_leads_nowhere(world: World) -> None:
    effects = decide(world.decisions, world.merges, world.found)
    assert not effects.redirects.keys() & {
        end for name, end in effects.redirects.items() if name != end
    }
    assert all(effects.redirects.get(name, name) == name for name in effects.groups)


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_history_is_the_way_to_where_each_group_leads(world: World) -> None:
    effects = decide(world.decisions, world.merges, world.found)
    became = {joined.group_id: joined.became_group_id for joined in effects.history}
    for name in became.keys() | effects.redirects.keys():
        end = effects.redirects.get(name, name)
        assert follow(became, name) == end


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_words_stand_where_the_program_or_people_have_a_group(world: World) -> None:
    effects = decide(world.decisions, world.merges, world.found)
    named = {*FOUND, *MADE, *(reviewed_group_id(trace) for trace in TRACES)}
    assert {place.group_id for place in effects.words.values()} <= named
    assert effects.words.keys() <= world.found.anchored.keys()
    assert {trace for trace, _ in effects.kept} <= world.found.anchored.keys()


def undoings(subjects: Sequence[str], first: int) -> list[dict[str, Any]]:
    return [
        decided(f"d-{n:016x}", "undo", subject, None) for n, subject in enumerate(subjects, first)
    ]


def decided(name: str, act: str, subject: str, after: str | None) -> dict[str, Any]:
    given = {"decision_id": name, "import_id": "i-1", "decided_by": "Anne", "act": act}
    at = datetime(2020, 1, 13, tzinfo=UTC)
    return {**given, "decided_at": at, "subject": subject, "after": after, "anchors": []}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(FOUND), st.text("ab", min_size=1)), min_size=1), st.data()
)
def test_what_is_undone_does_not_hold_until_that_is_undone(
    named: list[tuple[str, str]], data: st.DataObject
) -> None:
    rows = [decided(f"d-{n:016x}", "group_label", *one) for n, one in enumerate(named)]
    names = [row["decision_id"] for row in rows]
    with TemporaryDirectory() as folder:
        decisions = Decisions(Path(folder))
        decisions.add(REVIEWS, rows)
        before = decisions.in_force()
        assert {row["subject"]: row["after"] for row in before} == dict(named)
        first = undoings(data.draw(st.permutations(names)), len(names))
        decisions.add(REVIEWS, first)
        assert decisions.in_force() == []
        back = data.draw(st.permutations([row["decision_id"] for row in first]))
        decisions.add(REVIEWS, undoings(back, 2 * len(names)))
        assert decisions.in_force() == before
