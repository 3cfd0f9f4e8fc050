"""A Dask cluster of this machine, as people start one: a scheduler and workers, each a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from distributed import Client

from tests.program import ROOT, environment

MAY_START_OTHERS = {"DASK_DISTRIBUTED__WORKER__DAEMON": "False"}


class DaskCluster:
    """Its files, what its processes say too, are in a folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.place = f"127.0.0.1:{free.getsockname()[1]}"
        host, _, port = self.place.partition(":")
        self.processes: list[subprocess.Popen[bytes]] = []
        self._scheduler = self._start("scheduler", "--host", host, "--port", port, **settings)

    @property
    def engine(self) -> str:
        return f"dask://{self.place}"

    def add_worker(self, *options: str, program: Path = ROOT, **more: str) -> int:
        """Start a worker of one thread, with the program of a folder; return its PID."""
        name = str(len(self.processes))
        asked = ("--nthreads", "1", "--memory-limit", "0", "--name", name)
        folder = ("--local-directory", str(self._folder / name))
        worker = self._start(
            "worker",
            f"tcp://{self.place}",
            *asked,
            *folder,
            *(options or ("--no-nanny",)),
            **{"PYTHONPATH": os.pathsep.join([str(program), *sys.path]), **more},
        )
        self.wait_for(len(self.processes) - 1)
        return worker.pid

    def wait_for(self, workers: int) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with Client(f"tcp://{self.place}", timeout=1) as client:
                    if workers:
                        client.wait_for_workers(workers, timeout=60)
                    return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(self.said())

    def kill_a_busy_worker(self) -> Thread:
        """Kill the first worker that is given something to do; return what waits for that."""
        waiting = Thread(target=self._kill_a_busy_worker)
        waiting.start()
        return waiting

    def _kill_a_busy_worker(self) -> None:
        with Client(f"tcp://{self.place}", set_as_default=False) as client:
            pids = client.run(os.getpid)
            while not (busy := [place for place, work in client.processing().items() if work]):
                time.sleep(0.01)
            kill(pids[busy[0]])

    def kill_scheduler(self) -> None:
        self._scheduler.kill()
        self._scheduler.wait()

    def hang_scheduler(self) -> None:
        self._scheduler.send_signal(signal.SIGSTOP)

    def said(self) -> str:
        """What all its processes said."""
        return "".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def _start(self, kind: str, *options: str, **more: str) -> subprocess.Popen[bytes]:
        ours = {"DASK_CONFIG": str(self._folder / "config"), "PYTHONPATH": str(ROOT)}
        with (self._folder / f"{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *options],
                cwd=self._folder,
                env=environment(**ours | more),
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process


@contextmanager
def dask_cluster(folder: Path, workers: int, **settings: str) -> Iterator[DaskCluster]:
    """Start a cluster of some workers, their files in a folder; `settings` are the scheduler's."""
    folder.mkdir(exist_ok=True)
    cluster = DaskCluster(folder, **settings)
    try:
        cluster.wait_for(0)
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        cluster.stop()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
