"""What a run does about memory that it no longer needs: look for it rarely, give it back.

Python's own pace of looking for objects that only one another refers to is for programs that hold
little: here each look goes over millions of objects, of which hardly any are such. It cost
documents a fifth of their time.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import pyarrow as pa

RARELY: Final = (50_000, 20, 50)  # of `gc.set_threshold`


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Look rarely inside."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def give_back() -> None:
    """Give the system what was freed: pyarrow and the C library keep it for what comes next."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError):  # another C library than GNU's
        ctypes.CDLL(None).malloc_trim(0)
