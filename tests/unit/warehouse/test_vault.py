from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.contracts import DELIVERIES, DISCARDED, KEPT, PARSED
from warehouse.vault import Vault, batched

NINTH = datetime(2020, 1, 9, 12, tzinfo=UTC)
LATER = date(2099, 1, 1)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def sighting(
    words: str, received_at: datetime | None = NINTH, source: str = "boite", **other: Any
) -> dict[str, Any]:
    """Return a row of a message seen in a source, with its bytes."""
    raw = words.encode()
    sha256 = hashlib.sha256(raw).hexdigest()
    return {
        "submission_id": f"s-{sha256[:16]}",
        "message_sha256": sha256,
        "occurrence": 0,
        "source": source,
        "locator": f"{source}:{sha256[:8]}",
        "received_at": received_at,
        "fetched_at": NINTH,
        "size_bytes": len(raw),
        "channel": "mail",
        "is_whole": True,
        "media_type": "message/rfc822",
        "holds_bytes": True,
        "raw": raw,
    } | other


def again(words: str, received_at: datetime | None, source: str) -> dict[str, Any]:
    """Return a row of a message seen once more elsewhere: its bytes are kept already."""
    row = sighting(words, received_at, source, holds_bytes=False, raw=None)
    return row | {"locator": f"{source}:revu"}


def add(vault: Vault, zone: ZoneInfo, *rows: dict[str, Any]) -> None:
    vault.add(pa.Table.from_pylist(list(rows), schema=DELIVERIES.schema), zone)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written)


def days_of(vault: Vault, zone: ZoneInfo, until: date = LATER) -> dict[date | None, int]:
    return {d.day: d.submissions.num_rows for d in vault.days(zone, until)}


def test_an_empty_vault_holds_nothing(vault: Vault, paris: ZoneInfo) -> None:
    assert vault.days(paris, LATER) == []
    assert vault.deliveries().num_rows == 0
    assert vault.batches() == []
    assert vault.message("s-0000000000000000") is None


def test_what_is_added_is_read_back(vault: Vault, paris: ZoneInfo) -> None:
    une, deux = sighting("Une lettre"), sighting("Une autre", None)
    add(vault, paris, une, deux)
    assert vault.message(une["submission_id"]) == b"Une lettre"
    assert vault.message(deux["submission_id"]) == b"Une autre"
    stored = {row["submission_id"]: row for row in vault.deliveries().to_pylist()}
    for row in (une, deux):
        expected = {name: value for name, value in row.items() if name != "raw"}
        assert stored[row["submission_id"]] == expected


@pytest.mark.parametrize(
    ("received", "day"),
    [
        pytest.param("2020-01-08T22:59:59.999999+00:00", date(2020, 1, 8), id="before midnight"),
        pytest.param("2020-01-08T23:00:00+00:00", date(2020, 1, 9), id="midnight in winter"),
        pytest.param(
            "2020-07-13T21:59:59+00:00", date(2020, 7, 13), id="before midnight in summer"
        ),
        pytest.param("2020-07-13T22:00:00+00:00", date(2020, 7, 14), id="midnight in summer"),
        pytest.param("2020-03-28T23:00:00+00:00", date(2020, 3, 29), id="start of the 23 hours"),
        pytest.param("2020-03-29T21:59:59+00:00", date(2020, 3, 29), id="end of the 23 hours"),
        pytest.param("2020-03-29T22:00:00+00:00", date(2020, 3, 30), id="after the 23 hours"),
        pytest.param("2020-10-24T22:00:00+00:00", date(2020, 10, 25), id="start of the 25 hours"),
        pytest.param("2020-10-25T22:59:59+00:00", date(2020, 10, 25), id="end of the 25 hours"),
        pytest.param("2020-10-25T23:00:00+00:00", date(2020, 10, 26), id="after the 25 hours"),
        pytest.param("2020-02-29T12:00:00+00:00", date(2020, 2, 29), id="29 February"),
    ],
)
def test_a_day_is_a_local_day(vault: Vault, paris: ZoneInfo, received: str, day: date) -> None:
    add(vault, paris, sighting("Une lettre", at(received)))
    assert days_of(vault, paris) == {day: 1}
    assert [b.raw.parent.name for b in vault.batches()] == [f"received_date={day}"]


