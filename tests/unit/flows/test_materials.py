from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flows.run import UsageError, read_consultation, read_materials
from tasks.consultation import DocumentFiles

EXAMPLE = Path(__file__).parents[3] / "examples" / "allier-2020" / "consultation.toml"


def test_a_style_sheet_that_would_leave_its_element_is_refused_when_it_is_read(
    tmp_path: Path,
) -> None:
    asked = replace(read_consultation(EXAMPLE), documents=DocumentFiles(stylesheet="etat.css"))
    (tmp_path / "etat.css").write_bytes(b"p { color: red }\r\n")
    assert read_materials(asked, tmp_path).stylesheet == "p { color: red }\n"
    (tmp_path / "etat.css").write_text("p {} </style><script>")
    with pytest.raises(UsageError, match=r"etat\.css \(documents\.stylesheet\)"):
        read_materials(asked, tmp_path)


def test_a_template_that_is_no_odt_is_refused_when_it_is_read(tmp_path: Path) -> None:
    asked = replace(read_consultation(EXAMPLE), documents=DocumentFiles(template="modele.odt"))
    (tmp_path / "modele.odt").write_bytes(b"%PDF-1.7")
    with pytest.raises(UsageError, match=r"modele\.odt \(documents\.template\) n'est pas un"):
        read_materials(asked, tmp_path)


def test_the_mark_that_windows_writes_before_a_text_is_no_part_of_it(tmp_path: Path) -> None:
    declared = DocumentFiles(stylesheet="etat.css", outlines="contours.geojson")
    asked = replace(read_consultation(EXAMPLE), documents=declared)
    outlines = (EXAMPLE.parent / "communes.geojson").read_text(encoding="utf-8")
    (tmp_path / "etat.css").write_text("p { color: red }", encoding="utf-8-sig")
    (tmp_path / "contours.geojson").write_text(outlines, encoding="utf-8-sig")
    materials = read_materials(asked, tmp_path)
    assert materials.stylesheet == "p { color: red }"
    assert materials.outlines == outlines


def test_outlines_that_cannot_be_drawn_are_refused_when_they_are_read(tmp_path: Path) -> None:
    asked = replace(read_consultation(EXAMPLE), documents=DocumentFiles(outlines="vide.geojson"))
    (tmp_path / "vide.geojson").write_text('{"features": []}')
    with pytest.raises(UsageError, match=r"vide\.geojson \(documents\.outlines\) ne peut pas être"):
        read_materials(asked, tmp_path)
