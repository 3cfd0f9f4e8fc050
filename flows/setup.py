"""A new consultation: its file, from the template of the package and what is known of it already.

What is not given stays an example in a comment, and every command refuses the file until it is
filled: nothing is assumed of whose consultation it is, when, or where its mail comes.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from textwrap import shorten
from typing import Any, Final

from flows.run import UsageError, named_sources
from tasks.consultation import CODE, ConsultationError, Source, parse_consultation
from tasks.language.words import fold
from warehouse.files import make_folder

NAME: Final = "consultation.toml"
REQUIRED: Final = (
    "slug",
    "title",
    "organiser",
    "addressee",
    "opening",
    "deadline",
    "department",
)
_ZONES: Final = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
_SHORT_LABEL: Final = 40  # characters of a theme's name in a chart
_SLUG: Final = 34  # characters of a short name, before its year


@dataclass(frozen=True)
class Known:
    """What is already known of a consultation: keys of its file, themes and sources."""

    keys: Mapping[str, str]
    themes: Sequence[str] = ()  # code=label
    sources: Sequence[str] = ()
    password: str | None = None  # where that of the mailboxes is, never itself


@dataclass(frozen=True)
class Prepared:
    """The file that was written, and what a person must still fill in it."""

    path: Path
    missing: tuple[str, ...]


def set_up(folder: Path, known: Known, home: Path | None = None) -> Prepared:
    """Write the file of a consultation in a folder, and make its home when one is asked for.

    Raises UsageError when there is a file already, or what is known could make none.
    """
    keys = dict(_read_keys(known.keys))
    themes = [_read_theme(theme) for theme in known.themes]
    sources = named_sources(known.sources)
    if known.password is not None:
        sources = tuple(replace(source, password=known.password) for source in sources)
    _refuse_wrong(keys, themes, sources)
    path = folder / NAME
    try:
        make_folder(folder)
        with path.open("x", encoding="utf-8") as file:
            file.write(fill(keys, themes, sources))
    except FileExistsError:
        raise UsageError(f"{path} existe déjà : il n'a pas été changé.") from None
    except NotADirectoryError:
        raise UsageError(f"{folder} n'est pas un dossier : indiquez-en un autre.") from None
    if home is not None:
        make_folder(home)
    missing = [key for key in REQUIRED if key not in keys]
    missing += [
        name for name, given in (("[[theme]]", themes), ("[[source]]", sources)) if not given
    ]
    return Prepared(path, tuple(missing))


def template() -> str:
    """Return the file of a consultation of which nothing is known."""
    return files("flows").joinpath(NAME).read_text(encoding="utf-8")


def fill(
    keys: Mapping[str, Any], themes: Sequence[tuple[str, str]], sources: Sequence[Source]
) -> str:
    """Return the template with what is known in the place of its examples."""
    text = template()
    for key, value in keys.items():
        text = _replaced(rf"#?{key} = .*\n", f"{key} = {_toml(value)}\n", text)
    if sources:
        text = _replaced(r"#\[\[source\]\]\n(?:#.*\n)*", "\n".join(map(_source, sources)), text)
    if themes:
        text = _replaced(r"#\[\[theme\]\]\n(?:#.*\n)*", "\n".join(map(_theme, themes)), text)
        lexicons = "\n".join(map(_lexicon, dict(themes)))
        text = _replaced(r"#\[lexicon\.\w+\]\n(?:#.*\n)*", lexicons, text)
    return text


def _replaced(pattern: str, by: str, text: str) -> str:
    """Replace the first lines of a text that a pattern fits."""
    return re.sub(f"(?m)^{pattern}", lambda _: by, text, count=1)


def _toml(value: Any) -> str:
    """Write a value as TOML: an instant, or a text as JSON writes it, which TOML reads."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return json.dumps(value, ensure_ascii=False)


def _source(source: Source) -> str:
    lines = ["[[source]]", f"name = {_toml(source.name)}", f"uri = {_toml(source.uri)}"]
    if source.uri.startswith(("imaps:", "imap:")):
        lines.append(f"password = {_toml(source.password)}")
    return "\n".join(lines) + "\n"


def _theme(theme: tuple[str, str]) -> str:
    code, label = theme
    short = shorten(label, _SHORT_LABEL, placeholder="…")
    return (
        f"[[theme]]\ncode = {_toml(code)}\nlabel = {_toml(label)}\n"
        f'short_label = {_toml(short)}\ndescription = ""\n'
    )


def _lexicon(code: str) -> str:
    return f"[lexicon.{code}]\ncues = []\ncounter_cues = []\nexamples = []\n"


# --- what is given -------------------------------------------------------------------------------


def _read_keys(given: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield each key of the file that is given or follows from another, with its value."""
    instants = {
        key: _read_instant(key, given[key]) for key in ("opening", "deadline") if key in given
    }
    if len(instants) == 1:
        raise UsageError("Donnez --opening et --deadline ensemble, ou aucun des deux.")
    if "slug" not in given and "title" in given:
        yield "slug", _slug(given["title"], instants.get("opening"))
    if zone := _ZONES.get(given.get("department", "")):
        yield "timezone", zone
    yield from (given | instants).items()  # type: ignore[operator]


def _read_instant(key: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)  # a date is its first instant
    except ValueError:
        raise UsageError(
            f"--{key} {text} : écrivez une date comme 2020-01-20, ou un instant comme "
            "2020-01-20T12:00."
        ) from None


def _read_theme(text: str) -> tuple[str, str]:
    code, _, label = (part.strip() for part in text.partition("="))
    if not CODE.fullmatch(code) or not label:
        raise UsageError(
            f"--theme {text} : écrivez code=intitulé, comme "
            '"service=attentes en termes de service rendu à la population" ; un code n\'a que des '
            "minuscules sans accent, des chiffres, - et _."
        )
    return code, label


def _slug(title: str, opening: datetime | None) -> str:
    """Make a short name of a title and of the year when its consultation opens."""
    words = "-".join(re.findall("[a-z0-9]+", fold(title)))
    cut = words if len(words) <= _SLUG else words[:_SLUG].rpartition("-")[0]
    return f"{cut}-{opening.year}" if opening else cut


def _refuse_wrong(
    keys: Mapping[str, Any], themes: Sequence[tuple[str, str]], sources: Sequence[Source]
) -> None:
    """Raise UsageError when what is known could not stand in a file, the rest being as usual."""
    if any(source.uri.startswith("csv:") for source in sources):
        raise UsageError(
            "Un tableau csv: a besoin de ses colonnes : laissez-le, puis remplissez son exemple "
            "dans le fichier."
        )
    examples = dict(re.findall(r"(?m)^#(\w+) = (.*)$", template().partition("[[source]]")[0]))
    usual = {key: tomllib.loads(f"v = {examples[key]}")["v"] for key in REQUIRED}
    try:
        parse_consultation(fill(usual | dict(keys), themes or [("theme", "Thème")], sources))
    except ConsultationError as error:
        raise UsageError(f"Ce qui est donné ne peut pas être écrit : {error}.") from None
