"""The same mailbox given to others: what each takes, and what it does of the work.

    python benchmarks/peers.py BOX/Maildir --peers PYTHON [--runs 3] [--json FILE]

PYTHON is that of an environment made from `benchmarks/peers.txt`. BERTopic is given what ours
groups: our statements, and their vectors as embeddings; mail-parser-reply the text of each message,
decoded. Making both is not counted in their times; reading them is.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from pathlib import Path
from typing import Any, cast

import duckdb
import numpy as np
from machine import arguments, described, in_turns, machine, measure, tell
from mailboxes import AS_OF, EXAMPLE, distinct_texts, notmuch, read_once, run, run_in_new_home

from tasks.language.linear import statement_vectors

OWN_WORDS = """import json, sys
from mailparser_reply import EmailReplyParser
parser = EmailReplyParser(languages=["fr", "en"])
for line in open(sys.argv[1], encoding="utf-8"):
    parser.read(json.loads(line)).replies[0].body
"""
TOPICS = """import json, sys
import numpy as np
from bertopic import BERTopic
texts = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
BERTopic(embedding_model=None).fit_transform(texts, np.load(sys.argv[2]))
"""
PLAIN = """import re, sys, tomllib
from email import policy
from email.parser import BytesParser
from pathlib import Path
import pandas as pd

with open(sys.argv[2], "rb") as file:
    themes = tomllib.load(file)["theme"]
words = {theme["code"]: "|".join(re.findall(r"\\w{6,}", theme["label"])) for theme in themes}
parser, rows = BytesParser(policy=policy.default), []
for path in sorted(Path(sys.argv[1]).rglob("*")):
    if path.is_file():
        message = parser.parsebytes(path.read_bytes())
        body = message.get_body(("plain", "html"))
        try:
            text = body.get_content() if body else ""
        except LookupError:
            text = ""
        rows.append((message["from"], message["date"], text))
letters = pd.DataFrame(rows, columns=["author", "date", "text"])
for code, pattern in words.items():
    letters[code] = letters["text"].str.contains(pattern, case=False)
letters[list(words)].sum().to_frame("letters").to_parquet(sys.argv[3])
"""
DOES = {
    "assises": (
        "all: mailbox to publication",
        "-",
    ),
    "notmuch new": (
        "parses and indexes every word",
        "own words, duplicates, masking, statements, groups, tables, documents",
    ),
    "mail-parser-reply": (
        "cuts quotations and signatures off texts",
        "parse mail, attachments, HTML; all that follows",
    ),
    "BERTopic": (
        "groups all statements at once, names the groups",
        "keep a group's name when mail comes; make statements or vectors; all before and after",
    ),
    "pandas + email": (
        "parses, finds themes by their words, counts letters to Parquet",
        "isolation, own words, duplicates, masking, statements, groups, checks, documents",
    ),
}


def main() -> None:
    """Prepare what the peers are given, then measure all in turns."""
    parser = arguments(__doc__)
    parser.add_argument("maildir", type=Path)
    parser.add_argument("--peers", type=Path, required=True, metavar="PYTHON")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    facts: dict[str, Any] = {"machine": machine(), "runs": asked.runs, "workers": asked.workers}
    facts["box"] = read_once(asked.maildir)
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        folder = Path(name)
        texts, statements, vectors = (folder / n for n in ("texts", "statements", "vectors.npy"))
        write_lines(texts, [text_of(path) for path in sorted(asked.maildir.glob("[cn]*/*"))])
        facts["box"] |= prepare_statements(asked.maildir, folder / "home", statements, vectors)
        plain = (asked.maildir, EXAMPLE, folder / "counts.parquet")
        works = {
            "assises": partial(run_in_new_home, asked.maildir, asked.workers),
            "notmuch new": partial(notmuch, asked.maildir),
            "mail-parser-reply": partial(measure, [asked.peers, "-c", OWN_WORDS, texts]),
            "BERTopic": partial(measure, [asked.peers, "-c", TOPICS, statements, vectors]),
            "pandas + email": partial(measure, [sys.executable, "-c", PLAIN, *plain]),
        }
        measured = in_turns(asked.runs, works)
    rows = [described(name, measures) for name, measures in measured.items()]
    for row in rows:
        row["does"], row["does not"] = DOES[row["what"]]
    tell(asked, facts, {"Peers": rows})


def text_of(path: Path) -> str:
    """Return the text of a message as the standard library decodes it."""
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    body = cast("EmailMessage", message).get_body(("plain",))
    try:
        return str(body.get_content()) if body else ""
    except LookupError:  # a charset that nobody knows
        return ""


def prepare_statements(maildir: Path, home: Path, texts: Path, vectors: Path) -> dict[str, Any]:
    """Run the program once; write its statements and their vectors, and count them."""
    source = f"maildir:{maildir.resolve()}"
    run(home, EXAMPLE, AS_OF, os.cpu_count() or 1, ("--source", source))
    with duckdb.connect(
        str(home / "published" / "latest" / "assises.duckdb"), read_only=True
    ) as db:
        found = db.execute("select text from core.statements order by statement_id").fetchall()
    statements = [text for (text,) in found]
    write_lines(texts, statements)
    np.save(vectors, np.asarray(statement_vectors(statements), dtype=np.float32))
    return {**distinct_texts(home), "statements": len(statements)}


def write_lines(path: Path, texts: list[str]) -> None:
    """Write a JSON text a line."""
    path.write_text("".join(f"{json.dumps(text)}\n" for text in texts), encoding="utf-8")


if __name__ == "__main__":
    main()
