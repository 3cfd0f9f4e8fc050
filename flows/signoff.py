"""Sign-off: a version of a publication is a brouillon, then validée by somebody, then transmise.

What is signed is what was read: the tables on the shelf, published again as they were with their
new state. Nothing is derived; a version that a run would not give any more is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from flows.confinement import confined
from flows.inspection import published_on
from flows.run import Run, UsageError, account
from tasks.documents import about_tables, documents
from tasks.faults import withholding_values
from warehouse.contracts import (
    CONTRIBUTIONS_BY_COMMUNE,
    PUBLICATION,
    PUBLISHED_TABLES,
    SIGNOFFS,
)
from warehouse.files import sha256_of_file, write_bytes
from warehouse.publication import Published, Shelf
from warehouse.transmissions import write_archive

# What a version is of, and what to call it when it is no longer so.
MADE_OF: Final = {
    "program_version": "le programme",
    "configuration_sha256": "le fichier de la consultation",
    "decisions_sha256": "les décisions",
    "input_sha256": "les messages relevés",
    "is_provisional": "la journée, alors inachevée",
    "accepted_gates": "les contrôles laissés passer",
}
# A count of one in a commune may be somebody: the page shows those that may be shown.
_INTERNAL: Final = {f"csv/{CONTRIBUTIONS_BY_COMMUNE.name}.csv"}


@dataclass(frozen=True)
class Transmitted:
    """A publication that was transmitted, and the archive that was made of it."""

    published: Published
    archive: Path
    archive_sha256: str


def may_go_out(published: Published) -> bool:
    """Tell whether a publication may be sent: a final synthesis only once somebody validated it.

    That of a day may go out as the brouillon that it says it is.
    """
    return not published.is_final or published.state != "brouillon"


def validate(run: Run, as_of: str | None, named_by: str, reason: str | None = None) -> Published:
    """Validate the publication of a day, by default the latest, under a person's name.

    Of several persons, the last to validate is the one that the publication names. Raises
    UsageError when it cannot be validated, or is already by this person.
    """
    name = _name(named_by)
    with _opened(run, as_of) as published:
        signed = run.home.decisions.signoff(published.version)
        _refuse_transmitted(run, published, signed)
        if signed["validated_by"] == name:
            raise UsageError(
                f"La synthèse au {published.as_of:%d/%m/%Y} est déjà validée par {name}, depuis "
                f"le {_minute(run, signed['validated_at'])}."
            )
        _record(run, published, {"state": "validée", "named_by": name, "reason": reason})
        return _publish_again(run, published)


def withdraw_validation(
    run: Run, as_of: str | None, named_by: str, reason: str | None = None
) -> Published:
    """Make the publication of a day a brouillon again, under a person's name.

    Raises UsageError when it is one already, or was transmitted: it went out as it is.
    """
    name = _name(named_by)
    with _opened(run, as_of) as published:
        _refuse_transmitted(run, published, run.home.decisions.signoff(published.version))
        if published.state == "brouillon":
            raise UsageError(f"La synthèse au {published.as_of:%d/%m/%Y} n'est pas validée.")
        _record(run, published, {"state": "brouillon", "named_by": name, "reason": reason})
        return _publish_again(run, published)


def transmit(
    run: Run,
    as_of: str | None,
    named_by: str,
    addressee: str | None = None,
    output: Path | None = None,
) -> Transmitted:
    """Make the archive to hand over of a validated publication, by default the latest, once.

    It holds the page and the totals, and no table with a row a citizen. The addressee is by
    default that of the consultation; `output` is where to put a copy. Raises UsageError when the
    publication is not validated, or was transmitted before.
    """
    name = _name(named_by)
    if output is not None and output.is_dir():
        raise UsageError(f"{output} est un dossier : donnez à --output le nom d'un fichier.")
    with _opened(run, as_of) as published:
        signed = run.home.decisions.signoff(published.version)
        _refuse_transmitted(run, published, signed)
        if published.state == "brouillon":
            raise UsageError(
                f"La synthèse au {published.as_of:%d/%m/%Y} est un brouillon : elle ne peut être "
                "transmise qu'une fois validée (assises review validate)."
            )
        addressee = one_line(addressee or run.consultation.addressee, "À qui : --to NOM.")
        sent = {"state": "transmise", "transmitted_at": run.now, "transmitted_to": addressee}
        archive = run.home.transmissions.path(run.consultation.slug, published)
        _archive(run, published, signed | sent, archive)  # first: what is recorded is there
        row = {"state": "transmise", "named_by": name, "addressee": addressee}
        _record(run, published, row | {"archive_sha256": sha256_of_file(archive)})
        again = _publish_again(run, published)
        if output is not None:
            write_bytes(output, archive.read_bytes())
        return Transmitted(again, archive, sha256_of_file(archive))


def complete(run: Run) -> None:
    """Publish again what was signed off and is not served so: a sign-off was cut short.

    Only what this consultation's file and program can write again as it was.
    """
    decisions, now = run.home.decisions, run.facts(())
    signed = set(decisions.read(SIGNOFFS)["publication_version"].to_pylist())
    written = {name: now[name] for name in ("program_version", "configuration_sha256")}
    for published in Shelf(run.home.published).dated():
        is_ours = published.version in signed and published.says(written)
        if is_ours and not published.says(decisions.signoff(published.version)):
            _publish_again(run, published)


@contextmanager
def _opened(run: Run, as_of: str | None) -> Iterator[Published]:
    """Hold the home, and yield the publication of a day as a run would give it now."""
    published_on(run.home, as_of)  # a folder without any stays as it is
    with withholding_values(), run.home.lock(), confined(run.home.temporary):
        run.home.prepare()
        run.home.bind(run.consultation.slug)
        run.home.key()  # refuses what retention emptied
        complete(run)
        published = published_on(run.home, as_of)
        _refuse_outdated(run, published)
        yield published


def _refuse_outdated(run: Run, published: Published) -> None:
    day = published.as_of
    withdrawn = run.home.decisions.withdrawn()
    readings = run.home.decisions.person_readings()
    days = run.home.vault.days(run.consultation.timezone, day, withdrawn, readings)
    now = run.at(day).facts(days)
    if now["publication_version"] != published.version:
        changed = [what for name, what in MADE_OF.items() if not published.says({name: now[name]})]
        raise UsageError(
            f"La synthèse au {day:%d/%m/%Y} n'est plus à jour. A changé depuis : "
            f"{', '.join(changed)}. Lancez « assises run --as-of {day} », relisez-la, puis "
            "recommencez."
        )


def _refuse_transmitted(run: Run, published: Published, signed: Mapping[str, Any]) -> None:
    if signed["state"] == "transmise":
        archive = run.home.transmissions.path(run.consultation.slug, published)
        raise UsageError(
            f"La synthèse au {published.as_of:%d/%m/%Y} a été transmise le "
            f"{_minute(run, signed['transmitted_at'])} ({signed['transmitted_to']}) : cette "
            f"version ne change plus. Son archive : {archive}"
        )


def _name(named_by: str) -> str:
    return one_line(named_by, 'Dites qui : --by "Prénom Nom, qualité".')


def one_line(text: str, otherwise: str) -> str:
    """Return what is written of somebody, on one line; raise UsageError when nothing is."""
    line = " ".join(text.split())
    if not line or not line.isprintable():
        raise UsageError(otherwise)
    return line


def _minute(run: Run, instant: datetime) -> str:
    return f"{instant.astimezone(run.consultation.timezone):%d/%m/%Y à %H:%M}"


def _record(run: Run, published: Published, decided: Mapping[str, Any]) -> None:
    row = {
        "as_of_date": published.as_of,
        "publication_version": published.version,
        "decided_at": run.now,
        "decided_by": account(),
        **decided,
    }
    run.home.decisions.add(SIGNOFFS, [row])


def _publish_again(run: Run, published: Published) -> Published:
    """Publish exactly what was there, in the state that was decided."""
    facts, tables = _signed(published, run.home.decisions.signoff(published.version))
    written = documents(tables, run.consultation, run.materials)
    about = about_tables(facts, run.consultation)
    return Shelf(run.home.published).publish(
        facts, lambda: written, tables, PUBLISHED_TABLES, about
    )


def _archive(run: Run, published: Published, signed: Mapping[str, Any], path: Path) -> None:
    """Write what is handed over: the documents as they will be published."""
    facts, tables = _signed(published, signed)
    every = documents(tables, run.consultation, run.materials)
    write_archive(path, facts, {name: every[name] for name in every.keys() - _INTERNAL})


def _signed(
    published: Published, signed: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, pa.Table]]:
    """Return the facts and tables of a publication, as they were but for where it stands."""
    tables = published.tables(PUBLISHED_TABLES)
    (row,) = tables[PUBLICATION.qualified].to_pylist()
    facts = row | signed
    told = pa.Table.from_pylist([facts], schema=PUBLICATION.schema)
    return facts, tables | {PUBLICATION.qualified: told}
