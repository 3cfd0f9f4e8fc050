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

    def entries(self) -> list[dict[str, Any]]:
        """Return what is written of every run, the first first."""
        return [json.loads(path.read_text(encoding="utf-8")) for path in self._files()]

    def _files(self) -> list[Path]:
        return sorted(self.root.glob("[0-9]*.json"))


class Entry:
    """What is written of the run in progress."""

    def __init__(self, path: Path, facts: Mapping[str, Any]) -> None:
        self._path, self.facts = path, dict(facts)

    def note(self, **facts: Any) -> None:
        """Add facts, or replace those of the same name; days and instants become text."""
        self.facts |= facts
        text = json.dumps(self.facts, ensure_ascii=False, indent=1, default=str)
        write_bytes(self._path, f"{text}\n".encode())
