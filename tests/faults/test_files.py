"""Messages in files, under what happens to files: rows F13, F16 to F19 of the matrix."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks.arrivals import Fetched
from tasks.consultation import Source
from tasks.fetch import fetch
from tasks.mail.sources.opening import Access, open_source
from tests.program import ROOT
from warehouse.vault import Vault

Letter = Callable[..., bytes]

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2020, 1, 12, 6, tzinfo=UTC)
LIMIT = 1_000_000
ENVELOPE = b"From lucie@courriel.example Thu Jan  9 08:30:00 2020\n"


def get(vault: Vault, place: Path, *uris: str) -> Fetched:
    sources = [Source(uri.partition(":")[0], uri) for uri in uris]
    access = Access(place, PARIS, LIMIT, str, lambda _: None)
    fetched = fetch.fn(vault, sources, partial(open_source, access=access), PARIS, NOW)
    assert isinstance(fetched, Fetched)
    assert fetched.listed_count == fetched.known_count + fetched.new_count + fetched.gone_count
    return fetched


def submissions(vault: Vault) -> list[dict[str, Any]]:
    return [r for d in vault.days(PARIS, date(2099, 1, 1)) for r in d.submissions.to_pylist()]


def messages(vault: Vault) -> list[bytes]:
    return [vault.message(row["submission_id"]) or b"" for row in submissions(vault)]


def in_maildir(place: Path, *letters: bytes) -> None:
    for folder in ("cur", "new", "tmp"):
        (place / "boite" / folder).mkdir(parents=True, exist_ok=True)
    for rank, letter in enumerate(letters):
        (place / "boite" / "new" / f"1578558600.{rank}.hote").write_bytes(letter)


def in_mbox(place: Path, *letters: bytes) -> Path:
    path = place / "archive.mbox"
    escape = b"\n>From "
    path.write_bytes(
        b"".join(ENVELOPE + letter.replace(b"\nFrom ", escape) + b"\n" for letter in letters)
    )
    return path


# --- F13 -----------------------------------------------------------------------------------------

# Its own memory, sampled: the pages of an mbox that is mapped are the system's to take back.
PEAK = """
import sys, threading, time
from pathlib import Path
from tests.faults import test_files as here

def own_megabytes():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024

place, vault = Path(sys.argv[1]), here.Vault(Path(sys.argv[1]) / "vault")
here.get(vault, place, "eml:avant")  # what the libraries take at their first use
before = peak = own_megabytes()

def sample():
    global peak
    while True:
        peak = max(peak, own_megabytes())
        time.sleep(0.001)

