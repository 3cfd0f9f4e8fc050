"""What each line of the review workbook asks: a decision a cell, or the refusal of that cell.

What already holds is not decided again: reading the same workbook twice decides once. What has
changed since the workbook was written is not decided either: somebody else may have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tasks.review import layout
from tasks.review.decisions import Decision, reviewed_group_id
from tasks.review.lines import (
    Found,
    Line,
    Proposal,
    RefusedError,
    attempt,
    choose,
    fold,
    is_shown,
    read_number,
)
from tasks.review.state import READING, Case, Group, Mail, State, Words
from warehouse.contracts import DISCARDED, KEPT, KINDS

_LETTER: Final = re.compile(r"[^\W\d_]")
_CUT: Final = re.compile(r"… \(coupé\s*:[^()]*\)$")
_KINDS: Final = tuple((kind, kind) for kind in KINDS)
_YES: Final = ((layout.YES, layout.YES),)
_YES_OR_NO: Final = (*_YES, (layout.NO, layout.NO))
_KEPT: Final = tuple((word, word) for word in (KEPT, DISCARDED))


@dataclass(frozen=True)
class Book:
    """What a whole workbook says that its cells refer to.

    `numbers` are the groups by their n°, null for a n° that two lines bear; `merged` the n° to
    which it joins a group; `places` the theme and kind of groups after it; `labels` who bears a
    label in a theme, or is given it; `splits` the themes and kinds of what makes a new group.
    """

    state: State
    typed_id: Callable[[str, str], str | None]
    numbers: Mapping[str, str | None]
    merged: Mapping[str, str]
    places: Mapping[str, tuple[str, str]]
    labels: Mapping[tuple[str, str], frozenset[str]]
    splits: Mapping[str, frozenset[tuple[str, str]]]

    @property
    def themes(self) -> Iterable[tuple[str, str]]:
        """The themes by the name that a list gives them."""
        return ((name, code) for code, name in self.state.themes.items())

    def target(self, title: str, asked: str) -> str:
        """Return the group of a n° that is asked for; raise RefusedError when there is none."""
        number = read_number(asked)
        if number is None:
            raise RefusedError(title, f"« {asked} » n'est pas un n° de groupe.")
        if number not in self.numbers:
            raise RefusedError(
                title,
                f"aucun groupe n'a le n° {number} dans la feuille « {layout.GROUPS} » de ce "
                "classeur.",
            )
        if (found := self.numbers[number]) is None:
            raise RefusedError(
                title, f"plusieurs lignes portent le n° {number}, ou la sienne a changé. {_AGAIN}"
            )
        if found in self.merged:
            raise RefusedError(
                title,
                f"le n° {number} est lui-même réuni au n° {self.merged[found]} dans ce classeur : "
                "donnez plutôt ce n°.",
            )
        if (now := self.state.now(found)) not in self.state.groups:
            raise RefusedError(title, f"le groupe n° {number} n'existe plus. {_AGAIN}")
        return now


_AGAIN: Final = "Exportez un nouveau classeur."


# --- groups --------------------------------------------------------------------------------------


def group_edits(line: Line, book: Book) -> Iterator[Found]:
    """Yield what a line of the sheet of groups asks."""
    group = book.state.groups.get(line.text(layout.IDENTIFIER))
    if group is None or book.state.now(group.group_id) != group.group_id:
        yield from attempt(line, [_gone], book)
    else:
        yield from attempt(line, [_label, _merge, _theme, _kind, _read], book, group)


def _gone(line: Line, book: Book) -> None:
    """Refuse what is asked of a group that is no more, but to join it to what it became."""
    known = line.text(layout.IDENTIFIER)
    now = book.state.groups.get(book.state.now(known))
    if now is None:
        raise _unknown(line, "ce groupe")
    asks_more = any(map(line.text, (layout.NEW_LABEL, layout.NEW_THEME, layout.NEW_KIND)))
    asked = line.text(layout.MERGE)
    if asks_more or not asked or book.target(layout.MERGE, asked) != now.group_id:
        row = book.state.decided.get(("group_merge", known))
        raise RefusedError(
            layout.IDENTIFIER,
            f"ce groupe a été réuni à « {now.label} »{_by(book.state, row)}. {_AGAIN}",
        )


def _label(line: Line, book: Book, group: Group) -> Proposal | None:
    title = layout.NEW_LABEL
    wanted, example = label_asked(line, group)
    if wanted is None:
        asked = line.text(title)
        raise RefusedError(title, f"ce groupe n'a pas d'exemple n° {asked}. {_AGAIN}")
    if wanted in {"", group.label}:
        return None
    _refuse_merged(title, book, group)
    decided = _refuse_changed(
        line, title, layout.LABEL, group.label, book.state, ("group_label", group.group_id)
    )
    _refuse_label(title, wanted)
    _refuse_twin(book, title, wanted, book.places[group.group_id][0], group.group_id)
    before = decided["after"] if decided else group.quoted
    decision = Decision("group_label", group.group_id, before, wanted, anchors=group.anchors)
    if example is None:
        return _propose(line, title, decision, written=wanted)
    borrowed = replace(decision, after=example.statement_id, target_anchors=(example.trace,))
    return _propose(line, title, borrowed)


def label_asked(line: Line, group: Group) -> tuple[str | None, Words | None]:
    """Return the label that a line gives its group, and the words it is taken from if it is.

    By the n° of an example: its label; null when there is no such example.
    """
    asked = " ".join(line.text(layout.NEW_LABEL).split())
    if (number := read_number(asked)) is None:
        return asked, None
    shown = dict(row.partition(". ")[::2] for row in line.text(layout.EXAMPLES).splitlines())
    found = (words for words in group.words if words.label == shown.get(number))
    words = next(found, None)
    return words.label if words else None, words


def _merge(line: Line, book: Book, group: Group) -> Proposal | None:
    if not (asked := line.text(layout.MERGE)):
        return None
    if book.numbers.get(read_number(asked) or "") == group.group_id:
        raise RefusedError(layout.MERGE, "un groupe ne peut être réuni à lui-même.")
    into = book.target(layout.MERGE, asked)
    if into == group.group_id:
        raise RefusedError(layout.MERGE, f"« {asked} » a déjà été réuni à ce groupe. {_AGAIN}")
    _refuse_unseen(line, layout.MERGE, book, group)
    target = book.state.groups[into].anchors
    decision = Decision("group_merge", group.group_id, None, into, None, group.anchors, target)
    return _propose(line, layout.MERGE, decision)


def _theme(line: Line, book: Book, group: Group) -> Proposal | None:
    shown = layout.NEW_THEME, layout.THEME, book.themes
    return _group_class(line, book, group, "group_theme", group.theme, shown)


def _kind(line: Line, book: Book, group: Group) -> Proposal | None:
    shown = layout.NEW_KIND, layout.KIND, _KINDS
    return _group_class(line, book, group, "group_kind", group.kind, shown)


def _group_class(
    line: Line,
    book: Book,
    group: Group,
    act: str,
    now: str,
    shown: tuple[str, str, Iterable[tuple[str, str]]],
) -> Proposal | None:
    title, current, choices = shown
    if not line.text(title):
        return None
    wanted = choose(line, title, choices)
    if wanted == now:
        return None
    _refuse_merged(title, book, group)
    named = book.state.themes.get(now, now)
    _refuse_changed(line, title, current, named, book.state, (act, group.group_id))
    decision = Decision(act, group.group_id, now, wanted, anchors=group.anchors)
    return _propose(line, title, decision)


def _read(line: Line, book: Book, group: Group) -> Proposal | None:
    if not line.text(layout.READ):
        return None
    choose(line, layout.READ, _YES)
    if group.is_read or group.group_id in book.merged:
        return None
    _refuse_unseen(line, layout.READ, book, group)
    decision = Decision("group_read", group.group_id, None, layout.YES, anchors=group.anchors)
    return _propose(line, layout.READ, decision)


def _refuse_unseen(line: Line, title: str, book: Book, group: Group) -> None:
    """Refuse to decide of a group whose line shows another's label: what was read is not it."""
    if not stands_as_shown(line, group, book.state):
        raise RefusedError(
            title,
            "cette ligne montre le libellé d'un autre groupe : une partie de la feuille a été "
            f"triée sans l'autre. {_AGAIN}",
        )


