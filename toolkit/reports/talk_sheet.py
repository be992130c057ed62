"""The talk sheet (praatkaart): one A4 for a team meeting, with the radar, the agenda and room to write.

One page, whatever the answers: on paper the room to write takes what the agenda leaves, and a text that would push it
off the page is cut with an ellipsis. The whole text stands in the agenda itself and in the report.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph as Line

from toolkit.charts import Picture, radar
from toolkit.charts.svg import draw
from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import Text, load_text
from toolkit.core.ooxml_package import without_timestamps
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.narrative.findings import Finding
from toolkit.narrative.meeting_page import Meeting, meeting_of
from toolkit.privacy import Policy
from toolkit.privacy.showings import next_showing
from toolkit.reports.docx_writer import to_png
from toolkit.reports.pdf_writer import print_page
from toolkit.results import SchoolResults

INK, GREY, EDGE = "1F2933", "52606D", "7B8794"
ROWS_TO_WRITE = 3
ROOM = ("what", "who", "by", "seen")


@dataclass(frozen=True, slots=True)
class TalkSheet:
    """What stands on the sheet."""

    meeting: Meeting
    radar: Picture
    language: str


def write_talk_sheet(
    intake: Intake,
    school: str,
    path: str | Path,
    *,
    wave: str | None = None,
    checklist: Instrument | None = None,
    policy: Policy | None = None,
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
        How it ends decides what it becomes: `.pdf` (through a browser that is on the computer), `.docx` or `.html`.
    wave
        None takes the school's last.
    sector
        `po` or `vo` leaves out the tools that are only for the other.
    showings
        Folder of the record of what was shown before (see `toolkit.privacy.showings`); the sheet's own where none is
        given.

    Returns
    -------
    The path. The file is there whole, or not at all.

    Raises
    ------
    SelectionError
        The school or wave is not in the intake.
    ToolkitError
        The path ends in something else; or what this format needs is not on this computer.
    """
    target = Path(path)
    write = FORMATS.get(target.suffix.lower())
    if write is None:
        words = {"file": target.name, "formats": ", ".join(FORMATS)}
        raise ToolkitError(load_text(language).say("report.unknown_format", **words))
    checklist = checklist or load_instrument()
    showing = next_showing(intake, checklist, policy, showings or target.parent)
    sheet = make_talk_sheet(showing.intake, school, wave, checklist, policy, sector, language)
    data = write(sheet)
    showing.save()
    atomic_write(target, data)
    return target


def make_talk_sheet(
    intake: Intake,
    school: str,
    wave: str | None = None,
    checklist: Instrument | None = None,
    policy: Policy | None = None,
    sector: str = "",
    language: str = "nl",
) -> TalkSheet:
    """Protect an intake and gather what stands on the sheet; parameters as in `write_talk_sheet`."""
    results = SchoolResults.of_intake(intake, checklist, policy).of(school)
    wave = wave or results.waves(school)[-1]
    options = results.display(school, language=language)
    found = results.findings(school, wave, language=language, sector=sector)
    # a long name may be cut, the moment may not
    meeting = meeting_of(replace(found, title=results.name(school)), results.checklist, language=language)
    meeting = replace(meeting, subtitle=f"{wave} · {meeting.subtitle}")
    return TalkSheet(meeting, radar(results.levels, school, wave, **options), language)


# --- paper and screen ---

STYLE = """
@page { size: A4 portrait; margin: 10mm 12mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; width: 186mm; font: 8.6pt/1.3 Calibri, Carlito, "Segoe UI", Arial, sans-serif; color: #1F2933; }
main { height: 276mm; overflow: hidden; display: flex; flex-direction: column; }
h1 { font-size: 15pt; margin: 0; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
h2 { font-size: 10.5pt; margin: 2.2mm 0 .6mm; border-bottom: .3mm solid #CBD2D9; }
p { margin: 0; }
.quiet, small { color: #52606D; font-size: 7.8pt; }
.top { display: flex; gap: 6mm; margin-top: 2mm; }
.top > * { flex: 1; min-width: 0; }
.top svg { width: 92mm; height: auto; }
.ask { font-size: 10.5pt; font-weight: bold; margin-bottom: 1.5mm; }
ul { margin: 0 0 1.5mm; padding-left: 5mm; }
.agenda { min-height: 0; overflow: hidden; }
.top, .room, footer { flex-shrink: 0; }
.point { margin-bottom: 1.1mm; }
.cut { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.note { margin-top: 1.5mm; -webkit-line-clamp: 9; }
.ask-point { -webkit-line-clamp: 2; }
.point em { font-size: 9pt; }
.room { flex: 1 0 34mm; display: flex; flex-direction: column; }
.room table { flex: 1; width: 100%; border-collapse: collapse; table-layout: fixed; }
.room th { text-align: left; font-size: 8.6pt; height: 5mm; }
.room th:first-child { width: 40%; }
.room td, .room th { border: .2mm solid #7B8794; padding: .5mm 1.5mm; vertical-align: top; }
footer { margin-top: 1.5mm; }
"""


