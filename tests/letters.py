"""Invented letters whose statements are marked: ⟦…⟧ stands round each in the file.

A line "== name" begins a letter, lines before the first one are comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "unit" / "tasks" / "language" / "letters"
_LETTER = re.compile(r"^== (\w+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """A letter without its marks, and where its statements are."""

    name: str
    text: str
    spans: list[tuple[int, int]]


def read_letters(path: Path) -> list[Letter]:
    """Read the letters of a file, in order."""
    _, *parts = _LETTER.split(path.read_text(encoding="utf-8"))
    return [_letter(name, body) for name, body in zip(parts[::2], parts[1::2], strict=True)]


def _letter(name: str, body: str) -> Letter:
    pieces = re.split(r"([⟦⟧])", body.rstrip("\n"))
    text, opened, spans = "", 0, list[tuple[int, int]]()
    for piece in pieces:
        if piece == "⟦":
            opened = len(text)
        elif piece == "⟧":
            spans.append((opened, len(text)))
        else:
            text += piece
    return Letter(name, text, spans)
