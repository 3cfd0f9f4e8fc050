from __future__ import annotations

import json
import logging
import os
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows import logs
from flows.logs import append, logging_to, remove_old

DAY = date(2020, 1, 12)
HOSTILE = (
    'a\r\nb\n{"level": "info"}\x1b[2J\x9b1m\x85c\u2028d\u2029e\x00\x7f\x08" \\ '
    "\ud83d \U0001f4e3 \u202e"
)


def said(folder: Path) -> list[dict[str, Any]]:
    (file,) = folder.glob("*.jsonl")
    return [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]]


@pytest.mark.parametrize("level", [logging.NOTSET, logging.INFO, logging.ERROR])
def test_what_a_run_says_is_kept_whatever_the_loggers_level(tmp_path: Path, level: int) -> None:
    logger = logging.getLogger("assises")
    before = logger.level
    logger.setLevel(level)
    try:
        with logging_to(tmp_path / "logs", 3, DAY) as log:
            logger.info("Relève : %s messages.", 12)
            logger.warning("Attention.")
            log.write("Fin.", "error", outcome="failed")
        assert logger.level == level
        logger.error("Après.")
    finally:
        logger.setLevel(before)
    lines = said(tmp_path / "logs")
    assert [(line["level"], line["message"]) for line in lines] == [
        ("info", "Relève : 12 messages."),
        ("warning", "Attention."),
        ("error", "Fin."),
    ]
    assert {(line["run"], line["as_of"]) for line in lines} == {(3, "2020-01-12")}
    assert lines[2]["outcome"] == "failed"
    ages = [datetime.now(UTC) - datetime.fromisoformat(line["at"]) for line in lines]
    assert all(0 <= age.total_seconds() < 60 for age in ages)


def test_the_file_is_its_owners_and_named_by_its_month(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        with logging_to(tmp_path / "logs", 1, DAY) as log:
            log.write("Début.")
    finally:
        os.umask(umask)
    (file,) = (tmp_path / "logs").iterdir()
    assert file.name == f"{datetime.now(UTC):%Y-%m}.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_o07_a_message_is_one_line_of_signs_that_can_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("assises")
    # What pytest keeps of it, no wire between its processes can carry.
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "handlers", [])
    with logging_to(tmp_path, 1, DAY):
        logger.warning("%s", HOSTILE)
    (file,) = tmp_path.glob("*.jsonl")
    text = file.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1
    assert text[:-1].isprintable()
    assert json.loads(text)["message"] == HOSTILE


def test_a_traceback_that_may_quote_is_not_written(tmp_path: Path) -> None:
    with logging_to(tmp_path, 1, DAY):
        try:
            int("Éloïse Zwykhold")
        except ValueError:
            logging.getLogger("assises").exception("Faute.")
    assert "Zwykhold" not in next(tmp_path.glob("*.jsonl")).read_text(encoding="utf-8")


def test_months_are_kept_a_year(tmp_path: Path) -> None:
    for name in ("2019-12", "2020-01", "2020-12", "2021-01", "2021-02"):
        (tmp_path / f"{name}.jsonl").touch()
    for name in ("2019.jsonl", "2019-13.jsonl", "notes.txt"):
        (tmp_path / name).touch()
    remove_old(tmp_path, date(2021, 1, 1))
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {
        *(f"{name}.jsonl" for name in ("2020-01", "2020-12", "2021-01", "2021-02")),
        *("2019.jsonl", "2019-13.jsonl", "notes.txt"),
    }


def test_the_first_run_of_another_month_begins_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        instants = iter(
            [datetime(2020, 1, 31, 23, 59, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)]
        )

        @classmethod
        def now(cls, _: object = None) -> datetime:  # type: ignore[override]
            return next(cls.instants)

    log = logs.RunLog(tmp_path, 1, DAY)
    monkeypatch.setattr(logs, "datetime", Clock)
    log.write("Avant minuit.")
    log.write("Minuit.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2020-01.jsonl", "2020-02.jsonl"]


@pytest.mark.parametrize("obstacle", ["a file in the folder's place", "a full disk"])
def test_what_cannot_be_written_stops_no_run(tmp_path: Path, obstacle: str) -> None:
    folder = tmp_path / "logs"
    if obstacle == "a full disk":
        folder.mkdir()
        (folder / f"{datetime.now(UTC):%Y-%m}.jsonl").symlink_to("/dev/full")
    else:
        folder.touch()
    with logging_to(folder, 1, DAY) as log:
        logging.getLogger("assises").info("Perdu.")
        log.write("Perdu aussi.")


def test_a_line_that_is_cut_short_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, write = tmp_path / "log", os.write
    append(path, b"whole\n")
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:3]))
    with pytest.raises(OSError, match="cut short"):
        append(path, b"another\n")
    assert path.read_bytes() == b"whole\n"
