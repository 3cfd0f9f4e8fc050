"""Whether the mailbox's own server verified the author's address (RFC 8601).

Anybody can write an Authentication-Results header: only the topmost that bears the name of a server
we were told to trust is believed, and only what it says of the author's own domain.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_LONGEST = 16_384
_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_RESULT = re.compile(r"^\s*([a-z][a-z0-9-]*)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)\b(.*)$", re.DOTALL)
_PROPERTY = re.compile(r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*([^\s;]+)")


def is_verified(
    values: Sequence[bytes], trusted: Collection[str], address: str | None
) -> bool | None:
    """Tell from the Authentication-Results headers, topmost first, whether the author is verified.

    True: DMARC passes for the domain of `address`, or without DMARC an aligned DKIM or SPF does.
    False: DMARC fails. None: no trusted server says so.
    """
    if address is None:
        return None
    for value in values:
        server, results = _read(value)
        if server in trusted:
            return _judge(results, address.rpartition("@")[2])
    return None


def _read(value: bytes) -> tuple[str, list[tuple[str, str, dict[str, str]]]]:
    """Split a header into the server's name and its results: method, result, properties."""
    text = value[:_LONGEST].decode("latin-1").lower()
    text = _QUOTED.sub(lambda quoted: re.sub(r"[;()\s=]", "_", quoted[1]), text)
    for _ in range(8):  # comments nest
        text, found = _COMMENT.subn(" ", text)
        if not found:
            break
    server, *clauses = text.split(";")
    results = []
    for clause in clauses:
        if found_result := _RESULT.match(clause):
            method, result, rest = found_result.groups()
            results.append((method, result, dict(_PROPERTY.findall(rest))))
    return (server.split() or [""])[0], results


def _judge(results: list[tuple[str, str, dict[str, str]]], domain: str) -> bool | None:
    dmarc = [
        result
        for method, result, about in results
        if method == "dmarc" and about.get("header.from", domain) == domain
    ]
    if dmarc:
        return {"pass": True, "fail": False}.get(dmarc[0])
    for method, result, about in results:
        if result != "pass" or method not in ("dkim", "spf"):
            continue
        names = ("header.d", "header.i") if method == "dkim" else ("smtp.mailfrom",)
        signers = (about[name].rpartition("@")[2] for name in names if name in about)
        if any(_is_aligned(signer, domain) for signer in signers):
            return True
    return None


def _is_aligned(signer: str, domain: str) -> bool:
    """Tell whether a signer answers for a domain: it is the domain, or one that contains it."""
    return signer == domain or ("." in signer and domain.endswith(f".{signer}"))
