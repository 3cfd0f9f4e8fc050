"""Two hundred cells of a review filled in at random, half of them wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache

from tasks.privacy.redaction import redact_texts
from tasks.report.workbook import Workbook
from tasks.report.workbook_reader import ReadSheet
from tasks.review import layout
from tasks.review.edits import split_id
from tasks.review.layout import CASES, GROUPS, MAILS, STATEMENTS, VERBATIMS
from tasks.review.reading import read_review
from tasks.review.state import State
from tests.reviewing import (
    cell_of,
    group_id,
    number_of,
    rows_of,
    statement_id,
    submission_id,
    text_of,
    typed_id,
    world,
    written,
)
from warehouse.contracts import DISCARDED, KEPT

GROUP_COUNT, MAIL_COUNT, EDITS = 90, 48, 200
KEPT_GROUPS = range(81, 91)  # nothing is asked of these but to receive
Filled = dict[tuple[str, str, str], str]
# What is typed in a line, the decisions expected of it, the titles of the cells to be refused.
Edit = tuple[Filled, set[tuple[str, str, str | None]], set[tuple[str, str, str]]]


@cache
def review() -> tuple[State, Workbook]:
    state = world(groups=GROUP_COUNT, mails=MAIL_COUNT)
    return state, written(state)


def right(rng: random.Random) -> Iterator[Edit]:
    """Yield an edit that is right for each line, in turn one kind of edit or another."""
    state, workbook = review()
    for n in range(1, 81):
        one, group = group_id(n), state.groups[group_id(n)]
        into = group_id(rng.choice(KEPT_GROUPS))
        new_theme = next(code for code in ("service", "lien") if code != group.theme)
        new_kind = next(kind for kind in ("constat", "proposition") if kind != group.kind)
        yield rng.choice(
            [
                line(GROUPS, one, layout.NEW_LABEL, f"Ce que dit {n}", "group_label"),
                line(
                    GROUPS,
                    one,
                    layout.MERGE,
                    f"n° {number_of(workbook, into)}",
                    "group_merge",
                    into,
                ),
                line(
                    GROUPS, one, layout.NEW_THEME, state.themes[new_theme], "group_theme", new_theme
                ),
                line(GROUPS, one, layout.NEW_KIND, new_kind.upper(), "group_kind", new_kind),
                line(GROUPS, one, layout.READ, "Oui", "group_read", "oui"),
            ]
        )
    for n in range(1, GROUP_COUNT + 1):
        for rank in (1, 2):
            yield statement(rng, state, n, rank)
        yield line(VERBATIMS, statement_id(n, 1), layout.OPEN, "non", "statement_open")
    for n in range(1, MAIL_COUNT + 1):
        one, text = submission_id(n), f"Le pont {n} est fermé."
        yield rng.choice(
            [
                line(MAILS, one, layout.DECISION, KEPT, "submission_kept"),
                line(MAILS, one, layout.DECISION, DISCARDED, "submission_kept"),
                line(MAILS, one, layout.TYPED, text, "submission_words", typed_id(one, text)),
            ]
        )
        yield line(CASES, submission_id(100 + n), layout.DONE, "oui", "attention_done")


def statement(rng: random.Random, state: State, n: int, rank: int) -> Edit:
    one, words = statement_id(n, rank), state.words[statement_id(n, rank)]
    new_kind = next(kind for kind in ("constat", "proposition") if kind != words.kind)
    theme = state.themes["hors_theme"]
    if rng.random() < 0.3:
        made = split_id(group_id(n), f"Nouveau {n} {rank}")
        cells, decided, refused = line(
            STATEMENTS, one, layout.MOVE, f"Nouveau {n} {rank}", "statement_group", made
        )
        return cells, decided | {("group_label", made, f"Nouveau {n} {rank}")}, refused
    return rng.choice(
        [
            line(STATEMENTS, one, layout.NEW_THEME, theme, "statement_theme", "hors_theme"),
            line(STATEMENTS, one, layout.NEW_KIND, new_kind, "statement_kind"),
        ]
    )


def line(sheet: str, one: str, title: str, value: str, act: str, after: str | None = None) -> Edit:
    return {(sheet, one, title): value}, {(act, one, after or value)}, set()


def wrong(rng: random.Random) -> Iterator[Edit]:
    """Yield an edit that is wrong for each line."""
    state, workbook = review()
    for n in range(1, 81):
        one = group_id(n)
        same = next(
            g for g in KEPT_GROUPS if state.groups[group_id(g)].theme == state.groups[one].theme
        )
        yield rng.choice(
            [
                refused(GROUPS, one, layout.NEW_LABEL, "Dit par Jeanne Martin"),
                refused(GROUPS, one, layout.NEW_LABEL, "…"),
                refused(GROUPS, one, layout.NEW_LABEL, "Libellé " * 30),
                refused(GROUPS, one, layout.NEW_LABEL, f"libellé du groupe {same}"),
                refused(GROUPS, one, layout.MERGE, str(number_of(workbook, one))),
                refused(GROUPS, one, layout.MERGE, "9999"),
                refused(GROUPS, one, layout.MERGE, "le premier"),
                refused(GROUPS, one, layout.NEW_THEME, "Santé"),
                refused(GROUPS, one, layout.NEW_KIND, "avis"),
                refused(GROUPS, one, layout.READ, "peut-être"),
                refused(GROUPS, one, layout.REASON, "sans rien d'autre"),
            ]
        )
    for n in range(1, GROUP_COUNT + 1):
        for rank in (1, 2):
            one = statement_id(n, rank)
            also = {(STATEMENTS, one, layout.MOVE): str(number_of(workbook, group_id(85)))}
            moved = refused(STATEMENTS, one, layout.NEW_THEME, state.themes["hors_theme"])
            yield rng.choice(
                [
                    refused(STATEMENTS, one, layout.NEW_THEME, "lien avec tous"),
                    refused(STATEMENTS, one, layout.NEW_KIND, "?"),
                    refused(STATEMENTS, one, layout.MOVE, "n° 9999"),
                    refused(STATEMENTS, one, layout.MOVE, "Écrire à a.petit@exemple.fr"),
                    (moved[0] | also, set(), moved[2]),
                ]
            )
        yield refused(VERBATIMS, statement_id(n, 1), layout.OPEN, "si")
    for n in range(1, MAIL_COUNT + 1):
        one = submission_id(n)
        both = refused(MAILS, one, layout.DECISION, DISCARDED)
        yield rng.choice(
            [
                refused(MAILS, one, layout.DECISION, "garder"),
                refused(MAILS, one, layout.TYPED, "—"),
                (both[0] | {(MAILS, one, layout.TYPED): text_of(1, 1)}, set(), both[2]),
            ]
        )
        yield refused(CASES, submission_id(100 + n), layout.DONE, "bientôt")


def refused(sheet: str, one: str, title: str, value: str) -> Edit:
    return {(sheet, one, title): value}, set(), {(sheet, one, title)}


def fill(rng: random.Random) -> Edit:
    """Fill in two hundred lines, half of them wrong, and tell what is expected of the whole."""
    pairs = list(zip(right(rng), wrong(rng), strict=True))
    chosen = rng.sample(pairs, EDITS)
    cells: Filled = {}
    decided: set[tuple[str, str, str | None]] = set()
    named: set[tuple[str, str, str]] = set()
    for rank, pair in enumerate(chosen):
        typed, decisions, refusals = pair[rank % 2]
        cells |= typed
        decided |= decisions
        named |= refusals
    return cells, decided, named


def assert_decided(
    sheets: Sequence[ReadSheet],
    decided: set[tuple[str, str, str | None]],
    named: set[tuple[str, str, str]],
) -> None:
    """Read a workbook filled in so: each right edit is decided, once, each wrong one named."""
    state, exported = review()
    once = read_review(sheets, state, masked, typed_id)
    expected = {(sheet, cell_of(exported, sheet, one, title)) for sheet, one, title in named}
    assert {(r.sheet, r.cell) for r in once.refusals} == expected
    assert sorted((d.act, d.subject, d.after or "") for d in once.decisions) == sorted(decided)
    since = world(rows_of(once.decisions), GROUP_COUNT, MAIL_COUNT)
    again = read_review(sheets, since, masked, typed_id)
    assert again.decisions == ()
    assert {(r.sheet, r.cell) for r in again.refusals} == expected


def masked(texts: Sequence[str]) -> list[str]:
    return redact_texts(texts, [()] * len(texts))
