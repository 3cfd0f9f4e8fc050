"""A consultation with a mailbox on a server and a table of answers, as people run it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from tests.program import EXAMPLE, assises_here, copy_beside
from tests.servers.dovecot import PASSWORD, Mailboxes

pytestmark = pytest.mark.usefixtures("prefect")

NINTH = datetime(2020, 1, 9, 7, 30, tzinfo=UTC)
USER = "assises@pref.example"
SOURCES = """
[[source]]
name = "boite"
uri = "imaps://assises%40pref.example@localhost:{port}"
folders = ["INBOX", "Indésirables"]
password = "env:MOT_DE_PASSE"
authorities = "{authorities}"

[[source]]
name = "questionnaire"
uri = "csv:réponses.csv"
channel = "questionnaire"

[source.columns]
text = ["Vos constats", "Vos propositions"]
received_at = "Date"
address = "Courriel"
"""
ANSWERS = """Date;Courriel;Vos constats;Vos propositions
10/01/2020 09:00;paul.durand@courriel.example;La place du marché n'est pas éclairée.;\
Il faut y installer deux lampadaires.
11/01/2020;;Les cambriolages augmentent à Cusset.;
hier;;Sans date, cette ligne attend une personne.;
12/01/2020;;;
"""
SPOOFED = (
    "From: Lucie Morand <lucie.morand@courriel.example>\r\n"
    "Authentication-Results: mx.pref.example; dmarc=fail header.from=courriel.example\r\n"
    "Subject: Ma contribution\r\n\r\nIl faut davantage de patrouilles le soir à Vichy.\r\n"
).encode()


@pytest.fixture(scope="module")
def consultation(server: Mailboxes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's consultation with other sources: a server's mailbox and a table."""
    folder = tmp_path_factory.mktemp("sources")
    text = (EXAMPLE / "consultation.toml").read_text(encoding="utf-8")
    start, end = text.index("[[source]]"), text.index("[thresholds]")
    sources = SOURCES.format(port=server.tls_port, authorities=server.authority)
    text = text[:start] + sources.lstrip() + text[end:]
    text = text.replace("[consultation]\n", '[consultation]\nauthserv_ids = ["MX.pref.example"]\n')
    path = folder / "consultation.toml"
    path.write_text(text, encoding="utf-8")
    copy_beside(folder)
    (folder / "réponses.csv").write_text(ANSWERS, encoding="utf-8")
    letters = [path.read_bytes() for path in sorted((EXAMPLE / "mailbox").glob("*.eml"))[:4]]
    server.put(USER, letters[:3], received_at=NINTH)
    server.put(USER, [*letters[2:], SPOOFED], folder="Indésirables", received_at=NINTH)
    return path


def run(consultation: Path, *more: str, password: str = PASSWORD) -> tuple[int, str, list[str]]:
    arguments = ("--consultation", str(consultation), "--home", str(consultation.parent / "home"))
    done = assises_here("run", *arguments, *more, MOT_DE_PASSE=password)
    return done.returncode, done.stdout, done.stderr.splitlines()


def test_a_mailbox_and_a_table_become_one_synthesis(consultation: Path) -> None:
    home = consultation.parent / "home"
    code, said, _ = run(consultation, "--dry-run")
    assert code == 0
    counts = [line.rpartition(") : ")[2] for line in said.splitlines()]
    assert counts == [
        "3 messages, dont 3 à relever",
        "3 messages, dont 3 à relever",
        "4 messages, dont 4 à relever",
        "Rien n'a été relevé ni écrit.",
    ]
    assert not home.exists()

    code, said, told = run(consultation)
    assert code == 0, told
    with duckdb.connect(str(Path(said.strip()) / "assises.duckdb"), read_only=True) as base:
        rows = base.sql(
            "select channel, sources, sender_verified, reason from core.submissions"
        ).fetchall()
    channels = Counter((channel, tuple(sources)) for channel, sources, _, _ in rows)
    assert channels == {("mail", ("boite",)): 5, ("questionnaire", ("questionnaire",)): 4}
    assert [verified for _, _, verified, _ in rows].count(False) == 1
    answers = Counter(reason for channel, _, _, reason in rows if channel == "questionnaire")
    assert answers == {None: 2, "unreadable": 1, "empty": 1}

    code, said, _ = run(consultation, "--dry-run")
    assert [line.count("dont 0 à relever") for line in said.splitlines()] == [1, 1, 1, 0]


def test_a_refused_password_is_one_sentence(consultation: Path) -> None:
    code, _, told = run(consultation, "--dry-run", password="pas-le-bon")
    assert code == 2
    assert told[-1].startswith("localhost refuse le mot de passe de cette boîte")
    assert not any("pas-le-bon" in line for line in told)


def test_a_password_that_is_nowhere_is_one_sentence(consultation: Path) -> None:
    code, _, told = run(consultation, password="")
    assert (code, len(told)) == (2, 1)
    assert "vide ou absent (env:MOT_DE_PASSE)" in told[0]