def stands_as_shown(line: Line, group: Group, state: State) -> bool:
    """Tell whether a line does not show another group's label. Its own may have changed since."""
    bearers = state.bearers.get(" ".join(line.text(layout.LABEL).split()), frozenset())
    return not bearers or group.group_id in bearers


def _refuse_merged(title: str, book: Book, group: Group) -> None:
    if number := book.merged.get(group.group_id):
        raise RefusedError(
            title, f"cette ligne est réunie au n° {number} : donnez-le au groupe d'arrivée."
        )


def _refuse_label(title: str, label: str) -> None:
    if not _LETTER.search(label):
        raise RefusedError(title, f"« {label} » ne dit rien : écrivez une phrase courte.")
    if len(label) > layout.LONGEST_LABEL:
        raise RefusedError(
            title,
            f"{len(label)} caractères : un libellé en a {layout.LONGEST_LABEL} au plus.",
        )


def _refuse_twin(book: Book, title: str, label: str, theme: str, owner: str) -> None:
    if book.labels.get((theme, fold(label)), frozenset()) - {owner}:
        raise RefusedError(
            title,
            "un autre groupe du même thème a, ou reçoit, ce libellé : réunissez-les, ou dites ce "
            "qui les distingue.",
        )


# --- statements ----------------------------------------------------------------------------------


