"""What the consultation's file names: days, themes, sources, secrets, who is told, the encoder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from flows.doctor.findings import OTHERS, Said, Visit, fine, repair, see
from flows.doctor.server import has_server, server
from flows.mail import account_of
from flows.run import ENCODER_KEY, MAILBOX_PASSWORD, SMTP_PASSWORD, Run, read_secret
from flows.terminal import plural
from tasks.consultation import Source
from tasks.mail.sources.mailbox import SourceError
from tasks.mail.sources.opening import IMAP_PORTS, open_source
from tasks.schedule import schedule_of
from tasks.smtp import greet
from warehouse.failures import TellableError

_LATE: Final = timedelta(hours=2)  # that a run may take to begin, the machine being busy


def check_file(visit: Visit) -> Iterator[Said]:
    """Read the file and all that it names beside itself."""
    asked = visit.run.consultation
    yield fine(
        f"« {asked.title} », du {_minute(visit.run, asked.opening)} au "
        f"{_minute(visit.run, asked.deadline)}, {plural(len(asked.themes), 'thème', 'thèmes')}"
    )


def check_themes(visit: Visit) -> Iterator[Said]:
    """Look whether each theme can be recognised."""
    themes = visit.run.consultation.themes
    bare = [t.code for t in themes if not t.cues and not t.examples]
    if bare and visit.run.learnt is None:
        yield see(
            f"Sans repère ni exemple : {', '.join(bare)}. Peu d'énoncés y seront rattachés : "
            f"remplissez [lexicon.{bare[0]}] dans le fichier."
        )
    else:
        yield fine(", ".join(theme.short_label for theme in themes))


def check_schedule(visit: Visit) -> Iterator[Said]:
    """Say when the next run is due, and whether the last one that was began."""
    run = visit.run
    schedule = schedule_of(run.consultation)
    due, before = schedule.next_due(visit.now), schedule.last_due(visit.now)
    if due is None:
        yield see(f"Plus aucune exécution n'est due depuis le {schedule.last:%d/%m/%Y}.")
    else:
        yield fine(f"prochaine exécution due le {_minute(run, due)} ({schedule.timezone})")
    begun = [datetime.fromisoformat(e["started_at"]) for e in visit.home.journal.entries()]
    if due and before and visit.now > before + _LATE and max(begun, default=run.now) < before:
        yield see(
            f"Aucune exécution n'a commencé depuis celle qui était due le {_minute(run, before)} : "
            "vérifiez ce qui la lance (docs/operations.md)."
        )


# --- where messages come from --------------------------------------------------------------------


def check_sources(visit: Visit) -> Iterator[Said]:
    """Open each source and say what it lists, fetching nothing."""
    run = visit.run
    if not run.sources:
        run.refuse_sources()
    for source in run.sources:
        if _is_on_server(source) and _asks_prefect(source.password):
            yield _unread(f"« {source.name} »", source.password)
            continue
        try:
            yield from _listed(run, source)
        except TellableError as error:
            yield repair(f"« {source.name} » : {error}")


def _listed(run: Run, source: Source) -> Iterator[Said]:
    with open_source(source, run.access) as mailboxes:
        for mailbox in mailboxes:
            count = len(mailbox.locators())
            yield fine(
                f"« {source.name} » ({mailbox.place}) : {plural(count, 'message', 'messages')}"
            )


def _is_on_server(source: Source) -> bool:
    return source.uri.partition(":")[0] in IMAP_PORTS


def _asks_prefect(secret: str | None) -> bool:
    """Tell whether a secret can be read by a run on a Prefect server only."""
    return secret is not None and secret.startswith("prefect:") and not has_server()


def _unread(what: str, secret: str) -> Said:
    return see(f"{what} : {secret} n'est lu que sur un serveur Prefect (PREFECT_API_URL).")


# --- secrets -------------------------------------------------------------------------------------


def check_secrets(visit: Visit) -> Iterator[Said]:
    """Look whether each secret is where the file says, and who else may read it there."""
    secrets = list(_secrets(visit.run))
    for base, named, of in secrets:
        if _asks_prefect(named):
            yield _unread(of[0], named)
            continue
        try:
            read_secret(named, base, of)
        except SourceError as error:
            yield repair(str(error))
            continue
        kind, _, place = named.partition(":")
        if kind == "file" and (base / place).stat().st_mode & OTHERS:
            yield see(f"{base / place} est ouvert à d'autres comptes : chmod go-rwx {base / place}")
        else:
            yield fine(named)
    if not secrets:
        yield fine("aucun n'est demandé")


def _secrets(run: Run) -> Iterator[tuple[Path, str, tuple[str, str]]]:
    """Yield where each secret is that a run asks for: from which folder, its place, what it is."""
    message, key = run.consultation.message, run.consultation.encoder.key
    for source in run.sources:
        if _is_on_server(source):
            yield run.base, source.password, MAILBOX_PASSWORD
    if message and message.user:
        yield run.beside, message.password, SMTP_PASSWORD
    if key:
        yield run.beside, key, ENCODER_KEY


# --- who is told ---------------------------------------------------------------------------------


def check_mail_server(visit: Visit) -> Iterator[Said]:
    """Connect to the server of [message] and log in; hand over nothing."""
    run, declared = visit.run, visit.run.consultation.message
    if declared is None:
        yield see("Pas de table [message] : personne ne reçoit ce qui est publié.")
        return
    if declared.user and _asks_prefect(declared.password):
        yield _unread(declared.server.host, declared.password)
        return
    try:
        greet(*account_of(run, declared), declared.sender)
    except TellableError as error:
        yield repair(f"{declared.server.host} : {str(error).rstrip('.')}.")
        return
    login = f", identifié « {declared.user} »" if declared.user else ""
    people = plural(len(declared.to), "destinataire", "destinataires")
    yield fine(f"{declared.server.host} répond{login} ; {people}")


def check_alerts(visit: Visit) -> Iterator[Said]:
    """Look whether somebody would learn that a run failed."""
    alerts = visit.run.consultation.alerts
    if not alerts.to and not alerts.command:
        yield see("Personne n'est prévenu d'un échec : ajoutez [alerts] au fichier.")
        return
    if alerts.to:
        yield fine(f"{plural(len(alerts.to), 'adresse', 'adresses')}, par le serveur de [message]")
    for command in alerts.command[:1]:
        # It is run from the folder of the file.
        found = shutil.which(str(visit.run.beside / command) if "/" in command else command)
        if found is None:
            yield repair(f"{command} (alerts.command) n'est pas une commande exécutable.")
        else:
            yield fine(f"commande {found}")


# --- the encoder ---------------------------------------------------------------------------------


def check_encoder(visit: Visit) -> Iterator[Said]:
    """Ask the declared encoder for a vector of words that nobody wrote."""
    declared = visit.run.consultation.encoder
    if declared.kind == "words":
        yield fine("les mots eux-mêmes : rien à ouvrir")
    elif _asks_prefect(declared.key):
        yield _unread(declared.name, str(declared.key))
    else:
        yield fine(f"{declared.name} : {visit.run.try_encoder()} nombres par énoncé")


def check_network(visit: Visit) -> Iterator[Said]:
    """Name every machine that a run talks to: there is no other."""
    run, asked = visit.run, visit.run.consultation
    named: dict[str, list[str | None]] = {
        "boîte": [urlsplit(s.uri).hostname for s in run.sources if _is_on_server(s)],
        "envoi": [asked.message.server.host] if asked.message else [],
        "encodeur": [urlsplit(asked.encoder.url).hostname] if asked.encoder.url else [],
        "Prefect": [urlsplit(url).hostname] if (url := server()) else [],
    }
    told = [f"{what} {host}" for what, hosts in named.items() for host in hosts]
    yield fine(f"seuls contactés : {', '.join(told)}" if told else "aucune machine n'est contactée")


def _minute(run: Run, instant: datetime) -> str:
    return f"{instant.astimezone(run.consultation.timezone):%d/%m/%Y à %H:%M}"
