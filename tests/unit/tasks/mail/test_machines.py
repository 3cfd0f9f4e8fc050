from __future__ import annotations

import pytest

from tasks.mail.reading import read_message
from tests.unit.tasks.mail.letters import BOX, letter

REPORT = (
    f"From: MAILER-DAEMON@relais.example\nTo: {BOX}\nSubject: Non remis\nMIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=delivery-status; "
    'boundary="b"\n\n--b\nContent-Type: text/plain\n\nNon remis.\n'
    "--b\nContent-Type: message/delivery-status\n\nAction: failed\n\n--b--\n"
).encode()


@pytest.mark.parametrize(
    ("raw", "machine"),
    [
        (REPORT, "bounce"),
        (
            letter(
                "x",
                "Undelivered Mail Returned to Sender",
                "",
                "mailer-daemon@relais.example",
                Return_Path="<>",
            ),
            "bounce",
        ),
        (letter("x", Auto_Submitted="auto-replied"), "auto_reply"),
        (letter("x", X_Autoreply="yes"), "auto_reply"),
        (letter("x", Precedence="auto_reply"), "auto_reply"),
        (letter("x", List_Unsubscribe="<mailto:stop@lettre.example>"), "bulk"),
        (letter("x", Precedence="bulk"), "bulk"),
        (letter("x", X_Spam_Flag="YES"), "spam"),
        (letter("x", X_Spam_Status="Yes, score=12"), "spam"),
        (
            letter("x", X_Spam_Flag="YES", Precedence="bulk", Auto_Submitted="auto-replied"),
            "auto_reply",
        ),
        (letter("Nos bureaux sont fermés jusqu'au 2 janvier.", Precedence="bulk"), "bulk"),
        (letter("x", Auto_Submitted="no", X_Spam_Flag="NO", X_Spam_Status="No, score=1"), None),
    ],
    ids=[
        "report",
        "daemon",
        "auto-submitted",
        "x-autoreply",
        "precedence auto",
        "unsubscribe",
        "bulk",
        "spam flag",
        "spam status",
        "first of several",
        "before the words",
        "none",
    ],
)
def test_headers_are_believed(raw: bytes, machine: str | None) -> None:
    assert read_message(raw).machine == machine


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "Absence du bureau",
            (
                "Bonjour,\n\nJe suis absente jusqu'au 27 janvier. En cas d'urgence, contactez "
                "l'accueil.\n\nJeanne Morel"
            ),
        ),
        (
            "Réponse automatique : avis",
            "Actuellement en congés, je prendrai connaissance de votre message à mon retour.",
        ),
        (
            "Re: avis",
            (
                "Votre courriel a bien été reçu. Ceci est une réponse automatique, merci de ne pas "
                "y répondre."
            ),
        ),
        ("Out of office", "I am out of the office until Monday and will reply on my return."),
        ("Congés", "Cette adresse n'est plus utilisée. Merci d'écrire à accueil@mairie.example."),
    ],
    ids=["absent", "leave", "acknowledged", "english", "address closed"],
)
def test_automatic_replies_without_a_header(subject: str, body: str) -> None:
    assert read_message(letter(body, subject)).machine == "auto_reply"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "Absence de patrouilles",
            (
                "Les gendarmes sont absents la nuit. En cas d'urgence, personne ne vient avant une "
                "heure."
            ),
        ),
        (
            "Absence",
            "Je suis absente du lundi au vendredi et les cambriolages se multiplient dans ma rue.",
        ),
        (
            "Contribution",
            "J'ai bien reçu votre message et je propose d'ouvrir la brigade le samedi.",
        ),
        (
            "Réponse",
            (
                "Votre demande a été reçue en mairie. Il faut des renforts, des caméras et un "
                "accueil le soir."
            ),
        ),
        (
            "Avis",
            (
                "De retour au village depuis un an, je constate que le bureau est fermé jusqu'au "
                "lundi."
            ),
        ),
    ],
)
def test_no_contribution_is_taken_for_a_machine_s(subject: str, body: str) -> None:
    assert read_message(letter(body, subject)).machine is None
