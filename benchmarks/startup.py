"""What the program takes before and beside its work: the example's 64 letters, and `--help`.

    python benchmarks/startup.py [--runs 5] [--json FILE]

`assises run` on the Allier example is compared with the least that a program of its libraries does:
a flow of one line under Prefect's temporary server, and Great Expectations imported. Each run is a
process of its own with a new home, in turns.
"""

from __future__ import annotations

import sys
import tempfile

from machine import Measure, arguments, described, in_turns, machine, measure, medians, tell
from mailboxes import EXAMPLE, PROGRAM

AS_OF = "2020-01-19"
TRIVIAL = """
from prefect import flow
@flow
def trivial():
    return 1
trivial()
import great_expectations
"""
# As the program sets Prefect: the two differ by what they do.
PREFECT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_LOGGING_LEVEL": "WARNING",
}


def run_example() -> Measure:
    """Run the program on the example in a new home."""
    with tempfile.TemporaryDirectory(prefix="assises-") as home:
        options = ("--consultation", EXAMPLE, "--as-of", AS_OF, "--home", home)
        return measure([PROGRAM, "run", *options])


def run_trivial() -> Measure:
    """Run a flow of one line and import Great Expectations, with a new home of Prefect's."""
    with tempfile.TemporaryDirectory(prefix="assises-") as home:
        return measure([sys.executable, "-c", TRIVIAL], PREFECT_HOME=home, **PREFECT)


def main() -> None:
    """Measure in turns, and say how much longer than the trivial flow the program takes."""
    parser = arguments(__doc__)
    parser.set_defaults(runs=5)
    asked = parser.parse_args()
    busy = machine()
    measured = in_turns(
        asked.runs,
        {
            "assises run, the example": run_example,
            "a trivial flow + import great_expectations": run_trivial,
            "assises --help": lambda: measure([PROGRAM, "--help"]),
        },
    )
    run, trivial, _ = map(medians, measured.values())
    facts = {
        "machine": busy,
        "runs": asked.runs,
        "above_trivial_seconds": round(run.seconds - trivial.seconds, 2),
        "above_trivial_processor_seconds": round(
            run.processor_seconds - trivial.processor_seconds, 2
        ),
    }
    tell(asked, facts, {"Start-up": [described(*one) for one in measured.items()]})


if __name__ == "__main__":
    main()
