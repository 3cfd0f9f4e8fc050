from __future__ import annotations

import pytest

from tasks.mail.identity import is_disposable, read_identity


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
        ("=?utf-8?q?autre=40d=2Eexample=2C?= <a@c.example>", "a@c.example", None),
        ("Jeanne\r\n <a@c.example>", "a@c.example", "Jeanne"),
        ("a@c.example (la mairie)", "a@c.example", "la mairie"),
        ("o'neil@c.example", "o'neil@c.example", None),
        ("a%d.example@c.example", "a%d.example@c.example", None),
    ],
)
def test_i02_usable_addresses(value: str, address: str, name: str | None) -> None:
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
        "Jeanne <a@c.example>, Autre <b@d.example>",
        "a@c.example (b@d.example)",
        "b@d.example <a@c.example>",
        "<a@c.example>(b@d.example)",
        "Mairie: a@c.example, b@d.example;",
        '"a@d"@c.example',
        "<@relais.example:a@c.example>",
        "a@c.example\0@d.example",
        "a@c.example;b@d.example",
        "a@c.example b@d.example",
        "<<a@c.example>>",
        "a@c.example.",
        "a@.c.example",
        "a@c.example <>",
        "a(nom)@c.example",
        '"jeanne morel"@c.example',
        "mailto:a@c.example",
        "(" * 500 + "a@c.example" + ")" * 500,
    ],
)
def test_i02_an_unsure_address_is_nobody_s(value: str) -> None:
    assert read_identity([value.encode()]).address is None


def test_i02_two_senders_are_no_sender() -> None:
    assert read_identity([b"a@c.example", b"b@d.example"]).address is None
    assert read_identity([]).address is None


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("a@yopmail.com", True),
        ("a@mail.yopmail.com", True),
        ("a@notyopmail.com", False),
        ("a@orange.fr", False),
        ("yopmail.com@orange.fr", False),
        (None, False),
    ],
)
def test_i05_a_disposable_address_is_known_by_its_provider(
    address: str | None, *, is_one: bool
) -> None:
    assert is_disposable(address) is is_one


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("a@c.example", "A@C.Example", True),
        ("a@école.example", "a@xn--cole-9oa.example", True),
        ("Jeanne <a@c.example>", "a@c.example (J. Morel)", True),
        ("a+allier@c.example", "a@c.example", False),
        ("a.b@c.example", "ab@c.example", False),
        ("a@c.example", "а@c.example", False),
        ("a@exemple.example", "a@exеmple.example", False),
        ("Jeanne Morel <a@c.example>", "Jeanne Morel <b@c.example>", False),
        ("a@c.example", "a@c.example.d.example", False),
    ],
    ids=[
        *("case", "IDN", "name", "tag", "dots", "Cyrillic local part", "Cyrillic domain"),
        *("same name", "longer domain"),
    ],
)
def test_i03_two_senders_are_one_only_when_they_surely_are(
    one: str, other: str, *, is_same: bool
) -> None:
    addresses = [read_identity([value.encode()]).address for value in (one, other)]
    assert (addresses[0] == addresses[1]) is is_same
