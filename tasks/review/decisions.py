"""A decision of review, and a refusal of what a workbook asks: values shared by all that read one.

No citizen's word is in a decision: what it is about is named by identifiers and traces.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Decision:
    """One thing that a person decides: see `decisions.reviews`, whose columns these are."""

    act: str
    subject: str
    before: str | None
    after: str | None
    reason: str | None = None
    anchors: tuple[str, ...] = ()
    target_anchors: tuple[str, ...] = ()
    cell: str | None = None
    reader: int | None = None


@dataclass(frozen=True)
class Refusal:
    """A cell that cannot be taken into account; `sentence` is French and says what to do."""

    sheet: str
    cell: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.sheet}, cellule {self.cell} : {self.sentence}"


def is_borrowed(row: Mapping[str, Any]) -> bool:
    """Tell whether a decision gives a group the label of a statement, whose identifier it holds.

    Its `target_anchors` are then the trace of the statement's words; a label that was written has
    none, whatever it looks like.
    """
    return row["act"] == "group_label" and bool(row["target_anchors"])


def reviewed_group_id(*parts: str) -> str:
    """Name a group that people made: the same parts, the same identifier.

    Of a group split from another: that group and the name it was given. Of words whose theme or
    kind people changed: their trace.
    """
    return "g-" + hashlib.sha256("\0".join(("relecture", *parts)).encode()).hexdigest()[:16]
