from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.run import Run
from tasks.consultation import (
    Columns,
    Consultation,
    ConsultationError,
    DeclaredEncoder,
    MailServer,
    Materials,
    PublicNames,
    Retention,
    Source,
    Theme,
    Weights,
    parse_consultation,
)
from warehouse.home import Home

VALID = """
[consultation]
slug = "essai-2020"
title = "Assises de la sécurité"
organiser = "Préfecture de l'Allier"
addressee = "Monsieur le Ministre"
timezone = "Europe/Paris"
opening = 2020-01-08T00:00:00
deadline = 2020-01-20T00:00:00
department = "03"

[[source]]
name = "boite"
uri = "eml:mailbox"

[thresholds]
campaign_contributors = 7
majoritaire = 0.6
frequent = 0.2
partage = 0.1
message_megabytes = 10
quotations = 3

[[theme]]
code = "service"
label = "attentes en termes de service rendu"
short_label = "Service"
description = "Présence, délais, accueil."

[[theme]]
code = "lien"
label = "lien entre la population et les forces"
short_label = "Lien"

[lexicon.service]
cues = ["patrouill*", "plainte + accueil"]
counter_cues = ["police d'assurance"]
examples = ["Rouvrir la brigade le samedi"]

[lexicon.hors_theme]
cues = ["impôt"]
"""


def written(**changes: str) -> str:
    """Return the valid file with lines changed: `deadline="2020-01-07"`; an empty value removes."""
    text = VALID
    for key, value in changes.items():
        line = f"{key} = {value}" if value else ""
        text, count = re.subn(rf"(?m)^{key} = .*$", line.replace("\\", r"\\"), text, count=1)
        assert count == 1, key
    return text


def encoder(**keys: object) -> str:
    """Return the valid file with an encoder."""
    lines = [f"{k} = {v}" if isinstance(v, int) else f'{k} = "{v}"' for k, v in keys.items()]
    return VALID + "\n[encoder]\n" + "\n".join(lines)


MESSAGE = """
[message]
to = ["cabinet@interieur.example", "un.autre@interieur.example"]
from = "assises@prefecture.example"
server = "smtps://smtp.prefecture.example"
"""


def test_a_message_has_recipients_and_a_server() -> None:
    assert parse_consultation(VALID).message is None
    message = parse_consultation(VALID + MESSAGE).message
    assert message is not None
    assert message.to == ("cabinet@interieur.example", "un.autre@interieur.example")
    assert (message.user, message.password) == (None, "env:ASSISES_SMTP_PASSWORD")


@pytest.mark.parametrize(
    ("declared", "server"),
    [
        ("smtps://smtp.example.fr", MailServer("smtp.example.fr", 465, "tls")),
        ("smtp://smtp.example.fr", MailServer("smtp.example.fr", 587, "starttls")),
        ("smtp://smtp.example.fr:25", MailServer("smtp.example.fr", 25, "starttls")),
        ("smtp://localhost:25", MailServer("localhost", 25, "none")),
        ("smtps://[::1]:465", MailServer("::1", 465, "tls")),
    ],
)
def test_tls_is_left_out_towards_this_machine_only(declared: str, server: MailServer) -> None:
    text = MESSAGE.replace("smtps://smtp.prefecture.example", declared)
    message = parse_consultation(VALID + text).message
    assert message is not None
    assert message.server == server


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("smtps:", "https:", r"^message.server : écrivez smtps://SERVEUR"),
        ("smtps://", "smtps://moi:secret@", r"^message.server : écrivez smtps://SERVEUR"),
        ('prefecture.example"\n', 'prefecture.example:x"\n', "^message"),
        ("cabinet@", "Le cabinet <cabinet@", "^message.to : une adresse n'en est pas une"),
        ("cabinet@", "cabinet\\r\\nBcc: x@", "^message.to : une adresse n'en est pas une"),
        ("assises@", "été@", "^message.from : une adresse n'en est pas une"),
    ],
)
def test_a_wrong_message_is_refused_without_repeating_it(
    right: str, wrong: str, sentence: str
) -> None:
    assert right in MESSAGE
    with pytest.raises(ConsultationError, match=sentence) as raised:
        parse_consultation(VALID + MESSAGE.replace(right, wrong))
    assert "secret" not in str(raised.value)
    assert "@" not in str(raised.value).replace("cabinet@prefecture.example", "")


