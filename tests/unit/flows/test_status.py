from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.status import stale, status
from flows.status_text import status_text
from warehouse.contracts import LEDGER_BY_DAY, LEDGER_BY_REASON
from warehouse.decisions import BROUILLON
from warehouse.files import write_parquet
from warehouse.home import Home

SCHEDULE = {
    "first": "2020-01-09",
    "last": "2020-01-27",
    "at": "06:00:00",
    "timezone": "Europe/Paris",
}
GATES = [
    {
        "id": "p-0123456789ab",
        "sentence": "12 messages attendent.",
        "row_count": 12,
        "acceptable": True,
    },
    {"id": None, "sentence": "Les sommes diffèrent.", "row_count": 1, "acceptable": False},
]


def at(day: int, hour: float = 5) -> datetime:
    """An instant of January 2020; runs are due at 5:00 UTC."""
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def ran(home: Home, day: int, outcome: str | None = "published", **more: Any) -> None:
    """Write down a run of a morning that took 65 seconds, or that says no end."""
    facts = {
        "command": "run",
        "as_of_date": date(2020, 1, day - 1),
        "started_at": at(day),
        "ended_at": at(day) + timedelta(seconds=65) if outcome else None,
        "pid": 4242,
        "host": "serveur",
        "title": "Assises",
        "file": "/etc/assises/consultation.toml",
        "deadline": datetime(2020, 1, 19, 23, tzinfo=UTC),
        "schedule": SCHEDULE,
        "outcome": outcome,
    }
    home.journal.begin(**facts | more)


@contextmanager
def held_by_this_process(home: Home) -> Iterator[None]:
    with home.lock():
        yield


def lines(home: Home, now: datetime) -> list[str]:
    return [" ".join(line.split()) for line in status_text(status(home, now)).splitlines()]


def test_before_the_first_run_it_says_how_to_begin(home: Home) -> None:
    assert f"assises run --consultation consultation.toml --home {home.root}" in lines(home, at(9))
    assert not home.root.exists()


def test_it_says_what_ran_and_for_how_long(home: Home) -> None:
    ran(home, 9)
    ran(home, 10, "failed", sentence="La boîte ne répond pas.")
    told = lines(home, at(10, 8))
    assert "n° 1 09/01/2020 à 06:00 synthèse au 08/01/2020 publiée, 1 min 05 s" in told
    assert "Exécutions n° 2 10/01/2020 à 06:00 synthèse au 09/01/2020 échec, 1 min 05 s" in told
    assert "À faire - La dernière exécution a échoué. La boîte ne répond pas. Puis :" in told
    assert told[-1].startswith("assises run --consultation /etc/assises/consultation.toml")


def test_every_key_is_explained_where_it_is_documented(home: Home) -> None:
    ran(home, 9)
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    found = status(home, at(9, 7))
    keys = {*found, *found["runs"][0], *found["schedule"], *found["disk"]}
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []


def test_a_run_that_says_no_end_is_in_progress_or_was_killed(home: Home) -> None:
    ran(home, 9, None, pid=os.getpid())
    with held_by_this_process(home):
        found = status(home, at(9, 6))
        assert found["runs"][0]["outcome"] == "running"
        assert f"en cours, PID {os.getpid()}" in status_text(found)
        assert found["to_do"] == []
    found = status(home, at(9, 6))
    assert found["runs"][0]["outcome"] == "killed"
    assert "a été tuée" in found["to_do"][0]["sentence"]


def test_another_process_that_holds_the_home_makes_no_killed_run_live(home: Home) -> None:
    ran(home, 9, None, pid=os.getpid() + 1)
    with held_by_this_process(home):
        assert status(home, at(9, 6))["runs"][0]["outcome"] == "killed"


def test_it_says_what_is_due_by_the_clock_of_the_consultation(home: Home) -> None:
    ran(home, 9)
    ran(home, 10, "held", gates=[])
    found = status(home, at(11, 4.9))
    assert found["schedule"]["next_due_at"] == "2020-01-11T05:00:00+00:00"
    assert found["schedule"]["overdue_count"] == 1
    told = lines(home, at(12, 7))
    assert "Prévu prochaine le 13/01/2020 à 06:00" in told
    assert "en retard : 3 prévues sans succès, la dernière le 12/01/2020 à 06:00" in told
    assert "clôture le 20/01/2020 à 00:00 (Europe/Paris)" in told


