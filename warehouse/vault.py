"""The vault: every message as it came, and what was read in it. Personal data; the only truth.

Raw messages stand in Parquet batches by received date; a batch's parsed sibling has the same name.
What has been fetched is known from here alone, so a cursor can never run ahead of what is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.contracts import DELIVERIES, PARSED
from warehouse.engine import connect
from warehouse.files import read_note, sha256_of, write_bytes, write_parquet
from warehouse.sql import read_sql

UNDATED = "sans-date"


@dataclass(frozen=True)
class Batch:
    """A stored batch of raw messages, and the place of its parsed sibling."""

    raw: Path
    parsed: Path


@dataclass(frozen=True)
class Day:
    """The submissions of one local day; `day` is null for those without a date."""

    day: date | None
    # submission_id, message_sha256, occurrence, received_at, sources, channel, size_bytes, is_whole
    submissions: pa.Table
    fingerprint: str
    parsed: tuple[Path, ...]


class Vault:
    """The raw and parsed messages of one consultation under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # --- what is known ---------------------------------------------------------------------------

    def deliveries(self) -> pa.Table:
        """Return every sighting of a message, without its bytes."""
        columns = [n for n in DELIVERIES.schema.names if n != "raw"]
        schema = pa.schema([DELIVERIES.schema.field(n) for n in columns])
        files = sorted((self.root / "raw").glob("*/*.parquet"))
        return pa.concat_tables(
            [schema.empty_table(), *(pq.read_table(f, schema=schema) for f in files)]
        )

    def add(self, deliveries: pa.Table, timezone: ZoneInfo) -> None:
        """Store sightings, and the bytes of messages seen for the first time, by received date."""
        local = pc.local_timestamp(
            pc.cast(deliveries["received_at"], pa.timestamp("us", timezone.key))
        )
        days = pc.fill_null(pc.strftime(local, "%Y-%m-%d"), UNDATED)
        for day in sorted(pc.unique(days).to_pylist()):
            rows = deliveries.filter(pc.equal(days, day))
            keys = zip(*(rows[n].to_pylist() for n in DELIVERIES.key), strict=True)
            name = sha256_of(part for key in keys for part in key)[:16]
            write_parquet(self._folder("raw", day) / f"{name}.parquet", rows)

    def _folder(self, kind: str, day: str) -> Path:
        return self.root / kind / f"received_date={day}"

    # --- what was read ---------------------------------------------------------------------------

    def batches(self) -> list[Batch]:
        """Return every batch, oldest day first."""
        raw = self.root / "raw"
        return [
            Batch(path, self.root / "parsed" / path.relative_to(raw))
            for path in sorted(raw.glob("*/*.parquet"))
        ]

    def unparsed(self, reader: str) -> list[Batch]:
        """Return the batches that the program version `reader` has not read yet."""
        return [b for b in self.batches() if read_note(b.parsed, "reader") != reader]

    def messages(self, batch: Batch) -> pa.Table:
        """Return the messages (submission_id, media_type, raw) whose bytes this batch holds."""
        columns = ["submission_id", "media_type", "raw"]
        return pq.read_table(batch.raw, columns=columns, filters=pc.field("holds_bytes"))

    def write_parsed(self, batch: Batch, parsed: pa.Table, reader: str) -> None:
        """Store what was read in a batch."""
        write_parquet(batch.parsed, parsed.cast(PARSED.schema), {"reader": reader})

    def message(self, submission_id: str) -> bytes | None:
        """Return the bytes of a message; null when the vault does not hold it."""
        wanted = (pc.field("submission_id") == submission_id) & pc.field("holds_bytes")
        for batch in self.batches():
            found = pq.read_table(batch.raw, columns=["raw"], filters=wanted)["raw"]
            if len(found):
                return bytes(found[0].as_py())
        return None

    # --- days ------------------------------------------------------------------------------------

    def days(self, timezone: ZoneInfo, until: date) -> list[Day]:
        """Return the days up to `until`, in order; submissions without a date come first.

        A submission seen in several sources counts once, at the earliest reception. The fingerprint
        of a day changes when its submissions, their dates, sources or channels do.
        """
        files = [str(b.raw) for b in self.batches()]
        if not files:
            return []
        with connect(readable=self.root / "raw") as connection:
            rows = connection.sql(
                read_sql("vault/submissions"),
                params={"files": files, "timezone": timezone.key, "until": until},
            ).to_arrow_table()
        starts: dict[date | None, list[int]] = defaultdict(list)
        for index, day in enumerate(rows["received_date"].to_pylist()):
            starts[day].append(index)
        return [self._day(day, rows.take(indices)) for day, indices in starts.items()]

    def _day(self, day: date | None, rows: pa.Table) -> Day:
        raw = self.root / "raw"
        holders = sorted(set(rows["filename"].to_pylist()))
        lines = zip(
            rows["submission_id"].to_pylist(),
            rows["received_at"].cast(pa.int64()).to_pylist(),
            rows["sources"].to_pylist(),
            rows["channel"].to_pylist(),
            strict=True,
        )
        return Day(
            day,
            rows.drop_columns(["received_date", "filename"]),
            sha256_of(f"{s} {r} {' '.join(n)} {c}" for s, r, n, c in lines),
            tuple(self.root / "parsed" / Path(h).relative_to(raw) for h in holders),
        )

    def parsed(self, day: Day) -> pa.Table:
        """Return what was read in the messages of a day, in the order of `day.submissions`."""
        wanted = day.submissions["submission_id"].combine_chunks()
        table = pa.concat_tables(pq.read_table(f, schema=PARSED.schema) for f in day.parsed)
        return table.take(pc.index_in(wanted, table["submission_id"].combine_chunks()))

    # --- the key's fingerprint -------------------------------------------------------------------

    @property
    def key_fingerprint(self) -> str | None:
        """The fingerprint of the key under which this consultation's pseudonyms were made."""
        path = self.root / "key.sha256"
        return path.read_text(encoding="ascii").strip() if path.exists() else None

    def bind_key(self, fingerprint: str) -> None:
        """Remember the key's fingerprint: from now on another key is refused."""
        write_bytes(self.root / "key.sha256", f"{fingerprint}\n".encode("ascii"))


def batched(rows: Iterable[dict[str, object]], size: int, weight: int) -> Iterator[pa.Table]:
    """Cut rows of deliveries into tables of at most `size` rows and about `weight` bytes.

    When `rows` fails, those before are yielded first: what was read can be stored.
    """
    pending: list[dict[str, object]] = []
    held = 0
    try:
        for row in rows:
            pending.append(row)
            held += len(row["raw"] or b"")  # type: ignore[arg-type]
            if len(pending) >= size or held >= weight:
                yield _deliveries(pending)
                pending, held = [], 0
    except Exception:
        if pending:
            yield _deliveries(pending)
        raise
    if pending:
        yield _deliveries(pending)


def _deliveries(rows: Sequence[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=DELIVERIES.schema)
