from __future__ import annotations

import time

import pytest

from tasks.privacy.redaction import redact_texts


def redact(text: str, *names: str) -> str:
    return redact_texts([text], [names])[0]


@pytest.mark.parametrize(
    "address",
    [
        "lucie.morand@courriel.example",
        "LUCIE.MORAND@COURRIEL.EXAMPLE",
        "lucie+assises@courriel.example",
        "l_m%03'x-y@sous.domaine.courriel.example",
        "hélène@mairie-cérilly.example",
        "contact@xn--crilly-bva.example",
    ],
)
@pytest.mark.parametrize("written", ["{}", "<{}>", "mailto:{}", "({}).", "«\u202f{}\u202f»", "{},"])
def test_an_electronic_address_is_masked(address: str, written: str) -> None:
    expected = f"Écrivez-moi : {written.format('[adresse électronique]')} Merci."
    if written == "mailto:{}":
        assert address not in redact(f"Écrivez-moi : mailto:{address} Merci.")
    else:
        assert redact(f"Écrivez-moi : {written.format(address)} Merci.") == expected


@pytest.mark.parametrize(
    "number",
    [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06/12/34/56/78",
        "06\u00a012\u202f34 56 78",
        "06 12 345 678",
        "061 234 56 78",
        "0612 345 678",
        "06 - 12 - 34 - 56 - 78",
        "06–12–34–56–78",
        "(06) 12 34 56 78",
        "06_12_34_56_78",
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33.6.12.34.56.78",
        "+33 (0)6 12 34 56 78",
        "+33(0)612345678",
        "(+33) 6 12 34 56 78",
        "(0033) 6 12 34 56 78",
        "0033 6 12 34 56 78",
        "00 33 6 12 34 56 78",
        "00336-12-34-56-78",
        "04 70 00 00 00",
        "09.70.00.00.00",
    ],
)
@pytest.mark.parametrize("before", ["Appelez-moi au ", "Tél.:", "tel"])
def test_a_telephone_number_is_masked_however_it_is_cut(before: str, number: str) -> None:
    assert redact(f"{before}{number}, le soir.") == f"{before}[téléphone], le soir."


@pytest.mark.parametrize(
    "text",
    [
        "Le 08/01/2020 18h30, personne.",
        "Du 01/01/2020-31/12/2020, 14 cambriolages.",
        "Le 09.01.2020 20.30 la patrouille passe.",
        "Le 17 ne répond pas, le 112 non plus.",
        "Il y a 1 200 000 habitants et 0,5 % de plaintes.",
        "Code postal 03000, département 03.",
        "De 2018 à 2020 : 123 456 euros.",
        "Les 10 20 30 et 40 du mois.",
        "Ligne 06 de 12 h à 14 h.",
        "Les départements 03, 15, 23, 42, 63 et 71.",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("J'habite 12 rue des Lilas.", "J'habite [adresse]."),
        ("Au 12, rue des Lilas, il fait noir.", "Au [adresse], il fait noir."),
        ("Au 3 bis avenue Victor Hugo", "Au [adresse]"),
        ("Au 3ter, Bd de la République", "Au [adresse]"),
        ("4 impasse du Four 03000 Moulins", "[adresse]"),
        ("4 impasse du Four, 03190 Hérisson !", "[adresse] !"),
        ("au 7 place de l'église", "au [adresse]"),
        ("au 7 place de l’Hôtel de Ville ce soir", "au [adresse] ce soir"),
        ("21 allée des Marronniers et 4 quai d'Allier", "[adresse] et [adresse]"),
        ("au 5 Chemin Saint-Menoux", "au [adresse]"),
        ("AU 5 RUE DE LA GARE", "AU [adresse]"),
        ("8 rue du 11 Novembre 1918", "[adresse]"),
        ("8 rue du 8 mai 1945, Vichy", "[adresse], Vichy"),
        ("8 rue du 121e RI", "[adresse]"),
        ("8 rue J.-J. Rousseau", "[adresse]"),
        ("8 rue J. Jaurès. Merci.", "[adresse]. Merci."),
        ("12 rue des Lilas. La nuit, personne.", "[adresse]. La nuit, personne."),
        ("12 rue des lilas, personne.", "[adresse], personne."),
        ("12 rue des Lilas\nMonsieur le Préfet", "[adresse]\nMonsieur le Préfet"),
        ("12 rue des Lilas\n03200 Vichy\nObjet : la gare", "[adresse]\nObjet : la gare"),
        ("12 rue des Lilas 3 fois par nuit", "[adresse] 3 fois par nuit"),
        ("6 cours Jean Jaurès", "[adresse]"),
    ],
)
def test_a_numbered_address_is_masked(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "La rue de la République est dangereuse.",
        "Avenue Victor Hugo, on roule trop vite.",
        "Il manque 12 lampadaires rue des Lilas.",
        "Il y a 3 places de parking devant la gare.",
        "Les 2 rues du bourg sont noires.",
        "La route départementale 2009 est un circuit.",
        "Le 14 juillet, place d'Allier, personne.",
    ],
)
def test_a_place_that_has_a_problem_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "written",
    [
        "Hélène Dupré-Martin",
        "hélène dupré-martin",
        "HELENE DUPRE-MARTIN",
        "Helene Dupre Martin",
        "Dupré-Martin Hélène",
        "DUPRÉ-MARTIN Hélène",
        "Hélène\u00a0Dupré-Martin",
        "Hélène\nDupré-Martin",
        "Mme Hélène Dupré-Martin",
        "Madame Dupré-Martin Hélène",
        "He\u0301le\u0300ne Dupre\u0301-Martin",
    ],
)
@pytest.mark.parametrize("name", ["Hélène Dupré-Martin", "DUPRE-MARTIN Hélène"])
def test_the_author_is_masked_however_they_write_their_name(name: str, written: str) -> None:
    masked = redact(f"Je suis {written}, de Vichy.", name)
    title = next((t for t in ("Mme ", "Madame ") if written.startswith(t)), "")
    assert masked == f"Je suis {title}[nom], de Vichy."


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Jean d'Aubigny", "Jean d'Aubigny"),
        ("Jean D'AUBIGNY", "Jean D’Aubigny"),
        ("Marie L'Hermite", "MARIE L'HERMITE"),
        ("Jean P. Petit", "Jean P. Petit"),
        ("Jean P. Petit", "Jean Petit"),
        ("Anne de la Tour", "Anne de la Tour"),
        ("Jean-Noël Petit", "Jean Noel Petit"),
        ("Zoé Lecœur", "Zoé Lecoeur"),
        ("Zoé Lecoeur", "ZOÉ LECŒUR"),
        ("François Petit", "FRANCOIS PETIT"),
    ],
)
def test_particles_initials_and_ligatures_do_not_hide_a_name(name: str, written: str) -> None:
    assert redact(f"Signé : {written}.", name) == "Signé : [nom]."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("Rose est une fleur.", "Rose Petit", id="a first name alone"),
        pytest.param("La place est sombre.", "Place", id="a name of one word"),
        pytest.param("Rien du tout.", "", id="no name"),
        pytest.param("Un (a|b)* texte.", "(a|b)* [c]", id="signs"),
    ],
)
def test_what_is_not_the_author_s_name_stays(text: str, name: str) -> None:
    assert redact(text, name) == text


