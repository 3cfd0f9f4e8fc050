"""What is told to those who start runs, and the guard that does not believe them."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType

from flows.daily_synthesis import NotDue, daily_synthesis, not_due
from flows.deployed import ended_as
from flows.run import prepare_run
from flows.systemd import write_units
from tests.program import EXAMPLE, Ran, assises_here

FILE = EXAMPLE / "consultation.toml"
NOW = datetime(2020, 1, 20, 5, tzinfo=UTC)
ANALYSE = shutil.which("systemd-analyze")


# --- what is told --------------------------------------------------------------------------------


def test_deploy_without_a_server_says_what_can_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    done = assises_here("deploy", "--consultation", str(FILE), "--home", str(tmp_path / "home"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    for way in ("PREFECT_API_URL", "--systemd", "assises serve"):
        assert way in done.stderr
    assert not (tmp_path / "home").exists()


def test_the_units_say_where_all_is(tmp_path: Path) -> None:
    home, units = tmp_path / "home", tmp_path / "units"
    asked = ("--consultation", str(FILE), "--home", str(home), "--systemd", str(units))
    done = assises_here("deploy", *asked)
    assert done.returncode == 0, done.stderr
    assert "systemctl enable --now assises-allier-2020.timer" in done.stdout
    service = (units / "assises-allier-2020.service").read_text(encoding="utf-8")
    assert f'Environment=ASSISES_HOME="{home}"' in service
    assert f'ReadWritePaths="{home}"' in service
    assert f'run --consultation "{FILE}"' in service
    assert "SuccessExitStatus=4" in service
    assert home.is_dir()
    timer = (units / "assises-allier-2020.timer").read_text(encoding="utf-8")
    assert "OnCalendar=*-*-* 06:00:00 Europe/Paris\nPersistent=true" in timer


def test_a_service_works_on_the_cluster_that_was_asked_for(tmp_path: Path) -> None:
    run = prepare_run(FILE, tmp_path / "home", engine="dask://ordonnanceur:8786")
    service, _ = write_units(run, FILE, tmp_path)
    assert re.search(
        "(?m)^ExecStart=.* run --consultation .* --engine dask://ordonnanceur:8786$",
        service.read_text(encoding="utf-8"),
    )


def test_a_service_may_write_the_shared_folder_of_the_messages(tmp_path: Path) -> None:
    run = prepare_run(FILE, tmp_path / "home")
    run.home.choose_store(str(tmp_path / "partage"))
    service, _ = write_units(run, FILE, tmp_path)
    allowed = f'ReadWritePaths="{tmp_path}/home" "{tmp_path}/partage"'
    assert allowed in service.read_text(encoding="utf-8").splitlines()


@pytest.mark.skipif(ANALYSE is None, reason="no systemd here")
@pytest.mark.parametrize("name", ["home", 'a "home" of 100 % €, \\ and $HOME'])
def test_systemd_finds_nothing_to_say_of_the_units(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    shutil.copytree(EXAMPLE, folder)
    consultation = folder / "consultation.toml"
    units = write_units(prepare_run(consultation, folder / "home"), consultation, tmp_path)
    found = subprocess.run(
        [str(ANALYSE), "verify", *map(str, units)], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.skipif(ANALYSE is None, reason="no systemd here")
def test_systemd_wakes_at_the_instants_of_the_schedule(tmp_path: Path) -> None:
    _, timer = write_units(prepare_run(FILE, tmp_path / "home"), FILE, tmp_path)
    (rule,) = re.findall("^OnCalendar=(.*)$", timer.read_text(encoding="utf-8"), re.MULTILINE)
    asked = [str(ANALYSE), "calendar", rule, "--base-time=2026-03-27", "--iterations=4"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"(\d{4}-\d\d-\d\d \d\d:\d\d):00 UTC", told)
    assert found == [f"2026-03-{n} 0{hour}:00" for n, hour in ((27, 5), (28, 5), (29, 4), (30, 4))]


# --- the guard -----------------------------------------------------------------------------------


def guard(home: Path, *local: int) -> NotDue | None:
    paris = ZoneInfo("Europe/Paris")
    return not_due(replace(prepare_run(FILE, home), now=datetime(*local, tzinfo=paris)))  # type: ignore[misc, arg-type]


def test_nothing_is_due_before_the_first_day(tmp_path: Path) -> None:
    said = guard(tmp_path, 2020, 1, 8, 23, 59)
    assert said is not None
    assert "avant le 09/01/2020 à 06:00" in said.sentence
    assert guard(tmp_path, 2020, 1, 9, 0, 0) is None


def test_the_final_synthesis_is_owed_until_it_is_published(tmp_path: Path, final: Ran) -> None:
    assert guard(tmp_path, 2020, 3, 1, 6, 0) is None
    assert guard(final.home, 2020, 1, 27, 23, 59) is None
    said = guard(final.home, 2020, 1, 28, 0, 0)
    assert said is not None
    assert "définitive est celle du 19/01/2020" in said.sentence


def test_once_the_calendar_is_over_a_run_fetches_nothing(
    prefect: None, final_copy: Ran, tmp_path: Path
) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "consultation")
    shutil.rmtree(tmp_path / "consultation" / "mailbox")
    file = tmp_path / "consultation" / "consultation.toml"
    assert isinstance(daily_synthesis(file, home=final_copy.home), NotDue)
    assert prepare_run(file, final_copy.home).home.journal.entries()[-1]["outcome"] == "closed"


# --- what becomes of the other runs --------------------------------------------------------------


def seen(kind: StateType, told: timedelta = timedelta(), due: timedelta = timedelta()) -> FlowRun:
    """A run as Prefect sees it, told so and due so long ago."""
    return FlowRun(
        flow_id=uuid4(),
        state=State(type=kind, timestamp=NOW - told),
        next_scheduled_start_time=NOW - due,
    )


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
RUNS: dict[str, tuple[FlowRun, StateType | None]] = {
    "killed yesterday": (seen(StateType.RUNNING, told=DAY), StateType.CRASHED),
    "never begun": (seen(StateType.PENDING, told=DAY), StateType.CRASHED),
    "late": (seen(StateType.SCHEDULED, due=DAY), StateType.CANCELLED),
    "beginning beside ours": (seen(StateType.PENDING, told=MINUTE), None),
    "just about to end": (seen(StateType.RUNNING, told=MINUTE), None),
    "of tomorrow": (seen(StateType.SCHEDULED, told=DAY, due=-DAY), None),
}


@pytest.mark.parametrize("name", RUNS)
def test_only_what_is_no_more_is_ended(name: str) -> None:
    run, expected = RUNS[name]
    ended = ended_as(run, NOW)
    assert (ended.type if ended else None) == expected
