"""Runs that fail: one process to fork them from, one consultation, for all the tests of faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.trial import Trial, Zygote, in_memory, shared_folder


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    base = tmp_path_factory.getbasetemp()
    zygote = Zygote(tmp_path_factory.mktemp("zygote"), shared_folder(base, "remembered"))
    with in_memory() as aside:
        yield Trial(shared_folder(base, "trial"), zygote, aside)
    zygote.stop()
