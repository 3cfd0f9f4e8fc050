"""Which letters a person must see: all but a machine's, whatever becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from expectations.published import check_table
from flows.inspection import attention, attention_sentence, attention_text, counted
from tasks.alert import alert, all_read, flag_day, keys
from tasks.language.attention import LABELS
from tasks.workers import Workers
from warehouse.contracts import (
    ATTENTION,
    ATTENTION_CODES,
    DELIVERIES,
    DISCARDED,
    PUBLISHED_TABLES,
)
from warehouse.home import Home
from warehouse.vault import Day, Vault

ReadDay = Callable[..., tuple[Day, pa.Table]]
NINTH = date(2020, 1, 9)
PRESS = "Journaliste à La Gazette, je prépare un article et souhaite un entretien avec la préfète."
DANGER = "Mon mari me frappe, il a dit qu'il allait me tuer ce soir, je vous en supplie aidez-moi."
PLAIN = "Il faudrait davantage de patrouilles le soir dans le centre du bourg."


def test_letters_are_flagged_in_their_order_with_their_day(read_day: ReadDay) -> None:
    day, parsed = read_day(NINTH, {"own_text": DANGER}, {"own_text": PLAIN}, {"own_text": PRESS})
    flags = flag_day(day, parsed, Workers(1))
    assert flags.schema.equals(ATTENTION.schema)
    assert check_table(ATTENTION, flags) == []
    first, _, third = parsed["submission_id"].to_pylist()
    found = [(row["submission_id"], row["code"]) for row in flags.to_pylist()]
    assert (first, "urgence") in found
    assert (third, "presse") in found
    assert set(flags["received_date"].to_pylist()) == {NINTH}


def test_a_machine_is_not_read(read_day: ReadDay) -> None:
    day, parsed = read_day(NINTH, {"own_text": DANGER})
    place = parsed.schema.get_field_index("machine")
    parsed = parsed.set_column(place, "machine", pa.array(["auto_reply"]))
    assert flag_day(day, parsed, Workers(1)).num_rows == 0


def test_what_is_flagged_is_never_published() -> None:
    published = {column.name for table in PUBLISHED_TABLES for column in table.columns}
    assert ATTENTION not in PUBLISHED_TABLES
    assert "attention" not in published
    assert tuple(LABELS) == ATTENTION_CODES


def test_the_list_says_how_many_which_and_how_to_read_them() -> None:
    row: dict[str, Any] = {
        "submission_id": "s-0000000000000001",
        "received_date": NINTH,
        "code": "presse",
        "why": "se dit journaliste",
    }
    said = attention_text([row])
    assert said.splitlines() == [
        "1 demande de la presse.",
        "09/01/2020  s-0000000000000001  demande de la presse : se dit journaliste",
        "Pour lire l'un d'eux (données personnelles) : assises trace s-… --message",
    ]
    assert attention_text([]) == "Aucun message ne demande une lecture particulière."


def test_counts_are_said_in_french() -> None:

    assert counted(Counter(urgence=1, demande=2)) == "1 urgence, 2 demandes personnelles"


def flags(day: date | None, *numbers: int) -> pa.Table:
    rows = [
        {"submission_id": f"s-{n:016x}", "received_date": day, "code": "urgence", "why": "essai"}
        for n in numbers
    ]
    return pa.Table.from_pylist(rows, schema=ATTENTION.schema)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["submission_id"][-1] for row in rows]


def test_letters_are_listed_by_day_before_anything_is_published(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert attention(home) == []
    for day, letters in ((NINTH, (2,)), (None, (3,)), (date(2020, 1, 8), (1,))):
        home.lake.write("attention", day, flags(day, *letters), "x")
    assert ids(attention(home)) == ["1", "2", "3"]


def test_a_letter_found_at_an_earlier_reception_is_listed_once_then(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for day in (None, NINTH, date(2020, 1, 8)):
        home.lake.write("attention", day, flags(day, 1), "x")
    assert [row["received_date"] for row in attention(home)] == [date(2020, 1, 8)]


def test_a_run_says_what_came_that_day_or_was_not_known() -> None:
    eighth, ninth = flags(date(2020, 1, 8), 1).to_pylist(), flags(NINTH, 2).to_pylist()
    said = attention_sentence([*eighth, *ninth], [*eighth, *ninth], NINTH)
    assert said is not None
    assert "1 urgence." in said
    assert "assises status --attention" in said
    assert attention_sentence(eighth, eighth, NINTH) is None
    new = attention_sentence([], [*eighth, *ninth], NINTH)
    assert new is not None
    assert "2 urgences." in new


def test_running_again_flags_nothing_and_tells_only_what_is_new(
    read_day: ReadDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, parsed = read_day(NINTH, {"own_text": DANGER}, {"own_text": PLAIN})
    home, workers = Home(tmp_path), Workers(1)
    monkeypatch.setattr(Vault, "parsed", lambda *_: parsed)
    first = alert.fn(home.vault, home.lake, [day], workers, "program")
    assert first["urgence"] == 1
    again = alert.fn(home.vault, home.lake, [day], workers, "another program")
    assert again == Counter()
    monkeypatch.setattr("tasks.alert.flag_day", lambda *_: pytest.fail("nothing had changed"))
    assert alert.fn(home.vault, home.lake, [day], workers, "another program") == Counter()


@pytest.mark.parametrize("reading", ["t-0000000000000001", DISCARDED])
def test_what_a_person_typed_adds_to_what_must_be_seen_and_silences_nothing(
    tmp_path: Path, paris: ZoneInfo, read_day: ReadDay, reading: str
) -> None:
    made, parsed = read_day(NINTH, {"own_text": DANGER, "has_unread_part": True})
    (sent,), (read,) = made.submissions.to_pylist(), parsed.to_pylist()
    sighting = {"source": "boite", "locator": "1", "fetched_at": sent["received_at"]}
    sighting |= {"media_type": "message/rfc822", "holds_bytes": True, "raw": b"lettre"}
    vault, scan = Vault(tmp_path), sent["submission_id"]
    vault.add(pa.Table.from_pylist([sent | sighting], schema=DELIVERIES.schema), paris)
    vault.write_parsed(vault.batches()[0], parsed, "lecteur")
    words = {"typed_id": "t-0000000000000001", "typed_at": sent["received_at"], "typed_by": "agent"}
    vault.add_typed([read | words | {"own_text": PRESS}])
    (day,) = vault.days(paris, NINTH, person_readings={scan: reading})
    found = flag_day(day, all_read(vault, day), Workers(1))
    typed = {(scan, "presse")} if reading != DISCARDED else set()
    assert keys(found) >= {(scan, "urgence"), *typed}
    assert vault.parsed(day)["own_text"].to_pylist() == [PRESS if typed else ""]
