"""A store elsewhere: the vault and the lake in an S3-compatible storage, or in a shared folder.

What `open_store` opens has the ways of a Path that both use. An object is put whole or not at all,
so nothing is written aside and renamed there. Credentials and endpoint are those of the usual AWS
variables: the address of a store holds no secret, and is all that is written down of it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, cast

from warehouse.failures import TellableError

_ADDRESS: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]+(/(?!\.+(?:/|$))[\w.-]+)*")
_PROBE: Final = ".essai"
_LIBRARIES: Final = {"botocore", "aiobotocore", "aiohttp"}
_OPTIONS: Final[dict[str, Any]] = {
    # Other machines write there too: what was listed once may not be so any more.
    "use_listings_cache": False,
    # pyarrow knows which ranges it wants.
    "default_cache_type": "none",
    "config_kwargs": {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 3}},
}
_SAFE: Final = "Rien n'est perdu et la dernière publication reste en place."


class StoreError(TellableError):
    """The store cannot be used; the message is a French sentence that says what to do."""


def is_address(text: str) -> bool:
    """Tell whether a text names a store: a bucket and a prefix, or a whole path."""
    return bool(_ADDRESS.fullmatch(text)) or (text.startswith("/") and len(text) > 1)


def open_store(address: str) -> Path:
    """Return the place that an address names. Raises StoreError when a library is missing."""
    if address.startswith("/"):
        return Path(address)
    try:
        import s3fs  # noqa: F401 - what the protocol needs, asked for before it is
        from upath import UPath
    except ModuleNotFoundError as error:
        raise StoreError(
            f"Le stockage {address} demande une bibliothèque qui n'est pas installée "
            f"({error.name}) : pip install 'assises[s3]'."
        ) from None
    return cast("Path", UPath(address, **_OPTIONS))


def check_store(address: str) -> None:
    """Write, read and remove something there; raise StoreError when that cannot be done."""
    probe = open_store(address) / _PROBE
    try:
        if isinstance(probe, Path):
            probe.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.write_bytes(b"assises")
        probe.read_bytes()
        probe.unlink()
    except FileNotFoundError:
        raise StoreError(
            f"Le stockage {address} n'existe pas : créez-le (le « bucket »), ou corrigez --store."
        ) from None
    except Exception as error:
        if told := explained(error):
            raise told from None
        raise


def explained(error: BaseException) -> StoreError | None:
    """Return what to raise in the place of an error of the storage or its libraries; else null."""
    # s3fs makes the system's errors of what a storage answers: where they come from stays behind.
    libraries = {type(e).__module__.partition(".")[0] for e in (error, error.__cause__)}
    if libraries.isdisjoint(_LIBRARIES) or isinstance(error, FileNotFoundError):
        return None
    if isinstance(error, PermissionError):
        return StoreError(
            "Le stockage refuse de lire ou d'écrire : vérifiez AWS_ACCESS_KEY_ID, "
            f"AWS_SECRET_ACCESS_KEY, et les droits de ce compte. {_SAFE}"
        )
    if "Credentials" in type(error).__name__:
        return StoreError(
            "Aucun identifiant pour le stockage : donnez AWS_ACCESS_KEY_ID et "
            "AWS_SECRET_ACCESS_KEY."
        )
    return StoreError(
        "Le stockage ne répond pas (AWS_ENDPOINT_URL dit où il est) : attendez-le, puis relancez. "
        f"{_SAFE}"
    )
