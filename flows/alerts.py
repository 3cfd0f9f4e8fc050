"""Telling who is on duty: a run that failed, was held or killed, one that does not end; recovery.

Once per cause and as-of day, by mail and by a command ([alerts] of the consultation's file); what
could not be told is told by the next run. Nothing here fails a run, and nothing is a citizen's.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any, Final, ParamSpec

from flows.mail import compose, deliver
from flows.run import Run
from flows.terminal import accept_line, command_line, minute_fr
from tasks.faults import what_and_where
from tasks.report.alerts import write_alert
from tasks.schedule import schedule_of
from warehouse.failures import TellableError
from warehouse.files import sha256_of
from warehouse.publication import LATEST, Shelf

STUCK: Final = timedelta(hours=20)
COMMAND_SECONDS: Final = 30
# What a command is given of the environment: none of it a secret.
_SHOWN: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ")
log = logging.getLogger("assises")
_P = ParamSpec("_P")

Step = Mapping[str, str]


class AlertError(TellableError):
    """An alert reached nobody; the French sentence says why."""


def _harmless(tell: Callable[_P, None]) -> Callable[_P, None]:
    """Have a run go on whatever becomes of its alert."""

    @wraps(tell)
    def told(*arguments: _P.args, **options: _P.kwargs) -> None:
        try:
            tell(*arguments, **options)
        except Exception as error:  # noqa: BLE001
            log.warning("Alerte non transmise : %s.", what_and_where(error))

    return told


# --- causes --------------------------------------------------------------------------------------


@_harmless
def tell_failure(run: Run, command: str, number: int | None, sentence: str) -> None:
    """Tell that a run failed, of what, and what to do."""
    failed = (
        f"La synthèse au {run.as_of:%d/%m/%Y} n'a pas pu être faite."
        if command == "run"
        else f"« assises {command} » n'est pas allé à son terme."
    )
    _raise(
        run,
        kind="failed",
        cause=re.sub(r"\d+", "", sentence),  # how many megabytes are left is no other cause
        number=number,
        sentences=[failed, sentence],
        steps=[
            _step(
                f"Corrigez ce qui est dit ci-dessus, puis relancez{_or_wait(run)} :",
                command_line(*_places(run), "run"),
            ),
            _look(run),
        ],
    )


@_harmless
def tell_held(run: Run, number: int, gates: Sequence[Mapping[str, Any]]) -> None:
    """Tell which gates hold a publication, and the command that lets it pass."""
    told = [
        {
            "id": gate["id"],
            "as_of_date": str(gate.get("as_of_date", run.as_of)),
            "sentence": gate["sentence"].rstrip("."),
            "row_count": gate["row_count"],
            "acceptable": gate["acceptable"],
        }
        for gate in gates
    ]
    _raise(
        run,
        kind="held",
        cause=" ".join(sorted(str(gate["id"] or gate["sentence"]) for gate in told)),
        number=number,
        sentences=[
            f"La synthèse au {run.as_of:%d/%m/%Y} n'est pas publiée : ce qui suit la retient.",
            *(f"{gate['sentence']}." for gate in told),
        ],
        steps=[*_gate_steps(run, told), _look(run)],
        gates=told,
    )


@_harmless
def tell_killed(run: Run, killed: Mapping[str, Any]) -> None:
    """Tell that an earlier run was killed, under the day that it was of."""
    _raise(
        run.at(date.fromisoformat(killed["as_of_date"])),
        kind="killed",
        cause=str(killed["run"]),
        number=killed["run"],
        sentences=[
            (
                f"L'exécution n° {killed['run']} (assises {killed['command']}), commencée le "
                f"{_local(run, killed['started_at'])}, a été interrompue avant sa fin : machine "
                "arrêtée, mémoire épuisée ou processus tué."
            ),
            "Rien n'est perdu : chaque exécution reprend où la précédente s'est arrêtée.",
        ],
        steps=[
            _step(
                "Si la suivante réussit, un autre message le dira : rien à faire. Si cela se "
                "répète, voyez si la mémoire suffit :",
                "journalctl --dmesg --grep oom",
            ),
            _look(run),
        ],
    )


@_harmless
def tell_stuck(run: Run) -> None:
    """Tell that the run that holds the home is old, when it is."""
    owner = run.home.owner()
    current = next(iter(run.home.journal.entries()[-1:]), None)
    if owner is None or current is None or current["ended_at"] or str(current["pid"]) != owner:
        return  # it ended meanwhile, or is none of the runs that the journal tells of
    if datetime.now(UTC) - datetime.fromisoformat(current["started_at"]) < STUCK:
        return
    _raise(
        run,
        kind="stuck",
        cause=str(current["run"]),
        number=current["run"],
        sentences=[
            (
                f"L'exécution n° {current['run']} (assises {current['command']}) est en cours "
                f"depuis le {_local(run, current['started_at'])}. Tant qu'elle dure, aucune autre "
                "ne commence."
            )
        ],
        steps=[
            _step("Voyez ce qu'elle fait :", f"ps -fp {owner}"),
            _step("Si elle n'avance plus, arrêtez-la : rien n'est perdu.", f"kill {owner}"),
            _step("Puis relancez :", command_line(*_places(run), "run")),
        ],
    )


@_harmless
def tell_recovery(run: Run, number: int) -> None:
    """Tell that what people were alerted of is over: a run succeeded for that day or a later."""
    alerts = run.home.journal.alerts
    over = [
        facts
        for facts in alerts.all()
        if facts["kind"] != "recovered"
        and facts["resolved_by"] is None
        and facts["as_of_date"] <= str(run.as_of)
    ]
    for facts in over:
        _remember(run, facts | {"resolved_by": number, "owed": []})
    told = [facts for facts in over if facts["told"]]
    if told:
        causes = {" ".join(facts["sentences"][:1]) for facts in told}
        _raise(
            run,
            kind="recovered",
            cause=" ".join(facts["id"] for facts in told),
            number=number,
            sentences=[f"L'exécution n° {number} a réussi. Est réglé :", *sorted(causes)],
            steps=[_look(run)],
        )


@_harmless
def tell_owed(run: Run) -> None:
    """Tell what an earlier run could not."""
    for facts in run.home.journal.alerts.all():
        if facts["owed"] and not _tell(run, facts):
            return  # the next would wait in vain as long


def _gate_steps(run: Run, gates: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Say of each gate how it is let pass, or that it cannot be."""
    steps = [
        _step(
            f"Regardez ce que dit « {gate['sentence']} ». Si la publication est bonne ainsi, "
            "laissez-la passer, en disant pourquoi :",
            accept_line(*_places(run), gate["as_of_date"], gate["id"]),
        )
        for gate in gates
        if gate["acceptable"]
    ]
    if not all(gate["acceptable"] for gate in gates):
        steps.append(
            {
                "text": "Le reste ne peut pas être accepté : c'est une faute du programme, que "
                "personne ne doit publier. Signalez-la, avec l'identifiant de cette alerte."
            }
        )
    return steps


