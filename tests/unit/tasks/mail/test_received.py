from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tasks.mail.received import HEADER_BYTES, parse_date, parse_envelope_date, topmost_received

HALF_PAST_EIGHT = datetime(2020, 1, 9, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("Thu, 9 Jan 2020 09:30:00 +0100", HALF_PAST_EIGHT),
        ("Thu, 9 Jan 2020 09:30:00 +0100 (CET)", HALF_PAST_EIGHT),
        ("9 Jan 2020 08:30 GMT", HALF_PAST_EIGHT),
        ("Thu,  9 Jan 2020\n\t03:30:00 EST", HALF_PAST_EIGHT),
        ("Thu, 9 Jan 2020 08:30:00 -0000", HALF_PAST_EIGHT),
        ("Thu, 9 Jan 20 08:30:00 +0000", HALF_PAST_EIGHT),
        ("Sun, 29 Mar 2020 02:30:00 +0100", datetime(2020, 3, 29, 1, 30, tzinfo=UTC)),
        ("hier soir", None),
        ("", None),
        ("Thu, 32 Jan 2020 08:30:00 +0000", None),
        ("Thu, 9 Jan 99999 08:30:00 +0000", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Thu, 9 Jan 2020 08:30:00 +9999", None),
        ("9" * 5000, None),
    ],
)
def test_a_date_is_read_as_utc(written: str, instant: datetime | None) -> None:
    assert parse_date(written) == instant


def received(*traces: str, body: str = "Bonjour.") -> bytes:
    head = "".join(f"Received: {trace}\n" for trace in traces)
    return f"{head}From: lucie@courriel.example\n\n{body}\n".encode()


LATE = "from a.example by b.example; Fri, 10 Jan 2020 09:30:00 +0100"
EARLY = "from z.example by a.example; Thu, 9 Jan 2020 09:30:00 +0100"


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        pytest.param(received(EARLY), HALF_PAST_EIGHT, id="one"),
        pytest.param(received(EARLY, LATE), HALF_PAST_EIGHT, id="the topmost of two"),
        pytest.param(
            received("from a\n\tby b;\n Thu, 9 Jan 2020\n\t09:30:00 +0100"),
            HALF_PAST_EIGHT,
            id="folded",
        ),
        pytest.param(
            received("from a; by b (x; y); Thu, 9 Jan 2020 09:30:00 +0100"),
            HALF_PAST_EIGHT,
            id="after the last semicolon",
        ),
        pytest.param(
            received(EARLY).replace(b"Received", b"RECEIVED"), HALF_PAST_EIGHT, id="capitals"
        ),
        pytest.param(b"X-A: 1\n" + received(EARLY), HALF_PAST_EIGHT, id="under another header"),
        pytest.param(received("from a by b"), None, id="without date"),
        pytest.param(received("by b; hier"), None, id="no date after all"),
        pytest.param(received("by b; hier", LATE), None, id="the topmost is believed or nothing"),
        pytest.param(received(body=f"Received: {LATE}"), None, id="in the body"),
        pytest.param(b"\n" + received(LATE), None, id="in a body without header"),
        pytest.param(
            b"Date: Thu, 9 Jan 2020 09:30:00 +0100\n\nBonjour.\n", None, id="the author's"
        ),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"Received: by b; Thu, 9 Jan 2020 09:30:00 +0100", HALF_PAST_EIGHT, id="cut"),
        pytest.param(
            b"X: " + b"a" * HEADER_BYTES + b"\n" + received(LATE), None, id="too far to look"
        ),
        pytest.param(
            b"Received: by b; \xe9t\xe9 2020\nFrom: a@b.example\n\n", None, id="not even ASCII"
        ),
    ],
)
def test_a_message_was_received_when_its_topmost_trace_says(
    raw: bytes, instant: datetime | None
) -> None:
    assert topmost_received(raw) == instant


@pytest.mark.parametrize(
    ("line", "instant"),
    [
        (b"From lucie@courriel.example Thu Jan  9 08:30:00 2020", HALF_PAST_EIGHT),
        (b"From - Thu Jan 09 08:30:00 2020\r", HALF_PAST_EIGHT),
        (b"From 1654@xxx Thu Jan 09 08:30:00 +0000 2020", HALF_PAST_EIGHT),
        (b"From lucie@courriel.example Thu Jan  9 09:30:00 2020 +0100", HALF_PAST_EIGHT),
        (b"From lucie@courriel.example Thu Jan  9 09:30:00 +0100 2020", HALF_PAST_EIGHT),
        (b"From lucie@courriel.example", None),
        (b"From lucie@courriel.example Thu Jan 39 08:30:00 2020", None),
        (b"From la gendarmerie, personne ne vient", None),
        (b"From \xe9", None),
    ],
)
def test_the_envelope_line_of_an_mbox_has_a_date(line: bytes, instant: datetime | None) -> None:
    assert parse_envelope_date(line) == instant


@pytest.mark.parametrize("year", [1600, 1979, 2201, 9999])
def test_a_clock_out_of_its_mind_says_nothing(year: int) -> None:
    assert parse_date(f"9 Jan {year} 08:30:00 +0000") is None
