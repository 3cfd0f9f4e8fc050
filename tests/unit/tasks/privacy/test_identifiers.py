from __future__ import annotations

import pyarrow as pa
import pytest

from tasks.privacy.identifiers import FINDERS, NUMBER_FINDERS
from tasks.privacy.spans import masked, plain


def mask(text: str) -> str:
    for finder in (*FINDERS, *NUMBER_FINDERS):
        view = plain(text)
        if finder.suspects(pa.array([view.text])):
            text = masked(text, view.spans(finder.find(view.text)))
    return text


@pytest.mark.parametrize(
    "written",
    [
        "lucie.morand (at) courriel.fr",
        "lucie.morand[@]courriel.fr",
        "lucie.morand arobase courriel point fr",
        "lucie.morand AT courriel DOT com",
        "lucie.morand @ courriel.fr",
        "lucie point morand arobase courriel point fr",
        "lucie.morand＠courriel.fr",
        "lucie\u200b.morand@\u200bcourriel.fr",
    ],
)
def test_an_address_hidden_from_robots_is_masked(written: str) -> None:
    assert mask(f"Écrivez à {written}, merci.") == "Écrivez à [adresse électronique], merci."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FR76 3000 6000 0112 3456 7890 189", "[IBAN]"),
        ("fr7630006000011234567890189", "[IBAN]"),
        ("FR76.3000.6000.0112.3456.7890.189", "[IBAN]"),
        ("F R 7 6 30006 00001 12345678901 89", "[IBAN]"),
        ("ＦＲ７６ ３０００ ６０００ ０１１２ ３４５６ ７８９０ １８９", "[IBAN]"),
        ("DE89 3704 0044 0532 0130 00", "[IBAN]"),
        ("BE68 5390 0754 7034 est à moi", "[IBAN] est à moi"),
        ("IBAN : FR76 3000 6000 0112 3456 7890 000", "IBAN : [IBAN]"),
        ("BIC : AGRIFRPP882", "BIC : [BIC]"),
        ("2 55 08 14 168 025 38", "[numéro de sécurité sociale]"),
        ("255081416802538", "[numéro de sécurité sociale]"),
        ("1 85 03 2A 004 052 70", "[numéro de sécurité sociale]"),
        ("n° de sécu : 2 55 08 14 168 025", "n° de sécu : [numéro de sécurité sociale]"),
        ("4970 1012 3456 7890 n'est pas une carte", "4970 1012 3456 7890 n'est pas une carte"),
        ("4539 5787 6362 1486", "[numéro de carte]"),
        ("SIRET 732 829 320 00074 de mon commerce", "SIRET [SIRET] de mon commerce"),
    ],
)
def test_a_number_with_a_key_is_masked_by_its_key_or_its_name(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("la Clio AB-123-CD", "la Clio [plaque d'immatriculation]"),
        ("AB 123 CD", "[plaque d'immatriculation]"),
        ("AB123CD", "[plaque d'immatriculation]"),
        ("immatriculé ab 123 cd", "immatriculé [plaque d'immatriculation]"),
        ("une plaque 1234 AB 03", "une plaque [plaque d'immatriculation]"),
        ("un scooter, plaque 12 AB 2B", "un scooter, plaque [plaque d'immatriculation]"),
        ("EN 200 ET QUELQUES", "EN 200 ET QUELQUES"),
        ("la RN 145 et la D 2009", "la RN 145 et la D 2009"),
    ],
)
def test_a_plate_is_masked_by_its_shape_or_after_a_vehicle(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("voir https://www.facebook.com/kev.moulins.715, merci", "voir [adresse web], merci"),
        ("voir twitter.com/Patriote_Bourbon03 !", "voir [adresse web] !"),
        ("voir https://lucie-raconte.over-blog.com/moi", "voir [adresse web]"),
        ("voir www.lucie-morand.fr", "voir [adresse web]"),
        ("c'est @kev_03 qui", "c'est [pseudonyme] qui"),
        ("son snap : kev_03", "son snap : [pseudonyme]"),
        ("Merci à @gendarmerie_03", "Merci à @gendarmerie_03"),
        ("sur service-public.fr", "sur service-public.fr"),
        ("sur www.pre-plainte-en-ligne.gouv.fr", "sur www.pre-plainte-en-ligne.gouv.fr"),
        ("sur https://www.lamontagne.fr/moulins", "sur https://www.lamontagne.fr/moulins"),
        ("sur facebook.com/gendarmerie.allier", "sur facebook.com/gendarmerie.allier"),
        ("sur Facebook ou Twitter", "sur Facebook ou Twitter"),
    ],
)
def test_a_page_that_leads_to_a_person_is_masked(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("né le 12/03/1955", "né le [date de naissance]"),
        ("née le 1er mars 1929", "née le [date de naissance]"),
        ("née à Moulins le 4.5.61", "née à Moulins le [date de naissance]"),
        ("NÉ EN 1955", "NÉ EN [date de naissance]"),
        ("Date de naissance : 14/02/1962", "Date de naissance : [date de naissance]"),
        ("date de nais. 14/02/1962", "date de nais. [date de naissance]"),
        ("née en déc. 1958", "née en [date de naissance]"),
        ("né le deux janvier mille neuf cent vingt", "né le [date de naissance]"),
        ("L'année 1955 fut belle", "L'année 1955 fut belle"),
        ("Le 12/03/2019 il a volé", "Le 12/03/2019 il a volé"),
    ],
)
def test_a_date_is_masked_when_it_is_said_to_be_a_birth(text: str, expected: str) -> None:
    assert mask(text) == expected
