"""A mailbox on a server, a real Dovecot where one can be: rows F01 to F09, F11 to F15, F20."""

from __future__ import annotations

import base64
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import pytest

from tasks.arrivals import Fetched
from tasks.consultation import Source
from tasks.fetch import fetch
from tasks.mail.sources import imap
from tasks.mail.sources.imap import ImapAccount, open_account
from tasks.mail.sources.mailbox import SourceError, UnreachableError
from tasks.mail.sources.opening import Access, open_source
from tests.program import ROOT
from tests.servers.certificates import Authority
from tests.servers.dovecot import PASSWORD, Mailboxes
from tests.servers.fake_imap import BODY, SIZE, FakeImap, HangUp
from tests.servers.proxy import Proxy, cut_after, one_byte_at_a_time, silent_after
from warehouse.vault import Vault

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2020, 1, 12, 6, tzinfo=UTC)
NINTH = datetime(2020, 1, 9, 7, 30, tzinfo=UTC)
LIMIT = 1_000_000


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox of the test's own."""
    return re.sub(r"[^a-z0-9]", "-", request.node.name.lower())[:40] + f"-{time.time_ns()}"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def letters(count: int, size: int = 0) -> list[bytes]:
    """Write letters that all differ, CRLF line ends, as a server keeps them."""
    filling = "Une ligne de la lettre, ni longue ni courte, pour faire nombre.\r\n" * (size // 65)
    return [
        (
            f"From: habitant{n}@courriel.example\r\nMessage-ID: <{n}@courriel.example>\r\n"
            f"Subject: Contribution {n}\r\n\r\nLa rue {n} est sombre.\r\n{filling}"
        ).encode()
        for n in range(count)
    ]


def source(server: Mailboxes, user: str, port: int | None = None, **more: Any) -> Source:
    uri = f"imaps://{user}@localhost:{port or server.tls_port}"
    return Source("boite", uri, authorities=str(server.authority), password="x", **more)


def get(vault: Vault, *sources: Source, password: str = PASSWORD) -> Fetched:
    """Fetch as a run does; what is listed is always known, new or gone (I1)."""
    access = Access(Path(), PARIS, LIMIT, lambda _: password, lambda _: None)
    fetched = fetch.fn(vault, sources, partial(open_source, access=access), PARIS, NOW)
    assert isinstance(fetched, Fetched)
    assert fetched.listed_count == fetched.known_count + fetched.new_count + fetched.gone_count
    return fetched


def submissions(vault: Vault) -> list[dict[str, Any]]:
    return [r for d in vault.days(PARIS, date(2099, 1, 1)) for r in d.submissions.to_pylist()]


def contents(vault: Vault) -> Counter[bytes]:
    """Return every submission's bytes: nothing lost, nothing twice, when they are those sent."""
    ids = [row["submission_id"] for row in submissions(vault)]
    return Counter(vault.message(submission) or b"" for submission in ids)


def sent(written: list[bytes]) -> Counter[bytes]:
    return Counter(letter.replace(b"\r\n", b"\n") for letter in written)


# --- what a mailbox is ---------------------------------------------------------------------------


def test_every_message_is_stored_with_the_servers_date(
    server: Mailboxes, user: str, vault: Vault
) -> None:
    written = letters(30)
    server.put(user, written, received_at=NINTH)
    assert get(vault, source(server, user)) == Fetched(30, 0, 30, 0)
    assert contents(vault) == sent(written)
    assert {row["received_at"] for row in submissions(vault)} == {NINTH}
    assert get(vault, source(server, user)) == Fetched(30, 30, 0, 0)


def test_folders_are_read_by_the_names_that_people_see(
    server: Mailboxes, user: str, vault: Vault
) -> None:
    written = letters(3)
    server.put(user, written[:2])
    server.put(user, written[1:], folder="Indésirables")
    folders = ("INBOX", "Indésirables")
    assert get(vault, source(server, user, folders=folders)).listed_count == 4
    assert contents(vault) == sent(written)


def test_a_folder_that_does_not_exist_is_named_with_those_that_do(
    server: Mailboxes, user: str, vault: Vault
) -> None:
    server.put(user, letters(1), folder="Traité")
    with pytest.raises(SourceError, match=r"pas de dossier « Traités » lisible.*INBOX, Traité\)"):
        get(vault, source(server, user, folders=("Traités",)))


def test_starttls_reads_the_same(server: Mailboxes, user: str, vault: Vault) -> None:
    server.put(user, letters(3))
    uri = f"imap://{user}@localhost:{server.port}"
    get(vault, Source("boite", uri, authorities=str(server.authority)))
    assert contents(vault) == sent(letters(3))


def test_f16_the_same_mail_through_imap_mbox_maildir_and_eml_is_one_submission(
    server: Mailboxes, user: str, vault: Vault, tmp_path: Path
) -> None:
    written = letters(1_000)
    server.put(user, written)
    unix = [letter.replace(b"\r\n", b"\n") for letter in written]
    envelope = b"From a@courriel.example Thu Jan  9 08:30:00 2020\n"
    (tmp_path / "archive.mbox").write_bytes(b"".join(envelope + x + b"\n" for x in unix))
    for folder, contents_of_files in (("boite/new", unix), ("lettres", written)):
        (tmp_path / folder).mkdir(parents=True)
        for n, letter in enumerate(contents_of_files):
            (tmp_path / folder / f"{1_578_558_600 + n}.eml").write_bytes(letter)
    files = {"mbox": "archive.mbox", "maildir": "boite", "eml": "lettres"}
    others = [Source(kind, f"{kind}:{tmp_path / place}") for kind, place in files.items()]
    sources = [source(server, user), *others]
    assert get(vault, *sources).new_count == 4_000
    assert contents(vault) == sent(written)
    assert {tuple(r["sources"]) for r in submissions(vault)} == {
        ("boite", "eml", "maildir", "mbox")
    }
    assert get(vault, *sources) == Fetched(4_000, 4_000, 0, 0)


# --- F01, F06 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.deep)])
def test_f01_reading_changes_nothing_in_the_mailbox(
    server: Mailboxes, user: str, vault: Vault, count: int
) -> None:
    server.put(user, letters(count))
    before = server.flags(user)
    files = sorted(path.name for path in server.root(user).glob("*/*"))
    assert get(vault, source(server, user)).new_count == count
    assert server.flags(user) == before
    assert sorted(path.name for path in server.root(user).glob("*/*")) == files


def test_f01_the_wire_says_examine_and_peek_only(tmp_path: Path, vault: Vault) -> None:
    authority = Authority(tmp_path)
    with FakeImap(authority.issue(), {}) as fake:
        get(vault, fake_source(fake, authority))
    words = {line.partition(b" ")[2].partition(b" ")[0] for line in fake.said}
    assert words <= {b"CAPABILITY", b"AUTHENTICATE", b"EXAMINE", b"UID", b"LOGOUT"} | {
        line.partition(b" ")[2] for line in fake.said if line.startswith(b"* ")
    }
    fetches = [line for line in fake.said if b"UID FETCH" in line]
    assert len(fetches) == 2
    assert b"BODY.PEEK[]" in fetches[1]


def test_f06_numbers_with_gaps_and_an_emptied_mailbox_reload_nothing(
    server: Mailboxes, user: str, vault: Vault
) -> None:
    server.put(user, letters(40))
    get(vault, source(server, user))
    server.expunge(user, range(2, 40, 3))
    assert get(vault, source(server, user)).new_count == 0
    server.expunge(user, range(1, 41))
    assert get(vault, source(server, user)) == Fetched(0, 0, 0, 0)
    server.put(user, letters(41)[40:])
    assert get(vault, source(server, user)) == Fetched(1, 0, 1, 0)
    assert contents(vault) == sent(letters(41))


def test_f06_a_listing_out_of_order_is_read_once(tmp_path: Path, vault: Vault) -> None:
    authority = Authority(tmp_path)
    answers = {b"UID SEARCH": b"* SEARCH 9 1 5 1\r\n{tag} OK done\r\n"}
    with FakeImap(authority.issue(), answers) as fake:
        assert get(vault, fake_source(fake, authority)) == Fetched(3, 0, 1, 2)
        assert get(vault, fake_source(fake, authority)) == Fetched(3, 1, 0, 2)


# --- F02 to F05 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [4, pytest.param(20, marks=pytest.mark.deep)])
def test_f02_renumbered_between_runs_the_messages_are_recognised(
    server: Mailboxes,
    user: str,
    vault: Vault,
    caplog: pytest.LogCaptureFixture,
    changes: int,
) -> None:
    written = letters(50)
    server.put(user, written)
    get(vault, source(server, user))
    before = submissions(vault)
    for change in range(1, changes + 1):
        caplog.clear()
        server.renumber(user, 1_900_000_000 + change)
        get(vault, source(server, user))
        assert submissions(vault) == before
        (told,) = [record.getMessage() for record in caplog.records]
        assert "50 message(s) sous un nouveau numéro" in told
    assert contents(vault) == sent(written)


def test_f02_renumbered_during_a_run_no_message_is_taken_for_another(
    server: Mailboxes, user: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "BATCH_MESSAGES", 5)
    written = letters(60)
    server.put(user, written)
    validities = iter(range(1_900_000_001, 1_900_000_003))
    real = imap.ImapFolder._read_batch
    batches = 0

    def disturbed(self: Any, *arguments: Any) -> Any:
        nonlocal batches
        batches += 1
        found = real(self, *arguments)
        if batches % 3 == 0 and (validity := next(validities, None)):
            server.renumber(user, validity)
            self._connection.close()  # as Dovecot does, sooner or later: the session ends
        return found

    monkeypatch.setattr(imap.ImapFolder, "_read_batch", disturbed)
    get(vault, source(server, user))
    assert next(validities, None) is None
    assert contents(vault) == sent(written)


def test_f03_a_mailbox_made_anew_keeps_the_old_mail_and_loads_the_new(
    server: Mailboxes, user: str, vault: Vault
) -> None:
    server.put(user, letters(5))
    get(vault, source(server, user))
    server.remove(user)
    time.sleep(1.1)  # Dovecot's UIDVALIDITY is the second in which a mailbox is made
    server.put(user, letters(8)[5:])
    assert get(vault, source(server, user)).new_count == 3
    assert contents(vault) == sent(letters(8))


def test_f04_a_server_that_forgot_its_numbers_reloads_nothing(
    server: Mailboxes, user: str, vault: Vault
) -> None:
    server.put(user, letters(30))
    get(vault, source(server, user))
    before = submissions(vault)
    for _ in range(3):
        server.forget(user)
        get(vault, source(server, user))
        assert submissions(vault) == before


@pytest.mark.parametrize("rounds", [6, pytest.param(200, marks=pytest.mark.deep)])
def test_f05_messages_expunged_during_the_run_are_counted_as_gone(
    server: Mailboxes, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    monkeypatch.setattr(imap, "BATCH_MESSAGES", 10)
    chance = random.Random(5)
    real = imap.ImapFolder._read_batch
    for number in range(rounds):
        name = f"{user}-{number}"
        server.put(name, letters(60))
        removed = set(chance.sample(range(1, 61), 20))
        at = chance.randrange(6)
        batches = 0

        def disturbed(
            self: Any, *arguments: Any, at: int = at, name: str = name, removed: set[int] = removed
        ) -> Any:
            nonlocal batches
            if batches == at:
                server.expunge(name, removed)
            batches += 1
            return real(self, *arguments)

        monkeypatch.setattr(imap.ImapFolder, "_read_batch", disturbed)
        vault = Vault(tmp_path / name)
        fetched = get(vault, source(server, name))
        kept = {n for n in range(1, 61) if n not in removed}
        found = contents(vault)
        assert found.total() == fetched.new_count == 60 - fetched.gone_count
        assert set(sent([letters(60)[n - 1] for n in kept])) <= set(found)
        server.remove(name)


# --- F07 to F09, F11 -----------------------------------------------------------------------------


def session_bytes(server: Mailboxes, user: str, tmp_path: Path) -> int:
    """Count what an undisturbed session carries."""
    counted: list[int] = []

    def counting(upstream: Any, client: Any) -> None:
        total = 0
        while data := upstream.recv(65_536):
            client.sendall(data)
            total += len(data)
        counted.append(total)

    with Proxy(server.tls_port, [counting]) as proxy:
        get(Vault(tmp_path / "sondage"), source(server, user, proxy.port))
        while not counted:
            time.sleep(0.01)
    return counted[0]


def cut_everywhere(
    server: Mailboxes, user: str, tmp_path: Path, written: list[bytes], points: list[int]
) -> None:
    for point in points:
        vault = Vault(tmp_path / f"vault-{point}")
        with Proxy(server.tls_port, [cut_after(point)]) as proxy:
            get(vault, source(server, user, proxy.port))
            assert proxy.connections >= 2
        assert contents(vault) == sent(written)


def test_f07_a_connection_cut_at_thirty_places_loses_and_doubles_nothing(
    server: Mailboxes, user: str, tmp_path: Path
) -> None:
    written = letters(40, 5_000)
    server.put(user, written)
    total = session_bytes(server, user, tmp_path)
    assert total > 200_000
    points = [300, 50_000, 150_000, *(total * n // 28 - 30 for n in range(1, 28))]
    cut_everywhere(server, user, tmp_path, written, points)


@pytest.mark.deep
def test_f07_a_connection_cut_every_four_kilobytes_loses_and_doubles_nothing(
    server: Mailboxes, user: str, tmp_path: Path
) -> None:
    written = letters(40, 50_000)
    server.put(user, written)
    total = session_bytes(server, user, tmp_path)
    assert total > 2_000_000
    last = total - 2_000  # after that the messages are all there, and only the farewell is cut
    cut_everywhere(server, user, tmp_path, written, list(range(1, last, 4_096)))


def test_f07_a_connection_always_cut_gets_on_as_long_as_it_gives_something(
    server: Mailboxes, user: str, vault: Vault
) -> None:
    server.put(user, letters(60, 5_000))
    with Proxy(server.tls_port, [cut_after(60_000)] * 500) as proxy:
        get(vault, source(server, user, proxy.port))
    assert contents(vault) == sent(letters(60, 5_000))


@pytest.mark.parametrize("after", [0, 300, 3_000])
def test_f08_p06_a_server_that_falls_silent_is_left_after_three_tries(
    server: Mailboxes, user: str, vault: Vault, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    assert imap.TIMEOUT_SECONDS <= 60
    assert 3 * imap.TIMEOUT_SECONDS + sum(imap.PAUSES) < 300
    monkeypatch.setattr(imap, "TIMEOUT_SECONDS", 0.5)
    server.put(user, letters(40, 5_000))
    with Proxy(server.tls_port, [silent_after(after)] * 3) as proxy:
        with pytest.raises(UnreachableError, match=r"trois fois de suite .*puis relancez"):
            get(vault, source(server, user, proxy.port))
        assert proxy.connections == 3
        get(vault, source(server, user, proxy.port))
    assert contents(vault) == sent(letters(40, 5_000))


def test_p06_a_server_that_fails_twice_is_read_at_the_third_try(
    server: Mailboxes, user: str, vault: Vault
) -> None:
    server.put(user, letters(3))
    with Proxy(server.tls_port, [cut_after(0)] * 2) as proxy:
        get(vault, source(server, user, proxy.port))
        assert proxy.connections == 3
    assert contents(vault) == sent(letters(3))


def test_f08_the_pauses_between_tries_grow(server: Mailboxes, user: str) -> None:
    waited: list[float] = []
    account = ImapAccount("localhost", 1, user, ca_file=str(server.authority))
    with (
        pytest.raises(UnreachableError),
        open_account(account, lambda: PASSWORD, LIMIT, waited.append) as (folder,),
    ):
        folder.locators()
    assert waited == list(imap.PAUSES)


def test_f09_a_stream_that_comes_byte_by_byte_is_read(
    server: Mailboxes, user: str, vault: Vault
) -> None:
    server.put(user, letters(5, 3_000))
    with Proxy(server.tls_port, [one_byte_at_a_time]) as proxy:
        get(vault, source(server, user, proxy.port))
        assert proxy.connections == 1
    assert contents(vault) == sent(letters(5, 3_000))


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.deep)])
def test_f11_a_server_killed_while_it_speaks_loses_and_doubles_nothing(
    server: Mailboxes, user: str, vault: Vault, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    monkeypatch.setattr(imap, "BATCH_MESSAGES", 4)
    written = letters(4 * kills + 8)
    server.put(user, written)
    real = imap.ImapFolder._read_batch
    done = 0

    def disturbed(self: Any, *arguments: Any) -> Any:
        nonlocal done
        found = real(self, *arguments)
        if done < kills:
            done += 1
            server.kill_sessions()
        return found

    monkeypatch.setattr(imap.ImapFolder, "_read_batch", disturbed)
    get(vault, source(server, user))
    assert done == kills
    assert contents(vault) == sent(written)


# --- F12, F13 ------------------------------------------------------------------------------------

PEAK = """
import atexit, sys
from tests.faults import test_imap as here
from tests.program import peak_megabytes
atexit.register(lambda: print(peak_megabytes()))
boite = here.Source("boite", sys.argv[2], authorities=sys.argv[3])
here.get(here.Vault(here.Path(sys.argv[1])), boite)
"""


def peak_of_fetch(folder: Path, uri: str, authority: Path) -> tuple[int, str]:
    """Fetch in a process of its own; return the most memory it held, and what it said last."""
    child = subprocess.run(
        [
            sys.executable,
            "-c",
            PEAK,
            *(str(folder), uri, str(authority)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return int(child.stdout.split()[-1]), child.stderr


def endless(beginning: bytes) -> Callable[[BinaryIO, bytes], None]:
    def answer(stream: BinaryIO, tag: bytes) -> None:
        stream.write(beginning)
        stream.writelines(b"x" * 1_000_000 for _ in range(1_000))

    return answer


@pytest.mark.parametrize(
    ("command", "beginning"),
    [
        (b"UID FETCH 1 (BODY.PEEK[])", b"* 1 FETCH (UID 1 BODY[] {10000000000}\r\n"),
        (b"UID FETCH 1 (BODY.PEEK[])", b"* 1 FETCH (UID 1 BODY[] "),
        (b"UID SEARCH", b"* SEARCH "),
        (b"CAPABILITY", b"* CAPABILITY "),
    ],
    ids=["literal of 10 GB", "line of 1 GB", "listing of 1 GB", "greeting of 1 GB"],
)
def test_f12_more_than_was_asked_for_is_refused_before_it_is_read(
    tmp_path: Path, command: bytes, beginning: bytes
) -> None:
    authority = Authority(tmp_path)
    with FakeImap(authority.issue(), {command: endless(beginning)}) as fake:
        peak, said = peak_of_fetch(
            tmp_path / "vault", f"imaps://u@localhost:{fake.port}", authority.file
        )
    assert "UnreachableError" in said
    assert peak < 300


def test_f13_of_a_message_too_large_the_header_and_the_size_are_kept(
    server: Mailboxes, user: str, tmp_path: Path
) -> None:
    small = letters(2)
    big = [letter + b"x" * 75 * 700_000 + b"\r\n" for letter in letters(4)[2:3]]
    huge = [letter + b"x" * 200_000_000 + b"\r\n" for letter in letters(4)[3:]]
    for written in (small, big, huge):
        server.put(user, written)
    uri = f"imaps://{user}@localhost:{server.tls_port}"
    peak, said = peak_of_fetch(tmp_path / "vault", uri, server.authority)
    assert "Error" not in said
    assert peak < 300
    rows = {row["size_bytes"]: row for row in submissions(Vault(tmp_path / "vault"))}
    kept = [row for size, row in rows.items() if size > LIMIT]
    assert [row["is_whole"] for row in kept] == [False, False]
    assert {row["size_bytes"] // 10_000_000 for row in kept} == {5, 20}
    headers = {Vault(tmp_path / "vault").message(row["submission_id"]) for row in kept}
    assert headers == {
        letter.replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n\n" for letter in letters(4)[2:]
    }


# --- F14, F15 ------------------------------------------------------------------------------------


def fake_source(fake: FakeImap, authority: Authority, scheme: str = "imaps", **more: Any) -> Source:
    uri = f"{scheme}://u@localhost:{fake.port}"
    return Source("boite", uri, authorities=str(authority.file), **more)


def test_f14_p06_a_wrong_password_is_tried_once(server: Mailboxes, user: str, vault: Vault) -> None:
    server.put(user, letters(1))
    with Proxy(server.tls_port) as proxy:
        with pytest.raises(SourceError, match="refuse le mot de passe") as refusal:
            get(vault, source(server, user, proxy.port), password="pas-le-bon")
        assert proxy.connections == 1
    assert "pas-le-bon" not in str(refusal.value)


def test_f14_a_token_that_is_refused_is_tried_once(tmp_path: Path, vault: Vault) -> None:
    def refuse(stream: BinaryIO, tag: bytes) -> None:
        stream.write(b"+ \r\n")
        stream.flush()
        said.append(base64.b64decode(stream.readline()))
        stream.write(b"+ " + base64.b64encode(b'{"status":"400"}') + b"\r\n")
        stream.flush()
        said.append(stream.readline())
        stream.write(tag + b" NO [AUTHENTICATIONFAILED] invalid_grant\r\n")

    said: list[bytes] = []
    authority = Authority(tmp_path)
    with FakeImap(authority.issue(), {b"AUTHENTICATE XOAUTH2": refuse}) as fake:
        with pytest.raises(SourceError, match="refuse le jeton d'accès"):
            get(vault, fake_source(fake, authority, authentication="xoauth2"), password="jeton")
        assert fake.count(b"AUTHENTICATE") == 1
    assert said == [b"user=u\1auth=Bearer jeton\1\1", b"\r\n"]


def test_f14_a_token_that_expires_during_the_run_is_asked_for_again(
    tmp_path: Path, vault: Vault
) -> None:
    tokens = map(str, count())
    cuts = iter([True, False])

    def body(stream: BinaryIO, tag: bytes) -> None:
        if next(cuts):
            raise HangUp
        stream.write(BODY + tag + b" OK done\r\n")

    authority = Authority(tmp_path)
    with FakeImap(authority.issue(), {b"UID FETCH 1 (BODY.PEEK[])": body}) as fake:
        access = Access(Path(), PARIS, LIMIT, lambda _: next(tokens), lambda _: None)
        asked = [fake_source(fake, authority, authentication="xoauth2")]
        fetch.fn(vault, asked, partial(open_source, access=access), PARIS, NOW)
        given = [base64.b64decode(x[2:]) for x in fake.said if x.startswith(b"* ")]
    assert len(given) == len({re.findall(rb"Bearer (\w+)", answer)[0] for answer in given}) == 2
    assert len(submissions(vault)) == 1


@pytest.mark.parametrize(
    ("name", "issued", "reason"),
    [
        ("localhost", {"days": -1}, "expired"),
        ("ailleurs.example", {}, "mismatch|doesn't match"),
        ("localhost", {"is_self_signed": True}, "self.signed"),
    ],
    ids=["expired", "another's", "self-signed"],
)
def test_f15_a_server_that_cannot_be_believed_is_told_nothing(
    tmp_path: Path, vault: Vault, name: str, issued: dict[str, Any], reason: str
) -> None:
    authority = Authority(tmp_path)
    with FakeImap(authority.issue(name, **issued), {}) as fake:
        with pytest.raises(SourceError, match=f"ne peut pas être cru .*({reason})"):
            get(vault, fake_source(fake, authority))
        assert fake.said == []


@pytest.mark.parametrize(
    ("answers", "greeting"),
    [
        ({}, b"* OK hello\r\n"),
        ({}, b"* PREAUTH hello\r\n"),
        ({}, b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n"),
        (
            {
                b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done\r\n",
                b"STARTTLS": b"{tag} NO not today\r\n",
            },
            b"* OK hello\r\n",
        ),
        (
            {
                b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done\r\n",
                b"STARTTLS": b"{tag} OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nX1 OK in\r\n",
            },
            b"* OK hello\r\n",
        ),
    ],
    ids=["stripped", "preauthenticated", "stripped in the greeting", "refused", "injected"],
)
def test_f15_without_starttls_nothing_is_said_in_the_clear(
    tmp_path: Path, vault: Vault, answers: dict[bytes, bytes], greeting: bytes
) -> None:
    authority = Authority(tmp_path)
    with FakeImap(None, answers, greeting) as fake:
        with pytest.raises(SourceError):
            get(vault, fake_source(fake, authority, "imap"))
        # What follows a STARTTLS that was granted is the beginning of TLS, in no words.
        commands = [re.fullmatch(rb"[A-Z]{4}\d+ (\w+).*", line) for line in fake.said]
    assert {found[1] for found in commands if found} <= {b"CAPABILITY", b"STARTTLS", b"LOGOUT"}
    secret = PASSWORD.encode()
    assert not any(secret in line or base64.b64encode(secret)[:12] in line for line in fake.said)


# --- F20 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "new"),
    [
        ({b"EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n{tag} OK done\r\n"}, 1),
        (
            {
                b"EXAMINE": b"* 99 EXISTS\r\n* OK [UIDNEXT 0]\r\n* OK [UIDVALIDITY 7]\r\n"
                b"{tag} OK done\r\n"
            },
            1,
        ),
        ({b"EXAMINE": b"{tag} OK done\r\n"}, 1),
        (
            {
                b"UID FETCH 1 (BODY.PEEK[])": b"* 1 EXPUNGE\r\n* 7 EXISTS\r\n"
                b"* 3 FETCH (FLAGS ())\r\n"
                + BODY
                + b"* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n* 5 RECENT\r\n{tag} OK done\r\n"
            },
            1,
        ),
        ({b"UID FETCH 1 (BODY.PEEK[])": b"{tag} OK done\r\n"}, 0),
        ({b"UID FETCH 1 (BODY.PEEK[])": b"* 1 FETCH (UID 1 BODY[] NIL)\r\n{tag} OK done\r\n"}, 0),
        ({b"UID FETCH 1 (BODY.PEEK[])": b"{tag} NO [EXPUNGEISSUED] gone\r\n"}, 0),
        ({b"UID FETCH 1 (RFC822.SIZE": b"* 3 FETCH (RFC822.SIZE 19)\r\n{tag} OK done\r\n"}, 0),
        (
            {
                b"UID FETCH 1 (RFC822.SIZE": SIZE.replace(b" 9-Jan-2020", b"99-Xyz-0000")
                + b"{tag} OK done\r\n"
            },
            1,
        ),
        ({b"UID SEARCH": b"{tag} OK done\r\n"}, 0),
        ({b"UID SEARCH": b"* SEARCH\r\n{tag} OK done\r\n"}, 0),
    ],
    ids=[
        *("EXISTS lies", "UIDNEXT 0", "no UIDVALIDITY", "unsolicited", "nothing", "NIL", "NO"),
        *("no UID", "no date", "no answer", "empty"),
    ],
)
def test_f20_what_a_server_says_wrongly_is_borne(
    tmp_path: Path, vault: Vault, answers: dict[bytes, bytes], new: int
) -> None:
    authority = Authority(tmp_path)
    with FakeImap(authority.issue(), answers) as fake:
        assert get(vault, fake_source(fake, authority)).new_count == new
    assert len(submissions(vault)) == new


@pytest.mark.parametrize(
    "command",
    [b"CAPABILITY", b"AUTHENTICATE", b"EXAMINE", b"UID SEARCH", b"UID FETCH", b"LOGOUT"],
)
@pytest.mark.parametrize("farewell", [b"* BYE going down\r\n", b"junk\r\n", b"", b"\0\xff\r\n\r\n"])
def test_f20_a_server_that_leaves_at_any_time_is_met_again(
    tmp_path: Path, vault: Vault, command: bytes, farewell: bytes
) -> None:
    farewells = 1

    def leave(stream: BinaryIO, tag: bytes) -> None:
        nonlocal farewells
        if farewells:
            farewells -= 1
            stream.write(farewell)
            stream.flush()
            raise HangUp
        if command == b"AUTHENTICATE":
            FakeImap._authenticate(fake, stream, tag)
        else:
            usual = FakeImap(None, {})
            with usual:
                answer = usual._answers.get(command) or usual._fetch(fake.said[-1])
            assert isinstance(answer, bytes)
            stream.write(answer.replace(b"{tag}", tag))

    authority = Authority(tmp_path)
    with FakeImap(authority.issue(), {command: leave}) as fake:
        assert get(vault, fake_source(fake, authority)).new_count == 1
