"""The HTML of the mail programs in use in France: the shapes are theirs, the letters invented."""

from __future__ import annotations

import pytest

from tasks.mail.reading import Reading, read_message
from tests.unit.tasks.mail.letters import AUTHOR, BOX, html_letter

OWN = "Il faudrait une permanence de gendarmerie au marché du samedi."
SECOND = "Le car de sept heures ne passe plus depuis septembre."
QUOTED = "Vous pouvez déposer votre avis jusqu'au vingt janvier."
QUOTED_TOO = "La réunion publique se tient à la salle des fêtes."
HANDED_ON = "Les trottoirs de la rue haute sont dangereux pour les écoliers."
DESK = f'Préfecture &lt;<a href="mailto:{BOX}">{BOX}</a>&gt;'
NEIGHBOUR = '"Luc Perrin" &lt;luc.perrin@courriel.example&gt;'
ME = f"Jeanne Morel &lt;{AUTHOR}&gt;"
WHEN = "jeudi 9 janvier 2020 08:30"

GMAIL_BAR = (
    'class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
    'padding-left:1ex"'
)
OUTLOOK_TOP = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"
OUTLOOK_LEFT = "border:none;border-left:solid blue 1.5pt;padding:0cm 0cm 0cm 4.0pt"
ZIMBRA_BAR = "border-left:2px solid #1010FF;margin-left:5px;padding-left:5px;color:#000"


def gmail_attribution(who: str) -> str:
    return (
        f'<div dir="ltr" class="gmail_attr">Le jeu. 9 janv. 2020 à 08:30, {who} a écrit :<br></div>'
    )


def gmail_header(who: str) -> str:
    return (
        '<div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>De : '
        f'<strong class="gmail_sendername" dir="auto">{who}</strong><br>'
        "Date: jeu. 9 janv. 2020 à 08:30<br>Subject: Mon avis<br>"
        f"To:  &lt;<a>{AUTHOR}</a>&gt;<br></div><br><br>"
    )


def outlook_header(who: str, to: str) -> str:
    return (
        f"<p class=MsoNormal><b>De&nbsp;:</b> {who} <br><b>Envoyé&nbsp;:</b> {WHEN}<br>"
        f"<b>À&nbsp;:</b> {to}<br><b>Objet&nbsp;:</b> Votre avis<o:p></o:p></p>"
    )


def outlook_page(*parts: str) -> str:
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- '
        "p.MsoNormal {margin:0cm;} --></style></head><body lang=FR><div class=WordSection1>"
        + "".join(parts)
        + "</div></body></html>"
    )


def mso(text: str) -> str:
    return f"<p class=MsoNormal>{text}<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"


def zimbra_header(who: str, to: str) -> str:
    return (
        f"<b>De: </b>{who}<br><b>À: </b>{to}<br><b>Envoyé: </b>Jeudi 9 Janvier 2020 08:30:00<br>"
        "<b>Objet: </b>Votre avis<br>"
    )


def orange_header(who: str, to: str) -> str:
    return (
        f"&gt; Message du 09/01/20 08:30<br />&gt; De : {who}<br />&gt; A : {to}<br />"
        "&gt; Copie à : <br />&gt; Objet : Votre avis<br />&gt; <br />"
    )


def sfr_header(who: str, to: str) -> str:
    return (
        "========================================<br><br>Message du : 09/01/2020 08:30<br>"
        f"De : {who}<br>A : {to}<br>Copie à : <br>Sujet : Votre avis<br><br>"
    )


def samsung_header(who: str, to: str) -> str:
    return (
        "<div>-------- Message d'origine --------</div>"
        f"<div>De : {who} </div><div>Date : 09/01/2020  08:30  (GMT+01:00) </div>"
        f"<div>À : {to} </div><div>Objet : Votre avis </div><div><br></div>"
    )


