from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.publishing import contents_of, die_before, read_all, start
from warehouse.backups import MANIFEST, Backup, BackupError, restore, write_backup
from warehouse.stored import FORMAT

NOW = datetime(2020, 1, 12, 6, tzinfo=UTC)
FACTS = {"consultation": "essai", "made_at": NOW.isoformat(), "program_version": "0.1.0"}
KEPT = {
    "decisions/withdrawals/000001.parquet": b"retraits",
    "format.json": b"{}",
    "journal/000001.json": b"{}",
    "keys/consultation.key": b"k" * 32,
    "open-data/.counted/2020-01-09.json": b"{}",
    "published/.versions/abc/synthese.html": b"<p>page</p>",
    "transmissions/essai-2020-01-09-0123456789ab.zip": b"zip",
    "vault/key.sha256": b"empreinte",
    "vault/raw/received_date=2020-01-09/0123.parquet": b"messages" * 10_000,
}
MADE = {
    "lake/verdicts/part.parquet": b"x",
    "vault/parsed/part.parquet": b"x",
    "warehouse.duckdb": b"x",
    "prefect/prefect.db": b"x",
    "logs/2020-01.jsonl": b"x",
    "vault/raw/received_date=2020-01-09/.tmp-0456.parquet": b"x",
}
FILE = {"consultation/consultation.toml": b"name = 1\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "home"
    for name, content in {**KEPT, **MADE}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / "published" / "latest").symlink_to(".versions/abc")
    (tmp_path / "consultation.toml").write_bytes(FILE["consultation/consultation.toml"])
    return root


def save(root: Path, name: str = "a.tar") -> Path:
    path = root.parent / "saved" / name
    write_backup(path, root, root, {"consultation.toml": root.parent / "consultation.toml"}, FACTS)
    return path


def take(path: Path, root: Path) -> None:
    backup = Backup.open(path)
    restore(backup, backup, root)


def test_what_cannot_be_made_again_comes_back(root: Path, tmp_path: Path) -> None:
    path = save(root)
    take(path, tmp_path / "new")
    found = contents_of(tmp_path / "new")
    page = {"published/latest/synthese.html": b"<p>page</p>"}
    assert found == {**KEPT, **FILE} | {n: c for n, c in page.items() if n in found}
    assert (tmp_path / "new" / "published" / "latest").resolve().name == "abc"
    for made in [path, *(tmp_path / "new").rglob("*")]:
        if not made.is_symlink():
            assert made.stat().st_mode & 0o077 == 0, made


def test_the_same_home_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    first = save(root).read_bytes()
    for path in root.rglob("*.parquet"):
        path.touch()
    assert save(root, "b.tar").read_bytes() == first
    take(tmp_path / "saved" / "a.tar", tmp_path / "new")
    (tmp_path / "new" / "consultation" / "consultation.toml").unlink()
    assert save(tmp_path / "new", "c.tar").read_bytes() == first


def test_any_tar_opens_it(root: Path) -> None:
    with tarfile.open(save(root)) as tar:
        assert tar.getnames() == [*sorted({**KEPT, **FILE}), MANIFEST]
        assert all(member.isreg() for member in tar)


# --- what is refused -----------------------------------------------------------------------------


def assert_refused(path: Path, said: str = "n'est pas une sauvegarde entière") -> None:
    root = path.parent / "refused"
    with pytest.raises(BackupError, match=said):
        take(path, root)
    assert not root.exists()
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".tmp-")] == []


def test_w15_an_archive_cut_anywhere_is_refused(root: Path) -> None:
    path = save(root)
    whole = path.read_bytes()
    with tarfile.open(path) as tar:
        last = tar.getmembers()[-1]
    for length in (
        0,
        1,
        511,
        512,
        600,
        60_000,
        last.offset,
        last.offset_data,
        last.offset_data + 9,
    ):
        path.write_bytes(whole[:length])
        assert_refused(path)


def test_w15_an_archive_that_was_altered_is_refused(root: Path) -> None:
    path = save(root)
    whole = path.read_bytes()
    with tarfile.open(path) as tar:
        members = tar.getmembers()
    for member in members:
        for place in (member.offset, member.offset_data, member.offset_data + member.size - 1):
            altered = bytearray(whole)
            altered[place] ^= 1
            path.write_bytes(bytes(altered))
            assert_refused(path)


