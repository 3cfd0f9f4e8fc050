"""The analysts' hand: workbooks written for review and read back, the log of decisions, undoing.

What is decided is added under the home's lock, a workbook in one file, words typed in before it.
The synthesis is made again afterwards, by `flows.revision`.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.inspection import flagged, published_on
from flows.run import Run, UsageError, account
from flows.sampling import drawn_statements
from flows.workbooks import write_workbook
from tasks.mail.sources.mailbox import ANSWER
from tasks.privacy.persons import Policy
from tasks.report.workbook_reader import ReadSheet, WorkbookError, read_workbook
from tasks.review.decisions import Decision, Refusal
from tasks.review.reading import Reading, read_review
from tasks.review.sample import is_sample, read_reader, read_sample
from tasks.review.sheets import Letter, review_workbook
from tasks.review.state import Machine, State, read_state
from tasks.typed import typed_rows
from warehouse.contracts import (
    CONSTATS,
    GROUP_HISTORY,
    GROUPS,
    LAKE_STATEMENTS,
    MEMBERSHIPS,
    PROPOSITIONS,
    PUBLICATION,
    REVIEWS,
    STATEMENTS,
    SUBMISSIONS,
    Table,
)
from warehouse.files import write_bytes
from warehouse.home import Home
from warehouse.words import words_traces

_READ: Final = (STATEMENTS, GROUPS, GROUP_HISTORY, CONSTATS, PROPOSITIONS, SUBMISSIONS, PUBLICATION)
_NAME: Final = "relecture"
MAILS_FOLDER: Final = "a-lire"


@dataclass(frozen=True)
class Imported:
    """What a workbook gave: how many decisions of each act, and what was refused."""

    path: Path
    author: str
    import_id: str | None
    acts: Counter[str]
    refusals: tuple[Refusal, ...]


# --- what holds ----------------------------------------------------------------------------------


def is_current(run: Run) -> bool:
    """Tell whether the latest publication has all that people decided; UsageError without one."""
    tables = _published(run.home)
    submissions = tables[SUBMISSIONS.qualified]
    withdrawn = submissions.filter(pc.equal(submissions["status"], "withdrawn"))
    lines = sorted(f"{row['submission_id']} {row['reason']}" for row in withdrawn.to_pylist())
    (published,) = tables[PUBLICATION.qualified]["decisions_sha256"].to_pylist()
    return bool(published == run.decisions_sha256(lines))


def current_state(run: Run, since: Sequence[Mapping[str, Any]] = ()) -> State:
    """Return what holds: the latest publication, with what was decided `since` it was made."""
    home, reviews = run.home, run.reviews
    tables = _published(home)
    statements = tables[STATEMENTS.qualified]
    return read_state(
        tables,
        words_traces(statements["text"], reviews.secret).to_pylist(),
        _machine(home),
        reviews.decisions,
        since,
        flagged(home),
        run.consultation,
    )


def _published(home: Home) -> dict[str, pa.Table]:
    folder = published_on(home).folder / "parquet"
    try:
        return {t.qualified: pq.read_table(folder / f"{t.qualified}.parquet") for t in _READ}
    except FileNotFoundError:
        raise UsageError(
            "Les messages ont été supprimés au terme de leur durée de conservation : il n'y a plus "
            "rien à relire."
        ) from None


def _machine(home: Home) -> Machine:
    """Return what the program found of each statement, whatever people decided since."""

    def column(table: Table, name: str) -> dict[str, str]:
        columns, lake = ["statement_id", name], home.lake
        rows = lake.read(table.name, lake.days(table.name), table.schema, columns)
        return dict(zip(*(rows[each].to_pylist() for each in columns), strict=True))

    return Machine(column(MEMBERSHIPS, "group_id"), column(LAKE_STATEMENTS, "label"))


# --- export --------------------------------------------------------------------------------------


def export_review(run: Run, folder: Path, most: int, *, confidential: bool = False) -> list[Path]:
    """Write the review workbook in both formats, and return their paths.

    `most` is how many statements it may show. `confidential` adds what the vault holds, for those
    allowed: the words of the messages to read, and these messages in a folder beside.
    """
    if most < 0:
        raise UsageError(f"--statements {most} : donnez un nombre de lignes, 0 ou plus.")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} n'est pas un dossier : donnez-en un à --output.")
    state = current_state(run)
    letters = _letters(run.home, {*state.mails, *state.cases}) if confidential else None
    workbook = review_workbook(state, run.consultation.title, most, letters)
    paths = write_workbook(folder, _NAME, workbook)
    if confidential:
        _write_messages(run.home, folder / MAILS_FOLDER, state.mails)
    return paths


def _letters(home: Home, submission_ids: Collection[str]) -> dict[str, Letter]:
    rows = _among(home.vault.readings(["submission_id", "subject", "own_text"]), submission_ids)
    return {
        row["submission_id"]: Letter(row["subject"], row["own_text"]) for row in rows.to_pylist()
    }


def _write_messages(home: Home, folder: Path, submission_ids: Collection[str]) -> None:
    """Write messages in the place of those of an earlier export: one may have been erased since."""
    for path in folder.glob("s-*"):
        path.unlink()
    for batch in home.vault.batches():
        for row in _among(home.vault.messages(batch), submission_ids).to_pylist():
            suffix = "json" if row["media_type"] == ANSWER else "eml"
            write_bytes(folder / f"{row['submission_id']}.{suffix}", row["raw"])


def _among(rows: pa.Table, submission_ids: Collection[str]) -> pa.Table:
    wanted = pa.array(sorted(submission_ids), pa.string())
    return rows.filter(pc.is_in(rows["submission_id"], wanted))


# --- import --------------------------------------------------------------------------------------


def import_workbooks(
    run: Run, paths: Sequence[Path], by: str | None = None, *, dry_run: bool = False
) -> list[Imported]:
    """Read workbooks back, one after the other, and add what is decided in each.

    Each decision bears the name given in the workbook, else `by`, else that of the user. Raises
    UsageError, before anything is added, for a file that is no workbook.
    """
    read = [(path, _sheets(path)) for path in paths]
    home = run.home
    imported = []
    with home.lock():
        home.bind(run.consultation.slug)
        if not is_current(run):
            raise UsageError("Une autre personne vient de décider : recommencez.")
        since: list[dict[str, Any]] = []
        for path, sheets in read:
            found, rows = _import(run, path, sheets, by, since, dry_run=dry_run)
            imported.append(found)
            since += rows
    return imported


def _sheets(path: Path) -> tuple[ReadSheet, ...]:
    try:
        return read_workbook(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"Le fichier {path} n'existe pas.") from None
    except IsADirectoryError:
        raise UsageError(f"{path} est un dossier : donnez un classeur ODS ou XLSX.") from None
    except WorkbookError as error:
        raise UsageError(f"{path} : {error}") from None


def _import(
    run: Run,
    path: Path,
    sheets: Sequence[ReadSheet],
    by: str | None,
    since: Sequence[Mapping[str, Any]],
    *,
    dry_run: bool,
) -> tuple[Imported, list[dict[str, Any]]]:
    typing = partial(typed_rows, run.home.vault, now=run.now, key=run.home.key())
    reading = _read(run, sheets, since, typing)
    author = reading.author or by or account()
    import_id = f"i-{secrets.token_hex(8)}" if reading.decisions else None
    rows = _rows(run, reading.decisions, import_id, author)
    if not dry_run:
        run.home.vault.add_typed(typing(reading.typed, by=author))
        run.home.decisions.add(REVIEWS, rows)
    acts = Counter(decision.act for decision in reading.decisions)
    return Imported(path, author, import_id, acts, reading.refusals), rows


def _read(
    run: Run,
    sheets: Sequence[ReadSheet],
    since: Sequence[Mapping[str, Any]],
    typing: Callable[..., list[dict[str, Any]]],
) -> Reading:
    def typed_id(submission_id: str, text: str) -> str | None:
        (row,) = typing({submission_id: text}, by="")
        return row["typed_id"] if row["content_word_count"] else None

    if is_sample(sheets):
        return _read_sample(run, sheets)
    return read_review(sheets, current_state(run, since), partial(_mask, run), typed_id)


def _read_sample(run: Run, sheets: Sequence[ReadSheet]) -> Reading:
    """Read the workbook of one reader of the blind sample."""
    decisions = run.home.decisions.in_force()
    reader, _ = read_reader(sheets, decisions)
    taken, refused = read_sample(sheets, drawn_statements(run.home), run.consultation, decisions)
    return Reading(reader.name if reader else "", tuple(taken), tuple(refused), {})


def _mask(run: Run, texts: Sequence[str]) -> Sequence[str]:
    """Mask what names a person, as in the words of citizens."""
    if not texts:
        return []
    from tasks.privacy.redaction import redact_texts

    public = run.consultation.public_names
    policy = Policy(public.office_holders == "keep", public.names)
    return redact_texts(texts, [()] * len(texts), policy)


def _rows(
    run: Run, decisions: Iterable[Decision], import_id: str | None, author: str
) -> list[dict[str, Any]]:
    """Complete decisions with their names, who took them and when."""
    common = {"import_id": import_id, "decided_at": run.now, "decided_by": author}
    return [
        {"decision_id": f"d-{secrets.token_hex(8)}", **common, **asdict(decision)}
        for decision in decisions
    ]


# --- log and undo --------------------------------------------------------------------------------

IN_FORCE, REPLACED, UNDONE = "en vigueur", "remplacée", "annulée"


def log(home: Home) -> list[dict[str, Any]]:
    """Return every review decision in the order taken, each with its state."""
    holding = {row["decision_id"] for row in home.decisions.in_force()}
    undone = home.decisions.undone()

    def state(row: Mapping[str, Any]) -> str:
        if row["decision_id"] in undone:
            return UNDONE
        return IN_FORCE if row["decision_id"] in holding or row["act"] == "undo" else REPLACED

    rows = home.decisions.read(REVIEWS).to_pylist()
    return [{**row, "state": state(row)} for row in rows]


def undo(
    run: Run, identifiers: Sequence[str], by: str | None = None, reason: str | None = None
) -> list[dict[str, Any]]:
    """Undo decisions (d-…), or all those of an import (i-…); return what was undone.

    What they replaced holds again. Raises UsageError, and undoes nothing, when one is unknown or
    undone already.
    """
    home = run.home
    with home.lock():
        home.bind(run.consultation.slug)
        home.key()  # refuses what retention emptied
        known = log(home)
        chosen = {row["decision_id"]: row for name in identifiers for row in _undoable(known, name)}
        asked = [Decision("undo", one, None, None, reason) for one in chosen]
        import_id = f"i-{secrets.token_hex(8)}"
        home.decisions.add(REVIEWS, _rows(run, asked, import_id, by or account()))
    return list(chosen.values())


def _undoable(known: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return the decisions that an identifier names and that are not undone."""
    named = [dict(row) for row in known if name in (row["decision_id"], row["import_id"])]
    if not named:
        raise UsageError(
            f"{name} ne désigne aucune décision : « assises review log » donne leurs identifiants "
            "(d-… ou i-…)."
        )
    found = [row for row in named if row["state"] != UNDONE]
    if not found:
        raise UsageError(f"{name} est déjà annulé.")
    return found
