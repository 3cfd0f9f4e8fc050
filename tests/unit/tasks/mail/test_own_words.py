from __future__ import annotations

import pytest

from tasks.mail.reading import read_message
from tests.unit.tasks.mail.letters import AUTHOR, BOX, html_letter, letter

WORDS = "Il faudrait une permanence de gendarmerie au marché du samedi."
CALL = "Bonjour,\n\nNous attendons votre avis sur la sécurité.\n\nLa préfecture"


def marked(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


QUOTES = {
    "gmail": f"Le lun. 13 janv. 2020 à 10:12, Préfecture <{BOX}> a écrit :\n\n{marked(CALL)}",
    "gmail, folded": f"Le lun. 13 janv. 2020 à 10:12, Préfecture <{BOX}> a\nécrit "
    f":\n\n{marked(CALL)}",
    "gmail, forward": f"---------- Forwarded message ---------\nDe : Préfecture <{BOX}>\nDate: "
    f"lun. 13 janv. 2020 à 10:12\nSubject: Avis\nTo: <{AUTHOR}>\n\n\n{CALL}",
    "outlook": f"De : Préfecture [mailto:{BOX}]\nEnvoyé : lundi 13 janvier 2020 10:12\nÀ : "
    f"Jeanne Morel\nObjet : Avis\n\n{CALL}",
    "outlook, on one line": f"De : Préfecture [mailto:{BOX}] Envoyé : lundi 13 janvier 2020 "
    f"10:12 À : {AUTHOR} Objet : Avis\n\n{CALL}",
    "outlook, names only": f"De : Préfecture de l'Allier\nEnvoyé : lundi 13 janvier 2020 "
    f"10:12\nÀ : Jeanne Morel\nObjet : Avis\n\n{CALL}",
    "outlook web": f"________________________________\nDe : {BOX}\nEnvoyé : lundi 13 janvier "
    f"2020 10:12\nÀ : {AUTHOR}\nObjet : Avis\n\n{CALL}",
    "outlook, in bold": f"*De :* Préfecture <{BOX}>\n*Envoyé :* lundi 13 janvier 2020\n*À :* "
    f"{AUTHOR}\n*Objet :* Avis\n\n{CALL}",
    "outlook express": f"-----Message d'origine-----\nDe : {BOX}\nDate : 13/01/2020\nÀ : "
    f"{AUTHOR}\nObjet : Avis\n\n{CALL}",
    "iphone": f"Envoyé de mon iPhone\n\n> Le 13 janv. 2020 à 10:12, Préfecture <{BOX}> a écrit "
    f":\n> \n{marked(CALL)}",
    "thunderbird": f"Le 13/01/2020 à 10:12, Préfecture a écrit :\n{marked(CALL)}",
    "orange": f'> Message du 13/01/20 10:12\n> De : "Préfecture" <{BOX}>\n> A : {AUTHOR}\n> '
    f"Copie à : \n> Objet : Avis\n> \n{marked(CALL)}",
    "orange, marks lost": f"> Message du 13/01/20 10:12\n> De : {BOX}\n> A : {AUTHOR}\n> Objet "
    f": Avis\n>\n> Bonjour,\n\nNous attendons votre avis.",
    "free": f'----- Mail original -----\nDe: "prefecture" <{BOX}>\nÀ: {AUTHOR}\nEnvoyé: Lundi '
    f"13 Janvier 2020 10:12:25\nObjet: Avis\n\n{CALL}",
    "free, transferred": f'----- Mail transféré -----\nDe: "prefecture" <{BOX}>\nEnvoyé: '
    f"13/01/2020\nObjet: Avis\n\n{CALL}",
    "sfr": f"========================================\n Message du : 13/01/2020 10:12\n De : "
    f'"Préfecture" <{BOX}>\n A : {AUTHOR}\n Copie à : \n Sujet : Avis\n\n{CALL}',
    "la poste": f"De : {BOX}\nEnvoyé : lundi 13 janvier 2020\nA : {AUTHOR}\nObjet : Avis\n\n{CALL}",
    "yahoo": f"Le lundi 13 janvier 2020 à 10:12:14 UTC+1, Préfecture <{BOX}> a écrit :\n\n\n{CALL}",
    "yahoo, old": f"De : Préfecture <{BOX}>\nÀ : {AUTHOR}\nEnvoyé le : Lundi 13 janvier 2020 "
    f"10h12\nObjet : Avis\n\n{CALL}",
    "samsung": f"-------- Message d'origine --------\nDe : Préfecture <{BOX}>\nDate : "
    f"13/01/2020 10:12 (GMT+01:00)\nÀ : {AUTHOR}\nObjet : Avis\n\n{CALL}",
    "roundcube": f"Le 2020-01-13 10:12, Préfecture a écrit :\n{marked(CALL)}",
    "proton": f"‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nLe lundi 13 janvier 2020 10:12, Préfecture "
    f"<{BOX}> a écrit :\n\n{marked(CALL)}",
    "zoho": f"---- Le lun., 13 janv. 2020 10:12:12 +0100 {BOX} a écrit ----\n\n{CALL}",
    "english": f"On Mon, Jan 13, 2020 at 10:12 AM Préfecture <{BOX}> wrote:\n\n{marked(CALL)}",
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES.keys())
def test_the_quoted_call_is_cut_and_kept_aside(quote: str) -> None:
    reading = read_message(
        letter(f"Bonjour,\n\n{WORDS}\n\nCordialement,\nJeanne Morel\n\n{quote}\n")
    )
    assert reading.own_text == f"Bonjour,\n\n{WORDS}\n\nCordialement,"
    assert "Nous attendons votre avis" in reading.cut_text
    assert reading.signature == "Jeanne Morel"


@pytest.mark.parametrize(
    "quote",
    [
        (
            f'<div class="gmail_quote"><div class="gmail_attr">Le lun. 13 janv. 2020 à 10:12, '
            f'Préfecture &lt;{BOX}&gt; a écrit&nbsp;:<br></div><blockquote class="gmail_quote">'
            f"Votre avis ?</blockquote></div>"
        ),
        (
            f'<div id="divRplyFwdMsg"><b>De :</b> {BOX}<br><b>Envoyé :</b> lundi 13 janvier '
            f"2020<br><b>À :</b> {AUTHOR}<br><b>Objet :</b> Avis</div><div>Votre avis ?</div>"
        ),
        (
            f'<hr id="zwchr"><blockquote style="border-left:2px solid #1010FF"><b>De: </b>{BOX}<br>'
            f"<b>À: </b>{AUTHOR}<br><b>Objet: </b>Avis<br><br>Votre avis ?</blockquote>"
        ),
        (
            f'<blockquote type="cite"><div>Le 13 janv. 2020 à 10:12, {BOX} a écrit :</div><div>'
            f"Votre avis ?</div></blockquote>"
        ),
    ],
    ids=["gmail", "outlook", "zimbra", "apple"],
)
def test_the_same_holds_in_html(quote: str) -> None:
    reading = read_message(
        html_letter(f"<html><body><p>{WORDS}</p><p>Jeanne Morel</p>{quote}</body></html>")
    )
    assert reading.own_text == WORDS
    assert "Votre avis ?" in reading.cut_text


def test_an_indentation_is_no_quotation() -> None:
    page = (
        f'<div>Bonjour</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px">'
        f"<div>{WORDS}</div></blockquote>"
    )
    assert read_message(html_letter(page)).own_text == f"Bonjour\n{WORDS}"


def test_answers_between_quoted_lines_stay() -> None:
    body = (
        f"Le 13/01/2020 à 10:12, {BOX} a écrit :\n> Quels moyens de communication ?\n>\n\nUn "
        f"numéro local.\n\n"
        "> Quelles attentes ?\n\nDes patrouilles à pied.\n\nJeanne Morel\n"
    )
    reading = read_message(letter(body, subject="Re: Avis"))
    assert reading.own_text == "Un numéro local.\n\nDes patrouilles à pied."
    assert "Quelles attentes ?" in reading.cut_text


def test_marks_that_quote_nothing_are_the_author_s_bullets() -> None:
    reading = read_message(
        letter("Mes idées :\n> plus de patrouilles\n> un accueil ouvert le samedi\n")
    )
    assert "un accueil ouvert le samedi" in reading.own_text


CITIZEN = "Luc Perrin <luc.perrin@courriel.example>"
TOWN = "mairie@commune.example"
FORWARDS = {
    "thunderbird": f"-------- Message transféré --------\nSujet : avis\nDate : 10/01/2020\nDe "
    f": {CITIZEN}\nPour : {TOWN}",
    "gmail": f"---------- Forwarded message ---------\nDe : {CITIZEN}\nDate: ven. 10 janv. "
    f"2020\nSubject: avis\nTo: <{TOWN}>",
    "outlook": f"De : Luc Perrin [mailto:luc.perrin@courriel.example]\nEnvoyé : vendredi 10 "
    f"janvier 2020 18:02\nÀ : {TOWN}\nObjet : avis",
    "one line": f"De : Luc Perrin [mailto:luc.perrin@courriel.example] Envoyé : vendredi 10 "
    f"janvier 2020 À : {TOWN}",
    "apple": f"Début du message transféré :\n\nDe: {CITIZEN}\nObjet: avis\nDate: 10 janvier "
    f"2020\nÀ: {TOWN}",
    "notes": f"----- Transféré par Mairie le 10/01/2020 11:49 -----\n\nDe :\t{CITIZEN}\nA "
    f":\t{TOWN}\nDate :\t10/01/2020\nObjet :\tavis",
    "zimbra": f'De: "Luc Perrin" <luc.perrin@courriel.example>\nÀ: "mairie" <{TOWN}>\nEnvoyé: '
    f"Vendredi 10 Janvier 2020\nObjet: avis",
}


@pytest.mark.parametrize(
    "note", ["", "Je vous transmets ce message reçu en mairie.\n\n"], ids=["no note", "note"]
)
@pytest.mark.parametrize("head", FORWARDS.values(), ids=FORWARDS.keys())
def test_a_contribution_handed_on_is_kept(head: str, note: str) -> None:
    raw = letter(
        f"{note}{head}\n\n{WORDS}\n\nLuc Perrin\n", subject="TR: avis", name="", address=TOWN
    )
    reading = read_message(raw)
    assert reading.own_text == f"{note}{WORDS}"
    assert "Luc Perrin" in reading.author_names
    assert "Luc Perrin" in reading.signature
    assert reading.content_word_count == 10


def test_a_long_note_that_hands_on_does_not_make_a_contribution_a_quotation() -> None:
    note = (
        "Bonjour,\n\nVeuillez trouver ci-dessous le courriel d'une habitante de la commune, que\n"
        "Madame le Maire souhaite porter à votre connaissance dans le cadre de la consultation.\n\n"
        "Le secrétariat est ouvert le mardi et le vendredi matin."
    )
    raw = letter(f"{note}\n\n{FORWARDS['outlook']}\n\n{WORDS}\n", subject="TR: avis", address=TOWN)
    assert read_message(raw).own_text.endswith(WORDS)


def test_marked_forwards_are_kept_without_their_marks() -> None:
    body = (
        f"Début du message transféré :\n\n> De: {CITIZEN}\n> Objet: avis\n> Date: 10 "
        f"janvier 2020\n>\n> {WORDS}\n"
    )
    assert read_message(letter(body, subject="TR: avis", address=TOWN)).own_text == WORDS


def test_the_call_inside_a_forwarded_contribution_is_cut() -> None:
    inner = (
        f"{WORDS}\n\nLe 09/01/2020 à 08:00, Mairie <{TOWN}> a écrit :\n> Donnez votre avis "
        f"à la préfecture."
    )
    reading = read_message(
        letter(f"{FORWARDS['gmail']}\n\n{inner}\n", subject="TR: avis", name="", address=TOWN)
    )
    assert reading.own_text == WORDS


def test_a_press_article_below_a_real_letter_is_quoted_not_handed_on() -> None:
    own = " ".join([WORDS] * 4)
    body = (
        f"{own}\n\nDe : Journal <lettre@journal.example>\nEnvoyé : lundi\nÀ : "
        f"{AUTHOR}\nObjet : actualités\n\nLe conseil municipal s'est réuni.\n"
    )
    assert read_message(letter(body)).own_text == own


@pytest.mark.parametrize(
    "signature",
    [
        "Jeanne Morel",
        "MOREL Jeanne",
        "jeanne morel",
        "Mme Jeanne Morel",
        "Jeanne et Paul Morel",
        "Jeanne Morel\n12 rue des Lilas\n03200 Vichy",
        "Jeanne Morel\n12 bis, avenue de la Gare\n03200 Vichy\nTél : 04 70 00 00 00",
        "Jeanne Morel\nPort. +33 6 00 00 00 00\njeanne.morel@courriel.example",
        "Jeanne Morel\nPrésidente du comité des fêtes\n06.00.00.00.00",
        "Jeanne Morel\nAssociation loi 1901.\n06 00 00 00 00",
        "Jeanne Morel, habitante de Vichy",
        "-- \nJeanne Morel\nInfirmière libérale\nhttps://cabinet.example",
    ],
    ids=lambda text: text.replace("\n", " / "),
)
@pytest.mark.parametrize(
    "closing",
    ["\n\nCordialement,", "\n\nJe vous prie d'agréer, Madame, mes salutations distinguées.", ""],
    ids=["short", "long", "none"],
)
@pytest.mark.parametrize("name", ["Jeanne Morel", ""], ids=["named", "address only"])
def test_a_signature_goes_and_is_kept_aside(signature: str, closing: str, name: str) -> None:
    reading = read_message(letter(f"{WORDS}{closing}\n{signature}\n", name=name))
    assert reading.own_text == f"{WORDS}{closing}"
    assert reading.signature == signature.replace("-- \n", "--\n")
    assert any("morel" in n.lower() for n in reading.author_names) or signature == "jeanne morel"


def test_a_name_nobody_announced_is_a_signature_by_its_shape() -> None:
    reading = read_message(
        letter(
            f"{WORDS}\n\nSincères salutations\nAmélie de Vasson",
            name="",
            address="x81@courriel.example",
        )
    )
    assert reading.signature == "Amélie de Vasson"
    assert reading.author_names == ["Amélie de Vasson"]


@pytest.mark.parametrize(
    "last",
    [
        "Plus de Gendarmes",
        "Police de Proximité",
        "- Voisins Vigilants",
        "SUPPRIMER LES RADARS",
        "Vidéoprotection",
        "Voilà mes 3 idées",
    ],
)
def test_a_last_idea_is_no_signature(last: str) -> None:
    assert (
        read_message(letter(f"{WORDS}\n{last}\n", name="", address="x81@courriel.example")).own_text
        == f"{WORDS}\n{last}"
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "J'habite au 12 rue des Lilas, près de l'arrêt de bus.",
        "Vous pouvez me joindre au 06 00 00 00 00 pour en parler.",
    ],
)
def test_contact_details_in_a_sentence_stay(sentence: str) -> None:
    assert (
        read_message(letter(f"{WORDS}\n\n{sentence}\nJeanne Morel")).own_text
        == f"{WORDS}\n\n{sentence}"
    )


