"""The verdict on each submission: each reason is an expectation, and the first that fails is given.

Order is that of `reasons.REASONS`. What a later message decides (superseded) is no expectation of
the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from expectations.engine import failures
from expectations.reasons import REASONS
from warehouse.contracts import WITHDRAWAL_REASONS

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations import Expectation

STATUS_OF = {reason.code: reason.status for reason in REASONS}


@dataclass(frozen=True)
class Rules:
    """What the consultation says of a submission that counts."""

    opening: datetime
    deadline: datetime
    message_bytes: int


def judge_submissions(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Give each submission of a day a status and a reason.

    `frame` has a row a submission: submission_id, withdrawal (why people withdrew it, or null),
    person_reading (what a person read in it, or null), received_at, is_unreadable, is_whole,
    size_bytes, repeats (an earlier submission that is the same message, or null), machine,
    awaits_reader, content_word_count. Returns `frame` with `status` and `reason` added; accepted
    has no reason.
    """
    import pandas as pd

    reason = pd.Series(None, index=pd.Index(frame["submission_id"]), dtype="string")
    for failure in failures(_checked(frame), list(submission_suite(rules)), "submission_id"):
        reason[reason.index.isin(failure.rows) & reason.isna()] = failure.meta["reason"]
    return with_reason(frame, reason)


def with_reason(frame: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    """Add `reason`, indexed by submission_id, and the status that it entails."""
    found = frame["submission_id"].map(reason)
    return frame.assign(reason=found, status=found.map(STATUS_OF).fillna("accepted"))


def _checked(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep what the expectations look at: the author's words stay out of their results."""
    import pandas as pd

    since = frame["received_at"].astype("datetime64[us, UTC]") - pd.Timestamp(0, tz="UTC")
    seconds = since / pd.Timedelta(seconds=1)  # a submission without a date stays without
    columns = [
        *("submission_id", "withdrawal", "is_unreadable", "is_whole", "size_bytes", "repeats"),
        *("machine", "awaits_reader", "content_word_count"),
    ]
    is_read = frame["person_reading"].notna()  # no message is too large for who read it
    return frame[columns].assign(
        received_at=seconds,
        is_whole=frame["is_whole"] | is_read,
        size_bytes=frame["size_bytes"].mask(is_read, 0),
    )


def submission_suite(rules: Rules) -> Iterator[Expectation]:
    """Yield the row expectations of the day's submissions, in the order of the closed list."""
    import great_expectations.expectations as gxe

    for reason in WITHDRAWAL_REASONS:
        yield gxe.ExpectColumnValuesToNotBeInSet(
            column="withdrawal",
            value_set=[reason],
            meta=_meta(reason, "personne n'a décidé de retirer le message"),
        )
    yield gxe.ExpectColumnValuesToNotBeNull(
        column="received_at", meta=_meta("unreadable", "la date de réception est connue")
    )
    yield gxe.ExpectColumnValuesToBeInSet(
        column="is_unreadable", value_set=[False], meta=_meta("unreadable", "le message se lit")
    )
    yield gxe.ExpectColumnValuesToBeInSet(
        column="is_whole", value_set=[True], meta=_meta("too_large", "le message est gardé entier")
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="size_bytes",
        max_value=rules.message_bytes,
        meta=_meta("too_large", "le message tient dans la limite"),
    )
    yield gxe.ExpectColumnValuesToBeNull(
        column="repeats", meta=_meta("duplicate_message", "le message n'est pas déjà arrivé")
    )
    for machine in ("bounce", "auto_reply", "bulk", "spam"):
        yield gxe.ExpectColumnValuesToNotBeInSet(
            column="machine",
            value_set=[machine],
            meta=_meta(machine, "le message est écrit par une personne"),
        )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="received_at",
        min_value=rules.opening.timestamp(),
        meta=_meta("before_opening", "le message arrive après l'ouverture"),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="received_at",
        max_value=rules.deadline.timestamp(),
        strict_max=True,
        meta=_meta("after_deadline", "le message arrive avant la clôture"),
    )
    yield gxe.ExpectColumnValuesToBeInSet(
        column="awaits_reader",
        value_set=[False],
        meta=_meta("to_read", "les mots de l'auteur se lisent sans une personne"),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="content_word_count",
        min_value=1,
        meta=_meta("empty", "l'auteur a écrit quelque chose"),
    )


def _meta(reason: str, sentence: str) -> dict[str, str]:
    return {"reason": reason, "sentence": sentence}
