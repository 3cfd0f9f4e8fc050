"""What must hold of the marts before anything is published; one failure holds the publication.

What is asked of a row alone is asked once: a row that held under this very program is not looked at
again. Keys, sums and quotations, which are of several rows, are counted anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from expectations.engine import Failure, failures
from expectations.gates import Columns, Gate, Judgement, gate, leak_gates, ledger_gates
from expectations.patterns import MAY_LEAK
from expectations.suites import base_suite, key_sentence, privacy_suite, row_suite
from warehouse.judged import ROW_HASH

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from warehouse.contracts import Table

# The column that names rows where a second look finds those that break an expectation.
_ROW = "_row"
_VERBATIM = "chaque citation est le texte même de la contribution"


@dataclass(frozen=True)
class Subject:
    """What is to be published, as the gate looks at it.

    `unjudged` gives the rows of a table that it must look at, in parts of bounded size, each row
    with its hash; `judged` is told of each part which rows held. `keys` has a row: how many rows a
    table has and how many keys (`row_count`, `key_count`); `repeated` gives the keys of several.
    `quotations` has a row: how many quotations there are, and how many are the contribution's own
    text at their span (`quotation_count`, `verbatim_count`); `misquoted` names the statements of
    the others.
    `reconciliation` has a row a sum that must agree (`what`, `expected_count`, `found_count`);
    `submissions` and `by_day` are `core.submissions` and `marts.ledger_by_day`.
    """

    unjudged: Callable[[Table], Iterable[pa.Table]]
    keys: Callable[[Table], pa.Table]
    repeated: Callable[[Table], pa.Table]
    quotations: pa.Table
    misquoted: Callable[[], Sequence[str]]
    reconciliation: pa.Table
    submissions: pa.Table
    by_day: pa.Table
    judged: Callable[[pa.Table], None]


@dataclass
class Found:
    """What is found in rows: those that break each sentence, and words by rule and column."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    leaks: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, other: Found) -> None:
        """Add what was found in other rows, which come after."""
        for sentence, rows in other.faults.items():
            self.faults.setdefault(sentence, []).extend(rows)
        for column, words in other.leaks.items():
            self.leaks.setdefault(column, []).extend(words)

    def leaks_by_rule(self, contracts: Sequence[Table]) -> dict[str, Columns]:
        """Return the columns where personal data is left, by rule, in the contracts' order."""
        names = [f"{table.qualified}.{c.name}" for table in contracts for c in table.columns]
        found: dict[str, Columns] = {}
        for rule, name in sorted(self.leaks, key=lambda leak: names.index(leak[1])):
            found.setdefault(rule, []).append(self.leaks[rule, name])
        return found


def check_table(table: Table, rows: pa.Table) -> list[Failure]:
    """Return what the contract of a table declares and its rows do not hold."""
    if rows.num_rows == 0:
        return []
    return failures(_frame(rows), base_suite(table))


def check_publication(
    as_of: date,
    contracts: Sequence[Table],
    subject: Subject,
    judgement: Judgement | None = None,
) -> list[Gate]:
    """Return every reason not to publish; without `judgement`, faults of the program only."""
    found = Found()
    for table in contracts:
        for rows in subject.unjudged(table):
            suspects = may_leak(table, rows)
            of_rows = look_at_rows(table, rows, suspects)
            found.add(of_rows)
            if not of_rows.faults:
                subject.judged(rows.filter(pc.invert(suspects)))
    found.add(look_at_keys(contracts, subject))
    found.add(look_at_sums(subject.reconciliation))
    found.add(look_at_quotations(subject))
    gates = [
        gate(as_of, f"« {sentence} » ne tient pas", rows) for sentence, rows in found.faults.items()
    ]
    if judgement:
        gates += leak_gates(as_of, found.leaks_by_rule(contracts), judgement)
        gates += ledger_gates(as_of, subject.submissions, subject.by_day, judgement)
    return gates


