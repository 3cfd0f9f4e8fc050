from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa

from tasks.folds import Days, Stale, fold
from warehouse.files import remove_folder
from warehouse.lake import Lake

ROWS = pa.table({"n": [1]})


def test_a_day_that_is_not_current_is_folded_again_with_all_days_after_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    days = [date(2020, 1, day) for day in (8, 9, 10)]
    folded: list[tuple[list[date | None], list[date | None]]] = []

    class Folding:
        def __init__(self, lake: Lake, past: Days) -> None:
            self.lake, self.past = lake, list(past)

        def add(self, stale: Sequence[Stale]) -> None:
            folded.append((self.past, [day for day, _ in stale]))
            for day, fingerprint in stale:
                self.lake.write("copies", day, ROWS, fingerprint)

    def again() -> None:
        fold(lake, days, "contributions", "copies", "code", Folding)

    for day in days:
        lake.write("contributions", day, ROWS, "c")
    again()
    again()
    remove_folder(lake.path("copies", days[1]).parent)  # lost, and the last day is as it was
    again()
    lake.write("contributions", days[2], ROWS, "late mail")
    again()
    assert folded == [([], days), (days[:1], days[1:]), (days[:2], days[2:])]
