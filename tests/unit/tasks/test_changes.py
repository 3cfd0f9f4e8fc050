"""What differs between two versions of a consultation's file."""

from __future__ import annotations

import tomllib

import pytest

from tasks.changes import differences, without_places

FILE = """
[consultation]
deadline = 2020-01-20T00:00:00
title = "Assises"

[[source]]
name = "boite"
uri = "imaps://prefet@imap.example"

[[theme]]
code = "service"
label = "Le service"

[[theme]]
code = "lien"
label = "Le lien"

[lexicon.service]
cues = ["patrouille*", "commissariat"]

[message]
to = ["cabinet@prefecture.example"]

[schedule]
at = 06:00:00
"""


def changed(*edits: tuple[str, str]) -> list[str]:
    text = FILE
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    return differences(tomllib.loads(FILE), tomllib.loads(text))


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        pytest.param("[consultation]", "# Un mot\n[consultation]", [], id="a comment"),
        pytest.param(
            "2020-01-20T",
            "2020-01-27T",
            ["consultation.deadline : 20/01/2020 à 00:00 → 27/01/2020 à 00:00"],
            id="a date",
        ),
        pytest.param(
            '"Assises"',
            '"Assises 2020"',
            ["consultation.title : « Assises » → « Assises 2020 »"],
            id="a text",
        ),
        pytest.param("at = 06:00:00\n", "", ["schedule.at : 06:00 → rien"], id="a key removed"),
        pytest.param(
            '"commissariat"]',
            '"police"]',
            ["lexicon.service.cues : + « police », − « commissariat »"],
            id="cues",
        ),
        pytest.param(
            '"patrouille*", "commissariat"',
            '"commissariat", "patrouille*"',
            ["lexicon.service.cues : les mêmes, dans un autre ordre ou un autre nombre"],
            id="an order",
        ),
        pytest.param(
            "[lexicon.service]",
            '[[theme]]\ncode = "numerique"\nlabel = "Le numérique"\n[lexicon.service]',
            ["theme[numerique] : ajouté (« Le numérique »)"],
            id="a theme added",
        ),
        pytest.param(
            '[[theme]]\ncode = "lien"\nlabel = "Le lien"\n',
            "",
            ["theme[lien] : retiré (« Le lien »)"],
            id="a theme removed",
        ),
        pytest.param(
            '"Le lien"',
            '"Le lien social"',
            ["theme[lien].label : « Le lien » → « Le lien social »"],
            id="a theme renamed",
        ),
        pytest.param(
            '"imaps://prefet@imap.example"',
            '"imaps://autre@imap.example"',
            ["source[boite].uri : changé"],
            id="an address is not said",
        ),
        pytest.param(
            '"cabinet@prefecture.example"',
            '"prefet@prefecture.example"',
            ["message.to : changé"],
            id="a recipient is not said",
        ),
        pytest.param(
            "[schedule]",
            "[thresholds]\nquotations = 15\npartage = 0.02\n[schedule]",
            ["thresholds.quotations : rien → 15", "thresholds.partage : rien → 0.02"],
            id="a table added",
        ),
    ],
)
def test_what_changed_is_said_by_key(before: str, after: str, sentences: list[str]) -> None:
    assert changed((before, after)) == sentences


def test_themes_in_another_order_are_the_same_themes() -> None:
    themes = ("service", "lien")
    swap = [(f'code = "{one}"', f'code = "_{one}"') for one in themes]
    swap += [(f'label = "Le {one}"', f'label = "Le _{one}"') for one in themes]
    turned = [("_service", "x"), ("_lien", "service"), ('"x"', '"lien"'), ("Le x", "Le lien")]
    assert changed(*swap, *turned) == ["theme : dans un autre ordre (lien, service)"]


def test_every_change_is_said_in_the_order_of_the_file() -> None:
    found = changed(("06:00:00", "07:30:00"), ("2020-01-20T", "2020-01-27T"))
    assert [sentence.partition(" :")[0] for sentence in found] == [
        "consultation.deadline",
        "schedule.at",
    ]


def test_what_is_kept_of_a_file_tells_places_apart_without_showing_them() -> None:
    text = """
uri = "imaps://boite%40pref.example@imap.pref.example:993"
password = 'file:jeanne.secret'
to = ["jeanne.martin@pref.example", "paul@pref.example"]
title = "Assises"
"""
    kept = without_places(text)
    for shown in ("boite", "jeanne", "paul", "@"):
        assert shown not in kept
    assert tomllib.loads(kept)["title"] == "Assises"
    assert len(set(tomllib.loads(kept)["to"])) == 2
    other = without_places(text.replace("paul@", "pierre@"))
    assert differences({"message": tomllib.loads(kept)}, {"message": tomllib.loads(other)}) == [
        "message.to : changé"
    ]
