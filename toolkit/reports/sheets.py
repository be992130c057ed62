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

from toolkit.reports.report import Bullets, Paragraph, Report
from toolkit.sources.filled import without_moment
from toolkit.sources.grid import LONGEST_TEXT, clean
from toolkit.text import load_text

BOLD, WRAPPED = Font(name="Calibri", bold=True), Alignment(vertical="top", wrap_text=True)
PLAIN = Font(name="Calibri")
WIDE, LINE = 110, 15
"""Characters in a line of the first sheet, and points of its height: not every program makes room for a long text."""


def to_xlsx(report: Report) -> bytes:
    """Return the workbook; the same report always gives the same bytes.

    Numbers are numbers, a missing one is an empty cell (never 0), and whatever is text can't become a formula.
    """
    workbook = Workbook()
    first = workbook.worksheets[0]
    first.title = load_text(report.language).say("report.sheet_about")
    _fill(first, [(report.title,), (report.subtitle,), *((text,) for text in _explanation(report))])
    first.column_dimensions["A"].width = WIDE
    for number, (text,) in enumerate(first.iter_rows(values_only=True), start=1):
        first.row_dimensions[number].height = LINE * -(-len(str(text)) // (WIDE - 5))
    for name, table in report.tables.items():
        _add_table(workbook.create_sheet(name[:31]), table)
    for sheet in workbook.worksheets:
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
        sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)
    saved = io.BytesIO()
    workbook.save(saved)
    return without_moment(saved.getvalue())


def _explanation(report: Report) -> Iterable[str]:
    """What the report says of itself: what it is, who filled in, and how it was made."""
    for section in report.sections:
        if section.id in ("about", "method"):
            for block in section.blocks:
                if isinstance(block, Bullets):
                    yield from block.texts
                elif isinstance(block, Paragraph):
                    yield block.text


def _add_table(sheet: Worksheet, table: pd.DataFrame) -> None:
    rows = table.astype("object").where(table.notna(), None).itertuples(index=False, name=None)
    _fill(sheet, [tuple(map(str, table.columns)), *rows])
    for place, name in enumerate(table.columns, start=1):
        longest = max([len(str(name)), *(len(str(value)) for value in table.iloc[:, place - 1].dropna())])
        sheet.column_dimensions[get_column_letter(place)].width = min(60, longest + 3)
    sheet.freeze_panes = "A2"
    if len(table):
        sheet.auto_filter.ref = sheet.dimensions


def _fill(sheet: Worksheet, rows: Iterable[tuple[object, ...]]) -> None:
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell = sheet.cell(number, place)
            cell.font, cell.alignment = BOLD if number == 1 else PLAIN, WRAPPED
            if isinstance(value, str):
                cell.value = clean(value)[:LONGEST_TEXT]
                # as text, also when somebody edits the cell later on
                cell.data_type, cell.number_format = "s", "@"
            elif value is not None:
                cell.value = _number(value)


def _number(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value