def statement_edits(line: Line, book: Book) -> Iterator[Found]:
    """Yield what a line of the sheet of statements asks; a move and what goes with it are one."""
    words = book.state.words.get(line.text(layout.IDENTIFIER))
    if words is None or not is_shown(line.text(layout.TEXT), words.text):
        yield from attempt(line, [_refuse_words])
    elif line.text(layout.MOVE):
        yield from attempt(line, [_move], book, words)
    else:
        yield from attempt(line, [_words_theme, _words_kind], book, words)


def _refuse_words(line: Line) -> None:
    raise _unknown(line, "cet énoncé, avec ces mots,")


def _words_theme(line: Line, book: Book, words: Words) -> Proposal | None:
    shown = layout.NEW_THEME, layout.THEME, book.themes
    return _words_class(line, book, words, "statement_theme", words.theme, shown)


def _words_kind(line: Line, book: Book, words: Words) -> Proposal | None:
    shown = layout.NEW_KIND, layout.KIND, _KINDS
    return _words_class(line, book, words, "statement_kind", words.kind, shown)


def _words_class(
    line: Line,
    book: Book,
    words: Words,
    act: str,
    now: str,
    shown: tuple[str, str, Iterable[tuple[str, str]]],
) -> Proposal | None:
    title, current, choices = shown
    if not line.text(title):
        return None
    wanted = choose(line, title, choices)
    if wanted == now:
        return None
    named = book.state.themes.get(now, now)
    _refuse_changed(line, title, current, named, book.state, (act, words.trace))
    decision = Decision(act, words.statement_id, now, wanted, anchors=(words.trace,))
    return _propose(line, title, decision)


