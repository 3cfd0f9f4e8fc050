"""A small world to review, and a person who fills in its workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from tasks.consultation import Consultation, parse_consultation
from tasks.report.ods import write_ods
from tasks.report.workbook import Sheet, Workbook, column_letters
from tasks.report.workbook_reader import ReadSheet, read_workbook
from tasks.report.xlsx import write_xlsx
from tasks.review import layout
from tasks.review.decisions import Decision
from tasks.review.sheets import review_workbook
from tasks.review.state import REVIEWED, Machine, State, read_state
from warehouse.contracts import GROUP_HISTORY
from warehouse.words import words_traces

WRITERS = {"xlsx": write_xlsx, "ods": write_ods}
DAY = date(2020, 1, 12)
SECRET = "a" * 64
PLACES = ("la gare", "le marché", "le collège", "la mairie", "le stade", "le pont")
SUBJECTS = ("l'éclairage", "l'accueil", "la patrouille", "la réunion", "le numéro", "la caméra")
Cells = Mapping[tuple[str, str, str], str]
NOTHING: Cells = MappingProxyType({})


def consultation() -> Consultation:
    return parse_consultation(
        """
[consultation]
slug = "essai"
title = "Essai"
organiser = "Préfecture"
addressee = "Ministre"
opening = 2020-01-08
deadline = 2020-01-20
department = "03"
[[theme]]
code = "service"
label = "service rendu à la population"
short_label = "Service rendu"
[[theme]]
code = "lien"
label = "lien avec la population"
short_label = "Lien"
"""
    )


def group_id(n: int) -> str:
    return f"g-{n:016x}"


def statement_id(group: int, rank: int) -> str:
    return f"c-{group:016x}-{rank:03}"


def submission_id(n: int) -> str:
    return f"s-{n:016x}"


def text_of(group: int, rank: int) -> str:
    """Tell the words of a statement: the third says what the second says."""
    words = min(rank, 2)
    subject, place = SUBJECTS[group % 6], PLACES[(group // 6 + words) % 6]
    return f"On voudrait {subject} près de {place}, point {group} et {words}."


def label_of(text: str) -> str:
    return text.removeprefix("On voudrait ").removesuffix(".")


def tables(groups: int = 6, mails: int = 8) -> dict[str, pa.Table]:
    """Publish so many groups of three statements, and so many messages to read."""
    classes = {
        n: (("service", "lien")[n % 2], ("constat", "proposition")[n // 2 % 2])
        for n in range(1, groups + 1)
    }
    statements = [
        {
            "statement_id": statement_id(n, rank),
            "text": text_of(n, rank),
            "theme": theme,
            "kind": kind,
            "theme_score": 0.9 - rank / 10,
            "kind_score": 0.8,
            "group_id": group_id(n),
        }
        for n, (theme, kind) in classes.items()
        for rank in (1, 2, 3)
    ]
    named = [
        {
            "group_id": group_id(n),
            "theme": theme,
            "kind": kind,
            "label": f"Libellé du groupe {n}",
            "representative_statement_id": statement_id(n, 1),
            "contributor_count": 3,
            "weight_label": "partagé",
        }
        for n, (theme, kind) in classes.items()
    ]
    figures = ("group_id", "contributor_count", "weight_label")
    return {
        "core.statements": pa.Table.from_pylist(statements),
        "core.groups": pa.Table.from_pylist(named),
        "core.group_history": GROUP_HISTORY.schema.empty_table(),
        "marts.constats": _figures([r for r in named if r["kind"] == "constat"], figures),
        "marts.propositions": _figures([r for r in named if r["kind"] == "proposition"], figures),
        "core.submissions": pa.Table.from_pylist(
            [
                {
                    "submission_id": submission_id(n),
                    "received_date": DAY,
                    "status": "rejected",
                    "reason": REVIEWED[n % len(REVIEWED)],
                    "size_bytes": 2000,
                }
                for n in range(1, mails + 1)
            ]
        ),
        "meta.publication": pa.Table.from_pylist(
            [{"as_of_date": DAY, "publication_version": "0123456789ab"}]
        ),
    }


def _figures(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> pa.Table:
    return pa.Table.from_pylist([{name: row[name] for name in columns} for row in rows])


def world(decided: Sequence[Mapping[str, Any]] = (), groups: int = 6, mails: int = 8) -> State:
    """Return what holds once these decisions, taken since the publication, are in force."""
    published = tables(groups, mails)
    traces = words_traces(published["core.statements"]["text"], SECRET).to_pylist()
    said = published["core.statements"].to_pylist()
    machine = Machine(
        {row["statement_id"]: row["group_id"] for row in said},
        {row["statement_id"]: label_of(row["text"]) for row in said},
    )
    flags = [
        {"submission_id": submission_id(n), "received_date": DAY, "code": "demande", "why": "règle"}
        for n in range(101, 101 + mails)
    ]
    return read_state(published, traces, machine, decided, decided, flags, consultation())


def rows_of(decisions: Iterable[Decision], by: str = "Anne Petit") -> list[dict[str, Any]]:
    """Return the rows of decisions that somebody took on the day."""
    at = datetime(2020, 1, 13, 9, 30, tzinfo=UTC)
    return [
        {"decision_id": f"d-{n:016x}", "decided_by": by, "decided_at": at, **asdict(decision)}
        for n, decision in enumerate(decisions)
    ]


def written(state: State, cells: Cells = NOTHING, name: str = "") -> Workbook:
    """Return the workbook of a state once somebody filled in cells: sheet, identifier, title."""
    exported = review_workbook(state, "Essai", letters={})
    sheets = tuple(_filled(sheet, cells) for sheet in exported.sheets)
    return replace(
        exported,
        sheets=tuple(
            replace(sheet, rows=((name or None,),)) if sheet.name == layout.WHO else sheet
            for sheet in sheets
        ),
    )


def _filled(sheet: Sheet, cells: Cells) -> Sheet:
    titles = [field.title for field in sheet.fields]
    if layout.IDENTIFIER not in titles:
        return sheet
    place = titles.index(layout.IDENTIFIER)
    return replace(
        sheet,
        rows=tuple(
            tuple(
                cells.get((sheet.name, str(row[place]), title), value)
                for title, value in zip(titles, row, strict=True)
            )
            for row in sheet.rows
        ),
    )


def cell_of(workbook: Workbook, sheet: str, identifier: str, title: str) -> str:
    """Name the cell where something is filled in."""
    found = next(s for s in workbook.sheets if s.name == sheet)
    titles = [field.title for field in found.fields]
    place = titles.index(layout.IDENTIFIER)
    line = next(n for n, row in enumerate(found.rows, 2) if row[place] == identifier)
    return f"{column_letters(titles.index(title))}{line}"


def number_of(workbook: Workbook, group: str) -> int:
    """Return the n° of a group in a workbook."""
    found = next(s for s in workbook.sheets if s.name == layout.GROUPS)
    return next(row[0] for row in found.rows if row[-1] == group)  # type: ignore[return-value]


def read_back(workbook: Workbook, suffix: str = "xlsx") -> tuple[ReadSheet, ...]:
    return read_workbook(WRITERS[suffix](workbook))


def typed_id(submission: str, text: str) -> str | None:
    """Name words typed in as the vault does, without its key; punctuation alone says nothing."""
    return f"t-{len(text):08x}{submission[-8:]}" if any(c.isalpha() for c in text) else None
