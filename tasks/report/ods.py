"""A workbook as ODS: the same bytes for the same workbook."""

from __future__ import annotations

from tasks.report.workbook import Workbook


def write_ods(workbook: Workbook) -> bytes:
    """Write a workbook; no text of it becomes a formula."""
    raise NotImplementedError