def _move(line: Line, book: Book, words: Words) -> Proposal | None:
    """Move words to another group or to a new one, with the theme and kind they are given."""
    asked = " ".join(line.text(layout.MOVE).split())
    named: tuple[Decision, ...] = ()
    if read_number(asked) is not None:
        into = book.target(layout.MOVE, asked)
        _refuse_elsewhere(line, book, into)
    else:
        into, named = _new_group(line, book, asked)
    classes = [_words_theme(line, book, words), _words_kind(line, book, words)]
    decisions = [d for found in classes if found for d in found.decisions]
    now = book.state.now(words.group_id)
    if book.state.now(into) != now:
        if book.state.now(line.text(layout.GROUP_ID)) != now:
            row = book.state.decided.get(("statement_group", words.trace))
            raise RefusedError(
                layout.MOVE, f"cet énoncé n'est plus dans ce groupe{_by(book.state, row)}. {_AGAIN}"
            )
        known = book.state.groups.get(into)
        target = known.anchors if known else ()
        moved = Decision(
            "statement_group", words.statement_id, now, into, None, (words.trace,), target
        )
        decisions += [_of_cell(line, layout.MOVE, one) for one in (moved, *named)]
    if not decisions:
        return None
    return Proposal(line, layout.MOVE, tuple(decisions), asked if named else None)


def _refuse_elsewhere(line: Line, book: Book, into: str) -> None:
    """Refuse to give words another theme or kind than those of the group they are moved to."""
    theme, kind = book.places[into]
    for title, choices, held in (
        (layout.NEW_THEME, book.themes, theme),
        (layout.NEW_KIND, _KINDS, kind),
    ):
        if line.text(title) and choose(line, title, choices) != held:
            named = book.state.themes.get(held, held)
            raise RefusedError(
                title,
                f"le groupe où vous déplacez cet énoncé est « {named} » : laissez cette cellule "
                "vide, ou choisissez un autre groupe.",
            )


def _new_group(line: Line, book: Book, name: str) -> tuple[str, tuple[Decision, ...]]:
    """Return the group that a name makes of another's statements, and the decision to name it."""
    source = line.text(layout.GROUP_ID)
    made = split_id(source, name)
    if made in book.state.groups or ("group_label", made) in book.state.decided:
        return made, ()
    _refuse_label(layout.MOVE, name)
    places = book.splits[made]
    if len(places) > 1:
        raise RefusedError(
            layout.MOVE,
            "les énoncés de ce nouveau groupe ne sont pas tous du même thème et de la même nature.",
        )
    ((theme, kind),) = places
    if kind == "autre":
        raise RefusedError(
            layout.MOVE, f"donnez une nature à ce nouveau groupe : « {layout.NEW_KIND} »."
        )
    _refuse_twin(book, layout.MOVE, name, theme, made)
    return made, (Decision("group_label", made, None, name, anchors=(source,)),)


def split_id(source: str, name: str) -> str:
    """Name the group that is made of another's statements by giving them a name."""
    return reviewed_group_id(source, fold(name))


# --- what may be given to all, messages to read, letters to see ----------------------------------


def verbatim_edits(line: Line, book: Book) -> Iterator[Found]:
    """Yield what a line of the sheet of quotations asks."""
    words = book.state.words.get(line.text(layout.IDENTIFIER))
    if words is None or not is_shown(line.text(layout.QUOTE), words.text):
        yield from attempt(line, [_refuse_words])
    else:
        yield from attempt(line, [_open], book, words)


def _open(line: Line, book: Book, words: Words) -> Proposal | None:
    if not line.text(layout.OPEN):
        return None
    wanted = choose(line, layout.OPEN, _YES_OR_NO)
    if wanted == words.is_open:
        return None
    key = ("statement_open", words.trace)
    _refuse_changed(line, layout.OPEN, layout.IS_OPEN, words.is_open, book.state, key)
    decision = Decision(
        "statement_open", words.statement_id, words.is_open, wanted, anchors=(words.trace,)
    )
    return _propose(line, layout.OPEN, decision)


def mail_edits(line: Line, book: Book) -> Iterator[Found]:
    """Yield what a line of the sheet of messages asks: its cells are one decision."""
    mail = book.state.mails.get(line.text(layout.IDENTIFIER))
    if mail is None:
        yield from attempt(line, [_refuse_mail])
    else:
        yield from attempt(line, [_mail], book, mail)


def _refuse_mail(line: Line) -> None:
    raise _unknown(line, "ce message à lire")


