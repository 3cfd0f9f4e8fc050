"""Which way a statement points."""

from __future__ import annotations

import pytest

from tasks.language.polarity import polarity


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Plus de patrouilles", "+"),
        ("Moins de patrouilles", "-"),
        ("Il ne faut pas supprimer la brigade", "+"),
        ("La brigade n'est jamais ouverte", "-"),
        ("Trop de contrôles", "+!"),
        ("Il y a trop peu de contrôles", "-"),
        ("Les éoliennes produisent très peu d'électricité", "-"),
        ("Rouvrir la brigade du canton, ne plus fermer le soir", "+"),
        ("Dans ma commune, personne ne vient", "-"),
        ("", "+"),
        ("…", "+"),
    ],
    ids=lambda t: t,
)
def test_polarity(text: str, told: str) -> None:
    assert polarity(text) == told
