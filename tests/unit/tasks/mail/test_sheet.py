from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tasks.consultation import Columns
from tasks.mail.answers import read_answer
from tasks.mail.sources.mailbox import ANSWER, Message, SourceError
from tasks.mail.sources.sheet import Sheet

COLUMNS = Columns(
    text=("Vos constats", "Vos propositions"),
    received_at="Date",
    id="N°",
    address="Courriel",
    name="Nom",
)
HEADER = "N°;Date;Nom;Courriel;Vos constats;Vos propositions"


def sheet(folder: Path, *lines: str, columns: Columns = COLUMNS, encoding: str = "utf-8") -> Sheet:
    path = folder / "réponses.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return Sheet(path, "csv:réponses.csv", 1_000_000, columns, ZoneInfo("Europe/Paris"))


def rows(source: Sheet) -> list[Message]:
    return list(source.read(source.locators()))


def test_a_row_is_a_submission_with_its_date_and_its_words(tmp_path: Path) -> None:
    source = sheet(
        tmp_path,
        HEADER,
        '7;09/01/2020 08:30;Lucie Morand;Lucie@Courriel.example;"La gare est ""noire"".\n'
        "Le soir ; surtout.\";Il faut l'éclairer.",
    )
    (row,) = rows(source)
    assert (row.locator, row.media_type, row.is_whole) == ("7#0", ANSWER, True)
    assert row.received_at == datetime(2020, 1, 9, 7, 30, tzinfo=UTC)
    assert row.size_bytes == len(row.raw)
    read = read_answer(row.raw)
    assert read.own_text == ('La gare est "noire".\nLe soir ; surtout.\n\nIl faut l\'éclairer.')
    assert (read.from_address, read.from_name) == ("lucie@courriel.example", "Lucie Morand")
    assert read.author_names[0] == "Lucie Morand"
    assert read.content_word_count > 5
    assert read.machine is None


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
def test_every_usual_form_of_the_file_gives_the_same_rows(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    lines = (HEADER, "7;2020-01-09T08:30;Zoé;;Éclairer la gare à côté;")
    source = sheet(tmp_path, *(x.replace(";", separator) for x in lines), encoding=encoding)
    (row,) = rows(source)
    assert json.loads(row.raw)["text"] == "Éclairer la gare à côté"
    assert json.loads(row.raw)["name"] == "Zoé"


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2020-01-09", datetime(2020, 1, 8, 23, tzinfo=UTC)),
        ("2020-01-09 08:30:15", datetime(2020, 1, 9, 7, 30, 15, tzinfo=UTC)),
        ("2020-01-09T08:30:00+00:00", datetime(2020, 1, 9, 8, 30, tzinfo=UTC)),
        ("2020-07-09 08:30", datetime(2020, 7, 9, 6, 30, tzinfo=UTC)),
        ("09/01/2020", datetime(2020, 1, 8, 23, tzinfo=UTC)),
        ("9/1/2020 08:30:15", datetime(2020, 1, 9, 7, 30, 15, tzinfo=UTC)),
        ("09-01-2020", datetime(2020, 1, 8, 23, tzinfo=UTC)),
        ("01/13/2020", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("hier", None),
        ("", None),
    ],
)
def test_a_date_is_local_and_what_is_none_is_none(
    tmp_path: Path, written: str, instant: datetime | None
) -> None:
    (row,) = rows(sheet(tmp_path, HEADER, f"7;{written};;;La gare;"))
    assert row.received_at == instant


def test_only_the_columns_that_are_mapped_are_kept(tmp_path: Path) -> None:
    columns = Columns(text=("Avis",), received_at="Date")
    lines = ("Date;Avis;Religion", "09/01/2020;La gare est sombre;aucune")
    (before,) = rows(sheet(tmp_path, *lines, columns=columns))
    assert b"aucune" not in before.raw
    more = (f"{line};{rank}" for rank, line in enumerate(lines))
    (after,) = rows(sheet(tmp_path, *more, columns=columns))
    assert (after.locator, after.raw) == (before.locator, before.raw)


def test_two_rows_that_say_the_same_are_two(tmp_path: Path) -> None:
    columns = Columns(text=("Avis",), received_at="Date")
    source = sheet(tmp_path, "Date;Avis", *["09/01/2020;Plus de rondes"] * 2, columns=columns)
    assert len(set(source.locators())) == 2
    assert source.remarks == []


def test_one_identifier_for_two_rows_is_remarked_and_none_is_lost(tmp_path: Path) -> None:
    source = sheet(tmp_path, HEADER, "7;09/01/2020;;;Un;", "7;09/01/2020;;;Deux;")
    assert len(set(source.locators())) == 2
    assert ["identifiant" in remark for remark in source.remarks] == [True]


def test_an_empty_line_is_no_submission_and_a_short_one_is(tmp_path: Path) -> None:
    source = sheet(tmp_path, HEADER, ";;;;;", "", "8;09/01/2020;;;Éclairer")
    (row,) = rows(source)
    assert json.loads(row.raw)["text"] == "Éclairer"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (("Date;Avis", "09/01/2020;Rien"), "n'a pas de colonne « Vos constats »"),
        ((), "n'a pas de colonne"),
    ],
)
def test_a_table_without_its_columns_is_refused_by_a_sentence(
    tmp_path: Path, lines: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(SourceError, match=sentence):
        sheet(tmp_path, *lines).locators()


def test_a_table_whose_names_are_missing_quotes_no_row(tmp_path: Path) -> None:
    row = "7;09/01/2020;zwykhold@courriel.example;Éloïse Zwykhold;Éclairer;Des bancs"
    with pytest.raises(SourceError, match=r"première ligne du fichier \(6 colonnes\)") as caught:
        sheet(tmp_path, row).locators()
    assert "wykhold" not in str(caught.value)


def test_a_cell_without_end_is_refused_by_a_sentence(tmp_path: Path) -> None:
    source = sheet(tmp_path, HEADER, f'7;09/01/2020;;;"{"a" * 2_000_000}";')
    with pytest.raises(SourceError, match="ne peut pas être lu à la ligne"):
        source.locators()
