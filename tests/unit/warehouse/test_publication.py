from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse import publication
from warehouse.contracts import LEDGER_BY_DAY, OPPOSITIONS, PUBLISHED_TABLES
from warehouse.database import Database
from warehouse.publication import Published, Shelf

Publish = Callable[..., Path]


def folder_of(published: Published) -> Path:
    """Return the folder behind the link, whose name is the version."""
    return published.link.resolve()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "published")


@pytest.fixture
def publish(shelf: Shelf) -> Publish:
    def publish(
        day: str, page: str = "La synthèse.", count: int = 1, words: str = "", **facts: Any
    ) -> Path:
        tables = {t.qualified: t.schema.empty_table() for t in PUBLISHED_TABLES}
        counts = dict.fromkeys(LEDGER_BY_DAY.schema.names, 0)
        row = counts | {"received_date": date(2020, 1, 9), "received_count": count}
        tables["marts.ledger_by_day"] = pa.Table.from_pylist([row], schema=LEDGER_BY_DAY.schema)
        pair = dict.fromkeys(OPPOSITIONS.schema.names, words)
        tables["marts.oppositions"] = pa.Table.from_pylist([pair], schema=OPPOSITIONS.schema)
        documents = {"synthese.html": page.encode(), "csv/ledger_by_day.csv": b"jour,nombre\n"}
        published = shelf.publish(
            {"as_of_date": date.fromisoformat(day), "is_final": False} | facts,
            lambda: documents,
            tables,
            PUBLISHED_TABLES,
            {"title": "La consultation"},
        )
        return folder_of(published)

    return publish


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return what any change under a folder would change: times, inodes, bytes, links' targets."""
    found = {}
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        content = bytes(path.readlink()) if path.is_symlink() else b""
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
        found[str(path.relative_to(folder))] = (stat.st_mtime_ns, stat.st_ino, content)
    return found


def test_nothing_is_published_at_first(shelf: Shelf) -> None:
    assert shelf.get("latest") is None
    assert shelf.dated() == []


def test_a_publication_is_served_under_its_day_and_as_the_latest(
    shelf: Shelf, publish: Publish
) -> None:
    folder = publish("2020-01-12", is_final=True)
    for name in ("2020-01-12", "latest"):
        found = shelf.get(name)
        assert found is not None
        assert folder_of(found) == folder
        assert (found.as_of, found.is_final) == (date(2020, 1, 12), True)
        assert (shelf.root / name / "synthese.html").read_text() == "La synthèse."
    rows = pq.read_table(folder / "parquet" / "marts.ledger_by_day.parquet")
    assert rows["received_count"].to_pylist() == [1]
    with Database.open_published(folder / "assises.duckdb") as database:
        assert database.read(LEDGER_BY_DAY).equals(rows)


def test_the_sums_of_the_manifest_are_those_of_the_files(publish: Publish) -> None:
    folder = publish("2020-01-12")
    files = {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}
    manifest = files.pop("manifest.json").read_bytes()
    assert folder.name == hashlib.sha256(manifest).hexdigest()
    sums = json.loads(manifest)["files"]
    assert set(sums) == set(files)
    assert set(sums.pop("assises.duckdb")) == {"rows_sha256"}
    assert sums == {
        name: {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "size_bytes": path.stat().st_size,
        }
        for name, path in files.items()
        if name != "assises.duckdb"
    }


def test_the_data_package_describes_each_table_s_files(publish: Publish) -> None:
    folder = publish("2020-01-12")
    package = json.loads((folder / "datapackage.json").read_text())
    assert package["title"] == "La consultation"
    described = {resource["path"]: resource for resource in package["resources"]}
    files = {str(p.relative_to(folder)) for p in folder.glob("*/*")}
    assert set(described) == files
    for path, resource in described.items():
        content = (folder / path).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert len({resource["name"] for resource in package["resources"]}) == len(files)


def test_the_data_package_of_what_is_kept_describes_what_is_left(
    shelf: Shelf, publish: Publish
) -> None:
    publish("2020-01-12")
    kept = shelf.keep_documents({})
    assert kept is not None
    package = json.loads((kept.link / "datapackage.json").read_text())
    paths = {resource["path"] for resource in package["resources"]}
    assert paths == {str(p.relative_to(kept.link.resolve())) for p in folder_of(kept).glob("*/*")}
    assert not any("core." in path for path in paths)


def test_what_was_published_without_a_data_package_is_kept_too(
    shelf: Shelf, publish: Publish
) -> None:
    (publish("2020-01-12") / "datapackage.json").unlink()
    kept = shelf.keep_documents({})
    assert kept is not None
    left = {str(p.relative_to(folder_of(kept))) for p in folder_of(kept).rglob("*") if p.is_file()}
    assert {"synthese.html", "csv/ledger_by_day.csv", "manifest.json"} <= left
    assert not any("core." in name or name.endswith(".duckdb") for name in left)


def test_the_same_content_again_changes_no_byte_no_time_no_file(
    shelf: Shelf, publish: Publish
) -> None:
    first = publish("2020-01-12")
    before = snapshot(shelf.root)
    assert publish("2020-01-12") == first
    after = snapshot(shelf.root)
    # The folders that a staging passed through have other times: what is served has not.
    touched = {name for name in before if before[name] != after.get(name)}
    assert touched <= {".versions"}
    assert set(after) == set(before)


