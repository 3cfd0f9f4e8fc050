"""What people decide holds: on later days, in a home made again, whatever is found late."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.daily_synthesis import daily_synthesis
from flows.revision import revision
from tasks.privacy.pseudonyms import trace
from tasks.review.decisions import reviewed_group_id
from tests.program import EXAMPLE, Ran
from warehouse.contracts import MEMBERSHIPS, REVIEWS
from warehouse.home import Home
from warehouse.publication import LATEST, Published, Shelf
from warehouse.words import words_traces

CONSULTATION = EXAMPLE / "consultation.toml"
DAY_5, LAST_DAY = date(2020, 1, 12), date(2020, 1, 19)
LATER = [date(2020, 1, day) for day in range(13, 20)]
NOW = datetime(2020, 1, 13, 9, tzinfo=UTC)
THEMES = ("communication", "service", "lien", "participation", "hors_theme")


@pytest.fixture(scope="module")
def day_5(prefect: None, final: Ran, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that knows all mail, in which the fifth day is published and none after it."""
    place = tmp_path_factory.mktemp("day-5") / "home"
    home = copied(Home(final.home), place, ("vault", "keys", "lake"))
    published(home, DAY_5)
    return home


@pytest.fixture
def home(day_5: Home, tmp_path: Path) -> Home:
    return copied(day_5, tmp_path / "home")


def copied(home: Home, place: Path, parts: tuple[str, ...] = ()) -> Home:
    """Copy a home, or only some of its parts."""
    if not parts:
        shutil.copytree(home.root, place, symlinks=True)
    for part in parts:
        shutil.copytree(home.root / part, place / part)
    return Home(place)


def published(home: Home, day: date) -> Published:
    found = daily_synthesis(CONSULTATION, home=home.root, as_of=str(day), workers=1)
    assert isinstance(found, Published)
    return found


def revised(home: Home) -> Published:
    found = revision(CONSULTATION, home=home.root, workers=1)
    assert isinstance(found, Published)
    return found


def latest(home: Home) -> Table:
    found = Shelf(home.published).get(LATEST)
    assert found is not None
    return Table.of(found)


def version(home: Home, day: date) -> str:
    return (home.published / str(day)).resolve().name


# --- decisions -----------------------------------------------------------------------------------


