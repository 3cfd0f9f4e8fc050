"""Pseudonyms: the same person, the same identifier, and no way back without the key."""

from __future__ import annotations

import hmac
from collections.abc import Iterable


def contributor_ids(
    addresses: Iterable[str | None], submission_ids: Iterable[str], key: bytes
) -> list[str]:
    """Return a pseudonym for each submission: HMAC-SHA-256 of its author's address, 64 bits kept.

    Without a usable address, each submission is its own contributor.
    """
    return [
        _pseudonym(f"address:{address}" if address else f"submission:{submission_id}", key)
        for address, submission_id in zip(addresses, submission_ids, strict=True)
    ]


def trace(kind: str, value: str, key: bytes) -> str:
    """Return what lets the one who gives the value again be told that it was met, and no other.

    `kind` keeps apart the traces of things of different kinds.
    """
    return _digest(f"{kind}:{value}", key)


def _pseudonym(identity: str, key: bytes) -> str:
    return f"a-{_digest(identity, key)[:16]}"


def _digest(identity: str, key: bytes) -> str:
    return hmac.digest(key, identity.encode("utf-8", "surrogatepass"), "sha256").hex()
