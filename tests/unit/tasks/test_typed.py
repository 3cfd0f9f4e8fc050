from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tasks.mail.names import Author
from tasks.mail.typed import read_typed
from tasks.typed import typed_rows
from warehouse.contracts import READ_IN_WORDS, TYPED
from warehouse.vault import Vault

NOW = datetime(2020, 1, 12, 6, tzinfo=UTC)
KEY = b"k" * 32
ONE, TWO = "s-0000000000000001", "s-0000000000000002"
LETTER = (
    "Monsieur le Préfet,\n\nLa gare de Varennes est sombre le soir et les voyageurs ont peur.\n\n"
    "Cordialement,\nJeanne Martin\n12 rue des Lilas\n03150 Varennes"
)


def test_a_typed_letter_is_read_as_one_that_came() -> None:
    read = read_typed(LETTER, Author("", ""))
    assert tuple(read) == READ_IN_WORDS
    assert "voyageurs ont peur" in read["own_text"]
    assert "Martin" not in read["own_text"]
    assert "12 rue des Lilas" in read["signature"]
    assert "Jeanne Martin" in read["author_names"]
    assert (read["content_word_count"], read["language"]) == (13, "fr")
    assert not read["is_revision"]


def test_a_typed_letter_may_replace_an_earlier_one() -> None:
    assert read_typed(f"Annule et remplace mon courrier.\n\n{LETTER}", Author("", ""))[
        "is_revision"
    ]


@pytest.mark.parametrize("text", ["", " \n", "Bonjour,\n\nCordialement,"])
def test_formulas_alone_have_no_words(text: str) -> None:
    assert read_typed(text, Author("", ""))["content_word_count"] == 0


def identifier(vault: Vault, submission_id: str, text: str, key: bytes = KEY) -> str:
    ((row),) = typed_rows(vault, {submission_id: text}, "agent", NOW, key)
    pa.Table.from_pylist([row], schema=TYPED.schema).validate(full=True)
    return str(row["typed_id"])


def test_a_text_is_known_by_its_words_its_message_and_the_key(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    one = identifier(vault, ONE, LETTER)
    assert one == identifier(vault, ONE, LETTER.replace("\n", "\r\n") + " \n")
    others = [
        identifier(vault, ONE, LETTER.replace("sombre", "fermée")),
        identifier(vault, TWO, LETTER),
        identifier(vault, ONE, LETTER, b"l" * 32),
    ]
    assert len({one, *others}) == 4
