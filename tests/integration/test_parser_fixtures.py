"""Real messages, rows M14 and M16: those that tested other parsers, and what two readers see."""

from __future__ import annotations

import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import ROOT
from tests.property.test_differential import differences
from tests.reading import read_batch
from warehouse.contracts import PARSED

SHARED = ROOT.parent / "shared" / "data" / "mail"
FIXTURES = SHARED / "parsers"
ARCHIVE = SHARED / "spamassassin_dev.tar.gz"
SECONDS = 2

pytestmark = pytest.mark.deep


def files_of(name: str, place: Path) -> Iterator[Path]:
    if name == "fixtures":
        yield from (path for path in sorted(FIXTURES.rglob("*")) if path.is_file())
        return
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(place, filter="data")
    yield from (path for path in sorted(place.rglob("*")) if path.is_file())


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
@pytest.mark.parametrize("name", ["fixtures", "archive"])
def test_m14_every_message_gives_a_row_soon(name: str, tmp_path: Path) -> None:
    slow, broken, count = [], [], 0
    for path in files_of(name, tmp_path):
        start = time.process_time()
        table = read_batch(["s-1"], [path.read_bytes()])
        seconds = time.process_time() - start
        count += 1
        table.validate(full=True)
        assert table.schema == PARSED.schema
        row = table.to_pylist()[0]
        slow += [path] if seconds > SECONDS else []
        broken += [path] if any(code.startswith("broken") for code in row["defects"]) else []
    assert count > 600
    assert (slow, broken) == ([], [])


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
@pytest.mark.parametrize(("name", "most"), [("fixtures", 0.06), ("archive", 0.005)])
def test_m16_two_parsers_disagree_seldom(
    name: str, most: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds: Counter[str] = Counter()
    count = disagreed = 0
    for path in files_of(name, tmp_path):
        found = differences(path.read_bytes())
        count += 1
        disagreed += bool(found)
        kinds.update(found)
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {disagreed} of {count} differ: {dict(kinds)}\n")
    assert disagreed / count <= most, kinds
