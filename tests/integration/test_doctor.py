"""`assises doctor` on a real folder: what is sound, and each thing that breaks, in its own line."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from packaging.requirements import Requirement

from flows.doctor.examination import DECLARED, FILE, HOME, MACHINE, carry_out, examine
from flows.doctor.findings import FINE, REPAIR, SEE, Finding, Said, Visit, fine
from flows.doctor.machine import _misfit
from tests.program import EXAMPLE, Ran, assises, assises_here, copy_beside
from tests.servers.certificates import Authority
from tests.servers.dovecot import PASSWORD as MAILBOX_PASSWORD
from tests.servers.dovecot import Mailboxes
from tests.servers.smtp import PASSWORD, USER, free_port, smtp_server
from warehouse.home import Home

FILE_OF_EXAMPLE = EXAMPLE / "consultation.toml"
Breaker = Callable[[Path], None]


def found_in(home: Path, file: Path = FILE_OF_EXAMPLE, *, thorough: bool = False) -> list[Finding]:
    return examine(file, home, thorough=thorough)


def to_act_on(findings: list[Finding], state: str = REPAIR) -> dict[str, str]:
    return {f.subject: f.sentence for f in findings if f.state == state}


def contents(folder: Path) -> dict[str, tuple[int, int, bytes | str]]:
    """Return what a folder holds: modes, times and bytes."""
    found: dict[str, tuple[int, int, bytes | str]] = {}
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        held: bytes | str = "" if path.is_dir() else path.read_bytes()
        found[str(path)] = (about.st_mode, about.st_mtime_ns, held)
    return found


def the(home: Path, pattern: str) -> Path:
    return min(home.glob(pattern))


# --- a sound folder ------------------------------------------------------------------------------


def test_a_sound_folder_has_nothing_to_repair_and_is_left_as_it_was(final: Ran) -> None:
    before = contents(final.home)
    ran = assises_here(
        "doctor", "--thorough", "--home", str(final.home), "--consultation", str(FILE_OF_EXAMPLE)
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "à réparer" not in ran.stdout
    assert contents(final.home) == before
    told = [line.split("  ")[0].strip() for line in ran.stdout.splitlines()]
    assert told.count("ok") == 23
    assert told.count("à voir") == 3  # the calendar is over, nobody is written to or warned
    assert ran.stdout.endswith("\n\n3 à voir.\n")
    assert "« boite » (eml:mailbox) : 64 messages" in ran.stdout


def test_every_check_says_something(final: Ran) -> None:
    subjects = [f.subject for f in found_in(final.home)]
    assert {name for name, _ in (*MACHINE, *FILE, *DECLARED, *HOME)} == set(subjects)


def test_before_the_first_run_all_may_be_ready(tmp_path: Path) -> None:
    home = tmp_path / "maison"
    findings = found_in(home)
    assert to_act_on(findings) == {}
    assert not home.exists()


def test_programs_read_the_same_findings_as_people(final: Ran) -> None:
    asked = ["doctor", "--home", str(final.home), "--consultation", str(FILE_OF_EXAMPLE)]
    ran = assises_here(*asked, "--json")
    rows = json.loads(ran.stdout)
    assert {row["state"] for row in rows} == {FINE, SEE}
    lines = assises_here(*asked).stdout.splitlines()
    assert [row["sentence"] in line for row, line in zip(rows, lines, strict=False)].count(
        False
    ) < 3


# --- what breaks ---------------------------------------------------------------------------------


def cut(pattern: str) -> Breaker:
    """Take the end of a file away, as a disk that failed does."""

    def break_it(home: Path) -> None:
        path = the(home, pattern)
        path.write_bytes(path.read_bytes()[:-20])

    return break_it


def spoil_decision(home: Path) -> None:
    path = home / "decisions" / "reviews" / "000001.parquet"
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_bytes(b"PAR1")
    path.chmod(0o600)


def dangle(home: Path) -> None:
    link = home / "published" / "2020-01-19"
    link.unlink()
    link.symlink_to(".versions/nowhere")


def be_anothers(home: Path) -> None:
    (home / "vault" / "consultation").write_text("loiret-2020\n")


def lose_key(home: Path) -> None:
    (home / "keys" / "consultation.key").unlink()


def change_key(home: Path) -> None:
    (home / "keys" / "consultation.key").write_bytes(bytes(32))


def write_tomorrow(home: Path) -> None:
    later = (datetime.now(UTC) + timedelta(days=800)).timestamp()
    os.utime(home / "warehouse.duckdb", (later, later))


def give_away(home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(the(home, "vault/raw/*/*.parquet"), 65534, 65534)


@pytest.mark.parametrize(
    ("break_it", "subject", "words"),
    [
        pytest.param(cut("vault/raw/*/*.parquet"), "coffre", "de la sauvegarde", id="message"),
        pytest.param(cut("vault/parsed/*/*.parquet"), "coffre", "assises rebuild", id="reading"),
        pytest.param(cut("lake/statements/*/*.parquet"), "lac", "assises rebuild", id="lake"),
        pytest.param(spoil_decision, "décisions", "de la sauvegarde", id="decision"),
        pytest.param(
            lambda home: (home / "warehouse.duckdb").write_bytes(b"x" * 5000),
            "base",
            "assises rebuild",
            id="database",
        ),
        pytest.param(cut("published/latest/synthese.pdf"), "publications", "pdf", id="document"),
        pytest.param(
            cut("published/latest/manifest.json"), "publications", "illisible", id="manifest"
        ),
        pytest.param(dangle, "publications", "published/2020-01-19 ne mène", id="link"),
        pytest.param(be_anothers, "contenu", "« loiret-2020 »", id="another's"),
        pytest.param(lose_key, "clé", "manque", id="key lost"),
        pytest.param(change_key, "clé", "n'est pas celle", id="key changed"),
        pytest.param(lambda home: home.chmod(0o755), "dossier", "chmod -R go-rwx", id="open"),
        pytest.param(give_away, "dossier", "chown -R", id="given away"),
        pytest.param(write_tomorrow, "horloge", "remettez-la à l'heure", id="clock"),
    ],
)
def test_what_is_broken_is_the_one_thing_to_repair(
    final_copy: Ran, break_it: Breaker, subject: str, words: str
) -> None:
    break_it(final_copy.home)
    repairs = to_act_on(found_in(final_copy.home))
    assert list(repairs) == [subject]
    assert words in repairs[subject]


def change_words(home: Path) -> None:
    """Rewrite a batch with one byte of a message changed: a whole file, with false words."""
    path = the(home, "vault/raw/*/*.parquet")
    rows = pq.read_table(path)
    raws = rows["raw"].to_pylist()
    raws[0] = b"X" + raws[0][1:]
    field, place = rows.schema.field("raw"), rows.schema.get_field_index("raw")
    pq.write_table(rows.set_column(place, field, pa.array(raws, field.type)), path)


def change_page(home: Path) -> None:
    """Change the page of a version that is served no more."""
    old = home / "published" / ".versions" / ("0" * 64)
    shutil.copytree((home / "published" / "latest").resolve(), old)


@pytest.mark.parametrize(
    ("break_it", "subject"), [(change_words, "coffre"), (change_page, "publications")]
)
def test_what_only_a_full_reading_shows_is_found_by_a_thorough_one(
    final_copy: Ran, break_it: Breaker, subject: str
) -> None:
    break_it(final_copy.home)
    assert to_act_on(found_in(final_copy.home)) == {}
    assert list(to_act_on(found_in(final_copy.home, thorough=True))) == [subject]


def test_a_run_in_progress_is_named_and_left_alone(final_copy: Ran) -> None:
    with (final_copy.home / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4242")
        lock.flush()
        findings = found_in(final_copy.home)
    assert to_act_on(findings) == {}
    assert "une exécution est en cours (PID 4242)" in {f.sentence for f in findings}
    with Home(final_copy.home).lock():  # and its lock was not kept
        pass


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"outcome": "failed", "sentence": "Disque plein."}, "a échoué : Disque plein."),
        (
            {"outcome": "held", "gates": [{"id": "p-0123456789ab", "sentence": "trop attendent"}]},
            "a retenu la publication : trop attendent",
        ),
        ({"outcome": None, "ended_at": None}, "a été interrompue"),
    ],
)
def test_how_the_last_run_ended_is_to_be_seen(
    final_copy: Ran, facts: dict[str, object], words: str
) -> None:
    usual = {"started_at": datetime.now(UTC), "ended_at": datetime.now(UTC)}
    Home(final_copy.home).journal.begin(**(usual | facts))
    (final_copy.home / "vault" / ".tmp-part").touch()
    found = to_act_on(found_in(final_copy.home), SEE)
    assert words in found["exécutions"]
    assert "1 fichier d'une exécution interrompue" in found["restes"]


# --- the consultation's file ---------------------------------------------------------------------


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write the example's file with another source, and more tables."""
    copy_beside(tmp_path)

    def write_it(source: str = "", *more: str) -> Path:
        text = FILE_OF_EXAMPLE.read_text(encoding="utf-8")
        if source:
            text = re.sub(r"(?m)^uri = .*\n", lambda _: source, text, count=1)
        else:
            shutil.copytree(EXAMPLE / "mailbox", tmp_path / "mailbox", dirs_exist_ok=True)
        path = tmp_path / "consultation.toml"
        path.write_text("\n".join([text, *more]), encoding="utf-8")
        return path

    return write_it