def test_a_message_without_recipients_is_refused() -> None:
    text = MESSAGE.replace('to = ["cabinet@interieur.example", "un.autre@interieur.example"]', "")
    with pytest.raises(ConsultationError, match=r"^il manque message\.to"):
        parse_consultation(VALID + text)


def test_retention_has_a_day_and_perhaps_an_archive() -> None:
    assert parse_consultation(VALID).retention is None
    text = VALID + '\n[retention]\nuntil = 2020-07-20\narchive = "archives"'
    assert parse_consultation(text).retention == Retention(date(2020, 7, 20), "archives")


def test_a_valid_file_says_what_the_consultation_is() -> None:
    found = parse_consultation(VALID)
    paris = found.timezone
    assert found == Consultation(
        slug="essai-2020",
        title="Assises de la sécurité",
        organiser="Préfecture de l'Allier",
        addressee="Monsieur le Ministre",
        timezone=paris,
        opening=datetime(2020, 1, 8, tzinfo=paris),
        deadline=datetime(2020, 1, 20, tzinfo=paris),
        department="03",
        themes=(
            Theme(
                "service",
                "attentes en termes de service rendu",
                "Service",
                "Présence, délais, accueil.",
                ("patrouill*", "plainte + accueil"),
                ("police d'assurance",),
                ("Rouvrir la brigade le samedi",),
            ),
            Theme("lien", "lien entre la population et les forces", "Lien"),
        ),
        sources=(Source("boite", "eml:mailbox"),),
        hors_theme_counter_cues=("impôt",),
        campaign_contributors=7,
        weights=Weights(0.6, 0.2, 0.1),
        message_bytes=10_000_000,
        quotations=3,
    )
    assert paris.key == "Europe/Paris"
    assert list(found.theme_labels()) == ["service", "lien", "hors_theme"]


def test_what_is_not_said_is_as_usual() -> None:
    start = VALID.index("[[source]]")
    end = VALID.index("[[theme]]")
    text = VALID[:start] + VALID[end : VALID.index("[lexicon")]
    found = parse_consultation(text.replace('timezone = "Europe/Paris"\n', ""))
    assert found.timezone.key == "Europe/Paris"
    assert found.sources == ()
    assert (found.campaign_contributors, found.message_bytes, found.quotations) == (
        5,
        25_000_000,
        12,
    )
    assert found.weights == Weights(0.5, 0.15, 0.03)
    assert found.themes[0].cues == ()


