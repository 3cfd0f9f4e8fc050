"""The documents of a publication, written from its tables and from nothing else.

Apart from `publish`: a sign-off writes them again without the stages of a run.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from tasks.consultation import Consultation, Materials
from tasks.disclose import disclose_communes, shown_communes
from tasks.report.csv_table import csv_bytes
from tasks.report.docx import write_docx
from tasks.report.model import Commune, read_synthesis
from tasks.report.odt import write_odt
from tasks.report.page import render_page
from tasks.report.pdf import write_pdf
from tasks.report.sections import compose
from warehouse.contracts import MADE_TABLES, MART_TABLES


def documents(
    tables: Mapping[str, pa.Table], consultation: Consultation, materials: Materials
) -> dict[str, bytes]:
    """Return the documents of a publication by their path in it."""
    communes = [
        Commune(code, name or code, shown.count, shown.until)
        for code, name, shown in shown_communes(
            disclose_communes(tables, consultation), tables, consultation
        )
    ]
    document = compose(read_synthesis(tables, consultation), consultation, communes)
    written = {
        "synthese.html": render_page(document, materials.stylesheet).encode("utf-8"),
        "synthese.odt": write_odt(document, materials.template),
        "synthese.docx": write_docx(document),
        "synthese.pdf": write_pdf(document),
    }
    marts = (*MART_TABLES, *MADE_TABLES)
    return written | {f"csv/{t.name}.csv": csv_bytes(tables[t.qualified]) for t in marts}
