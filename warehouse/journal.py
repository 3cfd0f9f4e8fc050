"""The journal of runs: what each began, how it ended. A file a run, rewritten whole at each note.

No word of a citizen, no address: identifiers, counts and sentences of this program. A run whose
file says no end, and that holds the lock no more, was killed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warehouse.files import write_bytes


class Journal:
    """The runs of one consultation under `root`; whoever adds one holds the home's lock."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def begin(self, **facts: Any) -> Entry:
        """Write down that a run begins; its number is one more than that of the last."""
        run = self.next_run
        entry = Entry(self.root / f"{run:06}.json", {"run": run})
        entry.note(**facts)
        return entry

    @property
    def next_run(self) -> int:
        """The number of the run that begins next."""
        return max((int(path.stem) for path in self._files()), default=0) + 1

    @property
    def is_begun(self) -> bool:
        """Whether a run was ever at work in the home."""
        return bool(self._files())

    def entries(self) -> list[dict[str, Any]]:
        """Return what is written of every run, the first first."""
        return [json.loads(path.read_text(encoding="utf-8")) for path in self._files()]

    @property
    def alerts(self) -> Alerts:
        """What people were told of runs, or are still to be told."""
        return Alerts(self.root / "alerts")

    def _files(self) -> list[Path]:
        return sorted(self.root.glob("[0-9]*.json"))


class Entry:
    """What is written of the run in progress."""

    def __init__(self, path: Path, facts: Mapping[str, Any]) -> None:
        self._path, self.facts = path, dict(facts)

    def note(self, **facts: Any) -> None:
        """Add facts, or replace those of the same name; days and instants become text."""
        self.facts |= facts
        write_bytes(self._path, _written(self.facts))


class Alerts:
    """What people are told of runs: a file each, named by its cause and its day.

    Whoever was refused because another run holds the home may add one.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, name: str) -> dict[str, Any] | None:
        """Return what is written of an alert; null when there is none of this name."""
        path = self._file(name)
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def put(self, name: str, facts: Mapping[str, Any]) -> None:
        """Write an alert, or what became of it."""
        write_bytes(self._file(name), _written(facts))

    def all(self) -> list[dict[str, Any]]:
        """Return every alert, the first raised first."""
        found = [
            json.loads(p.read_text(encoding="utf-8")) for p in self.root.glob("[0-9a-f]*.json")
        ]
        return sorted(found, key=lambda facts: (facts["raised_at"], facts["id"]))

    def _file(self, name: str) -> Path:
        return self.root / f"{name}.json"


def _written(facts: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(facts, ensure_ascii=False, indent=1, default=str)}\n".encode()
