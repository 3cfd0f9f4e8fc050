"""What disclosure control costs: of what passes k, how much daily exports show.

    python benchmarks/disclosure.py HOME CONSULTATION.toml

exports each day of a published consultation in turn, as if nothing came late, without writing any.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.run import read_consultation
from tasks.disclose import Released, disclose, open_tables, read_contributors
from tasks.privacy.disclosure import Disclosure
from warehouse.contracts import CONTRIBUTIONS, CONTRIBUTIONS_BY_COMMUNE, GROUPS, STATEMENTS

Tables = Mapping[str, pa.Table]


def received_until(tables: Tables, day: date) -> Tables:
    """Return the tables without what was received after a day."""
    contributions = tables[CONTRIBUTIONS.qualified]
    kept = contributions.filter(pc.less_equal(contributions["received_date"], pa.scalar(day)))
    statements = tables[STATEMENTS.qualified]
    said = statements.filter(pc.is_in(statements["contribution_id"], kept["contribution_id"]))
    return {**tables, CONTRIBUTIONS.qualified: kept, STATEMENTS.qualified: said}


def main() -> None:
    """Print a line a day: what may be shown, of what passes k."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("consultation", type=Path)
    asked = parser.parse_args()
    consultation = read_consultation(asked.consultation)
    k, folder = consultation.open_data.k, asked.home / "published" / "latest" / "parquet"
    tables = {
        table.qualified: pq.read_table(folder / f"{table.qualified}.parquet")
        for table in (CONTRIBUTIONS, STATEMENTS, GROUPS, CONTRIBUTIONS_BY_COMMUNE)
    }
    known = Disclosure()
    print("day: contributors; shown of those over k: themes, communes, groups")
    for day in sorted(set(tables[CONTRIBUTIONS.qualified]["received_date"].to_pylist())):
        today = received_until(tables, day)
        people = read_contributors(today, consultation)
        known = disclose(known, people, consultation, day)
        opened = open_tables(known, today, consultation, Released())
        themes = pc.count(opened["open_data.themes"]["contributor_count"]).as_py()
        over = [
            sum(count > k for count in Counter(people.themes.values()).values()),
            sum(
                count > k
                for code, count in Counter(people.communes.values()).items()
                if code.startswith(consultation.department)
            ),
            sum(len(group) > k for group in people.groups.values()),
        ]
        shown = [themes, *(len(opened[f"open_data.{name}"]) for name in ("communes", "groups"))]
        figures = ", ".join(f"{s}/{o}" for s, o in zip(shown, over, strict=True))
        print(f"{day}: {len(people.communes)}; {figures}")


if __name__ == "__main__":
    main()
