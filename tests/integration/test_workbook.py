"""The workbooks in LibreOffice: opened, filled in and saved in both formats, then read back."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tasks.report.ods import write_ods
from tasks.report.workbook import LISTS, REFUSED, Field, Sheet, Workbook
from tasks.report.workbook_reader import ReadSheet, read_workbook
from tasks.report.xlsx import write_xlsx
from tests.office import at_libreoffice

pytestmark = pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")

THEMES = ("Sécurité routière", "Incivilités, nuisances", 'Dits "autres"')
TARGETS = tuple(f"g-{number:03} L’éclairage de la place du marché" for number in range(40))
HELP = "Laissez vide s’il est juste."
MADE = Workbook(
    "Relecture des groupes",
    (
        Sheet(
            "Mode d’emploi",
            (Field("À lire d’abord", 90),),
            (("Une ligne.",), ("Des mots qui tiennent en trois lignes. " * 7,)),
            headed=False,
        ),
        Sheet(
            "Groupes",
            (
                Field("Groupe", 12, hidden=True),
                Field("Libellé", 50),
                Field("Jour", 12),
                Field("Contributeurs", 14),
                Field("Thème juste", 24, editable=True, choices=THEMES, help=HELP),
                Field("Fondre dans", 24, editable=True, choices=TARGETS),
                Field("Motif", 30, editable=True),
            ),
            tuple(
                (
                    f"g-{number}",
                    f"=SOMME(A{number})  deux espaces,\n\nune autre ligne <b>&amp;</b>\n{number}",
                    date(2020, 1, number + 1),
                    number * 1_000,
                    None,
                    None,
                    "+33 déjà écrit" if number == 7 else None,
                )
                for number in range(1, 13)
            ),
            frozen=2,
        ),
    ),
)
TYPED = {
    "E2": THEMES[1],
    "F2": TARGETS[-1],
    "G2": "=1+1",
    "G3": "0612345678",
    "G4": "12/03/2020",
    "G5": "-1 fois, « l’éclairage » !",
    "G6": "1,50",
}
FORMULAS = {"G9": "=2+3", "G10": "=NA()", "G11": '="a"&"b"'}
COMPUTED = {"G9": "5", "G10": "#N/A", "G11": "ab"}
COPIES = [(made, saved) for made in ("ods", "xlsx") for saved in ("ods", "xlsx")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calc")


@pytest.fixture(scope="module")
def said(folder: Path) -> dict[str, Any]:
    """Have a person fill both workbooks in and save each in both formats, in one session."""
    (folder / "made.ods").write_bytes(write_ods(MADE))
    (folder / "made.xlsx").write_bytes(write_xlsx(MADE))
    plan = {
        "folder": str(folder),
        "sheet": "Groupes",
        "cells": ["A2", "B2", "C2", "E2", "F2", "G2", "G3", "G8"],
        "typed": TYPED,
        "pasted": {},
        "formulas": FORMULAS,
        "copies": {
            str(folder / f"made.{made}"): [
                str(folder / f"{made}-saved.{saved}") for saved in ("ods", "xlsx")
            ]
            for made in ("ods", "xlsx")
        },
    }
    answers = at_libreoffice(plan)
    return {Path(path).name: answer for path, answer in answers.items()}


def by_cell(sheet: ReadSheet) -> dict[str, str]:
    return {
        f"{sheet.columns[title]}{row.number}": text
        for row in sheet.rows
        for title, text in row.cells.items()
    }


@pytest.mark.parametrize(("made", "saved"), COPIES)
def test_all_that_was_there_and_all_that_was_typed_is_read_back(
    said: dict[str, Any], folder: Path, made: str, saved: str
) -> None:
    before = read_workbook((folder / f"made.{made}").read_bytes())
    after = read_workbook((folder / f"{made}-saved.{saved}").read_bytes())
    assert after[0] == before[0]
    assert [sheet.name for sheet in after] == ["Mode d’emploi", "Groupes"]
    assert after[1].columns == before[1].columns
    assert by_cell(after[1]) == by_cell(before[1]) | TYPED | COMPUTED


@pytest.mark.parametrize("file", ["made.ods", "made.xlsx"])
def test_libreoffice_opens_a_table_with_its_titles_in_view(said: dict[str, Any], file: str) -> None:
    assert said[file]["frozen"] == [1, 2]
    assert said[file]["title"] == "Relecture des groupes"


def test_the_lines_of_a_guide_have_room_whatever_libreoffice_counts(said: dict[str, Any]) -> None:
    one, three = said["made.ods"]["guide"]  # hundredths of a millimetre
    assert one >= 450
    assert three >= 3 * 450


@pytest.mark.parametrize(
    "file", ["made.ods", "made.xlsx", *(f"{made}-saved.{saved}" for made, saved in COPIES)]
)
def test_protection_lists_help_and_filter_survive(said: dict[str, Any], file: str) -> None:
    answer = said[file]
    assert answer["sheets"] == {
        "Mode d’emploi": [True, True],
        "Groupes": [True, True],
        LISTS: [True, False],
    }
    assert answer["filtered"] is True
    cells = answer["cells"]
    assert {cell: not about["locked"] for cell, about in cells.items()} == {
        "A2": False, "B2": False, "C2": False,
        "E2": True, "F2": True, "G2": True, "G3": True, "G8": True,
    }  # fmt: skip
    assert [cell for cell, about in cells.items() if not about["shown"]] == ["A2"]
    assert cells["E2"]["help"] == HELP
    assert (cells["E2"]["list"], cells["F2"]["list"]) == (
        f"${LISTS}.$A$1:$A$3",
        f"${LISTS}.$B$1:$B$40",
    )
    assert cells["E2"]["refusal"] == cells["F2"]["refusal"] == REFUSED
    assert cells["E2"]["empty"] is cells["F2"]["empty"] is True
    assert cells["G2"]["list"] == ""
    assert {cells[cell]["kind"] for cell in ("B2", "G8")} == {"TEXT"}
    assert cells["C2"]["text"] == "02/01/2020"
