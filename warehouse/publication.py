"""The shelf of publications: each whole, named by its content, replaced in one step.

A publication is written aside, its manifest last, then renamed to the SHA-256 of that manifest; the
dated link and `latest` move after it, `latest` last. Killed anywhere, readers keep what they had.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.analysts_copy import write_analysts_copy
from warehouse.contracts import Table
from warehouse.data_package import PACKAGE, package_bytes, publication_package, with_files
from warehouse.database import Database, DatabaseError
from warehouse.decisions import BROUILLON
from warehouse.files import (
    PARQUET,
    ROW_GROUP,
    STAGED,
    make_folder,
    sha256_of,
    sha256_of_file,
    sync_file,
    sync_folder,
    write_bytes,
    writing,
)
from warehouse.lake import code_fingerprint

DATABASE: Final = "assises.duckdb"
MANIFEST: Final = "manifest.json"
LATEST: Final = "latest"
VERSIONS: Final = ".versions"
_COPIED: Final = ".copied"  # a sum of which version is the latest, and of what it was made under
# What is in no row of a contribution, and may be gone from the next publication.
_DECIDED: Final = (
    *("configuration_sha256", "decisions_sha256", "accepted_gates", "revision_reason"),
    *("state", "validated_by", "transmitted_to"),
)
# What the manifests of earlier programs do not say: nobody could withdraw then, nor sign.
_UNSAID: Final = {**BROUILLON, "withdrawn_sha256": sha256_of(()), "revision_reason": None}


@dataclass(frozen=True)
class Published:
    """A publication on the shelf, the link by which it is served, and what holds its files.

    The link may serve another by the time that one reads through it: what must be of this one is
    read in its folder.
    """

    link: Path
    manifest: Mapping[str, Any]
    folder: Path

    @property
    def as_of(self) -> date:
        """The last day it takes into account."""
        return date.fromisoformat(self.manifest["as_of_date"])

    @property
    def is_final(self) -> bool:
        """Whether it is the synthesis of the closed consultation."""
        return bool(self.manifest["is_final"])

    @property
    def version(self) -> str:
        """What it was made from, in short; its sign-off is of this, and is no part of it."""
        return str(self.manifest["publication_version"])

    @property
    def state(self) -> str:
        """Where it stands: brouillon, validée or transmise."""
        return str(self.manifest["state"])

    def says(self, facts: Mapping[str, Any]) -> bool:
        """Tell whether its manifest says this of it."""
        return self.manifest.items() >= written(facts).items()

    def holds(self, contracts: Iterable[Table]) -> bool:
        """Tell whether it has these tables: an earlier program may have published fewer."""
        return all((self.folder / "parquet" / f"{t.qualified}.parquet").exists() for t in contracts)

    def tables(self, contracts: Iterable[Table]) -> dict[str, pa.Table]:
        """Return its tables as they were when it was made, keyed by qualified name."""
        return {
            table.qualified: pq.read_table(
                self.folder / "parquet" / f"{table.qualified}.parquet", schema=table.schema
            )
            for table in contracts
        }

    def damaged(self, *, whole: bool) -> list[str]:
        """Return its files that are missing or are not what its manifest says.

        Of the database, which has no sum of its bytes: whether it opens, with `whole` is read.
        """
        sums = self.manifest["files"]
        is_named = self.folder.name == sha256_of_file(self.folder / MANIFEST)
        found = [] if is_named else [MANIFEST]
        return found + [name for name in sums if not self._is_sound(name, sums[name], whole=whole)]

    def _is_sound(self, name: str, sums: Mapping[str, Any], *, whole: bool) -> bool:
        path = self.folder / name
        try:
            if name == DATABASE:
                Database.check(path, whole=whole)
                return True
            return bool(sha256_of_file(path) == sums["sha256"])
        except (DatabaseError, OSError):
            return False


class Shelf:
    """The publications of one consultation under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, name: str) -> Published | None:
        """Return the publication behind a dated link or `latest`; null when there is none."""
        link = self.root / name
        folder = link.resolve()
        if not (folder / MANIFEST).is_file():
            return None
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        return Published(link, _UNSAID | json.loads(text), folder)

    def dated(self) -> list[Published]:
        """Return the publication of each published day, oldest first."""
        names = sorted(p.name for p in self.root.glob("[0-9]*") if p.is_symlink())
        return [found for name in names if (found := self.get(name)) is not None]

    def broken_links(self) -> list[str]:
        """Return the names under which a publication should be served and is not."""
        links = sorted(path for path in self.root.glob("*") if path.is_symlink())
        return [link.name for link in links if not (link.resolve() / MANIFEST).is_file()]

    def versions(self) -> list[Published]:
        """Return every version that the shelf holds, served or replaced."""
        names = sorted(p.name for p in (self.root / VERSIONS).glob("[0-9a-f]*"))
        return [found for name in names if (found := self.get(f"{VERSIONS}/{name}")) is not None]

    def forget(self, versions: Iterable[Published]) -> None:
        """Remove versions that are no longer served, each in one step; those that are stay."""
        served = {link.resolve() for link in self.root.glob("*") if link.is_symlink()}
        for version in versions:
            if version.folder not in served:
                # Half removed under its name, it would pass for whole when it is made again.
                removed = self._staged(version.folder.name)
                version.folder.rename(removed)
                shutil.rmtree(removed)

    def keep_documents(self, facts: Mapping[str, Any]) -> Published | None:
        """Keep the documents and figures of the latest publication, and nothing else.

        No table with a row a citizen, and no other day. `facts` go into its manifest. Returns null
        when nothing was published.
        """
        latest = self.get(LATEST)
        if latest is None:
            return None
        source = latest.folder
        staged = self._stage(latest.as_of)
        for path in sorted(p for p in source.rglob("*") if p.is_file()):
            name = path.relative_to(source)
            if path.name not in (DATABASE, MANIFEST) and not path.name.startswith("core."):
                write_bytes(staged / name, path.read_bytes())
        _describe_what_is_left(staged)
        manifest = {**latest.manifest, **facts, "files": _sums(staged)}
        folder = self._close(staged, manifest)
        self._link(str(latest.as_of), folder)
        self._link(LATEST, folder)
        for published in self.dated():
            if published.as_of != latest.as_of:
                published.link.unlink()
        self.forget(self.versions())
        return Published(self.root / str(latest.as_of), manifest, folder)

    def publish(
        self,
        facts: Mapping[str, Any],
        documents: Callable[[], Mapping[str, bytes]],
        tables: Mapping[str, pa.Table | pa.RecordBatchReader],
        contracts: tuple[Table, ...],
        about: Mapping[str, Any] | None = None,
    ) -> Published:
        """Write a publication and serve it; the same content again changes no byte.

        `facts` go into the manifest beside the files' sums; what the tables are `about`, into the
        data package that describes them. `documents` are asked for last: they may be being written
        meanwhile.
        """
        facts = written(facts)
        day = facts["as_of_date"]
        staged = self._stage(day)
        for table in contracts:
            file = staged / "parquet" / f"{table.qualified}.parquet"
            _write_rows(file, tables[table.qualified], table)
        write_analysts_copy(staged / DATABASE, staged / "parquet", self._copy_made_under(facts))
        (staged / DATABASE).chmod(0o600)
        sync_file(staged / DATABASE)
        for name, content in documents().items():
            write_bytes(staged / name, content)
        sums: dict[str, Any] = _sums(staged)
        package = publication_package(about or {}, contracts, sums)
        write_bytes(staged / PACKAGE, package_bytes(package))
        sums[PACKAGE] = _sum(staged / PACKAGE)
        sums[DATABASE] = {"rows_sha256": _rows_sha256(sums, contracts)}
        manifest = facts | {"files": sums}
        is_new = not self._folder(manifest).exists()
        folder = self._close(staged, manifest)
        self._link(day, folder)
        latest = self.get(LATEST)
        if latest is None or latest.as_of <= date.fromisoformat(day):
            self._link(LATEST, folder)
            if is_new:
                write_bytes(self.root / _COPIED, _made_under(folder, facts))
        return Published(self.root / day, manifest, folder)

    def _copy_made_under(self, facts: Mapping[str, Any]) -> Path | None:
        """Return the latest analysts' copy, if this program made it and nothing was decided since.

        Another program masks otherwise, another file names other people.
        """
        latest, note = self.get(LATEST), self.root / _COPIED
        if latest is None or not note.exists():
            return None
        is_so = note.read_bytes() == _made_under(latest.folder, facts)
        return latest.folder / DATABASE if is_so else None

    def _stage(self, day: date | str) -> Path:
        return make_folder(self._staged(str(day)))

    def _staged(self, name: str) -> Path:
        """Return where what is to be served, or is no longer, stands aside: nothing is there."""
        staged = self.root / f"{STAGED}{name}"
        if staged.exists():
            shutil.rmtree(staged)
        return staged

    def _close(self, staged: Path, manifest: Mapping[str, Any]) -> Path:
        """Write the manifest, last, and shelve what is staged under its sum."""
        folder = self._folder(manifest)
        if folder.exists():
            shutil.rmtree(staged)
        else:
            write_bytes(staged / MANIFEST, _manifest_bytes(manifest))
            make_folder(folder.parent)
            staged.rename(folder)
            sync_folder(folder.parent)
        return folder

    def _folder(self, manifest: Mapping[str, Any]) -> Path:
        """Return where the version of a manifest stands, if it does."""
        return self.root / VERSIONS / hashlib.sha256(_manifest_bytes(manifest)).hexdigest()

    def _link(self, name: str, folder: Path) -> None:
        target = folder.relative_to(self.root)
        link = self.root / name
        if link.is_symlink() and link.readlink() == target:
            return
        staged = self.root / f"{STAGED}{name}.link"
        staged.unlink(missing_ok=True)
        staged.symlink_to(target)
        staged.replace(link)
        sync_folder(self.root)