def _mail(line: Line, book: Book, mail: Mail) -> Proposal | None:
    typed = line.text(layout.TYPED)
    asked = choose(line, layout.DECISION, _KEPT) if line.text(layout.DECISION) else ""
    if typed and asked == DISCARDED:
        raise RefusedError(
            layout.DECISION,
            "« écarter » et des mots saisis se contredisent : gardez l'un ou l'autre.",
        )
    title = layout.TYPED if typed else layout.DECISION
    row = book.state.decided.get((READING, mail.submission_id))
    before = row["after"] if row else None
    after = _typed_id(book, mail, typed) if typed else asked
    shown = layout.WAS_TYPED if typed else asked
    if not shown or (after, shown) == (before, mail.decided):
        return None
    key = READING, mail.submission_id
    _refuse_changed(line, title, layout.DECIDED, mail.decided, book.state, key)
    act = "submission_words" if typed else "submission_kept"
    decision = Decision(act, mail.submission_id, before, after)
    return Proposal(line, title, (_of_cell(line, title, decision),), typed=typed or None)


def _typed_id(book: Book, mail: Mail, typed: str) -> str:
    if len(typed) > layout.LONGEST_TYPED:
        raise RefusedError(
            layout.TYPED, f"{len(typed)} caractères : il en faut {layout.LONGEST_TYPED} au plus."
        )
    if _CUT.search(typed):
        raise RefusedError(layout.TYPED, "ce texte a été coupé : saisissez-en la fin.")
    found = book.typed_id(mail.submission_id, typed)
    if found is None:
        raise RefusedError(layout.TYPED, "ces mots ne disent rien : écartez plutôt le message.")
    return found


def case_edits(line: Line, book: Book) -> Iterator[Found]:
    """Yield what a line of the sheet of letters to see asks."""
    yield from attempt(line, [_done], book.state.cases.get(line.text(layout.IDENTIFIER)))


def _done(line: Line, case: Case | None) -> Proposal | None:
    if not line.text(layout.DONE):
        return None
    if case is None:
        raise _unknown(line, "ce message signalé")
    choose(line, layout.DONE, _YES)
    if case.is_done:
        return None
    decision = Decision("attention_done", case.submission_id, None, layout.YES)
    return _propose(line, layout.DONE, decision)


# --- what all of them share ----------------------------------------------------------------------


def _propose(line: Line, title: str, decision: Decision, written: str | None = None) -> Proposal:
    return Proposal(line, title, (_of_cell(line, title, decision),), written)


def _of_cell(line: Line, title: str, decision: Decision) -> Decision:
    """Complete a decision with the cell that asks it and the reason that its line gives."""
    reason = " ".join(line.text(layout.REASON).split()) or None
    return replace(decision, reason=reason, cell=f"{line.sheet.name} {line.cell(title)}")


def _refuse_changed(
    line: Line, title: str, current: str, now: str | None, state: State, key: tuple[str, str]
) -> Mapping[str, Any] | None:
    """Refuse to decide of what is no more what the workbook shows; return the decision in force."""
    row = state.decided.get(key)
    shown = line.text(current)
    if not is_shown(shown, now):
        raise RefusedError(
            title,
            f"« {current} » était « {shown} » dans ce classeur, et est maintenant « {now or ''} »"
            f"{_by(state, row)}. {_AGAIN}",
        )
    return row


def _by(state: State, row: Mapping[str, Any] | None) -> str:
    """Say who decided and when; nothing when nobody did."""
    if row is None:
        return ""
    day = row["decided_at"].astimezone(state.timezone)
    return f" (décidé par {row['decided_by']} le {day:%d/%m/%Y})"


def _unknown(line: Line, what: str) -> RefusedError:
    if not line.text(layout.IDENTIFIER):
        return RefusedError(
            layout.IDENTIFIER, f"l'identifiant de cette ligne a été effacé. {_AGAIN}"
        )
    return RefusedError(
        layout.IDENTIFIER, f"{what} n'existe pas, ou plus, dans la dernière synthèse. {_AGAIN}"
    )
