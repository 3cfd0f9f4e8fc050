"""The flow that makes again all that can be made of the messages and of what people decided.

What was read, the lake and the working database go first: whatever happened to them does not
matter. Killed anywhere, it is completed by itself or by the next run; readers keep what they have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prefect import flow

from flows.revision import publish_again
from flows.run import prepare_run
from flows.running import at_work, note_outcome
from flows.signoff import MADE_OF
from tasks.publish import Held
from warehouse.publication import LATEST, Published, Shelf


@dataclass(frozen=True)
class Rebuilt:
    """The latest publication as it was, and as it is made now; null when nothing is published."""

    before: Published | None
    outcome: Published | Held | None

    @property
    def differences(self) -> dict[str, list[str]]:
        """What changed of what it is made of, then which files; none: the same byte for byte.

        The database is compared by its rows.
        """
        if not isinstance(self.outcome, Published) or self.before is None:
            return {"made_of": [], "files": []}
        now, then = self.outcome.manifest, self.before.manifest
        made_of = [what for name, what in MADE_OF.items() if now[name] != then.get(name)]
        return {"made_of": made_of, "files": sorted(_changed(now["files"], then["files"]))}


def _changed(now: dict[str, object], then: dict[str, object]) -> Iterator[str]:
    return (name for name in now.keys() | then.keys() if now.get(name) != then.get(name))


@flow(name="rebuild", persist_result=False)
def rebuild(consultation: Path, home: Path | None = None, workers: int | None = None) -> Rebuilt:
    """Make everything again, and publish the latest published day.

    Raises DamagedError, nothing being touched, when what all is made of is damaged.
    """
    run = prepare_run(consultation, home, workers=workers)
    with at_work(run, "rebuild") as entry:
        run.home.key()  # refuses what retention emptied, or another key
        run.home.check()
        before = Shelf(run.home.published).get(LATEST)
        run.home.forget_made()
        if before is None:
            return Rebuilt(None, None)
        entry.note(as_of_date=before.as_of)
        outcome = publish_again(run.at(before.as_of))
        note_outcome(entry, outcome)
        return Rebuilt(before, outcome)
