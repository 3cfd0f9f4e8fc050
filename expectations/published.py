"""What must hold of the marts before anything is published; one failure holds the publication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.engine import Failure, failures
from expectations.suites import base_suite, privacy_suite

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyarrow as pa

    from warehouse.contracts import Table


def check_table(table: Table, rows: pa.Table) -> list[Failure]:
    """Return what the contract of a table declares and its rows do not hold."""
    if rows.num_rows == 0:
        return []
    return failures(_frame(rows), base_suite(table))


def check_publication(
    contracts: tuple[Table, ...],
    tables: Mapping[str, pa.Table],
    reconciliation: pa.Table,
    quotations: pa.Table,
) -> list[Failure]:
    """Return every reason not to publish.

    `reconciliation` has a row a sum that must agree (`what`, `expected_count`, `found_count`),
    `quotations` a row a quotation (`quote`, `source`: the contribution's text at its span).
    """
    import great_expectations.expectations as gxe

    found: list[Failure] = []
    for table in contracts:
        rows = tables[table.qualified]
        if rows.num_rows:
            found += failures(_frame(rows), [*base_suite(table), *privacy_suite(table)])
    unequal = reconciliation.to_pandas().query("expected_count != found_count")["what"].tolist()
    sums = gxe.ExpectColumnPairValuesToBeEqual(
        column_A="expected_count",
        column_B="found_count",
        ignore_row_if="neither",
        meta={"sentence": f"les comptes concordent ({', '.join(unequal)})"},
    )
    found += failures(reconciliation.to_pandas(), [sums])
    if quotations.num_rows:
        verbatim = gxe.ExpectColumnPairValuesToBeEqual(
            column_A="quote",
            column_B="source",
            ignore_row_if="neither",
            meta={"sentence": "chaque citation est le texte même de la contribution"},
        )
        found += failures(quotations.to_pandas(), [verbatim])
    return found


def _frame(rows: pa.Table) -> pd.DataFrame:
    """Return the rows as a frame in which lists and dates compare as what they are."""
    frame: pd.DataFrame = rows.to_pandas(date_as_object=True)
    return frame
