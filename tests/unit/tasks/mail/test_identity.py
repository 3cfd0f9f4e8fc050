from __future__ import annotations

import pytest

from tasks.mail.identity import read_identity


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("a.b@c.example", "a.b@c.example", None),
        ("<A.B@C.Example>", "a.b@c.example", None),
        ('"Morel, Jeanne" <a@c.example>', "a@c.example", "Morel, Jeanne"),
        ("Morel, Jeanne <a@c.example>", "a@c.example", "Morel, Jeanne"),
        ("=?utf-8?q?Jos=C3=A9_Roy?= <a@c.example>", "a@c.example", "José Roy"),
        ("a@c.example (Jeanne Morel)", "a@c.example", "Jeanne Morel"),
        ("'a@c.example' <a@c.example>", "a@c.example", None),
        ('"autre@d.example" <a@c.example>', "a@c.example", None),
        ("a+tag@c.example", "a+tag@c.example", None),
        ("a@école.example", "a@xn--cole-9oa.example", None),
    ],
)
def test_usable_addresses(value: str, address: str, name: str | None) -> None:
    found = read_identity([value.encode()])
    assert (found.address, found.name) == (address, name)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "<>",
        "Jeanne Morel",
        "a@",
        "@c.example",
        "a@b)c@d",
        "a@c.example, b@d.example",
        ("alice@c.example <bob@d.example>"),
        "alice@c.example)bob@d.example",
        "alice@c.example]<bob@d.example>",
        '"alice@c.example>" bob@d.example',
        "groupe: a@c.example;",
        "undisclosed-recipients:;",
        "a@[127.0.0.1]",
        "a@[",
        "a@c",
        "<a@c.example> <b@d.example>",
        '"ouvert <a@c.example>',
        "a b@c.example",
        "a..b@c.example",
        "(" * 500 + "a@c.example" + ")" * 500,
    ],
)
def test_an_unsure_address_is_nobody_s(value: str) -> None:
    assert read_identity([value.encode()]).address is None


def test_two_senders_are_no_sender() -> None:
    assert read_identity([b"a@c.example", b"b@d.example"]).address is None
    assert read_identity([]).address is None
