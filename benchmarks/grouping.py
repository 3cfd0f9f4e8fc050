"""How well like statements are grouped, beside peers: extended B-cubed against readers' tags.

    python benchmarks/grouping.py ANSWERS.csv [--peers PYTHON] [--days 10] [--half held] [--json]

ANSWERS.csv has the columns `question`, `answer` and `tags` ("; " between them): what readers said
an answer is about. Each question of 50 answers or more is one task. PYTHON is an interpreter that
has `bertopic`. `--half` keeps the answers of one half, by hash: constants were chosen on `tuned`.

- **Ours**: an answer's statements, their kinds, one theme, folded in the order of the file as so
  many days of equal length; groups that merged are one. An answer is in the groups of all its
  statements; one that has no statement counts as one, its whole text. It is told no number.
- **TF-IDF + agglomerative** (average linkage, cosine) and **TF-IDF + k-means**: one cluster an
  answer; both are told k, the number of tags that readers used.
- **BERTopic**: its usual UMAP and HDBSCAN, over the word vectors that ours uses. With "k topics",
  it reduces them to the number of tags. Its outliers count as one cluster or as so many clusters of
  one: for each question, whichever scores more.
- **All in one** and **each alone** show what no grouping at all scores. Where readers give several
  tags to an answer and two or three tags are on most answers, all in one scores as much as a real
  grouping, or more: nearly every pair does share a tag. It tells a reader nothing. That is why the
  peers' k is fixed by the tags rather than chosen by score, why the largest group is printed, and
  why settings of ours that make a catch-all are refused whatever they score.

Extended B-cubed (Amigó et al. 2009): for two answers that share a cluster, the multiplicity
precision is min(clusters shared, tags shared) / clusters shared; it is averaged over the answers
that share a cluster with an answer, itself among them, then over answers. Recall turns clusters and
tags round. An answer without a cluster is a cluster of its own; one without a tag is not scored,
and counted.

**Above chance** is (F1 - F) / (1 - F), where F is the mean F1 of the same clusters dealt to answers
at random: what a grouping knows of the answers beyond the number and sizes of its clusters. All in
one and each alone have 0.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import csr_array
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tasks.language.encoders import NO_COMMON_WORDS
from tasks.language.features import read_features
from tasks.language.groups import GroupState, fold_groups
from tasks.language.kinds import classify_kinds
from tasks.language.linear import statement_vectors
from tasks.language.statements import split_statements

LEAST_ANSWERS = 50
HALVES = ("tuned", "held")
OURS = "assises"
MEASURES = ("f1", "above_chance")
TRIVIAL = ("all in one", "each alone")
SEED = 2019
DEALS = 10

BERTOPIC = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import numpy as np
from bertopic import BERTopic
from umap import UMAP
for line in sys.stdin:
    task = json.loads(line)
    labels = {}
    for name, topics in (("BERTopic", None), ("BERTopic, k topics", task["k"])):
        umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine",
                    random_state=task["seed"])
        model = BERTopic(umap_model=umap, nr_topics=topics, verbose=False)
        found, _ = model.fit_transform(task["answers"], np.array(task["vectors"], dtype=float))
        labels[name] = [int(topic) for topic in found]
    print(json.dumps(labels), flush=True)
"""

_FLOATS = npt.NDArray[np.float32]
Memberships = list[list[str]]  # the clusters, or the tags, of each answer


@dataclass(frozen=True)
class Question:
    """Answers to one question, each with what readers said it is about."""

    name: str
    answers: list[str]
    tags: Memberships

    @property
    def tag_count(self) -> int:
        """How many tags readers used: the k that the peers are told."""
        return len({tag for tags in self.tags for tag in tags})


@dataclass(frozen=True)
class Grouping:
    """What a program made of a question; `largest` is the share of what it places that is there."""

    clusters: Memberships
    cluster_count: int
    largest: float

    @classmethod
    def of(cls, placed: Sequence[tuple[int, str]], answer_count: int) -> Grouping:
        """Gather the clusters in which each answer, or each of its statements, was placed."""
        clusters: Memberships = [[] for _ in range(answer_count)]
        for answer, cluster in placed:
            clusters[answer].append(cluster)
        sizes = Counter(cluster for _, cluster in placed)
        return cls(clusters, len(sizes), max(sizes.values()) / len(placed))

    @classmethod
    def of_labels(cls, labels: Sequence[object]) -> Grouping:
        """Gather one cluster an answer."""
        return cls.of([(n, str(label)) for n, label in enumerate(labels)], len(labels))


@dataclass(frozen=True)
class Score:
    """Extended B-cubed of a grouping, its groups and the share of the largest."""

    precision: float
    recall: float
    f1: float
    above_chance: float
    groups: int
    largest: float


