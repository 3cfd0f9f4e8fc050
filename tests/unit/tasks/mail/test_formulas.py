from __future__ import annotations

import pytest

from tasks.mail.formulas import content_words, is_closing, is_cover_note, is_greeting, is_revision


@pytest.mark.parametrize(
    "line",
    [
        "Bonjour,",
        "Madame la Préfète,",
        "Monsieur le Préfet",
        "À qui de droit,",
        "Mesdames, Messieurs,",
        "À l'attention du cabinet",
    ],
)
def test_greetings(line: str) -> None:
    assert is_greeting(line)


@pytest.mark.parametrize(
    "line", ["Bonjour, il manque des gendarmes.", "Aux élus.", "Madame Durand a porté plainte."]
)
def test_no_greetings(line: str) -> None:
    assert not is_greeting(line)


@pytest.mark.parametrize(
    "line",
    [
        "Cordialement,",
        "Bien à vous",
        "Merci d'avance.",
        ("Veuillez agréer, Madame, mes salutations distinguées."),
        "Dans l'attente de votre réponse,",
        "l'expression de mes sentiments respectueux.",
        "Je vous remercie de votre attention.",
        "Très bonne journée",
        "Kind regards,",
    ],
)
def test_closings(line: str) -> None:
    assert is_closing(line)


@pytest.mark.parametrize(
    "line",
    [
        "Merci de mettre plus de gendarmes le soir.",
        ("Sincèrement, est-ce que la police a les moyens ?"),
        "Respects des lois, tout simplement",
        "Que l'on traite les victimes avec considération.",
        ("Dans l'attente d'une réforme, il faut des renforts."),
    ],
)
def test_no_closings(line: str) -> None:
    assert not is_closing(line)


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour,\n\nVeuillez trouver ci-joint ma contribution.\n\nCordialement",
        "Ci-joint mon courrier.",
        "Voir photo",
        "cf. PJ",
        "Voir fichier joint.",
        "Madame,\n\nVous trouverez en pièce jointe nos propositions.\nBonne réception,",
    ],
)
def test_cover_notes_hold_no_content(text: str) -> None:
    assert is_cover_note(text)
    assert content_words(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bonjour,",
        "Les pièces jointes des plaintes en ligne sont refusées.",
        "Ci-joint ma lettre. Il faut ouvrir le samedi.",
    ],
)
def test_no_cover_notes(text: str) -> None:
    assert not is_cover_note(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Bonjour,\n\nCordialement", 0),
        ("Bonjour, plus de patrouilles.", 3),
        ("Bonjour,\n\nIl faut ouvrir le samedi.\n\nMerci d'avance", 5),
    ],
)
def test_content_words(text: str, count: int) -> None:
    assert content_words(text) == count


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Annule et remplace : contribution", ""),
        ("ANNULE ET REMPLACE", ""),
        ("", "Ce message annule et remplace le précédent."),
        ("", "Merci de ne pas tenir compte de mon précédent message."),
    ],
)
def test_revisions(subject: str, text: str) -> None:
    assert is_revision(subject, text)


def test_no_revision() -> None:
    assert not is_revision("Contribution", "Il faut remplacer les lampadaires de la rue.")
