"""Sign-off of the example's synthesis: what is validated, what goes out, what makes a brouillon."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows.cli import main
from flows.daily_synthesis import Closed, daily_synthesis
from flows.run import Run, UsageError, prepare_run
from flows.signoff import Transmitted, may_go_out, transmit, validate, withdraw_validation
from tests.faults.markers import found, pattern
from tests.program import EXAMPLE, Ran
from warehouse.contracts import PUBLISHED_TABLES, SIGNOFFS
from warehouse.database import Database
from warehouse.files import sha256_of_file
from warehouse.home import ExpiredError, Home
from warehouse.publication import Published, Shelf

pytestmark = pytest.mark.usefixtures("own_process")

DAY = "2020-01-19"
DOCUMENTS = {f"synthese.{name}" for name in ("html", "odt", "docx", "pdf")} | {
    f"tableaux.{name}" for name in ("ods", "xlsx")
}
WHO = "Claire Dumont, secrétaire générale"
SENDER = "sandrine.mauvernay@courriel.example"
HER_WORDS = "plus de patrouilles à pied dans le centre"


@pytest.fixture
def place(final_copy: Ran, tmp_path: Path) -> Path:
    """The example with its final synthesis in `home`, all to change."""
    shutil.copytree(EXAMPLE, tmp_path / "consultation")
    return tmp_path


def prepared(place: Path) -> Run:
    return prepare_run(place / "consultation" / "consultation.toml", place / "home")


def run(place: Path, day: str = DAY) -> object:
    return daily_synthesis(
        place / "consultation" / "consultation.toml", home=place / "home", as_of=day
    )


def served(place: Path) -> Published:
    published = Shelf(place / "home" / "published").get(DAY)
    assert published is not None
    return published


def folder(place: Path) -> str:
    return served(place).link.resolve().name


def sent(place: Path) -> Transmitted:
    validate(prepared(place), None, WHO)
    return transmit(prepared(place), None, WHO)


def add_letter(place: Path) -> None:
    """Have a letter of a day already published be found late."""
    mailbox = place / "consultation" / "mailbox"
    letter = next(mailbox.glob("03-*")).read_bytes()
    other = letter.replace(b"sandrine.mauvernay", b"marie.retrouvee").replace(b"pied", b"velo")
    (mailbox / "late.eml").write_bytes(other.replace(b"Message-ID: <", b"Message-ID: <late."))


def change(place: Path, old: str, new: str) -> None:
    file = place / "consultation" / "consultation.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


# --- validated, then transmitted ------------------------------------------------------------------


def test_a_final_synthesis_goes_out_only_once_validated(final: Ran, place: Path) -> None:
    assert "Brouillon : à valider par une personne" in final.stderr
    assert not may_go_out(served(place))
    with pytest.raises(UsageError, match="est un brouillon : elle ne peut être transmise"):
        transmit(prepared(place), None, WHO)
    assert Home(place / "home").decisions.read(SIGNOFFS).num_rows == 0
    assert may_go_out(validate(prepared(place), DAY, f"  {WHO}\n"))
    assert served(place).manifest["validated_by"] == WHO


def test_what_is_validated_is_what_was_there(place: Path) -> None:
    before, page = served(place), (served(place).link / "synthese.html").read_text()
    folder_before = before.link.resolve()
    validate(prepared(place), None, WHO)
    after = served(place)
    assert after.version == before.version
    names = before.manifest["files"].keys()
    assert after.manifest["files"].keys() == names
    assert {n for n in names if after.manifest["files"][n] != before.manifest["files"][n]} == {
        "assises.duckdb",
        "datapackage.json",
        *DOCUMENTS,
        "parquet/meta.publication.parquet",
    }
    with Database.open_published(after.link / "assises.duckdb") as database:
        for table in PUBLISHED_TABLES:
            if table.qualified != "meta.publication":
                path = folder_before / "parquet" / f"{table.qualified}.parquet"
                assert database.read(table).equals(pq.read_table(path))
    signed = (after.link / "synthese.html").read_text()
    body = signed.partition("facts-of-page")[2].partition("<dl")[2]
    assert body == page.partition("facts-of-page")[2].partition("<dl")[2]
    assert f"par {WHO}" in signed.partition("<main")[0]


def test_the_status_says_where_it_stands(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def status() -> str:
        assert main(["status", "--home", str(place / "home")]) == 0
        return capsys.readouterr().out

    assert "Brouillon : personne ne l'a validée" in status()
    sent(place)
    assert f"UTC par {WHO}\n" in status()
    assert "Transmise le " in status()


def test_the_archive_is_what_was_published_without_what_stays_inside(place: Path) -> None:
    given = place / "remise.zip"
    validate(prepared(place), None, WHO)
    done = transmit(prepared(place), None, WHO, output=given)
    link = served(place).link
    with zipfile.ZipFile(done.archive) as archive:
        names = set(archive.namelist())
        for name in names - {"publication.json"}:
            assert archive.read(name) == (link / name).read_bytes()
    assert names == {
        "publication.json",
        "dictionnaire.md",
        *DOCUMENTS,
        *(f"csv/{path.name}" for path in (link / "csv").iterdir()),
    } - {"csv/contributions_by_commune.csv"}
    assert given.read_bytes() == done.archive.read_bytes()
    row = Home(place / "home").decisions.read(SIGNOFFS).to_pylist()[-1]
    assert row["archive_sha256"] == hashlib.sha256(given.read_bytes()).hexdigest()
    assert (row["state"], row["addressee"]) == ("transmise", prepared(place).consultation.addressee)
    assert done.archive.stat().st_mode & 0o777 == 0o600
    assert done.archive.parent.stat().st_mode & 0o777 == 0o700


def test_a_rebuild_gives_the_bytes_that_were_signed(prefect: None, place: Path) -> None:
    archive = sent(place).archive
    before, handed = folder(place), archive.read_bytes()
    for part in ("lake", "published"):
        shutil.rmtree(place / "home" / part)
    (place / "home" / "warehouse.duckdb").unlink()
    assert isinstance(run(place), Published)
    assert folder(place) == before
    assert archive.read_bytes() == handed


def test_a_validation_that_is_withdrawn_gives_the_bytes_of_the_brouillon(place: Path) -> None:
    before = folder(place)
    validate(prepared(place), None, WHO)
    assert folder(place) != before
    withdraw_validation(prepared(place), None, "Paul Roy, préfet", "à relire")
    assert folder(place) == before
    states = Home(place / "home").decisions.read(SIGNOFFS)["state"].to_pylist()
    assert states == ["validée", "brouillon"]


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        pytest.param(lambda r: validate(r, None, " \n"), "Dites qui", id="nobody"),
        pytest.param(lambda r: validate(r, None, "\udce9"), "Dites qui", id="not a text"),
        pytest.param(lambda r: validate(r, "2020-01-12", WHO), "n'est pas publié", id="no day"),
        pytest.param(lambda r: validate(r, "demain", WHO), "écrivez une date", id="no date"),
        pytest.param(
            lambda r: validate(r, None, WHO), f"est déjà validée par {WHO}", id="validated twice"
        ),
        pytest.param(
            lambda r: transmit(r, None, WHO, output=r.base), "est un dossier", id="a folder"
        ),
    ],
)
def test_what_cannot_be_done_to_a_validated_synthesis_is_refused(
    place: Path, act: Callable[[Run], Any], sentence: str
) -> None:
    validate(prepared(place), None, WHO)
    before = folder(place)
    with pytest.raises(UsageError, match=sentence):
        act(prepared(place))
    assert (folder(place), Home(place / "home").decisions.read(SIGNOFFS).num_rows) == (before, 1)


def test_what_was_transmitted_does_not_change(place: Path) -> None:
    sent(place)
    before = folder(place)
    for act in (validate, withdraw_validation, transmit):
        with pytest.raises(UsageError, match=r"a été transmise le .*Son archive : .*\.zip"):
            act(prepared(place), None, "Paul Roy, préfet")
    assert (folder(place), Home(place / "home").decisions.read(SIGNOFFS).num_rows) == (before, 2)


def test_nothing_is_made_where_nothing_was_published(tmp_path: Path) -> None:
    run = prepare_run(EXAMPLE / "consultation.toml", tmp_path / "home")
    with pytest.raises(UsageError, match="Rien n'est encore publié"):
        validate(run, None, WHO)
    assert not (tmp_path / "home").exists()


# --- a brouillon again ----------------------------------------------------------------------------


def test_a_synthesis_that_its_file_would_not_give_any_more_is_refused(
    prefect: None, place: Path
) -> None:
    validate(prepared(place), None, WHO)
    before = folder(place)
    change(place, 'title = "Assises', 'title = "Nouvelles assises')
    with pytest.raises(UsageError, match="A changé depuis : le fichier de la consultation"):
        transmit(prepared(place), None, WHO)
    assert isinstance(again := run(place), Published)
    assert again.state == "brouillon"
    change(place, 'title = "Nouvelles assises', 'title = "Assises')
    assert isinstance(run(place), Published)
    assert folder(place) == before  # the very version that was validated


def test_mail_found_late_makes_it_a_brouillon_again(prefect: None, place: Path) -> None:
    validate(prepared(place), None, WHO)
    add_letter(place)
    assert isinstance(run(place, "2020-01-25"), Closed)  # fetched, and not counted yet
    with pytest.raises(UsageError, match="A changé depuis : les messages relevés"):
        transmit(prepared(place), None, WHO)
    assert isinstance(again := run(place), Published)
    assert (again.state, may_go_out(again)) == ("brouillon", False)
    assert validate(prepared(place), None, WHO).state == "validée"


def test_after_an_erasure_it_is_a_brouillon_and_what_was_handed_over_is_gone(
    prefect: None, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = sent(place).archive
    assert found(pattern([HER_WORDS]), [archive])
    asked = ["--consultation", str(place / "consultation" / "consultation.toml")]
    assert main(["erase", SENDER, *asked, "--home", str(place / "home")]) == 0
    assert "Brouillon : à valider par une personne" in capsys.readouterr().err
    assert served(place).state == "brouillon"
    page = (served(place).link / "synthese.html").read_text()
    assert "Personne n’a encore validé" in page
    assert "Pourquoi cette version" in page
    assert not archive.exists()
    assert found(pattern([HER_WORDS]), [p for p in place.rglob("home/**/*") if p.is_file()]) == []
    states = Home(place / "home").decisions.read(SIGNOFFS)["state"].to_pylist()
    assert states == ["validée", "transmise"]  # that it was handed over stays known


def test_after_retention_the_documents_keep_their_state(place: Path) -> None:
    archive = sent(place).archive
    page = (served(place).link / "synthese.html").read_bytes()
    with (place / "consultation" / "consultation.toml").open("a") as file:
        file.write("\n[retention]\nuntil = 2020-07-20\n")
    asked = ["--consultation", str(place / "consultation" / "consultation.toml")]
    assert main(["retain", *asked, "--home", str(place / "home")]) == 0
    assert served(place).state == "transmise"
    assert (served(place).link / "synthese.html").read_bytes() == page
    assert archive.exists()
    with pytest.raises(ExpiredError):
        validate(prepared(place), None, "Paul Roy, préfet")


# --- killed ---------------------------------------------------------------------------------------


def killed(place: Path, act: Callable[[Run], Any]) -> str:
    """Leave what an act killed between its record and its publication leaves; return its version.

    The shelf as it was before, beside the decisions and archives as they are after.
    """
    home = place / "home"
    shutil.copytree(home / "published", place / "before", symlinks=True)
    act(prepared(place))
    version = folder(place)
    shutil.rmtree(home / "published")
    (place / "before").rename(home / "published")
    assert folder(place) != version
    return version


def test_a_validation_cut_short_is_completed_by_the_next_run(prefect: None, place: Path) -> None:
    version = killed(place, lambda run: validate(run, None, WHO))
    assert isinstance(closed := run(place, "2020-01-25"), Closed)
    assert (folder(place), closed.final.state) == (version, "validée")


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        pytest.param(lambda r: validate(r, None, WHO), "est déjà validée par", id="validation"),
        pytest.param(lambda r: transmit(r, None, WHO), "a été transmise le", id="transmission"),
    ],
)
def test_a_sign_off_cut_short_is_completed_when_asked_again(
    place: Path, act: Callable[[Run], Any], sentence: str
) -> None:
    if sentence == "a été transmise le":
        validate(prepared(place), None, WHO)
    version = killed(place, act)
    with pytest.raises(UsageError, match=sentence):
        act(prepared(place))
    assert folder(place) == version
    for archive in Home(place / "home").transmissions.archives():
        row = Home(place / "home").decisions.read(SIGNOFFS).to_pylist()[-1]
        assert row["archive_sha256"] == sha256_of_file(archive.link)


def test_a_sign_off_waits_for_nobody(place: Path) -> None:
    with Home(place / "home").lock(), pytest.raises(Exception, match="déjà en cours"):
        validate(prepared(place), None, WHO)
