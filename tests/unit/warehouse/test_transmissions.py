from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from warehouse.publication import Published
from warehouse.transmissions import Transmissions, write_archive

FACTS = {"as_of_date": date(2020, 1, 19), "validated_at": datetime(2020, 1, 20, 9, tzinfo=UTC)}
DOCUMENTS = {"synthese.html": b"<p>La rue est sombre.</p>", "csv/constats.csv": b"a,b\n"}


def published(version: str) -> Published:
    facts: dict[str, Any] = {"as_of_date": "2020-01-19", "publication_version": version}
    return Published(Path("2020-01-19"), facts, Path("2020-01-19"))


def test_the_same_documents_in_another_order_are_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one.zip", tmp_path / "other.zip"
    write_archive(one, FACTS, DOCUMENTS)
    write_archive(other, FACTS, dict(reversed(DOCUMENTS.items())))
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(one) as archive:
        assert {name: archive.read(name) for name in DOCUMENTS} == DOCUMENTS
        assert set(archive.namelist()) == {*DOCUMENTS, "publication.json"}


def test_an_archive_says_what_it_is_of_and_can_be_removed(tmp_path: Path) -> None:
    transmissions = Transmissions(tmp_path)
    assert transmissions.archives() == []
    for version in ("a" * 12, "b" * 12):
        path = transmissions.path("allier-2020", published(version))
        write_archive(path, FACTS | {"publication_version": version}, DOCUMENTS)
    (tmp_path / "notes.zip").write_bytes(b"somebody's own file")
    first, second = transmissions.archives()
    assert (first.version, first.as_of, second.version) == ("a" * 12, date(2020, 1, 19), "b" * 12)
    transmissions.forget([first])
    assert [archive.version for archive in transmissions.archives()] == ["b" * 12]
    assert (tmp_path / "notes.zip").exists()
