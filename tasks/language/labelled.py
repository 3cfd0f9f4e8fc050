"""Statements that readers labelled, from a CSV table: text, theme and kind, one label a statement.

Pure: bytes in, `Labelled` out. A table that cannot be used is one French sentence that says which
line to mend; an empty cell is a label that nobody gave.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tasks.language.words import tokens
from warehouse.contracts import KINDS

_SEPARATORS = ",;\t"


class LabelError(ValueError):
    """The table of labels is wrong; the message is a French sentence for whoever made it."""


@dataclass(frozen=True)
class Labelled:
    """A statement with the theme and the kind that a reader gave it, or null."""

    unit_id: str
    text: str
    theme: str | None
    kind: str | None


def read_labelled(
    content: bytes, themes: Sequence[str], required: Collection[str] = ("text", "theme", "kind")
) -> list[Labelled]:
    """Read a table in UTF-8, its cells apart by commas, semicolons or tabs.

    Raises LabelError for a missing column of those required, an unknown code, no label at all.
    """
    rows = _Rows(_decoded(content), required)
    found = [
        Labelled(
            (row.get("unit_id") or "").strip(),
            row.get("text") or "",
            _code(row, "theme", themes, line),
            _code(row, "kind", KINDS, line),
        )
        for line, row in rows
    ]
    labelled = [one for one in found if one.theme or one.kind]
    if not labelled:
        raise LabelError("aucune ligne n'a de thème ni de nature : donnez au moins un énoncé")
    return labelled


def repeated_units(statements: Sequence[Labelled]) -> int:
    """Count the units that several rows bear, as when two readers' labels are in one table."""
    rows = Counter(one.unit_id for one in statements if one.unit_id)
    return sum(1 for count in rows.values() if count > 1)


def folded_words(text: str) -> str:
    """Return the words of a text, folded: two statements that share them are the same."""
    return " ".join(tokens(text))


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise LabelError(
            f"ligne {line} : ce n'est pas de l'UTF-8 ; enregistrez le tableau en CSV UTF-8"
        ) from None
    if not text.strip():
        raise LabelError("le fichier est vide : il faut les colonnes text, theme et kind")
    return text


class _Rows:
    """The rows of a table, each with the number of its first line."""

    def __init__(self, text: str, required: Collection[str]) -> None:
        first = text.partition("\n")[0]
        separator = max(_SEPARATORS, key=first.count)
        self._rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            self._rows.fieldnames = [name.strip() for name in self._rows.fieldnames or ()]
        except csv.Error as error:
            raise self._unreadable(error) from None
        names = list(self._rows.fieldnames or ())
        if missing := [name for name in required if name not in names]:
            raise LabelError(
                f"il manque la colonne {missing[0]} (colonnes du fichier : "
                f"{', '.join(filter(None, names)) or 'aucune'})"
            )

    def __iter__(self) -> Iterator[tuple[int, dict[str, str | None]]]:
        line = self._rows.line_num + 1
        try:
            for row in self._rows:
                if None in row:
                    raise LabelError(
                        f"ligne {line} : plus de cellules que de colonnes ; mettez le texte entre "
                        "guillemets"
                    )
                yield line, row
                line = self._rows.line_num + 1
        except csv.Error as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: csv.Error) -> LabelError:
        return LabelError(f"ligne {self._rows.line_num} : le tableau ne peut être lu ({error})")


def _code(row: dict[str, str | None], column: str, known: Collection[str], line: int) -> str | None:
    code = (row.get(column) or "").strip()
    if code and code not in known:
        what = {"theme": "thème inconnu", "kind": "nature inconnue"}[column]
        raise LabelError(
            f"ligne {line}, colonne {column} : {what} « {code} » ; codes connus : "
            f"{', '.join(known)}"
        )
    return code or None
