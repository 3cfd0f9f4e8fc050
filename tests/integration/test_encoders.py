"""A consultation whose statements are encoded by a service, as people run it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.program import EXAMPLE, assises_here
from tests.servers.embeddings import EmbeddingServer, status

pytestmark = pytest.mark.usefixtures("prefect")

KEY = "clef-4f1e9b"


@pytest.fixture
def declare(tmp_path: Path) -> Path:
    """The example's folder, to declare an encoder in."""
    shutil.copytree(EXAMPLE, tmp_path / "allier")
    return tmp_path / "allier" / "consultation.toml"


def encoder(path: Path, **keys: str) -> tuple[str, ...]:
    """Declare an encoder; return the arguments of a run of the first two days."""
    lines = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[encoder]\n{lines}", encoding="utf-8")
    home = str(path.parent / "home")
    return ("run", "--consultation", str(path), "--home", home, "--as-of", "2020-01-09")


def test_a_run_groups_by_what_a_service_answers(declare: Path) -> None:
    with EmbeddingServer(status(429, Retry_After="0")) as server:
        where = {"kind": "openai", "model": "petit", "url": server.url, "key": "file:clef"}
        (declare.parent / "clef").write_text(f"{KEY}\n", encoding="utf-8")
        ran = assises_here(*encoder(declare, **where))
    assert ran.returncode == 0, ran.stderr
    assert KEY not in ran.stdout + ran.stderr
    assert set(server.authorizations) == {f"Bearer {KEY}"}
    asked = [text for texts in server.asked[1:] for text in texts]  # the first was refused
    assert len(asked) == len(set(asked))
    with duckdb.connect(f"{ran.stdout.strip()}/assises.duckdb", read_only=True) as base:
        rows = base.sql("select text, kind, why from core.statements").fetchall()
    said = {text for text, kind, _ in rows if kind != "autre"}
    assert said
    assert said - set(asked) == set()
    assert not {text for text, kind, _ in rows if kind == "autre"} & set(asked)


@pytest.mark.deep
def test_a_service_in_trouble_fails_the_run_with_a_sentence(declare: Path) -> None:
    with EmbeddingServer(*[status(500)] * 3) as server:
        where = {"kind": "openai", "model": "petit", "url": server.url, "key": "env:CLEF"}
        ran = assises_here(*encoder(declare, **where), CLEF=KEY)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines()[-1].startswith("Le service d'encodage 127.0.0.1:")
    assert "Traceback" not in ran.stderr
    assert KEY not in ran.stderr
    assert not (declare.parent / "home" / "published" / "latest").exists()


def test_a_key_that_is_nowhere_is_refused_at_once(declare: Path) -> None:
    where = {"kind": "openai", "model": "m", "url": "https://nulle-part.example", "key": "env:CLEF"}
    ran = assises_here(*encoder(declare, **where), CLEF="")
    assert (ran.returncode, ran.stdout) == (2, "")
    (sentence,) = ran.stderr.splitlines()
    assert sentence == (
        "Le secret de l'encodeur est vide ou absent (env:CLEF) : donnez-le, ou corrigez "
        "encoder.key."
    )
