"""A small lake, given row by row, from which the analysts' tables are derived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.aggregate import settings
from tasks.consultation import Consultation, Theme
from tasks.reviewed import Reviews, overlay
from warehouse.contracts import LAKE_TABLES
from warehouse.database import Database, Part

Row = dict[str, Any]
NOTHING = Reviews()


@dataclass
class GivenLake:
    """The rows of a lake. Numbers name things: contribution 7 is the submission 7, and so on."""

    folder: Path
    rows: dict[str, list[Row]] = field(default_factory=lambda: {t.name: [] for t in LAKE_TABLES})

    def submission(
        self,
        number: int,
        day: date | None,
        status: str = "accepted",
        reason: str | None = None,
        **other: Any,
    ) -> None:
        """Give a verdict on a submission received at noon."""
        noon = None if day is None else datetime.combine(day, time(12), UTC)
        self.rows["verdicts"].append(
            {
                "submission_id": f"s-{number:016x}",
                "message_sha256": f"{number:064x}",
                "received_at": noon,
                "received_date": day,
                "status": status,
                "reason": reason,
                "sources": ["boite"],
                "channel": "mail",
                "sender_verified": None,
                "sender_disposable": False,
                "size_bytes": 100,
                "contributor_id": f"a-{number:016x}",
                "message_key": None,
                "text_key": None,
                "duplicate_of": None,
                "supersedes": None,
            }
            | other
        )

    def contribution(
        self,
        number: int,
        day: date,
        *statements: Row,
        author: int | None = None,
        text: str | None = None,
        cluster: int | None = None,
        copied: Sequence[int] | None = None,
        repeats: Sequence[int] | None = None,
        commune: str | None = None,
        supersedes: int | None = None,
    ) -> None:
        """Give an accepted submission, its contribution and its statements.

        Of a cluster, all its statements repeat the founder's, and all the founder's of the same
        positions are repeated, unless `copied` and `repeats` list others.
        """
        contribution_id = f"c-{number:016x}"
        contributor_id = f"a-{number if author is None else author:016x}"
        whole = text or " ".join(s["text"] for s in statements) or f"Texte {number}."
        replaced = None if supersedes is None else f"s-{supersedes:016x}"
        self.submission(number, day, contributor_id=contributor_id, supersedes=replaced)
        self.rows["contributions"].append(
            {
                "contribution_id": contribution_id,
                "submission_id": f"s-{number:016x}",
                "contributor_id": contributor_id,
                "contributor_type": "inconnu",
                "received_at": datetime.combine(day, time(12), UTC),
                "received_date": day,
                "text": whole,
                "word_count": len(whole.split()),
                "language": "fr",
                "commune_code": commune,
                "from_attachment": False,
            }
        )
        everything = [] if cluster in {None, number} else list(range(1, len(statements) + 1))
        self.rows["copies"].append(
            {
                "contribution_id": contribution_id,
                "cluster_id": f"k-{number if cluster is None else cluster:016x}",
                "founder_id": f"c-{number if cluster is None else cluster:016x}",
                "copy_score": 1.0,
                "copied_positions": everything if copied is None else copied,
                "founder_positions": everything if repeats is None else repeats,
                "copy_why": "même texte" if everything else "premier de son texte",
            }
        )
        for position, statement in enumerate(statements, 1):
            self._statement(contribution_id, position, whole, statement)

    def _statement(self, contribution_id: str, position: int, whole: str, given: Row) -> None:
        statement_id = f"{contribution_id}-{position:03}"
        start = whole.index(given["text"])
        self.rows["statements"].append(
            {
                "statement_id": statement_id,
                "contribution_id": contribution_id,
                "position": position,
                "char_start": start,
                "char_end": start + len(given["text"]),
                "text": given["text"],
                "theme": given["theme"],
                "theme_score": 0.9,
                "theme2": None,
                "kind": given["kind"],
                "kind_score": given.get("kind_score", 0.9),
                "why": "repère",
                "label": given["text"],
                "heading": None,
            }
        )
        self.rows["memberships"].append(
            {
                "statement_id": statement_id,
                "group_id": f"g-{given['group']:016x}",
                "group_score": given["score"],
                "group_why": "fondateur",
            }
        )

    def merge(self, number: int, became: int, day: date) -> None:
        """Join a group to an older one at the end of a day."""
        self.rows["group_merges"].append(
            {
                "group_id": f"g-{number:016x}",
                "became_group_id": f"g-{became:016x}",
                "date": day,
                "cause": "même sujet",
            }
        )

    def merge_copies(self, number: int, became: int, day: date) -> None:
        """Merge a set of copied texts into an older one."""
        self.rows["copy_merges"].append(
            {
                "cluster_id": f"k-{number:016x}",
                "became_cluster_id": f"k-{became:016x}",
                "date": day,
            }
        )

    def last_day(self) -> date:
        """Return the last day that something was received on."""
        days = [row["received_date"] for row in self.rows["verdicts"] if row["received_date"]]
        return max(days, default=date.min)

    @contextmanager
    def derive(
        self,
        consultation: Consultation,
        submission_count: int | None = None,
        reviews: Reviews = NOTHING,
    ) -> Iterator[Database]:
        """Load the lake, derive core and marts; `submission_count` is what the vault holds."""
        given = len(self.rows["verdicts"])
        count = given if submission_count is None else submission_count
        with Database.open(self.folder / "warehouse.duckdb", self.folder / "tmp") as database:
            with database.transaction():
                database.create_lake()
                for table in LAKE_TABLES:
                    given_rows = self.rows[table.name]
                    rows = partial(pa.Table.from_pylist, given_rows, schema=table.schema)
                    database.load(table, [Part("donné", "donné", rows)])
                database.tell(["donné"])
            with database.transaction():
                tables = settings(consultation, self.last_day(), count)
                tables |= overlay(database, reviews)
                for name, rows in tables.items():
                    database.replace(name, rows)
                database.derive()
            yield database


def parquet_files(folder: Path, tables: Mapping[str, pa.Table]) -> Path:
    """Write tables as the files of a publication are; return their folder."""
    folder.mkdir()
    for name, rows in tables.items():
        pq.write_table(rows, folder / f"{name}.parquet")
    return folder


@pytest.fixture
def lake(tmp_path: Path) -> GivenLake:
    return GivenLake(tmp_path)


@pytest.fixture(scope="session")
def consultation(paris: ZoneInfo) -> Consultation:
    return Consultation(
        slug="essai-2020",
        title="Assises",
        organiser="Préfecture",
        addressee="Monsieur le Ministre",
        timezone=paris,
        opening=datetime(2020, 1, 8, tzinfo=paris),
        deadline=datetime(2020, 1, 20, tzinfo=paris),
        department="03",
        themes=(
            Theme("service", "Service rendu", "Service"),
            Theme("lien", "Lien avec la population", "Lien"),
        ),
        campaign_contributors=3,
    )
