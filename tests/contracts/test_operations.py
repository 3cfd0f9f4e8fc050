"""docs/operations.md says of every sentence that a run may end with what to do; documents' commands
are those of the program."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from flows.cli import _parser

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
# What only other commands than a run say is told where it happens, to whoever typed them.
OTHER_COMMANDS = {
    "deployment",
    "evaluation",
    "export",
    "inspection",
    "review",
    "rights",
    "sampling",
    "setup",
    "signoff",
    "backup",
    "backups",
    "changes",
    "gates",
    "run_commands",
}
# Those of a message never fail a run.
NOT_OF_A_RUN = {"AlertError", "FaultError", "SendError", "UncertainError"}
VARIABLE = "…"
ABOVE = "Rien n'est perdu et la dernière publication reste en place."  # the section's first lines


@cache
def trees() -> dict[Path, ast.Module]:
    return {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for top in ("flows", "tasks", "expectations", "warehouse")
        for path in (ROOT / top).rglob("*.py")
    }


def tellable() -> set[str]:
    """Return the classes of errors that are told as they are: TellableError and its kinds."""
    classes = [
        n for tree in trees().values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)
    ]
    found = {"TellableError"}
    while True:
        more = {c.name for c in classes if found & {getattr(b, "id", "") for b in c.bases}}
        if more <= found:
            return found
        found |= more


def written(node: ast.expr) -> str:
    """Return the words of a text in the code, what varies being VARIABLE."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(written, node.values))
    return VARIABLE


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts within a piece of code, each whole."""
    if isinstance(node, ast.Constant | ast.JoinedStr):
        yield written(node)
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def sentences() -> list[str]:
    """Return every sentence that a run may end with, and those that failures.py makes."""
    kinds = tellable() - NOT_OF_A_RUN
    found = [
        written(node.args[0])
        for path, tree in trees().items()
        if path.stem not in OTHER_COMMANDS
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds and node.args
    ]
    for node in ast.walk(trees()[ROOT / "flows" / "failures.py"]):
        if isinstance(node, ast.Return | ast.Assign) and node.value:
            found += texts(node.value)
    found = [sentence for sentence in found if sentence != ABOVE]
    return [sentence for sentence in found if len(re.findall(r"[^\W\d_]{2,}", sentence)) > 2]


def rows() -> list[str]:
    section = OPERATIONS.partition("## When a run fails\n")[2].partition("\n## ")[0]
    return re.findall(r"(?m)^\| `([^`]+)` \|", section)


def test_every_sentence_of_a_failed_run_has_a_row() -> None:
    missing = [s for s in sentences() if not any(row in s for row in rows())]
    assert not missing, "docs/operations.md, « When a run fails », has no row for:\n" + "\n".join(
        missing
    )


def test_every_row_quotes_a_sentence_of_the_program() -> None:
    source = "\n".join(
        written(node)
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
    )
    assert rows()
    assert [row for row in rows() if row not in source] == []


# --- commands ------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command line that a document shows, with the document's name."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"(?ms)^```sh\n(.*?)^```$", text):
            for line in block.replace("\\\n", " ").splitlines():
                if found := re.match(r"(?:[A-Z_]+=\S+ )*(?:assises|consult) (.*)", line):
                    yield path.name, found[1]


@pytest.mark.parametrize(("document", "line"), list(commands()))
def test_every_command_of_a_document_is_understood(document: str, line: str) -> None:
    arguments = shlex.split(line, comments=True)
    try:
        _parser().parse_args(arguments)
    except SystemExit:
        pytest.fail(f"{document}: « assises {line} » is not understood")