def test_runs_that_nobody_started_are_something_to_look_at(home: Home) -> None:
    ran(home, 9)
    assert status(home, at(10, 4))["to_do"] == []
    (step,) = status(home, at(11, 7))["to_do"]
    assert step["sentence"].startswith("2 exécutions prévues n'ont pas eu lieu")


def test_a_final_synthesis_that_is_owed_is_asked_for(home: Home) -> None:
    ran(home, 27)
    (step,) = status(home, at(27, 7))["to_do"]
    assert "sa synthèse définitive n'est pas publiée" in step["sentence"]


def test_each_gate_that_holds_says_how_it_is_let_pass(home: Home) -> None:
    ran(home, 9, "held", gates=GATES)
    accepted, refused = status(home, at(9, 7))["gates"]
    assert accepted["command"] == (
        "assises run --as-of 2020-01-08 --accept-gate p-0123456789ab --because MOTIF --by "
        f"'Prénom Nom, qualité' --consultation /etc/assises/consultation.toml --home {home.root}"
    )
    assert refused["command"] is None
    assert "faute du programme à signaler : Les sommes diffèrent." in " ".join(
        lines(home, at(9, 7))
    )
    ran(home, 10)
    assert status(home, at(10, 7))["gates"] == []


@pytest.mark.parametrize("command", ["run", "review"])
def test_a_gate_stands_until_its_day_or_a_later_is_published(home: Home, command: str) -> None:
    ran(home, 10, "held", gates=GATES, command=command)
    ran(home, 11, "failed", sentence="La boîte ne répond pas.")
    ran(home, 11, "published", as_of_date=date(2020, 1, 5))
    assert len(status(home, at(11, 7))["gates"]) == len(GATES)
    ran(home, 12)
    assert status(home, at(12, 7))["gates"] == []


def test_mail_found_late_is_told_by_day(home: Home) -> None:
    ran(home, 12, found_late={"2020-01-10": 2, "2020-01-09": 1})
    told = " ".join(lines(home, at(12, 7)))
    assert "Après coup du 09/01/2020 : 1 message de plus (exécution n° 1)" in told
    assert "du 10/01/2020 : 2 messages de plus" in told


def test_a_backup_is_said_and_hides_nothing_of_the_runs(home: Home) -> None:
    ran(home, 9)
    home.journal.begin(command="backup", started_at=at(9, 6), ended_at=at(9, 7), outcome="saved")
    told = lines(home, at(9, 8))
    assert "Exécutions n° 2 09/01/2020 à 07:00 enregistrée, 1 h 00 (backup)" in told
    assert "Sauvegarde le 09/01/2020 à 08:00" in told
    assert "Prévu prochaine le 10/01/2020 à 06:00" in told


# --- the disk ------------------------------------------------------------------------------------


def test_the_disk_is_told_part_by_part(home: Home) -> None:
    ran(home, 9)
    for name, size in {"vault": 3_000_000, "lake": 1_500_000}.items():
        (home.root / name).mkdir()
        (home.root / name / "part").write_bytes(bytes(size))
    disk = status(home, at(9, 7))["disk"]
    assert list(disk["parts"].items())[:2] == [("vault", 3_000_000), ("lake", 1_500_000)]
    assert disk["home_bytes"] == sum(disk["parts"].values())
    assert "vault 3,0 Mo, lake 1,5 Mo" in lines(home, at(9, 7))


@pytest.mark.parametrize(
    ("sizes", "pace"),
    [
        ({9: 100, 10: 300}, None),  # a day is no pace
        ({9: 100, 10: 300, 12: 700}, 200),
        ({2: 10, 9: 100, 12: 700}, 200),  # of the last seven days
        ({9: 700, 12: 100}, 0),  # a withdrawal: nothing fills
    ],
)
def test_the_pace_is_that_of_the_last_days_if_there_are_some(
    home: Home, sizes: dict[int, int], pace: int | None
) -> None:
    for day, size in sizes.items():
        ran(home, day, home_bytes=size * 1_000_000)
    disk = status(home, at(12, 7))["disk"]
    assert disk["bytes_a_day"] == (None if pace is None else pace * 1_000_000)
    assert (disk["days_left"] is None) == (not pace)