def test_each_text_is_masked_by_its_own_author_s_names() -> None:
    texts = ["Les gens de place grise.", "Les gens de place grise."]
    assert redact_texts(texts, [["Lucie Morand"], ["Grise Place", "Lucie Morand"]]) == [
        "Les gens de place grise.",
        "Les gens de [nom].",
    ]


def test_a_longer_name_is_masked_whole() -> None:
    names = ("Lucie Morand", "Lucie Morand Petit")
    assert redact("Lucie Morand Petit", *names) == "[nom]"
    assert redact("Lucie Morand Petit", *reversed(names)) == "[nom]"


def test_several_identifiers_are_masked_at_once() -> None:
    text = "Lucie Morand, 12 rue des Lilas 03200 Vichy, 06 12 34 56 78, l.m@courriel.example"
    assert redact(text, "Lucie Morand") == "[nom], [adresse], [téléphone], [adresse électronique]"


HOSTILE = {
    "letters": "a",
    "at signs": "@",
    "addresses": "a@",
    "domains": "a@b.",
    "labels": "a.",
    "long labels": "a" * 63 + ".",
    "digits": "0",
    "pairs": "06 ",
    "cut digits": "0 1-2.3/4 ",
    "prefixes": "+33 ",
    "brackets": "(0)",
    "numbers": "12 ",
    "streets": "12 rue ",
    "spaced streets": "12 rue    ",
    "particles": "12 rue de la ",
    "capitals": "12 rue A-A ",
    "dashes": "12 rue A----",
    "codes": "12 rue A 03000 ",
    "first names": "jean ",
    "names": "jean petit ",
    "titles": "Mme ",
    "hyphens": "jean-",
    "spaces": " ",
    "lines": "\n",
    "accents": "e\u0301",
    "account numbers": "FR76 3000 ",
    "social security numbers": "sécu 1 85 03 ",
    "births": "née à Moulins ",
    "homes": "j'habite au ",
    "vehicles": "voiture AA ",
    "pages": "https://a.",
    "handles": "compte snap ",
    "unknown names": "Zorglub ",
    "sentences of unknown names": "Kevin Zorg. ",
    "lists": "Paul, ",
    "offices": "maire de Moulins, ",
    "initials": "J. ",
    "masks": "[nom] ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_takes_a_time_in_proportion_to_its_length(piece: str) -> None:
    def seconds(size: int) -> float:
        text = "Jean 12 rue M. +33 0 a@" + piece * (size // len(piece))
        start = time.process_time()
        redact(text, "Jean d'Aubigny Petit", "Jean Petit")
        return time.process_time() - start

    seconds(1000)
    assert seconds(50_000) < 30 * seconds(5_000) + 0.5
