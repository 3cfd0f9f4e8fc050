"""Fourteen mornings of a consultation, under a clock that moves, and their faults.

The mailbox is on a real server; each morning is a process of its own, without Prefect, whose clock
says that morning. Three are killed, one finds the server down: the next one catches up. In the end
the synthesis is that of one quiet run over the messages that were fetched.
"""

from __future__ import annotations

import shutil
import socket
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.faults.trial import KILLED, PARIS, Ended, Zygote, published, submissions
from tests.program import EXAMPLE, copy_beside
from tests.servers.clock import Clock
from tests.servers.dovecot import PASSWORD, Mailboxes
from tests.servers.proxy import Proxy, whole
from warehouse.home import Home
from warehouse.publication import LATEST, Shelf

DAYS = [date(2020, 1, 6) + timedelta(days=n) for n in range(14)]
LETTERS = sorted((EXAMPLE / "mailbox").glob("*.eml"))
# What was read is half written; so is what was made of it; readers were about to have it.
KILLS = {
    date(2020, 1, 9): "after replace raw",
    date(2020, 1, 13): "before replace lake/statements",
    date(2020, 1, 16): "before rename published/version",
}
DOWN = date(2020, 1, 11)


class Mornings:
    """Runs of a consultation held from the 6th to the 19th, each at six on the day after."""

    def __init__(self, folder: Path, port: int, authority: Path) -> None:
        self.consultation = folder / "consultation.toml"
        copy_beside(folder)
        text = (EXAMPLE / "consultation.toml").read_text(encoding="utf-8")
        for ours, theirs in (
            ('"eml:mailbox"', f'"imaps://rejeu@localhost:{port}"\nauthorities = "{authority}"'),
            ("opening = 2020-01-08", f"opening = {DAYS[0]}"),
        ):
            assert ours in text
            text = text.replace(ours, theirs)
        self.consultation.write_text(text, encoding="utf-8")
        remembered = folder / "remembered"
        remembered.mkdir()
        self._clock = Clock(folder, morning_after(DAYS[0]))
        more = self._clock.environment | {"TZ": PARIS.key, "ASSISES_IMAP_PASSWORD": PASSWORD}
        self._zygote = Zygote(folder, remembered, **more)

    def run(self, home: Path, day: date, fatal: str | int = 0) -> Ended:
        """Run on the morning after a day, as a schedule does: no day is asked for."""
        self._clock.set(morning_after(day))
        return self._zygote.run(self.consultation, home, None, fatal)

    def stop(self) -> None:
        self._zygote.stop()


def morning_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=PARIS) + timedelta(days=1)


def test_fourteen_days_of_faults_end_on_the_bytes_of_one_quiet_run(
    server: Mailboxes, tmp_path: Path
) -> None:
    is_down = False

    def relay(upward: socket.socket, client: socket.socket) -> None:
        if not is_down:
            whole(upward, client)

    home, quiet = tmp_path / "home", tmp_path / "quiet"
    with Proxy(server.tls_port, [relay] * 1_000) as proxy:
        mornings = Mornings(tmp_path, proxy.port, server.authority)
        try:
            for place, day in enumerate(DAYS):
                noon = datetime(day.year, day.month, day.day, 12, tzinfo=PARIS)
                server.put("rejeu", letters_of(place), received_at=noon)
                is_down = day == DOWN
                ended = mornings.run(home, day, KILLS.get(day, 0))
                if day in KILLS:
                    assert ended.code == KILLED
                elif is_down:
                    assert ended.code == 1, ended.said
                    assert served(home) == DAYS[place - 1]
                else:
                    assert ended.code == 0, ended.said
                    assert served(home) == day
            for part in ("vault", "keys"):
                shutil.copytree(home / part, quiet / part)
            assert mornings.run(quiet, DAYS[-1]).code == 0
        finally:
            mornings.stop()
    assert published(home) == published(quiet)
    assert submissions(home) == submissions(quiet)
    assert len(submissions(home)) == len(LETTERS)
    published_days = {path.name for path in (home / "published").glob("2020-*")}
    assert published_days == {str(day) for day in DAYS if day not in {*KILLS, DOWN}}
    outcomes = [run["outcome"] for run in Home(home).journal.entries()]
    assert outcomes.count(None) == len(KILLS)
    assert outcomes.count("failed") == 1


def letters_of(place: int) -> list[bytes]:
    """The letters of a day: each of the example's is received once."""
    return [path.read_bytes() for path in LETTERS[place :: len(DAYS)]]


def served(home: Path) -> date:
    latest = Shelf(home / "published").get(LATEST)
    assert latest is not None
    return latest.as_of