def test_days_come_in_order_those_without_date_first(vault: Vault, paris: ZoneInfo) -> None:
    add(vault, paris, sighting("tardive", at("2020-01-11T10:00+01:00")), sighting("nue", None))
    add(vault, paris, sighting("matinale", at("2020-01-09T10:00+01:00")))
    found = vault.days(paris, LATER)
    assert [d.day for d in found] == [None, date(2020, 1, 9), date(2020, 1, 11)]


def test_what_was_received_after_the_day_does_not_exist_yet(vault: Vault, paris: ZoneInfo) -> None:
    add(
        vault,
        paris,
        sighting("à temps", at("2020-01-09T23:59:59.999999+01:00")),
        sighting("le lendemain", at("2020-01-10T00:00:00+01:00")),
        sighting("sans date", None),
    )
    assert days_of(vault, paris, date(2020, 1, 9)) == {None: 1, date(2020, 1, 9): 1}


def test_submissions_of_a_day_come_by_reception_then_content(vault: Vault, paris: ZoneInfo) -> None:
    same = [sighting(words) for words in ("un", "deux", "trois")]
    early = sighting("avant", at("2020-01-09T09:00+00:00"))
    add(vault, paris, *same, early)
    (day,) = vault.days(paris, LATER)
    expected = [early["message_sha256"], *sorted(row["message_sha256"] for row in same)]
    assert day.submissions["message_sha256"].to_pylist() == expected


def test_a_submission_of_two_sources_counts_once_at_its_earliest_reception(
    vault: Vault, paris: ZoneInfo
) -> None:
    add(vault, paris, sighting("Une lettre", at("2020-01-10T08:00+00:00"), "mairie"))
    add(vault, paris, again("Une lettre", at("2020-01-09T08:00+00:00"), "boite"))
    (day,) = vault.days(paris, LATER)
    assert day.day == date(2020, 1, 9)
    (row,) = day.submissions.to_pylist()
    assert row["received_at"] == at("2020-01-09T08:00+00:00")
    assert row["sources"] == ["boite", "mairie"]
    assert vault.message(row["submission_id"]) == b"Une lettre"


def test_a_date_known_to_one_source_only_is_the_date(vault: Vault, paris: ZoneInfo) -> None:
    add(vault, paris, sighting("Une lettre", None, "mairie"))
    add(vault, paris, again("Une lettre", NINTH, "boite"))
    assert days_of(vault, paris) == {date(2020, 1, 9): 1}


def test_the_same_source_twice_is_named_once(vault: Vault, paris: ZoneInfo) -> None:
    add(vault, paris, sighting("Une lettre"))
    add(vault, paris, again("Une lettre", NINTH, "boite"))
    (day,) = vault.days(paris, LATER)
    assert day.submissions["sources"].to_pylist() == [["boite"]]


@pytest.mark.parametrize(
    ("row", "changes"),
    [
        pytest.param(again("Une lettre", NINTH, "mairie"), True, id="a source more"),
        pytest.param(
            again("Une lettre", at("2020-01-09T11:00+00:00"), "boite"), True, id="earlier"
        ),
        pytest.param(sighting("Une autre"), True, id="a submission more"),
        pytest.param(again("Une lettre", NINTH, "boite"), False, id="another name"),
        pytest.param(sighting("Demain", at("2020-01-10T08:00+00:00")), False, id="another day"),
    ],
)
def test_a_day_has_another_fingerprint_when_it_changes(
    vault: Vault, paris: ZoneInfo, row: dict[str, Any], *, changes: bool
) -> None:
    add(vault, paris, sighting("Une lettre"))
    before = vault.days(paris, date(2020, 1, 9))[0].fingerprint
    add(vault, paris, row)
    assert (vault.days(paris, date(2020, 1, 9))[0].fingerprint != before) is changes


def test_a_day_has_the_same_fingerprint_however_it_was_fetched(
    tmp_path: Path, paris: ZoneInfo
) -> None:
    together, apart = Vault(tmp_path / "ensemble"), Vault(tmp_path / "séparément")
    rows = [sighting(words) for words in ("un", "deux", "trois")]
    add(together, paris, *rows)
    for row in reversed(rows):
        add(apart, paris, row)
    fingerprints = [[d.fingerprint for d in v.days(paris, LATER)] for v in (together, apart)]
    assert fingerprints[0] == fingerprints[1]


