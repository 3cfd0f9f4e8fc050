"""Two hundred cells filled in at random, half of them wrong: each is decided once, or named."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.edits import assert_decided, fill, review
from tests.reviewing import WRITERS, read_back, written


@pytest.mark.parametrize("suffix", WRITERS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_is_right_is_decided_once_and_what_is_wrong_is_named(suffix: str, seed: int) -> None:
    state, _ = review()
    cells, decided, named = fill(random.Random(seed))
    assert_decided(read_back(written(state, cells), suffix), decided, named)
