"""What differs between two versions of a consultation's file, as whoever edited it would say it.

Pure: the contents of two TOML files in, sentences out. Keys are named as the file writes them.
Of sources, messages and alerts only the key is said: their values are addresses and places, and
what is kept of a file has fingerprints in their stead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any, Final

_UNSAID: Final = ("source", "message", "alerts")
_NAMES: Final = ("code", "name")  # what tells one table of an array from another
# Where something is, and where its secret is; then addresses, wherever they stand.
_PLACE: Final = re.compile(
    r"""(?m)^(\s*(?:uri|user|password|authorities|server|key)\s*=\s*)(["'])(.+?)\2"""
)
_ADDRESS: Final = re.compile(r"""[^\s"'<>,;/]+@[\w.-]+""")


def without_places(text: str) -> str:
    """Return a file's text with each place and address told from another, and not read."""
    text = _PLACE.sub(lambda m: f'{m[1]}"{_fingerprint(m[3])}"', text)
    return _ADDRESS.sub(lambda m: _fingerprint(m[0]), text)


def _fingerprint(text: str) -> str:
    return f"empreinte-{sha256(text.encode()).hexdigest()[:8]}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return a sentence a key that differs, in the order of the file."""
    return list(_of_tables("", before, after))


def _of_tables(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*after, *before]):
        inner = f"{path}.{key}" if path else key
        yield from _of_values(inner, before.get(key), after.get(key))


def _of_values(path: str, before: Any, after: Any) -> Iterator[str]:
    both = [value for value in (before, after) if value is not None]
    if before == after:
        return
    if all(isinstance(value, Mapping) for value in both):
        yield from _of_tables(path, before or {}, after or {})
    elif all(_is_array_of_tables(value) for value in both):
        yield from _of_arrays(path, _named(before or []), _named(after or []))
    elif path.partition("[")[0].partition(".")[0] in _UNSAID:
        yield f"{path} : {'ajouté' if before is None else 'retiré' if after is None else 'changé'}"
    elif all(isinstance(value, list) for value in both):
        yield f"{path} : {_of_lists(before or [], after or [])}"
    else:
        yield f"{path} : {_said(before)} → {_said(after)}"


def _of_arrays(
    path: str, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    for name in dict.fromkeys([*after, *before]):
        if name in before and name in after:
            yield from _of_tables(f"{path}[{name}]", before[name], after[name])
        else:
            label = (after if name in after else before)[name].get("label")
            told = f" (« {label} »)" if label else ""
            yield f"{path}[{name}] : {'ajouté' if name in after else 'retiré'}{told}"
    kept = [[n for n in one if n in other] for one, other in ((before, after), (after, before))]
    if kept[0] != kept[1]:
        yield f"{path} : dans un autre ordre ({', '.join(kept[1])})"


def _of_lists(before: Sequence[Any], after: Sequence[Any]) -> str:
    signed = [f"+ {_said(v)}" for v in after if v not in before]
    signed += [f"− {_said(v)}" for v in before if v not in after]
    return ", ".join(signed) or "les mêmes, dans un autre ordre ou un autre nombre"


def _is_array_of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(table, Mapping) for table in value)


def _named(tables: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {
        str(next((table[key] for key in _NAMES if key in table), rank)): table
        for rank, table in enumerate(tables, 1)
    }


def _said(value: Any) -> str:
    """Write a value of a TOML file for a person."""
    said = str(value)
    match value:
        case None:
            said = "rien"
        case bool():
            said = "oui" if value else "non"
        case str():
            said = f"« {value} »"
        case list():
            said = ", ".join(map(_said, value)) or "liste vide"
        case datetime():
            said = f"{value:%d/%m/%Y à %H:%M}"
        case date():
            said = f"{value:%d/%m/%Y}"
        case time():
            said = f"{value:%H:%M}"
    return said
