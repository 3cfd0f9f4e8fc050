from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from tasks.report.ods import write_ods
from tasks.report.workbook import Cell, Field, Sheet, Workbook, cell_text, column_letters
from tasks.report.workbook_reader import ReadRow, read_workbook
from tasks.report.xlsx import write_xlsx

Writer = Callable[[Workbook], bytes]
THEMES = ("Sécurité routière", "Incivilités, nuisances", 'Dits "autres"')
# More than the 255 characters that a list typed into a rule may have.
GROUPS = tuple(f"g-{number:03} L’éclairage de la place du marché" for number in range(40))
DAY = date(2020, 1, 9)
MADE = Workbook(
    "Relecture & corrections",
    (
        Sheet("Mode d’emploi", (Field("À lire", 90),), (("Une ligne.",), (None,)), headed=False),
        Sheet(
            "Énoncés",
            (
                Field("Identifiant", 12, hidden=True),
                Field("Texte", 50),
                Field("Contributeurs", 14),
                Field("Jour", 12),
                Field("Part", 8),
                Field("Thème juste", 24, editable=True, choices=THEMES, help="Ou rien."),
                Field("Groupe", 24, editable=True, choices=GROUPS),
                Field("Motif", 30, editable=True),
            ),
            (
                ("s-1", "Deux  espaces\n\net <trois> lignes", 3, DAY, 0.5, None, None, None),
                ("s-2", "« Oui »", 1_234_567, None, -2.0, THEMES[1], GROUPS[-1], "=1+1"),
            ),
        ),
    ),
)  # fmt: skip


@pytest.fixture(params=[write_xlsx, write_ods], ids=["XLSX", "ODS"])
def write(request: pytest.FixtureRequest) -> Writer:
    writer: Writer = request.param
    return writer


def one_cell(value: Cell, *, editable: bool = True) -> Workbook:
    fields = (Field("Clé", 10), Field("Valeur", 10, editable=editable))
    return Workbook("Un", (Sheet("Feuille", fields, (("clé", value),)),))


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_what_is_written_is_read_back_with_its_place(write: Writer) -> None:
    instructions, statements = read_workbook(write(MADE))
    assert (instructions.name, instructions.columns) == ("Mode d’emploi", {"À lire": "A"})
    assert statements.columns["Motif"] == "H"
    assert statements.rows == (
        ReadRow(
            2,
            {
                "Identifiant": "s-1",
                "Texte": "Deux  espaces\n\net <trois> lignes",
                "Contributeurs": "3",
                "Jour": "2020-01-09",
                "Part": "0.5",
            },
        ),
        ReadRow(
            3,
            {
                "Identifiant": "s-2",
                "Texte": "« Oui »",
                "Contributeurs": "1234567",
                "Part": "-2",
                "Thème juste": THEMES[1],
                "Groupe": GROUPS[-1],
                "Motif": "=1+1",
            },
        ),
    )


def test_the_same_workbook_gives_the_same_bytes(write: Writer) -> None:
    assert write(MADE) == write(MADE)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", '=HYPERLINK("https://mal.example";"ici")', "+33", "-1", "@SUM(A1)", "＝1+1", "0612",
        "{=A1}", "https://site.example", "_x0041_", "<b>&amp;</b>", "1 - 2", "👩‍👩‍👧", "17\u202fh",
        "  a  b\n  c", "{{ 7 * 7 }}", "\u200b", "a" * 32_767,
        "<r><t>x</t></r>", "<r></si></sst>", "<r></si></r>", f"<r>{'a' * 32_760}</r>", "_x0001_r>",
    ],
)  # fmt: skip
def test_a_text_stays_a_text_and_never_a_formula(write: Writer, text: str) -> None:
    content = write(one_cell(text))
    ((row,),) = (sheet.rows for sheet in read_workbook(content))
    assert row.cells == {"Clé": "clé", "Valeur": text.strip()}
    for part in parts(content).values():
        assert "<f>" not in part
        assert "table:formula" not in part
        assert "hyperlink" not in part


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("seul \ud83d ici", "seul \ufffd ici"),
        ("nul\x00 et \x1b[31m", "nul\ufffd et \ufffd[31m"),
        ("une\r\ndeux\rtrois", "une\ndeux\ntrois"),
        ("a\tb", "a b"),
        ("\ufffe", "\ufffd"),
    ],
    ids=["surrogate", "control", "lines", "tabulation", "no character"],
)
def test_what_a_cell_cannot_hold_is_replaced_visibly(write: Writer, text: str, held: str) -> None:
    assert cell_text(text) == held
    ((row,),) = (sheet.rows for sheet in read_workbook(write(one_cell(text))))
    assert row.cells["Valeur"] == held


@pytest.mark.parametrize("character", ["a", "😀"])
def test_a_text_too_long_for_a_cell_is_cut_with_a_mark(write: Writer, character: str) -> None:
    text = character * 40_000
    ((row,),) = (sheet.rows for sheet in read_workbook(write(one_cell(text))))
    kept, mark = row.cells["Valeur"].split("…")
    lost = f"{len(text) - len(kept):,}".replace(",", "\u202f")
    assert mark == f" (coupé\u202f: {lost}\u00a0caractères de plus)"
    assert len(row.cells["Valeur"].encode("utf-16-le")) <= 2 * 32_767
    assert len(kept) >= 16_000


def test_only_editable_cells_are_unlocked_in_sheets_without_a_password(write: Writer) -> None:
    files = parts(write(MADE))
    if write is write_ods:
        content = ET.fromstring(files["content.xml"])
        table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
        tables = list(content.iter(f"{table}table"))
        assert [element.get(f"{table}protected") for element in tables] == ["true"] * 3
        assert "protection-key" not in files["content.xml"]
        assert files["styles.xml"].count('cell-protect="none"') == 1
    else:
        sheets = [files[f"xl/worksheets/sheet{number}.xml"] for number in (1, 2, 3)]
        assert all("<sheetProtection " in sheet and "password" not in sheet for sheet in sheets)
        assert 'sort="0" autoFilter="0"' in sheets[1]
        assert 'customHeight="1"' not in sheets[1]


def test_a_column_without_rows_has_its_titles(write: Writer) -> None:
    fields = (Field("Clé", 10), Field("Choix", 10, editable=True, choices=THEMES))
    (sheet,) = read_workbook(write(Workbook("Vide", (Sheet("Vide", fields, ()),))))
    assert (sheet.columns, sheet.rows) == ({"Clé": "A", "Choix": "B"}, ())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sheet("Feuille", (Field("Clé", 10),), (("a", "b"),)),
        lambda: Sheet("a/b", (), ()),
        lambda: Sheet("n" * 32, (), ()),
        lambda: Field("Clé", 10, help="x" * 256),
    ],
    ids=["cells", "name", "long name", "help"],
)
def test_what_excel_would_refuse_is_refused_where_it_is_made(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"Excel|a row has not one cell a field"):
        make()


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_named_as_in_a_spreadsheet(index: int, letters: str) -> None:
    assert column_letters(index) == letters
