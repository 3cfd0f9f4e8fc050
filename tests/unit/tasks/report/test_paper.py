"""The document on paper, in its three formats, read again by other programs than wrote it."""

from __future__ import annotations

import ctypes
import io
import os
import random
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import docx
import odfdo
import pypdfium2
import pytest
import typst
from lxml import etree

from tasks.report.archive import unzip_files, zip_files
from tasks.report.document import Document
from tasks.report.docx import write_docx
from tasks.report.looks import WIDTH
from tasks.report.odt import PLACE, TemplateError, check_template, write_odt
from tasks.report.paper import DRAFT, Line, PageBreak, column_widths, lay_out, plain
from tasks.report.pdf import write_pdf
from tests import papers

ROOT = Path(__file__).parents[4]
WRITERS = pytest.mark.parametrize(
    "write", [write_odt, write_docx, write_pdf], ids=["odt", "docx", "pdf"]
)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def xml(content: bytes, part: str) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return etree.fromstring(archive.read(part))


def docx_text(content: bytes) -> str:
    return "\n".join(
        docx.text.paragraph.Paragraph(element, None).text
        for element in docx.Document(io.BytesIO(content)).element.body.iter(f"{W}p")
    )


def odt_text(content: bytes) -> str:
    body = odfdo.Document(io.BytesIO(content)).body
    return "\n".join(
        paragraph.inner_text for paragraph in (*body.get_paragraphs(), *body.get_headers())
    )


def pdf_text(content: bytes) -> str:
    """Return the text of its pages, without the lines and the hyphens that typst set."""
    pdf = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


def without_spaces(text: str) -> str:
    return re.sub(r"\s+", "", text)


