"""Rows G02, G09, G10, G12, P09, P10: markers planted all over the mail stay in the vault."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.faults.markers import (
    OPINION,
    PERSON,
    PERSONAL,
    PHONES,
    SECRET,
    Markers,
    found,
    letter,
    pattern,
    sheet,
)
from tests.program import EXAMPLE, ROOT, copy_beside, environment
from tests.servers.dovecot import PASSWORD, Mailboxes

AS_OF, LATER = "2020-01-12", "2020-01-15"
RECEIVED = "Thu, 9 Jan 2020 08:3{}:00 +0100"
SOURCES = """
[[source]]
name = "boite"
uri = "imaps://{user}%40pref.example@localhost:{port}"
password = "file:{secret}"
authorities = "{authorities}"

[[source]]
name = "courrier"
uri = "eml:{folder}"

[[source]]
name = "questionnaire"
uri = "csv:{table}"
channel = "questionnaire"

[source.columns]
id = "Numéro"
received_at = "Date"
address = "Courriel"
name = "Nom"
subject = "Objet"
text = ["Réponse"]
"""

TELLING = (
    "PREFECT_SERVER_ANALYTICS_ENABLED",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT",
    "GX_ANALYTICS_ENABLED",
)
# Where the words of an opinion may be: what analysts work with and get.
FOR_ANALYSTS = ("vault", "lake", "published", "warehouse.duckdb")


@dataclass
class Place:
    """A consultation full of markers, and all that its runs leave."""

    root: Path
    markers: Markers = field(default_factory=Markers)

    @property
    def folder(self) -> Path:
        """The source of message files, whose very name is a marker."""
        return self.root / f"courrier-{PERSON}"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def arguments(self) -> list[str]:
        file = str(self.root / "consultation.toml")
        return ["run", "--consultation", file, "--home", str(self.home), "--workers", "2"]

    def environment(self) -> dict[str, str]:
        folders = {name: str(self.root / "left" / name) for name in ("HOME", "TMPDIR")}
        for folder in folders.values():
            Path(folder).mkdir(parents=True, exist_ok=True)
        # What would have others told of the runs, and their results kept, is asked for in vain.
        asked = dict.fromkeys(TELLING, "true") | {"DO_NOT_TRACK": "0"}
        return environment(**folders, **asked)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program under the worst umask; what it says is kept with what it leaves."""
        with (self.root / "left" / "said").open("ab") as said:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment(),
                stdout=said,
                stderr=said,
                umask=0,
                start_new_session=True,
            )

    def said(self) -> str:
        return (self.root / "left" / "said").read_text(encoding="utf-8")

    def left(self, *apart: str) -> Iterator[Path]:
        """Yield the files of the home but some parts, and what runs left or said elsewhere."""
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and path.relative_to(self.home).parts[0] not in apart:
                yield path
        yield from (path for path in sorted((self.root / "left").rglob("*")) if path.is_file())
        yield from (path for path in Path("/dev/shm").glob("*") if path.is_file())

    def assert_nobody_is_named(self) -> None:
        """Markers stand in the vault, words of opinions where analysts work, nothing elsewhere."""
        assert found(pattern((*PERSONAL, SECRET)), self.left("vault")) == []
        assert found(pattern([OPINION]), self.left(*FOR_ANALYSTS)) == []
        assert found(pattern([SECRET]), self.left()) == []


def deliver(place: Place, server: Mailboxes, user: str) -> None:
    """Put letters of every fate in the folder of files and in a mailbox."""
    markers, folder = place.markers, place.folder
    more = ["", "Auto-Submitted: auto-replied", "Content-Language: fr", "Precedence: bulk"]
    letters = [letter(n, markers, RECEIVED.format(n), more[n % 4]) for n in range(8)]
    letters.append(letter(8, markers, "Thu, 2 Jan 2020 08:30:00 +0100"))  # before the opening
    letters.append(letter(9, markers, "not a date"))
    (folder / "sous-dossier").mkdir(parents=True)
    for rank, raw in enumerate(letters):
        (folder / ("sous-dossier" if rank % 2 else "") / f"{markers.word()}.eml").write_bytes(raw)
    (folder / f"{markers.word()}.eml").write_bytes(letters[0][:900])  # cut in its header
    server.put(user, [letters[0], *(letter(n, markers, RECEIVED.format(9)) for n in range(2, 6))])


