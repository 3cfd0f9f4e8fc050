from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from warehouse.files import STAGED
from warehouse.open_data import OpenDataShelf

FIRST, SECOND = date(2020, 1, 9), date(2020, 1, 12)


@pytest.fixture
def shelf(tmp_path: Path) -> OpenDataShelf:
    return OpenDataShelf(tmp_path / "open-data")


def test_what_was_exported_is_remembered_by_day(shelf: OpenDataShelf) -> None:
    assert shelf.days() == []
    shelf.remember(SECOND, {"days": [[20, "2020-01-12"]]})
    shelf.remember(FIRST, {"days": []})
    assert shelf.days() == [FIRST, SECOND]
    assert shelf.recall(SECOND) == {"days": [[20, "2020-01-12"]]}


def test_what_had_been_counted_is_forgotten_and_the_files_stay(shelf: OpenDataShelf) -> None:
    shelf.remember(FIRST, {"days": []})
    folder = shelf.write(FIRST, {"a.csv": b"1"})
    shelf.forget()
    assert shelf.days() == []
    assert [path.name for path in shelf.root.rglob("*")] == [folder.name, "a.csv"]


def test_the_files_of_a_day_replace_those_it_had(shelf: OpenDataShelf) -> None:
    shelf.write(FIRST, {"a.csv": b"1", "b.csv": b"2"})
    (shelf.root / f"{STAGED}{FIRST}").mkdir()  # left by an export that was killed
    folder = shelf.write(FIRST, {"a.csv": b"3"})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a.csv": b"3"}
    assert [path.name for path in shelf.root.iterdir()] == [FIRST.isoformat()]


def test_the_owner_alone_reads_them_whatever_the_umask(shelf: OpenDataShelf) -> None:
    before = os.umask(0)
    try:
        shelf.remember(FIRST, {})
        shelf.write(FIRST, {"a.csv": b"1"})
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in (shelf.root, *shelf.root.rglob("*"))}
    assert set(modes.values()) == {0o600, 0o700}
    assert all((mode == 0o700) == path.is_dir() for path, mode in modes.items())
