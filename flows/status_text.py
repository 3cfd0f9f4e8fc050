"""A status as a person reads it on a terminal: a part a subject, what to do at the end."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Final

from flows.status import OUTCOMES, last_states, local
from flows.terminal import amount_fr, day_fr, minute_fr, plural

LEAST_SHOWN: Final = 100_000  # bytes of a part of the home
MARGIN, WIDTH = 14, 84
_MESSAGE_STATES: Final = {
    "remis": "remis au serveur",
    "refusé": "refusé par le serveur",
    "échec": "pas encore envoyé",
    "en cours": "interrompu, peut-être arrivé",
}
_ALERTS: Final = {
    "failed": "échec",
    "held": "publication retenue",
    "killed": "exécution tuée",
    "stuck": "exécution qui ne se termine pas",
    "recovered": "rétabli",
}


def status_text(found: Mapping[str, Any]) -> str:
    """Write a status for a person: a heading, then a part a subject, what to do at the end."""
    title = found["title"] or found["consultation"] or "Aucune consultation encore"
    parts = {
        "Publié": _publication_text(found),
        "Exécutions": [_run_text(found, run) for run in found["runs"]] or ["aucune"],
        "Prévu": _schedule_text(found),
        "Registre": _ledger_text(found),
        "Après coup": _late_text(found),
        "Messages": list(_messages_text(found["messages"])),
        "Alertes": [_alert_text(alert) for alert in found["alerts"]],
        "Disque": _disk_text(found),
        "Sauvegarde": [f"le {local(found, found['backup_at'])}"] if found["backup_at"] else [],
        "À faire": list(_to_do_text(found)),
    }
    lines = [title, f"{found['home']}, le {local(found, found['at'])}"]
    for name, told in parts.items():
        if told:
            lines += ["", *_part(name, told)]
    return "\n".join(lines)


def _part(name: str, lines: Sequence[str]) -> list[str]:
    return [
        f"{label:<{MARGIN}}{line}".rstrip()
        for label, line in zip(chain([name], repeat("")), lines, strict=False)
    ]


def _publication_text(found: Mapping[str, Any]) -> list[str]:
    published = found["publication"]
    if published is None:
        return ["rien encore"]
    kind = (
        "définitive"
        if published["is_final"]
        else "provisoire"
        if published["is_provisional"]
        else "d'étape"
    )
    version = published["publication_version"]
    days = plural(len(found["published_days"]), "jour publié", "jours publiés")
    letters = plural(found["delivery_count"], "message", "messages")
    return [
        f"Synthèse {kind} au {day_fr(published['as_of_date'])}, version {version}",
        _signoff_text(published),
        published["link"],
        f"{days}, {letters} au coffre",
    ]


def _signoff_text(published: Mapping[str, Any]) -> str:
    """Say where a publication stands; instants are UTC, as the manifest has them."""
    if published["state"] == "brouillon":
        return "Brouillon : personne ne l'a validée"
    validated = f"Validée le {minute_fr(published['validated_at'])} par {published['validated_by']}"
    if published["state"] == "validée":
        return validated
    sent = f"Transmise le {minute_fr(published['transmitted_at'])} ({published['transmitted_to']})"
    return f"{sent}. {validated}"


def _run_text(found: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    lasted = f", {_duration(run['seconds'])}" if run["seconds"] is not None else ""
    process = f", PID {run['pid']}" if run["outcome"] == "running" else ""
    command = "" if run["command"] == "run" else f" ({run['command']})"
    begun = local(found, run["started_at"])
    day = f"synthèse au {day_fr(run['as_of_date'])}  " if run["as_of_date"] else ""
    outcome = OUTCOMES.get(run["outcome"], run["outcome"])
    return f"n° {run['run']:<4} {begun}  {day}{outcome}{process}{lasted}{command}"


def _schedule_text(found: Mapping[str, Any]) -> list[str]:
    schedule = found["schedule"]
    if schedule is None:
        return []
    if schedule["is_over"]:
        return ["plus rien : la synthèse définitive est publiée"]
    lines = []
    if schedule["next_due_at"]:
        lines.append(f"prochaine le {local(found, schedule['next_due_at'])}")
        lines.append(f"chaque jour à {schedule['at'][:5]}, jusqu'au {day_fr(schedule['last'])}")
    else:
        lines.append(f"plus rien depuis le {day_fr(schedule['last'])}")
    lines.append(f"clôture le {local(found, schedule['deadline'])} ({schedule['timezone']})")
    if schedule["overdue_count"]:
        late = plural(schedule["overdue_count"], "prévue", "prévues")
        lines.append(
            f"en retard : {late} sans succès, la dernière le "
            f"{local(found, schedule['last_due_at'])}"
        )
    return lines


def _ledger_text(found: Mapping[str, Any]) -> list[str]:
    if not found["ledger_by_day"]:
        return []
    totals = {
        name: sum(day[f"{name}_count"] for day in found["ledger_by_day"])
        for name in ("received", "accepted", "duplicate", "rejected", "quarantined", "withdrawn")
    }
    return [
        "{received} reçus = {accepted} retenus + {duplicate} doublons + {rejected} rejetés"
        " + {quarantined} en attente d'une personne + {withdrawn} retirés".format(**totals),
        *(
            f"{row['submission_count']:>7}  {row['reason_label']}"
            for row in found["ledger_by_reason"]
        ),
    ]


def _late_text(found: Mapping[str, Any]) -> list[str]:
    late = found["found_late"]
    if late is None:
        return []
    return [
        f"du {day_fr(day)} : {plural(count, 'message', 'messages')} de plus (exécution "
        f"n° {late['run']})"
        for day, count in sorted(late["days"].items())
    ]


def _messages_text(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say of each message about a publication where it stands with its recipients."""
    last = last_states(rows)
    for kind in dict.fromkeys(row["kind"] for row in last):
        of_kind = [row for row in last if row["kind"] == kind]
        counts = Counter(row["state"] for row in of_kind)
        whys = sorted({row["why"] for row in of_kind if row["why"] and row["state"] != "remis"})
        told = ", ".join(
            f"{_MESSAGE_STATES[state]} pour {plural(n, 'destinataire', 'destinataires')}"
            for state, n in sorted(counts.items())
        )
        yield f"Message {kind} : {told}{''.join(f' ({why})' for why in whys)}"


def _alert_text(alert: Mapping[str, Any]) -> str:
    what = f"{_ALERTS[alert['kind']]}, synthèse au {day_fr(alert['as_of_date'])}"
    told = "transmise" if not alert["owed"] else "pas encore transmise"
    return f"{what} : {told} ({alert['id']})"


def _disk_text(found: Mapping[str, Any]) -> list[str]:
    disk = found["disk"]
    large = [
        f"{name} {amount_fr(size)}" for name, size in disk["parts"].items() if size >= LEAST_SHOWN
    ]
    lines = [f"{amount_fr(disk['free_bytes'])} libres, {amount_fr(disk['home_bytes'])} pris ici"]
    if large:
        lines.append(", ".join(large))
    if disk["days_left"] is not None:
        lines.append(
            f"au rythme des derniers jours ({amount_fr(disk['bytes_a_day'])} par jour), "
            + (f"{disk['days_left']} jours" if disk["days_left"] <= 365 else "plus d'un an")
        )
    return lines


def _to_do_text(found: Mapping[str, Any]) -> Iterator[str]:
    for step in found["to_do"]:
        yield from textwrap.wrap(f"- {step['sentence']}", WIDTH, subsequent_indent="  ")
        if step["command"]:
            yield f"    {step['command']}"
    if not found["to_do"]:
        yield "rien"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60:02}"
