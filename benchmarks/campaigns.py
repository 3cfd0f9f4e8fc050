"""How well copies are told from other letters, and the copied part of a letter from its own.

    python benchmarks/campaigns.py [--half held] [--merges FILE] [--peers PYTHON] [--json FILE]

Three tables: mailboxes of `make_mailbox.py` with five campaigns; texts that were pasted in the
Grand Débat, edited by `edited_copies.py`, among 20,000 other answers; floods. Texts fall in two
halves by hash: the figures of `copies.py` were set on the half `written`, `held` is to be scored.
PYTHON is an interpreter that has `datasketch` and `rensa`.

Of messages with one true text (an answer that is no copy is the only one with its text), those are
*found* that stand in the cluster which holds most of them, when it holds two at least: recall is
their share. A message in a cluster of two or more is *right* when more than half of that cluster
has its text: precision is their share. By campaign, the same is asked of texts and clusters of five
messages or more. Nothing is corrected for texts that are copies of one another in the source:
`--merges` writes every message that is not right with the one it was taken for a copy of.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.edited_copies import NAMES, make_copy, replace_words
from tasks.consultation import parse_consultation
from tasks.language.copies import CopyMembership, CopyState, Letters, fold_copies
from tasks.language.features import hash_words
from tasks.language.lists import Lists
from tasks.language.statements import split_statements
from tasks.language.words import content_words, tokens
from tasks.mail.reading import read_message
from tasks.privacy.redaction import redact_texts

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
CONSULTATION = ROOT / "examples" / "allier-2020" / "consultation.toml"
SHORT = 8  # words: shorter answers are slogans that many people have
CAMPAIGN = 5
FILLERS = ["oui", "non", "encore", "maire", "rue", "nuit", "argent", "loi", "bus", "hiver", "juge"]

PEERS = """
import json, sys
from datasketch import MinHash, MinHashLSH
from rensa import RMinHash, RMinHashLSH
THRESHOLD = 0.5
def shingles(words):
    return [" ".join(words[i : i + 2]) for i in range(max(1, len(words) - 1))]
texts = json.load(sys.stdin)
def datasketch_clusters():
    lsh, clusters = MinHashLSH(threshold=THRESHOLD, num_perm=128), []
    for i, words in enumerate(texts):
        m = MinHash(num_perm=128)
        m.update_batch([s.encode() for s in shingles(words)])
        found = lsh.query(m)
        clusters.append(min(clusters[f] for f in found) if found else i)
        lsh.insert(i, m)
    return clusters
def rensa_clusters():
    lsh, clusters = RMinHashLSH(threshold=THRESHOLD, num_perm=128, num_bands=32), []
    kept = []
    for i, words in enumerate(texts):
        m = RMinHash(num_perm=128, seed=1)
        m.update(shingles(words))
        found = [f for f in lsh.query(m) if kept[f].jaccard(m) >= THRESHOLD]
        clusters.append(min(clusters[f] for f in found) if found else i)
        lsh.insert(i, m)
        kept.append(m)
    return clusters
