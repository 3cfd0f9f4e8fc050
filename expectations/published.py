"""What must hold of the marts before anything is published; one failure holds the publication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.engine import Failure, failures
from expectations.gates import Columns, Gate, Judgement, gate, leak_gates, ledger_gates
from expectations.suites import base_suite, privacy_suite
from warehouse.contracts import LEDGER_BY_DAY, SUBMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    import pandas as pd
    import pyarrow as pa

    from warehouse.contracts import Table

# The column that names rows where a second look finds those that break an expectation.
_ROW = "_row"


def check_table(table: Table, rows: pa.Table) -> list[Failure]:
    """Return what the contract of a table declares and its rows do not hold."""
    if rows.num_rows == 0:
        return []
    return failures(_frame(rows), base_suite(table))


def check_publication(
    as_of: date,
    contracts: tuple[Table, ...],
    tables: Mapping[str, pa.Table],
    reconciliation: pa.Table,
    quotations: pa.Table,
    judgement: Judgement | None = None,
) -> list[Gate]:
    """Return every reason not to publish; without `judgement`, faults of the program only.

    `reconciliation` has a row a sum that must agree (`what`, `expected_count`, `found_count`),
    `quotations` a row a quotation (`statement_id`, `quote`, `source`: the contribution's text at
    its span).
    """
    found: list[Gate] = []
    leaks: dict[str, Columns] = {}
    for table in contracts:
        if not tables[table.qualified].num_rows:
            continue
        frame = _frame(tables[table.qualified])
        judged = privacy_suite(table) if judgement else []
        broken = failures(frame, [*base_suite(table), *judged])
        faults = [failure for failure in broken if "rule" not in failure.meta]
        found += _faults(as_of, table, frame, faults)
        for failure in (failure for failure in broken if failure not in faults):
            words = frame[failure.meta["column"]].dropna()
            column = list(zip(_names(table, frame)[words.index], words, strict=True))
            leaks.setdefault(failure.meta["rule"], []).append(column)
    found += _sums(as_of, reconciliation)
    found += _verbatim(as_of, quotations)
    if judgement:
        found += leak_gates(as_of, leaks, judgement)
        received = tables[SUBMISSIONS.qualified], tables[LEDGER_BY_DAY.qualified]
        found += ledger_gates(as_of, *received, judgement)
    return found


def _faults(
    as_of: date, table: Table, frame: pd.DataFrame, faults: list[Failure]
) -> Iterator[Gate]:
    """Yield a gate a failure, the rows that break it found in a second look without the words."""
    if not faults:
        return
    sentences = {failure.sentence for failure in faults}
    again = [e for e in base_suite(table) if (e.meta or {})["sentence"] in sentences]
    words = [column.name for column in table.columns if column.words]
    blank = {name: frame[name].where(frame[name].isna(), "") for name in words}
    named = frame.assign(**blank, **{_ROW: _names(table, frame)})
    rows = {failure.sentence: failure.rows for failure in failures(named, again, _ROW)}
    for sentence in (failure.sentence for failure in faults):
        yield _fault(as_of, sentence, rows.get(sentence, ()))


def _sums(as_of: date, reconciliation: pa.Table) -> Iterator[Gate]:
    import great_expectations.expectations as gxe

    same = gxe.ExpectColumnPairValuesToBeEqual(
        column_A="expected_count", column_B="found_count", ignore_row_if="neither"
    )
    for failure in failures(reconciliation.to_pandas(), [same], "what"):
        sentence = f"les comptes concordent ({', '.join(failure.rows)})"
        yield _fault(as_of, sentence, failure.rows)


def _verbatim(as_of: date, quotations: pa.Table) -> Iterator[Gate]:
    import great_expectations.expectations as gxe

    if not quotations.num_rows:
        return
    frame = quotations.to_pandas()
    same = gxe.ExpectColumnPairValuesToBeEqual(
        column_A="quote", column_B="source", ignore_row_if="neither"
    )
    if failures(frame, [same]):
        rows = frame[frame["quote"] != frame["source"]]["statement_id"]
        yield _fault(as_of, "chaque citation est le texte même de la contribution", rows)


def _fault(as_of: date, sentence: str, rows: Iterable[str]) -> Gate:
    return gate(as_of, f"« {sentence} » ne tient pas", rows)


def _names(table: Table, frame: pd.DataFrame) -> pd.Series:
    """Name each row by its key, which holds no citizen's word."""
    return frame[list(table.key)].astype("string").fillna("vide").agg(" ".join, axis="columns")


def _frame(rows: pa.Table) -> pd.DataFrame:
    """Return the rows as a frame in which lists and dates compare as what they are."""
    frame: pd.DataFrame = rows.to_pandas(date_as_object=True)
    return frame
