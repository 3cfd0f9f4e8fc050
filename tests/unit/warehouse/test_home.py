from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Timer

import pytest

from warehouse.home import Home, HomeError, key_fingerprint

HOLD = """
import sys, time
from pathlib import Path
from warehouse.home import Home
with Home(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(120)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "maison")


@contextmanager
def another_run(home: Home) -> Iterator[subprocess.Popen[str]]:
    """Hold the folder from a child process."""
    command = [sys.executable, "-c", HOLD, str(home.root)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "held\n"
            yield child
        finally:
            child.kill()
            child.wait()


def test_a_second_run_is_refused_and_the_first_one_is_named(home: Home) -> None:
    with another_run(home) as child:
        with pytest.raises(HomeError, match=rf"déjà en cours.*PID {child.pid}\b"), home.lock():
            pass
        assert (home.root / "run.lock").read_text() == str(child.pid)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may write in another account's folder")
def test_root_writes_nothing_in_the_home_of_another_account(home: Home) -> None:
    home.root.mkdir()
    os.chown(home.root, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(HomeError, match=r"runuser -u nobody"), home.lock():
        pass
    assert list(home.root.iterdir()) == []


def test_the_lock_of_a_killed_run_falls_with_it(home: Home) -> None:
    with another_run(home) as child:
        child.kill()
        child.wait()
        with home.lock():
            assert (home.root / "run.lock").read_text() == str(os.getpid())


def test_the_lock_is_free_again_after_a_run_and_after_one_that_failed(home: Home) -> None:
    with home.lock():
        pass
    with pytest.raises(ZeroDivisionError), home.lock():
        raise ZeroDivisionError
    with home.lock():
        assert (home.root / "run.lock").read_text() == str(os.getpid())


def test_who_holds_the_folder_is_told_without_keeping_a_run_out(home: Home) -> None:
    assert home.owner() is None
    assert not home.root.exists()
    with home.lock():
        assert home.owner() == str(os.getpid())
    assert home.owner() is None
    with (home.root / "run.lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # as long as somebody looks
        end = Timer(0.05, fcntl.flock, (file, fcntl.LOCK_UN))
        end.start()
        with home.lock():
            end.join()


def test_each_part_of_the_folder_has_its_size(home: Home) -> None:
    (home.root / "vault" / "raw").mkdir(parents=True)
    (home.root / "vault" / "raw" / "part").write_bytes(bytes(1_000))
    (home.root / "vault" / "part").write_bytes(bytes(200))
    (home.root / "published").mkdir()
    (home.root / "published" / "latest").symlink_to(home.root / "vault")
    (home.root / "run.lock").write_bytes(bytes(3))
    assert home.sizes() == {"vault": 1_200, "run.lock": 3, "published": 0}


def test_preparing_makes_the_folder_private_and_sweeps_it(home: Home) -> None:
    home.root.mkdir(mode=0o755)
    (home.root / ".tmp-reste").write_text("à moitié")
    home.prepare()
    assert home.root.stat().st_mode & 0o777 == 0o700
    assert list(home.root.iterdir()) == []


def test_the_key_is_made_once_and_only_its_owner_reads_it(home: Home) -> None:
    before = os.umask(0o000)
    try:
        key = home.key()
    finally:
        os.umask(before)
    path = home.root / "keys" / "consultation.key"
    assert path.read_bytes() == key
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert home.key() == key
    assert home.vault.key_fingerprint == key_fingerprint(key)


def test_two_consultations_have_two_keys(tmp_path: Path) -> None:
    assert Home(tmp_path / "une").key() != Home(tmp_path / "autre").key()


def test_a_missing_key_is_refused_and_no_other_is_made(home: Home) -> None:
    home.key()
    path = home.root / "keys" / "consultation.key"
    path.unlink()
    with pytest.raises(HomeError, match=r"La clé des pseudonymes manque .*sauvegarde"):
        home.key()
    assert not path.exists()


@pytest.mark.parametrize("other", [b"x" * 32, b""], ids=["another", "empty"])
def test_another_key_is_refused(home: Home, other: bytes) -> None:
    key = home.key()
    path = home.root / "keys" / "consultation.key"
    path.write_bytes(other)
    with pytest.raises(HomeError, match=r"n'est pas celle de cette consultation"):
        home.key()
    path.write_bytes(key)
    assert home.key() == key


def test_a_run_killed_between_the_key_and_its_fingerprint_keeps_the_key(home: Home) -> None:
    home.bind("allier-2020")
    key = home.key()
    (home.root / "vault" / "key.sha256").unlink()
    assert home.key() == key
    assert home.vault.key_fingerprint == key_fingerprint(key)


def test_a_key_may_be_brought_to_a_new_home(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "autre")
    key = other.key()
    shutil.copytree(other.root / "keys", home.root / "keys")
    home.bind("allier-2020")
    assert home.key() == key


def test_messages_that_are_gone_are_told_and_no_new_vault_is_begun(tmp_path: Path) -> None:
    home, share = Home(tmp_path / "home"), tmp_path / "partage"
    home.choose_store(str(share))
    home.bind("allier-2020")
    home.key()
    home.journal.begin(command="run")
    share.rename(tmp_path / "ailleurs")
    share.mkdir()  # where the disk is mounted no more
    for use in (partial(home.bind, "allier-2020"), home.held_key, home.key):
        with pytest.raises(HomeError, match=rf"plus rien des messages dans {share}.* remontez"):
            use()
    assert list(share.iterdir()) == []
    share.rmdir()
    (tmp_path / "ailleurs").rename(share)
    home.bind("allier-2020")
