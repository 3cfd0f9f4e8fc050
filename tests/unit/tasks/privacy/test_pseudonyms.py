from __future__ import annotations

import hashlib
import re

import pytest

from tasks.privacy.pseudonyms import contributor_ids

KEY = b"k" * 32
LUCIE, PAUL = "lucie.morand@courriel.example", "paul.petit@courriel.example"


def pseudonyms(*addresses: str | None, key: bytes = KEY, first: int = 0) -> list[str]:
    names = [f"s-{n:016x}" for n in range(first, first + len(addresses))]
    return contributor_ids(addresses, names, key)


def test_the_same_person_has_the_same_pseudonym_in_every_submission() -> None:
    found = pseudonyms(LUCIE, PAUL, LUCIE)
    assert found[0] == found[2] != found[1]
    assert pseudonyms(LUCIE, first=9) == found[:1]


def test_a_pseudonym_is_the_same_in_every_version_of_the_program() -> None:
    # HMAC-SHA-256 of "address:lucie.morand@courriel.example" under 32 letters k, first 16 digits.
    assert pseudonyms(LUCIE) == ["a-e599c71b31975f32"]


def test_another_key_gives_other_pseudonyms() -> None:
    assert not {*pseudonyms(LUCIE, None)} & {*pseudonyms(LUCIE, None, key=b"l" * 32)}


@pytest.mark.parametrize("address", [None, ""])
def test_without_an_address_each_submission_is_its_own_contributor(address: str | None) -> None:
    found = pseudonyms(address, address, LUCIE)
    assert len(set(found)) == 3
    assert pseudonyms(address, address) == found[:2]


def test_a_pseudonym_shows_nothing_of_the_address() -> None:
    for pseudonym in pseudonyms(LUCIE, None, "é@courriel.example", "\udce9@courriel.example"):
        assert re.fullmatch("a-[0-9a-f]{16}", pseudonym)


def test_an_address_cannot_pass_for_a_submission() -> None:
    assert contributor_ids(["submission:s-1"], ["s-2"], KEY) != contributor_ids(
        [None], ["s-1"], KEY
    )


def test_every_submission_has_an_address_or_none() -> None:
    with pytest.raises(ValueError, match="longer"):
        contributor_ids([LUCIE], ["s-1", "s-2"], KEY)


def test_g03_a_dictionary_of_addresses_finds_nobody_without_the_key() -> None:
    hers = "jeanne.martin@essai.example"
    (found,) = contributor_ids([hers], ["s-1"], KEY)
    addresses = [f"{first}.{last}@essai.example" for first in range(200) for last in range(500)]
    guesses = [
        b"",
        b"\0" * 32,
        b"consultation.key",
        hashlib.sha256(b"assises key\0" + KEY).hexdigest().encode(),
    ]
    for key in guesses:
        assert found not in contributor_ids([hers, *addresses], ["s-1"] * 100_001, key)
    plain = {hashlib.sha256(a.encode()).hexdigest()[:16] for a in (hers, f"address:{hers}")}
    assert found.removeprefix("a-") not in plain
