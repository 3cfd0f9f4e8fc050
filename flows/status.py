"""Where a consultation stands: what ran, what is due, what is published, what a person must do.

Read of the journal, the shelf, the vault and the disk without disturbing a run, and without the
consultation's file: each run notes what is asked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from flows.inspection import attention, counted
from flows.run import FREE_BYTES, free_bytes
from flows.terminal import accept_line, command_line, minute_fr, plural
from tasks.schedule import Schedule
from warehouse.contracts import LEDGER_BY_DAY, LEDGER_BY_REASON
from warehouse.decisions import BROUILLON
from warehouse.home import Home
from warehouse.publication import LATEST, Published, Shelf

SUCCESSES: Final = frozenset({"published", "closed", "nothing"})
# What a run came to, as people read it.
OUTCOMES: Final = {
    "published": "publiée",
    "held": "retenue",
    "closed": "rien à publier",
    "nothing": "rien à faire",
    "saved": "enregistrée",
    "restored": "restaurée",
    "failed": "échec",
    "interrupted": "arrêtée",
    "killed": "tuée",
    "running": "en cours",
}
RUNS: Final = 7  # shown, the last first
LEAST_DAYS, MOST_DAYS = 2, 7  # over which the growth of the home is measured
SOON: Final = 7  # days within which a disk that fills is said
_SHOWN: Final = (
    *("run", "command", "as_of_date", "started_at", "ended_at", "pid", "host", "outcome"),
    *("sentence", "gates", "listed_count", "new_count", "found_late", "late_count"),
    "stage_seconds",
)


def status(home: Home, now: datetime) -> dict[str, Any]:
    """Return all that is known of a home at an instant, as JSON can hold it."""
    owner, entries = home.owner(), home.journal.entries()
    runs = [_run(entry, owner) for entry in entries]
    last = next((entry for entry in entries[::-1] if "schedule" in entry), {})
    daily = [run for run in runs if run["command"] == "run"]
    success = _last_success(daily)
    latest, days = Shelf(home.published).get(LATEST), Shelf(home.published).dated()
    found: dict[str, Any] = {
        "home": str(home.root),
        "at": now.isoformat(timespec="seconds"),
        "consultation": home.vault.consultation,
        "title": last.get("title"),
        "file": last.get("file"),
        "owner_pid": owner,
        "runs": runs[: -RUNS - 1 : -1],
        "run_count": len(runs),
        "last_success_at": success,
        "schedule": _schedule(last, success, now, days),
        "gates": [],
        "publication": None if latest is None else _publication(latest),
        "published_days": [str(published.as_of) for published in days],
        "delivery_count": home.vault.deliveries().num_rows,
        "found_late": next(
            ({"run": r["run"], "days": r["found_late"]} for r in daily[::-1] if r["found_late"]),
            None,
        ),
        "attention": dict(Counter(row["code"] for row in attention(home))),
        "messages": [] if latest is None else home.decisions.messages(latest.version),
        "alerts": [
            {name: facts[name] for name in ("id", "kind", "as_of_date", "told", "owed", "why")}
            for facts in home.journal.alerts.all()
            if facts["owed"] or not (facts["resolved_by"] or facts["kind"] == "recovered")
        ],
        "ledger_by_day": _rows(latest, LEDGER_BY_DAY.qualified),
        "ledger_by_reason": _rows(latest, LEDGER_BY_REASON.qualified),
        "disk": _disk(home, entries, now),
        "backup_at": max(
            (e["ended_at"] for e in entries if e["command"] == "backup" and e["ended_at"]),
            default=None,
        ),
    }
    if held := _held(runs):
        found["gates"] = [_gate(found, held, gate) for gate in held["gates"] or ()]
    return found | {"to_do": to_do(found)}


def stale(found: Mapping[str, Any], hours: float) -> str | None:
    """Say that no run succeeded for so many hours though one was due; null when all is well.

    Of a home in which nothing ever ran nobody knows what was due: it is not well.
    """
    if not found["runs"]:
        return f"Aucune exécution n'a jamais eu lieu dans {found['home']}."
    schedule, success = found["schedule"], found["last_success_at"]
    if schedule is None or not schedule["overdue_count"]:
        return None
    since = success or schedule["first_due_at"]
    age = datetime.fromisoformat(found["at"]) - datetime.fromisoformat(since)
    if age <= timedelta(hours=hours):
        return None
    last = found["runs"][0]
    return (
        f"Aucune exécution n'a {'' if success else 'encore '}abouti depuis le "
        f"{local(found, since)}, plus de {hours:g} h, alors qu'une était due le "
        f"{local(found, schedule['last_due_at'])} ; la dernière, n° {last['run']} : "
        f"{OUTCOMES.get(last['outcome'], last['outcome'])}."
    )


# --- what is known -------------------------------------------------------------------------------


def _run(entry: Mapping[str, Any], owner: str | None) -> dict[str, Any]:
    """Return what the journal says of a run, and what became of one of which it says no end."""
    run = {name: entry.get(name) for name in _SHOWN}
    run["seconds"] = None
    if entry["ended_at"]:
        started, ended = map(datetime.fromisoformat, (entry["started_at"], entry["ended_at"]))
        run["seconds"] = round((ended - started).total_seconds(), 1)
    else:
        run["outcome"] = "running" if owner == str(entry["pid"]) else "killed"
    return run


def _held(runs: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the last run that was held, whatever its command; null: its day, or a later, is out.

    A run that failed since, or published an earlier day, let nothing pass.
    """
    for run in reversed(runs):
        if run["outcome"] == "held":
            after = (r for r in runs if r["run"] > run["run"] and r["outcome"] == "published")
            return None if any(r["as_of_date"] >= run["as_of_date"] for r in after) else run
    return None


