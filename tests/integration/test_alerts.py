"""Who is on duty is told of runs by a server of this machine and by a command of their own."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Crashed

from flows import alerts
from flows.cli import main
from flows.daily_synthesis import daily_synthesis
from flows.run import Run, prepare_run
from flows.running import at_work
from tests.program import EXAMPLE
from tests.servers.certificates import Authority
from tests.servers.smtp import PASSWORD, USER, SmtpServer, free_port, smtp_server
from warehouse.failures import TellableError
from warehouse.home import AlreadyRunningError, Home, HomeError

pytestmark = pytest.mark.usefixtures("own_process")

DAY, NEXT = "2020-01-12", "2020-01-13"
TO = ("astreinte@prefecture.example", "informatique@prefecture.example")
SENTENCE = "La boîte ne répond pas."
GATE = {
    "id": "p-0123456789ab",
    "sentence": "30 % des messages attendent une personne.",
    "row_count": 12,
    "acceptable": True,
}
FAULT = GATE | {"id": "p-ba9876543210", "sentence": "Les sommes diffèrent", "acceptable": False}
# Writes what it was given, and in which environment, where its argument says.
TELLER = """#!{python}
import json, os, sys
given = json.load(sys.stdin)
with open(sys.argv[1], "a") as file:
    file.write(json.dumps([given, dict(os.environ)]) + "\\n")
print(given)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The example's file in a folder of its own, and no home yet."""
    shutil.copytree(EXAMPLE, tmp_path / "consultation", ignore=shutil.ignore_patterns("mailbox"))
    return tmp_path


def declare(
    place: Path, port: int | None = None, command: Sequence[str] = (), more: str = ""
) -> None:
    """Write the tables of the file: messages only to those who are on duty."""
    file = place / "consultation" / "consultation.toml"
    text = file.read_text().partition("\n[message]\n")[0]
    lines = [text.rstrip("\n"), "", "[message]", 'to = ["cabinet@interieur.example"]']
    lines += ['from = "assises@prefecture.example"', f'server = "smtp://localhost:{port or 25}"']
    lines += [more, "[alerts]", f"to = {json.dumps(TO if port else [])}"]
    file.write_text("\n".join([*lines, f"command = {json.dumps([*command])}", ""]))


def prepared(place: Path, day: str = DAY) -> Run:
    return prepare_run(place / "consultation" / "consultation.toml", place / "home", day)


def fail(place: Path, day: str = DAY, sentence: str = SENTENCE) -> None:
    with pytest.raises(TellableError), at_work(prepared(place, day), "run"):
        raise TellableError(sentence)


def hold(place: Path, *gates: Mapping[str, Any]) -> None:
    with at_work(prepared(place), "run") as entry:
        entry.note(outcome="held", gates=[*gates])


def succeed(place: Path, day: str = DAY, command: str = "run") -> None:
    with at_work(prepared(place, day), command) as entry:
        entry.note(outcome="published")


def kill(place: Path, day: str = DAY) -> None:
    """Have a process begin a run, and end without a word."""
    child = os.fork()
    if child == 0:
        with at_work(prepared(place, day), "run"):
            os._exit(9)
    os.waitpid(child, 0)


def alerted(place: Path) -> list[dict[str, Any]]:
    return Home(place / "home").journal.alerts.all()


def logged(place: Path) -> list[dict[str, Any]]:
    (file,) = (place / "home" / "logs").iterdir()
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def words(message: EmailMessage) -> str:
    """The text of a message, without its line breaks and fine spaces."""
    return " ".join(message.get_content().split()).replace("\u202f", " ")


def subjects(server: SmtpServer) -> list[str]:
    return [
        " ".join(taken.message["Subject"].split()).partition(" : ")[0] for taken in server.taken
    ]


