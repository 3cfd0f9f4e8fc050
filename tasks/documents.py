"""The documents of a publication, written from its tables and from nothing else.

Apart from `publish`: a sign-off writes them again without the stages of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from tasks.consultation import Consultation, Materials
from tasks.disclose import disclose_communes, shown_communes
from tasks.report.csv_table import csv_bytes
from tasks.report.docx import write_docx
from tasks.report.finder import read_finder
from tasks.report.maps import map_of_communes
from tasks.report.model import Commune, read_synthesis
from tasks.report.ods import write_ods
from tasks.report.odt import write_odt
from tasks.report.outlines import read_outlines
from tasks.report.page import render_page
from tasks.report.pdf import write_pdf
from tasks.report.sections import compose
from tasks.report.tableaux import tableaux
from tasks.report.typography import french
from tasks.report.xlsx import write_xlsx
from warehouse.contracts import MADE_TABLES, MART_TABLES, dictionary_markdown


def documents(
    tables: Mapping[str, pa.Table], consultation: Consultation, materials: Materials
) -> dict[str, bytes]:
    """Return the documents of a publication by their path in it."""
    synthesis, communes = read_synthesis(tables, consultation), _shown(tables, consultation)
    outlines = materials.outlines and read_outlines(materials.outlines)
    drawn = map_of_communes(outlines, communes) if outlines else None
    document = compose(synthesis, consultation, communes, drawn)
    workbook = tableaux(tables, consultation, communes)
    page = render_page(document, read_finder(synthesis), materials.stylesheet)
    marts = (*MART_TABLES, *MADE_TABLES)
    return {
        "synthese.html": page.encode("utf-8"),
        "synthese.odt": write_odt(document, materials.template),
        "synthese.docx": write_docx(document),
        "synthese.pdf": write_pdf(document),
        "tableaux.ods": write_ods(workbook),
        "tableaux.xlsx": write_xlsx(workbook),
        "dictionnaire.md": french(dictionary_markdown()).encode("utf-8"),
        **{f"csv/{table.name}.csv": csv_bytes(tables[table.qualified]) for table in marts},
    }


def _shown(tables: Mapping[str, pa.Table], consultation: Consultation) -> list[Commune]:
    """Return the communes that documents may show; the tables hide none."""
    disclosed = disclose_communes(tables, consultation)
    return [
        Commune(code, name or code, shown.count, shown.until)
        for code, name, shown in shown_communes(disclosed, tables, consultation)
    ]


def about_tables(facts: Mapping[str, Any], consultation: Consultation) -> dict[str, Any]:
    """Return what the data package of a publication says of it as a whole."""
    return {
        "name": consultation.slug,
        "title": french(f"{consultation.title} : tables de la synthèse"),
        "description": french(
            f"Tables de la synthèse au {facts['as_of_date']:%d/%m/%Y}, en Parquet et, pour ce qui "
            "est compté, en CSV. Dans csv/, une apostrophe précède ce qu'un tableur prendrait pour "
            "une formule. Ces tables sont internes : ce que chacun peut avoir est l'export open "
            "data."
        ),
        "version": facts["publication_version"],
        "sources": [{"title": french(f"Contributions reçues par mail : {consultation.organiser}")}],
    }
