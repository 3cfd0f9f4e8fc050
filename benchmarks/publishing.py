"""Time the making of a publication's files, and the reading of its page in Chromium.

    python benchmarks/publishing.py CONSULTATION HOME

HOME holds a finished run of CONSULTATION; its latest day is written again, into a folder that is
thrown away. Chromium opens the page from nothing and searches a word, as a reader would. A line a
step: seconds of the wall, seconds of the processor. The peer beside them is `import`: what Great
Expectations takes to be there at all.
"""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from expectations.published import check_publication
from flows.run import Run, prepare_run
from flows.stages import judgement, until
from tasks.aggregate import aggregate
from tasks.documents import about_tables, documents
from tasks.load import load
from tasks.publish import subject
from tasks.validate import Pseudonymiser
from tasks.withdraw import withdraw
from warehouse.contracts import PUBLISHED_TABLES
from warehouse.database import Database
from warehouse.judged import Judged
from warehouse.publication import LATEST, Published, Shelf

Result = TypeVar("Result")


def timed(step: str, work: Callable[[], Result]) -> Result:
    """Do a step and print what it took."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    spent = time.perf_counter() - wall, time.process_time() - processor
    print(f"{step:28} {spent[0]:6.2f} s {spent[1]:6.2f} s")
    return result


def publish(consultation: Path, home: Path, root: Path) -> Published:
    """Write the latest publication of a home again, under `root`, a step after the other."""
    found = Shelf(home / "published").get(LATEST)
    if found is None:
        sys.exit(f"{home} : rien n'y est publié.")
    run = prepare_run(consultation, home, as_of=str(found.as_of))
    timed("import", lambda: __import__("great_expectations"))
    with Database.open(run.home.database, run.home.temporary) as database:
        timed("load, aggregate", lambda: tabulate(run, database))
        tables = timed("tables", lambda: {t.qualified: database.read(t) for t in PUBLISHED_TABLES})
        # A program that never looked at these rows: it looks at all of them.
        looked_at = subject(database, Judged(database, secrets.token_hex(16)))
        judged_by = judgement(run)
        timed(
            "gate",
            lambda: check_publication(found.as_of, PUBLISHED_TABLES, looked_at, judged_by),
        )
    (facts,) = tables["meta.publication"].to_pylist()
    written = timed("documents", lambda: documents(tables, run.consultation, run.materials))
    about = about_tables(facts, run.consultation)
    return timed(
        "shelf",
        lambda: Shelf(root).publish(facts, lambda: written, tables, PUBLISHED_TABLES, about),
    )


def tabulate(run: Run, database: Database) -> None:
    """Derive the tables, which last as long as the database is open."""
    asked, pseudonymiser = run.consultation, Pseudonymiser(run.home.key())
    every, _ = withdraw.fn(run.home, asked.timezone, pseudonymiser, run.now)
    days = until(every, run.as_of)
    load.fn(database, run.home.lake, [day.day for day in days])
    count = sum(day.submissions.num_rows for day in days)
    aggregate.fn(database, asked, run.facts(days), count, run.reviews)


def read(page: Path) -> None:
    """Open a page as a reader does, and search it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        reader = browser.new_page()
        timed("page opened", lambda: reader.goto(page.as_uri()))
        timed("a first word searched", lambda: search(reader, "gendarmes"))
        timed("another", lambda: search(reader, "voisins"))
        browser.close()


def search(reader: Any, words: str) -> None:
    """Type words and wait for what is said of what was found."""
    reader.get_by_label("Mots").fill("")
    reader.get_by_label("Mots").fill(words)
    reader.locator("#finder-said:not(:empty)").wait_for()


def main() -> None:
    """Time the folders named on the command line."""
    consultation, home = map(Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        published = publish(consultation, home, Path(folder))
        page = published.folder / "synthese.html"
        print(f"{'synthese.html':28} {page.stat().st_size / 1e6:6.2f} MB")
        read(page)


if __name__ == "__main__":
    main()