def _last_success(daily: Iterable[Mapping[str, Any]]) -> str | None:
    """Return when a run of the latest day succeeded: one of an earlier day is not what is due."""
    successes = [(r["as_of_date"], r["ended_at"]) for r in daily if r["outcome"] in SUCCESSES]
    return max(successes)[1] if successes else None


def _schedule(
    last: Mapping[str, Any], success: str | None, now: datetime, published: Iterable[Published]
) -> dict[str, Any] | None:
    """Return when runs are due, as the last one knew it; null when none ever said.

    What is due is overdue until a run succeeds; nothing is due once a final synthesis is published,
    of the last day at least: a deadline that is put off makes one more.
    """
    if not last:
        return None
    declared = last["schedule"]
    schedule = Schedule(
        date.fromisoformat(declared["first"]),
        date.fromisoformat(declared["last"]),
        time.fromisoformat(declared["at"]),
        ZoneInfo(declared["timezone"]),
    )
    deadline = datetime.fromisoformat(last["deadline"]).astimezone(schedule.timezone)
    closing = (deadline - timedelta(microseconds=1)).date()
    is_over = any(p.is_final and p.as_of >= closing for p in published)
    instants = schedule.instants()
    due = [instant for instant in instants if instant <= now and not is_over]
    following = None if is_over else schedule.next_due(now)
    return {
        **declared,
        "deadline": last["deadline"],
        "is_over": is_over,
        "first_due_at": instants[0].isoformat(),
        "last_due_at": due[-1].isoformat() if due else None,
        "next_due_at": following.isoformat() if following else None,
        "overdue_count": sum(
            success is None or instant > datetime.fromisoformat(success) for instant in due
        ),
    }