def read_all(vault: Vault, reader: str) -> None:
    """Read every unread batch as words that are the message's bytes."""
    words = ["subject", "cut_text", "signature"]
    lists = ["author_names", "attachments", "defects"]
    flags = [name for name in PARSED.schema.names if PARSED.schema.field(name).type == pa.bool_()]
    empty: dict[str, Any] = (
        dict.fromkeys(words, "") | {n: [] for n in lists} | dict.fromkeys(flags, False)
    )
    for batch in vault.unparsed(reader):
        rows = [
            empty
            | {
                "submission_id": message["submission_id"],
                "own_text": message["raw"].decode(),
                "content_word_count": 1,
            }
            for message in vault.messages(batch).to_pylist()
        ]
        vault.write_parsed(batch, pa.Table.from_pylist(rows, schema=PARSED.schema), reader)


def test_what_was_read_comes_in_the_order_of_the_submissions(vault: Vault, paris: ZoneInfo) -> None:
    add(vault, paris, sighting("après-midi", at("2020-01-09T15:00+00:00")), sighting("midi"))
    add(vault, paris, sighting("demain", at("2020-01-10T15:00+00:00")))
    add(vault, paris, sighting("vue demain", at("2020-01-10T09:00+00:00"), "mairie"))
    add(vault, paris, again("vue demain", at("2020-01-09T09:00+00:00"), "boite"))
    read_all(vault, "lecteur")
    ninth, tenth = vault.days(paris, LATER)
    assert vault.parsed(ninth)["own_text"].to_pylist() == ["vue demain", "midi", "après-midi"]
    assert vault.parsed(ninth)["submission_id"].equals(ninth.submissions["submission_id"])
    assert vault.parsed(tenth)["own_text"].to_pylist() == ["demain"]


@pytest.mark.parametrize("is_read", [True, False], ids=["by a person", "by the program"])
def test_some_columns_of_what_was_read_are_those_of_the_whole(
    vault: Vault, paris: ZoneInfo, scan: str, *, is_read: bool
) -> None:
    text = typed("scan", "La gare est sombre.")
    vault.add_typed([text])
    day, _ = vault.days(paris, LATER, {}, {scan: text["typed_id"]} if is_read else {})
    columns = ["own_text", "content_word_count"]
    assert vault.parsed(day, columns).equals(vault.parsed(day).select(columns))


def test_a_batch_is_read_once_by_a_reader_and_again_by_another(
    vault: Vault, paris: ZoneInfo
) -> None:
    add(vault, paris, sighting("Une lettre"))
    assert len(vault.unparsed("premier")) == 1
    read_all(vault, "premier")
    assert vault.unparsed("premier") == []
    assert len(vault.unparsed("second")) == 1


def test_adding_the_same_sightings_again_changes_no_file(vault: Vault, paris: ZoneInfo) -> None:
    add(vault, paris, sighting("Une lettre"), sighting("Une autre"))
    before = {b.raw: b.raw.read_bytes() for b in vault.batches()}
    add(vault, paris, sighting("Une lettre"), sighting("Une autre"))
    assert {b.raw: b.raw.read_bytes() for b in vault.batches()} == before


@pytest.mark.parametrize(
    ("size", "weight", "cut"),
    [
        pytest.param(2, 1000, [2, 2, 1], id="by number"),
        pytest.param(100, 6, [2, 2, 1], id="by weight"),
        pytest.param(100, 1, [1, 1, 1, 1, 1], id="each too heavy"),
        pytest.param(100, 1000, [5], id="all together"),
    ],
)
def test_rows_are_cut_by_number_and_by_weight(size: int, weight: int, cut: list[int]) -> None:
    rows = [sighting(words) for words in ("un.", "deu", "tro", "qua", "cin")]
    tables = list(batched(rows, size, weight))
    assert [t.num_rows for t in tables] == cut
    assert pa.concat_tables(tables)["raw"].to_pylist() == [r["raw"] for r in rows]


def test_nothing_is_cut_into_no_table() -> None:
    assert list(batched([], 10, 10)) == []


# --- what is withdrawn ---------------------------------------------------------------------------


