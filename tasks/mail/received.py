"""When a message was received: the topmost Received header, else what the source says of it.

The Date header is the author's clock and a file's time the last copy's: neither is ever used.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

HEADER_BYTES = 262_144
_TOPMOST = re.compile(rb"^Received:((?:[^\n]|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)


def topmost_received(raw: bytes) -> datetime | None:
    """Return the date of the topmost Received header (UTC), or null when it has none that is one."""
    head = raw[:HEADER_BYTES]
    end = head.find(b"\n\n")
    found = _TOPMOST.search(head[: end + 1] if end >= 0 else head)
    if found is None:
        return None
    _, semicolon, written = found[1].rpartition(b";")
    return parse_date(written.decode("ascii", "replace")) if semicolon else None


def parse_date(written: str) -> datetime | None:
    """Read an RFC 5322 date as UTC; null when it is not one."""
    try:
        date = parsedate_to_datetime(" ".join(written.split()))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def parse_envelope_date(line: bytes) -> datetime | None:
    """Read the date of an mbox "From " line (`asctime`, UTC by custom); null when it has none."""
    words = line.decode("ascii", "replace").split()
    for start in range(len(words) - 4):
        try:
            date = datetime.strptime(" ".join(words[start : start + 5]), "%a %b %d %H:%M:%S %Y")
        except ValueError:
            continue
        return date.replace(tzinfo=UTC)
    return None
