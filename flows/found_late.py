"""Mail found after the synthesis of its day was published: said, written in the journal, listed.

The synthesis of the run counts it on its own day; those of earlier days, already published, do
not, until they are made again.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import date, datetime
from typing import Any, Final

from flows.run import Run
from flows.terminal import plural
from warehouse.database import Database
from warehouse.journal import Entry
from warehouse.publication import Shelf

log = logging.getLogger("assises")

_TOLD: Final = ("published", "held", "closed")  # such a run said what it had found


def note_found_late(run: Run, entry: Entry, database: Database) -> None:
    """Say which messages fetched since the last run that went to its end are of published days.

    The journal gets their count a day, the working database `lake.found_late`, a row a message.
    """
    published = [one.as_of for one in Shelf(run.home.published).dated()]
    since = _last_told(run)
    if not published or since is None:
        return
    rows = run.home.vault.stored_since(since, max(published))
    database.keep("found_late", rows)
    counts = Counter(rows["received_date"].to_pylist())
    entry.note(found_late={str(day): counts[day] for day in sorted(counts)})
    if counts:
        log.warning(found_late_sentence(counts, published, run.as_of))


def found_late_sentence(counts: Counter[date], published: list[date], as_of: date) -> str:
    """Say what was found late, and how the syntheses that do not count it can be made again."""
    told = ", ".join(
        f"{plural(counts[day], 'reçu', 'reçus')} le {day:%d/%m/%Y}" for day in sorted(counts)
    )
    sentence = f"Messages trouvés après coup : {told}."
    without = [day for day in published if day >= min(counts) and day != as_of]
    if not without:
        return sentence
    first, last = min(without), max(without)
    if first == last:
        which = f"La synthèse déjà publiée au {first:%d/%m/%Y} ne les compte pas : refaites-la par"
        return f"{sentence} {which} « assises run --as-of {first} »."
    which = f"Celles déjà publiées du {first:%d/%m/%Y} au {last:%d/%m/%Y} ne les comptent pas :"
    return f"{sentence} {which} refaites-les par « assises run --from {first} --to {last} »."


def _last_told(run: Run) -> datetime | None:
    """Return when the last run began that said what it had found; null: none did."""
    told: list[dict[str, Any]] = [
        one
        for one in run.home.journal.entries()
        if one["command"] == "run" and one["outcome"] in _TOLD
    ]
    return datetime.fromisoformat(told[-1]["started_at"]) if told else None
