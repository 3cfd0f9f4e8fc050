"""Files that say the same thing in two places: dependencies, the schedule, the example."""

from __future__ import annotations

import importlib
import re
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tasks.consultation import Consultation, parse_consultation

ROOT = Path(__file__).parents[2]


# --- dependencies --------------------------------------------------------------------------------


def declared() -> list[Requirement]:
    """Return the dependencies of pyproject.toml, those of development included.

    An encoder's are not pinned: whoever asks for it chooses a torch for the machine.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
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


def test_the_schedule_runs_from_the_day_after_the_opening_to_a_week_after_the_deadline(
    consultation: Consultation,
) -> None:
    (schedule,) = deployment()["schedules"]
    rule = re.fullmatch(
        r"DTSTART:(\d{8}T\d{6})\nRRULE:FREQ=DAILY;UNTIL=(\d{8}T\d{6})", schedule["rrule"]
    )
    assert rule is not None, (
        f"prefect.yaml: write DTSTART and UNTIL as local time without Z, not {schedule['rrule']!r}"
    )
    first, last = (datetime.fromisoformat(local) for local in rule.groups())
    opening = consultation.opening.astimezone(consultation.timezone).date()
    deadline = consultation.deadline.astimezone(consultation.timezone).date()
    assert schedule["timezone"] == consultation.timezone.key
    assert first.date() == opening + timedelta(days=1), (
        f"prefect.yaml: DTSTART must be the day after the opening ({opening})"
    )
    assert last.date() == deadline + timedelta(days=7), (
        f"prefect.yaml: UNTIL must be a week after the deadline ({deadline})"
    )
    assert last.time() == first.time()


def test_prefect_computes_every_date_of_the_schedule(consultation: Consultation) -> None:
    from prefect.server.schemas.schedules import RRuleSchedule

    (given,) = deployment()["schedules"]
    schedule = RRuleSchedule(rrule=given["rrule"], timezone=given["timezone"])
    dates = [date.astimezone(consultation.timezone) for date in schedule.to_rrule()]
    assert [date.date() for date in dates] == [
        consultation.opening.date() + timedelta(days=n) for n in range(1, 20)
    ]
    assert {date.time() for date in dates} == {dates[0].time()}


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