def written(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as a manifest writes them: days and instants as text."""
    return {name: str(v) if isinstance(v, date) else v for name, v in facts.items()}


def _made_under(folder: Path, facts: Mapping[str, Any]) -> bytes:
    decided = (str(facts.get(name)) for name in _DECIDED)
    return sha256_of([folder.name, code_fingerprint(), *decided]).encode()


def _sums(folder: Path) -> dict[str, dict[str, object]]:
    """Return the SHA-256 and size of each file under a folder, by its path there.

    But of the database, which is never the same bytes.
    """
    return {
        str(path.relative_to(folder)): _sum(path)
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != DATABASE)
    }


def _sum(path: Path) -> dict[str, object]:
    return {"sha256": sha256_of_file(path), "size_bytes": path.stat().st_size}


def _describe_what_is_left(folder: Path) -> None:
    """Take out of a folder's data package the files that the folder does not have.

    What earlier programs published has none.
    """
    if not (folder / PACKAGE).exists():
        return
    package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
    left = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    write_bytes(folder / PACKAGE, package_bytes(with_files(package, left)))


def _manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode() + b"\n"


def _write_rows(path: Path, rows: pa.Table | pa.RecordBatchReader, table: Table) -> None:
    """Write rows as they come: the same rows are the same bytes, whatever batches they come in."""
    stream = pa.RecordBatchReader.from_stream(rows)
    # Of names and of citizens' words, each row has its own: there is nothing to share.
    shared = [
        f"{column.name}.list.element" if pa.types.is_list(column.type) else column.name
        for column in table.columns
        if (column.name,) != table.key and not column.words
    ]
    options = {**PARQUET, "use_dictionary": shared}
    with writing(path) as file, pq.ParquetWriter(file, stream.schema, **options) as writer:
        for group in _groups_of(stream, ROW_GROUP):
            writer.write_table(group)


def _groups_of(stream: pa.RecordBatchReader, size: int) -> Iterator[pa.Table]:
    """Cut a stream in tables of so many rows; the last may have fewer."""
    held = stream.schema.empty_table()
    for batch in stream:
        held = pa.concat_tables([held, pa.Table.from_batches([batch])])
        while held.num_rows >= size:
            yield held.slice(0, size)
            held = held.slice(size)
    if held.num_rows:
        yield held


def _rows_sha256(sums: Mapping[str, Any], contracts: Iterable[Table]) -> str:
    """Return what stands for the rows of the database: the sums of the files they are read from."""
    names = [f"parquet/{table.qualified}.parquet" for table in contracts]
    return sha256_of(part for name in names for part in (name, sums[name]["sha256"]))