def _step(text: str, command: str) -> Step:
    return {"text": text, "command": command}


def _places(run: Run) -> tuple[str, str]:
    return str(run.file), str(run.home.root)


def _look(run: Run) -> Step:
    return _step("Pour voir où l'on en est :", command_line(*_places(run), "status"))


def _or_wait(run: Run) -> str:
    due = schedule_of(run.consultation).next_due(run.now)
    return f" ; sinon la prochaine exécution, le {_local(run, due)}, réessaiera" if due else ""


def _local(run: Run, instant: datetime | str) -> str:
    return minute_fr(str(instant), run.consultation.timezone)


# --- once, and until it is done ------------------------------------------------------------------


def _raise(
    run: Run,
    *,
    kind: str,
    cause: str,
    number: int | None,
    sentences: Sequence[str],
    steps: Sequence[Step],
    gates: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Tell of a cause, unless it was already for this as-of day."""
    name = sha256_of([run.consultation.slug, kind, str(run.as_of), cause])[:12]
    ways = [way for way, (is_asked, _) in _WAYS.items() if is_asked(run)]
    if not ways or run.home.journal.alerts.get(name):
        return
    served = Shelf(run.home.published).get(LATEST)
    _tell(
        run,
        {
            "id": name,
            "kind": kind,
            "consultation": run.consultation.slug,
            "title": run.consultation.title,
            "as_of_date": str(run.as_of),
            "run": number,
            "raised_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "host": socket.gethostname(),
            "home": str(run.home.root),
            "served_date": str(served.as_of) if served else None,
            "sentences": [*sentences],
            "steps": [*steps],
            "gates": [*gates],
            "owed": ways,
            "told": [],
            "why": {},
            "resolved_by": None,
        },
    )


def _tell(run: Run, facts: dict[str, Any]) -> bool:
    """Tell by each way that is owed, and write down which did; return whether all did."""
    told, why = [*facts["told"]], {}
    for way in facts["owed"]:
        is_asked, tell = _WAYS[way]
        if not is_asked(run):
            continue
        try:
            tell(run, facts)
        except TellableError as error:
            why[way] = str(error).rstrip(".")
        except Exception as error:  # noqa: BLE001 - a run never fails of its alert
            why[way] = what_and_where(error)
        else:
            told.append(way)
    for way, reason in why.items():
        log.warning(
            "Alerte %s non transmise (%s) : %s. La prochaine exécution réessaiera.",
            *(facts["id"], way, reason),
        )
    if now_told := told[len(facts["told"]) :]:
        log.info("Alerte %s (%s) transmise : %s.", facts["id"], facts["kind"], ", ".join(now_told))
    _remember(run, facts | {"owed": [*why], "told": told, "why": why})
    return not why


def _remember(run: Run, facts: dict[str, Any]) -> None:
    try:
        run.home.journal.alerts.put(facts["id"], facts)
    except OSError as error:  # the disk is full: the very thing that is told
        log.warning("Alerte %s non notée : %s.", facts["id"], what_and_where(error))


# --- ways ----------------------------------------------------------------------------------------


def _mail(run: Run, facts: Mapping[str, Any]) -> None:
    declared, to = run.consultation.message, run.consultation.alerts.to
    if declared is None:
        raise AlertError("le fichier de la consultation n'a pas de table [message]")
    letter = write_alert(facts, run.consultation.title)
    name = f"{run.consultation.slug}.{facts['id']}.alert"
    refused = deliver(run, declared, to, compose(run, declared.sender, to, letter, name))
    places = ", ".join(f"n° {to.index(a) + 1} (code {code})" for a, code in refused.items())
    if len(refused) == len(to):
        raise AlertError(f"le serveur refuse chaque destinataire d'alerts.to : {places}")
    if refused:
        log.warning("Alerte refusée par le serveur, pour le destinataire de alerts.to %s.", places)


def _command(run: Run, facts: Mapping[str, Any]) -> None:
    """Run the command, without a shell, for a time; what it says is nobody's business here."""
    hidden = {"owed", "told", "why", "resolved_by"}
    given = json.dumps({k: v for k, v in facts.items() if k not in hidden}, ensure_ascii=False)
    command = run.consultation.alerts.command
    try:
        process = subprocess.Popen(  # noqa: S603 - what the consultation's file says
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=run.beside,
            env={name: os.environ[name] for name in _SHOWN if name in os.environ},
            start_new_session=True,
        )
    except OSError as error:
        raise AlertError(
            f"la commande alerts.command ne peut pas être lancée ({type(error).__name__})"
        ) from None
    with process:
        try:
            process.communicate(f"{given}\n".encode(), COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            raise AlertError(
                f"la commande alerts.command n'a pas fini en {COMMAND_SECONDS} secondes"
            ) from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # and what it started
    if process.returncode:
        raise AlertError(f"la commande alerts.command a fini par le code {process.returncode}")


_Asked = Callable[[Run], bool]
_Way = Callable[[Run, Mapping[str, Any]], None]
_WAYS: Final[Mapping[str, tuple[_Asked, _Way]]] = {
    "mail": (lambda run: bool(run.consultation.alerts.to), _mail),
    "command": (lambda run: bool(run.consultation.alerts.command), _command),
}