def text_of(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        return pdf_text(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return (odt_text if "mimetype" in archive.namelist() else docx_text)(content)


@pytest.mark.parametrize("write", [write_odt, write_docx], ids=["odt", "docx"])
@pytest.mark.parametrize("words", papers.HOSTILE.values(), ids=papers.HOSTILE)
def test_words_are_read_back_as_they_were_written(write: object, words: str) -> None:
    assert f"«\u202f{words}\u202f»" in text_of(write(papers.document(words)))  # type: ignore[operator]


@pytest.mark.parametrize(
    "words",
    [words for name, words in papers.HOSTILE.items() if name != "hebrew"],
    ids=[name for name in papers.HOSTILE if name != "hebrew"],
)
def test_words_are_in_the_pdf_as_they_were_written(words: str) -> None:
    found = without_spaces(text_of(write_pdf(papers.document(words))))
    assert without_spaces(f"« {words} »") in found


def test_letters_from_right_to_left_are_all_in_the_pdf() -> None:
    words = papers.HOSTILE["hebrew"]
    found = text_of(write_pdf(papers.document(words)))
    assert set(without_spaces(words)) <= set(found)


@pytest.mark.parametrize("write", [write_odt, write_docx], ids=["odt", "docx"])
def test_what_xml_cannot_hold_is_shown_as_lost(write: object) -> None:
    text = text_of(write(papers.document(*papers.LOST.values())))  # type: ignore[operator]
    assert "a\ufffdb\ufffdc\ufffdd" in text
    assert "a\ufffdb\u202f»" in text
    assert papers.LOST["emoji"] in text


def test_what_the_fonts_lack_is_shown_as_its_number() -> None:
    text = without_spaces(text_of(write_pdf(papers.document(*papers.LOST.values()))))
    assert "a[U+0000]b[U+0007]c[U+001B]d" in text
    assert "a[U+D800]b" in text
    assert "bien[U+1F600][U+1F44D][U+1F3FD]dit" in text
    assert "[U+4E2D][U+6587]" in text


@pytest.mark.parametrize("mark", ["\u0364", "\u20e3", "\u0489", "\u05b8", "\u3099", "\ufe0f"])
@pytest.mark.parametrize("letter", ["e", "é", "ب", "□", "☑", "中"])
def test_a_letter_with_any_mark_on_it_is_set(letter: str, mark: str) -> None:
    assert write_pdf(papers.document(f"un {letter}{mark} mot"))


def test_letters_that_cannot_stand_side_by_side_are_shown_as_their_numbers() -> None:
    rng = random.Random(5)
    letters = [chr(rng.randrange(0x300, 0x3200)) for _ in range(2_000)]
    words = ["".join(rng.choices(letters, k=60)) for _ in range(20)]
    text = without_spaces(text_of(write_pdf(papers.document(*words))))
    assert f"[U+{ord(words[0][0]):04X}]" in text or words[0][0] in text


class PanicException(BaseException):
    """What typst raises where it breaks down: on no letter that is known, so here upon « Ꭰ »."""


@pytest.mark.parametrize("at", ["probe", "document"])
def test_typst_breaking_down_upon_a_letter_costs_that_letter_only(
    monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    real = typst.Compiler

    def breaking(source: bytes, *, sys_inputs: dict[str, str], **more: object) -> object:
        given = sys_inputs.get("clusters" if at == "probe" else "document", "")
        if "\\u13a0" in given:
            raise PanicException
        return real(source, sys_inputs=sys_inputs, **more)

    monkeypatch.setattr(typst, "Compiler", breaking)
    text = without_spaces(text_of(write_pdf(papers.document("la rue Ꭰ est sombre"))))
    assert "larue[U+13A0]estsombre" in text


@pytest.mark.parametrize("sign", ["\u202e", "\u00ad", "\u200b", "\ufeff", "\u2028"])
def test_a_sign_that_nobody_sees_is_shown_as_its_number(sign: str) -> None:
    text = without_spaces(text_of(write_pdf(papers.document(f"un{sign}mot"))))
    assert f"un[U+{ord(sign):04X}]mot" in text


@WRITERS
def test_a_long_statement_is_cut_aloud(write: object) -> None:
    words = "Le mot juste. " * 3_000
    text = without_spaces(text_of(write(papers.document(words))))  # type: ignore[operator]
    assert without_spaces(words[:1_400]) in text
    assert "[coupéici:" in text
    assert "textesentier" in text or "texteentier:e-0001]" in text


def test_a_word_longer_than_its_line_stays_on_the_page() -> None:
    pdf = pypdfium2.PdfDocument(write_pdf(papers.document("a" * 1_400)))
    for page in pdf:
        text = page.get_textpage()
        boxes = [text.get_rect(n) for n in range(text.count_rects())]
        assert all(right <= page.get_width() - 60 for _, _, right, _ in boxes)


@WRITERS
def test_the_same_document_is_the_same_file_in_any_process(write: object) -> None:
    program = (
        "import hashlib; from tests import papers; "
        f"from {write.__module__} import {write.__name__} as write; "  # type: ignore[attr-defined]
        "words = (*papers.HOSTILE.values(), '\\U0001f600'); "
        "print(hashlib.sha256(write(papers.document(*words))).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(digests) == 1


@WRITERS
def test_a_draft_says_so_and_a_signed_document_does_not(write: object) -> None:
    def said(document: Document) -> bool:
        content = write(document)  # type: ignore[operator]
        if content.startswith(b"%PDF"):
            return DRAFT in pdf_text(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            heads = [n for n in archive.namelist() if "header" in n or n == "styles.xml"]
            return any(DRAFT.encode() in archive.read(name) for name in heads)

    assert said(papers.document("La rue est sombre."))
    assert not said(papers.final("La rue est sombre."))


def test_every_page_of_a_draft_pdf_says_so() -> None:
    pdf = pypdfium2.PdfDocument(write_pdf(papers.document("La rue est sombre.")))
    assert len(pdf) > 4
    assert all(DRAFT in page.get_textpage().get_text_bounded() for page in pdf)


def test_the_pdf_is_tagged_in_french_and_has_an_outline() -> None:
    content = write_pdf(papers.document("La rue est sombre."))
    pdf = pypdfium2.PdfDocument(content)
    assert pypdfium2.raw.FPDFCatalog_IsTagged(pdf)
    assert pdf.get_metadata_dict()["Title"].startswith("Assises de la ruralité")
    language = (ctypes.c_ushort * 16)()
    pypdfium2.raw.FPDFCatalog_GetLanguage(pdf, language, 32)
    assert bytes(language).decode("utf-16-le").rstrip("\0") == "fr"
    titles = [item.get_title() for item in pdf.get_toc()]
    assert titles[:3] == ["L’essentiel", "Thème 1 – Mobilités et transports 1", "Propositions"]
    assert b"pdfuaid" in content


def test_the_docx_has_headings_a_table_of_contents_and_headed_tables() -> None:
    content = write_docx(papers.document("La rue est sombre."))
    package = docx.Document(io.BytesIO(content))
    styles = {paragraph.style.name: paragraph.text for paragraph in package.paragraphs}
    assert styles["Heading 1"] == "Annexe 1 – Campagnes"
    assert {"Title", "Heading 2", "Heading 3", "Quote", "List Bullet", "Caption", "toc 1"} <= set(
        styles
    )
    assert package.core_properties.title.startswith("Assises de la ruralité")
    body = xml(content, "word/document.xml")
    assert next(t.text for t in body.iter(f"{W}instrText")) == ' TOC \\o "1-1" \\h \\z \\u '
    anchors = {link.get(f"{W}anchor") for link in body.iter(f"{W}hyperlink")}
    assert anchors <= {mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")}
    headed = [t for t in body.iter(f"{W}tbl") if next(t.iter(f"{W}tblHeader"), None) is not None]
    assert len(headed) == 3
    described = [node.get("descr") for node in body.iter() if node.tag.endswith("}docPr")]
    assert described == ["Messages par jour. Le plus haut : 16, le 12 janvier."]
    assert b"svgBlip" in etree.tostring(body)


def test_the_odt_has_headings_a_table_of_contents_and_headed_tables() -> None:
    document = odfdo.Document(io.BytesIO(write_odt(papers.document("La rue est sombre."))))
    body = document.body
    levels = [(int(h.level), h.inner_text) for h in body.get_headers()]
    assert (1, "L’essentiel") in levels
    assert (3, "1. La rue est sombre.") in levels
    assert body.get_toc() is not None
    assert "Mobilités et transports 1" in body.get_toc().inner_text
    assert len(body.get_elements("descendant::table:table-header-rows")) == 3
    assert len(body.get_elements("descendant::draw:image")) == 2
    (description,) = body.get_elements("descendant::svg:desc")
    assert description.text == "Le plus haut : 16, le 12 janvier."
    links = {a.get_attribute("xlink:href") for a in body.get_elements("descendant::text:a")}
    marks = body.get_elements("descendant::text:bookmark-start")
    assert links <= {f"#{mark.get_attribute('text:name')}" for mark in marks}


def template(*paragraphs: str) -> bytes:
    """An ODT of a préfecture, made by another program: a style of its own, a header."""
    document = odfdo.Document("text")
    document.body.clear()
    for paragraph in paragraphs:
        document.body.append(odfdo.Paragraph(paragraph))
    own = odfdo.Style("paragraph", name="Heading_20_1", area="text", color="#ff0000")
    document.insert_style(own)
    (page,) = document.get_styles("master-page")
    page.set_page_header("Préfecture de l’Aubrac – en-tête")
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def test_a_template_is_kept_and_the_text_goes_in_its_place() -> None:
    content = write_odt(papers.document("Sombre."), template("Avant.", PLACE, "Après."))
    document = odfdo.Document(io.BytesIO(content))
    text = document.body.inner_text
    assert text.index("Avant.") < text.index("« Sombre.".replace(" ", "\u202f"))
    assert text.index("Campagne 1") < text.index("Après.")
    assert "{{" not in text
    styles = xml(content, "styles.xml")
    assert styles.xpath(
        "//*[@*[local-name()='name']='Heading_20_1']//@*[local-name()='color']"
    ) == ["#ff0000"]
    assert "en-tête" in "".join(styles.itertext())
    assert DRAFT in "".join(styles.itertext())
    assert "Assises source" in {style.display_name for style in document.get_styles("paragraph")}


def test_a_template_without_a_place_has_the_text_at_its_end() -> None:
    content = write_odt(papers.document("Sombre."), template("Avant."))
    text = odfdo.Document(io.BytesIO(content)).body.inner_text
    assert text.index("Avant.") < text.index("Campagne 1")


def repacked(change: dict[str, bytes]) -> bytes:
    """Return a template with other files in it."""
    return zip_files(unzip_files(template("Avant.")) | change, stored="mimetype")


def encrypted(content: bytes) -> bytes:
    """Return a ZIP whose every file says that it is encrypted."""
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        parts = content.split(signature)
        marked = [part[: place - 4] + b"\x01" + part[place - 3 :] for part in parts[1:]]
        content = signature.join([parts[0], *marked])
    return content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        write_docx(papers.document()),
        encrypted(template()),
        template().replace(b"\x00\x08\x00", b"\x00\x61\x00"),
        repacked({"content.xml": b"<a/>"}),
        repacked({"meta.xml": b"<a/>"}),
        repacked({"META-INF/manifest.xml": b"<a/>"}),
        repacked({"META-INF/manifest.xml": b"not XML"}),
        repacked({"Pictures/bomb": bytes(100_000_001)}),
    ],
    ids=[
        *("empty", "pdf", "docx", "encrypted", "unknown compression", "no text"),
        *("no properties", "no manifest", "manifest not XML", "bomb"),
    ],
)
def test_a_template_that_is_no_odt_is_refused(content: bytes) -> None:
    with pytest.raises(TemplateError, match="n'est pas un document ODT"):
        check_template(content)


def test_a_template_leaves_its_macros_and_its_signature() -> None:
    files = unzip_files(template("Avant."))
    scripts = (
        b'<office:scripts><office:script xmlns:script="x" script:language="x"/></office:scripts>'
    )
    body = files["content.xml"].replace(b"<office:automatic", scripts + b"<office:automatic", 1)
    assert scripts in body
    names = ("Basic/Standard/Module1.xml", "Scripts/python/x.py", "META-INF/documentsignatures.xml")
    listed = b"".join(b'<manifest:file-entry manifest:full-path="%s"/>' % n.encode() for n in names)
    manifest = files["META-INF/manifest.xml"].replace(
        b"</manifest:manifest>", listed + b"</manifest:manifest>"
    )
    changed = {"content.xml": body, "META-INF/manifest.xml": manifest} | dict.fromkeys(names, b"x")
    content = write_odt(papers.document("Sombre."), repacked(changed))
    written = unzip_files(content)
    assert written.keys().isdisjoint(names)
    assert not any(name.encode() in written["META-INF/manifest.xml"] for name in names)
    assert b"office:scripts" not in written["content.xml"]
    assert "Avant." in odt_text(content)


def test_headings_never_skip_a_level_and_links_lead_somewhere() -> None:
    lines = [piece for piece in lay_out(papers.document("a", "b")) if isinstance(piece, Line)]
    levels = [line.level for line in lines if line.level]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    names = [line.identifier for line in lines if line.identifier]
    assert len(names) == len(set(names))
    assert any(plain(line.text) == "Une note, et un lien mort" for line in lines)


def test_a_theme_of_which_nothing_is_said_follows_on() -> None:
    given = papers.document()
    silent = [
        replace(section, blocks=section.blocks[:1]) if section.eyebrow else section
        for section in given.sections
    ]
    pages = [
        sum(isinstance(piece, PageBreak) for piece in lay_out(document))
        for document in (given, replace(given, sections=tuple(silent)))
    ]
    assert pages == [5, 3]  # the theme's own page, and that of what comes after, are no more


def test_a_wide_table_takes_the_width_of_the_text_and_a_narrow_one_less() -> None:
    assert sum(column_widths(papers.wide_table())) == pytest.approx(WIDTH)
    narrow = papers.days_table()
    assert sum(column_widths(narrow)) < WIDTH
    assert sum(column_widths(replace(narrow, caption="x" * 500))) < WIDTH