def test_a_file_that_cannot_be_read_stops_no_other_check(final: Ran, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[consultation")
    findings = found_in(final.home, tmp_path / "c.toml")
    assert list(to_act_on(findings)) == ["consultation"]
    assert {name for name, _ in HOME} <= {f.subject for f in findings}


def test_a_check_that_breaks_stops_no_other(tmp_path: Path) -> None:
    def broken(_: Visit) -> Iterator[Said]:
        yield fine("commencé")
        raise ZeroDivisionError

    visit = Visit(FILE_OF_EXAMPLE, Home(tmp_path), datetime.now(UTC))
    findings = list(carry_out([("un", broken), ("deux", lambda _: [fine("fait")])], visit))
    assert [(f.subject, f.state) for f in findings] == [
        ("un", FINE),
        ("un", REPAIR),
        ("deux", FINE),
    ]


def test_a_mailbox_on_a_server_is_listed(
    server: Mailboxes,
    write: Callable[..., Path],
    write_letter: Callable[..., bytes],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    server.put("docteur", [write_letter(), write_letter("Deux.\n", message_id="<2@x.example>")])
    before = server.flags("docteur")
    source = (
        f'uri = "imaps://docteur@localhost:{server.tls_port}"\n'
        f'authorities = "{server.authority}"\npassword = "env:MOT_DE_PASSE"\n'
    )
    monkeypatch.setenv("MOT_DE_PASSE", MAILBOX_PASSWORD)
    findings = found_in(tmp_path / "home", write(source))
    assert to_act_on(findings) == {}
    sentences = {f.subject: f.sentence for f in findings}
    assert "2 messages" in sentences["sources"]
    assert sentences["réseau"] == "seuls contactés : boîte localhost"
    assert MAILBOX_PASSWORD not in str(findings)
    assert server.flags("docteur") == before

    monkeypatch.setenv("MOT_DE_PASSE", "faux")
    repairs = to_act_on(found_in(tmp_path / "home", write(source)))
    assert list(repairs) == ["sources"]
    assert "faux" not in repairs["sources"]

    monkeypatch.delenv("MOT_DE_PASSE")
    assert {"secrets", "sources"} == set(to_act_on(found_in(tmp_path / "home", write(source))))


def test_a_server_that_lets_us_in_is_given_nothing(
    write: Callable[..., Path], tmp_path: Path, final: Ran
) -> None:
    authority = Authority(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n")
    secret.chmod(0o644)
    with smtp_server("tls", authority.issue()) as post:
        message = (
            '\n[message]\nto = ["cabinet@prefecture.example"]\nfrom = "a@prefecture.example"',
            f'server = "smtps://localhost:{post.port}"\nuser = "{USER}"\npassword = "file:secret"',
            f'authorities = "{authority.file}"',
        )
        findings = found_in(final.home, write("", *message))
        assert to_act_on(findings) == {}
        assert f"localhost répond, identifié « {USER} »" in str(findings)
        assert "est ouvert à d'autres comptes" in to_act_on(findings, SEE)["secrets"]
        secret.write_text("faux\n")
        repairs = to_act_on(found_in(final.home, write("", *message)))
    assert list(repairs) == ["messages"]
    assert "refuse l'identifiant ou le mot de passe" in repairs["messages"]
    assert post.taken == []


def test_a_server_that_is_down_and_a_command_that_is_not_there_are_told(
    write: Callable[..., Path], tmp_path: Path, final: Ran
) -> None:
    more = (
        '\n[message]\nto = ["cabinet@prefecture.example"]\nfrom = "a@prefecture.example"',
        f'server = "smtp://localhost:{free_port()}"',
        '[alerts]\nto = ["a@prefecture.example"]\ncommand = ["./prevenir"]',
    )
    repairs = to_act_on(found_in(final.home, write("", *more)))
    assert list(repairs) == ["messages", "alertes"]
    assert "ne peut pas être joint" in repairs["messages"]
    (tmp_path / "prevenir").write_text("#!/bin/sh\n")
    (tmp_path / "prevenir").chmod(0o700)
    assert list(to_act_on(found_in(final.home, write("", *more)))) == ["messages"]


# --- the machine ---------------------------------------------------------------------------------


def test_a_library_out_of_its_bounds_is_named() -> None:
    assert _misfit(Requirement("packaging>=1")) is None
    assert "packaging" in str(_misfit(Requirement("packaging>=999")))
    assert _misfit(Requirement("assises-n-existe-pas")) == "assises-n-existe-pas n'est pas installé"


def test_a_prefect_server_that_does_not_answer_is_to_repair(tmp_path: Path) -> None:
    asked = ["doctor", "--home", str(tmp_path / "home"), "--consultation", str(FILE_OF_EXAMPLE)]
    # Prefect reads where its server is when it is imported.
    ran = assises(*asked, PREFECT_API_URL=f"http://127.0.0.1:{free_port()}/api")
    assert ran.returncode == 1
    (line,) = re.findall(r"(?m)^à réparer.*$", ran.stdout)
    assert re.match(r"à réparer  Prefect +http://127.0.0.1:\d+/api ne répond pas", line)
