"""Read a review workbook back: what people decided in it, and what cannot be taken, cell by cell.

Nothing is written here, and nothing is half decided: a decision that needs several cells needs all
of them right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from typing import Final

from tasks.report.workbook import Field
from tasks.report.workbook_reader import ReadSheet
from tasks.review import layout
from tasks.review.decisions import Decision, Refusal
from tasks.review.edits import (
    Book,
    case_edits,
    group_edits,
    label_asked,
    mail_edits,
    split_id,
    stands_as_shown,
    statement_edits,
    verbatim_edits,
)
from tasks.review.lines import (
    Found,
    Line,
    Proposal,
    RefusedError,
    choose,
    disagreements,
    filled_lines,
    fold,
    read_number,
)
from tasks.review.state import Group, State
from warehouse.contracts import KINDS

_WORD: Final = re.compile(r"\S+")


@dataclass(frozen=True)
class Reading:
    """What a workbook decides, what is refused of it, and the words typed in, by submission."""

    author: str
    decisions: tuple[Decision, ...]
    refusals: tuple[Refusal, ...]
    typed: Mapping[str, str]


def read_review(
    sheets: Sequence[ReadSheet],
    state: State,
    mask: Callable[[Sequence[str]], Sequence[str]],
    typed_id: Callable[[str, str], str | None],
) -> Reading:
    """Read the sheets of a review; those that are not there ask nothing.

    `mask` masks what names a person, text by text; `typed_id` names the words typed in for a
    submission, null when they say nothing.
    """
    readable, found = _readable(sheets, state)
    book = _open_book(readable, state, typed_id)
    for name, sheet in readable.items():
        found += _read_sheet(sheet, _editable(name, state), book)
    proposals = [one for one in found if isinstance(one, Proposal)]
    refusals = [one for one in found if isinstance(one, Refusal)]
    kept, named = _naming_nobody(proposals, mask)
    return Reading(
        _author(sheets),
        _once(decision for proposal in kept for decision in proposal.decisions),
        _in_order([*refusals, *named], sheets),
        {p.line.text(layout.IDENTIFIER): p.typed for p in kept if p.typed is not None},
    )


# --- sheets --------------------------------------------------------------------------------------


def _fields(state: State) -> dict[str, tuple[Field, ...]]:
    return {
        layout.GROUPS: layout.group_fields(state.themes),
        layout.STATEMENTS: layout.statement_fields(state.themes),
        layout.VERBATIMS: layout.verbatim_fields(),
        layout.MAILS: layout.mail_fields(is_confidential=False),
        layout.CASES: layout.case_fields(),
    }


_EDITS: Final = {
    layout.GROUPS: group_edits,
    layout.STATEMENTS: statement_edits,
    layout.VERBATIMS: verbatim_edits,
    layout.MAILS: mail_edits,
    layout.CASES: case_edits,
}


def _readable(
    sheets: Sequence[ReadSheet], state: State
) -> tuple[dict[str, ReadSheet], list[Found]]:
    """Return the sheets of ours that are whole, and the refusals of those that are not.

    A sheet of somebody's own, which names nothing by its identifier, is nobody's business.
    """
    fields = _fields(state)
    readable: dict[str, ReadSheet] = {}
    refusals: list[Found] = []
    for sheet in sheets:
        if sheet.name in fields:
            needed = [f.title for f in fields[sheet.name]]
            if missing := [title for title in needed if title not in sheet.columns]:
                named = ", ".join(f"« {title} »" for title in missing)
                refusals.append(
                    Refusal(
                        sheet.name, "A1", f"il manque {named} : rendez leur titre aux colonnes."
                    )
                )
            else:
                readable[sheet.name] = sheet
        elif layout.IDENTIFIER in sheet.columns:
            names = ", ".join(f"« {name} »" for name in fields)
            refusals.append(
                Refusal(sheet.name, "A1", f"feuille renommée : rendez-lui son nom, parmi {names}.")
            )
    return readable, refusals


def _read_sheet(sheet: ReadSheet, titles: Sequence[str], book: Book) -> Iterator[Found]:
    lines = filled_lines(sheet, titles)
    doubtful = disagreements(lines, partial(_about, book.state), _said, titles)
    for line in lines:
        if refused := doubtful.get(line.row.number):
            yield from refused
        elif not any(line.text(title) for title in titles if title != layout.REASON):
            yield line.refuse(layout.REASON, "un motif seul ne décide rien.")
        else:
            yield from _EDITS[sheet.name](line, book)


def _about(state: State, line: Line) -> str:
    """Name what a line is about: of a statement, its words, which other lines may have too."""
    known = line.text(layout.IDENTIFIER)
    words = state.words.get(known)
    return words.trace if words else known


def _said(line: Line, title: str) -> str:
    """Return what a cell says, however it is written; new groups of two groups are two."""
    made = _made(line) if title == layout.MOVE else None
    return made or read_number(line.text(title)) or fold(line.text(title))


def _editable(name: str, state: State) -> list[str]:
    return [field.title for field in _fields(state)[name] if field.editable]


def _author(sheets: Sequence[ReadSheet]) -> str:
    """Return the name that who filled in the workbook gave; empty: none."""
    names = (
        " ".join(row.cells.get(layout.YOUR_NAME, "").split())
        for sheet in sheets
        if sheet.name == layout.WHO
        for row in sheet.rows
    )
    return next((name for name in names if name and name.isprintable()), "")


# --- the workbook as a whole ---------------------------------------------------------------------


def _open_book(
    sheets: Mapping[str, ReadSheet], state: State, typed_id: Callable[[str, str], str | None]
) -> Book:
    """Gather what cells refer to: numbers, what is joined, themes and labels once all is done."""
    groups = _lines(sheets, layout.GROUPS)
    statements = _lines(sheets, layout.STATEMENTS)
    numbers = _numbers(groups, state)
    bare = Book(state, typed_id, numbers, {}, {}, {}, {})
    merged = _merged(groups, bare)
    places = {group.group_id: (group.theme, group.kind) for group in state.groups.values()}
    for line in groups:
        if (group := state.groups.get(line.text(layout.IDENTIFIER))) is not None:
            places[group.group_id] = _place(line, bare, (group.theme, group.kind))
    splits = _splits(statements, bare)
    labels = _labels(groups, statements, state, merged, places, splits)
    return Book(state, typed_id, numbers, merged, places, labels, splits)


def _lines(sheets: Mapping[str, ReadSheet], name: str) -> list[Line]:
    sheet = sheets.get(name)
    return [Line(sheet, row) for row in sheet.rows] if sheet else []


def _numbers(lines: Iterable[Line], state: State) -> dict[str, str | None]:
    """Return the group of each n°; null where lines disagree, or show another group's label."""
    found: dict[str, set[str | None]] = defaultdict(set)
    for line in lines:
        number, known = read_number(line.text(layout.NUMBER)), line.text(layout.IDENTIFIER)
        if number and known:
            group = state.groups.get(known)
            found[number].add(
                known if group is None or stands_as_shown(line, group, state) else None
            )
    return {n: next(iter(ids)) if len(ids) == 1 else None for n, ids in found.items()}


