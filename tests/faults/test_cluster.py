"""Beyond one machine: the same bytes on a cluster, and a worker that is killed loses nothing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from multiprocessing import active_children
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from flows.run import UsageError, named_sources, prepare_run
from tasks.analyse import Means, analyse
from tasks.cluster import open_cluster
from tasks.consultation import parse_consultation
from tasks.fetch import fetch
from tasks.mail.sources.opening import Access, open_source
from tasks.parse import parse, parse_elsewhere, stop_readers
from tasks.workers import Engine, Workers
from tests.faults.trial import content
from tests.program import EXAMPLE, Ran, run_example
from tests.servers.dask import DaskCluster, dask_cluster
from warehouse.contracts import LAKE_CONTRIBUTIONS
from warehouse.lake import Lake
from warehouse.vault import Vault

DAY = date(2020, 1, 9)
LIMIT, NOBODY = 10_000_000, frozenset[str]()
PLACES = ("gare", "place", "mairie", "école", "halle", "piscine", "rue du Puits", "salle des fêtes")
WISHES = ("un banc", "une lampe", "une patrouille", "un passage piéton", "une boîte à livres")


def words(number: int) -> str:
    """What a citizen could write, never twice the same."""
    place, wish = PLACES[number % len(PLACES)], WISHES[number % len(WISHES)]
    return (
        f"Depuis {number + 3} ans j'habite près de la {place} et je ne vois plus les gendarmes. "
        f"Je propose {wish} de plus au numéro {number}, et un accueil ouvert le samedi.\n"
    )


def on(there: DaskCluster, folder: Path) -> AbstractContextManager[Workers]:
    return open_cluster(Engine.parse(there.engine), 1, folder, folder)


def test_the_example_on_a_cluster_is_published_to_the_same_bytes(
    final: Ran, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copytree(final.home / "keys", home / "keys")
    with dask_cluster(tmp_path / "dask", 2) as there:
        ran = run_example(home, "2020-01-19", "--engine", there.engine)
    assert ran.code == 0, ran.stderr
    assert content(ran.latest) == content(final.latest)
    assert ran.stderr.replace(str(home), "") == final.stderr.replace(str(final.home), "")


@pytest.fixture
def fetch_letters(
    tmp_path: Path, write_letter: Callable[..., bytes], paris: ZoneInfo
) -> Callable[..., None]:
    letters = tmp_path / "letters"
    letters.mkdir()
    for number in range(300):
        received = f"Thu, {9 + number % 6} Jan 2020 08:30:00 +0100"
        letter = write_letter(words(number), message_id=f"<{number}@a.example>", received=received)
        (letters / f"{number}.eml").write_bytes(letter)
    access = Access(tmp_path, paris, LIMIT, str, lambda _: None)
    (source,) = named_sources([f"eml:{letters}"])

    def fetched(vault: Vault) -> None:
        now = datetime(2020, 1, 20, tzinfo=UTC)
        fetch.fn(vault, [source], lambda s: open_source(s, access), paris, now)

    return fetched


def test_a_worker_killed_while_messages_are_read_loses_none(
    tmp_path: Path, fetch_letters: Callable[..., None]
) -> None:
    alone, shared = Vault(tmp_path / "alone"), Vault(tmp_path / "shared")
    for vault in (alone, shared):
        fetch_letters(vault)
    asked = (LIMIT, NOBODY, "code", lambda _: None)
    with dask_cluster(tmp_path / "dask", 2) as there, on(there, tmp_path) as workers:
        killing = there.kill_a_busy_worker()
        read = parse.fn(shared, workers, *asked)
        killing.join()
    assert read == parse.fn(alone, Workers(1), *asked) == 300
    assert tables(shared.root) == tables(alone.root)


def test_a_worker_reads_its_pieces_in_one_process_until_there_are_no_more(
    tmp_path: Path, fetch_letters: Callable[..., None]
) -> None:
    vault = Vault(tmp_path / "vault")
    fetch_letters(vault)
    before, (first, *rest) = set(active_children()), vault.unparsed("reader")
    assert parse_elsewhere(vault.root, [first], LIMIT, NOBODY, "reader")
    (reading,) = set(active_children()) - before
    assert parse_elsewhere(vault.root, rest, LIMIT, NOBODY, "reader")
    assert set(active_children()) - before == {reading}
    believed = frozenset({"mx.a.example"})
    assert parse_elsewhere(vault.root, [first], LIMIT, believed, "other")
    assert reading not in active_children()
    stop_readers()
    assert set(active_children()) == before


def test_a_worker_killed_while_statements_are_found_loses_none(tmp_path: Path) -> None:
    alone, shared = Lake(tmp_path / "alone"), Lake(tmp_path / "shared")
    texts = [words(number) for number in range(1200)]
    for lake in (alone, shared):
        lake.write("contributions", DAY, contributions(texts), "made")
    consultation = parse_consultation((EXAMPLE / "consultation.toml").read_text(encoding="utf-8"))
    asked = ([DAY], consultation, Means())
    with dask_cluster(tmp_path / "dask", 2) as there, on(there, tmp_path) as workers:
        killing = there.kill_a_busy_worker()
        found = analyse.fn(shared, *asked, workers, "code", lambda _: None)
        killing.join()
    assert found == analyse.fn(alone, *asked, Workers(1), "code", lambda _: None) > 2000
    assert tables(shared.root) == tables(alone.root)


def contributions(texts: list[str]) -> pa.Table:
    noon = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    rows = [
        {
            "contribution_id": f"c-{number:016x}",
            "submission_id": f"s-{number:016x}",
            "contributor_id": f"a-{number:016x}",
            "contributor_type": "inconnu",
            "received_at": noon,
            "received_date": DAY,
            "text": text,
            "word_count": len(text.split()),
            "language": "fr",
            "from_attachment": False,
        }
        for number, text in enumerate(texts)
    ]
    return pa.Table.from_pylist(rows, schema=LAKE_CONTRIBUTIONS.schema)


def tables(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*.parquet"))}


@pytest.mark.parametrize(
    ("engine", "code", "sentence"),
    [
        ("ray", 2, "--engine ray : écrivez dask"),
        ("dask://nom:secret@a:1", 2, "--engine a:1 : écrivez dask"),
        ("dask://127.0.0.1:9", 1, "L'ordonnanceur Dask ne répond pas (dask://127.0.0.1:9)"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_refused_before_anything_is_done(
    tmp_path: Path, engine: str, code: int, sentence: str
) -> None:
    ran = run_example(tmp_path / "home", "2020-01-19", "--engine", engine)
    assert ran.code == code
    assert ran.stderr.startswith(sentence)
    assert len(ran.stderr.splitlines()) == 1
    assert not (tmp_path / "home" / "vault").exists()


def test_a_library_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prepare_run(EXAMPLE / "consultation.toml", tmp_path, "2020-01-19", engine="dask")
    monkeypatch.setitem(sys.modules, "prefect_dask", None)
    with pytest.raises(UsageError, match=r"pas installée \(prefect_dask\) : pip install"):
        run.open_workers()
