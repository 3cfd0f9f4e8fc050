"""Files that are either whole or absent.

Every file under ASSISES_HOME is written aside, synced, then renamed; folders are 0700 and files
0600 whatever the umask. Nothing else in the project renames or syncs. In a store elsewhere
(`warehouse.store`) an object is whole or absent by itself, and no Path is a `pathlib` one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Self
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.failures import TellableError

STAGED: Final = ".tmp-"  # what a killed run leaves behind; swept at the next start
ROW_GROUP: Final = 20_000
_own: Final = ContextVar("own", default="")  # what the names of files aside begin with
PARQUET: Final[Mapping[str, Any]] = {"compression": "zstd", "write_page_checksum": True}
REBUILD: Final = "lancez « assises rebuild », qui refait tout ce qui se refait des messages."
RESTORE: Final = (
    "il ne peut pas être refait : remettez celui d'une sauvegarde (assises restore). Sans "
    "sauvegarde, mettez-le de côté : ce qui est encore dans la boîte sera relevé de nouveau."
)


class DamagedError(TellableError):
    """A file is not what was written; the message is a French sentence that says what to do."""

    def __init__(self, path: Path, remedy: str) -> None:
        super().__init__(f"Le fichier {path} est abîmé : {remedy}")
        self.path, self.remedy = path, remedy

    def __reduce__(self) -> tuple[type[Self], tuple[Path, str]]:
        # A worker process hands it over.
        return type(self), (self.path, self.remedy)


def is_local(path: Path) -> bool:
    """Tell whether a file of this machine, or of a folder that it shares, is named."""
    return isinstance(path, Path)


@contextmanager
def opened(path: Path) -> Iterator[Path | IO[bytes]]:
    """Give pyarrow what it can read: a file's path, or an object of a store."""
    if is_local(path):
        yield path
        return
    with path.open("rb") as file:
        yield file


def make_folder(path: Path) -> Path:
    """Create a folder and its parents, each readable by its owner only."""
    missing = [p for p in (path, *path.parents) if not p.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    return path


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write that will be whole or absent, with mode 0600."""
    staged = make_folder(path.parent) / f"{STAGED}{path.name}"
    staged.unlink(missing_ok=True)  # what a killed run left, or a trap in a folder that is shared
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        staged.replace(path)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file that is whole or absent, with mode 0600."""
    if not is_local(path):
        path.write_bytes(data)
        return
    with writing(path) as file:
        file.write(data)


@contextmanager
def writing_apart() -> Iterator[None]:
    """Write Parquet files aside under names of one's own.

    For machines of which two may write the same file: one that was thought dead, and its successor.
    """
    before = _own.set(f"{uuid4().hex}-")
    try:
        yield
    finally:
        _own.reset(before)


def write_parquet(path: Path, table: pa.Table, metadata: Mapping[str, str] | None = None) -> None:
    """Write a zstd Parquet file that is whole or absent; `metadata` goes into its footer."""
    if metadata is not None:
        table = table.replace_schema_metadata(dict(metadata))
    if not is_local(path):
        content = pa.BufferOutputStream()
        pq.write_table(table, content, row_group_size=ROW_GROUP, **PARQUET)
        path.write_bytes(content.getvalue())
        return
    staged = make_folder(path.parent) / f"{STAGED}{_own.get()}{path.name}"
    pq.write_table(table, staged, row_group_size=ROW_GROUP, **PARQUET)
    staged.chmod(0o600)
    sync_file(staged)
    staged.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Force a file's bytes to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


sync_folder = sync_file  # a folder is synced through a descriptor like a file


def sweep_staged(root: Path) -> None:
    """Remove what a killed run was still writing under `root`."""
    _remove(sorted(root.rglob(f"{STAGED}*"), reverse=True))


def remove_folder(folder: Path) -> None:
    """Remove a folder and all that it holds; one that is absent stays so."""
    if is_local(folder):
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.exists():
        folder.fs.rm(folder.path, recursive=True)  # type: ignore[attr-defined]
        if folder.exists():  # s3fs says nothing of the objects that the storage keeps
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def empty_folder(folder: Path) -> None:
    """Remove all that a folder holds."""
    _remove(folder.iterdir())


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def sha256_of_file(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of(parts: Iterable[str]) -> str:
    """Return the hexadecimal SHA-256 of strings, each ended by NUL: none runs into the next."""
    ended = "\0".join([*parts, ""])
    return hashlib.sha256(ended.encode("utf-8", "surrogatepass")).hexdigest()


def unreadable(folder: Path, *, whole: bool) -> list[Path]:
    """Return the Parquet files under a folder whose footer, or with `whole` a row, is damaged."""
    return [path for path in sorted(folder.rglob("*.parquet")) if not _is_read(path, whole=whole)]


def _is_read(path: Path, *, whole: bool) -> bool:
    try:
        with opened(path) as source, _parquet(source) as file:
            for _ in file.iter_batches() if whole else ():
                pass
    except FileNotFoundError:  # a run took it away meanwhile
        return True
    except (pa.ArrowException, OSError):
        return False
    return True


def read_note(path: Path, name: str) -> str | None:
    """Return a value of a Parquet file's footer; null when file or value is absent.

    Raises DamagedError: files that are asked for their notes can be made again.
    """
    try:
        with _sound(path, REBUILD), opened(path) as source:
            value = (pq.read_metadata(source).metadata or {}).get(name.encode())
    except FileNotFoundError:
        return None
    return None if value is None else value.decode()


def read_parquet(path: Path, remedy: str, **options: Any) -> pa.Table:
    """Read a Parquet file and check its sums; `options` are those of pyarrow.

    Raises DamagedError, which says the remedy.
    """
    with _sound(path, remedy), opened(path) as source:
        return pq.read_table(source, partitioning=None, page_checksum_verification=True, **options)


def _parquet(source: Path | IO[bytes]) -> pq.ParquetFile:
    return pq.ParquetFile(source, page_checksum_verification=True)


@contextmanager
def _sound(path: Path, remedy: str) -> Iterator[None]:
    try:
        yield
    except pa.ArrowException:
        raise DamagedError(path, remedy) from None
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno is not None or not is_local(path):  # the system's own, the store's
            raise
        raise DamagedError(path, remedy) from None
