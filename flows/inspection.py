"""What is published and what stands behind it, read without disturbing a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from flows.run import Run, UsageError
from flows.terminal import plural
from tasks.arrivals import survey
from tasks.language.attention import LABELS
from tasks.mail.sources.opening import open_source
from warehouse.contracts import ATTENTION
from warehouse.database import Database
from warehouse.home import Home
from warehouse.publication import DATABASE, LATEST, Published, Shelf
from warehouse.sql import read_sql


def attention(home: Home) -> list[dict[str, Any]]:
    """Return the letters that a person must still see; see `flagged`."""
    decided = home.decisions.in_force()
    done = {row["subject"] for row in decided if row["act"] == "attention_done"}
    return [row for row in flagged(home) if row["submission_id"] not in done]


def flagged(home: Home) -> list[dict[str, Any]]:
    """Return the letters that a person must see, day by day, those without one at the end.

    What was received since the latest publication is among them, and needs none to be.
    """
    rows = home.lake.read("attention", home.lake.days("attention"), ATTENTION.schema).to_pylist()
    rows.sort(key=lambda row: row["received_date"] or date.max)
    # A letter found again, at an earlier reception, may have left flags at the day it had before.
    last_first = {(row["submission_id"], row["code"]): row for row in reversed(rows)}
    return list(reversed(last_first.values()))


def attention_sentence(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], as_of: date
) -> str | None:
    """Say what a run found that a person must see: of its as-of day, or not known before it."""
    known = {(row["submission_id"], row["code"]) for row in before}
    codes = Counter(
        row["code"]
        for row in after
        if row["received_date"] == as_of or (row["submission_id"], row["code"]) not in known
    )
    if not codes:
        return None
    return (
        f"Attention, à lire par une personne, reçus le {as_of:%d/%m/%Y} ou repérés depuis la "
        f"dernière exécution : {counted(codes)}. Pour les voir : assises status --attention"
    )


def attention_text(rows: Sequence[dict[str, Any]]) -> str:
    """Write for a person which letters to read, what for, and how."""
    if not rows:
        return "Aucun message ne demande une lecture particulière."
    lines = [f"{counted(Counter(row['code'] for row in rows))}."]
    for code, (label, _) in LABELS.items():
        for row in (row for row in rows if row["code"] == code):
            day = f"{row['received_date']:%d/%m/%Y}" if row["received_date"] else "sans date"
            lines.append(f"{day:10}  {row['submission_id']}  {label} : {row['why']}")
    lines.append("Pour lire l'un d'eux (données personnelles) : assises trace s-… --message")
    return "\n".join(lines)


def counted(codes: Counter[str]) -> str:
    """Say how many letters there are of each code: « 1 urgence, 2 demandes personnelles »."""
    return ", ".join(
        f"{codes[code]} {one if codes[code] == 1 else many}"
        for code, (one, many) in LABELS.items()
        if codes[code]
    )


def listing_text(run: Run) -> Iterator[str]:
    """Say for a person what each mailbox holds and what a run would now fetch; fetch nothing."""
    for name, place, found in survey(
        run.home.vault, run.sources, partial(open_source, access=run.access)
    ):
        yield (
            f"{name} ({place}) : {plural(found.listed_count, 'message', 'messages')}, "
            f"dont {found.new_count} à relever"
        )
    yield "Rien n'a été relevé ni écrit."


def trace(home: Home, identifier: str) -> dict[str, Any]:
    """Return the statements and submissions behind an identifier of the latest publication.

    Raises UsageError when it stands for nothing there.
    """
    path = published_on(home).folder / DATABASE
    if not path.exists():
        raise UsageError(
            "Les tables d'où remonter aux mots ont été supprimées au terme de la durée de "
            "conservation : il reste les documents de la dernière publication."
        )
    with Database.open_published(path) as database:
        known = database.query(read_sql("trace/redirects"), {"id": identifier})["id"][0].as_py()
        found = {
            name: database.query(read_sql(f"trace/{name}"), {"id": known}).to_pylist()
            for name in ("statements", "submissions")
        }
    if not any(found.values()):
        raise UsageError(
            f"{identifier} ne désigne rien dans la dernière publication : vérifiez l'identifiant "
            "(g-…, c-…, s-…, a-… ou k-…)."
        )
    return {"identifier": identifier, "current": known, **found}


def trace_text(found: dict[str, Any]) -> str:
    """Write a trace for a person: the statements, where and why, then the submissions behind."""
    lines = [f"{found['identifier']} : {_counted(found)}"]
    if found["current"] != found["identifier"]:
        lines.append(f"  ce groupe est maintenant {found['current']}")
    for row in found["statements"]:
        lines += [
            "",
            f"{row['statement_id']} ({row['theme']}, {row['kind']}, groupe {row['group_id']})",
            f"  « {row['text']} »",
            f"  {row['why']}",
            (
                f"  caractères {row['char_start']} à {row['char_end']} de "
                f"{row['contribution_id']}, reçue le {row['received_date']}, "
                f"contributeur {row['contributor_id']}"
            ),
        ]
    lines.append("")
    for row in found["submissions"]:
        end = " ".join(filter(None, (row["status"], row["reason"])))
        lines.append(
            f"{row['submission_id']} ({end}) de {', '.join(row['sources'])}, "
            f"SHA-256 {row['message_sha256']}"
        )
    return "\n".join(lines)


def message(home: Home, identifier: str) -> bytes:
    """Return the message behind a submission, contribution or statement, as it came.

    Raises UsageError when the vault holds none.
    """
    submission = f"s-{identifier[2:18]}"
    found = home.vault.message(submission) if identifier[:2] in {"s-", "c-"} else None
    if found is None:
        raise UsageError(
            f"Le coffre n'a pas de message {identifier} : donnez un envoi (s-…) ou c-…."
        )
    return found


def published_on(home: Home, as_of: str | None = None) -> Published:
    """Return the publication of a day, by default the latest; raise UsageError without one."""
    try:
        name = date.fromisoformat(as_of).isoformat() if as_of else LATEST
    except ValueError:
        raise UsageError(f"--as-of {as_of} : écrivez une date comme 2020-01-19.") from None
    found = Shelf(home.published).get(name)
    if found is None:
        which = f"Le {as_of} n'est pas publié" if as_of else "Rien n'est encore publié"
        raise UsageError(f"{which} dans {home.root} : lancez d'abord « assises run ».")
    return found


def _counted(found: dict[str, Any]) -> str:
    authors = {row["contributor_id"] for row in found["statements"]}
    return (
        f"{plural(len(found['statements']), 'énoncé', 'énoncés')}, "
        f"{plural(len(found['submissions']), 'envoi', 'envois')}, "
        f"{plural(len(authors), 'contributeur', 'contributeurs')}"
    )
