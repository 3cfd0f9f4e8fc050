"""Which letters a person must see: all but a machine's, whatever becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa

from expectations.published import check_table
from flows.inspection import attention_text, counted
from tasks.alert import flag_day
from tasks.language.attention import LABELS
from tasks.workers import Workers
from warehouse.contracts import ATTENTION, ATTENTION_CODES, PUBLISHED_TABLES
from warehouse.vault import Day

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
        "2020-01-09  s-0000000000000001  demande de la presse : se dit journaliste",
        "Pour lire l'un d'eux (données personnelles) : assises trace s-… --message",
    ]
    assert attention_text([]) == "Aucun message ne demande une lecture particulière."


def test_counts_are_said_in_french() -> None:

    assert counted(Counter(urgence=1, demande=2)) == "1 urgence, 2 demandes personnelles"