def test_the_same_content_has_the_same_name_on_another_shelf(
    publish: Publish, shelf: Shelf
) -> None:
    first = publish("2020-01-12").name
    shelf.root = shelf.root.parent / "ailleurs"
    assert publish("2020-01-12").name == first


@pytest.mark.parametrize(
    "change", [{"page": "Autre."}, {"count": 2}, {"is_final": True}], ids=["page", "row", "fact"]
)
def test_other_content_of_the_same_day_takes_the_links_and_leaves_the_first_version(
    shelf: Shelf, publish: Publish, change: dict[str, Any]
) -> None:
    first = publish("2020-01-12")
    before = snapshot(first)
    second = publish("2020-01-12", **change)
    assert second != first
    assert snapshot(first) == before
    for name in ("2020-01-12", "latest"):
        assert (shelf.root / name).resolve() == second
    assert [folder_of(p) for p in shelf.dated()] == [second]


def test_the_latest_never_goes_back_to_an_earlier_day(shelf: Shelf, publish: Publish) -> None:
    late = publish("2020-01-13")
    early = publish("2020-01-12")
    latest = shelf.get("latest")
    assert latest is not None
    assert folder_of(latest) == late
    assert [folder_of(p) for p in shelf.dated()] == [early, late]


def test_the_latest_goes_forward(shelf: Shelf, publish: Publish) -> None:
    publish("2020-01-12")
    second = publish("2020-01-13")
    assert (shelf.root / "latest").resolve() == second


def test_what_is_read_of_a_publication_is_of_that_one_when_its_link_has_moved(
    shelf: Shelf, publish: Publish
) -> None:
    publish("2020-01-12", count=1)
    found = shelf.get("latest")
    assert found is not None
    publish("2020-01-13", count=2)
    rows = found.tables([LEDGER_BY_DAY])[LEDGER_BY_DAY.qualified]
    assert rows["received_count"].to_pylist() == [1]
    assert found.as_of == date(2020, 1, 12)


def test_links_are_relative_so_that_the_shelf_can_be_moved(shelf: Shelf, publish: Publish) -> None:
    publish("2020-01-12")
    shelf.root.rename(shelf.root.parent / "déplacé")
    moved = Shelf(shelf.root.parent / "déplacé").get("latest")
    assert moved is not None
    assert moved.as_of == date(2020, 1, 12)


def test_what_a_killed_run_left_is_harmless(shelf: Shelf, publish: Publish) -> None:
    expected = publish("2020-01-11").parent
    staged = shelf.root / ".tmp-2020-01-12"
    (staged / "parquet").mkdir(parents=True)
    (staged / "reste.html").write_text("à moitié")
    (staged / "assises.duckdb").write_text("à moitié")
    (shelf.root / ".tmp-latest.link").symlink_to("rien")
    (shelf.root / ".tmp-2020-01-12.link").symlink_to("rien")
    folder = publish("2020-01-12")
    assert folder.parent == expected
    assert not (folder / "reste.html").exists()
    assert (shelf.root / "latest").resolve() == folder
    assert list(shelf.root.glob(".tmp-*")) == []


def test_a_publication_that_fails_leaves_the_last_one_served(
    shelf: Shelf, publish: Publish
) -> None:
    publish("2020-01-12")
    before = snapshot(shelf.root)
    with pytest.raises(TypeError):
        publish("2020-01-12", page="Autre.", unwritable=object())
    served = {name: what for name, what in snapshot(shelf.root).items() if ".tmp-" not in name}
    assert served == before


def test_only_the_owner_reads_a_publication(shelf: Shelf, publish: Publish) -> None:
    before = os.umask(0o000)
    try:
        publish("2020-01-12")
    finally:
        os.umask(before)
    for path in (shelf.root, *shelf.root.rglob("*")):
        if not path.is_symlink():
            expected = 0o700 if path.is_dir() else 0o600
            assert path.stat().st_mode & 0o777 == expected, path


@pytest.mark.parametrize(
    ("other", "is_there"),
    [
        ({}, True),
        ({"decisions_sha256": "b"}, False),
        ({"configuration_sha256": "b"}, False),
        ({"accepted_gates": ["Publié par décision de X"]}, False),
        ({"state": "validée", "validated_by": "X"}, False),
        ({"code": "b"}, False),
    ],
)
def test_what_is_no_longer_said_leaves_nothing_in_the_bytes_once_anything_was_decided(
    publish: Publish, monkeypatch: pytest.MonkeyPatch, *, other: dict[str, Any], is_there: bool
) -> None:
    word = b"Xylographe-Wagner"
    facts = {"decisions_sha256": "a", "configuration_sha256": "a", "accepted_gates": []}
    first = publish("2020-01-11", words=word.decode(), **facts)
    assert word in (first / "assises.duckdb").read_bytes()
    if "code" in other:
        monkeypatch.setattr(publication, "code_fingerprint", lambda: other["code"])
    later = publish("2020-01-12", **facts | other)
    assert (word in (later / "assises.duckdb").read_bytes()) is is_there


def test_a_version_that_was_there_already_is_not_taken_for_one_of_this_program(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = b"Xylographe-Wagner"
    publish("2020-01-11", words=word.decode())
    monkeypatch.setattr(publication, "code_fingerprint", lambda: "another")
    again = publish("2020-01-11", words=word.decode())
    assert word in (again / "assises.duckdb").read_bytes()
    assert word not in (publish("2020-01-12") / "assises.duckdb").read_bytes()