def moz_header(who: str, to: str) -> str:
    rows = (("Sujet :", "Mon avis"), ("Date :", WHEN), ("De :", who), ("Pour :", to))
    cells = "".join(
        f'<tr><th valign="BASELINE" nowrap="nowrap" align="RIGHT">{name} </th><td>{value}</td></tr>'
        for name, value in rows
    )
    return (
        '<div class="moz-forward-container"><br><br>-------- Message transféré --------'
        f'<table class="moz-email-headers-table" cellspacing="0"><tbody>{cells}</tbody></table><br>'
    )


REPLIES = {
    "Gmail": f'<div dir="ltr">{OWN}</div><br><div class="gmail_quote">{gmail_attribution(DESK)}'
    f'<blockquote {GMAIL_BAR}><div dir="ltr">{QUOTED}</div></blockquote></div>',
    "Gmail, before 2018": f'<div dir="ltr">{OWN}</div><div class="gmail_extra"><br>'
    '<div class="gmail_quote">Le 9 janvier 2020 à 08:30, Préfecture <span dir="ltr">&lt;'
    f"<a>{BOX}</a>&gt;</span> a écrit :<br><blockquote {GMAIL_BAR}>{QUOTED}</blockquote></div>"
    f"</div>",
    "Gmail, without attribution": f'<div dir="ltr">{OWN}</div><br><div class="gmail_quote">'
    f"<blockquote {GMAIL_BAR}>{QUOTED}</blockquote></div>",
    "Outlook": outlook_page(
        mso(OWN),
        f"<div><div style='{OUTLOOK_TOP}'>{outlook_header(DESK, ME)}</div></div>",
        mso(QUOTED),
    ),
    "Outlook on the web": f'<div style="font-family:Calibri;color:rgb(0,0,0)">{OWN}</div>'
    '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
    '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" color="#000000">'
    f"<b>De :</b> {DESK}<br><b>Envoyé :</b> {WHEN}<br><b>À :</b> {ME}<br><b>Objet :</b> Avis</font>"
    f"<div>&nbsp;</div></div><div>{QUOTED}</div>",
    "Outlook 2003": f"<p class=MsoNormal>{OWN}</p><div class=OutlookMessageHeader><hr size=2>"
    f"<font face=Tahoma><b>De:</b> {DESK} <br><b>Envoyé:</b> {WHEN}<br><b>À:</b> {ME}<br>"
    f"<b>Objet:</b> Avis</font></div><p>{QUOTED}</p>",
    "Apple Mail": f'<body style="word-wrap: break-word;">{OWN}<br><div><br><blockquote type="cite">'
    f'<div>Le 9 janv. 2020 à 08:30, {DESK} a écrit :</div><br class="Apple-interchange-newline">'
    f"<div><div>{QUOTED}</div></div></blockquote></div><br></body>",
    "iPhone": f'<div dir="ltr">{OWN}</div><div dir="ltr"><br>'
    f'<div id="AppleMailSignature" dir="ltr">'
    f'Envoyé de mon iPhone</div></div><div dir="ltr"><br>Le 9 janv. 2020 à 08:30, {DESK} a écrit '
    f':<br><br></div><blockquote type="cite"><div dir="ltr">{QUOTED}</div></blockquote>',
    "Thunderbird": f'<p>{OWN}</p><div class="moz-cite-prefix">Le 09/01/2020 à 08:30, {DESK} a '
    f'écrit&nbsp;:<br></div><blockquote type="cite" cite="mid:1@prefecture.example">'
    f'<pre class="moz-quote-pre" wrap="">{QUOTED}\n{QUOTED_TOO}</pre></blockquote>',
    "Orange": f'<div style="font-family: Arial;">{OWN}<br /><br /></div><blockquote '
    'style="margin-left: 0; padding-left: 5px; border-left: 2px solid #0000ff;">'
    f"{orange_header(DESK, ME)}{QUOTED}</blockquote>",
    "Orange, since 2021": f'<p class="default-style">{OWN}</p><blockquote type="cite"><div>'
    f"envoyé : 9 janvier 2020 à 08:30</div><div>de : {DESK}</div><div>à : {ME}</div>"
    f"<div>objet : Votre avis</div><div><br></div><div>{QUOTED}</div></blockquote>",
    "Free": f'<div style="font-family: arial">{OWN}<br><br>'
    f'<hr id="zwchr" data-marker="__DIVIDER__">'
    f'<div data-marker="__HEADERS__">{zimbra_header(DESK, ME)}</div><br>'
    f'<div data-marker="__QUOTED_TEXT__">{QUOTED}</div></div>',
    "Free, with a bar": f'<div>{OWN}</div><hr id="zwchr"><blockquote style="{ZIMBRA_BAR}">'
    f"{zimbra_header(DESK, ME)}<br>{QUOTED}</blockquote>",
    "SFR": f"<div>{OWN}</div><br>{sfr_header(DESK, ME)}<div>{QUOTED}</div>",
    "La Poste": f'<div id="laposte">{OWN}</div><br><hr id="zwchr">{zimbra_header(DESK, ME)}<br>'
    f'<blockquote style="{ZIMBRA_BAR}">{QUOTED}</blockquote>',
    "Yahoo": f'<div class="ydp1a2byahoo-style-wrap"><div dir="ltr" data-setdir="false">{OWN}</div>'
    '<div><br></div></div><div id="ydp3c4dyahoo_quoted_1" class="ydp3c4dyahoo_quoted">'
    f"<div><div>Le jeudi 9 janvier 2020 à 08:30:00 UTC+1, {DESK} a écrit : </div><div><br></div>"
    f"<div>{QUOTED}</div></div></div>",
    "Yahoo on Android": f"{OWN}<br><br><div id='ymail_android_signature'>"
    f"<a>Envoyé depuis Yahoo Mail"
    "pour Android</a></div> <br> <blockquote style='margin: 0 0 20px 0;'> <div style='font-family"
    f":Roboto;'> <div>Le jeu. 9 janv. 2020 à 8:30, Préfecture</div><div>&lt;{BOX}&gt; a écrit :"
    f"</div> </div> <div>{QUOTED}</div> </blockquote>",
    "Samsung": f'<div dir="auto">{OWN}</div><div><br></div><div id="composer_signature" dir="auto">'
    '<div style="font-size:12px">Envoyé depuis mon smartphone Samsung Galaxy.</div></div>'
    f"{samsung_header(DESK, ME)}<div>{QUOTED}</div>",
    "Proton": f'<div>{OWN}</div><div class="protonmail_quote">Le jeudi 9 janvier 2020 à 08:30, '
    f'{DESK} a écrit :<br><br><blockquote class="protonmail_quote" type="cite">{QUOTED}'
    "</blockquote><br></div>",
}