@dataclass
class Table:
    """The statements of a publication, and what a person at a desk sees of their groups."""

    rows: list[dict[str, Any]]
    labels: Mapping[str, str]
    redirects: Mapping[str, str]

    @classmethod
    def of(cls, found: Published) -> Table:
        def read(name: str) -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = pq.read_table(
                found.link / "parquet" / f"{name}.parquet"
            ).to_pylist()
            return rows

        return cls(
            read("core.statements"),
            {row["group_id"]: row["label"] for row in read("core.groups")},
            {r["group_id"]: r["current_group_id"] for r in read("core.group_history")},
        )

    @property
    def groups(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.rows:
            found[row["group_id"]].append(row)
        return dict(sorted(found.items()))

    def row(self, statement_id: str) -> dict[str, Any]:
        return next(row for row in self.rows if row["statement_id"] == statement_id)

    def now(self, group_id: str) -> str:
        """The group that a name which was noted on an earlier day stands for."""
        return self.redirects.get(group_id, group_id)


class Desk:
    """A person who decides, and what must hold from then on."""

    def __init__(self, home: Home, table: Table) -> None:
        self.home, self.table = home, table
        secret = trace("words", "", home.key())
        texts = pa.chunked_array([[row["text"] for row in table.rows]])
        ids = [row["statement_id"] for row in table.rows]
        self.traces = dict(zip(ids, words_traces(texts, secret).to_pylist(), strict=True))
        lake = home.lake.read("memberships", home.lake.days("memberships"), MEMBERSHIPS.schema)
        self.founded = dict(
            zip(lake["statement_id"].to_pylist(), lake["group_id"].to_pylist(), strict=True)
        )
        self.decided: list[dict[str, Any]] = []

    def decide(
        self, act: str, subject: str, after: str, anchors: list[str], target: Sequence[str] = ()
    ) -> None:
        number = len(self.decided)
        self.decided.append(
            {
                "decision_id": f"d-{number:016x}",
                "import_id": "i-0000000000000001",
                "decided_at": NOW + timedelta(seconds=number),
                "decided_by": "Jeanne Martin",
                "act": act,
                "subject": subject,
                "after": after,
                "anchors": anchors,
                "target_anchors": list(target),
            }
        )

    def of_group(self, act: str, group_id: str, after: str) -> None:
        target = self.anchors(after) if after in self.table.groups else []
        self.decide(act, group_id, after, self.anchors(group_id), target)

    def anchors(self, group_id: str) -> list[str]:
        founded = {self.founded[row["statement_id"]] for row in self.table.groups[group_id]}
        return sorted(founded) + sorted(self.words(group_id))

    def words(self, group_id: str) -> set[str]:
        return {self.traces[row["statement_id"]] for row in self.table.groups[group_id]}

    def of_words(self, act: str, statement_id: str, after: str) -> None:
        self.decide(act, statement_id, after, [self.traces[statement_id]])

    def record(self) -> None:
        self.home.decisions.add(REVIEWS, self.decided)

    def undo(self, *decision_ids: str) -> None:
        """Undo decisions, undoings among them, and keep the undoings in the place of the others."""
        recorded, self.decided = len(self.decided), []
        for rank, one in enumerate(decision_ids):
            self.decide("undo", one, "", [])
            self.decided[-1]["decision_id"] = f"d-{recorded + rank:015x}f"
        self.record()


def three_hundred(home: Home, table: Table) -> tuple[Desk, list[Any]]:
    """Take 300 decisions of every kind; return what must hold of the tables ever after."""
    desk, must = Desk(home, table), []
    chance = random.Random(2020)
    groups = [g for g, rows in table.groups.items() if rows[0]["kind"] != "autre"]
    chance.shuffle(groups)
    split = [group for group in groups if len(desk.words(group)) > 1]
    for group in split[:8]:
        moved, *_ = table.groups[group]
        made = reviewed_group_id(group, f"Partie de {group}")
        desk.of_words("statement_group", moved["statement_id"], made)
        desk.decide("group_label", made, f"Partie de {group}", [])
        must.append(("named", moved["statement_id"], f"Partie de {group}"))
    others = [g for g in groups if g not in split[:8]]
    for subject, target in zip(others[:40:2], others[1:40:2], strict=True):
        desk.of_group("group_merge", subject, target)
        ids = [row["statement_id"] for g in (subject, target) for row in table.groups[g]]
        must.append(("one", ids, target))
    for rank, group in enumerate(others[40:]):
        first = table.groups[group][0]["statement_id"]
        if rank % 3 == 0:
            theme = chance.choice([t for t in THEMES if t != table.groups[group][0]["theme"]])
            desk.of_group("group_theme", group, theme)
            must += [("theme", row["statement_id"], theme) for row in table.groups[group]]
        elif rank % 3 == 1:
            kind = "constat" if table.groups[group][0]["kind"] == "proposition" else "proposition"
            desk.of_words("statement_kind", first, kind)
            must.append(("kind", first, kind))
            continue
        desk.of_group("group_label", group, f"Groupe {rank}")
        must.append(("named", first, f"Groupe {rank}"))
    while len(desk.decided) < 300:
        group = chance.choice(others)
        desk.of_group("group_read", group, "oui")
    desk.record()
    return desk, must


def broken(must: list[Any], table: Table) -> list[Any]:
    """Return what does not hold of what must."""

    def holds(what: str, of: Any, expected: str) -> bool:
        if what == "one":
            (group, *others) = {table.row(one)["group_id"] for one in of}
            return not others and table.now(expected) == group
        row = table.row(of)
        if what == "named":
            return table.labels[row["group_id"]] == expected
        return bool(row[what] == expected)

    return [rule for rule in must if not holds(*rule)]


@pytest.mark.parametrize("days", [LATER[-1:], pytest.param(LATER, marks=pytest.mark.deep)])
def test_300_decisions_hold_on_later_days_and_in_a_home_made_again(
    home: Home, tmp_path: Path, days: list[date]
) -> None:
    before = version(home, DAY_5)
    desk, must = three_hundred(home, latest(home))
    assert len(desk.decided) >= 300
    assert broken(must, Table.of(revised(home))) == []
    assert version(home, DAY_5) != before
    for day in days:
        assert broken(must, Table.of(published(home, day))) == [], day

    again = copied(home, tmp_path / "again", ("vault", "keys", "decisions"))
    published(again, LAST_DAY)
    assert version(again, LAST_DAY) == version(home, LAST_DAY)


def test_decisions_hold_when_an_earlier_letter_is_found_that_says_the_same(
    home: Home, tmp_path: Path, write_letter: Callable[..., bytes]
) -> None:
    table = latest(home)
    _, must = three_hundred(home, table)
    said = "\n\n".join(rows[0]["text"] for rows in list(table.groups.values())[:60])
    late = tmp_path / "retrouve"
    late.mkdir()
    received = "Wed, 8 Jan 2020 00:30:00 +0100"
    (late / "1.eml").write_bytes(write_letter(f"Bonjour,\n\n{said}\n", received=received))
    found = daily_synthesis(
        CONSULTATION, home=home.root, as_of=str(DAY_5), sources=[f"eml:{late}"], workers=1
    )
    assert isinstance(found, Published)
    now = Table.of(found)
    gone = now.redirects.keys() & table.groups.keys()
    assert len(gone) > 50, "few groups changed their name: the letter found proves nothing"
    assert broken(must, now) == []


def test_decisions_undone_leave_no_byte_and_hold_again_once_that_is_undone(home: Home) -> None:
    first = version(home, DAY_5)
    desk, _ = three_hundred(home, latest(home))
    revised(home)
    decided = version(home, DAY_5)
    desk.undo(*(row["decision_id"] for row in desk.decided))
    revised(home)
    assert version(home, DAY_5) == first

    desk.undo(*(row["decision_id"] for row in desk.decided))
    revised(home)
    assert version(home, DAY_5) == decided
