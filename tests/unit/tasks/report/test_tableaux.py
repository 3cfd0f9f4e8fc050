from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from tasks.consultation import Consultation
from tasks.report import tableaux as module
from tasks.report.model import Commune
from tasks.report.ods import write_ods
from tasks.report.tableaux import tableaux
from tasks.report.workbook import Cell, Sheet, Workbook, cell_text
from tasks.report.workbook_reader import ReadSheet, read_workbook
from tasks.report.xlsx import write_xlsx
from warehouse.contracts import CAMPAIGNS, MADE_TABLES, MART_TABLES, PROPOSITIONS

Tables = dict[str, pa.Table]
MOULINS = Commune("03190", "Moulins", 41, date(2020, 1, 18))
# The formula injection list of OWASP and of the reliability matrix, and what no cell holds.
HOSTILE = (
    "=1+1", "+33 4 70", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A",
    '=HYPERLINK("https://mal.example";"ici")', "=cmd|' /C calc'!A0", '";=1+1', "x\n=1+1",
    "{=1}", "https://mal.example", "'=1", "\x00=1", "a" * 40_000,
)  # fmt: skip


@pytest.fixture
def every(tables: Tables) -> Tables:
    """The invented tables, and those that documents do not read."""
    declared = {t.qualified: t for t in (*MART_TABLES, *MADE_TABLES, CAMPAIGNS)}
    return {name: table.schema.empty_table() for name, table in declared.items()} | tables


@pytest.fixture
def workbook(every: Tables, consultation: Consultation) -> Workbook:
    return tableaux(every, consultation, [MOULINS])


def sheet(workbook: Workbook, name: str) -> Sheet:
    return next(sheet for sheet in workbook.sheets if sheet.name == name)


def records(found: Sheet) -> list[dict[str, Cell]]:
    titles = [field.title for field in found.fields]
    return [dict(zip(titles, row, strict=True)) for row in found.rows]


def test_the_legend_comes_first_then_a_sheet_a_table(workbook: Workbook, every: Tables) -> None:
    names = [sheet.name for sheet in workbook.sheets]
    assert names[0] == "Légende"
    assert len(names) == 1 + len({t.qualified for t in (*MART_TABLES, *MADE_TABLES, CAMPAIGNS)})
    assert len(sheet(workbook, "Propositions").rows) == every["marts.propositions"].num_rows


def test_the_legend_says_what_is_published_and_what_each_column_means(
    workbook: Workbook, every: Tables
) -> None:
    legend = workbook.sheets[0]
    facts = {row[1]: row[3] for row in legend.rows if row[0] == "Ce classeur"}
    (publication,) = every["meta.publication"].to_pylist()
    assert facts["Version"] == publication["publication_version"]
    assert facts["Dernier jour compté"] == "19\u00a0janvier\u00a02020"
    assert str(facts["État"]).startswith(publication["state"])
    explained = {(row[0], row[1]): row for row in legend.rows}
    for other in workbook.sheets[1:]:
        assert explained[other.name, None][3]
        for field in other.fields:
            _, _, name, meaning = explained[other.name, field.title]
            assert name
            assert meaning


def test_codes_are_said_in_french_and_figures_stay_figures(workbook: Workbook) -> None:
    (first, *_) = records(sheet(workbook, "Thèmes"))
    assert first["Thème"] == "Communication et échanges"
    assert first["Contributions"] == 84
    shapes = {field.title: field.figures for field in sheet(workbook, "Propositions").fields}
    assert shapes["Contributeurs"] == "count"
    assert shapes["Part des campagnes"] == "share"
    assert shapes["Rang"] is None
    (_, themes) = records(sheet(workbook, "Qualité"))
    assert (themes["Mesure"], themes["Kappa"]) == ("thèmes", 0.6849)
    assert {row["Sort"] for row in records(sheet(workbook, "Messages par raison"))} == {
        "retenu", "doublon", "rejeté", "en attente d’une personne", "retiré",
    }  # fmt: skip
    assert {row["Relu"] for row in records(sheet(workbook, "Constats"))} <= {"oui", "non"}


