from __future__ import annotations

from pathlib import Path

import pytest

from flows.signoff import may_go_out
from warehouse.publication import Published


def synthesis(state: str, **facts: bool) -> Published:
    return Published(Path("latest"), {"state": state, **facts}, Path("latest"))


@pytest.mark.parametrize("state", ["validée", "transmise"])
def test_a_final_synthesis_goes_out_once_somebody_validated_it(state: str) -> None:
    assert may_go_out(synthesis(state, is_final=True))
    assert not may_go_out(synthesis("brouillon", is_final=True))


@pytest.mark.parametrize("state", ["brouillon", "validée", "transmise"])
def test_that_of_a_day_may_go_out_as_what_it_says_it_is(state: str) -> None:
    assert may_go_out(synthesis(state, is_final=False))
