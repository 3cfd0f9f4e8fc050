from __future__ import annotations

import re
from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.mail import absences, formulas
from tasks.mail.word_sets import holds_any


@pytest.mark.parametrize(
    ("text", "is_held"),
    [("CI-JOINT", True), ("Pıèce joİnte", True), ("Ci-dessous", False), ("", False)],
)
def test_a_piece_is_found_in_whatever_case(text: str, *, is_held: bool) -> None:
    assert holds_any(text, {"joint"}) is is_held


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        pytest.param(formulas._CLOSING_END, formulas._CLOSING_PIECES, id="closing"),
        pytest.param(formulas._ATTACHED, formulas._ATTACHED_PIECES, id="attached"),
        pytest.param(formulas._REVISION, formulas._REVISION_PIECES, id="revision"),
        pytest.param(absences._FOREIGN_TURNS, absences._FOREIGN_PIECES, id="foreign turns"),
    ],
)
def test_nothing_that_a_pattern_finds_is_ruled_out_before(
    pattern: re.Pattern[str], pieces: Collection[str]
) -> None:
    @settings(max_examples=200, deadline=None)
    @given(found=st.from_regex(pattern, fullmatch=True))
    def rules_nothing_out(found: str) -> None:
        assert holds_any(found, pieces)

    rules_nothing_out()
