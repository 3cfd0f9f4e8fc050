"""Lines of a workbook that was read back: what is typed in them, and why it cannot be taken.

A cell is refused by raising `RefusedError`; what is right beside it still holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tasks.report.workbook import cell_text
from tasks.report.workbook_reader import ReadRow, ReadSheet
from tasks.review.decisions import Decision, Refusal

# "12", "n° 12", and what a spreadsheet makes of a number.
_NUMBER: Final = re.compile(r"(?:n\s*[°ºo]?\s*\.?\s*)?(\d{1,6})(?:[.,]0+)?", re.IGNORECASE)


class RefusedError(ValueError):
    """What a cell asks cannot be done; the message is a French sentence that says what to do."""

    def __init__(self, title: str, sentence: str) -> None:
        super().__init__(sentence)
        self.title = title


@dataclass(frozen=True)
class Line:
    """A line of a sheet, whose cells are known by the titles of their columns."""

    sheet: ReadSheet
    row: ReadRow

    def text(self, title: str) -> str:
        """Return what a cell says; nothing when it is empty."""
        return self.row.cells.get(title, "").strip()

    def cell(self, title: str) -> str:
        """Name a cell as a spreadsheet does."""
        return f"{self.sheet.columns[title]}{self.row.number}"

    def refuse(self, title: str, sentence: str) -> Refusal:
        """Say why what a cell asks is not taken."""
        return Refusal(self.sheet.name, self.cell(title), sentence)


@dataclass(frozen=True)
class Proposal:
    """What a cell asks: one decision or several that hold together.

    `written` is what an analyst wrote of their own in it, which must name nobody; `typed` are the
    words of a citizen, for the vault.
    """

    line: Line
    title: str
    decisions: tuple[Decision, ...]
    written: str | None = None
    typed: str | None = None


Found = Proposal | Refusal


def attempt(
    line: Line, attempts: Iterable[Callable[..., Proposal | None]], *given: Any
) -> Iterator[Found]:
    """Make each attempt on a line, for itself: one that is refused leaves the others."""
    for one in attempts:
        try:
            found = one(line, *given)
        except RefusedError as error:
            yield line.refuse(error.title, str(error))
        else:
            if found is not None:
                yield found


def filled_lines(sheet: ReadSheet, titles: Sequence[str]) -> list[Line]:
    """Return the lines in which something was typed under one of these titles."""
    lines = (Line(sheet, row) for row in sheet.rows)
    return [line for line in lines if any(line.text(title) for title in titles)]


def disagreements(
    lines: Sequence[Line],
    about: Callable[[Line], str],
    said: Callable[[Line, str], str],
    titles: Sequence[str],
) -> dict[int, list[Refusal]]:
    """Return, by line number, the refusals of lines that do not say the same of the same thing.

    `about` names the thing that a line is about, `said` tells what it says under a title.
    """
    same = defaultdict(list)
    for line in lines:
        for title in titles:
            if line.text(title):
                same[about(line), title].append(line)
    found: dict[int, list[Refusal]] = defaultdict(list)
    for (_, title), saying in same.items():
        if len({said(line, title) for line in saying}) > 1:
            cells = ", ".join(line.cell(title) for line in saying)
            sentence = f"{cells} disent deux choses du même sujet : n'en gardez qu'une."
            for line in saying:
                found[line.row.number].append(line.refuse(title, sentence))
    return found


def fold(text: str) -> str:
    """Set aside case and spaces, as who fills in a cell does."""
    return " ".join(text.split()).casefold()


def is_shown(text: str, value: str | None) -> bool:
    """Tell whether a protected cell says what holds now."""
    return " ".join(text.split()) == " ".join(cell_text(value or "").split())


def read_number(text: str) -> str | None:
    """Return the digits of a number as people write it, "12" or "n° 12"; null: it is none."""
    found = _NUMBER.fullmatch(" ".join(text.split()))
    return str(int(found[1])) if found else None


def choose(line: Line, title: str, choices: Iterable[tuple[str, str]]) -> str:
    """Return what a cell chooses, by its name; raise RefusedError for what is not in the list."""
    named = {fold(name): value for name, value in choices}
    asked = line.text(title)
    if (found := named.get(fold(asked))) is None:
        raise RefusedError(title, f"« {asked} » n'est pas dans la liste : choisissez-y une valeur.")
    return found
