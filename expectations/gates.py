"""What holds a publication: each gate names the rows that break it, and none of their words.

A fault of the program holds until it is mended. What a person must judge, of the rows that nobody
has let pass yet, holds until somebody does: those rows hold no later day either, others do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc

from expectations.engine import failures
from expectations.patterns import EMAIL, PHONE
from expectations.reasons import REASONS
from warehouse.files import sha256_of

# What is sought in citizens' words, by the rule under which a person may let it pass.
LEAKS = {"email": EMAIL, "phone": PHONE}
_LEFT = {
    "email": "une adresse électronique, ou ce qui y ressemble, n'est pas masquée",
    "phone": "un numéro de téléphone, ou ce qui y ressemble, n'est pas masqué",
}
# What it looks at of submissions.
RECEIVED = ("submission_id", "received_date", "status", "reason")
# The name of each row, and its words.
Columns = list[list[tuple[str, str]]]
_LABELS = {reason.code: reason.label for reason in REASONS}


@dataclass(frozen=True)
class Gate:
    """Why a publication is held: what does not hold, and the identifiers of the rows.

    `rule` is what a person may let these rows pass; a gate without one is a fault of the program.
    """

    gate_id: str
    sentence: str
    rows: tuple[str, ...]
    rule: str | None = None


@dataclass(frozen=True)
class Judgement:
    """What a person must judge of a day, by the consultation's rules.

    `is_awaited`: the day is over and messages were to be expected. `let_pass`: the rows that
    somebody let pass, by rule.
    """

    is_awaited: bool
    quarantine_share: float
    quarantine_least: int
    usual_count: int
    let_pass: Mapping[str, frozenset[str]]

    def left(self, rule: str, rows: Iterable[str]) -> list[str]:
        """Return the rows that nobody has let pass, each once."""
        passed = self.let_pass.get(rule, frozenset())
        return [row for row in dict.fromkeys(rows) if row not in passed]


def gate(as_of: date, sentence: str, rows: Iterable[str], rule: str | None = None) -> Gate:
    """Make the gate of a day that these rows break: other rows are another gate."""
    named = tuple(dict.fromkeys(rows))
    digest = sha256_of([str(as_of), rule or sentence, *sorted(named)])
    return Gate(f"p-{digest[:12]}", sentence, named, rule)


def ledger_gates(
    as_of: date, submissions: pa.Table, by_day: pa.Table, judgement: Judgement
) -> Iterator[Gate]:
    """Yield what the ledger of a day lets fear: too much set aside, a mailbox gone silent.

    `submissions` has the columns `RECEIVED` of `core.submissions`; `by_day` is
    `marts.ledger_by_day`.
    """
    yield from _quarantine(as_of, submissions, judgement)
    yield from _silence(as_of, by_day, judgement)


def _quarantine(as_of: date, submissions: pa.Table, judgement: Judgement) -> Iterator[Gate]:
    passed = judgement.let_pass.get("quarantine", frozenset())
    every = submissions.filter(pc.invert(_among(submissions, passed)))
    of_day = every.filter(pc.equal(every["received_date"], pa.scalar(as_of)))
    # All days first: the rows of this one are among theirs, and one answer is enough.
    for left, when in ((every, "jusqu'au"), (of_day, "le")):
        if rows := _too_many(left, judgement):
            reasons = Counter(left.filter(_among(left, rows))["reason"].to_pylist())
            told = ", ".join(f"{_LABELS[code]} : {n}" for code, n in reasons.most_common())
            share = f"{100 * len(rows) / len(left):.0f} %"
            sentence = (
                f"en attente d'une personne : {len(rows)} des {len(left)} envois reçus {when} "
                f"{as_of:%d/%m/%Y} ({share} ; {told})"
            )
            yield gate(as_of, sentence, rows, "quarantine")
            return


def _among(submissions: pa.Table, named: Iterable[str]) -> pa.BooleanArray:
    """Tell of each submission whether it is one of those named."""
    return pc.is_in(submissions["submission_id"], pa.array(named, pa.string()))


def _too_many(submissions: pa.Table, judgement: Judgement) -> tuple[str, ...]:
    """Return the submissions in quarantine, when they are more than their share of enough."""
    import great_expectations.expectations as gxe

    if len(submissions) < judgement.quarantine_least:
        return ()
    few = gxe.ExpectColumnValuesToNotBeInSet(
        column="status",
        value_set=["quarantined"],
        mostly=round(1 - judgement.quarantine_share, 12),  # 1 - 0.58 is over 0.42
    )
    frame = submissions.select(["submission_id", "status"]).to_pandas()
    broken = failures(frame, [few], "submission_id")
    return broken[0].rows if broken else ()


def _silence(as_of: date, by_day: pa.Table, judgement: Judgement) -> Iterator[Gate]:
    import great_expectations.expectations as gxe
    import pandas as pd

    days = by_day.select(["received_date", "received_count"]).to_pydict()
    counts = dict(zip(days["received_date"], days["received_count"], strict=True))
    usual = median(counts.get(as_of - timedelta(days=n), 0) for n in range(1, 8))
    left = judgement.left("silence", [str(as_of)])
    if not (judgement.is_awaited and usual >= judgement.usual_count and left):
        return
    frame = pd.DataFrame({"received_date": left, "received_count": [counts.get(as_of, 0)]})
    some = gxe.ExpectColumnValuesToBeBetween(column="received_count", min_value=1)
    for broken in failures(frame, [some], "received_date"):
        sentence = (
            f"aucun envoi reçu le {as_of:%d/%m/%Y} (la boîte ne reçoit plus ?), pour {usual:.0f} "
            "d'ordinaire (médiane des sept jours précédents)"
        )
        yield gate(as_of, sentence, broken.rows, "silence")


def leak_gates(as_of: date, leaks: Mapping[str, Columns], judgement: Judgement) -> Iterator[Gate]:
    """Yield a gate a kind of personal data that is left in words.

    `leaks` gives, by rule, the columns where some is, contributions first. What only repeats them
    (a statement, a quotation) is no row of its own.
    """
    for rule, columns in leaks.items():
        rows: list[str] = []
        known: set[str] = set()
        for column in columns:
            left = [(name, _found(rule, words)) for name, words in column]
            rows += [name for name, found in left if found - known]
            known.update(*(found for _, found in left))
        if rows := judgement.left(rule, rows):
            yield gate(as_of, _LEFT[rule], rows, rule)


def _found(rule: str, words: str) -> set[str]:
    return {match[0] for match in re.finditer(LEAKS[rule], words)}
