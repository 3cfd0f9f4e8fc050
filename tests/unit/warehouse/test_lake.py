from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from warehouse.lake import Lake, code_fingerprint, places

SCHEMA = pa.schema([("mot", pa.string()), ("received_date", pa.date32()), ("rang", pa.int64())])
NINTH, TENTH = date(2020, 1, 9), date(2020, 1, 10)


def rows(day: date | None, *words: str) -> pa.Table:
    count = range(len(words))
    return pa.table([list(words), [day for _ in count], list(count)], schema=SCHEMA)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.mark.parametrize("day", [NINTH, None], ids=["a day", "without date"])
def test_a_partition_and_its_fingerprint_are_read_back(lake: Lake, day: date | None) -> None:
    lake.write("mots", day, rows(day, "lampadaire", "gendarme"), "empreinte")
    assert lake.fingerprint("mots", day) == "empreinte"
    assert lake.read("mots", [day], SCHEMA).equals(rows(day, "lampadaire", "gendarme"))


def test_a_partition_that_is_absent_has_no_fingerprint_and_no_row(lake: Lake) -> None:
    assert lake.fingerprint("mots", NINTH) is None
    assert lake.read("mots", [NINTH, None], SCHEMA).equals(SCHEMA.empty_table())
    lake.write("mots", NINTH, rows(NINTH, "lampadaire"), "empreinte")
    assert lake.read("mots", [None, NINTH, TENTH], SCHEMA).equals(rows(NINTH, "lampadaire"))
    assert lake.fingerprint("mots", TENTH) is None
    assert lake.fingerprint("autres", NINTH) is None


def test_days_are_read_in_the_order_asked(lake: Lake) -> None:
    lake.write("mots", NINTH, rows(NINTH, "un"), "a")
    lake.write("mots", TENTH, rows(TENTH, "deux"), "b")
    lake.write("mots", None, rows(None, "zéro"), "c")
    found = lake.read("mots", [TENTH, None, NINTH], SCHEMA, ["mot"])
    assert found.to_pydict() == {"mot": ["deux", "zéro", "un"]}


def test_some_rows_of_some_days_are_read_in_the_order_asked(lake: Lake) -> None:
    lake.write("mots", NINTH, rows(NINTH, "lampadaire", "gendarme"), "empreinte")
    lake.write("mots", TENTH, rows(TENTH, "police", "nuit"), "empreinte")
    days = [None, NINTH, TENTH]
    some = lake.take("mots", days, SCHEMA, np.array([3, 0, 1]))
    assert some["mot"].to_pylist() == ["nuit", "lampadaire", "gendarme"]
    assert lake.take("mots", days, SCHEMA, np.array([], dtype=np.int64)) == SCHEMA.empty_table()


def test_a_partition_made_again_takes_the_place_of_the_first(lake: Lake) -> None:
    lake.write("mots", NINTH, rows(NINTH, "un", "deux"), "a")
    lake.write("mots", NINTH, rows(NINTH, "trois"), "b")
    assert lake.fingerprint("mots", NINTH) == "b"
    assert lake.read("mots", [NINTH], SCHEMA)["mot"].to_pylist() == ["trois"]


def test_a_partition_tells_by_which_means_it_was_made_or_that_these_are_its_own(lake: Lake) -> None:
    assert lake.made_by("mots", NINTH) is None
    lake.write("mots", NINTH, rows(NINTH, "un"), "a", "moyens")
    assert (lake.fingerprint("mots", NINTH), lake.made_by("mots", NINTH)) == ("a", "moyens")
    lake.write("mots", NINTH, rows(NINTH, "un"), "b")
    assert lake.made_by("mots", NINTH) == "b"


def test_rows_are_laid_out_in_the_order_of_their_keys() -> None:
    keys = pa.chunked_array([["c", "a", "z"], [], ["a", "b", "c"]], pa.string())
    order = pa.chunked_array([["a", "absent"], ["c", "b"]])
    assert places(keys, order).to_pylist() == [1, 3, 0, 5, 4]
    assert places(keys, order[:0]).to_pylist() == []


def test_the_program_has_one_fingerprint() -> None:
    assert len(code_fingerprint()) == 64
    assert code_fingerprint() == code_fingerprint.__wrapped__()
