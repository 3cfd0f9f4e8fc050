"""How commands speak: sentences for people on stderr, data on stdout, an exit code."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from expectations.gates import Gate
    from tasks.publish import Held
    from warehouse.publication import Published

DONE, FAILED, USAGE, REFUSED, CLOSED, STALE = 0, 1, 2, 3, 4, 5
DEFAULT_CONSULTATION = Path("consultation.toml")
_TOLD_ROWS = 5


def say(sentence: str, code: int) -> int:
    """Say a sentence, and return the code that goes with it."""
    print(sentence, file=sys.stderr)
    return code


def say_held(held: Held, options: argparse.Namespace) -> int:
    """Say why a publication was not made, and what to do, where `options` were given."""
    for gate in held.gates:
        say(f"- {gate.gate_id} : {gate.sentence}.", REFUSED)
        for line in _about(gate, held, options):
            say(f"  {line}", REFUSED)
    return say(
        f"Publication au {held.as_of:%d/%m/%Y} retenue par ce qui précède. La dernière reste en "
        "place.",
        REFUSED,
    )


def _about(gate: Gate, held: Held, options: argparse.Namespace) -> Iterator[str]:
    if gate.rows and gate.rule != "silence":
        more = ", …" if len(gate.rows) > _TOLD_ROWS else ""
        yield f"Lignes : {len(gate.rows)} ({', '.join(gate.rows[:_TOLD_ROWS])}{more})"
        if gate.rows[0].startswith(("s-", "c-")):
            home = ["--home", str(options.home)] if options.home else []
            reading = shlex.join(["assises", "trace", gate.rows[0], "--message", *home])
            yield f"Pour en lire une : {reading}"
    if gate.rule is None:
        yield "C'est un défaut du programme, que rien ne laisse passer : signalez-le."
        return
    accepting = accept_line(options.consultation, options.home, str(held.as_of), gate.gate_id)
    yield f"Pour la publier quand même : {accepting}"


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


def amount_fr(size: int) -> str:
    """Write bytes as people count them: 8,7 Mo, 58,2 Go."""
    if size >= 1_000_000_000:
        return f"{size / 1_000_000_000:.1f} Go".replace(".", ",")
    return f"{size / 1_000_000:.1f} Mo".replace(".", ",")


def without_secret(address: str) -> str:
    """Return an address as it may be shown: without the account and the password it may have."""
    return re.sub("(?<=//)[^/]*@", "", address, count=1)


def command_line(file: Path | str | None, home: Path | str | None, *words: str) -> str:
    """Return a command as it must be typed, for a consultation's file and a home; null: usual."""
    is_named = words[0] != "status" and file not in (None, DEFAULT_CONSULTATION)
    places = [
        *(["--consultation", str(file)] if is_named else []),
        *(["--home", str(home)] if home else []),
    ]
    return shlex.join(["assises", *words, *places])


def accept_line(file: Path | str | None, home: Path | str | None, as_of: str, gate_id: str) -> str:
    """Return the command that lets a gate pass, to be completed by who does."""
    said = ("--because", "MOTIF", "--by", "Prénom Nom, qualité")
    return command_line(file, home, "run", "--as-of", as_of, "--accept-gate", gate_id, *said)
