"""How often a run looks for objects that only one another refers to.

Python's own pace is for programs that hold little: here each look goes over millions of objects, of
which hardly any are such. It cost documents a fifth of their time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

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