# --- for a monitor -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "now", "is_stale"),
    [
        pytest.param({9: "published"}, at(10, 4), False, id="the day before"),
        pytest.param({9: "published"}, at(10, 6), False, id="one is due, 26 h are not over"),
        pytest.param({9: "published"}, at(10, 7.1), True, id="they are"),
        pytest.param({9: "nothing"}, at(10, 6), False, id="nothing to do is a success"),
        pytest.param({9: "closed"}, at(10, 6), False, id="so is a closed consultation"),
        pytest.param({9: "published", 10: "failed"}, at(10, 7.1), True, id="failed since"),
        pytest.param({9: "published", 10: "held"}, at(10, 6), False, id="held, not yet old"),
        pytest.param({9: "published", 10: None}, at(10, 7.1), True, id="killed since"),
        pytest.param({8: "failed"}, at(9, 4), False, id="before the first is due"),
        pytest.param({8: "failed"}, at(9, 6), False, id="the first has just been due"),
        pytest.param({8: "failed"}, at(10, 7.1), True, id="the first was due long ago"),
        pytest.param({27: "published"}, at(31), False, id="none is due any more"),
    ],
)
def test_a_monitor_is_told_when_none_succeeded_though_one_was_due(
    home: Home, runs: dict[int, str | None], now: datetime, *, is_stale: bool
) -> None:
    for day, outcome in runs.items():
        ran(home, day, outcome)
    assert (stale(status(home, now), 26) is not None) == is_stale


def test_no_age_is_too_old_when_none_was_due(home: Home) -> None:
    ran(home, 9)
    assert stale(status(home, at(9, 12)), 1) is None


def test_an_earlier_day_made_again_is_not_what_was_due(home: Home) -> None:
    ran(home, 9)
    ran(home, 10, as_of_date=date(2020, 1, 2))
    assert stale(status(home, at(10, 8)), 26) is not None


def publish(home: Home, day: str, *, is_final: bool) -> None:
    """Put on the shelf no more than a manifest and the ledger."""
    facts = {
        "as_of_date": day,
        "is_final": is_final,
        "is_provisional": False,
        "publication_version": "0123456789ab",
        **BROUILLON,
    }
    folder = home.published / ".versions" / day
    for table in (LEDGER_BY_DAY, LEDGER_BY_REASON):
        path = folder / "parquet" / f"{table.qualified}.parquet"
        write_parquet(path, table.schema.empty_table())
    (folder / "manifest.json").write_text(json.dumps(facts))
    for name in (day, "latest"):
        (home.published / name).unlink(missing_ok=True)
        (home.published / name).symlink_to(folder)


def test_nothing_is_due_once_the_final_synthesis_is_published(home: Home) -> None:
    ran(home, 18)
    publish(home, "2020-01-18", is_final=False)
    assert stale(status(home, at(26)), 26) is not None
    publish(home, "2020-01-19", is_final=True)
    found = status(home, at(26))
    assert stale(found, 26) is None
    assert found["schedule"]["next_due_at"] is None
    assert "Prévu plus rien : la synthèse définitive est publiée" in lines(home, at(26))


def test_a_deadline_that_is_put_off_makes_another_final_synthesis_due(home: Home) -> None:
    publish(home, "2020-01-19", is_final=True)
    ran(home, 21, deadline=datetime(2020, 1, 26, 23, tzinfo=UTC))
    assert stale(status(home, at(24)), 26) is not None


def test_a_review_is_no_success_of_the_daily_run(home: Home) -> None:
    ran(home, 9)
    ran(home, 10, command="review")
    assert stale(status(home, at(10, 8)), 26) is not None


def test_the_monitor_reads_one_sentence(
    home: Home, own_process: None, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(home, 9)
    ran(home, 10, "failed", sentence="La boîte ne répond pas.")
    asked = ["status", "--home", str(home.root), "--max-age", "26"]
    assert main(asked) == 5
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "Aucune exécution n'a abouti depuis le 09/01/2020 à 06:01, plus de 26 h, alors qu'une "
        "était due le 27/01/2020 à 06:00 ; la dernière, n° 2 : échec.\n"
    )
    assert main([*asked, "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["runs"][0]["outcome"] == "failed"


@pytest.mark.parametrize("hours", ["nan", "-1", "inf"])
def test_an_age_that_nothing_is_over_is_refused(home: Home, hours: str) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["status", "--home", str(home.root), "--max-age", hours])
    assert refused.value.code == 2


def test_a_home_where_nothing_ever_ran_is_not_well(home: Home) -> None:
    said = stale(status(home, at(9)), 26)
    assert said is not None
    assert str(home.root) in said