def test_a_run_that_fails_is_told_once_a_day_and_its_recovery_too(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        fail(place)
        fail(place)
        fail(place, sentence="Le certificat n'est pas vérifié.")
        fail(place, NEXT)
        succeed(place, DAY, "review")
        assert len(server.taken) == 3
        succeed(place, NEXT)
        succeed(place, NEXT)
    assert subjects(server) == [
        "Échec, synthèse au 12 janvier 2020",
        "Échec, synthèse au 12 janvier 2020",
        "Échec, synthèse au 13 janvier 2020",
        "Rétabli, synthèse au 13 janvier 2020",
    ]
    first = server.taken[0]
    assert first.recipients == TO
    assert first.message["Auto-Submitted"] == "auto-generated"
    told = words(first.message)
    assert SENTENCE in told
    assert "Rien n’est encore publié" in told
    assert f"assises run --consultation {place / 'consultation' / 'consultation.toml'}" in told
    assert all(facts["resolved_by"] for facts in alerted(place) if facts["kind"] == "failed")


def test_a_review_that_fails_is_told_as_what_it_is(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        with pytest.raises(TellableError), at_work(prepared(place), "review"):
            raise TellableError(SENTENCE)
    assert "assises review » n’est pas allé à son terme" in words(server.taken[0].message)


def test_the_end_of_another_day_does_not_end_a_failure(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        fail(place, NEXT)
        succeed(place, DAY)
    assert len(server.taken) == 1


def test_what_is_left_on_a_disk_is_no_other_cause(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        for left in (143, 9):
            fail(place, sentence=f"Disque plein : il reste {left} Mo.")
    assert len(server.taken) == 1


def test_p08_a_publication_that_is_held_is_told_with_what_lets_it_pass(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        hold(place, GATE)
        hold(place, GATE)
        succeed(place)
    assert subjects(server)[0] == "Publication retenue, synthèse au 12 janvier 2020"
    told = words(server.taken[0].message)
    assert "30 % des messages attendent une personne" in told
    assert f"--as-of {DAY} --accept-gate {GATE['id']} --because" in told
    assert subjects(server)[1:] == ["Rétabli, synthèse au 12 janvier 2020"]


def test_a_gate_of_an_earlier_day_is_let_pass_for_that_day(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        hold(place, GATE | {"as_of_date": date(2020, 1, 9)})
    assert "--as-of 2020-01-09 --accept-gate" in words(server.taken[0].message)


def test_a_fault_of_the_program_is_not_let_pass(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        hold(place, FAULT)
        hold(place, GATE, FAULT)
    alone, both = (words(taken.message) for taken in server.taken)
    assert "--accept-gate" not in alone
    assert "c’est une faute du programme" in alone
    assert FAULT["id"] not in both
    assert GATE["id"] in both


def test_a_home_that_a_newer_program_wrote_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever refuses the home before the journal has a line of the run."""

    def refuse(_: Home) -> None:
        raise HomeError("Écrit par un programme plus récent.")

    monkeypatch.setattr(Home, "prepare", refuse)
    with smtp_server() as server:
        declare(place, server.port)
        with pytest.raises(HomeError), at_work(prepared(place), "run"):
            pass
    assert "Écrit par un programme plus récent" in words(server.taken[0].message)


def test_the_home_of_another_consultation_is_left_alone(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        Home(place / "home").prepare()
        Home(place / "home").bind("autre")
        with pytest.raises(HomeError), at_work(prepared(place), "run"):
            pass
    assert server.taken == []
    assert not (place / "home" / "journal").exists()


def test_a_run_that_was_killed_is_told_by_the_next(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        kill(place, DAY)
        assert server.taken == []
        succeed(place, NEXT)
        succeed(place, NEXT)
    assert subjects(server) == [
        "Exécution interrompue, synthèse au 12 janvier 2020",
        "Rétabli, synthèse au 13 janvier 2020",
    ]
    assert "L’exécution n° 1 (assises run)" in words(server.taken[0].message)


def test_prefect_tells_at_once_of_a_run_that_it_saw_die(place: Path) -> None:
    file = place / "consultation" / "consultation.toml"
    parameters = {"consultation": str(file), "home": str(place / "home"), "as_of": DAY}
    seen = FlowRun(flow_id=uuid4(), parameters=parameters)
    (tell,) = daily_synthesis.on_crashed_hooks
    with smtp_server() as server:
        declare(place, server.port)
        fail(place, "2020-01-11")
        tell(daily_synthesis, seen, Crashed())
        assert len(server.taken) == 1  # that one had told of itself
        kill(place)
        tell(daily_synthesis, seen, Crashed())
        assert subjects(server)[1:] == ["Exécution interrompue, synthèse au 12 janvier 2020"]
        succeed(place)
    assert len(server.taken) == 3  # the recovery


def test_a_person_who_stops_a_run_is_not_told_that_it_stopped(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        with pytest.raises(KeyboardInterrupt), at_work(prepared(place), "run"):
            raise KeyboardInterrupt
        succeed(place)
    assert server.taken == []
    assert Home(place / "home").journal.entries()[0]["outcome"] == "interrupted"


@pytest.mark.parametrize(("hours", "count"), [(19, 0), (21, 1)])
def test_only_a_run_that_does_not_end_is_told_to_those_it_keeps_out(
    place: Path, hours: int, count: int
) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        with at_work(prepared(place), "run") as entry:
            entry.note(started_at=datetime.now(UTC) - timedelta(hours=hours))
            for _ in range(2):
                with pytest.raises(AlreadyRunningError), at_work(prepared(place), "run"):
                    pass
    told = ["Exécution qui ne se termine pas, synthèse au 12 janvier 2020"] * count
    over = ["Rétabli, synthèse au 12 janvier 2020"] * count  # it ended after all
    assert subjects(server) == told + over
    if count:
        assert f"kill {os.getpid()}" in words(server.taken[0].message)


def test_what_could_not_be_sent_is_sent_by_the_next_run_under_the_same_identifier(
    place: Path,
) -> None:
    port = free_port()
    declare(place, port)
    fail(place)
    (facts,) = alerted(place)
    assert (facts["owed"], facts["told"]) == (["mail"], [])
    assert "ne peut pas être joint" in facts["why"]["mail"]
    assert [line["level"] for line in logged(place) if facts["id"] in line["message"]] == [
        "warning"
    ]
    with smtp_server(port=port, hangs_up=True) as server:
        fail(place)
        server.hangs_up = False
        fail(place)
        fail(place)
    first, second = (taken.message["Message-ID"] for taken in server.taken)
    assert first == second
    assert facts["id"] in first


def test_one_recipient_that_is_refused_keeps_nothing_from_the_other(place: Path) -> None:
    with smtp_server(refuses={TO[0]: "550 unknown"}) as server:
        declare(place, server.port)
        fail(place)
        fail(place)
    assert [taken.recipients for taken in server.taken] == [TO[1:]]
    assert any("n° 1 (code 550)" in line["message"] for line in logged(place))


def test_alerts_go_encrypted_and_logged_in_as_messages_do(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("ASSISES_SMTP_PASSWORD", PASSWORD)
    with smtp_server("tls", authority.issue()) as server:
        declare(place, server.port, more=f'user = "{USER}"\nauthorities = "{authority.file}"')
        file = place / "consultation" / "consultation.toml"
        file.write_text(file.read_text().replace("smtp://", "smtps://"))
        fail(place)
    (taken,) = server.taken
    assert (taken.is_encrypted, taken.is_logged_in) == (True, True)


# --- the command ---------------------------------------------------------------------------------


def teller(place: Path) -> Path:
    """Write the command of those on duty beside the consultation's file."""
    path = place / "consultation" / "prevenir"
    path.write_text(TELLER.format(python=sys.executable))
    path.chmod(0o700)
    return path


def given(place: Path) -> list[tuple[Mapping[str, Any], Mapping[str, str]]]:
    return [tuple(json.loads(line)) for line in (place / "given").read_text().splitlines()]


def test_the_command_reads_json_and_has_no_secret(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISES_SMTP_PASSWORD", PASSWORD)
    teller(place)
    declare(place, command=["./prevenir", f"{place}/given"])
    hold(place, GATE)
    succeed(place)
    (held, environment), (recovered, _) = given(place)
    told = GATE | {"as_of_date": DAY, "sentence": GATE["sentence"].rstrip(".")}
    assert (held["kind"], held["as_of_date"], held["gates"]) == ("held", DAY, [told])
    assert held["steps"][0]["command"].startswith("assises run --as-of")
    assert (recovered["kind"], recovered["run"]) == ("recovered", 2)
    assert PASSWORD not in environment.values()
    assert not any(name.startswith("ASSISES_") for name in environment)
    out, err = capfd.readouterr()
    assert held["id"] not in out
    assert "prevenir" not in err


def test_a_command_is_no_shell(place: Path) -> None:
    teller(place)
    declare(place, command=["./prevenir", f"{place}/given", "; touch x", "$(touch x)"])
    fail(place)
    assert len(given(place)) == 1
    assert not (place / "consultation" / "x").exists()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("raise SystemExit(3)", "code 3"),
        ("import time; time.sleep(60)", "n'a pas fini en"),
        ("import os, time; os.fork() or time.sleep(60)", "n'a pas fini en"),
    ],
    ids=["fails", "hangs", "leaves a child that hangs"],
)
def test_a_command_that_goes_wrong_is_written_down_and_tried_again(
    place: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str
) -> None:
    monkeypatch.setattr(alerts, "COMMAND_SECONDS", 0.5)
    (place / "script").write_text(script)
    if "fork" in script:
        why = ""  # what it left behind is stopped with it
    declare(place, command=[sys.executable, str(place / "script")])
    fail(place)
    (facts,) = alerted(place)
    assert why in facts["why"].get("command", "")
    (place / "script").write_text("")
    fail(place)
    assert (alerted(place)[0]["owed"], alerted(place)[0]["told"]) == ([], ["command"])


def test_a_command_that_is_absent_keeps_no_mail_from_going(place: Path) -> None:
    with smtp_server() as server:
        declare(place, server.port, command=["/nulle/part"])
        fail(place)
        fail(place)
    assert len(server.taken) == 1
    (facts,) = alerted(place)
    assert "ne peut pas être lancée" in facts["why"]["command"]


# --- what fails before a run is at work ----------------------------------------------------------


def test_a_disk_that_is_full_is_told_though_nothing_can_be_written(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with smtp_server() as server:
        declare(place, server.port)
        file = place / "consultation" / "consultation.toml"
        (place / "consultation" / "mailbox").mkdir()
        asked = ["run", "--consultation", str(file), "--home", str(place / "home"), "--as-of", DAY]
        monkeypatch.setattr("flows.run.FREE_BYTES", 1 << 60)
        assert main(asked) == 1
        assert not (place / "home" / "journal").exists()  # nobody's yet: who typed it reads it
        succeed(place)
        assert main(asked) == 1
    assert "Disque plein" in capsys.readouterr().err
    assert subjects(server) == ["Échec, synthèse au 12 janvier 2020"]
    assert Home(place / "home").journal.entries()[-1]["outcome"] == "failed"


def test_nothing_is_kept_of_an_address(place: Path) -> None:
    with smtp_server(refuses={TO[0]: "550 unknown"}) as server:
        declare(place, server.port)
        fail(place)
    for path in (place / "home").rglob("*"):
        if path.is_file():
            assert not any(address.encode() in path.read_bytes() for address in TO)


def test_without_the_table_nothing_is_told_nor_kept(place: Path) -> None:
    fail(place)
    assert alerted(place) == []
