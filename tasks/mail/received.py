"""When a message was received: the topmost Received header, else what the source says of it.

The Date header is the author's clock and a file's time the last copy's: neither is ever used.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

HEADER_BYTES = 262_144
MAIL_YEARS = (1980, 2200)  # a server whose clock says otherwise says nothing
_NO_YEAR = re.compile(r"[A-Za-z][ -]0\d\d+\b")  # which the standard library takes for 20xx
_TOPMOST = re.compile(rb"^Received:((?:[^\n]|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_ENVELOPE = re.compile(
    r" (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<month>[A-Z][a-z]{2}) +(?P<day>\d\d?)"
    r" (?P<time>\d\d:\d\d:\d\d)(?: (?P<before>[+-]\d{4}))?"
    r" (?P<year>\d{4})(?: (?P<after>[+-]\d{4}))?\s*$"
)


def topmost_received(raw: bytes) -> datetime | None:
    """Return the date of the topmost Received header (UTC); null when it has none that is one."""
    head = raw[:HEADER_BYTES]
    end = (b"\n" + head).find(b"\n\n")  # a message may begin with its body
    found = _TOPMOST.search(head[:end] if end >= 0 else head)
    if found is None:
        return None
    _, semicolon, written = found[1].rpartition(b";")
    return parse_date(written.decode("ascii", "replace")) if semicolon else None


def parse_date(written: str) -> datetime | None:
    """Read an RFC 5322 date as UTC; null when it is not one, or not one of electronic mail."""
    if _NO_YEAR.search(written):
        return None
    try:
        date = parsedate_to_datetime(" ".join(written.split()))
        received = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return received if MAIL_YEARS[0] <= received.year <= MAIL_YEARS[1] else None


def parse_envelope_date(line: bytes) -> datetime | None:
    """Read the date of an mbox "From " line (`asctime`, UTC without an offset); null if none."""
    found = _ENVELOPE.search(line.decode("ascii", "replace"))
    if found is None:
        return None
    date = f"{found['day']} {found['month']} {found['year']} {found['time']}"
    return parse_date(f"{date} {found['before'] or found['after'] or '+0000'}")