def _merged(lines: Iterable[Line], book: Book) -> dict[str, str]:
    """Return the n° of the group to which each is joined, were it alone to be."""
    found = {}
    for line in lines:
        known, asked = line.text(layout.IDENTIFIER), line.text(layout.MERGE)
        if known in book.state.groups and asked:
            try:
                into = book.target(layout.MERGE, asked)
            except RefusedError:
                continue
            if into != book.state.now(known):
                found[known] = read_number(asked) or ""
    return found


def _place(line: Line, book: Book, now: tuple[str, str]) -> tuple[str, str]:
    """Return the theme and kind that a line gives, or leaves."""
    kinds = [(kind, kind) for kind in KINDS]
    asked = ((layout.NEW_THEME, book.themes, now[0]), (layout.NEW_KIND, kinds, now[1]))
    found = []
    for title, choices, held in asked:
        try:
            found.append(choose(line, title, choices) if line.text(title) else held)
        except RefusedError:
            found.append(held)
    return found[0], found[1]


def _splits(lines: Iterable[Line], book: Book) -> dict[str, frozenset[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for line in lines:
        words = book.state.words.get(line.text(layout.IDENTIFIER))
        if words is not None and (made := _made(line)):
            found[made].add(_place(line, book, (words.theme, words.kind)))
    return {made: frozenset(places) for made, places in found.items()}


def _made(line: Line) -> str | None:
    """Return the new group that a line of the sheet of statements makes; null: none."""
    name = line.text(layout.MOVE)
    if not name or read_number(name) is not None:
        return None
    return split_id(line.text(layout.GROUP_ID), name)


def _labels(
    groups: Iterable[Line],
    statements: Iterable[Line],
    state: State,
    merged: Mapping[str, str],
    places: Mapping[str, tuple[str, str]],
    splits: Mapping[str, frozenset[tuple[str, str]]],
) -> dict[tuple[str, str], frozenset[str]]:
    """Return who bears each label in each theme, or is given it: groups that will still be."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)

    def bear(theme: str, label: str, owner: str) -> None:
        found[theme, fold(label)].add(owner)

    for group in state.groups.values():
        if group.kind != "autre" and group.group_id not in merged and _stands(state, group):
            bear(places[group.group_id][0], group.label, group.group_id)
    for line in groups:
        known = line.text(layout.IDENTIFIER)
        label = label_asked(line, state.groups[known])[0] if known in places else None
        if label and known not in merged:
            bear(places[known][0], label, known)
    for line in statements:
        made = _made(line)
        for theme, _ in splits.get(made or "", ()):
            bear(theme, line.text(layout.MOVE), made or "")
    return {key: frozenset(owners) for key, owners in found.items()}


def _stands(state: State, group: Group) -> bool:
    return state.now(group.group_id) == group.group_id


# --- what is written in it -----------------------------------------------------------------------


def _naming_nobody(
    proposals: Sequence[Proposal], mask: Callable[[Sequence[str]], Sequence[str]]
) -> tuple[list[Proposal], list[Refusal]]:
    """Keep the proposals whose label and reason are short and name nobody; refuse the others."""
    cells = {
        (p.line.row.number, p.line.sheet.name, title): (p.line, title, text)
        for p in proposals
        for title, text in _written(p)
    }
    masked = mask([text for _, _, text in cells.values()])
    refused = {
        cell: line.refuse(title, sentence)
        for (cell, (line, title, text)), after in zip(cells.items(), masked, strict=True)
        if (sentence := _fault(title, text, after))
    }

    def is_right(proposal: Proposal) -> bool:
        place = proposal.line.row.number, proposal.line.sheet.name
        return not any((*place, title) in refused for title, _ in _written(proposal))

    return [p for p in proposals if is_right(p)], list(refused.values())


def _written(proposal: Proposal) -> Iterator[tuple[str, str]]:
    if proposal.written is not None:
        yield proposal.title, proposal.written
    if reason := proposal.decisions[0].reason:
        yield layout.REASON, reason


def _fault(title: str, text: str, masked: str) -> str | None:
    if not " ".join(text.split()).isprintable():
        return "ce texte a des caractères invisibles : retapez-le."
    if title == layout.REASON and len(text) > layout.LONGEST_REASON:
        return f"{len(text)} caractères : un motif en a {layout.LONGEST_REASON} au plus."
    if masked == text:
        return None
    return (
        f"« {_hidden(text, masked)} » désigne une personne, ou permet de la trouver : écrivez-le "
        "sans."
    )


def _hidden(text: str, masked: str) -> str:
    """Return the words of a text that were masked."""
    words, after = _WORD.findall(text), _WORD.findall(masked)
    changes = SequenceMatcher(None, words, after, autojunk=False).get_opcodes()
    return " ".join(" ".join(words[i:j]) for tag, i, j, _, _ in changes if tag != "equal")


def _in_order(refusals: Sequence[Refusal], sheets: Sequence[ReadSheet]) -> tuple[Refusal, ...]:
    """Name cells as one meets them: sheet after sheet, line after line."""
    names = [sheet.name for sheet in sheets]

    def place(refusal: Refusal) -> tuple[int, int, int, str]:
        letters = refusal.cell.rstrip("0123456789")
        row = int(refusal.cell.removeprefix(letters))
        return names.index(refusal.sheet), row, len(letters), letters

    return tuple(sorted(refusals, key=place))


def _once(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Keep the first of decisions that two lines ask alike."""
    first: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        first.setdefault((decision.act, decision.subject), decision)
    return tuple(first.values())
