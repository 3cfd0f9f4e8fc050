"""The file that `assises init` writes names every key that a consultation's file may have."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from flows.setup import REQUIRED, template
from tasks import consultation
from tasks.consultation import ConsultationError, parse_consultation


def uncommented() -> str:
    """Return the template with every example in force."""
    return re.sub(r"(?m)^#(?=\[|\w+ = )", "", template())


def keys(content: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every key; tables of a list count as one."""
    if isinstance(content, dict):
        for name, value in content.items():
            here = f"{path}.{name}".lstrip(".")
            yield here
            yield from keys(value, here)
    elif isinstance(content, list):
        for value in content:
            yield from keys(value, path)


def test_every_key_that_the_parser_knows_is_in_the_template(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: set[str] = set()
    usual = consultation._Section.value

    def recording(section: Any, key: str, *arguments: Any) -> Any:
        asked.add(re.sub(r"\[\d+\]", "", section.path(key)))
        return usual(section, key, *arguments)

    monkeypatch.setattr(consultation._Section, "value", recording)
    parse_consultation(uncommented())
    written = set(keys(tomllib.loads(uncommented())))
    assert asked == written, f"flows/consultation.toml: {sorted(asked ^ written)}"


def test_what_the_template_leaves_in_force_is_what_the_program_does_without_it() -> None:
    """The values that are no example are the usual ones: a file without them says the same."""
    given = {
        name
        for name, value in tomllib.loads(template()).items()
        if isinstance(value, dict) and name != "consultation"
    }
    whole = parse_consultation(uncommented())
    bare = re.sub(rf"(?m)^\[(?:{'|'.join(given)})\]\n(?:[\w#].*\n)*", "", uncommented())
    assert given
    assert parse_consultation(bare) == whole


@pytest.mark.parametrize("key", REQUIRED)
def test_a_file_in_which_a_key_is_still_an_example_is_refused_by_its_name(key: str) -> None:
    text = re.sub(rf"(?m)^{key} = ", f"#{key} = ", uncommented(), count=1)
    with pytest.raises(ConsultationError, match=rf"il manque consultation\.{key} : écrivez"):
        parse_consultation(text)


def test_the_template_as_it_is_runs_nothing() -> None:
    with pytest.raises(ConsultationError, match="il manque"):
        parse_consultation(template())
