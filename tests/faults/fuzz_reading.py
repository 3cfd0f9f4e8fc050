"""Fuzz the reading of a message with atheris: row M15, `make deep`.

    python tests/faults/fuzz_reading.py CORPUS [SEEDS...] -max_total_time=3600

A finding is an exception that hostile bytes reach, a reading longer than ten seconds, more than
1 GB of memory, or a character in the text that readers must never get.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["tasks.mail"]):
    from tasks.mail import reading
    from tasks.mail.mime import TooComplexError

FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def read(raw: bytes) -> None:
    """Read a message past the guard that turns its exceptions into defects."""
    try:
        found = reading._read(raw, frozenset())
    except TooComplexError:
        return
    for text in (found.own_text, found.cut_text, found.subject, *found.author_names):
        character = FORBIDDEN.search(text)
        if character:
            raise ValueError(f"{character[0]!r} in a text that readers get")


if __name__ == "__main__":
    limits = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=20000"]
    atheris.Setup([sys.argv[0], *limits, *sys.argv[1:]], read)
    atheris.Fuzz()
