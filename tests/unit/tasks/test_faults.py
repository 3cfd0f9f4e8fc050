from __future__ import annotations

import errno
import pickle
import re
import traceback
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

import tasks
from tasks.faults import withholding_values
from tasks.mail.sources.mailbox import SourceError
from tasks.workers import Workers
from warehouse.failures import FaultError
from warehouse.files import write_parquet

WORDS = "Éloïse Zwykhold, 06 39 98 00 00"


def chained() -> None:
    try:
        int(WORDS)
    except ValueError as error:
        raise KeyError(WORDS) from error


@pytest.mark.parametrize(
    ("fail", "kind"),
    [
        pytest.param(lambda: int(WORDS), "ValueError", id="Python"),
        pytest.param(chained, "KeyError", id="a chain"),
        pytest.param(lambda: pa.scalar(WORDS).cast(pa.int64()), "ArrowInvalid", id="pyarrow"),
        pytest.param(lambda: pd.to_datetime(WORDS), "DateParseError", id="pandas"),
        pytest.param(
            lambda: duckdb.connect().execute("select cast(? as integer)", [WORDS]),
            "ConversionException",
            id="DuckDB",
        ),
        pytest.param(lambda: list(Workers(2).map(int, [(WORDS,)] * 3)), "ValueError", id="workers"),
    ],
)
def test_an_error_leaves_without_the_values_it_quotes(
    fail: Callable[[], object], kind: str
) -> None:
    with pytest.raises(FaultError, match=f"^{kind}") as caught, withholding_values():
        fail()
    told = "".join(traceback.format_exception(caught.value))
    assert "Zwykhold" not in told
    assert "Zwykhold" in repr(caught.value.original)


def test_a_fault_names_the_deepest_of_our_lines(tmp_path: Path) -> None:
    with pytest.raises(FaultError) as caught, withholding_values():
        write_parquet(tmp_path / "table.parquet", WORDS)  # type: ignore[arg-type]
    assert re.fullmatch(
        r"\w+ dans warehouse\.files, write_parquet, ligne \d+", str(caught.value)
    ), caught.value


def test_a_fault_is_written_without_what_it_was_raised_about() -> None:
    with pytest.raises(FaultError) as caught, withholding_values():
        int(WORDS)
    written = pickle.dumps(caught.value)
    assert b"Zwykhold" not in written
    again = pickle.loads(written)
    assert (str(again), again.original) == (str(caught.value), None)


@pytest.mark.parametrize(
    "error",
    [
        SourceError("La source « boite » ne répond pas."),
        OSError(errno.ENOSPC, "No space left on device", "vault/raw"),
    ],
    ids=["a sentence", "the system's"],
)
def test_what_may_be_told_leaves_as_it_is_and_alone(error: Exception) -> None:
    def fail() -> None:
        try:
            int(WORDS)
        except ValueError as behind:
            raise error from behind

    with pytest.raises(type(error)) as caught, withholding_values():
        fail()
    assert caught.value is error
    assert "Zwykhold" not in "".join(traceback.format_exception(caught.value))


def test_every_stage_withholds_values() -> None:
    """A task made otherwise would hand its errors to Prefect as they are."""
    sought = re.compile(r"^from prefect import .*\btask\b|^import prefect", re.MULTILINE)
    folder = Path(tasks.__file__).parent
    makers = [path.name for path in folder.rglob("*.py") if sought.search(path.read_text())]
    assert makers == ["stage.py"]
