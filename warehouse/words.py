"""Traces of words: the same words, the same trace, and no way back without the consultation's key.

Decisions hold these in the place of what citizens wrote: a copy received later, or by somebody
else, is known again, and nothing is left to read once all of them are erased.
"""

from __future__ import annotations

import pyarrow as pa

from warehouse.engine import connect
from warehouse.sql import read_sql


def words_traces(texts: pa.ChunkedArray, secret: str) -> pa.Array:
    """Return the trace of each text, its case and spaces set aside.

    `secret` is derived from the consultation's key, always of one length.
    """
    with connect() as connection:
        connection.register("texts", pa.table({"text": texts}))
        query = read_sql("words/traces")
        traces = connection.sql(query, params={"secret": secret}).to_arrow_table()
    return traces["words_trace"].combine_chunks()