def read(html: str, subject: str = "Re: Votre avis") -> Reading:
    return read_message(html_letter(html, subject=subject, In_Reply_To="<1@prefecture.example>"))


@pytest.mark.parametrize("html", REPLIES.values(), ids=REPLIES.keys())
def test_of_a_reply_the_own_words_are_kept(html: str) -> None:
    reading = read(html)
    assert reading.own_text == OWN
    assert QUOTED in " ".join(reading.cut_text.split())
    assert reading.defects == []


MIXED = {
    "Gmail": f'<div class="gmail_quote">{gmail_attribution(DESK)}<blockquote {GMAIL_BAR}>'
    f'<div dir="ltr">{QUOTED}</div></blockquote><div>{OWN}</div><blockquote {GMAIL_BAR}>'
    f'<div dir="ltr">{QUOTED_TOO}</div></blockquote><div>{SECOND}</div></div>',
    "Outlook, with its bar": outlook_page(
        f"<div style='{OUTLOOK_LEFT}'><div><div style='{OUTLOOK_TOP}'>",
        outlook_header(DESK, ME),
        "</div></div>",
        mso(QUOTED),
        "</div>",
        mso(OWN),
        f"<div style='{OUTLOOK_LEFT}'>",
        mso(QUOTED_TOO),
        "</div>",
        mso(SECOND),
    ),
    "Outlook on the web": '<div id="divRplyFwdMsg"><b>De :</b> '
    f"{DESK}<br><b>Envoyé :</b> {WHEN}<br><b>À :</b> {ME}<br><b>Objet :</b> Avis</div>"
    f'<blockquote style="border-left: 3px solid rgb(200, 200, 200);"><div>{QUOTED}</div>'
    f"</blockquote>"
    f"<div>{OWN}</div><blockquote style='border-left: 3px solid rgb(200, 200, 200);'><div>"
    f"{QUOTED_TOO}</div></blockquote><div>{SECOND}</div>",
    "Apple Mail": f'<div><blockquote type="cite"><div>Le 9 janv. 2020 à 08:30, {DESK} a écrit :'
    f'</div><div>{QUOTED}</div></blockquote><div><br></div>{OWN}<br><blockquote type="cite"><div>'
    f"{QUOTED_TOO}</div></blockquote><br>{SECOND}</div>",
    "iPhone": f'<div dir="ltr">Le 9 janv. 2020 à 08:30, {DESK} a écrit :<br><br></div><blockquote '
    f'type="cite"><div dir="ltr">{QUOTED}</div></blockquote><div>{OWN}</div>'
    f'<blockquote type="cite">'
    f"{QUOTED_TOO}</blockquote><div>{SECOND}</div>"
    f"<div id=AppleMailSignature>Envoyé de mon iPhone</div>",
    "Thunderbird": f'<div class="moz-cite-prefix">Le 09/01/2020 à 08:30, {DESK} a écrit :<br></div>'
    f'<blockquote type="cite" cite="mid:1"><p>{QUOTED}</p></blockquote>{OWN}<br>'
    f'<blockquote type="cite"'
    f' cite="mid:1"><p>{QUOTED_TOO}</p></blockquote>{SECOND}'
    f'<pre class="moz-signature" cols="72">-- \n'
    "Jeanne Morel\n12 rue des Lilas</pre>",
    "Orange": f'<blockquote type="cite">{orange_header(DESK, ME)}{QUOTED}</blockquote><p>{OWN}</p>'
    f'<blockquote type="cite">{QUOTED_TOO}</blockquote><p>{SECOND}</p>',
    "Free": f'<hr id="zwchr"><blockquote style="{ZIMBRA_BAR}">{zimbra_header(DESK, ME)}<br>{QUOTED}'
    f'</blockquote><div>{OWN}</div><blockquote style="{ZIMBRA_BAR}">{QUOTED_TOO}'
    f"</blockquote>{SECOND}",
    "SFR": f"{sfr_header(DESK, ME)}<blockquote type=cite>{QUOTED}</blockquote><div>{OWN}</div>"
    f"<blockquote type=cite>{QUOTED_TOO}</blockquote><div>{SECOND}</div>",
    "La Poste": f'<hr id="zwchr">{zimbra_header(DESK, ME)}<br><blockquote style="{ZIMBRA_BAR}">'
    f'{QUOTED}</blockquote>{OWN}<blockquote style="{ZIMBRA_BAR}">{QUOTED_TOO}</blockquote>{SECOND}',
    "Yahoo": f'<div class="yahoo_quoted"><div>Le jeudi 9 janvier 2020 à 08:30:00 UTC+1, {DESK} a '
    f"écrit : </div><div>{QUOTED}</div></div><div>{OWN}</div><blockquote>{QUOTED_TOO}</blockquote>"
    f"<div>{SECOND}</div>",
    "Samsung": f"{samsung_header(DESK, ME)}<blockquote>{QUOTED}</blockquote><div>{OWN}</div>"
    f"<blockquote>{QUOTED_TOO}</blockquote><div>{SECOND}</div>",
}