threading.Thread(target=sample, daemon=True).start()
here.get(vault, place, *sys.argv[2:])
print(peak - before)
"""


@pytest.mark.parametrize("megabytes", [50, 200])
@pytest.mark.parametrize("kind", ["maildir:boite", "mbox:archive.mbox", "eml:boite/new"])
def test_f13_of_a_message_too_large_the_header_and_the_size_are_kept(
    tmp_path: Path, write_letter: Letter, megabytes: int, kind: str
) -> None:
    body = b"x" * 75 + b"\n"
    huge = write_letter("") + body * (megabytes * 1_000_000 // len(body))
    in_maildir(tmp_path, huge, write_letter("petite\n"))
    (tmp_path / "boite/new/1578558600.0.hote").rename(tmp_path / "boite/new/1578558600.0.eml")
    in_mbox(tmp_path, huge, write_letter("petite\n"))
    (tmp_path / "avant").mkdir()
    (tmp_path / "avant" / "0.eml").write_bytes(write_letter("petite\n"))
    child = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path), kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert float(child.stdout) < 4 * LIMIT / 1_000_000 + 10
    found = submissions(Vault(tmp_path / "vault"))
    rows = {row["is_whole"]: row for row in found}
    assert rows[False]["size_bytes"] == pytest.approx(len(huge), rel=0.001)
    vault = Vault(tmp_path / "vault")
    assert vault.message(rows[False]["submission_id"]) == write_letter("").removesuffix(b"\n")
    assert vault.message(rows[True]["submission_id"]) == write_letter("petite\n")


# --- F16, F17 ------------------------------------------------------------------------------------


def test_f16_the_same_mail_through_maildir_mbox_and_eml_is_one_submission(
    tmp_path: Path, write_letter: Letter
) -> None:
    letters = [
        write_letter(f"Lettre {n}\nFrom Moulins, n° {n}\n" + "\n" * (n % 3), message_id=f"<{n}@x>")
        for n in range(1000)
    ]
    in_maildir(tmp_path, *letters[:500])
    in_mbox(tmp_path, *letters)
    (tmp_path / "lettres").mkdir()
    for n, letter in enumerate(letters):
        (tmp_path / "lettres" / f"{n}.eml").write_bytes(letter.replace(b"\n", b"\r\n"))
    vault = Vault(tmp_path / "vault")
    fetched = get(vault, tmp_path, "maildir:boite", "mbox:archive.mbox", "eml:lettres")
    assert (fetched.listed_count, fetched.new_count) == (2500, 2500)
    rows = submissions(vault)
    sources = Counter(tuple(row["sources"]) for row in rows)
    assert sources == {("eml", "maildir", "mbox"): 500, ("eml", "mbox"): 500}
    assert get(vault, tmp_path, "maildir:boite", "mbox:archive.mbox", "eml:lettres").new_count == 0


def test_f17_messages_that_share_an_identifier_or_have_none_are_all_kept(
    tmp_path: Path, write_letter: Letter
) -> None:
    letters = [
        *(write_letter(f"Corps {n}\n", message_id="<même@x>") for n in range(5)),
        *(write_letter(f"Sans {n}\n", message_id=None) for n in range(5)),
        write_letter("Long\n", message_id=f"<{'a' * 64_000}@x>"),
    ]
    in_maildir(tmp_path, *letters)
    vault = Vault(tmp_path / "vault")
    assert get(vault, tmp_path, "maildir:boite").new_count == 11
    assert sorted(messages(vault)) == sorted(letters)


# --- F18 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "doubts"),
    [
        ("Il a écrit :\n\nFrom a@x.example Thu Jan  9 08:30:00 2020\nBonjour.\n", 1),
        ("Deux :\n\nFrom a Thu Jan  9 08:30:00 2020\n\nFrom b Fri Jan 10 08:30:00 2020\n.\n", 2),
        ("Collé :\nFrom a@x.example Thu Jan  9 08:30:00 2020\nSubject: rien\n\nBonjour.\n", 1),
        ("Sans date :\n\nFrom Moulins\nBonjour.\n", 0),
    ],
    ids=["dated", "two", "no empty line", "undated"],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_f18_from_in_a_body_splits_nothing_and_is_told(
    tmp_path: Path,
    write_letter: Letter,
    caplog: pytest.LogCaptureFixture,
    body: str,
    doubts: int,
    end: bytes,
) -> None:
    letters = [write_letter(body), write_letter("Suivante.\n")]
    path = tmp_path / "archive.mbox"
    stored = b"".join(ENVELOPE + letter + b"\n" for letter in letters)
    path.write_bytes(stored.replace(b"\n", end))
    vault = Vault(tmp_path / "vault")
    assert get(vault, tmp_path, "mbox:archive.mbox").new_count == 2
    assert sorted(messages(vault)) == sorted(letters)
    told = [record.getMessage() for record in caplog.records if "« From »" in record.getMessage()]
    assert [f"{doubts} ligne(s)" in sentence for sentence in told] == [True] * bool(doubts)


def test_f18_a_last_message_cut_short_is_kept_and_later_its_whole(
    tmp_path: Path, write_letter: Letter
) -> None:
    first, last = write_letter("Première.\n"), write_letter("Dernière, en train d'arriver.\n")
    path = in_mbox(tmp_path, first, last)
    whole = path.read_bytes()
    path.write_bytes(whole[:-15])
    vault = Vault(tmp_path / "vault")
    assert get(vault, tmp_path, "mbox:archive.mbox").new_count == 2
    path.write_bytes(whole)
    assert get(vault, tmp_path, "mbox:archive.mbox").new_count == 1
    assert {first, last} < set(messages(vault))


@pytest.mark.deep
def test_f18_an_mbox_of_four_gigabytes_is_read_in_bounded_memory(
    tmp_path: Path, write_letter: Letter
) -> None:
    body = "La rue est sombre le soir, il faut l'éclairer.\n" * 20_000
    (tmp_path / "avant").mkdir()
    with (tmp_path / "archive.mbox").open("wb") as file:
        for n in range(4_400):
            file.write(ENVELOPE + write_letter(f"{n}\n{body}", message_id=f"<{n}@x>") + b"\n")
    assert (tmp_path / "archive.mbox").stat().st_size > 4_000_000_000
    child = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path), "mbox:archive.mbox"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1200,
        check=True,
    )
    assert float(child.stdout) < 700  # a batch of 64 MB, and what its storage takes
    assert len(submissions(Vault(tmp_path / "vault"))) == 4_400


# --- F19 -----------------------------------------------------------------------------------------


def test_f19_a_maildir_that_changes_while_it_is_read_loses_nothing(
    tmp_path: Path, write_letter: Letter
) -> None:
    letters = [write_letter(f"Lettre {n}\n", message_id=f"<{n}@x>") for n in range(300)]
    in_maildir(tmp_path, *letters)
    stop = threading.Event()

    def keep_moving() -> None:
        """Mark messages as read and unread, as people at their mail programs do."""
        flags = 0
        while not stop.is_set():
            flags += 1
            for folder, other in (("new", "cur"), ("cur", "new" if flags % 3 == 0 else "cur")):
                for path in list((tmp_path / "boite" / folder).iterdir()):
                    base = path.name.partition(":")[0]
                    mark = "" if other == "new" else f":2,{'S' * (flags % 2)}"
                    path.rename(tmp_path / "boite" / other / f"{base}{mark}")
                    time.sleep(0.001)

    mover = threading.Thread(target=keep_moving)
    mover.start()
    try:
        for number in range(10):
            vault = Vault(tmp_path / f"vault-{number}")
            found: set[bytes] = set()
            for _ in range(4):  # a message in flight is listed by the next run, if not by this one
                get(vault, tmp_path, "maildir:boite")
                found = set(messages(vault))
                if len(found) == len(letters):
                    break
            assert found == set(letters)
            assert len(submissions(vault)) == len(letters)
    finally:
        stop.set()
        mover.join()


def test_f19_a_link_out_of_the_maildir_is_not_followed(
    tmp_path: Path, write_letter: Letter
) -> None:
    in_maildir(tmp_path, write_letter())
    secret = tmp_path / "secret"
    secret.write_bytes(write_letter("secret"))
    (tmp_path / "boite" / "cur" / "1578558600.9.hote:2,").symlink_to(secret)
    (tmp_path / "boite" / "new" / "lien").symlink_to(tmp_path)
    vault = Vault(tmp_path / "vault")
    assert get(vault, tmp_path, "maildir:boite").listed_count == 1
    assert messages(vault) == [write_letter()]
