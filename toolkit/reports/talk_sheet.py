"""The talk sheet (praatkaart) of a team meeting: findings, radar, and room to write.

Every statement has its complete sentence, in a letter that can be read at a table. The sheet fills the two sides of one
A4: the findings, and the plan.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docx.document import Document as Doc
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph as Line

from toolkit.charts import Picture, radar
from toolkit.charts.save import to_png
from toolkit.charts.svg import NARROW, draw
from toolkit.core.atomic_write import atomic_write
from toolkit.core.html import html_template, package_text
from toolkit.core.i18n import Text, load_text
from toolkit.core.paths import check_ending
from toolkit.core.word_document import new_document, to_bytes
from toolkit.instrument.arguments import as_sector, explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.narrative.findings import Finding
from toolkit.narrative.meeting_page import Meeting, meeting_of
from toolkit.privacy import Policy
from toolkit.privacy.showings import next_showing
from toolkit.reports.pdf_writer import print_page
from toolkit.results import SchoolResults, TeamSizeSource

INK, GREY, EDGE = "1F2933", "52606D", "7B8794"
QUIET: dict[str, Any] = {"colour": GREY, "size": 9.5}
ROWS_TO_WRITE = 5
ROOM = ("what", "who", "by", "seen")


@dataclass(frozen=True, slots=True)
class TalkSheet:
    """The content of the sheet."""

    meeting: Meeting
    radar: Picture
    language: str


@explained
def write_talk_sheet(
    intake: Intake,
    school: str | None,
    path: str | Path,
    *,
    wave: str | None = None,
    checklist: Instrument | None = None,
    policy: Policy | None = None,
    invited: TeamSizeSource = None,
    sector: str = "",
    language: str = "nl",
    showings: Path | None = None,
) -> Path:
    """Write the talk sheet of one school.

    Parameters
    ----------
    school
        School id.
    path
        Its ending decides the format: `.pdf` (through a browser that is on the computer), `.docx` or `.html`.
    wave
        None takes the school's last.
    invited
        As in `write_report`.
    sector
        `po` or `vo` leaves out the tools that are only for the other.
    showings
        Folder of the record of what was shown before (see `toolkit.privacy.showings`); the sheet's own where none is
        given.

    Returns
    -------
    The path. The file is complete, or not there.

    Raises
    ------
    SelectionError
        The school or wave is not in the intake.
    ToolkitError
        The path ends in something else; or what this format needs is not on this computer.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> tk.write_talk_sheet(intake, None, f"{folder}/page.html").name
    'page.html'
    """
    target = Path(path)
    write = FORMATS[check_ending(target, FORMATS, load_text(language))]
    checklist = checklist or load_instrument()
    showing = next_showing(intake, checklist, policy, showings or target.parent)
    every, sector = (
        SchoolResults.of_intake(showing.intake, checklist, policy, invited),
        as_sector(sector, load_text(language)),
    )
    school = every.find_school(school)
    results = every.of(school)
    sheet = sheet_of(results, school, wave, sector=sector, language=language)
    data = write(sheet)
    showing.save()
    atomic_write(target, data)
    return target


def sheet_of(
    results: SchoolResults, school: str, wave: str | None = None, *, sector: str = "", language: str = "nl"
) -> TalkSheet:
    """Put the sheet of one school together from its results; `wave=None` takes its last."""
    wave = wave or results.waves(school)[-1]
    findings = results.findings(school, wave, language=language, sector=sector)
    meeting = meeting_of(replace(findings, title=results.name(school)), results.checklist, language=language)
    meeting = replace(meeting, subtitle=f"{wave} · {meeting.subtitle}")
    return TalkSheet(
        meeting, radar(results.levels, school, wave, **results.display(school, language=language)), language
    )


# --- paper and screen ---


def to_html(sheet: TalkSheet) -> str:
    """Return the sheet as one page of HTML that needs no network; every text is escaped."""
    text = load_text(sheet.language)
    return html_template("reports/talk_sheet.html.j2").render(
        sheet=sheet, meeting=sheet.meeting, say=text.say, tools=_tools(sheet, text), drawing=draw(sheet.radar, NARROW),
        style=package_text("reports/talk_sheet.css"), room=ROOM, rows=ROWS_TO_WRITE,
    )  # fmt: skip


def _tools(sheet: TalkSheet, text: Text) -> str:
    step = sheet.meeting.next_step
    return text.say("talk.tools", names=text.join([name for name, _ in step.tools])) if step and step.tools else ""


def _page(sheet: TalkSheet) -> bytes:
    return to_html(sheet).encode()


def _pdf(sheet: TalkSheet) -> bytes:
    return print_page(to_html(sheet), sheet.language)


# --- Word ---


def to_docx(sheet: TalkSheet) -> bytes:
    """Return the sheet as a Word document; the same sheet always gives the same bytes.

    Raises
    ------
    ToolkitError
        The package that draws the radar is not installed.
    """
    meeting, text = sheet.meeting, load_text(sheet.language)
    title = f"{text.say('talk.title')} · {meeting.title}"
    document = _new_document(title, sheet.language)
    _paragraph(document, (title, {"size": 15, "bold": True}))
    _paragraph(document, (meeting.subtitle, QUIET))
    _paragraph(document, (meeting.findings.headline, {"bold": True, "size": 13}))
    for (heading, points), introduction in zip(meeting.headings, meeting.introductions, strict=True):
        _heading(document, heading)
        if introduction:
            _paragraph(document, (introduction, QUIET))
        for point in points:
            _add_point(document, point)
    _add_back(document, sheet, text)
    _heading(document, text.say("talk.room"))
    _add_room(document, text)
    _paragraph(document, (" ".join(meeting.notes), QUIET))
    return to_bytes(document)


def _new_document(title: str, language: str) -> Doc:
    document = new_document(title, language, size=10.5, sides=13, ends=11)
    page, spacing = document.sections[0], document.styles["Normal"].paragraph_format
    page.header_distance = page.footer_distance = Mm(4)
    spacing.space_after, spacing.line_spacing = Pt(0), 1.0
    document.styles["Heading 2"].font.name = "Calibri"
    return document


def _paragraph(document: Doc, *parts: tuple[str, dict[str, Any]]) -> Line:
    line = document.add_paragraph()
    line.paragraph_format.space_after = Pt(1.5)
    _write(line, *parts)
    return line


def _heading(document: Doc, text: str) -> None:
    """Add a heading with a line under it."""
    line = document.add_heading("", 2)
    line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(6), Pt(2)
    _write(line, (text, {"bold": True, "size": 12}))
    line._p.get_or_add_pPr().append(_borders("w:pBdr", ("bottom",), "00548A"))


def _add_point(document: Doc, point: Finding) -> None:
    lines = [
        _paragraph(document, (f"{point.label}.", {"bold": True}), (f" {point.statement}", {})),
        _paragraph(document, (f"{point.short_message} {point.whom}".rstrip(), QUIET)),
        _paragraph(document, (point.question, {"italic": True})),
    ]
    for line in lines:
        line.paragraph_format.keep_together = True
    for line in lines[:-1]:
        line.paragraph_format.keep_with_next = True
    lines[-1].paragraph_format.space_after = Pt(5)


def _write(line: Line, *parts: tuple[str, dict[str, Any]]) -> None:
    for text, font in parts:
        run = line.add_run(text)
        run.bold, run.italic = font.get("bold"), font.get("italic")
        run.font.color.rgb = RGBColor.from_string(font.get("colour", INK))
        if "size" in font:
            run.font.size = Pt(font["size"])


def _add_back(document: Doc, sheet: TalkSheet, text: Text) -> None:
    """The other side: the radar at the left, the next step at the right."""
    document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
    left, right = _table(document, (84, 100), 1).rows[0].cells
    radar = to_png(sheet.radar, sheet.language, NARROW)
    shape = left.paragraphs[0].add_run().add_picture(io.BytesIO(radar), width=Mm(80))
    shape._inline.docPr.set("descr", sheet.radar.sentence)
    step = sheet.meeting.next_step
    parts: list[tuple[str, dict[str, Any]]] = []
    if step is not None:
        parts += [(step.question, {"bold": True, "size": 13}), (_tools(sheet, text), QUIET)]
    parts += [(note, QUIET) for note in sheet.radar.notes]
    for number, (note_text, font) in enumerate(part for part in parts if part[0]):
        line = right.add_paragraph() if number else right.paragraphs[0]
        line.paragraph_format.space_after = Pt(4)
        _write(line, (note_text, font))


def _add_room(document: Doc, text: Text) -> None:
    """A table to write in."""
    table = _table(document, (74, 37, 36, 37), 1 + ROWS_TO_WRITE)
    for cell, name in zip(table.rows[0].cells, ROOM, strict=True):
        _write(cell.paragraphs[0], (text.say(f"talk.{name}"), {"bold": True}))
    for row in table.rows[1:]:
        row.height = Mm(24)
    for row in table.rows:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
            cell._tc.get_or_add_tcPr().append(_borders("w:tcBorders", ("top", "left", "bottom", "right"), EDGE))


def _table(document: Doc, widths: tuple[int, ...], rows: int) -> Table:
    """A table as wide as the text; every cell has its width, since some programs look only there."""
    table: Table = document.add_table(rows=rows, cols=len(widths))
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return table


def _borders(name: str, sides: tuple[str, ...], colour: str) -> Any:
    borders = OxmlElement(name)
    for side in sides:
        edge = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("color", colour)):
            edge.set(qn(f"w:{key}"), value)
        borders.append(edge)
    return borders


FORMATS: dict[str, Callable[[TalkSheet], bytes]] = {".pdf": _pdf, ".docx": to_docx, ".html": _page}
"""Every format by how the name of its file ends."""