@pytest.mark.parametrize("html", MIXED.values(), ids=MIXED.keys())
def test_answers_between_what_they_answer_are_kept(html: str) -> None:
    reading = read(html)
    assert reading.own_text.replace("\n", " ").split() == f"{OWN} {SECOND}".split()
    cut = " ".join(reading.cut_text.split())
    assert QUOTED in cut
    assert QUOTED_TOO in cut


FORWARDS = {
    "Gmail": f'<div dir="ltr"><br><br><div class="gmail_quote">{gmail_header(NEIGHBOUR)}'
    f"<div>{HANDED_ON}</div></div></div>",
    "Outlook": outlook_page(
        f"<div><div style='{OUTLOOK_TOP}'>{outlook_header(NEIGHBOUR, ME)}</div></div>",
        mso(HANDED_ON),
    ),
    "Outlook on the web": '<div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg">'
    f"<b>De :</b> {NEIGHBOUR}<br><b>Envoyé :</b> {WHEN}<br><b>À :</b> {ME}<br><b>Objet :</b> Avis"
    f"</div><div>{HANDED_ON}</div>",
    "Apple Mail": '<br><div><br><blockquote type="cite"><div>Début du message réexpédié :</div><br '
    f'class="Apple-interchange-newline"><div><span><b>De: </b></span><span>{NEIGHBOUR}<br></span>'
    f"</div><div><span><b>Objet: </b></span><span><b>Mon avis</b><br></span></div><div><span>"
    f"<b>Date:"
    f" </b></span><span>9 janvier 2020 à 08:30<br></span></div><div><span><b>À: </b></span>{ME}<br>"
    f"</div><br><div>{HANDED_ON}</div></blockquote></div>",
    "iPhone": '<br><br><div id="AppleMailSignature">Envoyé de mon iPhone</div><div><br>Début du '
    f'message transféré :<br><br></div><blockquote type="cite"><div><b>Expéditeur:'
    f"</b> {NEIGHBOUR}<br>"
    f"<b>Date:</b> 9 janvier 2020 à 08:30<br><b>Destinataire:</b> {ME}<br><b>Objet:</b> <b>Mon avis"
    f"</b><br><br></div></blockquote><blockquote type='cite'><div>{HANDED_ON}</div></blockquote>",
    "Thunderbird": f"<p><br></p>{moz_header(NEIGHBOUR, ME)}<br><p>{HANDED_ON}</p></div>",
    "Orange": f'<blockquote type="cite">{orange_header(NEIGHBOUR, ME)}{HANDED_ON}</blockquote>',
    "Free": '<div><br></div><div><br></div><div data-marker="__SIG_PRE__"></div><hr id="zwchr" '
    f'data-marker="__DIVIDER__"><div data-marker="__HEADERS__">{zimbra_header(NEIGHBOUR, ME)}</div>'
    f'<br><div data-marker="__QUOTED_TEXT__">{HANDED_ON}</div>',
    "SFR": f"<br>{sfr_header(NEIGHBOUR, ME)}<div>{HANDED_ON}</div>",
    "La Poste": f'<br><hr id="zwchr">{zimbra_header(NEIGHBOUR, ME)}<br><blockquote '
    f'style="{ZIMBRA_BAR}">{HANDED_ON}</blockquote>',
    "Yahoo": '<div class="yahoo_quoted"><div>----- Message transféré -----</div><div><b>De :</b> '
    f"{NEIGHBOUR}</div><div><b>À :</b> {ME}</div><div><b>Envoyé :</b> {WHEN} UTC+1</div><div>"
    f"<b>Objet"
    f" :</b> Mon avis</div><div><br></div><div>{HANDED_ON}</div></div>",
    "Samsung": "<div><br></div><div>-------- Message transféré --------</div>"
    f"{samsung_header(NEIGHBOUR, ME).partition('</div>')[2]}<div>{HANDED_ON}</div>",
    "Proton": '<div class="protonmail_quote">------- Forwarded Message -------<br>De : '
    f"{NEIGHBOUR}<br>Date : Le {WHEN}<br>Objet : Mon avis<br>À : {ME}<br><br><blockquote "
    f'class="protonmail_quote" type="cite"><div>{HANDED_ON}</div></blockquote><br></div>',
}


