"""The vault: every message as it came, and what was read in it. Personal data; the only truth.

Raw messages stand in Parquet batches by received date; a batch's parsed sibling has the same name.
What has been fetched is known from here alone, so a cursor can never run ahead of what is stored.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.contracts import DELIVERIES, PARSED
from warehouse.engine import connect
from warehouse.files import read_note, sha256_of, write_bytes, write_parquet
from warehouse.sql import read_sql

UNDATED = "sans-date"
_HIDDEN = "~"
_EMPTY = {pa.string(): "", pa.bool_(): False, pa.int64(): 0}
_NOTHING_READ = pa.table(
    [
        pa.array([None if field.nullable else _EMPTY.get(field.type, [])], field.type)
        for field in PARSED.schema
    ],
    schema=PARSED.schema,
)


@dataclass(frozen=True)
class Batch:
    """A stored batch of raw messages, and the place of its parsed sibling."""

    raw: Path
    parsed: Path


@dataclass(frozen=True)
class Day:
    """The submissions of one local day; `day` is null for those without a date."""

    day: date | None
    # submission_id, message_sha256, occurrence, received_at, sources, channel, size_bytes,
    # is_whole, withdrawal
    submissions: pa.Table
    fingerprint: str
    parsed: tuple[Path, ...]


class Vault:
    """The raw and parsed messages of one consultation under `root`."""

    def __init__(self, root: Path, secret: bytes = b"") -> None:
        """`secret` is what the places of withdrawn messages are hidden by."""
        self.root, self._secret = root, secret

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

    def readings(self, columns: Sequence[str]) -> pa.Table:
        """Return these columns of what was read in every message, in no order that matters."""
        schema = pa.schema([PARSED.schema.field(name) for name in columns])
        files = [batch.parsed for batch in self.batches() if batch.parsed.exists()]
        return pa.concat_tables(
            [schema.empty_table(), *(pq.read_table(f, schema=schema) for f in files)]
        )

    # --- what is withdrawn -----------------------------------------------------------------------

    def holding(self, submission_ids: Collection[str]) -> set[str]:
        """Return those of these messages of which something can still be read."""
        return {name for _, held in self._held(submission_ids) for name in held}

    def withdraw(self, submission_ids: Collection[str]) -> None:
        """Forget these messages, for good.

        The rows that say when and where each was received stay, without bytes and with its place
        in the source unreadable: enough to count it, and to know it again.
        """
        wanted = pa.array(sorted(submission_ids), pa.string())
        for batch, held in self._held(submission_ids):
            if held:
                self._forget(batch, wanted)

    def _held(self, submission_ids: Collection[str]) -> Iterator[tuple[Batch, list[str]]]:
        """Yield each batch with those of these messages of which it still holds something."""
        wanted = pa.array(sorted(submission_ids), pa.string())
        columns = ["submission_id", "locator", "holds_bytes"]
        for batch in self.batches() if submission_ids else ():
            rows = pq.read_table(batch.raw, columns=columns)
            is_held = pc.or_(rows["holds_bytes"], pc.invert(_is_hidden(rows["locator"])))
            held = pc.and_(pc.is_in(rows["submission_id"], wanted), is_held)
            yield batch, rows.filter(held)["submission_id"].to_pylist()

    def _forget(self, batch: Batch, wanted: pa.Array) -> None:
        """Write a batch and its parsed sibling again without what these messages said."""
        if batch.parsed.exists():
            parsed = pq.read_table(batch.parsed, schema=PARSED.schema)
            kept = parsed.filter(pc.invert(pc.is_in(parsed["submission_id"], wanted)))
            write_parquet(batch.parsed, kept, {"reader": read_note(batch.parsed, "reader") or ""})
        rows = pq.read_table(batch.raw, schema=DELIVERIES.schema)
        gone = pc.is_in(rows["submission_id"], wanted)
        hides = pc.and_(gone, pc.invert(_is_hidden(rows["locator"]))).to_pylist()
        places = zip(rows["locator"].to_pylist(), hides, strict=True)
        columns = {
            "locator": pa.array([self.hidden(p) if hide else p for p, hide in places], pa.string()),
            "holds_bytes": pc.and_(rows["holds_bytes"], pc.invert(gone)),
            "raw": pc.if_else(gone, pa.scalar(None, pa.large_binary()), rows["raw"]),
        }
        changed = [columns.get(name, rows[name]) for name in rows.schema.names]
        write_parquet(batch.raw, pa.table(changed, schema=DELIVERIES.schema))

    def hidden(self, locator: str) -> str:
        """Return a place that can be compared and not read: it may be somebody's name."""
        place, _, name = locator.partition(":")
        digest = hmac.new(self._secret, name.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return f"{place}:{_HIDDEN}{digest.hexdigest()}"

    # --- days ------------------------------------------------------------------------------------

    def days(
        self,
        timezone: ZoneInfo,
        until: date,
        withdrawn: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Day]:
        """Return the days up to `until`, in order; submissions without a date come first.

        A submission seen in several sources counts once, at the earliest reception; `withdrawn`
        tells why people withdrew it. The fingerprint of a day changes when its submissions, their
        dates, sources or channels do, or when one of them is withdrawn.
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
        reasons = [withdrawn.get(name) for name in rows["submission_id"].to_pylist()]
        rows = rows.append_column("withdrawal", pa.array(reasons, pa.string()))
        return [self._day(day, rows.take(indices)) for day, indices in starts.items()]

    def _day(self, day: date | None, rows: pa.Table) -> Day:
        raw = self.root / "raw"
        holders = sorted(set(rows["filename"].to_pylist()))
        lines = zip(
            rows["submission_id"].to_pylist(),
            rows["received_at"].cast(pa.int64()).to_pylist(),
            rows["sources"].to_pylist(),
            rows["channel"].to_pylist(),
            rows["withdrawal"].to_pylist(),
            strict=True,
        )
        return Day(
            day,
            rows.drop_columns(["received_date", "filename"]),
            sha256_of(f"{s} {r} {' '.join(n)} {c} {w or ''}" for s, r, n, c, w in lines),
            tuple(self.root / "parsed" / Path(h).relative_to(raw) for h in holders),
        )

    def parsed(self, day: Day) -> pa.Table:
        """Return what was read in the messages of a day, in the order of `day.submissions`.

        In a message that was withdrawn, nothing.
        """
        wanted = day.submissions["submission_id"].combine_chunks()
        files = (pq.read_table(f, schema=PARSED.schema) for f in day.parsed)
        table = pa.concat_tables([*files, _NOTHING_READ])
        positions = pc.index_in(wanted, table["submission_id"].combine_chunks())
        rows = table.take(pc.fill_null(positions, table.num_rows - 1))
        place = PARSED.schema.get_field_index("submission_id")
        return rows.set_column(place, PARSED.schema.field("submission_id"), wanted)

    # --- whose it is -----------------------------------------------------------------------------

    @property
    def consultation(self) -> str | None:
        """The short name of the consultation whose messages these are."""
        path = self.root / "consultation"
        return path.read_text(encoding="ascii").strip() if path.exists() else None

    def bind_consultation(self, name: str) -> None:
        """Remember whose messages these are: another consultation is refused."""
        write_bytes(self.root / "consultation", f"{name}\n".encode("ascii"))

    # --- the key's fingerprint -------------------------------------------------------------------

    @property
    def key_fingerprint(self) -> str | None:
        """The fingerprint of the key under which this consultation's pseudonyms were made."""
        path = self.root / "key.sha256"
        return path.read_text(encoding="ascii").strip() if path.exists() else None

    def bind_key(self, fingerprint: str) -> None:
        """Remember the key's fingerprint: from now on another key is refused."""
        write_bytes(self.root / "key.sha256", f"{fingerprint}\n".encode("ascii"))


def _is_hidden(locators: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.match_substring_regex(locators, rf"^[^:]*:{_HIDDEN}[0-9a-f]{{64}}$")


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