def _gate(
    found: Mapping[str, Any], run: Mapping[str, Any], gate: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a gate that holds the publication, with the command that lets it pass, if one does."""
    day = gate.get("as_of_date", run["as_of_date"])
    places = (found["file"], found["home"])
    command = accept_line(*places, day, gate["id"]) if gate["acceptable"] else None
    return {**gate, "command": command}


def _publication(latest: Published) -> dict[str, Any]:
    manifest = latest.manifest
    return {
        "as_of_date": manifest["as_of_date"],
        "is_final": latest.is_final,
        "is_provisional": manifest["is_provisional"],
        "publication_version": latest.version,
        **{name: manifest[name] for name in BROUILLON},
        "link": str(latest.link.with_name(str(latest.as_of))),
        "folder": str(latest.folder),
    }


def _rows(latest: Published | None, table: str) -> list[dict[str, Any]]:
    if latest is None:
        return []
    path = latest.folder / "parquet" / f"{table}.parquet"
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def _disk(home: Home, entries: Iterable[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """Return what the home takes, what is free, and for how long at the pace of the last days.

    No pace is told of less than two days: a first run, which takes all that came before, has none.
    """
    parts, free = home.sizes(), free_bytes(home)
    measured = [
        (now - datetime.fromisoformat(entry["ended_at"]), entry["home_bytes"])
        for entry in entries
        if entry.get("home_bytes") and entry["ended_at"]
    ]
    recent = [m for m in measured if m[0] <= timedelta(days=MOST_DAYS)]
    pace = None
    if recent and recent[0][0] - recent[-1][0] >= timedelta(days=LEAST_DAYS):
        days = (recent[0][0] - recent[-1][0]) / timedelta(days=1)
        pace = max(0, round((recent[-1][1] - recent[0][1]) / days))
    return {
        "free_bytes": free,
        "home_bytes": sum(parts.values()),
        "parts": parts,
        "bytes_a_day": pace,
        "days_left": (free - FREE_BYTES) // pace if pace else None,
    }


# --- what a person must do -----------------------------------------------------------------------


def to_do(found: Mapping[str, Any]) -> list[dict[str, str | None]]:
    """Say what a person must do, the most pressing first, each with its command."""
    run = _typed(found, "run")
    return [
        {"sentence": sentence, "command": command}
        for sentence, command in (
            *_of_runs(found, run),
            *_of_gates(found),
            *_of_people(found),
            *_of_disk(found),
        )
    ]


_ToDo = Iterator[tuple[str, str | None]]


def _of_runs(found: Mapping[str, Any], run: str) -> _ToDo:
    if not found["runs"]:
        yield "Rien n'est encore fait ici. Faites la première synthèse :", run
        return
    last, schedule = found["runs"][0], found["schedule"]
    if last["outcome"] == "failed":
        yield f"La dernière exécution a échoué. {last['sentence']} Puis :", run
    elif last["outcome"] == "killed":
        yield "La dernière exécution a été tuée. Rien n'est perdu ; la suivante reprend :", run
    elif last["outcome"] not in {"running", "held"} and schedule and schedule["overdue_count"]:
        late = plural(schedule["overdue_count"], "exécution prévue n'a", "exécutions prévues n'ont")
        yield f"{late} pas eu lieu : voyez ce qui les lance. Une seule les rattrape :", run
    elif last["outcome"] not in {"running", "held"} and _is_final_owed(schedule):
        yield "La consultation est close, et sa synthèse définitive n'est pas publiée :", run
    for alert in found["alerts"]:
        if alert["owed"]:
            why = " ; ".join(alert["why"].values())
            yield f"L'alerte {alert['id']} n'a pas pu être transmise : {why}.", None


def _is_final_owed(schedule: Mapping[str, Any] | None) -> bool:
    return schedule is not None and not schedule["is_over"] and schedule["next_due_at"] is None


def _of_gates(found: Mapping[str, Any]) -> _ToDo:
    for gate in found["gates"]:
        sentence = f"{gate['sentence'].rstrip('.')}."
        if gate["command"]:
            yield f"Publication retenue : {sentence} Si elle est bonne :", gate["command"]
        else:
            yield f"Publication retenue, faute du programme à signaler : {sentence}", None


def _of_people(found: Mapping[str, Any]) -> _ToDo:
    if found["attention"]:
        letters = counted(Counter(found["attention"]))
        yield f"À lire par une personne : {letters}.", _typed(found, "status", "--attention")
    unread = sum(day["quarantined_count"] for day in found["ledger_by_day"])
    if unread:
        letters = plural(unread, "message", "messages")
        yield f"{letters} que le programme ne peut pas lire :", _typed(found, "review", "export")
    published = found["publication"]
    if published and published["is_final"] and published["state"] == "brouillon":
        yield (
            "La synthèse définitive attend d'être validée :",
            _typed(found, "review", "validate", "--by", "Prénom Nom, qualité"),
        )
    if any(row["state"] != "remis" for row in last_states(found["messages"])):
        yield "Un message n'est pas arrivé à tous :", _typed(found, "message")


def _of_disk(found: Mapping[str, Any]) -> _ToDo:
    disk = found["disk"]
    if disk["free_bytes"] < FREE_BYTES or (disk["days_left"] or SOON) < SOON:
        yield "Le disque est presque plein : libérez de la place.", None


def _typed(found: Mapping[str, Any], *words: str) -> str:
    return command_line(found["file"] or "consultation.toml", found["home"], *words)


def local(found: Mapping[str, Any], instant: str) -> str:
    """Write an instant as the clocks of the consultation show it; in UTC before any run."""
    schedule = found["schedule"]
    zone = ZoneInfo(schedule["timezone"]) if schedule else None
    return minute_fr(instant, zone)


def last_states(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the last state of each message with each recipient."""
    return list({(row["kind"], row["recipient_trace"]): row for row in rows}.values())
