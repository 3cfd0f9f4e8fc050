"""Put figures that benchmarks wrote into a page, between its markers.

    python benchmarks/report.py FIGURES docs/performance.md

FIGURES is a folder of what `--json` wrote. What stands between `<!-- figures: NAME -->` and
`<!-- end -->` becomes the facts and the tables of NAME.json; where there is no such file, it stays.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from machine import in_words, table

_MARKED = re.compile(r"(?s)<!-- figures: (\S+) -->\n.*?<!-- end -->")


def main() -> None:
    """Write the page anew."""
    figures, page = map(Path, sys.argv[1:3])
    text = page.read_text(encoding="utf-8")
    page.write_text(_MARKED.sub(lambda found: filled(found, figures), text), encoding="utf-8")


def filled(found: re.Match[str], figures: Path) -> str:
    """Return a marked place with the figures of its file, or as it is."""
    file = figures / f"{found[1]}.json"
    if not file.exists():
        return found[0]
    return f"<!-- figures: {found[1]} -->\n{told(json.loads(file.read_text()))}\n<!-- end -->"


def told(figures: dict[str, Any]) -> str:
    """Return facts as a paragraph, then each table under its title."""
    tables, busy = figures.pop("tables"), not figures["machine"]["is_quiet"]
    parts = ["**Provisional**: other programs shared the machine."] if busy else []
    parts.append("; ".join(f"{name}: {in_words(value)}" for name, value in figures.items()) + ".")
    for title, rows in tables.items():
        parts += [f"{title}:", table(rows)]
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