def test_of_a_withdrawn_message_nothing_is_left_but_when_it_came(
    vault: Vault, paris: ZoneInfo
) -> None:
    gone, kept = sighting("gone", locator="b5:jeanne.martin.eml"), sighting("kept")
    add(vault, paris, gone, kept, again("gone", NINTH, "archive"))
    read_all(vault, "reader")
    assert vault.holding({gone["submission_id"]}) == {gone["submission_id"]}
    vault.withdraw({gone["submission_id"]})
    assert vault.holding({gone["submission_id"], kept["submission_id"]}) == {kept["submission_id"]}
    rows = {(r["submission_id"], r["source"]): r for r in vault.deliveries().to_pylist()}
    assert rows[gone["submission_id"], "boite"]["locator"] == vault.hidden("b5:jeanne.martin.eml")
    assert "martin" not in vault.hidden("b5:jeanne.martin.eml")
    keyed = Vault(vault.root, b"k" * 32).hidden("b5:jeanne.martin.eml")
    assert keyed != vault.hidden("b5:jeanne.martin.eml")
    assert not rows[gone["submission_id"], "boite"]["holds_bytes"]
    assert vault.message(gone["submission_id"]) is None
    assert vault.message(kept["submission_id"]) == b"kept"
    assert vault.readings(["submission_id"])["submission_id"].to_pylist() == [kept["submission_id"]]
    assert days_of(vault, paris) == {date(2020, 1, 9): 2}


def test_a_batch_with_a_withdrawn_message_is_not_read_again(vault: Vault, paris: ZoneInfo) -> None:
    add(vault, paris, sighting("gone"), sighting("kept"))
    read_all(vault, "reader")
    vault.withdraw({sighting("gone")["submission_id"]})
    assert vault.unparsed("reader") == []


def test_withdrawing_again_finds_nothing_to_forget(vault: Vault, paris: ZoneInfo) -> None:
    add(vault, paris, sighting("gone"))
    read_all(vault, "reader")
    vault.withdraw({sighting("gone")["submission_id"]})
    before = {path: path.stat().st_mtime_ns for path in vault.root.rglob("*.parquet")}
    vault.withdraw({sighting("gone")["submission_id"], "s-0000000000000000"})
    assert {path: path.stat().st_mtime_ns for path in vault.root.rglob("*.parquet")} == before


def test_what_was_withdrawn_reads_as_nothing_on_its_day(vault: Vault, paris: ZoneInfo) -> None:
    add(vault, paris, sighting("gone"), sighting("kept"))
    read_all(vault, "reader")
    gone = sighting("gone")["submission_id"]
    vault.withdraw({gone})
    (day,) = vault.days(paris, LATER, {gone: "withdrawn"})
    texts = dict(
        zip(
            day.submissions["submission_id"].to_pylist(),
            vault.parsed(day)["own_text"].to_pylist(),
            strict=True,
        )
    )
    assert texts == {gone: "", sighting("kept")["submission_id"]: "kept"}
    assert sorted(day.submissions["withdrawal"].to_pylist(), key=str) == [None, "withdrawn"]


def test_a_withdrawal_changes_the_fingerprint_of_its_day_only(
    vault: Vault, paris: ZoneInfo
) -> None:
    add(vault, paris, sighting("one"), sighting("two", at("2020-01-10T12:00:00Z")))
    before = [day.fingerprint for day in vault.days(paris, LATER)]
    withdrawn = {sighting("two")["submission_id"]: "disowned"}
    after = [day.fingerprint for day in vault.days(paris, LATER, withdrawn)]
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)


# --- what a person read --------------------------------------------------------------------------


def typed(words: str, text: str, **other: Any) -> dict[str, Any]:
    """Return a row of what a person typed in the message of these words."""
    return {
        "typed_id": f"t-{hashlib.sha256(text.encode()).hexdigest()[:16]}",
        "submission_id": sighting(words)["submission_id"],
        "own_text": text,
        "cut_text": "",
        "signature": "Paul Petit",
        "author_names": ["Paul Petit"],
        "content_word_count": len(text.split()),
        "is_revision": False,
        "language": "fr",
        "typed_at": NINTH,
        "typed_by": "agent",
    } | other


def test_words_typed_twice_are_held_once(vault: Vault) -> None:
    vault.add_typed([typed("scan", "La rue est sombre.", typed_by="une")])
    vault.add_typed([typed("scan", "La rue est sombre.", typed_by="autre"), typed("scan", "Non.")])
    vault.add_typed([typed("scan", "Non.")])
    rows = vault.typed().to_pylist()
    assert [(row["own_text"], row["typed_by"]) for row in rows] == [
        ("La rue est sombre.", "une"),
        ("Non.", "agent"),
    ]
    assert len(list((vault.root / "typed").iterdir())) == 2


