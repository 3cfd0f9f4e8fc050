"""A child process for hostile mail: it reads under the limits of the matrix, or dies."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.reading import read_batch

Reader = Callable[..., dict[str, Any]]

CPU_SECONDS = 10
MEMORY_BYTES = 512 * 2**20  # on top of what the program itself takes
_HARD = resource.RLIM_INFINITY


def limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, _HARD))


def read_limited(raw: bytes) -> tuple[list[dict[str, Any]], float]:
    """Read a message to rows; the second value is the CPU time it took."""
    start = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(start) + CPU_SECONDS + 1, _HARD))
    rows = read_batch(["s-1"], [raw]).to_pylist()
    return rows, time.process_time() - start


@contextmanager
def limited_reader() -> Iterator[Reader]:
    """Start the child; the reader asserts that there is one row, soon, and that nothing broke."""
    spawned = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned, initializer=limit_memory) as child:

        def read(raw: bytes, seconds: float = CPU_SECONDS) -> dict[str, Any]:
            rows, taken = child.submit(read_limited, raw).result()
            assert taken <= seconds
            assert len(rows) == 1
            assert not [code for code in rows[0]["defects"] if code.startswith("broken")]
            return dict(rows[0])

        yield read
