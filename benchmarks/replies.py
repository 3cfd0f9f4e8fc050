"""Compare own text with what public fixtures expect, beside mail-parser-reply and talon.

    python benchmarks/replies.py [--fixtures ../shared/data/mail] [--peers PYTHON] [--show SET/NAME]

PYTHON is an interpreter that has `mail-parser-reply` and `talon` (1.4 wants a module `cchardet`
that no longer builds: one that re-exports `chardet` will do).

The rule, the same for every program and fixed before tuning: a fixture is exact when the program's
reply, without what it calls the signature or with it, equals the expected text without its
signature or with it, all white space removed. Programs get the decoded text of a message; of HTML,
talon gets the HTML and mail-parser-reply the text that our own reading makes of it.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.reply_fixtures import (
    QUOTEQUAIL,
    QUOTEQUAIL_FORWARDS,
    TALON,
    TALON_SIGNED,
    ZAPIER,
    Lines,
)
from tasks.mail.charsets import clean_text
from tasks.mail.html_text import read_html
from tasks.mail.names import Author
from tasks.mail.own_words import Envelope, own_words

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "mail"

PEERS = """
import json, logging, re, sys
logging.disable(logging.CRITICAL)
from mailparser_reply import EmailReplyParser
from talon import quotations
from talon.signature.bruteforce import extract_signature
from talon.utils import html_to_text
LANGUAGES = ["en", "fr", "de", "es", "it", "nl", "pl", "da", "sv", "cs", "ja", "ko", "zh"]
for line in sys.stdin:
    item = json.loads(line)
    found = {}
    try:
        first = EmailReplyParser(languages=LANGUAGES).read(item["text"]).replies[0]
        found["mail-parser-reply"] = [first.body or "", first.full_body or ""]
    except Exception:
        found["mail-parser-reply"] = []
    try:
        if item["html"]:
            reply = html_to_text(quotations.extract_from_html(item["html"]))
        else:
            reply = quotations.extract_from_plain(item["text"])
        if isinstance(reply, bytes):
            reply = reply.decode()
        found["talon"] = [reply, extract_signature(reply)[0]]
    except Exception:
        found["talon"] = []
    print(json.dumps(found))
"""


@dataclass(frozen=True)
class Fixture:
    """A message and the forms of its own text that count as exact."""

    name: str
    text: str
    expected: tuple[str, ...]
    html: str = ""

    def is_exact(self, found: list[str]) -> bool:
        """Tell whether one of a program's answers is one of the forms expected."""
        return bool({_squeezed(text) for text in found} & {_squeezed(e) for e in self.expected})


def _squeezed(text: str) -> str:
    return "".join(clean_text(text).split())


def read_fixtures(root: Path) -> Iterator[Fixture]:
    """Yield every fixture of the frozen list."""
    folder = root / "discourse_reply_trimmer" / "test"
    for path in sorted((folder / "emails").glob("*.txt")):
        yield Fixture(
            f"discourse/{path.stem}", _read(path), (_read(folder / "trimmed" / path.name),)
        )
    folder = root / "zapier_reply" / "test" / "emails"
    for name, (own, signature) in ZAPIER.items():
        text = _read(folder / f"{name}.txt")
        without = _lines(text, own)
        yield Fixture(f"zapier/{name}", text, (without, without + _lines(text, signature)))
    folder = root / "talon" / "tests" / "fixtures"
    for name, counts in TALON.items():
        yield _counted(f"talon/{name}", folder / name, counts)
    for name in TALON_SIGNED:
        stem = folder / "signature" / "emails" / "stripped" / name
        text = _read(stem.with_name(f"{name}_body")).replace("#sig#", "")
        signature = _read(stem.with_name(f"{name}_signature")).replace("#sig#", "").strip()
        yield Fixture(f"talon/signed/{name}", text, (text.strip().removesuffix(signature), text))
    folder = root / "quotequail" / "tests" / "files"
    for name, counts in QUOTEQUAIL.items():
        yield _counted(f"quotequail/{name}", folder / name, counts)
    for name, parts in QUOTEQUAIL_FORWARDS.items():
        html = _read(folder / name)
        expected = " ".join(_shown(_read(folder / part)) for part in parts)
        yield Fixture(f"quotequail/{name}", read_html(html).text, (expected,), html)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")


