"""Great Expectations, kept small: a frame and expectations in, what failed out.

Results are asked for without values, or with row identifiers only, so that no citizen's word is
kept. The library takes seconds to import: it is imported when something is checked, never before.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from warehouse.failures import FaultError

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations import Expectation


class UncheckableError(FaultError):
    """An expectation cannot be evaluated: a broken check never passes."""


@dataclass(frozen=True)
class Failure:
    """An expectation that does not hold: its sentence and, where asked, the rows that break it."""

    sentence: str
    meta: dict[str, Any]
    rows: tuple[str, ...] = ()


def prepare() -> None:
    """Import the library now, while something else is waited for."""
    _frames()


def failures(
    frame: pd.DataFrame, expectations: Sequence[Expectation], identifier: str | None = None
) -> list[Failure]:
    """Return the expectations that do not hold, in the order given.

    With `identifier`, each failure names the rows by that column, which must not hold citizens'
    words. Raises UncheckableError.
    """
    import great_expectations as gx

    result_format: Any = (
        {"result_format": "COMPLETE", "unexpected_index_column_names": [identifier]}
        if identifier
        else "BOOLEAN_ONLY"
    )
    suite = gx.ExpectationSuite(name="suite", expectations=list(expectations))
    batch = _frames().get_batch({"dataframe": frame})
    outcome = batch.validate(suite, result_format=result_format)
    # Results come grouped by metric: the order is that of the suite, found again by content.
    found = {_identity(r.expectation_config): r for r in outcome.results}
    broken: list[Failure] = []
    for expectation in expectations:
        result = found[_identity(expectation.configuration)]
        if result.exception_info and _raised(result.exception_info):
            raise UncheckableError(f"{_sentence(expectation)} : ne peut pas être vérifié")
        if not result.success:
            index = result.result.get("unexpected_index_list") or ()
            rows = tuple(row[identifier] for row in index) if identifier else ()
            broken.append(Failure(_sentence(expectation), dict(expectation.meta or {}), rows))
    return broken


def _identity(configuration: Any) -> str:
    asked = {name: value for name, value in configuration.kwargs.items() if name != "batch_id"}
    return repr((configuration.type, sorted(asked.items()), configuration.meta))


def _raised(info: dict[str, Any]) -> bool:
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(part.get("raised_exception") for part in info.values())


def _sentence(expectation: Any) -> str:
    return str((expectation.meta or {}).get("sentence") or expectation.configuration.type)


@cache
def _frames() -> Any:
    """Return what makes a batch of any frame, defined once: GE writes each definition as YAML."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # What it logs may quote a row; what matters of it is in the results.
    logger = logging.getLogger("great_expectations")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("frame")