@pytest.mark.parametrize("note", ["", "Pour suite à donner."], ids=["bare", "with a note"])
@pytest.mark.parametrize("html", FORWARDS.values(), ids=FORWARDS.keys())
def test_a_contribution_handed_on_is_kept(html: str, note: str) -> None:
    reading = read_message(html_letter(f"<div>{note}</div>{html}", subject="TR: Mon avis"))
    assert reading.own_text == f"{note}\n\n{HANDED_ON}".strip()
    assert "Luc Perrin" in reading.author_names
    assert "Message" not in reading.own_text


SIGNATURE = "Jeanne Morel<br>Présidente du comité des fêtes<br>04 70 00 00 00"
SIGNATURES = {
    "Gmail": '<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br>'
    f'<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">{SIGNATURE}</div>',
    "Thunderbird": f'<div class="moz-signature">-- <br>{SIGNATURE}</div>',
    "Outlook on the web": f'<div><br></div><div id="Signature"><p>{SIGNATURE}</p></div>',
    "Outlook on a telephone": f'<div id="ms-outlook-mobile-signature">{SIGNATURE}</div>',
    "Free": f'<div data-marker="__SIG_POST__">{SIGNATURE}</div>',
    "Proton": f'<div class="protonmail_signature_block"><div>{SIGNATURE}</div></div>',
    "Orange": f'<p class="io-ox-signature">{SIGNATURE}</p>',
}


