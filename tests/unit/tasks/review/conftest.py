from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tasks.privacy.redaction import redact_texts
from tasks.review.reading import Reading, read_review
from tasks.review.state import State
from tests.reviewing import Cells, read_back, typed_id, world, written


def mask(texts: Sequence[str]) -> list[str]:
    return redact_texts(texts, [()] * len(texts)) if texts else []


@pytest.fixture
def ask() -> Callable[..., Reading]:
    """Fill in cells of the workbook of one state, and read it back beside another, or the same."""

    def read(cells: Cells, exported: State | None = None, now: State | None = None) -> Reading:
        exported = exported or world()
        sheets = read_back(written(exported, cells, "Anne Petit"))
        return read_review(sheets, now or exported, mask, typed_id)

    return read