@pytest.mark.parametrize(
    ("opening", "instant"),
    [
        ("2020-01-08", datetime(2020, 1, 7, 23, tzinfo=UTC)),
        ("2020-01-08T08:30:00", datetime(2020, 1, 8, 7, 30, tzinfo=UTC)),
        ("2020-01-08T08:30:00Z", datetime(2020, 1, 8, 8, 30, tzinfo=UTC)),
        ("2020-01-08T08:30:00+03:00", datetime(2020, 1, 8, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_date_is_local_unless_it_says_otherwise(opening: str, instant: datetime) -> None:
    assert parse_consultation(written(opening=opening)).opening == instant


@pytest.mark.parametrize(
    ("deadline", "as_of", "is_final"),
    [
        ("2020-01-20T00:00:00", date(2020, 1, 18), False),
        ("2020-01-20T00:00:00", date(2020, 1, 19), True),
        ("2020-01-20T00:00:01", date(2020, 1, 19), False),
        ("2020-01-20T12:00:00", date(2020, 1, 20), True),
        ("2020-03-30T00:00:00", date(2020, 3, 29), True),  # a day of 23 hours
    ],
)
def test_a_day_that_ends_at_or_after_the_deadline_is_final(
    deadline: str, as_of: date, *, is_final: bool
) -> None:
    assert parse_consultation(written(deadline=deadline)).is_final(as_of) is is_final


@pytest.mark.parametrize(
    ("deadline", "day", "is_open"),
    [
        ("2020-01-20T00:00:00", date(2020, 1, 7), False),
        ("2020-01-20T00:00:00", date(2020, 1, 8), True),
        ("2020-01-20T00:00:00", date(2020, 1, 19), True),
        ("2020-01-20T00:00:00", date(2020, 1, 20), False),
        ("2020-01-20T12:00:00", date(2020, 1, 20), True),
    ],
)
def test_a_day_is_open_when_a_part_of_it_is(deadline: str, day: date, *, is_open: bool) -> None:
    assert parse_consultation(written(deadline=deadline)).is_open_on(day) is is_open


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("a = 1\nb = c", r"n'est pas du TOML valide \(.*line 2", id="no TOML"),
        pytest.param(
            "", r"il manque consultation : écrivez une table \[consultation\]", id="empty"
        ),
        pytest.param(
            written(slug=""), "il manque consultation.slug : écrivez un texte", id="no slug"
        ),
        pytest.param(written(title='"  "'), "consultation.title est vide", id="blank title"),
        pytest.param(
            written(title='"Assises\\u0001"'),
            "consultation.title a un caractère que les documents ne peuvent pas écrire",
            id="control character",
        ),
        pytest.param(
            written(slug='"assises\\n"'), "un code n'a que des minuscules", id="slug of two lines"
        ),
        pytest.param(
            written(title="3"), "consultation.title = 3 : écrivez un texte", id="a number"
        ),
        pytest.param(
            written(department='"3"'),
            "consultation.department = « 3 » : écrivez le code d'un département",
            id="no department",
        ),
        pytest.param(
            written(slug='"Allier 2020"'),
            "consultation.slug = « Allier 2020 » : un code n'a que des minuscules",
            id="slug with a space",
        ),
        pytest.param(
            written(title='"T"\ntitel = "T"'),
            r"clé inconnue consultation.titel : corrigez-la .*title",
            id="unknown key",
        ),
        pytest.param(VALID + "[seuils]\n", "clé inconnue seuils : corrigez-la", id="unknown table"),
        pytest.param(
            written(quotations="3\nquotation = 3"),
            "clé inconnue thresholds.quotation",
            id="unknown threshold",
        ),
        pytest.param(
            written(label='"L"\nlibelle = "L"'),
            r"clé inconnue theme\[1\].libelle",
            id="unknown in theme",
        ),
        pytest.param(
            written(uri='"eml:a"\npassword = "x"'),
            r"clé inconnue source\[1\].password",
            id="in source",
        ),
        pytest.param(
            written(uri='"imaps://a@b.example"\npassword = "très secret"'),
            r"^source\[1\].password : écrivez env: ou file: ou prefect:$",
            id="the password itself, which is not repeated",
        ),
        pytest.param(
            written(uri='"imaps://a@b.example"\nauthentication = "plain"'),
            r"source\[1\].authentication : écrivez password ou xoauth2",
            id="unknown authentication",
        ),
        pytest.param(
            written(uri='"csv:a.csv"'),
            r"il manque source\[1\].columns : écrivez une table \[source\[1\].columns\]",
            id="a table without columns",
        ),
        pytest.param(
            written(uri='"csv:a.csv"\ncolumns = { received_at = "Date" }'),
            r"il manque source\[1\].columns.text",
            id="a table without words",
        ),
        pytest.param(
            written(uri='"csv:a.csv"\ncolumns = { text = ["a"], received_at = "b", sexe = "c" }'),
            r"clé inconnue source\[1\].columns.sexe",
            id="an unknown role",
        ),
        pytest.param(
            written(counter_cues="[]\ncue = []"),
            "clé inconnue lexicon.service.cue ",
            id="in lexicon",
        ),
        pytest.param(
            VALID + 'examples = ["a"]\n', "clé inconnue lexicon.hors_theme.examples", id="outside"
        ),
        pytest.param(
            VALID.replace("[lexicon.service]", "[lexicon.servise]"),
            r"thème inconnu « servise » dans \[lexicon.servise\] : .*service, lien",
            id="unknown theme",
        ),
        pytest.param(
            VALID.replace('code = "lien"', 'code = "service"'),
            "le code de thème « service » est réservé ou déclaré deux fois",
            id="theme twice",
        ),
        pytest.param(
            VALID.replace('code = "lien"', 'code = "hors_theme"'),
            "le code de thème « hors_theme » est réservé",
            id="reserved theme",
        ),
        pytest.param(
            VALID[: VALID.index("[[theme]]")],
            r"aucun thème n'est déclaré : ajoutez au moins une table \[\[theme\]\]",
            id="no theme",
        ),
        pytest.param(
            VALID.replace("[[theme]]", "[theme]", 1).replace("[[theme]]", "[theme2]"),
            r"theme = .* : écrivez des tables \[\[theme\]\]",
            id="theme as a table",
        ),
        pytest.param(
            written(deadline="2020-01-08T00:00:00"),
            r"la clôture \(deadline, 08/01/2020 00:00\) doit venir après l'ouverture \(opening",
            id="deadline at the opening",
        ),
        pytest.param(
            written(opening='"8 janvier"'),
            "consultation.opening = '8 janvier' : écrivez une date comme 2020",
            id="date as a text",
        ),
        pytest.param(
            written(opening="08:00:00"),
            "consultation.opening = .* : écrivez une date",
            id="an hour",
        ),
        pytest.param(
            written(timezone='"Europe/Moulins"'),
            "le fuseau horaire « Europe/Moulins » est inconnu : écrivez par exemple Europe/Paris",
            id="unknown time zone",
        ),
        pytest.param(
            written(timezone='"Europe"'), "le fuseau horaire « Europe » est inconnu", id="a folder"
        ),
        pytest.param(
            written(timezone='"../etc"'), "le fuseau horaire « ../etc » est inconnu", id="a path"
        ),
        pytest.param(
            written(timezone='""'), "le fuseau horaire «  » est inconnu", id="no time zone"
        ),
        pytest.param(
            written(frequent="0.05"),
            "les seuils doivent décroître : majoritaire, frequent, partage",
            id="weights in disorder",
        ),
        pytest.param(
            written(partage="0.2"), "les seuils doivent décroître", id="two equal weights"
        ),
        pytest.param(
            written(majoritaire="50"),
            "thresholds.majoritaire = 50.0 : écrivez une part entre 0 et 1",
            id="a weight in percent",
        ),
        pytest.param(
            written(partage="nan"), "thresholds.partage = nan : écrivez une part", id="nan"
        ),
        pytest.param(
            written(campaign_contributors="1"),
            "thresholds.campaign_contributors = 1 : écrivez au moins 2",
            id="campaign of one",
        ),
        pytest.param(
            written(quotations="true"),
            "thresholds.quotations = True : écrivez un nombre entier",
            id="true as a number",
        ),
        pytest.param(
            written(uri='"eml:a"\n[[source]]\nname = "boite"\nuri = "eml:b"'),
            "deux sources portent le nom « boite » : donnez-en un autre",
            id="one name for two sources",
        ),
        pytest.param(
            written(name='"jean@courriel.example"'),
            r"source\[1\].name = « jean@courriel.example » : un code",
            id="an address as a name",
        ),
        pytest.param(
            written(cues='"police"'),
            "lexicon.service.cues = 'police' : écrivez une liste",
            id="cues",
        ),
        pytest.param(
            written(cues="[1]"), "lexicon.service.cues : écrivez une liste de textes", id="a cue"
        ),
        pytest.param(
            VALID + '\n[retention]\narchive = "a"',
            "^il manque retention.until : écrivez une date comme 2020-07-20$",
            id="an archive and no day",
        ),
        pytest.param(
            VALID + "\n[retention]\nuntil = 2020-01-20",
            r"^retention.until : écrivez une date sans heure, après la clôture \(20/01/2020\)$",
            id="a retention that ends with the consultation",
        ),
        pytest.param(
            VALID + "\n[retention]\nuntil = 2020-07-20T12:00:00",
            "^retention.until : écrivez une date sans heure",
            id="a retention with an hour",
        ),
        pytest.param(
            VALID + "\n[retention]\nuntil = 2020-07-20\nduree = 6",
            "^clé inconnue retention.duree : corrigez-la",
            id="an unknown key of retention",
        ),
        pytest.param(
            encoder(kind="bert"),
            "^encoder.kind : écrivez words ou sentence-transformers ou openai$",
            id="unknown encoder",
        ),
        pytest.param(
            encoder(model="m"), "clé inconnue encoder.model : .*kind", id="a model of words"
        ),
        pytest.param(
            encoder(kind="sentence-transformers"), "il manque encoder.model", id="no model"
        ),
        pytest.param(
            encoder(kind="sentence-transformers", model="m", url="https://a.example"),
            "clé inconnue encoder.url : .*batch, kind, model",
            id="an address of a local model",
        ),
        pytest.param(encoder(kind="openai", model="m"), "il manque encoder.url", id="no address"),
        pytest.param(
            encoder(kind="openai", model="m", url="https://a.example", key="très secret"),
            "^encoder.key : écrivez env: ou file: ou prefect:$",
            id="the key itself, which is not repeated",
        ),
        pytest.param(
            encoder(kind="openai", model="m", url="https://a.example", batch=0),
            "encoder.batch = 0 : écrivez au moins 1",
            id="batches of nothing",
        ),
        *(
            pytest.param(
                encoder(kind="openai", model="m", url=url),
                r"^encoder.url : écrivez https://SERVEUR/CHEMIN, sans mot de passe [^@]*v1\)$",
                id=url,
            )
            for url in (
                "http://albert.example/v1",
                "http://localhost.example/v1",
                "ftp://localhost/v1",
                "https://moi:secret@a.example/v1",
                "https://a.example/v1?key=secret",
                "https://a.example/v1#secret",
                "https://a.example:port/v1",
                "https://a .example/v1",
                "https://[::1/v1",
                "https:///v1",
                "albert",
            )
        ),
        pytest.param(
            VALID + "[schedule]\ndays_after = 3000000",
            "schedule.days_after = 3000000 : écrivez au plus 366",
            id="days after any calendar",
        ),
        pytest.param(
            VALID + "[schedule]\nat = 06:00:00.5",
            "schedule.at = 06:00:00.500000 : écrivez une heure comme 06:00:00",
            id="a part of a second",
        ),
        pytest.param(
            VALID + "[open_data]\nk = 2", "open_data.k = 2 : écrivez au moins 3", id="k too small"
        ),
        pytest.param(
            VALID + '[open_data]\nlicence = "libre"',
            "^open_data.licence : écrivez etalab-2.0 ou ODbL-1.0$",
            id="a licence that public data may not have",
        ),
        pytest.param(
            VALID + "[open_data]\nseuil = 5",
            "clé inconnue open_data.seuil : .*k, licence",
            id="unknown key of open data",
        ),
    ],
)
def test_a_mistake_is_one_french_sentence_that_names_the_key(text: str, sentence: str) -> None:
    with pytest.raises(ConsultationError, match=sentence) as caught:
        parse_consultation(text)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


# --- the fingerprint of the configuration --------------------------------------------------------


def fingerprint(text: str) -> str:
    consultation = parse_consultation(text)
    home, now = Home(Path("maison")), datetime(2020, 1, 12, tzinfo=UTC)
    run = Run(
        consultation,
        Path(),
        Path(),
        None,
        Materials(),
        consultation.sources,
        home,
        date(2020, 1, 11),
        now,
        1,
        text,
    )
    return run.configuration_sha256


@pytest.mark.parametrize(
    "same",
    [
        pytest.param("# Un commentaire.\n" + VALID, id="a comment"),
        pytest.param(VALID.replace(" = ", "  =  "), id="spaces"),
        pytest.param(written(uri='"maildir:/ailleurs"'), id="another place"),
        pytest.param(written(name='"autre"'), id="another name of the source"),
        pytest.param(written(deadline="2020-01-20"), id="a date without hour"),
        pytest.param(written(majoritaire="0.60"), id="another way to write a number"),
        pytest.param(encoder(kind="words"), id="the usual encoder, said"),
    ],
)
def test_neither_comments_nor_sources_change_the_configuration(same: str) -> None:
    assert fingerprint(same) == fingerprint(VALID)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(written(title='"Autre"'), id="title"),
        pytest.param(written(deadline="2020-01-20T00:00:01"), id="deadline"),
        pytest.param(written(campaign_contributors="8"), id="threshold"),
        pytest.param(written(partage="0.11"), id="weight"),
        pytest.param(written(label='"Autre"'), id="theme"),
        pytest.param(VALID.replace("patrouill*", "ronde"), id="cue"),
        pytest.param(VALID.replace('"impôt"', '"taxe"'), id="cue of no theme"),
        pytest.param(written(timezone='"Europe/Brussels"'), id="time zone"),
        pytest.param(encoder(kind="sentence-transformers", model="m"), id="encoder"),
    ],
)
def test_what_the_file_says_changes_the_configuration(other: str) -> None:
    assert fingerprint(other) != fingerprint(VALID)


