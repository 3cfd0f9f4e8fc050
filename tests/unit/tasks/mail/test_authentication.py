from __future__ import annotations

import pytest

from tasks.mail.authentication import is_verified

OURS = frozenset({"mx.prefecture.example"})
AUTHOR = "lucie@courriel.example"


@pytest.mark.parametrize(
    ("values", "verified"),
    [
        pytest.param(
            ["mx.prefecture.example; dmarc=pass header.from=courriel.example"], True, id="pass"
        ),
        pytest.param(
            ["mx.prefecture.example; dmarc=fail header.from=courriel.example"], False, id="fail"
        ),
        pytest.param([], None, id="none"),
        pytest.param(
            ["mx.attaquant.example; dmarc=pass header.from=courriel.example"], None, id="forged"
        ),
        pytest.param(
            [
                "mx.attaquant.example; dmarc=pass header.from=courriel.example",
                "mx.prefecture.example; dmarc=fail header.from=courriel.example",
            ],
            False,
            id="forged above ours",
        ),
        pytest.param(
            [
                "mx.prefecture.example; dmarc=fail header.from=courriel.example",
                "mx.prefecture.example; dmarc=pass header.from=courriel.example",
            ],
            False,
            id="forged in our name below ours",
        ),
        pytest.param(
            ["mx.prefecture.example; spf=pass smtp.mailfrom=a@attaquant.example"],
            None,
            id="another's envelope",
        ),
        pytest.param(
            ["mx.prefecture.example; dkim=pass header.d=attaquant.example"],
            None,
            id="another's signature",
        ),
        pytest.param(
            ["MX.Prefecture.Example 1; dkim=pass (2048-bit key) header.i=@courriel.example"],
            True,
            id="signed, with version and comment",
        ),
        pytest.param(
            ['mx.prefecture.example; spf=none reason="a; dmarc=pass header.from=courriel.example"'],
            None,
            id="a result inside a quoted reason",
        ),
        pytest.param(
            ["mx.prefecture.example (x; dmarc=pass header.from=courriel.example); none"],
            None,
            id="a result inside a comment",
        ),
        pytest.param(
            ["i=1; mx.prefecture.example; dmarc=pass header.from=courriel.example"],
            None,
            id="an ARC seal's copy",
        ),
        pytest.param(
            ["mx.prefecture.example; dmarc=pass header.from=autre.example"],
            None,
            id="of another author",
        ),
        pytest.param(
            ["mx.prefecture.example.attaquant.example; dmarc=pass header.from=courriel.example"],
            None,
            id="a name that only begins like ours",
        ),
    ],
)
def test_i01_only_the_topmost_word_of_a_trusted_server_is_believed(
    values: list[str],
    verified: bool | None,  # noqa: FBT001
) -> None:
    assert is_verified([v.encode() for v in values], OURS, AUTHOR) is verified


def test_i01_without_a_trusted_server_or_an_author_nothing_is_known() -> None:
    value = b"mx.prefecture.example; dmarc=pass header.from=courriel.example"
    assert is_verified([value], frozenset(), AUTHOR) is None
    assert is_verified([value], OURS, None) is None


def test_i01_a_header_made_to_hold_the_reader_up_does_not() -> None:
    value = b"mx.prefecture.example; " + b"dkim=pass (" * 100_000
    assert is_verified([value], OURS, AUTHOR) is None
