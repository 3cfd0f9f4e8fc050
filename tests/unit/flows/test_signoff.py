from __future__ import annotations

from pathlib import Path

import pytest

from flows.signoff import may_go_out
from warehouse.publication import Published


@pytest.mark.parametrize(
    ("is_final", "state", "may"),
    [
        (True, "brouillon", False),
        (True, "validée", True),
        (True, "transmise", True),
        (False, "brouillon", True),
        (False, "validée", True),
    ],
)
def test_only_a_final_synthesis_that_nobody_validated_stays(
    is_final: bool, state: str, may: bool
) -> None:
    assert may_go_out(Published(Path("latest"), {"is_final": is_final, "state": state})) is may
