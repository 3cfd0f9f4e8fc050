"""A person at LibreOffice Calc: opens workbooks, types in them, saves them in both formats.

Run by the Python that has LibreOffice's module `uno` (Debian's, not that of the tests), with a
plan as JSON on its input; answers on its output with what LibreOffice says of each file.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

DELIVER = True  # the document may go before its last view does
FILTERS = {".ods": "calc8", ".xlsx": "Calc MS Excel 2007 XML"}


def properties(**values: Any) -> tuple[Any, ...]:
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


@contextlib.contextmanager
def office(folder: Path) -> Iterator[Any]:
    """Start LibreOffice with a profile of its own and yield its context."""
    pipe = f"pipe,name={folder.name}"
    program = subprocess.Popen(
        ["soffice", "--headless", "--norestore", "--nologo", f"--accept={pipe};urp",
         f"-env:UserInstallation={(folder / 'profile').as_uri()}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    context = None
    while context is None:
        with contextlib.suppress(NoConnectException):
            context = resolver.resolve(f"uno:{pipe};urp;StarOffice.ComponentContext")
        time.sleep(0.1)
    yield context
    context.ServiceManager.createInstance("com.sun.star.frame.Desktop").terminate()
    program.wait(20)


def said_of(document: Any, name: str, cells: list[str]) -> dict[str, Any]:
    """Return what LibreOffice knows of a sheet, and of some of its cells."""
    sheet = document.Sheets.getByName(name)
    document.CurrentController.setActiveSheet(sheet)
    ranges = document.getPropertyValue("UnnamedDatabaseRanges")
    index = sheet.RangeAddress.Sheet
    return {
        "sheets": {each.Name: [each.isProtected(), each.IsVisible] for each in document.Sheets},
        "filtered": ranges.hasByTable(index) and ranges.getByTable(index).AutoFilter,
        "frozen": [document.CurrentController.SplitRow, document.CurrentController.SplitColumn],
        "guide": [row.Height for row in document.Sheets.getByIndex(0).Rows[1:3]],
        "title": document.DocumentProperties.Title,
        "cells": {cell: said_of_cell(sheet.getCellRangeByName(cell)) for cell in cells},
    }


def said_of_cell(cell: Any) -> dict[str, Any]:
    rule = cell.Validation
    return {
        "text": cell.String,
        "kind": cell.Type.value,
        "locked": cell.CellProtection.IsLocked,
        "shown": cell.Columns.getByIndex(0).IsVisible,
        "help": rule.InputMessage,
        "list": rule.getFormula1() if rule.Type.value == "LIST" else "",
        "refusal": rule.ErrorMessage if rule.Type.value == "LIST" else "",
        "empty": rule.IgnoreBlankCells,
    }


def main(plan: dict[str, Any]) -> dict[str, Any]:
    answers = {}
    with office(Path(plan["folder"])) as context:
        manager = context.ServiceManager
        desktop = manager.createInstance("com.sun.star.frame.Desktop")
        dispatcher = manager.createInstance("com.sun.star.frame.DispatchHelper")

        def opened(path: str) -> Any:
            url = Path(path).as_uri()
            return desktop.loadComponentFromURL(url, "_blank", 0, properties(Hidden=True))

        for path, copies in plan["copies"].items():
            document = opened(path)
            answers[path] = said_of(document, plan["sheet"], plan["cells"])
            sheet = document.Sheets.getByName(plan["sheet"])
            frame = document.CurrentController.Frame
            for cell, text in plan["typed"].items():
                for command, values in (
                    (".uno:GoToCell", properties(ToPoint=cell)),
                    (".uno:EnterString", properties(StringName=text)),
                ):
                    dispatcher.executeDispatch(frame, command, "", 0, values)
            for name, texts in plan["pasted"].items():  # past the lists of choices
                for cell, text in texts.items():
                    document.Sheets.getByName(name).getCellRangeByName(cell).String = text
            for cell, formula in plan["formulas"].items():
                sheet.getCellRangeByName(cell).Formula = formula
            for copy in copies:
                document.storeToURL(
                    Path(copy).as_uri(), properties(FilterName=FILTERS[Path(copy).suffix])
                )
            document.close(DELIVER)
            for copy in copies:
                document = opened(copy)
                answers[copy] = said_of(document, plan["sheet"], plan["cells"])
                document.close(DELIVER)
    return answers


if __name__ == "__main__":
    json.dump(main(json.load(sys.stdin)), sys.stdout)
