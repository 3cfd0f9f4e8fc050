"""Wrong input: one French sentence that says what to do, an exit code, no traceback."""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.program import EXAMPLE, assises_here, copy_beside

VALID = (EXAMPLE / "consultation.toml").read_text(encoding="utf-8")


def refused(*arguments: str, code: int) -> str:
    """Run, expect a refusal of one line, return it."""
    ran = assises_here(*arguments)
    assert (ran.returncode, ran.stdout) == (code, "")
    (sentence,) = ran.stderr.splitlines()
    return sentence


@pytest.fixture
def write(tmp_path: Path) -> Path:
    """A copy of the example's file to spoil, beside its mailbox."""
    shutil.copytree(EXAMPLE / "mailbox", tmp_path / "mailbox")
    copy_beside(tmp_path)
    path = tmp_path / "consultation.toml"
    path.write_text(VALID, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        pytest.param(("[thresholds]", "[thresholds"), "TOML valide", id="invalid TOML"),
        pytest.param(
            ("[lexicon.service]", "[lexicon.servise]"), "thème inconnu « servise »", id="theme"
        ),
        pytest.param(
            ("deadline = 2020-01-20", "deadline = 2020-01-01"),
            "la clôture (deadline, 01/01/2020 00:00) doit venir après l'ouverture",
            id="deadline before opening",
        ),
        pytest.param(('uri = "eml:mailbox"', 'uri = "eml:boite"'), "n'existe pas", id="mailbox"),
        pytest.param(('uri = "eml:mailbox"', 'uri = "pop:x"'), "Source inconnue", id="source"),
    ],
)
def test_a_spoilt_consultation_is_refused(
    write: Path, tmp_path: Path, spoilt: tuple[str, str], sentence: str
) -> None:
    before, after = spoilt
    assert VALID.count(before) == 1
    write.write_text(VALID.replace(before, after), encoding="utf-8")
    said = refused("run", "--consultation", str(write), "--home", str(tmp_path / "home"), code=2)
    assert sentence in said


def test_a_missing_consultation_is_refused(tmp_path: Path) -> None:
    said = refused("run", "--consultation", str(tmp_path / "rien.toml"), code=2)
    assert "n'existe pas" in said
    assert "--consultation" in said


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("hier", "écrivez une date comme 2020-01-19"), ("2999-01-01", "est dans le futur")],
)
def test_an_impossible_day_is_refused(write: Path, day: str, sentence: str) -> None:
    said = refused("run", "--consultation", str(write), "--as-of", day, code=2)
    assert sentence in said


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["--to", "2020-01-12"], "--to va avec --from"),
        (["--from", "2020-01-10", "--as-of", "2020-01-12"], "ne vont pas ensemble"),
        (["--from", "2020-01-13", "--to", "2020-01-12"], "2020-01-13 vient après 2020-01-12"),
        (["--from", "2019-12-31", "--to", "2020-01-12"], "précède l'ouverture (2020-01-08)"),
        (["--from", "2020-01-10", "--to", "2999-01-01"], "dans le futur"),
        (["--json"], "--json va, ici, avec --explain-change"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_impossible_days_are_refused(write: Path, asked: list[str], sentence: str) -> None:
    assert sentence in refused("run", "--consultation", str(write), *asked, code=2)


def test_a_second_run_says_who_holds_the_folder(write: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with (home / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4242")
        lock.flush()
        said = refused("run", "--consultation", str(write), "--home", str(home), code=1)
    assert "déjà en cours" in said
    assert "PID 4242" in said


def test_a_full_disk_is_said_before_anything_is_done(write: Path, tmp_path: Path) -> None:
    small = tmp_path / "petit"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a small disk")
    try:
        said = refused("run", "--consultation", str(write), "--home", str(small / "home"), code=1)
        assert re.search(r"Disque plein : 200 Mo nécessaires sous .*, \d+ Mo libres", said)
        assert not (small / "home" / "vault").exists()
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize(
    "arguments",
    [["rune"], ["run", "--foo"], ["trace"]],
    ids=["unknown command", "unknown option", "no identifier"],
)
def test_a_misunderstood_command_says_where_help_is(arguments: list[str]) -> None:
    said = refused(*arguments, code=2)
    assert "--help" in said


def test_no_command_shows_which_there_are() -> None:
    ran = assises_here()
    assert (ran.returncode, ran.stdout) == (2, "")
    for command in ("assises init", "assises doctor", "assises run", "commandes :"):
        assert command in ran.stderr


def test_trace_before_any_run_says_what_to_do(tmp_path: Path) -> None:
    said = refused("trace", "g-0123456789abcdef", "--home", str(tmp_path), code=2)
    assert "assises run" in said


@pytest.mark.parametrize(
    "command",
    [[], *([c] for c in ("init", "doctor", "run", "status", "trace", "export", "evaluate"))],
)
def test_help_is_french_and_starts_with_an_example(command: list[str]) -> None:
    told = assises_here(*command, "--help")
    assert told.returncode == 0
    assert told.stdout.startswith(" ".join(["exemple :\n  assises", *command]))
    assert f"usage : {' '.join(['assises', *command])} " in told.stdout
    assert "usage:" not in told.stdout


def test_a_home_that_is_a_file_is_refused(write: Path, tmp_path: Path) -> None:
    (tmp_path / "fichier").touch()
    home = str(tmp_path / "fichier")
    said = refused("run", "--consultation", str(write), "--home", home, code=1)
    assert "n'est pas un dossier" in said
