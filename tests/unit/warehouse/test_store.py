from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from s3fs.errors import translate_boto_error
from upath import UPath

from warehouse.files import remove_folder
from warehouse.home import Home, HomeError
from warehouse.store import StoreError, check_store, explained, is_address, open_store


@pytest.mark.parametrize(
    "address", ["s3://consultations", "s3://consultations/03/allier-2020", "/mnt/partage/allier"]
)
def test_a_bucket_and_its_prefix_or_a_whole_path_is_an_address(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        *("", "partage", "/", "s3://", "s3:consultations", "https://consultations"),
        *("s3://cle:secret@consultations", "s3://consultations/a?secret=b", "s3://a/../b c"),
        *("s3://consultations/..", "s3://consultations/a/../b", "s3://consultations/./b"),
    ],
)
def test_what_may_hold_a_secret_or_is_no_place_is_none(address: str) -> None:
    assert not is_address(address)


def test_vault_and_lake_lie_in_the_store_that_was_chosen(tmp_path: Path) -> None:
    home, store = Home(tmp_path / "home"), tmp_path / "partagé" / "allier"
    home.choose_store(str(store))
    again = Home(tmp_path / "home")
    assert (again.vault.root, again.lake.root) == (store / "vault", store / "lake")
    assert list(store.iterdir()) == []  # what was tried there is gone


def test_a_store_is_chosen_once(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.choose_store(str(tmp_path / "partage"))
    home.choose_store(str(tmp_path / "partage"))
    with pytest.raises(HomeError, match=r"sont déjà dans .*/partage"):
        home.choose_store(str(tmp_path / "autre"))


def test_the_store_of_another_home_is_refused_and_not_remembered(tmp_path: Path) -> None:
    one, other = Home(tmp_path / "un"), Home(tmp_path / "autre")
    one.choose_store(str(tmp_path / "partage"))
    one.key()
    with pytest.raises(HomeError, match="tient déjà les messages d'un autre dossier"):
        other.choose_store(str(tmp_path / "partage"))
    assert other.store is None
    shutil.copytree(one.root / "keys", other.root / "keys")
    other.choose_store(str(tmp_path / "partage"))


def test_messages_that_are_here_already_stay_here(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    with pytest.raises(HomeError, match="sont déjà dans ce dossier"):
        Home(tmp_path).choose_store(str(tmp_path / "partage"))
    assert Home(tmp_path).store is None


def test_a_store_within_the_home_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where an address that is no path does not lie
    with pytest.raises(HomeError, match="donnez un dossier qui n'y est pas"):
        Home(tmp_path).choose_store(str(tmp_path / "tmp"))
    nowhere = {"ENDPOINT_URL": "http://127.0.0.1:9", "ACCESS_KEY_ID": "a"}
    for name, value in (nowhere | {"SECRET_ACCESS_KEY": "b"}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with pytest.raises(StoreError, match="ne répond pas"):
        Home(tmp_path).choose_store("s3://consultations")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("InternalError", "ne répond pas"),
        ("ServiceUnavailable", "ne répond pas"),
        ("AccessDenied", "refuse de lire ou d'écrire"),
        ("ExpiredToken", "refuse de lire ou d'écrire"),
    ],
)
def test_what_a_storage_answers_is_told(code: str, sentence: str) -> None:
    error = translate_boto_error(ClientError({"Error": {"Code": code}}, "PutObject"))
    assert isinstance(error, OSError)
    assert sentence in str(explained(error))


def test_what_is_no_answer_of_a_storage_is_not_told_as_one() -> None:
    absent = translate_boto_error(ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject"))
    assert [explained(error) for error in (absent, PermissionError(13, "refusé"))] == [None, None]


def test_what_a_storage_keeps_is_not_said_to_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = UPath("memory://consultations/parsed")
    (folder / "a").write_bytes(b"a")
    with monkeypatch.context() as keeping:
        keeping.setattr(folder.fs, "rm", lambda *_, **__: None)  # what s3fs does of a refusal
        with pytest.raises(PermissionError, match="parsed"):
            remove_folder(folder)
    remove_folder(folder)
    assert not folder.exists()


def test_a_store_whose_library_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "s3fs", None)  # importing it fails
    with pytest.raises(StoreError, match=r"\(s3fs\) : pip install 'assises\[s3\]'"):
        open_store("s3://consultations")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "fichier").touch()
    with pytest.raises(OSError, match="fichier"):
        check_store(str(tmp_path / "fichier" / "allier"))
