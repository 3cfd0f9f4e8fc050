from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks import fetch as stage
from tasks.arrivals import Fetched, submission_id
from tasks.consultation import Source
from tasks.fetch import fetch
from tasks.mail.sources.mailbox import Message, RenumberedError, SourceError, UnreachableError
from tasks.mail.sources.opening import Access, open_source
from warehouse.vault import Vault

Letter = Callable[..., bytes]
Fetch = Callable[..., tuple[int, int]]

NOW = datetime(2020, 1, 12, 6, tzinfo=UTC)
SEPARATOR = b"From lucie@courriel.example Thu Jan  9 08:30:00 2020\n"
MAILDIR, MBOX, EML = (
    Source("boite", "maildir:boite"),
    Source("archive", "mbox:archive.mbox"),
    Source("lettres", "eml:lettres"),
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an empty Maildir and an empty folder of letters."""
    for name in ("boite/cur", "boite/new", "lettres"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "home" / "vault")


@pytest.fixture
def get(place: Path, vault: Vault, paris: ZoneInfo) -> Fetch:
    """Fetch from sources; return how many messages were listed and how many were new."""

    def run(*sources: Source, now: datetime = NOW) -> tuple[int, int]:
        opened = partial(open_source, access=Access(place, paris, 1_000_000, str, lambda _: None))
        fetched = fetch.fn(vault, sources, opened, paris, now)
        assert isinstance(fetched, Fetched)
        return fetched.listed_count, fetched.new_count

    return run


def in_maildir(place: Path, name: str, letter: bytes, folder: str = "new") -> Path:
    path = place / "boite" / folder / name
    path.write_bytes(letter)
    return path


def in_folder(place: Path, name: str, letter: bytes) -> Path:
    path = place / "lettres" / f"{name}.eml"
    path.write_bytes(letter)
    return path


def in_mbox(place: Path, *letters: bytes) -> None:
    stored = b"".join(SEPARATOR + letter + b"\n" for letter in letters)
    (place / "archive.mbox").write_bytes(stored)


def submissions(vault: Vault, paris: ZoneInfo) -> list[dict[str, Any]]:
    """Return the submissions of the vault."""
    days = vault.days(paris, date(2099, 1, 1))
    return [row for day in days for row in day.submissions.to_pylist()]


def test_what_a_source_holds_is_in_the_vault(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    in_folder(place, "a", write_letter())
    assert get(EML) == (1, 1)
    (row,) = submissions(vault, paris)
    assert row["received_at"] == datetime(2020, 1, 9, 7, 30, tzinfo=UTC)
    assert row["sources"] == ["lettres"]
    assert row["size_bytes"] == len(write_letter())
    assert vault.message(row["submission_id"]) == write_letter()


def test_what_is_known_is_not_fetched_again(
    place: Path, vault: Vault, get: Fetch, write_letter: Letter
) -> None:
    in_folder(place, "a", write_letter("a"))
    in_maildir(place, "1.hote", write_letter("b"))
    in_mbox(place, write_letter("c\n"), write_letter("c\n"))
    assert get(EML, MAILDIR, MBOX) == (4, 4)
    before = {path: path.read_bytes() for path in vault.root.rglob("*.parquet")}
    assert get(EML, MAILDIR, MBOX, now=datetime(2020, 1, 13, tzinfo=UTC)) == (4, 0)
    assert {path: path.read_bytes() for path in vault.root.rglob("*.parquet")} == before
    in_maildir(place, "2.hote", write_letter("d"))
    assert get(EML, MAILDIR, MBOX) == (5, 1)


def test_a_message_that_was_read_between_two_runs_is_not_fetched_again(
    place: Path, get: Fetch, write_letter: Letter
) -> None:
    path = in_maildir(place, "1578558600.1.hote", write_letter())
    assert get(MAILDIR) == (1, 1)
    path.rename(place / "boite" / "cur" / "1578558600.1.hote:2,S")
    assert get(MAILDIR) == (1, 0)


@pytest.mark.parametrize("together", [True, False], ids=["one run", "three runs"])
def test_the_same_mail_in_three_sources_is_one_submission(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter, *, together: bool
) -> None:
    letter = write_letter("Bonjour,\n\nLa gare est sombre.\n")
    in_maildir(place, "1.hote", letter)
    in_mbox(place, letter)
    in_folder(place, "a", letter.replace(b"\n", b"\r\n"))
    if together:
        assert get(MAILDIR, MBOX, EML) == (3, 3)
    else:
        assert [get(source) for source in (EML, MBOX, MAILDIR)] == [(1, 1)] * 3
    (row,) = submissions(vault, paris)
    assert row["sources"] == ["archive", "boite", "lettres"]
    assert vault.message(row["submission_id"]) == letter
    assert sum(vault.messages(batch).num_rows for batch in vault.batches()) == 1


def test_the_earliest_of_its_receptions_counts(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    letter = write_letter(received=None)
    in_maildir(place, "1578670000.1.hote", letter)  # 10 January
    assert get(MAILDIR) == (1, 1)
    in_mbox(place, letter)  # 9 January, 08:30 UTC
    assert get(MBOX) == (1, 1)
    (row,) = submissions(vault, paris)
    assert row["received_at"] == datetime(2020, 1, 9, 8, 30, tzinfo=UTC)


def test_the_same_bytes_twice_in_one_listing_are_two_deliveries(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    for name in ("a", "b"):
        in_folder(place, name, write_letter())
    assert get(EML) == (2, 2)
    rows = submissions(vault, paris)
    assert [row["occurrence"] for row in rows] == [0, 1]
    assert len({row["message_sha256"] for row in rows}) == 1
    assert [vault.message(row["submission_id"]) for row in rows] == [write_letter()] * 2


def test_two_deliveries_in_two_sources_are_two_submissions_of_two_sources(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    letter = write_letter("deux fois\n")
    in_mbox(place, letter, letter)
    in_folder(place, "a", letter)
    in_folder(place, "b", letter)
    assert get(MBOX, EML) == (4, 4)
    assert [row["sources"] for row in submissions(vault, paris)] == [["archive", "lettres"]] * 2


def test_a_delivery_that_comes_later_is_a_second_one(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    in_maildir(place, "1.hote", write_letter())
    get(MAILDIR)
    in_maildir(place, "2.hote", write_letter())
    assert get(MAILDIR) == (2, 1)
    assert len(submissions(vault, paris)) == 2


def test_a_file_that_has_another_name_is_the_same_submission(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    path = in_folder(place, "a", write_letter())
    get(EML)
    path.rename(place / "lettres" / "renommée.eml")
    get(EML)
    os.utime(place / "lettres" / "renommée.eml", (0, 0))
    get(EML)
    (row,) = submissions(vault, paris)
    assert row["sources"] == ["lettres"]


def test_the_same_names_in_another_place_are_other_messages(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    in_maildir(place, "1.hote", write_letter("ici"))
    get(MAILDIR)
    (place / "ailleurs" / "new").mkdir(parents=True)
    (place / "ailleurs" / "new" / "1.hote").write_bytes(write_letter("là"))
    assert get(Source("boite", "maildir:ailleurs")) == (1, 1)
    assert len(submissions(vault, paris)) == 2


def test_a_message_that_is_gone_from_its_source_stays_in_the_vault(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    in_folder(place, "a", write_letter("a"))
    in_folder(place, "b", write_letter("b"))
    get(EML)
    for path in (place / "lettres").iterdir():
        path.unlink()
    assert get(EML) == (0, 0)
    assert len(submissions(vault, paris)) == 2


def test_a_message_without_date_is_kept_without_date(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    in_folder(place, "a", write_letter(received=None))
    get(EML)
    (day,) = vault.days(paris, date(2020, 1, 9))
    assert day.day is None
    assert day.submissions.num_rows == 1


def test_many_messages_are_stored_batch_by_batch(
    place: Path,
    vault: Vault,
    paris: ZoneInfo,
    get: Fetch,
    write_letter: Letter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage, "BATCH_MESSAGES", 2)
    letters = [write_letter(f"{number}\n") for number in range(5)]
    in_mbox(place, *letters)
    assert get(MBOX) == (5, 5)
    assert len(vault.batches()) == 3
    found = [vault.message(row["submission_id"]) for row in submissions(vault, paris)]
    assert sorted(filter(None, found)) == sorted(letters)


def test_what_the_first_source_gave_is_kept_when_the_second_cannot_be_read(
    place: Path, vault: Vault, paris: ZoneInfo, get: Fetch, write_letter: Letter
) -> None:
    in_folder(place, "a", write_letter())
    (place / "archive.mbox").write_text("ceci n'est pas un mbox\n")
    with pytest.raises(SourceError, match="n'est pas un fichier mbox"):
        get(EML, MBOX)
    assert len(submissions(vault, paris)) == 1
    in_mbox(place, write_letter("b\n"))
    assert get(EML, MBOX) == (2, 1)


def test_the_name_of_a_delivery_depends_on_its_bytes_and_rank_alone() -> None:
    names = {submission_id(sha256, rank) for sha256 in ("a" * 64, "b" * 64) for rank in (0, 1)}
    assert len(names) == 4
    assert submission_id("a" * 64, 0) == "s-9022ffa0d30b6dd2"


# --- what only some sources do -------------------------------------------------------------------


class Server:
    """A mailbox of a server, in memory: what it lists and what it then still has may differ."""

    remarks = ()

    def __init__(self, place: str, letters: dict[str, bytes]) -> None:
        self.place, self.letters = place, letters
        self.gone: set[str] = set()
        self.renumberings = 0
        self.failing = ""

    def locators(self) -> list[str]:
        return list(self.letters)

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        for name in locators:
            if self.renumberings:
                self.renumberings -= 1
                self.letters = {f"1{key}": letter for key, letter in self.letters.items()}
                raise RenumberedError
            if name == self.failing:
                raise UnreachableError
            if name not in self.gone:
                letter = self.letters[name]
                yield Message(name, letter, NOW, len(letter))


def take(vault: Vault, paris: ZoneInfo, *mailboxes: Server, channel: str = "mail") -> Fetched:
    @contextmanager
    def opened(source: Source) -> Iterator[list[Server]]:
        yield list(mailboxes)

    source = Source("boite", "imaps://boite@serveur.example", channel)
    fetched = fetch.fn(vault, [source], opened, paris, NOW)
    assert isinstance(fetched, Fetched)
    return fetched


def test_what_is_listed_is_known_new_or_gone(vault: Vault, paris: ZoneInfo) -> None:
    server = Server("INBOX", {"1.1": b"a", "1.2": b"b", "1.3": b"c"})
    server.gone = {"1.2"}
    assert take(vault, paris, server) == Fetched(3, 0, 2, 1)
    del server.letters["1.2"]
    assert take(vault, paris, server) == Fetched(2, 2, 0, 0)


def test_one_message_in_two_folders_is_one_submission_and_one_twice_in_a_folder_is_two(
    vault: Vault, paris: ZoneInfo
) -> None:
    take(vault, paris, Server("INBOX", {"1.1": b"a"}), Server("Traité", {"1.1": b"a", "1.2": b"a"}))
    assert len(submissions(vault, paris)) == 2
    moved = (Server("INBOX", {}), Server("Traité", {"1.1": b"a", "1.2": b"a", "1.3": b"a"}))
    take(vault, paris, *moved)
    assert len(submissions(vault, paris)) == 3


def test_a_mailbox_renumbered_while_it_is_read_is_listed_again(
    vault: Vault, paris: ZoneInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "BATCH_MESSAGES", 1)
    server = Server("INBOX", {str(n): f"{n}".encode() for n in range(5)})
    server.renumberings = 2
    assert take(vault, paris, server).new_count == 5
    assert len(submissions(vault, paris)) == 5
    assert all(vault.message(row["submission_id"]) for row in submissions(vault, paris))


def test_a_mailbox_always_renumbered_is_refused_by_a_sentence(
    vault: Vault, paris: ZoneInfo
) -> None:
    server = Server("INBOX", {"1": b"a"})
    server.renumberings = 99
    with pytest.raises(SourceError, match="est renumérotée pendant qu'elle est lue"):
        take(vault, paris, server)


def test_what_was_read_before_a_server_failed_is_stored(vault: Vault, paris: ZoneInfo) -> None:
    server = Server("INBOX", {str(n): f"{n}".encode() for n in range(5)})
    server.failing = "3"
    with pytest.raises(UnreachableError):
        take(vault, paris, server)
    assert len(submissions(vault, paris)) == 3
    server.failing = ""
    assert take(vault, paris, server) == Fetched(5, 3, 2, 0)


def test_a_mailbox_renumbered_between_two_runs_is_recognised_and_told(
    vault: Vault, paris: ZoneInfo, caplog: pytest.LogCaptureFixture
) -> None:
    letters = {"1": b"a", "2": b"b"}
    take(vault, paris, Server("INBOX", letters))
    before = submissions(vault, paris)
    assert caplog.records == []
    take(vault, paris, Server("INBOX", {f"9{name}": raw for name, raw in letters.items()}))
    assert submissions(vault, paris) == before
    (told,) = [record.getMessage() for record in caplog.records]
    assert told == (
        "Relève : « boite » : 2 message(s) sous un nouveau numéro, reconnu(s) à leur contenu et "
        "compté(s) une seule fois."
    )


def test_the_channel_of_a_submission_is_that_of_its_source(vault: Vault, paris: ZoneInfo) -> None:
    take(vault, paris, Server("a", {"1": b"a"}), channel="papier")
    take(vault, paris, Server("b", {"1": b"b"}))
    assert {row["channel"] for row in submissions(vault, paris)} == {"mail", "papier"}


def test_what_was_withdrawn_is_not_fetched_again(
    get: Fetch, vault: Vault, place: Path, write_letter: Letter
) -> None:
    in_maildir(place, "1", write_letter())
    get(MAILDIR)
    vault.withdraw(vault.deliveries()["submission_id"].to_pylist())
    assert get(MAILDIR) == (1, 0)


def test_what_was_withdrawn_comes_back_without_its_bytes_under_another_name(
    get: Fetch, vault: Vault, place: Path, write_letter: Letter
) -> None:
    in_maildir(place, "1", write_letter()).rename(place / "boite/new/2")
    in_maildir(place, "1", write_letter())
    get(MAILDIR)
    withdrawn = set(vault.deliveries()["submission_id"].to_pylist())
    vault.withdraw(withdrawn)
    (place / "boite/new/1").rename(place / "boite/new/3")
    assert get(MAILDIR) == (2, 1)
    rows = vault.deliveries()
    assert set(rows["submission_id"].to_pylist()) == withdrawn
    assert not any(rows["holds_bytes"].to_pylist())
