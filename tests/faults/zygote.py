"""Runs of the whole flow that kill themselves at a given step, each in a fork of this process.

The heavy libraries are loaded once, here, where there is one thread. A line of JSON on the standard
input asks for a run; a line on the output says how it ended. The steps are seen by wrapping what
every stage and the storage go through; the product knows nothing. What is computed from what was
read, without a file, is remembered from one run to the next: a run is then all storage.
"""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from traceback import print_exception
from typing import Any

import duckdb

from expectations import published
from expectations.engine import _frames
from flows import daily_synthesis as flow
from flows import rebuild, revision, stages, withdrawal
from flows.failures import tell
from tasks import alert, parse, protect, publish, validate
from tasks.language import analysis
from tasks.language.attention import flag_letters
from tasks.mail.sources.files import EmlFolder
from tasks.privacy.ner import person_spans
from tasks.privacy.origins import origin_of
from tasks.privacy.redaction import redact_texts
from tasks.report import outlines
from warehouse import database, publication
from warehouse.failures import FaultError
from warehouse.lake import code_fingerprint

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


class Remembered:
    """Work that touches no file, remembered by all that it was given, in a folder.

    What a fault changed was never given before: it is worked out anew, as every first time is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._known = folder, dict[str, bytes]()

    def learn(self) -> None:
        """Take in what runs have worked out, for those to come: they open no file for it."""
        for path in self._folder.glob("[0-9a-f]*"):
            if path.name not in self._known:
                self._known[path.name] = path.read_bytes()

    def around(self, owner: Any, name: str, given: Callable[..., Any] = lambda *a: a) -> None:
        """Remember what a function returns."""
        real = getattr(owner, name)

        def remembered(*arguments: Any) -> Any:
            key = sha256(pickle.dumps((name, given(*arguments)))).hexdigest()
            if key not in self._known:
                self._known[key] = pickle.dumps(real(*arguments))
                staged = self._folder / f"_{os.getpid()}_{threading.get_ident()}"
                staged.write_bytes(self._known[key])
                os.replace(staged, self._folder / key)  # noqa: PTH105 - no step of the run
            return pickle.loads(self._known[key])

        setattr(owner, name, remembered)


def remember(folder: Path) -> Remembered:
    """Remember what is read in messages, made of their words, checked and drawn."""
    known = Remembered(folder)
    known.around(parse, "_read_batch", lambda vault, batch, _, size: (vault.messages(batch), size))
    known.around(alert, "flags_of")
    known.around(validate, "judge_submissions")
    known.around(validate, "check_table")
    known.around(protect, "protected")
    # A model compiled from the definitions is not the same bytes twice: their titles stand for it.
    known.around(analysis, "analyse_contributions", lambda ids, texts, by: (ids, texts, by.titles))
    known.around(outlines, "read_outlines")
    for name in ("look_at_rows", "_unequal"):
        known.around(published, name)
    known.around(publish, "documents", lambda tables, *others: (dict(tables), *others))
    return known


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
    for name, value in asked["under"].items():
        CONDITIONS[name](value)
    consultation, home = Path(asked["consultation"]), Path(asked["home"])
    if asked["flow"] == "rebuild":
        rebuild.rebuild.fn(consultation, home, 1)
    elif asked["flow"] == "withdrawal":
        withdrawal.withdrawal.fn(consultation, home, 1)
    else:
        flow.daily_synthesis.fn(consultation, home, asked["as_of"], None, 1)


def obey_modes(_: bool) -> None:  # noqa: FBT001 - of JSON
    """Give up the right to read and write what modes forbid, where this is root."""
    version_3, both_halves = 0x20080522, 2 * 3
    header = (ctypes.c_uint32 * 2)(version_3, 0)
    nothing = (ctypes.c_uint32 * both_halves)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")


# What a run may be put under.
CONDITIONS: dict[str, Callable[[Any], None]] = {
    "modes": obey_modes,
    "open files": lambda most: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)),
}


def threads() -> list[str]:
    """Name the threads of this process, but for that of jemalloc, which sees to forks itself."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return ["python" if n.startswith("python") else n for n in names if n != "jemalloc_bg_thd"]


def ended(asked: dict[str, Any]) -> int:
    """Run in this process; leave what a person would be told beside the steps; return the code."""
    try:
        run(asked)
    except Exception as error:  # noqa: BLE001 - told to the test
        print_exception(error.original if isinstance(error, FaultError) else error)
        sentence, code = tell(error)
        Path(asked["said"]).write_text(sentence, encoding="utf-8")
        return code
    return 0


def main() -> None:
    remembered = remember(Path(sys.argv[1]))
    # What each process loads once is loaded before it is copied.
    _frames()
    code_fingerprint()
    flag_letters(["Bonjour"], ["Bonjour"], [[]])
    origin_of("Paul Petit\n03000 Moulins", "Bonjour", None, ["Paul Petit"], "03")
    redact_texts(["Hier, Karim Zobrist est venu avec Lina Duvalle."], [[]])
    person_spans("Karim Zobrist est venu.")
    for line in sys.stdin:
        assert threads() == ["python"], threads()
        asked = json.loads(line)
        remembered.learn()
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            os._exit(ended(asked))
        if asked["seconds"]:
            time.sleep(asked["seconds"])
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"code": os.waitstatus_to_exitcode(status)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