def test_a_group_that_is_only_named_has_its_label_beside_it(
    workbook: Workbook, every: Tables
) -> None:
    labels = {
        row["group_id"]: row["label"]
        for name in ("propositions", "constats")
        for row in every[f"marts.{name}"].to_pylist()
    }
    examples = records(sheet(workbook, "Exemples"))
    assert examples
    assert all(row["Libellé"] == labels[str(row["Groupe"])] for row in examples)


def test_only_communes_that_may_be_shown_are_named(
    every: Tables, consultation: Consultation
) -> None:
    name = "marts.contributions_by_commune"
    rows = [
        {"commune_code": "03190", "commune_name": "Moulins", "contribution_count": 45},
        {"commune_code": "03001", "commune_name": "Abrest", "contribution_count": 3},
    ]
    every[name] = pa.Table.from_pylist(rows, schema=every[name].schema)
    found = records(sheet(tableaux(every, consultation, [MOULINS]), "Communes"))
    k = consultation.open_data.k
    assert [tuple(row.values()) for row in found] == [
        ("03190", "Moulins", 41, date(2020, 1, 18)),
        (None, "toutes les autres communes", f"non montré ({k}\u00a0contributeurs ou moins)", None),
    ]


@pytest.mark.parametrize("write", [write_xlsx, write_ods], ids=["XLSX", "ODS"])
def test_what_citizens_write_is_a_text_in_every_sheet(
    write: Callable[[Workbook], bytes], every: Tables, consultation: Consultation
) -> None:
    rows = every["marts.propositions"].to_pylist() * 3
    hostile = [row | {"label": t, "quote": t} for row, t in zip(rows, HOSTILE, strict=False)]
    every["marts.propositions"] = pa.Table.from_pylist(hostile, schema=PROPOSITIONS.schema)
    content = write(tableaux(every, consultation, []))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist()]
    assert not any("<f>" in p or "table:formula" in p or "hyperlink" in p for p in parts)
    found = next(each for each in read_workbook(content) if each.name == "Propositions")
    for title in ("Libellé", "Citation"):
        assert [row.cells[title] for row in found.rows] == [cell_text(t).strip() for t in HOSTILE]


@pytest.mark.parametrize("write", [write_xlsx, write_ods], ids=["XLSX", "ODS"])
def test_sheets_are_not_protected_and_both_formats_say_the_same(
    write: Callable[[Workbook], bytes], workbook: Workbook
) -> None:
    content = write(workbook)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not any("sheetProtection" in p or 'table:protected="true"' in p for p in parts.values())
    assert write(workbook) == content
    read = {each.name: each for each in read_workbook(content)}
    other = {each.name: each for each in read_workbook(write_xlsx(workbook))}
    assert {name: cells(each) for name, each in read.items()} == {
        name: cells(each) for name, each in other.items()
    }


def cells(found: ReadSheet) -> list[dict[str, str]]:
    return [dict(row.cells) for row in found.rows]


def test_a_table_longer_than_a_sheet_goes_on_in_another(
    every: Tables, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LINES", 11)
    made = tableaux(every, consultation, [])
    parts = [each for each in made.sheets if each.name.startswith("Propositions")]
    count = every["marts.propositions"].num_rows
    assert [each.name for each in parts][:2] == ["Propositions", "Propositions (2)"]
    assert [len(each.rows) for each in parts] == [10] * (count // 10) + [count % 10]


def test_a_sheet_refuses_what_a_spreadsheet_would_cut(workbook: Workbook) -> None:
    found = sheet(workbook, "Dernier jour")
    with pytest.raises(ValueError, match="more than Excel holds"):
        replace(found, rows=found.rows[:1] * 1_048_576)
