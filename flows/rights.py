"""Rights of persons, and the end of retention: what is held of somebody, and how it goes.

An address is used here, to find whose messages these are, and goes no further: what is decided
names submissions only.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.run import Run, UsageError, account
from tasks.mail.identity import addresses_in
from tasks.mail.sources.mailbox import ANSWER
from tasks.persons import Person, find_person, message_traces
from tasks.privacy.pseudonyms import trace
from warehouse.contracts import (
    ATTENTION,
    LAKE_CONTRIBUTIONS,
    LAKE_STATEMENTS,
    PARSED,
    PROOFS,
    VERDICTS,
    WITHDRAWALS,
    Table,
)
from warehouse.files import sha256_of, writing
from warehouse.home import Home
from warehouse.publication import Shelf

README = "LISEZMOI.txt"
ABOUT_ARCHIVE = """Tout ce qui est détenu au sujet d'une personne, trouvée par son adresse.

messages/            ses messages, tels qu'ils sont arrivés
receptions.json      où et quand chacun a été relevé
lectures.json        ce que le programme y a lu
saisies.json         ce qu'une personne y a lu et saisi
sorts.json           ce qu'il en est advenu
contributions.json   ses mots, données personnelles masquées, et son pseudonyme
enonces.json         les énoncés, leur thème et leur nature
alertes.json         ce qui a été signalé à une personne
publications.json    les publications qui les comptent
mentions.json        les messages d'autres personnes qui la nomment : leur identifiant seulement
"""


def read_address(text: str) -> str:
    """Return the one address of a text, normalised; raise UsageError when there is not one."""
    found = addresses_in(text)
    if len(found) != 1:
        raise UsageError("Donnez une adresse électronique, une seule : prenom.nom@exemple.fr.")
    return next(iter(found))


def refuse_empty(home: Home) -> None:
    """Raise UsageError when nothing was ever received."""
    if home.vault.key_fingerprint is None:
        raise UsageError(f"Rien n'a encore été reçu dans {home.root} : vérifiez --home.")


def person(home: Home, address: str, also: Collection[str] = ()) -> Person:
    """Find whose messages these are, with others that somebody knows to be theirs too.

    Raises UsageError when one of those is not in the vault.
    """
    found = find_person(home.vault, address)
    named = {_submission(home, identifier) for identifier in also}
    return Person(
        tuple(sorted({*found.submission_ids, *named})),
        tuple(sorted({*found.mentioned_in} - named)),
    )


def write_access(home: Home, found: Person, path: Path) -> None:
    """Write one archive with all that is held of somebody."""
    if path.is_dir():
        raise UsageError(f"{path} est un dossier : donnez à --output le nom d'un fichier.")
    with writing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(README, ABOUT_ARCHIVE)
        for batch in home.vault.batches():
            messages = home.vault.messages(batch)
            ids = pa.array(found.submission_ids, pa.string())
            _write_messages(archive, _among(messages, "submission_id", ids))
        for name, rows in _held(home, found):
            text = json.dumps(rows, ensure_ascii=False, indent=1, default=str)
            archive.writestr(f"{name}.json", text + "\n")


def _held(home: Home, found: Person) -> Iterator[tuple[str, list[Any]]]:
    """Yield each file of an access archive: its name, its rows."""
    ids = pa.array(found.submission_ids, pa.string())
    contributions = _of(home, LAKE_CONTRIBUTIONS, "submission_id", ids)
    contribution_ids = contributions["contribution_id"].combine_chunks()
    yield "receptions", _among(home.vault.deliveries(), "submission_id", ids).to_pylist()
    yield (
        "lectures",
        _among(home.vault.readings(PARSED.schema.names), "submission_id", ids).to_pylist(),
    )
    yield "saisies", _among(_typed(home), "submission_id", ids).to_pylist()
    yield "sorts", _of(home, VERDICTS, "submission_id", ids).to_pylist()
    yield "contributions", contributions.to_pylist()
    yield "enonces", _of(home, LAKE_STATEMENTS, "contribution_id", contribution_ids).to_pylist()
    yield "alertes", _of(home, ATTENTION, "submission_id", ids).to_pylist()
    first = min(contributions["received_date"].to_pylist(), default=date.max)
    yield (
        "publications",
        [
            {"as_of_date": version.as_of, "version": version.version, "state": version.state}
            for version in Shelf(home.published).versions()
            if version.as_of >= first
        ],
    )
    yield "mentions", list(found.mentioned_in)


def _typed(home: Home) -> pa.Table:
    """Return the texts typed of messages; who typed them is not about their author."""
    return home.vault.typed().drop_columns(["typed_by"])


def _of(home: Home, table: Table, column: str, wanted: pa.Array) -> pa.Table:
    rows = home.lake.read(table.name, home.lake.days(table.name), table.schema)
    return _among(rows, column, wanted)


def _among(rows: pa.Table, column: str, wanted: pa.Array) -> pa.Table:
    return rows.filter(pc.is_in(rows[column], wanted))


def decide_erasure(run: Run, address: str, also: Collection[str] = ()) -> Person:
    """Decide to take out all the messages of a person, and others that are theirs too."""
    with _opened(run) as key:
        found = person(run.home, address, also)
        _decide(run, set(found.submission_ids), "withdrawn", key, trace("person", address, key))
        return found


def decide_disowning(run: Run, identifier: str) -> None:
    """Decide to take out a message that its supposed author did not write, and its copies."""
    with _opened(run) as key:
        _decide(run, {_submission(run.home, identifier)}, "disowned", key, None)


@contextmanager
def _opened(run: Run) -> Iterator[bytes]:
    """Hold the home, all its messages read, and yield its key."""
    from flows.stages import read
    from tasks.parse import parse

    refuse_empty(run.home)
    with run.home.lock():
        run.home.bind(run.consultation.slug)
        key = run.home.key()
        with run.open_workers() as pool:
            read(run, parse.fn, pool, lambda _: None)
        yield key


def _submission(home: Home, identifier: str) -> str:
    """Return the submission behind an identifier; raise UsageError when the vault has none."""
    submission_id = f"s-{identifier[2:18]}"
    known = home.vault.deliveries()["submission_id"]
    if identifier[:2] not in {"s-", "c-"} or submission_id not in set(known.to_pylist()):
        raise UsageError(
            f"Le coffre n'a pas de message {identifier} : donnez un envoi (s-…) ou c-…."
        )
    return submission_id


def _decide(run: Run, chosen: set[str], reason: str, key: bytes, traced: str | None) -> None:
    new = sorted(chosen - run.home.decisions.withdrawn().keys())
    traces = dict(message_traces(run.home.vault, key, pa.array(new, pa.string())))
    _record(run, {one: traces.get(one) for one in new}, reason, traced)


def _record(
    run: Run, traces: Mapping[str, str | None], reason: str, person_trace: str | None
) -> None:
    """Add the decision to withdraw these submissions, each with the trace of what it is."""
    row = {
        "request_id": _new_request(),
        "reason": reason,
        "decided_at": run.now,
        "decided_by": account(),
        "person_trace": person_trace,
    }
    run.home.decisions.add(
        WITHDRAWALS,
        [row | {"submission_id": one, "message_trace": found} for one, found in traces.items()],
    )


def _new_request() -> str:
    return f"e-{secrets.token_hex(8)}"


def proofs(home: Home, request_ids: Collection[str]) -> list[dict[str, Any]]:
    """Return the proofs that these requests are done."""
    rows: list[dict[str, Any]] = home.decisions.read(PROOFS).to_pylist()
    return [row for row in rows if row["request_id"] in request_ids]


def erased_at(run: Run, address: str) -> datetime | None:
    """Return when a person was last erased; null: never."""
    rows = run.home.decisions.read(PROOFS)
    traced = trace("person", address, run.home.key())
    found = rows.filter(pc.equal(rows["person_trace"], traced))["done_at"]
    instant: datetime | None = pc.max(found).as_py()
    return instant


def retain(run: Run) -> int | None:
    """Remove all that was received, its retention over; return how many submissions went.

    Null before that day. What remains: the documents and figures of the last publication, a row a
    submission, and the proof. Raises UsageError when the consultation says no day.
    """
    rule = run.consultation.retention
    if rule is None:
        raise UsageError(
            "Le fichier de la consultation ne dit pas jusqu'à quand garder les messages : ajoutez "
            "[retention] et until = AAAA-MM-JJ."
        )
    if run.now.astimezone(run.consultation.timezone).date() < rule.until:
        return None
    home = run.home
    refuse_empty(home)
    with home.lock():
        home.bind(run.consultation.slug)
        home.prepare()
        if rule.archive is not None:
            _archive(home, run.beside / rule.archive / f"{run.consultation.slug}.zip")
        every = set(home.vault.deliveries()["submission_id"].to_pylist())
        gone = sorted(every - home.decisions.withdrawn().keys())
        _record(run, dict.fromkeys(gone), "expired", None)
        home.vault.withdraw(every)
        home.forget_from(None)
        withdrawn = sorted(f"{name} {why}" for name, why in home.decisions.withdrawn().items())
        kept = Shelf(home.published).keep_documents(
            {
                "withdrawn_sha256": sha256_of(withdrawn),
                "revision_reason": "messages supprimés au terme de leur durée de conservation",
            }
        )
        sent = home.transmissions
        sent.forget(a for a in sent.archives() if kept is None or a.version != kept.version)
        home.open_data.forget()
        home.forget_key()
        home.decisions.prove(run.now)
        if not home.decisions.is_expired():  # everybody had left before
            proven = {"request_id": _new_request(), "reason": "expired", "done_at": run.now}
            home.decisions.add(PROOFS, [proven | {"submission_count": 0, "remade_dates": []}])
    return len(gone)


def _archive(home: Home, path: Path) -> None:
    """Write every message that is still held, and the register of their receptions, in one file.

    Raises UsageError when another file is there already: nothing is removed then.
    """
    held = home.vault.holding(set(home.vault.deliveries()["submission_id"].to_pylist()))
    if not held or _archives(path, held):
        return
    with writing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        register = io.StringIO()
        rows = home.vault.deliveries().drop_columns(["locator"])
        lines = csv.DictWriter(register, rows.schema.names)
        lines.writeheader()
        lines.writerows(rows.to_pylist())
        archive.writestr("receptions.csv", register.getvalue())
        for batch in home.vault.batches():
            _write_messages(archive, home.vault.messages(batch))


def _archives(path: Path, held: Collection[str]) -> bool:
    """Tell whether a file is already the archive of these messages: a purge was cut short."""
    if not path.exists():
        return False
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if {Path(name).stem for name in archive.namelist()} >= set(held):
                return True
    raise UsageError(
        f"{path} existe déjà et n'est pas l'archive de ces messages : déplacez-le, ou changez "
        "retention.archive. Rien n'a été supprimé."
    )


def _write_messages(archive: zipfile.ZipFile, messages: pa.Table) -> None:
    for row in messages.to_pylist():
        suffix = "json" if row["media_type"] == ANSWER else "eml"
        archive.writestr(f"messages/{row['submission_id']}.{suffix}", row["raw"])
