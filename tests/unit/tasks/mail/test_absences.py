from __future__ import annotations

import pytest

from tasks.mail.absences import MAX_CHARS, reads_as_auto_reply

REPLIES = [
    "Le cabinet est fermé du 6 au 13 janvier inclus. En cas d'urgence appelez le 15.",
    "Notre étude sera fermée du 20 décembre au 3 janvier. Vos messages seront traités ensuite.",
    "Je suis en arrêt maladie jusqu'au 12 janvier. Veuillez vous rapprocher du secrétariat.",
    "Bonjour, cette adresse mail n'est plus utilisée. Merci de m'écrire à p.durand@neuf.example.",
    "Toute l'équipe vous souhaite de bonnes fêtes ! Nos bureaux sont fermés jusqu'au 2 janvier.",
    "Merci de nous avoir contactés. Un conseiller vous répondra sous 48 heures ouvrées.",
    "La mairie a bien reçu votre demande. Ce message est généré automatiquement.",
    "Le docteur Martin est absent du 2 au 12 janvier. Il est remplacé par le docteur Blanc.",
    "Votre correspondant est momentanément indisponible. Il vous recontactera dès que possible.",
    "Absente ce jour. Retour le 9/01.",
    "Je quitte mes fonctions le 31 décembre. Mme Leroy suit les dossiers en cours.",
    "I am on annual leave until 12 January. Your message will not be forwarded.",
    "Ich bin bis zum 13. Januar nicht im Büro. Bitte wenden Sie sich an meine Kollegin.",
]
LETTERS = [
    "La gendarmerie est fermée le week-end, c'est un scandale.",
    "Je suis absent toute la semaine pour mon travail et mon quartier est livré à lui-même.",
    "La mairie est fermée du 24 au 2, et pendant ce temps les dégradations continuent.",
    "J'ai écrit trois fois, je n'ai jamais eu de réponse.",
    "Votre adresse de contact n'est pas assez connue.",
    "Ouverture le samedi svp",
    "Je suis absente la journée : déposer plainte le soir.",
    "J'ai bien reçu votre courrier. Je pense que l'accueil doit être ouvert le samedi.",
    "En cas d'urgence on tombe sur un répondeur à Clermont.",
    "On nous répond toujours que l'agent est en congé.",
    "Un référent par commune, joignable directement.",
    "Mon numéro de dossier est toujours en attente depuis 2018.",
    "De retour de vacances on a retrouvé les voitures rayées.",
    "Délais de réponse.",
    "",
]


@pytest.mark.parametrize("text", REPLIES)
@pytest.mark.parametrize("greeting", ["", "Bonjour,\n\n"])
def test_an_automatic_reply_is_known_by_its_words(text: str, greeting: str) -> None:
    assert reads_as_auto_reply(greeting + text, has_its_subject=False)
    assert reads_as_auto_reply(greeting + text, has_its_subject=True)


@pytest.mark.parametrize("text", LETTERS)
@pytest.mark.parametrize("has_its_subject", [True, False])
def test_a_person_who_speaks_of_absences_is_no_machine(text: str, *, has_its_subject: bool) -> None:
    assert not reads_as_auto_reply(text, has_its_subject=has_its_subject)


def test_a_long_text_is_a_person_s() -> None:
    text = REPLIES[0] + " " + "Nos bureaux sont fermés jusqu'au 2 janvier. " * 30
    assert len(text) > MAX_CHARS
    assert not reads_as_auto_reply(text, has_its_subject=True)
