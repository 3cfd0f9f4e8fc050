"""Telling the recipients of a consultation what was published: what is due, sent, written down.

The latest publication is told of once by version; the final one again, documents joined, once
somebody validated it. Whoever calls holds the home's lock. What fails is a sentence, never an
error: the synthesis is published, and the next run sends what this one could not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from mimetypes import MimeTypes
from typing import Any, Final

from flows.inspection import attention, counted
from flows.mail import compose, deliver
from flows.run import Run
from flows.signoff import may_go_out
from tasks.consultation import DeclaredMessage
from tasks.faults import what_and_where
from tasks.privacy.pseudonyms import trace
from tasks.report.message import Files, Letter, Waiting, write_daily, write_final
from tasks.report.model import read_synthesis
from tasks.smtp import UncertainError
from warehouse.contracts import CAMPAIGNS, MESSAGES, PUBLISHED_TABLES
from warehouse.failures import TellableError
from warehouse.publication import LATEST, Published, Shelf

DAILY: Final = "étape"
FINAL: Final = "définitif"
JOINED_BYTES: Final = 15_000_000  # 20 MB as a message carries them
# Of what is written for people to read; no file of a row a citizen is named so.
_JOINED: Final = ("synthese", "tableaux")
_PENDING: Final = (
    "Message non envoyé : un retrait a été décidé et n'est pas fait. Lancez « assises run »."
)
_TYPES: Final = MimeTypes()  # this program's: those of the machine differ


@dataclass(frozen=True)
class Notice:
    """What became of a message, for whoever runs the program."""

    sentence: str
    is_done: bool


@dataclass(frozen=True)
class Due:
    """A message that is owed: of which publication, to whom, and to whom nobody knows."""

    published: Published
    kind: str
    recipients: tuple[str, ...]
    uncertain: tuple[str, ...]


def notify(run: Run, *, again: bool = False) -> list[Notice]:
    """Send what is due and write down what became of it.

    With `again`, also the final message whose sending was cut short.
    """
    declared = run.consultation.message
    if declared is None:
        return []
    try:
        if run.home.decisions.pending().num_rows:  # what is published may still count it
            return [Notice(_PENDING, is_done=False)]
        due = find_due(run, declared)
        return [] if due is None else _settle(run, declared, due, again=again)
    except TellableError as error:
        return [Notice(f"Message non envoyé : {error}", is_done=False)]
    except Exception as error:  # noqa: BLE001 - a run never fails of its message
        return [Notice(f"Message non envoyé : {what_and_where(error)}.", is_done=False)]


def find_due(run: Run, declared: DeclaredMessage) -> Due | None:
    """Return what is owed of the latest publication; null when nothing was published."""
    published = Shelf(run.home.published).get(LATEST)
    if published is None:
        return None
    kind = FINAL if published.is_final and may_go_out(published) else DAILY
    states = _states(run, published, kind)
    found: dict[str | None, list[str]] = {}
    for address in declared.to:
        found.setdefault(states.get(_trace(run, address)), []).append(address)
    cut_short = found.pop("en cours", [])
    found.pop("remis", None)
    owed = [address for addresses in found.values() for address in addresses]
    if kind == DAILY:  # twice the same message is one for those who have it: its identifier is
        return Due(published, kind, (*owed, *cut_short), ())
    return Due(published, kind, tuple(owed), tuple(cut_short))


def confirm(run: Run) -> list[Notice]:
    """Write down, on a person's word, that the final message cut short did arrive."""
    declared = run.consultation.message
    due = find_due(run, declared) if declared else None
    if due is None or not due.uncertain:
        return []
    _record(run, due, dict.fromkeys(due.uncertain, ("remis", "dit par une personne")))
    return [Notice(f"Message définitif noté remis : {_people(due.uncertain)}.", is_done=True)]


def write(run: Run, published: Published, kind: str) -> tuple[Letter, dict[str, bytes]]:
    """Write a message from the publication it tells of; return it and the documents to join."""
    contracts = [t for t in PUBLISHED_TABLES if t.layer != "core" or t == CAMPAIGNS]
    synthesis = read_synthesis(published.tables(contracts), run.consultation)
    folder = f"{published.link.parent.name}/{published.as_of}"
    names = _documents(published)
    if kind == DAILY:
        return write_daily(synthesis, run.consultation, _waiting(run), Files(folder, names)), {}
    joined = _joined(published, names)
    left_out = tuple(name for name in names if name not in joined)
    files = Files(folder, names, tuple(joined), left_out)
    return write_final(synthesis, run.consultation, files), joined


