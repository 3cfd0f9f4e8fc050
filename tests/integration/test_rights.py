"""Rights of persons, on real runs: what goes, what stays, and that nothing comes back."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from flows.cli import main
from flows.daily_synthesis import Closed, daily_synthesis
from flows.rights import decide_erasure
from flows.run import prepare_run
from tests.faults.markers import found, pattern
from tests.program import EXAMPLE
from warehouse.contracts import PROOFS, WITHDRAWALS
from warehouse.home import Home
from warehouse.publication import Published, Shelf

pytestmark = pytest.mark.usefixtures("own_process")

HERS = "zwykhold@essai.example"
DAYS = [date(2020, 1, 13), date(2020, 1, 19)]
SAYS = "Il faut rouvrir le poste de la gare le samedi, les voyageurs ont peur."
SIGNED = "\n\nCordialement,\nJeanne Zwykholdova\n12 rue Zwykholdine\n03000 Moulins\n"


@pytest.fixture(scope="module")
def ran(prefect: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A consultation with four letters of one woman among the example's, published three days."""
    place = tmp_path_factory.mktemp("rights") / "consultation"
    shutil.copytree(EXAMPLE, place)
    for rank, path in enumerate(sorted((place / "mailbox").iterdir())):
        if rank % 4:  # a few are enough
            path.unlink()
    for number, (sender, day, more) in enumerate(
        [
            (f"Jeanne Zwykholdova <{HERS}>", 9, ""),
            (f"Jeanne Zwykholdova <{HERS}>", 13, "Les horaires aussi.\n\n"),
            ("Jeanne Z. <autre@essai.example>", 14, f"Signé {HERS} plus bas.\n\n"),
            (f"x@essai.example, Jeanne <{HERS}>", 16, ""),
        ]
    ):
        contact = f"{HERS}\n" if "autre" in sender else ""
        (place / "mailbox" / f"zwykhold-{number}.eml").write_bytes(
            letter(sender, day, number, f"{more}{SAYS}{SIGNED}{contact}")
        )
    borrowed = letter("Paul Petit <paul@autre.example>", 10, 0, "Le marché manque de bancs.\n")
    (place / "mailbox" / "paul.eml").write_bytes(borrowed)  # with the Message-ID of her first one
    home = place.parent / "home"
    for day in DAYS:
        assert isinstance(publish(place, home, day), Published)
    return place.parent


def letter(sender: str, day: int, number: int, body: str, relay: str = "relais") -> bytes:
    return (
        f"Received: from {relay}.example by boite.example; {day} Jan 2020 09:00:00 +0100\n"
        f"Message-ID: <contribution-{number}@essai.example>\nFrom: {sender}\n"
        "To: assises@prefecture.example\nSubject: Contribution\n"
        f"Content-Type: text/plain; charset=utf-8\n\nBonjour,\n\n{body}"
    ).encode()


def publish(place: Path, home: Path, day: date) -> object:
    return daily_synthesis(place / "consultation.toml", home=home, as_of=str(day))


@dataclass(frozen=True)
class Erased:
    """What one command left of a copy of it, and said."""

    place: Path
    said: str