def _lines(text: str, ranges: Lines) -> str:
    lines = text.split("\n")
    return "\n".join("\n".join(lines[first - 1 : last]) for first, last in ranges)


def _shown(html: str) -> str:
    """Leave the tags of HTML away, in the simplest way, which is nobody's under test."""
    body = re.sub(
        r"<(style|head|title|script)\b.*?</\1>|<!--.*?-->",
        " ",
        html,
        flags=re.DOTALL | re.IGNORECASE,
    )
    return unescape(re.sub(r"<[^>]*>", " ", body)).replace("\xa0", " ")


def _counted(name: str, path: Path, counts: tuple[int, int]) -> Fixture:
    html = text = ""
    if path.suffix == ".eml":
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        part = message.get_body(("plain",))  # type: ignore[attr-defined]
        text = part.get_content().replace("\r\n", "\n")
        words = text.split()
    else:
        html = _read(path)
        text, words = read_html(html).text, _shown(html).split()
    own, signature = counts
    if own < 0:
        return Fixture(name, text, (" ".join(words[own:]),))
    forms = (" ".join(words[:own]), " ".join(words[: own + signature]))
    return Fixture(name, text, forms, html)


def read_ours(fixture: Fixture) -> list[str]:
    """Return our own words of a fixture, without and with the signature."""
    found = own_words(clean_text(fixture.text), Envelope(Author("", ""), is_reply=True))
    return [found.own, f"{found.own}\n{found.signature}"]


def read_peers(fixtures: list[Fixture], python: str) -> list[dict[str, list[str]]]:
    """Return what the peers find, in a process that has them."""
    items = "\n".join(json.dumps({"text": f.text, "html": f.html}) for f in fixtures)
    done = subprocess.run(
        [python, "-P", "-W", "ignore", "-c", PEERS],
        input=items,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> None:
    """Print a table of exact fixtures by set and program."""
    parser = argparse.ArgumentParser(description="Compare own text with public fixtures.")
    parser.add_argument("--fixtures", type=Path, default=SHARED)
    parser.add_argument("--peers", help="an interpreter that has mail-parser-reply and talon")
    parser.add_argument("--show", default="", help="show the fixtures whose name begins so")
    arguments = parser.parse_args()
    fixtures = list(read_fixtures(arguments.fixtures))
    answers = [{"assises": read_ours(fixture)} for fixture in fixtures]
    if arguments.peers:
        peers = read_peers(fixtures, arguments.peers)
        answers = [ours | theirs for ours, theirs in zip(answers, peers, strict=True)]
    if arguments.show:
        show(fixtures, answers, arguments.show)
    sets = list(dict.fromkeys(fixture.name.partition("/")[0] for fixture in fixtures))
    print(f"{'':<20}" + "".join(f"{name:>20}" for name in (*sets, "all")))
    for program in answers[0]:
        exact = [f.is_exact(a[program]) for f, a in zip(fixtures, answers, strict=True)]
        cells = []
        for name in (*sets, ""):
            held = [e for f, e in zip(fixtures, exact, strict=True) if f.name.startswith(name)]
            cells.append(f"{sum(held)}/{len(held)} {sum(held) / len(held):.3f}")
        print(f"{program:<20}" + "".join(f"{cell:>20}" for cell in cells))


def show(fixtures: list[Fixture], answers: list[dict[str, list[str]]], beginning: str) -> None:
    """Print the fixtures that ours does not read as expected."""
    for fixture, answer in zip(fixtures, answers, strict=True):
        if fixture.name.startswith(beginning) and not fixture.is_exact(answer["assises"]):
            print(f"=== {fixture.name}\n--- text\n{fixture.text}\n--- expected")
            print(fixture.expected[0], f"\n--- found\n{answer['assises'][0]}\n")


if __name__ == "__main__":
    main()
