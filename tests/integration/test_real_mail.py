"""Real and made mail of `../shared`: every message in the ledger once, with the right status."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.program import EXAMPLE, ROOT, assises, copy_beside

SHARED = ROOT.parent / "shared"
MAKER = SHARED / "tools" / "make_mailbox.py"
ARCHIVE = SHARED / "data" / "mail" / "spamassassin_dev.tar.gz"
PLACES = {"maildir": "maildir:{}/Maildir", "mbox": "mbox:{}/consultation.mbox", "eml": "eml:{}"}

pytestmark = pytest.mark.deep


def ledger(home: Path) -> list[tuple[str, str, str | None]]:
    base = home / "published" / "latest" / "assises.duckdb"
    with duckdb.connect(str(base), read_only=True) as connection:
        return connection.sql(
            "select message_sha256, status, reason from core.submissions order by received_at"
        ).fetchall()


@pytest.mark.skipif(not MAKER.exists(), reason="needs ../shared")
@pytest.mark.parametrize("form", PLACES)
def test_a_made_mailbox_gets_the_statuses_of_its_truth(form: str, tmp_path: Path) -> None:
    box, home = tmp_path / "box", tmp_path / "home"
    asked = ("--n", "2000", "--seed", "7", "--format", form)
    maker = [sys.executable, str(MAKER), "--out", str(box), *asked]
    subprocess.run(maker, check=True, capture_output=True)
    truth = [json.loads(line) for line in (box / "truth.jsonl").read_text().splitlines()]
    # As of the last day on which anything was received: late mail is judged, too.
    ran = assises(
        *("run", "--consultation", str(EXAMPLE / "consultation.toml"), "--home", str(home)),
        *("--source", PLACES[form].format(box), "--as-of", max(t["day"] for t in truth)),
    )
    assert ran.returncode == 0, ran.stderr
    found = ledger(home)
    assert Counter(sha256 for sha256, *_ in found) == Counter(t["sha256"] for t in truth)
    told = {t["sha256"]: t for t in truth}
    certain = [f for f in found if told[f[0]]["status"] != "any" and copies(truth, f[0]) == 1]
    agreed = [f for f in certain if f[1:] == (told[f[0]]["status"], told[f[0]]["reason"])]
    rejected = [f for f in certain if told[f[0]]["status"] == "accepted" and f[1] == "rejected"]
    assert len(agreed) / len(certain) >= 0.99
    assert rejected == []


def copies(truth: list[dict[str, str]], sha256: str) -> int:
    return sum(t["sha256"] == sha256 for t in truth)


@pytest.mark.skipif(not ARCHIVE.exists(), reason="needs ../shared")
def test_the_archive_of_2002_is_in_the_ledger_once_each(tmp_path: Path) -> None:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path / "mail", filter="data")
    count = sum(1 for path in (tmp_path / "mail").rglob("*") if path.is_file())
    dates = {"2020-01-08T": "1990-01-01T", "2020-01-20T": "2015-01-01T"}
    text = (EXAMPLE / "consultation.toml").read_text(encoding="utf-8")
    for before, after in dates.items():
        text = text.replace(before, after)
    (tmp_path / "consultation.toml").write_text(text, encoding="utf-8")
    copy_beside(tmp_path)
    ran = assises(
        *("run", "--consultation", str(tmp_path / "consultation.toml")),
        *("--home", str(tmp_path / "home"), "--as-of", "2014-12-31"),
        *("--source", f"eml:{tmp_path / 'mail'}"),
        seconds=900,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(ledger(tmp_path / "home")) == count