def to_html(sheet: TalkSheet) -> str:
    """Return the sheet as one page of HTML that asks nothing of a network; every text is escaped."""
    meeting, text = sheet.meeting, load_text(sheet.language)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = (
        f'<!DOCTYPE html><html lang="{sheet.language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(text.say('talk.title'))} · {escape(meeting.title)}</title><style>{STYLE}</style></head>"
    )
    return f"{head}<body><main>{''.join(_body(sheet, text))}</main></body></html>"


def _body(sheet: TalkSheet, text: Text) -> Iterator[str]:
    meeting = sheet.meeting
    yield f"<h1>{escape(text.say('talk.title'))} · {escape(meeting.title)}</h1>"
    yield f'<p class="quiet">{escape(meeting.subtitle)}</p>'
    yield f'<div class="top"><div>{draw(sheet.radar)}</div><div>{_next_step(sheet, text)}</div></div>'
    yield '<div class="agenda">'
    for (heading, points), introduction in zip(meeting.headings, meeting.introductions, strict=True):
        yield f"<h2>{escape(heading)}</h2>"
        yield f'<p class="quiet">{escape(introduction)}</p>' if introduction else ""
        yield "".join(map(_point, points))
    yield "</div>"
    heads = "".join(f"<th>{escape(text.say(f'talk.{name}'))}</th>" for name in ROOM)
    rows = f"<tr>{'<td></td>' * len(ROOM)}</tr>" * ROWS_TO_WRITE
    title = f"<h2>{escape(text.say('talk.room'))}</h2>"
    yield f'<section class="room">{title}<table><tr>{heads}</tr>{rows}</table></section>'
    yield f'<footer class="quiet cut">{escape(" ".join(meeting.notes))}</footer>'


def _next_step(sheet: TalkSheet, text: Text) -> str:
    step = sheet.meeting.next_step
    parts = []
    if step is not None:
        items = "".join(f"<li>{escape(label)}</li>" for label in step.items)
        tools = text.say("talk.tools", names=text.join([name for name, _ in step.tools])) if step.tools else ""
        parts = [f'<p class="ask">{escape(step.question)}</p><ul>{items}</ul>', f'<p class="quiet">{escape(tools)}</p>']
    notes = [sheet.radar.sentence, *sheet.radar.notes]
    return "".join([*parts, *(f'<p class="quiet cut note">{escape(note)}</p>' for note in notes)])


def _point(point: Finding) -> str:
    answers = f"<b>{escape(_name(point))}</b> {escape(_short(point))}"
    asked = f'<em>{escape(point.question)}</em> <span class="quiet">{escape(point.whom)}</span>'
    return f'<div class="point"><p class="cut">{answers}</p><p class="cut ask-point">{asked}</p></div>'


def _name(point: Finding) -> str:
    return f"{point.label}."


def _short(point: Finding) -> str:
    """Who answered what and which way that differs; how sure it is stands in the agenda."""
    return " ".join(filter(None, [point.split, point.difference]))


def _page(sheet: TalkSheet) -> bytes:
    return to_html(sheet).encode()


def _pdf(sheet: TalkSheet) -> bytes:
    return print_page(to_html(sheet), sheet.language)


# --- Word ---

PAGE = 279.0
"""Millimetres between the margins."""
LETTER = 8.5
"""Points of the running text."""
SPARE, LOWEST_ROW = 8.0, 12.0
"""Millimetres that stay free, since no two programs break lines alike; and that a row to write in has at least."""


def to_docx(sheet: TalkSheet) -> bytes:
    """Return the sheet as a Word document; the same sheet always gives the same bytes.

    Raises
    ------
    ToolkitError
        The package that draws the radar is not installed.
    """
    radar = to_png(sheet.radar, sheet.language)
    papers = (_fill(sheet, radar, most) for most in (380, 260, 120))
    paper = next((paper for paper in papers if paper.left >= 0), None) or _fill(sheet, radar, 60)
    saved = io.BytesIO()
    paper.document.save(saved)
    return without_timestamps(saved.getvalue())