@pytest.fixture
def scan(vault: Vault, paris: ZoneInfo) -> str:
    """A message whose attachment waits for a person, among others of two days; its identifier."""
    later = sighting("demain", at("2020-01-10T12:00:00Z"))
    add(vault, paris, sighting("avant"), sighting("scan"), sighting("zèbre"), later)
    read_all(vault, "lecteur")
    name: str = sighting("scan")["submission_id"]
    for batch in vault.batches():
        rows = pq.read_table(batch.parsed).to_pylist()
        for row in rows:
            if row["submission_id"] == name:
                row |= {"own_text": "Ci-joint ma lettre.", "content_word_count": 0}
                row |= {"machine": "auto_reply", "is_unreadable": True, "is_cover_note": True}
                row |= {"has_unread_part": True, "signature": "L'amicale"}
        vault.write_parsed(batch, pa.Table.from_pylist(rows, schema=PARSED.schema), "lecteur")
    return name


def read_by_people(vault: Vault, zone: ZoneInfo, name: str, reading: str) -> dict[str, Any]:
    """Return the row of a message once people read it; nothing else of its day changes."""
    before, _ = vault.days(zone, LATER)
    day, _ = vault.days(zone, LATER, person_readings={name: reading})
    rows, program = (vault.parsed(d).to_pylist() for d in (day, before))
    assert vault.parsed(day).schema == PARSED.schema
    assert [row for row in rows if row["submission_id"] != name] == [
        row for row in program if row["submission_id"] != name
    ]
    (row,) = (row for row in rows if row["submission_id"] == name)
    assert not any(row[name] for name in ("is_unreadable", "has_unread_part", "is_cover_note"))
    return dict(row)


def test_typed_words_take_the_place_of_what_was_read(
    vault: Vault, paris: ZoneInfo, scan: str
) -> None:
    text = typed("scan", "La gare est sombre.", is_revision=True)
    vault.add_typed([typed("scan", "Autre chose."), text])
    row = read_by_people(vault, paris, scan, text["typed_id"])
    assert (row["own_text"], row["content_word_count"]) == ("La gare est sombre.", 4)
    assert (row["language"], row["machine"], row["from_attachment"]) == ("fr", None, True)
    assert (row["signature"], row["author_names"]) == ("L'amicale\n\nPaul Petit", ["Paul Petit"])
    assert row["is_revision"]


def test_what_is_kept_counts_as_the_program_read_it(
    vault: Vault, paris: ZoneInfo, scan: str
) -> None:
    row = read_by_people(vault, paris, scan, KEPT)
    assert (row["own_text"], row["content_word_count"]) == ("Ci-joint ma lettre.", 3)
    assert (row["machine"], row["from_attachment"]) == (None, False)


def test_in_what_is_discarded_there_is_nothing(vault: Vault, paris: ZoneInfo, scan: str) -> None:
    row = read_by_people(vault, paris, scan, DISCARDED)
    assert (row["own_text"], row["content_word_count"]) == ("", 0)
    assert row["machine"] == "auto_reply"


def test_a_reading_changes_the_fingerprint_of_its_day_until_it_is_undone(
    vault: Vault, paris: ZoneInfo, scan: str
) -> None:
    texts = [typed("scan", "La gare est sombre."), typed("scan", "La gare est fermée.")]
    before = [day.fingerprint for day in vault.days(paris, LATER)]
    vault.add_typed(texts)
    assert [day.fingerprint for day in vault.days(paris, LATER)] == before
    readings = [KEPT, DISCARDED, *(text["typed_id"] for text in texts)]
    after = [
        [day.fingerprint for day in vault.days(paris, LATER, person_readings={scan: reading})]
        for reading in readings
    ]
    assert {second for _, second in after} == {before[1]}
    assert len({before[0], *(first for first, _ in after)}) == 5


@pytest.mark.parametrize("of", ["nobody", "another message"])
def test_words_that_the_vault_does_not_hold_of_a_message_replace_nothing(
    vault: Vault, paris: ZoneInfo, scan: str, of: str
) -> None:
    text = typed("avant", "La gare est sombre.")
    if of == "another message":
        vault.add_typed([text])
    before, _ = vault.days(paris, LATER)
    day, _ = vault.days(paris, LATER, person_readings={scan: text["typed_id"]})
    assert day.fingerprint == before.fingerprint
    assert vault.parsed(day).equals(vault.parsed(before))


