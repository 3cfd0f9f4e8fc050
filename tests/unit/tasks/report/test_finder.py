from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from tasks.consultation import Consultation
from tasks.report.finder import LONGEST, Finder, read_finder
from tasks.report.model import Example, Group, Synthesis, read_synthesis


@pytest.fixture
def synthesis(tables: dict[str, pa.Table], consultation: Consultation) -> Synthesis:
    return read_synthesis(tables, consultation)


def saying(synthesis: Synthesis, *quotes: str) -> Finder:
    """Gather the groups of a synthesis of one group, which says these."""
    examples = tuple(Example(f"c-{n:016x}-001", quote) for n, quote in enumerate(quotes))
    theme = synthesis.themes[0]
    group = replace(theme.propositions[0], label=quotes[0], examples=examples)
    only = replace(theme, propositions=(group,), constats=(), gains=(), oppositions=())
    return read_finder(replace(synthesis, themes=(only,)))


def every_group(synthesis: Synthesis) -> dict[str, tuple[str, str, Group]]:
    return {
        group.group_id: (theme.code, kind, group)
        for theme in synthesis.themes
        for kind, groups in (("proposition", theme.propositions), ("constat", theme.constats))
        for group in groups
    }


def test_every_group_is_there_with_its_figures_and_statements(synthesis: Synthesis) -> None:
    data: dict[str, Any] = json.loads(read_finder(synthesis).data)
    groups = every_group(synthesis)
    codes = [theme.code for theme in synthesis.themes]
    assert sorted(data["id"]) == sorted(groups)
    for place, group_id in enumerate(data["id"]):
        theme, kind, group = groups[group_id]
        assert codes[data["theme"][place]] == theme
        assert data["kinds"][data["kind"][place]] == kind
        assert data["weights"][data["weight"][place]] == group.weight_label
        assert data["label"][place] == group.label
        assert data["contributors"][place] == group.contributor_count
        assert data["statements"][place] == group.statement_count
        examples = data["examples"][place]
        assert examples[::3] == [example.statement_id for example in group.examples]
        assert all(
            example.quote.startswith(words)
            for example, words in zip(group.examples, examples[1::3], strict=True)
        )


def test_the_most_shared_come_first_and_the_new_are_told(synthesis: Synthesis) -> None:
    finder = read_finder(synthesis)
    data = json.loads(finder.data)
    assert data["contributors"] == sorted(data["contributors"], reverse=True)
    new = {gain.group.group_id for theme in synthesis.themes for gain in theme.gains if gain.is_new}
    assert {i for i, is_new in zip(data["id"], data["new"], strict=True) if is_new} == new
    assert len(new) > 0
    assert finder.group_count == len(data["id"])


@pytest.mark.parametrize(
    "words",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "]]> & &lt; &amp;",
        "ligne\u2028suivante\u2029",
        "«\u202fdeux\n\nlignes\u202f» \\ \" '",
        "هذا نص 😀",
    ],
)
def test_words_come_back_as_they_are_and_cannot_end_the_script(
    synthesis: Synthesis, words: str
) -> None:
    data = saying(synthesis, words).data
    assert not re.search("[<>&\u2028\u2029]", data)
    assert json.loads(data)["label"] == [words]
    assert json.loads(data)["examples"][0][1] == words


@pytest.mark.parametrize("lost", ["\ud800", "\x00", "\x1b", "\ufffe"])
def test_a_character_that_no_page_holds_is_shown_lost(synthesis: Synthesis, lost: str) -> None:
    data = saying(synthesis, f"a{lost}b").data
    assert json.loads(data.encode("utf-8"))["examples"][0][1] == "a\ufffdb"


def test_a_long_statement_says_how_much_is_cut(synthesis: Synthesis) -> None:
    _, words, cut = json.loads(saying(synthesis, "mot " * 10_000).data)["examples"][0]
    assert len(words) <= LONGEST
    assert f"{40_000 - len(words):,}".replace(",", "\u202f") in cut
    assert "c-0000000000000000-001" in cut


def test_nothing_said_is_nothing_to_search(
    empty_tables: dict[str, pa.Table], consultation: Consultation
) -> None:
    finder = read_finder(read_synthesis(empty_tables, consultation))
    assert finder.group_count == 0
    assert json.loads(finder.data)["id"] == []