def _settle(run: Run, declared: DeclaredMessage, due: Due, *, again: bool) -> list[Notice]:
    recipients = (*due.recipients, *(due.uncertain if again else ()))
    notices = [_send(run, declared, due, recipients)] if recipients else []
    if due.uncertain and not again:
        notices.append(
            Notice(
                f"L'envoi du message définitif a été interrompu : {_people(due.uncertain)} l'a "
                "peut-être reçu. Demandez-le, puis : assises message --again s'il manque, "
                "--received s'il est arrivé.",
                is_done=False,
            )
        )
    return notices


def _send(run: Run, declared: DeclaredMessage, due: Due, recipients: Sequence[str]) -> Notice:
    letter, joined = write(run, due.published, due.kind)
    message = _message(run, declared, due, letter, joined)
    _record(run, due, dict.fromkeys(recipients, ("en cours", None)))
    try:
        refused = deliver(run, declared, recipients, message)
    except UncertainError as error:
        return Notice(f"Message {_named(due)} peut-être envoyé : {error}.", is_done=False)
    except TellableError as error:
        why = str(error).rstrip(".")
        _record(run, due, dict.fromkeys(recipients, ("échec", why)))
        return Notice(
            f"Message {_named(due)} non envoyé : {why}. La prochaine exécution l'enverra.",
            is_done=False,
        )
    codes = {address: f"code {code}" for address, code in refused.items()}
    ends = {a: ("refusé", codes[a]) if a in codes else ("remis", None) for a in recipients}
    _record(run, due, ends)
    return _sent(declared, due, recipients, codes)


def _sent(
    declared: DeclaredMessage, due: Due, recipients: Sequence[str], codes: Mapping[str, str]
) -> Notice:
    """Say to how many a message went; those refused by their place: no log holds an address."""
    taken = [address for address in recipients if address not in codes]
    sentence = f"Message {_named(due)} envoyé : {_people(taken)}."
    if codes:
        places = ", ".join(
            f"n° {declared.to.index(address) + 1} de message.to ({codes[address]})"
            for address in recipients
            if address in codes
        )
        sentence += f" Refusé par le serveur, pour le destinataire : {places}."
    return Notice(sentence, is_done=not codes)


def _message(
    run: Run, declared: DeclaredMessage, due: Due, letter: Letter, joined: Mapping[str, bytes]
) -> EmailMessage:
    """Lay a letter out as mail: the same publication and kind, the same identifier."""
    local = f"{run.consultation.slug}.{due.published.version}"
    kind = "final" if due.kind == FINAL else "daily"
    message = compose(run, declared.sender, declared.to, letter, f"{local}.{kind}")
    for name, content in joined.items():
        media_type = _TYPES.guess_type(name)[0] or "application/octet-stream"
        maintype, subtype = media_type.split("/")
        message.add_attachment(content, maintype, subtype, filename=name)
    if joined:
        message.set_boundary(f"=_{local}")  # drawn at random otherwise; no line of content has it
    return message


def _documents(published: Published) -> tuple[str, ...]:
    """Name what is written for people to read, the synthesis first."""
    names = [name for name in published.manifest["files"] if name.partition(".")[0] in _JOINED]
    return tuple(sorted(names))


def _joined(published: Published, names: Iterable[str]) -> dict[str, bytes]:
    """Read what a message may carry, in order, passing over what would make it too large."""
    joined: dict[str, bytes] = {}
    for name in names:
        size = (published.folder / name).stat().st_size
        if size + sum(map(len, joined.values())) <= JOINED_BYTES:
            joined[name] = (published.folder / name).read_bytes()
    return joined


def _waiting(run: Run) -> Waiting:
    letters = counted(Counter(row["code"] for row in attention(run.home)))
    return Waiting(letters, run.reviews.count_of_other_themes(run.consultation.theme_labels()))


# --- the journal ---------------------------------------------------------------------------------


def _states(run: Run, published: Published, kind: str) -> dict[str, str]:
    """Return where a message stands with each recipient: the last state that was written."""
    return {
        row["recipient_trace"]: row["state"]
        for row in run.home.decisions.messages(published.version)
        if row["kind"] == kind
    }


def _record(run: Run, due: Due, states: Mapping[str, tuple[str, str | None]]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "as_of_date": due.published.as_of,
            "publication_version": due.published.version,
            "kind": due.kind,
            "recipient_trace": _trace(run, address),
            "state": state,
            "reached_at": run.now,
            "why": why,
        }
        for address, (state, why) in states.items()
    ]
    run.home.decisions.add(MESSAGES, rows)


def _trace(run: Run, address: str) -> str:
    return trace("recipient", address.casefold(), run.home.key())


def _named(due: Due) -> str:
    kind = "définitif" if due.kind == FINAL else "du jour"
    return f"{kind} (synthèse au {due.published.as_of:%d/%m/%Y})"


def _people(addresses: Sequence[str]) -> str:
    return f"{len(addresses)} destinataire{'s' * (len(addresses) > 1)}"
