"""Made-up names, numbers and addresses planted all over a consultation's mail, and their finder.

All begin alike, so a marker that was cut or written otherwise is found too. Words of an opinion
have a beginning of their own: they rightly stay in what analysts get, and nowhere else.
"""

from __future__ import annotations

import base64
import gzip
import io
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from email.header import Header
from email.message import EmailMessage
from itertools import count, product
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from tests.servers.dovecot import PASSWORD

PERSON, OPINION = "zwykhold", "brimzorel"
PHONES = ("06 39 98", "06.39.98", "+33 6 39 98")
PERSONAL = (PERSON, *PHONES)
SECRET = PASSWORD[:14]

_SYLLABLES = [a + b for a, b in product("bdfgklmnprstv", "aeiou")]
_CODINGS = [
    ("utf-8", "base64"),
    ("iso-8859-15", "quoted-printable"),
    ("utf-8", "8bit"),
    ("windows-1252", "base64"),
    ("utf-16", "base64"),
]
_PROBLEMS = [
    "La gare de Varennes est sombre le soir. Il faut des lampadaires près du carrefour {}.",
    "Je ne vois jamais de patrouille à pied. Il faut des îlotiers au quartier {}.",
    "Le commissariat ne répond pas au téléphone. Il faut un accueil à la place {}.",
]


class Markers:
    """Markers, each given once; `given` remembers them."""

    def __init__(self) -> None:
        self._rank = count()
        self.given: list[str] = []

    def name(self) -> str:
        first, second = divmod(next(self._rank), len(_SYLLABLES))
        self.given.append(f"Zwykhold{_SYLLABLES[first]}{_SYLLABLES[second]}")
        return self.given[-1]

    def word(self) -> str:
        return self.name().lower()

    def phone(self) -> str:
        rank = next(self._rank)
        form = f"{PHONES[rank % len(PHONES)]} {rank // 100:02} {rank % 100:02}"
        self.given.append(form.replace(" ", ".") if "." in form else form)
        return self.given[-1]


def letter(rank: int, markers: Markers, received: str, more: str = "") -> bytes:
    """Write a letter with 14 markers: in its header, its words, its signature, its attachments."""
    charset, encoding = _CODINGS[rank % len(_CODINGS)]
    author = f"Éloïse {markers.name()}"
    address = f"{markers.word()}@{markers.word()}.example"
    street, phone = f"{rank + 1} rue {markers.name()}", markers.phone()
    body = EmailMessage()
    body.set_content(
        f"Bonjour,\n\n{_PROBLEMS[rank % len(_PROBLEMS)].format(OPINION + 'a' * (rank % 4))}\n\n"
        f"Vous pouvez m'appeler au {markers.phone()} ou écrire à {markers.word()}@essai.example.\n"
        f"\nCordialement,\n{author}\n{street}\n03000 Moulins\nTél. {phone}\n{address}\n",
        charset=charset,
        cte=encoding,
    )
    body.add_attachment(
        f"Il faut aussi un banc devant la mairie.\n\nCordialement,\n{author}\n".encode("utf-16"),
        maintype="text",
        subtype="plain",
        filename=f"été {markers.word()}.txt",
        params={"charset": "utf-16"},
    )
    body.add_attachment(
        b"\x89PNG", maintype="image", subtype="png", filename=f"{markers.word()}.png"
    )
    head = [
        f"Received: from {markers.word()}.example by boite.example; {received}",
        f"Message-ID: <{markers.word()}@essai.example>",
        f"From: {Header(author, ('utf-8', 'iso-8859-1')[rank % 2]).encode()} <{address}>",
        f"Cc: {markers.name()} <copie@essai.example>",
        f"Subject: {Header(f'Réponse de {markers.name()}', 'utf-8').encode()}",
        f"X-Envoi: {markers.word()}",
    ]
    return "\n".join([*head, more, ""]).replace("\n\n", "\n").encode() + body.as_bytes()


def sheet(rows: int, markers: Markers) -> str:
    """Write a table of answers, four markers a row."""
    lines = ["Numéro;Date;Courriel;Nom;Objet;Réponse"]
    for row in range(rows):
        who = [markers.word(), f"{markers.word()}@essai.example", f"Jean {markers.name()}"]
        subject, problem = markers.name(), _PROBLEMS[row % len(_PROBLEMS)].format(OPINION)
        lines.append(";".join([who[0], "10/01/2020", *who[1:], subject, problem]))
    return "\n".join(lines) + "\n"


# --- finding them --------------------------------------------------------------------------------


def pattern(stems: Iterable[str]) -> re.Pattern[bytes]:
    """Match stems in bytes: as UTF-8, UTF-16 or in the middle of base64."""
    forms = set[bytes]()
    for stem in stems:
        for cased in (stem, stem.capitalize(), stem.upper()):
            forms |= {cased.encode(), cased.encode("utf-16-le")}
            for coded, skipped in product((cased.encode(), cased.encode("utf-16-le")), range(3)):
                whole = coded[skipped : skipped + (len(coded) - skipped) // 3 * 3]
                forms.add(base64.b64encode(whole))
    return re.compile(b"|".join(re.escape(form) for form in sorted(forms)), re.DOTALL)


def found(sought: re.Pattern[bytes], files: Iterable[Path]) -> list[str]:
    """Say where it is in files, decoded as those who open them would."""
    return [
        f"{path} : {content[max(0, hit.start() - 60) : hit.end() + 30]!r}"
        for path in files
        for content in (str(path).encode(), *contents(path))
        if (hit := sought.search(content))
    ]


def contents(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, and what they hold: rows, members, what was compressed."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:  # another program's, in a folder that all share
        return
    yield raw
    if raw[:4] == b"PAR1":
        yield repr(pq.ParquetFile(path).read().to_pydict()).encode()
        yield repr(pq.read_metadata(path).metadata).encode()
    elif raw[8:12] == b"DUCK":
        yield from _rows(path, duckdb.connect)
    elif raw[:6] == b"SQLite":
        yield from _rows(path, sqlite3.connect)
    elif raw[:2] == b"\x1f\x8b":
        yield gzip.decompress(raw)
    elif raw[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(raw)) as members:
            yield from (members.read(name) for name in members.namelist())


def _rows(path: Path, connect: object) -> Iterator[bytes]:
    """Yield the rows of each table of a copy of a database, what its log holds included."""
    with tempfile.TemporaryDirectory() as folder:
        for file in path.parent.glob(f"{path.name}*"):
            if file.is_file():
                shutil.copy(file, folder)
        connection = connect(str(Path(folder) / path.name))  # type: ignore[operator]
        names = (
            "select '\"' || table_schema || '\".\"' || table_name || '\"' from information_schema"
            ".tables"
            if connect is duckdb.connect
            else "select '\"' || name || '\"' from sqlite_master where type = 'table'"
        )
        for (name,) in connection.execute(names).fetchall():
            yield repr(connection.execute(f"select * from {name}").fetchall()).encode()
        connection.close()