def rewrite(path: Path, change: Callable[[dict[str, bytes], dict[str, Any]], Any]) -> None:
    """Write an archive anew, its members and manifest changed by somebody who means harm."""
    with tarfile.open(path) as tar:
        found = {m.name: tar.extractfile(m).read() for m in tar}  # type: ignore[union-attr]
    manifest = json.loads(found.pop(MANIFEST))
    change(found, manifest)
    with tarfile.open(path, "w") as tar:
        for name, content in [*sorted(found.items()), (MANIFEST, json.dumps(manifest).encode())]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def renaming(to: str) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    def change(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        files[to] = files.pop("journal/000001.json")
        manifest["files"][to] = manifest["files"].pop("journal/000001.json")

    return change


@pytest.mark.parametrize(
    "change",
    [
        *map(renaming, ("../out", "/tmp/out", "journal/../../out", "lake/x", "./journal/1")),
        lambda _, manifest: manifest["links"].update({"published/latest": "../../out"}),
        lambda _, manifest: manifest["links"].update({"published/latest": "/etc"}),
        lambda _, manifest: manifest["links"].update({"../out": "published"}),
        lambda files, _: files.update({"journal/000002.json": b"{}"}),
        lambda files, _: files.pop("journal/000001.json"),
        lambda _, manifest: manifest.pop("files"),
    ],
)
def test_w15_an_archive_that_leads_elsewhere_is_refused(
    root: Path, change: Callable[[dict[str, bytes], dict[str, Any]], Any]
) -> None:
    path = save(root)
    rewrite(path, change)
    assert_refused(path)


def test_w15_an_archive_with_a_link_in_the_place_of_a_file_is_refused(root: Path) -> None:
    path = save(root)
    with tarfile.open(path) as tar:
        found = [(m, tar.extractfile(m).read()) for m in tar]  # type: ignore[union-attr]
    with tarfile.open(path, "w") as tar:
        for member, content in found:
            if member.name == "journal/000001.json":
                member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0
            tar.addfile(member, io.BytesIO(content))
    assert_refused(path)


def test_w15_an_archive_of_a_newer_program_is_refused(root: Path) -> None:
    path = save(root)
    rewrite(path, lambda _, manifest: manifest.update(format="2099-01-01-vault-raw-smell"))
    assert_refused(path, f"2099-01-01-vault-raw-smell.*{FORMAT}.*mettez assises à jour")


def test_w15_a_folder_that_holds_something_is_refused(root: Path, tmp_path: Path) -> None:
    path = save(root)
    before = contents_of(root)
    with pytest.raises(BackupError, match="n'est pas vide"):
        take(path, root)
    assert contents_of(root) == before
    (tmp_path / "empty").mkdir()
    take(path, tmp_path / "empty")


def test_the_journal_is_that_of_what_was_decided(root: Path, tmp_path: Path) -> None:
    """A run after a restoration is none of those that decisions name."""
    before = Backup.open(save(root))
    for name in ("journal/000002.json", "decisions/changes/000002.parquet"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"of run 2")
    restore(before, Backup.open(save(root, "b.tar")), tmp_path / "new")
    found = contents_of(tmp_path / "new")
    assert found["decisions/changes/000002.parquet"] == b"of run 2"
    assert found["journal/000002.json"] == b"of run 2"


def test_w15_a_restoration_beside_another_is_refused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, refused = save(root), []
    real = Backup.extract

    def extract(self: Backup, folder: Path, top: str | None = None) -> None:
        with pytest.raises(BackupError, match="déjà en cours"):
            take(path, tmp_path / "new")
        refused.append(top)
        real(self, folder, top)

    monkeypatch.setattr(Backup, "extract", extract)
    take(path, tmp_path / "new")
    assert refused
    found = contents_of(tmp_path / "new")
    assert {name: found[name] for name in KEPT} == KEPT


# --- killed --------------------------------------------------------------------------------------


def save_killed(tell: Any, root: Path, spared: list[str]) -> None:
    die_before(tell, spared)
    save(root)


def take_killed(tell: Any, path: Path, root: Path, spared: list[str]) -> None:
    die_before(tell, spared)
    take(path, root)


def ended(task: Callable[..., None], *arguments: Any) -> tuple[int | None, list[str]]:
    process, told = start(task, *arguments)
    steps = read_all(told)
    process.join()
    return process.exitcode, steps


def test_w15_a_backup_killed_at_each_step_is_whole_or_absent(root: Path, tmp_path: Path) -> None:
    met: list[str] = []
    code: int | None = -9
    while code == -9:
        code, steps = ended(save_killed, root, met)
        met += steps[-1:]
        for path in (tmp_path / "saved").glob("[!.]*"):
            Backup.open(path)
    assert code == 0
    assert len(met) >= 3


def test_w15_a_restoration_killed_now_and_then_is_whole_or_absent(
    root: Path, tmp_path: Path
) -> None:
    path, new = save(root), tmp_path / "new"
    _, steps = ended(take_killed, path, tmp_path / "undisturbed", None)
    places = [step.replace("undisturbed", "new") for step in steps]
    for place in (places[0], places[len(places) // 2], places[-1]):
        code, _ = ended(take_killed, path, new, set(places) - {place})
        assert code == -9
        assert not new.exists() or contents_of(new) == contents_of(tmp_path / "undisturbed")
    take(path, new)
    assert contents_of(new) == contents_of(tmp_path / "undisturbed")
