"""A publication that is held, and who lets it pass: by the command line, on a few letters."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pyarrow as pa
import pytest

from flows.inspection import message
from tests.program import EXAMPLE, assises_here, copy_beside
from warehouse.contracts import GATES
from warehouse.database import Database
from warehouse.home import Home
from warehouse.publication import LATEST, Published, Shelf

pytestmark = pytest.mark.usefixtures("prefect")

WHO, WHY = "Claire Dumont, secrétaire générale", "Dimanche de fête, boîte vérifiée"
ASKED = "Prénom Nom, qualité"  # what the command that is told leaves to be said


class Place:
    """A consultation of which two letters a day are usual, where four show a quarantine."""

    def __init__(self, root: Path, write_letter: Callable[..., bytes]) -> None:
        self.root, self._write_letter = root, write_letter
        self.letters = root / "lettres"
        self.letters.mkdir()
        text = (EXAMPLE / "consultation.toml").read_text()
        text = re.sub(r"uri = .*", 'uri = "eml:lettres"', text)
        (root / "consultation.toml").write_text(text)
        self.declare(quarantine_least=4, usual_count=2)
        copy_beside(root)

    def declare(self, **gates: float) -> None:
        """Change rules of `[gates]`."""
        file = self.root / "consultation.toml"
        text = file.read_text()
        for name, value in gates.items():
            text = re.sub(f"{name} = .*", f"{name} = {value}", text)
        file.write_text(text)

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    @property
    def latest(self) -> Published:
        found = Shelf(self.home.published).get(LATEST)
        assert found is not None
        return found

    def receive(self, day: int, *bodies: str) -> None:
        """Receive letters on a day of January 2020, each of somebody else."""
        for body in bodies:
            name = f"{len(list(self.letters.iterdir())):03}"
            letter = self._write_letter(
                body=f"Bonjour,\n\n{body}\n",
                sender=f"{name}@courriel.example",
                message_id=f"<{name}@courriel.example>",
                received=f"{date(2020, 1, day):%a, %d %b %Y} 08:30:00 +0100",
            )
            (self.letters / f"{name}.eml").write_bytes(letter)

    def receive_pictures(self, day: int, count: int) -> None:
        """Receive scanned letters, each of somebody else: a person must read them."""
        for _ in range(count):
            name = f"{len(list(self.letters.iterdir())):03}"
            letter = EmailMessage()
            letter["From"] = f"{name}@courriel.example"
            received = f"{date(2020, 1, day):%a, %d %b %Y} 08:30:00 +0100"
            letter["Received"] = f"from a.example by b.example; {received}"
            letter.add_attachment(name.encode(), "image", "png", filename="lettre.png")
            (self.letters / f"{name}.eml").write_bytes(bytes(letter))

    def assises(self, command: str, *more: str) -> CompletedProcess[str]:
        asked = ("--consultation", str(self.root / "consultation.toml"))
        return assises_here(command, *asked, "--home", str(self.home.root), *more)

    def run(self, day: int, *more: str) -> CompletedProcess[str]:
        return self.assises("run", "--workers", "1", "--as-of", f"2020-01-{day:02}", *more)

    def held(self) -> list[dict[str, Any]]:
        """Return the gates that held the last run."""
        entry = self.home.journal.entries()[-1]
        assert entry["outcome"] == "held"
        return list(entry["gates"])


@pytest.fixture
def place(tmp_path: Path, write_letter: Callable[..., bytes]) -> Place:
    return Place(tmp_path, write_letter)


SUBJECTS = ("la rue de la gare", "le parking du lycée")


def two_a_day(place: Place, *days: int) -> None:
    for day in days:
        place.receive(day, *(f"Le {day}, {what} est sombre le soir." for what in SUBJECTS))


def test_a_silent_day_is_held_until_somebody_lets_it_pass(place: Place) -> None:
    two_a_day(place, 8, 9, 10, 11)
    assert place.run(11).returncode == 0
    before = place.latest.folder
    assert place.latest.manifest["accepted_gates"] == []
    assert "contrôle retenait" not in (before / "synthese.html").read_text()

    held = place.run(12)
    assert held.returncode == 3
    assert held.stdout == ""
    assert "aucun envoi reçu le 12/01/2020 (la boîte ne reçoit plus ?), pour 2" in held.stderr
    assert "Publication au 12/01/2020 retenue par ce qui précède." in held.stderr
    assert place.latest.folder == before
    (gate,) = place.held()
    assert gate["as_of_date"] == "2020-01-12"
    assert (gate["acceptable"], gate["row_count"], gate["rows"]) == (True, 1, ["2020-01-12"])

    told = re.search(r"quand même : assises (.*)", held.stderr)
    assert told is not None
    command = shlex.split(told[1].replace("MOTIF", shlex.quote(WHY)).replace(ASKED, WHO))
    accepted = assises_here(*command)
    assert accepted.returncode == 0, accepted.stderr
    assert str(place.latest.as_of) == "2020-01-12"
    (line,) = place.latest.manifest["accepted_gates"]
    for said in (gate["id"], "aucun envoi reçu le 12/01/2020", WHO, WHY):
        assert said in line
    assert WHY in (place.latest.folder / "synthese.html").read_text()

    two_a_day(place, 13)
    assert place.run(13).returncode == 0
    assert place.latest.manifest["accepted_gates"] == [line]


@pytest.mark.deep
def test_a_quarantine_let_pass_holds_no_more_until_others_come(place: Place) -> None:
    two_a_day(place, 8)
    place.receive_pictures(8, 3)
    held = place.run(8)
    assert held.returncode == 3
    assert "en attente d'une personne : 3 des 5 envois reçus jusqu'au 08/01/2020" in held.stderr
    (gate,) = place.held()
    assert f"assises trace {gate['rows'][0]} --message --home {place.home.root}" in held.stderr
    assert b"lettre.png" in message(place.home, gate["rows"][0])
    assert not (place.home.published / LATEST).exists()

    assert place.run(8, "--accept-gate", gate["id"], "--because", "Lus").returncode == 0
    (row,) = place.home.decisions.read(GATES).to_pylist()
    assert (row["gate_id"], sorted(row["rows"])) == (gate["id"], sorted(gate["rows"]))
    assert place.latest.manifest["accepted_gates"]

    place.receive_pictures(9, 4)
    assert place.run(9).returncode == 3
    (other,) = place.held()
    assert other["row_count"] == 4
    assert not {*other["rows"]} & {*gate["rows"]}


def test_what_cannot_be_let_pass_is_refused_and_nothing_is_written(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_a_day(place, 8)
    place.receive_pictures(8, 3)
    assert "Aucune ne l'a été" in refused(place, "p-0123456789ab", "Vu")
    real = Database.query

    def one_too_many(base: Database, query: str, *values: Any) -> pa.Table:
        rows = real(base, query, *values)
        if query == "from work.reconciliation":
            return rows.set_column(
                2, "found_count", [[n + 1 for n in rows["found_count"].to_pylist()]]
            )
        return rows

    with monkeypatch.context() as broken:
        broken.setattr(Database, "query", one_too_many)
        held = place.run(8)
    assert held.returncode == 3
    assert "C'est un défaut du programme, que rien ne laisse passer" in held.stderr
    fault, judged = place.held()
    assert (fault["acceptable"], judged["acceptable"]) == (False, True)
    assert f"{fault['id']}, {judged['id']}" in refused(place, "p-0123456789ab", "Vu")
    assert "c'est un défaut du programme" in refused(place, fault["id"], "Vu")
    assert "--because" in refused(place, judged["id"], " ")
    assert "ni adresse électronique" in refused(place, judged["id"], "C'est a@b.example")
    # All or none.
    both = place.run(
        8, "--accept-gate", judged["id"], "--accept-gate", fault["id"], "--because", "Vu"
    )
    assert both.returncode == 2
    assert place.home.decisions.read(GATES).num_rows == 0


def refused(place: Place, gate_id: str, because: str) -> str:
    ran = place.run(8, "--accept-gate", gate_id, "--because", because)
    assert ran.returncode == 2, ran.stderr
    return ran.stderr


@pytest.mark.deep
def test_an_erasure_is_carried_out_whatever_would_hold_the_day(place: Place) -> None:
    two_a_day(place, 8)
    place.receive(8, "Ce que j'ai écrit ne regarde que moi : zone sombre.")
    place.receive_pictures(8, 1)
    assert place.run(8).returncode == 0
    served = place.latest.folder
    place.declare(quarantine_share=0.1)
    erased = place.assises("erase", "002@courriel.example")
    assert erased.returncode == 0, erased.stderr
    assert place.latest.folder != served
    assert not served.exists()
    assert place.home.decisions.pending().num_rows == 0
    assert place.run(8).returncode == 3