def test_a_postscript_below_the_signature_stays() -> None:
    reading = read_message(
        letter(
            f"{WORDS}\n\nCordialement\nJeanne Morel\n\nPS : je suis disponible pour une réunion.\n"
        )
    )
    assert (
        reading.own_text == f"{WORDS}\n\nCordialement\n\nPS : je suis disponible pour une réunion."
    )


@pytest.mark.parametrize(
    "line",
    [
        "Envoyé de mon iPhone",
        "Envoye depuis mon telephone Samsung",
        "Envoyé depuis mon smartphone Samsung Galaxy.",
        "Envoyé à partir de Courrier pour Windows 10",
        "Envoyé depuis l'application Mail Orange",
        "Télécharger Outlook pour Android",
        "Provenance : Courrier pour Windows 10",
        "Garanti sans virus. www.avast.com",
        (
            "L'absence de virus dans ce courrier électronique a été vérifiée par le logiciel "
            "antivirus Avast."
        ),
        "Pensez à l'environnement avant d'imprimer ce message.",
        (
            "Ce message et ses pièces jointes sont confidentiels. Si vous n'en êtes pas le "
            "destinataire, merci de le détruire."
        ),
    ],
)
def test_lines_of_machines_go(line: str) -> None:
    reading = read_message(letter(f"{WORDS}\n\nJeanne Morel\n\n{line}\n"))
    assert reading.own_text == WORDS
    assert line in reading.cut_text


@pytest.mark.parametrize(
    "line",
    [
        "Envoyé par la mairie, le policier ne revient jamais.",
        "Pour la prise en compte de l'environnement, il faut moins de sirènes.",
        "Ce message de prévention est confidentiel pour trop de gens.",
    ],
)
def test_sentences_that_look_like_them_stay(line: str) -> None:
    assert line in read_message(letter(f"{WORDS}\n\n{line}\n\nJeanne Morel")).own_text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Je m'appelle Odile Vernet et j'habite Gannat.", "Odile Vernet"),
        (
            "Je soussigné Marc de Brissac, demeurant à Gannat, certifie ces faits.",
            "Marc de Brissac",
        ),
        ("Retraitée, Odile Vernet, je vous écris.", "Odile Vernet"),
        ("Nom : Odile Vernet\nUne idée : ouvrir le samedi.", "Odile Vernet"),
    ],
    ids=["appelle", "soussigné", "apposed", "label"],
)
def test_names_in_the_letter_are_known(text: str, name: str) -> None:
    assert name in read_message(letter(text, name="", address="x81@courriel.example")).author_names
