"""Against a real server on this machine: what is encrypted, who is let in, what a failure says."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

import pytest

from tasks import smtp
from tasks.consultation import MailServer
from tasks.smtp import Account, SendError, UncertainError, send
from tests.servers.certificates import Authority
from tests.servers.smtp import PASSWORD, USER, SmtpServer, free_port, scripted_server, smtp_server

SENDER, TO = "assises@prefecture.example", ("un@interieur.example", "deux@interieur.example")
Security = Literal["tls", "starttls", "none"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def message() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = SENDER, "Synthèse"
    message.set_content("Été\n.\nune ligne qui suit un point\n")
    return message


def account(server: SmtpServer, security: Security, ca_file: Path | None = None) -> Account:
    user = None if security == "none" else USER
    declared = MailServer("localhost", server.port, security)
    return Account(declared, user, str(ca_file) if ca_file else None)


def password() -> str:
    return PASSWORD


def never() -> str:
    raise AssertionError("the password was asked for")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_message_goes_encrypted_after_a_login(
    authority: Authority, message: EmailMessage, security: Security
) -> None:
    with smtp_server(security, authority.issue()) as server:
        refused = send(account(server, security, authority.file), password, SENDER, TO, message)
    (taken,) = server.taken
    assert (refused, taken.recipients) == ({}, TO)
    assert taken.is_encrypted
    assert taken.is_logged_in
    assert taken.message.get_content().splitlines() == message.get_content().splitlines()


def test_a_server_of_this_machine_may_take_it_plain(message: EmailMessage) -> None:
    with smtp_server() as server:
        send(account(server, "none"), never, SENDER, TO, message)
    assert [taken.is_encrypted for taken in server.taken] == [False]


def test_who_is_refused_is_told_and_the_others_have_it(message: EmailMessage) -> None:
    with smtp_server(refuses={TO[0]: "550 unknown"}) as server:
        assert send(account(server, "none"), never, SENDER, TO, message) == {TO[0]: 550}
        assert server.taken[0].recipients == TO[1:]
        assert send(account(server, "none"), never, SENDER, TO[:1], message) == {TO[0]: 550}
    assert len(server.taken) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    "issue",
    [
        pytest.param(lambda by: by.issue("ailleurs.example"), id="another host"),
        pytest.param(lambda by: by.issue(days=-1), id="ended"),
        pytest.param(lambda by: by.issue(is_self_signed=True), id="nobody vouches"),
    ],
)
def test_a_wrong_certificate_gets_nothing(
    authority: Authority,
    message: EmailMessage,
    security: Security,
    issue: Callable[[Authority], object],
) -> None:
    with smtp_server(security, issue(authority)) as server:  # type: ignore[arg-type]
        with pytest.raises(SendError, match=r"^le certificat n'est pas vérifié"):
            send(account(server, security, authority.file), never, SENDER, TO, message)
        assert server.taken == []


def test_without_starttls_nothing_is_said_in_the_clear(
    authority: Authority, message: EmailMessage
) -> None:
    with smtp_server() as server:
        with pytest.raises(SendError, match="n'offre pas STARTTLS"):
            send(account(server, "starttls", authority.file), never, SENDER, TO, message)
        assert server.taken == []


def test_a_wrong_password_is_said_without_it(authority: Authority, message: EmailMessage) -> None:
    with smtp_server("tls", authority.issue()) as server:
        with pytest.raises(SendError) as raised:
            send(account(server, "tls", authority.file), lambda: "faux", SENDER, TO, message)
        with pytest.raises(SendError, match="que de l'ASCII"):
            send(account(server, "tls", authority.file), lambda: "éà", SENDER, TO, message)
    assert str(raised.value) == "le serveur refuse l'identifiant ou le mot de passe (code 535)"


def test_a_server_that_is_down_says_nothing_was_sent(message: EmailMessage) -> None:
    gone = Account(MailServer("localhost", free_port(), "none"))
    with pytest.raises(SendError, match="ne peut pas être joint"):
        send(gone, never, SENDER, TO, message)


def test_authorities_that_are_absent_are_named(tmp_path: Path, message: EmailMessage) -> None:
    absent = Account(MailServer("localhost", 1, "tls"), None, str(tmp_path / "absent.pem"))
    with pytest.raises(SendError, match=r"^le fichier des autorités \(message.authorities\)"):
        send(absent, never, SENDER, TO, message)


def test_cut_once_the_message_is_given_nobody_knows(message: EmailMessage) -> None:
    with smtp_server(hangs_up=True) as server:
        with pytest.raises(UncertainError):
            send(account(server, "none"), never, SENDER, TO, message)
        assert len(server.taken) == 1


def test_a_server_that_hangs_up_on_one_recipient_has_told_nobody(message: EmailMessage) -> None:
    with smtp_server(refuses={TO[1]: "421 closing"}) as server:
        with pytest.raises(SendError, match="code 421"):
            send(account(server, "none"), never, SENDER, TO, message)
        assert server.taken == []


@pytest.mark.parametrize(
    "reply",
    [b"hello\r\n", b"251 elsewhere\r\n", b"250 " + b"x" * 9_000 + b"\r\n", b""],
    ids=["no code", "another code", "endless line", "silence"],
)
def test_what_is_answered_to_a_message_and_not_understood_leaves_a_doubt(
    message: EmailMessage, reply: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.5)
    with scripted_server({".": reply}) as server, pytest.raises(UncertainError):
        send(account(server, "none"), never, SENDER, TO, message)


@pytest.mark.parametrize("when", ["mail", "data", "."])
@pytest.mark.parametrize("code", [421, 451, 552])
def test_a_refusal_at_any_moment_is_no_sending(message: EmailMessage, when: str, code: int) -> None:
    refusal = b"%d no\r\n" % code
    with scripted_server({when: refusal}) as server, pytest.raises(SendError, match=f"code {code}"):
        send(account(server, "none"), never, SENDER, TO, message)


def test_a_server_that_talks_without_end_is_hung_up_on(
    message: EmailMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "REPLY_SECONDS", 1.0)
    with (
        scripted_server({"": b"220-x\r\n" * 100}, pause=0.05) as server,
        pytest.raises(SendError, match="ne peut pas être joint"),
    ):
        send(account(server, "none"), never, SENDER, TO, message)
