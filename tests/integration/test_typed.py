"""What people read in messages, on real runs: it is counted, masked, undone and erased."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from flows.cli import main
from flows.daily_synthesis import daily_synthesis
from flows.inspection import attention
from tasks.arrivals import submission_id
from tasks.typed import typed_rows
from tests.faults.markers import found, pattern
from tests.program import EXAMPLE
from warehouse.contracts import KEPT, REVIEWS
from warehouse.home import Home
from warehouse.publication import Published

pytestmark = pytest.mark.usefixtures("own_process")

NOW = datetime(2020, 1, 20, 6, tzinfo=UTC)
AS_OF = date(2020, 1, 19)
SCAN = "35-lettre-manuscrite-photographiee-ygrande.eml"
ABSENT = "19-absence-du-bureau-sans-en-tete.eml"
SENDER = "manon.bdn@gmail.example"
SAYS = "Le kiosque violet de la gare est fermé le samedi et les voyageurs ont peur."
TYPED = (
    f"Monsieur le Préfet,\n\n{SAYS} Ma voisine Jeanne Zwykholdova est battue par son mari.\n\n"
    "Cordialement,\nOdette Zwykholdine\n12 rue Zwykholdaire\n03160 Ygrande"
)


@pytest.fixture(scope="module")
def before(prefect: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few letters of the example, published: one is a photograph, one of a machine."""
    place = tmp_path_factory.mktemp("before")
    shutil.copytree(EXAMPLE, place / "consultation")
    for rank, path in enumerate(sorted((place / "consultation" / "mailbox").iterdir())):
        if rank % 8 and path.name not in (SCAN, ABSENT):
            path.unlink()
    publish(place)
    return place


