from __future__ import annotations

import pytest

from flows.failures import FAILED, USAGE, show_detail, tell
from flows.run import UsageError
from tasks.faults import withholding_values
from tasks.mail.sources.mailbox import SourceError, UnreachableError
from tasks.validate import ContractBrokenError
from warehouse.failures import FaultError
from warehouse.home import HomeError

WORDS = "Éloïse Zwykhold, 06 39 98 00 00"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HomeError("Une exécution est déjà en cours."), FAILED),
        (UnreachableError("La boîte ne répond pas."), FAILED),
        (SourceError("Le dossier n'existe pas."), USAGE),
        (UsageError("Aucune source."), USAGE),
    ],
)
def test_what_was_expected_is_told_by_its_own_sentence(error: Exception, code: int) -> None:
    assert tell(error) == (str(error), code)


def test_a_fault_is_told_in_french_without_the_values_it_was_raised_about() -> None:
    with pytest.raises(FaultError) as caught, withholding_values():
        int(WORDS)
    for error in (caught.value, ValueError(WORDS)):  # inside a stage, and outside of any
        sentence, code = tell(error)
        assert code == FAILED
        assert sentence.startswith("Faute du programme : ValueError")
        assert "Zwykhold" not in sentence
    sentence, code = tell(ContractBrokenError("lake.verdicts : status est de la liste"))
    assert (code, "lake.verdicts : status est de la liste" in sentence) == (FAILED, True)


def test_a_developer_who_asks_sees_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FaultError) as caught, withholding_values():
        int(WORDS)
    show_detail(caught.value)
    assert "Zwykhold" in capsys.readouterr().err
