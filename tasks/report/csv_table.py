"""A table as CSV that a spreadsheet opens as what it is: data, never a formula."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

_FORMULA = r"^([=+\-@\t\r\n＝＋－＠])"


def csv_bytes(table: pa.Table) -> bytes:
    """Write a table as UTF-8 CSV with commas, quoted texts, lists joined by « | ».

    A text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    columns = [_column(column) for column in table.columns]
    output = io.BytesIO()
    csv.write_csv(pa.table(columns, names=table.column_names), output)
    return output.getvalue()


def _column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, "|")
    if pa.types.is_string(column.type):
        column = pc.replace_substring_regex(column, _FORMULA, r"'\1")
    return column
