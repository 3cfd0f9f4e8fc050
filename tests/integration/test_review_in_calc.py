"""Two hundred edits of a review at LibreOffice, saved in both formats: decided once, or named."""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from tasks.report.workbook_reader import read_workbook
from tasks.review.layout import GROUPS
from tests.edits import assert_decided, fill, review
from tests.office import at_libreoffice
from tests.reviewing import WRITERS, cell_of

SUFFIXES = ("ods", "xlsx")


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")
def test_what_is_filled_in_and_saved_at_libreoffice_is_decided_once_or_named(
    tmp_path: Path,
) -> None:
    _, exported = review()
    cells, decided, named = fill(random.Random(2020))
    pasted: dict[str, dict[str, str]] = defaultdict(dict)
    for (sheet, one, title), value in cells.items():
        pasted[sheet][cell_of(exported, sheet, one, title)] = value
    copies = {}
    for made in SUFFIXES:
        path = tmp_path / f"made.{made}"
        path.write_bytes(WRITERS[made](exported))
        copies[str(path)] = [str(tmp_path / f"{made}-saved.{saved}") for saved in SUFFIXES]
    plan = {"folder": str(tmp_path), "sheet": GROUPS, "cells": [], "typed": {}, "formulas": {}}
    at_libreoffice(plan | {"pasted": pasted, "copies": copies})
    for saved in (Path(path) for paths in copies.values() for path in paths):
        assert_decided(read_workbook(saved.read_bytes()), decided, named)
