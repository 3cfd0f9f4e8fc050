"""Vault and lake in an S3-compatible storage, over HTTP: the same bytes, all commands work."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.trial import content
from tests.program import EXAMPLE, ROOT, Ran, assises, environment, run_example
from tests.servers.dask import dask_cluster
from tests.servers.s3 import BUCKET, Storage, s3_storage

DAY = "2020-01-19"
ADDRESS = f"s3://{BUCKET}/03/allier"
CONSULTATION = ["--consultation", str(EXAMPLE / "consultation.toml")]


@dataclass(frozen=True)
class Kept:
    """A run of the example whose messages are kept in a storage."""

    ran: Ran
    storage: Storage

    def command(
        self, *arguments: str, home: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        place = ["--home", str(home or self.ran.home)]
        return assises(*arguments, *place, **self.storage.variables)


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with s3_storage(tmp_path_factory.mktemp("s3")) as started:
        yield started


@pytest.fixture(scope="module")
def kept(final: Ran, storage: Storage, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    home = with_key(final, tmp_path_factory.mktemp("kept") / "home")
    return Kept(run_example(home, DAY, "--store", ADDRESS, **storage.variables), storage)


def with_key(final: Ran, home: Path) -> Path:
    """Make a home whose pseudonyms will be those of the example's."""
    home.mkdir(mode=0o700)
    shutil.copytree(final.home / "keys", home / "keys")
    return home


def test_what_is_published_is_the_same_to_the_byte(kept: Kept, final: Ran) -> None:
    assert kept.ran.code == 0, kept.ran.stderr
    assert content(kept.ran.latest) == content(final.latest)
    said = (ran.stderr.replace(str(ran.home), "") for ran in (kept.ran, final))
    assert next(said) == next(said)


def test_the_home_remembers_the_address_and_no_secret(kept: Kept) -> None:
    home = kept.ran.home
    assert (home / "store").read_text() == f"{ADDRESS}\n"
    assert not (home / "vault").exists()
    assert not (home / "lake").exists()
    secret = kept.storage.variables["AWS_SECRET_ACCESS_KEY"].encode()
    assert [p for p in home.rglob("*.json*") if p.is_file() and secret in p.read_bytes()] == []


def test_a_second_run_writes_nothing_there_but_its_trial(kept: Kept) -> None:
    before = kept.storage.puts()
    again = kept.command("run", *CONSULTATION, "--as-of", DAY)
    assert again.returncode == 0, again.stderr
    assert all(path.endswith("/.essai") for path in kept.storage.puts()[len(before) :])


def test_what_looks_at_a_home_looks_there(kept: Kept) -> None:
    told = kept.command("status")
    assert "64 messages au coffre" in told.stdout, told.stderr
    examined = kept.command("doctor", *CONSULTATION, "--thorough")
    assert "fichiers de messages : tout est lu" in examined.stdout, examined.stderr
    assert f"les messages sont dans {ADDRESS}" in examined.stdout
    assert "à réparer" not in examined.stdout


@pytest.mark.deep
def test_a_rebuild_makes_the_same_of_what_is_there(kept: Kept, final: Ran) -> None:
    done = kept.command("rebuild", *CONSULTATION)
    assert done.returncode == 0, done.stderr
    assert content(kept.ran.latest) == content(final.latest)


def test_a_backup_holds_the_messages_and_is_restored_on_this_machine(
    kept: Kept, tmp_path: Path
) -> None:
    done = kept.command("backup", str(tmp_path), *CONSULTATION)
    assert done.returncode == 0, done.stderr
    restored = tmp_path / "restored"
    again = kept.command("restore", str(tmp_path), home=restored)
    assert again.returncode == 0, again.stderr
    rebuilt = assises("rebuild", *CONSULTATION, "--home", str(restored))  # without the storage
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert content(restored / "published" / "latest") == content(kept.ran.latest)


# --- faults --------------------------------------------------------------------------------------


@pytest.mark.deep
def test_a_run_that_is_killed_is_completed_by_the_next(
    storage: Storage, final: Ran, tmp_path: Path
) -> None:
    home, address = with_key(final, tmp_path / "home"), f"s3://{BUCKET}/killed"
    for reached in ("vault/raw", "vault/parsed", "lake/statements"):
        kill_once_there(home, storage, address, reached)
    done = run_example(home, DAY, **storage.variables)
    assert done.code == 0, done.stderr
    assert content(done.latest) == content(final.latest)


def kill_once_there(home: Path, storage: Storage, address: str, reached: str) -> None:
    """Begin a run, and kill it and all its processes once an object of this name is put."""
    run = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "assises"),
            *("run", "--as-of", DAY, "--home", str(home), "--workers", "1"),
            *("--store", address, *CONSULTATION),
        ],
        cwd=ROOT,
        env=environment(**storage.variables),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 240
    while not any(f"/killed/{reached}/" in path for path in storage.puts()):
        assert run.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait(30)


@pytest.mark.deep
def test_a_cluster_reads_and_writes_there(storage: Storage, final: Ran, tmp_path: Path) -> None:
    home = with_key(final, tmp_path / "home")
    asked = ("--store", f"s3://{BUCKET}/cluster")
    with dask_cluster(tmp_path / "dask", 0) as there:
        there.add_worker(**storage.variables)
        ran = run_example(home, DAY, *asked, "--engine", there.engine, **storage.variables)
    assert ran.code == 0, ran.stderr
    assert content(ran.latest) == content(final.latest)


@pytest.mark.parametrize(
    ("address", "changed", "code", "sentence"),
    [
        pytest.param("s3://absent/a", {}, 1, "s3://absent/a n'existe pas", id="bucket"),
        pytest.param(
            ADDRESS,
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            1,
            "Le stockage ne répond pas",
            id="server down",
        ),
        pytest.param(
            ADDRESS,
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
            1,
            "Aucun identifiant pour le stockage",
            id="no credentials",
        ),
        pytest.param("s3://a:b@c/d", {}, 2, "--store : écrivez s3://", id="secret in the address"),
    ],
)
def test_a_store_that_cannot_be_used_is_refused_by_one_sentence(
    storage: Storage,
    tmp_path: Path,
    address: str,
    changed: dict[str, str],
    code: int,
    sentence: str,
) -> None:
    variables = storage.variables | changed
    ran = run_example(tmp_path / "home", DAY, "--store", address, **variables)
    assert ran.code == code, ran.stderr
    assert sentence in ran.stderr
    assert len(ran.stderr.splitlines()) == 1, ran.stderr
    assert not (tmp_path / "home" / "store").exists()


def test_credentials_that_are_wrong_are_refused_by_one_sentence(tmp_path: Path) -> None:
    with s3_storage(tmp_path, INITIAL_NO_AUTH_ACTION_COUNT="1") as guarded:
        ran = run_example(tmp_path / "home", DAY, "--store", ADDRESS, **guarded.variables)
    assert ran.code == 1
    assert "refuse de lire ou d'écrire : vérifiez AWS_ACCESS_KEY_ID" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1, ran.stderr


def test_a_storage_that_goes_is_told_and_nothing_is_lost(final: Ran, tmp_path: Path) -> None:
    home = with_key(final, tmp_path / "home")
    with s3_storage(tmp_path) as leaving:
        first = run_example(home, "2020-01-12", "--store", ADDRESS, **leaving.variables)
        assert first.code == 0, first.stderr
        variables = leaving.variables
    before = content(first.latest)
    then = run_example(home, DAY, **variables)
    assert then.code == 1
    assert "Le stockage ne répond pas" in then.stderr.splitlines()[-1]
    assert content(first.latest) == before
