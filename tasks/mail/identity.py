"""Who wrote: one address that is surely the author's, or none.

Reads the From header as strictly as its grammar: where two readers could find two addresses
(CVE-2023-27043, groups, two From headers) there is none. Addresses are lower-cased; tags ("+x") and
dots are kept, since only the author's provider knows what they mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from disposable_email_domains import blocklist

from tasks.mail.charsets import header_text

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]"
_ADDRESS = re.compile(rf"{_LOCAL}@{_DOMAIN}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NAMED = re.compile(rf"(?P<phrase>[^<>]*)<\s*(?P<address>{_LOCAL}@{_DOMAIN})\s*>\s*")
_COMMENTED = re.compile(
    rf"\s*(?P<address>{_LOCAL}@{_DOMAIN})\s*(?:\((?P<comment>[^()@<>,;]*)\))?\s*"
)
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")


@dataclass(frozen=True)
class Identity:
    """The author's address (None: not sure) and displayed name (None: not given)."""

    address: str | None
    name: str | None


def read_identity(values: list[bytes]) -> Identity:
    """Read the From headers of a message."""
    if len(values) != 1 or len(values[0]) > 4096:
        return Identity(None, None)
    raw = " ".join(values[0].decode("utf-8", "windows-1252").split())
    named = _NAMED.fullmatch(raw)
    if named:
        address = normalise_address(named["address"])
        if _is_ambiguous(named["phrase"], address):
            return Identity(None, None)
        return Identity(address, _display_name(named["phrase"]))
    plain = _COMMENTED.fullmatch(raw)
    if plain:
        return Identity(normalise_address(plain["address"]), _display_name(plain["comment"] or ""))
    return Identity(None, None)


def _is_ambiguous(phrase: str, address: str | None) -> bool:
    """Tell whether what stands before <address> could be read as another address or a group."""
    outside = _QUOTED.sub("", phrase)
    if '"' in outside or ";" in outside or ":" in _ENCODED_WORD.sub("", outside):
        return True
    if "@" not in outside:
        return False
    return {a.lower() for a in _ADDRESS.findall(outside.replace("'", " "))} != {
        address
    } or outside.count("@") != 1


def _display_name(phrase: str) -> str | None:
    text = _QUOTED.sub(lambda m: re.sub(r"\\(.)", r"\1", m[1]), phrase)
    name = header_text(text.encode("utf-8"), 200).strip(" '\"")
    return name if name and "@" not in name else None


def normalise_address(address: str) -> str | None:
    """Lower-case an address, its domain in ASCII; None when no mail could reach it."""
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = (
            domain.lower().encode("ascii" if domain.isascii() else "idna").decode("ascii")
        )
    except UnicodeError:
        return None
    if not local or len(local) > 64 or len(ascii_domain) > 253:
        return None
    return f"{local.lower()}@{ascii_domain}"


def is_disposable(address: str | None) -> bool:
    """Tell an address of a provider of throw-away addresses, or of a sub-domain of one."""
    labels = address.rpartition("@")[2].split(".") if address else []
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def addresses_in(text: str) -> frozenset[str]:
    """Find the addresses a header or a quoted header mentions, normalised."""
    return frozenset(
        a for found in _ADDRESS.findall(text[:20_000]) if (a := normalise_address(found))
    )