def test_typed_words_go_with_their_message(vault: Vault, paris: ZoneInfo, scan: str) -> None:
    gone, kept = typed("scan", "La gare est sombre."), typed("avant", "Le marché manque de bancs.")
    vault.add_typed([gone])
    vault.add_typed([kept])
    vault.withdraw({scan})
    assert vault.typed()["typed_id"].to_pylist() == [kept["typed_id"]]
    day, _ = vault.days(paris, LATER, {scan: "withdrawn"}, {scan: gone["typed_id"]})
    plain, _ = vault.days(paris, LATER, {scan: "withdrawn"})
    assert day.fingerprint == plain.fingerprint
    vault.add_typed([gone])  # somebody had the workbook still open
    assert vault.holding({scan}) == {scan}
    vault.withdraw({scan})
    assert vault.holding({scan}) == set()
    assert vault.typed()["typed_id"].to_pylist() == [kept["typed_id"]]


@pytest.mark.parametrize(
    ("other", "is_copy"),
    [
        pytest.param({}, True, id="relayed"),
        pytest.param({"own_text": "Ci-joint  ma\nlettre."}, True, id="other line ends"),
        pytest.param({"own_text": "Une autre lettre."}, False, id="other words"),
        pytest.param({"from_address": "x@autre.example"}, False, id="a borrowed Message-ID"),
        pytest.param({"from_address": None}, False, id="of nobody in particular"),
        pytest.param({"message_id": "2@essai.example"}, False, id="another message"),
    ],
)
def test_what_was_read_in_a_message_is_read_in_its_copies(
    vault: Vault, paris: ZoneInfo, other: dict[str, Any], *, is_copy: bool
) -> None:
    early = at("2020-01-08T12:00:00Z")
    add(vault, paris, sighting("scan"), sighting("copie", early), sighting("autre", early))
    read_all(vault, "lecteur")
    same = {"from_address": "jeanne@essai.example", "message_id": "1@essai.example"}
    same |= {"own_text": "Ci-joint ma lettre."}
    of = {sighting("scan")["submission_id"]: same, sighting("copie")["submission_id"]: same | other}
    for batch in vault.batches():
        rows = [r | of.get(r["submission_id"], {}) for r in pq.read_table(batch.parsed).to_pylist()]
        vault.write_parsed(batch, pa.Table.from_pylist(rows, schema=PARSED.schema), "lecteur")
    text = typed("scan", "La gare est sombre.")
    vault.add_typed([text])
    reading = {sighting("scan")["submission_id"]: text["typed_id"]}
    eighth, ninth = vault.days(paris, LATER, person_readings=reading)
    assert vault.parsed(ninth)["own_text"].to_pylist() == ["La gare est sombre."]
    texts = {"autre", "La gare est sombre." if is_copy else (same | other)["own_text"]}
    assert set(vault.parsed(eighth)["own_text"].to_pylist()) == texts


def test_what_was_read_in_a_copy_itself_stands(vault: Vault, paris: ZoneInfo) -> None:
    add(vault, paris, sighting("scan"), sighting("scan", submission_id="s-0000000000000002"))
    read_all(vault, "lecteur")
    readings = {sighting("scan")["submission_id"]: KEPT}
    (day,) = vault.days(paris, LATER, person_readings=readings)
    assert day.submissions["person_reading"].to_pylist() == [KEPT, KEPT]
    (day,) = vault.days(paris, LATER, person_readings=readings | {"s-0000000000000002": DISCARDED})
    assert sorted(day.submissions["person_reading"].to_pylist()) == [KEPT, DISCARDED]


def test_messages_first_seen_since_an_instant_are_told_by_their_day(
    vault: Vault, paris: ZoneInfo
) -> None:
    since, later = at("2020-01-12T06:00+00:00"), at("2020-01-12T06:00:01+00:00")
    add(vault, paris, sighting("Avant", fetched_at=since))
    late = sighting("Trouvée", at("2020-01-09T23:30+00:00"), fetched_at=later)
    new = sighting("Du jour", at("2020-01-12T05:00+00:00"), fetched_at=later)
    undated = sighting("Sans date", None, fetched_at=later)
    seen_again = again("Avant", NINTH, "autre") | {"fetched_at": later}
    add(vault, paris, late, new, undated, seen_again)
    found = vault.stored_since(since, date(2020, 1, 11))
    assert found.to_pylist() == [
        {
            "submission_id": late["submission_id"],
            "fetched_at": later,
            "received_date": date(2020, 1, 10),
        }
    ]
