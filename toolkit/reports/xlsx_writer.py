"""The report as a workbook: the protected tables behind it, a sheet each, for who calculates further."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from toolkit.core.i18n import load_text
from toolkit.core.ooxml_package import without_timestamps, write_text
from toolkit.reports.model import Bullets, Paragraph, Report

BOLD, WRAPPED = Font(name="Calibri", bold=True), Alignment(vertical="top", wrap_text=True)
PLAIN = Font(name="Calibri")
WIDE, LONG = 110, 60
"""Characters in a line: of the first sheet, and of a table's widest column."""

LINE, HIGHEST = 15, 405
"""Points: the height of a line, and of the highest row that Excel takes."""


def to_xlsx(report: Report) -> bytes:
    """Return the workbook; the same report always gives the same bytes.

    Numbers are numbers, a missing one is an empty cell (never 0), and whatever is text can't become a formula.
    """
    workbook = Workbook()
    first = workbook.worksheets[0]
    first.title = load_text(report.language).say("report.sheet_about")
    _fill(first, [(report.title,), (report.subtitle,), *((text,) for text in _explanation(report))])
    first.column_dimensions["A"].width = WIDE
    _make_room(first, [WIDE])
    for name, table in report.tables.items():
        _add_table(workbook.create_sheet(name[:31]), table)
    for sheet in workbook.worksheets:
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
        sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)
    saved = io.BytesIO()
    workbook.save(saved)
    return without_timestamps(saved.getvalue())


def _explanation(report: Report) -> Iterable[str]:
    """What the report says of itself: what it is, who filled in, and how it was made."""
    for section in report.sections:
        if section.id.removeprefix("cohort-") in ("about", "method"):
            for block in section.blocks:
                if isinstance(block, Bullets):
                    yield from block.texts
                elif isinstance(block, Paragraph):
                    yield block.text


def _add_table(sheet: Worksheet, table: pd.DataFrame) -> None:
    rows = table.astype("object").where(table.notna(), None).itertuples(index=False, name=None)
    _fill(sheet, [tuple(map(str, table.columns)), *rows])
    widths: list[int] = []
    for place, name in enumerate(table.columns, start=1):
        longest = max([len(str(name)), *(len(str(value)) for value in table.iloc[:, place - 1].dropna())])
        widths.append(min(LONG, longest + 3))
        sheet.column_dimensions[get_column_letter(place)].width = widths[-1]
    _make_room(sheet, widths)
    sheet.freeze_panes = "A2"
    if len(table):
        sheet.auto_filter.ref = sheet.dimensions


def _make_room(sheet: Worksheet, widths: list[int]) -> None:
    """Make each row as high as its texts need: not every program does that by itself."""
    room = [width - 5 if width >= LONG else width for width in widths]
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        texts = [(text, letters) for text, letters in zip(row, room, strict=True) if isinstance(text, str)]
        lines = max((sum(1 + len(line) // letters for line in text.split("\n")) for text, letters in texts), default=1)
        if lines > 1:
            sheet.row_dimensions[number].height = min(LINE * lines, HIGHEST)


def _fill(sheet: Worksheet, rows: Iterable[tuple[object, ...]]) -> None:
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell = sheet.cell(number, place)
            cell.font, cell.alignment = BOLD if number == 1 else PLAIN, WRAPPED
            if isinstance(value, str):
                write_text(cell, value)
            elif value is not None:
                cell.value = _number(value)


def _number(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value