print(json.dumps({"datasketch, 0.5": datasketch_clusters(), "rensa, 0.5": rensa_clusters()}))
"""


@dataclass(frozen=True)
class Message:
    """A letter, the text it is true to, and the paragraphs that its author added."""

    truth: str
    text: str
    statements: list[str]
    edits: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """Messages found and right, and which are not."""

    found: int
    repeated: int
    right: int
    placed: int
    missed: frozenset[int]
    wrong: tuple[int, ...]

    @property
    def recall(self) -> float:
        """Share of the messages of repeated texts that are found."""
        return self.found / max(self.repeated, 1)

    @property
    def precision(self) -> float:
        """Share of the messages in clusters that are right."""
        return self.right / max(self.placed, 1)


def score(messages: Sequence[Message], clusters: Sequence[object], least: int) -> Score:
    """Compare clusters with the true texts, as the head of this file says."""
    of_text, of_cluster = defaultdict(list), defaultdict(list)
    for i, (message, cluster) in enumerate(zip(messages, clusters, strict=True)):
        of_text[message.truth].append(i)
        of_cluster[cluster].append(i)
    repeated = [held for held in of_text.values() if len(held) >= least]
    missed: set[int] = set()
    for held in repeated:
        main, size = Counter(clusters[i] for i in held).most_common(1)[0]
        missed.update(i for i in held if size < least or clusters[i] != main)
    placed = [held for held in of_cluster.values() if len(held) >= least]
    wrong = []
    for held in placed:
        truth, size = Counter(messages[i].truth for i in held).most_common(1)[0]
        wrong += [i for i in held if 2 * size <= len(held) or messages[i].truth != truth]
    total, all_placed = sum(map(len, repeated)), sum(map(len, placed))
    return Score(
        total - len(missed),
        total,
        all_placed - len(wrong),
        all_placed,
        frozenset(missed),
        tuple(wrong),
    )


def fold(messages: Sequence[Message]) -> list[CopyMembership]:
    """Place messages in the order given, as a run does."""
    ids = [f"c-{i:016x}" for i in range(len(messages))]
    (found,), _ = fold_copies(CopyState.empty(), [ids], letters_of(messages))
    became = dict(
        zip(*(found.merges[n].to_pylist() for n in found.merges.column_names), strict=True)
    )
    return [
        replace(member, cluster_id=_root(member.cluster_id, became)) for member in found.memberships
    ]


def letters_of(messages: Sequence[Message]) -> Letters:
    """Read messages as a run does those that it cut into statements."""
    words = [hash_words(said) for message in messages for said in message.statements]
    counts = np.array([len(message.statements) for message in messages], dtype=np.int64)
    return Letters.of(Lists.of(pa.array(words, pa.list_(pa.uint32()))), counts)


def _root(cluster_id: str, became: Mapping[str, str]) -> str:
    while cluster_id in became:
        cluster_id = became[cluster_id]
    return cluster_id


# --- what is folded ------------------------------------------------------------------------------


def read_box(seed: int, shared: Path, titles: Sequence[str]) -> list[Message]:
    """Make a mailbox with five campaigns; return its retained letters, read and masked by us."""
    with tempfile.TemporaryDirectory() as folder:
        box = Path(folder) / "box"
        maker = shared / "tools" / "make_mailbox.py"
        options = ["--n", "2000", "--campaigns", "5", "--seed", str(seed)]
        done = subprocess.run(
            [sys.executable, str(maker), "--out", str(box), *options],
            check=True,
            capture_output=True,
            text=True,
        )
        if "times over" in done.stdout:
            sys.exit("the texts do not suffice for such a box: equal words would say nothing")
        truths = [json.loads(line) for line in (box / "truth.jsonl").open(encoding="utf-8")]
        truths = [truth for truth in truths if truth["status"] == "accepted"]
        read = [read_message((box / "Maildir" / "cur" / t["file"]).read_bytes()) for t in truths]
    texts = redact_texts([r.own_text for r in read], [list(r.author_names) for r in read])
    return [
        Message(truth["campaign"] or truth["sha256"], text, _split(text, titles))
        for truth, text in zip(truths, texts, strict=True)
    ]


def copied_among_others(half: str, seed: int, others: int, shared: Path) -> list[Message]:
    """Repeat each text of a half as often as it was pasted, edited, among other answers."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    texts = shared / "data" / "texts"
    with (texts / "copied_texts_2019_dev.csv").open(encoding="utf-8", newline="") as lines:
        copied = list(csv.DictReader(lines))
    known = {_same(row["text"]) for row in copied}
    answers = sorted(
        {
            text
            for text in pq.read_table(texts / "grand_debat_2019_dev.parquet")["text"].to_pylist()
            if len(text.split()) >= SHORT and _same(text) not in known
        }
    )
    rng.shuffle(answers)
    paragraphs = iter(answers[others:])
    messages = [_message(f"answer {i}", text) for i, text in enumerate(answers[:others])]
    for row in copied:
        if _half(row["group_id"]) == half:
            for _ in range(int(row["n_rows"])):
                letter, copy = make_copy(row["text"], rng, paragraphs)
                messages.append(_message(row["group_id"], letter, copy.edits, tuple(copy.added)))
    rng.shuffle(messages)
    return messages


