"""Groups of like statements, built day after day: one thing said in many ways is counted together.

In the order given, a statement joins the most similar founder of its theme, its kind and its
polarity, or founds a group of its own. A membership never changes and a group has no centre that
drifts: it is what its founder says. A wrong member costs more than a missed one, so a statement
like no other stays alone, and opposite positions ("plus de caméras", "non aux caméras") never meet,
however many words they share.

Words weigh by their rarity among the statements seen up to and including the day being folded, so
that folding day after day and folding the same days in one run give the same groups.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.consultation import HORS_THEME
from tasks.language.polarity import AGAINST, polarity
from tasks.language.words import STOP_WORDS, decimal, excerpt, lexicon, stems, tokens

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MEMBERSHIPS_SCHEMA = pa.schema(
    [
        pa.field("statement_id", pa.string(), nullable=False),
        pa.field("group_id", pa.string(), nullable=False),
        pa.field("group_score", pa.float64(), nullable=False),
        pa.field("group_why", pa.string(), nullable=False),
    ]
)
# One row a distinct text (of a theme and kind) on the day it is first seen: the founders of groups,
# and those that joined one, kept so that the same words always join the same group.
GROUP_FOUNDERS_SCHEMA = pa.schema(
    [
        # Theme, kind and polarity: only statements of one block are compared.
        pa.field("block", pa.string(), nullable=False),
        pa.field("text_key", pa.binary(16), nullable=False),
        pa.field("group_id", pa.string(), nullable=False),
        pa.field("excerpt", pa.string()),  # null: joined, did not found
        pa.field("terms", pa.list_(pa.string())),
    ]
)
FREQUENCIES_SCHEMA = pa.schema(
    [
        pa.field("term", pa.string(), nullable=False),
        pa.field("statement_count", pa.int64(), nullable=False),
    ]
)

SIMILARITY = 0.7
SHARED_TERMS = 2  # fewer shared words join only when all are shared
# Two requests on an announced theme join from here, when the words they share name its subject.
REQUEST_SIMILARITY = 0.38
REQUEST_RARITY = 7.0  # and weigh at least this together: "police" and "ville" do not
SUBJECT_WEIGHT = 1.8  # what a word of the consultation's own vocabulary weighs more than another
_CONTAINED = 0.6  # what counts of the shorter statement; the rest of the longer one
_ALL = ""  # the term that counts the statements themselves
_CHUNK = 512  # rows compared at a time, for memory
_EXCERPT = 70

# Words that ask without saying for what.
_ASKING = stems(
    lexicon(
        """
        accroitre accroissement ajouter ajout ameliorer amelioration apporter augmenter
        augmentation avoir besoin creer creation demander developper developpement disposer donner
        etablir falloir favoriser generaliser installer installation instaurer instauration
        intensifier maintenir maintien multiplier necessaire prevoir proposer redonner remettre
        remise renforcer renforcement reinstaurer rendre retablir retablissement retour retrouver
        revenir souhaiter vouloir nombreux nombreuse davantage chose niveau mesure place oeuvre
        """
    )
)


@dataclass(frozen=True)
class GroupState:
    """The distinct texts seen so far, in their order, and in how many statements each word was."""

    founders: pa.Table
    frequencies: pa.Table

    @classmethod
    def empty(cls) -> GroupState:
        """Begin a consultation."""
        return cls(GROUP_FOUNDERS_SCHEMA.empty_table(), FREQUENCIES_SCHEMA.empty_table())

    @classmethod
    def from_tables(cls, founders: pa.Table, frequencies: pa.Table) -> GroupState:
        """Begin again from what each day stored, concatenated in the order of the days."""
        founders = founders.select(GROUP_FOUNDERS_SCHEMA.names).cast(GROUP_FOUNDERS_SCHEMA)
        return cls(founders, frequencies.select(FREQUENCIES_SCHEMA.names).cast(FREQUENCIES_SCHEMA))


@dataclass(frozen=True)
class Fold:
    """What a day adds: memberships, new founders, word frequencies; and the state that follows."""

    memberships: pa.Table
    founders: pa.Table
    frequencies: pa.Table
    state: GroupState


@dataclass(frozen=True)
class _Group:
    group_id: str
    excerpt: str


def fold_groups(
    state: GroupState, statements: pa.Table, subjects: frozenset[str] = frozenset()
) -> Fold:
    """Place a day's statements (statement_id, text, theme, kind), in the order given, in groups.

    `subjects` are the stems by which the consultation's themes are recognised.
    """
    ids, texts, themes, kinds = (
        statements[c].to_pylist() for c in ("statement_id", "text", "theme", "kind")
    )
    words = [tokens(t) for t in texts]
    blocks = [f"{t}|{k}|{polarity(w)}" for t, k, w in zip(themes, kinds, words, strict=True)]
    keys = [_text_key(b, w, t) for b, w, t in zip(blocks, words, texts, strict=True)]
    terms = [_terms(w) for w in words]
    frequencies = _count(terms)
    words_known = _weights(pa.concat_tables([state.frequencies, frequencies]), subjects)
    leaders = state.founders.filter(pc.is_valid(state.founders["excerpt"]))
    earlier = _Rows.of(leaders["terms"], words_known)
    mine = _Rows.of(pa.chunked_array([pa.array(terms, pa.list_(pa.string()))]), words_known)
    leading = [
        _Group(*pair)
        for pair in zip(
            leaders["group_id"].to_pylist(), leaders["excerpt"].to_pylist(), strict=True
        )
    ]
    leader_places, places = _by_block(leaders["block"].to_pylist()), _by_block(blocks)
    known = _known(state.founders, keys)

    memberships: list[tuple[str, float, str]] = [("", 0.0, "")] * len(ids)
    news: dict[int, bool] = {}  # row of a text not seen before -> whether it founds a group
    for block, rows in places.items():
        first = leader_places.get(block, [])
        groups = [leading[place] for place in first]
        founded: dict[int, int] = {}  # place among the block's rows -> place among its groups
        theme, kind = themes[rows[0]], kinds[rows[0]]
        asks = kind == "proposition" and theme != HORS_THEME
        near = {} if kind == "autre" else _near(mine.take(rows), earlier.take(first), asks=asks)
        for place, row in enumerate(rows):
            if same := known.get(keys[row]):
                memberships[row] = (same.group_id, 1.0, f"mêmes mots que « {same.excerpt} »")
                continue
            best, score = -1, 0.0
            for candidate, similarity in near.get(place, ()):
                group = (
                    candidate if candidate < len(first) else founded.get(candidate - len(first), -1)
                )
                if group >= 0 and similarity > score:
                    best, score = group, similarity
            news[row] = best < 0
            if best < 0:
                founded[place] = len(groups)
                groups.append(_Group(_group_id(ids[row]), excerpt(texts[row], _EXCERPT)))
                memberships[row] = (groups[-1].group_id, 1.0, "premier du groupe")
            else:
                why = f"proche de « {groups[best].excerpt} » ({decimal(score)})"
                memberships[row] = (groups[best].group_id, score, why)
            known[keys[row]] = groups[best]  # of a founder, the last: its own

    order = sorted(news)
    founders = pa.table(
        {
            "block": [blocks[row] for row in order],
            "text_key": [keys[row] for row in order],
            "group_id": [memberships[row][0] for row in order],
            "excerpt": [excerpt(texts[row], _EXCERPT) if news[row] else None for row in order],
            "terms": [list(terms[row]) if news[row] else None for row in order],
        },
        schema=GROUP_FOUNDERS_SCHEMA,
    )
    columns = zip(*memberships, strict=True) if ids else ([], [], [])
    table = pa.table([ids, *map(list, columns)], schema=MEMBERSHIPS_SCHEMA)
    following = GroupState(
        pa.concat_tables([state.founders, founders]),
        pa.concat_tables([state.frequencies, frequencies]),
    )
    return Fold(table, founders, frequencies, following)


@dataclass(frozen=True)
class _Words:
    """The words seen so far: what each weighs, its rarity alone, and whether it names a subject."""

    vocabulary: pa.Array
    weights: npt.NDArray[np.float64]
    rarities: npt.NDArray[np.float64]
    are_subjects: npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Rows:
    """Statements as sparse rows: the square root of each term's weight, and a one for each term.

    Square roots, so that a product of two rows is the weight of what they share.
    """

    roots: csr_array
    present: csr_array
    words: _Words

    @classmethod
    def of(cls, terms: pa.ChunkedArray, words: _Words) -> _Rows:
        from scipy.sparse import csr_array

        lengths = pc.list_value_length(terms).to_numpy()
        indptr = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        indices = pc.index_in(pc.list_flatten(terms), words.vocabulary).to_numpy()
        indices = indices.astype(np.int32)
        shape = (len(lengths), len(words.vocabulary))
        roots = csr_array((np.sqrt(words.weights[indices]), indices, indptr), shape=shape)
        present = csr_array((np.ones(len(indices)), indices, indptr), shape=shape)
        return cls(roots, present, words)

    def take(self, rows: Sequence[int]) -> _Rows:
        return _Rows(self.roots[rows], self.present[rows], self.words)


def _near(mine: _Rows, earlier: _Rows, *, asks: bool) -> dict[int, list[tuple[int, float]]]:
    """Find what each row may join: earlier founders, then (numbered on) the rows before it.

    Similarity is the share of the weight of two statements that they have in common, of the shorter
    one above all: a short request is contained in a long one.
    """
    from scipy.sparse import vstack

    roots = vstack([earlier.roots, mine.roots], "csr")
    present = vstack([earlier.present, mine.present], "csr")
    masses = present @ mine.words.weights
    before = earlier.roots.shape[0]
    columns = roots.T.tocsr()
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for start in range(0, mine.roots.shape[0], _CHUNK):
        product = (mine.roots[start : start + _CHUNK] @ columns).tocoo()
        rows, others = product.row + start, product.col
        a, b = masses[rows + before], masses[others]
        shares = _CONTAINED / np.minimum(a, b) + (1 - _CONTAINED) / np.maximum(a, b)
        values = np.round(product.data * shares, 4)
        least = REQUEST_SIMILARITY if asks else SIMILARITY
        kept = (values >= least) & (others < before + rows)
        rows, others, values = rows[kept], others[kept], np.minimum(values[kept], 1.0)
        both = present[rows + before].multiply(present[others]).tocsr()
        joins = _join(both, values, present[rows + before], present[others], mine.words)
        order = np.lexsort((others[joins], rows[joins]))
        found = (found[joins][order].tolist() for found in (rows, others, values))
        for row, other, value in zip(*found, strict=True):
            near[row].append((other, value))
    return near


def _join(
    both: csr_array,
    values: npt.NDArray[np.float64],
    mine: csr_array,
    others: csr_array,
    words: _Words,
) -> npt.NDArray[np.bool_]:
    """Tell which pairs, of this similarity and with these words in common, say the same."""
    shared = both.sum(axis=1)
    same_words = (shared == mine.sum(axis=1)) & (shared == others.sum(axis=1))
    alike = (values >= SIMILARITY) & ((shared >= SHARED_TERMS) | same_words)
    on_subject = both @ words.are_subjects > 0
    rare = np.round(both @ words.rarities, 4) >= REQUEST_RARITY
    joined: npt.NDArray[np.bool_] = alike | ((shared >= SHARED_TERMS) & on_subject & rare)
    return joined


def _known(founders: pa.Table, keys: Sequence[bytes]) -> dict[bytes, _Group]:
    """Find the groups of the texts that were seen before."""
    seen = founders.filter(
        pc.is_in(founders["text_key"], pa.array(sorted(set(keys)), pa.binary(16)))
    )
    groups = seen["group_id"].to_pylist()
    named = founders.filter(
        pc.and_(
            pc.is_valid(founders["excerpt"]),
            pc.is_in(founders["group_id"], pa.array(groups, pa.string())),
        )
    )
    excerpts = dict(zip(named["group_id"].to_pylist(), named["excerpt"].to_pylist(), strict=True))
    return {
        key: _Group(g, excerpts[g])
        for key, g in zip(seen["text_key"].to_pylist(), groups, strict=True)
    }


def _by_block(blocks: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, block in enumerate(blocks):
        places[block].append(place)
    return places


def _terms(words: Iterable[str]) -> list[str]:
    """Find the distinct stems that say what a statement is about; which way is its polarity."""
    found = stems(w for w in words if len(w) > 1 and w not in STOP_WORDS)
    return sorted((found - _ASKING - AGAINST) or found or {_ALL})


def _count(terms: Sequence[Sequence[str]]) -> pa.Table:
    counts = Counter(t for row in terms for t in row)
    counts[_ALL] = len(terms)
    names = sorted(counts)
    return pa.table(
        {"term": names, "statement_count": [counts[n] for n in names]}, schema=FREQUENCIES_SCHEMA
    )


def _weights(frequencies: pa.Table, subjects: frozenset[str]) -> _Words:
    """Weigh each term by its rarity, rounded: every machine compares the same numbers."""
    totals = (
        frequencies.group_by("term", use_threads=False)
        .aggregate([("statement_count", "sum")])
        .combine_chunks()
    )
    terms = totals["term"].combine_chunks()
    counts = totals["statement_count_sum"].to_pylist()
    total = counts[terms.index(_ALL).as_py()]
    rarities = np.array([round(1.0 + math.log((1 + total) / (1 + n)), 6) for n in counts])
    are_subjects = np.array([float(term in subjects) for term in terms.to_pylist()])
    weights = np.where(are_subjects > 0, rarities * SUBJECT_WEIGHT, rarities)
    return _Words(terms, weights, rarities, are_subjects)


def _group_id(statement_id: str) -> str:
    return "g-" + hashlib.sha256(statement_id.encode()).hexdigest()[:16]


def _text_key(block: str, words: Sequence[str], text: str) -> bytes:
    return hashlib.blake2b(f"{block}|{' '.join(words) or text}".encode(), digest_size=16).digest()
