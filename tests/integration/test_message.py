"""Messages about the example's final synthesis, sent to a server of this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flows.cli import main
from flows.daily_synthesis import daily_synthesis
from flows.notification import Notice, notify
from flows.run import Run, prepare_run
from flows.signoff import validate
from tests.program import EXAMPLE, Ran
from tests.servers.certificates import Authority
from tests.servers.smtp import PASSWORD, USER, SmtpServer, free_port, smtp_server
from warehouse.contracts import MESSAGES
from warehouse.home import Home
from warehouse.publication import Shelf

pytestmark = pytest.mark.usefixtures("own_process")

DAY, WHO = "2020-01-19", "Claire Dumont, secrétaire générale"
TO = ("cabinet@interieur.example", "analystes@prefecture.example")


@pytest.fixture
def place(final_copy: Ran, tmp_path: Path) -> Path:
    """The example with its final synthesis in `home`, all to change."""
    shutil.copytree(EXAMPLE, tmp_path / "consultation")
    return tmp_path


def prepared(place: Path) -> Run:
    return prepare_run(place / "consultation" / "consultation.toml", place / "home", DAY)


def declare(place: Path, server: str, *more: str) -> None:
    file = place / "consultation" / "consultation.toml"
    declared = (f"to = {list(TO)}", 'from = "assises@prefecture.example"', f'server = "{server}"')
    text = file.read_text().partition("\n[message]\n")[0]
    file.write_text("\n".join([text.rstrip("\n"), "", "[message]", *declared, *more]) + "\n")


def told(place: Path, server: SmtpServer, *, again: bool = False) -> list[Notice]:
    declare(place, f"smtp://localhost:{server.port}")
    return notify(prepared(place), again=again)


def states(place: Path) -> list[str]:
    return list(Home(place / "home").decisions.read(MESSAGES)["state"].to_pylist())


def test_a_publication_is_told_of_once(place: Path) -> None:
    with smtp_server() as server:
        assert all(notice.is_done for notice in told(place, server))
        assert told(place, server) == []
    (taken,) = server.taken
    assert taken.recipients == TO
    assert taken.message["Auto-Submitted"] == "auto-generated"
    assert "(brouillon)" in taken.message["Subject"]
    assert not taken.message.is_multipart()
    assert states(place) == ["en cours"] * 2 + ["remis"] * 2


def test_the_program_sends_encrypted_and_a_rerun_is_silent(
    prefect: None, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("ASSISES_SMTP_PASSWORD", PASSWORD)
    with smtp_server("tls", authority.issue()) as server:
        more = (f'user = "{USER}"', f'authorities = "{authority.file}"')
        declare(place, f"smtps://localhost:{server.port}", *more)
        for _ in range(2):
            file = place / "consultation" / "consultation.toml"
            daily_synthesis(file, home=place / "home", as_of=DAY)
    assert [taken.is_logged_in for taken in server.taken] == [True]


def test_the_final_one_carries_the_published_bytes_once_validated(place: Path) -> None:
    with smtp_server() as server:
        told(place, server)
        published = validate(prepared(place), None, WHO)
        told(place, server)
        assert told(place, server) == []
    daily, final = (taken.message for taken in server.taken)
    assert daily["Message-ID"] != final["Message-ID"]
    joined = {part.get_filename(): part for part in final.iter_attachments()}
    assert "synthese.html" in joined
    for name, part in joined.items():
        assert part.get_payload(decode=True) == (published.link / str(name)).read_bytes()
    assert WHO.encode() not in server.taken[1].content.partition(b"synthese.html")[0]


def test_a_server_that_was_down_is_sent_to_later(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    declare(place, f"smtp://localhost:{port}")
    (notice,) = notify(prepared(place))
    assert not notice.is_done
    assert "La prochaine exécution l'enverra" in notice.sentence
    assert main(["status", "--home", str(place / "home")]) == 0
    assert "pas encore envoyé pour 2 destinataires" in capsys.readouterr().out
    with smtp_server(port=port) as server:
        assert all(notice.is_done for notice in notify(prepared(place)))
    assert len(server.taken) == 1


def test_who_is_refused_is_told_without_an_address_and_tried_again(place: Path) -> None:
    with smtp_server(refuses={TO[1]: "451 later"}) as server:
        (notice,) = told(place, server)
        assert "n° 2 de message.to (code 451)" in notice.sentence
        assert "@" not in notice.sentence
        server.refuses = {}
        told(place, server)
    assert [taken.recipients for taken in server.taken] == [TO[:1], TO[1:]]
    assert server.taken[0].message["Message-ID"] == server.taken[1].message["Message-ID"]


def test_cut_short_that_of_a_day_goes_again_under_its_identifier(place: Path) -> None:
    with smtp_server(hangs_up=True) as server:
        assert not told(place, server)[0].is_done
        server.hangs_up = False
        assert told(place, server)[0].is_done
    first, second = (taken.message["Message-ID"] for taken in server.taken)
    assert first == second


def test_cut_short_the_final_one_waits_for_a_person(place: Path) -> None:
    validate(prepared(place), None, WHO)
    with smtp_server(hangs_up=True) as server:
        told(place, server)
        server.hangs_up = False
        (notice,) = told(place, server)
        assert "assises message --again" in notice.sentence
        assert len(server.taken) == 1
        assert told(place, server, again=True)[0].is_done
        assert told(place, server) == []
    assert len(server.taken) == 2


def test_one_that_did_arrive_is_written_down(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    validate(prepared(place), None, WHO)
    with smtp_server(hangs_up=True) as server:
        told(place, server)
        arguments = [
            *("message", "--received", "--home", str(place / "home")),
            *("--consultation", str(place / "consultation" / "consultation.toml")),
        ]
        assert main(arguments) == 0
        assert told(place, server) == []
    assert len(server.taken) == 1


def test_nothing_is_stored_or_said_of_an_address(place: Path) -> None:
    with smtp_server() as server:
        notices = told(place, server)
    assert not any("@" in notice.sentence for notice in notices)
    for path in (place / "home" / "decisions").rglob("*.parquet"):
        assert not any(address.encode() in path.read_bytes() for address in TO)


def test_without_the_table_nothing_is_sent(place: Path) -> None:
    assert notify(prepared(place)) == []
    assert states(place) == []


def test_a_hostile_title_is_one_header(place: Path) -> None:
    file = place / "consultation" / "consultation.toml"
    title = 'title = "Assises 🚓\\r\\nBcc: autre@exemple.invalid\\r\\n\\r\\nCorps"'
    lines = [title if x.startswith("title =") else x for x in file.read_text().splitlines()]
    file.write_text("\n".join(lines))
    with smtp_server() as server:
        assert told(place, server)[0].is_done
    (taken,) = server.taken
    assert taken.message["Bcc"] is None
    assert "Bcc: autre@exemple.invalid" in taken.message["Subject"]
    assert taken.recipients == TO
    assert Shelf(place / "home" / "published").get("latest") is not None
