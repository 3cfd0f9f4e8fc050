from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.report.ods import write_ods
from tasks.report.workbook import Field, Sheet, Workbook
from tasks.report.workbook_reader import WorkbookError, read_workbook
from tasks.report.xlsx import write_xlsx

FIELDS = (Field("Clé", 10), Field("Valeur", 10))
MADE = Workbook("Un", (Sheet("Feuille", FIELDS, (("a", 1), ("b", date(2020, 1, 9)))),))
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "style", "table", "text")
)


def archive_of(files: dict[str, bytes | str]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return output.getvalue()


def ods_of(rows: str, styles: str = "", prologue: str = "") -> bytes:
    content = (
        f"{prologue}<office:document-content {_ODF}><office:automatic-styles>{styles}"
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="Feuille" table:style-name="ta1">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return archive_of(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": "<manifest/>",
        }
    )


def ods_row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def ods_text(text: str) -> str:
    return (
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    )


HEADER = ods_row(ods_text("Clé"), ods_text("Valeur"))


def xlsx_of(*rows: tuple[object, ...]) -> bytes:
    """Write a sheet as another program does: no style, no protection of ours."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Feuille")
        dated = book.add_format({"num_format": 'dddd d "mars" yyyy'})
        timed = book.add_format({"num_format": "hh:mm"})
        coloured = book.add_format({"num_format": '[Red]0.0" jours"'})
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                match value:
                    case date():
                        sheet.write_datetime(line, column, value, dated)
                    case ("hour", float() as hour):
                        sheet.write_number(line, column, hour, timed)
                    case ("days", float() as days):
                        sheet.write_number(line, column, days, coloured)
                    case ("formula", str() as formula, result):
                        sheet.write_formula(line, column, formula, None, result)
                    case _:
                        sheet.write(line, column, value)
    return output.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (1e20, "1e+20"),
        (0.1 + 0.2, "0.3"),
        (True, "oui"),
        (False, "non"),
        (date(2020, 3, 9), "2020-03-09"),
        (datetime(2020, 3, 9, 17, 30), "2020-03-09T17:30:00"),  # noqa: DTZ001 - a cell has none
        (("hour", 0.75), "18:00:00"),
        (("days", 2.5), "2.5"),
        (("formula", "=1+1", 2), "2"),
        (("formula", '="a"', "a"), "a"),
        (("formula", "=#REF!", "#REF!"), "#REF!"),
        (("formula", "=NA()", "#N/A"), "#N/A"),
        (" entouré \n", "entouré"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_a_cell_of_an_xlsx_comes_back_as_text(value: object, text: str) -> None:
    (sheet,) = read_workbook(xlsx_of(("Clé",), (value,)))
    assert [row.cells for row in sheet.rows] == [{"Clé": text}]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<table:table-cell office:value-type="float" office:value="12"/>', "12"),
        ('<table:table-cell office:value-type="percentage" office:value="0.5"/>', "0.5"),
        (
            '<table:table-cell office:value-type="date" office:date-value="2020-01-09T00:00:00"/>',
            "2020-01-09",
        ),
        (
            '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>',
            "oui",
        ),
        (
            '<table:table-cell office:value-type="string"><text:p>#N/A</text:p></table:table-cell>',
            "#N/A",
        ),
        (
            """<table:table-cell office:value-type="string">
            <office:annotation><text:p>note</text:p></office:annotation>
            <text:p>a<text:s text:c="2"/>b<text:tab/>c\n d</text:p>
            <text:p>e <text:span>f</text:span><text:line-break/>g</text:p></table:table-cell>""",
            "a  b\tc d\ne f\ng",
        ),
    ],
    ids=["number", "share", "day", "boolean", "error", "text"],
)
def test_a_cell_of_an_ods_comes_back_as_text(cell: str, text: str) -> None:
    (sheet,) = read_workbook(ods_of(HEADER + ods_row(ods_text("a"), cell)))
    assert [row.cells for row in sheet.rows] == [{"Clé": "a", "Valeur": text}]


def test_repeated_rows_and_columns_of_an_ods_keep_every_place() -> None:
    rows = (
        f"<table:table-header-rows>{HEADER}</table:table-header-rows>"
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        f"<table:table-row-group>{ods_row('<table:table-cell/>', ods_text('b'))}"
        "</table:table-row-group>"
        '<table:table-row table:number-rows-repeated="2"><table:table-cell '
        'table:number-columns-repeated="2" office:value-type="float" office:value="7"/>'
        '</table:table-row><table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    (sheet,) = read_workbook(ods_of(rows))
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (5, {"Valeur": "b"}),
        (6, {"Clé": "7", "Valeur": "7"}),
        (7, {"Clé": "7", "Valeur": "7"}),
    ]


def test_hidden_sheets_are_passed_over() -> None:
    hidden = '<style:table-properties table:display="false"/>'
    styles = f'<style:style style:name="ta1">{hidden}</style:style>'
    assert read_workbook(ods_of(HEADER, styles)) == ()


def test_a_column_without_a_title_has_its_letters() -> None:
    (sheet,) = read_workbook(xlsx_of(("Clé",), ("a", "", "une remarque")))
    assert sheet.columns == {"Clé": "A", "C": "C"}
    assert sheet.rows[0].cells == {"Clé": "a", "C": "une remarque"}


def test_an_empty_sheet_has_neither_columns_nor_rows() -> None:
    (sheet,) = read_workbook(xlsx_of())
    assert (sheet.columns, sheet.rows) == ({}, ())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Ce fichier n’est pas un classeur ODS ou XLSX."),
        (b"Theme;Motif\n", "Ce fichier n’est pas un classeur ODS ou XLSX."),
        (archive_of({"word/document.xml": "<a/>"}), "Ce fichier n’est pas un classeur"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512, "Ce classeur a un mot de passe"),
        (archive_of({"xl/workbook.xml": "<workbook"}), "Ce classeur est abîmé"),
        (xlsx_of((), ("a",)), "Feuille «\u202fFeuille\u202f»\u202f: la première ligne doit porter"),
        (
            xlsx_of(("Clé", "", "Clé ")),
            "Feuille «\u202fFeuille\u202f»\u202f: les colonnes A et C ont le même titre",
        ),
        (
            archive_of(
                {
                    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                    "content.xml": b"\x93\x12",
                    "META-INF/manifest.xml": "<manifest:encryption-data/>",
                }
            ),
            "Ce classeur a un mot de passe",
        ),
        (
            ods_of(
                HEADER + ods_row(ods_text("&a;")), prologue='<!DOCTYPE d [<!ENTITY a "b">]>'
            ),
            "Ce classeur est abîmé",
        ),
        (
            ods_of(
                HEADER
                + '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
                'table:number-columns-repeated="16384" office:value-type="float" office:value="7"/>'
                "</table:table-row>"
            ),
            "Ce classeur est bien plus grand",
        ),
    ],
    ids=[
        "empty", "CSV", "another archive", "password", "damaged", "no titles", "same titles",
        "encrypted", "document type", "endless",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(WorkbookError) as error:
        read_workbook(content)
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize(
    ("limit", "size"), [("MAX_XML_BYTES", 1_000), ("MAX_ELEMENTS", 100), ("MAX_CELLS", 100)]
)
def test_what_expands_too_far_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, size: int
) -> None:
    monkeypatch.setattr(f"tasks.report.workbook_reader.{limit}", size)
    with pytest.raises(WorkbookError, match="bien plus grand"):
        read_workbook(ods_of(HEADER * 100))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([write_xlsx(MADE), write_ods(MADE)]),
    st.lists(st.tuples(st.integers(0, 1_000_000), st.integers(0, 255)), max_size=8),
    st.integers(0, 1_000_000),
)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(
    content: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    damaged = bytearray(content)
    for place, value in changes:
        damaged[place % len(content)] = value
    try:
        read = [sheet.name for sheet in read_workbook(bytes(damaged[: end % (2 * len(content))]))]
    except WorkbookError as error:
        read = [str(error)]
    assert all(read)


@pytest.mark.parametrize("escape", ["_xD800_", "_x0000_", "_x001B_"])
def test_an_escape_of_what_no_text_holds_is_not_read_as_that_character(escape: str) -> None:
    strings = f"<sst><si><t>{escape}Rue</t></si></sst>"
    sheet = '<worksheet><sheetData><row r="1"><c t="s"><v>0</v></c></row></sheetData></worksheet>'
    relation = 'xmlns:r="http://schemas/relationships"'
    content = archive_of(
        {
            "xl/workbook.xml": f"<workbook {relation}><sheets><sheet name='F' r:id='r1'/></sheets>"
            "</workbook>",
            "xl/_rels/workbook.xml.rels": "<R><Relationship Id='r1' Target='s.xml'/></R>",
            "xl/sharedStrings.xml": strings,
            "xl/s.xml": sheet,
        }
    )
    (title,) = read_workbook(content)[0].columns
    assert title.isprintable()
