"""How commands speak: sentences for people on stderr, data on stdout, an exit code."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.publish import Held
    from warehouse.publication import Published

DONE, FAILED, USAGE, REFUSED, CLOSED, STALE = 0, 1, 2, 3, 4, 5


def say(sentence: str, code: int) -> int:
    """Say a sentence, and return the code that goes with it."""
    print(sentence, file=sys.stderr)
    return code


def say_held(held: Held) -> int:
    """Say why a publication was not made."""
    for failure in held.failures:
        say(f"- {failure.sentence}", REFUSED)
    return say(
        "Publication retenue : ce qui précède ne tient pas. La dernière reste en place.", REFUSED
    )


def say_state(published: Published) -> None:
    """Say that somebody must validate a publication before it goes out, when nobody did."""
    from flows.signoff import may_go_out

    if not may_go_out(published):
        say(
            "Brouillon : à valider par une personne, sous son nom, avant de transmettre la "
            f"synthèse au {published.as_of:%d/%m/%Y} "
            '(assises review validate --by "Prénom Nom, qualité").',
            DONE,
        )


def show(found: Any, as_json: bool, text: Callable[[Any], str]) -> int:  # noqa: FBT001
    """Print what was found: as JSON, or as a text for people."""
    import json

    print(json.dumps(found, ensure_ascii=False, indent=1, default=str) if as_json else text(found))
    return DONE


def day_fr(day: str) -> str:
    """Write a day of JSON as it is read: 13/01/2020."""
    return f"{date.fromisoformat(day):%d/%m/%Y}"


def minute_fr(instant: str, zone: tzinfo | None = None) -> str:
    """Write an instant of JSON to its minute in a time zone, by default in UTC, which is said."""
    here = datetime.fromisoformat(instant).astimezone(zone or UTC)
    return f"{here:%d/%m/%Y à %H:%M}{'' if zone else ' UTC'}"


def plural(count: int, one: str, many: str) -> str:
    """Write a count and what it counts: below two, the singular."""
    return f"{count} {one if count < 2 else many}"


def command_line(file: str, home: str, *words: str) -> str:
    """Return a command as it must be typed, for a consultation's file and a home."""
    places = [] if words[0] == "status" else ["--consultation", file]
    return shlex.join(["assises", *words, *places, "--home", home])


def accept_line(file: str, home: str, as_of: str, gate_id: str) -> str:
    """Return the command that lets a gate pass, to be completed by who does."""
    said = ("--because", "MOTIF", "--by", "Prénom Nom, qualité")
    return command_line(file, home, "run", "--as-of", as_of, "--accept-gate", gate_id, *said)
