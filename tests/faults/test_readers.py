"""What is published is read while it is replaced (row W07): one day, whole, and no refusal."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.faults.publishing import (
    FORKS,
    Witness,
    number_of,
    publish_number,
    read_all,
    read_database,
    read_files,
    read_until,
    start,
)
from warehouse.database import Database
from warehouse.publication import DATABASE, Shelf

READERS = [read_database] * 8 + [read_files] * 2


@pytest.mark.parametrize("publications", [20, pytest.param(50, marks=pytest.mark.deep)])
def test_w07_readers_have_one_day_whole_while_it_is_replaced(
    tmp_path: Path, publications: int
) -> None:
    shelf, witness, done = Shelf(tmp_path), Witness(publications), FORKS.Event()
    publish_number(shelf, 0)
    readers = [start(read_until, tmp_path, witness, done, read) for read in READERS]
    for number in range(1, publications):
        publish_number(shelf, number)
        if number % 5 == 0:  # the others are replaced at once
            witness.wait_for(number)
    done.set()
    met = set[int]()
    for process, told in readers:
        (found,) = read_all(told)
        process.join()
        assert found <= set(range(publications))
        met |= found
    assert set(range(5, publications, 5)) <= met


def test_w07_who_has_a_database_open_reads_it_to_the_end_though_it_is_removed(
    tmp_path: Path,
) -> None:
    shelf = Shelf(tmp_path)
    publish_number(shelf, 0)
    opened = duckdb.connect(str(tmp_path / "latest" / DATABASE), read_only=True)
    opened.execute("set timezone = 'UTC'")
    publish_number(shelf, 1)
    shelf.forget(shelf.versions())
    with opened:
        assert number_of(Database(opened).read) == 0
    assert read_database(tmp_path) == 1
