"""A table as CSV that a spreadsheet opens as what it is: data, never a formula."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

_FIRST = r"^('*[=+\-@\x00\t\r\n＝＋－＠])"
# A spreadsheet in French separates at « ; », and then takes a comma's quotes for letters: a cell of
# its own may begin after one, after a line, or after their quotes.
_WITHIN = r"""([;\t\r\n"])('*[=+\-@＝＋－＠])"""


def csv_bytes(table: pa.Table) -> bytes:
    """Write a table as UTF-8 CSV with commas, quoted texts, lists joined by « | ».

    What a spreadsheet would take for a formula gets an apostrophe before it, and one more where
    apostrophes stand there: taking one away gives the text again.
    """
    columns = [_column(column) for column in table.columns]
    output = io.BytesIO()
    csv.write_csv(pa.table(columns, names=table.column_names), output)
    return output.getvalue()


def _column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, "|")
    if pa.types.is_string(column.type):
        column = pc.replace_substring_regex(column, _WITHIN, r"\1'\2")
        column = pc.replace_substring_regex(column, _FIRST, r"'\1")
    return column
