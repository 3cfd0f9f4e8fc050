from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from tasks.arrivals import submission_id
from tasks.mail.sources.mailbox import Message
from tasks.mail.submissions import Submission, read_submission
from tasks.persons import Person, find_person, message_traces
from tasks.typed import typed_rows
from warehouse.contracts import DELIVERIES, PARSED
from warehouse.vault import Vault

NOW = datetime(2020, 1, 9, 12, tzinfo=UTC)
JEANNE = "jeanne.martin@essai.example"
BODY = "Bonjour,\n\nLa gare est sombre le soir.\n"
Hold = Callable[..., list[str]]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


@pytest.fixture
def hold(vault: Vault, paris: ZoneInfo) -> Hold:
    """Put letters in the vault, read as the program reads them; return their names."""

    def put(*letters: bytes) -> list[str]:
        messages = [Message(str(n), raw, NOW, len(raw)) for n, raw in enumerate(letters)]
        names = [submission_id(message.sha256, 0) for message in messages]
        rows = [
            {
                "submission_id": name,
                "message_sha256": message.sha256,
                "occurrence": 0,
                "source": "boite",
                "channel": "mail",
                "locator": f"boite:{message.locator}",
                "received_at": NOW,
                "fetched_at": NOW,
                "size_bytes": message.size_bytes,
                "is_whole": True,
                "media_type": message.media_type,
                "holds_bytes": True,
                "raw": message.raw,
            }
            for name, message in zip(names, messages, strict=True)
        ]
        vault.add(pa.Table.from_pylist(rows, schema=DELIVERIES.schema), paris)
        (batch,) = vault.batches()
        read = [
            read_submission(Submission(name, message.media_type, message.raw), frozenset())
            for name, message in zip(names, messages, strict=True)
        ]
        vault.write_parsed(batch, pa.Table.from_pylist(read, schema=PARSED.schema), "reader")
        return names

    return put


def test_a_person_is_who_writes_from_the_address(
    hold: Hold, vault: Vault, write_letter: Callable[..., bytes]
) -> None:
    hers, _ = hold(
        write_letter(sender=f"Jeanne Martin <{JEANNE.upper()}>"),
        write_letter(sender=f"Jeanne Martin <et.{JEANNE}>"),
    )
    assert find_person(vault, JEANNE).submission_ids == (hers,)


@pytest.mark.parametrize(
    ("author", "signed", "is_hers"),
    [
        pytest.param("Jeanne Martin", JEANNE, True, id="signed with it"),
        pytest.param("Jeanne Martin", f"Mél : {JEANNE.title()}", True, id="in other letters"),
        pytest.param("Jeanne Martin", f"et.{JEANNE}", False, id="the end of another"),
        pytest.param("Jeanne Martin", f"{JEANNE}-ville.fr", False, id="the beginning of another"),
        pytest.param("Paul Petit", f"Copie à {JEANNE}", False, id="quoted by somebody else"),
    ],
)
def test_a_letter_signed_with_the_address_under_her_name_is_hers(
    hold: Hold,
    vault: Vault,
    write_letter: Callable[..., bytes],
    author: str,
    signed: str,
    *,
    is_hers: bool,
) -> None:
    body = f"{BODY}\nCordialement,\n{author}\n{signed}\n"
    sure, name = hold(
        write_letter(sender=f"Jeanne Martin <{JEANNE}>"),
        write_letter(body, sender=f"{author} <x@autre.example>"),
    )
    assert set(find_person(vault, JEANNE).submission_ids) == ({sure, name} if is_hers else {sure})


def test_a_letter_with_two_authors_is_hers_when_she_is_one(
    hold: Hold, vault: Vault, write_letter: Callable[..., bytes]
) -> None:
    (name,) = hold(write_letter(sender=f"x@essai.example, Jeanne <{JEANNE}>"))
    assert find_person(vault, JEANNE) == Person((name,), ())


