"""What people let out of a home: words, and labels that they took from statements or wrote."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from flows.export import released
from tasks.privacy.pseudonyms import trace
from warehouse.contracts import LAKE_STATEMENTS, REVIEWS, STATEMENTS
from warehouse.home import Home
from warehouse.words import words_traces

DAY = date(2020, 1, 12)
GONE, SAME = "c-0000000000000001-001", "c-0000000000000002-001"
LABEL = "une patrouille au marché"
SAID = pa.table({"statement_id": [SAME], "text": ["Il faut une patrouille au marché."]})


def decided(act: str, subject: str, after: str, **anchors: list[str]) -> dict[str, Any]:
    given = {"import_id": "i-1", "decided_at": datetime(2020, 1, 13, tzinfo=UTC)}
    named = {"decision_id": f"d-{act}", "decided_by": "Anne", "anchors": [], "target_anchors": []}
    return {**given, **named, "act": act, "subject": subject, "after": after, **anchors}


@pytest.mark.parametrize("let_out", ["oui", "non"])
def test_a_label_taken_from_words_goes_out_with_them_whoever_says_them_now(
    tmp_path: Path, let_out: str
) -> None:
    home = Home(tmp_path)
    home.prepare()
    (words,) = words_traces(SAID["text"], trace("words", "", home.key())).to_pylist()
    schema = pa.schema([LAKE_STATEMENTS.schema.field(name) for name in ("statement_id", "label")])
    rows = pa.Table.from_pylist([{"statement_id": SAME, "label": LABEL}], schema=schema)
    home.lake.write(LAKE_STATEMENTS.name, DAY, rows, "empreinte")
    taken = decided("group_label", "g-1", GONE, target_anchors=[words])
    opened = decided("statement_open", SAME, let_out, anchors=[words])
    home.decisions.add(REVIEWS, [taken, opened])
    found = released(home, {STATEMENTS.qualified: SAID})
    assert (LABEL in found.labels, LABEL in found.kept) == (let_out == "oui", let_out == "non")
