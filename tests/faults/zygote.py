"""Runs of the whole flow that kill themselves at a given step, each in a fork of this process.

The heavy libraries are loaded once, here, where there is one thread. A line of JSON on the standard
input asks for a run; a line on the output says how it ended and which steps it went through. The
steps are seen by wrapping what every stage and the storage go through; the product knows nothing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from flows import daily_synthesis as flow
from flows import rebuild, revision, stages, withdrawal
from tasks.language.attention import flag_letters
from tasks.mail.sources.files import EmlFolder
from tasks.privacy.ner import person_spans
from tasks.privacy.origins import origin_of
from tasks.privacy.redaction import redact_texts
from warehouse import database, publication

# Each stage, and the module that calls it.
STAGES: dict[str, Any] = {
    **dict.fromkeys(("fetch", "parse", "publish"), flow),
    **dict.fromkeys(("withdraw", "alert", "validate", "protect", "analyse"), stages),
    **dict.fromkeys(("load", "aggregate"), stages),
}

# Where the other flows, and what they share, call a stage too.
ALSO = (
    *((revision, "parse"), (revision, "publish")),
    *((withdrawal, "parse"), (stages, "publish")),
)


class Steps:
    """Counts the steps of a run, and kills it at the `fatal`-th or at the first so named."""

    def __init__(self, fatal: int | str, log: Path) -> None:
        self.fatal, self.log, self.count = fatal, log, 0

    def take(self, name: str) -> None:
        self.count += 1
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")
        if self.fatal in (self.count, name):
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str, label: Callable[..., str]) -> None:
        """Take a step before and after each call of a function or method."""
        real = getattr(owner, name)

        def wrapped(*arguments: Any, **options: Any) -> Any:
            told = label(*arguments)
            self.take(f"before {told}")
            result = real(*arguments, **options)
            self.take(f"after {told}")
            return result

        setattr(owner, name, wrapped)


def place(path: Path) -> str:
    """Name a file by the part of the tree it stands in; of many alike, by what they are."""
    parts = path.parts
    if "lake" in parts:
        return f"lake/{parts[parts.index('lake') + 1]}"
    if "published" in parts:
        many = path.suffix if path.suffix in {".csv", ".parquet"} else ""
        return f"published/{'version' if path.parent.name == '.versions' else many or path.name}"
    return next((part for part in ("raw", "parsed") if part in parts), path.name)


def instrument(steps: Steps) -> None:
    """Make every rename, link, transaction, listing and stage a step."""
    for name in ("replace", "rename"):
        steps.around(Path, name, lambda _, target, name=name: f"{name} {place(Path(target))}")
    steps.around(Path, "symlink_to", lambda path, *_: f"link {path.name}")
    steps.around(EmlFolder, "locators", lambda _: "listing")
    steps.around(publication, "write_analysts_copy", lambda *_: "analysts' copy")

    class Connection:
        """A connection whose transactions are steps: first that of load, then that of aggregate."""

        def __init__(self, real: duckdb.DuckDBPyConnection) -> None:
            self._real, self._begun = real, 0

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def begin(self) -> None:
            self._real.begin()
            self._begun += 1
            steps.take(f"begun {self._begun}")

        def commit(self) -> None:
            steps.take(f"before commit {self._begun}")
            self._real.commit()
            steps.take(f"after commit {self._begun}")

    real_init = database.Database.__init__

    def init(self: Any, connection: Any) -> None:
        real_init(self, Connection(connection))

    database.Database.__init__ = init  # type: ignore[method-assign]
    for stage, module in STAGES.items():
        steps.around(module, stage, lambda *_, stage=stage: f"stage {stage}")


def run(asked: dict[str, Any]) -> None:
    """Run the flow without Prefect's engine: its tasks are plain functions here."""
    for stage, module in STAGES.items():
        setattr(module, stage, getattr(module, stage).fn)
    for module, stage in ALSO:
        setattr(module, stage, getattr(module, stage).fn)
    for module in (flow, stages, revision, withdrawal):
        module.progress = lambda _: lambda _: None  # type: ignore[assignment]
    flow.show_figures = lambda *_: None  # type: ignore[assignment]
    instrument(Steps(asked["fatal"], Path(asked["log"])))
    consultation, home = Path(asked["consultation"]), Path(asked["home"])
    if asked["flow"] == "rebuild":
        rebuild.rebuild.fn(consultation, home, 1)
    elif asked["flow"] == "withdrawal":
        withdrawal.withdrawal.fn(consultation, home, 1)
    else:
        flow.daily_synthesis.fn(consultation, home, asked["as_of"], None, 1)


def threads() -> list[str]:
    """Name the threads of this process, but for that of jemalloc, which sees to forks itself."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return ["python" if n.startswith("python") else n for n in names if n != "jemalloc_bg_thd"]


def main() -> None:
    import great_expectations as gx

    gx.get_context(mode="ephemeral")
    # What each process loads once is loaded before it is copied.
    flag_letters(["Bonjour"], ["Bonjour"], [[]])
    origin_of("Paul Petit\n03000 Moulins", "Bonjour", None, ["Paul Petit"], "03")
    redact_texts(["Hier, Karim Zobrist est venu avec Lina Duvalle."], [[]])
    person_spans("Karim Zobrist est venu.")
    for line in sys.stdin:
        assert threads() == ["python"], threads()
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            code = 1
            try:
                run(asked)
                code = 0
            except BaseException as error:  # noqa: BLE001 - told to the test
                sys.stderr.write(f"{error!r}\n")
            os._exit(code)
        if asked.get("seconds"):
            time.sleep(asked["seconds"])
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"code": os.waitstatus_to_exitcode(status)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
