"""Answers in a table: a web questionnaire's export, letters typed in. One submission a row.

Of a row only the columns that the consultation maps are taken, as a small JSON object: that is the
raw submission, and what its identity is made from, so a column more in the next export is nothing
new.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tasks.consultation import Columns
from tasks.mail.charsets import decode_text
from tasks.mail.received import MAIL_YEARS
from tasks.mail.sources.mailbox import ANSWER, Message, SourceError

if TYPE_CHECKING:
    from pathlib import Path

_SEPARATORS = ";,\t|"
_DATES = (
    *("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y à %H:%M", "%d/%m/%Y"),
    *("%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y"),
)


class Sheet:
    """The rows of a CSV file: any usual separator, UTF-8 or windows-1252.

    Dates are local (`2020-01-09T08:30`, `09/01/2020 08:30`, `09/01/2020`); a row whose date cannot
    be read has none.
    """

    def __init__(
        self, path: Path, place: str, limit: int, columns: Columns, timezone: ZoneInfo
    ) -> None:
        self.place = place
        self.remarks: list[str] = []
        self._path, self._limit, self._columns, self._timezone = path, limit, columns, timezone

    def locators(self) -> list[str]:
        """List the rows."""
        return [message.locator for message in self._messages()]

    def read(self, locators: Collection[str]) -> Iterator[Message]:
        """Read these rows."""
        wanted = set(locators)
        return (message for message in self._messages() if message.locator in wanted)

    def _messages(self) -> Iterator[Message]:
        seen: dict[str, int] = {}
        self.remarks = []
        for row in self._rows():
            message = self._message(row)
            rank = seen[message.locator] = seen.get(message.locator, -1) + 1
            if rank and self._columns.id:
                self.remarks.append(
                    f"{self._path.name} : plusieurs lignes portent un même identifiant ; "
                    "chacune est comptée."
                )
            yield Message(**vars(message) | {"locator": f"{message.locator}#{rank}"})

    def _rows(self) -> Iterator[dict[str, str]]:
        text, _ = decode_text(self._path.read_bytes().removeprefix(b"\xef\xbb\xbf"), "utf-8")
        first = text.partition("\n")[0]
        separator = max(_SEPARATORS, key=first.count)
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restval="")
        usual = csv.field_size_limit(max(self._limit, csv.field_size_limit()))
        try:
            names = self._names(rows)
            yield from (row for row in rows if any(row[n] for n in names))
        except csv.Error as error:
            raise SourceError(
                f"{self._path.name} ne peut pas être lu à la ligne {rows.line_num} ({error})."
            ) from None
        finally:
            csv.field_size_limit(usual)  # it is the whole process's

    def _names(self, rows: csv.DictReader[str]) -> list[str]:
        """Read the names of the columns; raise SourceError when one that is declared is absent."""
        names = [name.strip() for name in rows.fieldnames or ()]
        missing = [name for name in self._columns.used() if name not in names]
        if missing:
            raise SourceError(
                f"{self._path.name} n'a pas de colonne « {missing[0]} » : corrigez "
                f"[source.columns], ou la première ligne du fichier ({len(names)} colonnes)."
            )
        rows.fieldnames = names
        return names

    def _message(self, row: dict[str, str]) -> Message:
        names = self._columns
        answers = (row[name].strip() for name in names.text)
        content = {
            "text": "\n\n".join(answer for answer in answers if answer),
            "received_at": row[names.received_at].strip(),
            **{
                role: row[column].strip()
                for role in ("id", "address", "name", "subject")
                if (column := getattr(names, role))
            },
        }
        raw = json.dumps(content, ensure_ascii=False, sort_keys=True).encode(
            "utf-8", "surrogatepass"
        )
        locator = content.get("id") or hashlib.sha256(raw).hexdigest()
        return Message(
            locator, raw, self._instant(content["received_at"]), len(raw), media_type=ANSWER
        )

    def _instant(self, written: str) -> datetime | None:
        local = _read_date(written)
        if local is None:
            return None
        aware = local if local.tzinfo else local.replace(tzinfo=self._timezone)
        return aware.astimezone(UTC) if MAIL_YEARS[0] <= local.year <= MAIL_YEARS[1] else None


def _read_date(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        pass
    for form in _DATES:
        try:
            return datetime.strptime(written, form)  # noqa: DTZ007 - local, as the file says
        except ValueError:
            continue
    return None