def test_the_order_of_the_themes_is_part_of_the_configuration() -> None:
    consultation = parse_consultation(VALID)
    run = Run(
        consultation,
        Path(),
        Path(),
        None,
        Materials(),
        (),
        Home(Path()),
        date(2020, 1, 11),
        datetime(2020, 1, 12, tzinfo=UTC),
        1,
        VALID,
    )
    turned = replace(run, consultation=replace(consultation, themes=consultation.themes[::-1]))
    assert turned.configuration_sha256 != run.configuration_sha256


def test_a_mailbox_on_a_server_is_declared_without_its_password() -> None:
    uri = """"imaps://boite%40pref@imap.example"
folders = ["INBOX", "Indésirables"]
password = "file:/run/secrets/boite"
authentication = "xoauth2"
authorities = "ca.pem\""""
    (source,) = parse_consultation(written(uri=uri)).sources
    assert source == Source(
        "boite",
        "imaps://boite%40pref@imap.example",
        folders=("INBOX", "Indésirables"),
        password="file:/run/secrets/boite",
        authentication="xoauth2",
        authorities="ca.pem",
    )


def test_a_table_of_answers_has_its_columns_and_its_channel() -> None:
    uri = """"csv:courriers.csv"
channel = "papier"
columns = { text = ["Constats", "Propositions"], received_at = "Date", id = "N°" }"""
    (source,) = parse_consultation(written(uri=uri)).sources
    assert source.channel == "papier"
    assert source.columns == Columns(("Constats", "Propositions"), "Date", "N°")
    (usual,) = parse_consultation(written(uri=uri.replace('channel = "papier"', ""))).sources
    assert usual.channel == "questionnaire"


