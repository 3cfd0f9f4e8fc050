"""A backup and its restoration from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.faults.publishing import contents_of
from tests.program import EXAMPLE, Ran, assises_here
from warehouse.backups import KEPT

FILE = ("--consultation", str(EXAMPLE / "consultation.toml"))


@pytest.fixture
def saved(final_copy: Ran, tmp_path: Path) -> Path:
    """The archive of the example's home."""
    made = assises_here("backup", str(tmp_path / "saved"), *FILE, "--home", str(final_copy.home))
    assert made.returncode == 0, made.stderr
    assert "données personnelles en clair : chiffrez-la" in made.stderr
    (path,) = (tmp_path / "saved").iterdir()
    assert made.stdout.strip() == str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    return path


@pytest.mark.parametrize("given", ["archive", "folder", "renamed"])
def test_w15_what_was_saved_is_restored(
    final_copy: Ran, saved: Path, tmp_path: Path, given: str
) -> None:
    archive = saved
    if given == "folder":
        archive = saved.parent
    elif given == "renamed":
        archive = saved.rename(tmp_path / "une sauvegarde")
    new = tmp_path / "nouveau" / "dossier"
    restored = assises_here("restore", str(archive), "--home", str(new))
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout.strip() == str(new)
    assert "n'est pas connu de cette sauvegarde" in restored.stderr
    for part in KEPT:
        found, expected = new / part, final_copy.home / part
        if expected.is_dir() and part != "journal":
            assert contents_of(found) == contents_of(expected), part
    for home, has_backup in ((final_copy.home, True), (new, False)):
        status = json.loads(assises_here("status", "--json", "--home", str(home)).stdout)
        assert status["publication"]["as_of_date"] == "2020-01-19"
        assert (status["backup_at"] is not None) == has_backup  # made after what it holds
    assert (new / "consultation" / "consultation.toml").read_bytes() == (
        EXAMPLE / "consultation.toml"
    ).read_bytes()


def test_w15_what_cannot_be_restored_is_refused_by_a_sentence(
    final_copy: Ran, saved: Path, tmp_path: Path
) -> None:
    before = contents_of(final_copy.home)
    other = tmp_path / "autre.tar"
    other.write_bytes(b"ceci n'est pas une archive\n" * 500)
    (tmp_path / "vide").mkdir()
    for archive, home, said in (
        (saved, final_copy.home, "n'est pas vide"),
        (other, tmp_path / "neuf", "n'est pas une sauvegarde entière"),
        (tmp_path / "absente.tar", tmp_path / "neuf", "n'existe pas"),
        (tmp_path / "vide", tmp_path / "neuf", "ne contient aucune sauvegarde entière"),
    ):
        refused = assises_here("restore", str(archive), "--home", str(home))
        assert refused.returncode == 1
        assert said in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert contents_of(final_copy.home) == before
    assert not (tmp_path / "neuf").exists()


def test_a_home_without_its_key_or_without_messages_is_not_saved(
    final_copy: Ran, tmp_path: Path
) -> None:
    asked = ("backup", str(tmp_path / "saved"), *FILE, "--home")
    empty = assises_here(*asked, str(tmp_path / "vide"))
    assert (empty.returncode, "Rien n'a encore été reçu" in empty.stderr) == (2, True)
    nothing = assises_here("rebuild", *FILE, "--home", str(tmp_path / "vide"))
    assert (nothing.returncode, "Rien n'a encore été reçu" in nothing.stderr) == (2, True)
    assert not (tmp_path / "vide").exists()
    shutil.rmtree(final_copy.home / "keys")
    keyless = assises_here(*asked, str(final_copy.home))
    assert (keyless.returncode, "La clé des pseudonymes manque" in keyless.stderr) == (1, True)
    assert not (tmp_path / "saved").exists()
