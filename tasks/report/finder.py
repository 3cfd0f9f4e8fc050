"""What the page searches without a server: all groups and statements behind each, as JSON.

A column is a list, so that no name comes back with every group. The JSON can stand in a page
whatever citizens wrote: nothing in it opens or closes a tag.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from tasks.report.model import Group, Synthesis
from tasks.report.typography import french
from tasks.report.wording import beginning, cut, visible
from warehouse.contracts import WEIGHT_LABELS

KINDS: Final = ("proposition", "constat")
LONGEST: Final = 600  # characters of a statement

_UNSAFE: Final = re.compile("[<>&\u2028\u2029]")


@dataclass(frozen=True)
class Finder:
    """What is searched: the values to filter by, how many groups, and these as JSON.

    `data` has a list a column, groups of most contributors first. `theme`, `kind` and `weight` are
    places in the lists of that name; `examples` an identifier, words, and what is cut, in turn.
    """

    themes: tuple[str, ...]
    kinds: tuple[str, ...]
    weights: tuple[str, ...]
    group_count: int
    data: Markup


def read_finder(synthesis: Synthesis) -> Finder:
    """Gather all groups of a synthesis to be searched."""
    themes = tuple(french(theme.short_label) for theme in synthesis.themes)
    rows = [
        (place, kind, group)
        for place, theme in enumerate(synthesis.themes)
        for kind, groups in enumerate((theme.propositions, theme.constats))
        for group in groups
    ]
    rows.sort(key=lambda row: (-row[2].contributor_count, row[0], row[1], row[2].rank))
    groups = [group for _, _, group in rows]
    new = {gain.group.group_id for theme in synthesis.themes for gain in theme.gains if gain.is_new}
    columns = {
        "themes": themes,
        "kinds": KINDS,
        "weights": WEIGHT_LABELS,
        "id": [group.group_id for group in groups],
        "theme": [theme for theme, _, _ in rows],
        "kind": [kind for _, kind, _ in rows],
        "weight": [WEIGHT_LABELS.index(group.weight_label) for group in groups],
        "label": [visible(group.label) for group in groups],
        "contributors": [group.contributor_count for group in groups],
        "statements": [group.statement_count for group in groups],
        "new": [int(group.group_id in new) for group in groups],
        "examples": [[*_told(group)] for group in groups],
    }
    return Finder(themes, KINDS, WEIGHT_LABELS, len(groups), _json(columns))


def _told(group: Group) -> Iterator[str]:
    for example in group.examples:
        yield example.statement_id
        yield visible(beginning(example.quote, LONGEST))
        yield cut(example.quote, example.statement_id, LONGEST) or ""


def _json(value: Mapping[str, object]) -> Markup:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    safe = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return Markup(safe)  # noqa: S704 - no character of it can end the script that holds it
