"""What changed in the consultation's file or in the program from run to run, and what that moved.

Each run that is not of the same file and program as the last writes a row that is never changed,
and keeps the file's text. The next synthesis compares: the day that was served before, from the
same messages, as it was and as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from expectations.reasons import REASONS
from flows.run import Run, UsageError, account
from tasks.changes import differences, without_places
from warehouse.contracts import (
    CHANGES,
    CONTRIBUTIONS,
    KEY_FIGURES,
    MOVE_TOPICS,
    MOVES,
    STATEMENTS,
    SUBMISSIONS,
)
from warehouse.database import Database
from warehouse.decisions import Decisions
from warehouse.files import sha256_of
from warehouse.home import Home
from warehouse.lake import code_fingerprint
from warehouse.publication import LATEST, VERSIONS, Published, Shelf
from warehouse.sql import read_sql

Row = dict[str, Any]

SHOWN: Final = 5  # identifiers a line; all are in the JSON
COMPARED: Final = (SUBMISSIONS, CONTRIBUTIONS, STATEMENTS, KEY_FIGURES)
_TOPICS: Final = {
    "figure": "Chiffres d'ensemble",
    "status": "Envois, par sort",
    "theme": "Énoncés, par thème",
    "kind": "Énoncés, par nature",
    "campaign": "Contributions, par campagne",
    "joined": "Groupes qui en réunissent plusieurs d'avant",
    "split": "Groupes d'avant partagés entre plusieurs",
}


# --- what changed --------------------------------------------------------------------------------


def last_change(home: Home) -> Row | None:
    """Return the row of the last change; null before the first run."""
    rows = home.decisions.read(CHANGES).to_pylist()
    return rows[-1] if rows else None


def find_change(run: Run, decided_by: str | None = None, because: str | None = None) -> Row | None:
    """Return how a run differs from the last: a row of CHANGES; null when it does not."""
    last = last_change(run.home)
    now = _state(run)
    served = Shelf(run.home.published).get(LATEST)
    if last is not None:
        changes = _changes(run, last, now)
    elif served is None:
        changes = ["Première exécution"]
    else:  # by a program that wrote down no change
        changes = [
            f"programme : version {served.manifest['program_version']}, qui n'en notait rien"
        ]
    if not changes:
        return None
    if last is not None and not _may_move(last, now):
        served = None
    return now | {
        "run": run.home.journal.next_run,
        "changed_at": run.now,
        "account": account(),
        "decided_by": decided_by,
        "because": because,
        "file_owner": _owner(run.file),
        "file_modified_at": datetime.fromtimestamp(run.file.stat().st_mtime, UTC),
        "changes": changes,
        "configuration_before_sha256": last and last["configuration_sha256"],
        "published_before": served and served.folder.name,
    }


def record_change(run: Run, decided_by: str | None = None, because: str | None = None) -> bool:
    """Write down how a run differs from the last, if it does; whoever calls holds the lock."""
    row = find_change(run, decided_by, because)
    if row is not None:
        run.home.decisions.keep_text(_kept(run))
        run.home.decisions.add(CHANGES, [row])
    return row is not None


def record_who(run: Run, decided_by: str | None, because: str | None) -> None:
    """Write down a change with who made it and why, before the run that it is for.

    Raises UsageError when nothing changed: there is nothing to say that of.
    """
    with run.home.lock():
        run.home.prepare()
        run.home.bind(run.consultation.slug)
        if not record_change(run, decided_by, because):
            raise UsageError(
                "--because et --by disent pourquoi et par qui le fichier de la consultation a "
                "changé : il n'a pas changé depuis la dernière exécution."
            )


def _kept(run: Run) -> str:
    """Return what is kept of the consultation's file."""
    return without_places(run.text)


def _may_move(last: Row, now: Row) -> bool:
    """Tell whether what is published depends on what changed."""
    return any(last[name] != now[name] for name in ("configuration_sha256", "code_sha256"))


def _state(run: Run) -> Row:
    """Return what tells a run's file and program from another's: columns of CHANGES."""
    materials = run.materials
    named = {
        "trained.themes": run.learnt,
        "documents.template": materials.template and materials.template.hex(),
        "documents.stylesheet": materials.stylesheet,
        "documents.outlines": materials.outlines,
    }
    return {
        "file_sha256": Decisions.name_of(_kept(run)),
        "named_files": [f"{key} {sha256_of([text])}" for key, text in named.items() if text],
        "configuration_sha256": run.configuration_sha256,
        "program_version": version("assises"),
        "code_sha256": code_fingerprint(),
    }


def _changes(run: Run, last: Row, now: Row) -> list[str]:
    earlier = tomllib.loads(run.home.decisions.text(last["file_sha256"]))
    found = differences(earlier, tomllib.loads(_kept(run)))
    before, after = (dict(n.split(" ") for n in row["named_files"]) for row in (last, now))
    found += [
        f"{key} : le contenu du fichier a changé"
        for key in after
        if before.get(key, after[key]) != after[key]
    ]
    if last["program_version"] != now["program_version"]:
        found.append(f"programme : version {last['program_version']} → {now['program_version']}")
    elif last["code_sha256"] != now["code_sha256"]:
        found.append(f"programme : version {now['program_version']}, code différent")
    return found