def test_a_letter_that_gives_the_address_under_her_name_is_hers(
    hold: Hold, vault: Vault, write_letter: Callable[..., bytes]
) -> None:
    given = f"{BODY}\nMon adresse est {JEANNE}, écrivez-moi.\n"
    names = hold(
        write_letter(sender=f"Jeanne Martin <{JEANNE}>"),
        write_letter(given, sender="Jeanne MARTIN <jm@autre.example>"),
        write_letter(given, sender="Paul Martin <paul@autre.example>"),
    )
    found = find_person(vault, JEANNE)
    assert set(found.submission_ids) == set(names[:2])
    assert found.mentioned_in == (names[2],)


def test_a_letter_not_read_yet_is_found_by_its_header(
    hold: Hold, vault: Vault, write_letter: Callable[..., bytes]
) -> None:
    (name,) = hold(write_letter(sender=f"Jeanne Martin <{JEANNE}>"))
    (batch,) = vault.batches()
    batch.parsed.unlink()
    assert find_person(vault, JEANNE) == Person((name,), ())


def test_a_letter_of_which_she_gets_a_copy_mentions_her(
    hold: Hold, vault: Vault, write_letter: Callable[..., bytes]
) -> None:
    copied = write_letter(sender="a@essai.example").replace(
        b"Subject:", f"Cc: {JEANNE.upper()}\nSubject:".encode()
    )
    (name,) = hold(copied)
    assert find_person(vault, JEANNE) == Person((), (name,))


def test_letters_of_others_that_name_her_are_told_apart(
    hold: Hold, vault: Vault, write_letter: Callable[..., bytes]
) -> None:
    hers, address, name, _ = hold(
        write_letter(sender=f"Jeanne Martin <{JEANNE}>"),
        write_letter(f"{BODY}\nÉcrivez à {JEANNE}.\n", sender="a@essai.example"),
        write_letter(f"{BODY}\nMa voisine Jeanne MARTIN le dit aussi.\n", sender="b@essai.example"),
        write_letter(f"{BODY}\nJeanne le dit, Martin aussi.\n", sender="c@essai.example"),
    )
    assert find_person(vault, JEANNE) == Person((hers,), tuple(sorted([address, name])))


def test_a_message_is_traced_by_its_author_its_message_id_and_the_key(
    hold: Hold, vault: Vault, write_letter: Callable[..., bytes]
) -> None:
    one, relayed, borrowed, unnamed, again = hold(
        write_letter(message_id="<1@essai.example>"),
        write_letter(BODY + "Relayé.\n", message_id="<1@essai.example>"),
        write_letter(message_id="<1@essai.example>", sender="x@autre.example"),
        write_letter(message_id=None),
        write_letter(message_id=None, received="Fri, 10 Jan 2020 08:30:00 +0100"),
    )
    traces = dict(message_traces(vault, b"k" * 32))
    assert traces[one] == traces[relayed] != dict(message_traces(vault, b"l" * 32))[one]
    assert traces[borrowed] != traces[one]  # anybody can write somebody else's Message-ID
    assert traces[unnamed] == traces[again] != traces[one]
    assert "essai" not in traces[one]


def test_typed_words_are_searched_with_the_rest(
    hold: Hold, vault: Vault, write_letter: Callable[..., bytes]
) -> None:
    scan = "Bonjour,\n\nCi-joint ma lettre.\n"
    hers, signed, named, other = hold(
        write_letter(sender=f"Jeanne Martin <{JEANNE}>"),
        write_letter(scan, sender="Jeanne Martin <asso@autre.example>"),
        write_letter(scan, sender="a@essai.example"),
        write_letter(scan, sender="b@essai.example"),
    )
    texts = {
        signed: f"La gare est sombre.\n\nCordialement,\nJeanne Martin\n{JEANNE}",
        named: "Ma voisine Jeanne MARTIN dit que la gare est sombre.",
        other: "La gare est sombre.",
    }
    vault.add_typed(typed_rows(vault, texts, "agent", NOW, b"k" * 32))
    assert find_person(vault, JEANNE) == Person(tuple(sorted([hers, signed])), (named,))
