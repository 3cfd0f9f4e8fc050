"""Lists of numbers, one after the other in one array: a column of lists as NumPy reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[Any]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lists:
    """List n is `values[bounds[n]:bounds[n + 1]]`."""

    values: Numbers
    bounds: Places

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.ListArray) -> Lists:
        """Read a column of lists."""
        rows = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        lengths = rows.value_lengths().to_numpy(zero_copy_only=False)
        values = rows.flatten()
        while not pa.types.is_primitive(values.type):
            values = values.flatten()
        return cls(values.to_numpy(), bounds_of(lengths))

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, n: int) -> Numbers:
        return self.values[self.bounds[n] : self.bounds[n + 1]]

    @property
    def lengths(self) -> Places:
        """How long each list is."""
        return np.diff(self.bounds)

    @property
    def owners(self) -> Places:
        """The list of each value."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def take(self, rows: Places) -> Lists:
        """Return some lists, in the order asked."""
        starts = self.bounds[rows]
        lengths = self.bounds[rows + 1] - starts
        bounds = bounds_of(lengths)
        places = np.repeat(starts - bounds[:-1], lengths) + np.arange(bounds[-1])
        return Lists(self.values[places], bounds)

    def distinct(self) -> tuple[Lists, Places]:
        """Return the distinct values of each list, none below 0, in order; how often each is."""
        width = int(self.values.max(initial=0)) + 1
        keys, times = np.unique(self.owners * width + self.values, return_counts=True)
        owners, values = np.divmod(keys, width)
        return Lists(values, bounds_of(np.bincount(owners, minlength=len(self)))), times

    def to_arrow(self) -> pa.ListArray:
        """Return the column of these lists."""
        return pa.ListArray.from_arrays(pa.array(self.bounds, pa.int32()), pa.array(self.values))


def bounds_of(lengths: Numbers) -> Places:
    """Return where lists of such lengths begin, and where the last ends."""
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
