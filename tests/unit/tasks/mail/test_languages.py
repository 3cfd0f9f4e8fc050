from __future__ import annotations

import pytest

from tasks.mail.languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Il faut plus de gendarmes dans les villages.", "fr"),
        ("I would like to see more officers on foot in the market.", "en"),
        ("Ich wünsche mir mehr Polizei auf dem Markt und in der Stadt.", "de"),
        ("Oui", None),
        ("Vichy Moulins Montluçon Gannat Cusset", None),
    ],
)
def test_language_of(text: str, language: str | None) -> None:
    assert language_of(text) == language