@pytest.fixture(scope="module")
def erased(ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Erased:
    place = tmp_path_factory.mktemp("erased") / "copy"
    shutil.copytree(ran, place, symlinks=True)
    with redirect_stderr(StringIO()) as said, redirect_stdout(said):
        assert command(place, "erase", HERS) == 0
    return Erased(place, said.getvalue())


@pytest.fixture
def place(ran: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copytree(ran, tmp_path / "copy", symlinks=True))


def command(place: Path, *words: str) -> int:
    """Run a command on a copy, as the command line would."""
    more = ["--home", str(place / "home")]
    if words[0] != "access":
        more += ["--consultation", str(place / "consultation" / "consultation.toml")]
    return main([*words, *more])


def versions(home: Path) -> dict[str, str]:
    return {
        link.name: link.resolve().name
        for link in sorted((home / "published").iterdir())
        if link.is_symlink()
    }


def latest(home: Path) -> Path:
    return (home / "published" / "latest").resolve()


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def ledger(home: Path, day: date) -> dict[str, int]:
    rows = pq.read_table(home / "published" / str(day) / "parquet/marts.ledger_by_reason.parquet")
    return {row["reason"] or "-": row["submission_count"] for row in rows.to_pylist()}


def test_she_is_everywhere_before(ran: Path) -> None:
    sought = pattern(["zwykhold"])
    places = {hit.split("/home/")[1].split("/")[0] for hit in found(sought, files(ran / "home"))}
    assert places == {"vault"}
    for version in Shelf(ran / "home" / "published").versions():
        with duckdb.connect(str(version.link / "assises.duckdb"), read_only=True) as database:
            text = "select count(*) from core.contributions where text like '%voyageurs ont peur%'"
            assert database.execute(text).fetchone() > (0,)


def test_after_one_command_she_is_nowhere(ran: Path, erased: Erased) -> None:
    home, before = erased.place / "home", versions(ran / "home")
    assert "Envois retirés : 4. Publications refaites : 13/01/2020, 19/01/2020." in erased.said
    assert "zwykhold" not in erased.said.lower()
    assert found(pattern(["zwykhold", "voyageurs ont peur"]), files(home)) == []
    assert found(pattern(["marché manque de bancs"]), [latest(home) / "assises.duckdb"])
    assert before.keys() == versions(home).keys()
    assert not set(before.values()) & {p.name for p in (home / "published/.versions").iterdir()}
    for day in DAYS:
        assert sum(ledger(home, day).values()) == sum(ledger(ran / "home", day).values())
    assert [ledger(home, day)["withdrawn"] for day in DAYS] == [2, 4]
    for published in Shelf(home / "published").dated():
        reason = published.manifest["revision_reason"]
        assert reason.startswith("envois retirés à la demande de leur auteur : ")
        assert "Pourquoi cette version" in (published.link / "synthese.html").read_text()


def test_the_proof_names_nobody_and_says_what_was_done(erased: Erased) -> None:
    (proof,) = Home(erased.place / "home").decisions.read(PROOFS).to_pylist()
    assert (proof["reason"], proof["submission_count"]) == ("withdrawn", 4)
    assert proof["remade_dates"] == DAYS
    assert proof["request_id"] in erased.said


def test_who_gives_the_address_again_is_told_when_it_was_erased(
    erased: Erased, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(erased.place, "erase", HERS) == 0
    assert "Cette personne a été effacée le " in capsys.readouterr().err
    assert Home(erased.place / "home").decisions.read(PROOFS).num_rows == 1


def test_a_quiet_run_from_vault_and_decisions_gives_the_same_bytes(
    erased: Erased, tmp_path: Path
) -> None:
    home = erased.place / "home"
    for part in ("vault", "keys", "decisions"):
        shutil.copytree(home / part, tmp_path / part)
    publish(erased.place / "consultation", tmp_path, DAYS[-1])
    assert versions(tmp_path)["latest"] == versions(home)["latest"]


def test_fetching_again_brings_nothing_back(erased: Erased, tmp_path: Path) -> None:
    place = Path(shutil.copytree(erased.place, tmp_path / "copy", symlinks=True))
    home, mailbox = place / "home", place / "consultation" / "mailbox"
    (mailbox / "zwykhold-0.eml").rename(mailbox / "zwykhold-renamed.eml")
    relayed = letter(
        f"Jeanne Zwykholdova <{HERS}>", 9, 0, f"{SAYS}{SIGNED}", relay="un-autre-serveur"
    )
    (mailbox / "zwykhold-relayed.eml").write_bytes(relayed)
    assert isinstance(publish(place / "consultation", home, DAYS[-1]), Published)
    assert found(pattern(["zwykhold", "voyageurs ont peur"]), files(home)) == []
    assert ledger(home, DAYS[-1])["withdrawn"] == 5


def test_what_was_decided_and_not_carried_out_is_by_the_next_run(place: Path) -> None:
    home = place / "home"
    shutil.rmtree(home / "vault" / "parsed")  # killed before anything was read, too
    run = prepare_run(place / "consultation" / "consultation.toml", home)
    decide_erasure(run, HERS)  # and here the program is killed
    assert isinstance(publish(place / "consultation", home, DAYS[0]), Published)
    assert found(pattern(["zwykhold", "voyageurs ont peur"]), files(home)) == []
    assert [ledger(home, day)["withdrawn"] for day in DAYS] == [2, 4]
    assert Home(home).decisions.pending().num_rows == 0


def test_asked_again_after_an_interruption_the_proof_is_told(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decide_erasure(prepare_run(place / "consultation" / "consultation.toml", place / "home"), HERS)
    shutil.rmtree(place / "home" / "published")  # nothing was published yet
    assert command(place, "erase", HERS) == 0
    (proof,) = Home(place / "home").decisions.read(PROOFS).to_pylist()
    assert f"Preuve : {proof['request_id']}" in capsys.readouterr().err


def test_the_file_of_another_consultation_is_refused(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place / "consultation" / "consultation.toml"
    other = file.read_text().replace('slug = "allier-2020"', 'slug = "autre"')
    file.write_text(f"{other}\n[retention]\nuntil = 2020-07-20\n")
    before = versions(place / "home")
    for words in (["retain"], ["erase", HERS], ["disown", "s-0123456789abcdef"], ["run"]):
        assert command(place, *words) == 1
        assert "est le dossier de la consultation « allier-2020 »" in capsys.readouterr().err
    assert versions(place / "home") == before
    assert Home(place / "home").decisions.withdrawn() == {}


def test_what_goes_of_late_mail_does_not_open_a_closed_consultation_again(place: Path) -> None:
    home = place / "home"
    late = "En retard <retard@zwykhold.example>"
    (place / "consultation" / "mailbox" / "late.eml").write_bytes(letter(late, 21, 9, SAYS))
    assert isinstance(publish(place / "consultation", home, date(2020, 1, 25)), Closed)
    before = versions(home)
    assert command(place, "erase", "retard@zwykhold.example") == 0
    assert isinstance(publish(place / "consultation", home, date(2020, 1, 26)), Closed)
    assert versions(home) == before


def test_a_disowned_message_goes_and_its_row_says_so(place: Path) -> None:
    home = place / "home"
    with duckdb.connect(str(home / "published/latest/assises.duckdb"), read_only=True) as database:
        rows = database.execute(
            "select contribution_id from core.contributions where text like '%Les horaires aussi%'"
        ).fetchall()
    assert command(place, "disown", rows[0][0]) == 0
    assert [ledger(home, day).get("disowned", 0) for day in DAYS] == [1, 1]
    assert found(pattern(["Les horaires aussi"]), files(home)) == []
    assert command(place, "disown", "s-0123456789abcdef") == 2


def test_an_archive_holds_all_that_is_held(place: Path, tmp_path: Path) -> None:
    assert command(place, "access", HERS, "--output", str(tmp_path / "hers.zip")) == 0
    assert (tmp_path / "hers.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "hers.zip") as archive:
        letters = [archive.read(n) for n in archive.namelist() if n.startswith("messages/")]
        told = {n: json.loads(archive.read(n)) for n in archive.namelist() if n.endswith(".json")}
    sent = [p.read_bytes() for p in (place / "consultation" / "mailbox").glob("zwykhold-*.eml")]
    assert sorted(letters) == sorted(sent)
    vault = Home(place / "home").vault
    held = [
        row
        for row in vault.readings(["submission_id", "own_text"]).to_pylist()
        if "voyageurs ont peur" in row["own_text"]
    ]
    assert {row["submission_id"] for row in told["lectures.json"]} == {
        row["submission_id"] for row in held
    }
    for name in ("receptions", "sorts", "contributions"):
        assert len(told[f"{name}.json"]) == 4
    assert {row["contribution_id"] for row in told["enonces.json"]} <= {
        row["contribution_id"] for row in told["contributions.json"]
    }
    assert {row["as_of_date"] for row in told["publications.json"]} == {str(d) for d in DAYS}


@pytest.fixture
def with_retention(place: Path) -> Callable[[str], Path]:
    def declare(until: str) -> Path:
        with (place / "consultation" / "consultation.toml").open("a") as file:
            file.write(f'\n[retention]\nuntil = {until}\narchive = "archives"\n')
        return place

    return declare


def test_before_its_day_retention_removes_nothing(with_retention: Callable[[str], Path]) -> None:
    place = with_retention("2999-01-01")
    before = {path: path.read_bytes() for path in files(place / "home")}
    assert command(place, "retain") == 0
    after = {path: path.read_bytes() for path in files(place / "home")}
    assert {p: b for p, b in after.items() if p.name != "run.lock"} == {
        p: b for p, b in before.items() if p.name != "run.lock"
    }


def test_after_its_day_only_the_documents_and_a_row_a_message_remain(
    with_retention: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    place = with_retention("2020-07-20")
    home = place / "home"
    received = Home(home).vault.deliveries().num_rows
    page = (home / "published/latest/synthese.html").read_bytes()
    archive = place / "consultation" / "archives" / "allier-2020.zip"
    archive.parent.mkdir()
    archive.write_bytes(b"another file")
    assert command(place, "retain") == 2
    assert Home(home).decisions.withdrawn() == {}
    archive.unlink()
    assert command(place, "retain") == 0
    assert found(pattern(["zwykhold"]), files(home)) == []
    left = {path.relative_to(home).parts[0] for path in files(home)}
    assert left == {
        *("vault", "decisions", "published", "run.lock"),
        *("format.json", "journal", "logs"),  # nothing of a citizen's
    }
    assert (home / "published/latest/synthese.html").read_bytes() == page
    assert not list((home / "published").rglob("*core.*"))
    assert not list((home / "published").rglob("assises.duckdb"))
    assert list(versions(home)) == [str(DAYS[-1]), "latest"]
    rows = Home(home).decisions.read(WITHDRAWALS)
    assert (rows.num_rows, set(rows["reason"].to_pylist())) == (received, {"expired"})
    with zipfile.ZipFile(archive) as members:
        assert len(members.namelist()) == received + 1
    assert command(place, "retain") == 0
    capsys.readouterr()
    assert command(place, "run", "--as-of", str(DAYS[-1])) == 4
    assert "terme de leur durée de conservation" in capsys.readouterr().err
    assert command(place, "access", HERS) == 0
    assert "Aucun message de cette adresse" in capsys.readouterr().err
