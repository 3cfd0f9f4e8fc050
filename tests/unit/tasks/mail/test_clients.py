"""Replies, answers between lines and forwards, as French citizens' mail programs write them."""

from __future__ import annotations

import pytest

from tasks.mail.reading import read_message

OWN = "Il faut davantage de patrouilles à pied le soir dans notre quartier, et une permanence."
LETTER = "La place du marché n'est plus éclairée depuis novembre et personne n'ose y passer."
BOX = "Assises de la sécurité <assises@prefecture.example>"
QUOTED = "Nous avons bien reçu votre demande et vous invitons à nous écrire avant le 20 janvier."

REPLIES = {
    "Gmail": "Le jeu. 9 janv. 2020 à 08:30, Assises de la sécurité <assises@prefecture.example> a\n"
    "écrit :\n\n> {quoted}\n>",
    "Gmail, old": "2020-01-09 8:30 GMT+01:00 Assises de la sécurité <assises@prefecture.example>:\n"
    "\n> {quoted}\n>",
    "Outlook": "De : Assises de la sécurité <assises@prefecture.example>\n"
    "Envoyé : jeudi 9 janvier 2020 08:30\nÀ : Lucie Morand <lucie.morand@courriel.example>\n"
    "Objet : RE: Contribution\n\n{quoted}",
    "Outlook, rule": "________________________________\nDe : Assises <assises@prefecture.example>\n"
    "Envoyé : jeudi 9 janvier 2020 08:30\nÀ : Lucie Morand\nObjet : Contribution\n\n{quoted}",
    "Outlook mobile": "Télécharger Outlook pour Android<https://aka.ms/ghei36>\n"
    "________________________________\nFrom: Assises <assises@prefecture.example>\n"
    "Sent: Thursday, January 9, 2020 8:30:00 AM\nTo: Lucie Morand\n"
    "Subject: Contribution\n\n{quoted}",
    "Outlook Express": "----- Original Message -----\nFrom: Assises\nTo: Lucie Morand\n"
    "Sent: Thursday, January 09, 2020 8:30 AM\nSubject: Contribution\n\n{quoted}",
    "Apple Mail": "> Le 9 janv. 2020 à 08:30, Assises de la sécurité <assises@prefecture.example> a"
    " écrit :\n> \n> {quoted}\n",
    "iPhone": "Envoyé de mon iPhone\n\n> Le 9 janv. 2020 à 08:30, Assises de la sécurité"
    " <assises@prefecture.example> a écrit :\n> \n> ﻿{quoted}\n",
    "Thunderbird": "Le 09/01/2020 à 08:30, Assises de la sécurité a écrit :\n> {quoted}\n",
    "Orange": '> Message du 09/01/20 08:30\n> De : "Assises" <assises@prefecture.example>\n'
    '> A : "Lucie Morand" <lucie.morand@courriel.example>\n> Copie à : \n'
    "> Objet : Contribution\n> \n> {quoted}\n>",
    "SFR": "======================================================\nMessage du : 09/01/2020 08:30\n"
    'De : "Assises" <assises@prefecture.example>\nA : lucie.morand@courriel.example\n'
    "Objet : Contribution\n======================================================\n\n{quoted}",
    "Free, Zimbra": '----- Mail original -----\nDe: "Assises" <assises@prefecture.example>\n'
    'À: "Lucie Morand" <lucie.morand@courriel.example>\n'
    "Envoyé: Jeudi 9 Janvier 2020 08:30:00\nObjet: Contribution\n\n{quoted}",
    "La Poste": 'Envoyé: jeudi 9 janvier 2020 à 08:30\nDe: "Assises" <assises@prefecture.example>\n'
    'À: "Lucie Morand" <lucie.morand@courriel.example>\nObjet: Contribution\n\n{quoted}',
    "Yahoo": "    Le jeudi 9 janvier 2020 à 08:30:12 UTC+1, Assises de la sécurité"
    " <assises@prefecture.example> a écrit :  \n \n {quoted}\n",
    "Samsung": "Envoyé depuis mon appareil Galaxy\n\n-------- Message d'origine --------\n"
    "De : Assises <assises@prefecture.example> \nDate : 09/01/2020  08:30  (GMT+01:00) \n"
    "À : Lucie Morand <lucie.morand@courriel.example> \nObjet : Contribution \n\n{quoted}",
    "Proton": "-------- Message d'origine --------\nLe 9 janv. 2020 à 08:30, Assises"
    " <assises@prefecture.example> a écrit :\n\n> {quoted}\n",
}

