"""What a run writes down when its file or program is not that of the last run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows import changes
from flows.changes import Row, change_text, find_change, history, history_text, last_change
from flows.run import Run, UsageError, prepare_run
from tasks.changes import without_places
from tests.program import EXAMPLE, Ran, copy_beside
from warehouse.contracts import CHANGES
from warehouse.home import Home


@pytest.fixture
def prepared(tmp_path: Path) -> Callable[..., Run]:
    """Prepare a run of the example's file with one edit more."""
    file = tmp_path / "consultation.toml"
    shutil.copy(EXAMPLE / "consultation.toml", file)
    copy_beside(tmp_path)

    def prepare(before: str = "", after: str = "") -> Run:
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after, 1), encoding="utf-8")
        return prepare_run(file, tmp_path / "home", "2020-01-12")

    return prepare


def recorded(run: Run) -> list[list[str]]:
    changes.record_change(run)
    found: list[list[str]] = run.home.decisions.read(CHANGES)["changes"].to_pylist()
    return found


def test_the_first_run_says_where_one_starts_from(prepared: Callable[..., Run]) -> None:
    run = prepared()
    assert recorded(run) == [["Première exécution"]]
    row = last_change(run.home)
    assert row is not None
    assert row["run"] == 1
    assert row["configuration_before_sha256"] is None
    assert run.home.decisions.text(row["file_sha256"]) == without_places(run.text)


def test_nothing_is_written_of_a_file_that_says_the_same(prepared: Callable[..., Run]) -> None:
    recorded(prepared())
    run = prepared("[thresholds]", "# Un commentaire de plus.\n[thresholds]")
    assert find_change(run) is None
    assert len(recorded(run)) == 1


def test_a_change_says_when_and_of_whom_the_file_was(prepared: Callable[..., Run]) -> None:
    before = prepared()
    recorded(before)
    run = prepared("partage = 0.03", "partage = 0.02")
    os.utime(run.file, (1_579_000_000, 1_579_000_000))
    changes.record_who(run, "Claire Dumont, cheffe de cabinet", "Trop de groupes isolés")
    row = history(run.home)[-1]
    assert row["configuration_before_sha256"] == before.configuration_sha256
    assert row["configuration_sha256"] == run.configuration_sha256
    assert row["file_owner"] == run.file.owner()
    text = change_text(row)
    assert f"Fichier modifié le 14/01/2020 à 11:06 UTC, à {run.file.owner()}." in text
    assert "Changé par Claire Dumont, cheffe de cabinet.\nParce que : Trop de groupes" in text
    assert text.endswith("  thresholds.partage : 0.03 → 0.02")


def test_a_file_that_it_names_may_change_alone(prepared: Callable[..., Run]) -> None:
    recorded(prepared())
    outlines = EXAMPLE / "communes.geojson"
    run = prepared()
    (run.file.parent / "communes.geojson").write_text(outlines.read_text() + "\n")
    assert recorded(prepared())[1] == ["documents.outlines : le contenu du fichier a changé"]


def test_an_upgrade_of_the_program_is_a_change(
    prepared: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(prepared())
    monkeypatch.setattr(changes, "code_fingerprint", lambda: "f" * 64)
    assert recorded(prepared())[1] == ["programme : version 0.1.0, code différent"]
    monkeypatch.setattr(changes, "version", lambda _: "0.2.0")
    assert recorded(prepared())[2] == ["programme : version 0.1.0 → 0.2.0"]


def test_who_and_why_are_refused_of_a_file_that_did_not_change(
    prepared: Callable[..., Run],
) -> None:
    run = prepared()
    recorded(run)
    with pytest.raises(UsageError, match="n'a pas changé depuis la dernière exécution"):
        changes.record_who(run, None, "Pour rien")


def test_a_home_without_a_run_has_no_history(tmp_path: Path) -> None:
    assert history_text(history(Home(tmp_path))) == "Aucune exécution encore."


def moved(topic: str, before: str | None, after: str | None, count: int, *ids: str) -> Row:
    return {
        "as_of_date": date(2020, 1, 11),
        "topic": topic,
        "before": before,
        "after": after,
        "moved_count": count,
        "identifiers": list(ids),
    }


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            moved("figure", "40", "43", 3, "accepted_count"),
            "  Chiffres d'ensemble\n        +3  Contributions retenues : 40 → 43",
        ),
        (
            moved("status", "rejected after_deadline", "accepted", 1, "s-1"),
            "  Envois, par sort\n         1  hors délai → retenu   s-1",
        ),
        (
            moved("theme", None, "service", 7, *"abcdefg"),
            "  Énoncés, par thème\n         7  (aucun) → service   a, b, c, d, e, …",
        ),
        (
            moved("split", "g-1", None, 2, "g-1", "g-2"),
            "  Groupes d'avant partagés entre plusieurs\n         2  g-1 : g-1, g-2",
        ),
        (moved("figure", "40", "40", 0, "accepted_count"), "  rien"),
    ],
    ids=lambda value: value["topic"] if isinstance(value, dict) else "",
)
def test_what_moved_is_told_with_some_of_which(
    prepared: Callable[..., Run], row: Row, line: str
) -> None:
    run = prepared()
    recorded(run)
    text = change_text(history(run.home)[-1] | {"moves": [row]})
    told = "synthèse au 11/01/2020, mêmes messages, avant → après :\n"
    assert text.endswith(told + line)


def test_what_nothing_published_depends_on_is_not_compared(
    final_copy: Ran, prepared: Callable[..., Run]
) -> None:
    changes.record_change(prepared("days_after = 7", "days_after = 9"))
    home = Home(final_copy.home)
    assert history(home)[-1]["changes"] == ["schedule.days_after : 7 → 9"]
    assert changes.to_compare(home) is None
    changes.record_change(prepared("partage = 0.03", "partage = 0.02"))
    changes.record_change(prepared("days_after = 9", "days_after = 8"))
    served = changes.to_compare(home)
    assert served is not None
    assert served.folder == final_copy.latest.resolve()


def test_what_mail_found_since_moved_is_not_told_as_of_the_same_messages(
    prepared: Callable[..., Run],
) -> None:
    run = prepared()
    recorded(run)
    rows = [moved("figure", "5", "7", 2, "received_count")]
    text = change_text(history(run.home)[-1] | {"moves": rows})
    assert "synthèse au 11/01/2020, messages trouvés depuis compris, avant → après :" in text
    assert "mêmes messages" not in text


def test_a_change_that_was_not_compared_says_so(prepared: Callable[..., Run]) -> None:
    run = prepared()
    recorded(run)
    row = history(run.home)[-1]
    assert "n'est pas dit" not in change_text(row)  # nothing was published before
    row |= {"published_before": "0" * 64}
    assert "Ce qui a bougé n'est pas dit" in change_text(row)
    pending = {name: value for name, value in row.items() if name != "moves"}
    assert "n'est pas dit" not in change_text(pending)
