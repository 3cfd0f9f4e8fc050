"""How mail found late is told."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from flows.found_late import found_late_sentence

NINTH, TENTH, ELEVENTH, TWELFTH = (date(2020, 1, day) for day in (9, 10, 11, 12))


@pytest.mark.parametrize(
    ("published", "sentence"),
    [
        pytest.param([NINTH, TWELFTH], "", id="those of before do not miss it"),
        pytest.param(
            [NINTH, TENTH],
            " La synthèse déjà publiée au 10/01/2020 ne les compte pas : refaites-la par "
            "« assises run --as-of 2020-01-10 ».",
            id="one",
        ),
        pytest.param(
            [NINTH, TENTH, ELEVENTH],
            " Celles déjà publiées du 10/01/2020 au 11/01/2020 ne les comptent pas : refaites-les "
            "par « assises run --from 2020-01-10 --to 2020-01-11 ».",
            id="several",
        ),
    ],
)
def test_syntheses_that_miss_it_are_named_and_how_to_make_them_again(
    published: list[date], sentence: str
) -> None:
    told = found_late_sentence(Counter({TENTH: 2, ELEVENTH: 1}), published, TWELFTH)
    assert told == (
        "Messages trouvés après coup : 2 reçus le 10/01/2020, 1 reçu le 11/01/2020." + sentence
    )
