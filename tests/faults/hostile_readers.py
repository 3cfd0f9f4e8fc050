"""Readers for `test_isolation`: what they do is what hostile bytes have done to real parsers."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path


def read(item: str) -> str:
    """Read an item: its first word says how it goes."""
    word, _, rest = item.partition(" ")
    return DEEDS.get(word, str.upper)(rest)


def condemn(item: str, code: str) -> str:
    return f"{item}: {code}"


def loop_in_python(_: str) -> str:
    while True:
        pass


def loop_in_c(_: str) -> str:
    return str(re.match(r"(a+)+b", "a" * 60))


def wait_for_ever(_: str) -> str:
    time.sleep(3600)
    return "awake"


def take_memory(_: str) -> str:
    try:
        return str(len(bytearray(4 * 2**30)))
    except MemoryError:
        return "no more memory"


def die(_: str) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def crash(_: str) -> str:
    os.abort()


def quote(words: str) -> str:
    return str(int(words))


def leave(_: str) -> str:
    os._exit(0)


def write(place: str) -> str:
    try:
        Path(place).write_bytes(b"hostile")
    except OSError:
        return "refused"
    return "written"


def die_once(place: str) -> str:
    """Die, but not when a folder made on the way says that it is the second time."""
    try:
        Path(place).mkdir()
    except FileExistsError:
        return "survived"
    return die(place)


def loaded(_: str) -> str:
    heavy = {"prefect", "great_expectations", "pandas", "duckdb"}
    return " ".join(sorted(heavy & set(sys.modules)))


DEEDS = {
    "loop": loop_in_python,
    "regex": loop_in_c,
    "sleep": wait_for_ever,
    "memory": take_memory,
    "die": die,
    "crash": crash,
    "leave": leave,
    "quote": quote,
    "write": write,
    "once": die_once,
    "loaded": loaded,
    "pid": lambda _: str(os.getpid()),
}