def read_questions(path: Path, half: str | None = None) -> list[Question]:
    """Read the questions of enough answers, or one half of their answers."""
    rows = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            tags = [tag for tag in row["tags"].split("; ") if tag.strip()]
            rows[row["question"]].append((row["answer"], tags))
    questions = []
    for name, answers in sorted(rows.items()):
        if len(answers) >= LEAST_ANSWERS:
            kept = [a for a in answers if half in {None, half_of(a[0])}]
            questions.append(Question(name, [a for a, _ in kept], [t for _, t in kept]))
    return questions


def half_of(answer: str) -> str:
    """Say in which half an answer falls."""
    return HALVES[hashlib.sha256(answer.encode()).digest()[0] % 2]


# --- score
# ------------------------------------------------------------------------------------------


def extended_b_cubed(clusters: Memberships, tags: Memberships) -> tuple[float, ...]:
    """Return precision, recall, F1 and what F1 is above chance, over the answers with a tag."""
    tagged = [n for n, names in enumerate(tags) if names]
    by_cluster = _shared([clusters[n] or [f"alone {n}"] for n in tagged])
    by_tag = _shared([tags[n] for n in tagged])
    precision, recall, f1 = _b_cubed(by_cluster, by_tag)
    draw = np.random.default_rng(SEED)
    deals = [draw.permutation(len(tagged)) for _ in range(DEALS)]
    chance = float(np.mean([_b_cubed(by_cluster[np.ix_(d, d)], by_tag)[2] for d in deals]))
    return precision, recall, f1, (f1 - chance) / (1 - chance)


def _b_cubed(by_cluster: _FLOATS, by_tag: _FLOATS) -> tuple[float, float, float]:
    both = np.minimum(by_cluster, by_tag)
    precision, recall = _mean_share(both, by_cluster), _mean_share(both, by_tag)
    return precision, recall, 2 * precision * recall / (precision + recall or 1.0)


def _shared(memberships: Memberships) -> _FLOATS:
    """Count what every two items have in common."""
    names: dict[str, int] = {}
    cells = [
        (item, names.setdefault(name, len(names)))
        for item, held in enumerate(memberships)
        for name in set(held)
    ]
    rows, columns = zip(*cells, strict=True)
    table = csr_array(
        (np.ones(len(cells), np.float32), (rows, columns)), (len(memberships), len(names))
    )
    shared: _FLOATS = (table @ table.T).toarray()
    return shared


def _mean_share(both: _FLOATS, held: _FLOATS) -> float:
    shares = np.divide(both, held, out=np.zeros_like(both), where=held > 0)
    return float((shares.sum(axis=1) / (held > 0).sum(axis=1)).mean(dtype=np.float64))


def score(question: Question, grouping: Grouping) -> Score:
    """Score a grouping of a question's answers."""
    figures = extended_b_cubed(grouping.clusters, question.tags)
    return Score(*figures, grouping.cluster_count, grouping.largest)


# --- ours
# -------------------------------------------------------------------------------------------


def cut_answers(question: Question) -> tuple[pa.Table, list[int]]:
    """Cut answers into statements with their kinds; return the table and each one's answer."""
    texts, owners = [], []
    for n, answer in enumerate(question.answers):
        spans = split_statements(answer)
        texts += [answer[s.start : s.end] for s in spans] or [answer]
        owners += [n] * max(len(spans), 1)
    kinds = [label.kind for label in classify_kinds(texts)]
    features = read_features(texts, ["question"] * len(texts), kinds, NO_COMMON_WORDS)
    ids = [f"c-{n:016x}-001" for n in range(len(texts))]
    names = ["statement_id", "text", *features.column_names]
    return pa.table([ids, texts, *features.columns], names), owners


def group_ours(statements: pa.Table, owners: Sequence[int], answers: int, days: int) -> Grouping:
    """Fold the answers' statements day after day and follow the merges."""
    bounds = np.searchsorted(owners, [round(answers * d / days) for d in range(days + 1)])
    state, groups = GroupState.empty(), []
    for first, after in zip(bounds.tolist(), bounds.tolist()[1:], strict=False):
        fold, state = fold_groups(state, statements.slice(first, after - first))
        groups += fold.memberships["group_id"].to_pylist()
    merges = (state.merges[c].to_pylist() for c in ("group_id", "became_group_id"))
    became = dict(zip(*merges, strict=True))
    return Grouping.of(
        [(n, _root(g, became)) for n, g in zip(owners, groups, strict=True)], answers
    )


def _root(group: str, became: dict[str, str]) -> str:
    while group in became:
        group = became[group]
    return group


# --- peers
# ------------------------------------------------------------------------------------------


def group_peers(question: Question) -> dict[str, Grouping]:
    """Group answers as a few lines of scikit-learn do, and not at all."""
    words = TfidfVectorizer(strip_accents="unicode", sublinear_tf=True)
    sparse = words.fit_transform(question.answers)
    rows = sparse.toarray()
    k = min(question.tag_count, len(question.answers))
    worded = rows + 1e-9 * (rows.sum(axis=1, keepdims=True) == 0)  # no direction, no cosine
    average = AgglomerativeClustering(k, metric="cosine", linkage="average")
    means = KMeans(k, n_init=3, random_state=SEED)
    return {
        "TF-IDF + agglomerative, k": Grouping.of_labels(average.fit_predict(worded)),
        "TF-IDF + k-means, k": Grouping.of_labels(means.fit_predict(sparse)),
        TRIVIAL[0]: Grouping.of_labels([0] * len(rows)),
        TRIVIAL[1]: Grouping.of_labels(range(len(rows))),
    }


