"""What the example publishes, small enough to be reviewed; `--update-golden` writes it anew."""

from __future__ import annotations

import difflib
from pathlib import Path

import duckdb
import pytest

from tests.program import Ran

EXPECTED = Path(__file__).parent / "expected"
QUERIES = {
    "key_figures": "from marts.key_figures",
    "ledger_by_day": "from marts.ledger_by_day order by received_date nulls last",
    "ledger_by_reason": "from marts.ledger_by_reason order by status, reason nulls first",
    "synthesis_by_theme": "select * exclude (theme_label) from marts.synthesis_by_theme",
    "contributions_by_commune": (
        "from marts.contributions_by_commune order by commune_code nulls last"
    ),
    "contributor_types": (
        "select contributor_type, count(*) as contribution_count"
        " from core.contributions group by all order by contributor_type"
    ),
    "shared_propositions": (
        "select theme, label, contributor_count, statement_count, campaign_share, weight_label"
        " from marts.propositions where contributor_count > 1 order by theme, rank"
    ),
    "shared_constats": (
        "select theme, label, contributor_count, statement_count, campaign_share, weight_label"
        " from marts.constats where contributor_count > 1 order by theme, rank"
    ),
}


def as_markdown(relation: duckdb.DuckDBPyRelation) -> str:
    lines = [relation.columns, ["---"] * len(relation.columns)]
    lines += [["" if v is None else str(v) for v in row] for row in relation.fetchall()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


@pytest.mark.parametrize("name", QUERIES)
def test_the_example_publishes_what_was_reviewed(
    name: str, final: Ran, request: pytest.FixtureRequest
) -> None:
    with duckdb.connect(str(final.latest / "assises.duckdb"), read_only=True) as base:
        found = as_markdown(base.sql(QUERIES[name]))
    path = EXPECTED / f"{name}.md"
    if request.config.getoption("--update-golden"):
        path.write_text(found, encoding="utf-8")
    expected = path.read_text(encoding="utf-8")
    difference = difflib.unified_diff(
        expected.splitlines(), found.splitlines(), str(path.name), "published", lineterm=""
    )
    assert found == expected, "\n".join(difference)
