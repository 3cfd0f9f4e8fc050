from __future__ import annotations

import operator
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tasks import cluster
from tasks.cluster import ClusterError, ClusterWorkers, check_cluster, open_cluster
from tasks.isolation import Readers
from tasks.workers import Engine
from tests.faults import hostile_readers
from tests.program import ROOT
from tests.servers.dask import MAY_START_OTHERS, DaskCluster, dask_cluster, kill
from warehouse.failures import FaultError

WORDS = "mots d'une citoyenne"


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A cluster of two workers that no test harms."""
    with dask_cluster(tmp_path_factory.mktemp("dask"), 2) as started:
        yield started


@contextmanager
def opened(there: DaskCluster, folder: Path) -> Iterator[ClusterWorkers]:
    with open_cluster(Engine.parse(there.engine), 1, folder, folder) as workers:
        yield workers


# --- which cluster -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("dask", None),
        ("dask://ordonnanceur:8786", "tcp://ordonnanceur:8786"),
        ("dask+tls://10.0.0.3:8786", "tls://10.0.0.3:8786"),
    ],
)
def test_an_engine_names_a_cluster(asked: str, address: str | None) -> None:
    assert Engine.parse(asked) == Engine(asked, address)


@pytest.mark.parametrize(
    "asked",
    [
        *("", "local", "dask:", "dask://", "dask://ordonnanceur", "tcp://a:1", "dask://a:1/b"),
        *("dask://a:1?b", "dask://a:1#b", "dask://nom:secret@a:1"),
    ],
)
def test_what_names_no_cluster_is_refused(asked: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - told by the command line
        Engine.parse(asked)


# --- work ----------------------------------------------------------------------------------------


def test_results_come_in_the_order_of_the_work(standing: DaskCluster, tmp_path: Path) -> None:
    with opened(standing, tmp_path) as workers:
        found = list(workers.map(operator.sub, ((n, 1) for n in range(30))))
        pids = set(workers.map(os.getpid, [()] * 30))
    assert found == list(range(-1, 29))
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_a_cluster_of_this_machine_is_started_and_ends(tmp_path: Path) -> None:
    with open_cluster(Engine.parse("dask"), 1, tmp_path, tmp_path) as workers:
        (pid,) = set(workers.map(os.getpid, [()] * 4))
    assert pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_work_fails_of_quotes_nobody_here_nor_there(
    standing: DaskCluster, tmp_path: Path
) -> None:
    with (
        opened(standing, tmp_path) as workers,
        pytest.raises(FaultError, match=r"^ValueError[^«]*$") as failed,
    ):
        list(workers.map(int, [(WORDS,)] * 3))
    assert WORDS not in str(failed.value)
    assert WORDS not in standing.said()


# --- what dies -----------------------------------------------------------------------------------


def test_the_work_of_a_worker_that_is_killed_is_done_again(tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "dask", 2) as there, opened(there, tmp_path) as workers:
        results = workers.map(_slowly, ((n,) for n in range(20)))
        found = [next(results)]
        kill(there.processes[-1].pid)
        assert found + list(results) == list(range(20))


def test_an_item_that_kills_its_reader_does_not_kill_the_worker(
    standing: DaskCluster, tmp_path: Path
) -> None:
    items = ["say bonjour", "die now", "say merci"]
    with opened(standing, tmp_path) as workers:
        before = set(workers.map(os.getpid, [()] * 30))
        found = list(workers.map(read_apart, [(items,)] * 4))
        after = set(workers.map(os.getpid, [()] * 30))
    assert found == [["BONJOUR", "die now: reader_died", "MERCI"]] * 4
    assert after == before


def read_apart(items: list[str]) -> list[str]:
    with Readers(1, hostile_readers.read, hostile_readers.condemn) as readers:
        return next(readers.read([items]))


def test_a_cluster_without_workers_is_not_awaited_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 3)
    with dask_cluster(tmp_path / "dask", 1) as there, opened(there, tmp_path) as workers:
        results = workers.map(_slowly, ((n,) for n in range(20)))
        assert next(results) == 0
        kill(there.processes[-1].pid)
        with pytest.raises(ClusterError, match="plus aucun « worker »"):
            list(results)


@pytest.mark.parametrize("how", ["kill_scheduler", "hang_scheduler"])
def test_a_scheduler_that_dies_or_hangs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 3)
    with dask_cluster(tmp_path / "dask", 1) as there, opened(there, tmp_path) as workers:
        results = workers.map(_slowly, ((n,) for n in range(20)))
        assert next(results) == 0
        getattr(there, how)()
        with pytest.raises(ClusterError, match="ne répond plus"):
            list(results)


def _slowly(number: int) -> int:
    time.sleep(0.3)
    return number


# --- what is refused -----------------------------------------------------------------------------


def test_a_scheduler_that_is_not_there_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(ClusterError, match=r"ne répond pas \(dask://127.0.0.1:9\)"):
        check_cluster(Engine.parse("dask://127.0.0.1:9"))


def test_a_cluster_that_has_no_worker_is_refused(tmp_path: Path) -> None:
    with (
        dask_cluster(tmp_path / "dask", 0) as there,
        pytest.raises(ClusterError, match="n'a aucun « worker »"),
    ):
        check_cluster(Engine.parse(there.engine))


def test_a_worker_that_hangs_is_told_once_its_scheduler_gives_it_up(tmp_path: Path) -> None:
    soon = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "5s"}
    with dask_cluster(tmp_path / "dask", 1, **soon) as there:
        there.processes[-1].send_signal(signal.SIGSTOP)
        with pytest.raises(ClusterError, match="ne répond pas : relancez-le"):
            check_cluster(Engine.parse(there.engine))


def test_a_worker_with_another_program_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "program"
    for package in ("flows", "tasks", "expectations", "warehouse"):
        shutil.copytree(ROOT / package, other / package, ignore=shutil.ignore_patterns("*.pyc"))
    with (other / "tasks" / "load.py").open("a") as file:
        file.write("# d'une autre version\n")
    with dask_cluster(tmp_path / "dask", 1) as there:
        assert check_cluster(Engine.parse(there.engine)) == 1
        there.add_worker(program=other)
        with pytest.raises(ClusterError, match="n'a pas le même programme"):
            check_cluster(Engine.parse(there.engine))


def test_a_worker_that_comes_late_with_another_program_does_nothing(
    standing: DaskCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(standing, tmp_path) as workers:
        monkeypatch.setattr(cluster, "program", lambda: "une autre")  # as if all were late
        with pytest.raises(ClusterError, match="n'a pas le même programme"):
            list(workers.map(os.getpid, [()] * 4))


def test_a_worker_that_cannot_start_processes_is_refused_by_what_mends_it(tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "dask", 0) as there:
        there.add_worker("--nanny")
        with pytest.raises(ClusterError, match=next(iter(MAY_START_OTHERS))):
            check_cluster(Engine.parse(there.engine))
    with dask_cluster(tmp_path / "dask-2", 0) as there:
        there.add_worker("--nanny", **MAY_START_OTHERS)
        assert check_cluster(Engine.parse(there.engine)) == 1


def test_a_worker_that_does_not_see_the_store_is_refused(
    standing: DaskCluster, tmp_path: Path
) -> None:
    absent = tmp_path / "vault" / "consultation"
    with (
        pytest.raises(ClusterError, match=f"ne voit pas {absent}"),
        open_cluster(Engine.parse(standing.engine), 1, tmp_path, absent),
    ):
        pass