def group_bertopic(questions: Sequence[Question], python: str) -> list[dict[str, list[Grouping]]]:
    """Group answers by BERTopic, in a process that has it: outliers as one cluster, and alone."""
    tasks = [
        {
            "answers": question.answers,
            "vectors": statement_vectors(question.answers).tolist(),
            "k": question.tag_count,
            "seed": SEED,
        }
        for question in questions
    ]
    done = subprocess.run(
        [python, "-P", "-W", "ignore", "-c", BERTOPIC],
        input="\n".join(map(json.dumps, tasks)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [
        {
            name: [Grouping.of_labels(way) for way in _outliers(found)]
            for name, found in line.items()
        }
        for line in map(json.loads, done.stdout.splitlines())
    ]


def _outliers(topics: Sequence[int]) -> tuple[list[int], list[int]]:
    return list(topics), [t if t >= 0 else -1 - n for n, t in enumerate(topics)]


# --- report
# -----------------------------------------------------------------------------------------


def mean_scores(
    questions: Sequence[Question], scores: Sequence[dict[str, Score]]
) -> dict[str, Score]:
    """Average each program's scores over questions, weighted by answers; sum the groups."""
    weights = [len(question.answers) for question in questions]

    def mean(name: str, figure: str) -> float:
        return float(np.average([getattr(s[name], figure) for s in scores], weights=weights))

    return {
        name: Score(
            mean(name, "precision"),
            mean(name, "recall"),
            mean(name, "f1"),
            mean(name, "above_chance"),
            sum(s[name].groups for s in scores),
            mean(name, "largest"),
        )
        for name in scores[0]
    }


def best_peers(means: dict[str, Score]) -> dict[str, tuple[str, float]]:
    """Name the peer of the highest mean by each measure, and what ours is of it."""
    peers = [name for name in means if name not in {OURS, *TRIVIAL}]
    found = {}
    for measure in MEASURES:
        values = {name: getattr(means[name], measure) for name in (OURS, *peers)}
        peer = max(peers, key=lambda name: values[name])
        found[measure] = (peer, values[OURS] / values[peer])
    return found


def show(title: str, scores: dict[str, Score]) -> None:
    """Print a line a program."""
    head = f"{'P':>7}{'R':>7}{'F1':>7}{'above chance':>14}{'groups':>8}{'largest':>9}"
    print(f"\n{title:<46}{head}")
    for name, s in scores.items():
        figures = f"{s.precision:>7.3f}{s.recall:>7.3f}{s.f1:>7.3f}{s.above_chance:>14.3f}"
        print(f"  {name:<44}{figures}{s.groups:>8}{s.largest:>9.1%}")


def main() -> None:
    """Print scores by question and their means, or all of them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("answers", type=Path, metavar="ANSWERS.csv")
    parser.add_argument("--peers", metavar="PYTHON", help="an interpreter that has bertopic")
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--half", choices=HALVES, help="one half of the answers, by hash")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    questions = read_questions(asked.answers, asked.half)
    scores = [score_question(question, asked.days) for question in questions]
    if asked.peers:
        topics = group_bertopic(questions, asked.peers)
        for question, found, ways_by_name in zip(questions, scores, topics, strict=True):
            for name, ways in ways_by_name.items():
                found[name] = max((score(question, way) for way in ways), key=lambda s: s.f1)
    means = mean_scores(questions, scores)
    best = best_peers(means)
    if asked.json:
        by_question = {
            q.name: {"answers": len(q.answers), "tags": q.tag_count}
            | {name: asdict(s) for name, s in found.items()}
            for q, found in zip(questions, scores, strict=True)
        }
        mean = {name: asdict(s) for name, s in means.items()}
        print(json.dumps({"questions": by_question, "mean": mean, "best_peers": best}))
        return
    for question, found in zip(questions, scores, strict=True):
        title = f"{question.name}: {len(question.answers)} answers, {question.tag_count} tags"
        untagged = sum(not tags for tags in question.tags)
        show(title + (f", {untagged} untagged" if untagged else ""), found)
    show("mean, weighted by answers", means)
    print()
    for measure, (peer, ratio) in best.items():
        print(f"{OURS} / {peer} by {measure.replace('_', ' ')}: {ratio:.3f}")


def score_question(question: Question, days: int) -> dict[str, Score]:
    """Score ours and what needs no other interpreter."""
    statements, owners = cut_answers(question)
    ours = group_ours(statements, owners, len(question.answers), days)
    groupings = {OURS: ours, **group_peers(question)}
    return {name: score(question, grouping) for name, grouping in groupings.items()}


if __name__ == "__main__":
    main()