FORWARDS = {
    "Gmail": "---------- Forwarded message ---------\nDe : Paul Durand <paul@courriel.example>\n"
    "Date: jeu. 9 janv. 2020 à 08:30\nSubject: Éclairage\nTo: <mairie@varennes.example>\n\n\n",
    "Outlook": "De : Paul Durand <paul@courriel.example>\nEnvoyé : jeudi 9 janvier 2020 08:30\n"
    "À : mairie@varennes.example\nObjet : Éclairage\n\n",
    "Apple Mail": "Début du message réexpédié :\n\nDe: Paul Durand <paul@courriel.example>\n"
    "Objet: Éclairage\nDate: 9 janvier 2020 à 08:30:00 UTC+1\nÀ: mairie@varennes.example\n\n",
    "Thunderbird": "-------- Message transféré --------\nSujet : \tÉclairage\n"
    "Date : \tThu, 9 Jan 2020 08:30:00 +0100\nDe : \tPaul Durand <paul@courriel.example>\n"
    "Pour : \tmairie@varennes.example\n\n\n",
    "Orange": '========================================\n\nMessage transféré de : "Paul Durand"\n'
    '> Message du 09/01/20 08:30\n> De : "Paul Durand" <paul@courriel.example>\n'
    "> A : mairie@varennes.example\n> Objet : Éclairage\n>\n> ",
    "Free, Zimbra": '----- Mail transféré -----\nDe: "Paul Durand" <paul@courriel.example>\n'
    "À: mairie@varennes.example\nEnvoyé: Jeudi 9 Janvier 2020 08:30:00\nObjet: Éclairage\n\n",
    "Yahoo": "----- Message transmis -----\nDe : Paul Durand <paul@courriel.example>\n"
    "À : mairie@varennes.example\nEnvoyé : jeudi 9 janvier 2020 à 08:30:12 UTC+1\n"
    "Objet : Éclairage\n\n",
    "Samsung": "-------- Message transféré --------\nDe : Paul Durand <paul@courriel.example>\n"
    "Date : 09/01/2020 08:30 (GMT+01:00)\nÀ : mairie@varennes.example\nObjet : Éclairage\n\n",
}


def letter(body: str, subject: str = "Re: Contribution", **headers: str) -> bytes:
    lines = {
        "From": "Lucie Morand <lucie.morand@courriel.example>",
        "To": BOX,
        "Subject": subject,
        "Content-Type": "text/plain; charset=utf-8",
    } | headers
    return ("\n".join(f"{k}: {v}" for k, v in lines.items()) + "\n\n" + body).encode()


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("client", REPLIES)
def test_of_a_reply_the_author_s_words_are_kept_and_the_rest_is_stored_apart(client: str) -> None:
    body = f"Bonjour,\n\n{OWN}\n\n{REPLIES[client].format(quoted=QUOTED)}"
    read = read_message(letter(body, **{"In-Reply-To": "<1@prefecture.example>"}))
    assert words(read.own_text) == f"Bonjour, {OWN}"
    assert words(QUOTED) in words(read.cut_text.replace(">", " "))


@pytest.mark.parametrize("client", [name for name in REPLIES if "> {quoted}" in REPLIES[name]])
def test_answers_between_quoted_lines_are_kept(client: str) -> None:
    quoted = REPLIES[client].format(quoted=QUOTED)
    body = f"Bonjour,\n\n{quoted}\n\n{OWN}\n\n> Et ensuite ?\n\n{LETTER}"
    read = read_message(letter(body, **{"In-Reply-To": "<1@prefecture.example>"}))
    assert words(read.own_text) == f"Bonjour, {OWN} {LETTER}"
    assert "Et ensuite ?" in read.cut_text


@pytest.mark.parametrize("client", FORWARDS)
@pytest.mark.parametrize("note", ["", "Bonjour,\n\nJe vous transmets ce message.\n\n"])
def test_a_contribution_that_is_forwarded_is_kept(client: str, note: str) -> None:
    read = read_message(letter(f"{note}{FORWARDS[client]}{LETTER}\n", subject="TR: Éclairage"))
    assert words(read.own_text) == words(f"{note}{LETTER}")
    assert "paul@courriel.example" in read.cut_text
    assert read.content_word_count >= 10


@pytest.mark.parametrize("beginning", ["Il faudrait", "On voudrait", "Le soir il faut", "À 2 on a"])
def test_words_right_above_an_attribution_stay_the_author_s(beginning: str) -> None:
    own = f"{beginning} davantage de patrouilles dans notre quartier."
    body = f"{own}\n{REPLIES['Gmail'].format(quoted=QUOTED)}"
    read = read_message(letter(body, **{"In-Reply-To": "<1@prefecture.example>"}))
    assert words(read.own_text) == own


def test_a_rule_below_a_forwarded_header_is_no_signature_mark() -> None:
    rule = "=" * 54
    header = REPLIES["SFR"].replace("assises@prefecture", "paul@courriel").format(quoted=LETTER)
    read = read_message(letter(header, subject="TR: Éclairage"))
    assert rule in header
    assert words(read.own_text) == LETTER
