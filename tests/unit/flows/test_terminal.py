"""What commands show."""

from __future__ import annotations

import pytest

from flows.terminal import without_secret


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://127.0.0.1:4200/api", "http://127.0.0.1:4200/api"),
        ("https://nom:se@cret@prefect.a.example/api", "https://prefect.a.example/api"),
        ("http://nom:secret@[bad/api", "http://[bad/api"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_account_nor_password(address: str, shown: str) -> None:
    assert without_secret(address) == shown