@pytest.fixture(scope="module")
def place(server: Mailboxes, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return settle(server, tmp_path_factory.mktemp("leaks"))


def settle(server: Mailboxes, root: Path) -> Place:
    """Make a consultation whose mail, table and sources are full of markers."""
    place = Place(root)
    # Where sources are is not kept in the vault itself.
    user, table, secret = f"{PERSON}-{root.name}", f"{PERSON}.csv", f"secret-{PERSON}"
    deliver(place, server, f"{user}@pref.example")
    (place.root / table).write_text(sheet(4, place.markers), encoding="utf-8")
    (place.root / secret).write_text(PASSWORD, encoding="utf-8")
    (place.root / "left").mkdir()
    sources = SOURCES.format(
        user=user,
        port=server.tls_port,
        secret=secret,
        authorities=server.authority,
        folder=place.folder,
        table=table,
    )
    text = (EXAMPLE / "consultation.toml").read_text(encoding="utf-8")
    start, end = text.index("[[source]]"), text.index("[thresholds]")
    alerts = '\n[alerts]\ncommand = ["tee", "-a", "left/alerts"]\n'
    (place.root / "consultation.toml").write_text(
        text[:start] + sources + text[end:] + alerts, encoding="utf-8"
    )
    copy_beside(place.root)
    return place


def test_the_finder_finds_whatever_the_form(tmp_path: Path) -> None:
    """Without this, too, finding none elsewhere would mean nothing."""
    words = "Bonjour, Éloïse Zwykholdbada, 06 39 98 01 02"
    files = {
        "utf-8": words.upper().encode(),
        "utf-16": words.encode("utf-16"),
        **{f"base64-{n}": base64.b64encode(b"." * n + words.encode()) for n in range(3)},
        "base64-utf-16": base64.b64encode(words.encode("utf-16")),
        "gz": gzip.compress(words.encode()),
        f"{PERSON}.name": b"",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with zipfile.ZipFile(tmp_path / "zip", "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("member", words)
    rows = pa.table({"words": [[words.encode("utf-16")], None]})
    pq.write_table(rows, tmp_path / "parquet", compression="zstd")
    with duckdb.connect(str(tmp_path / "duckdb")) as base:
        base.execute("create schema core; create table core.words as from rows")
    lite = sqlite3.connect(tmp_path / "sqlite")
    lite.execute("create table words (blob)")
    lite.execute("insert into words values (?)", [b"\0" + words.encode("utf-16")])
    lite.commit()
    lite.close()
    everything = sorted(tmp_path.iterdir())
    assert len(found(pattern([PERSON]), everything)) >= len(everything)
    told = " ".join(found(pattern([PERSON]), everything))
    assert [path.name for path in everything if str(path) not in told] == []
    assert found(pattern([OPINION]), everything) == []


# Runs that fail, each in a stage, of an error by which a library quotes what it was given; then one
# that does not. One process: Prefect's server starts once. What it has not recorded as a run ends,
# it has when the last one does.
FAILING = """
import sys
from unittest import mock
import duckdb, pandas as pd, pyarrow as pa
from flows import cli, orchestrator

words, stages, *arguments = sys.argv[1:]

def python(*_, **__):
    try:
        int(words)
    except ValueError as error:
        raise KeyError(words, words.encode("utf-16")) from error

def arrow(*_, **__):
    pa.array([words]).cast(pa.int64())

def pandas(*_, **__):
    pd.to_datetime(pd.Series([words]))

def sql(*_, **__):
    duckdb.sql("select cast(? as integer)", params=[words]).fetchall()

for stage in stages.split():
    error, _, target = stage.partition(":")
    with mock.patch(target, globals()[error]), mock.patch.object(orchestrator, "QUIET_SECONDS", 0):
        print(target, cli.main(arguments), flush=True)
print("rien", cli.main(arguments))
"""
# Where it fails, by which library; what is told of it.
FAULTS = {
    "arrow:warehouse.vault.Vault.add": ("ArrowInvalid", "tasks.fetch"),
    "pandas:tasks.validate.judge_days": ("DateParseError", "tasks.validate"),
    "sql:warehouse.database.Database.load": ("ConversionException", "tasks.load"),
    "python:flows.daily_synthesis.show_figures": ("KeyError", "flows.daily_synthesis"),
}
MORE_FAULTS = {
    "python:warehouse.vault.Vault.write_parsed": ("KeyError", "tasks.parse"),
    "pandas:tasks.alert.flag_day": ("DateParseError", "tasks.alert"),
    "arrow:tasks.protect.protect_day": ("ArrowInvalid", "tasks.protect"),
    "python:tasks.analyse.find_statements": ("KeyError", "tasks.analyse"),
    "sql:warehouse.database.Database.derive": ("ConversionException", "tasks.aggregate"),
    "arrow:tasks.publish.documents": ("ArrowInvalid", "tasks.publish"),
}


def fail(place: Place, faults: dict[str, tuple[str, str]]) -> None:
    """Run with each fault in turn, then with none."""
    words = f"Éloïse {PERSON.capitalize()}, {PHONES[0]} 00 00"
    arguments = [words, " ".join(faults), *place.arguments, "--as-of", AS_OF]
    run = place.start(sys.executable, "-c", FAILING, *arguments)
    assert run.wait(300) == 0, place.said()
    assert "rien 0" in place.said()


def told(place: Place) -> list[tuple[str, str]]:
    """What was told of each fault: its kind and where it was."""
    return re.findall(r"Faute du programme : (\w+) dans ([\w.]+), \w+, ligne \d+", place.said())


@pytest.fixture(scope="module")
def failed(place: Place) -> Place:
    fail(place, FAULTS)
    return place


def test_g09_p09_runs_that_fail_name_nobody(failed: Place) -> None:
    failed.assert_nobody_is_named()


def test_g09_a_failure_says_what_and_where(failed: Place) -> None:
    assert told(failed) == list(FAULTS.values())
    assert "Traceback" not in failed.said()
    alerts = (failed.root / "left" / "alerts").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in alerts] == [*["failed"] * len(FAULTS), "recovered"]
    (log,) = (failed.home / "logs").iterdir()
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    ends = [line["outcome"] for line in lines if line.get("event") == "ended"]
    assert ends == [*["failed"] * len(FAULTS), "published"]
    assert any(line["message"].startswith("Relève") for line in lines)


@pytest.mark.deep
def test_g09_p09_a_run_that_fails_in_any_other_stage_names_nobody(
    server: Mailboxes, tmp_path: Path
) -> None:
    place = settle(server, tmp_path)
    fail(place, MORE_FAULTS)
    assert told(place) == list(MORE_FAULTS.values())
    place.assert_nobody_is_named()


# --- killed, then resumed under watch ------------------------------------------------------------


@pytest.fixture(scope="module")
def killed(failed: Place) -> Place:
    """The place after more mail came and a run of a later day was killed in the middle."""
    letters = [letter(n, failed.markers, "Tue, 14 Jan 2020 09:00:00 +0100") for n in range(5)]
    for raw in letters:
        (failed.folder / f"{failed.markers.word()}.eml").write_bytes(raw)
    run = failed.start(sys.executable, "-m", "flows.cli", *failed.arguments, "--as-of", LATER)
    end = time.monotonic() + 120
    while not list((failed.home / "lake" / "verdicts" / "received_date=2020-01-14").glob("part*")):
        assert run.poll() is None, failed.said()
        assert time.monotonic() < end
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    assert run.wait(30) == -signal.SIGKILL
    return failed


def test_g02_p09_a_run_killed_in_the_middle_names_nobody(killed: Place) -> None:
    assert not (killed.home / "published" / LATER).exists()
    killed.assert_nobody_is_named()


@dataclass
class Watch:
    """What was seen of files while a run was at work: those others may use, those astray."""

    place: Place
    open_to_others: set[str] = field(default_factory=set)
    astray: set[str] = field(default_factory=set)
    rounds: int = 0

    def look(self) -> None:
        for path in [self.place.home, *self.place.home.rglob("*")]:
            with suppress(FileNotFoundError):
                mode = path.lstat().st_mode
                if not stat.S_ISLNK(mode) and mode & 0o077:
                    self.open_to_others.add(f"{stat.filemode(mode)} {path}")
        left = self.place.root / "left"
        self.astray |= {
            str(path) for folder in ("HOME", "TMPDIR") for path in (left / folder).rglob("*")
        }
        self.rounds += 1


TRACE = ("strace", "--seccomp-bpf", "-f", "-qq", "-e", "trace=connect")


@pytest.fixture(scope="module")
def resumed(killed: Place) -> Watch:
    """The next run, complete, watched; what it connects to is in the file `connections`."""
    shutil.rmtree(killed.home / "prefect")  # made anew, with all else, under the worst umask
    (killed.home / "warehouse.duckdb").unlink()
    command = [sys.executable, "-m", "flows.cli", *killed.arguments, "--as-of", LATER]
    log = ["-o", str(killed.root / "connections")]
    if shutil.which("strace") and not subprocess.call(
        [*TRACE, *log, "true"], stderr=subprocess.DEVNULL
    ):
        command = [*TRACE, *log, *command]
    watch = Watch(killed)
    run = killed.start(*command)
    while run.poll() is None:
        watch.look()
        time.sleep(0.02)
    assert run.returncode == 0, killed.said()
    return watch


def test_g02_p09_the_run_after_a_kill_names_nobody(resumed: Watch) -> None:
    assert (resumed.place.home / "published" / "latest").resolve().is_dir()
    resumed.place.assert_nobody_is_named()


def test_g02_every_marker_is_in_the_vault(resumed: Watch) -> None:
    """Without this, finding none elsewhere would mean nothing."""
    place = resumed.place
    held = []
    for path in (place.home / "vault").rglob("*.parquet"):
        rows = pq.ParquetFile(path).read().to_pylist()
        held.append(repr(rows))
        for raw in (row["raw"] for row in rows if row.get("raw")):
            held.append(raw.decode("utf-8", "replace"))
            parts = list(message_from_bytes(raw, policy=policy.default).walk())
            held += [str(list(part.items())) for part in parts]
            held += [
                part.get_content() for part in parts if part.get_content_type() == "text/plain"
            ]
    text = "\n".join(held).lower()
    assert len(place.markers.given) >= 200
    assert [marker for marker in place.markers.given if marker.lower() not in text] == []


def test_g10_files_are_their_owners_at_all_times_and_none_is_astray(resumed: Watch) -> None:
    assert resumed.rounds > 20
    assert resumed.open_to_others == set()
    assert resumed.astray == set()
    assert list((resumed.place.home / "tmp").iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_g10_another_user_reads_nothing(resumed: Watch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        shutil.copytree(resumed.place.home, Path(folder) / "home", symlinks=True)
        look = ["runuser", "-u", "nobody", "--", "find", folder]
        seen = subprocess.run(look, capture_output=True, text=True, check=False)
    # The folder is named, and that is all.
    assert seen.stdout.splitlines() == [folder, f"{folder}/home"]


def test_p10_nothing_is_connected_to_but_the_mailbox_and_this_machine(resumed: Watch) -> None:
    log = resumed.place.root / "connections"
    if not log.exists():
        pytest.skip("strace is not there, or may not trace")
    connections = log.read_text(encoding="utf-8")
    assert "htons" in connections  # the mailbox, and Prefect's own server
    elsewhere = re.compile(
        r"sa_family=AF_INET6?,(?!.*inet_(?:addr\(\"127\.|pton\(AF_INET6, \"::1\"))"
    )
    assert elsewhere.findall(connections) == []


@pytest.mark.deep
def test_p10_a_run_needs_no_network(tmp_path: Path) -> None:
    alone = [
        "unshare",
        "--net",
        "--map-root-user",
        "sh",
        "-c",
        'ip link set lo up && exec "$@"',
        "-",
    ]
    if not shutil.which("unshare") or subprocess.call([*alone, "true"], stderr=subprocess.DEVNULL):
        pytest.skip("no network of its own can be made here")
    arguments = ["--consultation", str(EXAMPLE / "consultation.toml"), "--as-of", AS_OF]
    program = [sys.executable, "-m", "flows.cli", "run", "--home", str(tmp_path / "home")]
    run = subprocess.run(
        [*alone, *program, *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
