"""Word documents: A4, in one language, with the same bytes whenever they are made."""

from __future__ import annotations

import io

from docx import Document
from docx.document import Document as Doc
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from toolkit.core.i18n import load_text
from toolkit.core.ooxml_package import MAX_PROPERTY, without_timestamps


def new_document(title: str, language: str, *, size: float = 11, sides: float = 25, ends: float = 25) -> Doc:
    """Return an empty document; `sides` and `ends` are its margins in mm, `size` is in points.

    A spelling checker and a screen reader take its text to be in `language`.
    """
    document = Document()
    page, about, style = document.sections[0], document.core_properties, document.styles["Normal"]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(sides)
    page.top_margin = page.bottom_margin = Mm(ends)
    about.title, about.language = title[:MAX_PROPERTY], language
    about.author = about.comments = about.keywords = about.last_modified_by = ""
    style.font.name, style.font.size = "Calibri", Pt(size)
    tag = OxmlElement("w:lang")
    tag.set(qn("w:val"), load_text(language).say("report.spelling"))
    style.element.get_or_add_rPr().append(tag)
    return document


def to_bytes(document: Doc) -> bytes:
    """Return the file of a document."""
    saved = io.BytesIO()
    document.save(saved)
    return without_timestamps(saved.getvalue())
