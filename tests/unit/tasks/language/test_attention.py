"""Letters that a person must see: six sets of invented ones, and one of threats.

Rules were written after the first set, weights learnt from all: these tests hold what is known; how
unseen letters fare is in docs/quality.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tasks.language.attention import LABELS, flag_letters, read_rules, rulebooks

SETS = sorted((Path(__file__).parent / "attention").glob("*.jsonl"))


def _letters(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _flagged(letters: list[dict[str, Any]]) -> list[dict[str, str]]:
    flags = flag_letters(
        [letter["subject"] for letter in letters],
        [letter["text"] for letter in letters],
        [letter["signature"].splitlines() for letter in letters],
    )
    return [{flag.code: flag.why for flag in found} for found in flags]


@pytest.mark.parametrize("path", SETS, ids=lambda p: p.stem)
def test_letters_that_somebody_must_see_are_flagged(path: Path) -> None:
    letters = _letters(path)
    for letter, found in zip(letters, _flagged(letters), strict=True):
        assert set(letter["codes"].split()) <= set(found), letter["text"]


@pytest.mark.parametrize("path", SETS, ids=lambda p: p.stem)
def test_few_quiet_letters_are_flagged(path: Path) -> None:
    quiet = [letter for letter in _letters(path) if not letter["codes"]]
    flagged = sum(bool(found) for found in _flagged(quiet))
    assert flagged <= 0.2 * len(quiet)


def test_a_why_names_rules_or_words_and_no_sentence() -> None:
    text = "Je suis journaliste, merci de me rappeler avant ce soir pour mon article."
    (found,) = _flagged([{"subject": "", "text": text, "signature": ""}])
    assert "presse" in found
    assert all(text not in why for why in found.values())


def test_a_capital_letter_or_an_accent_changes_nothing() -> None:
    text = "Mon mari me frappe et menace de me tuer, aidez-moi"
    plain, shouted = (
        _flagged([{"subject": "", "text": t, "signature": ""}])[0] for t in (text, text.upper())
    )
    assert plain.keys() == shouted.keys()
    assert "urgence" in plain


def test_an_empty_letter_is_quiet() -> None:
    assert _flagged([{"subject": "", "text": "", "signature": ""}]) == [{}]


def test_every_rule_has_a_known_code() -> None:
    letters, authors = rulebooks()
    assert {rule.code for book in (letters, authors) for rule in book.rules} <= set(LABELS)


def test_a_pattern_nobody_can_read_is_refused() -> None:
    with pytest.raises(ValueError, match="motif incompréhensible"):
        read_rules("code,regle,lieu,effet,motif\nurgence,essai,lettre,signale,(au secours\n")
