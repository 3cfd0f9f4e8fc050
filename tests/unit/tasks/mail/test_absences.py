from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasks.mail.absences import MAX_CHARS, reads_as_auto_reply, weigh

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
@pytest.mark.parametrize("subject", ["Re: Contribution", "Absence"])
def test_an_automatic_reply_is_known_by_its_words(text: str, greeting: str, subject: str) -> None:
    assert reads_as_auto_reply(greeting + text, subject)


@pytest.mark.parametrize("text", LETTERS)
@pytest.mark.parametrize("subject", ["Contribution", "Re: Assises de la sécurité", "Absence"])
def test_a_person_who_speaks_of_absences_is_no_machine(text: str, subject: str) -> None:
    assert not reads_as_auto_reply(text, subject)


@pytest.mark.parametrize(
    "subject", ["Réponse automatique : Assises", "Automatic reply: x", "Abwesenheitsnotiz: Assises"]
)
def test_a_subject_that_a_mail_program_writes_is_believed(subject: str) -> None:
    text = "Professeur à temps partiel, je ne relève cette boîte que le lundi."
    assert reads_as_auto_reply(text, subject)


@pytest.mark.parametrize("subject", ["Re: Réponse automatique : Assises", "RE: Automatic reply: x"])
def test_who_answers_an_automatic_reply_is_a_person(subject: str) -> None:
    text = "Bonjour, voici ce que nous attendons : des rondes la nuit dans le bourg et un contact."
    assert not reads_as_auto_reply(text, subject)


def test_a_long_text_is_a_person_s() -> None:
    text = REPLIES[0] + " " + "Nos bureaux sont fermés jusqu'au 2 janvier. " * 30
    assert len(text) > MAX_CHARS
    assert not reads_as_auto_reply(text, "Absence")


def test_capitals_weigh_as_much() -> None:
    assert weigh(REPLIES[0].upper(), WEIGHTS) == weigh(REPLIES[0].lower(), WEIGHTS)


WEIGHTS = {"": -1.0, "cabine": 2.0, "est ferme": 3.0}


def test_a_text_weighs_what_its_words_and_pairs_weigh() -> None:
    assert weigh("Rien.", WEIGHTS) == -1.0
    assert weigh("Le cabinet est fermé.", WEIGHTS) == pytest.approx(-1.0 + 5.0 / 30**0.5)


def test_of_what_was_learnt_every_letter_is_a_letter_and_nearly_every_reply_a_reply() -> None:
    path = Path(__file__).parents[4] / "benchmarks" / "automatic_replies.jsonl"
    samples = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    told = [s for s in samples if reads_as_auto_reply(s["body"], s["subject"])]
    assert [s["body"] for s in told if not s["machine"]] == []
    assert len(told) >= 0.98 * sum(s["machine"] for s in samples)
