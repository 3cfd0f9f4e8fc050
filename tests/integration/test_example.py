"""The Allier example from the command line: what a newcomer gets, twice, and after the close."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from email import message_from_bytes
from pathlib import Path

import duckdb
import pytest

from tests.program import EXAMPLE, Ran, assises, assises_here

STAGES = [
    "fetch",
    "parse",
    "withdraw",
    "alert",
    "validate",
    "protect",
    "analyse",
    "load",
    "aggregate",
    "publish",
]


@pytest.fixture(scope="module")
def database(final: Ran) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(final.latest / "assises.duckdb"), read_only=True)


def sha256_of_letter(name: str) -> str:
    return hashlib.sha256((EXAMPLE / "mailbox" / name).read_bytes()).hexdigest()


def bytes_and_times(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.lstat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_clean_run_says_only_what_it_does(final: Ran) -> None:
    assert final.stderr.splitlines() == [
        "Assises territoriales de la sécurité intérieure : synthèse au 19/01/2020 (définitive).",
        "Relève : 64 messages, dont 64 nouveaux.",
        "Lecture : 64 messages lus.",
        next(line for line in final.stderr.splitlines() if line.startswith("Alerte : ")),
        "Validation : 62 envois jugés.",
        "Protection : 49 contributions masquées.",
        next(line for line in final.stderr.splitlines() if line.startswith("Analyse : ")),
        next(line for line in final.stderr.splitlines() if line.startswith("Attention, ")),
        f"Synthèse définitive publiée : {final.home}/published/2020-01-19/synthese.html",
        (
            "Brouillon : à valider par une personne, sous son nom, avant de transmettre la "
            'synthèse au 19/01/2020 (assises review validate --by "Prénom Nom, qualité").'
        ),
    ]
    assert final.stdout == f"{final.home}/published/2020-01-19\n"


def test_each_letter_has_the_status_its_author_would_expect(
    final: Ran, database: duckdb.DuckDBPyConnection, truth: list[dict[str, str]]
) -> None:
    rows = database.sql("select message_sha256, status, reason from core.submissions").fetchall()
    found = {sha256: (status, reason or "") for sha256, status, reason in rows}
    expected = {
        row["file"]: (row["status"], row["reason"])
        for row in truth
        if row["reason"] != "after_deadline"  # received after the as-of day: not there yet
    }
    assert {name: found.get(sha256_of_letter(name)) for name in expected} == expected
    assert len(found) == len(expected)


def test_the_authors_words_are_kept_and_no_others(
    database: duckdb.DuckDBPyConnection, truth: list[dict[str, str]]
) -> None:
    rows = database.sql(
        "select message_sha256, text from core.contributions"
        " join core.submissions using (submission_id)"
    ).fetchall()
    texts = {sha256: " ".join(text.split()) for sha256, text in rows}
    wrong = []
    for row in truth:
        if row["status"] != "accepted":
            continue
        text = texts[sha256_of_letter(row["file"])]
        if row["must_contain"] and row["must_contain"] not in text:
            wrong.append((row["file"], "manque", row["must_contain"]))
        if row["must_not_contain"] and row["must_not_contain"] in text:
            wrong.append((row["file"], "en trop", row["must_not_contain"]))
    assert wrong == []


def test_every_quotation_is_the_text_at_its_span(database: duckdb.DuckDBPyConnection) -> None:
    rows = database.sql(
        "select c.text, s.char_start, s.char_end, s.text from core.statements s"
        " join core.contributions c using (contribution_id)"
    ).fetchall()
    assert rows
    assert all(text[start:end] == quoted for text, start, end, quoted in rows)
    quotes = database.sql(
        "select quote = text from (from marts.propositions union all from marts.constats) p"
        " join core.statements s on s.statement_id = p.quote_statement_id"
    ).fetchall()
    assert quotes
    assert all(same for (same,) in quotes)


def test_the_campaign_is_found_with_both_counts(database: duckdb.DuckDBPyConnection) -> None:
    found = database.sql(
        "select submission_count, contributor_count, distinct_text_count > 1 from core.campaigns"
    ).fetchall()
    assert found == [(6, 6, True)]


def test_no_author_is_named_in_what_is_published(final: Ran) -> None:
    published = b"\n".join(
        path.read_bytes() for path in final.latest.rglob("*") if path.suffix in {".html", ".csv"}
    ).decode()
    named = set()
    for letter in (EXAMPLE / "mailbox").glob("*.eml"):
        address = message_from_bytes(letter.read_bytes())["From"] or ""
        found = re.search(r"[\w.+-]+@[\w.-]+", str(address))
        if found and found[0] in published:
            named.add(found[0])
    assert named == set()


def test_the_manifest_tells_the_truth_of_each_file(final: Ran) -> None:
    manifest = json.loads((final.latest / "manifest.json").read_text())
    files = {
        str(p.relative_to(final.latest)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in final.latest.rglob("*")
        if p.is_file() and p.name not in {"manifest.json", "assises.duckdb"}
    }
    told = {name: told["sha256"] for name, told in manifest["files"].items() if "sha256" in told}
    assert told == files
    assert manifest["is_final"] is True
    own = hashlib.sha256((final.latest / "manifest.json").read_bytes()).hexdigest()
    assert final.latest.resolve().name == own


def run_again(home: Path, as_of: str) -> subprocess.CompletedProcess[str]:
    asked = ["--consultation", str(EXAMPLE / "consultation.toml"), "--as-of", as_of]
    return assises_here("run", *asked, "--home", str(home))


def test_running_again_changes_no_published_byte(prefect: None, final_copy: Ran) -> None:
    before = bytes_and_times(final_copy.home / "published")
    again = run_again(final_copy.home, "2020-01-19")
    assert (again.returncode, bytes_and_times(final_copy.home / "published")) == (0, before)
    assert "dont 0 nouveau." in again.stderr
    assert "Validation : 0 envoi jugé." in again.stderr


def test_after_the_final_synthesis_late_mail_is_counted_and_nothing_published(
    prefect: None,
    final_copy: Ran,
) -> None:
    before = bytes_and_times(final_copy.home / "published")
    late = run_again(final_copy.home, "2020-01-25")
    assert late.returncode == 4
    assert late.stderr.splitlines()[-1] == (
        "La consultation est close : la synthèse définitive est celle du 19/01/2020. "
        "Envois arrivés depuis, comptés hors délai : 2."
    )
    assert bytes_and_times(final_copy.home / "published") == before


def test_status_tells_the_ledger(final: Ran) -> None:
    told = assises_here("status", "--home", str(final.home))
    assert told.returncode == 0
    assert "Synthèse définitive au 19/01/2020" in told.stdout
    assert (
        "62 reçus = 48 retenus + 3 doublons + 9 rejetés + 2 en attente d'une personne + 0 retirés"
        in told.stdout
    )
    as_json = json.loads(assises_here("status", "--json", "--home", str(final.home)).stdout)
    (run,) = as_json["runs"]
    assert list(run["stage_seconds"]) == STAGES
    assert 0 < sum(run["stage_seconds"].values()) < run["seconds"]
    assert as_json["published_days"] == ["2020-01-19"]


def listed(ran: Ran) -> list[dict[str, str]]:
    told = assises_here("status", "--attention", "--json", "--home", str(ran.home))
    assert told.returncode == 0, told.stderr
    rows: list[dict[str, str]] = json.loads(told.stdout)
    return rows


def test_the_letter_of_somebody_in_danger_is_listed_and_can_be_read(final: Ran) -> None:
    (identifier,) = {row["submission_id"] for row in listed(final) if row["code"] == "urgence"}
    letter = assises("trace", identifier, "--message", "--home", str(final.home)).stdout
    path = EXAMPLE / "mailbox" / "37-quelqu-un-qui-a-peur.eml"
    assert letter == path.read_text(encoding="utf-8")
    text = assises_here("status", "--attention", "--home", str(final.home)).stdout
    assert identifier in text
    assert "--message" in text.splitlines()[-1]


def test_nothing_of_attention_is_published(final: Ran, database: duckdb.DuckDBPyConnection) -> None:
    whys = {row["why"] for row in listed(final)}
    assert whys
    written = "\n".join(
        path.read_text(encoding="utf-8")
        for path in final.latest.rglob("*")
        if path.suffix in {".html", ".csv", ".json"}
    )
    names = database.sql("select table_name || '.' || column_name from duckdb_columns()").fetchall()
    assert not [name for (name,) in names if "attention" in name]
    assert not [path for path in final.latest.rglob("*") if "attention" in path.name]
    for schema, table in database.sql(
        "select schema_name, table_name from duckdb_tables()"
    ).fetchall():
        written += repr(database.table(f"{schema}.{table}").fetchall())
    assert {why for why in whys if why in written} == set()


def test_trace_leads_from_a_figure_to_the_words_it_counts(
    final: Ran, database: duckdb.DuckDBPyConnection
) -> None:
    rows = database.sql(
        "select group_id, statement_count, contributor_count, quote, quote_statement_id"
        " from marts.propositions order by contributor_count desc, rank limit 1"
    ).fetchall()
    group, statements, contributors, quote, statement = rows[0]
    told = json.loads(assises("trace", group, "--json", "--home", str(final.home)).stdout)
    assert len(told["statements"]) == statements
    assert len({s["contributor_id"] for s in told["statements"]}) == contributors
    assert quote in {s["text"] for s in told["statements"]}
    raw = assises("trace", statement, "--message", "--home", str(final.home))
    assert raw.stdout.startswith("Return-Path:")


def test_what_is_kept_is_readable_by_its_owner_only(final: Ran) -> None:
    open_to_others = [
        str(path)
        for path in final.home.rglob("*")
        if not path.is_symlink() and path.stat().st_mode & 0o077
    ]
    assert open_to_others == []
