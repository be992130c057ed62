"""The report in Word: real headings, tables, and pictures with their sentence."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import takewhile

from docx.document import Document as Doc
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table as DocxTable
from docx.table import _Cell as Cell
from docx.text.paragraph import Paragraph as Line

from toolkit.charts.save import to_png
from toolkit.charts.style import GREY, INK, LINE
from toolkit.charts.svg import NARROW, WIDE
from toolkit.core.i18n import load_text
from toolkit.core.ooxml_package import MAX_PROPERTY
from toolkit.core.text_table import TextTable
from toolkit.core.word_document import new_document, to_bytes
from toolkit.reports.model import (
    Block,
    Bullets,
    DefinitionList,
    Figure,
    Links,
    Paragraph,
    Report,
    Section,
    Table,
    figure_table,
    numeric_columns,
)

TEXT_WIDTH = Mm(174)
MAX_LETTERS = 26
"""Letters of a text that a column is made wide for; longer texts take more lines."""
BLUE = "00548A"


def to_docx(report: Report) -> bytes:
    """Return the document; the same report always gives the same bytes.

    Raises
    ------
    ToolkitError
        The package that draws the pictures is not installed.
    """
    document = _new_document(report)
    document.add_heading(report.title, 0)
    document.add_paragraph(report.subtitle, style="Subtitle")
    body, first_closing = document.element.body, 0
    for section in (section for section in report.sections if not section.extra):
        first_closing = len(body) - 1 if section.id == "tools" else first_closing
        _add_section(document, section, report.language)
    if first_closing:
        _keep_on_one_page(document, list(body)[first_closing:])
    return to_bytes(document)


def _add_section(document: Doc, section: Section, language: str) -> None:
    """A heading and its blocks; the words that follow a picture are at its right."""
    document.add_heading(section.title, 1)
    blocks = list(section.blocks)
    while blocks:
        block = blocks.pop(0)
        if isinstance(block, Figure):
            side_blocks = list(takewhile(lambda after: isinstance(after, Paragraph | DefinitionList), blocks))
            del blocks[: len(side_blocks)]
            _add_figure(document, block, side_blocks, language)
        else:
            _add(document, block)
        if isinstance(block, Paragraph) and blocks:
            document.paragraphs[-1].paragraph_format.keep_with_next = True


def _keep_on_one_page(document: Doc, elements: Sequence[BaseOxmlElement]) -> None:
    """Put the last sections on one page, of which they fill half."""
    lines = [line for element in elements for line in element.iter(qn("w:p"))]
    for line in lines[:-1]:
        Line(line, document).paragraph_format.keep_with_next = True


def _new_document(report: Report) -> Doc:
    document = new_document(report.title, report.language, sides=18, ends=14)
    document.core_properties.subject = report.subtitle[:MAX_PROPERTY]
    for name, size, colour in (
        ("Normal", 10, INK), ("Title", 20, INK), ("Subtitle", 10, GREY), ("Heading 1", 13, INK),
        ("Heading 2", 11, INK), ("Caption", 10, INK), ("List Bullet", 10, INK),
    ):  # fmt: skip
        _set_style(document, name, size, colour)
    _number_pages(document.sections[0].footer.paragraphs[0])
    return document


def _set_style(document: Doc, name: str, size: float, colour: str) -> None:
    style = document.styles[name]
    style.font.name, style.font.size = "Calibri", Pt(size)
    style.font.color.rgb = RGBColor.from_string(colour.removeprefix("#"))
    style.font.italic = False
    style.element.get_or_add_rPr().rFonts.set(qn("w:eastAsia"), "Calibri")
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        style.element.rPr.rFonts.attrib.pop(qn(f"w:{theme}"), None)
    spacing = style.paragraph_format
    spacing.space_after, spacing.line_spacing = Pt(3), 1.0
    if name.startswith("Heading"):
        spacing.space_before, spacing.keep_with_next = Pt(10 if name.endswith("1") else 6), True
    if name == "Caption":
        spacing.space_before, spacing.keep_with_next, style.font.bold = Pt(4), True, True


def _number_pages(line: Line) -> None:
    line.alignment, line.style.font.size = WD_ALIGN_PARAGRAPH.RIGHT, Pt(9)  # type: ignore[union-attr]  # it has one
    for field in ("PAGE", " / ", "NUMPAGES"):
        if field == " / ":
            line.add_run(field)
            continue
        simple = OxmlElement("w:fldSimple")
        simple.set(qn("w:instr"), field)
        line._p.append(simple)


# --- blocks ---


def _add(document: Doc, block: Block) -> None:
    match block:
        case Paragraph():
            _add_text(document, block.text, secondary=block.secondary)
        case Bullets():
            for text in block.texts:
                document.add_paragraph(text, style="List Bullet")
        case Table():
            _add_table(document, block.table, set(block.numeric))
        case DefinitionList():
            _add_entries(document, block)
        case Links():
            _add_links(document, block)


def _add_text(parent: Doc | Cell, text: str, secondary: bool = False) -> Line:
    return _write(parent.add_paragraph(), text, secondary)


def _write(line: Line, text: str, secondary: bool = False) -> Line:
    run = line.add_run(text)
    if secondary:
        run.font.size, run.font.color.rgb = Pt(9), RGBColor.from_string(GREY.removeprefix("#"))
    return line


def _add_entries(document: Doc, block: DefinitionList) -> None:
    """The entries in two columns: the term (of a statement with its sentence), and what belongs to it."""
    document.add_heading(block.title, 2)
    if block.introduction:
        _add_text(document, block.introduction, secondary=True).paragraph_format.keep_with_next = bool(block.entries)
    if not block.entries:
        return
    statements = any(entry.secondary for entry in block.entries)
    table = _add_columns(document, len(block.entries), Mm(88) if statements else Mm(38))
    for row, entry in zip(table.rows, block.entries, strict=True):
        left, right = row.cells
        left.paragraphs[0].add_run(entry.term).bold = True
        numbered_texts = list(enumerate(entry.texts))
        if statements:
            _add_text(left, numbered_texts.pop(0)[1])
        for number, (index, text) in enumerate(numbered_texts):
            line = right.add_paragraph() if number else right.paragraphs[0]
            _write(line, text, index in entry.secondary)
        for line in (*left.paragraphs, *right.paragraphs):
            line.paragraph_format.space_after = Pt(1)
    _rule(table._tbl)


def _add_columns(document: Doc, rows: int, left: Length) -> DocxTable:
    """A table of two columns as wide as the text; no row breaks over pages."""
    if document.element.body[-2].tag == qn("w:tbl"):  # Word joins two tables, and repeats the heading of the first
        document.add_paragraph().paragraph_format.space_after = Pt(0)
    table: DocxTable = document.add_table(rows=rows, cols=2)
    _set_widths(table, [left, Length(TEXT_WIDTH - left)])
    for row in table.rows:
        _keep_together(row._tr, heading=False)
    return table


def _add_links(document: Doc, block: Links) -> None:
    for link in block.links:
        line = document.add_paragraph(style="List Bullet")
        target = line.part.relate_to(link.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        element = OxmlElement("w:hyperlink")
        element.set(qn("r:id"), target)
        run = line.add_run(link.text)
        run.font.color.rgb, run.font.underline = RGBColor.from_string(BLUE), True
        element.append(run._r)
        line._p.append(element)
        if link.about:
            line.add_run(f" ({link.about})")


def _add_figure(document: Doc, block: Figure, side_blocks: Sequence[Block], language: str) -> None:
    """The picture at the left, its sentence, notes and words at the right; below it where it has several panels."""
    left, right = _add_columns(document, 1, Mm(90)).rows[0].cells
    if panels := len(list(block.picture.select_polars())) > 1:
        left = right = left.merge(right)
    left.paragraphs[0].style = "Heading 2"
    _write(left.paragraphs[0], block.title)
    _add_text(left, block.subtitle, secondary=True)
    drawn = io.BytesIO(to_png(block.picture, language, WIDE if panels else NARROW))
    about = left.add_paragraph().add_run().add_picture(drawn, width=Mm(160 if panels else 84))._inline.docPr
    about.set("descr", block.picture.sentence)
    about.set("title", block.title)
    _write(right.add_paragraph() if panels else right.paragraphs[0], block.picture.sentence)
    for note in block.picture.notes:
        _add_text(right, note, secondary=True)
    for after in side_blocks:
        _add_beside(right, after)
    if block.has_table:
        return
    table = figure_table(block, load_text(language).say("report.figure_table", title=block.title))
    _add_table(document, table, set(numeric_columns(table)))


def _add_beside(cell: Cell, block: Block) -> None:
    """Words at the right of a picture: a paragraph, or terms that each begin their own line."""
    if isinstance(block, Paragraph):
        _add_text(cell, block.text, block.secondary)
    elif isinstance(block, DefinitionList):
        cell.add_paragraph(block.title, style="Heading 2")
        for entry in block.entries:
            line = cell.add_paragraph()
            line.add_run(f"{entry.term}. ").bold = True
            line.add_run(" ".join(entry.texts))


def _add_table(document: Doc, content: TextTable, numeric: set[int]) -> None:
    document.add_paragraph(content.caption, style="Caption")
    table = document.add_table(rows=0, cols=len(content.columns))
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    for number, row in enumerate((content.columns, *content.rows)):
        added = table.add_row()
        _keep_together(added._tr, heading=number == 0)
        for column, (cell, text) in enumerate(zip(added.cells, row, strict=True)):
            line = cell.paragraphs[0]
            line.add_run(text).bold = number == 0 or column == 0
            line.paragraph_format.space_after = Pt(1)
            line.paragraph_format.keep_with_next = number < len(content.rows)
            if column in numeric:
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _set_widths(table, _widths(content, numeric))
    _rule(table._tbl)


def _set_widths(table: DocxTable, widths: list[Length]) -> None:
    """Set the widths of the columns, and of every cell: some programs look only there."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _widths(content: TextTable, numeric: set[int]) -> list[Length]:
    """Widths of the columns; where several hold words, as their longest text asks for."""
    columns = len(content.columns)
    if columns - len(numeric) < 2 or columns < 3:
        first = Mm(58)
        other_width = (TEXT_WIDTH - first) // max(columns - 1, 1) if columns > 2 else Mm(30)
        return [first, *([Length(other_width)] * (columns - 1))]
    rows = [content.columns, *content.rows]
    texts = [[row[index] for row in rows] for index in range(columns)]
    longest_words = [max((len(word) for text in column for word in text.split()), default=1) for column in texts]
    lines = [min(max(map(len, column)), MAX_LETTERS) for column in texts]
    letters = [max(line, word) + 3 for line, word in zip(lines, longest_words, strict=True)]
    return [Length(TEXT_WIDTH * share // sum(letters)) for share in letters]


def _keep_together(row, heading: bool) -> None:  # type: ignore[no-untyped-def]  # an element of python-docx
    """A row is not broken over pages; the headings come back on the next page, and are known as such."""
    properties = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if heading:
        properties.append(OxmlElement("w:tblHeader"))


def _rule(table) -> None:  # type: ignore[no-untyped-def]  # an element of python-docx
    """Thin lines between the rows, none between the columns."""
    borders = OxmlElement("w:tblBorders")
    for side in ("bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE.removeprefix("#"))):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table.tblPr.append(borders)
