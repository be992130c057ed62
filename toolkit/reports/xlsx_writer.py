"""The report as a workbook: a sheet that explains, and protected tables in words."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
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
WIDE, LONG, LONGEST_NUMBER = 110, 60, 7
"""Characters in a line: of the first sheet, of a table's widest column, and of a number."""

LINE, HIGHEST = 15, 405
"""Points: the height of a line, and of the highest row that Excel takes."""


def to_xlsx(report: Report) -> bytes:
    """Return the workbook; the same report always gives the same bytes.

    Numbers are numbers, a missing one is an empty cell (never 0), and text can't become a formula.
    """
    workbook = Workbook()
    say = load_text(report.language).say
    first = workbook.worksheets[0]
    first.title = say("sheet.about")
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
    """The headline, what the columns mean, and what the report tells of itself."""
    say = load_text(report.language).say
    first = report.sections[0].blocks[0]
    yield first.text if isinstance(first, Paragraph) else ""
    if report.sections[0].id == "agenda":
        yield from ("", say("sheet.columns"))
        yield from (say(f"sheet.about_{part}") for part in ("level", "gap", "split", "consensus", "empty"))
    for section in report.sections:
        if section.id.removeprefix("cohort-") in ("about", "method"):
            yield from ("", section.title)
            for block in section.blocks:
                if isinstance(block, Bullets):
                    yield from block.texts
                elif isinstance(block, Paragraph):
                    yield block.text


def _add_table(sheet: Worksheet, table: pd.DataFrame) -> None:
    rows = table.astype("object").where(table.notna(), None).itertuples(index=False, name=None)
    _fill(sheet, [tuple(map(str, table.columns)), *rows])
    widths: list[int] = []
    for number, name in enumerate(table.columns, start=1):
        values = table.iloc[:, number - 1].dropna()
        numeric = len(values) > 0 and not isinstance(values.iloc[0], str)
        longest = LONGEST_NUMBER if numeric else max([0, *(len(str(value)) for value in values)])
        widths.append(min(LONG, max(longest, _longest_word(str(name))) + 3))
        sheet.column_dimensions[get_column_letter(number)].width = widths[-1]
    _make_room(sheet, widths)
    sheet.freeze_panes = "A2"
    if len(table):
        sheet.auto_filter.ref = sheet.dimensions


def _longest_word(heading: str) -> int:
    """A heading may break between its words; the filter button needs room too."""
    return max(map(len, heading.split())) + 3


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
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            cell.font, cell.alignment = BOLD if number == 1 else PLAIN, WRAPPED
            if isinstance(value, str):
                write_text(cell, value)
            elif value is not None:
                cell.value, cell.number_format = _number(value)


def _number(value: Any) -> tuple[Any, str]:
    """A number with the format it is read in: counts and points whole, shares in two decimals."""
    if isinstance(value, float | np.floating) and not float(value).is_integer():
        return round(float(value), 6), "0.00"
    return int(value), "0"