def _message(
    truth: str, text: str, edits: tuple[str, ...] = (), added: tuple[str, ...] = ()
) -> Message:
    return Message(truth, text, _split(text), edits, added)


def _split(text: str, titles: Sequence[str] = ()) -> list[str]:
    return [text[span.start : span.end] for span in split_statements(text, titles)]


def _same(text: str) -> str:
    return " ".join(content_words(text))


def _half(group_id: str) -> str:
    return ("written", "held")[hashlib.sha256(group_id.encode()).digest()[0] % 2]


def flood(text: str, count: int, share: tuple[float, float], seed: int) -> list[Message]:
    """Repeat a text with a share of its words replaced by others'."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    return [
        _message("flood", replace_words(text, rng.uniform(*share), rng, FILLERS))
        for _ in range(count)
    ]


# --- what is told --------------------------------------------------------------------------------


def copied_parts(messages: Sequence[Message], members: Sequence[CopyMembership]) -> dict[str, int]:
    """Count the statements of copies in clusters: copied or added, and told copied or not.

    A founder's are told copied when a member repeats them; a name below a letter is added.
    """
    told: defaultdict[str, set[int]] = defaultdict(set)
    for member in members:
        told[member.contribution_id].update(member.copied_positions)
        told[member.founder_id].update(member.founder_positions)
    sizes = Counter(member.cluster_id for member in members)
    counts: Counter[str] = Counter()
    for message, member in zip(messages, members, strict=True):
        if sizes[member.cluster_id] > 1 and not message.truth.startswith("answer"):
            own = [_same(words) for words in (*message.added, *NAMES)]
            for position, statement in enumerate(message.statements, 1):
                is_added = any(_same(statement) in paragraph for paragraph in own)
                is_told = position in told[member.contribution_id]
                counts[f"{'added' if is_added else 'copied'}, told {is_told}"] += 1
    return dict(counts)


def read_peers(messages: Sequence[Message], python: str) -> dict[str, list[int]]:
    """Return the clusters of the peers, in a process that has them; they get statements alone."""
    words = json.dumps([tokens(" ".join(m.statements)) for m in messages])
    done = subprocess.run(
        [python, "-P", "-c", PEERS], input=words, capture_output=True, text=True, check=True
    )
    found: dict[str, list[int]] = json.loads(done.stdout)
    return found


def write_merges(
    messages: Sequence[Message], clusters: Sequence[str], wrong: Sequence[int], path: Path
) -> None:
    """Write the messages that are not right, after the founder they were given."""
    of_cluster: defaultdict[str, list[int]] = defaultdict(list)
    for i in wrong:
        of_cluster[clusters[i]].append(i)
    with path.open("a", encoding="utf-8") as file:
        for cluster, held in sorted(of_cluster.items()):
            file.write(f"=== {cluster}\n")
            founder = int(cluster.removeprefix("k-"), base=16)
            for i in sorted({founder, *held}):
                file.write(f"[{messages[i].truth}] {' '.join(messages[i].text.split())}\n")


def row(name: str, messages: Sequence[Message], clusters: Sequence[object]) -> dict[str, Any]:
    """Print a line of the table and return it."""
    pairs, campaigns = score(messages, clusters, 2), score(messages, clusters, CAMPAIGN)
    print(
        f"{name:34} {pairs.recall:7.4f} {pairs.precision:10.4f} {pairs.repeated:9}"
        f" {len(pairs.wrong):6} {campaigns.recall:9.4f} {campaigns.precision:10.4f}"
        f" {campaigns.repeated:9}",
        flush=True,
    )
    return {
        "what": name,
        "recall": pairs.recall,
        "precision": pairs.precision,
        "messages": pairs.repeated,
        "not_right": len(pairs.wrong),
        "campaign_recall": campaigns.recall,
        "campaign_precision": campaigns.precision,
        "campaign_messages": campaigns.repeated,
    }


def score_boxes(seeds: Sequence[int], shared: Path) -> Iterator[dict[str, Any]]:
    """Score made mailboxes."""
    titles = [t.label for t in parse_consultation(CONSULTATION.read_text("utf-8")).themes]
    for seed in seeds:
        messages = read_box(seed, shared, titles)
        yield row(f"made box, seed {seed}", messages, [m.cluster_id for m in fold(messages)])


def score_copies(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Score edited copies among other answers, then the peers on the same."""
    parts: Counter[str] = Counter()
    edits: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for seed in asked.seeds:
        messages = copied_among_others(asked.half, seed, asked.others, asked.shared)
        members = fold(messages)
        clusters = [member.cluster_id for member in members]
        yield row(f"copied texts, {asked.half}, seed {seed}", messages, clusters)
        found = score(messages, clusters, 2)
        parts.update(copied_parts(messages, members))
        for i, message in enumerate(messages):
            if not message.truth.startswith("answer"):
                edits.update(message.edits or ("none",))
                missed.update((message.edits or ("none",)) if i in found.missed else ())
        if asked.merges:
            write_merges(messages, clusters, found.wrong, asked.merges)
        if asked.peers:
            for name, told in read_peers(messages, asked.peers).items():
                yield row(f"{name}, seed {seed}", messages, told)
    print("missed by edit: " + ", ".join(f"{e} {missed[e]}/{edits[e]}" for e in sorted(edits)))
    print("statements: " + ", ".join(f"{name}: {n}" for name, n in sorted(parts.items())))


