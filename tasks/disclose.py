"""Disclose: from the analysts' tables to those that anybody may have.

Everything counts contributors, each once in a table: nobody moves a figure by more than one.
Decision 12 says why these tables and no others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from tasks.consultation import HORS_THEME, Consultation
from tasks.privacy.disclosure import REST, Control, Disclosure, Shown, release
from warehouse.contracts import (
    OPEN_COMMUNES,
    OPEN_GROUPS,
    OPEN_PARTICIPATION,
    OPEN_THEMES,
    OPEN_VERBATIMS,
    SHARED_KIND,
    Table,
)

UNKNOWN, OUTSIDE = "inconnue", "hors du département"
OTHERS, GROUP = "autres", "groupe"
_NOTHING: Final = Control(())


@dataclass(frozen=True)
class Contributors:
    """Where each contributor is counted: a commune, a main theme, the groups they belong to."""

    communes: Mapping[str, str]
    themes: Mapping[str, str]
    groups: Mapping[str, Collection[str]]
    # Groups that were joined to another: all others keep their name, or are made of other letters.
    joined: Collection[str] = ()


@dataclass(frozen=True)
class Released:
    """Words that may be given to all: statements by their ids, and labels that people wrote.

    Not those `kept`, which they took from a statement that they did not let out.
    """

    statements: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


def read_contributors(tables: Mapping[str, pa.Table], consultation: Consultation) -> Contributors:
    """Place each contributor of the published tables.

    The commune is the first that they name; the main theme, of those announced, that of most of
    their statements, the first announced of equals.
    """
    contributions = tables["core.contributions"]
    ids = (contributions[name].to_pylist() for name in ("contribution_id", "contributor_id"))
    authors = dict(zip(*ids, strict=True))
    first = _first_days(contributions)
    codes = zip(first["contributor_id"].to_pylist(), first["code"].to_pylist(), strict=True)
    communes = {author: _commune_cell(code, consultation.department) for author, code in codes}
    said: dict[str, Counter[str]] = {author: Counter() for author in communes}
    groups: dict[str, set[str]] = {}
    statements = tables["core.statements"].select(["contribution_id", "theme", "kind", "group_id"])
    for row in statements.to_pylist():
        author = authors[row["contribution_id"]]
        said[author][row["theme"]] += 1
        if row["kind"] in (SHARED_KIND.values or ()):
            groups.setdefault(row["group_id"], set()).add(author)
    announced = [theme.code for theme in consultation.themes]
    themes = {author: _main_theme(counts, announced) for author, counts in said.items()}
    joined = tables["core.group_history"]["group_id"].to_pylist()
    return Contributors(communes, themes, groups, frozenset(joined))


def disclose_communes(tables: Mapping[str, pa.Table], consultation: Consultation) -> Disclosure:
    """Return what the page may show of communes, had it been published each day until now."""
    disclosed = Disclosure()
    found: Counter[str] = Counter()
    for day, moves in _moves(tables["core.contributions"], consultation.department):
        found.update(moves)
        counts = {OPEN_COMMUNES.name: _commune_cells(found)}
        disclosed = release(disclosed, counts, day, consultation.open_data.k)
    return disclosed


def _moves(contributions: pa.Table, department: str) -> Iterator[tuple[date, Mapping[str, int]]]:
    """Yield each day in order, with how many contributors each commune gains or loses."""
    days = sorted(pc.unique(contributions["received_date"]).to_pylist())
    moves: dict[date, Counter[str]] = {day: Counter() for day in days}
    first = _first_days(contributions)
    for day, count in _counted(first["came"]):
        moves[day][UNKNOWN] += count
    named = first.filter(pc.is_valid(first["code"]))
    for day, code, count in _counted(named["named"], named["code"]):
        moves[day][_commune_cell(code, department)] += count
        moves[day][UNKNOWN] -= count
    yield from moves.items()


def _first_days(contributions: pa.Table) -> pa.Table:
    """Return of each contributor the day they came, that they named a commune, and its code.

    Of several communes the first counts; of who names none, the last two are null.
    """
    columns = ["contributor_id", "received_date", "commune_code"]
    rows = contributions.select(columns).sort_by("received_date")
    came = rows.group_by("contributor_id").aggregate([("received_date", "min")])
    named = rows.filter(pc.is_valid(rows["commune_code"]))
    first = named.group_by("contributor_id", use_threads=False).aggregate(
        [("received_date", "first"), ("commune_code", "first")]
    )
    found = came.join(first, "contributor_id")
    return found.rename_columns(["contributor_id", "came", "named", "code"])


def _counted(*columns: pa.ChunkedArray) -> Iterator[tuple[Any, ...]]:
    """Yield each combination of values with how often it comes."""
    names = [str(place) for place in range(len(columns))]
    counts = pa.table(columns, names).group_by(names).aggregate([([], "count_all")])
    return zip(*(counts[name].to_pylist() for name in (*names, "count_all")), strict=True)


def _commune_cell(code: str | None, department: str) -> str:
    if code is None:
        return UNKNOWN
    return code if code.startswith(department) else OUTSIDE


def _main_theme(counts: Counter[str], announced: Sequence[str]) -> str:
    main = max(announced, key=lambda theme: counts[theme])  # of equals, max keeps the first
    return main if counts[main] else HORS_THEME


def disclose(
    past: Disclosure, contributors: Contributors, consultation: Consultation, until: date
) -> Disclosure:
    """Return what may be known as of a day, after all that was known before."""
    k = consultation.open_data.k
    everybody = len(contributors.communes)
    admits = not _renamed(past, contributors)
    groups = {
        _group_table(group): {OTHERS: everybody - len(who), GROUP: len(who)}
        for group, who in contributors.groups.items()
        if _group_table(group) in past.tables or (admits and len(who) > k)
    }
    tables = {
        OPEN_THEMES.name: _counts(contributors.themes, [HORS_THEME, *consultation.theme_labels()]),
        OPEN_COMMUNES.name: _commune_cells(Counter(contributors.communes.values())),
    }
    return release(past, tables | groups, until, k)


def _commune_cells(found: Counter[str]) -> dict[str, int]:
    known = sorted(found.keys() - {UNKNOWN, OUTSIDE})
    return {cell: found[cell] for cell in (UNKNOWN, OUTSIDE, REST, *known)}


def _counts(cells: Mapping[str, str], order: Iterable[str]) -> dict[str, int]:
    found = Counter(cells.values())
    return {cell: found[cell] for cell in order}


def _renamed(past: Disclosure, contributors: Contributors) -> bool:
    """Tell whether a group that was counted has gone without being joined to another.

    Its founder was withdrawn, or an earlier letter found: the same group may be back under another
    name, and the difference of the two counts would be that of a few persons. No new one is shown.
    """
    known = {_group_table(group) for group in {*contributors.groups, *contributors.joined}}
    return any(t.startswith(_group_table("")) and t not in known for t in past.tables)


def _group_table(group_id: str) -> str:
    return f"{OPEN_GROUPS.name}/{group_id}"


def open_tables(
    disclosed: Disclosure,
    tables: Mapping[str, pa.Table],
    consultation: Consultation,
    released: Released,
) -> dict[str, pa.Table]:
    """Return the tables of open data by qualified name; words are only those `released`."""
    days = [{"counted_until": d.until, "contributor_count": d.count} for d in disclosed.days]
    themes = _shown(disclosed, OPEN_THEMES.name)
    rows = {
        OPEN_PARTICIPATION: days,
        OPEN_THEMES: [
            {"theme": code, "theme_label": label} | _cell(themes.get(code))
            for code, label in consultation.theme_labels().items()
        ],
        OPEN_COMMUNES: _commune_rows(disclosed, tables, consultation),
        OPEN_GROUPS: _group_rows(disclosed, tables, released),
        OPEN_VERBATIMS: [
            {name: row[name] for name in OPEN_VERBATIMS.schema.names}
            for row in tables["core.statements"].to_pylist()
            if row["statement_id"] in released.statements
        ],
    }
    return {table.qualified: _table(table, found) for table, found in rows.items()}


def _table(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    order = [(column, "ascending") for column in table.order]
    made = pa.Table.from_pylist(rows, schema=table.schema)
    return made.sort_by(order) if order else made


def shown_communes(
    disclosed: Disclosure, tables: Mapping[str, pa.Table], consultation: Consultation
) -> list[tuple[str, str | None, Shown]]:
    """Return code, name and count of each commune of the department that may be shown."""
    names = {
        row["commune_code"]: row["commune_name"]
        for row in tables["marts.contributions_by_commune"].to_pylist()
    }
    return [
        (code, names.get(code), shown)
        for code, shown in sorted(_shown(disclosed, OPEN_COMMUNES.name).items())
        if code.startswith(consultation.department)
    ]


def _commune_rows(
    disclosed: Disclosure, tables: Mapping[str, pa.Table], consultation: Consultation
) -> list[dict[str, Any]]:
    return [
        {"commune_code": code, "commune_name": name} | _cell(shown)
        for code, name, shown in shown_communes(disclosed, tables, consultation)
    ]


def _group_rows(
    disclosed: Disclosure, tables: Mapping[str, pa.Table], released: Released
) -> list[dict[str, Any]]:
    """Return the groups shown that there still are: one joined to another has no row any more."""
    return [
        {name: row[name] for name in ("group_id", "theme", "kind")}
        | _cell(shown)
        | {"label": row["label"] if _may_be_read(row, released) else None}
        for row in tables["core.groups"].to_pylist()
        if (shown := _shown(disclosed, _group_table(row["group_id"])).get(GROUP)) is not None
    ]


def _may_be_read(group: Mapping[str, Any], released: Released) -> bool:
    """Tell whether the label of a group is a person's, or that of a quotation they let out."""
    if group["label"] in released.labels:
        return True
    is_quoted = group["representative_statement_id"] in released.statements
    return is_quoted and group["label"] not in released.kept


def _shown(disclosed: Disclosure, table: str) -> Mapping[str, Shown]:
    return disclosed.tables.get(table, _NOTHING).shown


def _cell(shown: Shown | None) -> dict[str, Any]:
    return {
        "contributor_count": shown.count if shown else None,
        "counted_until": shown.until if shown else None,
    }