@pytest.mark.parametrize("html", SIGNATURES.values(), ids=SIGNATURES.keys())
@pytest.mark.parametrize("before", ["Bien cordialement", ""])
def test_a_signature_that_the_page_marks_is_one(html: str, before: str) -> None:
    reading = read(f"<div>{OWN}<br>{before}</div>{html}{REPLIES['Gmail'].replace(OWN, '')}")
    assert reading.own_text == f"{OWN}\n{before}".strip()
    assert "Présidente du comité des fêtes" in reading.signature


@pytest.mark.parametrize("html", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_words_below_a_signature_are_own_words(html: str) -> None:
    reading = read(f"<div>{OWN}</div>{html}<div><br>{SECOND}</div>")
    assert reading.own_text.split() == f"{OWN} {SECOND}".split()
    assert "Présidente du comité des fêtes" in reading.signature


def test_words_written_in_the_place_of_a_signature_are_own_words() -> None:
    assert read(f'<div id="Signature">{OWN}<br>{SECOND}</div>').own_text == f"{OWN}\n{SECOND}"


def test_an_indented_paragraph_is_no_quotation() -> None:
    page = f'<p>{OWN}</p><blockquote style="margin:0 0 0 40px;border:none">{SECOND}</blockquote>'
    assert read(page).own_text == f"{OWN}\n\n{SECOND}"


def test_the_lines_of_preformatted_text_stay_lines() -> None:
    assert read(f"<pre>{OWN}\n{SECOND}</pre>").own_text == f"{OWN}\n{SECOND}"
    page = f"<div style='white-space: pre-wrap'>{OWN}\n<b>{SECOND}</b></div>"
    assert read(page).own_text == f"{OWN}\n{SECOND}"


@pytest.mark.parametrize(
    "page",
    [
        f"<div><span>{OWN}<blockquote type=cite>un</span> deux</blockquote></div>",
        f"<p>{OWN}<blockquote type=cite>un</b></i></font> deux</blockquote>",
        f"{OWN}<blockquote type=cite><table><tr><td>un<tr><td>deux</table></blockquote>",
        f"{OWN}<blockquote type=cite>un deux",
    ],
)
def test_tags_out_of_order_neither_open_nor_end_a_quotation(page: str) -> None:
    assert read(page).own_text == OWN
