"""How a run of several days says how it went."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from expectations.engine import Failure
from flows.backfill import _became, _worst
from flows.cli import _report_days
from flows.daily_synthesis import Closed
from tasks.publish import Held
from warehouse.publication import Published


def published(day: str, version: str = "a") -> Published:
    manifest: dict[str, Any] = {"as_of_date": day, "is_final": False, "state": "validée"}
    return Published(Path("published") / day, manifest, Path("/versions") / version)


HELD = Held((Failure("le registre ne tombe pas juste", {}),))
FIRST, LAST = published("2020-01-10"), published("2020-01-11")
CLOSED = Closed(LAST, 2)


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        pytest.param([FIRST, LAST], LAST, id="the last"),
        pytest.param([HELD, LAST], HELD, id="held before"),
        pytest.param([LAST, CLOSED], LAST, id="closed after"),
        pytest.param([CLOSED], CLOSED, id="closed"),
    ],
)
def test_what_is_held_says_how_it_went(outcomes: list[Any], worst: Any) -> None:
    assert _worst(outcomes) is worst


@pytest.mark.parametrize(
    ("outcomes", "code", "links"),
    [
        pytest.param([FIRST, LAST], 0, [FIRST, LAST], id="all published"),
        pytest.param([FIRST, HELD, LAST], 3, [FIRST, LAST], id="one held"),
        pytest.param([HELD], 3, [], id="all held"),
        pytest.param([LAST, CLOSED], 0, [LAST], id="closed after"),
        pytest.param([CLOSED, CLOSED], 4, [], id="closed"),
    ],
)
def test_the_code_and_the_links_of_several_days(
    capsys: pytest.CaptureFixture[str], outcomes: list[Any], code: int, links: list[Published]
) -> None:
    assert _report_days(outcomes, link=True) == code
    assert capsys.readouterr().out.split() == [str(one.link) for one in links]


def test_a_day_says_what_became_of_it() -> None:
    assert _became(FIRST, None) == "publiée"
    assert _became(FIRST, published("2020-01-10", "b")) == "publiée"
    assert _became(FIRST, published("2020-01-10")) == "inchangée"
    assert _became(HELD, FIRST) == "retenue (le registre ne tombe pas juste)"
    assert _became(CLOSED, None) == "rien de neuf, la définitive est celle du 11/01/2020"