ALBERT = {"kind": "openai", "model": "BAAI/bge-m3", "url": "https://albert.example/v1"}


@pytest.mark.parametrize(
    ("keys", "declared"),
    [
        pytest.param({}, DeclaredEncoder(), id="usual"),
        pytest.param(
            {"kind": "sentence-transformers", "model": "modeles/e5", "batch": 8},
            DeclaredEncoder("sentence-transformers", "modeles/e5", batch=8),
            id="a model",
        ),
        pytest.param(
            ALBERT | {"url": "https://albert.example/v1/", "key": "file:/run/secrets/albert"},
            DeclaredEncoder("openai", *list(ALBERT.values())[1:], "file:/run/secrets/albert"),
            id="a service",
        ),
        *(
            pytest.param(ALBERT | {"url": url}, DeclaredEncoder("openai", ALBERT["model"], url))
            for url in ("http://localhost:8080/v1", "http://127.0.0.1", "http://[::1]:9")
        ),
    ],
)
def test_an_encoder_is_declared_without_its_key(
    keys: dict[str, object], declared: DeclaredEncoder
) -> None:
    assert parse_consultation(encoder(**keys)).encoder == declared


def test_where_the_key_is_and_how_many_texts_are_asked_at_once_change_no_configuration() -> None:
    first, second = encoder(**ALBERT), encoder(**ALBERT, key="env:ALBERT", batch=8)
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(first) != fingerprint(encoder(**ALBERT | {"model": "autre"}))


def test_public_names_are_masked_unless_the_file_says_otherwise() -> None:
    assert parse_consultation(VALID).public_names == PublicNames("mask", ())
    kept = '\n[privacy]\noffice_holders = "keep"\npublic_names = ["Emmanuel Macron"]'
    assert parse_consultation(VALID + kept).public_names == PublicNames(
        "keep", ("Emmanuel Macron",)
    )


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ('office_holders = "garder"', "privacy.office_holders : écrivez mask ou keep"),
        (
            'public_names = ["Macron"]',
            (
                "privacy.public_names : « Macron » n'est pas un nom complet ; "
                "écrivez le prénom puis le nom"
            ),
        ),
        ('names = ["A B"]', "clé inconnue privacy.names"),
    ],
)
def test_a_wrong_privacy_table_is_one_sentence(lines: str, sentence: str) -> None:
    with pytest.raises(ConsultationError) as raised:
        parse_consultation(f"{VALID}\n[privacy]\n{lines}")
    assert str(raised.value).startswith(sentence)
