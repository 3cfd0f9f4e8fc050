from __future__ import annotations

from pathlib import Path
from typing import Any

from flows.home_commands import _told
from flows.rebuild import Rebuilt
from flows.signoff import MADE_OF
from warehouse.publication import Published

FACTS: dict[str, Any] = dict.fromkeys(MADE_OF, "x") | {
    "as_of_date": "2020-01-19",
    "files": {"synthese.html": {"sha256": "1"}, "assises.duckdb": {"rows_sha256": "2"}},
}


def published(**changes: Any) -> Published:
    return Published(Path("latest"), FACTS | changes, Path("version"))


def told(**changes: Any) -> str:
    return _told("19/01/2020", **Rebuilt(published(), published(**changes)).differences)


def test_the_same_is_said_to_be_the_same() -> None:
    assert "est la même, octet pour octet" in told()


def test_what_changed_is_named_with_the_files_that_differ() -> None:
    files = FACTS["files"] | {"synthese.html": {"sha256": "3"}, "synthese.odt": {"sha256": "4"}}
    said = told(configuration_sha256="y", input_sha256="y", files=files)
    assert "A changé : le fichier de la consultation, les messages relevés." in said
    assert "Fichiers qui diffèrent : synthese.html, synthese.odt." in said


def test_other_rows_of_the_same_are_the_programs() -> None:
    said = told(files=FACTS["files"] | {"assises.duckdb": {"rows_sha256": "3"}})
    assert "A changé : le programme, sous le même numéro de version." in said
    assert "Fichiers qui diffèrent : assises.duckdb." in said
