"""The base suite of a table: what its contract declares, as expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.gates import LEAKS

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from warehouse.contracts import Column, Table


def base_suite(table: Table) -> list[Expectation]:
    """Return the expectations that the contract of `table` declares."""
    import great_expectations.expectations as gxe

    meta = {"sentence": key_sentence(table)}
    key = (
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=list(table.key), ignore_row_if="never", meta=meta
        )
        if len(table.key) > 1
        else gxe.ExpectColumnValuesToBeUnique(column=table.key[0], meta=meta)
    )
    columns, *others = row_suite(table)
    return [columns, key, *others]


def key_sentence(table: Table) -> str:
    """Say that the key of a table is unique, the one thing that rows declare together."""
    return _meta(table, "la clé est unique")["sentence"]


def row_suite(table: Table) -> list[Expectation]:
    """Return what the contract of `table` declares of each row alone."""
    import great_expectations.expectations as gxe

    suite: list[Expectation] = [
        gxe.ExpectTableColumnsToMatchOrderedList(
            column_list=[c.name for c in table.columns],
            meta=_meta(table, "les colonnes sont celles du contrat"),
        )
    ]
    for column in table.columns:
        suite.extend(_column_suite(table, column))
    return suite


def _column_suite(table: Table, column: Column) -> list[Expectation]:
    import great_expectations.expectations as gxe

    name = column.name
    suite: list[Expectation] = []
    if not column.nullable:
        suite.append(
            gxe.ExpectColumnValuesToNotBeNull(
                column=name, meta=_meta(table, f"{name} est renseigné")
            )
        )
    if column.values is not None:
        suite.append(
            gxe.ExpectColumnValuesToBeInSet(
                column=name,
                value_set=list(column.values),
                meta=_meta(table, f"{name} est de la liste"),
            )
        )
    if column.minimum is not None or column.maximum is not None:
        suite.append(
            gxe.ExpectColumnValuesToBeBetween(
                column=name,
                min_value=column.minimum,
                max_value=column.maximum,
                meta=_meta(table, f"{name} est dans ses bornes"),
            )
        )
    if column.pattern is not None:
        suite.append(
            gxe.ExpectColumnValuesToMatchRegex(
                column=name, regex=column.pattern, meta=_meta(table, f"{name} a la forme attendue")
            )
        )
    return suite


def privacy_suite(table: Table) -> list[Expectation]:
    """Return what must hold of the citizens' words in a published table: no address, no number."""
    import great_expectations.expectations as gxe

    return [
        gxe.ExpectColumnValuesToNotMatchRegex(
            column=column.name, regex=pattern, meta={"rule": rule, "column": column.name}
        )
        for column in table.columns
        if column.words
        for rule, pattern in LEAKS.items()
    ]


def _meta(table: Table, sentence: str) -> dict[str, str]:
    return {"sentence": f"{table.qualified} : {sentence}"}
