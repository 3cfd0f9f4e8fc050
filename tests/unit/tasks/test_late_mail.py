"""Late mail, by the stages of a run: what is kept of its day is what would be made again."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
import pytest

from expectations.verdicts import Rules
from flows.run import named_sources
from tasks.analyse import Means, analyse
from tasks.arrivals import submission_id
from tasks.consultation import PublicNames, parse_consultation
from tasks.fetch import fetch
from tasks.mail.sources.opening import Access, open_source
from tasks.parse import parse
from tasks.protect import protect
from tasks.typed import typed_rows
from tasks.validate import Pseudonymiser, validate
from tasks.workers import Workers
from tests.program import EXAMPLE
from warehouse.contracts import DISCARDED, KEPT, LAKE_CONTRIBUTIONS, LAKE_STATEMENTS, Table
from warehouse.lake import Lake
from warehouse.vault import Vault

pytestmark = pytest.mark.usefixtures("small_parts")

NOW = datetime(2020, 1, 20, 6, tzinfo=UTC)
NINTH = date(2020, 1, 9)
KEY = bytes(32)
MARKED, MARK = "text", "(tel quel)"
ALLIER = parse_consultation((EXAMPLE / "consultation.toml").read_text(encoding="utf-8"))
SAYS = (
    "La gare de Varennes est sombre le soir. Je propose d'y poser un banc et une lampe.",
    "Les gendarmes viennent vite. L'accueil est fermé le samedi : ouvrez-le.",
    "Le maire Jean Dupont a raison : il faut une patrouille de plus la nuit.",
    "On attend une heure au commissariat. Je ne vois plus personne à pied dans les rues.",
    "La gare de Varennes est sombre le soir. Il faut plus de lampes sur le quai.",
    "Il faut rouvrir la brigade de Jaligny. Les cambriolages augmentent depuis deux ans.",
    "Je suis satisfait des gendarmes, qui écoutent. Continuez les visites dans les écoles.",
)
TYPED = "Monsieur le Préfet, la place de la mairie est bruyante. Il faut une patrouille le soir."


class Step(NamedTuple):
    """A run: which letters are found by it, what people decided of letters, what is masked."""

    found: str
    withdrawn: str = ""
    readings: Mapping[str, str] = MappingProxyType({})
    keeps_office_holders: bool = False


class Consultation:
    """Letters found by and by, and what is made of them in a lake that is kept and in new ones."""

    def __init__(self, folder: Path, paris: ZoneInfo, write_letter: Callable[..., bytes]) -> None:
        self._folder, self._paris, self._write = folder, paris, write_letter
        self.vault, self.lake = Vault(folder / "vault"), Lake(folder / "lake")
        self._fresh = 0
        (folder / "letters").mkdir()

    def letter(self, number: str) -> bytes:
        """Letters were received one an hour, from ten; two of them the day after."""
        day = "Fri, 10" if number in "26" else "Thu, 9"
        received = f"{day} Jan 2020 1{number}:30:00 +0100"
        sender, message_id = f"a{number}@courriel.example", f"<{number}@courriel.example>"
        return self._write(SAYS[int(number)], sender, message_id, received)

    def submission(self, number: str) -> str:
        return submission_id(hashlib.sha256(self.letter(number)).hexdigest(), 0)

    def find(self, numbers: str) -> None:
        """Fetch and read these letters."""
        for number in numbers:
            (self._folder / "letters" / f"{number}.eml").write_bytes(self.letter(number))
        access = Access(self._folder, self._paris, 10_000_000, str, lambda _: None)
        sources = named_sources([f"eml:{self._folder / 'letters'}"])
        fetch.fn(self.vault, sources, lambda s: open_source(s, access), self._paris, NOW)
        parse.fn(self.vault, Workers(1), 10_000_000, frozenset(), "code", lambda _: None)

    def understand(self, step: Step, lake: Lake) -> int:
        """Take what was read to statements in their groups; return how many letters were masked."""
        people = {self.submission(n): self._reading(n, what) for n, what in step.readings.items()}
        gone = {self.submission(number): "withdrawn" for number in step.withdrawn}
        days = self.vault.days(self._paris, date.max, gone, people)
        rules = Rules(ALLIER.opening, ALLIER.deadline, ALLIER.message_bytes)
        validate.fn(self.vault, lake, days, rules, Pseudonymiser(KEY), "code")
        names = PublicNames("keep" if step.keeps_office_holders else "mask")
        masked = protect.fn(self.vault, lake, days, "03", names, Workers(1), "code")
        received = [day.day for day in days]
        analyse.fn(lake, received, ALLIER, Means(), Workers(1), "code", lambda _: None)
        return masked

    def _reading(self, number: str, what: str) -> str:
        if what in (KEPT, DISCARDED):
            return what
        (row,) = typed_rows(self.vault, {self.submission(number): what}, "agent", NOW, KEY)
        self.vault.add_typed([row])
        return str(row["typed_id"])

    def run(self, step: Step) -> int:
        self.find(step.found)
        return self.understand(step, self.lake)

    def made_whole(self, step: Step) -> Lake:
        """Return a new lake in which all is made at once."""
        self._fresh += 1
        lake = Lake(self._folder / f"fresh{self._fresh}")
        self.understand(step, lake)
        return lake

    def mark(self, table: Table) -> None:
        """Mark what is held of the ninth, as nothing that is made again would be."""
        rows = self.lake.read(table.name, [NINTH], table.schema)
        marked = pc.binary_join_element_wise(rows[MARKED], MARK, " ")
        place = table.schema.get_field_index(MARKED)
        rows = rows.set_column(place, table.schema.field(MARKED), marked)
        fingerprint = self.lake.fingerprint(table.name, NINTH)
        assert fingerprint is not None
        by = self.lake.made_by(table.name, NINTH)
        self.lake.write(table.name, NINTH, rows, fingerprint, by)

    def unmarked(self, table: Table) -> set[str]:
        """Return the contributions of the ninth of which a row has no mark."""
        rows = self.lake.read(table.name, [NINTH], table.schema)
        is_marked = pc.match_substring(rows[MARKED], MARK)
        return set(rows.filter(pc.invert(is_marked))["contribution_id"].to_pylist())


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for stage in ("protect", "analyse"):
        monkeypatch.setattr(f"tasks.{stage}.CHUNK", 2)


@pytest.fixture
def place(tmp_path: Path, paris: ZoneInfo, write_letter: Callable[..., bytes]) -> Consultation:
    return Consultation(tmp_path, paris, write_letter)


def content(lake: Lake) -> dict[str, bytes]:
    return {str(p.relative_to(lake.root)): p.read_bytes() for p in lake.root.rglob("*.parquet")}


@pytest.mark.parametrize(
    "steps",
    [
        [Step("12345"), Step("06")],
        [Step("35"), Step("24"), Step("016")],
        [Step("12356"), Step("", withdrawn="3"), Step("04", withdrawn="3")],
        [Step("125"), Step("3", keeps_office_holders=True), Step("04", keeps_office_holders=True)],
        [Step("125"), Step("3", keeps_office_holders=True), Step("04")],
        [Step("135"), Step("2", readings={"3": TYPED}), Step("04", readings={"3": TYPED})],
        [Step("135"), Step("6", readings={"5": DISCARDED, "1": KEPT}), Step("24")],
    ],
    ids=[
        *("in two", "in three", "withdrawn", "another policy", "another for a run"),
        *("typed", "read, then undone"),
    ],
)
def test_days_made_by_and_by_are_the_bytes_of_days_made_at_once(
    place: Consultation, steps: list[Step]
) -> None:
    made = []
    for step in steps:
        place.run(step)
        made.append(content(place.lake))
        assert made[-1] == content(place.made_whole(step))
    assert all(before != after for before, after in pairwise(made))


def test_only_what_is_found_late_is_masked_and_cut(place: Consultation) -> None:
    tables = (LAKE_CONTRIBUTIONS, LAKE_STATEMENTS)
    assert place.run(Step("1356")) == 4
    for table in tables:
        place.mark(table)
    assert place.run(Step("0")) == 1
    late = {place.submission("0").replace("s-", "c-")}
    assert [place.unmarked(table) for table in tables] == [late, late]
    assert place.run(Step("", keeps_office_holders=True)) == 5
    assert [len(place.unmarked(table)) for table in tables] == [4, 4]


def test_features_that_a_killed_run_left_are_not_taken_for_those_of_the_statements(
    place: Consultation,
) -> None:
    place.run(Step("135"))
    place.find("04")
    whole = place.made_whole(Step(""))
    # Features are written first: killed then, it left the statements of before.
    left = "statement_features"
    shutil.copy(whole.path(left, NINTH), place.lake.path(left, NINTH))
    place.understand(Step(""), place.lake)
    assert content(place.lake) == content(whole)
