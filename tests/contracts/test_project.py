"""Files that say the same thing in two places: dependencies, the schedule, the example."""

from __future__ import annotations

import asyncio
import importlib
import re
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from flows.daily_synthesis import not_due
from flows.deployment import ENTRYPOINT, ENVIRONMENT
from flows.run import prepare_run
from tasks.consultation import Consultation, parse_consultation
from tasks.schedule import Schedule, schedule_of

ROOT = Path(__file__).parents[2]


# --- dependencies --------------------------------------------------------------------------------


def declared() -> list[Requirement]:
    """Return the dependencies of pyproject.toml, those of development included.

    An encoder's are not pinned: whoever asks for it chooses a torch for the machine.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["dask"], *extras["s3"], *extras["dev"]]
    return [Requirement(line) for line in lines]


def pinned() -> dict[str, list[Requirement]]:
    """Return the lines of requirements.txt by the name of what they pin."""
    found: dict[str, list[Requirement]] = {}
    for line in lines():
        requirement = Requirement(line)
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def lines() -> list[str]:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("dependency", declared(), ids=lambda dependency: dependency.name)
def test_each_dependency_is_pinned_within_its_bounds(dependency: Requirement) -> None:
    pins = pinned().get(canonicalize_name(dependency.name), [])
    assert pins, f"requirements.txt does not pin {dependency.name}: run `make requirements`"
    for pin in pins:
        (specifier,) = pin.specifier
        assert specifier.operator == "==", f"{pin} is not pinned: run `make requirements`"
        assert dependency.specifier.contains(specifier.version), (
            f"{pin} is out of {dependency.specifier}: run `make requirements`"
        )


def test_every_line_of_the_requirements_is_one_exact_version() -> None:
    loose = [line for line in lines() if not re.match(r"[\w.\[\]-]+==[\w.!+]+( ; |$)", line)]
    assert not loose, f"not pinned: {loose}; run `make requirements`"


def test_the_requirements_name_no_index() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    named = re.findall(r"(?m)^\s*-.*$|\S*://\S*|\S+ @ \S+", text)
    assert not named, f"requirements.txt names {named}: run `make requirements`"


# --- the schedule --------------------------------------------------------------------------------


def deployment() -> dict[str, Any]:
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    (found,) = content["deployments"]
    return dict(found)


@pytest.fixture(scope="module")
def consultation() -> Consultation:
    path = ROOT / deployment()["parameters"]["consultation"]
    assert path.is_file(), f"prefect.yaml names {path.relative_to(ROOT)}, which is not there"
    return parse_consultation(path.read_text(encoding="utf-8"))


def test_the_entrypoint_is_a_flow_that_takes_the_parameters() -> None:
    path, _, name = deployment()["entrypoint"].partition(":")
    assert (ROOT / path).is_file(), f"prefect.yaml: there is no {path}"
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    flow = getattr(module, name, None)
    assert flow is not None, f"prefect.yaml: {path} has no {name}"
    assert set(deployment()["parameters"]) <= set(flow.parameters.properties)


def test_schedule_guard_and_prefect_yaml_are_one(
    consultation: Consultation, tmp_path: Path
) -> None:
    schedule = schedule_of(consultation)
    (given,) = deployment()["schedules"]
    assert given == {"rrule": schedule.rrule, "timezone": schedule.timezone.key}, (
        f"prefect.yaml: write the rule of tasks/schedule.py, {schedule.rrule!r}"
    )
    ruled = computed(given["rrule"], given["timezone"])
    assert ruled == schedule.instants()
    opening = consultation.opening.astimezone(schedule.timezone).date()
    deadline = consultation.deadline.astimezone(schedule.timezone).date()
    around = [opening + timedelta(days=n) for n in range(-30, (deadline - opening).days + 60)]
    days = {instant.astimezone(schedule.timezone).date() for instant in ruled}
    assert days == {d for d in around if opening < d <= deadline + timedelta(days=7)}
    assert days == {day for day in around if schedule.holds(day)}
    run = prepare_run(ROOT / deployment()["parameters"]["consultation"], tmp_path / "home")
    at_night = {
        day: not_due(replace(run, now=datetime.combine(day, time(23, 30), schedule.timezone)))
        for day in around
    }
    # After the last day the final synthesis is owed until it is published (test_deployment.py).
    assert [day for day in around if at_night[day]] == [d for d in around if d < min(days)]


def test_what_a_run_is_given_is_what_assises_deploy_gives() -> None:
    assert deployment()["work_pool"]["job_variables"]["env"] == ENVIRONMENT
    assert deployment()["entrypoint"] == ENTRYPOINT
    assert "concurrency_limit" not in deployment()


def computed(rrule: str, timezone: str) -> list[datetime]:
    """Return the instants of a rule as Prefect's scheduler computes them."""
    from prefect.server.schemas.schedules import RRuleSchedule

    schedule = RRuleSchedule(rrule=rrule, timezone=timezone)
    dates = asyncio.run(schedule.get_dates(100, start=datetime(2020, 1, 1, tzinfo=UTC)))
    return [date.astimezone(UTC) for date in dates]


# A daily run over both clock changes of Paris: at six; at an hour that one skips and one repeats.
SPRING, AUTUMN = (date(2026, 3, 27), date(2026, 3, 31)), (date(2026, 10, 23), date(2026, 10, 27))
INSTANTS = {
    (SPRING, time(6)): "03-27T05:00 03-28T05:00 03-29T04:00 03-30T04:00 03-31T04:00",
    (AUTUMN, time(6)): "10-23T04:00 10-24T04:00 10-25T05:00 10-26T05:00 10-27T05:00",
    (SPRING, time(2, 30)): "03-27T01:30 03-28T01:30 03-29T00:30 03-30T00:30 03-31T00:30",
    (AUTUMN, time(2, 30)): "10-23T00:30 10-24T00:30 10-25T00:30 10-26T01:30 10-27T01:30",
}


@pytest.mark.parametrize(("days", "at"), INSTANTS, ids=str)
def test_a_run_a_day_whatever_the_clock_does(days: tuple[date, date], at: time) -> None:
    schedule = Schedule(*days, at, ZoneInfo("Europe/Paris"))
    instants = computed(schedule.rrule, "Europe/Paris")
    assert " ".join(f"{instant:%m-%dT%H:%M}" for instant in instants) == INSTANTS[days, at]
    assert schedule.instants() == instants


def test_the_prefect_of_the_schedule_is_the_pinned_one() -> None:
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    (pin,) = pinned()["prefect"]
    assert f"=={content['prefect-version']}" == str(pin.specifier), (
        f"prefect.yaml says {content['prefect-version']}, requirements.txt {pin}"
    )


# --- the tree ------------------------------------------------------------------------------------


def test_what_the_wheel_installs_is_what_the_tree_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    installed = set(project["tool"]["setuptools"]["packages"])
    tops = ("flows", "tasks", "expectations", "warehouse")
    found = {
        str(path.parent.relative_to(ROOT)).replace("/", ".")
        for top in tops
        for path in (ROOT / top).rglob("__init__.py")
    }
    assert installed == found, f"pyproject.toml, packages: {sorted(installed ^ found)} differ"