def score_floods(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Score floods of one text of 40 to 60 words among other answers, and time them."""
    path = asked.shared / "data" / "texts" / "security_2019_dev.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        long = [r["text"] for r in csv.DictReader(lines) if 40 <= len(r["text"].split()) <= 60]
    others = [
        message
        for message in copied_among_others("held", 1, 5000, asked.shared)
        if message.truth.startswith("answer")
    ]
    for name, count, share in (
        ("10,000 identical", 10_000, (0.0, 0.0)),
        ("10,000 with 5 to 15 % replaced", 10_000, (0.05, 0.15)),
        ("500 in one second", 500, (0.05, 0.15)),
    ):
        messages = others + flood(long[0], count, share, seed=1)
        random.Random(1).shuffle(messages)  # noqa: S311
        start = time.process_time()
        clusters = [member.cluster_id for member in fold(messages)]
        seconds = time.process_time() - start
        yield row(f"{name}, {seconds:.1f} s", messages, clusters)


def time_fold(asked: argparse.Namespace) -> dict[str, Any]:
    """Time 20,000 different answers, then a day of 200 more."""
    others = copied_among_others("held", 1, 20_400, asked.shared)
    said = [m for m in others if m.truth.startswith("answer")]
    ids = [f"c-{i:016x}" for i in range(len(said))]
    start = time.process_time()
    _, state = fold_copies(CopyState.empty(), [ids[:20_000]], letters_of(said[:20_000]))
    first = time.process_time() - start
    start = time.process_time()
    fold_copies(state, [ids[20_000:20_200]], letters_of(said[20_000:20_200]))
    then = time.process_time() - start
    print(f"20,000 different answers: {first:.1f} s of one core; 200 more: {then:.2f} s")
    return {"what": "time", "first_seconds": first, "then_seconds": then}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--half", choices=("written", "held"), default="held")
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3], help="of the edits")
    parser.add_argument("--boxes", type=int, nargs="*", default=[7, 42, 99], help="their seeds")
    parser.add_argument("--others", type=int, default=20_000)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--merges", type=Path, help="add what is not right to this file")
    parser.add_argument("--peers", help="an interpreter that has datasketch and rensa")
    parser.add_argument("--no-floods", action="store_true")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    print(
        f"{'':34} {'recall':>7} {'precision':>10} {'messages':>9} {'wrong':>6}"
        f" {'campaigns':>9} {'precision':>10} {'messages':>9}"
    )
    rows = [*score_boxes(asked.boxes, asked.shared), *score_copies(asked)]
    if not asked.no_floods:
        rows += [*score_floods(asked), time_fold(asked)]
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