def _fill(sheet: TalkSheet, radar: bytes, most: int) -> _Paper:
    """The document, no answers on it longer than so many characters, and no question longer than half of that."""
    meeting, text = sheet.meeting, load_text(sheet.language)
    document = Document()
    title = _cut(f"{text.say('talk.title')} · {meeting.title}", 72)
    _set_up(document, title)
    paper = _Paper(document)
    paper.write((title, {"size": 15, "bold": True}))
    paper.write((meeting.subtitle, {"colour": GREY}))
    _add_top(paper, sheet, radar, text)
    for (heading, points), introduction in zip(meeting.headings, meeting.introductions, strict=True):
        paper.head(heading)
        if introduction:
            paper.write((introduction, {"colour": GREY}))
        for point in points:
            paper.write((_name(point), {"bold": True}), (_cut(f" {_short(point)}", most), {}), gap=0)
            question = _cut(point.question, most // 2 + 30)
            paper.write((question, {"italic": True}), (f" {point.whom}", {"colour": GREY}), gap=3)
    paper.head(text.say("talk.room"))
    notes = _cut(" ".join(meeting.notes), 500)
    paper.left -= _height(notes, 7.0, 186) + 5 + ROWS_TO_WRITE * LOWEST_ROW
    _add_room(document, text, LOWEST_ROW + max(paper.left, 0) / ROWS_TO_WRITE)
    _write(document.add_paragraph(), (notes, {"colour": GREY, "size": 7.0}))
    return paper


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _height(words: str, size: float, width: float) -> float:
    """Millimetres that a text takes at most: in this letter a character is less than half as wide as it is high."""
    lines = -(-len(words) * 0.44 * size * 0.353 // width)
    return float(lines * size * 0.43)


def _set_up(document: Doc, title: str) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(12)
    page.top_margin = page.bottom_margin = Mm(9)
    page.header_distance = page.footer_distance = Mm(4)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Calibri", Pt(LETTER)
    style.paragraph_format.space_after, style.paragraph_format.line_spacing = Pt(0), 1.0
    document.styles["Heading 2"].font.name = "Calibri"
    document.core_properties.title, document.core_properties.author = title, ""


@dataclass(slots=True)
class _Paper:
    """The document while it is filled, and the millimetres that are left of its one page."""

    document: Doc
    left: float = PAGE - SPARE

    def write(self, *parts: tuple[str, dict[str, Any]], gap: float = 1.5) -> None:
        """Add a paragraph; `gap` in points below it."""
        line = self.document.add_paragraph()
        line.paragraph_format.space_after = Pt(gap)
        _write(line, *parts)
        size = max(look.get("size", LETTER) for _, look in parts)
        self.left -= _height("".join(words for words, _ in parts), size, 186) + gap * 0.353

    def head(self, words: str) -> None:
        """Add a heading with a line under it."""
        line = self.document.add_heading("", 2)
        line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(5), Pt(2)
        _write(line, (words, {"bold": True, "size": 10.5}))
        line._p.get_or_add_pPr().append(_borders("w:pBdr", ("bottom",), "CBD2D9"))
        self.left -= _height(words, 10.5, 186) + 7 * 0.353 + 0.5


def _write(line: Line, *parts: tuple[str, dict[str, Any]]) -> None:
    for words, look in parts:
        run = line.add_run(words)
        run.bold, run.italic = look.get("bold"), look.get("italic")
        run.font.color.rgb = RGBColor.from_string(look.get("colour", INK))
        if "size" in look:
            run.font.size = Pt(look["size"])


def _add_top(paper: _Paper, sheet: TalkSheet, radar: bytes, text: Text) -> None:
    left, right = _table(paper.document, (92, 94), 1).rows[0].cells
    shape = left.paragraphs[0].add_run().add_picture(io.BytesIO(radar), width=Mm(86))
    shape._inline.docPr.set("descr", sheet.radar.sentence)
    step = sheet.meeting.next_step
    parts: list[tuple[str, dict[str, Any]]] = []
    if step is not None:
        parts = [(step.question, {"bold": True, "size": 10.5}), *((f"• {label}", {}) for label in step.items)]
        if step.tools:
            names = text.join([name for name, _ in step.tools])
            parts.append((text.say("talk.tools", names=names), {"colour": GREY, "size": 7.5}))
    notes = (sheet.radar.sentence, *sheet.radar.notes)
    parts += [(_cut(note, 420), {"colour": GREY, "size": 7.5}) for note in notes]
    height = 0.0
    for number, (words, look) in enumerate(parts):
        line = right.add_paragraph() if number else right.paragraphs[0]
        line.paragraph_format.space_after = Pt(2)
        _write(line, (words, look))
        height += _height(words, look.get("size", LETTER), 90) + 0.7
    paper.left -= max(height, shape.height.mm + 1)


def _add_room(document: Doc, text: Text, height: float) -> None:
    """A table to write in: what the agenda leaves of the page."""
    table = _table(document, (75, 37, 37, 37), 1 + ROWS_TO_WRITE)
    for cell, name in zip(table.rows[0].cells, ROOM, strict=True):
        _write(cell.paragraphs[0], (text.say(f"talk.{name}"), {"bold": True}))
    for row in table.rows[1:]:
        row.height = Mm(height)
    for row in table.rows:
        for cell in row.cells:
            cell._tc.get_or_add_tcPr().append(_borders("w:tcBorders", ("top", "left", "bottom", "right"), EDGE))


def _table(document: Doc, widths: tuple[int, ...], rows: int) -> Table:
    """A table as wide as the text; every cell says how wide it is, since programs look there."""
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
