"""`assises init`: a file that runs once all is known, is refused until then, never replaced."""

from __future__ import annotations

import shutil
import stat
import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.run import UsageError
from flows.setup import Known, fill, set_up, template
from tasks.consultation import Theme, parse_consultation
from tests.program import EXAMPLE, assises_here

KEYS = {
    "title": 'Assises "de la sécurité"',
    "organiser": "Préfecture de l'Allier",
    "addressee": "Madame la Ministre",
    "opening": "2020-01-08",
    "deadline": "2020-01-20T12:00",
    "department": "03",
}
OPTIONS = [part for key, value in KEYS.items() for part in (f"--{key}", value)]
THEMES = ["--theme", "service=service rendu = à tous", "--theme", "lien=Lien"]


def test_what_is_given_makes_a_file_that_runs(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "mailbox", tmp_path / "mailbox")
    where = [str(tmp_path), *OPTIONS, *THEMES, "--source", "eml:mailbox"]
    ran = assises_here("init", *where)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"{tmp_path / 'consultation.toml'}\n"
    assert "À remplir" not in ran.stderr
    ran = assises_here("run", "--consultation", ran.stdout.strip(), "--dry-run")
    assert ran.returncode == 0, ran.stderr
    assert "64 messages, dont 64 à relever" in ran.stderr + ran.stdout


def test_the_file_says_what_was_given(tmp_path: Path) -> None:
    prepared = set_up(tmp_path, Known(KEYS, ("service=A = b", "lien=Lien"), ("eml:x", "eml:y")))
    found = parse_consultation(prepared.path.read_text(encoding="utf-8"))
    assert (found.title, found.organiser) == (KEYS["title"], KEYS["organiser"])
    assert found.slug == "assises-de-la-securite-2020"
    paris = ZoneInfo("Europe/Paris")
    assert found.opening == datetime(2020, 1, 8, tzinfo=paris)
    assert found.deadline == datetime(2020, 1, 20, 12, tzinfo=paris)
    assert found.themes == (Theme("service", "A = b", "A = b"), Theme("lien", "Lien", "Lien"))
    assert [(s.name, s.uri) for s in found.sources] == [("eml-1", "eml:x"), ("eml-2", "eml:y")]
    assert prepared.missing == ()


def test_a_password_is_named_by_its_place(tmp_path: Path) -> None:
    source = ["--source", "imaps://a@b.example"]
    ran = assises_here("init", str(tmp_path), *source, "--password", "file:secret")
    assert ran.returncode == 0
    text = (tmp_path / "consultation.toml").read_text(encoding="utf-8")
    assert '\npassword = "file:secret"\n' in text


def test_what_is_not_given_is_named_and_refused(tmp_path: Path) -> None:
    ran = assises_here("init", str(tmp_path), "--department", "03")
    assert ran.returncode == 0
    assert "À remplir dans ce fichier : slug, title, organiser, addressee, opening" in ran.stderr
    ran = assises_here("run", "--consultation", str(tmp_path / "consultation.toml"))
    assert ran.returncode == 2
    assert "il manque consultation.opening" in ran.stderr


def test_a_file_that_stands_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "consultation.toml").write_text("le mien")
    ran = assises_here("init", str(tmp_path), *OPTIONS)
    assert ran.returncode == 2
    assert "existe déjà" in ran.stderr
    assert (tmp_path / "consultation.toml").read_text() == "le mien"


def test_a_home_is_made_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "maison"
    ran = assises_here("init", str(tmp_path / "ici"), "--home", str(home))
    assert ran.returncode == 0
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert f"--home {home}" in ran.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(["--department", "3"], "écrivez le code d'un département", id="department"),
        pytest.param(["--opening", "2020-01-08"], "ensemble", id="one date"),
        pytest.param(
            ["--opening", "hier", "--deadline", "2020-01-20"], "écrivez une date", id="no date"
        ),
        pytest.param(
            ["--opening", "2020-02-08", "--deadline", "2020-01-20"], "doit venir après", id="order"
        ),
        pytest.param(["--theme", "service"], "code=intitulé", id="theme without label"),
        pytest.param(["--theme", "Service=x"], "un code n'a que des minuscules", id="theme code"),
        pytest.param(["--theme", "a=x", "--theme", "a=y"], "déclaré deux fois", id="theme twice"),
        pytest.param(["--source", "csv:x.csv"], "a besoin de ses colonnes", id="table"),
        pytest.param(
            ["--source", "imaps://a@b.example", "--password", "hunter2"],
            "password : écrivez env: ou file: ou prefect:",
            id="secret itself",
        ),
        pytest.param(["--title", "   "], "est vide", id="empty title"),
        pytest.param(["--title", "été", "--slug", "été"], "un code n'a que", id="slug"),
    ],
)
def test_what_could_make_no_file_is_refused_and_nothing_written(
    tmp_path: Path, options: list[str], sentence: str
) -> None:
    ran = assises_here("init", str(tmp_path / "ici"), *options)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert sentence in ran.stderr
    assert not (tmp_path / "ici").exists()


def test_overseas_the_hours_are_local(tmp_path: Path) -> None:
    prepared = set_up(tmp_path, Known(KEYS | {"department": "974"}, ("a=A",)))
    found = parse_consultation(prepared.path.read_text(encoding="utf-8"))
    assert found.timezone.key == "Indian/Reunion"


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fichier").touch()
    with pytest.raises(UsageError, match="n'est pas un dossier"):
        set_up(tmp_path / "fichier", Known({}))


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1))
def test_any_title_is_written_as_it_is(title: str) -> None:
    found = fill({"title": title}, (), ())
    assert tomllib.loads(found)["consultation"]["title"] == title
    assert found.count("\n") == template().count("\n")