def _owner(file: Path) -> str:
    try:
        return file.owner()
    except KeyError:
        return str(file.stat().st_uid)


def no_longer_final(run: Run) -> list[str]:
    """Say which publications call themselves final of a consultation that closes later now."""
    return [
        f"La synthèse publiée au {one.as_of:%d/%m/%Y} se dit définitive, et ne l'est plus : la "
        f"clôture a changé. Refaites-la par « assises run --as-of {one.as_of} »."
        for one in Shelf(run.home.published).dated()
        if one.is_final and not run.consultation.is_final(one.as_of)
    ]


# --- what moved ----------------------------------------------------------------------------------


def to_compare(home: Home) -> Published | None:
    """Return what was served before the last change that can move it, until it is compared."""
    row = _uncompared(home)
    before = row and Shelf(home.published).get(f"{VERSIONS}/{row['published_before']}")
    return before if before and before.holds(COMPARED) else None


def record_moves(home: Home, database: Database, before: Published) -> None:
    """Write down what moved from a publication to the same day's tables, which the base holds."""
    row = _uncompared(home)
    common = {"run": row and row["run"], "as_of_date": before.as_of}
    found = [common | moved for moved in moves(database, before.tables(COMPARED))]
    home.decisions.add(MOVES, found)


def _uncompared(home: Home) -> Row | None:
    rows = home.decisions.read(CHANGES).to_pylist()
    last = next((row for row in reversed(rows) if row["published_before"]), None)
    compared = set(home.decisions.read(MOVES)["run"].to_pylist())
    return None if last is None or last["run"] in compared else last


def moves(database: Database, before: Mapping[str, pa.Table]) -> Iterator[Row]:
    """Yield what moved from the tables COMPARED, keyed by qualified name, to those of the base."""
    with database.beside({f"before_{t.name}": before[t.qualified] for t in COMPARED}):
        for topic in MOVE_TOPICS:
            for row in database.query(read_sql(f"moves/{topic}")).to_pylist():
                yield {"topic": topic} | row


# --- for people ----------------------------------------------------------------------------------


def history(home: Home) -> list[Row]:
    """Return every change, the first first, each with what it moved."""
    rows = home.decisions.read(CHANGES).to_pylist()
    moved = home.decisions.read(MOVES).to_pylist()
    return [row | {"moves": [m for m in moved if m["run"] == row["run"]]} for row in rows]


def history_text(rows: Sequence[Row]) -> str:
    """Write every change for a person."""
    if not rows:
        return "Aucune exécution encore."
    return "\n\n".join(map(change_text, rows))


def change_text(row: Mapping[str, Any]) -> str:
    """Write a change for a person: what, when, by whom, and what it moved."""
    lines = [
        f"Exécution {row['run']}, le {_minute(row['changed_at'])}, compte {row['account']}.",
        f"Fichier modifié le {_minute(row['file_modified_at'])}, à {row['file_owner']}.",
    ]
    if row["decided_by"]:
        lines.append(f"Changé par {row['decided_by']}.")
    if row["because"]:
        lines.append(f"Parce que : {row['because']}")
    lines += [f"  {change}" for change in row["changes"]]
    if row["published_before"] and row.get("moves") == []:
        lines.append(
            "Ce qui a bougé n'est pas dit : la synthèse d'avant n'est pas encore comparée, l'a été "
            "avec un changement suivant, ou a été supprimée avant de l'être (effacement)."
        )
    return "\n".join([*lines, *_moves_text(row.get("moves", ()))])


def _moves_text(moves: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not moves:
        return
    of = "messages trouvés depuis compris" if _has_more_messages(moves) else "mêmes messages"
    yield (
        f"Ce qui a bougé dans la synthèse au {moves[0]['as_of_date']:%d/%m/%Y}, {of}, "
        "avant → après :"
    )
    told = [row for row in moves if row["moved_count"]]
    for topic, title in _TOPICS.items():
        rows = [row for row in told if row["topic"] == topic]
        if rows:
            yield f"  {title}"
            yield from (f"    {_move_text(row)}" for row in rows)
    if not told:
        yield "  rien"


def _has_more_messages(moves: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether what moved is of mail found late too: the change alone adds no message."""
    figures = (row for row in moves if row["topic"] == "figure" and row["moved_count"])
    return any(row["identifiers"] == ["received_count"] for row in figures)


def _move_text(row: Mapping[str, Any]) -> str:
    count, before, after = row["moved_count"], row["before"], row["after"]
    if row["topic"] == "figure":
        name = KEY_FIGURES.column(row["identifiers"][0]).description
        return f"{count:+6}  {name} : {before} → {after}"
    some = ", ".join(row["identifiers"][:SHOWN])
    more = ", …" if len(row["identifiers"]) > SHOWN else ""
    if row["topic"] in ("joined", "split"):
        return f"{count:>6}  {before or after} : {some}{more}"
    labels = _LABELS if row["topic"] == "status" else {}
    told = (labels.get(end, end) or "(aucun)" for end in (before, after))
    return f"{count:>6}  {' → '.join(told)}   {some}{more}"


_LABELS: Final = {
    "accepted": "retenu",
    **{f"{reason.status} {reason.code}": reason.label for reason in REASONS},
}


def _minute(instant: datetime) -> str:
    return f"{instant:%d/%m/%Y à %H:%M} UTC"
