"""The vault: every message as it came, and what was read in it. Personal data; the only truth.

Raw messages stand in Parquet batches by received date; a batch's parsed sibling has the same name.
What has been fetched is known from here alone, so a cursor can never run ahead of what is stored.
What people read in messages and typed stands beside: nothing that the program read is lost.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.contracts import DELIVERIES, DISCARDED, KEPT, PARSED, TYPED
from warehouse.engine import connect
from warehouse.files import (
    REBUILD,
    RESTORE,
    DamagedError,
    opened,
    read_note,
    read_parquet,
    remove_folder,
    sha256_of,
    unreadable,
    write_bytes,
    write_parquet,
)
from warehouse.sql import read_sql
from warehouse.stored import write_stored

UNDATED = "sans-date"
_HIDDEN = "~"
_read_held = partial(read_parquet, remedy=RESTORE)  # what came, and what people typed
_read_made = partial(read_parquet, remedy=REBUILD)  # what the program read in it
_EMPTY = {pa.string(): "", pa.bool_(): False, pa.int64(): 0}
SIGHTING = tuple(name for name in DELIVERIES.schema.names if name != "raw")
_OF_SUBMISSIONS = [
    *("submission_id", "message_sha256", "occurrence", "source", "channel", "locator"),
    *("received_at", "size_bytes", "is_whole", "holds_bytes"),
]
FOUND_SINCE = pa.schema(
    [
        DELIVERIES.schema.field("submission_id"),
        DELIVERIES.schema.field("fetched_at"),
        pa.field("received_date", pa.date32()),
    ]
)
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
    # is_whole, withdrawal, person_reading
    submissions: pa.Table
    fingerprint: str
    parsed: tuple[Path, ...]

    @property
    def is_read_by_people(self) -> bool:
        """Whether people read some of its messages in the place of the program."""
        return bool(self.submissions["person_reading"].null_count < self.submissions.num_rows)

    def as_program_reads(self) -> Day:
        """Return the same day, whatever people read in its messages set aside."""
        place = self.submissions.schema.get_field_index("person_reading")
        nothing = pa.nulls(self.submissions.num_rows, pa.string())
        rows = self.submissions.set_column(place, "person_reading", nothing)
        return replace(self, submissions=rows)


class Vault:
    """The raw and parsed messages of one consultation under `root`."""

    def __init__(self, root: Path, secret: bytes = b"") -> None:
        """`secret` is what the places of withdrawn messages are hidden by."""
        self.root, self._secret = root, secret

    # --- what is known ---------------------------------------------------------------------------

    def deliveries(self, columns: Sequence[str] = SIGHTING) -> pa.Table:
        """Return these columns of every sighting of a message, by default all but its bytes."""
        schema = pa.schema([DELIVERIES.schema.field(name) for name in columns])
        parts = (_read_held(batch.raw, schema=schema) for batch in self.batches())
        return pa.concat_tables([schema.empty_table(), *parts])

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
            write_stored(self._folder("raw", day) / f"{name}.parquet", rows)

    def check(self) -> None:
        """Raise DamagedError when something that came, or was typed, is not what was stored."""
        for batch in self.batches():
            rows = _read_held(batch.raw, schema=DELIVERIES.schema).filter(pc.field("holds_bytes"))
            for sha256, raw in zip(rows["message_sha256"], rows["raw"], strict=True):
                if hashlib.sha256(raw.as_buffer()).hexdigest() != sha256.as_py():
                    raise DamagedError(batch.raw, RESTORE)
        self.typed()

    def stored_since(self, since: datetime, until: date) -> pa.Table:
        """Return the messages first seen after an instant and received up to a day, in no order.

        Columns submission_id, received_date and fetched_at. Batches of earlier fetches are told
        by the statistics of their files.
        """
        columns = ["submission_id", "fetched_at"]
        wanted = (pc.field("fetched_at") > since) & pc.field("holds_bytes")
        parts = [FOUND_SINCE.empty_table()]
        for batch in self.batches():
            name = batch.raw.parent.name.partition("=")[2]
            if name != UNDATED and (day := date.fromisoformat(name)) <= until:
                rows = _read_held(batch.raw, columns=columns, filters=wanted)
                dates = pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows)
                parts.append(rows.append_column("received_date", dates).cast(FOUND_SINCE))
        return pa.concat_tables(parts)

    def _folder(self, kind: str, day: str) -> Path:
        return self.root / kind / f"received_date={day}"

    def damaged(self, *, whole: bool) -> list[Path]:
        """Return the files that cannot be read; with `whole`, also whose messages have changed."""
        lost = unreadable(self.root, whole=whole)
        changed = (batch.raw for batch in self.batches() if whole and batch.raw not in lost)
        return [*lost, *(path for path in changed if not _holds_its_messages(path))]

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
        return _read_held(batch.raw, columns=columns, filters=pc.field("holds_bytes"))

    def write_parsed(self, batch: Batch, parsed: pa.Table, reader: str) -> None:
        """Store what was read in a batch."""
        write_parquet(batch.parsed, parsed.cast(PARSED.schema), {"reader": reader})

    def forget_parsed(self) -> None:
        """Remove what the program read in messages: it can read it again."""
        remove_folder(self.root / "parsed")

    def message(self, submission_id: str) -> bytes | None:
        """Return the bytes of a message; null when the vault does not hold it."""
        wanted = (pc.field("submission_id") == submission_id) & pc.field("holds_bytes")
        for batch in self.batches():
            found = _read_held(batch.raw, columns=["raw"], filters=wanted)["raw"]
            if len(found):
                return bytes(found[0].as_py())
        return None

    def readings(self, columns: Sequence[str]) -> pa.Table:
        """Return these columns of what was read in every message, in no order that matters."""
        schema = pa.schema([PARSED.schema.field(name) for name in columns])
        return pa.concat_tables([schema.empty_table(), *self.readings_by_batch(columns)])

    def readings_by_batch(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield these columns of what was read in every message, a batch at a time."""
        schema = pa.schema([PARSED.schema.field(name) for name in columns])
        for batch in self.batches():
            if batch.parsed.exists():
                yield _read_made(batch.parsed, schema=schema)

    # --- what a person read ----------------------------------------------------------------------

    def typed(self) -> pa.Table:
        """Return every text that a person typed, those of decisions undone since too."""
        parts = (_read_held(file, schema=TYPED.schema) for file in self._typed_files())
        return pa.concat_tables([TYPED.schema.empty_table(), *parts])

    def add_typed(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add texts, all of them or none; those held already stay as they are.

        Whoever adds some holds the home's lock.
        """
        held = set(self.typed()["typed_id"].to_pylist())
        new = {row["typed_id"]: row for row in rows if row["typed_id"] not in held}
        if new:
            name = f"{len(self._typed_files()) + 1:06}.parquet"
            added = pa.Table.from_pylist(list(new.values()), schema=TYPED.schema)
            write_stored(self.root / "typed" / name, added)

    def _typed_files(self) -> list[Path]:
        return sorted((self.root / "typed").glob("[0-9]*.parquet"))

    # --- what is withdrawn -----------------------------------------------------------------------

    def holding(self, submission_ids: Collection[str]) -> set[str]:
        """Return those of these messages of which something can still be read."""
        typed = set(self.typed()["submission_id"].to_pylist()).intersection(submission_ids)
        return typed.union(*(held for _, held in self._held(submission_ids)))

    def withdraw(self, submission_ids: Collection[str]) -> None:
        """Forget these messages, for good.

        The rows that say when and where each was received stay, without bytes and with its place
        in the source unreadable: enough to count it, and to know it again.
        """
        wanted = pa.array(sorted(submission_ids), pa.string())
        for batch, held in self._held(submission_ids):
            if held:
                self._forget(batch, wanted)
        self._forget_typed(wanted)

    def _held(self, submission_ids: Collection[str]) -> Iterator[tuple[Batch, list[str]]]:
        """Yield each batch with those of these messages of which it still holds something."""
        wanted = pa.array(sorted(submission_ids), pa.string())
        columns = ["submission_id", "locator", "holds_bytes"]
        for batch in self.batches() if submission_ids else ():
            rows = _read_held(batch.raw, columns=columns)
            is_held = pc.or_(rows["holds_bytes"], pc.invert(_is_hidden(rows["locator"])))
            held = pc.and_(pc.is_in(rows["submission_id"], wanted), is_held)
            yield batch, rows.filter(held)["submission_id"].to_pylist()

    def _forget(self, batch: Batch, wanted: pa.Array) -> None:
        """Write a batch and its parsed sibling again without what these messages said."""
        if batch.parsed.exists():
            parsed = _read_made(batch.parsed, schema=PARSED.schema)
            kept = parsed.filter(pc.invert(pc.is_in(parsed["submission_id"], wanted)))
            write_parquet(batch.parsed, kept, {"reader": read_note(batch.parsed, "reader") or ""})
        rows = _read_held(batch.raw, schema=DELIVERIES.schema)
        gone = pc.is_in(rows["submission_id"], wanted)
        hides = pc.and_(gone, pc.invert(_is_hidden(rows["locator"]))).to_pylist()
        places = zip(rows["locator"].to_pylist(), hides, strict=True)
        columns = {
            "locator": pa.array([self.hidden(p) if hide else p for p, hide in places], pa.string()),
            "holds_bytes": pc.and_(rows["holds_bytes"], pc.invert(gone)),
            "raw": pc.if_else(gone, pa.scalar(None, pa.large_binary()), rows["raw"]),
        }
        changed = [columns.get(name, rows[name]) for name in rows.schema.names]
        write_stored(batch.raw, pa.table(changed, schema=DELIVERIES.schema))

    def _forget_typed(self, wanted: pa.Array) -> None:
        """Write the files that hold words typed of these messages again, without them.

        One that holds nothing more stays: its number is not another's.
        """
        for file in self._typed_files():
            rows = _read_held(file, schema=TYPED.schema)
            kept = rows.filter(pc.invert(pc.is_in(rows["submission_id"], wanted)))
            if kept.num_rows < rows.num_rows:
                write_stored(file, kept)

    def hidden(self, locator: str) -> str:
        """Return a place that can be compared and not read: it may be somebody's name."""
        place, _, name = locator.partition(":")
        digest = hmac.digest(self._secret, name.encode("utf-8", "surrogatepass"), "sha256")
        return f"{place}:{_HIDDEN}{digest.hex()}"

    # --- days ------------------------------------------------------------------------------------

    def days(
        self,
        timezone: ZoneInfo,
        until: date,
        withdrawn: Mapping[str, str] = MappingProxyType({}),
        person_readings: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Day]:
        """Return the days up to `until`, in order; submissions without a date come first.

        A submission seen in several sources counts once, at the earliest reception; `withdrawn`
        tells why people withdrew it, `person_readings` what they read in it themselves. The
        fingerprint of a day changes when its submissions, their dates, sources or channels do, or
        when one of them is withdrawn or read by a person.
        """
        batches = self.batches()
        rows = _submissions(batches, timezone, until)
        rows = rows.append_column("withdrawal", _looked_up(rows["submission_id"], withdrawn))
        rows = rows.append_column("person_reading", self._standing(rows, person_readings))
        runs = pc.run_end_encode(rows["received_date"].combine_chunks())
        days, ends = runs.values.to_pylist(), runs.run_ends.to_pylist()
        return [
            _day(day, rows.slice(start, end - start), batches)
            for day, start, end in zip(days, [0, *ends], ends, strict=False)
        ]

    def _standing(self, rows: pa.Table, person_readings: Mapping[str, str]) -> pa.Array:
        """Return what a person read in each submission, where that can still be read.

        Of a message that was withdrawn, or whose words an older vault does not hold: nothing.
        """
        held = set(_pairs(self.typed(), "submission_id", "typed_id"))
        standing = {
            one: reading
            for one, reading in person_readings.items()
            if reading in (KEPT, DISCARDED) or (one, reading) in held
        }
        found = self._of_copies(rows, standing) | standing if standing else {}
        read = _looked_up(rows["submission_id"], found)
        return pc.if_else(pc.is_null(rows["withdrawal"]), read, None)

    def _of_copies(self, rows: pa.Table, readings: Mapping[str, str]) -> dict[str, str]:
        """Return what was read in each copy of the messages that people read.

        A copy found later can be of an earlier reception: it is the one that counts then. A copy
        is of the same bytes; or of the same author, Message-ID and words, as the program reads.
        """
        columns = ["submission_id", "from_address", "message_id", "own_text"]
        parsed = self.readings(columns).drop_null()
        same = [(name, (sha,)) for name, sha in _pairs(rows, "submission_id", "message_sha256")]
        ids = parsed.filter(_among(parsed, readings))["message_id"]
        for row in parsed.filter(pc.is_in(parsed["message_id"], ids.combine_chunks())).to_pylist():
            words = tuple(row["own_text"].split())
            same.append((row["submission_id"], (row["from_address"], row["message_id"], *words)))
        read = {message: readings[name] for name, message in same if name in readings}
        return {name: read[message] for name, message in same if message in read}

    def parsed(self, day: Day, columns: Sequence[str] = tuple(PARSED.schema.names)) -> pa.Table:
        """Return what was read in the messages of a day, in the order of `day.submissions`.

        In a message that a person read, what they read; in one that was withdrawn, nothing.
        """
        # What a person read is told from all that the program did.
        wanted = PARSED.schema.names if day.is_read_by_people else ["submission_id", *columns]
        schema = pa.schema([field for field in PARSED.schema if field.name in wanted])
        ids = day.submissions["submission_id"].combine_chunks()
        files = (_read_made(f, schema=schema) for f in day.parsed)
        table = pa.concat_tables([*files, _NOTHING_READ.select(schema.names)])
        positions = pc.index_in(ids, table["submission_id"].combine_chunks())
        rows = table.take(pc.fill_null(positions, table.num_rows - 1))
        place = schema.get_field_index("submission_id")
        rows = rows.set_column(place, schema.field("submission_id"), ids)
        if day.is_read_by_people:
            rows = self._read_by_people(rows, day.submissions["person_reading"].combine_chunks())
        return rows.select(columns)

    def _read_by_people(self, rows: pa.Table, readings: pa.Array) -> pa.Table:
        """Put what people read in some messages in the place of what the program read."""
        is_read = pc.is_valid(readings)
        typed = {row["typed_id"]: row for row in self.typed().to_pylist()}
        others = [
            _read_by_person(row, reading, typed.get(reading))
            for row, reading in zip(
                rows.filter(is_read).to_pylist(), readings.drop_null().to_pylist(), strict=True
            )
        ]
        count = rows.num_rows
        positions = pc.replace_with_mask(
            pa.array(range(count)), is_read, pa.array(range(count, count + len(others)))
        )
        return pa.concat_tables([rows, pa.Table.from_pylist(others, PARSED.schema)]).take(positions)

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


def _holds_its_messages(path: Path) -> bool:
    """Tell whether the bytes that a batch holds are those of which it has the sums."""
    with opened(path) as source, pq.ParquetFile(source) as file:
        for rows in file.iter_batches(columns=["message_sha256", "raw"]):
            for message_sha256, raw in zip(*(column.to_pylist() for column in rows), strict=True):
                if raw is not None and hashlib.sha256(raw).hexdigest() != message_sha256:
                    return False
    return True


def _submissions(batches: Sequence[Batch], timezone: ZoneInfo, until: date) -> pa.Table:
    """Return a row a submission, in the order of the days; `batch` is the rank of its batch."""
    schema = pa.schema([DELIVERIES.schema.field(name) for name in _OF_SUBMISSIONS])
    parts = [schema.empty_table().append_column("batch", pa.array([], pa.int64()))]
    for rank, batch in enumerate(batches):
        rows = _read_held(batch.raw, schema=schema)
        ranks = pa.repeat(pa.scalar(rank, pa.int64()), rows.num_rows)
        parts.append(rows.append_column("batch", ranks))
    with connect() as connection:
        connection.register("sightings", pa.concat_tables(parts))
        days = {"timezone": timezone.key, "until": until}
        return connection.sql(read_sql("vault/submissions"), params=days).to_arrow_table()


def _day(day: date | None, rows: pa.Table, batches: Sequence[Batch]) -> Day:
    told = (
        rows["submission_id"],
        pc.cast(rows["received_at"].cast(pa.int64()), pa.string()),
        pc.binary_join(rows["sources"], " "),
        *(rows[name] for name in ("channel", "withdrawal", "person_reading")),
    )
    lines = pc.binary_join_element_wise(*told, " ", null_handling="replace", null_replacement="")
    return Day(
        day,
        rows.drop_columns(["received_date", "batch"]),
        sha256_of(lines.to_pylist()),
        tuple(batches[rank].parsed for rank in sorted(pc.unique(rows["batch"]).to_pylist())),
    )


def _looked_up(keys: pa.ChunkedArray, values: Mapping[str, str]) -> pa.ChunkedArray:
    """Return what these keys have as their value; null for the others."""
    places = pc.index_in(keys, pa.array(values.keys(), pa.string()))
    return pc.take(pa.array(values.values(), pa.string()), places)


def _read_by_person(
    row: Mapping[str, Any], reading: str, typed: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return a row of PARSED as a person who read the message would have it.

    They wrote down its words (`typed`), or say that those the program read are to be kept, or that
    there is nothing in it.
    """
    looked = {**row, "is_cover_note": False, "has_unread_part": False, "is_unreadable": False}
    if reading == DISCARDED:
        return looked | {"own_text": "", "content_word_count": 0, "language": None}
    looked["machine"] = None
    if typed is None:
        words = len(row["own_text"].split())  # kept, they count even when all are formulas
        return looked | {"content_word_count": row["content_word_count"] or words}
    return looked | {
        "own_text": typed["own_text"],
        "cut_text": _joined(row["cut_text"], typed["cut_text"]),
        "signature": _joined(row["signature"], typed["signature"]),
        "author_names": list(dict.fromkeys([*row["author_names"], *typed["author_names"]])),
        "content_word_count": typed["content_word_count"],
        "is_revision": row["is_revision"] or typed["is_revision"],
        "from_attachment": row["from_attachment"] or row["has_unread_part"],
        "language": typed["language"],
    }


def _pairs(rows: pa.Table, one: str, other: str) -> Iterator[tuple[str, str]]:
    return zip(rows[one].to_pylist(), rows[other].to_pylist(), strict=True)


def _among(rows: pa.Table, submission_ids: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(rows["submission_id"], pa.array(sorted(submission_ids), pa.string()))


def _joined(*texts: str) -> str:
    return "\n\n".join(filter(None, texts))


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
                table = _deliveries(pending)
                pending, held = [], 0
                yield table
    except Exception:
        if pending:
            yield _deliveries(pending)
        raise
    if pending:
        yield _deliveries(pending)


def _deliveries(rows: Sequence[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=DELIVERIES.schema)
