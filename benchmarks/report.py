"""Put figures that benchmarks wrote into a page, between its markers.

    python benchmarks/report.py FIGURES docs/performance.md

FIGURES is a folder of what `--json` wrote. What stands between `<!-- figures: NAME -->` and
`<!-- end -->` becomes the facts and the tables of NAME.json; where there is no such file, it stays.
A file without a place in the page is an error.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from machine import in_words, table

_MARKED = re.compile(r"(?s)<!-- figures: (\S+) -->\n.*?<!-- end -->")


def main() -> None:
    """Write the page anew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("figures", type=Path)
    parser.add_argument("page", type=Path)
    asked = parser.parse_args()
    figures, page = asked.figures, asked.page
    text = page.read_text(encoding="utf-8")
    places = {found[1] for found in _MARKED.finditer(text)}
    if lost := sorted({file.stem for file in figures.glob("*.json")} - places):
        parser.error(f"no place in {page} for {', '.join(lost)}")
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
