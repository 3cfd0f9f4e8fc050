from __future__ import annotations

import great_expectations.expectations as gxe
import pandas as pd
import pytest

from expectations.engine import UncheckableError, failures

FRAME = pd.DataFrame({"nom": ["s-1", "s-2", "s-3"], "age": [3, -1, -2], "ville": ["Cusset"] * 3})


def positive(
    minimum: int = 0, sentence: str = "l'âge est positif"
) -> gxe.ExpectColumnValuesToBeBetween:
    return gxe.ExpectColumnValuesToBeBetween(
        column="age", min_value=minimum, meta={"sentence": sentence, "reason": f"r{minimum}"}
    )


def test_what_holds_is_not_a_failure() -> None:
    assert failures(FRAME, [positive(-2)]) == []
    assert failures(FRAME, []) == []


def test_a_failure_has_its_sentence_its_meta_and_the_rows_that_break_it() -> None:
    (failure,) = failures(FRAME, [positive()], "nom")
    assert failure.sentence == "l'âge est positif"
    assert failure.meta["reason"] == "r0"
    assert failure.rows == ("s-2", "s-3")


def test_failures_come_in_the_order_given_even_of_one_column() -> None:
    town = gxe.ExpectColumnValuesToBeInSet(
        column="ville", value_set=["Vichy"], meta={"sentence": "v"}
    )
    expectations = [positive(3, "c"), town, positive(1, "a"), positive(2, "b")]
    assert [f.sentence for f in failures(FRAME, expectations)] == ["c", "v", "a", "b"]


def test_without_an_identifier_no_row_is_named() -> None:
    (failure,) = failures(FRAME, [positive()])
    assert failure.rows == ()


@pytest.mark.parametrize("identifier", [None, "nom"])
def test_a_broken_check_never_passes(identifier: str | None) -> None:
    absent = gxe.ExpectColumnValuesToBeBetween(
        column="absente", min_value=0, meta={"sentence": "la colonne absente est positive"}
    )
    with pytest.raises(UncheckableError, match="la colonne absente est positive : ne peut pas"):
        failures(FRAME, [absent], identifier)


def test_a_failure_keeps_no_value() -> None:
    words = pd.DataFrame({"mots": ["Je m'appelle Zénobie, écrivez à zenobie@courriel.example"]})
    without_address = gxe.ExpectColumnValuesToNotMatchRegex(column="mots", regex="@")
    (failure,) = failures(words, [without_address])
    assert "zenobie" not in repr(failure).lower()