def may_leak(table: Table, rows: pa.Table) -> pa.BooleanArray:
    """Tell which rows have words that may hold an address or a number: few, looked at each time."""
    suspects = pa.repeat(pa.scalar(value=False), rows.num_rows)
    for column in (column.name for column in table.columns if column.words):
        seen = pc.fill_null(pc.match_substring_regex(rows[column], MAY_LEAK), fill_value=False)
        suspects = pc.or_(suspects, seen)
    return suspects


def look_at_rows(table: Table, rows: pa.Table, suspects: pa.BooleanArray) -> Found:
    """Look at each row alone: what its contract declares, and personal data left in its words."""
    frame = _frame(rows.drop_columns([ROW_HASH]))
    found = Found(dict(_faults(table, frame)))
    frame = frame[suspects.to_numpy(zero_copy_only=False)]
    if len(frame):
        for failure in failures(frame, privacy_suite(table)):
            words = frame[failure.meta["column"]].dropna()
            column = list(zip(_names(table, frame)[words.index], words, strict=True))
            name = f"{table.qualified}.{failure.meta['column']}"
            found.leaks[failure.meta["rule"], name] = column
    return found


def _faults(table: Table, frame: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Yield what does not hold, the rows that break it found in a second look without the words."""
    broken = {failure.sentence for failure in failures(frame, row_suite(table))}
    if not broken:
        return
    again = [e for e in row_suite(table) if (e.meta or {})["sentence"] in broken]
    words = [column.name for column in table.columns if column.words]
    blank = {name: frame[name].where(frame[name].isna(), "") for name in words}
    named = frame.assign(**blank, **{_ROW: _names(table, frame)})
    rows = {failure.sentence: failure.rows for failure in failures(named, again, _ROW)}
    for sentence in (s for e in again if (s := str((e.meta or {})["sentence"])) in broken):
        yield sentence, list(rows.get(sentence, ()))


def look_at_keys(contracts: Sequence[Table], subject: Subject) -> Found:
    """Look at the keys of each table: a key must be that of one row."""
    of_sentence = {key_sentence(table): table for table in contracts}
    counts = pa.concat_tables([subject.keys(table) for table in of_sentence.values()])
    counts = counts.append_column("what", pa.array(of_sentence, pa.string()))
    found = Found()
    for failure in _unequal(counts, "row_count", "key_count", "what"):
        for sentence in failure.rows:
            table = of_sentence[sentence]
            found.faults[sentence] = list(_names(table, _frame(subject.repeated(table))))
    return found


def look_at_sums(reconciliation: pa.Table) -> Found:
    """Look at the sums that must agree."""
    unequal = _unequal(reconciliation, "expected_count", "found_count", "what")
    return Found(
        {f"les comptes concordent ({', '.join(each.rows)})": list(each.rows) for each in unequal}
    )


def look_at_quotations(subject: Subject) -> Found:
    """Look at quotations beside the texts that they are of."""
    if not _unequal(subject.quotations, "quotation_count", "verbatim_count"):
        return Found()
    return Found({_VERBATIM: list(subject.misquoted())})


def _unequal(rows: pa.Table, one: str, other: str, identifier: str | None = None) -> list[Failure]:
    import great_expectations.expectations as gxe

    same = gxe.ExpectColumnPairValuesToBeEqual(
        column_A=one, column_B=other, ignore_row_if="neither"
    )
    return failures(rows.to_pandas(), [same], identifier)


def _names(table: Table, frame: pd.DataFrame) -> pd.Series:
    """Name each row by its key, which holds no citizen's word."""
    return frame[list(table.key)].astype("string").fillna("vide").agg(" ".join, axis="columns")


def _frame(rows: pa.Table) -> pd.DataFrame:
    """Return the rows as a frame in which lists and dates compare as what they are."""
    frame: pd.DataFrame = rows.to_pandas(date_as_object=True)
    return frame
