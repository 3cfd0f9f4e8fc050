"""All checks, in the order in which they are told; one that breaks never stops the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flows.doctor import consultation, home, machine, server
from flows.doctor.findings import REPAIR, SEE, Check, Finding, Visit
from flows.failures import tell
from flows.run import find_home

MACHINE: Final[Sequence[tuple[str, Check]]] = (
    ("Python", machine.check_python),
    ("bibliothèques", machine.check_libraries),
    ("horloge", machine.check_clock),
)
FILE: Final[Sequence[tuple[str, Check]]] = (("consultation", consultation.check_file),)
# Those that need the consultation's file.
DECLARED: Final[Sequence[tuple[str, Check]]] = (
    ("thèmes", consultation.check_themes),
    ("calendrier", consultation.check_schedule),
    ("secrets", consultation.check_secrets),
    ("sources", consultation.check_sources),
    ("messages", consultation.check_mail_server),
    ("alertes", consultation.check_alerts),
    ("encodeur", consultation.check_encoder),
    ("réseau", consultation.check_network),
    ("Prefect", server.check_server),
    ("contenu", home.check_consultation),
)
HOME: Final[Sequence[tuple[str, Check]]] = (
    ("dossier", home.check_folder),
    ("disque", home.check_disk),
    ("stockage", home.check_store),
    ("verrou", home.check_lock),
    ("exécutions", home.check_journal),
    ("restes", home.check_leftovers),
    ("clé", home.check_key),
    ("coffre", home.check_vault),
    ("décisions", home.check_decisions),
    ("lac", home.check_lake),
    ("base", home.check_database),
    ("publications", home.check_publications),
)


def examine(asked: Path, home_folder: Path | None, *, thorough: bool = False) -> list[Finding]:
    """Make every check, and return all that was found."""
    visit = Visit(asked, find_home(home_folder), datetime.now(UTC), thorough)
    with server.apart():
        file = list(carry_out(FILE, visit))
        declared = [] if _to_repair(file) else carry_out(DECLARED, visit)
        return [*carry_out(MACHINE, visit), *file, *declared, *carry_out(HOME, visit)]


def carry_out(checks: Iterable[tuple[str, Check]], visit: Visit) -> Iterator[Finding]:
    """Make checks; what one breaks of is its finding."""
    for subject, check in checks:
        try:
            for state, sentence in check(visit):
                yield Finding(subject, state, sentence)
        except Exception as error:  # noqa: BLE001 - told by a sentence, whatever it is
            yield Finding(subject, REPAIR, tell(error)[0])


def examination_text(findings: Sequence[Finding]) -> str:
    """Write findings for a person, a line each, and how many there are to act upon."""
    width = max(len(finding.subject) for finding in findings)
    lines = [f"{f.state:9}  {f.subject:{width}}  {f.sentence}" for f in findings]
    counts = {state: sum(f.state == state for f in findings) for state in (REPAIR, SEE)}
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return "\n".join([*lines, "", f"{told or 'Tout est prêt'}."])


def _to_repair(findings: Iterable[Finding]) -> bool:
    return any(finding.state == REPAIR for finding in findings)