@pytest.fixture(scope="module")
def after(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which somebody typed the words of the photograph, and kept the machine's letter."""
    place = copy(before, tmp_path_factory.mktemp("after"))
    home = Home(place / "home")
    scan = submission(place, SCAN)
    (row,) = typed_rows(home.vault, {scan: TYPED}, "agent", NOW, home.key())
    home.vault.add_typed([row])
    decide(home, 1, "submission_words", scan, row["typed_id"])
    decide(home, 2, "submission_kept", submission(place, ABSENT), KEPT)
    publish(place)
    return place


@pytest.fixture
def place(after: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return copy(after, tmp_path)


def copy(place: Path, into: Path) -> Path:
    return Path(shutil.copytree(place, into / "copy", symlinks=True))


def publish(place: Path) -> None:
    consultation = place / "consultation" / "consultation.toml"
    done = daily_synthesis(consultation, home=place / "home", as_of=str(AS_OF))
    assert isinstance(done, Published)


def command(place: Path, *words: str) -> int:
    with redirect_stderr(StringIO()), redirect_stdout(StringIO()):
        return main([*words, "--home", str(place / "home")])


def decide(home: Home, number: int, act: str, subject: str, after: str | None) -> None:
    row = {
        "decision_id": f"d-{number:016x}",
        "import_id": "i-0000000000000001",
        "decided_at": NOW,
        "decided_by": "agent",
        "act": act,
        "subject": subject,
        "after": after,
        "anchors": [],
        "target_anchors": [],
    }
    home.decisions.add(REVIEWS, [row])


def submission(place: Path, name: str) -> str:
    """Return the submission that a file of the mailbox is."""
    raw = (place / "consultation" / "mailbox" / name).read_bytes()
    return submission_id(hashlib.sha256(raw).hexdigest(), 0)


def latest(place: Path) -> Path:
    return (place / "home" / "published" / "latest").resolve()


def published(place: Path) -> dict[str, bytes]:
    """Return the bytes of what is served; the pages of a database are laid out anew each time."""
    folder = latest(place)
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".duckdb"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def keep_truth(home: Path) -> None:
    """Remove all that a run can make again."""
    for path in home.iterdir():
        if path.name not in ("vault", "keys", "decisions"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def fates(place: Path) -> dict[str, tuple[str, str | None]]:
    rows = pq.read_table(latest(place) / "parquet" / "core.submissions.parquet").to_pylist()
    return {row["submission_id"]: (row["status"], row["reason"]) for row in rows}


def query(place: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(latest(place) / "assises.duckdb"), read_only=True) as database:
        return database.execute(sql).fetchall()


def test_what_people_read_is_counted(before: Path, after: Path) -> None:
    scan, absent = submission(before, SCAN), submission(before, ABSENT)
    was, now = fates(before), fates(after)
    assert (was[scan], was[absent]) == (("quarantined", "to_read"), ("rejected", "auto_reply"))
    assert {name: fate for name, fate in now.items() if fate != was[name]} == dict.fromkeys(
        [scan, absent], ("accepted", None)
    )
    contribution = f"c-{scan[2:]}"
    ((text, from_attachment, commune),) = query(
        after,
        "select text, from_attachment, commune_code from core.contributions "
        f"where contribution_id = '{contribution}'",
    )
    assert SAYS in text
    assert (from_attachment, commune) == (True, "03320")  # as its signature says: Ygrande
    sql = f"select text from core.statements where contribution_id = '{contribution}'"
    assert any("kiosque violet" in text for (text,) in query(after, sql))


def test_what_people_read_is_flagged_for_those_who_must_see_it(before: Path, after: Path) -> None:
    scan = submission(before, SCAN)
    flags = [
        {row["code"] for row in attention(Home(place / "home")) if row["submission_id"] == scan}
        for place in (before, after)
    ]
    assert [("urgence" in codes) for codes in flags] == [False, True]


def test_who_is_named_in_typed_words_is_in_the_vault_only(after: Path) -> None:
    files = [path for path in (after / "home").rglob("*") if path.is_file()]
    hits = found(pattern(["zwykhold"]), files)
    assert {hit.split("/home/")[1].split("/")[0] for hit in hits} == {"vault"}
    hits = found(pattern(["kiosque violet"]), [f for f in files if "decisions" in f.parts])
    assert hits == []


def test_from_vault_and_decisions_alone_a_run_gives_the_same_bytes(
    after: Path, place: Path
) -> None:
    keep_truth(place / "home")
    publish(place)
    assert published(place) == published(after)


def test_undone_the_bytes_are_those_of_before(before: Path, after: Path, place: Path) -> None:
    home = Home(place / "home")
    for number in (1, 2):
        decide(home, number + 2, "undo", f"d-{number:016x}", None)
    shutil.rmtree(home.published)
    publish(place)
    assert published(place) == published(before) != published(after)


def test_of_copies_that_came_by_other_ways_one_counts(place: Path) -> None:
    mailbox = place / "consultation" / "mailbox"
    raw = (mailbox / SCAN).read_bytes()
    (mailbox / "early.eml").write_bytes(
        raw.replace(b"Thu, 16 Jan 2020 15:22:29", b"Wed, 15 Jan 2020 08:00:00")
    )
    (mailbox / "late.eml").write_bytes(raw.replace(b"47z6wX2mHd", b"47z6wX2mHe"))
    publish(place)
    found = [fates(place)[submission(place, name)] for name in ("early.eml", SCAN, "late.eml")]
    assert found == [("accepted", None), *[("duplicate", "duplicate_message")] * 2]
    sql = "select count(distinct contribution_id) from core.statements where text like '%kiosque%'"
    assert query(place, sql) == [(1,)]


def test_typed_words_are_given_to_their_author_and_erased_with_the_message(place: Path) -> None:
    archive = place / "hers.zip"
    assert command(place, "access", SENDER, "--output", str(archive)) == 0
    with zipfile.ZipFile(archive) as members:
        ((row),) = json.loads(members.read("saisies.json"))
    assert SAYS in row["own_text"]
    assert "typed_by" not in row
    scan = submission(place, SCAN)
    consultation = str(place / "consultation" / "consultation.toml")
    assert command(place, "erase", SENDER, "--consultation", consultation) == 0
    publish(place)  # what is fetched again does not come back
    files = [path for path in (place / "home").rglob("*") if path.is_file()]
    assert found(pattern(["zwykhold", "kiosque violet"]), files) == []
    assert fates(place)[scan] == ("withdrawn", "withdrawn")
