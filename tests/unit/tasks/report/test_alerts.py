from __future__ import annotations

from typing import Any

import pytest

from tasks.report.alerts import write_alert

COMMAND = (
    "assises run --consultation '/etc/assises/consultation: l'\"'\"'été.toml' --home /srv/assises "
    "--as-of 2020-01-12 --accept-gate p-0123456789ab --because MOTIF"
)


def alert(**facts: Any) -> dict[str, Any]:
    return {
        "id": "0123456789ab",
        "kind": "failed",
        "as_of_date": "2020-01-12",
        "run": 3,
        "host": "serveur",
        "served_date": "2020-01-11",
        "sentences": ["La boîte ne répond pas."],
        "steps": [{"text": "Relancez :", "command": COMMAND}, {"text": "Signalez-la."}],
        **facts,
    }


def test_a_command_is_one_line_as_it_must_be_typed() -> None:
    assert f"\n    {COMMAND}\n" in write_alert(alert(), "Assises").text


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2020-01-11", "La dernière publication, la synthèse au 11\xa0janvier\xa02020"),
        (None, "Rien n’est encore publié"),
    ],
)
def test_it_says_what_readers_still_see(day: str | None, told: str) -> None:
    assert told in write_alert(alert(served_date=day), "Assises").text


@pytest.mark.parametrize("kind", ["failed", "held", "killed", "stuck", "recovered"])
def test_the_subject_says_what_and_of_which_day(kind: str) -> None:
    subject = write_alert(alert(kind=kind), "Assises").subject
    assert subject.endswith("synthèse au 12\xa0janvier\xa02020\u202f: Assises")


def test_what_breaks_lines_is_one_line_of_the_subject_and_of_the_text() -> None:
    hostile = "Titre\r\nBcc: autre@exemple.invalid\r\n\r\nCorps\x1b[2J\u202e"
    letter = write_alert(alert(sentences=[hostile]), hostile)
    assert len(letter.subject.splitlines()) == 1
    assert not any(line.startswith(("Bcc", "Corps")) for line in letter.text.splitlines())
    assert not any(c in letter.subject + letter.text for c in "\r\x1b\u202e")
