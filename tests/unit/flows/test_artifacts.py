from __future__ import annotations

from html import escape

import pytest
from markdown_it import MarkdownIt

from flows.artifacts import unmarked


@pytest.mark.parametrize(
    "text",
    [
        "Assises de la ruralité : l'eau, 2020 – « nous »",
        "<script>alert(1)</script> &amp; <b>",
        "[ici](javascript:alert(1)) ![x](https://mal.invalid/x.png) <https://mal.invalid>",
        "*gras* _penché_ `code` ~~non~~ # titre | a | b \\\\",
        "1. un - deux + trois",
    ],
)
def test_a_title_is_shown_in_markdown_as_it_is(text: str) -> None:
    shown = MarkdownIt().render(f"# {unmarked(text)}")
    assert shown == f"<h1>{escape(text, quote=False).replace(chr(34), '&quot;')}</h1>\n"


def test_a_title_begins_no_other_block() -> None:
    text = "Assises\n\n```mermaid\ngraph TD\n```"
    shown = MarkdownIt().render(f"# {unmarked(text)}")
    assert shown == "<h1>Assises ```mermaid graph TD ```</h1>\n"
