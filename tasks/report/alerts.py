"""The message that tells who is on duty what happened to a run, and what to do: subject and text.

Sentences of this program, days, identifiers of gates and commands; nothing of what citizens wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from tasks.report.message import LONGEST_TITLE, Letter, cut, one_line, wrapped
from tasks.report.typography import date_fr, french

_SUBJECTS: Final = {
    "failed": "Échec, synthèse",
    "held": "Publication retenue, synthèse",
    "killed": "Exécution interrompue, synthèse",
    "stuck": "Exécution qui ne se termine pas, synthèse",
    "recovered": "Rétabli, synthèse",
}


def write_alert(facts: Mapping[str, Any], title: str) -> Letter:
    """Write an alert from what the journal holds of it (docs/operations.md)."""
    about = french(f"{_SUBJECTS[facts['kind']]} au {_day(facts['as_of_date'])}")
    title = cut(one_line(title), LONGEST_TITLE)
    parts = [
        wrapped([title, about], ""),
        _part("Ce qui s'est passé", _happened(facts["sentences"])),
        _part("Ce que voient les lecteurs", _happened([_served(facts["served_date"])])),
        _part("Que faire", map(_step, facts["steps"])),
        wrapped([_where(facts)], ""),
    ]
    return Letter(french(f"{about} : ") + title, "\n\n".join(parts) + "\n")


def _happened(sentences: Sequence[str]) -> list[str]:
    return [wrapped([french(one_line(sentence))], "- ") for sentence in sentences]


def _served(day: str | None) -> str:
    if day is None:
        return "Rien n'est encore publié."
    return f"La dernière publication, la synthèse au {_day(day)}, reste en place."


def _step(step: Mapping[str, str]) -> str:
    """Lay out what to do; a command is one line, as it must be typed."""
    told = wrapped([french(step["text"])], "- ")
    return f"{told}\n\n    {step['command']}\n" if "command" in step else told


def _where(facts: Mapping[str, Any]) -> str:
    run = f"exécution n° {facts['run']}, " if facts["run"] else ""
    return french(
        f"Machine {facts['host']}, {run}alerte {facts['id']}. Ce message est envoyé par le "
        "programme qui fait la synthèse ; il ne contient aucune donnée personnelle."
    )


def _part(heading: str, blocks: Iterable[str]) -> str:
    return "\n".join([french(heading).upper(), *blocks]).rstrip("\n")


def _day(day: str) -> str:
    return date_fr(date.fromisoformat(day))
