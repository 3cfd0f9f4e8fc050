"""What the folds read of each statement: made once, where it is cut, in a worker process.

Words are numbers from here on: those of the table of word vectors for groups, hashes for copies,
which must tell any word from any other. The folds themselves read no text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import pyarrow as pa

from tasks.language.encoders import CommonWords, subject_words
from tasks.language.polarity import polarity
from tasks.language.words import tokens

FEATURES_SCHEMA = pa.schema(
    [
        # Theme, kind and polarity: only statements of one block are compared.
        pa.field("block", pa.string(), nullable=False),
        pa.field("text_key", pa.binary(16), nullable=False),  # the same for the same words
        pa.field("subject", pa.list_(pa.int32()), nullable=False),  # rows of the word vectors
        pa.field("words", pa.list_(pa.uint32()), nullable=False),  # hashed
    ]
)

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")  # of a page: not words that somebody wrote


def read_features(
    texts: Sequence[str], themes: Sequence[str], kinds: Sequence[str], common: CommonWords
) -> pa.Table:
    """Read statements of these themes and kinds, in order.

    `common` are the words that all the consultation is about.
    """
    said = [tokens(text) for text in texts]
    blocks = [f"{t}|{k}|{polarity(x)}" for t, k, x in zip(themes, kinds, texts, strict=True)]
    columns = [
        blocks,
        [_text_key(b, " ".join(w) or t) for b, w, t in zip(blocks, said, texts, strict=True)],
        [subject_words(words, common) for words in said],
        [_written(text, words) for text, words in zip(texts, said, strict=True)],
    ]
    return pa.table(columns, schema=FEATURES_SCHEMA)


def hash_words(text: str) -> list[int]:
    """Return the words of a text, hashed, without the addresses of pages."""
    return _written(text, tokens(text))


def _written(text: str, words: Sequence[str]) -> list[int]:
    without = _ADDRESS.sub(" ", text)
    return [word_hash(word) for word in (words if without == text else tokens(without))]


@lru_cache(maxsize=1 << 18)
def word_hash(word: str) -> int:
    """Return 32 bits for a word."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")


def _text_key(block: str, said: str) -> bytes:
    return hashlib.blake2b(f"{block}|{said}".encode(), digest_size=16).digest()
