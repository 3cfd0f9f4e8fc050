from __future__ import annotations

import pyarrow as pa
import pytest

from tasks.privacy.addresses import ADDRESSES
from tasks.privacy.spans import masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J'habite rue des Lilas à Moulins.", "J'habite [adresse]."),
        ("j habite depuis dix ans rue des mimosas", "j habite depuis dix ans [adresse]"),
        ("demeurant au lieu-dit Les Bruyères", "demeurant au [adresse]"),
        ("domicilié résidence Z, bâtiment B, appt 12", "domicilié [adresse]"),
        ("mon voisin qui demeure 14 impasse du Four", "mon voisin qui demeure [adresse]"),
        ("12 bis, av. de Paris 03000 Moulins", "[adresse]"),
        ("au 12 de la rue des Lilas", "au [adresse]"),
        ("12 r. Paul Bert 03300 Cusset", "[adresse]"),
        ("rue des Lilas, 03000 Moulins", "[adresse]"),
        ("La Petite Varenne, 03230 Chevagnes", "[adresse]"),
        ("BP 14, 03410 Domérat", "[adresse]"),
        ("7 Grande Rue", "[adresse]"),
    ],
)
def test_a_home_is_masked(text: str, expected: str) -> None:
    assert ADDRESSES.suspects(pa.array([text])) == [0]
    assert masked(text, ADDRESSES.find(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "J'habite Moulins.",
        "J'habite une rue passante.",
        "J'habite près de la rue de la République, qui est dangereuse.",
        "La rue de la République est dangereuse le soir.",
        "Le rond-point de l'avenue Victor Hugo.",
        "Place d'Allier, le samedi, c'est invivable.",
        "Les époux ont vendu leur maison à cause des incivilités place d'Allier.",
        "Sur la RN7, entre Moulins et Varennes.",
        "La préfecture, 03000 Moulins.",
    ],
)
def test_a_place_that_is_nobody_s_home_stays(text: str) -> None:
    assert masked(text, ADDRESSES.find(text)) == text
