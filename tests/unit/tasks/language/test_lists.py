"""Lists of numbers in one array: what Python lists of lists would say."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tasks.language.lists import Lists

ROWS = st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=8)


def _lists(rows: list[list[int]]) -> Lists:
    return Lists.of(pa.array(rows, pa.list_(pa.int64())))


def _rows(lists: Lists) -> list[list[int]]:
    return [lists[n].tolist() for n in range(len(lists))]


@given(ROWS, st.data())
def test_lists_are_read_taken_and_written_as_they_were(
    rows: list[list[int]], data: st.DataObject
) -> None:
    lists = _lists(rows)
    assert _rows(lists) == rows == lists.to_arrow().to_pylist()
    assert lists.owners.tolist() == [n for n, row in enumerate(rows) for _ in row]
    asked = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=9)) if rows else []
    taken = lists.take(np.array(asked, dtype=np.int64))
    assert _rows(taken) == [rows[n] for n in asked]


@given(ROWS)
def test_distinct_values_are_in_order_with_how_often_each_is(rows: list[list[int]]) -> None:
    values, times = _lists(rows).distinct()
    assert _rows(values) == [sorted(set(row)) for row in rows]
    assert times.tolist() == [n for row in rows for _, n in sorted(Counter(row).items())]


@given(ROWS, ROWS)
def test_a_column_in_pieces_or_cut_out_of_another_is_read_whole(
    first: list[list[int]], second: list[list[int]]
) -> None:
    kind = pa.list_(pa.int64())
    pieces = pa.chunked_array([pa.array(first, kind), pa.array(second, kind)])
    assert _rows(Lists.of(pieces)) == first + second
    assert _rows(Lists.of(pieces.slice(1))) == (first + second)[1:]
