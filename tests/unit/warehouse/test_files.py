from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.files import (
    make_folder,
    read_note,
    sha256_of,
    sha256_of_file,
    sweep_staged,
    write_bytes,
    write_parquet,
    writing_apart,
)


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Make the system refuse, midway, to write a longer file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def text(path: Path, content: str) -> None:
    write_bytes(path, content.encode())


def table(path: Path, content: str) -> None:
    write_parquet(path, pa.table({"mots": [content]}))


WRITERS = [pytest.param(text, id="bytes"), pytest.param(table, id="parquet")]
Writer = Callable[[Path, str], None]


@pytest.mark.parametrize("write", WRITERS)
def test_a_write_that_fails_midway_leaves_the_old_file(write: Writer, tmp_path: Path) -> None:
    path = tmp_path / "fichier"
    write(path, "ancien")
    before = path.read_bytes()
    noise = os.urandom(200_000).hex()
    with files_of_at_most(100_000), pytest.raises(OSError, match=r"(?i)too large|os error"):
        write(path, noise)
    assert path.read_bytes() == before


@pytest.mark.parametrize("write", WRITERS)
def test_a_first_write_that_fails_leaves_no_file_and_its_remains_are_swept(
    write: Writer, tmp_path: Path
) -> None:
    with files_of_at_most(100_000), pytest.raises(OSError, match=r"(?i)too large|os error"):
        write(tmp_path / "fichier", os.urandom(200_000).hex())
    assert not (tmp_path / "fichier").exists()
    sweep_staged(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", WRITERS)
def test_a_write_replaces_the_file_and_leaves_nothing_beside_it(
    write: Writer, tmp_path: Path
) -> None:
    write(tmp_path / "fichier", "ancien")
    old = (tmp_path / "fichier").read_bytes()
    write(tmp_path / "fichier", "nouveau")
    assert (tmp_path / "fichier").read_bytes() != old
    assert [p.name for p in tmp_path.iterdir()] == ["fichier"]


@pytest.mark.parametrize("write", WRITERS)
def test_only_the_owner_reads_whatever_the_umask(write: Writer, tmp_path: Path) -> None:
    path = tmp_path / "dossier" / "sous-dossier" / "fichier"
    write(path, "mots")
    assert mode(path) == 0o600
    assert [mode(folder) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


def test_a_folder_that_exists_keeps_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "dossier").mkdir()
    (tmp_path / "dossier" / "fichier").write_text("mots")
    assert make_folder(tmp_path / "dossier") == tmp_path / "dossier"
    assert (tmp_path / "dossier" / "fichier").read_text() == "mots"


def test_sweeping_removes_what_was_staged_at_any_depth_and_nothing_else(tmp_path: Path) -> None:
    outside = tmp_path / "ailleurs"
    outside.mkdir()
    (outside / "fichier").write_text("mots")
    home = tmp_path / "maison"
    (home / "jour" / ".tmp-2020-01-09" / "csv" / ".tmp-a").mkdir(parents=True)
    (home / "jour" / ".tmp-b.parquet").write_text("à moitié")
    (home / "jour" / "b.parquet").write_text("entier")
    (home / ".tmp-lien").symlink_to(outside)
    (home / ".tmp-lien-mort").symlink_to(home / "rien")
    sweep_staged(home)
    assert sorted(str(p.relative_to(home)) for p in home.rglob("*")) == ["jour", "jour/b.parquet"]
    assert (outside / "fichier").read_text() == "mots"


def test_a_note_in_the_footer_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    write_parquet(path, pa.table({"n": [1]}), {"fingerprint": "été"})
    assert read_note(path, "fingerprint") == "été"
    assert read_note(path, "autre") is None
    assert read_note(tmp_path / "absent.parquet", "fingerprint") is None


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    rows = pa.table({"n": list(range(50_000))})
    for name in ("un", "deux"):
        write_parquet(tmp_path / name, rows, {"fingerprint": "x"})
    assert sha256_of_file(tmp_path / "un") == sha256_of_file(tmp_path / "deux")
    assert pq.read_table(tmp_path / "un").equals(rows)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(["ab", "c"], ["a", "bc"], id="cut elsewhere"),
        pytest.param(["a", "b"], ["b", "a"], id="order"),
        pytest.param(["a"], ["a", ""], id="an empty part more"),
        pytest.param([], [""], id="nothing and an empty part"),
    ],
)
def test_other_parts_have_another_fingerprint(one: list[str], other: list[str]) -> None:
    assert sha256_of(one) != sha256_of(other)
    assert sha256_of(one) == sha256_of(iter(one))


def test_two_machines_may_write_the_same_file_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, aside = tmp_path / "jour" / "part.parquet", []
    real = Path.replace

    def replace(staged: Path, target: Path) -> Path:
        aside.append(staged)
        if len(aside) == 1:  # the other one comes in between, and is done first
            with writing_apart():
                table(path, "mots")
        return real(staged, target)

    monkeypatch.setattr(Path, "replace", replace)
    with writing_apart():
        table(path, "mots")
    assert len(set(aside)) == 2
    assert pq.read_table(path)["mots"].to_pylist() == ["mots"]
    assert [p.name for p in path.parent.iterdir()] == ["part.parquet"]
