"""What people decided: rows that are added and never changed, one Parquet file a time they decide.

Nothing here can be made again: a backup must hold it with the vault and the key. Rows name what was
decided of by its identifier, and hold no citizen's word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from warehouse.contracts import (
    DECISIONS_TABLES,
    GATES,
    MESSAGES,
    PROOFS,
    REVIEWS,
    SIGNOFFS,
    WITHDRAWALS,
    Table,
)
from warehouse.files import RESTORE, read_parquet, write_bytes
from warehouse.stored import write_stored

BROUILLON: Final[Mapping[str, Any]] = {
    "state": "brouillon",
    "validated_by": None,
    "validated_at": None,
    "transmitted_at": None,
    "transmitted_to": None,
}


_READINGS = ("submission_words", "submission_kept")


class Decisions:
    """The decisions of one consultation under `root`; whoever adds some holds the home's lock."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, all of them or none."""
        if rows:
            name = f"{len(self._files(table)) + 1:06}.parquet"
            added = pa.Table.from_pylist(list(rows), schema=table.schema)
            write_stored(self.root / table.name / name, added)

    def read(self, table: Table) -> pa.Table:
        """Return the rows of a table, in the order in which they were added."""
        parts = (read_parquet(file, RESTORE, schema=table.schema) for file in self._files(table))
        return pa.concat_tables([table.schema.empty_table(), *parts])

    def check(self) -> None:
        """Raise DamagedError when some of them are not what was decided."""
        for table in DECISIONS_TABLES:
            self.read(table)

    def withdrawn(self) -> dict[str, str]:
        """Return why each submission was withdrawn: the first reason that was given."""
        rows = self.read(WITHDRAWALS)
        columns = (rows[name].to_pylist() for name in ("submission_id", "reason"))
        return dict(reversed(list(zip(*columns, strict=True))))

    def pending(self) -> pa.Table:
        """Return the withdrawals of which all is not done yet: there is no proof of them."""
        proven = set(self.read(PROOFS)["request_id"].to_pylist())
        rows = self.read(WITHDRAWALS)
        is_pending = [request not in proven for request in rows["request_id"].to_pylist()]
        return rows.filter(pa.array(is_pending, pa.bool_()))

    def is_expired(self) -> bool:
        """Tell whether the retention is over, and all that was received is gone or going."""
        return any("expired" in self.read(t)["reason"].to_pylist() for t in (WITHDRAWALS, PROOFS))

    def prove(self, now: datetime, remade: Sequence[date] = ()) -> None:
        """Write down that all is done of what was pending, and which days were published again."""
        rows = self.pending().to_pylist()
        proofs = {
            row["request_id"]: {
                "request_id": row["request_id"],
                "reason": row["reason"],
                "done_at": now,
                "person_trace": row["person_trace"],
                "submission_count": sum(r["request_id"] == row["request_id"] for r in rows),
                "remade_dates": list(remade),
            }
            for row in rows
        }
        self.add(PROOFS, list(proofs.values()))

    def in_force(self) -> list[dict[str, Any]]:
        """Return the review decisions that hold, in the order in which they were taken.

        The last on one thing holds; one that was undone does not, so what it replaced does again.
        """
        rows, undone = self.read(REVIEWS).to_pylist(), self.undone()
        kept = [r for r in rows if r["act"] != "undo" and r["decision_id"] not in undone]
        last = {_decided_of(row): row for row in kept}
        return [row for row in kept if last[_decided_of(row)] is row]

    def undone(self) -> set[str]:
        """Return the review decisions that were undone; an undoing can be undone too."""
        undone: set[str] = set()
        for row in reversed(self.read(REVIEWS).to_pylist()):
            if row["act"] == "undo" and row["decision_id"] not in undone:
                undone.add(row["subject"])
        return undone

    def person_readings(self) -> dict[str, str]:
        """Return what people read in place of the program, by submission; the last one holds.

        The identifier of the words that were typed, KEPT or DISCARDED.
        """
        return {r["subject"]: r["after"] for r in self.in_force() if r["act"] in _READINGS}

    def signoff(self, version: str) -> dict[str, Any]:
        """Return where a version of the publication stands: columns of `meta.publication`.

        Of several validations the last counts; a validation that was withdrawn does not.
        """
        found = dict(BROUILLON)
        for row in self.read(SIGNOFFS).to_pylist():
            if row["publication_version"] != version:
                continue
            if row["state"] == "brouillon":
                found = dict(BROUILLON)
            elif row["state"] == "validée":
                found |= {"validated_by": row["named_by"], "validated_at": row["decided_at"]}
            else:
                found |= {"transmitted_to": row["addressee"], "transmitted_at": row["decided_at"]}
            found["state"] = row["state"]
        return found

    def messages(self, version: str) -> list[dict[str, Any]]:
        """Return what was written of the messages about a version, in the order of time."""
        rows = self.read(MESSAGES).to_pylist()
        return [row for row in rows if row["publication_version"] == version]

    def accepted_gates(self, as_of: date) -> list[dict[str, Any]]:
        """Return the gates of a day and of those before that somebody let pass."""
        return [row for row in self.read(GATES).to_pylist() if row["as_of_date"] <= as_of]

    def let_pass(self) -> dict[str, frozenset[str]]:
        """Return the rows that somebody let pass, by rule: of every day, none holds again."""
        found: dict[str, frozenset[str]] = {}
        for row in self.read(GATES).to_pylist():
            found[row["rule"]] = found.get(row["rule"], frozenset()) | set(row["rows"])
        return found

    def keep_text(self, text: str) -> str:
        """Keep a version of the consultation's file; return its SHA-256, by which it is found."""
        sha256 = self.name_of(text)
        if not self._text(sha256).exists():
            write_bytes(self._text(sha256), text.encode("utf-8"))
        return sha256

    @staticmethod
    def name_of(text: str) -> str:
        """Return the SHA-256 by which a version of the consultation's file is known."""
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def text(self, sha256: str) -> str:
        """Return a version of the consultation's file that was kept."""
        return self._text(sha256).read_text(encoding="utf-8")

    def _text(self, sha256: str) -> Path:
        return self.root / "consultation" / f"{sha256}.toml"

    def _files(self, table: Table) -> list[Path]:
        return sorted((self.root / table.name).glob("[0-9]*.parquet"))


def _decided_of(row: Mapping[str, Any]) -> tuple[str, str, int | None]:
    """Tell what a review decision is on: words, whichever statement says them; else its subject."""
    if row["act"] in _READINGS:
        return "submission", row["subject"], None
    is_of_words = row["act"].startswith(("statement_", "sample_"))
    return row["act"], row["anchors"][0] if is_of_words else row["subject"], row["reader"]
